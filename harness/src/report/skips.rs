//! Why trials were skipped, as a person reads it: each reason once.

use indexmap::IndexMap;

use super::record::Record;
use crate::outcome::CaseVerdict;

/// A reason, and how many trials were skipped for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skips<'r> {
    /// The reason.
    pub reason: &'r str,
    /// How many.
    pub trials: usize,
}

/// The reasons, that of most trials first.
#[must_use]
pub fn skips(record: &Record) -> Vec<Skips<'_>> {
    let mut reasons: IndexMap<&str, usize> = IndexMap::new();
    for case in &record.cases {
        if case.verdict == CaseVerdict::Skipped {
            let reason = case.reason.as_deref().unwrap_or("it does not apply");
            *reasons.entry(reason).or_default() += 1;
        }
    }
    let mut skips: Vec<Skips<'_>> = reasons
        .into_iter()
        .map(|(reason, trials)| Skips { reason, trials })
        .collect();
    // Stable: those of equally many stay in the order of the trials.
    skips.sort_by_key(|skips| std::cmp::Reverse(skips.trials));
    skips
}
