//! A refusal means something only where the unchanged request succeeds: against servers that
//! refuse, break or redirect everything, what rests on a control is errored with the cause, and
//! never passed.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use support::http::{config, error, reply};
use support::judged::{Judged, always, configs, text_of};
use support::served::Served;

#[test]
fn where_every_client_is_refused_nothing_is_shown() {
    let server = always(|_| error("400 Bad Request", "invalid_client"));
    for text in configs(&server.url()) {
        let judged = Judged::run(&text, &[]);
        judged.all_errored(&["400 invalid_client", "got 400 with error=invalid_client"]);
        judged.ends_with(3);
    }
}

#[test]
fn where_every_client_is_challenged_nothing_is_shown() {
    let server = always(|_| {
        let challenge = [
            ("www-authenticate", "Basic realm=\"as\""),
            ("content-type", "application/json"),
            ("cache-control", "no-store"),
        ];
        reply(
            "401 Unauthorized",
            &challenge,
            "{\"error\":\"invalid_client\"}",
        )
    });
    for text in configs(&server.url()) {
        let judged = Judged::run(&text, &[]);
        judged.all_errored(&["401 invalid_client", "got 401 with error=invalid_client"]);
        judged.ends_with(3);
    }
}

#[test]
fn where_every_grant_is_refused_nothing_is_shown() {
    let server = always(|_| error("400 Bad Request", "invalid_grant"));
    for text in configs(&server.url()) {
        let judged = Judged::run(&text, &[]);
        judged.all_errored(&["400 invalid_grant", "got 400 with error=invalid_grant"]);
        judged.ends_with(3);
    }
}

/// Without a login and without client_credentials, a made-up code that is answered invalid_grant is
/// all that can prove the credentials. Then a server that says it to everything fails where another
/// answer is due, and passes where that one is.
#[test]
fn without_a_grant_a_made_up_code_is_the_control() {
    let server = always(|_| error("400 Bad Request", "invalid_grant"));
    let text = config(&server.url(), "").replace(
        "\"refresh_token\", \"client_credentials\"",
        "\"refresh_token\"",
    );
    let judged = Judged::run(&text, &[]);
    judged.ends_with(1);
    let failed = judged.failed();
    assert!(
        failed.iter().any(|id| id.contains("wrong-secret")),
        "{failed:?}"
    );
    for case in judged.sending().filter(|case| case["verdict"] == "passed") {
        for check in case["checks"].as_array().expect("checks") {
            let expected = text_of(check, "expected");
            let another =
                expected.contains("error=inv") && !expected.contains("error=invalid_grant");
            assert!(!another, "{}: {expected}", case["id"]);
        }
    }
    // The same configuration where that control fails.
    let server = always(|_| error("400 Bad Request", "invalid_request"));
    let text = config(&server.url(), "").replace(
        "\"refresh_token\", \"client_credentials\"",
        "\"refresh_token\"",
    );
    let judged = Judged::run(&text, &[]);
    judged.all_errored(&["400 invalid_request", "got 400 with error=invalid_request"]);
    judged.ends_with(3);
}

#[test]
fn where_every_request_is_refused_nothing_is_shown() {
    let server = always(|_| error("400 Bad Request", "invalid_request"));
    for text in configs(&server.url()) {
        let judged = Judged::run(&text, &[]);
        judged.all_errored(&["400 invalid_request", "got 400 with error=invalid_request"]);
        judged.ends_with(3);
    }
}

#[test]
fn a_server_error_refuses_nothing() {
    let server = always(|_| {
        let html = [("content-type", "text/html")];
        reply(
            "500 Internal Server Error",
            &html,
            "<h1>Internal Server Error</h1>",
        )
    });
    for text in configs(&server.url()) {
        let judged = Judged::run(&text, &[]);
        judged.all_errored(&["500 without an error code", "got 500 with a body"]);
        judged.ends_with(3);
    }
}

#[test]
fn an_empty_answer_grants_nothing() {
    let server = always(|_| reply("200 OK", &[], ""));
    for text in configs(&server.url()) {
        let judged = Judged::run(&text, &[]);
        judged.all_errored(&["200 without a body"]);
        judged.ends_with(3);
    }
}

/// A gateway that wants a login: the redirect is not followed.
#[test]
fn a_redirect_is_neither_followed_nor_a_refusal() {
    let server = always(|request| {
        assert!(!request.is_to("/login"), "the redirect was followed");
        reply("302 Found", &[("location", "/login")], "")
    });
    for text in configs(&server.url()) {
        let judged = Judged::run(&text, &[]);
        judged.all_errored(&["302 without a body"]);
        judged.ends_with(3);
    }
    assert!(server.seen().iter().all(|request| !request.is_to("/login")));
}

/// The likeliest mistake of all: the configuration has another secret than the server.
#[test]
fn with_a_wrong_secret_nothing_is_shown() {
    let served = Served::start(&[]);
    let text = served.config.replace("secret = \"", "secret = \"another-");
    let judged = Judged::run(&text, &[]);
    judged.ends_with(3);
    for case in judged.sending() {
        // A public client, or one with a key, has no secret that could be wrong.
        let exchanges = case["exchanges"].to_string();
        let by_secret = case["id"].to_string().contains("client_secret_jwt");
        let public = exchanges.contains("{{public.id}}")
            || exchanges.contains("client_assertion") && !by_secret;
        let reason = case["reason"].as_str().unwrap_or("no reason");
        assert!(
            public || case["verdict"] == "errored",
            "{}: {}",
            case["id"],
            case["verdict"]
        );
        assert!(
            public || reason.contains("invalid_client"),
            "{}: {reason}",
            case["id"]
        );
    }
    assert!(
        judged.summary["errored"].as_u64() > Some(80),
        "{}",
        judged.summary
    );
    assert_eq!(judged.summary["failed"], 0);
}
