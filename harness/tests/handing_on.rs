//! Parts of a run put together, runs held against each other, signed reports, several targets, and
//! what is there for the prompt.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::process::Stdio;

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rsa;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use support::Sandbox;
use support::served::Served;

/// What of a report is the same however it is run: verdicts, not times and addresses. Of the trials
/// over all responses it is also what their checks say, but for the numbers: each part proves the
/// credentials by controls of its own, so that together they see more responses than the whole does.
fn said(report: &Value, over_all: &BTreeSet<String>) -> Value {
    let mut said = report.clone();
    for name in ["started", "duration_ms"] {
        said[name] = Value::Null;
    }
    for case in said["cases"].as_array_mut().expect("cases") {
        for name in ["duration_ms", "exchanges"] {
            case[name] = Value::Null;
        }
        let overall = over_all.contains(case["id"].as_str().expect("an id"));
        for check in case["checks"].as_array_mut().expect("checks") {
            // The trial that was the first to need a control has its exchanges too.
            check["exchange"] = Value::Null;
            if !overall {
                // The claims of a token are others each time.
                check["actual"] = Value::Null;
                check["expected"] = Value::Null;
            } else {
                let text = check["actual"].as_str().expect("a text");
                check["actual"] = json!(
                    text.chars()
                        .filter(|c| !c.is_ascii_digit())
                        .collect::<String>()
                );
            }
        }
    }
    said
}

/// The trials over all responses, as the plan has them.
fn over_all(sandbox: &Sandbox) -> BTreeSet<String> {
    let ran = sandbox.tokenspec(&["run", "--plan", "--format", "json"]);
    let plan: Value = serde_json::from_str(&ran.out).expect("JSON");
    let trials = plan["trials"].as_array().expect("trials").iter();
    let over_all: BTreeSet<String> = trials
        .filter(|trial| trial["phase"] == "every-response")
        .map(|trial| trial["id"].as_str().expect("an id").to_owned())
        .collect();
    assert!(!over_all.is_empty(), "{}", ran.all());
    over_all
}

fn cases(report: &Value) -> &Vec<Value> {
    report["cases"].as_array().expect("cases")
}

fn id(case: &Value) -> String {
    case["id"].as_str().expect("an id").to_owned()
}

/// Several processes, each with its part, and the whole beside them.
#[test]
fn parts_put_together_say_what_the_whole_says() {
    // A fault that breaks a requirement on every response, and one that breaks a single trial.
    let served = Served::start(&[
        "--fault",
        "unknown-code-is-401",
        "--fault",
        "success-without-cache-control",
    ]);
    let sandbox = Sandbox::new();
    sandbox.write("tokenspec.toml", &served.config);
    let whole = sandbox.tokenspec(&["run", "--report-dir", "whole"]);
    assert_eq!(whole.status, 1, "{}", whole.all());
    let mut children: Vec<_> = (1..=3)
        .map(|index| {
            let shard = format!("{index}/3");
            let folder = format!("part-{index}");
            sandbox
                .command(&["run", "--shard", &shard, "--report-dir", &folder])
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .expect("tokenspec starts")
        })
        .collect();
    for child in &mut children {
        let status = child.wait().expect("it ran");
        assert!(
            [0, 1].contains(&status.code().expect("a status")),
            "{status}"
        );
    }
    // In any order.
    let merged = sandbox.tokenspec(&[
        "report",
        "merge",
        "part-3",
        "part-1/report.json",
        "part-2",
        "--report-dir",
        "merged",
    ]);
    assert_eq!(merged.status, whole.status, "{}", merged.all());
    let (whole, merged) = (
        sandbox.json("whole/report.json"),
        sandbox.json("merged/report.json"),
    );
    let parts = [1, 2, 3].map(|index| sandbox.json(&format!("part-{index}/report.json")));
    let over_all = over_all(&sandbox);
    let (said_merged, said_whole) = (said(&merged, &over_all), said(&whole, &over_all));
    assert_eq!(said_merged["summary"], said_whole["summary"]);
    // One by one, so that a difference is seen where it is.
    for (one, other) in cases(&said_merged).iter().zip(cases(&said_whole)) {
        assert_eq!(one, other);
    }
    assert_eq!(said_merged, said_whole);
    let fails = |case: &&Value| case["verdict"] == "failed";
    let is_over_all = |case: &&Value| over_all.contains(&id(case));
    let failed = cases(&whole).iter().filter(fails);
    assert!(
        failed.clone().any(|case| is_over_all(&case)),
        "a trial over all responses fails here"
    );
    assert!(
        failed.clone().any(|case| !is_over_all(&case)),
        "and one of its own"
    );
    // Each trial over all responses is in each part, and each other one in exactly one; none is
    // without any.
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for case in parts.iter().flat_map(cases) {
        *times.entry(id(case)).or_default() += 1;
    }
    for case in cases(&whole) {
        let expected = if is_over_all(&case) { 3 } else { 1 };
        assert_eq!(times.remove(&id(case)), Some(expected), "{}", case["id"]);
    }
    assert_eq!(times, BTreeMap::new(), "what the whole does not have");
    let alone = cases(&whole).len() - over_all.len();
    for part in &parts {
        let count = cases(part).iter().filter(|case| !is_over_all(case)).count();
        assert!(count * 6 > alone, "{count} of {alone}");
    }

    // What is no whole run is refused.
    for (arguments, words) in [
        (&["part-1", "part-2"][..], "3/3"),
        (&["part-1", "part-2", "part-2", "part-3"], "twice"),
        (&["part-1", "whole"], "no part"),
    ] {
        let all = [&["report", "merge"], arguments].concat();
        let ran = sandbox.tokenspec(&all);
        assert_eq!(ran.status, 2, "{}", ran.all());
        assert!(ran.err.contains(words), "{words}: {}", ran.err);
    }
    let other = sandbox.tokenspec(&[
        "run",
        "--shard",
        "3/3",
        "--report-dir",
        "other",
        "refresh_token/*",
    ]);
    assert!([0, 1].contains(&other.status), "{}", other.all());
    let ran = sandbox.tokenspec(&["report", "merge", "part-1", "part-2", "other"]);
    assert_eq!(ran.status, 2, "{}", ran.all());
    assert!(ran.err.contains("trials"), "{}", ran.err);
}

