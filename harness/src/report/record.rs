//! `report.json`: the one record of a run. Everything in it is masked.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::catalogue::{Level, Party};
use crate::config::Implementation;
use crate::known::Entry;
use crate::outcome::{CaseVerdict, Verdict};
use crate::plan::Shard;

/// The record of a run.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Record {
    /// `tokenspec-report/1`.
    pub schema: String,
    /// What made it.
    pub tool: ToolRecord,
    /// Who made the implementation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub implementation: Option<Implementation>,
    /// What was tested.
    pub target: TargetRecord,
    /// When the run began, RFC 3339.
    pub started: String,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// Where the run did not come to its end: what that means.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incomplete: Option<String>,
    /// Counts of the verdicts.
    pub summary: Summary,
    /// The trials.
    pub cases: Vec<CaseRecord>,
    /// The requirements of the profile's documents that can be seen from outside.
    pub requirements: Vec<RequirementRecord>,
    /// Whether a broken SHOULD fails the run.
    #[serde(default, skip_serializing_if = "is_false")]
    pub strict: bool,
    /// What is to be said of the run beside its trials: excuses that are out of date.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<NoticeRecord>,
    /// What a part of a run keeps, so that the parts can be put together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<ShardRecord>,
    /// The documents of these requirements.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<DocumentRecord>,
}

/// What made a report.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ToolRecord {
    /// `tokenspec`.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The digest of the case files that were run.
    pub cases_digest: String,
}

/// What was tested.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct TargetRecord {
    /// Its name in the configuration.
    pub name: String,
    /// Its issuer identifier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// Its token endpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_endpoint: Option<String>,
    /// What it was judged as, with editions.
    pub profile: Vec<String>,
    /// Where certificates were not verified: what that means.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub insecure: Option<String>,
}

/// What an interruption means, in every report.
pub const INCOMPLETE: &str = "the run was interrupted: trials that were not run to their end are skipped, and \
                              the controls were not all made again";

/// What `insecure` means, in every report.
pub const INSECURE: &str = "certificates were not verified (insecure): who answered is not proved, and \
                            whoever sat in between could read and change everything";

/// Counts. The five verdicts add up to `total`; `known` and `deviating` are some of the failed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// How many trials there are.
    pub total: usize,
    /// How many passed.
    pub passed: usize,
    /// How many failed.
    pub failed: usize,
    /// How many warned.
    pub warned: usize,
    /// How many were skipped.
    pub skipped: usize,
    /// How many were errored.
    pub errored: usize,
    /// How many of the failed are listed as known.
    pub known: usize,
    /// How many of the failed deviate as their vendor documents.
    pub deviating: usize,
}

/// One trial.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct CaseRecord {
    /// The trial's name.
    pub id: String,
    /// Its suite.
    pub suite: String,
    /// What it shows.
    pub title: String,
    /// `passed`, `failed`, `warned`, `skipped` or `errored`.
    #[schemars(with = "String")]
    pub verdict: CaseVerdict,
    /// Why it was skipped or errored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Why its failure is listed as known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known: Option<String>,
    /// Where its vendor documents what it does instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deviates: Option<String>,
    /// What usually causes a failure, and how it is mended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// How its response differs from the accepted snapshot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<String>,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// What was judged.
    pub checks: Vec<CheckRecord>,
    /// What was sent and what came back.
    pub exchanges: Vec<ExchangeRecord>,
}

/// One expectation judged against one response.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct CheckRecord {
    /// The requirement.
    pub requirement: String,
    /// Its document.
    pub document: String,
    /// Its section.
    pub section: String,
    /// Its level.
    pub level: Level,
    /// `pass`, `fail`, `warn` or `errored`.
    #[schemars(with = "String")]
    pub verdict: Verdict,
    /// What was expected.
    pub expected: String,
    /// What came.
    pub actual: String,
    /// Where the vendor documents it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deviates: Option<String>,
    /// Which of the trial's exchanges it looked at, counted from 0; not there where it looked at
    /// several, or at none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange: Option<usize>,
    /// The trials whose responses break it, where it is about the responses of all trials.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub broken_in: Vec<String>,
}

impl CaseRecord {
    /// The exchange that shows best why the verdict is what it is: that of the first check with
    /// this verdict, or the last one.
    #[must_use]
    pub fn telling_exchange(&self) -> Option<usize> {
        let worst = match self.verdict {
            CaseVerdict::Failed => Some(Verdict::Fail),
            CaseVerdict::Warned => Some(Verdict::Warn),
            _ => None,
        };
        self.checks
            .iter()
            .find(|check| Some(check.verdict) == worst)
            .and_then(|check| check.exchange)
            .filter(|&index| index < self.exchanges.len())
            .or_else(|| self.exchanges.len().checked_sub(1))
    }
}

/// A request and what came of it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ExchangeRecord {
    /// The step of the case.
    pub step: String,
    /// The request.
    pub request: RequestRecord,
    /// The response; none where nothing came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<ResponseRecord>,
    /// Why nothing came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The request as a `curl` line.
    pub curl: String,
    /// The attempts before the last, each with why there was another.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub retried: Vec<String>,
}

