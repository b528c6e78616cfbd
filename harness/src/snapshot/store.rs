//! Storing snapshots through insta.
//!
//! insta takes its settings from the environment, writes to stdout and panics on a difference. So
//! what has to be stored is handed to one child process, this program again, with the environment
//! that insta needs; the run itself never enters insta.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::{Deserialize, Serialize};

/// The variable that tells the child what it is.
const ASKED: &str = "TOKENSPEC_STORE_SNAPSHOTS";

/// A snapshot that has to be stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Pending {
    /// Its folder.
    pub folder: PathBuf,
    /// Its name, without an ending.
    pub name: String,
    /// Its text.
    pub text: String,
    /// What it is of: the trial's name.
    pub of: String,
}

/// Stores snapshots: as accepted ones (`update`), or as `.snap.new` for a review.
///
/// # Errors
/// Why that was not possible.
pub fn store(pending: &[Pending], update: bool, root: &Path) -> Result<(), String> {
    if pending.is_empty() {
        return Ok(());
    }
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let absolute = std::path::absolute(root).map_err(|error| error.to_string())?;
    let mut child = Command::new(program)
        .env(ASKED, "1")
        .env("INSTA_WORKSPACE_ROOT", &absolute)
        .env("INSTA_UPDATE", if update { "always" } else { "new" })
        .env("INSTA_FORCE_PASS", "1")
        .env("INSTA_OUTPUT", "none")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())?;
    let text = serde_json::to_string(pending).map_err(|error| error.to_string())?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin
            .write_all(text.as_bytes())
            .map_err(|error| error.to_string())?;
    }
    let output = child
        .wait_with_output()
        .map_err(|error| error.to_string())?;
    if output.status.success() {
        Ok(())
    } else {
        let words = String::from_utf8_lossy(&output.stderr);
        Err(words
            .lines()
            .last()
            .unwrap_or("insta did not store them")
            .to_owned())
    }
}

/// Where this process is the child: stores what it is handed, and says with which status to exit.
#[must_use]
pub fn store_if_asked() -> Option<u8> {
    std::env::var_os(ASKED)?;
    let mut text = String::new();
    let read = std::io::stdin().read_to_string(&mut text).ok()?;
    let pending: Vec<Pending> = serde_json::from_str(&text)
        .ok()
        .filter(|_| read > 0)
        .unwrap_or_default();
    let mut failed = pending.is_empty();
    for snapshot in &pending {
        failed |= std::fs::create_dir_all(&snapshot.folder).is_err();
        let mut settings = insta::Settings::new();
        settings.set_snapshot_path(std::path::absolute(&snapshot.folder).unwrap_or_default());
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.set_description(snapshot.of.clone());
        settings.bind(|| {
            let stored = std::panic::catch_unwind(|| {
                insta::assert_snapshot!(snapshot.name.clone(), snapshot.text);
            });
            failed |= stored.is_err();
        });
    }
    Some(u8::from(failed))
}

/// Accepts every `.snap.new` below `root`; returns those that were accepted.
///
/// # Errors
/// Which file could not be read or renamed.
pub fn accept(root: &Path) -> Result<Vec<PathBuf>, String> {
    let mut accepted = Vec::new();
    let entries = match std::fs::read_dir(root) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(accepted),
        Err(error) => return Err(format!("{} cannot be read: {error}", root.display())),
    };
    let mut paths: Vec<PathBuf> = entries
        .filter_map(|entry| entry.ok().map(|e| e.path()))
        .collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            accepted.extend(accept(&path)?);
        } else if path.to_string_lossy().ends_with(".snap.new") {
            let target = path.with_extension("");
            let text = std::fs::read_to_string(&path)
                .map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
            std::fs::write(&target, without_line(&text))
                .and_then(|()| std::fs::remove_file(&path))
                .map_err(|error| format!("{} cannot be accepted: {error}", path.display()))?;
            accepted.push(target);
        }
    }
    Ok(accepted)
}

/// A pending snapshot's header has a line number that an accepted one's has not.
fn without_line(text: &str) -> String {
    let Some((header, contents)) = text
        .strip_prefix("---\n")
        .and_then(|rest| rest.split_once("\n---\n"))
    else {
        return text.to_owned();
    };
    let header: Vec<&str> = header
        .lines()
        .filter(|line| !line.starts_with("assertion_line:"))
        .collect();
    format!("---\n{}\n---\n{contents}", header.join("\n"))
}
