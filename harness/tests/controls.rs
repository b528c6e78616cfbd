//! A refusal means something only where the unchanged request succeeds: against servers that
//! refuse, break or redirect everything, what rests on a control is errored with the cause, and
//! never passed.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use serde_json::Value;
use support::http::{Request, Server, code, config, dead_port, error, reply};
use support::served::Served;
use support::{Ran, Sandbox};

const LOGIN: &str = "[target.staging.login]\nvia = \"auto\"\n";

/// What came of a run on all cases.
struct Judged {
    ran: Ran,
    cases: Vec<Value>,
    summary: Value,
}

impl Judged {
    fn run(text: &str, arguments: &[&str]) -> Self {
        let sandbox = Sandbox::new();
        sandbox.write("tokenspec.toml", text);
        let mut all = vec!["run", "--report-dir", "reports"];
        all.extend(arguments);
        let ran = sandbox.tokenspec(&all);
        let report = sandbox.json("reports/report.json");
        Self {
            ran,
            cases: report["cases"].as_array().expect("cases").clone(),
            summary: report["summary"].clone(),
        }
    }

    /// The trials that asked for a code or a token, or should have.
    fn sending(&self) -> impl Iterator<Item = &Value> {
        // Over all responses, a check says what it sees; and a look at the target asks for nothing.
        self.cases.iter().filter(|case| {
            let over_all = text(&case["suite"]).ends_with("every_response");
            let exchanges = case["exchanges"].as_array().expect("exchanges");
            let asked = exchanges.iter().any(|exchange| {
                let url = text(&exchange["request"]["url"]);
                exchange["step"] == "authorize" || url.contains("/token")
            });
            !over_all && (asked || case["verdict"] == "errored")
        })
    }

    /// All that was sent rests on a control that failed, and so is errored; the reason says why.
    fn all_errored(&self, cause: &[&str]) {
        let mut errored = 0;
        for case in self.sending() {
            let reason = case["reason"].as_str().unwrap_or("no reason");
            assert_eq!(case["verdict"], "errored", "{}: {reason}", case["id"]);
            let named = cause.iter().any(|words| reason.contains(words));
            assert!(
                named,
                "{} does not name the cause {cause:?}: {reason}",
                case["id"]
            );
            errored += 1;
        }
        assert!(
            errored > 40,
            "only {errored} trials were errored: {}",
            self.summary
        );
    }

    /// 3, or 1 where the answers that were seen break a sentence by themselves.
    fn ends_with(&self, status: i32) {
        assert_eq!(
            self.ran.status,
            status,
            "{}\n{}",
            self.summary,
            self.ran.all()
        );
    }

    fn failed(&self) -> Vec<&str> {
        let failed = self.cases.iter().filter(|case| case["verdict"] == "failed");
        failed.map(|case| text(&case["id"])).collect()
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

/// A server whose authorization endpoint gives codes, and whose other endpoints all answer alike.
fn always(answer: impl Fn(&Request) -> Vec<u8> + Send + Sync + 'static) -> Server {
    Server::start(move |request| {
        if request.is_to("/authorize") {
            code(request, "a-code-that-was-given")
        } else {
            answer(request)
        }
    })
}

/// With a login and without; everything can be got in the one, client credentials in the other.
fn configs(url: &str) -> [String; 2] {
    [config(url, "") + LOGIN, config(url, "")]
}

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

fn text_of<'v>(check: &'v Value, key: &str) -> &'v str {
    text(&check[key])
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

/// The likeliest mistake of all: the configuration has another secret than the server.
#[test]
fn with_a_wrong_secret_nothing_is_shown() {
    let served = Served::start(&[]);
    let text = served.config.replace("secret = \"", "secret = \"another-");
    let judged = Judged::run(&text, &[]);
    judged.ends_with(3);
    for case in judged.sending() {
        // A public client has no secret that could be wrong.
        let public = case["exchanges"].to_string().contains("{{public.id}}");
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
