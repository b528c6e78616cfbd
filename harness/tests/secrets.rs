//! Nothing that leaves the process shows a secret: no client id or secret, no code, no token, no
//! cookie, in no encoding.
//!
//! Everything is run, with failures, through a proxy that keeps what passes: so the tests know
//! which codes and tokens there were.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use aho_corasick::{AhoCorasick, MatchKind};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD as BASE64, URL_SAFE_NO_PAD};
use serde_json::Value;
use support::http::{Request, Server, code, config, json, reply};
use support::proxy::Recorder;
use support::search::{Secrets, base64, form};
use support::served::Served;
use support::{Ran, Sandbox};

/// A run, with all that it printed and wrote.
struct Left {
    ran: Ran,
    files: Vec<(String, Vec<u8>)>,
}

impl Left {
    fn behind(sandbox: &Sandbox, arguments: &[&str]) -> Self {
        let mut all = vec!["run", "--snapshots", "update", "--slow"];
        all.extend(arguments);
        let ran = sandbox.tokenspec(&all);
        let files = ["reports", "snapshots"]
            .iter()
            .flat_map(|folder| sandbox.files(folder))
            .map(|(path, bytes)| (path.display().to_string(), bytes))
            .collect();
        Self { ran, files }
    }

    /// The names that tokenspec itself gives: of trials, of requirements. The reference's identifiers
    /// are words that stand in some of them, `public-client` for one.
    fn own_names(&self) -> AhoCorasick {
        let is_report = |(name, _): &&(String, Vec<u8>)| name.ends_with("report.json");
        let (_, bytes) = self.files.iter().find(is_report).expect("a report");
        let report: Value = serde_json::from_slice(bytes).expect("JSON");
        let names = ["cases", "requirements"].into_iter().flat_map(|list| {
            let items = report[list].as_array().expect("a list").clone();
            items.into_iter().flat_map(|item| {
                let id = item["id"].as_str().expect("an id").to_owned();
                // As Markdown has it, too.
                [id.replace('_', "\\_"), id]
            })
        });
        AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(names)
            .expect("an automaton")
    }

    /// What of it shows a secret, at most the first ten.
    fn shows(&self, secrets: &Secrets) -> Vec<String> {
        let mut texts = vec![
            ("stdout", self.ran.out.clone()),
            ("stderr", self.ran.err.clone()),
        ];
        for (name, bytes) in &self.files {
            texts.push((name, String::from_utf8_lossy(bytes).into_owned()));
            // The name of a file is written too.
            texts.push(("a file's name", name.clone()));
        }
        let own = self.own_names();
        let blank = vec![""; own.patterns_len()];
        let texts: Vec<(&str, String)> = texts
            .into_iter()
            .map(|(name, text)| (name, own.replace_all(&text, &blank)))
            .collect();
        let texts = texts.iter().map(|(name, text)| (*name, text.as_bytes()));
        let mut found = secrets.found_in(texts);
        let count = found.len();
        found.truncate(10);
        if count > 10 {
            found.push(format!("and {} more", count - 10));
        }
        found
    }
}

/// Stands before the authorization endpoint of a server, as a login that needs cookies.
fn login(upstream: String) -> Server {
    Server::start(move |request| {
        let (_, query) = request.path.split_once('?').unwrap_or_default();
        if request.header("cookie").is_none() {
            let back = format!("/authorize?{query}");
            let cookie = "session=c00kie-of-the-login/with+signs; Path=/; HttpOnly";
            return reply(
                "302 Found",
                &[("location", &back), ("set-cookie", cookie)],
                "",
            );
        }
        forward(&upstream, query)
    })
}

