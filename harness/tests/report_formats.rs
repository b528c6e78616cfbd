//! What is made from the record of a run: each format as those read it whom it is for, and with a
//! target that answers whatever could do harm.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use quick_junit::{Report, TestCaseStatus};
use serde_json::Value;
use support::every_verdict::every_verdict;
use support::http::{Server, config, reply};
use support::served::Served;
use support::{Ran, Sandbox};

/// Ends a script, a tag, a CDATA section, a table, a YAML block and a terminal's line, and turns
/// what follows.
const HOSTILE: &str = "</script><script>alert(1)</script><img src=x onerror=alert(2)>]]> | `x` \
    [a](http://evil.example) @everyone # SKIP \u{1b}[31mred\u{7} \u{202e}desrever\u{202c}\n...\nnot ok 1\n\
    \u{7f}\u{80}\u{85}\u{9b}31m\u{9f}\u{61c}\u{200b}\u{200e}\u{200f}\u{2028}\u{2029}\u{202a}\u{202b}\u{202d}\u{2066}\u{2067}\
    \u{2068}\u{2069}\u{feff}";

/// Whether a terminal would obey it, or it turns or hides text.
fn misleads(c: char) -> bool {
    c.is_control() && c != '\n' && c != '\t' || !c.is_ascii() && HOSTILE.contains(c)
}

fn body(error: &str) -> String {
    serde_json::json!({ "error": error, "error_description": HOSTILE }).to_string()
}

/// A run on a server that refuses all with hostile words.
fn hostile() -> (Sandbox, Ran) {
    let (_, sandbox, ran) = hostile_server();
    (sandbox, ran)
}

/// The same, with the server.
fn hostile_server() -> (Server, Sandbox, Ran) {
    let server = Server::start(|request| {
        let body = body("invalid_request<b>");
        match request.path.as_str() {
            "/token" => reply(
                "400 Bad Request",
                &[
                    ("content-type", "application/json"),
                    ("x-odd", "<b>]]>\u{202e}\u{9b}31m"),
                ],
                &body,
            ),
            _ => reply("404 Not Found", &[], "<h1>nothing</h1>"),
        }
    });
    let sandbox = Sandbox::new();
    sandbox.write("tokenspec.toml", &config(&server.url(), ""));
    let ran = sandbox.tokenspec(&["run"]);
    assert!([1, 3].contains(&ran.status), "{}", ran.all());
    (server, sandbox, ran)
}

/// With a validator that is not ours: the reference's report, one with every verdict, and a part.
#[test]
fn the_record_is_what_its_schema_says() {
    let sandbox = Sandbox::new();
    let schema = sandbox.tokenspec(&["schema", "report"]);
    let schema: Value = serde_json::from_str(&schema.out).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let of = |record: &Value| -> Vec<String> {
        validator
            .iter_errors(record)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect()
    };
    let ran = sandbox.tokenspec(&["run", "--shard", "1/3", "--report-dir", "part"]);
    assert_eq!(ran.status, 0, "{}", ran.all());
    let ran = sandbox.tokenspec(&["run"]);
    assert_eq!(ran.status, 0, "{}", ran.all());
    let whole = sandbox.json("reports/reference/report.json");
    assert_eq!(of(&whole), [""; 0]);
    assert_eq!(of(&sandbox.json("part/report.json")), [""; 0]);
    assert_eq!(
        of(&every_verdict("").0.json("reports/local/report.json")),
        [""; 0]
    );
    assert_eq!(
        of(&hostile().0.json("reports/staging/report.json")),
        [""; 0]
    );
    // The validator sees what is wrong.
    for (pointer, value) in [("/summary/total", "many"), ("/cases/0/verdict", "")] {
        let mut broken = whole.clone();
        let place = broken.pointer_mut(pointer).expect("a member");
        *place = if value.is_empty() {
            Value::Null
        } else {
            value.into()
        };
        assert!(!of(&broken).is_empty(), "{pointer}");
    }
}

