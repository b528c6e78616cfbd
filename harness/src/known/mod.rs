//! Known failures: trials that are run, and whose failure does not fail the run, each with a
//! reason and, where wanted, a last day.
//!
//! An entry excuses a failure and nothing else: what errored stays errored, a snapshot that differs
//! stays different. One that does not fail any more, names nothing or has expired fails the run,
//! so that the list never says more than is true.

mod file;
mod needed;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use wildmatch::WildMatch;

pub use file::{KnownError, KnownFile, read};
pub use needed::needed;

use crate::outcome::{CaseVerdict, Verdict};
use crate::report::{CaseRecord, NoticeKind, NoticeRecord};

/// How many trials a notice names.
const NAMED: usize = 3;

/// An entry of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Entry {
    /// A trial, or a glob over their names.
    pub trial: String,
    /// The only requirement whose failure is excused; any where it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requirement: Option<String>,
    /// The only target that it is about; any where it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Why it is known.
    pub reason: String,
    /// The last day on which it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub expires: Option<NaiveDate>,
}

/// The known failures of a run.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// The entries in the order of the file.
    pub entries: Vec<Entry>,
    /// The day of the run, UTC.
    pub today: NaiveDate,
}

/// A trial of the whole plan, as the list sees it.
#[derive(Debug, Clone, Copy)]
pub struct Planned<'p> {
    /// Its name.
    pub name: &'p str,
    /// The names that it had before.
    pub aliases: &'p [String],
    /// Whether this run was to run it.
    pub selected: bool,
}

/// What a trial says about an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Says {
    /// It fails as the entry has it.
    Fails,
    /// It does not.
    Passes,
    /// It was skipped or errored.
    Nothing,
}

impl Entry {
    fn matches(&self, name: &str, aliases: &[String]) -> bool {
        let one = |name: &str| {
            if self.trial.contains(['*', '?']) {
                WildMatch::new(&self.trial).matches(name)
            } else {
                self.trial == name
            }
        };
        one(name) || aliases.iter().any(|alias| one(alias))
    }

    fn expired(&self, today: NaiveDate) -> bool {
        self.expires.is_some_and(|last| today > last)
    }

    fn says(&self, case: &CaseRecord) -> Says {
        let verdict = match &self.requirement {
            None => {
                return match case.verdict {
                    CaseVerdict::Failed => Says::Fails,
                    CaseVerdict::Passed | CaseVerdict::Warned => Says::Passes,
                    CaseVerdict::Errored | CaseVerdict::Skipped => Says::Nothing,
                };
            }
            Some(id) => case
                .checks
                .iter()
                .filter(|check| check.requirement == *id)
                .map(|check| check.verdict)
                .max(),
        };
        match (verdict, case.verdict) {
            (Some(Verdict::Fail), _) => Says::Fails,
            (Some(Verdict::Errored), _) | (_, CaseVerdict::Errored | CaseVerdict::Skipped) => {
                Says::Nothing
            }
            _ => Says::Passes,
        }
    }

    /// The entry as a person calls it.
    fn shown(&self) -> String {
        match &self.requirement {
            Some(requirement) => format!("`{}` ({requirement})", self.trial),
            None => format!("`{}`", self.trial),
        }
    }
}

impl Known {
    /// Why the failure of a case is known: where each check that fails and is not documented is
    /// covered by an entry that holds today. Nothing where the case did not fail.
    #[must_use]
    pub fn excuse(&self, case: &CaseRecord, aliases: &[String]) -> Option<String> {
        if case.verdict != CaseVerdict::Failed {
            return None;
        }
        let live: Vec<&Entry> = self
            .entries
            .iter()
            .filter(|entry| !entry.expired(self.today) && entry.matches(&case.id, aliases))
            .collect();
        let mut reasons: Vec<&str> = Vec::new();
        for check in &case.checks {
            if check.verdict != Verdict::Fail || check.deviates.is_some() {
                continue;
            }
            let entry = live.iter().find(|entry| {
                entry
                    .requirement
                    .as_ref()
                    .is_none_or(|id| *id == check.requirement)
            })?;
            if !reasons.contains(&entry.reason.as_str()) {
                reasons.push(&entry.reason);
            }
        }
        (!reasons.is_empty()).then(|| reasons.join("; "))
    }

    /// What is out of date in the list. What this run's filters leave out says nothing;
    /// `undecided` are trials whose verdict here is not yet the last one.
    #[must_use]
    pub fn notices(
        &self,
        plan: &[Planned<'_>],
        cases: &[CaseRecord],
        undecided: &dyn Fn(&str) -> bool,
    ) -> Vec<NoticeRecord> {
        self.entries
            .iter()
            .filter_map(|entry| self.notice(entry, plan, cases, undecided))
            .collect()
    }

    fn notice(
        &self,
        entry: &Entry,
        plan: &[Planned<'_>],
        cases: &[CaseRecord],
        undecided: &dyn Fn(&str) -> bool,
    ) -> Option<NoticeRecord> {
        let matched: Vec<&Planned<'_>> = plan
            .iter()
            .filter(|planned| entry.matches(planned.name, planned.aliases))
            .collect();
        let notice = |kind, text| {
            Some(NoticeRecord {
                kind,
                text,
                fails: true,
            })
        };
        let shown = entry.shown();
        if matched.is_empty() {
            let names: Vec<&str> = plan.iter().map(|planned| planned.name).collect();
            let near = crate::catalogue::nearest(&entry.trial, &names)
                .map_or(String::new(), |name| format!("; the nearest is `{name}`"));
            return notice(
                NoticeKind::KnownUnmatched,
                format!("the known failure {shown} names no trial of this target's profile{near}"),
            );
        }
        if !matched.iter().any(|planned| planned.selected) {
            return None;
        }
        if let Some(last) = entry.expires.filter(|_| entry.expired(self.today)) {
            return notice(
                NoticeKind::KnownExpired,
                format!(
                    "the known failure {shown} has expired: its last day was {last} ({})",
                    entry.reason
                ),
            );
        }
        let passing: Vec<&str> = cases
            .iter()
            .filter(|case| {
                matched
                    .iter()
                    .any(|planned| planned.selected && planned.name == case.id)
                    && !undecided(&case.id)
                    && entry.says(case) == Says::Passes
            })
            .map(|case| case.id.as_str())
            .collect();
        if passing.is_empty() {
            return None;
        }
        let mut named: Vec<String> = passing
            .iter()
            .take(NAMED)
            .map(|id| format!("`{id}`"))
            .collect();
        if passing.len() > NAMED {
            named.push(format!("and {} more", passing.len() - NAMED));
        }
        let verb = if passing.len() == 1 { "does" } else { "do" };
        notice(
            NoticeKind::KnownPasses,
            format!(
                "the known failure {shown} is none any more: {} {verb} not fail; take it out of the list",
                named.join(", ")
            ),
        )
    }
}

#[cfg(test)]
mod tests;
