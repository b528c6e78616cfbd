//! Reports: pure functions of the one record of a run. A new format is one file and one line here.
//!
//! The record is masked when it is made, so no format can show a secret.

mod failure;
mod junit;
mod matrix;
mod record;
mod summary;

use std::path::{Path, PathBuf};

pub use failure::{failure, warning};
pub use matrix::Matrix;
pub use record::{
    BodyRecord, CaseRecord, CheckRecord, ExchangeRecord, Finished, Record, RequestRecord,
    RequirementRecord, RequirementVerdict, ResponseRecord, Summary, TargetRecord, ToolRecord, case,
};

/// A format that a run writes: the file's name, and what makes its text.
type Format = (&'static str, fn(&Record) -> Result<String, String>);

/// All formats.
const FORMATS: &[Format] = &[
    ("report.json", record::json),
    ("junit.xml", junit::xml),
    ("summary.md", summary::markdown),
];

/// Writes all formats into `folder`, each as a whole or not at all.
///
/// # Errors
/// Which file could not be written, and why.
pub fn write(record: &Record, folder: &Path) -> Result<Vec<PathBuf>, String> {
    std::fs::create_dir_all(folder)
        .map_err(|error| format!("the folder {} cannot be made: {error}", folder.display()))?;
    let mut written = Vec::new();
    for (name, make) in FORMATS {
        let path = folder.join(name);
        let text = make(record)?;
        let beside = folder.join(format!(".{name}.{}", std::process::id()));
        std::fs::write(&beside, text)
            .and_then(|()| std::fs::rename(&beside, &path))
            .map_err(|error| format!("{} cannot be written: {error}", path.display()))?;
        written.push(path);
    }
    Ok(written)
}
