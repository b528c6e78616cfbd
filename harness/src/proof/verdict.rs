//! What a matrix proves, and what it does not.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use tokenspec_reference::Fault;

use super::Matrix;
use crate::catalogue::Catalogue;

/// What both must fail, and why: faults that cannot break their own requirements without also
/// breaking others.
#[derive(Debug, Clone, Copy)]
pub struct Excuse {
    /// The faults, as globs over their names.
    pub faults: &'static [&'static str],
    /// The requirements that fail as well, as globs over their ids; for trials that are errored,
    /// `errored ` and a glob over their names; `uncaught` for a fault that no case can catch.
    pub requirements: &'static [&'static str],
    /// Why that cannot be otherwise.
    pub because: &'static str,
}

/// Something that is not as it has to be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Problem {
    /// Something fails or warns although no fault is on.
    NotClean {
        /// The personality.
        personality: String,
        /// The requirement or trial.
        what: String,
    },
    /// No check of a requirement that the fault breaks caught it.
    Uncaught {
        /// The fault.
        fault: String,
    },
    /// A check of a requirement that the fault does not break failed.
    Collateral {
        /// The fault.
        fault: String,
        /// The requirement.
        requirement: String,
        /// A trial whose check did.
        trial: String,
    },
    /// A trial was errored where it could have been judged.
    Errored {
        /// The fault.
        fault: String,
        /// The trial.
        trial: String,
        /// Its reason.
        reason: String,
    },
    /// No fault makes the case fail or warn.
    UnprovedCase {
        /// The case.
        case: String,
    },
    /// No fault makes a check of the requirement fail or warn.
    UnprovedRequirement {
        /// The requirement.
        requirement: String,
    },
    /// A fault or a requirement of an excuse that excuses nothing.
    UselessExcuse {
        /// The glob.
        glob: String,
        /// The reason of the excuse.
        because: String,
    },
}

impl Problem {
    /// Whether it is about one fault, and so means something also where not all were tried.
    #[must_use]
    pub const fn is_of_fault(&self) -> bool {
        matches!(
            self,
            Self::Uncaught { .. } | Self::Collateral { .. } | Self::Errored { .. }
        )
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotClean { personality, what } => {
                write!(f, "without a fault, on {personality}: {what}")
            }
            Self::Uncaught { fault } => write!(f, "uncaught: {fault}"),
            Self::Collateral {
                fault,
                requirement,
                trial,
            } => write!(f, "collateral: {fault} also breaks {requirement} ({trial})"),
            Self::Errored {
                fault,
                trial,
                reason,
            } => write!(f, "errored: {trial} under {fault}: {reason}"),
            Self::UnprovedCase { case } => write!(f, "unproved case: {case}"),
            Self::UnprovedRequirement { requirement } => {
                write!(f, "unproved requirement: {requirement}")
            }
            Self::UselessExcuse { glob, because } => {
                write!(f, "useless excuse: `{glob}` excuses nothing ({because})")
            }
        }
    }
}

/// What a matrix proves.
#[derive(Debug, Default)]
pub struct Proof {
    /// How many faults were tried.
    pub faults: usize,
    /// The cases that judge something on the reference.
    pub cases: BTreeSet<String>,
    /// The requirements that are judged on the reference.
    pub requirements: BTreeSet<String>,
    /// The faults that prove each requirement.
    pub proved: BTreeMap<String, BTreeSet<&'static str>>,
    /// Faults whose requirements no case judges yet.
    pub waiting: BTreeSet<&'static str>,
    /// What is not as it has to be.
    pub problems: Vec<Problem>,
}

