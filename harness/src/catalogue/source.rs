//! Where the files of a catalogue come from: compiled into the binary, or a folder.

use std::borrow::Cow;
use std::path::Path;

/// A TOML file of the catalogue.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// Its path below the folder of cases, with `/`: `authorization_code/exchange.toml`.
    pub path: String,
    /// How it is named to a person.
    pub shown: String,
    /// Its text.
    pub text: Cow<'static, str>,
    /// What it says as JSON, where it was made ready when tokenspec was built.
    pub prepared: Option<&'static str>,
    /// Whether it comes with tokenspec, and so was linted when tokenspec was built and tested.
    pub shipped: bool,
}

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// The files that are compiled in.
#[must_use]
pub fn embedded() -> Vec<SourceFile> {
    EMBEDDED
        .iter()
        .map(|(path, text, prepared)| SourceFile {
            path: (*path).to_owned(),
            shown: format!("cases/{path}"),
            text: Cow::Borrowed(text),
            prepared: Some(prepared),
            shipped: true,
        })
        .collect()
}

/// Every TOML file in and below `folder`, in the order of the paths.
///
/// # Errors
/// Where the folder or a file in it cannot be read; the message names it.
pub fn read_folder(folder: &Path) -> Result<Vec<SourceFile>, String> {
    let mut files = Vec::new();
    if folder.is_file() {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        files.push(read(folder, name.into_owned())?);
    } else {
        collect(folder, "", &mut files)?;
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn collect(folder: &Path, prefix: &str, files: &mut Vec<SourceFile>) -> Result<(), String> {
    let entries = std::fs::read_dir(folder)
        .map_err(|error| format!("the folder {} cannot be read: {error}", folder.display()))?;
    for entry in entries {
        let entry =
            entry.map_err(|error| format!("{} cannot be read: {error}", folder.display()))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        // It becomes a part of trials' names.
        if let Some(odd) = name.chars().find(|c| !can_be_shown(*c)) {
            return Err(format!(
                "a name in {} has the character {}, which cannot be shown; rename it",
                folder.display(),
                odd.escape_unicode()
            ));
        }
        let path = format!("{prefix}{name}");
        if entry.path().is_dir() {
            collect(&entry.path(), &format!("{path}/"), files)?;
        } else if name.ends_with(".toml") {
            files.push(read(&entry.path(), path)?);
        }
    }
    Ok(())
}

/// ASCII that is no control character, and letters and digits of any script.
fn can_be_shown(c: char) -> bool {
    c.is_ascii_graphic() || c == ' ' || c.is_alphanumeric()
}

fn read(file: &Path, path: String) -> Result<SourceFile, String> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| format!("{} cannot be read: {error}", file.display()))?;
    Ok(SourceFile {
        path,
        shown: file.display().to_string(),
        text: Cow::Owned(text),
        prepared: None,
        shipped: false,
    })
}