/// A known failure on every response is held against all parts together.
#[test]
fn a_known_failure_of_every_response_is_judged_at_the_merge() {
    let served = Served::start(&["--fault", "success-without-cache-control"]);
    let sandbox = Sandbox::new();
    sandbox.write("tokenspec.toml", &served.config);
    let needed = sandbox.tokenspec(&["run", "--write-known-failures"]);
    assert_eq!(needed.status, 1, "{}", needed.all());
    assert!(needed.out.contains("every_response/"), "{}", needed.out);
    sandbox.write("known.toml", &needed.out);
    for index in 1..=8 {
        let (shard, folder) = (format!("{index}/8"), format!("parts/{index}"));
        let ran = sandbox.tokenspec(&[
            "run",
            "--shard",
            &shard,
            "--report-dir",
            &folder,
            "--known-failures",
            "known.toml",
            "--quiet",
        ]);
        assert_eq!(ran.status, 0, "{}", ran.all());
    }
    let ran = sandbox.tokenspec(&["report", "merge", "parts"]);
    assert_eq!(ran.status, 0, "{}", ran.all());
    let report = sandbox.json("reports/local/report.json");
    assert!(
        report["summary"]["known"].as_u64() > Some(0),
        "{}",
        report["summary"]
    );
}

#[test]
fn a_difference_names_regressions_fixes_and_responses() {
    let sandbox = Sandbox::new();
    let run = |faults: &[&str], folder: &str, more: &[&str]| {
        let arguments: Vec<&str> = faults.iter().flat_map(|fault| ["--fault", fault]).collect();
        let served = Served::start(&arguments);
        sandbox.write("tokenspec.toml", &served.config);
        let mut all = vec!["run", "--report-dir", folder, "--quiet"];
        all.extend(more);
        let ran = sandbox.tokenspec(&all);
        assert!([0, 1].contains(&ran.status), "{}", ran.all());
    };
    run(&[], "good", &[]);
    run(&["verifier-may-be-left-out"], "bad", &[]);
    run(&[], "part", &["--skip", "refresh_token/*"]);
    let diff = |old: &str, new: &str| sandbox.tokenspec(&["report", "diff", old, new]);
    let ran = diff("good", "bad");
    assert_eq!(ran.status, 1, "{}", ran.all());
    assert!(ran.out.starts_with("regressions:\n"), "{}", ran.out);
    assert!(
        ran.out
            .contains("authorization_code/pkce/missing-verifier (passed → failed)"),
        "{}",
        ran.out
    );
    let ran = diff("bad", "good");
    assert_eq!(ran.status, 0, "{}", ran.all());
    assert!(ran.out.contains("fixes:\n  "), "{}", ran.out);
    let ran = diff("good", "part");
    assert_eq!(ran.status, 0, "{}", ran.all());
    assert!(
        ran.out.contains("removed:\n  refresh_token/"),
        "{}",
        ran.out
    );
    let ran = diff("part", "good");
    assert!(ran.out.contains("new:\n  refresh_token/"), "{}", ran.out);
    // Two runs of one server differ in nothing.
    run(&[], "again", &[]);
    let ran = sandbox.tokenspec(&["report", "diff", "good", "again", "--format", "json"]);
    let difference: Value = serde_json::from_str(&ran.out).expect("JSON");
    for list in [
        "regressions",
        "fixes",
        "changed",
        "responses",
        "added",
        "removed",
    ] {
        assert_eq!(difference[list], json!([]), "{list}");
    }
    // A response that changed, and no verdict with it.
    let mut changed = sandbox.json("again/report.json");
    let case = changed["cases"]
        .as_array_mut()
        .expect("cases")
        .iter_mut()
        .find(|case| case["verdict"] == "passed" && case["exchanges"][0]["response"].is_object())
        .expect("a case with a response");
    let headers = case["exchanges"][0]["response"]["headers"]
        .as_array_mut()
        .expect("headers");
    headers.push(json!(["x-new", "1"]));
    sandbox.write("changed/report.json", &changed.to_string());
    let ran = diff("good", "changed");
    assert_eq!(ran.status, 0, "{}", ran.all());
    assert!(
        ran.out.contains("changed responses:\n  ") && ran.out.contains("headers: x-new is new"),
        "{}",
        ran.out
    );
    // The same change in many responses is told once.
    run(&["success-without-cache-control"], "bare", &[]);
    let ran = diff("bare", "good");
    let line = "headers: cache-control is new";
    let told = ran
        .out
        .lines()
        .filter(|one| one.ends_with(&format!(": {line}")));
    let told: Vec<&str> = told.collect();
    assert!(told.len() == 1 && told[0].contains(" more: "), "{told:?}");
    let ran = sandbox.tokenspec(&["report", "diff", "good", "bad", "--format", "markdown"]);
    assert!(ran.out.contains("\n## regressions\n"), "{}", ran.out);
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<&str> = text
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).expect("ASCII"))
        .collect();
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        lines.join("\n")
    )
}

