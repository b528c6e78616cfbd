//! `summary.md`: what a job summary shows.

use std::fmt::Write as _;

use super::record::{CaseRecord, Record, RequirementVerdict};
use crate::outcome::{CaseVerdict, Verdict};

/// The record as Markdown.
pub(super) fn markdown(record: &Record) -> Result<String, String> {
    let mut text = String::new();
    let counts = &record.summary;
    let _ = writeln!(text, "# tokenspec: {}\n", cell(&record.target.name));
    let _ = writeln!(
        text,
        "{} of {} trials passed, {} failed, {} warned, {} errored, {} skipped \
         (profile {}; {} ms; tokenspec {}).\n",
        counts.passed,
        counts.total,
        counts.failed,
        counts.warned,
        counts.errored,
        counts.skipped,
        record.target.profile.join(", "),
        record.duration_ms,
        record.tool.version,
    );
    if let Some(incomplete) = &record.incomplete {
        let _ = writeln!(text, "**Incomplete: {}**\n", cell(incomplete));
    }
    if let Some(insecure) = &record.target.insecure {
        let _ = writeln!(text, "**{}**\n", cell(insecure));
    }
    if counts.deviating > 0 {
        let _ = writeln!(
            text,
            "{} of the failed deviate as their vendor documents.\n",
            counts.deviating
        );
    }
    documents(&mut text, record);
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
        for case in cases {
            rows(&mut text, case);
        }
        text.push('\n');
    }
    Ok(text)
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

fn rows(text: &mut String, case: &CaseRecord) {
    let worst = match case.verdict {
        CaseVerdict::Failed => Verdict::Fail,
        CaseVerdict::Warned => Verdict::Warn,
        _ => Verdict::Errored,
    };
    let note = if case.deviates.is_some() {
        " (deviates, as documented)"
    } else {
        ""
    };
    let mut any = false;
    for check in case.checks.iter().filter(|check| check.verdict == worst) {
        any = true;
        let _ = writeln!(
            text,
            "| `{}`{note} | {} ({}) | {} | {} |",
            case.id,
            check.requirement,
            check.level.keyword(),
            cell(&check.expected),
            cell(&check.actual)
        );
    }
    if !any {
        let reason = case.reason.as_deref().unwrap_or_default();
        let _ = writeln!(text, "| `{}` | | | {} |", case.id, cell(reason));
    }
}

/// A text that cannot break out of a table cell or become markup.
pub(super) fn cell(text: &str) -> String {
    let mut cell = String::new();
    for c in text.chars() {
        match c {
            c if c.is_control() => cell.push(' '),
            '|' | '<' | '>' | '`' | '*' | '_' | '[' | ']' | '\\' | '&' | '~' | '$' => {
                cell.push('\\');
                cell.push(c);
            }
            c => cell.push(c),
        }
    }
    cell
}
