//! The network between tokenspec and a server: certificates, proxies, names, limits, what is sent
//! again, and clocks.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;
use support::forward::{Forward, Kind};
use support::http::{Request, Server, config, error, json, reply};
use support::tls::{Ca, TlsServer, self_signed};
use support::{Ran, Sandbox};

/// A trial that asks for a token with the client's own credentials.
const TRIAL: &str = "client_credentials/grant/grants-a-token*";
const TOKEN: &str =
    r#"{"access_token":"a-token-of-a-test","token_type":"Bearer","expires_in":60,"scope":"read"}"#;

fn token(_: &Request) -> Vec<u8> {
    json("200 OK", TOKEN)
}

fn http(more: &str) -> String {
    format!("[target.staging.http]\n{more}\n")
}

/// A run of the trial: what was printed, and the report.
fn run(sandbox: &Sandbox, text: &str, arguments: &[&str]) -> (Ran, Value) {
    sandbox.write("tokenspec.toml", text);
    let mut all = vec!["run", TRIAL, "--report-dir", "out"];
    all.extend(arguments);
    let ran = sandbox.tokenspec(&all);
    assert!(ran.status != 2, "{}", ran.all());
    (ran, sandbox.json("out/report.json"))
}

fn verdicts(report: &Value) -> Vec<&str> {
    let cases = report["cases"].as_array().expect("cases");
    let sent = cases.iter().filter(|case| case["verdict"] != "skipped");
    sent.map(|case| case["verdict"].as_str().expect("a verdict"))
        .collect()
}

fn all_are(report: &Value, verdict: &str, ran: &Ran) {
    let seen = verdicts(report);
    assert!(!seen.is_empty(), "{}", ran.all());
    assert!(
        seen.iter().all(|known| *known == verdict),
        "{seen:?}\n{}",
        ran.all()
    );
}

fn reasons(report: &Value) -> String {
    let cases = report["cases"].as_array().expect("cases");
    cases
        .iter()
        .map(|case| format!("{}\n", case["reason"].as_str().unwrap_or_default()))
        .collect()
}

#[test]
fn a_ca_of_its_own_is_trusted_where_it_is_named() {
    let ca = Ca::new();
    let server = TlsServer::start(&ca.certify(&["localhost"]), None, token);
    let url = server.url("localhost");
    let sandbox = Sandbox::new();
    sandbox.write("ca.pem", &ca.pem());
    sandbox.write("other.pem", &Ca::new().pem());
    for more in [
        "ca-file = \"ca.pem\"",
        "ca-file = \"ca.pem\"\nonly-ca-file = true",
    ] {
        let (ran, report) = run(&sandbox, &(config(&url, "") + &http(more)), &[]);
        all_are(&report, "passed", &ran);
        let curl = report["cases"].to_string();
        assert!(curl.contains("--cacert 'ca.pem'"), "{curl}");
    }
    let more = "ca-file = \"other.pem\"\nonly-ca-file = true";
    let (ran, report) = run(&sandbox, &(config(&url, "") + &http(more)), &[]);
    all_are(&report, "errored", &ran);
}

