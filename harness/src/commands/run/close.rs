//! The end of a run on one target: reports, snapshots, and what is said.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;

use super::super::Console;
use super::super::prepare::Problem;
use super::gather::Gathered;
use super::prepared::Name;
use super::snapshots::Snapshots;
use super::{RunArgs, RunFormat, closing, status};
use crate::catalogue::Catalogue;
use crate::config::{SnapshotMode, Target};
use crate::judge::Overall;
use crate::known::{self, Known, Planned};
use crate::plan::{ActiveProfile, Phase, Trial};
use crate::report::{self, DeviationRecord, Finished, NoticeRecord, Record, ShardRecord, Signer};
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
    pub(super) overall: Vec<Overall>,
    pub(super) trials: Vec<Arc<Trial>>,
    pub(super) snapshots: Snapshots,
}

/// What the end needs besides.
pub(super) struct Ending<'e> {
    pub(super) args: &'e RunArgs,
    pub(super) catalogue: &'e Catalogue,
    pub(super) vault: &'e Vault,
    pub(super) known: &'e Known,
    pub(super) all: &'e [Name],
    pub(super) folder: &'e Path,
    pub(super) signer: Option<&'e Signer>,
    /// Whether the run has more targets than this one.
    pub(super) several: bool,
}

impl Conducted {
    /// Writes reports and snapshots, and says how it ended.
    pub(super) fn close(
        mut self,
        ending: &Ending<'_>,
        console: &mut Console<'_>,
    ) -> Result<Record, Problem> {
        let Ending {
            args,
            catalogue,
            vault,
            ..
        } = ending;
        let places: HashMap<&str, usize> = self
            .trials
            .iter()
            .enumerate()
            .map(|(place, trial)| (trial.name.as_str(), place))
            .collect();
        let mut cases = std::mem::take(&mut self.gathered.cases);
        cases.sort_by_key(|case| places.get(case.id.as_str()).copied());
        self.gathered.pending.sort_by(|a, b| a.of.cmp(&b.of));
        let notices = self.notices(ending, &cases);
        let record = Record::new(
            Finished {
                catalogue,
                target: &self.target,
                profile: &self.profile,
                started: self.started,
                duration: self.duration,
                cases,
                interrupted: self.interrupted,
                strict: args.strict,
                notices,
                shard: self.shard(ending),
            },
            vault,
        );
        let written =
            report::write(&record, ending.folder, ending.signer).map_err(Problem::Machine)?;
        let stored = self.store(console)?;
        let mut lines = closing::lines(&record, args.quiet, stored.as_deref());
        let written: Vec<String> = written
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        lines.extend(written.iter().map(|path| format!("report: {path}")));
        lines.extend(closing::doctor(&record, args));
        let speaks_elsewhere = args.write_known_failures || args.format != RunFormat::Pretty;
        for line in lines {
            if speaks_elsewhere {
                console.note(line);
            } else {
                console.say(line);
            }
        }
        if args.write_known_failures {
            console.say(known::needed(&record, ending.known, ending.several).trim_end());
        } else if args.format == RunFormat::Json && args.libtest.is_empty() && !args.quiet {
            let status = status(&[record.conclusion()]);
            console.say(report::events::ended(&record, status, &written));
        }
        Ok(record)
    }

    /// What is out of date about known failures and documented deviations.
    fn notices(&self, ending: &Ending<'_>, cases: &[report::CaseRecord]) -> Vec<NoticeRecord> {
        let plan: Vec<Planned<'_>> = ending.all.iter().map(Name::planned).collect();
        let part = ending.args.shard.is_some();
        // Another part may have the response that breaks it; the merge says.
        let undecided = |id: &str| {
            part && self
                .trials
                .iter()
                .any(|trial| trial.name == id && trial.phase == Phase::EveryResponse)
        };
        let mut notices = ending.known.notices(&plan, cases, &undecided);
        if !part {
            notices.extend(report::stale(cases, &self.deviations(), ending.args.strict));
        }
        for notice in &mut notices {
            notice.text = ending.vault.mask(&notice.text).into_owned();
        }
        notices
    }

    fn deviations(&self) -> Vec<DeviationRecord> {
        self.profile
            .deviations
            .iter()
            .map(|deviation| DeviationRecord {
                requirements: deviation.requirement.clone(),
                because: deviation.because.clone(),
            })
            .collect()
    }

    fn shard(&self, ending: &Ending<'_>) -> Option<ShardRecord> {
        let part = ending.args.shard?;
        let names = |selected: bool| {
            ending
                .all
                .iter()
                .filter(|name| name.selected == selected)
                .map(|name| name.name.clone())
                .collect()
        };
        let mut entries = ending.known.entries.clone();
        for entry in &mut entries {
            entry.reason = ending.vault.mask(&entry.reason).into_owned();
        }
        Some(ShardRecord {
            part,
            trials: names(true),
            left_out: names(false),
            overall: report::overall(&self.overall, ending.vault),
            known: entries,
            deviations: self.deviations(),
        })
    }

    /// Stores snapshots, and what is said of them.
    fn store(&self, console: &Console<'_>) -> Result<Option<String>, Problem> {
        let snapshots = &self.snapshots;
        let pending = &self.gathered.pending;
        let update = snapshots.mode == SnapshotMode::Update;
        if snapshots.are_written(console) {
            snapshot::store(pending, update, &snapshots.root)
                .map_err(|why| Problem::Machine(format!("snapshots could not be stored: {why}")))?;
        }
        Ok(match (pending.len(), update) {
            (0, _) => None,
            (count, true) => Some(format!(
                "snapshots: {count} updated in {}",
                snapshots.root.display()
            )),
            (count, false) => Some(format!(
                "snapshots: {count} differ or are new ({} new); `tokenspec snapshot review` shows them",
                self.gathered.missing
            )),
        })
    }
}
