//! `report.json`: the one record of a run. Everything in it is masked.

use std::time::Duration;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::catalogue::{Catalogue, Level};
use crate::config::{Implementation, Target};
use crate::exchange::curl;
use crate::outcome::{CaseVerdict, Check, Exchange, Outcome, Verdict};
use crate::plan::ActiveProfile;
use crate::secret::Vault;

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
    /// `passed`, `warned`, `failed` or `not-tested`.
    pub verdict: RequirementVerdict,
    /// The trials with a check of it.
    pub cases: Vec<String>,
}

/// A run that has ended.
#[derive(Debug)]
pub struct Finished<'f> {
    /// The catalogue.
    pub catalogue: &'f Catalogue,
    /// The target.
    pub target: &'f Target,
    /// What it was judged as.
    pub profile: &'f ActiveProfile,
    /// When it began.
    pub started: DateTime<Utc>,
    /// How long it took.
    pub duration: Duration,
    /// The trials, recorded and in their order.
    pub cases: Vec<CaseRecord>,
    /// Whether it was interrupted.
    pub interrupted: bool,
}

/// What an interruption means, in every report.
pub const INCOMPLETE: &str = "the run was interrupted: trials that were not run to their end are skipped, and \
                              the controls were not all made again";

/// The bytes as a masked body. Bytes are masked before they become Base64, where no mask could
/// find anything.
fn body(bytes: &[u8], vault: &Vault) -> Option<BodyRecord> {
    if bytes.is_empty() {
        return None;
    }
    let masked = vault.mask_bytes(bytes);
    Some(match std::str::from_utf8(&masked) {
        Ok(text) => BodyRecord::Text(text.to_owned()),
        Err(_) => BodyRecord::Base64(crate::secret::base64(&masked)),
    })
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// An outcome as it is recorded: masked.
#[must_use]
pub fn case(catalogue: &Catalogue, outcome: &Outcome, vault: &Vault) -> CaseRecord {
    let mask = |text: &str| vault.mask(text).into_owned();
    CaseRecord {
        id: outcome.trial.clone(),
        suite: outcome.suite.clone(),
        title: outcome.title.clone(),
        verdict: outcome.verdict,
        reason: outcome.reason.as_deref().map(mask),
        known: None,
        deviates: outcome.deviates.clone(),
        hint: outcome.hint.clone(),
        snapshot: None,
        duration_ms: milliseconds(outcome.duration),
        checks: outcome
            .checks
            .iter()
            .filter_map(|check| check_record(catalogue, check, &mask))
            .collect(),
        exchanges: outcome
            .exchanges
            .iter()
            .map(|exchange| exchange_record(exchange, vault))
            .collect(),
    }
}

fn check_record(
    catalogue: &Catalogue,
    check: &Check,
    mask: &dyn Fn(&str) -> String,
) -> Option<CheckRecord> {
    let requirement = catalogue.requirements.get(check.requirement.as_deref()?)?;
    Some(CheckRecord {
        requirement: requirement.id.clone(),
        document: catalogue.document_of(&requirement.id)?.id.clone(),
        section: requirement.section.clone(),
        level: requirement.level,
        verdict: check.verdict,
        expected: mask(&check.expected),
        actual: mask(&check.actual),
        deviates: check.deviates.clone(),
    })
}

fn exchange_record(exchange: &Exchange, vault: &Vault) -> ExchangeRecord {
    let mask = |text: &str| vault.mask(text).into_owned();
    let headers = |headers: &[(String, Vec<u8>)]| {
        headers
            .iter()
            .map(|(name, value)| {
                let value = vault.mask_bytes(value);
                (name.clone(), String::from_utf8_lossy(&value).into_owned())
            })
            .collect()
    };
    ExchangeRecord {
        step: exchange.step.clone(),
        request: RequestRecord {
            method: exchange.request.method.clone(),
            url: mask(&exchange.request.url),
            headers: headers(&exchange.request.headers),
            body: exchange
                .request
                .body
                .as_ref()
                .and_then(|bytes| body(bytes, vault)),
        },
        response: exchange
            .response
            .as_ref()
            .ok()
            .map(|observation| ResponseRecord {
                status: observation.status,
                headers: headers(&observation.headers),
                body: body(&observation.body, vault),
                duration_ms: milliseconds(observation.duration),
            }),
        error: exchange.response.as_ref().err().map(|why| mask(why)),
        curl: mask(&curl(&exchange.request, &exchange.way)),
        retried: exchange.way.retried.iter().map(|why| mask(why)).collect(),
    }
}

/// The schema of the record.
const SCHEMA: &str = "tokenspec-report/1";

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

    /// The record of a run that has ended.
    #[must_use]
    pub fn new(finished: Finished<'_>, vault: &Vault) -> Self {
        let Finished {
            catalogue,
            target,
            profile,
            started,
            duration,
            cases,
            interrupted,
        } = finished;
        let mask = |text: &String| vault.mask(text).into_owned();
        Self {
            schema: SCHEMA.into(),
            tool: ToolRecord {
                name: "tokenspec".into(),
                version: env!("CARGO_PKG_VERSION").into(),
                cases_digest: catalogue.digest.clone(),
            },
            implementation: target.implementation.clone(),
            target: TargetRecord {
                name: target.name.clone(),
                issuer: target.issuer.as_ref().map(mask),
                token_endpoint: target.endpoints.token.as_ref().map(mask),
                profile: profile.names.clone(),
                insecure: target.http.insecure.then(|| INSECURE.to_owned()),
            },
            started: started.to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
            duration_ms: milliseconds(duration),
            incomplete: interrupted.then(|| INCOMPLETE.to_owned()),
            summary: summary(&cases),
            requirements: requirements(catalogue, profile, &cases),
            cases,
        }
    }
}

