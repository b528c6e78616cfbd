//! Which trials a command line selects, and what a plan says of them.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeSet;

use serde_json::Value;
use support::http::Counter;
use support::{Ran, Sandbox};

/// The trials on the embedded reference, by their names.
fn names(sandbox: &Sandbox, arguments: &[&str]) -> Vec<String> {
    let mut all = vec!["list", "--format", "terse"];
    all.extend(arguments);
    let ran = sandbox.tokenspec(&all);
    assert_eq!(ran.status, 0, "{}", ran.all());
    ran.out.lines().map(str::to_owned).collect()
}

fn refused(ran: &Ran, words: &str) {
    assert_eq!(ran.status, 2, "{}", ran.all());
    assert_eq!(ran.out, "", "{}", ran.all());
    assert!(ran.err.contains(words), "`{words}` is not in: {}", ran.err);
}

#[test]
fn brackets_in_a_filter_are_literal() {
    let sandbox = Sandbox::new();
    let all = names(&sandbox, &[]);
    let with_axis: Vec<&String> = all.iter().filter(|name| name.ends_with(']')).collect();
    assert!(with_axis.len() > 20, "{all:?}");
    for name in with_axis.iter().step_by(9) {
        assert_eq!(names(&sandbox, &["--exact", name]), [name.as_str()]);
        let (case, axis) = name.split_once('[').expect("an axis");
        // A class of characters would match one letter of it.
        let glob = format!("{case}[*");
        let expected: Vec<&String> = all
            .iter()
            .filter(|n| n.starts_with(&format!("{case}[")))
            .collect();
        assert_eq!(
            names(&sandbox, &[&glob]).iter().collect::<Vec<_>>(),
            expected
        );
        let glob = format!("*[{axis}");
        let expected: Vec<&String> = all
            .iter()
            .filter(|n| n.ends_with(&format!("[{axis}")))
            .collect();
        assert_eq!(
            names(&sandbox, &[&glob]).iter().collect::<Vec<_>>(),
            expected
        );
    }
}

#[test]
fn filters_skip_and_exact_select_by_name() {
    let sandbox = Sandbox::new();
    let all = names(&sandbox, &[]);
    let distinct: BTreeSet<&String> = all.iter().collect();
    assert_eq!(distinct.len(), all.len(), "two trials of one name");
    let of = |wanted: &dyn Fn(&str) -> bool| -> Vec<String> {
        all.iter().filter(|name| wanted(name)).cloned().collect()
    };
    let grant = of(&|name| name.starts_with("client_credentials/"));
    assert!(!grant.is_empty() && grant.len() < all.len());
    assert_eq!(names(&sandbox, &["client_credentials/*"]), grant);
    // Without a wildcard, a part of the name does.
    assert_eq!(
        names(&sandbox, &["code"]),
        of(&|name| name.contains("code"))
    );
    let both = of(&|name| name.starts_with("client_credentials/") || name.contains("code-replay"));
    assert_eq!(
        names(&sandbox, &["client_credentials/*", "code-replay"]),
        both
    );
    let rest = of(&|name| !name.starts_with("client_credentials/"));
    assert_eq!(names(&sandbox, &["--skip", "client_credentials/*"]), rest);
    assert_eq!(names(&sandbox, &["--exact", &all[0]]), [all[0].as_str()]);
    let ran = sandbox.tokenspec(&["list", "--exact", &all[0][..all[0].len() - 1]]);
    refused(&ran, "no trial matches");
    // What follows `--` is libtest's.
    let ran = sandbox.tokenspec(&["run", "--", "--list", "--skip", "client_credentials/"]);
    assert_eq!(listed(&ran), rest);
}

fn listed(ran: &Ran) -> Vec<String> {
    assert_eq!(ran.status, 0, "{}", ran.all());
    ran.out
        .lines()
        .map(|line| {
            line.strip_suffix(": test")
                .unwrap_or_else(|| panic!("not a name: {line}"))
                .to_owned()
        })
        .collect()
}

