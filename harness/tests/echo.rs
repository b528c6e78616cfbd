//! A server that echoes, and the search itself: what is planted is found, and what was masked is not.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD as BASE64, URL_SAFE_NO_PAD};
use support::Sandbox;
use support::http::{Request, Server, code, config, json};
use support::left::Left;
use support::search::{Secrets, base64, form};

/// The server, a folder with a configuration of it, and what may be shown nowhere.
fn echo() -> (Server, Sandbox, Secrets) {
    let clients = [
        ("main", "a.b", "s3cr"),
        (
            "other",
            "https://app.example/?id=1&x=\"y\"",
            "p%c3 <&>'\"\\ss+word/ü",
        ),
    ];
    let echo = Server::start(|request| match request.path.split('?').next() {
        Some("/authorize") => code(request, "c0de-that-was-given"),
        _ => echoed(request),
    });
    let sandbox = Sandbox::new();
    let mut text = config(&echo.url(), "");
    let mut secrets = Secrets::default();
    for (name, id, secret) in clients {
        let quote = |text: &str| serde_json::to_string(text).expect("a string");
        text = text
            .replace(&format!("\"{name}-id\""), &quote(id))
            .replace(&format!("\"{name}-secret-of-a-test\""), &quote(secret));
        secrets.client(name, id, Some(secret));
    }
    text.push_str("[target.staging.login]\nvia = \"auto\"\n");
    sandbox.write("tokenspec.toml", &text);
    secrets.add("code", "c0de-that-was-given");
    (echo, sandbox, secrets)
}

/// A server that sends back all that it was sent, in every encoding; and clients whose credentials
/// are short, or have characters that each format writes in another way.
#[test]
fn a_server_that_echoes_shows_none() {
    let (_echo, sandbox, secrets) = echo();
    // A case of a vendor's own that is skipped with a reason that quotes the answer.
    sandbox.write("mine/token_endpoint/quotes.toml", QUOTES);
    for format in ["pretty", "json"] {
        let left = Left::behind(&sandbox, &["--format", format, "--cases", "mine"]);
        assert!([1, 3].contains(&left.ran.status), "{}", left.ran.all());
        assert_eq!(left.shows(&secrets), [""; 0]);
    }
}

/// What looks at the configuration before a run shows what is answered too.
#[test]
fn doctor_shows_none() {
    let (_echo, sandbox, secrets) = echo();
    let ran = sandbox.tokenspec(&["doctor"]);
    // It did ask, and shows what it was answered.
    assert_eq!(ran.status, 3, "{}", ran.all());
    assert!(ran.out.contains("invalid_request"), "{}", ran.all());
    let texts = [
        ("stdout", ran.out.as_bytes()),
        ("stderr", ran.err.as_bytes()),
    ];
    assert_eq!(secrets.found_in(texts), [""; 0], "{}", ran.all());
}

const QUOTES: &str = r#"
title    = "Reasons that quote an answer"
document = "rfc6749"

[[case]]
id    = "does-not-apply"
title = "the case does not apply"
start = "client_credentials"

[[case.step]]
name = "first"
[[case.step.expect]]
applies-if = true
any-of     = [{ status = 200, json.error_description = "{{client.secret}}" }]

[[case.step]]
name = "second"
[[case.step.expect]]
requirement = "5.2-error-required"
refused     = true

[[case]]
id    = "precondition"
title = "a precondition does not hold"
start = "client_credentials"

[[case.step]]
name = "first"
[[case.step.expect]]
any-of = [{ status = 200, json.error_description = "{{client.secret}}" }]

[[case.step]]
name = "second"
[[case.step.expect]]
requirement = "5.2-error-required"
refused     = true
"#;

fn echoed(request: &Request) -> Vec<u8> {
    let sent = request.form();
    let authorization = request
        .header("authorization")
        .unwrap_or_default()
        .to_owned();
    let plain = percent_encoding::percent_decode_str(&sent.replace('+', " "))
        .decode_utf8_lossy()
        .into_owned();
    let all = [
        sent.clone(),
        plain.clone(),
        authorization.clone(),
        form(plain.as_bytes()),
        BASE64.encode(&sent),
        URL_SAFE_NO_PAD.encode(&sent),
        BASE64.encode(format!("x{plain}")),
        BASE64.encode(BASE64.encode(format!("xy{plain}"))),
    ]
    .join(" | ");
    let body = serde_json::to_string(&all).expect("JSON");
    let header: String = all
        .chars()
        .filter(|c| c.is_ascii() && !c.is_ascii_control())
        .collect();
    let mut answer = json(
        "400 Bad Request",
        &format!("{{\"error\":\"invalid_request\",\"error_description\":{body}}}"),
    );
    let place = answer
        .windows(2)
        .position(|two| two == b"\r\n")
        .expect("a status line")
        + 2;
    answer.splice(place..place, format!("x-echo: {header}\r\n").into_bytes());
    answer
}

/// The search finds what is planted, in each encoding: so the tests above can fail.
#[test]
fn the_search_finds_what_is_planted() {
    let id = "a-client/1";
    let secret = "p%c3ss+word: with & and = \"/\"";
    let token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1c2VyLTEifQ.c2lnbmF0dXJlLW9mLWEtdGVzdA";
    let mut secrets = Secrets::default();
    secrets.client("main", id, Some(secret));
    secrets.add("access_token", token);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let basic = |id: &str, secret: &str| text(&base64(format!("{id}:{secret}").as_bytes(), 0)[0]);
    let mut planted = vec![
        format!("id={id}."),
        secret.to_owned(),
        form(secret.as_bytes()),
        form(secret.as_bytes()).to_lowercase(),
        form(secret.as_bytes()).replace('+', "%20"),
        serde_json::to_string(secret).expect("JSON"),
        secret.replace('&', "&amp;").replace('"', "&quot;"),
        basic(id, secret),
        basic(&form(id.as_bytes()), &form(secret.as_bytes())),
        basic(id, "wrong"),
        basic("somebody-else", secret),
        token.to_owned(),
        token[..30].to_owned(),
        token[token.len() - 30..].to_owned(),
    ];
    for value in [id, secret, token] {
        for before in ["", "x", "xx"] {
            for alphabet in base64(format!("{before}{value}xyz").as_bytes(), 0) {
                planted.push(text(&alphabet));
            }
        }
    }
    for text in &planted {
        let around = format!("before {text} after");
        let found = secrets.found_in([("it", around.as_bytes())]);
        assert!(!found.is_empty(), "not found: {text}");
    }
    let harmless =
        "client_id={{client.id}}&code={{start.code}} Basic {{Base64 of client.id:client.secret}}";
    assert_eq!(secrets.found_in([("it", harmless.as_bytes())]), [""; 0]);
    let traffic = [
        b"HTTP/1.1 200 OK\r\nset-cookie: session=abcdef; Path=/\r\n\r\n{\"access_token\":\"token-1\",\"id_token\":\"token-2\"}".to_vec(),
        b"HTTP/1.1 302 Found\r\nlocation: https://c.example/cb?state=s&code=c0de%2F1\r\n\r\n".to_vec(),
    ];
    let mut issued = Secrets::default();
    issued.traffic(&traffic);
    for (what, value) in [
        ("cookie", "abcdef"),
        ("access_token", "token-1"),
        ("id_token", "token-2"),
        ("code", "c0de/1"),
    ] {
        assert_eq!(issued.count(what), 1, "{what}");
        assert!(
            !issued.found_in([("it", value.as_bytes())]).is_empty(),
            "{what}"
        );
    }
}