/// What a terminal would obey, or what turns text around, is in no output at all; what is parsed is
/// what came, and what is signed is verified.
#[test]
fn no_output_has_a_character_that_misleads() {
    let (_server, sandbox, ran) = hostile_server();
    sandbox.write("private", ED_JWK);
    let (public, _) = ED_JWK.split_once(",\"d\"").expect("a private key");
    sandbox.write("public", &format!("{public}}}"));
    let mut texts = vec![
        ("stdout".to_owned(), ran.out),
        ("stderr".to_owned(), ran.err),
    ];
    for (name, arguments) in [
        (
            "events",
            &["run", "--format", "json", "--sign", "private"][..],
        ),
        ("TAP", &["run", "--format", "tap", "--report-dir", "old"]),
        (
            "terse",
            &["run", "--format", "terse", "--report-dir", "new"],
        ),
        ("verbose", &["run", "--verbose", "--report-dir", "new"]),
        (
            "difference",
            &["report", "diff", "old", "new", "--format", "json"],
        ),
        (
            "libtest",
            &[
                "run",
                "--report-dir",
                "new",
                "--",
                "--format",
                "json",
                "-Zunstable-options",
            ],
        ),
    ] {
        let ran = sandbox.tokenspec(arguments);
        assert!(ran.status != 2, "{name}: {}", ran.all());
        texts.push((name.to_owned(), ran.out + &ran.err));
    }
    let ran = sandbox.tokenspec(&["report", "verify", "reports/staging", "--key", "public"]);
    assert_eq!(ran.status, 0, "{}", ran.all());
    for (path, bytes) in sandbox.files("reports") {
        let text = String::from_utf8(bytes).expect("UTF-8");
        texts.push((path.display().to_string(), text));
    }
    let with = |what: &str| {
        let has = |(_, text): &&(String, String)| text.contains("desrever");
        let of = texts.iter().filter(|(name, _)| name.contains(what));
        of.filter(has).count()
    };
    for name in [
        "report.json",
        "index.html",
        "junit.xml",
        "summary.md",
        "report.tap",
        "stdout",
        "events",
        "TAP",
        "terse",
        "verbose",
        "libtest",
    ] {
        assert!(with(name) > 0, "what is searched for is not in {name}");
    }
    for (name, text) in &texts {
        let found = text.chars().find(|c| misleads(*c));
        assert_eq!(found, None, "{name}");
    }
    // What is parsed is what came.
    let report = sandbox.json("reports/staging/report.json");
    let exchanges = report["cases"]
        .as_array()
        .expect("cases")
        .iter()
        .flat_map(|case| case["exchanges"].as_array().expect("exchanges"));
    let came = body("invalid_request<b>");
    assert!(came.contains('\u{9b}') && came.contains('\u{202e}'));
    let said = exchanges.filter(|one| one["response"]["body"]["text"] == came.as_str());
    assert!(said.count() > 0);
    let events = texts.iter().find(|(name, _)| name == "events");
    let mut actual = events.expect("events").1.lines().flat_map(|line| {
        let event: Value = serde_json::from_str(line).expect("JSON");
        event["checks"].as_array().cloned().unwrap_or_default()
    });
    assert!(actual.any(|check| {
        check["actual"]
            .as_str()
            .expect("a text")
            .contains("desrever")
    }));
}

/// A snapshot is looked at in a terminal too, and so is what differs from it.
#[test]
fn no_snapshot_has_a_character_that_misleads() {
    let server = Server::start(|request| {
        let more = serde_json::json!({ "access_token": "a-token-of-a-test", "token_type": "Bearer", "expires_in": 60,
                                       "scope": "read", HOSTILE: HOSTILE });
        match request.form().contains("grant_type=client_credentials") {
            true => reply(
                "200 \u{202e}OK",
                &[("content-type", "application/json"), ("x-odd", "\u{9b}31m")],
                &more.to_string(),
            ),
            false => reply(
                "400 Bad Request",
                &[("content-type", "text/plain")],
                HOSTILE,
            ),
        }
    });
    let sandbox = Sandbox::new();
    sandbox.write("tokenspec.toml", &config(&server.url(), ""));
    let ran = sandbox.tokenspec(&[
        "run",
        "client_credentials/*",
        "token_endpoint/*",
        "--snapshots",
        "update",
    ]);
    assert!(ran.status != 2, "{}", ran.all());
    let snapshots = sandbox.files("snapshots");
    let (mut json, mut plain) = (0, 0);
    for (path, bytes) in snapshots {
        let text = String::from_utf8(bytes).expect("UTF-8");
        json += usize::from(text.contains("\\u202edesrever"));
        plain += usize::from(text.contains("\\u{202e}desrever"));
        let found = text.chars().find(|c| misleads(*c));
        assert_eq!(found, None, "{}", path.display());
    }
    assert!(json > 0 && plain > 0, "{json} and {plain}: {}", ran.all());
}