#[test]
fn a_wrong_certificate_is_errored_and_doctor_names_cause_and_remedy() {
    let ca = Ca::new();
    let sandbox = Sandbox::new();
    sandbox.write("ca.pem", &ca.pem());
    for (certificate, cause, remedy) in [
        (
            ca.certify(&["other.example"]),
            "the certificate is for another host name",
            "use a host name that the certificate has",
        ),
        (
            ca.expired(&["localhost"]),
            "the certificate is not valid now",
            "renew the server's certificate",
        ),
        (
            self_signed(&["localhost"]),
            "the certificate's chain ends at no trusted CA",
            "name the file with the CA's certificate: `ca-file`",
        ),
        (
            Ca::new().certify(&["localhost"]),
            "the certificate's chain ends at no trusted CA",
            "name the file with the CA's certificate: `ca-file`",
        ),
    ] {
        let server = TlsServer::start(&certificate, None, token);
        let text = config(&server.url("localhost"), "") + &http("ca-file = \"ca.pem\"");
        let (ran, report) = run(&sandbox, &text, &[]);
        all_are(&report, "errored", &ran);
        assert!(
            reasons(&report).contains("certificate"),
            "{}",
            reasons(&report)
        );
        let doctor = sandbox.tokenspec(&["doctor"]);
        assert_eq!(doctor.status, 3, "{}", doctor.all());
        assert!(
            doctor.out.contains(cause) && doctor.out.contains(remedy),
            "{cause}: {}",
            doctor.all()
        );
        // And all the same where nobody looks: each report says so.
        let (ran, report) = run(&sandbox, &text, &["--insecure"]);
        all_are(&report, "passed", &ran);
        let said = "certificates were not verified";
        assert!(report["target"]["insecure"].to_string().contains(said));
        assert!(ran.out.contains(said), "{}", ran.all());
        for file in ["summary.md", "junit.xml"] {
            let text = sandbox.read(&format!("out/{file}"));
            assert!(text.contains(said), "{file}: {text}");
        }
        let doctor = sandbox.tokenspec(&["doctor", "--insecure"]);
        assert!(doctor.out.contains("not verified"), "{}", doctor.all());
    }
}

#[test]
fn a_client_certificate_is_shown_where_it_is_asked_for() {
    let (ca, clients) = (Ca::new(), Ca::new());
    let server = TlsServer::start(&ca.certify(&["localhost"]), Some(&clients), token);
    let text = config(&server.url("localhost"), "");
    let sandbox = Sandbox::new();
    let client = clients.client();
    sandbox.write("ca.pem", &ca.pem());
    sandbox.write("client.pem", &client.pem);
    sandbox.write("client.key", &client.key_pem());
    sandbox.write("both.pem", &format!("{}{}", client.pem, client.key_pem()));
    for more in [
        "client-certificate = \"client.pem\"\nclient-key = \"client.key\"",
        "client-certificate = \"both.pem\"",
    ] {
        let more = format!("ca-file = \"ca.pem\"\n{more}");
        let (ran, report) = run(&sandbox, &(text.clone() + &http(&more)), &[]);
        all_are(&report, "passed", &ran);
        let all = format!("{}{report}", ran.all());
        assert!(!all.contains("PRIVATE KEY"), "the key is shown");
    }
    let (ran, report) = run(
        &sandbox,
        &(text.clone() + &http("ca-file = \"ca.pem\"")),
        &[],
    );
    all_are(&report, "errored", &ran);
    // Mistakes are told before anything is sent.
    for (more, code) in [
        ("client-certificate = \"client.pem\"", "no-key"),
        ("client-key = \"client.key\"", "key-alone"),
        ("client-certificate = \"client.key\"", "no-certificate"),
        ("only-ca-file = true", "no-ca-file"),
        (
            "resolve = { \"as.example\" = \"localhost\" }",
            "bad-address",
        ),
        ("headers = { x-api-key = \"abc\" }", "short-secret"),
        ("proxy = \"http://me:abc@proxy.example:1\"", "short-secret"),
    ] {
        sandbox.write("tokenspec.toml", &(text.clone() + &http(more)));
        let ran = sandbox.tokenspec(&["run", TRIAL]);
        assert_eq!(ran.status, 2, "{more}: {}", ran.all());
        assert!(ran.err.contains(code), "{more}: {}", ran.all());
    }
}

