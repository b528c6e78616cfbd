//! What trials share and what they do not: controls, login sessions, codes, and how many are in
//! flight.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeSet;
use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use serde_json::Value;
use support::Sandbox;
use support::http::{Request, Server, code, config, error, json, reply};

const LOGIN: &str = "[target.staging.login]\nvia = \"auto\"\n";
const TOKEN: &str =
    "{\"access_token\":\"a-token-of-a-test\",\"token_type\":\"Bearer\",\"expires_in\":60}";

/// A run on cases of the test's own.
fn run(text: &str, cases: &str, arguments: &[&str]) -> (i32, Vec<Value>) {
    let sandbox = Sandbox::new();
    sandbox.write("tokenspec.toml", text);
    sandbox.write("mine/token_endpoint/mine.toml", cases);
    let mut all = vec![
        "run",
        "--cases",
        "mine",
        "--report-dir",
        "reports",
        "token_endpoint/mine/*",
    ];
    all.extend(arguments);
    let ran = sandbox.tokenspec(&all);
    let report = sandbox.json("reports/report.json");
    (
        ran.status,
        report["cases"].as_array().expect("cases").clone(),
    )
}

/// A case in rows, each a trial.
fn rows(count: usize) -> String {
    let rows: Vec<String> = (0..count)
        .map(|row| format!("{{ name = \"row-{row}\" }}"))
        .collect();
    format!("each = [{}]\n", rows.join(", "))
}

const HEAD: &str = "title = \"Cases of a test\"\ndocument = \"rfc6749\"\n";
const WITHOUT_GRANT_TYPE: &str = "request.remove = [\"grant_type\"]\n[[case.expect]]\n\
    requirement = \"5.2-invalid-request-missing\"\nany-of = [{ status = 400, json.error = \"invalid_request\" }]\n";
const WRONG_SECRET: &str = "request.auth.secret = \"{{client.secret}}-wrong\"\n[[case.expect]]\n\
    requirement = \"10.2-authenticate-when-possible\"\nrefused = true\n";

/// Right credentials in the header or the body.
fn is_authentic(request: &Request) -> bool {
    let basic = request.header("authorization").unwrap_or_default();
    // main-id:main-secret-of-a-test
    basic == "Basic bWFpbi1pZDptYWluLXNlY3JldC1vZi1hLXRlc3Q="
        || request
            .form()
            .contains("client_secret=main-secret-of-a-test&")
}

/// What a small server answers that knows client credentials and codes.
fn answer(request: &Request) -> Vec<u8> {
    let form = request.form();
    if request.is_to("/authorize") {
        code(request, "a-code-of-a-test")
    } else if !is_authentic(request) {
        error("401 Unauthorized", "invalid_client")
    } else if form.contains("grant_type=") {
        json("200 OK", TOKEN)
    } else {
        error("400 Bad Request", "invalid_request")
    }
}

fn verdicts(cases: &[Value], id: &str) -> BTreeSet<String> {
    let of: BTreeSet<String> = cases
        .iter()
        .filter(|case| case["id"].as_str().is_some_and(|name| name.contains(id)))
        .map(|case| case["verdict"].as_str().expect("a verdict").to_owned())
        .collect();
    assert!(!of.is_empty(), "no trial is {id}");
    of
}

fn only(verdict: &str) -> BTreeSet<String> {
    BTreeSet::from([verdict.to_owned()])
}

/// Trials that start alike have one control before them, and the same once more at the end.
#[test]
fn a_control_is_shared_and_made_again_at_the_end() {
    let server = Server::start(answer);
    let cases = format!(
        "{HEAD}[[case]]\nid = \"missing\"\ntitle = \"refused\"\nstart = \"client_credentials\"\n{}{WITHOUT_GRANT_TYPE}",
        rows(12)
    );
    let (status, all) = run(&config(&server.url(), ""), &cases, &[]);
    assert_eq!(status, 0, "{all:?}");
    assert_eq!(verdicts(&all, "missing"), only("passed"));
    let seen = server.seen();
    let controls: Vec<usize> = seen
        .iter()
        .enumerate()
        .filter(|(_, request)| request.header("x-tokenspec-exchange") == Some("control#control"))
        .map(|(at, _)| at)
        .collect();
    assert_eq!(controls.len(), 2, "{controls:?} of {}", seen.len());
    assert_eq!(controls[1], seen.len() - 1, "the second comes last");
    assert_eq!(seen.len(), 12 + 2);
}

