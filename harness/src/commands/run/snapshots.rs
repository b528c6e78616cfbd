//! What `--snapshots` means for a run.

use std::path::PathBuf;

use tokenspec_reference::Personality;

use super::super::Console;
use super::super::prepare::{Chosen, Problem};
use super::try_to_write;
use crate::config::SnapshotMode;
use crate::snapshot::Folder;

/// What `--snapshots` means for this run.
pub(super) struct Snapshots {
    pub(super) mode: SnapshotMode,
    pub(super) root: PathBuf,
    pub(super) folder: Folder,
}

impl Snapshots {
    /// For a target, with the mode that the command line says.
    pub(super) fn of(said: Option<SnapshotMode>, chosen: &Chosen) -> Self {
        let name = match chosen.reference {
            Some(Personality::Ciam) => "reference-ciam",
            _ => chosen.target.name.as_str(),
        };
        let root = PathBuf::from("snapshots");
        let folder = Folder::new(&root, name);
        let default = match chosen.target.snapshots {
            Some(mode) => mode,
            // An installed tokenspec has no snapshots of the reference beside it, and makes none.
            None if chosen.reference.is_some() && folder.exists() => SnapshotMode::Check,
            None => SnapshotMode::Off,
        };
        Self {
            mode: said.unwrap_or(default),
            root,
            folder,
        }
    }

    /// Whether the run writes some: those that differ are put beside those that are there, unless nobody
    /// would look at them.
    pub(super) fn are_written(&self, console: &Console<'_>) -> bool {
        match self.mode {
            SnapshotMode::Off => false,
            SnapshotMode::Update => true,
            SnapshotMode::Check => !(console.environment)("CI")
                .is_some_and(|value| !value.is_empty() && value != "false"),
        }
    }

    /// Snapshots that cannot be written are told before anything is sent.
    pub(super) fn writable(&self, console: &Console<'_>) -> Result<(), Problem> {
        // Nothing is made for a comparison that may find no difference.
        let looked_at = self.mode == SnapshotMode::Update || self.root.exists();
        if !looked_at || !self.are_written(console) {
            return Ok(());
        }
        try_to_write(&self.root).map_err(|error| {
            Problem::Said(format!(
                "the snapshot folder {} cannot be written: {error}; make it writable, or say --snapshots off",
                self.root.display()
            ))
        })
    }
}
