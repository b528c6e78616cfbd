//! A run on one target, from its first request to its last.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use chrono::Utc;
use libtest_mimic::Arguments;

use super::super::Console;
use super::super::prepare::Problem;
use super::RunArgs;
use super::close::Conducted;
use super::gather::{self, Gathered, Rules};
use super::interrupt::PATIENCE;
use super::progress::Shown;
use super::show;
use super::snapshots::Snapshots;
use crate::acquire::Desk;
use crate::catalogue::Catalogue;
use crate::config::{LoginVia, Target};
use crate::known::Known;
use crate::plan::{ActiveProfile, Trial};
use crate::run::present::Lines;
use crate::run::{Interrupt, Progress, Session, execute};
use crate::secret::Vault;

pub(super) struct Job {
    pub(super) catalogue: Arc<Catalogue>,
    pub(super) target: Target,
    pub(super) profile: ActiveProfile,
    pub(super) trials: Vec<Arc<Trial>>,
    pub(super) vault: Arc<Vault>,
    pub(super) snapshots: Snapshots,
    pub(super) known: Arc<Known>,
    pub(super) folder: PathBuf,
}

pub(super) fn conduct(
    runtime: &tokio::runtime::Runtime,
    interrupt: &Arc<Interrupt>,
    job: Job,
    args: &RunArgs,
    libtest: &Arguments,
    console: &mut Console<'_>,
) -> Result<Conducted, Problem> {
    let started = Utc::now();
    let clock = Instant::now();
    let Job {
        catalogue,
        target,
        profile,
        trials,
        vault,
        snapshots,
        known,
        folder,
    } = job;
    let mut session = runtime
        .block_on(Session::open_unless(
            interrupt,
            Arc::clone(&catalogue),
            target,
            profile,
            Arc::clone(&vault),
        ))
        .map_err(|error| Problem::Said(error.to_string()))?;
    let asks = session
        .target
        .login
        .as_ref()
        .is_some_and(|login| login.via == LoginVia::Manual);
    session.desk = Desk::new(console.person.clone(), codes(&trials)).with_folder(folder);
    let counts = Arc::new(Progress::with(Arc::clone(interrupt)));
    // A line that is drawn again and again would hide what a person is asked.
    let shown = Shown::new(
        Arc::clone(&counts),
        console.interactive && !asks && !args.quiet,
        !asks && !args.quiet && !args.write_known_failures,
    );
    if args.verbose {
        session.watch = Some(shown.watch(Arc::clone(&vault)));
    }
    let session = Arc::new(session);
    let snapshots = Arc::new(snapshots);
    let mut lines = Lines::new(&trials);
    let senders = lines.take_senders();
    let mut running = Some(runtime.spawn(execute(
        Arc::clone(&session),
        trials.clone(),
        args.jobs,
        args.fail_fast,
        Arc::clone(&counts),
        move |outcome| {
            if let Some(sender) = senders.get(&outcome.trial) {
                // Nobody waits where the presentation has ended early.
                let _ = sender.send(outcome);
            }
        },
    )));
    let ticker = shown.begin(runtime);
    let mut join = || match running.take().map(|running| {
        let ended = runtime.block_on(running);
        runtime.block_on(async {
            tokio::select! {
                () = session.close() => (),
                () = too_late(interrupt) => (),
            }
        });
        ended
    }) {
        Some(Err(_)) => Err(Problem::Machine(
            "the run ended before all trials did; please report it".into(),
        )),
        Some(Ok(())) | None => Ok(()),
    };
    if shown.on_terminal() {
        // One line is drawn until all is known; then the trials are shown.
        let joined = join();
        ticker.abort();
        shown.end();
        joined?;
    }
    let gathered = Arc::new(Mutex::new(Gathered::default()));
    let rules = Rules {
        session: Arc::clone(&session),
        snapshots: Arc::clone(&snapshots),
        known,
        strict: args.strict,
    };
    let keeper = gather::keeper(rules, &gathered);
    show::show(args, libtest, &session, &trials, &lines, &keeper, console);
    join()?;
    ticker.abort();
    drop(keeper);
    let gathered = std::mem::take(&mut *gathered.lock().unwrap_or_else(PoisonError::into_inner));
    let snapshots = Arc::into_inner(snapshots)
        .ok_or_else(|| Problem::Machine("a trial is still being shown".into()))?;
    Ok(Conducted {
        target: session.target.clone(),
        profile: session.profile.clone(),
        started,
        duration: clock.elapsed(),
        gathered,
        interrupted: counts.is_cut(),
        overall: session.take_overall(),
        trials,
        snapshots,
    })
}

/// Ends a while after the run was asked to end.
async fn too_late(interrupt: &Interrupt) {
    // Nothing comes of it but that.
    let _: Option<()> = interrupt.unless(std::future::pending()).await;
    tokio::time::sleep(PATIENCE).await;
}

/// The codes that the trials need, and those of their controls: one for each way to begin, and
/// again at the end.
fn codes(trials: &[Arc<Trial>]) -> (usize, usize) {
    let with_code = || {
        trials
            .iter()
            .filter(|trial| trial.skip.is_none() && trial.codes() > 0)
    };
    let begins: HashSet<_> = with_code()
        .map(|trial| (trial.start, trial.client, &trial.auth))
        .collect();
    (
        with_code().map(|trial| trial.codes()).sum(),
        2 * begins.len(),
    )
}
