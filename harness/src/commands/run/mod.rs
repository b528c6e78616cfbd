//! `tokenspec run`, and the same trials under `cargo test`.

mod args;
mod close;
mod closing;
mod conduct;
mod gather;
mod interrupt;
mod libtest;
mod lock;
mod prepared;
mod progress;
mod several;
mod show;
mod snapshots;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokenspec_reference::{Options, Personality, Server};

use super::list::show_plan;
use super::prepare::{self, Problem};
use super::{Console, ERRORED, FAILED, OK, SourceArgs, USAGE};
use crate::names::folder_name;
use crate::report::{Conclusion, Record};
use crate::run::Interrupt;
use crate::run::present::{Lines, Say, present};
use crate::secret::Vault;
use crate::snapshot;

pub use args::{RunArgs, RunFormat, TargetsArgs};
use conduct::{Job, conduct};
use prepared::{Prepared, prepared};
use snapshots::Snapshots;

/// Runs trials on one target or several, and reports.
pub fn run(args: &RunArgs, console: &mut Console<'_>) -> Result<u8, Problem> {
    if args.jobs == 0 {
        return Err(Problem::Said(
            "--jobs 0 would never begin; say 1 or more".into(),
        ));
    }
    let prepared = prepared(args, console)?;
    if args.plan {
        for one in prepared.runs {
            show_plan(
                &one.plan,
                &one.chosen.target.name,
                args.format.of_plan(),
                console,
            );
        }
        return Ok(OK);
    }
    if prepared.libtest.list {
        // libtest-mimic prints the names and ends.
        for one in &prepared.runs {
            let lines = Lines::new(&one.plan.trials);
            let say: Say = Arc::new(|_, _| Ok(String::new()));
            let _ = present(&prepared.libtest, &one.plan.trials, &lines, &say);
        }
        return Ok(OK);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Problem::Machine(error.to_string()))?;
    let interrupt = interrupt::listen(&runtime);
    let (runs, shared) = prepared.split();
    let mut records = Vec::new();
    let mut left = Vec::new();
    for one in runs {
        if interrupt.is_asked() {
            left.push(one.chosen.target.name.clone());
            continue;
        }
        if shared.several {
            console.note(format!("target {}", one.chosen.target.name));
        }
        let folder = one.folder.clone();
        let record = on_one(&runtime, &interrupt, one, &shared, args, console)?;
        records.push((folder, record));
    }
    if !left.is_empty() {
        console.note(format!(
            "interrupted: nothing was run on {}",
            left.join(", ")
        ));
    }
    // A thread that still waits for a person's answer is not waited for.
    runtime.shutdown_background();
    if shared.several {
        several::index(&records, &several::root(args), console)?;
    }
    let mut conclusions: Vec<Conclusion> = records
        .iter()
        .map(|(_, record)| record.conclusion())
        .collect();
    // The process is about to end: nothing is gained by taking all this apart piece by piece.
    std::mem::forget((records, shared));
    // Of a target on which nothing was run, nothing could be found out.
    conclusions.extend(left.iter().map(|_| Conclusion::Errored));
    Ok(status(&conclusions))
}

/// What is said at the end of a run whose record is given.
pub(super) fn closing_lines(record: &Record) -> Vec<String> {
    closing::lines(record, false, None)
}

/// The exit status: 1 wins over 3.
pub(super) fn status(conclusions: &[Conclusion]) -> u8 {
    if conclusions.contains(&Conclusion::Failed) {
        FAILED
    } else if conclusions.contains(&Conclusion::Errored) {
        ERRORED
    } else {
        OK
    }
}

fn on_one(
    runtime: &tokio::runtime::Runtime,
    interrupt: &Arc<Interrupt>,
    one: Prepared,
    shared: &prepared::Shared,
    args: &RunArgs,
    console: &mut Console<'_>,
) -> Result<Record, Problem> {
    let _lock = lock::Lock::take(&one.folder)?;
    let snapshots = Snapshots::of(args.snapshots, &one.chosen);
    let server = match one.chosen.reference {
        Some(personality) => Some(start_reference(runtime, personality)?),
        None => None,
    };
    let target = match &server {
        Some((server, personality)) => prepare::reference_target(*personality, server.issuer())?,
        None => one.chosen.target,
    };
    let vault = Arc::new(Vault::default());
    let trials = one.all.iter().map(|name| name.name.as_str());
    let requirements = shared.catalogue.requirements.keys().map(String::as_str);
    vault.spare(trials.chain(requirements));
    let known = Arc::new(shared.known.on(&target.name));
    let conducted = conduct(
        runtime,
        interrupt,
        Job {
            catalogue: Arc::clone(&shared.catalogue),
            target,
            profile: one.plan.profile,
            trials: one.plan.trials,
            vault: Arc::clone(&vault),
            snapshots,
            known: Arc::clone(&known),
            folder: one.folder.clone(),
        },
        args,
        &shared.libtest,
        console,
    )?;
    // It ends with tokenspec, and an answer that it still owes is one that nobody waits for.
    if let Some((server, _)) = server.filter(|_| !interrupt.is_asked()) {
        runtime.block_on(server.stop());
    }
    let ending = close::Ending {
        args,
        catalogue: &shared.catalogue,
        vault: &vault,
        known: &known,
        all: &one.all,
        folder: &one.folder,
        signer: shared.signer.as_ref(),
        several: shared.several,
    };
    conducted.close(&ending, console)
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
    Path::new("reports").join(folder_name(target))
}

/// What a disk has to have room for at the least.
const ROOM: usize = 1024 * 1024;

/// Reports that cannot be written are told before anything is sent.
pub(super) fn writable(folder: &Path) -> Result<(), Problem> {
    try_to_write(folder).map_err(|error| {
        Problem::Said(format!(
            "the report folder {} cannot be written: {error}; choose another with --report-dir",
            folder.display()
        ))
    })
}

fn try_to_write(folder: &Path) -> std::io::Result<()> {
    let probe = folder.join(format!(".tokenspec-{}", std::process::id()));
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(&probe, vec![b' '; ROOM]))
        .and_then(|()| std::fs::remove_file(&probe))
        .inspect_err(|_| {
            // What was written before the disk was full.
            let _ = std::fs::remove_file(&probe);
        })
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
        target: TargetsArgs {
            target: variable("TOKENSPEC_TARGET").into_iter().collect(),
            source: SourceArgs {
                config: variable("TOKENSPEC_CONFIG").map(PathBuf::from),
                ..SourceArgs::default()
            },
            ..TargetsArgs::default()
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
            console.problem(&problem);
            problem.status().max(USAGE)
        }
    }
}
