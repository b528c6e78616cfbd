//! What the commands print, and with which status they end.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeSet;

use serde_json::Value;
use support::Sandbox;
use support::http::Counter;
use support::served::Served;

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
            "elsewhere/badge.json",
            "elsewhere/badge.svg",
            "elsewhere/index.html",
            "elsewhere/junit.xml",
            "elsewhere/report.json",
            "elsewhere/report.tap",
            "elsewhere/summary.md"
        ]
    );
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
            &["coverage", "--faults", "--only", "no-such-fault"],
            "no fault matches `no-such-fault`",
        ),
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

#[test]
fn help_is_a_command_like_others() {
    let sandbox = Sandbox::new();
    let all = sandbox.tokenspec(&["help"]);
    assert_eq!(all.status, 0, "{}", all.all());
    assert!(all.out.contains("\nCommands:\n"), "{}", all.out);
    let own = sandbox.tokenspec(&["help", "--help"]);
    assert_eq!(own.status, 0, "{}", own.all());
    assert!(own.out.contains("Usage: tokenspec help"), "{}", own.out);
    let one = sandbox.tokenspec(&["help", "snapshot", "review"]);
    assert!(one.out.contains("snapshot review"), "{}", one.all());
    let typo = sandbox.tokenspec(&["help", "rnu"]);
    assert_eq!(typo.status, 2, "{}", typo.all());
    assert!(typo.err.contains("did you mean `run`?"), "{}", typo.err);
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
    let listed = sandbox.tokenspec(&["list", "--format", "terse"]);
    let trials = listed.out.lines().count();
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
