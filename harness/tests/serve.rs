//! `tokenspec serve`: the reference for everybody, and a run against it.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;

use support::Sandbox;
use support::served::Served;

#[test]
fn a_name_that_is_none_is_told_with_the_nearest() {
    let sandbox = support::Sandbox::new();
    for (option, name, near) in [
        (
            "--fault",
            "verifier-may-be-left-ou",
            "verifier-may-be-left-out",
        ),
        ("--variation", "opaque-access-token", "opaque-access-tokens"),
    ] {
        let ran = sandbox.tokenspec(&["serve", option, name]);
        assert_eq!(ran.status, 2, "{}", ran.all());
        assert!(
            ran.err.contains(&format!("the nearest is `{near}`")),
            "{}",
            ran.err
        );
        assert!(
            ran.err.contains(&format!("--list{}s", &option[1..])),
            "{}",
            ran.err
        );
    }
}

#[test]
fn what_it_prints_is_a_configuration_that_passes() {
    for (arguments, profile) in [(&[][..], "oidc"), (&["--personality", "ciam"], "ciam")] {
        let served = Served::start(arguments);
        assert!(
            served.url.starts_with("http://127.0.0.1:"),
            "{}",
            served.url
        );
        let sandbox = Sandbox::new();
        sandbox.write("served.toml", &served.config);
        let ran = sandbox.tokenspec(&["run", "--config", "served.toml"]);
        assert_eq!(ran.status, 0, "{}", ran.all());
        let report = sandbox.json("reports/local/report.json");
        assert_eq!(report["summary"]["errored"], 0);
        let judged_as = report["target"]["profile"][0].as_str().expect("a profile");
        assert!(judged_as.starts_with(profile), "{judged_as}");
        assert!(
            served.log().contains("/token"),
            "requests are logged: {}",
            served.log()
        );
    }
}

/// The sample request of the seed page gets that page's answer, once.
#[test]
fn the_sample_request_of_the_page_works_once() {
    let served = Served::start(&["--personality", "ciam"]);
    let form = "client_id=TENANT_CLIENT_ID&client_secret=TENANT_CLIENT_SECRET&grant_type=authorization_code\
                &code=MOCK_CODE&redirect_uri=https%3A%2F%2Fexample.com%2Fcallback";
    let mut answers = Vec::new();
    for _ in 0..2 {
        let mut stream = TcpStream::connect(served.address()).expect("a connection");
        write!(
            stream,
            "POST /oauth2/token HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
            form.len()
        )
        .expect("a request");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answers.push(answer);
    }
    assert!(answers[0].starts_with("HTTP/1.1 200 "), "{}", answers[0]);
    for member in [
        "access_token",
        "refresh_token",
        "id_token",
        "\"token_type\":\"Bearer\"",
        "\"expires_in\":299",
    ] {
        assert!(answers[0].contains(member), "no {member}: {}", answers[0]);
    }
    assert!(answers[1].starts_with("HTTP/1.1 400 "), "{}", answers[1]);
    assert!(
        answers[1].contains("\"error\":\"invalid_grant\""),
        "{}",
        answers[1]
    );
}

/// In the run with profile `ciam`, every row of the vendor's pages that can be seen from outside is
/// judged.
#[test]
fn every_testable_row_of_the_ciam_pages_is_judged() {
    let sandbox = Sandbox::new();
    let ran = sandbox.tokenspec(&["run", "--profile", "ciam"]);
    assert_eq!(ran.status, 0, "{}", ran.all());
    let report = sandbox.json("reports/reference/report.json");
    let rows = report["requirements"].as_array().expect("requirements");
    let folder = format!("{}/cases/requirements", support::ROOT);
    let mut pages = 0;
    for entry in std::fs::read_dir(folder).expect("the documents") {
        let path = entry.expect("a document").path();
        let name = path
            .file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        if name != "ciam" && !name.starts_with("ciam-") {
            continue;
        }
        pages += 1;
        let text = std::fs::read_to_string(&path).expect("the page");
        let page: toml::Table = text.parse().expect("TOML");
        for row in page["requirement"].as_array().expect("rows") {
            let text = |key: &str| row[key].as_str().expect("a text");
            if text("testable").starts_with("no") || text("level") == "MAY" {
                continue;
            }
            let judged = rows
                .iter()
                .any(|known| known["id"] == text("id") && known["verdict"] != "not-tested");
            assert!(judged, "nobody judged {}", text("id"));
        }
    }
    assert_eq!(pages, 10);
}

/// A fault makes some case fail; a list says which there are.
#[test]
fn faults_are_listed_and_can_be_switched_on() {
    let sandbox = Sandbox::new();
    let ran = sandbox.tokenspec(&["serve", "--list-faults"]);
    assert_eq!(ran.status, 0, "{}", ran.all());
    assert!(ran.out.lines().count() > 100);
    for line in ran.out.lines() {
        let (name, rest) = line.split_once(": ").expect("NAME: what it does");
        assert!(
            name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'),
            "{line}"
        );
        assert!(
            rest.ends_with(']') && rest.contains(" ["),
            "no requirements: {line}"
        );
    }
}

/// It ends when it is asked to, with status 0.
#[cfg(unix)]
#[test]
fn it_ends_when_it_is_asked_to() {
    let mut served = Served::start(&[]);
    let id = served.id().to_string();
    let sent = Command::new("kill")
        .args(["-TERM", &id])
        .status()
        .expect("kill");
    assert!(sent.success());
    assert_eq!(served.wait(), Some(0));
    assert!(
        TcpStream::connect(served.address()).is_err(),
        "somebody still listens"
    );
}
