//! The Test Anything Protocol, version 14: `report.tap`, and `--format tap`.
//!
//! A skip is a SKIP; a failure that is known or documented is a TODO, which is what that directive
//! is for: `not ok`, and counted as none.

use serde_json::json;

use super::hostile::line;
use super::record::{CaseRecord, Record};
use crate::outcome::{CaseVerdict, Verdict};

/// The record as TAP.
pub(super) fn tap(record: &Record) -> Result<String, String> {
    let mut text = head(record.cases.len()) + "\n";
    for (index, case) in record.cases.iter().enumerate() {
        text.push_str(&point(index + 1, case));
    }
    for note in [&record.incomplete, &record.target.insecure]
        .into_iter()
        .flatten()
    {
        text.push_str(&format!("# {}\n", line(note)));
    }
    for notice in record.notices.iter().filter(|notice| notice.fails) {
        text.push_str(&format!("# {}\n", line(&notice.text)));
    }
    Ok(text)
}

/// The version and the plan.
#[must_use]
pub fn head(trials: usize) -> String {
    format!("TAP version 14\n1..{trials}")
}

/// A test point, with what is to be known of one that is not a plain pass.
#[must_use]
pub fn point(number: usize, case: &CaseRecord) -> String {
    let bad = matches!(case.verdict, CaseVerdict::Failed | CaseVerdict::Errored)
        || case.snapshot.is_some();
    let excuse = match (&case.known, &case.deviates) {
        _ if case.snapshot.is_some() => None,
        (Some(reason), _) => Some(format!("known: {reason}")),
        (None, Some(because)) if bad => Some(format!("deviates, as documented: {because}")),
        (None, _) => None,
    };
    let directive = match (case.verdict, &excuse) {
        (CaseVerdict::Skipped, _) => {
            format!(
                " # SKIP {}",
                escaped(case.reason.as_deref().unwrap_or_default())
            )
        }
        (_, Some(excuse)) => format!(" # TODO {}", escaped(excuse)),
        _ => String::new(),
    };
    let mut text = format!(
        "{} {number} - {}{directive}\n",
        if bad { "not ok" } else { "ok" },
        escaped(&case.id)
    );
    if bad || case.verdict == CaseVerdict::Warned {
        text.push_str(&diagnostic(case));
    }
    text
}

/// A YAML block. Each value is JSON, which is YAML, on one line: nothing in it can end the block.
fn diagnostic(case: &CaseRecord) -> String {
    let quoted = |text: &str| json!(line(text)).to_string();
    let mut text = format!(
        "  ---\n  severity: {}\n  title: {}\n",
        case.verdict.name(),
        quoted(&case.title)
    );
    if let Some(reason) = &case.reason {
        text.push_str(&format!("  reason: {}\n", quoted(reason)));
    }
    let checks: Vec<_> = case
        .checks
        .iter()
        .filter(|check| check.verdict != Verdict::Pass)
        .collect();
    if !checks.is_empty() {
        text.push_str("  checks:\n");
    }
    for check in checks {
        text.push_str(&format!(
            "    - requirement: {}\n      level: {}\n      expected: {}\n      actual: {}\n",
            quoted(&check.requirement),
            check.level.keyword(),
            quoted(&check.expected),
            quoted(&check.actual)
        ));
    }
    if let Some(difference) = &case.snapshot {
        text.push_str(&format!(
            "  snapshot: {}\n",
            json!(super::hostile::visible(difference))
        ));
    }
    text.push_str("  ...\n");
    text
}

/// A description, in which `#` would begin a directive.
fn escaped(text: &str) -> String {
    line(text).replace('\\', "\\\\").replace('#', "\\#")
}
