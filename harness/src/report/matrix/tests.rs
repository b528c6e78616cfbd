#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use serde_json::{Value, json};

use super::{Cell, Counts, Matrix};
use crate::catalogue::{Catalogue, embedded};
use crate::report::Record;

/// A record with these requirements of RFC 6749 and what the run saw of them.
fn record(name: &str, requirements: &[(&str, &str)]) -> Record {
    let requirements: Vec<Value> = requirements
        .iter()
        .map(|(id, verdict)| {
            json!({
                "id": id, "document": "rfc6749", "section": "5.1", "level": "MUST",
                "verdict": verdict, "cases": [],
            })
        })
        .collect();
    serde_json::from_value(json!({
        "schema": "tokenspec-report/1",
        "tool": { "name": "tokenspec", "version": "0.1.0", "cases_digest": "sha256:00" },
        "target": { "name": name, "profile": ["oidc@2026-11"] },
        "started": "2026-11-20T10:00:00.000Z",
        "duration_ms": 1,
        "summary": {
            "total": 0, "passed": 0, "failed": 0, "warned": 0, "skipped": 0, "errored": 0,
            "known": 0, "deviating": 0,
        },
        "cases": [],
        "requirements": requirements,
    }))
    .expect("a record")
}

fn matrix(records: &[Record]) -> Matrix {
    let catalogue = Catalogue::read(&embedded(), false).expect("the catalogue");
    Matrix::new(records, &catalogue)
}

fn ids(rows: &[super::RequirementRow]) -> Vec<&str> {
    rows.iter().map(|row| row.id.as_str()).collect()
}

#[test]
fn servers_differ_on_what_both_were_judged_by() {
    let one = record(
        "one",
        &[
            ("rfc6749-a", "passed"),
            ("rfc6749-b", "failed"),
            ("rfc6749-c", "failed"),
            ("rfc6749-d", "warned"),
            ("rfc6749-e", "not-tested"),
            ("rfc6749-f", "passed"),
        ],
    );
    let two = record(
        "two",
        &[
            ("rfc6749-a", "passed"),
            ("rfc6749-b", "passed"),
            ("rfc6749-c", "failed"),
            ("rfc6749-d", "not-tested"),
            ("rfc6749-e", "passed"),
        ],
    );
    let matrix = matrix(&[one, two]);
    assert_eq!(ids(&matrix.differing), ["rfc6749-b"]);
    assert_eq!(matrix.differing[0].cells, [Cell::Failed, Cell::Passed]);
    assert_eq!(ids(&matrix.broken_by_all), ["rfc6749-c", "rfc6749-d"]);
    let counts = &matrix.documents[0].counts;
    assert_eq!(
        counts[0],
        Some(Counts {
            passed: 2,
            failed: 2,
            deviating: 0,
            warned: 1,
            not_tested: 1
        })
    );
    // What a profile does not have is not counted as not tested.
    assert_eq!(
        counts[1],
        Some(Counts {
            passed: 3,
            failed: 1,
            deviating: 0,
            warned: 0,
            not_tested: 1
        })
    );
}

#[test]
fn a_document_that_a_profile_does_not_have_is_no_row_of_noughts() {
    let mut one = record("one", &[("rfc6749-a", "passed")]);
    one.requirements[0].document = "rfc7636".into();
    let two = record("two", &[("rfc6749-b", "passed")]);
    let matrix = matrix(&[one, two]);
    assert_eq!(matrix.documents[0].id, "rfc7636");
    assert!(matrix.documents[0].counts[0].is_some());
    assert_eq!(matrix.documents[0].counts[1], None);
    assert!(matrix.markdown().contains("| 1 passed | – |"));
}

#[test]
fn only_what_deviates_each_time_deviates() {
    let check = |deviates: Option<&str>| {
        json!({
            "requirement": "rfc6749-a", "document": "rfc6749", "section": "5.1", "level": "MUST",
            "verdict": "fail", "expected": "", "actual": "", "deviates": deviates,
        })
    };
    let case = |check: Value| {
        serde_json::from_value(json!({
            "id": "a/b", "suite": "a", "title": "", "verdict": "failed", "duration_ms": 1,
            "checks": [check], "exchanges": [],
        }))
        .expect("a case")
    };
    let mut record = record("one", &[("rfc6749-a", "failed")]);
    record.cases = vec![case(check(Some("the manual")))];
    let documented = matrix(std::slice::from_ref(&record));
    assert_eq!(documented.broken_by_all[0].cells, [Cell::Deviates]);
    assert!(
        documented
            .markdown()
            .contains("0 passed, 1 failed (1 as documented)")
    );
    record.cases.push(case(check(None)));
    assert_eq!(matrix(&[record]).broken_by_all[0].cells, [Cell::Failed]);
}

