//! `tokenspec run`, and the same trials under `cargo test`.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::Utc;
use clap::Parser as _;
use libtest_mimic::{Arguments, ColorSetting, FormatSetting};
use tokenspec_reference::{Options, Personality, Server};

use super::list::show_plan;
use super::prepare::{self, Problem};
use super::{Console, ERRORED, FAILED, OK, OutputFormat, RunArgs, USAGE};
use crate::catalogue::Catalogue;
use crate::config::{SnapshotMode, Target};
use crate::outcome::{CaseVerdict, Outcome};
use crate::plan::{ActiveProfile, Trial};
use crate::report::{self, CaseRecord, Finished, Record};
use crate::run::present::{Lines, Say, present};
use crate::run::{Progress, Session, execute};
use crate::secret::Vault;
use crate::snapshot::{self, Compared, Folder, Pending};

/// Runs trials on a target and reports.
pub fn run(args: &RunArgs, console: &mut Console<'_>) -> Result<u8, Problem> {
    if args.jobs == 0 {
        return Err(Problem::Said(
            "--jobs 0 would never begin; say 1 or more".into(),
        ));
    }
    let catalogue = prepare::catalogue(&args.target.cases)?;
    let chosen = prepare::target(&args.target, console)?;
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
        let say: Say = Arc::new(|_| Ok(()));
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
        .unwrap_or_else(|| Path::new("reports").join(safe_name(&target.name)));
    writable(&folder)?;
    let conducted = conduct(
        &runtime,
        Job {
            catalogue: Arc::clone(&catalogue),
            target,
            profile: plan.profile,
            trials: plan.trials,
            vault: Arc::clone(&vault),
            snapshots,
        },
        args,
        &libtest,
        console.interactive,
    )?;
    if let Some((server, _)) = server {
        runtime.block_on(server.stop());
    }
    conducted.close(args, &catalogue, &vault, &folder, console)
}

