//! The end of a run: reports, snapshots, what is said, and the exit status.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use chrono::Utc;

use super::super::prepare::Problem;
use super::super::{Console, ERRORED, FAILED, OK, OutputFormat, RunArgs};
use super::gather::{Gathered, warns_should};
use super::snapshots::Snapshots;
use crate::catalogue::Catalogue;
use crate::config::{SnapshotMode, Target};
use crate::outcome::CaseVerdict;
use crate::plan::ActiveProfile;
use crate::report::{self, CaseRecord, Finished, Record};
use crate::secret::Vault;
use crate::snapshot;

/// A run that has ended, before anything of it is written.
pub(super) struct Conducted {
    pub(super) target: Target,
    pub(super) profile: ActiveProfile,
    pub(super) started: chrono::DateTime<Utc>,
    pub(super) duration: Duration,
    pub(super) gathered: Gathered,
    /// Whether it was interrupted.
    pub(super) interrupted: bool,
    pub(super) order: Vec<String>,
    pub(super) snapshots: Snapshots,
}

impl Conducted {
    /// Writes reports and snapshots, says how it ended, and gives the exit status.
    pub(super) fn close(
        self,
        args: &RunArgs,
        catalogue: &Catalogue,
        vault: &Vault,
        folder: &Path,
        console: &mut Console<'_>,
    ) -> Result<u8, Problem> {
        let mut gathered = self.gathered;
        let places: HashMap<&str, usize> = self
            .order
            .iter()
            .enumerate()
            .map(|(place, name)| (name.as_str(), place))
            .collect();
        gathered
            .cases
            .sort_by_key(|case| places.get(case.id.as_str()).copied());
        gathered.pending.sort_by(|a, b| a.of.cmp(&b.of));
        let record = Record::new(
            Finished {
                catalogue,
                target: &self.target,
                profile: &self.profile,
                started: self.started,
                duration: self.duration,
                cases: gathered.cases,
                interrupted: self.interrupted,
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
        if let Some(incomplete) = &record.incomplete {
            lines.push(format!("incomplete: {incomplete}"));
        }
        if let Some(insecure) = &record.target.insecure {
            lines.push(format!("warning: {insecure}"));
        }
        for path in written {
            lines.push(format!("report: {}", path.display()));
        }
        lines.extend(doctor(&record, args));
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

/// Where a control failed or there was no code, the configuration is the first to look at.
fn doctor(record: &Record, args: &RunArgs) -> Option<String> {
    let unproved = |reason: &str| {
        [
            "the control failed",
            "no authorization code",
            "the metadata ",
        ]
        .iter()
        .any(|words| reason.contains(words))
    };
    let count = record
        .cases
        .iter()
        .filter(|case| case.verdict == CaseVerdict::Errored)
        .filter(|case| case.reason.as_deref().is_some_and(unproved))
        .count();
    let mut command = "tokenspec doctor".to_owned();
    if let Some(config) = &args.target.config {
        command.push_str(&format!(" --config {}", config.display()));
    }
    if let Some(target) = &args.target.target {
        command.push_str(&format!(" --target {target}"));
    }
    (count > 0).then(|| {
        format!(
            "{count} errored because not even the valid request succeeds; what is wrong, and the remedy: {command}"
        )
    })
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
    } else if record.incomplete.is_some() || counts.errored > 0 || counts.skipped == counts.total {
        ERRORED
    } else {
        OK
    }
}
