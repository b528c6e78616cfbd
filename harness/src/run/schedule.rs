//! In which order trials run, and when their outcomes are final.
//!
//! Phase after phase. Within a phase trials run beside each other, destructive ones as if each were
//! alone ([`destructive`]). At the end of a phase its controls are made again; where one does not
//! succeed any more, what rests on it is errored. Only then are the phase's outcomes final, and told.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::begin::Stop;
use super::controls::ControlKey;
use super::interrupt::Interrupt;
use super::session::Session;
use super::trial::{self, Tried};
use super::{destructive, every_response};
use crate::outcome::{CaseVerdict, Outcome, Verdict};
use crate::plan::{Phase, Trial};

/// How far a run is, for a line of progress.
#[derive(Debug, Default)]
pub struct Progress {
    /// How many trials there are.
    pub total: AtomicUsize,
    /// How many are done.
    pub done: AtomicUsize,
    /// How many of them failed or errored, as far as it is known.
    pub bad: AtomicUsize,
    interrupt: Arc<Interrupt>,
    cut: AtomicBool,
}

/// Why a trial was not run to its end.
const INTERRUPTED: &str = "not run to its end: the run was interrupted";

impl Progress {
    /// The progress of a run that can be asked to end.
    #[must_use]
    pub fn with(interrupt: Arc<Interrupt>) -> Self {
        Self {
            interrupt,
            ..Self::default()
        }
    }

    /// Whether the run was asked to end.
    #[must_use]
    pub fn is_asked_to_end(&self) -> bool {
        self.interrupt.is_asked()
    }

    /// Whether something was not done because the run was asked to end.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.cut.load(Ordering::SeqCst)
    }

    /// What comes of it, or nothing where the run is asked to end before.
    pub(super) async fn unless_interrupted<T>(&self, what: impl Future<Output = T>) -> Option<T> {
        let done = self.interrupt.unless(what).await;
        if done.is_none() {
            self.cut.store(true, Ordering::SeqCst);
        }
        done
    }
}

/// Runs the trials with `jobs` requests in flight, and hands each final outcome to `tell`.
pub async fn execute(
    session: Arc<Session>,
    trials: Vec<Arc<Trial>>,
    jobs: usize,
    fail_fast: bool,
    progress: Arc<Progress>,
    mut tell: impl FnMut(Outcome),
) {
    progress.total.store(trials.len(), Ordering::Relaxed);
    session.http.limit_to(jobs);
    // Some wait for a control, or a login: others go on meanwhile. With one job all is in sequence.
    let in_flight = if jobs == 1 { 1 } else { 2 * jobs };
    let shared = Shared {
        session: Arc::clone(&session),
        progress: Arc::clone(&progress),
        stop: Arc::new(AtomicBool::new(false)),
        fail_fast,
        provisional: false,
    };
    let mut phases = trials.chunk_by(|a, b| a.phase == b.phase).peekable();
    let mut watchers = match phases.peek() {
        Some(first) if first[0].phase == Phase::Destructive => {
            destructive::watchers(&shared, first, in_flight).await
        }
        _ => None,
    };
    while let Some(trials) = phases.next() {
        let phase = trials[0].phase;
        if phase == Phase::EveryResponse {
            let seen = session.seen();
            for trial in trials {
                // Of a part of the responses, "all" says nothing.
                let judged = async { every_response::run(&session, trial, &seen) };
                let tried = progress.unless_interrupted(judged).await;
                let tried = tried
                    .unwrap_or_else(|| Tried::stopped(trial, &Stop::Skipped(INTERRUPTED.into())));
                count(&progress, &tried.outcome);
                tell(tried.outcome);
            }
            continue;
        }
        let tried = if phase == Phase::Destructive {
            let run = destructive::run(&shared, trials, watchers.take(), in_flight);
            Box::pin(run).await
        } else {
            beside_each_other(&shared, trials, in_flight).await
        };
        let again = session.controls.again(&session, in_flight);
        let again = progress.unless_interrupted(again);
        let broken = match phases.peek() {
            Some(next) if next[0].phase == Phase::Destructive => {
                let watchers_to_be = destructive::watchers(&shared, next, in_flight);
                let both = async { tokio::join!(again, watchers_to_be) };
                let (broken, watching) = Box::pin(both).await;
                watchers = watching;
                broken
            }
            _ => again.await,
        };
        let broken = broken.unwrap_or_default();
        for tried in tried {
            tell(settle(tried, &broken));
        }
    }
}

/// Runs the trials to their end, and gives all outcomes.
pub async fn outcomes(session: Arc<Session>, trials: Vec<Arc<Trial>>, jobs: usize) -> Vec<Outcome> {
    let mut outcomes = Vec::with_capacity(trials.len());
    let keep = |outcome| outcomes.push(outcome);
    execute(session, trials, jobs, false, Arc::default(), keep).await;
    outcomes
}

/// What the trials of a phase share.
#[derive(Clone)]
pub(super) struct Shared {
    pub session: Arc<Session>,
    pub progress: Arc<Progress>,
    stop: Arc<AtomicBool>,
    fail_fast: bool,
    /// What comes of a trial may not be what counts.
    provisional: bool,
}

impl Shared {
    /// The same, for trials whose outcomes may not be what counts.
    pub fn provisional(&self) -> Self {
        Self {
            provisional: true,
            ..self.clone()
        }
    }

