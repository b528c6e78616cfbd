//! What is fuzzed: five readers of what others write, and the properties that hold for any bytes.
//!
//! The targets of cargo-fuzz and `harness/tests/corpus.rs` share this file, so that what the fuzzer
//! looks at is also looked at by `cargo test`, with a stable compiler.

#![forbid(unsafe_code)]
#![allow(
    clippy::expect_used,
    reason = "a property that does not hold is told by a panic"
)]

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use tokenspec::acquire::look;
use tokenspec::catalogue::{Catalogue, Deviation, Expectation, SourceFile, embedded};
use tokenspec::config::{Config, Login};
use tokenspec::judge::jwt::{is_encrypted, rsa_bits, verifies_with, verify};
use tokenspec::judge::{Aliveness, Keys, Response, Situation, applies, jwt::Jwt};
use tokenspec::outcome::{Observation, Verdict};
use tokenspec::secret::Secret;
use url::Url;

/// A target by its name.
pub type Target = (&'static str, fn(&[u8]));

/// All of them.
pub const TARGETS: &[Target] = &[
    ("case", case),
    ("configuration", configuration),
    ("judge", judge),
    ("jwt", jwt),
    ("login_form", login_form),
];

/// A case file, a profile and a document of somebody's own, read and linted. Every mistake has a
/// place in its file.
pub fn case(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let file = |path: &str, text: &str, shipped| SourceFile {
        path: path.to_owned(),
        shown: path.to_owned(),
        text: text.to_owned().into(),
        prepared: None,
        shipped,
    };
    for path in [
        "own/suite.toml",
        "profiles/own.toml",
        "requirements/own.toml",
    ] {
        let files = [
            file("requirements/doc.toml", DOCUMENT, true),
            file(path, text, false),
        ];
        if let Err(found) = Catalogue::read(&files, true) {
            assert!(!found.mistakes.is_empty(), "refused without a mistake");
            // What a user would see.
            assert!(!format!("{:?}", miette::Report::new(found)).is_empty());
        }
    }
}

/// A configuration, and each of its targets made ready.
pub fn configuration(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let Ok(config) = Config::parse("tokenspec.toml", text.to_owned(), PathBuf::from("."))
        .map_err(|error| assert!(!format!("{:?}", miette::Report::new(error)).is_empty()))
    else {
        return;
    };
    let names: Vec<String> = config.names().map(str::to_owned).collect();
    // What is secret cannot be printed, wherever it came from.
    let variable = |_: &str| Some("hidden-value-0123".to_owned());
    for name in names {
        if let Ok(target) = config.target(Some(&name), &variable) {
            for client in &target.clients {
                let shown = format!("{:?}", client.secret);
                assert!(!shown.contains("hidden-value"), "{shown}");
            }
        }
    }
}

/// A response (`STATUS PART\nNAME: VALUE\n…\n\nBODY`), judged by a part of the expectations of the
/// cases, so that many inputs are looked at in a second. A token of the body that is written as
/// `[HEADER, CLAIMS]` is made a JWT of: Base64 hides from a fuzzer what it changes.
pub fn judge(bytes: &[u8]) {
    let response = Response::new(observation(bytes));
    assert!(!(response.refused() && response.granted()));
    assert!(!(response.refused() && response.succeeded()));
    let at_once = [response.observation.clone(), control().clone()];
    let situation = Situation {
        at_once: &at_once,
        ..situation()
    };
    let part = part(bytes) % PARTS;
    for expectation in expectations().iter().skip(part).step_by(PARTS) {
        if applies(expectation, &response, &situation) {
            for check in tokenspec::judge::judge(expectation, &response, &situation) {
                assert!(!check.expected.is_empty());
                assert!(!check.actual.is_empty() || check.verdict == Verdict::Pass);
            }
        }
    }
}

/// In how many parts the expectations are.
const PARTS: usize = 16;

/// Which part an input is judged by: the one that it names, else one that follows from its bytes.
fn part(bytes: &[u8]) -> usize {
    let line = bytes.split(|byte| *byte == b'\n').next();
    let named = line
        .and_then(|line| std::str::from_utf8(line).ok())
        .and_then(|line| line.split_once(' ')?.1.trim().parse().ok());
    named.unwrap_or_else(|| {
        bytes
            .iter()
            .fold(0, |sum, byte| sum * 31 % 65_521 + usize::from(*byte))
    })
}

/// A JWT on the first line, and a key set below it; or its header, its claims and its signature on
/// a line each, the first two as JSON.
pub fn jwt(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
    let (token, set) = if first.starts_with('{') {
        let (claims, rest) = rest.split_once('\n').unwrap_or((rest, ""));
        let (signature, set) = rest.split_once('\n').unwrap_or((rest, ""));
        (compact(first, claims, signature), set)
    } else {
        (first.to_owned(), rest)
    };
    let token = token.as_str();
    let keys = Keys {
        set: Keys::read(set.as_bytes()),
        secret: Some(Secret::new("a-secret-that-guards-nothing-0123456789")),
    };
    for key in keys.set.iter().flatten() {
        if let Some(bits) = rsa_bits(key) {
            assert!(bits <= set.len() * 8);
        }
    }
    let encrypted = is_encrypted(token);
    if let Ok(jwt) = Jwt::parse(token) {
        assert!(!encrypted, "signed and encrypted at once");
        assert!(jwt.signature().len() <= token.len());
        let verified = verify(&jwt, &keys) == Ok(Ok(()));
        // The fuzzer has no private key: nothing that it changes verifies but what the corpus has.
        assert!(!verified || jwt.algorithm().is_some_and(|name| name != "none"));
        if let Ok(set) = &keys.set {
            // What jsonwebtoken makes of any key.
            let _ = verifies_with(&jwt, set);
        }
    }
}

/// A page of a login. Whatever it says, it is sent to HTTP alone.
pub fn login_form(bytes: &[u8]) {
    let url = Url::parse("https://login.example/step?state=1").expect("a URL");
    let read = look(&url, bytes, login());
    let places = read.sends.iter().map(|(to, _)| to).chain(&read.link);
    for to in places {
        assert!(matches!(to.scheme(), "http" | "https"), "sends to {to}");
    }
    // A message stays one, whatever the page has in it.
    assert!(read.shown.len() < 200_000, "{}", read.shown.len());
}

/// What a suite of somebody's own can judge.
const DOCUMENT: &str = r#"[document]
id = "doc"
title = "A document"
date = "2020-01"
url = "https://doc.example/"
text_read = "all"
notes = ""

[[requirement]]
id = "doc-1-x"
section = "1"
level = "MUST"
party = "server"
statement = "It holds."
test = "Look."
expects = "It."
testable = "yes"
verified = true
"#;

fn login() -> &'static Login {
    static LOGIN: OnceLock<Login> = OnceLock::new();
    LOGIN.get_or_init(|| {
        let text = "[target.t]\nissuer = \"https://login.example\"\n[target.t.login]\n\
                    via = \"form\"\nusername = \"somebody\"\npassword = \"a-password\"\n";
        let config = Config::parse("t", text.to_owned(), PathBuf::from(".")).expect("it parses");
        let target = config.target(None, &|_| None).expect("it resolves");
        target.login.expect("a login")
    })
}

