//! The phase of destructive trials: each as if it were alone.
//!
//! What one of them ends may be more than its own grant, and then another would see what it did not
//! cause. Those that can end nothing but grants run beside each other all the same, watched by a
//! [`Bystander`] of each client: where all bystanders live afterwards, nobody ended more than its
//! own, and a trial that passed has passed. Whatever did not pass, and everything where a bystander
//! died, is made again, alone, and that is what counts.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::future::join_all;

use super::bystander::Bystander;
use super::schedule::{Shared, beside_each_other};
use super::trial::Tried;
use crate::catalogue::{AsClient, Destroys, Start, User};
use crate::config::LoginVia;
use crate::outcome::CaseVerdict;
use crate::plan::Trial;

/// Fewer than these are as quick alone.
const WORTH_IT: usize = 4;

/// Those who watch over the destructive trials of a phase, so that these can run beside each other;
/// none where each has to be alone.
pub async fn watchers(
    shared: &Shared,
    trials: &[Arc<Trial>],
    at_once: usize,
) -> Option<Vec<Bystander>> {
    let together = || {
        trials
            .iter()
            .filter(|trial| ends_grants_alone(shared, trial))
    };
    if at_once == 1
        || together().count() < WORTH_IT
        || !codes_are_cheap(shared)
        || shared.has_stopped()
    {
        return None;
    }
    let clients = together().flat_map(|trial| holders(trial)).collect();
    let watchers = Bystander::of_each(&shared.session, &clients);
    shared.progress.unless_interrupted(watchers).await.flatten()
}

/// Runs destructive trials; what came of each, in their order.
pub async fn run(
    shared: &Shared,
    trials: &[Arc<Trial>],
    watchers: Option<Vec<Bystander>>,
    at_once: usize,
) -> Vec<Tried> {
    let mut done: Vec<Option<Tried>> = trials.iter().map(|_| None).collect();
    if let Some(watchers) = watchers {
        let together: Vec<usize> = (0..trials.len())
            .filter(|&index| ends_grants_alone(shared, &trials[index]))
            .collect();
        let those: Vec<Arc<Trial>> = together.iter().map(|&i| Arc::clone(&trials[i])).collect();
        let watched = watched(shared, &those, watchers, at_once);
        let tried = shared.progress.unless_interrupted(watched).await;
        for (index, tried) in together.into_iter().zip(tried.into_iter().flatten()) {
            done[index] = tried;
        }
    }
    let mut all = Vec::with_capacity(trials.len());
    for (trial, tried) in trials.iter().zip(done) {
        all.push(match tried {
            Some(tried) => {
                shared.count(&tried);
                tried
            }
            None => shared.run(trial).await,
        });
    }
    all
}

/// Runs them beside each other. Those that passed, where every bystander lives; none of the others.
async fn watched(
    shared: &Shared,
    trials: &[Arc<Trial>],
    bystanders: Vec<Bystander>,
    at_once: usize,
) -> Vec<Option<Tried>> {
    let session = &shared.session;
    let tried = beside_each_other(&shared.provisional(), trials, at_once).await;
    let lives = bystanders.into_iter().map(|held| held.lives(session));
    let all_live = join_all(lives).await.into_iter().all(|lives| lives);
    let kept = |tried: &Tried| {
        let verdict = tried.outcome.verdict;
        all_live && matches!(verdict, CaseVerdict::Passed | CaseVerdict::Skipped)
    };
    let again: BTreeSet<&str> = tried
        .iter()
        .filter(|tried| !kept(tried))
        .map(|tried| tried.outcome.trial.as_str())
        .collect();
    session.forget(&again);
    session.controls.forget_failed();
    tried
        .into_iter()
        .map(|tried| kept(&tried).then_some(tried))
        .collect()
}

/// Whether all that it may end came of one code of the first user, with nothing that has to be
/// quick or slow.
fn ends_grants_alone(shared: &Shared, trial: &Trial) -> bool {
    let case = &trial.case;
    let leeway = shared.session.target.refresh_token_leeway.is_some();
    trial.skip.is_none()
        && case.destroys == Some(Destroys::Grant)
        && case.serial.is_none()
        && matches!(
            trial.start,
            Some(Start::AuthorizationCode | Start::RefreshToken)
        )
        && !case.is_slow(leeway)
        && case.requests().all(|request| request.at_once <= 1)
        && case
            .acquires()
            .all(|acquire| acquire.user != Some(User::Second))
}

/// The clients that hold what it starts from.
fn holders(trial: &Trial) -> BTreeSet<usize> {
    let other = trial
        .case
        .acquires()
        .any(|acquire| acquire.client == Some(AsClient::Other));
    let mut holders = BTreeSet::from_iter(trial.client);
    holders.extend(trial.other.filter(|_| other));
    holders
}

/// Whether codes are to be had without anybody's doing, and as many as one likes.
fn codes_are_cheap(shared: &Shared) -> bool {
    shared.session.target.login.as_ref().is_some_and(|login| {
        matches!(login.via, LoginVia::Auto | LoginVia::Form) && login.codes_at_once.is_none()
    })
}
