//! The judge: a pure function of expectation, observation and keys.
//!
//! No I/O. It says what was expected, what came, and whether the one is the other; how much a
//! difference weighs follows from the requirement ([`severity`]).

mod answer;
mod bits;
mod cut;
mod describe;
mod header;
mod json;
pub mod jwt;
pub mod overall;
pub mod predicates;
mod response;

use std::collections::HashMap;

use crate::catalogue::template::{self, Missing};
use crate::catalogue::{Answer, AtMost, Catalogue, Deviation, Expectation, OneOrMany, When};
use crate::outcome::{Check, Observation, Verdict};

pub use answer::judge_answer;
pub use jwt::Keys;
pub use overall::{Overall, Part};
pub use response::{Response, is_oauth_error};

/// What one comparison showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Whether it holds; none where it could not be found out.
    pub holds: Option<bool>,
    /// What was expected, as a phrase.
    pub expected: String,
    /// What came, as a phrase.
    pub actual: String,
}

impl Finding {
    /// A finding that says whether something holds.
    #[must_use]
    pub fn new(holds: bool, expected: impl Into<String>, actual: impl Into<String>) -> Self {
        Self {
            holds: Some(holds),
            expected: expected.into(),
            actual: actual.into(),
        }
    }

    /// A finding that could not be made, and why.
    #[must_use]
    pub fn unknown(expected: impl Into<String>, why: impl Into<String>) -> Self {
        Self {
            holds: None,
            expected: expected.into(),
            actual: why.into(),
        }
    }

    /// All of them together: the first that fails speaks, else the first that is unknown.
    #[must_use]
    pub fn all(findings: Vec<Self>) -> Self {
        let worst = findings
            .iter()
            .find(|finding| finding.holds == Some(false))
            .or_else(|| findings.iter().find(|finding| finding.holds.is_none()))
            .cloned();
        match worst {
            Some(worst) => worst,
            None => Self {
                holds: Some(true),
                expected: join(findings.iter().map(|finding| finding.expected.as_str())),
                actual: join(findings.iter().map(|finding| finding.actual.as_str())),
            },
        }
    }
}

fn join<'t>(texts: impl Iterator<Item = &'t str>) -> String {
    let mut seen: Vec<&str> = Vec::new();
    for text in texts {
        if !text.is_empty() && !seen.contains(&text) {
            seen.push(text);
        }
    }
    seen.join(", ")
}

/// Whether a token was seen alive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Aliveness {
    /// It is, or is not; with how that was seen.
    Seen(bool, String),
    /// It could not be found out.
    Unknown(String),
}

/// All that the judge may know beside the expectation and the response.
pub struct Situation<'s> {
    /// The catalogue, for the requirements.
    pub catalogue: &'s Catalogue,
    /// The documents whose requirements count.
    pub documents: &'s [String],
    /// Requirements that do not count.
    pub without: &'s [String],
    /// What the vendor documents to be otherwise.
    pub deviations: &'s [Deviation],
    /// The trial.
    pub trial: &'s str,
    /// The client authentication method of the request.
    pub auth: &'s str,
    /// What the request starts from.
    pub start: &'s str,
    /// Whether the client is public.
    pub public: bool,
    /// Whether the configuration names a client that may introspect.
    pub introspects: bool,
    /// The target's keys.
    pub keys: &'s Keys,
    /// The allowed difference of clocks, in seconds.
    pub skew: i64,
    /// What the control was answered.
    pub control: Option<&'s Observation>,
    /// All answers, where several requests were sent at once.
    pub at_once: &'s [Observation],
    /// Whether the step's token is alive.
    pub alive: Option<&'s Aliveness>,
    /// Earlier answers of this case, by step; `start` is what it was acquired with.
    pub steps: &'s HashMap<String, Response>,
    /// The value of a template's name.
    pub value: &'s dyn Fn(&str) -> Option<String>,
}

impl Situation<'_> {
    /// The text with its names filled in.
    ///
    /// # Errors
    /// The first name without a value.
    pub fn fill(&self, text: &str) -> Result<String, Missing> {
        template::fill(text, self.value)
    }
}

/// How much a break of the requirement weighs.
#[must_use]
pub fn severity(catalogue: &Catalogue, id: &str, at_most: Option<AtMost>) -> Verdict {
    match catalogue.requirements.get(id) {
        Some(requirement) if requirement.binds() && at_most.is_none() => Verdict::Fail,
        _ => Verdict::Warn,
    }
}

