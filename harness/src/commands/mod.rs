//! The commands, one file each. They write to a [`Console`] that the binary hands them, and
//! return the exit status.

mod assertion;
mod completions;
mod coverage;
mod doctor;
mod explain;
mod help;
mod init;
mod lint;
mod list;
mod prepare;
mod report;
pub mod run;
mod schema;
mod serve;
mod signals;
mod snapshot;
mod unreachable;

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, Parser, Subcommand};

use crate::acquire::Person;
use crate::report::visible;
pub use prepare::{Problem, catalogue};
pub use report::ReportArgs;
pub use run::{RunArgs, RunFormat, TargetsArgs};

/// Nothing failed.
pub const OK: u8 = 0;
/// A binding requirement failed, or a snapshot differs.
pub const FAILED: u8 = 1;
/// The arguments, the configuration or a case file are wrong, or nothing was selected.
pub const USAGE: u8 = 2;
/// Something errored, or all was skipped.
pub const ERRORED: u8 = 3;

/// Where a command writes.
pub struct Console<'c> {
    /// What was asked for.
    pub out: &'c mut dyn Write,
    /// What is said beside it.
    pub err: &'c mut dyn Write,
    /// Whether a person looks at `err`.
    pub interactive: bool,
    /// The environment.
    pub environment: &'c dyn Fn(&str) -> Option<String>,
    /// Who can be asked for an authorization code.
    pub person: Option<Arc<dyn Person>>,
}

impl std::fmt::Debug for Console<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Console")
    }
}

impl Console<'_> {
    /// Writes a line to `out`. Nobody reads on where that fails (a closed pipe).
    pub fn say(&mut self, line: impl AsRef<str>) {
        let _ = writeln!(self.out, "{}", line.as_ref());
    }

    /// Writes a line to `err`. No name in it moves a cursor.
    pub fn note(&mut self, line: impl AsRef<str>) {
        let _ = writeln!(self.err, "{}", visible(line.as_ref()));
    }

    /// Writes why something cannot be done to `err`, in colours where they are wanted.
    pub fn problem(&mut self, problem: &Problem) {
        let _ = writeln!(self.err, "{}", problem.show());
    }
}

/// Conformance test harness for OAuth 2.0 and OpenID Connect token endpoints.
#[derive(Debug, Parser)]
#[command(
    name = "tokenspec",
    version,
    disable_help_subcommand = true,
    after_help = "Examples:\n  \
        tokenspec run                          run all on the embedded reference\n  \
        tokenspec init URL                     write a tokenspec.toml for a server\n  \
        tokenspec doctor                       prove the configuration, step by step\n  \
        tokenspec run --target staging         run on a target of ./tokenspec.toml\n  \
        tokenspec run 'client_credentials/*'   run some trials\n  \
        tokenspec explain SUITE/CASE           what a case sends, expects and cites\n\n\
        Exit status: 0 nothing failed; 1 a binding requirement failed; 2 the arguments,\n\
        configuration or cases are wrong; 3 something errored, or all was skipped."
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Runs trials on a target and reports.
    Run(RunArgs),
    /// Lists trials, with each skip and its reason.
    List(ListArgs),
    /// Shows what a case sends, expects and judges.
    Explain(ExplainArgs),
    /// Checks case files.
    Lint(LintArgs),
    /// Reads a server's metadata and writes a tokenspec.toml for it.
    Init(InitArgs),
    /// Proves the configuration step by step, before anything is judged.
    Doctor(DoctorArgs),
    /// Starts the reference and prints a tokenspec.toml for it.
    Serve(ServeArgs),
    /// Accepts or shows new snapshots.
    Snapshot(SnapshotArgs),
    /// Shows what is judged, and with --faults what proves it.
    Coverage(CoverageArgs),
    /// Makes tables and other things of reports that runs wrote.
    Report(ReportArgs),
    /// Prints a JSON Schema.
    Schema(SchemaArgs),
    /// Shows what a command does, and its options.
    Help(HelpArgs),
    /// Prints the completions for a shell.
    Completions(CompletionsArgs),
    /// Prints the man page, or writes those of all commands.
    Man(ManArgs),
}

