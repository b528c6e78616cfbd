//! Ctrl-C, and the signal by which a CI job is cancelled: wherever a run is, it ends within a second,
//! with the reports of what has run.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]
#![cfg(unix)]

mod support;

use std::any::Any;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use support::Sandbox;
use support::http::{Request, Server, config, json, reply};

const TOKEN: &str =
    r#"{"access_token":"a-token-of-a-test","token_type":"Bearer","expires_in":60,"scope":"read"}"#;
const FEW: &[&str] = &["client_credentials/grant/*"];
const WITH_CODES: &[&str] = &["authorization_code/exchange/*"];
/// Longer than anybody waits for a test.
const HTTP: &str = "[target.staging.http]\ntimeout = \"5min\"\n";
const PROMISE: Duration = Duration::from_secs(1);
/// A machine that is busy with something else gets so many tries.
const TRIES: usize = 3;

/// A run that does not go on by itself.
struct Held {
    sandbox: Sandbox,
    run: Child,
    /// What it waits for.
    _servers: Vec<Box<dyn Any>>,
}

/// A server that answers the first requests and then none; and when it does not, it says so.
fn silent_after(
    answered: usize,
    answer: impl Fn(&Request) -> Vec<u8> + Send + Sync + 'static,
) -> (Server, mpsc::Receiver<()>, Box<dyn Any>) {
    let (asked, was_asked) = mpsc::channel();
    let (go_on, told) = mpsc::channel::<()>();
    let told = Arc::new(Mutex::new(told));
    let count = AtomicUsize::new(0);
    let server = Server::start(move |request| {
        if count.fetch_add(1, Ordering::SeqCst) >= answered {
            let _ = asked.send(());
            // Until the test lets go.
            let _ = told.lock().expect("the end").recv();
        }
        answer(request)
    });
    (server, was_asked, Box::new(go_on))
}

fn begin(sandbox: &Sandbox, text: &str, arguments: &[&str]) -> Child {
    sandbox.write("tokenspec.toml", text);
    let mut all = vec!["run"];
    all.extend(arguments);
    sandbox
        .command(&all)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("tokenspec starts")
}

/// A run that waits for the answer to the request after so many.
fn held(
    answered: usize,
    answer: impl Fn(&Request) -> Vec<u8> + Send + Sync + 'static,
    text: impl Fn(&str) -> String,
    arguments: &[&str],
) -> Held {
    let (server, was_asked, go_on) = silent_after(answered, answer);
    let sandbox = Sandbox::new();
    let run = begin(&sandbox, &text(&server.url()), arguments);
    was_asked.recv().expect("it sends");
    Held {
        sandbox,
        run,
        _servers: vec![go_on, Box::new(server)],
    }
}

/// Asks it to end, and holds it to what is promised. Gives its folder.
fn ends_within_a_second(what: &str, folder: &str, begin: impl Fn() -> Held) -> Sandbox {
    let mut took = Vec::new();
    for turn in 0..TRIES {
        let mut held = begin();
        let signal = if turn % 2 == 0 { "-INT" } else { "-TERM" };
        let begun = Instant::now();
        let sent = Command::new("kill")
            .args([signal, &held.run.id().to_string()])
            .status();
        assert!(sent.expect("kill starts").success());
        let status = held.run.wait().expect("it ends");
        took.push(begun.elapsed());
        // What has run may have failed; else nothing could be found out.
        assert!(matches!(status.code(), Some(1 | 3)), "{what}: {status:?}");
        let sandbox = held.sandbox;
        let report = sandbox.json(&format!("{folder}/report.json"));
        assert!(report["incomplete"].is_string(), "{what}");
        for (file, words) in [
            ("summary.md", "Incomplete"),
            ("junit.xml", "tokenspec.incomplete"),
            ("index.html", "Incomplete"),
            ("report.tap", "interrupted"),
        ] {
            let text = sandbox.read(&format!("{folder}/{file}"));
            assert!(text.contains(words), "{what}: {file}");
        }
        assert!(!sandbox.path().join(folder).join(".lock").exists());
        if took[turn] < PROMISE {
            return sandbox;
        }
    }
    panic!("{what}: it took {took:?}");
}

const STAGING: &str = "reports/staging";

fn skipped(sandbox: &Sandbox, folder: &str) -> (u64, u64) {
    let summary = sandbox.json(&format!("{folder}/report.json"))["summary"].clone();
    let count = |name: &str| summary[name].as_u64().expect("a number");
    (count("skipped"), count("total"))
}

#[test]
fn while_a_server_is_silent() {
    let token = |_: &Request| json("200 OK", TOKEN);
    let sandbox = ends_within_a_second("all trials", STAGING, || {
        held(0, token, |url| config(url, "") + HTTP, &[])
    });
    let (skipped, total) = skipped(&sandbox, STAGING);
    assert!(skipped == total && total > 100, "{skipped} of {total}");
}

#[test]
fn while_the_metadata_is_read() {
    let text = |url: &str| {
        let whole = config(url, "");
        let (_, clients) = whole.split_once("[[").expect("clients");
        format!("[target.staging]\nprofile = [\"oauth2\"]\nissuer = \"{url}\"\n[[{clients}{HTTP}")
    };
    ends_within_a_second("metadata", STAGING, || {
        held(0, |_| reply("404 Not Found", &[], ""), text, FEW)
    });
}

