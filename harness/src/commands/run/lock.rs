//! One run at a time in a report folder: two would leave the files of both.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use super::super::prepare::Problem;

/// Held as long as a run writes into the folder.
pub(super) struct Lock {
    path: PathBuf,
    _file: File,
}

impl Lock {
    /// Takes the folder, or says who has it.
    pub(super) fn take(folder: &Path) -> Result<Self, Problem> {
        let path = folder.join(".lock");
        let said = |why: String| {
            Problem::Said(format!(
                "the report folder {}: {why}; choose another with --report-dir",
                folder.display()
            ))
        };
        let file = File::create(&path).map_err(|error| said(error.to_string()))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { path, _file: file }),
            Err(TryLockError::WouldBlock) => Err(said("another run is writing into it".to_owned())),
            // A file system that knows no locks: each report is still written as a whole.
            Err(TryLockError::Error(_)) => Ok(Self { path, _file: file }),
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // It is empty, and nobody misses it.
        let _ = std::fs::remove_file(&self.path);
    }
}
