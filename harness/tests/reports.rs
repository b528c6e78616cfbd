//! The record of a run: `report.json` as other programs read it, and what is made from it.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeMap;
use std::path::Path;

use quick_junit::{NonSuccessKind, Report, TestCaseStatus};
use serde_json::Value;
use support::every_verdict::every_verdict;
use support::schema::problems;
use support::served::Served;
use support::{ROOT, Sandbox};

fn list(value: &Value) -> &Vec<Value> {
    value
        .as_array()
        .unwrap_or_else(|| panic!("no list: {value}"))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

fn run_with_every_verdict() -> (Sandbox, Value) {
    let (sandbox, _) = every_verdict(IMPLEMENTATION);
    let report = sandbox.json("reports/local/report.json");
    (sandbox, report)
}

const IMPLEMENTATION: &str = "[target.local.implementation]\norganization = \"Example\"\n\
    project = \"<script>alert(1)</script> & sons\"\nversion = \"1.0\"\n";

#[test]
fn the_record_has_the_members_of_its_schema() {
    let (sandbox, report) = run_with_every_verdict();
    let schema = sandbox.tokenspec(&["schema", "report"]);
    let schema: Value = serde_json::from_str(&schema.out).expect("JSON");
    assert_eq!(problems(&schema, &report), [""; 0]);
    // The check itself sees what is missing, and what is of another type.
    for (pointer, value) in [
        ("/summary/total", None),
        ("/summary/total", Some(Value::from("many"))),
    ] {
        let mut broken = report.clone();
        let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
        let members = broken
            .pointer_mut(parent)
            .and_then(Value::as_object_mut)
            .expect("an object");
        members.remove(name);
        members.extend(value.map(|value| (name.to_owned(), value)));
        assert_eq!(problems(&schema, &broken).len(), 1);
    }
    assert_eq!(report["schema"], "tokenspec-report/1");
    assert_eq!(report["tool"]["name"], "tokenspec");
    assert_eq!(report["tool"]["version"], env!("CARGO_PKG_VERSION"));
    assert!(text(&report["tool"]["cases_digest"]).starts_with("sha256:"));
    assert_eq!(report["implementation"]["organization"], "Example");
    assert_eq!(report["target"]["name"], "local");
    assert!(text(&report["target"]["token_endpoint"]).ends_with("/token"));
    assert!(text(&report["target"]["issuer"]).starts_with("http://127.0.0.1:"));
    for profile in list(&report["target"]["profile"]) {
        assert!(text(profile).contains('@'), "{profile} has no edition");
    }
    let started = text(&report["started"]);
    assert!(started.ends_with('Z') && started.contains('T'), "{started}");
    assert!(report["duration_ms"].as_u64() > Some(0));
    for case in list(&report["cases"]) {
        for key in [
            "id",
            "suite",
            "title",
            "verdict",
            "duration_ms",
            "checks",
            "exchanges",
        ] {
            assert!(!case[key].is_null(), "{key} is missing in {case}");
        }
        let (suite, _) = text(&case["id"]).rsplit_once('/').expect("SUITE/CASE");
        assert_eq!(suite, case["suite"]);
        for exchange in list(&case["exchanges"]) {
            let headers = list(&exchange["request"]["headers"]);
            assert!(
                headers.iter().all(|pair| list(pair).len() == 2),
                "{exchange}"
            );
            assert!(text(&exchange["curl"]).starts_with("curl "), "{exchange}");
            if let Some(body) = exchange["response"].get("body") {
                assert!(body.get("text").or(body.get("base64")).is_some(), "{body}");
            }
        }
        let unexplained = case["reason"].is_null();
        let needs = ["errored", "skipped"]
            .iter()
            .any(|verdict| case["verdict"] == *verdict);
        assert!(!needs || !unexplained, "no reason: {case}");
    }
}

#[test]
fn the_counts_add_up() {
    let (_sandbox, report) = run_with_every_verdict();
    let cases = list(&report["cases"]);
    let summary = &report["summary"];
    let mut sum = 0;
    for verdict in ["passed", "failed", "warned", "skipped", "errored"] {
        let count = cases
            .iter()
            .filter(|case| case["verdict"] == verdict)
            .count();
        assert_eq!(summary[verdict], count, "{verdict}");
        sum += count;
    }
    assert_eq!(summary["total"], sum);
    assert_eq!(cases.len(), sum);
    for verdict in ["passed", "failed", "warned", "skipped", "errored"] {
        assert!(
            summary[verdict].as_u64() > Some(0),
            "this run should have some {verdict}: {summary}"
        );
    }
}

/// A case's verdict is the worst of its checks, a requirement's that of all checks of it.
#[test]
fn verdicts_follow_from_the_checks() {
    let (_sandbox, report) = run_with_every_verdict();
    let mut worst: BTreeMap<&str, (u8, Vec<&str>)> = BTreeMap::new();
    for case in list(&report["cases"]) {
        let checks = list(&case["checks"]);
        let has = |verdict: &str| checks.iter().any(|check| check["verdict"] == verdict);
        let expected = match case["verdict"].as_str() {
            Some("skipped") => "skipped",
            _ if has("fail") => "failed",
            _ if has("errored") || checks.is_empty() => "errored",
            _ if has("warn") => "warned",
            _ => "passed",
        };
        assert_eq!(case["verdict"], expected, "{case}");
        for check in checks {
            let binds = ["MUST", "MUST NOT", "DECLARED"]
                .iter()
                .any(|level| check["level"] == *level);
            assert!(
                check["verdict"] != "fail" || binds,
                "a {} fails: {check}",
                check["level"]
            );
            let id = text(&check["requirement"]);
            assert!(
                id.starts_with(&format!("{}-", text(&check["document"]))),
                "{check}"
            );
            let entry = worst.entry(id).or_default();
            let rank = match text(&check["verdict"]) {
                "fail" => 3,
                "warn" => 2,
                "pass" => 1,
                _ => 0,
            };
            entry.0 = entry.0.max(rank);
            let case = text(&case["id"]);
            if !entry.1.contains(&case) {
                entry.1.push(case);
            }
        }
    }
    let mut told = 0;
    for requirement in list(&report["requirements"]) {
        let (rank, cases) = worst.remove(text(&requirement["id"])).unwrap_or_default();
        let expected = ["not-tested", "passed", "warned", "failed"][usize::from(rank)];
        assert_eq!(requirement["verdict"], expected, "{requirement}");
        let named: Vec<&str> = list(&requirement["cases"]).iter().map(text).collect();
        assert_eq!(named, cases, "{requirement}");
        told += usize::from(rank > 0);
    }
    assert!(told > 50, "only {told} requirements were judged");
    // What was judged is a requirement that can be seen from outside, and so in the list.
    assert_eq!(worst.keys().collect::<Vec<_>>(), Vec::<&&str>::new());
}

#[test]
fn the_order_is_that_of_the_plan() {
    let (sandbox, report) = run_with_every_verdict();
    let names: Vec<&str> = list(&report["cases"])
        .iter()
        .map(|case| text(&case["id"]))
        .collect();
    let listed = sandbox.tokenspec(&["list", "--format", "terse"]);
    assert_eq!(names, listed.out.lines().collect::<Vec<_>>());
}

#[test]
fn junit_has_a_test_case_for_each_trial() {
    let (sandbox, report) = run_with_every_verdict();
    let xml = sandbox.read("reports/local/junit.xml");
    let junit = Report::deserialize_from_str(&xml).expect("JUnit XML");
    let mut verdicts = BTreeMap::new();
    for suite in &junit.test_suites {
        for case in &suite.test_cases {
            // Jenkins makes packages of what stands before dots.
            assert_eq!(
                case.classname.as_ref().map(|name| name.as_str().to_owned()),
                Some(suite.name.as_str().replace('/', "."))
            );
            let (verdict, message) = match &case.status {
                TestCaseStatus::Success { .. } => ("success", None),
                TestCaseStatus::Skipped { message, .. } => ("skipped", message.as_ref()),
                TestCaseStatus::NonSuccess {
                    kind: NonSuccessKind::Failure,
                    message,
                    ..
                } => ("failed", message.as_ref()),
                TestCaseStatus::NonSuccess {
                    kind: NonSuccessKind::Error,
                    message,
                    ..
                } => ("errored", message.as_ref()),
            };
            let explained = message.is_some_and(|message| !message.as_str().is_empty());
            assert!(
                verdict == "success" || explained,
                "{} has no message",
                case.name.as_str()
            );
            let twice = verdicts.insert(case.name.as_str().to_owned(), verdict);
            assert_eq!(twice, None, "{} is there twice", case.name.as_str());
        }
    }
    for case in list(&report["cases"]) {
        let expected = match text(&case["verdict"]) {
            "passed" | "warned" => "success",
            other => other,
        };
        assert_eq!(verdicts.remove(text(&case["id"])), Some(expected), "{case}");
    }
    assert!(verdicts.is_empty(), "nobody ran {verdicts:?}");
    assert_eq!(junit.tests, list(&report["cases"]).len());
    assert_eq!(report["summary"]["failed"], junit.failures);
    assert_eq!(report["summary"]["errored"], junit.errors);
}

#[test]
fn the_summary_names_what_did_not_pass() {
    let (sandbox, report) = run_with_every_verdict();
    let markdown = sandbox.read("reports/local/summary.md");
    let summary = &report["summary"];
    let counts = format!(
        "{} of {} trials passed, {} failed, {} warned, {} errored, {} skipped",
        summary["passed"],
        summary["total"],
        summary["failed"],
        summary["warned"],
        summary["errored"],
        summary["skipped"]
    );
    assert!(markdown.contains(&counts), "{markdown}");
    for case in list(&report["cases"]) {
        let named = markdown.contains(&format!("`{}`", text(&case["id"])));
        let expected = ["failed", "warned", "errored"]
            .iter()
            .any(|verdict| case["verdict"] == *verdict);
        assert_eq!(named, expected, "{}", case["id"]);
    }
    // Every row of a table has the columns of its head.
    for table in markdown.split("\n\n").filter(|part| part.starts_with('|')) {
        let columns = |line: &str| line.replace("\\|", "").matches('|').count();
        let head = columns(table.lines().next().expect("a head"));
        for line in table.lines() {
            assert_eq!(columns(line), head, "{line}");
        }
    }
}

#[test]
fn every_schema_is_one_and_the_shipped_files_are_what_they_say() {
    let sandbox = Sandbox::new();
    let schema = |of: &str| -> Value {
        let ran = sandbox.tokenspec(&["schema", of]);
        assert_eq!(ran.status, 0, "{}", ran.all());
        serde_json::from_str(&ran.out).expect("JSON")
    };
    for of in ["case", "config", "report", "requirement", "profile"] {
        let schema = schema(of);
        assert!(
            text(&schema["$schema"]).starts_with("https://json-schema.org/"),
            "{of}"
        );
        assert!(!text(&schema["title"]).is_empty(), "{of}");
        assert_eq!(schema["type"], "object", "{of}");
    }
    let cases = Path::new(ROOT).join("cases");
    let (case, requirement, profile) = (schema("case"), schema("requirement"), schema("profile"));
    let mut looked_at = 0;
    for (path, bytes) in support::files(&cases) {
        if path.extension().is_none_or(|ending| ending != "toml") {
            continue;
        }
        let text = String::from_utf8(bytes).expect("UTF-8");
        let value: Value = toml::from_str(&text).expect("TOML");
        let below = path.strip_prefix(&cases).expect("a path below");
        if below.starts_with("profiles/editions") {
            continue; // Lists that a command makes.
        }
        let schema = if below.starts_with("requirements") {
            &requirement
        } else if below.starts_with("profiles") {
            &profile
        } else {
            &case
        };
        assert_eq!(problems(schema, &value), [""; 0], "{}", path.display());
        looked_at += 1;
        // An editor finds the schema that the file names.
        let named = text
            .lines()
            .next()
            .and_then(|line| line.strip_prefix("#:schema "))
            .map(str::trim);
        if let Some(named) = named {
            let named = path.parent().expect("a folder").join(named);
            let text = std::fs::read_to_string(&named)
                .unwrap_or_else(|error| panic!("{}: {error}", named.display()));
            let beside: Value = serde_json::from_str(&text).expect("JSON");
            assert_eq!(
                &beside,
                schema,
                "{} is not what `tokenspec schema` prints",
                named.display()
            );
        } else {
            assert!(
                below.starts_with("requirements"),
                "{} names no schema",
                path.display()
            );
        }
    }
    assert!(looked_at > 30);
    // What `serve` prints is a configuration.
    for personality in ["standard", "ciam"] {
        let served = Served::start(&["--personality", personality]);
        let value: Value = toml::from_str(&served.config).expect("TOML");
        assert_eq!(problems(&schema("config"), &value), [""; 0]);
    }
}
