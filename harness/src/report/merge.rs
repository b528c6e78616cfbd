//! Puts the parts of a run together (`--shard K/N`), so that they say what the whole run says.
//!
//! A trial that ran in one part keeps its record. The trials over all responses are judged again,
//! on what each part says of each of its responses; and so are the excuses.

use std::collections::{HashMap, HashSet};

use indexmap::IndexMap;
use thiserror::Error;

use super::make::{judge, summary};
use super::record::{
    CaseRecord, CheckRecord, DeviationRecord, ExchangeRecord, NoticeKind, NoticeRecord,
    OverallPart, OverallRecord, Record, ShardRecord,
};
use crate::config::REFERENCE;
use crate::judge::overall::{Concluded, NOT_ABOUT_ANY, conclude};
use crate::judge::{Overall, Part};
use crate::known::{Known, Planned};
use crate::outcome::{CaseVerdict, Verdict};
use crate::secret::Vault;

/// Reports are not the parts of one run.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum MergeError {
    /// There is nothing to put together.
    #[error("no report was given")]
    None,
    /// A report is of a whole run.
    #[error("{0} is no part of a run; parts are made with `tokenspec run --shard K/N`")]
    NoPart(String),
    /// They differ in what has to be the same.
    #[error("{one} and {other} are no parts of one run: their {what} differ")]
    Different {
        /// The first of them.
        one: String,
        /// The other.
        other: String,
        /// What differs.
        what: &'static str,
    },
    /// A part is there twice.
    #[error("part {part} is there twice: {one} and {other}")]
    Twice {
        /// The part.
        part: String,
        /// The first of them.
        one: String,
        /// The other.
        other: String,
    },
    /// A part is not there.
    #[error("these parts are missing: {0}")]
    Missing(String),
    /// A trial is in no part.
    #[error("the trial {0} is in none of the parts; were they made with different cases?")]
    Lost(String),
}

/// What the trials over all responses said, as a part keeps it: masked.
#[must_use]
pub fn overall(overall: &[Overall], vault: &Vault) -> Vec<OverallRecord> {
    let mask = |text: &str| vault.mask(text).into_owned();
    let mut records: Vec<OverallRecord> = Vec::new();
    for one in overall {
        for (expectation, parts) in one.parts.iter().enumerate() {
            let mut groups: Vec<OverallRecord> = Vec::new();
            for part in parts {
                let expected = mask(&part.expected);
                let known = groups.iter().position(|group| {
                    group.requirement == part.requirement && group.expected == expected
                });
                let index = known.unwrap_or_else(|| {
                    groups.push(OverallRecord {
                        trial: one.trial.clone(),
                        expectation,
                        requirement: part.requirement.clone(),
                        expected,
                        passed: Vec::new(),
                        others: Vec::new(),
                    });
                    groups.len() - 1
                });
                let Some(group) = groups.get_mut(index) else {
                    continue;
                };
                if part.verdict == Verdict::Pass {
                    group.passed.push(part.by.clone());
                } else {
                    group.others.push(OverallPart {
                        by: part.by.clone(),
                        verdict: part.verdict,
                        actual: mask(&part.actual),
                        deviates: part.deviates.clone(),
                    });
                }
            }
            records.extend(groups);
        }
    }
    records
}

/// What the parts say of a trial over all responses: for each expectation, of each response.
fn parts_of(trial: &str, shards: &[&ShardRecord]) -> Vec<Vec<Part>> {
    let mut all: Vec<Vec<Part>> = Vec::new();
    let records = shards
        .iter()
        .flat_map(|shard| &shard.overall)
        .filter(|record| record.trial == trial);
    for record in records {
        if all.len() <= record.expectation {
            all.resize_with(record.expectation + 1, Vec::new);
        }
        let part = |by: &str, verdict, actual: &str, deviates: &Option<String>| Part {
            by: by.to_owned(),
            requirement: record.requirement.clone(),
            verdict,
            expected: record.expected.clone(),
            actual: actual.to_owned(),
            deviates: deviates.clone(),
            response: None,
        };
        let parts = &mut all[record.expectation];
        parts.extend(
            record
                .passed
                .iter()
                .map(|by| part(by, Verdict::Pass, "", &None)),
        );
        parts.extend(
            record
                .others
                .iter()
                .map(|other| part(&other.by, other.verdict, &other.actual, &other.deviates)),
        );
    }
    for parts in &mut all {
        parts.sort_by(|a, b| a.by.cmp(&b.by));
    }
    all
}

