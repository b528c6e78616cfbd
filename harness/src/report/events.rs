//! `--format json`: an event a line, in the words of libtest, with what a trial's record has.

use serde_json::{Value, json};

use super::conclusion::Conclusion;
use super::record::{CaseRecord, Record};
use crate::outcome::{CaseVerdict, Verdict};

/// The run begins.
#[must_use]
pub fn started(target: &str, profile: &[String], trials: usize) -> String {
    line(&json!({
        "type": "suite",
        "event": "started",
        "test_count": trials,
        "target": target,
        "profile": profile,
    }))
}

/// A trial is shown next.
#[must_use]
pub fn test_started(trial: &str) -> String {
    line(&json!({ "type": "test", "event": "started", "name": trial }))
}

/// What came of a trial; `text` is what is told of one that does not pass.
#[must_use]
pub fn test(case: &CaseRecord, text: Option<&str>) -> String {
    let event = match (text, case.verdict) {
        (Some(_), _) => "failed",
        (None, CaseVerdict::Skipped) => "ignored",
        (None, _) => "ok",
    };
    let checks: Vec<Value> = case
        .checks
        .iter()
        .map(|check| {
            json!({
                "requirement": check.requirement,
                "level": check.level,
                "verdict": check.verdict,
                "expected": check.expected,
                "actual": check.actual,
            })
        })
        .collect();
    let mut value = json!({
        "type": "test",
        "event": event,
        "name": case.id,
        "verdict": case.verdict,
        "title": case.title,
        "exec_time": case.duration_ms as f64 / 1000.0,
        "checks": checks,
    });
    let further = [
        ("reason", case.reason.as_deref()),
        ("known", case.known.as_deref()),
        ("deviates", case.deviates.as_deref()),
        ("hint", case.hint.as_deref().filter(|_| text.is_some())),
        ("snapshot", case.snapshot.as_deref()),
        ("stdout", text),
    ];
    if let Some(members) = value.as_object_mut() {
        for (name, text) in further {
            members.extend(text.map(|text| (name.to_owned(), text.into())));
        }
    }
    line(&value)
}

/// The run has ended, with this exit status.
#[must_use]
pub fn ended(record: &Record, status: u8, reports: &[String]) -> String {
    let counts = &record.summary;
    line(&json!({
        "type": "suite",
        "event": if record.conclusion() == Conclusion::Passed { "ok" } else { "failed" },
        "passed": counts.passed + counts.warned,
        "failed": counts.failed + counts.errored,
        "ignored": counts.skipped,
        "exec_time": record.duration_ms as f64 / 1000.0,
        "conclusion": record.conclusion().name(),
        "status": status,
        "summary": counts,
        "notices": record.notices,
        "checks": record.cases.iter().flat_map(|case| &case.checks).count(),
        "failed_checks": record
            .cases
            .iter()
            .flat_map(|case| &case.checks)
            .filter(|check| check.verdict == Verdict::Fail)
            .count(),
        "reports": reports,
    }))
}

/// A value is always something that JSON can say.
fn line(event: &Value) -> String {
    super::json::compact(event).unwrap_or_default()
}
