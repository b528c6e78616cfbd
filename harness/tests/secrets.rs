//! Nothing that leaves the process shows a secret: no client id or secret, no code, no token, no
//! cookie, in no encoding.
//!
//! Everything is run, with failures, through a proxy that keeps what passes: so the tests know
//! which codes and tokens there were.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use support::Sandbox;
use support::http::{Server, reply};
use support::left::Left;
use support::proxy::Recorder;
use support::search::Secrets;
use support::served::Served;

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

/// The reference with these arguments. Its codes live so short that the cases that wait for their end
/// do not make the tests wait for a minute.
fn served(arguments: &[&str]) -> Served {
    Served::start(&[&["--code-lifetime", "4s"], arguments].concat())
}

/// Does the same with each of several things at once: a run waits for most of its time.
fn at_once<T: Send>(things: impl IntoIterator<Item = T>, check: impl Fn(T) + Copy + Send) {
    std::thread::scope(|scope| {
        let running: Vec<_> = things
            .into_iter()
            .map(|thing| scope.spawn(move || check(thing)))
            .collect();
        assert!(!running.is_empty(), "there is nothing to look at");
        for one in running {
            if let Err(panic) = one.join() {
                std::panic::resume_unwind(panic);
            }
        }
    });
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
    // What the configuration says of these endpoints itself would be said twice.
    let config: String = served
        .config
        .lines()
        .filter(|line| {
            let key = line.split(" = ").next().unwrap_or_default();
            !endpoints
                .lines()
                .any(|said| said.split(" = ").next() == Some(key))
        })
        // The server is not told that it answers at the recorder's address too.
        .map(|line| {
            if line.starts_with("auth = ") && line.contains("_jwt\"") {
                format!("{line}\nassertion-audience = \"issuer\"\n")
            } else {
                format!("{line}\n")
            }
        })
        .collect();
    sandbox.write(
        "tokenspec.toml",
        &config.replacen(header, &format!("{header}{endpoints}"), 1),
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
    at_once(["pretty", "json", "tap"], |format| {
        let served = served(&[]);
        let (left, secrets, traffic) = recorded(&served, STANDARD, &["--format", format]);
        assert_eq!(left.ran.status, 0, "{}", left.ran.all());
        has_enough(&secrets);
        assert_eq!(left.shows(&secrets), [""; 0]);
        // The traffic itself is full of them, and the search sees that.
        let traffic = traffic.iter().map(|bytes| ("traffic", bytes.as_slice()));
        assert!(secrets.found_in(traffic).len() > 100);
    });
}

#[test]
fn runs_with_failures_show_none() {
    let faults = [
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
    ];
    at_once(faults, |faults| {
        let arguments: Vec<&str> = faults.iter().flat_map(|fault| ["--fault", fault]).collect();
        let served = served(&arguments);
        let (left, secrets, _) = recorded(&served, STANDARD, &["--verbose"]);
        let status = left.ran.status;
        assert!([1, 3].contains(&status), "{faults:?}: {}", left.ran.all());
        assert_eq!(left.shows(&secrets), [""; 0], "{faults:?}");
    });
}

#[test]
fn the_other_personality_shows_none() {
    let served = served(&[
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
    let served = served(&["--fault", "query-credentials-accepted"]);
    let (_, secrets, _) = recorded(&served, STANDARD, &[]);
    let log = served.log();
    assert!(log.contains("/token"), "{log}");
    assert_eq!(secrets.found_in([("log", log.as_bytes())]), [""; 0]);
}