#[test]
fn list_plan_and_libtest_name_the_same_trials() {
    let sandbox = Sandbox::new();
    let all = names(&sandbox, &[]);
    let ran = sandbox.tokenspec(&["run", "--", "--list"]);
    assert_eq!(listed(&ran), all);
    assert_eq!(ran.err, "");
    let plan = sandbox.tokenspec(&["run", "--plan", "--format", "json"]);
    let list = sandbox.tokenspec(&["list", "--format", "json"]);
    assert_eq!((plan.status, &plan.out), (list.status, &list.out));
    let plan: Value = serde_json::from_str(&plan.out).expect("JSON");
    let trials = plan["trials"].as_array().expect("trials");
    let planned: Vec<&str> = trials
        .iter()
        .filter_map(|trial| trial["id"].as_str())
        .collect();
    assert_eq!(planned, all);
    for trial in trials {
        let skip = &trial["skip"];
        assert!(
            skip.is_null() || skip.as_str().is_some_and(|reason| !reason.is_empty()),
            "{trial}"
        );
        assert!(
            !trial["requirements"].as_array().expect("ids").is_empty(),
            "{trial}"
        );
        assert_eq!(trial["destructive"], trial["phase"] == "destructive");
    }
    // Later phases may disturb what earlier ones rely on.
    let order = [
        "normal",
        "wrong-credentials",
        "destructive",
        "every-response",
    ];
    let phases: Vec<_> = trials
        .iter()
        .map(|trial| order.iter().position(|phase| trial["phase"] == *phase))
        .collect();
    assert!(phases.is_sorted() && phases[0].is_some(), "{phases:?}");
    for (phase, name) in order.iter().enumerate() {
        assert!(phases.contains(&Some(phase)), "no trial is {name}");
    }
}

#[test]
fn a_plan_sends_nothing_and_says_what_would_be_sent() {
    let sandbox = Sandbox::new();
    let listener = Counter::start();
    sandbox.write(
        "tokenspec.toml",
        &format!(
            "{}[target.staging.login]\nvia = \"auto\"\n",
            listener.config()
        ),
    );
    let ran = sandbox.tokenspec(&["run", "--plan"]);
    assert_eq!(ran.status, 0, "{}", ran.all());
    for words in [
        "normal (",
        "wrong-credentials (",
        "destructive (",
        "every-response (",
        "skipped (",
        "authorization codes",
        "nothing was sent",
    ] {
        assert!(ran.out.contains(words), "`{words}` is not in: {}", ran.out);
    }
    let safe = sandbox.tokenspec(&["run", "--plan", "--safe"]);
    assert!(!safe.out.contains("\ndestructive ("), "{}", safe.out);
    assert!(safe.out.contains("--safe leaves those out"), "{}", safe.out);
    let list = sandbox.tokenspec(&["list"]);
    assert_eq!(list.status, 0);
    assert_eq!(listener.connections(), 0);
    assert!(!sandbox.path().join("reports").exists());
}

/// The listener that counts connections does count them: where tests see none, there was none.
#[test]
fn the_counter_counts() {
    let sandbox = Sandbox::new();
    let listener = Counter::start();
    let timeout = "[target.staging.http]\ntimeout = \"50ms\"\n";
    sandbox.write("tokenspec.toml", &(listener.config() + timeout));
    let ran = sandbox.tokenspec(&["run", "client_credentials/grant/grants-a-token*"]);
    assert_eq!(ran.status, 3, "{}", ran.all());
    assert!(listener.connections() > 0);
}