#[test]
fn a_name_is_where_the_configuration_says_and_headers_are_in_the_curl_line() {
    let server = Server::start(token);
    let port = server.url().rsplit(':').next().expect("a port").to_owned();
    let url = format!("http://login.example.test:{port}");
    let text = config(&url, "")
        + &http(
            "resolve = { \"login.example.test\" = \"127.0.0.1\" }\n\
             headers = { x-run = \"tokenspec\", x-pass = \"${PASS}\" }",
        );
    let sandbox = Sandbox::new();
    sandbox.write("tokenspec.toml", &text);
    let mut command = sandbox.command(&["run", TRIAL, "--report-dir", "out"]);
    command.env("PASS", "a-value-from-the-environment");
    let ran = support::ran(command);
    let report = sandbox.json("out/report.json");
    all_are(&report, "passed", &ran);
    let seen = server.seen();
    assert!(seen.iter().all(|request| {
        request.header("x-run") == Some("tokenspec")
            && request.header("x-pass") == Some("a-value-from-the-environment")
    }));
    let text = report.to_string();
    for words in [
        "--connect-to 'login.example.test::127.0.0.1:'",
        "-H 'x-run: tokenspec'",
        "-H 'x-pass: {{http.headers.x-pass}}'",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(!text.contains("a-value-from-the-environment"), "{text}");
}

#[test]
fn a_proxy_is_gone_through() {
    let server = Server::start(token);
    let upstream: SocketAddr = server
        .url()
        .trim_start_matches("http://")
        .parse()
        .expect("an address");
    let sandbox = Sandbox::new();
    for (kind, scheme, words) in [
        (
            Kind::Http,
            "http://user:a-pass-word@",
            "POST http://as.example.test/token HTTP/1.1",
        ),
        (Kind::Socks, "socks5h://", "as.example.test"),
    ] {
        let proxy = Forward::start(kind, upstream);
        let more = format!("proxy = \"{scheme}{}\"", proxy.host());
        let text = config("http://as.example.test", "") + &http(&more);
        let (ran, report) = run(&sandbox, &text, &[]);
        all_are(&report, "passed", &ran);
        let asked = proxy.asked();
        assert!(asked.iter().any(|line| line == words), "{asked:?}");
        assert!(report.to_string().contains("--proxy '"), "{report}");
        for shown in [report.to_string(), ran.all()] {
            assert!(!shown.contains("a-pass-word"), "{shown}");
        }
    }
}

/// Each exchange of the report with something in `retried`.
fn retried(report: &Value) -> Vec<String> {
    let cases = report["cases"].as_array().expect("cases");
    cases
        .iter()
        .flat_map(|case| case["exchanges"].as_array().expect("exchanges").iter())
        .flat_map(|exchange| exchange["retried"].as_array().cloned().unwrap_or_default())
        .map(|text| text.as_str().expect("a text").to_owned())
        .collect()
}

#[test]
fn a_retry_after_is_waited_for_and_told() {
    for status in ["429 Too Many Requests", "503 Service Unavailable"] {
        let count = AtomicUsize::new(0);
        let server = Server::start(move |request| {
            if count.fetch_add(1, Ordering::SeqCst) % 3 == 2 {
                token(request)
            } else {
                reply(status, &[("retry-after", "0")], "")
            }
        });
        let (ran, report) = run(
            &Sandbox::new(),
            &config(&server.url(), ""),
            &["--jobs", "1"],
        );
        all_are(&report, "passed", &ran);
        let told = retried(&report);
        assert!(told.len() >= 2, "{told:?}");
        let words = format!(
            "answered {}: sent again after 0s (Retry-After)",
            &status[..3]
        );
        assert!(told.iter().all(|text| *text == words), "{told:?}");
    }
}

/// A limit is no refusal: nothing is judged, and nobody waits for ever.
#[test]
fn a_limit_that_does_not_end_is_errored() {
    for (after, cause, most) in [
        (Some("0"), "after its Retry-After", 200),
        (Some("31557600"), "after 1year", 20),
        (Some("soon"), "neither a number of seconds nor a date", 20),
        (None, "without a Retry-After", 20),
    ] {
        let server = Server::start(move |_| {
            let header = after.map(|text| ("retry-after", text));
            let headers: Vec<(&str, &str)> = header.into_iter().collect();
            reply("429 Too Many Requests", &headers, "")
        });
        let (ran, report) = run(&Sandbox::new(), &config(&server.url(), ""), &[]);
        assert_eq!(ran.status, 3, "{}", ran.all());
        all_are(&report, "errored", &ran);
        let told = reasons(&report);
        assert!(told.contains(cause), "{cause}: {told}");
        let sent = server.seen().len();
        assert!(sent <= most, "{after:?}: {sent} requests");
    }
}

/// What changes nothing is sent again, once; what may change something is not.
#[test]
fn a_closed_connection_is_opened_again_only_for_what_changes_nothing() {
    let closed = Mutex::new(Vec::<String>::new());
    let server = Server::start(move |request| {
        let mut closed = closed.lock().expect("the paths");
        if !closed.contains(&request.path) {
            closed.push(request.path.clone());
            return Vec::new();
        }
        if request.is_to("/token") {
            token(request)
        } else {
            json("200 OK", r#"{"keys":[]}"#)
        }
    });
    let sandbox = Sandbox::new();
    sandbox.write("tokenspec.toml", &config(&server.url(), ""));
    let doctor = sandbox.tokenspec(&["doctor"]);
    assert!(doctor.out.contains("has no key"), "{}", doctor.all());
    let seen = server.seen();
    let count = |path: &str| seen.iter().filter(|request| request.is_to(path)).count();
    assert_eq!(count("/jwks"), 2, "{}", doctor.all());
    assert!(
        doctor.out.contains("connection closed before"),
        "{}",
        doctor.all()
    );
}

#[test]
fn no_more_requests_are_sent_in_a_second_than_allowed() {
    let server = Server::start(token);
    let text = config(&server.url(), "") + &http("max-requests-per-second = 20");
    let started = std::time::Instant::now();
    let (ran, report) = run(&Sandbox::new(), &text, &[]);
    all_are(&report, "passed", &ran);
    let least = std::time::Duration::from_millis(50) * (server.seen().len() - 1) as u32;
    assert!(server.seen().len() > 1 && started.elapsed() >= least);
}

#[test]
fn the_clock_is_the_targets() {
    let server = Server::start(|request| {
        let date = [("date", "Thu, 01 Jan 2004 00:00:00 GMT")];
        if request.is_to("/token") {
            reply(
                "200 OK",
                &[date[0], ("content-type", "application/json")],
                TOKEN,
            )
        } else {
            reply("404 Not Found", &date, "")
        }
    });
    let sandbox = Sandbox::new();
    sandbox.write("tokenspec.toml", &config(&server.url(), ""));
    let doctor = sandbox.tokenspec(&["doctor"]);
    for words in [
        "s behind ours, give or take",
        "`clock-skew` allows 10 s",
        "(NTP)",
    ] {
        assert!(doctor.out.contains(words), "{words}: {}", doctor.all());
    }
}

/// Cases of a group are never under way at once; others are.
#[test]
fn a_serial_group_runs_one_after_another() {
    let most = std::sync::Arc::new((AtomicUsize::new(0), AtomicUsize::new(0)));
    let counter = std::sync::Arc::clone(&most);
    let server = Server::start(move |request| {
        if request.form().contains("in-a-group") {
            let (now, peak) = &*counter;
            peak.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            std::thread::yield_now();
            now.fetch_sub(1, Ordering::SeqCst);
        }
        error("400 Bad Request", "invalid_request")
    });
    let sandbox = Sandbox::new();
    let mut cases = String::from("title = \"A group\"\ndocument = \"rfc6749\"\n");
    for index in 0..12 {
        cases.push_str(&format!(
            "[[case]]\nid = \"member-{index}\"\ntitle = \"member {index} is refused\"\n\
             start = \"client_credentials\"\nserial = \"one-by-one\"\n\
             request.set = {{ grant_type = \"in-a-group\" }}\n\
             [[case.expect]]\nrequirement = \"5.2-unsupported-grant-type\"\nrefused = true\n"
        ));
    }
    sandbox.write("more/group.toml", &cases);
    sandbox.write("tokenspec.toml", &config(&server.url(), ""));
    let ran = sandbox.tokenspec(&[
        "run",
        "group/*",
        "--cases",
        "more",
        "--jobs",
        "8",
        "--report-dir",
        "out",
    ]);
    assert!(ran.status != 2, "{}", ran.all());
    let sent = server.seen();
    let sent = sent
        .iter()
        .filter(|request| request.form().contains("in-a-group"));
    assert_eq!(sent.count(), 12, "{}", ran.all());
    assert_eq!(
        most.1.load(Ordering::SeqCst),
        1,
        "two were under way at once"
    );
}
