//! What `--snapshots` means for a run.

use std::path::PathBuf;

use crate::config::{SnapshotMode, Target};
use crate::snapshot::Folder;

/// What `--snapshots` means for this run.
pub(super) struct Snapshots {
    pub(super) mode: SnapshotMode,
    pub(super) root: PathBuf,
    pub(super) folder: Folder,
}

impl Snapshots {
    pub(super) fn new(
        said: Option<SnapshotMode>,
        target: &Target,
        reference: bool,
        name: &str,
    ) -> Self {
        let root = PathBuf::from("snapshots");
        let folder = Folder::new(&root, name);
        let default = match target.snapshots {
            Some(mode) => mode,
            // An installed tokenspec has no snapshots of the reference beside it, and makes none.
            None if reference && folder.exists() => SnapshotMode::Check,
            None => SnapshotMode::Off,
        };
        Self {
            mode: said.unwrap_or(default),
            root,
            folder,
        }
    }
}
