//! `tokenspec run`, and the same trials under `cargo test`.

mod close;
mod gather;
mod interrupt;
mod libtest;
mod lock;
mod progress;
mod snapshots;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use chrono::Utc;
use libtest_mimic::Arguments;
use tokenspec_reference::{Options, Personality, Server};

use super::list::show_plan;
use super::prepare::{self, Problem};
use super::{Console, OK, RunArgs, USAGE};
use crate::acquire::Desk;
use crate::catalogue::Catalogue;
use crate::config::{LoginVia, Target};
use crate::plan::{ActiveProfile, Trial};
use crate::run::present::{Lines, Say, present};
use crate::run::{Progress, Session, execute};
use crate::secret::Vault;
use crate::snapshot;

use close::Conducted;
use gather::Gathered;
use libtest::{libtest_arguments, passes};
use snapshots::Snapshots;

/// Runs trials on a target and reports.
pub fn run(args: &RunArgs, console: &mut Console<'_>) -> Result<u8, Problem> {
    if args.jobs == 0 {
        return Err(Problem::Said(
            "--jobs 0 would never begin; say 1 or more".into(),
        ));
    }
    let catalogue = prepare::catalogue(&args.target.cases)?;
    let mut chosen = prepare::target(&args.target, console)?;
    chosen.target.http.insecure |= args.insecure;
    let mut plan = prepare::plan(
        &catalogue,
        &chosen.target,
        &args.target.profile,
        &args.filter,
    )?;
    let libtest = libtest_arguments(args)?;
    plan.trials.retain(|trial| passes(&libtest, &trial.name));
    if plan.trials.is_empty() {
        return Err(Problem::Said("no trial matches what follows `--`".into()));
    }
    if args.plan {
        show_plan(&plan, &chosen.target.name, args.format, console);
        return Ok(OK);
    }
    if libtest.list {
        // libtest-mimic prints the names and ends.
        let lines = Lines::new(&plan.trials);
        let say: Say = Arc::new(|_| Ok(String::new()));
        let _ = present(&libtest, &plan.trials, &lines, &say);
        return Ok(OK);
    }
    let reference = match chosen.reference {
        Some(Personality::Ciam) => "reference-ciam",
        _ => chosen.target.name.as_str(),
    };
    let snapshots = Snapshots::new(
        args.snapshots,
        &chosen.target,
        chosen.reference.is_some(),
        reference,
    );
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Problem::Machine(error.to_string()))?;
    let server = match chosen.reference {
        Some(personality) => Some(start_reference(&runtime, personality)?),
        None => None,
    };
    let target = match &server {
        Some((server, personality)) => prepare::reference_target(*personality, server.issuer())?,
        None => chosen.target,
    };
    let vault = Arc::new(Vault::default());
    let folder = args
        .report_dir
        .clone()
        .unwrap_or_else(|| report_folder(&target.name));
    writable(&folder)?;
    let _lock = lock::Lock::take(&folder)?;
    let conducted = conduct(
        &runtime,
        Job {
            catalogue: Arc::clone(&catalogue),
            target,
            profile: plan.profile,
            trials: plan.trials,
            vault: Arc::clone(&vault),
            snapshots,
            folder: folder.clone(),
        },
        args,
        &libtest,
        console,
    )?;
    if let Some((server, _)) = server {
        runtime.block_on(server.stop());
    }
    // A thread that still waits for a person's answer is not waited for.
    runtime.shutdown_background();
    conducted.close(args, &catalogue, &vault, &folder, console)
}

/// Starts the embedded reference.
pub(super) fn start_reference(
    runtime: &tokio::runtime::Runtime,
    personality: Personality,
) -> Result<(Server, Personality), Problem> {
    let options = Options {
        personality,
        ..Options::default()
    };
    let server = runtime.block_on(Server::start(options)).map_err(|error| {
        Problem::Machine(format!("the embedded reference cannot start: {error}"))
    })?;
    Ok((server, personality))
}

/// Where the reports on a target go, where nothing else is said.
pub(super) fn report_folder(target: &str) -> PathBuf {
    Path::new("reports").join(safe_name(target))
}

/// A folder name that cannot lead elsewhere.
fn safe_name(name: &str) -> String {
    let safe: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || "-_.".contains(c) {
                c
            } else {
                '-'
            }
        })
        .collect();
    if safe.chars().all(|c| c == '.') {
        format!("_{safe}")
    } else {
        safe
    }
}

