//! `junit.xml`: one test case for each trial; failures and errors apart, skips with their reasons.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::record::{CaseRecord, Record};
use crate::outcome::{CaseVerdict, Verdict};

/// The record as JUnit XML.
pub(super) fn xml(record: &Record) -> Result<String, String> {
    let mut report = Report::new(format!("tokenspec {}", record.target.name));
    report.set_time(Duration::from_millis(record.duration_ms));
    let mut suites: Vec<TestSuite> = Vec::new();
    for case in &record.cases {
        let test = test_case(case);
        match suites
            .iter_mut()
            .find(|suite| suite.name.as_str() == case.suite)
        {
            Some(suite) => {
                suite.add_test_case(test);
            }
            None => {
                let mut suite = TestSuite::new(case.suite.clone());
                suite.add_test_case(test);
                suites.push(suite);
            }
        }
    }
    if let Some(incomplete) = &record.incomplete {
        for suite in &mut suites {
            suite.add_property(("tokenspec.incomplete", incomplete.as_str()));
        }
    }
    if let Some(insecure) = &record.target.insecure {
        for suite in &mut suites {
            suite.add_property(("tokenspec.insecure", insecure.as_str()));
        }
    }
    report.add_test_suites(suites);
    report.to_string().map_err(|error| error.to_string())
}

fn test_case(case: &CaseRecord) -> TestCase {
    let reason = case.reason.clone().unwrap_or_default();
    let excused = case.deviates.as_ref().or(case.known.as_ref());
    let status = match (case.verdict, excused) {
        (CaseVerdict::Failed, None) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status
                .set_message(checks(case, Verdict::Fail))
                .set_type("failed");
            status.set_description(details(case));
            status
        }
        (CaseVerdict::Errored, _) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_message(reason).set_type("errored");
            status.set_description(details(case));
            status
        }
        (CaseVerdict::Skipped, _) => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(reason);
            status
        }
        (CaseVerdict::Passed | CaseVerdict::Warned | CaseVerdict::Failed, _) => {
            TestCaseStatus::success()
        }
    };
    let status = match (&case.snapshot, status) {
        (Some(difference), TestCaseStatus::Success { .. }) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status
                .set_message("the response differs from its snapshot")
                .set_type("snapshot");
            status.set_description(difference.clone());
            status
        }
        (_, status) => status,
    };
    let mut test = TestCase::new(case.id.clone(), status);
    test.set_classname(case.suite.clone());
    test.set_time(Duration::from_millis(case.duration_ms));
    if let Some(because) = &case.deviates {
        test.set_system_out(format!("deviates, as documented: {because}"));
    } else if case.verdict == CaseVerdict::Warned {
        test.set_system_out(format!("warned: {}", checks(case, Verdict::Warn)));
    }
    test
}

fn checks(case: &CaseRecord, verdict: Verdict) -> String {
    let texts: Vec<String> = case
        .checks
        .iter()
        .filter(|check| check.verdict == verdict)
        .map(|check| {
            format!(
                "{} {} ({}): expected {}; {}",
                check.document,
                check.section,
                check.level.keyword(),
                check.expected,
                check.actual
            )
        })
        .collect();
    texts.join("\n")
}

fn details(case: &CaseRecord) -> String {
    let mut text = format!("{}\n{}\n", case.title, checks(case, Verdict::Fail));
    if let Some(exchange) = case.exchanges.last() {
        text.push_str(&exchange.curl);
        text.push('\n');
    }
    if let Some(hint) = &case.hint {
        text.push_str(&format!("hint: {hint}\n"));
    }
    text
}