impl Proof {
    /// Holds the matrix against what the faults say of themselves.
    #[must_use]
    pub fn new(
        catalogue: &Catalogue,
        matrix: &Matrix,
        faults: &[&'static Fault],
        excuses: &[Excuse],
    ) -> Self {
        let mut proof = Self {
            faults: faults.len(),
            ..Self::default()
        };
        proof.clean(matrix);
        let mut excuses = Excuses::new(excuses);
        let mut failed_cases: BTreeSet<String> = BTreeSet::new();
        for fault in faults {
            let Some(row) = matrix.faults.get(fault.name) else {
                continue;
            };
            let related = related(catalogue, fault.breaks);
            let mut caught = false;
            for (requirement, trials) in &row.broken {
                failed_cases.extend(trials.iter().map(|trial| case_of(trial).to_owned()));
                proof
                    .proved
                    .entry(requirement.clone())
                    .or_default()
                    .insert(fault.name);
                if related.contains(requirement) {
                    caught = true;
                } else if !excuses.excuse(fault.name, requirement) {
                    proof.problems.push(Problem::Collateral {
                        fault: fault.name.to_owned(),
                        requirement: requirement.clone(),
                        trial: trials.first().cloned().unwrap_or_default(),
                    });
                }
            }
            if related.is_disjoint(&proof.requirements) {
                proof.waiting.insert(fault.name);
            } else if !caught && !excuses.excuse(fault.name, "uncaught") {
                proof.problems.push(Problem::Uncaught {
                    fault: fault.name.to_owned(),
                });
            }
            for (trial, reason) in &row.errored {
                if !excuses.excuse(fault.name, &format!("errored {trial}")) {
                    proof.problems.push(Problem::Errored {
                        fault: fault.name.to_owned(),
                        trial: trial.clone(),
                        reason: reason.clone(),
                    });
                }
            }
        }
        for case in &proof.cases {
            if !failed_cases.contains(case) {
                proof
                    .problems
                    .push(Problem::UnprovedCase { case: case.clone() });
            }
        }
        for requirement in &proof.requirements {
            if !proof.proved.contains_key(requirement) {
                proof.problems.push(Problem::UnprovedRequirement {
                    requirement: requirement.clone(),
                });
            }
        }
        proof.problems.extend(excuses.useless());
        proof.problems.sort();
        proof
    }

    fn clean(&mut self, matrix: &Matrix) {
        for (personality, row) in &matrix.clean {
            for (requirement, trials) in &row.judged {
                self.requirements.insert(requirement.clone());
                self.cases
                    .extend(trials.iter().map(|trial| case_of(trial).to_owned()));
            }
            let broken = row
                .broken
                .keys()
                .map(|requirement| format!("{requirement} fails or warns"));
            let errored = row
                .errored
                .iter()
                .map(|(trial, why)| format!("{trial} is errored: {why}"));
            for what in broken.chain(errored) {
                self.problems.push(Problem::NotClean {
                    personality: personality.clone(),
                    what,
                });
            }
        }
    }

    /// How many cases and requirements no fault proves.
    #[must_use]
    pub fn unproved(&self) -> usize {
        self.problems
            .iter()
            .filter(|problem| {
                matches!(
                    problem,
                    Problem::UnprovedCase { .. } | Problem::UnprovedRequirement { .. }
                )
            })
            .count()
    }

    /// The line that sums it up.
    #[must_use]
    pub fn line(&self) -> String {
        format!(
            "{} faults, {} cases, {} requirements judged, {} unproved",
            self.faults,
            self.cases.len(),
            self.requirements.len(),
            self.unproved()
        )
    }
}

/// The case of a trial: its name without the axes.
fn case_of(trial: &str) -> &str {
    trial.split('[').next().unwrap_or(trial)
}

/// The excuses, and which of their globs were of use.
struct Excuses<'e> {
    all: &'e [Excuse],
    used: BTreeSet<(usize, &'static str)>,
}

impl<'e> Excuses<'e> {
    const fn new(all: &'e [Excuse]) -> Self {
        Self {
            all,
            used: BTreeSet::new(),
        }
    }

    /// Whether any excuses this pair.
    fn excuse(&mut self, fault: &str, what: &str) -> bool {
        let matching = |globs: &'static [&'static str], text: &str| {
            let matches = move |glob: &&str| wildmatch::WildMatch::new(glob).matches(text);
            globs.iter().copied().find(matches)
        };
        let mut excused = false;
        for (index, excuse) in self.all.iter().enumerate() {
            let fault = matching(excuse.faults, fault);
            let what = matching(excuse.requirements, what);
            if let (Some(fault), Some(what)) = (fault, what) {
                self.used.extend([(index, fault), (index, what)]);
                excused = true;
            }
        }
        excused
    }

