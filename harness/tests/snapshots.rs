//! Snapshots: a second run changes none, a difference is told, and a person can accept it.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::path::{Path, PathBuf};

use support::served::Served;
use support::{ROOT, Sandbox, copy};

/// The checkout's snapshots hold for a run of today, and stay as they are.
#[test]
fn a_run_changes_none_of_the_committed_snapshots() {
    for (folder, arguments) in [
        ("reference", &["run"][..]),
        ("reference-ciam", &["run", "--profile", "ciam"]),
    ] {
        let committed = Path::new(ROOT).join("snapshots").join(folder);
        let sandbox = Sandbox::new();
        let own = format!("snapshots/{folder}");
        copy(&committed, &sandbox.path().join(&own));
        let before = sandbox.files(&own);
        assert!(
            !before.is_empty(),
            "there are none in {}",
            committed.display()
        );
        let ran = sandbox.tokenspec(arguments);
        assert_eq!(ran.status, 0, "{}", ran.all());
        assert_eq!(
            changed(&before, &sandbox.files(&own)),
            Vec::<PathBuf>::new()
        );
    }
}

/// The paths at which two folders differ.
fn changed(before: &[(PathBuf, Vec<u8>)], after: &[(PathBuf, Vec<u8>)]) -> Vec<PathBuf> {
    let one_sided = |a: &[(PathBuf, Vec<u8>)], b: &[(PathBuf, Vec<u8>)]| -> Vec<PathBuf> {
        a.iter()
            .filter(|file| !b.contains(file))
            .map(|(path, _)| path.clone())
            .collect()
    };
    let mut all = one_sided(before, after);
    all.extend(one_sided(after, before));
    all.sort();
    all.dedup();
    all
}

#[test]
fn what_update_writes_the_next_run_finds_unchanged() {
    let sandbox = Sandbox::new();
    let ran = sandbox.tokenspec(&["run", "--snapshots", "update"]);
    assert_eq!(ran.status, 0, "{}", ran.all());
    let before = sandbox.files("snapshots");
    assert!(before.len() > 50, "only {} were written", before.len());
    assert!(
        before
            .iter()
            .all(|(path, _)| path.extension().is_some_and(|e| e == "snap"))
    );
    for arguments in [
        &["run"][..],
        &["run", "--jobs", "1"],
        &["run", "--snapshots", "update"],
    ] {
        let ran = sandbox.tokenspec(arguments);
        assert_eq!(ran.status, 0, "{arguments:?}: {}", ran.all());
        assert_eq!(
            changed(&before, &sandbox.files("snapshots")),
            Vec::<PathBuf>::new()
        );
    }
}

#[test]
fn a_difference_fails_the_run_and_can_be_reviewed_and_accepted() {
    let sandbox = Sandbox::new();
    let only = "client_credentials/grant/grants-a-token*";
    let ran = sandbox.tokenspec(&["run", only, "--snapshots", "update"]);
    assert_eq!(ran.status, 0, "{}", ran.all());
    let accepted = sandbox.files("snapshots");
    let (path, bytes) = accepted[0].clone();
    let text = String::from_utf8(bytes).expect("UTF-8");
    let drifted = text.replace("=> 200", "=> 201");
    assert_ne!(drifted, text);
    std::fs::write(&path, &drifted).expect("a file");

    // Where CI is set, it is told, and nothing is written.
    let mut command = sandbox.command(&["run", only]);
    command.env("CI", "true");
    let ran = support::ran(command);
    assert_eq!(ran.status, 1, "{}", ran.all());
    assert_eq!(sandbox.files("snapshots").len(), accepted.len());

    let ran = sandbox.tokenspec(&["run", only]);
    assert_eq!(ran.status, 1, "{}", ran.all());
    for words in ["-=> 201", "+=> 200", "snapshots: 1 differ"] {
        assert!(ran.out.contains(words), "`{words}` is not in: {}", ran.out);
    }
    let report = sandbox.json("reports/reference/report.json");
    // The verdict is about conformance: drift is none of its matter.
    assert_eq!(report["summary"]["failed"], 0);
    assert!(
        sandbox
            .read("reports/reference/junit.xml")
            .contains("type=\"snapshot\"")
    );
    let new = path.with_extension("snap.new");
    assert!(new.exists(), "{}", new.display());

    let review = sandbox.tokenspec(&["snapshot", "review"]);
    assert_eq!(review.status, 0, "{}", review.all());
    for words in ["-=> 201", "+=> 200", "1 snapshots are new or differ"] {
        assert!(
            review.out.contains(words),
            "`{words}` is not in: {}",
            review.out
        );
    }
    let accept = sandbox.tokenspec(&["snapshot", "accept"]);
    assert_eq!(accept.status, 0, "{}", accept.all());
    assert!(
        accept.out.contains("1 snapshots accepted"),
        "{}",
        accept.all()
    );
    assert!(!new.exists());
    let ran = sandbox.tokenspec(&["run", only]);
    assert_eq!(ran.status, 0, "{}", ran.all());
    assert_eq!(
        changed(&accepted, &sandbox.files("snapshots")),
        Vec::<PathBuf>::new()
    );
}

/// A missing snapshot is written beside, and is no failure.
#[test]
fn a_missing_snapshot_is_new() {
    let sandbox = Sandbox::new();
    let only = "client_credentials/grant/grants-a-token*";
    let ran = sandbox.tokenspec(&["run", only, "--snapshots", "check"]);
    assert_eq!(ran.status, 0, "{}", ran.all());
    let new = sandbox.files("snapshots");
    assert!(!new.is_empty());
    assert!(
        new.iter()
            .all(|(path, _)| path.to_string_lossy().ends_with(".snap.new")),
        "{new:?}"
    );
    let accept = sandbox.tokenspec(&["snapshot", "accept"]);
    assert_eq!(accept.status, 0, "{}", accept.all());
    let ran = sandbox.tokenspec(&["run", only]);
    assert_eq!(ran.status, 0, "{}", ran.all());
    assert!(!ran.out.contains("snapshots:"), "{}", ran.out);
}

/// A target other than the reference has snapshots where it is said, in a folder of its own; and
/// the server's port, which changes, is in none of them.
#[test]
fn a_target_has_its_own_snapshots_which_outlive_its_port() {
    let sandbox = Sandbox::new();
    let mut before = Vec::new();
    for mode in ["update", "check"] {
        let served = Served::start(&[]);
        sandbox.write("tokenspec.toml", &served.config);
        let ran = sandbox.tokenspec(&["run"]);
        assert_eq!(ran.status, 0, "{}", ran.all());
        let off = sandbox.files("snapshots");
        assert_eq!(
            changed(&before, &off),
            Vec::<PathBuf>::new(),
            "off is what is not said"
        );
        let ran = sandbox.tokenspec(&["run", "--snapshots", mode]);
        assert_eq!(ran.status, 0, "{}", ran.all());
        let after = sandbox.files("snapshots");
        assert!(
            after
                .iter()
                .all(|(path, _)| path.starts_with(sandbox.path().join("snapshots/local")))
        );
        let port = served.url.rsplit(':').next().expect("a port").to_owned();
        for (path, bytes) in &after {
            let text = String::from_utf8_lossy(bytes);
            assert!(!text.contains(&port), "the port is in {}", path.display());
        }
        if mode == "check" {
            assert_eq!(changed(&before, &after), Vec::<PathBuf>::new());
        }
        before = after;
    }
}
