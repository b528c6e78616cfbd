//! Servers that are slow, wrong, hostile or half dead: each ends in time, in bounded memory, with the
//! cause, and the rest of the run goes on. Nothing that it sends moves a cursor.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::fs::File;
use std::io::Write as _;
use std::process::Stdio;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;
use support::Sandbox;
use support::beasts::{Animal, all};
use support::search::Secrets;
use wait4::Wait4 as _;

/// What a run may need, whatever is sent to it. What is measured is an upper bound: it counts what this
/// test itself held when it started the run.
const MEMORY: u64 = 256 << 20;
/// How long an exchange may take, and a run of a handful of them.
const TIMEOUT: &str = "1s";
const WHOLE: Duration = Duration::from_secs(60);
/// How many animals are looked at at once: most of the time is spent waiting for them.
const AT_ONCE: usize = 6;

#[test]
fn each_animal_ends_in_time_in_bounded_memory_with_its_cause() {
    let animals = all();
    let (next, told) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(animal) = animals.get(next.fetch_add(1, Ordering::SeqCst)) {
                    let seen = look_at(animal);
                    told.lock()
                        .expect("what was told")
                        .push((animal.name, seen));
                }
            });
        }
    });
    let mut told = told.into_inner().expect("what was told");
    let place = |name: &str| animals.iter().position(|animal| animal.name == name);
    told.sort_by_key(|(name, _)| place(name));
    // Past the test runner, which would keep what a test that passes prints to itself.
    let mut out = std::io::stdout().lock();
    let mut show = |line: String| writeln!(out, "{line}").expect("a terminal or a pipe");
    show(format!(
        "\n{:44} {:40} {:>7} {:>8}",
        "animal", "verdicts", "seconds", "peak MiB"
    ));
    let mut wrong = Vec::new();
    for (name, seen) in &told {
        show(format!(
            "{name:44} {:40} {:>7.1} {:>8}",
            seen.verdicts,
            seen.took.as_secs_f64(),
            seen.peak >> 20
        ));
        wrong.extend(seen.wrong.iter().map(|what| format!("{name}: {what}")));
    }
    assert_eq!(told.len(), animals.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What a server says is shown on other ways too.
#[test]
fn doctor_and_init_show_nothing_that_a_terminal_would_obey() {
    for animal in all()
        .iter()
        .filter(|animal| animal.name.starts_with("escapes and"))
    {
        let shown = (animal.show)();
        let sandbox = Sandbox::new();
        sandbox.write("tokenspec.toml", &shown.config);
        let issuer = shown
            .config
            .split('"')
            .find(|text| text.starts_with("http://"))
            .expect("a URL");
        sandbox.write("new/nothing", "");
        for (arguments, folder) in [(&["doctor"][..], "."), (&["init", issuer], "new")] {
            let mut command = sandbox.command(arguments);
            command.current_dir(sandbox.path().join(folder));
            let ran = support::ran(command);
            assert!(
                !ran.out.is_empty() || !ran.err.is_empty(),
                "{arguments:?} is silent"
            );
            sandbox.write("stdout", &ran.out);
            sandbox.write("stderr", &ran.err);
            assert_eq!(
                leaks(&sandbox, &shown.config),
                [""; 0],
                "{arguments:?}: {}",
                ran.all()
            );
        }
        // What is written for a person to go on with is read again.
        let written = sandbox.path().join("new/tokenspec.toml");
        if let Ok(text) = std::fs::read_to_string(written) {
            assert!(text.parse::<toml::Table>().is_ok(), "{text}");
            assert!(!text.contains(misleads), "{text:?}");
        }
    }
}

/// What was seen of an animal.
struct Seen {
    verdicts: String,
    took: Duration,
    peak: u64,
    /// What should not be.
    wrong: Vec<String>,
}

fn look_at(animal: &Animal) -> Seen {
    let shown = (animal.show)();
    let sandbox = Sandbox::new();
    let timeout = format!("timeout = \"{TIMEOUT}\"\n");
    let text = match shown.config.split_once("[target.staging.http]\n") {
        Some((before, after)) => format!("{before}[target.staging.http]\n{timeout}{after}"),
        None => format!("{}[target.staging.http]\n{timeout}", shown.config),
    };
    sandbox.write("tokenspec.toml", &text);
    for (name, text) in &shown.files {
        sandbox.write(name, text);
    }
    let file = |name: &str| File::create(sandbox.path().join(name)).expect("a file");
    let mut arguments = vec!["run", "--verbose", "--report-dir", "out"];
    arguments.extend(shown.trials);
    let started = Instant::now();
    let mut child = sandbox
        .command(&arguments)
        .stdin(Stdio::null())
        .stdout(file("stdout"))
        .stderr(file("stderr"))
        .spawn()
        .expect("tokenspec starts");
    let used = child.wait4().expect("it ends");
    let mut seen = Seen {
        verdicts: String::new(),
        took: started.elapsed(),
        peak: used.rusage.maxrss,
        wrong: Vec::new(),
    };
    let status = used.status.code();
    if !sandbox.path().join("out/report.json").exists() {
        seen.wrong.push(format!(
            "status {status:?}, no report: {}",
            sandbox.read("stderr")
        ));
        return seen;
    }
    let (verdicts, told) = told(&sandbox.json("out/report.json"));
    seen.verdicts = verdicts;
    if !matches!(status, Some(1 | 3)) {
        seen.wrong.push(format!("status {status:?}"));
    }
    if seen.took > WHOLE {
        seen.wrong.push(format!("took {:?}", seen.took));
    }
    if seen.peak > MEMORY {
        seen.wrong.push(format!("needed {} MiB", seen.peak >> 20));
    }
    if !animal.words.split('|').any(|words| told.contains(words)) {
        let told: String = told.chars().take(4000).collect();
        seen.wrong
            .push(format!("`{}` is not in: {told}", animal.words));
    }
    seen.wrong.extend(leaks(&sandbox, &text));
    seen
}

/// Secrets, and characters that a terminal would obey, in what a run left.
fn leaks(sandbox: &Sandbox, config: &str) -> Vec<String> {
    let mut secrets = Secrets::default();
    secrets.config(config);
    for token in [
        "a-code-of-the-zoo",
        "an-access-token-of-the-zoo",
        "a-refresh-token-of-the-zoo",
    ] {
        secrets.add("given", token);
    }
    let outputs: Vec<(String, Vec<u8>)> = sandbox
        .files("")
        .into_iter()
        .filter(|(path, _)| !path.ends_with("tokenspec.toml"))
        .map(|(path, bytes)| (path.display().to_string(), bytes))
        .collect();
    let texts = outputs
        .iter()
        .map(|(path, bytes)| (path.as_str(), bytes.as_slice()));
    let mut found: Vec<String> = secrets.found_in(texts).into_iter().take(3).collect();
    for (path, bytes) in &outputs {
        let text = String::from_utf8_lossy(bytes);
        if let Some(at) = text.find(misleads) {
            let around: String = text[at..].chars().take(40).collect();
            found.push(format!("{:?} in {path}", around));
        }
    }
    found
}

/// Whether a terminal would obey it, or it turns text round.
fn misleads(c: char) -> bool {
    c.is_control() && !matches!(c, '\n' | '\t')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{61c}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
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