/// Whether the expectation is judged on this response.
#[must_use]
pub fn applies(expectation: &Expectation, response: &Response, situation: &Situation<'_>) -> bool {
    let Some(when) = &expectation.when else {
        return true;
    };
    static_applies(
        when,
        situation.auth,
        situation.start,
        situation.public,
        situation.documents,
    ) && when
        .client
        .as_ref()
        .and_then(|client| client.introspects)
        .is_none_or(|wanted| wanted == situation.introspects)
        && when
            .status
            .as_ref()
            .is_none_or(|status| status.as_slice().contains(&response.observation.status))
        && when
            .refused
            .is_none_or(|refused| refused == response.refused())
        && when
            .granted
            .is_none_or(|granted| granted == response.granted())
        && when
            .body
            .is_none_or(|body| body != response.observation.body.is_empty())
        && when.json.iter().all(|(name, matcher)| {
            json::judge_member(name, matcher, response.json_member(name), situation).holds
                == Some(true)
        })
}

/// The part of a `when` that is known before anything is sent.
#[must_use]
pub fn static_applies(
    when: &When,
    auth: &str,
    start: &str,
    public: bool,
    documents: &[String],
) -> bool {
    let has = |words: &Option<OneOrMany<String>>, word: &str| {
        words
            .as_ref()
            .is_none_or(|words| words.as_slice().iter().any(|known| known == word))
    };
    let listed = |wanted: &OneOrMany<String>| {
        wanted
            .as_slice()
            .iter()
            .any(|document| documents.contains(document))
    };
    has(&when.auth, auth)
        && has(&when.start, start)
        && when
            .client
            .as_ref()
            .and_then(|client| client.public)
            .is_none_or(|wanted| wanted == public)
        && when.document.as_ref().is_none_or(listed)
        && !when.without_document.as_ref().is_some_and(listed)
}

/// Whether the requirement counts under this profile.
#[must_use]
pub fn counts(situation: &Situation<'_>, id: &str) -> bool {
    situation
        .catalogue
        .document_of(id)
        .is_some_and(|document| situation.documents.contains(&document.id))
        && situation
            .without
            .binary_search_by(|known| known.as_str().cmp(id))
            .is_err()
}

/// What the expectation finds in the response.
#[must_use]
pub fn find(expectation: &Expectation, response: &Response, situation: &Situation<'_>) -> Finding {
    let mut findings = Vec::new();
    if let Some(wanted) = expectation.refused {
        let expected = if wanted {
            "a refusal: a 4xx without a token"
        } else {
            "no refusal"
        };
        let finding = Finding::new(
            response.refused() == wanted,
            expected,
            describe::response(response),
        );
        findings.push(cut::known_within(400..500, finding, response));
    }
    if let Some(wanted) = expectation.granted {
        let expected = if wanted {
            "a 2xx with an access token"
        } else {
            "no access token"
        };
        let finding = Finding::new(
            response.granted() == wanted,
            expected,
            describe::response(response),
        );
        findings.push(cut::known_within(200..300, finding, response));
    }
    if let Some(wanted) = expectation.succeeded {
        let expected = if wanted {
            "a success: a 2xx with a body that is no error"
        } else {
            "no success"
        };
        let finding = Finding::new(
            response.succeeded() == wanted,
            expected,
            describe::response(response),
        );
        findings.push(cut::known_within(200..300, finding, response));
    }
    let own = expectation.answer();
    if !own.is_empty() {
        findings.push(judge_answer(&own, response, situation));
    }
    if !expectation.any_of.is_empty() {
        findings.push(any_of(&expectation.any_of, response, situation));
    }
    if let Some(answer) = &expectation.exactly_one {
        findings.push(exactly_one(answer, situation));
    }
    if let Some(wanted) = expectation.same_outcome {
        findings.push(cut::known(
            same_outcome(wanted, response, situation),
            response,
        ));
    }
    if let Some(wanted) = expectation.alive {
        let expected = if wanted {
            "the token is alive"
        } else {
            "the token is no longer alive"
        };
        findings.push(match situation.alive {
            Some(Aliveness::Seen(alive, how)) => Finding::new(*alive == wanted, expected, how),
            Some(Aliveness::Unknown(why)) => Finding::unknown(expected, why),
            None => Finding::unknown(expected, "nobody looked"),
        });
    }
    for name in expectation.holds.as_slice() {
        findings.push(match predicates::find(name) {
            Some(predicate) => cut::known((predicate.judge)(response, situation), response),
            None => Finding::unknown(name.clone(), "there is no such predicate"),
        });
    }
    if findings.is_empty() {
        return Finding::unknown("something", "the expectation expects nothing");
    }
    Finding::all(findings)
}

