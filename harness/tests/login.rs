//! `login.via = "command"`: a program of the user's gets the code.

#![cfg(unix)]
#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use serde_json::Value;
use support::Sandbox;
use support::http::{Server, config, error, json};

/// The trials that exchange a code, run with `command` as the login; its words are shell words.
fn run(command: &str) -> Vec<Value> {
    let server = Server::start(|request| {
        if request.form().contains("code=c0de-that-was-printed") {
            json("200 OK", "{\"access_token\":\"a-token-of-a-test\",\"token_type\":\"Bearer\"}")
        } else {
            error("400 Bad Request", "invalid_grant")
        }
    });
    let sandbox = Sandbox::new();
    sandbox.write("etc/log-me-in", command);
    let text = config(&server.url(), "")
        + "[target.staging.login]\nvia = \"command\"\npassword = \"pass-of-a-test\"\ncommand = [\"sh\", \"log-me-in\", \"first\"]\n";
    sandbox.write("etc/tokenspec.toml", &text);
    let filter = "authorization_code/exchange/grants-a-token*";
    let ran = sandbox.tokenspec(&["run", "--config", "etc/tokenspec.toml", filter]);
    let all = ran.all();
    assert!(!all.contains("pass-of-a-test"), "the password is shown: {all}");
    // Where the program says that it is the code.
    let code = all.contains("c0de-that-was-printed") && !command.contains("&2");
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

/// The script's last argument is the authorization URL; it runs in the configuration's folder.
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
    for (script, words) in [
        ("echo 'wrong password' >&2; exit 4", "wrong password"),
        ("true", "printed nothing"),
        ("echo 'https://client.example/a?code=c0de-that-was-printed&state=another'", "does not have the `state`"),
        ("echo 'https://client.example/a?error=access_denied'", "access_denied"),
        ("echo 'https://client.example/a?state=x'", "the redirect"),
        // A program can be told the password, and must not tell it on.
        ("echo pass-of-a-test c0de-that-was-printed >&2; exit 1", "failed"),
    ] {
        let cases = run(script);
        all_are(&cases, "errored", "no authorization code: ");
        all_are(&cases, "errored", words);
    }
}
