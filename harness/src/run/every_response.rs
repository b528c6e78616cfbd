//! Trials over all responses of the run: one missing header does not fail two hundred cases.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use indexmap::IndexSet;

use super::begin::Stop;
use super::session::{Seen, Session};
use super::trial::Tried;
use crate::catalogue::{Expectation, ResponseKind};
use crate::judge::overall::{self, Concluded};
use crate::judge::{self, Overall, Part, Response, Situation, is_oauth_error};
use crate::outcome::{Check, Exchange, Outcome, Purpose};
use crate::plan::Trial;

/// Judges a trial on everything that was seen.
pub fn run(session: &Session, trial: &Trial, seen: &[Arc<Seen>]) -> Tried {
    if let Some(reason) = &trial.skip {
        return Tried::stopped(trial, &Stop::Skipped(reason.clone()));
    }
    let started = Instant::now();
    let responses: Vec<(&Seen, Response)> = seen
        .iter()
        .filter_map(|seen| {
            let observation = seen.exchange.response.as_ref().ok()?;
            Some((seen.as_ref(), Response::new(observation.clone())))
        })
        .filter(|(_, response)| is_about(trial.case.on, response))
        .collect();
    if responses.is_empty() {
        return Tried::stopped(trial, &Stop::Skipped("the run saw no such response".into()));
    }
    let parts: Vec<Vec<Part>> = trial
        .case
        .expect
        .iter()
        .map(|expectation| over_all(session, expectation, &responses))
        .collect();
    let concluded = overall::conclude(&parts);
    session.keep_overall(Overall {
        trial: trial.name.clone(),
        parts,
    });
    let Some(Concluded {
        mut checks,
        verdict,
        deviates,
        reason,
    }) = concluded
    else {
        return Tried::stopped(trial, &Stop::Skipped(overall::NOT_ABOUT_ANY.into()));
    };
    let exchanges = shown(&mut checks, &responses);
    Tried {
        outcome: Outcome {
            trial: trial.name.clone(),
            suite: trial.suite.clone(),
            title: trial.title.clone(),
            verdict,
            reason,
            hint: trial.case.hint.clone(),
            deviates,
            checks,
            exchanges,
            duration: started.elapsed(),
            notes: vec![format!("{} responses", responses.len())],
        },
        control: None,
        dependent: Vec::new(),
    }
}

/// The first response that breaks each check, as an exchange of this trial: whoever mends it wants
/// to see one. The checks are told where theirs is.
fn shown(checks: &mut [Check], responses: &[(&Seen, Response)]) -> Vec<Exchange> {
    let mut indices: IndexSet<usize> = IndexSet::new();
    for check in checks {
        check.exchange = check.exchange.map(|index| indices.insert_full(index).0);
    }
    indices
        .into_iter()
        .filter_map(|index| responses.get(index))
        .map(|(seen, _)| Exchange {
            purpose: Purpose::Elsewhere,
            step: format!("{}#{}", seen.by, seen.exchange.step),
            ..seen.exchange.clone()
        })
        .collect()
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

/// What the expectation says of each response that it applies to.
fn over_all(
    session: &Session,
    expectation: &Expectation,
    responses: &[(&Seen, Response)],
) -> Vec<Part> {
    let mut parts = Vec::new();
    for (index, (seen, response)) in responses.iter().enumerate() {
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
            introspects: session.target.introspecting().is_some(),
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
            parts.push(Part {
                by: seen.by.clone(),
                requirement: check.requirement.unwrap_or_default(),
                verdict: check.verdict,
                expected: check.expected,
                actual: check.actual,
                deviates: check.deviates,
                response: Some(index),
            });
        }
    }
    parts
}