/// The keys of RFC 7515, appendix A.3, and RFC 8037, appendix A.1, as everybody knows them.
const EC_JWK: &str = r#"{"kty":"EC","crv":"P-256","kid":"a","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#;
const ED_JWK: &str = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"}"#;

#[test]
fn a_signed_report_is_verified_and_a_changed_one_is_not() {
    let sandbox = Sandbox::new();
    let p256 = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key");
    let p384 = EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).expect("a key");
    let rsa = rsa::KeyPair::generate(rsa::KeySize::Rsa2048).expect("a key");
    let spki = |der: &[u8]| pem("PUBLIC KEY", der);
    let private = |der: &[u8]| pem("PRIVATE KEY", der);
    let public_of = |jwk: &str| {
        let mut jwk: Value = serde_json::from_str(jwk).expect("JSON");
        jwk.as_object_mut().expect("an object").remove("d");
        jwk.to_string()
    };
    let keys = [
        (
            "ES256",
            private(p256.to_pkcs8v1().expect("DER").as_ref()),
            spki(p256.public_key().as_der().expect("DER").as_ref()),
        ),
        (
            "ES384",
            private(p384.to_pkcs8v1().expect("DER").as_ref()),
            spki(p384.public_key().as_der().expect("DER").as_ref()),
        ),
        (
            "PS256",
            private(rsa.as_der().expect("DER").as_ref()),
            spki(rsa.public_key().as_der().expect("DER").as_ref()),
        ),
        (
            "ES256, key a",
            EC_JWK.to_owned(),
            format!("{{\"keys\":[{}]}}", public_of(EC_JWK)),
        ),
        ("EdDSA", ED_JWK.to_owned(), public_of(ED_JWK)),
    ];
    let verify =
        || sandbox.tokenspec(&["report", "verify", "reports/reference", "--key", "public"]);
    for (name, private, public) in &keys {
        sandbox.write("private", private);
        sandbox.write("public", public);
        let ran = sandbox.tokenspec(&[
            "run",
            "client_credentials/*",
            "--sign",
            "private",
            "--quiet",
        ]);
        assert_eq!(ran.status, 0, "{}", ran.all());
        let ran = verify();
        assert_eq!(ran.status, 0, "{name}: {}", ran.all());
        assert!(
            ran.out.contains(&format!("verified ({name})")),
            "{}",
            ran.out
        );
        assert!(
            ran.out.contains("the cases of this tokenspec"),
            "{}",
            ran.out
        );
    }
    let path = "reports/reference/report.json";
    // The page beside it is not signed: one that somebody changed is told.
    assert!(verify().out.contains("index.html: made of this report"));
    let page = sandbox.read("reports/reference/index.html");
    sandbox.write(
        "reports/reference/index.html",
        &page.replacen("Nothing failed", "Nothing at all failed", 1),
    );
    let ran = verify();
    assert_eq!(ran.status, 0, "{}", ran.all());
    assert!(ran.out.contains("NOT what tokenspec makes"), "{}", ran.out);
    sandbox.write("reports/reference/index.html", &page);
    let good = sandbox.read(path);
    // White space and the order of members say nothing.
    let mut value: Value = serde_json::from_str(&good).expect("JSON");
    sandbox.write(path, &value.to_string());
    assert_eq!(verify().status, 0);
    // A verdict does.
    value["cases"][0]["verdict"] = json!("skipped");
    sandbox.write(path, &value.to_string());
    let ran = verify();
    assert_eq!(ran.status, 1, "{}", ran.all());
    assert!(ran.out.contains("not verified"), "{}", ran.out);
    sandbox.write(path, &good);
    assert_eq!(verify().status, 0);
    // So does another key, and a header that was exchanged for another.
    sandbox.write("public", &keys[0].2);
    assert_eq!(verify().status, 1);
    sandbox.write("public", &keys[4].2);
    let signature = sandbox.read("reports/reference/report.json.jws");
    let (_, rest) = signature.split_once('.').expect("a header");
    sandbox.write(
        "reports/reference/report.json.jws",
        &format!(
            "{}.{rest}",
            base64::engine::general_purpose::URL_SAFE_NO_PAD
                .encode(r#"{"alg":"none","typ":"tokenspec-report+jws"}"#)
        ),
    );
    assert_eq!(verify().status, 1);
    // A run that is not signed leaves no signature of another behind.
    let ran = sandbox.tokenspec(&["run", "client_credentials/*", "--quiet"]);
    assert_eq!(ran.status, 0, "{}", ran.all());
    assert_eq!(verify().status, 2);
}

