//! What a person reads who has made a mistake in `tokenspec.toml`: one message each, exit status
//! 2, and nothing sent.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use support::http::Counter;
use support::{Ran, Sandbox, each, is_complete, mistakes, pinned};

/// What nobody may see: it stands in some of the files, and in the environment.
const HIDDEN: &str = "that-nobody-may-see";

fn run(sandbox: &Sandbox, listener: &Counter, arguments: &[&str]) -> Ran {
    let mut command = sandbox.command(arguments);
    command
        .env("BASE", listener.url())
        .env("CLIENT_ID", format!("id-{HIDDEN}"))
        .env("CLIENT_SECRET", format!("secret-{HIDDEN}"))
        .env("SHORT", "abc");
    support::ran(command)
}

/// The arguments are in the first line, where they are others than `run`.
fn arguments(text: &str) -> Vec<&str> {
    match text
        .lines()
        .next()
        .and_then(|line| line.strip_prefix("# tokenspec "))
    {
        Some(arguments) => arguments.split(' ').collect(),
        None => vec!["run"],
    }
}

#[test]
fn each_mistake_is_told_with_its_remedy_and_nothing_is_sent() {
    each(mistakes("config"), |name, text| {
        let sandbox = Sandbox::new();
        let listener = Counter::start();
        sandbox.write("tokenspec.toml", &text);
        let ran = run(&sandbox, &listener, &arguments(&text));
        assert_eq!(ran.status, 2, "{}", ran.all());
        assert_eq!(ran.out, "");
        if ran.err.contains("[tokenspec.toml:") {
            is_complete(&ran.err, "tokenspec.toml");
        } else {
            assert!(ran.err.contains("\n  help: "), "no remedy: {}", ran.err);
        }
        assert!(!ran.err.contains(HIDDEN), "a secret is shown: {}", ran.err);
        pinned("config", name, &ran.err.replace(&listener.url(), "${BASE}"));
        assert_eq!(listener.connections(), 0);
        let written: Vec<_> = sandbox
            .files("")
            .into_iter()
            .map(|(path, _)| path)
            .collect();
        assert_eq!(
            written,
            [sandbox.path().join("tokenspec.toml")],
            "something was written"
        );
    });
}

/// The same file does for every command that reads it.
#[test]
fn every_command_tells_the_same() {
    let sandbox = Sandbox::new();
    let listener = Counter::start();
    let (_, text) = mistakes("config")
        .into_iter()
        .find(|(name, _)| name == "unset_variable")
        .expect("the file");
    sandbox.write("tokenspec.toml", &text);
    let said = run(&sandbox, &listener, &["run"]);
    for arguments in [&["list"][..], &["run", "--plan"], &["run", "--", "--list"]] {
        let ran = run(&sandbox, &listener, arguments);
        assert_eq!(ran.status, 2, "{}", ran.all());
        assert_eq!(ran.err, said.err);
    }
    assert_eq!(listener.connections(), 0);
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let sandbox = Sandbox::new();
    let ran = sandbox.tokenspec(&["run", "--config", "nowhere.toml"]);
    assert_eq!(ran.status, 2, "{}", ran.all());
    pinned("config", "unreadable_file", &ran.err);
    let ran = sandbox.tokenspec(&["run", "--target", "staging"]);
    assert_eq!(ran.status, 2, "{}", ran.all());
    pinned("config", "target_without_a_file", &ran.err);
    std::fs::write(sandbox.path().join("latin1.toml"), b"# caf\xe9\n").expect("a file");
    let ran = sandbox.tokenspec(&["run", "--config", "latin1.toml"]);
    assert_eq!(ran.status, 2, "{}", ran.all());
    pinned("config", "no_utf8", &ran.err);
    assert!(!sandbox.path().join("reports").exists());
}

/// The environment can say any string, also a word; it is asked for the chosen target alone.
#[test]
fn the_environment_is_read_for_the_chosen_target_alone() {
    let sandbox = Sandbox::new();
    let listener = Counter::start();
    let client = "name = \"main\"\nid = \"${CLIENT_ID}\"\nsecret = \"${CLIENT_SECRET}\"\n\
                  grants = [\"client_credentials\"]\n";
    sandbox.write(
        "tokenspec.toml",
        &format!(
            "default-target = \"${{WHICH}}\"\n\
             [target.staging]\nissuer = \"${{BASE}}\"\nsnapshots = \"${{MODE}}\"\n\
             [[target.staging.client]]\n{client}\
             [target.production]\nissuer = \"${{UNSET_VARIABLE}}\"\n"
        ),
    );
    let mut command = sandbox.command(&["list", "--format", "json"]);
    command
        .env("BASE", listener.url())
        .env("CLIENT_ID", "id")
        .env("CLIENT_SECRET", "secret")
        .env("MODE", "off")
        .env("WHICH", "staging");
    let ran = support::ran(command);
    assert_eq!(ran.status, 0, "{}", ran.all());
    let list: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!(list["target"], "staging");
    assert_eq!(listener.connections(), 0);
}
