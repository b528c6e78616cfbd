//! The lines at the end of a run.

use indexmap::IndexMap;

use super::RunArgs;
use crate::outcome::CaseVerdict;
use crate::report::{self, CaseRecord, Record, plural, trials};

/// What is said of the whole run; `stored` is what is said of its snapshots.
pub(super) fn lines(record: &Record, quiet: bool, stored: Option<&str>) -> Vec<String> {
    let mut lines = Vec::new();
    if !quiet {
        warned(record, &mut lines);
        excused(record, &mut lines);
        errored(record, &mut lines);
        skipped(record, &mut lines);
    }
    lines.extend(record.notices.iter().map(|notice| notice.text.clone()));
    lines.extend(stored.map(str::to_owned));
    lines.push(counts(record));
    if let Some(incomplete) = &record.incomplete {
        lines.push(format!("incomplete: {incomplete}"));
    }
    if let Some(insecure) = &record.target.insecure {
        lines.push(format!("warning: {insecure}"));
    }
    lines.push(format!(
        "{}: {}",
        record.conclusion().name(),
        record.verdict()
    ));
    // Names of targets and trials, and what servers said.
    lines
        .iter()
        .map(|line| report::visible(line).into_owned())
        .collect()
}

fn counts(record: &Record) -> String {
    let counts = &record.summary;
    let mut failed = Vec::new();
    if counts.known > 0 {
        failed.push(format!("{} known", counts.known));
    }
    failed.extend(deviating(counts.deviating));
    let warned = of(record, CaseVerdict::Warned);
    let warned = deviating(warned.filter(|case| case.deviates.is_some()).count());
    let differ = record
        .cases
        .iter()
        .filter(|case| case.snapshot.is_some())
        .count();
    let differ = if differ == 0 {
        String::new()
    } else {
        format!(
            ", {}",
            plural(
                differ,
                "differs from its snapshot",
                "differ from their snapshots"
            )
        )
    };
    let part = record
        .shard
        .as_ref()
        .map_or(String::new(), |shard| format!(" (part {})", shard.part));
    format!(
        "{} on {}{part} as {}: {} passed, {} failed{}, {} warned{}, {} errored, {} skipped{differ}, in {:.1} s",
        trials(counts.total),
        record.target.name,
        record.target.profile.join(", "),
        counts.passed,
        counts.failed,
        in_brackets(&failed),
        counts.warned,
        in_brackets(&Vec::from_iter(warned)),
        counts.errored,
        counts.skipped,
        record.duration_ms as f64 / 1000.0,
    )
}

/// How many do what their vendor documents instead; nothing where none does.
fn deviating(count: usize) -> Option<String> {
    match count {
        0 => None,
        1 => Some("1 deviates as documented".to_owned()),
        _ => Some(format!("{count} deviate as documented")),
    }
}

fn in_brackets(words: &[String]) -> String {
    if words.is_empty() {
        String::new()
    } else {
        format!(" ({})", words.join(", "))
    }
}

fn of(record: &Record, verdict: CaseVerdict) -> impl Iterator<Item = &CaseRecord> {
    record
        .cases
        .iter()
        .filter(move |case| case.verdict == verdict)
}

fn warned(record: &Record, lines: &mut Vec<String>) {
    // What the vendor documents is told below.
    let mut warned = of(record, CaseVerdict::Warned)
        .filter(|case| case.deviates.is_none())
        .peekable();
    if warned.peek().is_some() {
        lines.push("warned:".into());
    }
    for case in warned {
        lines.push(report::warning(record, case).trim_end().to_owned());
    }
}

fn excused(record: &Record, lines: &mut Vec<String>) {
    for (title, why) in [
        (
            "known failures:",
            (|case| case.known.as_deref()) as fn(&CaseRecord) -> Option<&str>,
        ),
        ("deviates, as documented:", |case| case.deviates.as_deref()),
    ] {
        let mut first = true;
        for case in &record.cases {
            if let Some(why) = why(case) {
                if std::mem::take(&mut first) {
                    lines.push(title.into());
                }
                lines.push(format!("  {}: {}", case.id, report::line(why)));
            }
        }
    }
}

/// Each reason once, with how many errored for it.
fn errored(record: &Record, lines: &mut Vec<String>) {
    let mut reasons: IndexMap<&str, Vec<&str>> = IndexMap::new();
    for case in of(record, CaseVerdict::Errored) {
        let reason = case
            .reason
            .as_deref()
            .unwrap_or("it could not be found out");
        reasons.entry(reason).or_default().push(&case.id);
    }
    if !reasons.is_empty() {
        lines.push("errored:".into());
    }
    for (reason, ids) in reasons {
        let of = match ids.as_slice() {
            [one] => (*one).to_owned(),
            [first, ..] => format!("{} (the first is {first})", trials(ids.len())),
            [] => continue,
        };
        lines.push(format!("  {of}: {}", report::line(reason)));
    }
}

/// How many reasons for skips are told.
const SKIPS: usize = 5;

/// Where much was skipped, what most of it was skipped for: a longer configuration lets more run.
fn skipped(record: &Record, lines: &mut Vec<String>) {
    if record.summary.skipped * 5 < record.summary.total {
        return;
    }
    let reasons = report::skips(record);
    lines.push("skipped:".into());
    for one in reasons.iter().take(SKIPS) {
        lines.push(format!(
            "  {}: {}",
            trials(one.trials),
            report::line(one.reason)
        ));
    }
    let left: usize = reasons.iter().skip(SKIPS).map(|one| one.trials).sum();
    if left > 0 {
        lines.push(format!(
            "  {} for other reasons: `tokenspec list` shows each, summary.md the most frequent",
            trials(left)
        ));
    }
}

/// Where a control failed or there was no code, the configuration is the first to look at.
pub(super) fn doctor(record: &Record, args: &RunArgs) -> Option<String> {
    let unproved = |reason: &str| {
        [
            "the control failed",
            "no authorization code",
            "the metadata ",
        ]
        .iter()
        .any(|words| reason.contains(words))
    };
    let count = of(record, CaseVerdict::Errored)
        .filter(|case| case.reason.as_deref().is_some_and(unproved))
        .count();
    let mut command = "tokenspec doctor".to_owned();
    if let Some(config) = &args.target.source.config {
        command.push_str(&format!(" --config {}", config.display()));
    }
    if !args.target.target.is_empty() || args.target.all_targets {
        command.push_str(&format!(" --target {}", record.target.name));
    }
    (count > 0).then(|| {
        format!(
            "{count} errored because not even the valid request succeeds; what is wrong, and the remedy: {command}"
        )
    })
}
