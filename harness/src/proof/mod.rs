//! Proof: which check catches which fault of the embedded reference.
//!
//! A conformance harness that nobody tests is an opinion. Every fault is switched on alone, every
//! trial is run on it, and what failed or warned is held against what the fault says it breaks.

mod excuses;
mod verdict;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tokenspec_reference::{Fault, Options, Personality, Server};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::catalogue::Catalogue;
use crate::config::{Config, REFERENCE, Target};
use crate::outcome::{CaseVerdict, Outcome, Verdict};
use crate::plan::{self, ActiveProfile, Plan};
use crate::run::{self, Session};
use crate::secret::Vault;

pub use excuses::EXCUSES;
pub use verdict::{Excuse, Problem, Proof};

/// What a run with one fault (or none) showed.
#[derive(Debug, Clone, Default)]
pub struct Row {
    /// Requirements that failed or warned, and the trials whose checks did.
    pub broken: BTreeMap<String, BTreeSet<String>>,
    /// Trials that were errored, and why.
    pub errored: BTreeMap<String, String>,
    /// Requirements that were judged, and the trials that did.
    pub judged: BTreeMap<String, BTreeSet<String>>,
}

/// What all faults showed.
#[derive(Debug, Default)]
pub struct Matrix {
    /// Without a fault, by personality.
    pub clean: BTreeMap<String, Row>,
    /// By fault.
    pub faults: BTreeMap<&'static str, Row>,
}

/// How many faults are tried at once, and how many trials of each are in flight.
const AT_ONCE: usize = 4;
const JOBS: usize = 4;

/// Runs everything on every fault. `done` is told each fault that has ended.
///
/// # Errors
/// Where the reference cannot be started, or its configuration is wrong.
pub async fn matrix(
    catalogue: Arc<Catalogue>,
    faults: &[&'static Fault],
    done: impl Fn(&str) + Send + Sync + 'static,
) -> Result<Matrix, String> {
    let done = Arc::new(done);
    let permits = Arc::new(Semaphore::new(AT_ONCE));
    let mut tasks = JoinSet::new();
    let clean = Personality::ALL
        .iter()
        .map(|&personality| (personality, None));
    let with_fault = faults.iter().map(|&fault| (fault.personality, Some(fault)));
    for (personality, fault) in clean.chain(with_fault) {
        let permits = Arc::clone(&permits);
        let catalogue = Arc::clone(&catalogue);
        let done = Arc::clone(&done);
        tasks.spawn(async move {
            let _permit = permits
                .acquire_owned()
                .await
                .map_err(|error| error.to_string())?;
            let row = row(catalogue, personality, fault).await?;
            done(fault.map_or("none", |fault| fault.name));
            Ok::<_, String>((personality, fault, row))
        });
    }
    let mut matrix = Matrix::default();
    while let Some(joined) = tasks.join_next().await {
        let (personality, fault, row) = joined.map_err(|error| error.to_string())??;
        match fault {
            Some(fault) => matrix.faults.insert(fault.name, row),
            None => matrix.clean.insert(personality.to_string(), row),
        };
    }
    Ok(matrix)
}

async fn row(
    catalogue: Arc<Catalogue>,
    personality: Personality,
    fault: Option<&'static Fault>,
) -> Result<Row, String> {
    let faults = fault.into_iter().collect();
    let outcomes = outcomes_on(catalogue, personality, faults, None, trusting).await?;
    Ok(Row::new(&outcomes))
}

/// The description with the address that a fault names in the metadata as one to send credentials to.
fn trusting(text: String) -> String {
    let elsewhere = text
        .lines()
        .find_map(|line| line.strip_prefix("issuer = "))
        .map(|issuer| issuer.replace("127.0.0.1", "0.0.0.0"));
    match (elsewhere, text.split_once('\n')) {
        (Some(origin), Some((table, keys))) => {
            format!("{table}\ntrust-endpoints-on = [{origin}]\n{keys}")
        }
        _ => text,
    }
}

/// What a run showed on the reference with `faults` or variations, judged by `profiles` (by all
/// documents where none is named). `describe` may rewrite the `tokenspec.toml` that describes the
/// server.
///
/// # Errors
/// Where the reference cannot be started, or the configuration or a profile is wrong.
pub async fn outcomes_on(
    catalogue: Arc<Catalogue>,
    personality: Personality,
    faults: Vec<&'static Fault>,
    profiles: Option<&[String]>,
    describe: impl FnOnce(String) -> String,
) -> Result<Vec<Outcome>, String> {
    let options = Options {
        personality,
        faults,
        ..Options::default()
    };
    let server = Server::start(options)
        .await
        .map_err(|error| error.to_string())?;
    let text = tokenspec_reference::config_toml(personality, server.issuer());
    let target = target(describe(text))?;
    let profile = match (profiles, personality) {
        (Some(names), _) => ActiveProfile::new(&catalogue, names, &target),
        (None, Personality::Standard) => Ok(ActiveProfile::everything(&catalogue)),
        (None, Personality::Ciam) => ActiveProfile::new(&catalogue, &["ciam".to_owned()], &target),
    };
    let profile = profile.map_err(|error| error.to_string())?;
    let outcomes = outcomes(catalogue, profile, target).await?;
    server.stop().await;
    Ok(outcomes)
}

fn target(text: String) -> Result<Target, String> {
    let config = Config::parse("the reference's tokenspec.toml", text, ".".into())
        .map_err(|error| error.to_string())?;
    let mut target = config
        .target(None, &|_| None)
        .map_err(|error| error.to_string())?;
    target.name = REFERENCE.to_owned();
    Ok(target)
}

async fn outcomes(
    catalogue: Arc<Catalogue>,
    profile: ActiveProfile,
    target: Target,
) -> Result<Vec<Outcome>, String> {
    let plan = Plan::new(&catalogue, &target, profile, plan::Options::default());
    let vault = Arc::new(Vault::default());
    let session = Session::open(catalogue, target, plan.profile, vault)
        .await
        .map_err(|error| error.to_string())?;
    Ok(run::outcomes(Arc::new(session), plan.trials, JOBS).await)
}

impl Row {
    fn new(outcomes: &[Outcome]) -> Self {
        let mut row = Self::default();
        for outcome in outcomes {
            if outcome.verdict == CaseVerdict::Errored {
                let reason = outcome.reason.clone().unwrap_or_default();
                row.errored.insert(outcome.trial.clone(), reason);
            }
            for check in &outcome.checks {
                let Some(id) = &check.requirement else {
                    continue;
                };
                let broken = matches!(check.verdict, Verdict::Fail | Verdict::Warn)
                    && check.deviates.is_none();
                let place = if broken {
                    &mut row.broken
                } else if check.verdict == Verdict::Errored {
                    continue;
                } else {
                    &mut row.judged
                };
                place
                    .entry(id.clone())
                    .or_default()
                    .insert(outcome.trial.clone());
                if broken {
                    row.judged
                        .entry(id.clone())
                        .or_default()
                        .insert(outcome.trial.clone());
                }
            }
        }
        row
    }
}