fn any_of(answers: &[Answer], response: &Response, situation: &Situation<'_>) -> Finding {
    let findings: Vec<Finding> = answers
        .iter()
        .map(|answer| judge_answer(answer, response, situation))
        .collect();
    let expected = answers
        .iter()
        .map(|answer| describe::answer(answer, situation))
        .collect::<Vec<_>>()
        .join(", or ");
    let actual = describe::response(response);
    if findings.iter().any(|finding| finding.holds == Some(true)) {
        return Finding::new(true, expected, actual);
    }
    if let Some(unknown) = findings.iter().find(|finding| finding.holds.is_none()) {
        return Finding::unknown(expected, unknown.actual.clone());
    }
    // With one answer to compare with, what differs can be said; a header is not in the summary.
    match findings.as_slice() {
        [only] if only.actual != actual => {
            Finding::new(false, expected, format!("{actual}; {}", only.actual))
        }
        _ => Finding::new(false, expected, actual),
    }
}

fn exactly_one(answer: &Answer, situation: &Situation<'_>) -> Finding {
    let expected = format!(
        "exactly one of {} answers is {}",
        situation.at_once.len(),
        describe::answer(answer, situation)
    );
    let matching = situation
        .at_once
        .iter()
        .filter(|observation| {
            let response = Response::new((*observation).clone());
            judge_answer(answer, &response, situation).holds == Some(true)
        })
        .count();
    if let Some(cut) = situation.at_once.iter().find(|answer| answer.cut) {
        let response = Response::new(cut.clone());
        return Finding::unknown(expected, describe::response(&response));
    }
    match matching {
        0 => Finding::unknown(expected, "none is: a race that all lost shows nothing"),
        1 => Finding::new(true, expected, "one is"),
        many => Finding::new(false, expected, format!("{many} are")),
    }
}

fn same_outcome(wanted: bool, response: &Response, situation: &Situation<'_>) -> Finding {
    let expected = if wanted {
        "the outcome of the unchanged request"
    } else {
        "another outcome"
    };
    let Some(control) = situation.control else {
        return Finding::unknown(expected, "the unchanged request was not answered");
    };
    let control = Response::new(control.clone());
    let same = if control.granted() {
        response.granted()
    } else {
        !response.granted()
            && response.observation.status == control.observation.status
            && response.json_member("error") == control.json_member("error")
    };
    Finding::new(
        same == wanted,
        format!("{expected}: {}", describe::response(&control)),
        describe::response(response),
    )
}

/// A whole answer in a few words, its templates as they are written.
#[must_use]
pub fn phrase(answer: &Answer, catalogue: &Catalogue) -> String {
    let keys = Keys {
        set: Err(String::new()),
        secret: None,
    };
    let situation = Situation {
        catalogue,
        documents: &[],
        without: &[],
        deviations: &[],
        trial: "",
        auth: "",
        start: "",
        public: false,
        introspects: false,
        keys: &keys,
        skew: 0,
        control: None,
        at_once: &[],
        alive: None,
        steps: &HashMap::new(),
        value: &|_| None,
    };
    describe::answer(answer, &situation)
}

/// One check for each requirement of the expectation that counts; for a precondition, one check
/// without a requirement.
#[must_use]
pub fn judge(
    expectation: &Expectation,
    response: &Response,
    situation: &Situation<'_>,
) -> Vec<Check> {
    let ids = expectation.requirement.as_slice();
    let counting: Vec<&String> = ids.iter().filter(|id| counts(situation, id)).collect();
    if !ids.is_empty() && counting.is_empty() {
        return Vec::new();
    }
    let finding = find(expectation, response, situation);
    let check = |requirement: Option<&String>, broken: Verdict| Check {
        requirement: requirement.cloned(),
        verdict: match finding.holds {
            Some(true) => Verdict::Pass,
            Some(false) => broken,
            None => Verdict::Errored,
        },
        expected: finding.expected.clone(),
        actual: finding.actual.clone(),
        broken_in: Vec::new(),
        deviates: None,
        exchange: None,
    };
    if ids.is_empty() {
        return vec![check(None, Verdict::Errored)];
    }
    counting
        .into_iter()
        .map(|id| {
            let broken = severity(situation.catalogue, id, expectation.at_most);
            let mut check = check(Some(id), broken);
            if matches!(check.verdict, Verdict::Fail | Verdict::Warn) {
                check.deviates = deviation(id, response, situation);
            }
            check
        })
        .collect()
}

/// Why the vendor's profile excuses this answer: it documents exactly it.
fn deviation(id: &str, response: &Response, situation: &Situation<'_>) -> Option<String> {
    situation
        .deviations
        .iter()
        .filter(|deviation| deviation.requirement.iter().any(|known| known == id))
        .filter(|deviation| deviation.is_about(situation.trial))
        .find(|deviation| {
            deviation
                .instead
                .iter()
                .any(|answer| judge_answer(answer, response, situation).holds == Some(true))
        })
        .map(|deviation| deviation.because.clone())
}
