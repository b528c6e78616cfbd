//! Reports: pure functions of the one record of a run. A new format is one file and one line here.
//!
//! The record is masked when it is made, so no format can show a secret.

mod badge;
mod conclusion;
mod diff;
pub mod events;
mod failure;
mod hostile;
mod html;
pub(crate) mod json;
mod junit;
mod make;
mod matrix;
mod merge;
mod record;
mod sign;
mod skips;
mod summary;
pub mod tap;
mod verify;

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

pub use conclusion::{Conclusion, plural, trials};
pub use diff::{Change, Difference};
use failure::why_it_warns;
pub use failure::{exchange, failure, warning};
pub(crate) use hostile::{line, misleads, visible};
pub use html::index;
pub use make::{Finished, case};
pub use matrix::Matrix;
pub use merge::{MergeError, merge, overall, stale};
pub use record::{
    BodyRecord, CaseRecord, CheckRecord, DeviationRecord, DocumentRecord, ExchangeRecord,
    NoticeKind, NoticeRecord, Record, RequestRecord, RequirementRecord, RequirementVerdict,
    ResponseRecord, ShardRecord, Summary, TargetRecord, ToolRecord,
};
pub use sign::Signer;
pub use skips::{Skips, skips};
pub use verify::{Signed, verify};

/// A format that a run writes: the file's name, and what makes it.
type Format = (&'static str, Make);

/// How a format is made.
enum Make {
    /// As one text.
    Text(fn(&Record) -> Result<String, String>),
    /// Piece by piece: what grows with the cases and their exchanges.
    Pieces(fn(&Record, &mut dyn Write) -> io::Result<()>),
}

impl Make {
    fn write(&self, record: &Record, folder: &Path, name: &str) -> Result<PathBuf, String> {
        match self {
            Self::Text(make) => write_file(folder, name, &make(record)?),
            Self::Pieces(make) => write_with(folder, name, |out| make(record, out)),
        }
    }
}

/// All formats.
const FORMATS: &[Format] = &[
    (
        "report.json",
        Make::Pieces(|record, out| json::write(record, out)),
    ),
    ("index.html", Make::Pieces(html::page)),
    ("junit.xml", Make::Text(junit::xml)),
    ("report.tap", Make::Text(tap::tap)),
    ("badge.json", Make::Text(badge::json)),
    ("badge.svg", Make::Text(badge::svg)),
    ("summary.md", Make::Text(summary::summary)),
];

/// Writes all formats into `folder`, each as a whole or not at all.
///
/// # Errors
/// Which file could not be written, and why.
pub fn write(
    record: &Record,
    folder: &Path,
    signer: Option<&Signer>,
) -> Result<Vec<PathBuf>, String> {
    std::fs::create_dir_all(folder)
        .map_err(|error| format!("the folder {} cannot be made: {error}", folder.display()))?;
    // Side by side: the page alone takes as long as all others together.
    let mut written = std::thread::scope(|scope| {
        let writing: Vec<_> = FORMATS
            .iter()
            .map(|(name, make)| scope.spawn(move || make.write(record, folder, name)))
            .collect();
        writing
            .into_iter()
            .map(|thread| {
                thread
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            })
            .collect::<Result<Vec<PathBuf>, String>>()
    })?;
    let signature = format!("{}.jws", FORMATS[0].0);
    match signer {
        Some(signer) => {
            let text = signer.sign(record)? + "\n";
            written.push(write_file(folder, &signature, &text)?);
        }
        // The signature of an earlier run would be one of another report.
        None => drop(std::fs::remove_file(folder.join(signature))),
    }
    Ok(written)
}

/// `index.html` of a record.
///
/// # Errors
/// Where the page cannot be made.
pub fn page(record: &Record) -> Result<Vec<u8>, String> {
    let mut page = Vec::new();
    html::page(record, &mut page).map_err(|error| format!("index.html: {error}"))?;
    Ok(page)
}

/// Writes a file as a whole or not at all.
///
/// # Errors
/// Which file could not be written, and why.
pub fn write_file(folder: &Path, name: &str, text: &str) -> Result<PathBuf, String> {
    write_with(folder, name, |out| out.write_all(text.as_bytes()))
}

fn write_with(
    folder: &Path,
    name: &str,
    make: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<PathBuf, String> {
    let path = folder.join(name);
    let beside = folder.join(format!(".{name}.{}", std::process::id()));
    let written = File::create(&beside).and_then(|file| {
        let mut out = BufWriter::with_capacity(64 * 1024, file);
        make(&mut out)?;
        out.into_inner().map_err(|error| error.into_error())?;
        std::fs::rename(&beside, &path)
    });
    written.map_err(|error| {
        // A half of it is of no use to anybody.
        drop(std::fs::remove_file(&beside));
        format!("{} cannot be written: {error}", path.display())
    })?;
    Ok(path)
}