/// A server that locks a client out after some wrong secrets: what lies between two controls of
/// which only the first succeeded shows nothing.
#[test]
fn a_lockout_makes_what_lies_between_errored() {
    let wrong = AtomicUsize::new(0);
    let server = Server::start(move |request| {
        let locked = wrong.load(Ordering::SeqCst) >= 3;
        if !is_authentic(request) {
            wrong.fetch_add(1, Ordering::SeqCst);
        }
        if locked {
            error("401 Unauthorized", "invalid_client")
        } else {
            answer(request)
        }
    });
    let cases = format!(
        "{HEAD}\
         [[case]]\nid = \"missing\"\ntitle = \"refused\"\nstart = \"client_credentials\"\n{}{WITHOUT_GRANT_TYPE}\
         [[case]]\nid = \"wrong-secret\"\ntitle = \"refused\"\nstart = \"client_credentials\"\n{}{WRONG_SECRET}\
         [[case]]\nid = \"after\"\ntitle = \"refused\"\nstart = \"client_credentials\"\ndestroys = \"grant\"\n{WITHOUT_GRANT_TYPE}",
        rows(4),
        rows(5)
    );
    for jobs in ["1", "8"] {
        let (status, all) = run(&config(&server.url(), ""), &cases, &["--jobs", jobs]);
        if jobs == "1" {
            assert_eq!(status, 3, "{all:?}");
            // Wrong credentials come after all else, so this was judged before.
            assert_eq!(verdicts(&all, "missing"), only("passed"));
            assert_eq!(verdicts(&all, "wrong-secret"), only("errored"));
            for case in all.iter().filter(|case| {
                case["id"]
                    .as_str()
                    .is_some_and(|id| id.contains("wrong-secret"))
            }) {
                let reason = case["reason"].as_str().expect("a reason");
                assert!(
                    reason.contains("does not any more") && reason.contains("401 invalid_client"),
                    "{reason}"
                );
                assert!(
                    case["checks"]
                        .as_array()
                        .expect("checks")
                        .iter()
                        .all(|check| check["verdict"] == "errored")
                );
            }
        } else {
            // The client is still locked out.
            assert_eq!(verdicts(&all, "missing"), only("errored"));
        }
        assert_eq!(verdicts(&all, "after"), only("errored"));
        assert_eq!(status, 3);
    }
}

/// A token where none may be given is a failure whatever the control did.
#[test]
fn a_token_fails_whatever_the_control_did() {
    let server = Server::start(|request| {
        if is_authentic(request) {
            error("400 Bad Request", "invalid_request")
        } else {
            json("200 OK", TOKEN)
        }
    });
    let cases = format!(
        "{HEAD}[[case]]\nid = \"wrong-secret\"\ntitle = \"refused\"\nstart = \"client_credentials\"\n{WRONG_SECRET}"
    );
    let (status, all) = run(&config(&server.url(), ""), &cases, &[]);
    assert_eq!(status, 1);
    assert_eq!(verdicts(&all, "wrong-secret"), only("failed"));
}

/// A login session is reused; a destructive trial has one of its own, and runs alone.
#[test]
fn destructive_trials_have_their_own_login_session() {
    let sessions = AtomicUsize::new(0);
    let server = Server::start(move |request| {
        if request.is_to("/authorize") && request.header("cookie").is_none() {
            let session = sessions.fetch_add(1, Ordering::SeqCst);
            let text = String::from_utf8(code(request, "a-code-of-a-test")).expect("text");
            let cookie = format!("\r\nset-cookie: session=of-a-test-{session}; Path=/\r\n");
            return text.replacen("\r\n", &cookie, 1).into_bytes();
        }
        answer(request)
    });
    let cases = format!(
        "{HEAD}\
         [[case]]\nid = \"plain\"\ntitle = \"refused\"\nstart = \"authorization_code\"\n{}{WITHOUT_GRANT_TYPE}\
         [[case]]\nid = \"destructive\"\ntitle = \"refused\"\nstart = \"authorization_code\"\ndestroys = \"user\"\n{}{WITHOUT_GRANT_TYPE}",
        rows(6),
        rows(3)
    );
    let (status, all) = run(
        &(config(&server.url(), "") + LOGIN),
        &cases,
        &["--jobs", "1"],
    );
    assert_eq!(status, 0, "{all:?}");
    let logins: Vec<bool> = server
        .seen()
        .iter()
        .filter(|request| request.is_to("/authorize"))
        .map(|request| request.header("cookie").is_some())
        .collect();
    // One for all plain trials and controls, and one for each destructive trial.
    assert_eq!(
        logins.iter().filter(|with_cookie| !**with_cookie).count(),
        1 + 3,
        "{logins:?}"
    );
    assert!(logins.len() > 6 + 3);
}