/// What a vendor adds runs, whether or not a profile speaks of it.
#[test]
fn suites_and_requirements_of_ones_own_run_with_every_profile() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "mine/requirements/acme.toml",
        "[document]\nid = \"acme\"\ntitle = \"The manual of Acme\"\ndate = \"2026-01\"\nurl = \"https://acme.example/manual\"\ntext_read = \"the web page\"\n\n\
         [[requirement]]\nid = \"acme-1-json\"\nsection = \"1\"\nlevel = \"DECLARED\"\nparty = \"server\"\ntestable = \"yes\"\nverified = true\n\
         statement = \"Every answer is JSON.\"\ntest = \"Send any request.\"\nexpects = \"a JSON body\"\n",
    );
    sandbox.write(
        "mine/acme/answers.toml",
        "title = \"Answers of Acme\"\ndocument = \"acme\"\n\n[[case]]\nid = \"json\"\ntitle = \"tokens come as JSON\"\nhint = \"label it\"\n\
         start = \"client_credentials\"\n[[case.expect]]\nrequirement = \"1-json\"\nheader.content-type.media-type = \"application/json\"\n",
    );
    let listed = names(&sandbox, &["--cases", "mine", "acme/*"]);
    assert_eq!(listed, ["acme/answers/json"]);
    let ran = sandbox.tokenspec(&["run", "--cases", "mine", "--report-dir", "out", "acme/*"]);
    assert_eq!(ran.status, 0, "{}", ran.all());
    let report = sandbox.json("out/report.json");
    assert_eq!(
        report["cases"][0]["checks"][0]["requirement"],
        "acme-1-json"
    );
    assert_eq!(report["cases"][0]["verdict"], "passed");
    // What comes with tokenspec is still there.
    assert!(names(&sandbox, &["--cases", "mine"]).len() > 100);
}

/// A server may let nobody use a grant by a client's method. Then the method is what it refuses, and
/// nothing is to be said about the grant.
#[test]
fn a_client_without_a_grant_is_compared_with_one_of_its_method() {
    let trial = "client_credentials/grant/not-allowed-for-the-client";
    let skipped = |method: &str| {
        let sandbox = Sandbox::new();
        let config = format!(
            "[target.staging]\nprofile = [\"oauth2\"]\ntoken-endpoint = \"https://login.example/token\"\n\
             [[target.staging.client]]\nname = \"main\"\nid = \"main-id\"\n\
             secret = \"main-secret-of-a-test\"\nauth = [\"client_secret_basic\"]\n\
             grants = [\"client_credentials\"]\n\
             [[target.staging.client]]\nname = \"codes\"\nid = \"codes-id\"\n\
             secret = \"codes-secret-of-a-test\"\nauth = [\"{method}\"]\n\
             grants = [\"authorization_code\"]\nredirect-uris = [\"https://client.example/a\"]\n"
        );
        sandbox.write("tokenspec.toml", &config);
        let ran = sandbox.tokenspec(&["list", "--exact", trial]);
        assert!(ran.out.contains(trial), "{}", ran.all());
        ran.out
            .contains("which another client of the same method has")
    };
    assert!(skipped("client_secret_post"));
    assert!(!skipped("client_secret_basic"));
}

/// Each skip names the claim of the configuration that would enable the trial.
#[test]
fn a_skip_names_the_claim_that_would_enable_it() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "tokenspec.toml",
        "[target.a]\ntoken-endpoint = \"http://127.0.0.1:1/token\"\nprofile = [\"oidc\"]\n[[target.a.client]]\nname = \"main\"\n\
         id = \"a-client-id\"\nsecret = \"a-secret-of-a-test\"\nauth = [\"client_secret_post\"]\ngrants = [\"client_credentials\"]\n",
    );
    let ran = sandbox.tokenspec(&["list", "--format", "json"]);
    assert_eq!(ran.status, 0, "{}", ran.all());
    let listed: Value = serde_json::from_str(&ran.out).expect("JSON");
    let skips: Vec<&str> = listed["trials"]
        .as_array()
        .expect("trials")
        .iter()
        .filter_map(|trial| trial["skip"].as_str())
        .collect();
    assert!(skips.len() > 50, "{}", skips.len());
    for skip in skips {
        assert!(skip.contains('`') || skip.contains("--slow"), "{skip}");
    }
}
