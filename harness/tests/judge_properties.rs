//! Properties of the judge: it never panics, an answer built from an expectation passes it, and
//! the same answer with that member changed does not.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::HashMap;

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use tokenspec::catalogue::{Case, Catalogue, Expectation, embedded};
use tokenspec::judge::{Keys, Response, Situation, applies, find, judge, static_applies};
use tokenspec::outcome::{Observation, Verdict};

fn catalogue() -> &'static Catalogue {
    static CATALOGUE: std::sync::OnceLock<Catalogue> = std::sync::OnceLock::new();
    CATALOGUE.get_or_init(|| Catalogue::read(&embedded(), false).unwrap())
}

#[test]
fn what_a_document_of_the_profile_allows_another_does_not_forbid() {
    let expectation: Expectation =
        toml::from_str("when.without-document = 'oidc-core'\nrefused = true").unwrap();
    let when = expectation.when.unwrap();
    let applies = |documents: &[&str]| {
        let documents: Vec<_> = documents.iter().map(|&id| id.to_owned()).collect();
        static_applies(&when, "none", "authorization_code", false, &documents)
    };
    assert!(applies(&["rfc6749", "rfc7636"]));
    assert!(!applies(&["rfc6749", "oidc-core"]));
}

fn with_situation<R>(run: impl FnOnce(&Situation<'_>) -> R) -> R {
    let documents: Vec<String> = catalogue().documents.keys().cloned().collect();
    let keys = Keys {
        set: Ok(Vec::new()),
        secret: None,
    };
    let control = Observation {
        status: 200,
        body: r#"{"access_token":"t"}"#.into(),
        ..Observation::default()
    };
    run(&Situation {
        catalogue: catalogue(),
        documents: &documents,
        without: &[],
        deviations: &[],
        trial: "suite/case",
        auth: "client_secret_basic",
        start: "client_credentials",
        public: false,
        introspects: false,
        keys: &keys,
        skew: 10,
        control: Some(&control),
        at_once: &[],
        alive: None,
        steps: &HashMap::new(),
        value: &|name| Some(format!("<{name}>")),
    })
}

fn header() -> impl Strategy<Value = (String, Vec<u8>)> {
    let name = prop_oneof![
        Just("content-type".to_owned()),
        Just("www-authenticate".to_owned()),
        Just("cache-control".to_owned()),
        Just("allow".to_owned()),
        Just("date".to_owned()),
        "[a-z-]{1,12}",
    ];
    (name, proptest::collection::vec(any::<u8>(), 0..40))
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    let json = proptest::collection::vec(
        (
            prop_oneof![
                Just("error"),
                Just("access_token"),
                Just("token_type"),
                Just("expires_in"),
                Just("scope"),
                Just("id_token"),
                Just("refresh_token"),
                Just("error_description"),
                Just("error_uri"),
                Just("x"),
            ],
            prop_oneof![
                any::<String>().prop_map(Value::from),
                any::<i64>().prop_map(Value::from),
                any::<f64>().prop_map(Value::from),
                any::<bool>().prop_map(Value::from),
                Just(Value::Null),
                Just(json!(["a", 1, {}])),
                "[A-Za-z0-9_-]{0,20}\\.[A-Za-z0-9_-]{0,20}\\.[A-Za-z0-9_-]{0,20}"
                    .prop_map(Value::from),
            ],
        ),
        0..8,
    )
    .prop_map(|members| {
        let object: Map<String, Value> = members
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        Value::Object(object).to_string().into_bytes()
    });
    prop_oneof![proptest::collection::vec(any::<u8>(), 0..200), json]
}

fn observation() -> impl Strategy<Value = Observation> {
    (
        any::<u16>(),
        proptest::collection::vec(header(), 0..6),
        body(),
        any::<bool>(),
        any::<i64>(),
    )
        .prop_map(|(status, headers, body, cut, at)| Observation {
            status,
            headers: headers.into(),
            body: body.into(),
            cut,
            at,
            ..Observation::default()
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Every expectation of every case, on any response.
    #[test]
    fn any_response_is_judged_without_a_panic(observation in observation()) {
        let response = Response::new(observation);
        with_situation(|situation| {
            for (_, case) in catalogue().cases() {
                for expectation in case.expectations() {
                    if applies(expectation, &response, situation) {
                        for check in judge(expectation, &response, situation) {
                            prop_assert!(!check.expected.is_empty());
                            prop_assert!(!check.actual.is_empty() || check.verdict == Verdict::Pass);
                        }
                    }
                }
            }
            Ok(())
        })?;
    }

    /// A refusal is never a grant, whatever the bytes.
    #[test]
    fn a_response_is_refused_or_granted_or_neither(observation in observation()) {
        let response = Response::new(observation);
        prop_assert!(!(response.refused() && response.granted()));
        prop_assert!(!(response.refused() && response.succeeded()));
        prop_assert!(!response.granted() || response.succeeded() || response.json_member("error").is_some());
    }

    /// An error answer built from an expectation passes it; with another status or code it fails.
    #[test]
    fn an_answer_passes_its_expectation_and_a_changed_one_does_not(
        status in 400_u16..430, error in "[a-z_]{1,20}", other in "[a-z_]{1,20}",
    ) {
        prop_assume!(error != other);
        let case: Case = toml::from_str(&format!(
            "id = 'x'\ntitle = 'x'\n[[expect]]\nrequirement = 'rfc6749-5.2-status-400'\n\
             any-of = [{{ status = {status}, json.error = '{error}' }}]"
        )).unwrap();
        let answer = |status: u16, error: &str| Response::new(Observation {
            status,
            body: json!({ "error": error }).to_string().into(),
            ..Observation::default()
        });
        with_situation(|situation| {
            let holds = |response: &Response| find(&case.expect[0], response, situation).holds;
            prop_assert_eq!(holds(&answer(status, &error)), Some(true));
            prop_assert_eq!(holds(&answer(status + 1, &error)), Some(false));
            prop_assert_eq!(holds(&answer(status, &other)), Some(false));
            prop_assert_eq!(holds(&Response::new(Observation { status, ..Observation::default() })), Some(false));
            Ok(())
        })?;
    }

    /// The same for every kind of rule on a member of a success.
    #[test]
    fn a_member_passes_its_rule_and_a_changed_one_does_not(
        text in "[a-zA-Z0-9]{3,20}", number in 1_i64..100_000,
    ) {
        let cases: Vec<(String, Value, Value)> = vec![
            (format!("json.x = '{text}'"), json!(text), json!(format!("{text}!"))),
            (format!("json.x = {number}"), json!(number), json!(number + 1)),
            (format!("json.x = {{ equals-ignoring-case = '{text}' }}"), json!(text.to_uppercase()), json!("-")),
            ("json.x = { type = 'string' }".into(), json!(text), json!(number)),
            ("json.x = { type = 'number' }".into(), json!(number), json!(number.to_string())),
            ("json.x = { type = 'integer' }".into(), json!(number), json!(0.5)),
            ("json.x = { present = false }".into(), Value::Null, json!(text)),
            (format!("json.x = {{ min = {number} }}"), json!(number), json!(number - 1)),
            (format!("json.x = {{ max = {number} }}"), json!(number), json!(number + 1)),
            (format!("json.x = {{ max-length = {} }}", text.len()), json!(text), json!(format!("{text}!"))),
            (format!("json.x = {{ min-length = {} }}", text.len()), json!(text), json!(text[1..])),
            (format!("json.x = {{ not = '{text}' }}"), json!("-"), json!(text)),
            (format!("json.x = {{ contains = '{text}' }}"), json!(format!("a {text} b")), json!(format!("{text}!"))),
            (format!("json.x = {{ contains = '{text}' }}"), json!(["a", text]), json!(["a"])),
            (format!("json.x = {{ subset-of = 'a {text}' }}"), json!(text), json!(format!("{text} c"))),
            (format!("json.x = {{ superset-of = 'a {text}' }}"), json!(format!("{text} a c")), json!("a")),
            ("json.x = { pattern = '[a-zA-Z0-9]+' }".into(), json!(text), json!(format!("{text} "))),
            ("json.x = { type = 'array', items = 'string' }".into(), json!([text]), json!([number])),
            (format!("json.x = {{ one-of = ['a', '{text}'] }}"), json!(text), json!("b")),
        ];
        with_situation(|situation| {
            for (rule, right, wrong) in cases {
                let expectation = toml::from_str(&rule).unwrap();
                let answer = |value: &Value| {
                    let body = if value.is_null() { json!({}) } else { json!({ "x": value }) };
                    Response::new(Observation { status: 200, body: body.to_string().into(), ..Observation::default() })
                };
                prop_assert_eq!(find(&expectation, &answer(&right), situation).holds, Some(true), "{}", &rule);
                prop_assert_eq!(find(&expectation, &answer(&wrong), situation).holds, Some(false), "{}", &rule);
            }
            Ok(())
        })?;
    }
}
