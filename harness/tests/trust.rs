//! Where credentials go: to the endpoints of the configuration, to those of the metadata on the
//! issuer's own origin, and to others only where the configuration says so. And what a secret has to
//! be like.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use support::Sandbox;
use support::http::{Counter, Request, Server, config, json as members, reply};

const TRIALS: [&str; 4] = [
    "client_credentials/grant/*",
    "introspection/*",
    "--report-dir",
    "out",
];
const TOKEN: &str =
    r#"{"access_token":"a-token-of-a-test","token_type":"Bearer","expires_in":60,"scope":"read"}"#;

/// An issuer whose metadata has these endpoints, and which gives tokens.
fn issuer(endpoints: Value) -> Server {
    Server::start(move |request| {
        if request.path.starts_with("/.well-known/openid") {
            let mut all = endpoints.clone();
            all["issuer"] = format!("http://{}", request.header("host").unwrap_or_default()).into();
            members("200 OK", &all.to_string())
        } else if request.is_to("/token") {
            members("200 OK", TOKEN)
        } else {
            reply("404 Not Found", &[], "")
        }
    })
}

/// A configuration that names the issuer, and what else is said of it.
fn text(url: &str, more: &str) -> String {
    let whole = config(url, "");
    let (_, clients) = whole.split_once("[[").expect("clients");
    format!("[target.staging]\nprofile = [\"oauth2\"]\nissuer = \"{url}\"\n{more}\n[[{clients}")
}

/// A run: its status, all that was printed, and the report.
fn run(text: &str) -> (i32, String, Value) {
    let sandbox = Sandbox::new();
    sandbox.write("tokenspec.toml", text);
    let mut arguments = vec!["run"];
    arguments.extend(TRIALS);
    let ran = sandbox.tokenspec(&arguments);
    assert!(ran.status != 2, "{}", ran.all());
    (ran.status, ran.all(), sandbox.json("out/report.json"))
}

fn reasons(report: &Value) -> Vec<&str> {
    let cases = report["cases"].as_array().expect("cases");
    let errored = cases.iter().filter(|case| case["verdict"] == "errored");
    errored
        .map(|case| case["reason"].as_str().expect("a reason"))
        .collect()
}

fn passed(report: &Value) -> u64 {
    report["summary"]["passed"].as_u64().expect("a number")
}

/// Whether a client's secret or a token is in it.
fn has_credentials(request: &Request) -> bool {
    request.header("authorization").is_some() || request.form().contains("secret")
}

#[test]
fn endpoints_on_another_origin_get_nothing() {
    let elsewhere = Counter::start();
    let url = elsewhere.url();
    let issuer = issuer(json!({
        "token_endpoint": format!("{url}/token"),
        "jwks_uri": format!("{url}/jwks"),
        "introspection_endpoint": format!("{url}/introspect"),
    }));
    let (status, printed, report) = run(&text(&issuer.url(), ""));
    assert_eq!(status, 3, "{printed}");
    assert_eq!(elsewhere.connections(), 0, "{printed}");
    assert!(!issuer.seen().iter().any(has_credentials), "{printed}");
    let remedy = format!("trust-endpoints-on = [\"{url}\"]");
    let reasons = reasons(&report);
    assert!(!reasons.is_empty(), "{printed}");
    for reason in reasons {
        assert!(
            reason.contains("token_endpoint") && reason.contains(&remedy),
            "{reason}"
        );
    }
    assert_eq!(passed(&report), 0, "{printed}");
}

#[test]
fn the_word_in_the_configuration_lets_them_have_it() {
    let elsewhere = Server::start(|_| members("200 OK", TOKEN));
    let issuer = issuer(json!({ "token_endpoint": format!("{}/token", elsewhere.url()) }));
    let word = format!("trust-endpoints-on = [\"{}\"]", elsewhere.url());
    let (_, printed, report) = run(&text(&issuer.url(), &word));
    assert!(elsewhere.seen().iter().any(has_credentials), "{printed}");
    assert!(!issuer.seen().iter().any(has_credentials), "{printed}");
    assert!(passed(&report) > 0, "{printed}");
}

/// Another port, host or scheme is another origin; a path is not.
#[test]
fn the_word_is_for_one_origin() {
    let elsewhere = Counter::start();
    let issuer = issuer(json!({ "token_endpoint": format!("{}/token", elsewhere.url()) }));
    let url = elsewhere.url();
    let port = url.rsplit(':').next().expect("a port");
    for other in [
        format!("http://localhost:{port}"),
        format!("https://127.0.0.1:{port}"),
        "http://127.0.0.1".to_owned(),
        issuer.url(),
    ] {
        let word = format!("trust-endpoints-on = [\"{other}\"]");
        let (status, printed, _) = run(&text(&issuer.url(), &word));
        assert_eq!(status, 3, "{other}: {printed}");
        assert_eq!(elsewhere.connections(), 0, "{other}: {printed}");
    }
}

/// What the configuration names by hand is the configuration's word already, and the metadata does not
/// change it.
#[test]
fn an_endpoint_of_the_configuration_is_used_wherever_it_lies() {
    let (named, elsewhere) = (
        Server::start(|_| members("200 OK", TOKEN)),
        Counter::start(),
    );
    let issuer = issuer(json!({ "token_endpoint": format!("{}/token", elsewhere.url()) }));
    let more = format!("token-endpoint = \"{}/token\"", named.url());
    let (_, printed, report) = run(&text(&issuer.url(), &more));
    assert!(named.seen().iter().any(has_credentials), "{printed}");
    assert_eq!(elsewhere.connections(), 0, "{printed}");
    assert!(passed(&report) > 0, "{printed}");
}