/// The key of RFC 8037, appendix A.1, as everybody knows it.
const ED_JWK: &str = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"}"#;

#[test]
fn the_page_has_no_markup_of_a_target_and_nothing_from_elsewhere() {
    let (sandbox, _) = hostile();
    let page = sandbox.read("reports/staging/index.html");
    assert!(page.contains("desrever"));
    assert_eq!(page.matches("<script>").count(), 1, "our own");
    assert_eq!(page.matches("</script>").count(), 1);
    for markup in ["<img", "alert(1)</script>", "<b>]]>", "@import"] {
        assert!(!page.contains(markup), "{markup}");
    }
    assert!(page.contains("default-src &#39;none&#39;"));
    // Each case can be linked to, and each link on the page leads somewhere.
    let report = sandbox.json("reports/staging/report.json");
    for case in report["cases"].as_array().expect("cases") {
        let id = case["id"].as_str().expect("an id").replace(' ', "_");
        assert!(page.contains(&format!("id=\"{}\"", escaped(&id))), "{id}");
    }
}

/// As the template engine escapes an attribute.
fn escaped(text: &str) -> String {
    text.replace('&', "&#38;")
        .replace('<', "&#60;")
        .replace('>', "&#62;")
        .replace('"', "&#34;")
        .replace('\'', "&#39;")
}

#[test]
fn junit_says_in_one_line_what_failed() {
    for (sandbox, folder) in [(every_verdict("").0, "local"), (hostile().0, "staging")] {
        let xml = sandbox.read(&format!("reports/{folder}/junit.xml"));
        let junit = Report::deserialize_from_str(&xml).expect("JUnit XML");
        let mut told = 0;
        for suite in &junit.test_suites {
            assert!(suite.timestamp.is_some() && suite.time.is_some());
            for case in &suite.test_cases {
                if let TestCaseStatus::NonSuccess {
                    message,
                    description,
                    ..
                } = &case.status
                {
                    told += 1;
                    let message = message.as_ref().expect("a message").as_str();
                    assert!(!message.contains('\n'), "{message}");
                    assert!(description.is_some(), "{}", case.name.as_str());
                }
            }
        }
        assert!(told > 0);
    }
}

/// Enough of TAP 14 to see that nothing in a test point is taken for another.
#[test]
fn tap_has_a_point_for_each_trial() {
    let (sandbox, _) = hostile();
    let ran = sandbox.tokenspec(&["run", "--format", "tap"]);
    for text in [sandbox.read("reports/staging/report.tap"), ran.out] {
        let report = sandbox.json("reports/staging/report.json");
        let cases = report["cases"].as_array().expect("cases");
        let mut lines = text.lines();
        assert_eq!(lines.next(), Some("TAP version 14"));
        assert_eq!(lines.next(), Some(format!("1..{}", cases.len()).as_str()));
        let mut points = 0;
        let mut inside = false;
        for line in lines {
            match (inside, line) {
                (false, "  ---") => inside = true,
                (true, "  ...") => inside = false,
                (true, _) => assert!(line.starts_with("  "), "{line}"),
                (false, _) => {
                    let case = &cases[points];
                    points += 1;
                    let good = ["passed", "warned", "skipped"]
                        .iter()
                        .any(|v| case["verdict"] == *v);
                    let start = if good { "ok" } else { "not ok" };
                    let id = case["id"].as_str().expect("an id");
                    assert!(
                        line.starts_with(&format!("{start} {points} - {id}")),
                        "{line}"
                    );
                    assert_eq!(
                        line.contains(" # SKIP "),
                        case["verdict"] == "skipped",
                        "{line}"
                    );
                }
            }
        }
        assert_eq!(points, cases.len());
        assert!(!inside);
    }
}

#[test]
fn badges_say_how_it_ended() {
    let (sandbox, _) = every_verdict("");
    let badge = sandbox.json("reports/local/badge.json");
    assert_eq!(badge["schemaVersion"], 1);
    assert_eq!(badge["isError"], true);
    let message = badge["message"].as_str().expect("a message");
    assert!(message.ends_with(" failed"), "{message}");
    let picture = sandbox.read("reports/local/badge.svg");
    assert!(
        picture.starts_with("<svg ") && picture.contains(message),
        "{picture}"
    );
    let sandbox = Sandbox::new();
    sandbox.tokenspec(&["run", "client_credentials/*"]);
    let badge = sandbox.json("reports/reference/badge.json");
    let counts = &sandbox.json("reports/reference/report.json")["summary"];
    let judged =
        counts["total"].as_u64().expect("a number") - counts["skipped"].as_u64().expect("a number");
    assert_eq!(badge["message"], format!("{judged}/{judged} passed"));
}

