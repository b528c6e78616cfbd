//! The list that a run would need to pass.

use std::fmt::Write as _;

use super::{Entry, Known};
use crate::outcome::Verdict;
use crate::report::{CaseRecord, Record};

/// `known-failures.toml` with all that fails in this run and is not documented: what is known
/// keeps its reason, the rest has what came as a reason to be replaced. Where a run has `several`
/// targets, each entry says which one it is about.
#[must_use]
pub fn needed(record: &Record, known: &Known, several: bool) -> String {
    let day = record.started.get(..10).unwrap_or(&record.started);
    let mut text = format!(
        "# What fails on {} on {day}. Give each a reason of your own, and a last day (`expires`).\n",
        comment(&record.target.name)
    );
    let errored = record.summary.errored;
    if errored > 0 {
        let _ = writeln!(
            text,
            "# {errored} errored, which no list excuses: `tokenspec doctor` shows why."
        );
    }
    let mut any = false;
    for case in &record.cases {
        for mut entry in entries(case, known, day) {
            any = true;
            if several {
                entry.target = Some(record.target.name.clone());
            }
            text.push('\n');
            text.push_str(&shown(&entry));
        }
    }
    if !any {
        text.push_str("# Nothing fails.\n");
    }
    text
}

fn entries(case: &CaseRecord, known: &Known, day: &str) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for check in &case.checks {
        if check.verdict != Verdict::Fail || check.deviates.is_some() {
            continue;
        }
        if entries
            .iter()
            .any(|entry| entry.requirement.as_ref() == Some(&check.requirement))
        {
            continue;
        }
        let before = known.entries.iter().find(|entry| {
            !entry.expired(known.today)
                && entry.matches(&case.id, &[])
                && entry
                    .requirement
                    .as_ref()
                    .is_none_or(|id| *id == check.requirement)
        });
        entries.push(Entry {
            trial: case.id.clone(),
            requirement: Some(check.requirement.clone()),
            target: before.and_then(|entry| entry.target.clone()),
            reason: before.map_or_else(
                || format!("fails since {day}: {}", crate::report::line(&check.actual)),
                |entry| entry.reason.clone(),
            ),
            expires: before.and_then(|entry| entry.expires),
        });
    }
    entries
}

fn shown(entry: &Entry) -> String {
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let mut text = format!("[[known]]\ntrial = {}\n", quoted(&entry.trial));
    if let Some(requirement) = &entry.requirement {
        let _ = writeln!(text, "requirement = {}", quoted(requirement));
    }
    if let Some(target) = &entry.target {
        let _ = writeln!(text, "target = {}", quoted(target));
    }
    let _ = writeln!(text, "reason = {}", quoted(&entry.reason));
    if let Some(expires) = entry.expires {
        let _ = writeln!(text, "expires = \"{expires}\"");
    }
    text
}

fn comment(text: &str) -> String {
    crate::report::line(text)
}