/// Whoever verifies a report is told which cases it is about, and how to name further ones.
#[test]
fn a_report_with_further_cases_is_verified_with_them() {
    let sandbox = Sandbox::new();
    sandbox.write("private", ED_JWK);
    sandbox.write(
        "public",
        r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
    );
    sandbox.write(
        "mine/profiles/mine.toml",
        "title = \"Mine\"\ndocuments = [\"rfc6749\"]\nsuites = [\"client_credentials/grant\"]\n",
    );
    let ran = sandbox.tokenspec(&[
        "run",
        "--cases",
        "mine",
        "--profile",
        "mine",
        "--sign",
        "private",
        "--quiet",
    ]);
    assert_eq!(ran.status, 0, "{}", ran.all());
    let verify = |more: &[&str]| {
        let all = ["report", "verify", "reports/reference", "--key", "public"];
        let ran = sandbox.tokenspec(&[&all[..], more].concat());
        assert_eq!(ran.status, 0, "{}", ran.all());
        ran.out
    };
    let out = verify(&[]);
    assert!(
        out.contains("other than the cases of this tokenspec"),
        "{out}"
    );
    assert!(out.contains("--cases DIR"), "{out}");
    let out = verify(&["--cases", "mine"]);
    assert!(
        out.contains("the cases of this tokenspec and of mine ("),
        "{out}"
    );
    assert!(!out.contains("other than"), "{out}");
}