/// What a disk has to have room for at the least.
const ROOM: usize = 1024 * 1024;

/// Reports that cannot be written are told before anything is sent.
fn writable(folder: &Path) -> Result<(), Problem> {
    let probe = folder.join(format!(".tokenspec-{}", std::process::id()));
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(&probe, vec![b' '; ROOM]))
        .and_then(|()| std::fs::remove_file(&probe))
        .map_err(|error| {
            // What was written before the disk was full.
            let _ = std::fs::remove_file(&probe);
            Problem::Said(format!(
                "the report folder {} cannot be written: {error}; choose another with --report-dir",
                folder.display()
            ))
        })
}

struct Job {
    catalogue: Arc<Catalogue>,
    target: Target,
    profile: ActiveProfile,
    trials: Vec<Trial>,
    vault: Arc<Vault>,
    snapshots: Snapshots,
    folder: PathBuf,
}

fn conduct(
    runtime: &tokio::runtime::Runtime,
    job: Job,
    args: &RunArgs,
    libtest: &Arguments,
    console: &Console<'_>,
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
        folder,
    } = job;
    let mut session = runtime
        .block_on(Session::open(
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
    let session = Arc::new(session);
    let snapshots = Arc::new(snapshots);
    let mut lines = Lines::new(&trials);
    let senders = lines.take_senders();
    let counts = Arc::new(Progress::default());
    let watching = runtime.spawn(interrupt::watch(Arc::clone(&counts)));
    let running = runtime.spawn(execute(
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
    ));
    // A line that is drawn again and again would hide what a person is asked.
    let ticker =
        (console.interactive && !asks).then(|| runtime.spawn(progress::tick(Arc::clone(&counts))));
    let gathered = Arc::new(Mutex::new(Gathered::default()));
    let say = gather::say(&session, &snapshots, &gathered, args.strict);
    let arguments = Arguments {
        filter: None,
        skip: Vec::new(),
        ..libtest.clone()
    };
    // Our own record says how it ended, and with which status.
    let _ = present(&arguments, &trials, &lines, &say);
    watching.abort();
    if let Some(ticker) = ticker {
        ticker.abort();
    }
    let ended = runtime.block_on(running);
    runtime.block_on(session.close());
    ended.map_err(|_| {
        Problem::Machine("the run ended before all trials did; please report it".into())
    })?;
    drop(say);
    let gathered = std::mem::take(&mut *gathered.lock().unwrap_or_else(PoisonError::into_inner));
    let snapshots = Arc::into_inner(snapshots)
        .ok_or_else(|| Problem::Machine("a trial is still being shown".into()))?;
    Ok(Conducted {
        target: session.target.clone(),
        profile: session.profile.clone(),
        started,
        duration: clock.elapsed(),
        gathered,
        interrupted: counts.is_interrupted(),
        order: trials.into_iter().map(|trial| trial.name).collect(),
        snapshots,
    })
}

/// The codes that the trials need, and those of their controls: one for each way to begin, and
/// again at the end.
fn codes(trials: &[Trial]) -> (usize, usize) {
    let with_code = || {
        trials
            .iter()
            .filter(|trial| trial.skip.is_none() && trial.codes() > 0)
    };
    let begins: HashSet<_> = with_code()
        .map(|trial| (trial.start, trial.client, &trial.auth))
        .collect();
    (with_code().map(Trial::codes).sum(), 2 * begins.len())
}

/// The same trials as a test under cargo, nextest and editors: arguments are libtest's, target and
/// configuration come from `TOKENSPEC_TARGET` and `TOKENSPEC_CONFIG`.
#[must_use]
pub fn as_test(console: &mut Console<'_>) -> u8 {
    if let Some(status) = snapshot::store_if_asked() {
        return status;
    }
    let variable = |name: &str| (console.environment)(name);
    let args = RunArgs {
        target: super::TargetArgs {
            target: variable("TOKENSPEC_TARGET"),
            config: variable("TOKENSPEC_CONFIG").map(PathBuf::from),
            ..super::TargetArgs::default()
        },
        jobs: 8,
        libtest: std::env::args().skip(1).collect(),
        ..RunArgs::default()
    };
    match run(&args, console) {
        Ok(status) => status,
        // Under nextest and with filters of cargo test, nothing selected is no mistake.
        Err(Problem::Said(text)) if text.starts_with("no trial matches what follows") => OK,
        Err(problem) => {
            console.note(problem.show());
            problem.status().max(USAGE)
        }
    }
}
