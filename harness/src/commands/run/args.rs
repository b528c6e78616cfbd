//! The arguments of `tokenspec run`.

use std::path::PathBuf;

use clap::Args;

use super::super::{FilterArgs, OutputFormat, SourceArgs, TargetArgs};
use crate::config::SnapshotMode;
use crate::plan::Shard;

/// Which targets, as what, with which cases.
#[derive(Debug, Clone, Default, Args)]
pub struct TargetsArgs {
    /// A target of the file; several may be given.
    #[arg(long, value_name = "NAME", env = "TOKENSPEC_TARGET", hide_env = true)]
    pub target: Vec<String>,
    /// Every target, one after the other.
    #[arg(long, conflicts_with = "target")]
    pub all_targets: bool,
    #[command(flatten)]
    #[allow(missing_docs, reason = "shown by clap as what they are")]
    pub source: SourceArgs,
}

impl TargetsArgs {
    /// The arguments for one of them.
    #[must_use]
    pub(super) fn one(&self, name: Option<&str>) -> TargetArgs {
        TargetArgs {
            target: name.map(str::to_owned),
            source: self.source.clone(),
        }
    }
}

/// How the results of a run are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum RunFormat {
    /// A line for each trial.
    #[default]
    Pretty,
    /// A character for each trial.
    Terse,
    /// JSON, an event a line.
    Json,
    /// The Test Anything Protocol, version 14.
    Tap,
}

impl RunFormat {
    /// How the plan is shown where that is asked for.
    pub(super) const fn of_plan(self) -> OutputFormat {
        match self {
            Self::Json => OutputFormat::Json,
            Self::Pretty | Self::Terse | Self::Tap => OutputFormat::Pretty,
        }
    }
}

/// `tokenspec run`.
#[derive(Debug, Clone, Default, Args)]
#[command(after_help = EXAMPLES)]
pub struct RunArgs {
    #[command(flatten)]
    #[allow(missing_docs, reason = "shown by clap as what they are")]
    pub filter: FilterArgs,
    #[command(flatten)]
    #[allow(missing_docs, reason = "shown by clap as what they are")]
    pub target: TargetsArgs,
    /// Requests that are under way at once.
    #[arg(long, value_name = "N", default_value_t = 8)]
    pub jobs: usize,
    /// Verifies no certificate; every report says so.
    #[arg(long)]
    pub insecure: bool,
    /// Runs the K-th of N parts, for `report merge`.
    #[arg(long, value_name = "K/N")]
    pub shard: Option<Shard>,
    /// Sends nothing and says what would be sent.
    #[arg(long)]
    pub plan: bool,
    /// A broken SHOULD fails the run too.
    #[arg(long)]
    pub strict: bool,
    /// Stops after the first failure.
    #[arg(long)]
    pub fail_fast: bool,
    /// off, check or update; check on the reference.
    #[arg(long, value_name = "MODE", hide_possible_values = true)]
    pub snapshots: Option<SnapshotMode>,
    /// A list of failures that are known.
    #[arg(long, value_name = "FILE")]
    pub known_failures: Option<PathBuf>,
    /// Prints the list that this run would need.
    #[arg(long)]
    pub write_known_failures: bool,
    /// Where reports go, if not to reports/TARGET.
    #[arg(long, value_name = "DIR")]
    pub report_dir: Option<PathBuf>,
    /// Signs report.json by a private key (PEM or JWK).
    #[arg(long, value_name = "KEY")]
    pub sign: Option<PathBuf>,
    /// pretty, terse, json or tap.
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "pretty",
        hide_possible_values = true
    )]
    pub format: RunFormat,
    /// Prints how it ended, nothing of the trials.
    #[arg(long, short)]
    pub quiet: bool,
    /// Shows each exchange as it happens, masked.
    #[arg(long, short)]
    pub verbose: bool,
    /// What follows `--` goes to libtest-mimic.
    #[arg(last = true, value_name = "LIBTEST")]
    pub libtest: Vec<String>,
}

const EXAMPLES: &str = "Examples:
  tokenspec run --target staging --safe           staging, nothing destructive
  tokenspec run 'refresh_token/*' --skip '*slow*' some trials
  tokenspec run --known-failures known.toml       fail on what is new
  tokenspec run --shard 2/4 --report-dir out/2    a part, for `report merge`
  tokenspec run --all-targets --quiet             each target of tokenspec.toml

TOKENSPEC_TARGET and TOKENSPEC_CONFIG stand in for --target and --config.";