fn observation(bytes: &[u8]) -> Observation {
    let (head, body) = match bytes.windows(2).position(|two| two == b"\n\n") {
        Some(at) => (&bytes[..at], &bytes[at + 2..]),
        None => (&[][..], bytes),
    };
    let mut lines = head.split(|byte| *byte == b'\n');
    let status = lines
        .next()
        .and_then(|line| {
            std::str::from_utf8(line)
                .ok()?
                .split(' ')
                .next()?
                .parse()
                .ok()
        })
        .unwrap_or(200);
    let headers = lines
        .filter_map(|line| {
            let colon = line.iter().position(|byte| *byte == b':')?;
            let name = String::from_utf8_lossy(&line[..colon]).to_ascii_lowercase();
            Some((name, line[colon + 1..].trim_ascii().to_vec()))
        })
        .collect();
    Observation {
        status,
        headers,
        body: with_tokens(body).into(),
        ..Observation::default()
    }
}

/// The body, with each token that is `[HEADER, CLAIMS]` as a JWT.
fn with_tokens(body: &[u8]) -> Vec<u8> {
    let mut changed = false;
    let Ok(Value::Object(mut members)) = serde_json::from_slice(body) else {
        return body.to_vec();
    };
    for name in ["access_token", "id_token", "refresh_token"] {
        if let Some(Value::Array(parts)) = members.get(name)
            && let [header, claims] = parts.as_slice()
        {
            let token = compact(&header.to_string(), &claims.to_string(), SIGNATURE);
            members.insert(name.to_owned(), token.into());
            changed = true;
        }
    }
    if changed {
        Value::Object(members).to_string().into_bytes()
    } else {
        body.to_vec()
    }
}

