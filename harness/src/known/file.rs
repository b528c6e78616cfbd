//! `known-failures.toml` as it is written.

use std::path::Path;

use chrono::NaiveDate;
use miette::Diagnostic;
use schemars::JsonSchema;
use serde::Deserialize;
use thiserror::Error;

use super::{Entry, Known};
use crate::catalogue::{At, Catalogue, Mistakes, Parsed, nearest, schema};

/// `known-failures.toml`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct KnownFile {
    /// The known failures.
    #[serde(default)]
    pub known: Vec<KnownEntry>,
}

/// `[[known]]`: a trial that is run, and whose failure does not fail the run.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct KnownEntry {
    /// A trial as `tokenspec list` names it, or a glob over the names (`*` and `?`). Each trial
    /// that it names has to fail.
    pub trial: String,
    /// The only requirement whose failure is excused; any where it is not said.
    #[serde(default)]
    pub requirement: Option<String>,
    /// The only target, by its name, that it is about; any where it is not said.
    #[serde(default)]
    pub target: Option<String>,
    /// Why it is known: for a ticket, a decision, a release that mends it.
    pub reason: String,
    /// The last day on which it holds, as `2027-01-31` (UTC); from the next day on it fails the run.
    #[serde(default)]
    pub expires: Option<String>,
}

/// The list cannot be used; nothing was sent.
#[derive(Debug, Error, Diagnostic)]
pub enum KnownError {
    /// It cannot be read.
    #[error("{path} cannot be read: {cause}")]
    #[diagnostic(
        code("known-unreadable"),
        help("`tokenspec run --write-known-failures` prints the list that a run would need")
    )]
    Unreadable {
        /// The file.
        path: String,
        /// The system's words.
        cause: String,
    },
    /// It has mistakes.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Mistakes(#[from] Mistakes),
}

/// Reads a list of known failures.
///
/// # Errors
/// Where it cannot be read or has mistakes.
pub fn read(path: &Path, catalogue: &Catalogue, today: NaiveDate) -> Result<Known, KnownError> {
    let text = std::fs::read_to_string(path).map_err(|error| KnownError::Unreadable {
        path: path.display().to_string(),
        cause: error.to_string(),
    })?;
    let entries = parse(&path.display().to_string(), &text, catalogue)?;
    Ok(Known { entries, today })
}

impl Known {
    /// The entries that are about this target.
    #[must_use]
    pub fn on(&self, target: &str) -> Self {
        let here = |entry: &&Entry| entry.target.as_ref().is_none_or(|name| name == target);
        Self {
            entries: self.entries.iter().filter(here).cloned().collect(),
            today: self.today,
        }
    }
}

fn parse(name: &str, text: &str, catalogue: &Catalogue) -> Result<Vec<Entry>, Mistakes> {
    let parsed = Parsed::new(name, text).map_err(|mistakes| Mistakes { mistakes })?;
    Mistakes::check(parsed.check(&schema::of::<KnownFile>("known-failures.toml")))?;
    let file: KnownFile = toml::from_str(text).map_err(|error: toml::de::Error| Mistakes {
        mistakes: vec![parsed.mistake(&[], "unreadable", error.message().to_owned(), None)],
    })?;
    let mut mistakes = Vec::new();
    let mut entries = Vec::new();
    for (index, entry) in file.known.into_iter().enumerate() {
        let at = |key: &str| -> [At; 3] { ["known".into(), index.into(), key.into()] };
        if entry.reason.trim().is_empty() {
            mistakes.push(parsed.mistake(
                &at("reason"),
                "known-without-reason",
                "a known failure needs a reason",
                Some("say why it is known: a ticket, a decision, the release that mends it".into()),
            ));
        }
        let ids: Vec<&str> = catalogue.requirements.keys().map(String::as_str).collect();
        if let Some(id) = &entry.requirement
            && !catalogue.requirements.contains_key(id.as_str())
        {
            let near = nearest(id, &ids)
                .map_or(String::new(), |near| format!(": the nearest is `{near}`"));
            mistakes.push(parsed.mistake(
                &at("requirement"),
                "unknown-requirement",
                format!("there is no requirement `{id}`"),
                Some(format!("name one as a report does{near}")),
            ));
        }
        let expires = match entry.expires.as_deref().map(str::parse::<NaiveDate>) {
            None => None,
            Some(Ok(day)) => Some(day),
            Some(Err(_)) => {
                mistakes.push(parsed.mistake(
                    &at("expires"),
                    "bad-date",
                    "this is no day",
                    Some("write it as \"2027-01-31\"".into()),
                ));
                None
            }
        };
        entries.push(Entry {
            trial: entry.trial,
            requirement: entry.requirement,
            target: entry.target,
            reason: entry.reason,
            expires,
        });
    }
    Mistakes::check(mistakes)?;
    Ok(entries)
}