    /// Runs a trial, unless the run has stopped.
    pub async fn run(&self, trial: &Trial) -> Tried {
        let run = async {
            if self.stop.load(Ordering::Relaxed) {
                Tried::stopped(
                    trial,
                    &Stop::Skipped("not run: something failed before, and --fail-fast".into()),
                )
            } else {
                trial::run(&self.session, trial).await
            }
        };
        let tried = self
            .progress
            .unless_interrupted(run)
            .await
            .unwrap_or_else(|| Tried::stopped(trial, &Stop::Skipped(INTERRUPTED.into())));
        if !self.provisional {
            if self.fail_fast && tried.outcome.counts_as_failure() {
                self.stop.store(true, Ordering::Relaxed);
            }
            self.count(&tried);
        }
        tried
    }

    /// Whether no trial is to begin any more.
    pub fn has_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed) || self.progress.is_asked_to_end()
    }

    /// Counts an outcome that stands.
    pub fn count(&self, tried: &Tried) {
        count(&self.progress, &tried.outcome);
    }
}

/// The trials of a phase, in their order. Those of a serial group wait for each other, and hold up
/// nobody else. A trial is begun when there is room for it: what it needs while it runs is a lot to
/// keep for those that wait.
pub(super) async fn beside_each_other(
    shared: &Shared,
    trials: &[Arc<Trial>],
    at_once: usize,
) -> Vec<Tried> {
    let permits = Arc::new(Semaphore::new(at_once));
    let mut done: Vec<Option<Tried>> = trials.iter().map(|_| None).collect();
    let mut tasks: JoinSet<Vec<(usize, Tried)>> = JoinSet::new();
    let mut sequences = sequences(trials);
    if at_once > 1 {
        // The longest first, so that none of them is left over at the end.
        let length = |sequence: &Vec<usize>| -> usize {
            sequence
                .iter()
                .map(|&index| trials[index].requests() + trials[index].codes())
                .sum()
        };
        sequences.sort_by_cached_key(|sequence| Reverse(length(sequence)));
    }
    for sequence in sequences {
        let permit = loop {
            tokio::select! {
                permit = Arc::clone(&permits).acquire_owned() => break permit.ok(),
                Some(joined) = tasks.join_next() => keep(joined, &mut done),
            }
        };
        let sequence: Vec<(usize, Arc<Trial>)> = sequence
            .into_iter()
            .map(|index| (index, Arc::clone(&trials[index])))
            .collect();
        let permits = Arc::clone(&permits);
        let shared = shared.clone();
        tasks.spawn(async move {
            let mut permit = permit;
            let mut tried = Vec::with_capacity(sequence.len());
            for (index, trial) in sequence {
                let _permit = match permit.take() {
                    Some(first) => Some(first),
                    None => Arc::clone(&permits).acquire_owned().await.ok(),
                };
                tried.push((index, shared.run(&trial).await));
            }
            tried
        });
    }
    while let Some(joined) = tasks.join_next().await {
        keep(joined, &mut done);
    }
    trials
        .iter()
        .zip(done)
        .map(|(trial, tried)| {
            tried.unwrap_or_else(|| {
                let why = "tokenspec itself failed while it ran this trial; please report it";
                Tried::stopped(trial, &Stop::Errored(why.into()))
            })
        })
        .collect()
}

fn keep(joined: Result<Vec<(usize, Tried)>, tokio::task::JoinError>, done: &mut [Option<Tried>]) {
    for (index, tried) in joined.into_iter().flatten() {
        done[index] = Some(tried);
    }
}

/// What runs one after another: the trials of each serial group, and every other by itself.
fn sequences(trials: &[Arc<Trial>]) -> Vec<Vec<usize>> {
    let mut sequences: Vec<Vec<usize>> = Vec::new();
    let mut groups: HashMap<&str, usize> = HashMap::new();
    for (index, trial) in trials.iter().enumerate() {
        let group = trial
            .case
            .serial
            .as_deref()
            .filter(|_| trial.skip.is_none());
        match group.and_then(|name| groups.get(name)) {
            Some(&place) => sequences[place].push(index),
            None => {
                groups.extend(group.map(|name| (name, sequences.len())));
                sequences.push(vec![index]);
            }
        }
    }
    sequences
}

fn count(progress: &Progress, outcome: &Outcome) {
    progress.done.fetch_add(1, Ordering::Relaxed);
    if matches!(outcome.verdict, CaseVerdict::Failed | CaseVerdict::Errored)
        && outcome.deviates.is_none()
    {
        progress.bad.fetch_add(1, Ordering::Relaxed);
    }
}

/// The final outcome: what rests on a control that broke is errored.
fn settle(mut tried: Tried, broken: &HashMap<ControlKey, String>) -> Outcome {
    let why = tried.control.as_ref().and_then(|key| broken.get(key));
    if let Some(why) = why
        && !tried.dependent.is_empty()
    {
        for &index in &tried.dependent {
            let check = &mut tried.outcome.checks[index];
            check.verdict = Verdict::Errored;
            check.deviates = None;
            check.actual.clone_from(why);
        }
        tried.outcome.verdict = Outcome::verdict_of(&tried.outcome.checks);
        tried.outcome.deviates = None;
        tried.outcome.reason = Some(why.clone());
    }
    tried.outcome
}