#[test]
fn a_requirement_comes_with_its_sentence_and_its_place() {
    let catalogue = Catalogue::read(&embedded(), false).expect("the catalogue");
    let row = catalogue
        .requirements
        .values()
        .find(|row| row.id.starts_with("rfc6749-5.1"))
        .expect("a requirement");
    let matrix = Matrix::new(&[record("one", &[(&row.id, "failed")])], &catalogue);
    let found = &matrix.broken_by_all[0];
    assert_eq!(found.statement, row.statement);
    assert!(found.url.ends_with("#section-5.1"), "{}", found.url);
}

#[test]
fn two_columns_of_one_name_are_told_apart_and_other_cases_are_said() {
    let one = record("server", &[]);
    let mut two = record("server", &[]);
    let same = matrix(&[one.clone(), two.clone()]).markdown();
    assert!(!same.contains(super::OTHER_CASES));
    two.tool.cases_digest = "sha256:01".into();
    let page = matrix(&[one, two]).markdown();
    assert!(page.contains(super::OTHER_CASES));
    assert!(
        page.contains("| document | server | server (2) |"),
        "{page}"
    );
}

/// A text that ends tables, links and tags where it is not escaped.
const HOSTILE: &str =
    "<script>alert(1)</script> | a\n\n# b [c](https://x.example) `d` **e** &lt; ~~f~~";

#[test]
fn what_a_report_says_is_no_markdown() {
    let mut record = record(HOSTILE, &[("rfc6749-a", "failed")]);
    record.requirements[0].id = HOSTILE.into();
    record.requirements[0].section = HOSTILE.into();
    record.target.profile = vec![HOSTILE.into()];
    record.started = HOSTILE.into();
    let page = matrix(&[record]).markdown();
    for line in page.lines().filter(|line| line.contains("alert")) {
        assert!(line.starts_with("| "), "{line}");
    }
    for raw in ["<script", "](https", "`d`", "**e**", "\n# b", "~~f", "&lt;"] {
        let kept = page.match_indices(raw).find(|(at, _)| {
            // An escape in front makes it a text.
            !page[..*at].ends_with('\\') || raw.starts_with('\n')
        });
        assert_eq!(kept, None, "{raw}\n{page}");
    }
    let columns = |line: &str| line.replace("\\|", "").matches('|').count();
    let table: Vec<usize> = page
        .lines()
        .skip_while(|line| !line.starts_with("## Requirements that"))
        .filter(|line| line.starts_with('|'))
        .map(columns)
        .collect();
    assert_eq!(table, [4, 4, 4]);
}

#[test]
fn what_a_report_says_is_no_html() {
    let mut one = record(HOSTILE, &[("rfc6749-a", "failed")]);
    let hostile = format!("{HOSTILE}\" onload='x' href=javascript:x");
    one.requirements[0].id = hostile.clone();
    one.requirements[0].document = hostile.clone();
    one.requirements[0].section = hostile.clone();
    one.target.profile = vec![hostile.clone()];
    one.started = hostile;
    let page = matrix(&[one, record("two", &[])]).html().expect("a page");
    assert!(page.contains("&#60;script&#62;"), "{page}");
    for raw in [
        "<script",
        "a\" onload",
        "\" onload",
        "'x'",
        "href=\"javascript",
    ] {
        assert!(!page.contains(raw), "{raw}\n{page}");
    }
    // What was an entity before stays the text that it was.
    assert!(page.contains("&#38;lt;"), "{page}");
}

#[test]
fn the_page_has_what_the_markdown_has_and_loads_nothing() {
    let page = matrix(&[
        record("one", &[("rfc6749-a", "failed"), ("rfc6749-b", "passed")]),
        record("two", &[("rfc6749-a", "passed"), ("rfc6749-b", "passed")]),
    ])
    .html()
    .expect("a page");
    assert!(page.contains("<td class=\"failed\">failed</td><td class=\"passed\">passed</td>"));
    assert!(page.contains("<td>1 passed, 1 failed</td><td>2 passed</td>"));
    for loads in [" src=", "<link", "<script", "url(", "@import"] {
        assert!(!page.contains(loads), "{loads}");
    }
}
