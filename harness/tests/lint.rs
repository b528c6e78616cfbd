//! What a person reads who has made a mistake in a case file, a profile or a list of requirements.
//!
//! The files are in `mistakes/`, the messages in `snapshots/`, word for word.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::path::Path;

use support::{ROOT, Sandbox, each, is_complete, mistakes, pinned};

#[test]
fn each_mistake_in_a_case_file_is_told_with_place_and_remedy() {
    let sandbox = Sandbox::new();
    each(mistakes("cases"), |name, text| {
        let file = format!("cases/{name}.toml");
        sandbox.write(&file, &text);
        let ran = sandbox.tokenspec(&["lint", &file]);
        assert_eq!(ran.status, 2, "{}", ran.all());
        assert_eq!(ran.out, "");
        is_complete(&ran.err, &file);
        pinned("lint", name, &ran.err);
    });
}

/// Profiles and requirements: a folder for each file, since its path says what it is.
#[test]
fn each_mistake_in_a_profile_or_a_document_is_told() {
    let sandbox = Sandbox::new();
    for kind in ["profiles", "requirements"] {
        each(mistakes(kind), |name, text| {
            let folder = format!("{kind}_{name}");
            let file = format!("{folder}/{kind}/{}.toml", name.replace('_', "-"));
            sandbox.write(&file, &text);
            let ran = sandbox.tokenspec(&["lint", &folder]);
            assert_eq!(ran.status, 2, "{}", ran.all());
            is_complete(&ran.err, &file);
            pinned("lint", &folder, &ran.err);
        });
    }
}

#[test]
fn the_mistakes_of_all_files_are_told_together() {
    let sandbox = Sandbox::new();
    let all = mistakes("cases");
    for (name, text) in &all {
        sandbox.write(&format!("mine/{name}.toml"), text);
    }
    let ran = sandbox.tokenspec(&["lint", "mine"]);
    assert_eq!(ran.status, 2);
    for (name, _) in &all {
        assert!(
            ran.err.contains(&format!("[mine/{name}.toml:")),
            "{name} is missing"
        );
    }
}

#[test]
fn a_run_with_a_mistake_in_a_case_file_tells_it_and_sends_nothing() {
    let sandbox = Sandbox::new();
    let listener = support::http::Counter::start();
    sandbox.write("tokenspec.toml", &listener.config());
    let (name, text) = &mistakes("cases")[0];
    let file = format!("mine/{name}.toml");
    sandbox.write(&file, text);
    let linted = sandbox.tokenspec(&["lint", "mine"]);
    for command in [["run", "--cases"], ["list", "--cases"], ["run", "--plan"]] {
        let mut arguments = command.to_vec();
        if command[1] == "--plan" {
            arguments.push("--cases");
        }
        arguments.push("mine");
        let ran = sandbox.tokenspec(&arguments);
        assert_eq!(ran.status, 2, "{}", ran.all());
        assert_eq!(ran.err, linted.err);
        assert_eq!(ran.out, "");
    }
    assert_eq!(listener.connections(), 0);
}

#[test]
fn what_cannot_be_read_is_named() {
    let sandbox = Sandbox::new();
    sandbox.write("empty/README.md", "no cases here");
    for (path, words) in [
        ("nowhere", "nowhere cannot be read"),
        ("nowhere.toml", "nowhere.toml cannot be read"),
        ("empty", "there is no case file in empty"),
    ] {
        let ran = sandbox.tokenspec(&["lint", path]);
        assert_eq!(ran.status, 2, "{}", ran.all());
        assert!(ran.err.contains(words), "{}", ran.all());
    }
}

#[test]
fn the_cases_that_come_with_tokenspec_have_no_mistakes() {
    let sandbox = Sandbox::new();
    let checkout = Path::new(ROOT).join("cases");
    for arguments in [
        vec!["lint"],
        vec!["lint", checkout.to_str().expect("UTF-8")],
    ] {
        let ran = sandbox.tokenspec(&arguments);
        assert_eq!(ran.status, 0, "{}", ran.all());
        assert!(ran.out.contains("no mistakes"), "{}", ran.all());
    }
}

/// A vendor's file: requirement ids of the built-in documents, a name of its own.
#[test]
fn a_file_without_mistakes_has_none_and_runs() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "mine/token_endpoint/vendor.toml",
        r#"
title    = "What we promise beyond the standard"
document = "rfc6749"

[[case]]
id    = "made-up-code"
title = "a made-up code is refused with {{each.name}}"
start = "made_up_code"
each  = [{ name = "a description", label = "described" }]

[[case.expect]]
requirement = "5.2-invalid-grant-invalid"
any-of      = [{ status = 400, json.error = "invalid_grant" }]
"#,
    );
    let ran = sandbox.tokenspec(&["lint", "mine"]);
    assert_eq!(ran.status, 0, "{}", ran.all());
    let name = "token_endpoint/vendor/made-up-code[described]";
    let ran = sandbox.tokenspec(&["run", "--cases", "mine", "--exact", name]);
    assert_eq!(ran.status, 0, "{}", ran.all());
    let report = sandbox.json("reports/reference/report.json");
    assert_eq!(report["summary"]["passed"], 1);
    assert_eq!(report["cases"][0]["id"], name);
}
