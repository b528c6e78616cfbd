//! `tokenspec report`: what is made from the records of runs that have ended. Each of its commands
//! is a file of its own, reads `report.json` and sends nothing.

mod diff;
mod matrix;
mod merge;
mod verify;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::Console;
use super::prepare::Problem;
use crate::report::Record;

/// `tokenspec report`.
#[derive(Debug, Clone, Args)]
pub struct ReportArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: ReportCommand,
}

/// What to do with reports.
#[derive(Debug, Clone, Subcommand)]
pub enum ReportCommand {
    /// Makes a table of documents × servers.
    Matrix(MatrixArgs),
    /// Puts the parts of a run (`run --shard K/N`) together.
    Merge(MergeArgs),
    /// Shows what changed between two runs; 1 on a regression.
    Diff(DiffArgs),
    /// Holds a report against its signature.
    Verify(VerifyArgs),
}

/// `tokenspec report merge`.
#[derive(Debug, Clone, Args)]
pub struct MergeArgs {
    /// The parts: reports, or a folder of their folders.
    #[arg(required = true, value_name = "REPORT")]
    pub reports: Vec<PathBuf>,
    /// Where the whole goes, if not to reports/TARGET.
    #[arg(long, value_name = "DIR")]
    pub report_dir: Option<PathBuf>,
    /// Signs report.json by a private key (PEM or JWK).
    #[arg(long, value_name = "KEY")]
    pub sign: Option<PathBuf>,
}

/// `tokenspec report diff`.
#[derive(Debug, Clone, Args)]
pub struct DiffArgs {
    /// The earlier report: report.json, or its folder.
    pub old: PathBuf,
    /// The later one.
    pub new: PathBuf,
    /// text, markdown or json.
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "text",
        hide_possible_values = true
    )]
    pub format: DiffFormat,
}

/// How a difference is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum DiffFormat {
    /// For people.
    #[default]
    Text,
    /// For a job summary or a comment.
    Markdown,
    /// For programs.
    Json,
}

/// `tokenspec report verify`.
#[derive(Debug, Clone, Args)]
pub struct VerifyArgs {
    /// The report: report.json, or its folder.
    pub report: PathBuf,
    /// The signer's public key: PEM, a JWK or a JWK Set.
    #[arg(long, value_name = "KEY")]
    pub key: PathBuf,
    /// The signature; REPORT.jws if not said.
    #[arg(long, value_name = "FILE")]
    pub signature: Option<PathBuf>,
    /// A folder of further cases that the run had.
    #[arg(long, value_name = "DIR")]
    pub cases: Vec<PathBuf>,
}

/// `tokenspec report matrix`.
#[derive(Debug, Clone, Args)]
pub struct MatrixArgs {
    /// The reports, a column each: files or their folders.
    #[arg(required = true, value_name = "REPORT")]
    pub reports: Vec<PathBuf>,
    /// Where the table goes; printed if not said.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// markdown or html; as FILE ends if not said.
    #[arg(long, value_name = "FORMAT", hide_possible_values = true)]
    pub format: Option<MatrixFormat>,
}

/// How the table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum MatrixFormat {
    /// Tables of Markdown, as GitHub and GitLab show them.
    Markdown,
    /// One page without script and external resources.
    Html,
}

/// Carries out a command on reports.
pub fn report(args: &ReportArgs, console: &mut Console<'_>) -> Result<u8, Problem> {
    match &args.command {
        ReportCommand::Matrix(args) => matrix::matrix(args, console),
        ReportCommand::Merge(args) => merge::merge(args, console),
        ReportCommand::Diff(args) => diff::diff(args, console),
        ReportCommand::Verify(args) => verify::verify(args, console),
    }
}

/// The name of the record in a report folder.
const RECORD: &str = "report.json";

/// The file of a record: it, or that of a report folder.
fn file(path: &Path) -> PathBuf {
    if path.is_dir() {
        path.join(RECORD)
    } else {
        path.to_owned()
    }
}

/// The record in a file, or in a report folder.
fn read(path: &Path) -> Result<Record, Problem> {
    let file = file(path);
    let shown = file.display();
    let text = std::fs::read(&file).map_err(|error| {
        Problem::Said(format!(
            "{shown} cannot be read: {error}; name a {RECORD} that `tokenspec run` wrote, or its folder"
        ))
    })?;
    Record::read(&text).map_err(|why| Problem::Said(format!("{shown} is no report: {why}")))
}

/// Prints a text, or writes it as a whole to the file where one was named.
fn deliver(text: &str, out: Option<&Path>, console: &mut Console<'_>) -> Result<(), Problem> {
    let Some(path) = out else {
        console.say(text.trim_end());
        return Ok(());
    };
    std::fs::write(path, text)
        .map_err(|error| Problem::Said(format!("{} cannot be written: {error}", path.display())))
}
