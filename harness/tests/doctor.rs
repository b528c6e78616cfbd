//! `tokenspec doctor`: what it proves, and what it says of what it cannot prove.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use support::http::{Counter, Request, Server, config, dead_port, error, json, reply};
use support::served::Served;
use support::{Ran, Sandbox};

const MAIN_SECRET: &str = "main-client-secret-6bcf1f0a9d0f4c56";

/// Runs it on a configuration.
fn doctor(text: &str) -> Ran {
    let sandbox = Sandbox::new();
    sandbox.write("tokenspec.toml", text);
    let ran = sandbox.tokenspec(&["doctor"]);
    assert_eq!(sandbox.files("").len(), 1, "something was written");
    ran
}

/// The lines with this mark.
fn marked<'r>(ran: &'r Ran, mark: &str) -> Vec<&'r str> {
    ran.out
        .lines()
        .filter_map(|line| line.strip_prefix("  ")?.strip_prefix(mark))
        .map(str::trim)
        .collect()
}

/// The crosses; each has a remedy in the line below.
fn crosses(ran: &Ran) -> Vec<&str> {
    let lines: Vec<&str> = ran.out.lines().collect();
    for (at, line) in lines.iter().enumerate() {
        if line.starts_with("  ✘") {
            let below = lines.get(at + 1).copied().unwrap_or_default();
            assert!(below.starts_with("      remedy: "), "{}", ran.all());
        }
    }
    marked(ran, "✘")
}

fn all_ticked(ran: &Ran) {
    assert_eq!(ran.status, 0, "{}", ran.all());
    for mark in ["✘", "!"] {
        assert!(marked(ran, mark).is_empty(), "{}", ran.all());
    }
    assert!(!ran.out.contains(": skipped, "), "{}", ran.all());
    assert_eq!(ran.err, "");
}

fn one_cross<'r>(ran: &'r Ran, words: &[&str]) -> &'r str {
    assert_eq!(ran.status, 3, "{}", ran.all());
    let crosses = crosses(ran);
    assert_eq!(crosses.len(), 1, "{}", ran.all());
    for word in words {
        assert!(ran.out.contains(word), "`{word}` is not in {}", ran.all());
    }
    crosses[0]
}

#[test]
fn on_the_embedded_reference_all_is_ticked() {
    let sandbox = Sandbox::new();
    let ran = sandbox.tokenspec(&["doctor"]);
    all_ticked(&ran);
    for step in [
        "configuration",
        "DNS: ",
        "TCP: ",
        "metadata: ",
        "key set: 3: kid ",
        "client main",
        "client_secret_post: client_credentials gives a token",
        "client limited",
        "client_secret_basic: a made-up code is refused for itself",
        "redirect URI https://client.example/other: accepted",
        "login and code: ",
        "exchange: the code gives access_token, refresh_token, id_token",
        "refresh: ",
        "introspection: ",
        "userinfo: answers a user's token",
        "clock: ",
        "next: tokenspec run\n",
    ] {
        assert!(ran.out.contains(step), "`{step}` is not in {}", ran.all());
    }
    for secret in [MAIN_SECRET, "eyJ"] {
        assert!(!ran.out.contains(secret), "{}", ran.all());
    }
}

#[test]
fn so_it_is_with_a_configuration_for_it() {
    for personality in ["standard", "ciam"] {
        let served = Served::start(&["--personality", personality]);
        let sandbox = Sandbox::new();
        sandbox.write("served.toml", &served.config);
        let ran = sandbox.tokenspec(&["doctor", "--config", "served.toml", "--target", "local"]);
        all_ticked(&ran);
        let next = "next: tokenspec run --config served.toml --target local\n";
        assert!(ran.out.ends_with(next), "{}", ran.all());
    }
}

/// The causes and remedies, one fault of the configuration each.
#[test]
fn a_wrong_secret_is_told_with_its_remedy() {
    let served = Served::start(&[]);
    let wrong = "wrong-secret-that-nobody-may-see";
    let ran = doctor(&served.config.replace(MAIN_SECRET, wrong));
    assert_eq!(ran.status, 3, "{}", ran.all());
    let crosses = crosses(&ran);
    assert_eq!(crosses.len(), 2, "both methods: {}", ran.all());
    for (cross, method) in crosses
        .iter()
        .zip(["client_secret_basic", "client_secret_post"])
    {
        assert!(
            cross.starts_with(&format!("{method}: ")) && cross.contains("401 invalid_client"),
            "{cross}"
        );
    }
    assert!(
        ran.out
            .contains("remedy: look at `id` and `secret` of `main`"),
        "{}",
        ran.all()
    );
    assert!(
        ran.out
            .contains("redirect URI, code, exchange: skipped, since the client's authentication"),
        "{}",
        ran.all()
    );
    assert!(!ran.all().contains(wrong), "{}", ran.all());
    // The others are not concerned.
    assert!(
        marked(&ran, "✔")
            .iter()
            .any(|line| line.starts_with("login and code"))
    );
}

