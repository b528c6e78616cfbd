//! What a matrix proves, and what it does not.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use tokenspec_reference::Fault;

use super::Matrix;
use crate::catalogue::Catalogue;

/// A pair that both must fail, and why: a fault that cannot break its requirement without also
/// breaking another.
#[derive(Debug, Clone, Copy)]
pub struct Excuse {
    /// The fault; `*` for any.
    pub fault: &'static str,
    /// The requirement that fails as well; `*` for any.
    pub requirement: &'static str,
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
                } else if !excused(excuses, fault.name, requirement) {
                    proof.problems.push(Problem::Collateral {
                        fault: fault.name.to_owned(),
                        requirement: requirement.clone(),
                        trial: trials.first().cloned().unwrap_or_default(),
                    });
                }
            }
            if related.is_disjoint(&proof.requirements) {
                proof.waiting.insert(fault.name);
            } else if !caught {
                proof.problems.push(Problem::Uncaught {
                    fault: fault.name.to_owned(),
                });
            }
            for (trial, reason) in &row.errored {
                if !excused(excuses, fault.name, "errored") {
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

fn excused(excuses: &[Excuse], fault: &str, requirement: &str) -> bool {
    let matches = |pattern: &str, text: &str| wildmatch::WildMatch::new(pattern).matches(text);
    excuses
        .iter()
        .any(|excuse| matches(excuse.fault, fault) && matches(excuse.requirement, requirement))
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