/// `tokenspec completions`.
#[derive(Debug, Clone, Args)]
pub struct CompletionsArgs {
    /// Which shell.
    pub shell: clap_complete::Shell,
}

/// `tokenspec man`.
#[derive(Debug, Clone, Args)]
pub struct ManArgs {
    /// Writes a page for each command into this folder.
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

/// Which target, as what, with which cases.
#[derive(Debug, Clone, Default, Args)]
pub struct TargetArgs {
    /// The target of the configuration.
    #[arg(long, value_name = "NAME", env = "TOKENSPEC_TARGET", hide_env = true)]
    pub target: Option<String>,
    #[command(flatten)]
    #[allow(missing_docs, reason = "shown by clap as what they are")]
    pub source: SourceArgs,
}

/// What is read: the configuration, and the cases that a target is judged with.
#[derive(Debug, Clone, Default, Args)]
pub struct SourceArgs {
    /// The configuration; ./tokenspec.toml if not said.
    #[arg(long, value_name = "FILE", env = "TOKENSPEC_CONFIG", hide_env = true)]
    pub config: Option<PathBuf>,
    /// What to judge it as; several may be given.
    #[arg(long, value_name = "PROFILE")]
    pub profile: Vec<String>,
    /// A folder of further cases, or a file.
    #[arg(long, value_name = "DIR")]
    pub cases: Vec<PathBuf>,
}

/// Which trials.
#[derive(Debug, Clone, Default, Args)]
pub struct FilterArgs {
    /// Trials: globs over names (`*` and `?`), or a part of a name.
    #[arg(value_name = "FILTER")]
    pub filter: Vec<String>,
    /// Leaves out trials that match.
    #[arg(long, value_name = "GLOB")]
    pub skip: Vec<String>,
    /// Filters are whole names.
    #[arg(long)]
    pub exact: bool,
    /// Leaves out destructive cases.
    #[arg(long)]
    pub safe: bool,
    /// Takes in cases that wait.
    #[arg(long)]
    pub slow: bool,
}

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum OutputFormat {
    /// A line for each trial.
    #[default]
    Pretty,
    /// A character for each trial.
    Terse,
    /// JSON, an event a line.
    Json,
}

/// `tokenspec list`.
#[derive(Debug, Clone, Args)]
pub struct ListArgs {
    #[command(flatten)]
    #[allow(missing_docs, reason = "shown by clap as what they are")]
    pub filter: FilterArgs,
    #[command(flatten)]
    #[allow(missing_docs, reason = "shown by clap as what they are")]
    pub target: TargetArgs,
    /// pretty, terse or json.
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "pretty",
        hide_possible_values = true
    )]
    pub format: OutputFormat,
}

/// `tokenspec explain`.
#[derive(Debug, Clone, Args)]
pub struct ExplainArgs {
    /// A case (`SUITE/CASE`), a trial, or a requirement.
    pub case: String,
    #[command(flatten)]
    #[allow(missing_docs, reason = "shown by clap as what they are")]
    pub target: TargetArgs,
}

/// `tokenspec lint`.
#[derive(Debug, Clone, Args)]
pub struct LintArgs {
    /// Cases, a folder or a file; those of tokenspec if not said.
    pub path: Option<PathBuf>,
}

/// `tokenspec init`.
#[derive(Debug, Clone, Args)]
pub struct InitArgs {
    /// The issuer, as https://login.example.com/tenant.
    pub url: String,
    /// The file to write, which must not exist yet.
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// The target's name, as in variables.
    #[arg(long, value_name = "NAME", default_value = "staging")]
    pub name: String,
    /// CA certificates (PEM) to trust beside the usual.
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
}

/// `tokenspec doctor`.
#[derive(Debug, Clone, Args)]
pub struct DoctorArgs {
    /// The target of the configuration.
    #[arg(long, value_name = "NAME", env = "TOKENSPEC_TARGET", hide_env = true)]
    pub target: Option<String>,
    /// The configuration; ./tokenspec.toml if not said.
    #[arg(long, value_name = "FILE", env = "TOKENSPEC_CONFIG", hide_env = true)]
    pub config: Option<PathBuf>,
    /// Does not verify certificates, and says so.
    #[arg(long)]
    pub insecure: bool,
}

