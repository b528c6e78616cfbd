//! `tokenspec report matrix`: servers beside each other.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use support::Sandbox;
use support::served::Served;

/// Reports of the reference, and of the reference with a fault, in `reports/reference` and `reports/local`.
fn two_reports() -> Sandbox {
    let served = Served::start(&["--fault", "unknown-code-is-401"]);
    let sandbox = Sandbox::new();
    sandbox.write("tokenspec.toml", &served.config);
    let filter = "authorization_code/exchange/*";
    let ran = sandbox.tokenspec(&["run", filter]);
    assert_eq!(ran.status, 1, "{}", ran.all());
    let ran = sandbox.tokenspec(&["run", filter, "--target", "reference", "--snapshots", "off"]);
    assert_eq!(ran.status, 0, "{}", ran.all());
    sandbox
}

#[test]
fn the_table_shows_what_servers_differ_on() {
    let sandbox = two_reports();
    // A folder and a file are the same.
    let ran = sandbox.tokenspec(&[
        "report",
        "matrix",
        "reports/reference",
        "reports/local/report.json",
    ]);
    assert_eq!(ran.status, 0, "{}", ran.all());
    assert!(
        ran.out
            .contains("| requirement | level | reference | local |"),
        "{}",
        ran.out
    );
    let row = ran
        .out
        .lines()
        .find(|line| line.starts_with("| [rfc6749-5.2-invalid-grant"))
        .unwrap_or_else(|| panic!("{}", ran.out));
    assert!(row.ends_with("| passed | **failed** |"), "{row}");
    let ran = sandbox.tokenspec(&["report", "matrix", "reports/local", "--out", "matrix.md"]);
    assert_eq!((ran.status, ran.out.as_str()), (0, ""), "{}", ran.err);
    assert!(sandbox.read("matrix.md").contains("| document | local |"));
    for arguments in [["--out", "matrix.html"], ["--format", "html"]] {
        let ran =
            sandbox.tokenspec(&[&["report", "matrix", "reports/local"], &arguments[..]].concat());
        assert_eq!(ran.status, 0, "{}", ran.all());
        let page = if arguments[0] == "--out" {
            sandbox.read("matrix.html")
        } else {
            ran.out
        };
        assert!(page.starts_with("<!DOCTYPE html>"), "{page}");
        assert!(page.contains("<th scope=\"col\">local</th>"), "{page}");
    }
}

#[test]
fn what_is_no_report_is_said_with_its_path() {
    let sandbox = Sandbox::new();
    sandbox.write("other.json", "{\"schema\": \"tokenspec-report/9\"}");
    sandbox.write("text.json", "no JSON");
    for (path, said) in [
        ("nowhere", "nowhere cannot be read"),
        (".", "report.json cannot be read"),
        ("other.json", "its schema is tokenspec-report/9"),
        ("text.json", "text.json is no report"),
    ] {
        let ran = sandbox.tokenspec(&["report", "matrix", path]);
        assert_eq!(ran.status, 2, "{}", ran.all());
        assert!(ran.err.contains(said), "{}", ran.all());
    }
}