#[test]
fn what_cannot_sign_is_said_before_anything_is_sent() {
    let sandbox = Sandbox::new();
    let counter = support::http::Counter::start();
    sandbox.write("tokenspec.toml", &counter.config());
    sandbox.write("public", &pem("PUBLIC KEY", b"nothing"));
    sandbox.write("symmetric", r#"{"kty":"oct","k":"AAAA"}"#);
    for key in ["nowhere", "public", "symmetric"] {
        let ran = sandbox.tokenspec(&["run", "--sign", key]);
        assert_eq!(ran.status, 2, "{}", ran.all());
        assert!(ran.err.contains(key), "{}", ran.err);
    }
    assert_eq!(counter.connections(), 0);
}

#[test]
fn several_targets_have_a_report_each_and_an_index() {
    let good = Served::start(&[]);
    let bad = Served::start(&["--fault", "unknown-code-is-401"]);
    let sandbox = Sandbox::new();
    let renamed = bad
        .config
        .replace("[target.local", "[target.\"<b>bad\"")
        .replace("[[target.local", "[[target.\"<b>bad\"");
    sandbox.write("tokenspec.toml", &format!("{}\n{renamed}", good.config));
    let filter = "authorization_code/exchange/*";
    let ran = sandbox.tokenspec(&["run", "--all-targets", filter]);
    assert_eq!(ran.status, 1, "{}", ran.all());
    let status = |folder: &str| {
        sandbox.json(&format!("reports/{folder}/report.json"))["summary"]["failed"].clone()
    };
    assert_eq!(status("local"), 0);
    // The name is none of a folder, so that something is added which tells it from others.
    let bad = std::fs::read_dir(sandbox.path().join("reports"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .find(|name| name.starts_with("-b-bad-"))
        .expect("a folder of the other target");
    assert!(status(&bad).as_u64() > Some(0));
    let index = sandbox.read("reports/index.html");
    assert!(index.contains("href=\"local/index.html\""), "{index}");
    assert!(
        index.contains("-b-bad") && !index.contains("<b>"),
        "{index}"
    );
    let ran = sandbox.tokenspec(&["run", "--target", "local", "--target", "local", filter]);
    assert_eq!(ran.status, 0, "{}", ran.all());
    let ran = sandbox.tokenspec(&["run", "--target", "local", "--target", "nobody", filter]);
    assert_eq!(ran.status, 2, "{}", ran.all());
}

#[test]
fn the_prompt_has_completions_pages_and_short_help() {
    let sandbox = Sandbox::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ran = sandbox.tokenspec(&["completions", shell]);
        assert_eq!(ran.status, 0, "{}", ran.all());
        assert!(ran.out.contains("known-failures"), "{shell}");
    }
    let ran = sandbox.tokenspec(&["man"]);
    assert!(ran.out.contains(".TH tokenspec 1"), "{}", ran.out);
    let ran = sandbox.tokenspec(&["man", "--dir", "man"]);
    assert_eq!(ran.status, 0, "{}", ran.all());
    assert!(
        sandbox
            .read("man/tokenspec-run.1")
            .contains("known\\-failures")
    );
    for page in ["tokenspec", "tokenspec-run"] {
        assert!(sandbox.read(&format!("man/{page}.1")).contains("Examples:"));
    }
    // Each command's help fits a screen: 80 columns, and as few lines as its options let it.
    let pages = sandbox.files("man");
    assert!(pages.len() > 15, "{pages:?}");
    for (path, _) in pages {
        let name = path
            .file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        let words: Vec<&str> = name.split('-').skip(1).collect();
        let help = sandbox.tokenspec(&[&words[..], &["--help"]].concat());
        assert_eq!(help.status, 0, "{}", help.all());
        let most = if name == "tokenspec-run" { 45 } else { 36 };
        let lines = help.out.lines().count();
        assert!(lines <= most, "{name}: {lines} lines\n{}", help.out);
        for line in help.out.lines() {
            assert!(line.chars().count() <= 80, "{name}: {line}");
        }
    }
    for arguments in [&["--help"][..], &["run", "-h"], &["run", "--help"]] {
        let help = sandbox.tokenspec(arguments).out;
        assert!(help.contains("Examples:"), "{help}");
    }
}

#[test]
fn quiet_and_verbose_are_what_they_say() {
    let sandbox = Sandbox::new();
    let filter = "client_credentials/grant/*";
    let quiet = sandbox.tokenspec(&["run", filter, "--quiet"]);
    assert_eq!(quiet.status, 0, "{}", quiet.all());
    assert!(!quiet.out.contains("client_credentials/"), "{}", quiet.out);
    assert!(
        quiet.out.contains("passed: Nothing failed."),
        "{}",
        quiet.out
    );
    let verbose = sandbox.tokenspec(&["run", filter, "--verbose"]);
    assert_eq!(verbose.status, 0, "{}", verbose.all());
    assert!(
        verbose.err.contains("POST http://127.0.0.1:"),
        "{}",
        verbose.err
    );
    assert!(verbose.err.contains("response: 200"), "{}", verbose.err);
    assert!(
        verbose.err.contains("\"access_token\":\"{{"),
        "{}",
        verbose.err
    );
    for text in [&quiet.out, &verbose.out, &verbose.err] {
        assert!(!text.contains('\u{1b}'), "no colours where nobody looks");
    }
}