#[test]
fn events_have_what_the_record_has() {
    let served = Served::start(&["--fault", "unknown-code-is-401"]);
    let sandbox = Sandbox::new();
    sandbox.write("tokenspec.toml", &served.config);
    let ran = sandbox.tokenspec(&["run", "--format", "json"]);
    assert_eq!(ran.status, 1, "{}", ran.all());
    let report = sandbox.json("reports/local/report.json");
    let events: Vec<Value> = ran
        .out
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let told: Vec<&Value> = events
        .iter()
        .filter(|event| event["type"] == "test" && event["event"] != "started")
        .collect();
    let cases = report["cases"].as_array().expect("cases");
    assert_eq!(told.len(), cases.len());
    for (event, case) in told.iter().zip(cases) {
        for (name, member) in [
            ("name", "id"),
            ("verdict", "verdict"),
            ("title", "title"),
            ("reason", "reason"),
        ] {
            assert_eq!(event[name], case[member], "{event}");
        }
        let failed = case["verdict"] == "failed";
        assert_eq!(event["event"] == "failed", failed, "{event}");
        assert_eq!(event["stdout"].is_string(), failed, "{event}");
    }
    let end = events.last().expect("an end");
    assert_eq!(end["event"], "failed");
    assert_eq!(end["status"], 1);
    assert_eq!(end["summary"], report["summary"]);
}

#[test]
fn a_warning_says_why_a_binding_sentence_only_warns() {
    let (sandbox, ran) = every_verdict("");
    let report = sandbox.json("reports/local/report.json");
    let summary = sandbox.read("reports/local/summary.md");
    let mut seen = 0;
    for case in report["cases"].as_array().expect("cases") {
        for check in case["checks"].as_array().expect("checks") {
            let binds = ["MUST", "MUST NOT", "DECLARED"]
                .iter()
                .any(|level| check["level"] == *level);
            if check["verdict"] == "warn" && binds && case["verdict"] == "warned" {
                seen += 1;
                let id = check["requirement"].as_str().expect("an id");
                let line = ran
                    .out
                    .lines()
                    .find(|line| line.contains(id) && line.contains("only a warning"));
                assert!(line.is_some(), "{id}: {}", ran.out);
            }
        }
    }
    let requirements = report["requirements"].as_array().expect("requirements");
    assert!(
        requirements
            .iter()
            .all(|one| !one["statement"].as_str().unwrap_or_default().is_empty())
    );
    assert_eq!(summary.contains("only a warning"), seen > 0);
}

/// One cause is told once, however many it errors.
#[test]
fn one_cause_is_told_once() {
    let sandbox = Sandbox::new();
    sandbox.write("tokenspec.toml", &config(&support::http::dead_port(), ""));
    let ran = sandbox.tokenspec(&["run", "client_credentials/*"]);
    assert_eq!(ran.status, 3, "{}", ran.all());
    let errored = sandbox.json("reports/staging/report.json")["summary"]["errored"]
        .as_u64()
        .expect("a number");
    assert!(errored > 5);
    let told = ran.out.matches("  errored:  ").count();
    assert!(told <= 3, "{told} of {errored} told at length: {}", ran.out);
    assert!(ran.out.contains("errored:\n"), "{}", ran.out);
}

#[test]
fn a_snapshot_that_differs_is_counted_at_the_end() {
    let sandbox = Sandbox::new();
    let served = Served::start(&[]);
    sandbox.write("tokenspec.toml", &served.config);
    let trial = "client_credentials/grant/*";
    let ran = sandbox.tokenspec(&["run", trial, "--snapshots", "update"]);
    assert_eq!(ran.status, 0, "{}", ran.all());
    let snapshots = sandbox.files("snapshots");
    let (path, bytes) = snapshots.first().expect("a snapshot");
    let changed = String::from_utf8(bytes.clone())
        .expect("UTF-8")
        .replace("200", "299");
    std::fs::write(path, changed).expect("a file");
    let ran = sandbox.tokenspec(&["run", trial, "--snapshots", "check"]);
    assert_eq!(ran.status, 1, "{}", ran.all());
    assert!(
        ran.out.contains("1 differs from its snapshot"),
        "{}",
        ran.out
    );
    assert!(
        ran.out
            .contains("failed: 1 response differs from its snapshot."),
        "{}",
        ran.out
    );
}