/// What the authorization endpoint itself answers.
fn forward(upstream: &str, query: &str) -> Vec<u8> {
    use std::io::{Read as _, Write as _};
    let host = upstream.trim_start_matches("http://");
    let Ok(mut stream) = std::net::TcpStream::connect(host) else {
        return Vec::new();
    };
    let request =
        format!("GET /authorize?{query} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    let mut answer = Vec::new();
    let sent = stream.write_all(request.as_bytes());
    if sent.and_then(|()| stream.read_to_end(&mut answer)).is_err() {
        return Vec::new();
    }
    let text = String::from_utf8_lossy(&answer).replace("connection: close\r\n", "");
    text.into_bytes()
}

/// A run against `served` with every endpoint behind the recorder.
fn recorded(
    served: &Served,
    paths: [&str; 6],
    arguments: &[&str],
) -> (Left, Secrets, Vec<Vec<u8>>) {
    let recorder = Recorder::start(served.address());
    let login = login(recorder.url());
    let sandbox = Sandbox::new();
    let mut endpoints = String::new();
    for (key, path) in [
        ("token-endpoint", paths[0]),
        ("jwks-uri", paths[2]),
        ("introspection-endpoint", paths[3]),
        ("revocation-endpoint", paths[4]),
        ("userinfo-endpoint", paths[5]),
    ] {
        if !path.is_empty() {
            endpoints.push_str(&format!("{key} = \"{}{path}\"\n", recorder.url()));
        }
    }
    let before = if paths[1] == "/authorize" {
        login.url()
    } else {
        recorder.url()
    };
    endpoints.push_str(&format!(
        "authorization-endpoint = \"{before}{}\"\n",
        paths[1]
    ));
    let header = "[target.local]\n";
    assert!(served.config.contains(header));
    sandbox.write(
        "tokenspec.toml",
        &served
            .config
            .replacen(header, &format!("{header}{endpoints}"), 1),
    );
    let left = Left::behind(&sandbox, arguments);
    let traffic = recorder.traffic();
    let mut secrets = Secrets::default();
    secrets.config(&served.config);
    secrets.traffic(&traffic);
    secrets.add("cookie", "c00kie-of-the-login/with+signs");
    (left, secrets, traffic)
}

const STANDARD: [&str; 6] = [
    "/token",
    "/authorize",
    "/jwks",
    "/introspect",
    "/revoke",
    "/userinfo",
];
const CIAM: [&str; 6] = [
    "/oauth2/token",
    "/oauth2/authorize",
    "/oauth2/jwks",
    "",
    "/oauth2/revoke",
    "",
];

/// What was to be found in the traffic was found there, so that the search has something to do.
fn has_enough(secrets: &Secrets) {
    for (what, least) in [
        ("code", 20),
        ("access_token", 20),
        ("refresh_token", 5),
        ("id_token", 5),
        ("code_verifier", 5),
    ] {
        let count = secrets.count(what);
        assert!(count >= least, "only {count} times {what} in the traffic");
    }
}

#[test]
fn a_run_that_passes_shows_none() {
    let served = Served::start(&[]);
    for format in ["pretty", "json"] {
        let (left, secrets, traffic) = recorded(&served, STANDARD, &["--format", format]);
        assert_eq!(left.ran.status, 0, "{}", left.ran.all());
        has_enough(&secrets);
        assert_eq!(left.shows(&secrets), [""; 0]);
        // The traffic itself is full of them, and the search sees that.
        let traffic = traffic.iter().map(|bytes| ("traffic", bytes.as_slice()));
        assert!(secrets.found_in(traffic).len() > 100);
    }
}

#[test]
fn runs_with_failures_show_none() {
    for faults in [
        // Failures that print bodies with tokens, and echo what was sent.
        &[
            "any-secret-accepted",
            "code-reusable",
            "description-echoes-request",
            "error-has-token",
        ][..],
        &[
            "every-error-is-401",
            "token-type-missing",
            "expires-in-is-string",
            "query-credentials-accepted",
        ],
        &[
            "access-token-with-quotes",
            "refresh-token-of-foreign-characters",
            "success-labelled-html",
        ],
        &[
            "success-in-array",
            "error-is-html",
            "description-is-exception",
        ],
        &[
            "success-nested",
            "code-reveals-challenge",
            "unauthorized-without-challenge",
        ],
        &[
            "access-token-opaque-and-short",
            "short-code",
            "short-refresh-token",
            "success-is-a-form",
        ],
    ] {
        let arguments: Vec<&str> = faults.iter().flat_map(|fault| ["--fault", fault]).collect();
        let served = Served::start(&arguments);
        let (left, secrets, _) = recorded(&served, STANDARD, &[]);
        let status = left.ran.status;
        assert!([1, 3].contains(&status), "{faults:?}: {}", left.ran.all());
        assert_eq!(left.shows(&secrets), [""; 0], "{faults:?}");
    }
}

#[test]
fn the_other_personality_shows_none() {
    let served = Served::start(&[
        "--personality",
        "ciam",
        "--fault",
        "ciam-incorrect-code-is-401",
    ]);
    let (left, secrets, _) = recorded(&served, CIAM, &[]);
    assert_eq!(left.ran.status, 1, "{}", left.ran.all());
    has_enough(&secrets);
    assert_eq!(left.shows(&secrets), [""; 0]);
}

/// What `tokenspec serve` logs is for other people's terminals too.
#[test]
fn the_log_of_the_reference_shows_none() {
    let served = Served::start(&["--fault", "query-credentials-accepted"]);
    let (_, secrets, _) = recorded(&served, STANDARD, &[]);
    let log = served.log();
    assert!(log.contains("/token"), "{log}");
    assert_eq!(secrets.found_in([("log", log.as_bytes())]), [""; 0]);
}

/// A server that sends back all that it was sent, in every encoding; and clients whose credentials
/// are short, or have characters that each format writes in another way.
#[test]
fn a_server_that_echoes_shows_none() {
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
    // A case of a vendor's own that is skipped with a reason that quotes the answer.
    sandbox.write("mine/token_endpoint/quotes.toml", QUOTES);
    for format in ["pretty", "json"] {
        let left = Left::behind(&sandbox, &["--format", format, "--cases", "mine"]);
        assert!([1, 3].contains(&left.ran.status), "{}", left.ran.all());
        assert_eq!(left.shows(&secrets), [""; 0]);
    }
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
