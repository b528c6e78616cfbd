//! Profiles: what an endpoint claims to be.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Deserialize;

use super::Answer;

/// `cases/profiles/NAME.toml`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ProfileFile {
    /// What it is called to a person.
    pub title: String,
    /// The edition that this list of requirements is, as `2026-11`.
    #[serde(default)]
    pub edition: Option<String>,
    /// The documents whose requirements count.
    pub documents: Vec<String>,
    /// The suites that apply, as globs over their paths.
    pub suites: Vec<String>,
    /// Requirements of those documents that do not count here: a later document dropped them.
    #[serde(default)]
    pub without: Vec<String>,
    /// Whether a run makes no sense without a registered client.
    #[serde(default)]
    pub needs_client: bool,
    /// What the vendor documents to be otherwise.
    #[serde(default)]
    pub deviation: Vec<Deviation>,
}

/// `cases/profiles/editions/NAME@EDITION.toml`: what counted when that edition was made. Later
/// cases and rows change nothing for who names it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct EditionFile {
    /// The documents that the profile had.
    pub documents: Vec<String>,
    /// The requirements that its cases judged.
    pub requirements: BTreeSet<String>,
}

/// An answer that a vendor documents although the standard says otherwise.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Deviation {
    /// The requirements that the vendor's answer breaks.
    pub requirement: Vec<String>,
    /// The trials that send the mistake of which the vendor speaks, as globs over their names; all
    /// if not said.
    #[serde(default)]
    pub cases: Vec<String>,
    /// The answers that the vendor documents; only these are excused.
    pub instead: Vec<Answer>,
    /// Where the vendor says so.
    pub because: String,
}

impl Deviation {
    /// Whether the vendor speaks of what this trial does.
    #[must_use]
    pub fn is_about(&self, trial: &str) -> bool {
        self.cases.is_empty()
            || self
                .cases
                .iter()
                .any(|glob| wildmatch::WildMatch::new(glob).matches(trial))
    }
}

/// A profile under its name.
#[derive(Debug, Clone)]
pub struct Profile {
    /// The name of its file.
    pub name: String,
    /// What the file says.
    pub file: ProfileFile,
}

impl Profile {
    /// `name@edition`, or the name where there is no edition.
    #[must_use]
    pub fn with_edition(&self) -> String {
        match &self.file.edition {
            Some(edition) => format!("{}@{edition}", self.name),
            None => self.name.clone(),
        }
    }
}