#[test]
fn a_wrong_redirect_uri_is_told_with_its_remedy() {
    let served = Served::start(&[]);
    let ran = doctor(&served.config.replace(
        "https://single.example/callback",
        "https://single.example/wrong",
    ));
    let cross = one_cross(
        &ran,
        &[
            "register exactly this redirect URI",
            "login, code, exchange: skipped, since the redirect URI",
        ],
    );
    assert!(
        cross.starts_with("redirect URI https://single.example/wrong: "),
        "{cross}"
    );
    assert!(cross.contains("400"), "{cross}");
}

#[test]
fn a_scope_that_the_client_may_not_have_is_told() {
    let served = Served::start(&[]);
    let ran = doctor(&served.config.replacen(
        "client-credentials-scope = \"read\"",
        "client-credentials-scope = \"everything\"",
        1,
    ));
    assert_eq!(ran.status, 3, "{}", ran.all());
    assert_eq!(crosses(&ran).len(), 2, "{}", ran.all());
    assert!(ran.out.contains("invalid_scope"), "{}", ran.all());
    assert!(
        ran.out
            .contains("say in `client-credentials-scope` of `main`"),
        "{}",
        ran.all()
    );
    // It was recognized all the same.
    assert!(
        !ran.out.contains("authentication is not proved"),
        "{}",
        ran.all()
    );
}

#[test]
fn a_grant_that_the_client_does_not_have_is_told() {
    let served = Served::start(&[]);
    // The first client without the grant; a client of one signing algorithm has it as little.
    let ran = doctor(&served.config.replacen(
        "grants = [\"authorization_code\"]",
        "grants = [\"authorization_code\", \"refresh_token\"]",
        1,
    ));
    let cross = one_cross(&ran, &["take refresh_token out of `grants`"]);
    assert!(cross.starts_with("refresh: "), "{cross}");
    let before = ran.out.split(cross).next().unwrap_or_default();
    let client = before.lines().rfind(|line| line.starts_with("client "));
    assert_eq!(client, Some("client limited"), "{}", ran.all());
}

#[test]
fn without_a_login_what_needs_none_is_proved() {
    let served = Served::start(&[]);
    let text = served
        .config
        .split("[target.local.login]")
        .next()
        .expect("what stands before the login")
        .to_owned();
    let ran = doctor(&text);
    all_ticked(&ran);
    assert!(
        ran.out.contains("codes: the target has no `login`"),
        "{}",
        ran.all()
    );
    assert!(
        ran.out.contains("userinfo: answers 401 without a token"),
        "{}",
        ran.all()
    );
}

#[test]
fn a_dead_port_is_told_and_all_behind_it_is_skipped() {
    let ran = doctor(&config(&dead_port(), ""));
    let cross = one_cross(
        &ran,
        &[
            "remedy: look at the port",
            "key set: skipped, since",
            "client_secret_post: skipped, since",
        ],
    );
    assert!(
        cross.starts_with("TCP: 127.0.0.1:") && cross.contains("refused"),
        "{cross}"
    );
}

#[test]
fn a_port_without_tls_is_told() {
    let server = Server::start(|_| reply("404 Not Found", &[], ""));
    let ran = doctor(&config(&server.url().replace("http://", "https://"), ""));
    let cross = one_cross(&ran, &["remedy: look at scheme and port"]);
    assert!(cross.starts_with("TLS: 127.0.0.1:"), "{cross}");
}

#[test]
fn another_issuer_is_told() {
    let served = Served::start(&[]);
    let slash = format!("issuer = \"{}/\"", served.url);
    let text = served
        .config
        .replace(&format!("issuer = \"{}\"", served.url), &slash);
    let ran = doctor(&text);
    let cross = one_cross(&ran, &["RFC 8414 section 3.3"]);
    assert!(cross.starts_with("metadata: "), "{cross}");
    assert!(
        cross.contains(&format!("`{}`", served.url))
            && cross.contains(&format!("`{}/`", served.url)),
        "{cross}"
    );
}

#[test]
fn what_is_wrong_with_the_file_is_told_and_nothing_is_sent() {
    let listener = Counter::start();
    let text = listener
        .config()
        .replace("\"main-secret-of-a-test\"", "\"${UNSET_VARIABLE}\"");
    let ran = doctor(&text);
    assert_eq!(ran.status, 2, "{}", ran.all());
    assert!(
        ran.out.contains("everything else: skipped"),
        "{}",
        ran.all()
    );
    assert!(
        ran.err
            .contains("the environment variable UNSET_VARIABLE is not set"),
        "{}",
        ran.err
    );
    assert!(ran.err.contains("export UNSET_VARIABLE="), "{}", ran.err);
    let ran = doctor(&listener.config().replace("\"oauth2\"", "\"oauth3\""));
    assert_eq!(ran.status, 2, "{}", ran.all());
    assert!(ran.err.contains("oauth3"), "{}", ran.err);
    let ran = Sandbox::new().tokenspec(&["doctor", "--target", "staging"]);
    assert_eq!(ran.status, 2, "{}", ran.all());
    assert_eq!(listener.connections(), 0);
}

