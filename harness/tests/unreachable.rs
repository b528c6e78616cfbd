//! Servers that are not there, do not answer, or give no code: what could not be found out is errored
//! with the cause, and nothing is sent twice.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use support::http::{Server, config, dead_port, reply};
use support::judged::{Judged, LOGIN, always, configs, text_of};

/// Nothing is sent twice: each exchange has its own name, which comes once.
#[test]
fn a_closed_connection_is_told_and_nothing_is_sent_again() {
    let server = always(|_| Vec::new());
    for text in configs(&server.url()) {
        let before = server.seen().len();
        let judged = Judged::run(&text, &["--skip", "*race*"]);
        judged.all_errored(&["connection closed before message completed"]);
        judged.ends_with(3);
        let mut names: Vec<String> = server.seen()[before..]
            .iter()
            .filter(|request| request.is_to("/token"))
            .filter_map(|request| request.header("x-tokenspec-exchange").map(str::to_owned))
            .filter(|name| !name.starts_with("control#"))
            .collect();
        names.sort();
        let all = names.len();
        names.dedup();
        assert_eq!(names.len(), all, "something was sent twice");
    }
}

#[test]
fn at_a_dead_port_nothing_is_shown() {
    let url = dead_port();
    for text in configs(&url) {
        let judged = Judged::run(&text, &[]);
        judged.all_errored(&["Connection refused"]);
        judged.ends_with(3);
    }
    // Metadata that cannot be read.
    let text = format!(
        "[target.staging]\nissuer = \"{url}\"\n{}",
        config(&url, "")
            .split_once("[[")
            .map_or("", |(_, rest)| rest)
    );
    let text = text.replacen("target.staging.client]]", "[[target.staging.client]]", 1);
    let judged = Judged::run(&text, &[]);
    judged.all_errored(&["the metadata could not be read"]);
    judged.ends_with(3);
}

/// A server that never answers is waited for as long as the configuration says.
#[test]
fn a_server_that_is_too_slow_is_told() {
    let (sender, receiver) = std::sync::mpsc::channel::<()>();
    let receiver = std::sync::Mutex::new(receiver);
    let server = Server::start(move |_| {
        // Until the test has ended.
        let ended = receiver.lock().expect("the end").recv();
        assert!(ended.is_err());
        Vec::new()
    });
    let text = config(&server.url(), "") + "[target.staging.http]\ntimeout = \"50ms\"\n";
    let judged = Judged::run(&text, &["client_credentials/grant/grants-a-token*"]);
    judged.ends_with(3);
    for case in &judged.cases {
        assert_eq!(case["verdict"], "errored");
        assert!(
            text_of(case, "reason").contains("no complete answer within 50ms"),
            "{case}"
        );
    }
    drop(sender);
}

/// No code: the reason is what the authorization endpoint said.
#[test]
fn without_a_code_what_needs_one_is_errored() {
    for (answer, cause) in [
        (
            reply("200 OK", &[("content-type", "text/html")], "<form>"),
            "answered 200 and no redirect",
        ),
        (
            reply(
                "302 Found",
                &[("location", "https://elsewhere.example/")],
                "",
            ),
            "redirects to elsewhere.example",
        ),
        (
            reply("302 Found", &[("location", "/authorize")], ""),
            "no redirect URI after",
        ),
        (Vec::new(), "connection closed before message completed"),
        (
            reply(
                "302 Found",
                &[(
                    "location",
                    "https://client.example/a?error=access_denied&error_description=no",
                )],
                "",
            ),
            "answered access_denied: no",
        ),
        (
            reply(
                "302 Found",
                &[(
                    "location",
                    "https://client.example/a?code=c0de&state=another",
                )],
                "",
            ),
            "does not have the `state`",
        ),
    ] {
        let server = Server::start(move |_| answer.clone());
        let text = config(&server.url(), "") + LOGIN;
        let judged = Judged::run(&text, &["authorization_code/exchange/*"]);
        judged.ends_with(3);
        for case in judged.sending() {
            assert_eq!(
                case["verdict"], "errored",
                "{}: {}",
                case["id"], case["reason"]
            );
            if case["exchanges"][0]["step"] == "authorize" {
                let reason = text_of(case, "reason");
                assert!(
                    reason.contains("no authorization code") && reason.contains(cause),
                    "{cause}: {reason}"
                );
            }
        }
    }
}
