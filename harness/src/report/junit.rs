//! `junit.xml`, as GitLab, Jenkins and the actions on GitHub show it well: one test case for each
//! trial; failures and errors apart, skips with their reasons; a message of one line, the rest in
//! the text.
//!
//! The writer escapes what is markup (also `]]>`, since it writes no CDATA).

use std::time::Duration;

use chrono::{DateTime, FixedOffset};
use indexmap::IndexMap;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::failure::why_it_warns;
use super::hostile::{line, visible};
use super::record::{CaseRecord, CheckRecord, Record};
use crate::outcome::{CaseVerdict, Verdict};

/// The record as JUnit XML.
pub(super) fn xml(record: &Record) -> Result<String, String> {
    let started = DateTime::parse_from_rfc3339(&record.started).ok();
    let mut report = Report::new(format!("tokenspec {}", line(&record.target.name)));
    report.set_time(Duration::from_millis(record.duration_ms));
    let mut suites: IndexMap<&str, Vec<&CaseRecord>> = IndexMap::new();
    for case in &record.cases {
        suites.entry(&case.suite).or_default().push(case);
    }
    for (name, cases) in suites {
        let mut suite = TestSuite::new(name);
        let took = cases.iter().map(|case| case.duration_ms).sum();
        suite.set_time(Duration::from_millis(took));
        describe(&mut suite, record, started);
        suite.add_test_cases(cases.into_iter().map(|case| test_case(record, case)));
        report.add_test_suite(suite);
    }
    if let Some(started) = started {
        report.set_timestamp(started);
    }
    notices(&mut report, record);
    report.to_string().map_err(|error| error.to_string())
}

fn describe(suite: &mut TestSuite, record: &Record, started: Option<DateTime<FixedOffset>>) {
    if let Some(started) = started {
        suite.set_timestamp(started);
    }
    suite.add_property(("profile", line(&record.target.profile.join(", ")).as_str()));
    if let Some(incomplete) = &record.incomplete {
        suite.add_property(("tokenspec.incomplete", incomplete.as_str()));
    }
    if let Some(insecure) = &record.target.insecure {
        suite.add_property(("tokenspec.insecure", insecure.as_str()));
    }
    suite.add_property(("cases_digest", record.tool.cases_digest.as_str()));
}

/// Excuses that are out of date fail the run, and so they are failures here.
fn notices(report: &mut Report, record: &Record) {
    let failing: Vec<_> = record
        .notices
        .iter()
        .filter(|notice| notice.fails)
        .collect();
    if failing.is_empty() {
        return;
    }
    let mut suite = TestSuite::new("excuses");
    for (index, notice) in failing.iter().enumerate() {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_message(line(&notice.text)).set_type("excuse");
        let mut test = TestCase::new(format!("excuse-{}", index + 1), status);
        test.set_classname("excuses");
        suite.add_test_case(test);
    }
    report.add_test_suite(suite);
}

fn test_case(record: &Record, case: &CaseRecord) -> TestCase {
    let reason = line(case.reason.as_deref().unwrap_or_default());
    let non_success = |kind, name: &str, message: String| {
        let mut status = TestCaseStatus::non_success(kind);
        status.set_message(message).set_type(name);
        status.set_description(details(record, case));
        status
    };
    let status = match case.verdict {
        CaseVerdict::Failed if case.fails() => non_success(
            NonSuccessKind::Failure,
            "failed",
            headline(case, Verdict::Fail),
        ),
        CaseVerdict::Warned if record.strict && case.warns_should() => non_success(
            NonSuccessKind::Failure,
            "warned",
            headline(case, Verdict::Warn),
        ),
        CaseVerdict::Errored => non_success(NonSuccessKind::Error, "errored", reason),
        _ if case.snapshot.is_some() => non_success(
            NonSuccessKind::Failure,
            "snapshot",
            "the response differs from its snapshot".into(),
        ),
        CaseVerdict::Skipped => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(reason);
            status
        }
        CaseVerdict::Passed | CaseVerdict::Warned | CaseVerdict::Failed => {
            TestCaseStatus::success()
        }
    };
    let mut test = TestCase::new(line(&case.id), status);
    // Jenkins takes what stands before the last dot for a package.
    test.set_classname(case.suite.replace('/', "."));
    test.set_time(Duration::from_millis(case.duration_ms));
    if let Some(reason) = &case.known {
        test.set_system_out(format!(
            "known failure: {}\n{}",
            line(reason),
            details(record, case)
        ));
    } else if let Some(because) = &case.deviates {
        test.set_system_out(format!(
            "deviates, as documented: {}\n{}",
            line(because),
            details(record, case)
        ));
    } else if case.verdict == CaseVerdict::Warned {
        test.set_system_out(format!("warned: {}", checks(record, case, Verdict::Warn)));
    }
    test
}

/// The first check of this verdict on one line, and how many more there are.
fn headline(case: &CaseRecord, verdict: Verdict) -> String {
    let mut of = case.checks.iter().filter(|check| check.verdict == verdict);
    let first = of.next().map_or_else(|| line(&case.title), one);
    match of.count() {
        0 => first,
        more => format!("{first} (and {more} more)"),
    }
}

fn one(check: &CheckRecord) -> String {
    format!(
        "{} {} ({}): expected {}; {}",
        check.document,
        check.section,
        check.level.keyword(),
        line(&check.expected),
        line(&check.actual)
    )
}

fn checks(record: &Record, case: &CaseRecord, verdict: Verdict) -> String {
    let texts: Vec<String> = case
        .checks
        .iter()
        .filter(|check| check.verdict == verdict)
        .map(|check| {
            let requirement = record.requirement(&check.requirement);
            let mut text = one(check);
            if let Some(requirement) = requirement {
                text.push_str(&format!("\n  {} {}", requirement.id, requirement.url));
                text.push_str(&format!("\n  {}", line(&requirement.statement)));
            }
            if let Some(why) = why_it_warns(check, requirement) {
                text.push_str(&format!("\n  {why}"));
            }
            text
        })
        .collect();
    texts.join("\n")
}

fn details(record: &Record, case: &CaseRecord) -> String {
    let mut text = format!("{}\n", line(&case.title));
    for verdict in [Verdict::Fail, Verdict::Warn] {
        let checks = checks(record, case, verdict);
        if !checks.is_empty() {
            text.push_str(&checks);
            text.push('\n');
        }
    }
    if let Some(difference) = &case.snapshot {
        text.push_str(&visible(difference));
        text.push('\n');
    }
    if let Some(exchange) = case.telling_exchange().map(|index| &case.exchanges[index]) {
        text.push_str(&visible(&exchange.curl));
        text.push('\n');
        if let Some(response) = &exchange.response {
            text.push_str(&format!("response: {}\n", response.status));
        }
    }
    if let Some(hint) = &case.hint {
        text.push_str(&format!("hint: {hint}\n"));
    }
    text
}