/// With `codes-at-once = 1` a server may forget a code when it gives the next: no two are unused at
/// the same time.
#[test]
fn no_more_codes_are_unused_than_the_server_lets_live() {
    let last = Mutex::new(0_usize);
    let server = Server::start(move |request| {
        let mut last = last.lock().expect("the last code");
        if request.is_to("/authorize") {
            *last += 1;
            return code(request, &format!("code-number-{last}-of-a-test"));
        }
        if request
            .form()
            .contains(&format!("code=code-number-{last}-of-a-test"))
        {
            json("200 OK", TOKEN)
        } else {
            error("400 Bad Request", "invalid_grant")
        }
    });
    let cases = format!(
        "{HEAD}[[case]]\nid = \"good\"\ntitle = \"granted\"\nstart = \"authorization_code\"\n{}\
         [[case.expect]]\nrequirement = \"4.1.4-success\"\ngranted = true\n",
        rows(24)
    );
    let text = config(&server.url(), "") + LOGIN + "codes-at-once = 1\n";
    let (status, all) = run(&text, &cases, &["--jobs", "8"]);
    let lost: Vec<&Value> = all
        .iter()
        .filter(|case| case["verdict"] != "passed")
        .map(|case| &case["id"])
        .collect();
    assert_eq!(lost, Vec::<&Value>::new());
    assert_eq!(status, 0);
}

/// Who asks for codes.
#[derive(Default)]
struct Asking {
    clients: HashSet<String>,
    /// How many requests there are now, and how many of them are a client's first.
    all: usize,
    new: usize,
    /// The most that there were while one of them was a client's first.
    beside_a_new_one: usize,
}

/// A server that keeps a session may mix the grants of clients that are new in it: each of them asks
/// alone for its first code. One that sets no cookie has no session to mix anything in.
#[test]
fn a_client_that_is_new_in_a_session_asks_alone() {
    for keeps_sessions in [true, false] {
        let state = Arc::new((Mutex::new(Asking::default()), Condvar::new()));
        let shared = Arc::clone(&state);
        let server = Server::start(move |request| {
            if !request.is_to("/authorize") {
                return answer(request);
            }
            let (asking, came) = &*shared;
            let client = request.query("client_id").expect("a client").to_owned();
            let mut now = asking.lock().expect("the state");
            let is_first = now.clients.is_empty();
            let is_new = usize::from(now.clients.insert(client) && !is_first);
            now.all += 1;
            now.new += is_new;
            if now.new > 0 {
                now.beside_a_new_one = now.beside_a_new_one.max(now.all);
            }
            came.notify_all();
            if !is_first {
                let enough = Duration::from_millis(500);
                let waited = came.wait_timeout_while(now, enough, |now| now.beside_a_new_one < 2);
                now = waited.expect("the state").0;
            }
            now.all -= 1;
            now.new -= is_new;
            drop(now);
            let text = String::from_utf8(code(request, "a-code-of-a-test")).expect("text");
            if keeps_sessions {
                let cookie = "\r\nset-cookie: session=of-a-test; Path=/\r\n";
                return text.replacen("\r\n", cookie, 1).into_bytes();
            }
            text.into_bytes()
        });
        let of = |id: &str, client: &str| {
            format!(
                "[[case]]\nid = \"{id}\"\ntitle = \"refused\"\nstart = \"authorization_code\"\n\
                 client.id-contains = \"{client}\"\n{}{WITHOUT_GRANT_TYPE}",
                rows(6)
            )
        };
        let cases = format!("{HEAD}{}{}", of("one", "main-"), of("two", "other-"));
        let (status, all) = run(
            &(config(&server.url(), "") + LOGIN),
            &cases,
            &["--jobs", "8"],
        );
        // The server knows one client's secret alone; that both got codes is what counts here.
        assert_eq!(status, 3, "{all:?}");
        let asked = state.0.lock().expect("the state");
        assert_eq!(asked.clients.len(), 2);
        let beside = asked.beside_a_new_one;
        assert_eq!(beside > 1, !keeps_sessions, "{beside} at once");
    }
}