fn start_reference(
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

/// The arguments of libtest-mimic: those after `--`, with our format and number of threads.
fn libtest_arguments(args: &RunArgs) -> Result<Arguments, Problem> {
    let words = std::iter::once("tokenspec run --".to_owned()).chain(args.libtest.iter().cloned());
    let mut libtest = match Arguments::try_parse_from(words) {
        Ok(libtest) => libtest,
        Err(error) => return Err(Problem::Said(error.to_string().trim_end().to_owned())),
    };
    if libtest.test_threads == Some(0) {
        return Err(Problem::Said(
            "--test-threads 0 would never begin; say 1 or more".into(),
        ));
    }
    if libtest.format.is_none() {
        libtest.format = Some(match args.format {
            OutputFormat::Pretty => FormatSetting::Pretty,
            OutputFormat::Terse => FormatSetting::Terse,
            OutputFormat::Json => FormatSetting::Json,
        });
    }
    if libtest.color.is_none() && std::env::var_os("NO_COLOR").is_some() {
        libtest.color = Some(ColorSetting::Never);
    }
    // Trials wait for their outcomes; one thread shows them in their order.
    libtest.test_threads = Some(libtest.test_threads.unwrap_or(1));
    Ok(libtest)
}

/// Whether libtest-mimic would show a trial: only what is shown is run.
fn passes(libtest: &Arguments, name: &str) -> bool {
    let matches = |filter: &str| {
        if libtest.exact {
            name == filter
        } else {
            name.contains(filter)
        }
    };
    libtest.filter.as_deref().is_none_or(matches) && !libtest.skip.iter().any(|skip| matches(skip))
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

/// Reports that cannot be written are told before anything is sent.
fn writable(folder: &Path) -> Result<(), Problem> {
    let probe = folder.join(format!(".tokenspec-{}", std::process::id()));
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(&probe, b""))
        .and_then(|()| std::fs::remove_file(&probe))
        .map_err(|error| {
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
}

/// What `--snapshots` means for this run.
struct Snapshots {
    mode: SnapshotMode,
    root: PathBuf,
    folder: Folder,
}

impl Snapshots {
    fn new(said: Option<SnapshotMode>, target: &Target, reference: bool, name: &str) -> Self {
        let root = PathBuf::from("snapshots");
        let folder = Folder::new(&root, name);
        let default = match target.snapshots {
            Some(mode) => mode,
            // An installed tokenspec has no snapshots of the reference beside it, and makes none.
            None if reference && folder.exists() => SnapshotMode::Check,
            None => SnapshotMode::Off,
        };
        Self {
            mode: said.unwrap_or(default),
            root,
            folder,
        }
    }
}

/// What libtest-mimic's threads gather.
#[derive(Default)]
struct Gathered {
    cases: Vec<CaseRecord>,
    pending: Vec<Pending>,
    missing: usize,
}

struct Conducted {
    target: Target,
    profile: ActiveProfile,
    started: chrono::DateTime<Utc>,
    duration: Duration,
    gathered: Gathered,
    order: Vec<String>,
    snapshots: Snapshots,
}

fn conduct(
    runtime: &tokio::runtime::Runtime,
    job: Job,
    args: &RunArgs,
    libtest: &Arguments,
    interactive: bool,
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
    } = job;
    let session = runtime
        .block_on(Session::open(
            Arc::clone(&catalogue),
            target,
            profile,
            Arc::clone(&vault),
        ))
        .map_err(|error| Problem::Said(error.to_string()))?;
    let session = Arc::new(session);
    let snapshots = Arc::new(snapshots);
    let mut lines = Lines::new(&trials);
    let senders = lines.take_senders();
    let progress = Arc::new(Progress::default());
    let running = runtime.spawn(execute(
        Arc::clone(&session),
        trials.clone(),
        args.jobs,
        args.fail_fast,
        Arc::clone(&progress),
        move |outcome| {
            if let Some(sender) = senders.get(&outcome.trial) {
                // Nobody waits where the presentation has ended early.
                let _ = sender.send(outcome);
            }
        },
    ));
    let ticker = interactive.then(|| runtime.spawn(tick(Arc::clone(&progress))));
    let gathered = Arc::new(Mutex::new(Gathered::default()));
    let say = say(&session, &snapshots, &gathered, args.strict);
    let arguments = Arguments {
        filter: None,
        skip: Vec::new(),
        ..libtest.clone()
    };
    // Our own record says how it ended, and with which status.
    let _ = present(&arguments, &trials, &lines, &say);
    if let Some(ticker) = ticker {
        ticker.abort();
    }
    runtime.block_on(running).map_err(|_| {
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
        order: trials.into_iter().map(|trial| trial.name).collect(),
        snapshots,
    })
}

/// What a trial's thread does with its outcome: record it, compare its snapshot, say what failed.
fn say(
    session: &Arc<Session>,
    snapshots: &Arc<Snapshots>,
    gathered: &Arc<Mutex<Gathered>>,
    strict: bool,
) -> Say {
    let (session, snapshots, gathered) = (
        Arc::clone(session),
        Arc::clone(snapshots),
        Arc::clone(gathered),
    );
    Arc::new(move |outcome: Outcome| {
        let mut record = report::case(&session.catalogue, &outcome, &session.vault);
        let mut pending = None;
        let mut missing = false;
        let judged = !matches!(outcome.verdict, CaseVerdict::Errored | CaseVerdict::Skipped);
        if snapshots.mode != SnapshotMode::Off && judged {
            let text = snapshot::text(&outcome, &session.target, &session.vault);
            if let Some(text) = text {
                let compared = snapshots.folder.compare(&outcome.trial, &text);
                missing = compared == Compared::Missing;
                if let (Compared::Differs(lines), SnapshotMode::Check) = (&compared, snapshots.mode)
                {
                    record.snapshot = Some(lines.clone());
                }
                if compared != Compared::Same {
                    let (folder, name) = snapshots.folder.place(&outcome.trial);
                    let of = outcome.trial.clone();
                    pending = Some(Pending {
                        folder,
                        name,
                        text,
                        of,
                    });
                }
            }
        }
        let failed = match outcome.verdict {
            CaseVerdict::Failed => outcome.deviates.is_none(),
            CaseVerdict::Errored => true,
            CaseVerdict::Warned => strict && warns_should(&record),
            CaseVerdict::Passed | CaseVerdict::Skipped => false,
        };
        let mut text = if failed {
            report::failure(&session.catalogue, &record)
        } else {
            String::new()
        };
        if let Some(lines) = &record.snapshot {
            text.push_str(&format!(
                "the response differs from its snapshot (accept it with `tokenspec snapshot accept`):\n{lines}"
            ));
        }
        let mut gathered = gathered.lock().unwrap_or_else(PoisonError::into_inner);
        gathered.cases.push(record);
        gathered.pending.extend(pending);
        gathered.missing += usize::from(missing);
        if text.is_empty() { Ok(()) } else { Err(text) }
    })
}

/// Whether what warns is a SHOULD of the server's, which `--strict` fails.
fn warns_should(record: &CaseRecord) -> bool {
    use crate::catalogue::Level;
    record.checks.iter().any(|check| {
        check.verdict == crate::outcome::Verdict::Warn
            && matches!(check.level, Level::Should | Level::ShouldNot)
    })
}

/// A line of progress on a terminal.
async fn tick(progress: Arc<Progress>) {
    use std::io::Write as _;
    let started = Instant::now();
    loop {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let (total, done, bad) = (
            progress.total.load(Ordering::Relaxed),
            progress.done.load(Ordering::Relaxed),
            progress.bad.load(Ordering::Relaxed),
        );
        let mut err = std::io::stderr();
        if done >= total || !err.is_terminal() {
            continue;
        }
        let left = started.elapsed().as_secs_f64() / done.max(1) as f64 * (total - done) as f64;
        let _ = write!(
            err,
            "\r\x1b[K{done} of {total} trials, {bad} failed or errored, about {left:.0} s left"
        );
        let _ = write!(err, "\r");
        let _ = err.flush();
    }
}

impl Conducted {
    /// Writes reports and snapshots, says how it ended, and gives the exit status.
    fn close(
        self,
        args: &RunArgs,
        catalogue: &Catalogue,
        vault: &Vault,
        folder: &Path,
        console: &mut Console<'_>,
    ) -> Result<u8, Problem> {
        let mut gathered = self.gathered;
        let place = |id: &str| self.order.iter().position(|name| name == id);
        gathered.cases.sort_by_key(|case| place(&case.id));
        gathered.pending.sort_by(|a, b| a.of.cmp(&b.of));
        let record = Record::new(
            Finished {
                catalogue,
                target: &self.target,
                profile: &self.profile,
                started: self.started,
                duration: self.duration,
                cases: gathered.cases,
            },
            vault,
        );
        let written = report::write(&record, folder).map_err(Problem::Machine)?;
        let mut lines = Vec::new();
        warnings(&record, &mut lines);
        lines.extend(deviations(&record, &self.profile));
        let snapshots = &self.snapshots;
        let update = snapshots.mode == SnapshotMode::Update;
        let in_ci =
            (console.environment)("CI").is_some_and(|value| !value.is_empty() && value != "false");
        if update || !in_ci {
            snapshot::store(&gathered.pending, update, &snapshots.root)
                .map_err(|why| Problem::Machine(format!("snapshots could not be stored: {why}")))?;
        }
        match (gathered.pending.len(), update) {
            (0, _) => {}
            (count, true) => lines.push(format!("snapshots: {count} updated in {}", snapshots.root.display())),
            (count, false) => lines.push(format!(
                "snapshots: {count} differ or are new ({} new); `tokenspec snapshot review` shows them",
                gathered.missing
            )),
        }
        let counts = &record.summary;
        lines.push(format!(
            "{} trials on {} as {}: {} passed, {} failed ({} deviate as documented), {} warned, {} errored, \
             {} skipped, in {:.1} s",
            counts.total,
            record.target.name,
            record.target.profile.join(", "),
            counts.passed,
            counts.failed,
            counts.deviating,
            counts.warned,
            counts.errored,
            counts.skipped,
            self.duration.as_secs_f64(),
        ));
        for path in written {
            lines.push(format!("report: {}", path.display()));
        }
        for line in lines {
            if args.format == OutputFormat::Pretty {
                console.say(line);
            } else {
                console.note(line);
            }
        }
        Ok(status(&record, args.strict, &self.profile))
    }
}

fn warnings(record: &Record, lines: &mut Vec<String>) {
    let warned: Vec<&CaseRecord> = record
        .cases
        .iter()
        .filter(|case| case.verdict == CaseVerdict::Warned)
        .collect();
    if warned.is_empty() {
        return;
    }
    lines.push("warned:".into());
    for case in warned {
        lines.push(report::warning(case).trim_end().to_owned());
    }
}

/// Documented deviations whose requirement was judged and that did not happen any more.
fn stale(record: &Record, profile: &ActiveProfile) -> Vec<String> {
    let judged: Vec<(&str, bool)> = record
        .cases
        .iter()
        .flat_map(|case| &case.checks)
        .map(|check| (check.requirement.as_str(), check.deviates.is_some()))
        .collect();
    profile
        .deviations
        .iter()
        .filter(|deviation| {
            let of: Vec<&(&str, bool)> = judged
                .iter()
                .filter(|(id, _)| deviation.requirement.iter().any(|known| known == id))
                .collect();
            !of.is_empty() && of.iter().all(|(_, deviates)| !deviates)
        })
        .map(|deviation| deviation.because.clone())
        .collect()
}

fn deviations(record: &Record, profile: &ActiveProfile) -> Vec<String> {
    let mut lines = Vec::new();
    let deviating: Vec<&CaseRecord> = record
        .cases
        .iter()
        .filter(|case| case.deviates.is_some())
        .collect();
    if !deviating.is_empty() {
        lines.push("deviates, as documented:".into());
        for case in deviating {
            lines.push(format!(
                "  {}: {}",
                case.id,
                case.deviates.as_deref().unwrap_or_default()
            ));
        }
    }
    for because in stale(record, profile) {
        lines.push(format!(
            "a documented deviation does not happen any more: {because}"
        ));
    }
    lines
}

/// The exit status: 1 wins over 3.
fn status(record: &Record, strict: bool, profile: &ActiveProfile) -> u8 {
    let failed = record.cases.iter().any(|case| {
        case.verdict == CaseVerdict::Failed && case.deviates.is_none() && case.known.is_none()
            || case.snapshot.is_some()
            || strict && case.verdict == CaseVerdict::Warned && warns_should(case)
    });
    let counts = &record.summary;
    if failed || strict && !stale(record, profile).is_empty() {
        FAILED
    } else if counts.errored > 0 || counts.skipped == counts.total {
        ERRORED
    } else {
        OK
    }
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
