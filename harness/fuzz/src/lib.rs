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

use tokenspec::acquire::look;
use tokenspec::catalogue::{Catalogue, Expectation, SourceFile, embedded};
use tokenspec::config::{Config, Login};
use tokenspec::judge::jwt::{is_encrypted, rsa_bits, verifies_with, verify};
use tokenspec::judge::{Keys, Response, Situation, applies, jwt::Jwt};
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

/// A response (`STATUS\nNAME: VALUE\n…\n\nBODY`), judged by every expectation of the cases.
pub fn judge(bytes: &[u8]) {
    let response = Response::new(observation(bytes));
    assert!(!(response.refused() && response.granted()));
    assert!(!(response.refused() && response.succeeded()));
    // A part of the expectations for each input, so that many inputs are looked at in a second.
    let part = bytes
        .iter()
        .fold(0_usize, |sum, byte| sum * 31 % 65_521 + usize::from(*byte))
        % 16;
    let situation = situation();
    for expectation in expectations().iter().skip(part).step_by(16) {
        if applies(expectation, &response, &situation) {
            for check in tokenspec::judge::judge(expectation, &response, &situation) {
                assert!(!check.expected.is_empty());
                assert!(!check.actual.is_empty() || check.verdict == Verdict::Pass);
            }
        }
    }
}

/// A JWT on the first line, and a key set below it.
pub fn jwt(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (token, set) = text.split_once('\n').unwrap_or((&text, ""));
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
        .and_then(|line| std::str::from_utf8(line).ok()?.trim().parse().ok())
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
        body: body.to_vec().into(),
        ..Observation::default()
    }
}

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

fn situation() -> Situation<'static> {
    static DOCUMENTS: OnceLock<Vec<String>> = OnceLock::new();
    static KEYS: OnceLock<Keys> = OnceLock::new();
    static CONTROL: OnceLock<Observation> = OnceLock::new();
    static STEPS: OnceLock<HashMap<String, Response>> = OnceLock::new();
    Situation {
        catalogue: catalogue(),
        documents: DOCUMENTS.get_or_init(|| catalogue().documents.keys().cloned().collect()),
        without: &[],
        deviations: &[],
        trial: "suite/case",
        auth: "client_secret_basic",
        start: "client_credentials",
        public: false,
        introspects: false,
        keys: KEYS.get_or_init(|| Keys {
            set: Ok(Vec::new()),
            secret: None,
        }),
        skew: 10,
        control: Some(CONTROL.get_or_init(|| observation(b"200\n\n{\"access_token\":\"t\"}"))),
        at_once: &[],
        alive: None,
        steps: STEPS.get_or_init(HashMap::new),
        value: &|name| Some(format!("<{name}>")),
    }
}