/// Puts the parts together; each has the name of its file, for messages.
///
/// # Errors
/// Where they are not all the parts of one run.
pub fn merge(parts: Vec<(String, Record)>) -> Result<Record, MergeError> {
    let order = in_order(&parts)?;
    let records: Vec<&Record> = order.iter().map(|index| &parts[*index].1).collect();
    let shards: Vec<&ShardRecord> = records
        .iter()
        .filter_map(|record| record.shard.as_ref())
        .collect();
    let (Some(first), Some(shard)) = (records.first(), shards.first()) else {
        return Err(MergeError::None);
    };
    let mut by_id: HashMap<&str, Vec<&CaseRecord>> = HashMap::new();
    for case in records.iter().flat_map(|record| &record.cases) {
        by_id.entry(&case.id).or_default().push(case);
    }
    let overall: HashSet<&str> = shards
        .iter()
        .flat_map(|shard| &shard.overall)
        .map(|record| record.trial.as_str())
        .collect();
    let known = Known {
        entries: shard.known.clone(),
        today: day(&first.started),
    };
    let mut cases = Vec::new();
    for trial in &shard.trials {
        let Some(found) = by_id.get(trial.as_str()) else {
            return Err(MergeError::Lost(trial.clone()));
        };
        cases.push(match found.as_slice() {
            [one] if !overall.contains(trial.as_str()) => (*one).clone(),
            several => again(several, &parts_of(trial, &shards), first, &known),
        });
    }
    let plan: Vec<Planned<'_>> = shard
        .trials
        .iter()
        .map(|name| (name, true))
        .chain(shard.left_out.iter().map(|name| (name, false)))
        .map(|(name, selected)| Planned {
            name,
            aliases: &[],
            selected,
        })
        .collect();
    let mut notices = known.notices(&plan, &cases, &|_| false);
    notices.extend(stale(&cases, &shard.deviations, first.strict));
    let mut requirements = first.requirements.clone();
    judge(&mut requirements, &cases);
    Ok(Record {
        started: records
            .iter()
            .map(|record| record.started.clone())
            .min()
            .unwrap_or_default(),
        // The parts ran beside each other: the longest is how long it took.
        duration_ms: records
            .iter()
            .map(|record| record.duration_ms)
            .max()
            .unwrap_or(0),
        incomplete: records.iter().find_map(|record| record.incomplete.clone()),
        summary: summary(&cases),
        requirements,
        cases,
        notices,
        shard: None,
        ..(*first).clone()
    })
}

/// The order of the parts, where they are all there and of one run.
fn in_order(parts: &[(String, Record)]) -> Result<Vec<usize>, MergeError> {
    let Some((one, first)) = parts.first() else {
        return Err(MergeError::None);
    };
    let mut places: HashMap<u32, usize> = HashMap::new();
    for (index, (name, record)) in parts.iter().enumerate() {
        let Some(shard) = &record.shard else {
            return Err(MergeError::NoPart(name.clone()));
        };
        let Some(first_shard) = &first.shard else {
            return Err(MergeError::NoPart(one.clone()));
        };
        let same = [
            ("schemas", record.schema == first.schema),
            ("versions", record.tool.version == first.tool.version),
            ("cases", record.tool.cases_digest == first.tool.cases_digest),
            (
                "targets",
                record.target.name == first.target.name
                    // The embedded reference is another one for each part, at another port.
                    && (first.target.name == REFERENCE
                        || record.target.issuer == first.target.issuer
                            && record.target.token_endpoint == first.target.token_endpoint),
            ),
            ("profiles", record.target.profile == first.target.profile),
            ("numbers of parts", shard.part.of == first_shard.part.of),
            ("trials", shard.trials == first_shard.trials),
            ("known failures", shard.known == first_shard.known),
            ("strictness", record.strict == first.strict),
        ];
        if let Some((what, _)) = same.iter().find(|(_, same)| !same) {
            return Err(MergeError::Different {
                one: one.clone(),
                other: name.clone(),
                what,
            });
        }
        if let Some(other) = places.insert(shard.part.index, index) {
            return Err(MergeError::Twice {
                part: shard.part.to_string(),
                one: parts[other].0.clone(),
                other: name.clone(),
            });
        }
    }
    let of = first.shard.as_ref().map_or(0, |shard| shard.part.of);
    let missing: Vec<String> = (1..=of)
        .filter(|index| !places.contains_key(index))
        .map(|index| format!("{index}/{of}"))
        .collect();
    if !missing.is_empty() {
        return Err(MergeError::Missing(missing.join(", ")));
    }
    Ok((1..=of)
        .filter_map(|index| places.get(&index).copied())
        .collect())
}

