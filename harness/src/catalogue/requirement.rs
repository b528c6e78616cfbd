//! Requirements: one normative statement of one document each.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How strongly a sentence binds: the keywords of RFC 2119, and `DECLARED` for a definition,
/// grammar or sample that carries none.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub enum Level {
    /// An absolute demand.
    #[serde(rename = "MUST")]
    Must,
    /// An absolute prohibition.
    #[serde(rename = "MUST NOT")]
    MustNot,
    /// A definition, grammar or sample without a keyword; it binds as a keyword does.
    #[serde(rename = "DECLARED")]
    Declared,
    /// A recommendation.
    #[serde(rename = "SHOULD")]
    Should,
    /// A recommendation against.
    #[serde(rename = "SHOULD NOT")]
    ShouldNot,
    /// A permission; it is never judged.
    #[serde(rename = "MAY")]
    May,
}

impl Level {
    /// The keyword as the documents print it.
    #[must_use]
    pub const fn keyword(self) -> &'static str {
        match self {
            Self::Must => "MUST",
            Self::MustNot => "MUST NOT",
            Self::Declared => "DECLARED",
            Self::Should => "SHOULD",
            Self::ShouldNot => "SHOULD NOT",
            Self::May => "MAY",
        }
    }
}

/// Whom a sentence binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Party {
    /// The authorization server.
    Server,
    /// The client: a server that is lenient here breaks no sentence of its own.
    Client,
}

/// A specification, or a vendor's page.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Document {
    /// Its short name, which is also the file's name and the prefix of its requirements.
    pub id: String,
    /// Its title.
    pub title: String,
    /// When it was published.
    pub date: String,
    /// Where it can be read.
    pub url: String,
    /// Which text of it was read.
    #[serde(rename = "text_read")]
    pub text_read: String,
    /// What to know about its rows.
    #[serde(default)]
    pub notes: String,
}

impl Document {
    /// The address of a section, where the document's host has one for each section.
    #[must_use]
    pub fn section_url(&self, section: &str) -> String {
        let rfc = self.url.contains("rfc-editor.org") || self.url.contains("datatracker.ietf.org");
        match section.chars().next() {
            Some(first) if rfc && first.is_ascii_digit() => {
                format!("{}#section-{section}", self.url)
            }
            Some(_) if rfc => format!("{}#appendix-{section}", self.url),
            Some(_) | None => self.url.clone(),
        }
    }
}

/// One normative statement.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Requirement {
    /// Its name: the document's id, the section, and a few words.
    pub id: String,
    /// The section of the document.
    pub section: String,
    /// How strongly it binds.
    pub level: Level,
    /// Whom it binds.
    pub party: Party,
    /// What the document says, paraphrased.
    pub statement: String,
    /// How a client sees it from outside.
    pub test: String,
    /// What a client sees where it is kept.
    pub expects: String,
    /// `yes`, `partly: why`, or `no: why`.
    pub testable: String,
    /// Whether the sentence was read in the document's own text.
    pub verified: bool,
    /// Requirements that say the same, of other documents or elsewhere in this one; they name
    /// each other.
    #[serde(default)]
    pub same_as: Vec<String>,
    /// Why no case judges it although it could be seen from outside.
    #[serde(default)]
    pub unjudged: Option<String>,
}

impl Requirement {
    /// Whether a break of it fails a case, or only warns. MAY is never judged.
    ///
    /// It fails where it is MUST, MUST NOT or DECLARED, binds the server and was read.
    #[must_use]
    pub const fn binds(&self) -> bool {
        matches!(self.level, Level::Must | Level::MustNot | Level::Declared)
            && matches!(self.party, Party::Server)
            && self.verified
    }

    /// Whether something of it can be seen from outside, and it is not a mere permission.
    #[must_use]
    pub fn testable(&self) -> bool {
        !self.testable.starts_with("no") && self.level != Level::May
    }
}

/// `cases/requirements/DOCUMENT.toml`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RequirementFile {
    /// The document.
    pub document: Document,
    /// Its statements.
    pub requirement: Vec<Requirement>,
}
