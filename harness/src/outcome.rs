//! What came of a trial: checks, verdicts, and the exchanges that they were made on.
//!
//! Values only. The run makes them; reports and snapshots read them.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::exchange::Offset;

/// The verdict of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// What was expected was seen.
    Pass,
    /// What a requirement that does not bind the server asks for was seen not to hold.
    Warn,
    /// It could not be found out.
    Errored,
    /// What a binding requirement demands was seen not to hold.
    Fail,
}

/// The verdict of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CaseVerdict {
    /// Everything that was judged passed.
    Passed,
    /// Something warned, nothing worse.
    Warned,
    /// The harness could not find out.
    Errored,
    /// A binding requirement was seen not to hold.
    Failed,
    /// It does not apply to this target.
    Skipped,
}

impl CaseVerdict {
    /// Its name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Warned => "warned",
            Self::Errored => "errored",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }
}

/// One expectation judged against one response.
#[derive(Debug, Clone)]
pub struct Check {
    /// The requirement that it judges; a precondition has none.
    pub requirement: Option<String>,
    /// Its verdict.
    pub verdict: Verdict,
    /// What was expected, as a phrase.
    pub expected: String,
    /// What came, as a phrase.
    pub actual: String,
    /// Why the vendor's profile excuses it.
    pub deviates: Option<String>,
    /// Which of the trial's exchanges it looked at; none where it looked at several.
    pub exchange: Option<usize>,
    /// The trials whose responses break it, where it is about the responses of all trials.
    pub broken_in: Vec<String>,
}

/// A request as it was sent.
#[derive(Debug, Clone, Default)]
pub struct SentRequest {
    /// The HTTP method.
    pub method: String,
    /// The whole URL.
    pub url: String,
    /// The headers that tokenspec set, in their order.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body; none for a request without one.
    pub body: Option<Bytes>,
    /// The parameters of the form, decoded; for templates.
    pub form: Vec<(String, String)>,
    /// The client assertions that were made for it: secrets, and good for one request.
    pub assertions: Vec<String>,
}

/// What came back, before anybody says whether it is right.
#[derive(Debug, Clone, Default)]
pub struct Observation {
    /// The status.
    pub status: u16,
    /// The headers, in their order. An observation is kept in several places, and so is shared.
    pub headers: Arc<[(String, Vec<u8>)]>,
    /// The body, up to 1 MiB.
    pub body: Bytes,
    /// Whether the body was longer.
    pub cut: bool,
    /// From the start of the request to the end of the body.
    pub duration: Duration,
    /// When the response had come, in seconds since the epoch.
    pub at: i64,
    /// What was known of the target's clock then.
    pub clock: Option<Offset>,
    /// Why it is no answer to the request: the server limits requests, or is overloaded.
    pub limited: Option<String>,
}

impl Observation {
    /// The first header of that name, whatever its case (RFC 9110 section 5.1), as text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<Cow<'_, str>> {
        let (_, value) = self
            .headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        Some(String::from_utf8_lossy(value))
    }

    /// When the response had come, by the target's clock where that is known.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "seconds since the epoch fit")]
    pub fn server_time(&self) -> f64 {
        self.at as f64 + self.clock.map_or(0.0, Offset::seconds)
    }
}

/// How a request was sent.
#[derive(Debug, Clone, Default)]
pub struct Way {
    /// The attempts before the last, each with why there was another.
    pub retried: Vec<String>,
    /// The headers of the configuration.
    pub headers: Vec<(String, Vec<u8>)>,
    /// What `curl` needs to send it so.
    pub options: Arc<Vec<String>>,
}

/// What an exchange was for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The case's own request.
    Case,
    /// The unchanged request.
    Control,
    /// To get what a case starts from.
    Acquire,
    /// To look whether a token is alive.
    Look,
    /// That of another trial, of whose response something is said.
    Elsewhere,
}

/// A request and what came of it.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// What it was for.
    pub purpose: Purpose,
    /// The step of the case.
    pub step: String,
    /// Whether it went to the token endpoint.
    pub token_endpoint: bool,
    /// The request.
    pub request: SentRequest,
    /// How it was sent.
    pub way: Way,
    /// The response, or why there is none.
    pub response: Result<Observation, String>,
}

/// What came of one trial.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The trial's name: `SUITE/CASE[axis,axis]`.
    pub trial: String,
    /// The suite's name.
    pub suite: String,
    /// The title, filled in.
    pub title: String,
    /// The verdict.
    pub verdict: CaseVerdict,
    /// Why it was skipped or errored.
    pub reason: Option<String>,
    /// What usually causes a failure.
    pub hint: Option<String>,
    /// Why the vendor's profile excuses the failure.
    pub deviates: Option<String>,
    /// Its checks.
    pub checks: Vec<Check>,
    /// What was sent and what came back.
    pub exchanges: Vec<Exchange>,
    /// How long it took.
    pub duration: Duration,
    /// What is worth telling although it bears on no verdict.
    pub notes: Vec<String>,
}

impl Outcome {
    /// The worst of the checks decides; a case without a check is errored, never passed.
    #[must_use]
    pub fn verdict_of(checks: &[Check]) -> CaseVerdict {
        match checks.iter().map(|check| check.verdict).max() {
            None | Some(Verdict::Errored) => CaseVerdict::Errored,
            Some(Verdict::Pass) => CaseVerdict::Passed,
            Some(Verdict::Warn) => CaseVerdict::Warned,
            Some(Verdict::Fail) => CaseVerdict::Failed,
        }
    }

    /// Why the vendor's profile excuses what came of the checks, where it excuses each of those that
    /// make the verdict `failed` or `warned`.
    #[must_use]
    pub fn deviation_of(checks: &[Check]) -> Option<String> {
        let worst = match Self::verdict_of(checks) {
            CaseVerdict::Failed => Verdict::Fail,
            CaseVerdict::Warned => Verdict::Warn,
            _ => return None,
        };
        let mut broken = checks.iter().filter(|check| check.verdict == worst);
        let first = broken.next()?.deviates.as_ref()?;
        broken
            .all(|check| check.deviates.is_some())
            .then(|| first.clone())
    }

    /// Whether it is a failure that nobody excuses.
    #[must_use]
    pub fn counts_as_failure(&self) -> bool {
        self.verdict == CaseVerdict::Failed && self.deviates.is_none()
    }
}