/// `tokenspec serve`.
#[derive(Debug, Clone, Args)]
pub struct ServeArgs {
    /// standard or ciam.
    #[arg(long, default_value = "standard")]
    pub personality: String,
    /// The port; any free one if 0.
    #[arg(long, default_value_t = 0)]
    pub port: u16,
    /// Switches a fault on; several may be given.
    #[arg(long, value_name = "NAME")]
    pub fault: Vec<String>,
    /// Switches a variation on; several may be given.
    #[arg(long, value_name = "NAME")]
    pub variation: Vec<String>,
    /// Lists the faults, and what each breaks.
    #[arg(long)]
    pub list_faults: bool,
    /// Lists the variations, which break nothing.
    #[arg(long)]
    pub list_variations: bool,
    /// How long an authorization code lives, as `5s`.
    #[arg(long, value_name = "DURATION")]
    pub code_lifetime: Option<String>,
    /// Delays each answer, as `50ms`.
    #[arg(long, value_name = "DURATION")]
    pub latency: Option<String>,
}

/// `tokenspec snapshot`.
#[derive(Debug, Clone, Args)]
pub struct SnapshotArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: SnapshotCommand,
    /// The folder of the snapshots.
    #[arg(long, default_value = "snapshots", global = true)]
    pub dir: PathBuf,
}

/// What to do with new snapshots.
#[derive(Debug, Clone, Subcommand)]
pub enum SnapshotCommand {
    /// Shows how they differ from the accepted ones.
    Review,
    /// Accepts them all.
    Accept,
}

/// `tokenspec coverage`.
#[derive(Debug, Clone, Args)]
pub struct CoverageArgs {
    /// Shows what catches each fault of the reference.
    #[arg(long)]
    pub faults: bool,
    /// Only faults whose names match.
    #[arg(long, value_name = "GLOB", requires = "faults")]
    pub only: Option<String>,
    /// Prints what an edition of that profile lists.
    #[arg(long, value_name = "PROFILE", conflicts_with = "faults")]
    pub edition: Option<String>,
    /// A folder of further cases, or a whole catalogue.
    #[arg(long, value_name = "DIR")]
    pub cases: Vec<PathBuf>,
}

/// `tokenspec schema`.
#[derive(Debug, Clone, Args)]
pub struct SchemaArgs {
    /// case, config, report, requirement, profile or known-failures.
    #[arg(hide_possible_values = true)]
    pub of: SchemaOf,
}

/// `tokenspec help`.
#[derive(Debug, Clone, Args)]
pub struct HelpArgs {
    /// The command, and one of its own; all commands if not said.
    pub command: Vec<String>,
}

/// What has a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum SchemaOf {
    /// A file of cases.
    Case,
    /// tokenspec.toml.
    Config,
    /// report.json.
    Report,
    /// A file of requirements.
    Requirement,
    /// A profile.
    Profile,
    /// known-failures.toml.
    KnownFailures,
}

/// Carries out what was asked for.
#[must_use]
pub fn execute(cli: Cli, console: &mut Console<'_>) -> u8 {
    let done = match cli.command {
        Command::Run(args) => run::run(&args, console),
        Command::List(args) => list::list(&args, console),
        Command::Explain(args) => explain::explain(&args, console),
        Command::Lint(args) => lint::lint(&args, console),
        Command::Init(args) => init::init(&args, console),
        Command::Doctor(args) => doctor::doctor(&args, console),
        Command::Serve(args) => serve::serve(&args, console),
        Command::Snapshot(args) => snapshot::snapshot(&args, console),
        Command::Coverage(args) => coverage::coverage(&args, console),
        Command::Report(args) => report::report(&args, console),
        Command::Schema(args) => schema::schema(&args, console),
        Command::Help(args) => help::help(&args, console),
        Command::Completions(args) => completions::completions(&args, console),
        Command::Man(args) => completions::man(&args, console),
    };
    match done {
        Ok(status) => status,
        Err(problem) => {
            console.problem(&problem);
            problem.status()
        }
    }
}