/// As many trials are in flight as `--jobs` says, and no more.
#[test]
fn jobs_are_in_flight_at_once() {
    for jobs in [1, 4] {
        let flights = Arc::new((Mutex::new((0_usize, 0_usize)), Condvar::new()));
        let shared = Arc::clone(&flights);
        let server = Server::start(move |request| {
            let (counts, landed) = &*shared;
            let mut count = counts.lock().expect("counts");
            count.0 += 1;
            count.1 = count.1.max(count.0);
            landed.notify_all();
            // Until as many are there as there may be, for once.
            let waited =
                landed.wait_timeout_while(count, Duration::from_secs(5), |count| count.1 < jobs);
            let (mut count, _) = waited.expect("counts");
            count.0 -= 1;
            drop(count);
            answer(request)
        });
        let cases = format!(
            "{HEAD}[[case]]\nid = \"good\"\ntitle = \"granted\"\nstart = \"client_credentials\"\n{}\
             [[case.expect]]\nrequirement = \"4.4.3-success\"\ngranted = true\n",
            rows(16)
        );
        let (status, all) = run(
            &config(&server.url(), ""),
            &cases,
            &["--jobs", &jobs.to_string()],
        );
        assert_eq!(status, 0, "{all:?}");
        assert_eq!(flights.0.lock().expect("counts").1, jobs);
    }
}

/// Of a body, 1 MiB is read; it is judged as what it is, and not shown as more.
#[test]
fn a_body_is_read_up_to_a_limit() {
    let server = Server::start(|_| {
        let body = format!(
            "{{\"access_token\":\"a-token-of-a-test\",\"filler\":\"{}\"}}",
            "x".repeat(3 << 20)
        );
        json("200 OK", &body)
    });
    let cases = format!(
        "{HEAD}[[case]]\nid = \"good\"\ntitle = \"granted\"\nstart = \"client_credentials\"\n\
         [[case.expect]]\nrequirement = \"4.4.3-success\"\ngranted = true\n"
    );
    let (status, all) = run(&config(&server.url(), ""), &cases, &[]);
    assert_ne!(status, 0, "what was cut off is not known");
    assert_ne!(all[0]["verdict"], "passed");
    let body = all[0]["exchanges"][0]["response"]["body"]["text"]
        .as_str()
        .expect("a body");
    assert!(body.len() <= 1 << 20, "{} bytes", body.len());
}

/// The answer to a HEAD has no body (RFC 9110 section 9.3.2), so that it says nothing of bodies.
#[test]
fn the_answer_to_a_head_is_not_judged_as_one_without_a_body() {
    let server = Server::start(|request| {
        if request.method == "HEAD" {
            reply(
                "400 Bad Request",
                &[
                    ("content-type", "application/json"),
                    ("cache-control", "no-store"),
                ],
                "",
            )
        } else {
            answer(request)
        }
    });
    let case = |id: &str, change: &str| {
        format!(
            "[[case]]\nid = \"{id}\"\ntitle = \"refused\"\nstart = \"client_credentials\"\n{change}"
        )
    };
    let head = "request.method = \"HEAD\"\n[[case.expect]]\n\
        requirement = \"3.2-post-only\"\ngranted = false\n";
    let cases = [case("head", head), case("missing", WITHOUT_GRANT_TYPE)].concat();
    let all = ["every_response/error-member"];
    let (status, cases) = run(&config(&server.url(), ""), &format!("{HEAD}{cases}"), &all);
    assert_eq!(status, 0, "{cases:?}");
    assert_eq!(verdicts(&cases, "mine/head"), only("passed"));
    assert_eq!(verdicts(&cases, "error-member"), only("passed"));
}