/// A body: text, or Base64 where it is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum BodyRecord {
    /// UTF-8 text.
    Text(String),
    /// Base64 of the bytes.
    Base64(String),
}

/// A request.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct RequestRecord {
    /// The HTTP method.
    pub method: String,
    /// The URL.
    pub url: String,
    /// The headers that tokenspec set.
    pub headers: Vec<(String, String)>,
    /// The body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<BodyRecord>,
}

/// A response.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ResponseRecord {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: Vec<(String, String)>,
    /// The body, up to 1 MiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<BodyRecord>,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
}

/// What a run says of a requirement.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum RequirementVerdict {
    /// No check judged it.
    NotTested,
    /// It was judged, and nothing was worse.
    Passed,
    /// At least one check warned.
    Warned,
    /// At least one check failed.
    Failed,
}

/// A requirement and the trials that judged it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct RequirementRecord {
    /// Its id.
    pub id: String,
    /// Its document.
    pub document: String,
    /// Its section.
    pub section: String,
    /// Its level.
    pub level: Level,
    /// Whom it binds: a server that is lenient where a sentence binds the client is only warned of.
    #[serde(default = "server")]
    pub party: Party,
    /// Whether it was read in the document's own text; one that was not only warns.
    #[serde(default = "yes")]
    pub verified: bool,
    /// What the document says, paraphrased.
    #[serde(default)]
    pub statement: String,
    /// Where it can be read.
    #[serde(default)]
    pub url: String,
    /// `passed`, `warned`, `failed` or `not-tested`.
    pub verdict: RequirementVerdict,
    /// The trials with a check of it.
    pub cases: Vec<String>,
}

const fn server() -> Party {
    Party::Server
}

const fn yes() -> bool {
    true
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "what serde asks for")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

/// What a part of a run keeps, so that the parts can be put together.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ShardRecord {
    /// Which part it is.
    #[serde(flatten)]
    pub part: Shard,
    /// The trials of the whole run, in their order.
    pub trials: Vec<String>,
    /// The trials that the filters leave out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<String>,
    /// What the trials over all responses say of each response.
    pub overall: Vec<OverallRecord>,
    /// The known failures.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub known: Vec<Entry>,
    /// The vendor's documented deviations.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deviations: Vec<DeviationRecord>,
}

/// A vendor's documented deviation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeviationRecord {
    /// The requirements that it is about.
    pub requirements: Vec<String>,
    /// Where it is documented.
    pub because: String,
}

/// What one expectation of a trial over all responses says of each response.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OverallRecord {
    /// The trial.
    pub trial: String,
    /// Which expectation of it, from 0.
    pub expectation: usize,
    /// The requirement.
    pub requirement: String,
    /// What was expected.
    pub expected: String,
    /// The trials whose responses keep it, each as often as it had such a response.
    pub passed: Vec<String>,
    /// The responses of which something else is said.
    pub others: Vec<OverallPart>,
}

/// What is said of one response that does not simply pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OverallPart {
    /// The trial that the response is of.
    pub by: String,
    /// The verdict.
    #[schemars(with = "String")]
    pub verdict: Verdict,
    /// What came.
    pub actual: String,
    /// Where the vendor documents it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deviates: Option<String>,
}

/// What is out of date about an excuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NoticeKind {
    /// A known failure does not fail any more.
    KnownPasses,
    /// A known failure names no trial.
    KnownUnmatched,
    /// A known failure has expired.
    KnownExpired,
    /// A documented deviation does not happen any more.
    DeviationStale,
}

/// Something to be said of the run beside its trials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NoticeRecord {
    /// What is out of date.
    pub kind: NoticeKind,
    /// What is to be said.
    pub text: String,
    /// Whether it fails the run.
    pub fails: bool,
}

/// A document that the run judged by.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct DocumentRecord {
    /// Its short name.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Where it can be read.
    pub url: String,
}

/// The schema of the record.
pub(super) const SCHEMA: &str = "tokenspec-report/1";

impl Record {
    /// A record that was written.
    ///
    /// # Errors
    /// Where it is no JSON, or has not the members of a record of this version.
    pub fn read(text: &[u8]) -> Result<Self, String> {
        let value: serde_json::Value =
            serde_json::from_slice(text).map_err(|error| error.to_string())?;
        match value.get("schema").and_then(serde_json::Value::as_str) {
            Some(SCHEMA) => serde_json::from_slice(text).map_err(|error| error.to_string()),
            Some(other) => Err(format!(
                "its schema is {other}, and this tokenspec reads {SCHEMA}"
            )),
            None => Err(format!("it has no schema; a report has {SCHEMA}")),
        }
    }

    /// The requirement of that id.
    #[must_use]
    pub fn requirement(&self, id: &str) -> Option<&RequirementRecord> {
        self.requirements.iter().find(|known| known.id == id)
    }

    /// The title of a document, or its short name.
    #[must_use]
    pub fn title_of<'r>(&'r self, document: &'r str) -> &'r str {
        self.documents
            .iter()
            .find(|known| known.id == document)
            .map_or(document, |known| known.title.as_str())
    }
}
