//! An index over the reports of several targets.

use std::path::{Path, PathBuf};

use super::super::Console;
use super::super::prepare::Problem;
use super::RunArgs;
use crate::report::{self, Record};

/// The folder that has those of the targets.
pub(super) fn root(args: &RunArgs) -> PathBuf {
    args.report_dir
        .clone()
        .unwrap_or_else(|| PathBuf::from("reports"))
}

/// Writes the index, and says where it is.
pub(super) fn index(
    records: &[(PathBuf, Record)],
    root: &Path,
    console: &mut Console<'_>,
) -> Result<(), Problem> {
    let rows: Vec<(String, &Record)> = records
        .iter()
        .map(|(folder, record)| {
            let below = folder.strip_prefix(root).unwrap_or(folder);
            (below.to_string_lossy().into_owned(), record)
        })
        .collect();
    let page = report::index(&rows).map_err(Problem::Machine)?;
    let path = report::write_file(root, "index.html", &page).map_err(Problem::Machine)?;
    for (_, record) in &rows {
        console.note(format!(
            "{}: {}: {}",
            record.target.name,
            record.conclusion().name(),
            record.verdict()
        ));
    }
    console.note(format!("index: {}", path.display()));
    Ok(())
}
