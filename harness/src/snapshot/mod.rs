//! Snapshots: what the documents leave open, kept so that drift shows.
//!
//! A snapshot is an outcome's exchanges with everything volatile or secret masked and each JWT
//! decoded ([`text`]). Texts are compared here; insta stores them, and its tools review them
//! ([`store`]).

mod store;
mod text;

use std::path::{Path, PathBuf};

pub use store::{Pending, accept, store, store_if_asked};
pub use text::text;

use crate::names::{file_name, folder_name};

/// Where the snapshots of a target lie: `snapshots/TARGET/`.
#[derive(Debug, Clone)]
pub struct Folder {
    root: PathBuf,
}

/// How a response compares with its snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Compared {
    /// It is the same.
    Same,
    /// There is none yet.
    Missing,
    /// It differs: the lines that do.
    Differs(String),
}

impl Folder {
    /// The folder of a target below `root` (`snapshots`).
    #[must_use]
    pub fn new(root: &Path, target: &str) -> Self {
        Self {
            root: root.join(folder_name(target)),
        }
    }

    /// Whether there are snapshots of the target at all.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.root.is_dir()
    }

    /// The folder and the name of a trial's snapshot.
    #[must_use]
    pub fn place(&self, trial: &str) -> (PathBuf, String) {
        let mut parts: Vec<String> = trial.split('/').map(file_name).collect();
        let name = parts.pop().unwrap_or_default();
        let mut folder = self.root.clone();
        folder.extend(parts);
        (folder, name)
    }

    /// Compares a text with the accepted one.
    #[must_use]
    pub fn compare(&self, trial: &str, text: &str) -> Compared {
        let (folder, name) = self.place(trial);
        let Ok(file) = std::fs::read_to_string(folder.join(format!("{name}.snap"))) else {
            return Compared::Missing;
        };
        let accepted = contents(&file);
        if accepted.trim_end() == text.trim_end() {
            return Compared::Same;
        }
        let diff = similar::TextDiff::from_lines(accepted.trim_end(), text.trim_end());
        let lines = diff
            .unified_diff()
            .context_radius(2)
            .header("accepted", "this run")
            .to_string();
        Compared::Differs(lines)
    }
}

/// The text of a snapshot file, without insta's header.
fn contents(file: &str) -> &str {
    file.strip_prefix("---\n")
        .and_then(|rest| rest.split_once("\n---\n"))
        .map_or(file, |(_, contents)| contents)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_lead_out_of_the_folder() {
        let folder = Folder::new(Path::new("snapshots"), "../x");
        let (path, name) = folder.place("../../a/..");
        assert_eq!(path, Path::new("snapshots/..-x-d6b96a97/_../_../a"));
        assert_eq!(name, "_..");
    }

    #[test]
    fn the_header_is_not_compared() {
        assert_eq!(contents("---\nsource: a\n---\nbody\n"), "body\n");
        assert_eq!(contents("body\n"), "body\n");
    }
}
