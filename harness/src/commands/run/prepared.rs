//! Everything that can be wrong is found before anything is sent, for all targets of a run.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::Utc;
use libtest_mimic::Arguments;

use super::super::Console;
use super::super::prepare::{self, Chosen, Problem};
use super::libtest::{libtest_arguments, passes};
use super::snapshots::Snapshots;
use super::{RunArgs, several, writable};
use crate::catalogue::Catalogue;
use crate::known::{self, Known, Planned};
use crate::names::folder_name;
use crate::plan::Plan;
use crate::report::Signer;

/// A name of the whole plan, with those that it had before.
pub(super) struct Name {
    pub(super) name: String,
    pub(super) aliases: Vec<String>,
    /// Whether the filters select it.
    pub(super) selected: bool,
}

impl Name {
    pub(super) fn planned(&self) -> Planned<'_> {
        Planned {
            name: &self.name,
            aliases: &self.aliases,
            selected: self.selected,
        }
    }
}

/// A run on one target, before it begins.
pub(super) struct Prepared {
    pub(super) chosen: Chosen,
    pub(super) plan: Plan,
    /// The trials of the whole plan and of those of the other targets.
    pub(super) all: Vec<Name>,
    pub(super) folder: PathBuf,
}

/// What the runs on all targets share.
pub(super) struct Shared {
    pub(super) catalogue: Arc<Catalogue>,
    pub(super) libtest: Arguments,
    pub(super) known: Known,
    pub(super) signer: Option<Signer>,
    pub(super) several: bool,
}

pub(super) struct AllPrepared {
    pub(super) runs: Vec<Prepared>,
    pub(super) libtest: Arguments,
    shared: Shared,
}

impl AllPrepared {
    pub(super) fn split(self) -> (Vec<Prepared>, Shared) {
        (self.runs, self.shared)
    }
}

/// Prepares a run on every target that is meant.
pub(super) fn prepared(args: &RunArgs, console: &Console<'_>) -> Result<AllPrepared, Problem> {
    let (catalogue, (libtest, chosen)) =
        prepare::catalogue_beside(&args.target.source.cases, || {
            Ok((libtest_arguments(args)?, targets(args, console)?))
        })?;
    let several = chosen.len() > 1;
    let known = match &args.known_failures {
        Some(path) => known::read(path, &catalogue, Utc::now().date_naive())?,
        None => Known {
            today: Utc::now().date_naive(),
            ..Known::default()
        },
    };
    let signer = match &args.sign {
        Some(path) => Some(Signer::read(path).map_err(Problem::Said)?),
        None => None,
    };
    let mut runs = Vec::new();
    let mut unselected = None;
    for chosen in chosen {
        let mut plan = prepare::whole_plan(
            &catalogue,
            &chosen.target,
            &args.target.source.profile,
            &args.filter,
        )?;
        let mut all: Vec<Name> = plan
            .trials
            .iter()
            .map(|trial| Name {
                name: trial.name.clone(),
                aliases: trial.aliases.clone(),
                selected: false,
            })
            .collect();
        match prepare::filter(&args.filter).apply(&mut plan) {
            Ok(()) => {}
            // Another target may have such trials.
            Err(error) if several => {
                unselected = Some(Problem::from(error));
                continue;
            }
            Err(error) => return Err(error.into()),
        }
        plan.trials.retain(|trial| passes(&libtest, &trial.name));
        if plan.trials.is_empty() {
            return Err(Problem::Said("no trial matches what follows `--`".into()));
        }
        let selected: std::collections::HashSet<&str> = plan
            .trials
            .iter()
            .map(|trial| trial.name.as_str())
            .collect();
        for name in &mut all {
            name.selected = selected.contains(name.name.as_str());
        }
        if let Some(shard) = args.shard {
            plan.trials.retain(|trial| shard.has(trial));
        }
        let folder = match &args.report_dir {
            Some(folder) if !several => folder.clone(),
            _ => several::root(args).join(folder_name(&chosen.target.name)),
        };
        runs.push(Prepared {
            chosen,
            plan,
            all,
            folder,
        });
    }
    if let (true, Some(problem)) = (runs.is_empty(), unselected) {
        return Err(problem);
    }
    know_each_other(&mut runs);
    if !args.plan && !libtest.list {
        for one in &runs {
            writable(&one.folder)?;
            Snapshots::of(args.snapshots, &one.chosen).writable(console)?;
        }
    }
    Ok(AllPrepared {
        runs,
        libtest: libtest.clone(),
        shared: Shared {
            catalogue,
            libtest,
            known,
            signer,
            several,
        },
    })
}

/// A known failure of one target may name nothing on another.
fn know_each_other(runs: &mut [Prepared]) {
    let names: Vec<Vec<(String, Vec<String>)>> = runs
        .iter()
        .map(|one| {
            one.all
                .iter()
                .map(|name| (name.name.clone(), name.aliases.clone()))
                .collect()
        })
        .collect();
    for (index, one) in runs.iter_mut().enumerate() {
        let own: std::collections::HashSet<String> =
            one.all.iter().map(|name| name.name.clone()).collect();
        for (other, names) in names.iter().enumerate() {
            if other == index {
                continue;
            }
            let foreign = names.iter().filter(|(name, _)| !own.contains(name));
            one.all.extend(foreign.map(|(name, aliases)| Name {
                name: name.clone(),
                aliases: aliases.clone(),
                selected: false,
            }));
        }
    }
}

/// The targets that are meant, each once.
fn targets(args: &RunArgs, console: &Console<'_>) -> Result<Vec<Chosen>, Problem> {
    let names: Vec<Option<String>> = if args.target.all_targets {
        let names = prepare::target_names(&args.target.one(None))?;
        names.into_iter().map(Some).collect()
    } else if args.target.target.is_empty() {
        vec![None]
    } else {
        let mut names: Vec<Option<String>> = Vec::new();
        for name in &args.target.target {
            if !names.contains(&Some(name.clone())) {
                names.push(Some(name.clone()));
            }
        }
        names
    };
    names
        .iter()
        .map(|name| {
            let mut chosen = prepare::target(&args.target.one(name.as_deref()), console)?;
            chosen.target.http.insecure |= args.insecure;
            Ok(chosen)
        })
        .collect()
}
