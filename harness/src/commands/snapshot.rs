//! `tokenspec snapshot`: for people without cargo-insta.

use std::path::{Path, PathBuf};

use super::prepare::Problem;
use super::{Console, OK, SnapshotArgs, SnapshotCommand};
use crate::snapshot::accept;

/// Shows or accepts new snapshots.
pub fn snapshot(args: &SnapshotArgs, console: &mut Console<'_>) -> Result<u8, Problem> {
    match args.command {
        SnapshotCommand::Accept => {
            let accepted = accept(&args.dir).map_err(Problem::Machine)?;
            for path in &accepted {
                console.say(format!("accepted {}", path.display()));
            }
            console.say(format!("{} snapshots accepted", accepted.len()));
        }
        SnapshotCommand::Review => {
            let mut pending = Vec::new();
            find(&args.dir, &mut pending);
            for new in &pending {
                let old = new.with_extension("");
                let before = std::fs::read_to_string(&old).unwrap_or_default();
                let after = std::fs::read_to_string(new).unwrap_or_default();
                let diff = similar::TextDiff::from_lines(&before, &after);
                console.say(
                    diff.unified_diff()
                        .context_radius(2)
                        .header(&old.display().to_string(), &new.display().to_string())
                        .to_string(),
                );
            }
            console.say(format!(
                "{} snapshots are new or differ; `tokenspec snapshot accept` accepts them",
                pending.len()
            ));
        }
    }
    Ok(OK)
}

fn find(folder: &Path, pending: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    let mut paths: Vec<PathBuf> = entries
        .filter_map(|entry| entry.ok().map(|e| e.path()))
        .collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            find(&path, pending);
        } else if path.to_string_lossy().ends_with(".snap.new") {
            pending.push(path);
        }
    }
}