/// One endpoint is at home, another elsewhere: the first is used, and the second is told.
#[test]
fn cases_that_need_one_elsewhere_are_errored_and_the_others_run() {
    let elsewhere = Counter::start();
    let issuer = Server::start({
        let away = elsewhere.url();
        move |request| {
            let own = format!("http://{}", request.header("host").unwrap_or_default());
            if request.path.starts_with("/.well-known/openid") {
                let all = json!({ "issuer": own, "token_endpoint": format!("{own}/token"),
                                  "introspection_endpoint": format!("{away}/introspect") });
                members("200 OK", &all.to_string())
            } else if request.is_to("/token") {
                members("200 OK", TOKEN)
            } else {
                reply("404 Not Found", &[], "")
            }
        }
    });
    let (_, printed, report) = run(&text(&issuer.url(), ""));
    assert!(passed(&report) > 0, "{printed}");
    assert_eq!(elsewhere.connections(), 0, "{printed}");
    let told = reasons(&report);
    assert!(
        told.iter()
            .any(|reason| reason.contains("introspection_endpoint")),
        "{told:?}\n{printed}"
    );
}

/// `doctor` keeps to the same rule, and says which word is missing.
#[test]
fn doctor_sends_nothing_elsewhere_and_names_the_word() {
    let elsewhere = Counter::start();
    let issuer = issuer(json!({ "token_endpoint": format!("{}/token", elsewhere.url()) }));
    let sandbox = Sandbox::new();
    sandbox.write("tokenspec.toml", &text(&issuer.url(), ""));
    let doctor = sandbox.tokenspec(&["doctor"]);
    assert_eq!(doctor.status, 3, "{}", doctor.all());
    assert_eq!(elsewhere.connections(), 0, "{}", doctor.all());
    let word = format!("trust-endpoints-on = [\"{}\"]", elsewhere.url());
    assert!(doctor.out.contains(&word), "{}", doctor.all());
}

/// A redirect is not followed with credentials, wherever it leads.
#[test]
fn a_redirect_carries_nothing_away() {
    let elsewhere = Counter::start();
    let away = format!("{}/token", elsewhere.url());
    let seen = Arc::new(Mutex::new(0));
    let server = Server::start({
        let seen = Arc::clone(&seen);
        move |_| {
            *seen.lock().expect("the count") += 1;
            reply("307 Temporary Redirect", &[("location", &away)], "")
        }
    });
    let (_, printed, _) = run(&config(&server.url(), ""));
    assert!(*seen.lock().expect("the count") > 0, "{printed}");
    assert_eq!(elsewhere.connections(), 0, "{printed}");
}

/// What is shorter stands everywhere, and cannot be masked.
#[test]
fn a_secret_shorter_than_four_characters_is_refused_with_the_reason() {
    let server = Counter::start();
    let url = server.url();
    let login = "[target.staging.login]\nvia = \"form\"\nusername = \"somebody\"\n";
    let user = "[target.staging.user]\nusername = \"somebody\"\n";
    let second =
        "[target.staging.login.second-user]\nusername = \"other\"\npassword = \"SECRET\"\n";
    for (short, long, text) in [
        (
            "abc",
            "abcd",
            config(&url, "").replace("main-secret-of-a-test", "SECRET"),
        ),
        // Characters, not bytes.
        (
            "ääö",
            "ääöü",
            config(&url, "").replace("main-secret-of-a-test", "SECRET"),
        ),
        (
            "",
            "abcd",
            config(&url, "").replace("main-secret-of-a-test", "SECRET"),
        ),
        (
            "abc",
            "abcd",
            config(&url, "").replace("main-secret-of-a-test", "${SECRET}"),
        ),
        (
            "abc",
            "abcd",
            format!("{}{login}password = \"SECRET\"\n", config(&url, "")),
        ),
        (
            "abc",
            "abcd",
            format!("{}{user}password = \"SECRET\"\n", config(&url, "")),
        ),
        (
            "abc",
            "abcd",
            format!(
                "{}{login}password = \"long enough\"\n{second}",
                config(&url, "")
            ),
        ),
    ] {
        for (secret, refused) in [(short, true), (long, false)] {
            let sandbox = Sandbox::new();
            let from_environment = text.contains("${SECRET}");
            let written = if from_environment {
                text.clone()
            } else {
                text.replace("SECRET", secret)
            };
            sandbox.write("tokenspec.toml", &written);
            let mut command = sandbox.command(&["run", "client_credentials/grant/*", "--plan"]);
            command.env("SECRET", secret);
            let ran = support::ran(command);
            if refused {
                assert_eq!(ran.status, 2, "{secret}: {}", ran.all());
                assert!(
                    ran.err.contains("short-secret")
                        && ran.err.contains("fewer than 4 characters")
                        && ran.err.contains("it stands everywhere"),
                    "{secret}: {}",
                    ran.all()
                );
            } else {
                assert_eq!(ran.status, 0, "{secret}: {}", ran.all());
            }
        }
    }
    assert_eq!(server.connections(), 0);
}