/// A trial over all responses, judged on those of all parts.
fn again(
    of_parts: &[&CaseRecord],
    parts: &[Vec<Part>],
    record: &Record,
    known: &Known,
) -> CaseRecord {
    let Some(first) = of_parts.first() else {
        // A trial that is looked up has a record.
        unreachable!("a trial without a record");
    };
    let mut case = CaseRecord {
        duration_ms: of_parts.iter().map(|case| case.duration_ms).sum(),
        known: None,
        deviates: None,
        checks: Vec::new(),
        exchanges: Vec::new(),
        ..(*first).clone()
    };
    let Some(Concluded {
        checks,
        verdict,
        deviates,
        reason,
    }) = conclude(parts)
    else {
        // Skipped in each part; that there was no response that it is about is said where there
        // were responses at all.
        let reasons = || of_parts.iter().filter_map(|case| case.reason.as_deref());
        let reason = reasons()
            .find(|reason| *reason == NOT_ABOUT_ANY)
            .or_else(|| reasons().next());
        case.verdict = CaseVerdict::Skipped;
        case.reason = reason.map(str::to_owned);
        return case;
    };
    let mut exchanges: IndexMap<String, ExchangeRecord> = IndexMap::new();
    case.checks = checks
        .into_iter()
        .filter_map(|check| {
            let requirement = record.requirement(check.requirement.as_deref()?)?;
            // A response that breaks it, as the first part shows it that saw one.
            let shown = of_parts.iter().find_map(|part| {
                let same = |other: &&CheckRecord| {
                    other.requirement == requirement.id && other.verdict == check.verdict
                };
                let at = part.checks.iter().find(same)?.exchange?;
                part.exchanges.get(at)
            });
            let exchange = shown.map(|shown| {
                let entry = exchanges.entry(shown.step.clone());
                let at = entry.index();
                entry.or_insert_with(|| shown.clone());
                at
            });
            Some(CheckRecord {
                requirement: requirement.id.clone(),
                document: requirement.document.clone(),
                section: requirement.section.clone(),
                level: requirement.level,
                verdict: check.verdict,
                expected: check.expected,
                actual: check.actual,
                deviates: check.deviates,
                exchange,
                broken_in: check.broken_in,
            })
        })
        .collect();
    case.exchanges = exchanges.into_values().collect();
    case.verdict = verdict;
    case.deviates = deviates;
    case.reason = reason;
    case.known = known.excuse(&case, &[]);
    case
}

/// Documented deviations whose requirement was judged and that did not happen any more.
#[must_use]
pub fn stale(
    cases: &[CaseRecord],
    deviations: &[DeviationRecord],
    strict: bool,
) -> Vec<NoticeRecord> {
    let judged: Vec<(&str, bool)> = cases
        .iter()
        .flat_map(|case| &case.checks)
        .map(|check| (check.requirement.as_str(), check.deviates.is_some()))
        .collect();
    deviations
        .iter()
        .filter(|deviation| {
            let mut of = judged
                .iter()
                .filter(|(id, _)| deviation.requirements.iter().any(|known| known == id))
                .peekable();
            of.peek().is_some() && of.all(|(_, deviates)| !deviates)
        })
        .map(|deviation| NoticeRecord {
            kind: NoticeKind::DeviationStale,
            text: format!(
                "a documented deviation does not happen any more: {}",
                deviation.because
            ),
            fails: strict,
        })
        .collect()
}

/// The day of a time in RFC 3339.
fn day(time: &str) -> chrono::NaiveDate {
    time.get(..10)
        .and_then(|day| day.parse().ok())
        .unwrap_or_default()
}
