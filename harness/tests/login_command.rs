//! `login.via = "command"`: a program of the user's gets the code.

#![cfg(unix)]
#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use serde_json::Value;
use support::Sandbox;
use support::http::{Server, config, error, json};

const PASSWORD: &str = "pass-of-a-test";

/// The trials that exchange a code, run with `script` as the login.
fn run(script: &str) -> Vec<Value> {
    let server = Server::start(|request| {
        if request.form().contains("code=c0de-that-was-printed") {
            let token = "{\"access_token\":\"a-token-of-a-test\",\"token_type\":\"Bearer\"}";
            json("200 OK", token)
        } else {
            error("400 Bad Request", "invalid_grant")
        }
    });
    let sandbox = Sandbox::new();
    sandbox.write("etc/log-me-in", script);
    let login = format!(
        "[target.staging.login]\nvia = \"command\"\npassword = \"{PASSWORD}\"\n\
         command = [\"sh\", \"log-me-in\", \"first\"]\n"
    );
    let text = config(&server.url(), "") + &login;
    sandbox.write("etc/tokenspec.toml", &text);
    let filter = "authorization_code/exchange/grants-a-token*";
    let ran = sandbox.tokenspec(&["run", "--config", "etc/tokenspec.toml", filter]);
    let all = ran.all();
    assert!(!all.contains(PASSWORD), "the password is shown: {all}");
    // What the program says on stderr is shown: there nobody can know that it is a code.
    let code = all.contains("c0de-that-was-printed") && !script.contains("&2");
    assert!(!code, "the code is shown: {all}");
    let report = sandbox.json("reports/staging/report.json");
    let cases = report["cases"].as_array().expect("cases").clone();
    assert!(!cases.is_empty());
    cases
}

fn all_are(cases: &[Value], verdict: &str, words: &str) {
    for case in cases {
        assert_eq!(case["verdict"], verdict, "{case}");
        let reason = case["reason"].as_str().unwrap_or_default();
        assert!(reason.contains(words), "`{words}` is not in: {reason}");
    }
}

/// Its last argument is the authorization URL; it runs in the configuration's folder.
#[test]
fn a_program_prints_the_code_or_the_redirect_url() {
    all_are(&run("echo c0de-that-was-printed"), "passed", "");
    // What it prints before is talk.
    let script = "for url; do :; done\n\
                  state=${url##*state=}\nstate=${state%%&*}\n\
                  test -f tokenspec.toml && test \"$1\" = first || exit 1\n\
                  echo 'opening a browser'\n\
                  echo \"https://client.example/a?code=c0de-that-was-printed&state=$state\"\necho\n";
    all_are(&run(script), "passed", "");
}

#[test]
fn a_program_that_gets_no_code_says_why() {
    let redirect = "https://client.example/a";
    for (script, words) in [
        (
            "echo 'wrong password' >&2; exit 4".to_owned(),
            "wrong password",
        ),
        ("true".to_owned(), "printed nothing"),
        (
            format!("echo '{redirect}?code=c0de-that-was-printed&state=another'"),
            "does not have the `state`",
        ),
        (
            format!("echo '{redirect}?error=access_denied'"),
            "access_denied",
        ),
        (format!("echo '{redirect}?state=x'"), "the redirect"),
        // A program can be told the password, and it must not get further.
        (format!("echo {PASSWORD} >&2; exit 1"), "failed"),
    ] {
        let cases = run(&script);
        all_are(&cases, "errored", "no authorization code: ");
        all_are(&cases, "errored", words);
    }
}
