//! `--known-failures`: what is known is run, and does not fail the run; a list that says more than
//! is true does.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use serde_json::Value;
use support::served::Served;
use support::{Ran, Sandbox};

const FAILS: &str = "authorization_code/pkce/missing-verifier";

/// A server that forgets PKCE, and runs on it with a list.
struct Faulty {
    sandbox: Sandbox,
    _served: Served,
}

impl Faulty {
    fn new() -> Self {
        let served = Served::start(&["--fault", "verifier-may-be-left-out"]);
        let sandbox = Sandbox::new();
        sandbox.write("tokenspec.toml", &served.config);
        Self {
            sandbox,
            _served: served,
        }
    }

    fn run(&self, list: &str, filter: &str) -> Ran {
        self.sandbox.write("known.toml", list);
        self.sandbox
            .tokenspec(&["run", filter, "--known-failures", "known.toml"])
    }

    fn report(&self) -> Value {
        self.sandbox.json("reports/local/report.json")
    }
}

fn entry(trial: &str, more: &str) -> String {
    format!("[[known]]\ntrial = \"{trial}\"\nreason = \"ticket 7\"\n{more}\n")
}

#[test]
fn what_is_known_is_run_and_does_not_fail() {
    let faulty = Faulty::new();
    let filter = "authorization_code/pkce/*-verifier";
    let ran = faulty
        .sandbox
        .tokenspec(&["run", filter, "--write-known-failures"]);
    assert_eq!(ran.status, 1, "{}", ran.all());
    // What is printed is the list that this run needs.
    let needed = ran.out;
    let failing: Vec<String> = faulty.report()["cases"]
        .as_array()
        .expect("cases")
        .iter()
        .filter(|case| case["verdict"] == "failed")
        .map(|case| case["id"].as_str().expect("an id").to_owned())
        .collect();
    assert!(failing.iter().any(|id| id == FAILS), "{failing:?}");
    for id in &failing {
        assert!(needed.contains(id), "{needed}");
    }
    let ran = faulty.run(&needed, filter);
    assert_eq!(ran.status, 0, "{}", ran.all());
    let report = faulty.report();
    assert_eq!(report["summary"]["known"], failing.len());
    assert_eq!(report["summary"]["failed"], failing.len());
    for case in report["cases"].as_array().expect("cases") {
        let known = case["known"].is_string();
        assert_eq!(known, case["verdict"] == "failed", "{case}");
    }
    assert!(ran.out.contains("known failures:\n"), "{}", ran.out);
    // Written again, it is the same list.
    let again = faulty.sandbox.tokenspec(&[
        "run",
        filter,
        "--known-failures",
        "known.toml",
        "--write-known-failures",
    ]);
    assert_eq!(again.status, 0, "{}", again.all());
    assert_eq!(again.out, needed);
}

#[test]
fn a_list_that_is_not_true_fails_the_run() {
    let faulty = Faulty::new();
    let all = "authorization_code/pkce/missing-verifier";
    let passing = "authorization_code/pkce/wrong-verifier[that-is-another]";
    let known = entry(FAILS, "");
    for (list, filter, words) in [
        (
            entry(passing, "") + &known,
            "authorization_code/pkce/*",
            "is none any more",
        ),
        (
            entry("authorization_code/pkce/mising-verifier", "") + &known,
            all,
            "names no trial",
        ),
        (entry(FAILS, "expires = \"2020-02-29\""), all, "has expired"),
    ] {
        let ran = faulty.run(&list, filter);
        assert_eq!(ran.status, 1, "{list}\n{}", ran.all());
        assert!(ran.out.contains(words), "{words}: {}", ran.out);
        let notices = faulty.report()["notices"]
            .as_array()
            .expect("notices")
            .len();
        assert!(notices >= 1);
        let junit = faulty.sandbox.read("reports/local/junit.xml");
        assert!(junit.contains("excuse-1"), "{junit}");
    }
    // What the filters leave out says nothing.
    let list = entry(passing, "") + &entry("refresh_token/*", "expires = \"2020-02-29\"") + &known;
    let ran = faulty.run(&list, all);
    assert_eq!(ran.status, 0, "{}", ran.all());
}

