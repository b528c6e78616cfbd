//! What a run says as a whole. The exit status, the badge and the first line of every page are
//! made from it.

use super::record::{CaseRecord, Record, Summary};
use crate::catalogue::Level;
use crate::outcome::{CaseVerdict, Verdict};

/// What a run says as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conclusion {
    /// Nothing failed that is not excused.
    Passed,
    /// Something failed, a snapshot differs, or a known failure does not fail.
    Failed,
    /// Something errored, or all was skipped: it proves nothing about that.
    Errored,
}

impl Conclusion {
    /// One word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Errored => "errored",
        }
    }
}

impl CaseRecord {
    /// Whether it is a failure that nobody excuses.
    #[must_use]
    pub fn fails(&self) -> bool {
        self.verdict == CaseVerdict::Failed && self.deviates.is_none() && self.known.is_none()
    }

    /// Whether what warns is a SHOULD of the server's, which `--strict` fails.
    #[must_use]
    pub fn warns_should(&self) -> bool {
        self.verdict == CaseVerdict::Warned
            && self.checks.iter().any(|check| {
                check.verdict == Verdict::Warn
                    && check.deviates.is_none()
                    && matches!(check.level, Level::Should | Level::ShouldNot)
            })
    }

    /// Whether the run fails because of it: a failure that nobody excuses, a snapshot that
    /// differs, with `strict` a broken SHOULD.
    #[must_use]
    pub fn fails_run(&self, strict: bool) -> bool {
        self.fails() || self.snapshot.is_some() || strict && self.warns_should()
    }
}

impl Record {
    /// What the run says as a whole: a failure is said before what could not be found out.
    #[must_use]
    pub fn conclusion(&self) -> Conclusion {
        let failed = self.cases.iter().any(|case| case.fails_run(self.strict))
            || self.notices.iter().any(|notice| notice.fails);
        if failed {
            Conclusion::Failed
        } else if self.incomplete.is_some() || self.summary.errored > 0 || self.proves_nothing() {
            Conclusion::Errored
        } else {
            Conclusion::Passed
        }
    }

    /// Whether all was skipped. Of a part of a run that is no matter: the whole is judged when the
    /// parts are put together.
    fn proves_nothing(&self) -> bool {
        self.shard.is_none() && self.summary.skipped == self.summary.total
    }

    /// The conclusion as a sentence.
    #[must_use]
    pub fn verdict(&self) -> String {
        let count =
            |of: &dyn Fn(&CaseRecord) -> bool| self.cases.iter().filter(|case| of(case)).count();
        match self.conclusion() {
            Conclusion::Passed if self.summary.failed > 0 => {
                let mut excuses = Vec::new();
                let Summary {
                    known, deviating, ..
                } = self.summary;
                if known > 0 {
                    excuses.push(plural(known, "known failure", "known failures"));
                }
                if deviating > 0 {
                    excuses.push(plural(
                        deviating,
                        "documented deviation",
                        "documented deviations",
                    ));
                }
                format!(
                    "Nothing failed that is not excused: {}.",
                    excuses.join(", ")
                )
            }
            Conclusion::Passed => "Nothing failed.".into(),
            Conclusion::Errored if self.summary.errored > 0 => format!(
                "{} could not be judged; the run proves nothing about {}.",
                trials(self.summary.errored),
                if self.summary.errored == 1 {
                    "it"
                } else {
                    "them"
                }
            ),
            Conclusion::Errored if self.incomplete.is_some() => "The run was interrupted.".into(),
            Conclusion::Errored => "Everything was skipped, so the run proves nothing.".into(),
            Conclusion::Failed => {
                let failed = count(&CaseRecord::fails);
                let differ = count(&|case| case.snapshot.is_some());
                let should = count(&|case| self.strict && case.warns_should());
                let notices = self.notices.iter().filter(|notice| notice.fails).count();
                let mut parts = Vec::new();
                let mut add = |count: usize, one: &str, many: &str| {
                    if count > 0 {
                        parts.push(plural(count, one, many));
                    }
                };
                add(
                    failed,
                    "trial breaks a binding requirement",
                    "trials break a binding requirement",
                );
                add(
                    should,
                    "trial breaks a SHOULD (strict)",
                    "trials break a SHOULD (strict)",
                );
                add(
                    differ,
                    "response differs from its snapshot",
                    "responses differ from their snapshots",
                );
                add(notices, "excuse is out of date", "excuses are out of date");
                parts.join("; ") + "."
            }
        }
    }
}

/// A number of trials, as it is said.
#[must_use]
pub fn trials(count: usize) -> String {
    plural(count, "trial", "trials")
}

/// A number of things, as it is said.
#[must_use]
pub fn plural(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