fn summary(cases: &[CaseRecord]) -> Summary {
    let count = |verdict: CaseVerdict| cases.iter().filter(|case| case.verdict == verdict).count();
    Summary {
        total: cases.len(),
        passed: count(CaseVerdict::Passed),
        failed: count(CaseVerdict::Failed),
        warned: count(CaseVerdict::Warned),
        skipped: count(CaseVerdict::Skipped),
        errored: count(CaseVerdict::Errored),
        known: cases.iter().filter(|case| case.known.is_some()).count(),
        deviating: cases.iter().filter(|case| case.deviates.is_some()).count(),
    }
}

fn requirements(
    catalogue: &Catalogue,
    profile: &ActiveProfile,
    cases: &[CaseRecord],
) -> Vec<RequirementRecord> {
    let mut records: indexmap::IndexMap<&str, RequirementRecord> = catalogue
        .requirements
        .values()
        .filter(|requirement| requirement.testable() && profile.counts(catalogue, &requirement.id))
        .map(|requirement| {
            let record = RequirementRecord {
                id: requirement.id.clone(),
                document: catalogue
                    .document_of(&requirement.id)
                    .map_or(String::new(), |document| document.id.clone()),
                section: requirement.section.clone(),
                level: requirement.level,
                verdict: RequirementVerdict::NotTested,
                cases: Vec::new(),
            };
            (requirement.id.as_str(), record)
        })
        .collect();
    for case in cases {
        for check in &case.checks {
            let Some(record) = records.get_mut(check.requirement.as_str()) else {
                continue;
            };
            // The checks of a case stand together.
            if record.cases.last() != Some(&case.id) {
                record.cases.push(case.id.clone());
            }
            record.verdict = record.verdict.max(match check.verdict {
                Verdict::Pass => RequirementVerdict::Passed,
                Verdict::Warn => RequirementVerdict::Warned,
                Verdict::Fail => RequirementVerdict::Failed,
                Verdict::Errored => RequirementVerdict::NotTested,
            });
        }
    }
    records.into_values().collect()
}

/// The record as JSON.
pub(super) fn json(record: &Record) -> Result<String, String> {
    serde_json::to_string_pretty(record)
        .map(|text| text + "\n")
        .map_err(|error| error.to_string())
}