/// An entry for one requirement excuses no other, and none that is for another target.
#[test]
fn an_entry_excuses_what_it_names() {
    let faulty = Faulty::new();
    let one = |id: &str| entry(FAILS, &format!("requirement = \"{id}\""));
    let ran = faulty.run(&one("rfc7636-4.6-verified-before-tokens"), FAILS);
    assert_eq!(ran.status, 1, "{}", ran.all());
    let broken: Vec<String> = faulty.report()["cases"][0]["checks"]
        .as_array()
        .expect("checks")
        .iter()
        .filter(|check| check["verdict"] == "fail")
        .map(|check| check["requirement"].as_str().expect("an id").to_owned())
        .collect();
    assert!(broken.len() > 1, "{broken:?}");
    let list: String = broken.iter().map(|id| one(id)).collect();
    let ran = faulty.run(&list, FAILS);
    assert_eq!(ran.status, 0, "{}", ran.all());
    let ran = faulty.run(&entry(FAILS, "target = \"staging\""), FAILS);
    assert_eq!(ran.status, 1, "{}", ran.all());
    let ran = faulty.run(&entry(FAILS, "target = \"local\""), FAILS);
    assert_eq!(ran.status, 0, "{}", ran.all());
}

#[test]
fn a_mistake_in_the_list_has_its_place_and_a_remedy() {
    let faulty = Faulty::new();
    for (list, code) in [
        (
            "[[known]]\ntrail = \"a/b\"\nreason = \"x\"\n",
            "unknown-key",
        ),
        (
            "[[known]]\ntrial = \"a/b\"\nreason = \" \"\n",
            "known-without-reason",
        ),
        (
            "[[known]]\ntrial = \"a/b\"\nreason = \"x\"\nexpires = \"soon\"\n",
            "bad-date",
        ),
        (
            "[[known]]\ntrial = \"a/b\"\nreason = \"x\"\nrequirement = \"rfc6749-9\"\n",
            "unknown-requirement",
        ),
    ] {
        let ran = faulty.run(list, FAILS);
        assert_eq!(ran.status, 2, "{}", ran.all());
        assert!(ran.err.contains(code), "{code}: {}", ran.err);
        assert!(ran.err.contains("known.toml:"), "{}", ran.err);
    }
    let ran = faulty
        .sandbox
        .tokenspec(&["run", FAILS, "--known-failures", "nowhere.toml"]);
    assert_eq!(ran.status, 2, "{}", ran.all());
}

/// The list that a run on several targets needs is one that it passes with: each entry says which
/// target it is about.
#[test]
fn the_list_of_several_targets_fits_them_all() {
    let good = Served::start(&[]);
    let bad = Served::start(&["--fault", "verifier-may-be-left-out"]);
    let sandbox = Sandbox::new();
    let renamed = bad
        .config
        .replace("[target.local", "[target.other")
        .replace("[[target.local", "[[target.other");
    sandbox.write("tokenspec.toml", &format!("{}\n{renamed}", good.config));
    let filter = "authorization_code/pkce/*-verifier";
    let ran = sandbox.tokenspec(&["run", "--all-targets", filter, "--write-known-failures"]);
    assert_eq!(ran.status, 1, "{}", ran.all());
    assert_eq!(
        ran.out.matches("[[known]]").count(),
        ran.out.matches("target = \"other\"").count(),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("[[known]]"), "{}", ran.out);
    sandbox.write("known.toml", &ran.out);
    let ran = sandbox.tokenspec(&[
        "run",
        "--all-targets",
        filter,
        "--known-failures",
        "known.toml",
    ]);
    assert_eq!(ran.status, 0, "{}", ran.all());
}

/// A client may be called as a trial is: the trial keeps its name.
#[test]
fn a_notice_names_trials_as_they_are_called() {
    let faulty = Faulty::new();
    let list = entry("authorization_code/exchange/public-client", "");
    let ran = faulty.run(&list, "authorization_code/exchange/public-client*");
    assert_eq!(ran.status, 1, "{}", ran.all());
    assert!(
        ran.out
            .contains("`authorization_code/exchange/public-client` does not fail"),
        "{}",
        ran.out
    );
    assert!(!ran.out.contains("{{public.id}}"), "{}", ran.out);
}

/// Whoever is handed a report whose failures are all excused sees that at once.
#[test]
fn a_run_that_passes_by_excuses_says_so_on_each_page() {
    let faulty = Faulty::new();
    let ran = faulty.run(&entry(FAILS, ""), FAILS);
    assert_eq!(ran.status, 0, "{}", ran.all());
    let verdict = "Nothing failed that is not excused: 1 known failure.";
    assert!(ran.out.contains(verdict), "{}", ran.out);
    let page = faulty.sandbox.read("reports/local/index.html");
    for words in [
        verdict,
        "class=\"verdict passed by-excuses\"",
        "What is broken, and excused",
        "Excused: ticket 7",
    ] {
        assert!(page.contains(words), "{words}");
    }
    let badge = faulty.sandbox.json("reports/local/badge.json");
    assert_eq!(badge["message"], "0/1 passed");
    assert_ne!(badge["color"], "#17713a");
}