    /// The globs that matched nothing.
    fn useless(&self) -> impl Iterator<Item = Problem> {
        self.all
            .iter()
            .enumerate()
            .flat_map(move |(index, excuse)| {
                excuse
                    .faults
                    .iter()
                    .chain(excuse.requirements)
                    .filter(move |glob| !self.used.contains(&(index, **glob)))
                    .map(|glob| Problem::UselessExcuse {
                        glob: (*glob).to_owned(),
                        because: excuse.because.to_owned(),
                    })
            })
    }
}

/// The requirements that a fault breaks, with those of other documents that say the same.
fn related(catalogue: &Catalogue, breaks: &[&str]) -> BTreeSet<String> {
    let mut all: BTreeSet<String> = breaks.iter().map(|id| (*id).to_owned()).collect();
    loop {
        let more: Vec<String> = catalogue
            .requirements
            .values()
            .filter(|requirement| {
                let names = requirement.same_as.iter().any(|id| all.contains(id));
                names && !all.contains(&requirement.id)
            })
            .map(|requirement| requirement.id.clone())
            .chain(
                all.iter()
                    .filter_map(|id| catalogue.requirements.get(id))
                    .flat_map(|requirement| requirement.same_as.iter())
                    .filter(|id| !all.contains(*id))
                    .cloned(),
            )
            .collect();
        if more.is_empty() {
            return all;
        }
        all.extend(more);
    }
}

#[cfg(test)]
mod tests {
    use tokenspec_reference::fault;

    use super::super::Row;
    use super::*;
    use crate::catalogue::embedded;

    const CASE: &str = "suite/case";
    /// Breaks `rfc6749-5.1-pragma`, of which no other row says the same.
    const PRAGMA: &str = "success-without-pragma";
    /// Breaks `rfc6749-6-server-validates-token`, which OpenID Connect Core 12.1 says too.
    const REFRESH: &str = "unknown-refresh-token-is-server-error";

    fn catalogue() -> Catalogue {
        let files: Vec<_> = embedded()
            .into_iter()
            .filter(|file| file.path.starts_with("requirements/"))
            .collect();
        Catalogue::read(&files, false).unwrap()
    }

    fn row(judged: &[&str], broken: &[&str]) -> Row {
        let with_trial = |ids: &[&str]| {
            ids.iter()
                .map(|id| ((*id).to_owned(), [format!("{CASE}[axis]")].into()))
                .collect()
        };
        Row {
            judged: with_trial(judged),
            broken: with_trial(broken),
            ..Row::default()
        }
    }

    /// What a matrix of one fault proves, where these requirements are judged.
    fn proof(name: &str, judged: &[&str], of_fault: Row, excuses: &[Excuse]) -> Proof {
        let fault = fault(name).unwrap();
        let matrix = Matrix {
            clean: [("standard".to_owned(), row(judged, &[]))].into(),
            faults: [(fault.name, of_fault)].into(),
        };
        Proof::new(&catalogue(), &matrix, &[fault], excuses)
    }

    const JUDGED: &[&str] = &["rfc6749-5.1-pragma"];

    #[test]
    fn a_fault_that_its_own_requirement_catches_is_no_problem() {
        let proof = proof(PRAGMA, JUDGED, row(JUDGED, JUDGED), &[]);
        assert_eq!(proof.problems, []);
        assert_eq!(proof.unproved(), 0);
        assert_eq!(
            proof.line(),
            "1 faults, 1 cases, 1 requirements judged, 0 unproved"
        );
        assert_eq!(
            proof.proved["rfc6749-5.1-pragma"]
                .iter()
                .collect::<Vec<_>>(),
            [&PRAGMA]
        );
    }

    #[test]
    fn what_fails_without_a_fault_is_not_clean() {
        let mut clean = row(JUDGED, JUDGED);
        clean.errored = [(CASE.to_owned(), "no code".to_owned())].into();
        let matrix = Matrix {
            clean: [("standard".to_owned(), clean)].into(),
            ..Matrix::default()
        };
        let proof = Proof::new(&catalogue(), &matrix, &[], &[]);
        let what: Vec<String> = proof.problems.iter().map(ToString::to_string).collect();
        assert!(
            what.contains(
                &"without a fault, on standard: rfc6749-5.1-pragma fails or warns".into()
            )
        );
        assert!(
            what.contains(&"without a fault, on standard: suite/case is errored: no code".into())
        );
    }

