//! Servers that are slow, wrong, hostile or half dead: each ends in time, in bounded memory, with the
//! cause, and the rest of the run goes on. Nothing that it sends moves a cursor.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test fails by panicking, and this one shows a table"
)]

mod support;

use std::fs::File;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;
use support::Sandbox;
use support::animals::{Cage, ZOO};
use support::http::config;
use support::search::Secrets;
use wait4::Wait4 as _;

/// What a run may need, whatever is sent to it. What is measured is an upper bound: it counts what this
/// test itself held when it started the run.
const MEMORY: u64 = 192 << 20;
/// How long an exchange may take, and a run of a handful of them.
const TIMEOUT: &str = "1s";
const WHOLE: Duration = Duration::from_secs(60);

#[test]
fn each_animal_ends_in_time_in_bounded_memory_with_its_cause() {
    println!(
        "{:40} {:28} {:>7} {:>9}",
        "animal", "verdict", "seconds", "peak MiB"
    );
    let mut wrong = Vec::new();
    for (name, behave, words) in ZOO {
        let cage = Cage::with(*behave);
        let sandbox = Sandbox::new();
        let text = config(&cage.url(), "");
        let http = format!("[target.staging.http]\ntimeout = \"{TIMEOUT}\"\n");
        sandbox.write("tokenspec.toml", &(text.clone() + &http));
        let file = |name: &str| File::create(sandbox.path().join(name)).expect("a file");
        let started = Instant::now();
        let mut child = sandbox
            .command(&[
                "run",
                "client_credentials/grant/*",
                "*every_response/*",
                "--report-dir",
                "out",
            ])
            .stdin(Stdio::null())
            .stdout(file("stdout"))
            .stderr(file("stderr"))
            .spawn()
            .expect("tokenspec starts");
        let used = child.wait4().expect("it ends");
        let (took, peak) = (started.elapsed(), used.rusage.maxrss);
        let status = used.status.code();
        let report = if sandbox.path().join("out/report.json").exists() {
            sandbox.json("out/report.json")
        } else {
            wrong.push(format!("{name}: no report: {}", sandbox.read("stderr")));
            continue;
        };
        let (verdict, told) = told(&report);
        println!(
            "{name:40} {verdict:28} {:>7.1} {:>9}",
            took.as_secs_f64(),
            peak >> 20
        );
        if !matches!(status, Some(1 | 3)) {
            wrong.push(format!("{name}: status {status:?}"));
        }
        if took > WHOLE {
            wrong.push(format!("{name}: took {took:?}"));
        }
        if peak > MEMORY {
            wrong.push(format!("{name}: needed {} MiB", peak >> 20));
        }
        if !told.contains(words) {
            wrong.push(format!("{name}: `{words}` is not in: {told}"));
        }
        let mut secrets = Secrets::default();
        secrets.config(&text);
        let outputs: Vec<(String, Vec<u8>)> = sandbox
            .files("")
            .into_iter()
            .filter(|(path, _)| !path.ends_with("tokenspec.toml"))
            .map(|(path, bytes)| (path.display().to_string(), bytes))
            .collect();
        let texts = outputs
            .iter()
            .map(|(path, bytes)| (path.as_str(), bytes.as_slice()));
        wrong.extend(secrets.found_in(texts).into_iter().take(3));
        for (path, bytes) in &outputs {
            let text = String::from_utf8_lossy(bytes);
            let bad = |c: char| {
                c.is_control() && !matches!(c, '\n' | '\t')
                    || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
            };
            let shown = path.ends_with("stdout") || path.ends_with("stderr");
            if shown && let Some(found) = text.chars().find(|c| bad(*c)) {
                wrong.push(format!("{name}: {found:?} in {path}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// How many of which verdict, and all reasons and findings.
fn told(report: &Value) -> (String, String) {
    let cases = report["cases"].as_array().expect("cases");
    let count = |verdict: &str| {
        cases
            .iter()
            .filter(|case| case["verdict"] == verdict)
            .count()
    };
    let verdict = ["passed", "failed", "warned", "errored"]
        .iter()
        .filter(|verdict| count(verdict) > 0)
        .map(|verdict| format!("{} {verdict}", count(verdict)))
        .collect::<Vec<_>>()
        .join(", ");
    let mut told = String::new();
    for case in cases {
        told.push_str(case["reason"].as_str().unwrap_or_default());
        for check in case["checks"].as_array().expect("checks") {
            told.push_str(check["actual"].as_str().unwrap_or_default());
        }
        for exchange in case["exchanges"].as_array().expect("exchanges") {
            told.push_str(exchange["error"].as_str().unwrap_or_default());
        }
        told.push('\n');
    }
    (verdict, told)
}