/// A JWT in compact serialization.
fn compact(header: &str, claims: &str, signature: &str) -> String {
    let encoded = |text: &str| URL_SAFE_NO_PAD.encode(text);
    format!("{}.{}.{signature}", encoded(header), encoded(claims))
}

/// As long as one with ES256.
const SIGNATURE: &str =
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

/// The key of RFC 7515, appendix A.3.
const KEY_SET: &[u8] = br#"{"keys": [{"kty": "EC", "crv": "P-256",
    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}"#;

fn catalogue() -> &'static Catalogue {
    static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
    CATALOGUE.get_or_init(|| Catalogue::read(&embedded(), false).expect("the cases are read"))
}

fn expectations() -> &'static [Expectation] {
    static ALL: OnceLock<Vec<Expectation>> = OnceLock::new();
    ALL.get_or_init(|| {
        let cases = catalogue().cases();
        cases
            .flat_map(|(_, case)| case.expectations().cloned().collect::<Vec<_>>())
            .collect()
    })
}

fn control() -> &'static Observation {
    static CONTROL: OnceLock<Observation> = OnceLock::new();
    CONTROL.get_or_init(|| observation(b"200\n\n{\"access_token\":\"t\"}"))
}

/// Earlier answers, as predicates look at them.
fn steps() -> HashMap<String, Response> {
    let body = br#"{"access_token": [{"alg": "ES256"}, {"sub": "somebody", "exp": 4102444800}],
        "id_token": [{"alg": "ES256"}, {"sub": "somebody", "iss": "https://login.example"}],
        "refresh_token": "a-refresh-token", "token_type": "Bearer", "expires_in": 60, "scope": "a b"}"#;
    let answer = Observation {
        body: with_tokens(body).into(),
        status: 200,
        ..Observation::default()
    };
    let named = catalogue().cases().flat_map(|(_, case)| {
        case.steps()
            .iter()
            .map(|step| step.name.clone())
            .collect::<Vec<_>>()
    });
    named
        .chain(["start".to_owned()])
        .map(|name| (name, Response::new(answer.clone())))
        .collect()
}

fn situation() -> Situation<'static> {
    static DOCUMENTS: OnceLock<Vec<String>> = OnceLock::new();
    static KEYS: OnceLock<Keys> = OnceLock::new();
    static STEPS: OnceLock<HashMap<String, Response>> = OnceLock::new();
    static ALIVE: OnceLock<Aliveness> = OnceLock::new();
    Situation {
        catalogue: catalogue(),
        documents: DOCUMENTS.get_or_init(|| catalogue().documents.keys().cloned().collect()),
        without: &[],
        deviations: deviations(),
        trial: "suite/case",
        auth: "client_secret_basic",
        start: "client_credentials",
        public: false,
        introspects: false,
        keys: KEYS.get_or_init(|| Keys {
            set: Keys::read(KEY_SET),
            secret: Some(Secret::new("a-secret-that-guards-nothing-0123456789")),
        }),
        skew: 10,
        control: Some(control()),
        at_once: &[],
        alive: Some(ALIVE.get_or_init(|| Aliveness::Seen(false, "it was asked".to_owned()))),
        steps: STEPS.get_or_init(steps),
        value: &|name| Some(format!("<{name}>")),
    }
}

/// What the vendors of the profiles document.
fn deviations() -> &'static [Deviation] {
    static ALL: OnceLock<Vec<Deviation>> = OnceLock::new();
    ALL.get_or_init(|| {
        let profiles = catalogue().profiles.values();
        profiles
            .flat_map(|profile| profile.file.deviation.clone())
            .collect()
    })
}
