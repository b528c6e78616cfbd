//! Which trials a command line selects, what it prints, and with which status it ends.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeSet;

use serde_json::Value;
use support::http::Counter;
use support::served::Served;
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
fn a_run_on_the_embedded_reference_passes() {
    let sandbox = Sandbox::new();
    let ran = sandbox.tokenspec(&["run"]);
    assert_eq!(ran.status, 0, "{}", ran.all());
    let summary = sandbox.json("reports/reference/report.json")["summary"].clone();
    assert!(summary["total"].as_u64() >= Some(120), "{summary}");
    assert_eq!(summary["failed"], 0);
    assert_eq!(summary["errored"], 0);
    assert!(
        ran.out.contains("report: reports/reference/report.json"),
        "{}",
        ran.all()
    );
    for file in ["report.json", "junit.xml", "summary.md"] {
        assert!(
            !sandbox
                .read(&format!("reports/reference/{file}"))
                .is_empty()
        );
    }
}

/// Without snapshots beside it, an installed tokenspec leaves nothing but reports.
#[test]
fn a_run_leaves_reports_alone() {
    let sandbox = Sandbox::new();
    sandbox.tokenspec(&["run", "--report-dir", "elsewhere"]);
    let files: Vec<String> = sandbox
        .files("")
        .into_iter()
        .map(|(path, _)| {
            path.strip_prefix(sandbox.path())
                .expect("a path")
                .display()
                .to_string()
        })
        .collect();
    assert_eq!(
        files,
        [
            "elsewhere/junit.xml",
            "elsewhere/report.json",
            "elsewhere/summary.md"
        ]
    );
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

#[test]
fn what_is_wrong_in_the_arguments_ends_with_2_and_sends_nothing() {
    let sandbox = Sandbox::new();
    let listener = Counter::start();
    sandbox.write("tokenspec.toml", &listener.config());
    sandbox.write("a-file", "");
    for (arguments, words) in [
        (
            &["run", "no-such-trial"][..],
            "no trial matches `no-such-trial`",
        ),
        (
            &["run", "client_credentials/grant/grants-a-tokn"],
            "the nearest name is",
        ),
        (&["run", "--skip", "*"], "no trial matches"),
        (
            &["list", "no-such-trial"],
            "`tokenspec list` shows the names",
        ),
        (
            &["run", "--", "no-such-trial"],
            "no trial matches what follows `--`",
        ),
        (&["run", "--jobs", "0"], "--jobs 0 would never begin"),
        (&["run", "--jobs", "many"], "--jobs"),
        (
            &["run", "--", "--test-threads", "0"],
            "--test-threads 0 would never begin",
        ),
        (&["run", "--", "--no-such-flag"], "--no-such-flag"),
        (&["run", "--no-such-flag"], "--no-such-flag"),
        (&["run", "--format", "xml"], "xml"),
        (&["run", "--snapshots", "sometimes"], "sometimes"),
        (
            &["run", "--profile", "fapi3"],
            "there is no profile `fapi3`",
        ),
        (&["run", "--cases", "nowhere"], "nowhere cannot be read"),
        (
            &["run", "--report-dir", "a-file"],
            "the report folder a-file cannot be written",
        ),
        (&["runn"], "runn"),
        (&[], "Usage"),
        (&["schema", "everything"], "everything"),
        (&["serve", "--personality", "nice"], "standard, ciam"),
        (
            &["serve", "--fault", "no-such-fault"],
            "tokenspec serve --list-faults",
        ),
        (&["serve", "--latency", "slow"], "`slow` is no duration"),
        (
            &["explain", "client_credentials/grant/grants-a-tokn"],
            "the nearest is `client_credentials/grant/grants-a-token`",
        ),
    ] {
        let ran = sandbox.tokenspec(arguments);
        assert_eq!(ran.status, 2, "{arguments:?}: {}", ran.all());
        assert_eq!(ran.out, "", "{arguments:?}");
        assert!(ran.err.contains(words), "{arguments:?}: {}", ran.err);
    }
    assert_eq!(listener.connections(), 0);
    assert!(!sandbox.path().join("reports").exists());
}

/// Whatever command a message tells a person to use has to exist.
#[test]
fn help_names_the_commands_that_there_are() {
    let sandbox = Sandbox::new();
    let help = sandbox.tokenspec(&["--help"]);
    assert_eq!(help.status, 0);
    let commands: BTreeSet<&str> = help
        .out
        .lines()
        .skip_while(|line| !line.starts_with("Commands:"))
        .skip(1)
        .take_while(|line| line.starts_with("  "))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(
        commands.contains("run") && commands.contains("snapshot"),
        "{commands:?}"
    );
    for (path, bytes) in support::files(&std::path::Path::new(support::ROOT).join("harness/src")) {
        let text = String::from_utf8(bytes).expect("UTF-8");
        for (at, _) in text.match_indices("`tokenspec ") {
            let line = text[..at]
                .rsplit('\n')
                .next()
                .unwrap_or_default()
                .trim_start();
            let word: String = text[at + 11..]
                .chars()
                .take_while(char::is_ascii_lowercase)
                .collect();
            let comment = line.starts_with("//");
            assert!(
                comment || commands.contains(word.as_str()),
                "{}: `tokenspec {word}`",
                path.display()
            );
        }
    }
}

#[test]
fn explain_shows_what_is_sent_expected_and_cited() {
    let sandbox = Sandbox::new();
    let plan = sandbox.tokenspec(&["list", "--format", "json"]);
    let plan: Value = serde_json::from_str(&plan.out).expect("JSON");
    let trials = plan["trials"].as_array().expect("trials");
    for trial in trials.iter().step_by(17) {
        let name = trial["id"].as_str().expect("a name");
        let ran = sandbox.tokenspec(&["explain", name]);
        assert_eq!(ran.status, 0, "{}", ran.all());
        for words in ["sends\n", "expects\n", ", section ", "https://"] {
            assert!(
                ran.out.contains(words),
                "{name}: `{words}` is not in: {}",
                ran.out
            );
        }
        for id in trial["requirements"].as_array().expect("ids") {
            let id = id.as_str().expect("an id");
            assert!(
                ran.out.contains(&format!("  {id}\n")),
                "{name}: {id} is not in: {}",
                ran.out
            );
        }
        for noise in ["Some(", "None", "Rule", "Equals", "OneOrMany"] {
            assert!(!ran.out.contains(noise), "{name}: {noise} in: {}", ran.out);
        }
    }
    let ran = sandbox.tokenspec(&["explain", "rfc6749-5.2-error-required"]);
    assert_eq!(ran.status, 0, "{}", ran.all());
    assert!(
        ran.out.contains("REQUIRED") || ran.out.contains("judged by: "),
        "{}",
        ran.out
    );
}

#[test]
fn json_output_is_json_and_terse_output_is_short() {
    let sandbox = Sandbox::new();
    let trials = names(&sandbox, &[]).len();
    let ran = sandbox.tokenspec(&["run", "--format", "json"]);
    assert_eq!(ran.status, 0, "{}", ran.all());
    let mut finished = 0;
    for line in ran.out.lines() {
        let event: Value =
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        finished += usize::from(event["type"] == "test" && event["event"] != "started");
    }
    assert_eq!(finished, trials);
    // What a person wants to know besides is on stderr.
    assert!(ran.err.contains("report: "), "{}", ran.err);
    let ran = sandbox.tokenspec(&["run", "--format", "terse"]);
    assert_eq!(ran.status, 0);
    assert!(ran.out.lines().count() < trials / 2, "{}", ran.out);
}

#[test]
fn a_failure_is_told_with_sentence_request_and_answer() {
    let served = Served::start(&["--fault", "any-secret-accepted"]);
    let sandbox = Sandbox::new();
    sandbox.write("tokenspec.toml", &served.config);
    let ran = sandbox.tokenspec(&["run"]);
    assert_eq!(ran.status, 1, "{}", ran.all());
    let report = sandbox.json("reports/local/report.json");
    let failed: Vec<&Value> = report["cases"]
        .as_array()
        .expect("cases")
        .iter()
        .filter(|case| case["verdict"] == "failed")
        .collect();
    assert!(!failed.is_empty());
    for case in failed {
        let id = case["id"].as_str().expect("an id");
        let told = ran
            .out
            .split("\n---- ")
            .find(|part| part.starts_with(id))
            .expect("its failure is told");
        for check in case["checks"].as_array().expect("checks") {
            if check["verdict"] == "fail" {
                for key in [
                    "requirement",
                    "document",
                    "section",
                    "level",
                    "expected",
                    "actual",
                ] {
                    let words = check[key].as_str().expect("a text");
                    assert!(
                        told.contains(words),
                        "{id}: {key} `{words}` is not in: {told}"
                    );
                }
            }
        }
        for words in [
            "curl -sS -i",
            "expected: ",
            "actual: ",
            "request:",
            "response: ",
            "https://",
        ] {
            assert!(told.contains(words), "{id}: `{words}` is not in: {told}");
        }
    }
}

#[test]
fn fail_fast_leaves_out_what_comes_after() {
    let served = Served::start(&["--fault", "every-error-is-401"]);
    let sandbox = Sandbox::new();
    sandbox.write("tokenspec.toml", &served.config);
    let ran = sandbox.tokenspec(&["run", "--fail-fast", "--jobs", "1"]);
    assert_eq!(ran.status, 1, "{}", ran.all());
    let report = sandbox.json("reports/local/report.json");
    let left_out = report["cases"]
        .as_array()
        .expect("cases")
        .iter()
        .filter(|case| {
            case["reason"]
                .as_str()
                .is_some_and(|reason| reason.contains("--fail-fast"))
        })
        .count();
    assert!(left_out > 20, "only {left_out} were left out");
}

/// A SHOULD warns, and fails with --strict.
#[test]
fn strict_fails_where_a_should_warns() {
    let served = Served::start(&["--fault", "client-credentials-give-refresh-token"]);
    let sandbox = Sandbox::new();
    sandbox.write("tokenspec.toml", &served.config);
    let arguments = ["run", "client_credentials/grant/grants-a-token*"];
    let ran = sandbox.tokenspec(&arguments);
    assert_eq!(ran.status, 0, "{}", ran.all());
    assert!(ran.out.contains("warned:"), "{}", ran.all());
    let ran = sandbox.tokenspec(&[&arguments[..], &["--strict"]].concat());
    assert_eq!(ran.status, 1, "{}", ran.all());
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
