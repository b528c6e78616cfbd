//! `summary.md`: what a job summary shows.

use std::fmt::Write as _;

use super::hostile::markdown;
use super::record::{CaseRecord, Record, RequirementVerdict};
use super::{skips, why_it_warns};
use crate::config::Implementation;
use crate::outcome::{CaseVerdict, Verdict};

/// Up to so many trials of a verdict are listed: a job summary may have 1 MiB.
const MOST: usize = 300;

/// The record as Markdown.
pub(super) fn summary(record: &Record) -> Result<String, String> {
    let mut text = String::new();
    let counts = &record.summary;
    let _ = writeln!(text, "# tokenspec: {}\n", markdown(&record.target.name));
    if let Some(implementation) = record
        .implementation
        .as_ref()
        .and_then(Implementation::shown)
    {
        let _ = writeln!(text, "{}\n", markdown(&implementation));
    }
    let _ = writeln!(
        text,
        "**{}**: {}\n",
        record.conclusion().name(),
        record.verdict()
    );
    let _ = writeln!(
        text,
        "{} of {} trials passed, {} failed, {} warned, {} errored, {} skipped \
         (profile {}; {:.1} s; tokenspec {}).\n",
        counts.passed,
        counts.total,
        counts.failed,
        counts.warned,
        counts.errored,
        counts.skipped,
        record.target.profile.join(", "),
        record.duration_ms as f64 / 1000.0,
        record.tool.version,
    );
    if let Some(incomplete) = &record.incomplete {
        let _ = writeln!(text, "**Incomplete: {}**\n", markdown(incomplete));
    }
    if let Some(insecure) = &record.target.insecure {
        let _ = writeln!(text, "**{}**\n", markdown(insecure));
    }
    if counts.deviating > 0 {
        let _ = writeln!(
            text,
            "{} of the failed deviate as their vendor documents.\n",
            counts.deviating
        );
    }
    if counts.known > 0 {
        let _ = writeln!(text, "{} of the failed are known.\n", counts.known);
    }
    for notice in &record.notices {
        let _ = writeln!(text, "- {}", markdown(&notice.text));
    }
    if !record.notices.is_empty() {
        text.push('\n');
    }
    documents(&mut text, record);
    differences(&mut text, record);
    for (verdict, title) in [
        (CaseVerdict::Failed, "Failed"),
        (CaseVerdict::Errored, "Errored"),
        (CaseVerdict::Warned, "Warned"),
    ] {
        let cases: Vec<&CaseRecord> = record
            .cases
            .iter()
            .filter(|case| case.verdict == verdict)
            .collect();
        if cases.is_empty() {
            continue;
        }
        let _ = writeln!(
            text,
            "## {title}\n\n| trial | requirement | expected | actual |\n|---|---|---|---|"
        );
        for case in cases.iter().take(MOST) {
            rows(&mut text, record, case);
        }
        text.push('\n');
        if cases.len() > MOST {
            let _ = writeln!(
                text,
                "And {} more: index.html and report.json have them all.\n",
                cases.len() - MOST
            );
        }
    }
    skipped(&mut text, record);
    Ok(text)
}

/// How many reasons for skips are listed.
const REASONS: usize = 10;

/// Why most of what was skipped was skipped.
fn skipped(text: &mut String, record: &Record) {
    let reasons = skips(record);
    if reasons.is_empty() {
        return;
    }
    let _ = writeln!(text, "## Skipped\n\n| trials | reason |\n|---|---|");
    for one in reasons.iter().take(REASONS) {
        let _ = writeln!(text, "| {} | {} |", one.trials, markdown(one.reason));
    }
    let left: usize = reasons.iter().skip(REASONS).map(|one| one.trials).sum();
    if left > 0 {
        let _ = writeln!(text, "| {left} | other reasons; index.html has them all |");
    }
    text.push('\n');
}

fn documents(text: &mut String, record: &Record) {
    let mut documents: Vec<&str> = Vec::new();
    for requirement in &record.requirements {
        if !documents.contains(&requirement.document.as_str()) {
            documents.push(&requirement.document);
        }
    }
    let _ = writeln!(
        text,
        "| document | passed | warned | failed | not tested |\n|---|---|---|---|---|"
    );
    for document in documents {
        let count = |verdict: RequirementVerdict| {
            record
                .requirements
                .iter()
                .filter(|r| r.document == document && r.verdict == verdict)
                .count()
        };
        let _ = writeln!(
            text,
            "| {document} | {} | {} | {} | {} |",
            count(RequirementVerdict::Passed),
            count(RequirementVerdict::Warned),
            count(RequirementVerdict::Failed),
            count(RequirementVerdict::NotTested),
        );
    }
    text.push('\n');
}

fn rows(text: &mut String, record: &Record, case: &CaseRecord) {
    let worst = match case.verdict {
        CaseVerdict::Failed => Verdict::Fail,
        CaseVerdict::Warned => Verdict::Warn,
        _ => Verdict::Errored,
    };
    let note = if case.known.is_some() {
        " (known)"
    } else if case.deviates.is_some() {
        " (deviates, as documented)"
    } else {
        ""
    };
    let mut any = false;
    for check in case.checks.iter().filter(|check| check.verdict == worst) {
        any = true;
        let why = why_it_warns(check, record.requirement(&check.requirement))
            .map_or(String::new(), |why| format!(", {why}"));
        let _ = writeln!(
            text,
            "| `{}`{note} | {} ({}{why}) | {} | {} |",
            case.id,
            check.requirement,
            check.level.keyword(),
            markdown(&check.expected),
            markdown(&check.actual)
        );
    }
    if !any {
        let reason = case.reason.as_deref().unwrap_or_default();
        let _ = writeln!(text, "| `{}` | | | {} |", case.id, markdown(reason));
    }
}

/// The trials whose responses differ from their snapshots.
fn differences(text: &mut String, record: &Record) {
    let differ: Vec<&CaseRecord> = record
        .cases
        .iter()
        .filter(|case| case.snapshot.is_some())
        .collect();
    if differ.is_empty() {
        return;
    }
    let _ = writeln!(text, "## Responses that differ from their snapshots\n");
    for case in differ.iter().take(MOST) {
        let _ = writeln!(text, "- `{}`", case.id);
    }
    text.push('\n');
}