/// Who has to mend what is broken in many responses sees one of them, with its request, and where the
/// others are; also where parts of a run are put together.
#[test]
fn a_failure_over_all_responses_shows_one_of_them() {
    let served = Served::start(&["--fault", "success-without-cache-control"]);
    let sandbox = Sandbox::new();
    sandbox.write("tokenspec.toml", &served.config);
    let filters = [
        "client_credentials/*",
        "*/public-client",
        "every_response/*",
    ];
    let run = |more: &[&str]| {
        let ran = sandbox.tokenspec(&[&["run"], &filters[..], more].concat());
        assert!([0, 1].contains(&ran.status), "{}", ran.all());
        ran
    };
    let ran = run(&[]);
    let told = ran
        .out
        .split_once("---- every_response/token-no-store ----")
        .expect("it is told")
        .1;
    for words in ["request:\n    curl ", "/token'", "response: 200"] {
        assert!(told.contains(words), "{words}: {told}");
    }
    for part in ["1", "2"] {
        run(&[
            "--shard",
            &format!("{part}/2"),
            "--report-dir",
            &format!("parts/{part}"),
        ]);
    }
    let ran = sandbox.tokenspec(&["report", "merge", "parts", "--report-dir", "merged"]);
    assert_eq!(ran.status, 1, "{}", ran.all());
    for folder in ["reports/local", "merged"] {
        let report = sandbox.json(&format!("{folder}/report.json"));
        let cases = report["cases"].as_array().expect("cases");
        let case = cases
            .iter()
            .find(|case| case["id"] == "every_response/token-no-store")
            .expect("the trial");
        assert_eq!(case["verdict"], "failed");
        for check in case["checks"].as_array().expect("checks") {
            let index = check["exchange"].as_u64().expect("an exchange");
            let index = usize::try_from(index).expect("an index");
            let exchange = &case["exchanges"][index];
            assert_eq!(exchange["response"]["status"], 200);
            let headers = exchange["response"]["headers"].to_string();
            assert!(!headers.contains("cache-control"), "{headers}");
            let broken: Vec<&str> = check["broken_in"]
                .as_array()
                .expect("trials")
                .iter()
                .map(|id| id.as_str().expect("an id"))
                .collect();
            // The client is called as these trials end: they keep their names.
            assert!(
                broken.contains(&"authorization_code/exchange/public-client"),
                "{broken:?}"
            );
            assert!(
                broken.contains(&"client_credentials/scope/missing"),
                "{broken:?}"
            );
            let trial = exchange["step"]
                .as_str()
                .and_then(|step| step.split('#').next());
            assert!(broken.contains(&trial.expect("a step")), "{trial:?}");
            assert!(
                !check["actual"]
                    .as_str()
                    .expect("a text")
                    .contains("{{public.id}}")
            );
        }
        let page = sandbox.read(&format!("{folder}/index.html"));
        assert!(page.contains("What is broken"), "{folder}");
        assert!(
            page.contains("<p class=\"breaks\">Broken in <a href=\"#"),
            "{folder}"
        );
    }
}

/// What a longer configuration would let run is said, each reason once.
#[test]
fn why_much_was_skipped_is_told_by_reason() {
    let (sandbox, ran) = hostile();
    assert!(ran.out.contains("\nskipped:\n  "), "{}", ran.out);
    let report = sandbox.json("reports/staging/report.json");
    let mut counts: std::collections::HashMap<String, usize> = std::collections::HashMap::new();
    for case in report["cases"].as_array().expect("cases") {
        if case["verdict"] == "skipped" {
            let reason = case["reason"].as_str().expect("a reason").to_owned();
            *counts.entry(reason).or_default() += 1;
        }
    }
    let most = counts.values().max().expect("some are skipped");
    let summary = sandbox.read("reports/staging/summary.md");
    let first = summary
        .split_once("| trials | reason |\n|---|---|\n| ")
        .expect("a table")
        .1;
    assert!(first.starts_with(&format!("{most} |")), "{first}");
    let page = sandbox.read("reports/staging/index.html");
    assert!(page.contains("Why, by reason"));
    assert!(page.contains(&format!("<tr><td>{most}</td>")));
    // Where next to nothing is skipped, nothing is said of it.
    let ran = Sandbox::new().tokenspec(&["run", "client_credentials/*"]);
    assert!(!ran.out.contains("\nskipped:\n"), "{}", ran.out);
}
