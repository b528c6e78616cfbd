//! `tokenspec report merge`: the parts of a run as one.

use std::path::{Path, PathBuf};

use super::super::prepare::Problem;
use super::super::{Console, run};
use super::{MergeArgs, read};
use crate::report::{self, Record, Signer};

/// Puts the parts together, writes the reports of the whole, and says how it ended.
pub fn merge(args: &MergeArgs, console: &mut Console<'_>) -> Result<u8, Problem> {
    let signer = match &args.sign {
        Some(path) => Some(Signer::read(path).map_err(Problem::Said)?),
        None => None,
    };
    let parts: Vec<(String, Record)> = args
        .reports
        .iter()
        .flat_map(|path| parts_in(path))
        .collect::<Vec<_>>()
        .iter()
        .map(|path| Ok((path.display().to_string(), read(path)?)))
        .collect::<Result<_, Problem>>()?;
    let record = report::merge(parts).map_err(|error| Problem::Said(error.to_string()))?;
    let folder = args
        .report_dir
        .clone()
        .unwrap_or_else(|| run::report_folder(&record.target.name));
    run::writable(&folder)?;
    let written = report::write(&record, &folder, signer.as_ref()).map_err(Problem::Machine)?;
    for line in run::closing_lines(&record) {
        console.say(line);
    }
    for path in written {
        console.say(format!("report: {}", path.display()));
    }
    Ok(run::status(&[record.conclusion()]))
}

/// A report; or of a folder that has none, those of the folders in it.
fn parts_in(path: &Path) -> Vec<PathBuf> {
    if !path.is_dir() || super::file(path).exists() {
        return vec![path.to_owned()];
    }
    let mut inside: Vec<PathBuf> = std::fs::read_dir(path)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|folder| folder.is_dir() && super::file(folder).exists())
        .collect();
    inside.sort();
    if inside.is_empty() {
        // What is wrong is told where it is read.
        return vec![path.to_owned()];
    }
    inside
}
