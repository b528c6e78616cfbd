//! Trials over all responses of the run: one missing header does not fail two hundred cases.

use std::collections::HashMap;
use std::time::Instant;

use super::begin::Stop;
use super::session::{Seen, Session};
use super::trial::Tried;
use crate::catalogue::{Expectation, ResponseKind};
use crate::judge::{self, Response, Situation, is_oauth_error};
use crate::outcome::{CaseVerdict, Check, Outcome, Verdict};
use crate::plan::Trial;

/// How many responses that break a requirement are named.
const NAMED: usize = 5;

/// Judges a trial on everything that was seen.
pub fn run(session: &Session, trial: &Trial, seen: &[Seen]) -> Tried {
    if let Some(reason) = &trial.skip {
        return Tried::stopped(trial, &Stop::Skipped(reason.clone()));
    }
    let started = Instant::now();
    let responses: Vec<(&Seen, Response)> = seen
        .iter()
        .map(|seen| (seen, Response::new(seen.observation.clone())))
        .filter(|(_, response)| is_about(trial.case.on, response))
        .collect();
    if responses.is_empty() {
        return Tried::stopped(trial, &Stop::Skipped("the run saw no such response".into()));
    }
    let mut checks = Vec::new();
    for expectation in &trial.case.expect {
        checks.extend(over_all(session, expectation, &responses));
    }
    if checks.is_empty() {
        let reason = "no response of this run is one that it applies to".to_owned();
        return Tried::stopped(trial, &Stop::Skipped(reason));
    }
    let failing: Vec<&Check> = checks
        .iter()
        .filter(|c| c.verdict == Verdict::Fail)
        .collect();
    let deviates = match failing.first() {
        Some(first) if failing.iter().all(|c| c.deviates.is_some()) => first.deviates.clone(),
        _ => None,
    };
    let verdict = Outcome::verdict_of(&checks);
    Tried {
        outcome: Outcome {
            trial: trial.name.clone(),
            suite: trial.suite.clone(),
            title: trial.title.clone(),
            verdict,
            reason: (verdict == CaseVerdict::Errored)
                .then(|| "no response could be judged".to_owned()),
            hint: trial.case.hint.clone(),
            deviates,
            checks,
            exchanges: Vec::new(),
            duration: started.elapsed(),
            notes: vec![format!("{} responses", responses.len())],
        },
        control: None,
        dependent: Vec::new(),
    }
}

/// Whether the trial is about this response.
fn is_about(kind: Option<ResponseKind>, response: &Response) -> bool {
    match kind {
        Some(ResponseKind::Token) => response.succeeded(),
        Some(ResponseKind::OauthError) => {
            is_oauth_error(response.observation.status) || is_error_despite_status(response)
        }
        Some(ResponseKind::Any) => true,
        None => false,
    }
}

/// Whether it is an error that comes with a 2xx: it has `error` and no access token.
fn is_error_despite_status(response: &Response) -> bool {
    (200..300).contains(&response.observation.status)
        && response.text_member("error").is_some()
        && !response.granted()
}

/// One check for each requirement, over all responses that the expectation applies to.
fn over_all(
    session: &Session,
    expectation: &Expectation,
    responses: &[(&Seen, Response)],
) -> Vec<Check> {
    let mut by_requirement: Vec<(String, Vec<(&Seen, Check)>)> = Vec::new();
    for (seen, response) in responses {
        let keys = session.no_keys(seen.client);
        let steps = HashMap::new();
        let client = seen
            .client
            .and_then(|index| session.target.clients.get(index));
        let value = |name: &str| match name {
            "client.id" => client.map(|client| client.id.clone()),
            "target.issuer" => session.target.issuer.clone(),
            "target.token_endpoint" => session.target.endpoints.token.clone(),
            _ => None,
        };
        let situation = Situation {
            catalogue: &session.catalogue,
            documents: &session.profile.documents,
            without: &session.profile.without,
            deviations: &session.profile.deviations,
            trial: &seen.by,
            auth: &seen.auth,
            start: "",
            public: client.is_some_and(crate::config::Client::is_public),
            keys: &keys,
            skew: i64::try_from(session.target.clock_skew.as_secs()).unwrap_or(i64::MAX),
            control: None,
            at_once: &[],
            alive: None,
            steps: &steps,
            value: &value,
        };
        if !judge::applies(expectation, response, &situation) {
            continue;
        }
        for check in judge::judge(expectation, response, &situation) {
            let id = check.requirement.clone().unwrap_or_default();
            match by_requirement.iter_mut().find(|(known, _)| *known == id) {
                Some((_, checks)) => checks.push((seen, check)),
                None => by_requirement.push((id, vec![(seen, check)])),
            }
        }
    }
    by_requirement
        .into_iter()
        .filter_map(|(id, checks)| together(id, &checks))
        .collect()
}

/// Many checks of one requirement as one. A response that it could not be judged on is one for
/// another check, as long as it was judged on some.
fn together(id: String, checks: &[(&Seen, Check)]) -> Option<Check> {
    let judged = checks
        .iter()
        .filter(|(_, check)| check.verdict != Verdict::Errored)
        .count();
    let first = checks.first()?;
    let broken: Vec<&(&Seen, Check)> = checks
        .iter()
        .filter(|(_, check)| matches!(check.verdict, Verdict::Fail | Verdict::Warn))
        .collect();
    // What nobody excuses is told first.
    let worst = broken
        .iter()
        .min_by_key(|(_, check)| (check.verdict != Verdict::Fail, check.deviates.is_some()));
    let Some((_, worst)) = worst else {
        return Some(Check {
            requirement: Some(id),
            verdict: if judged == 0 {
                Verdict::Errored
            } else {
                Verdict::Pass
            },
            expected: first.1.expected.clone(),
            actual: if judged == 0 {
                first.1.actual.clone()
            } else {
                format!("so in {judged} of {judged} responses")
            },
            deviates: None,
        });
    };
    let mut named: Vec<String> = Vec::new();
    for (seen, check) in broken
        .iter()
        .filter(|(_, c)| c.deviates.is_some() == worst.deviates.is_some())
    {
        if !named.iter().any(|known| known.starts_with(&seen.by)) {
            named.push(format!("{} ({})", seen.by, check.actual));
        }
    }
    let more = named.len().saturating_sub(NAMED);
    named.truncate(NAMED);
    if more > 0 {
        named.push(format!("and {more} more"));
    }
    let unexcused = broken
        .iter()
        .any(|(_, c)| c.verdict == Verdict::Fail && c.deviates.is_none());
    Some(Check {
        requirement: Some(id),
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
    })
}