#[test]
fn while_a_server_says_to_come_again() {
    let limited = |_: &Request| {
        let headers = [("retry-after", "30")];
        reply("429 Too Many Requests", &headers, "")
    };
    ends_within_a_second("Retry-After", STAGING, || {
        let (asked, was_asked) = mpsc::channel();
        let asked = Mutex::new(asked);
        let server = Server::start(move |request| {
            let _ = asked.lock().expect("the end").send(());
            limited(request)
        });
        let sandbox = Sandbox::new();
        let run = begin(&sandbox, &(config(&server.url(), "") + HTTP), FEW);
        was_asked.recv().expect("it sends");
        Held {
            sandbox,
            run,
            _servers: vec![Box::new(server)],
        }
    });
}

/// What is sent last are the controls, made again; then all trials are reported.
#[test]
fn while_controls_are_made_again() {
    let token = |_: &Request| json("200 OK", TOKEN);
    let text = |url: &str| config(url, "") + HTTP;
    let arguments = &["client_credentials/*", "token_endpoint/*", "--jobs", "1"];
    let server = Server::start(token);
    let sandbox = Sandbox::new();
    let whole = begin(&sandbox, &text(&server.url()), arguments).wait();
    assert_eq!(whole.expect("it ends").code(), Some(1));
    let all = server.seen().len();
    let sandbox = ends_within_a_second("controls", STAGING, || {
        held(all - 1, token, text, arguments)
    });
    let (skipped, total) = skipped(&sandbox, STAGING);
    assert!(
        all > 20 && skipped < total / 2,
        "{skipped} of {total}, {all} requests"
    );
}

#[test]
fn while_a_command_logs_in() {
    ends_within_a_second("login command", STAGING, || {
        let server = Server::start(|_| json("200 OK", TOKEN));
        let sandbox = Sandbox::new();
        let made = Command::new("mkfifo")
            .arg(sandbox.path().join("begun"))
            .status();
        assert!(made.expect("mkfifo starts").success());
        let login = "[target.staging.login]\nvia = \"command\"\n\
                     command = [\"sh\", \"-c\", \"echo yes > begun; sleep 300\"]\n";
        let run = begin(
            &sandbox,
            &(config(&server.url(), "") + login + HTTP),
            WITH_CODES,
        );
        // Opened when somebody writes.
        let begun = std::fs::read_to_string(sandbox.path().join("begun"));
        assert!(begun.expect("a pipe").starts_with("yes\n"));
        Held {
            sandbox,
            run,
            _servers: vec![Box::new(server)],
        }
    });
}

/// A driver that does not end when it is asked to, and whose sessions never begin.
#[test]
fn while_a_browser_logs_in() {
    ends_within_a_second("browser", STAGING, || {
        let (driver, was_asked, go_on) = silent_after(0, |_| json("200 OK", "{}"));
        let server = Server::start(|_| json("200 OK", TOKEN));
        let sandbox = Sandbox::new();
        let url = driver.url();
        let port = url.rsplit(':').next().expect("a port");
        sandbox.write(
            "driver",
            &format!("#!/bin/sh\ntrap '' TERM\necho was started successfully on port {port}.\nexec sleep 20\n"),
        );
        let made = Command::new("chmod")
            .arg("+x")
            .arg(sandbox.path().join("driver"))
            .status();
        assert!(made.expect("chmod starts").success());
        let login = "[target.staging.login]\nvia = \"browser\"\ndriver = \"./driver\"\n\
                     username = \"somebody\"\npassword = \"pass-of-a-test\"\n";
        let run = begin(
            &sandbox,
            &(config(&server.url(), "") + login + HTTP),
            WITH_CODES,
        );
        was_asked.recv().expect("a session is asked for");
        Held {
            sandbox,
            run,
            _servers: vec![Box::new(server), go_on, Box::new(driver)],
        }
    });
}

/// Nothing is sent to a target whose turn has not come.
#[test]
fn while_the_second_of_three_targets_is_looked_at() {
    let untouched = support::http::Counter::start();
    let sandbox = ends_within_a_second("targets", "reports/second", || {
        let first = Server::start(|_| json("200 OK", TOKEN));
        let (second, was_asked, go_on) = silent_after(0, |_| reply("404 Not Found", &[], ""));
        let named =
            |text: String, name: &str| text.replace("target.staging", &format!("target.{name}"));
        let whole = config(&second.url(), "");
        let (_, clients) = whole.split_once("[[").expect("clients");
        let issuer = format!(
            "[target.staging]\nprofile = [\"oauth2\"]\nissuer = \"{}\"\n[[{clients}{HTTP}",
            second.url()
        );
        let text = named(config(&first.url(), ""), "first")
            + &named(issuer, "second")
            + &named(untouched.config(), "third");
        let sandbox = Sandbox::new();
        let mut arguments = vec!["--all-targets"];
        arguments.extend(FEW);
        let run = begin(&sandbox, &text, &arguments);
        was_asked.recv().expect("it sends");
        Held {
            sandbox,
            run,
            _servers: vec![Box::new(first), go_on, Box::new(second)],
        }
    });
    assert_eq!(untouched.connections(), 0);
    let first = sandbox.json("reports/first/report.json");
    assert!(first["incomplete"].is_null(), "{}", first["incomplete"]);
    assert!(!sandbox.path().join("reports/third/report.json").exists());
}
