//! Makes the record of a run out of what came of its trials. Here everything is masked, once.

use std::time::Duration;

use chrono::{DateTime, Utc};
use indexmap::IndexMap;

use super::record::{
    BodyRecord, CaseRecord, CheckRecord, DocumentRecord, ExchangeRecord, INCOMPLETE, INSECURE,
    NoticeRecord, Record, RequestRecord, RequirementRecord, RequirementVerdict, ResponseRecord,
    SCHEMA, ShardRecord, Summary, TargetRecord, ToolRecord,
};
use crate::catalogue::Catalogue;
use crate::config::Target;
use crate::exchange::curl;
use crate::outcome::{CaseVerdict, Check, Exchange, Outcome, Verdict};
use crate::plan::ActiveProfile;
use crate::secret::Vault;

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
    /// Whether a broken SHOULD fails the run.
    pub strict: bool,
    /// What is to be said beside the trials.
    pub notices: Vec<NoticeRecord>,
    /// What a part of a run keeps.
    pub shard: Option<ShardRecord>,
}

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
        exchange: check.exchange,
        broken_in: check.broken_in.clone(),
    })
}

pub(super) fn exchange_record(exchange: &Exchange, vault: &Vault) -> ExchangeRecord {
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

impl Record {
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
            strict,
            notices,
            shard,
        } = finished;
        let mask = |text: &String| vault.mask(text).into_owned();
        let mut requirements = requirements(catalogue, profile);
        judge(&mut requirements, &cases);
        Self {
            schema: SCHEMA.into(),
            tool: ToolRecord {
                name: "tokenspec".into(),
                version: env!("CARGO_PKG_VERSION").into(),
                cases_digest: catalogue.digest(),
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
            documents: documents(catalogue, &requirements),
            requirements,
            cases,
            strict,
            notices,
            shard,
        }
    }
}

pub(super) fn summary(cases: &[CaseRecord]) -> Summary {
    let count = |verdict: CaseVerdict| cases.iter().filter(|case| case.verdict == verdict).count();
    Summary {
        total: cases.len(),
        passed: count(CaseVerdict::Passed),
        failed: count(CaseVerdict::Failed),
        warned: count(CaseVerdict::Warned),
        skipped: count(CaseVerdict::Skipped),
        errored: count(CaseVerdict::Errored),
        known: cases.iter().filter(|case| case.known.is_some()).count(),
        deviating: cases
            .iter()
            .filter(|case| case.verdict == CaseVerdict::Failed && case.deviates.is_some())
            .count(),
    }
}

/// The requirements that count, not yet judged.
fn requirements(catalogue: &Catalogue, profile: &ActiveProfile) -> Vec<RequirementRecord> {
    catalogue
        .requirements
        .values()
        .filter(|requirement| requirement.testable() && profile.counts(catalogue, &requirement.id))
        .map(|requirement| {
            let document = catalogue.document_of(&requirement.id);
            RequirementRecord {
                id: requirement.id.clone(),
                document: document.map_or(String::new(), |document| document.id.clone()),
                section: requirement.section.clone(),
                level: requirement.level,
                party: requirement.party,
                verified: requirement.verified,
                statement: requirement.statement.clone(),
                url: document.map_or(String::new(), |document| {
                    document.section_url(&requirement.section)
                }),
                verdict: RequirementVerdict::NotTested,
                cases: Vec::new(),
            }
        })
        .collect()
}

/// What the trials say of the requirements, in place of what was said before.
pub(super) fn judge(requirements: &mut [RequirementRecord], cases: &[CaseRecord]) {
    let mut records: IndexMap<String, &mut RequirementRecord> = requirements
        .iter_mut()
        .map(|record| {
            record.verdict = RequirementVerdict::NotTested;
            record.cases.clear();
            (record.id.clone(), record)
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
}

/// The documents of the requirements, in their order.
fn documents(catalogue: &Catalogue, requirements: &[RequirementRecord]) -> Vec<DocumentRecord> {
    let mut documents: Vec<DocumentRecord> = Vec::new();
    for requirement in requirements {
        if documents
            .iter()
            .any(|known| known.id == requirement.document)
        {
            continue;
        }
        if let Some(document) = catalogue.document_of(&requirement.id) {
            documents.push(DocumentRecord {
                id: document.id.clone(),
                title: document.title.clone(),
                url: document.url.clone(),
            });
        }
    }
    documents
}