    #[test]
    fn a_fault_that_nothing_catches_is_uncaught_and_leaves_its_case_unproved() {
        let proof = proof(PRAGMA, JUDGED, row(JUDGED, &[]), &[]);
        assert_eq!(
            proof.problems,
            [
                Problem::Uncaught {
                    fault: PRAGMA.into()
                },
                Problem::UnprovedCase { case: CASE.into() },
                Problem::UnprovedRequirement {
                    requirement: "rfc6749-5.1-pragma".into()
                },
            ]
        );
        assert_eq!(proof.unproved(), 2);
    }

    #[test]
    fn a_fault_whose_requirements_nothing_judges_waits() {
        let proof = proof(PRAGMA, &[], row(&[], &[]), &[]);
        assert_eq!(proof.problems, []);
        assert!(proof.waiting.contains(PRAGMA));
    }

    #[test]
    fn what_a_fault_does_not_say_that_it_breaks_is_collateral() {
        let judged = ["rfc6749-5.1-pragma", "rfc6749-5.1-status-200"];
        let proof = proof(PRAGMA, &judged, row(&judged, &judged), &[]);
        assert_eq!(
            proof.problems,
            [Problem::Collateral {
                fault: PRAGMA.into(),
                requirement: "rfc6749-5.1-status-200".into(),
                trial: "suite/case[axis]".into(),
            }]
        );
    }

    #[test]
    fn a_row_that_says_the_same_is_no_collateral_and_catches() {
        let judged = ["oidc-core-12.1-validate-token"];
        let proof = proof(REFRESH, &judged, row(&judged, &judged), &[]);
        assert_eq!(proof.problems, []);
        assert!(proof.waiting.is_empty());
    }

    #[test]
    fn a_trial_that_is_errored_under_a_fault_is_a_problem() {
        let mut of_fault = row(JUDGED, JUDGED);
        of_fault.errored = [(CASE.to_owned(), "no code".to_owned())].into();
        let proof = proof(PRAGMA, JUDGED, of_fault, &[]);
        assert_eq!(
            proof.problems,
            [Problem::Errored {
                fault: PRAGMA.into(),
                trial: CASE.into(),
                reason: "no code".into(),
            }]
        );
    }

    #[test]
    fn excuses_excuse_what_they_name_and_nothing_else() {
        let judged = [
            "rfc6749-5.1-pragma",
            "rfc6749-5.1-status-200",
            "rfc6749-5.1-strings",
        ];
        let mut of_fault = row(&judged, &judged);
        of_fault.errored = [(CASE.to_owned(), "no code".to_owned())].into();
        let excuses = [Excuse {
            faults: &["success-*"],
            requirements: &["rfc6749-5.1-status-*", "errored suite/*"],
            because: "of the test",
        }];
        let proof = proof(PRAGMA, &judged, of_fault, &excuses);
        assert_eq!(
            proof.problems,
            [Problem::Collateral {
                fault: PRAGMA.into(),
                requirement: "rfc6749-5.1-strings".into(),
                trial: "suite/case[axis]".into(),
            }]
        );
    }

    #[test]
    fn an_uncaught_fault_can_be_excused() {
        let excuses = [Excuse {
            faults: &[PRAGMA],
            requirements: &["uncaught"],
            because: "of the test",
        }];
        let proof = proof(PRAGMA, JUDGED, row(JUDGED, &[]), &excuses);
        assert!(proof.problems.iter().all(|problem| !problem.is_of_fault()));
    }

    #[test]
    fn an_excuse_that_excuses_nothing_is_a_problem() {
        let excuses = [Excuse {
            faults: &[PRAGMA, "nobody"],
            requirements: &["rfc6749-5.1-*", "rfc6749-6-*"],
            because: "of the test",
        }];
        let judged = ["rfc6749-5.1-pragma", "rfc6749-5.1-strings"];
        let proof = proof(PRAGMA, &judged, row(&judged, &judged), &excuses);
        let useless = |glob: &str| Problem::UselessExcuse {
            glob: glob.into(),
            because: "of the test".into(),
        };
        assert_eq!(proof.problems, [useless("nobody"), useless("rfc6749-6-*")]);
    }
}
