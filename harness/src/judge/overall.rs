//! Many checks of one requirement, one for each response of a run, as one check.
//!
//! What is said of each response is kept apart from what is said of all, so that the parts of a
//! run can be put together and judged again.

use indexmap::IndexSet;

use crate::outcome::{CaseVerdict, Check, Outcome, Verdict};

/// How many responses that break a requirement are named.
const NAMED: usize = 5;

/// Why a trial is skipped whose expectations apply to no response.
pub const NOT_ABOUT_ANY: &str = "no response of this run is one that it applies to";

/// What an expectation says of one response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The trial that the response is of, or what else it was for.
    pub by: String,
    /// The requirement.
    pub requirement: String,
    /// The verdict.
    pub verdict: Verdict,
    /// What was expected.
    pub expected: String,
    /// What came.
    pub actual: String,
    /// Where the vendor documents it.
    pub deviates: Option<String>,
    /// Which of the responses it is, from 0; none where the response itself is not kept.
    pub response: Option<usize>,
}

/// What a trial over all responses says of each of them.
#[derive(Debug, Clone)]
pub struct Overall {
    /// The trial.
    pub trial: String,
    /// For each expectation of it, what it says of each response.
    pub parts: Vec<Vec<Part>>,
}

/// What a trial over all responses says.
#[derive(Debug, Clone)]
pub struct Concluded {
    /// One check for each requirement. Its `exchange` is the first response that breaks it, counted
    /// among all of the run.
    pub checks: Vec<Check>,
    /// The verdict of the trial.
    pub verdict: CaseVerdict,
    /// Why its failure is excused.
    pub deviates: Option<String>,
    /// Why it is errored.
    pub reason: Option<String>,
}

/// What is said of all responses, from what is said of each; nothing where no expectation applies
/// to any.
#[must_use]
pub fn conclude(parts: &[Vec<Part>]) -> Option<Concluded> {
    let mut checks = Vec::new();
    for of_expectation in parts {
        let mut by_requirement: Vec<(&str, Vec<&Part>)> = Vec::new();
        for part in of_expectation {
            match by_requirement
                .iter_mut()
                .find(|(known, _)| *known == part.requirement)
            {
                Some((_, parts)) => parts.push(part),
                None => by_requirement.push((&part.requirement, vec![part])),
            }
        }
        checks.extend(
            by_requirement
                .into_iter()
                .filter_map(|(id, parts)| together(id, &parts)),
        );
    }
    if checks.is_empty() {
        return None;
    }
    let deviates = Outcome::deviation_of(&checks);
    let verdict = Outcome::verdict_of(&checks);
    Some(Concluded {
        reason: (verdict == CaseVerdict::Errored).then(|| "no response could be judged".to_owned()),
        checks,
        verdict,
        deviates,
    })
}

/// Many checks of one requirement as one. A response that it could not be judged on is one for
/// another check, as long as it was judged on some.
fn together(id: &str, parts: &[&Part]) -> Option<Check> {
    let judged = parts
        .iter()
        .filter(|part| part.verdict != Verdict::Errored)
        .count();
    let first = parts.first()?;
    let broken: Vec<&Part> = parts
        .iter()
        .filter(|part| matches!(part.verdict, Verdict::Fail | Verdict::Warn))
        .copied()
        .collect();
    // What nobody excuses is told first.
    let worst = broken
        .iter()
        .min_by_key(|part| (part.verdict != Verdict::Fail, part.deviates.is_some()));
    let Some(worst) = worst else {
        return Some(Check {
            requirement: Some(id.to_owned()),
            verdict: if judged == 0 {
                Verdict::Errored
            } else {
                Verdict::Pass
            },
            expected: first.expected.clone(),
            actual: if judged == 0 {
                first.actual.clone()
            } else {
                format!("so in {judged} of {judged} responses")
            },
            deviates: None,
            exchange: None,
            broken_in: Vec::new(),
        });
    };
    let mut named: Vec<String> = Vec::new();
    let mut names: IndexSet<&str> = IndexSet::new();
    for part in broken
        .iter()
        .filter(|part| part.deviates.is_some() == worst.deviates.is_some())
    {
        if names.insert(part.by.as_str()) {
            named.push(format!("{} ({})", part.by, part.actual));
        }
    }
    let more = named.len().saturating_sub(NAMED);
    named.truncate(NAMED);
    if more > 0 {
        named.push(format!("and {more} more"));
    }
    let unexcused = broken
        .iter()
        .any(|part| part.verdict == Verdict::Fail && part.deviates.is_none());
    Some(Check {
        requirement: Some(id.to_owned()),
        verdict: worst.verdict,
        expected: worst.expected.clone(),
        actual: format!(
            "not so in {} of {} responses: {}",
            broken.len(),
            judged,
            named.join("; ")
        ),
        deviates: if unexcused {
            None
        } else {
            worst.deviates.clone()
        },
        exchange: worst.response,
        broken_in: names.into_iter().map(str::to_owned).collect(),
    })
}