/// A server whose answers have this date; all is right else.
fn dated(date: &'static str) -> Server {
    Server::start(move |request: &Request| {
        let headers = [("content-type", "application/json"), ("date", date)];
        if request.is_to("/authorize") {
            return reply("200 OK", &headers, "<title>Log in</title>");
        }
        if request.is_to("/token") {
            let body = "{\"access_token\":\"a-token-of-a-test\",\"token_type\":\"Bearer\"}";
            return reply("200 OK", &headers, body);
        }
        if request.is_to("/introspect") {
            return reply("200 OK", &headers, "{\"active\":true}");
        }
        if request.is_to("/userinfo") {
            return reply("401 Unauthorized", &headers, "");
        }
        reply(
            "200 OK",
            &headers,
            "{\"keys\":[{\"kty\":\"EC\",\"kid\":\"one\"}]}",
        )
    })
}

#[test]
fn a_clock_that_is_wrong_is_told() {
    let server = dated("Sun, 06 Nov 1994 08:49:37 GMT");
    let ran = doctor(&config(&server.url(), ""));
    let cross = one_cross(&ran, &["remedy: set both clocks"]);
    assert!(
        cross.starts_with("clock: ") && cross.contains("behind ours"),
        "{cross}"
    );
    let ran = doctor(&config(&server.url(), "clock-skew = \"100years\"\n"));
    assert_eq!(ran.status, 0, "{}", ran.all());
    assert_eq!(marked(&ran, "!").len(), 1, "{}", ran.all());
    assert!(ran.out.contains("1 warning"), "{}", ran.all());
}

/// A login page where the configuration says that there is none.
#[test]
fn a_login_that_gives_no_code_is_told_with_its_remedy() {
    let server = dated("");
    let mut text = config(&server.url(), "");
    text.push_str("[target.staging.login]\nvia = \"auto\"\n");
    let ran = doctor(&text);
    assert_eq!(ran.status, 3, "{}", ran.all());
    let crosses = crosses(&ran);
    assert_eq!(crosses.len(), 2, "one for each client: {}", ran.all());
    for cross in crosses {
        assert!(cross.starts_with("login and code: "), "{cross}");
    }
    for words in [
        "redirect URI https://client.example/b: answered 200, a page «Log in»",
        "choose a `login.via` for login pages",
        "exchange: skipped, since there is no code",
        "clock: no answer had a Date",
    ] {
        assert!(ran.out.contains(words), "`{words}` is not in {}", ran.all());
    }
}

/// Words of a server stand in a line of their own, and move nothing on a terminal.
#[test]
fn words_of_the_server_are_shown_as_words() {
    let server = Server::start(|request| {
        if request.is_to("/token") {
            let body = "{\"error\":\"invalid_client\",\"error_description\":\"\\u001b[2Jfor main-secret-of-a-test\\n  ✔ all is well\"}";
            return json("401 Unauthorized", body);
        }
        error("404 Not Found", "nowhere")
    });
    let ran = doctor(&config(&server.url(), ""));
    assert_eq!(ran.status, 3, "{}", ran.all());
    assert!(
        !ran.out.contains('\u{1b}') && !ran.out.contains("main-secret-of-a-test"),
        "{}",
        ran.all()
    );
    assert!(!ran.out.contains("\n  ✔ all is well"), "{}", ran.all());
    assert!(ran.out.contains("for {{client.secret}}"), "{}", ran.all());
}

#[test]
fn a_run_whose_controls_fail_points_to_it_once() {
    let served = Served::start(&[]);
    let sandbox = Sandbox::new();
    sandbox.write(
        "mine.toml",
        &served.config.replace(MAIN_SECRET, "a-wrong-secret"),
    );
    let arguments = ["run", "--config", "mine.toml", "client_credentials/*"];
    let ran = sandbox.tokenspec(&arguments);
    assert_eq!(ran.status, 3, "{}", ran.all());
    let pointers: Vec<&str> = ran
        .out
        .lines()
        .filter(|line| line.ends_with("tokenspec doctor --config mine.toml"))
        .collect();
    assert_eq!(pointers.len(), 1, "{}", ran.all());
    sandbox.write("mine.toml", &served.config);
    let ran = sandbox.tokenspec(&arguments);
    assert_eq!(ran.status, 0, "{}", ran.all());
    assert!(!ran.all().contains("tokenspec doctor"), "{}", ran.all());
}
