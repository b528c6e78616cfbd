//! A response as the judge reads it: parsed once, whatever its label says.

use std::sync::OnceLock;

use serde_json::{Map, Value};

use crate::outcome::Observation;

/// A response, with its body read as JSON.
#[derive(Debug, Clone)]
pub struct Response {
    /// What was observed.
    pub observation: Observation,
    json: OnceLock<Option<Value>>,
}

/// Statuses that an HTTP server gives before an OAuth endpoint has looked at a request: not found,
/// wrong method, too slow, too large, an unsupported media type, too many requests and the like.
const BEFORE_THE_ENDPOINT: &[u16] = &[404, 405, 408, 411, 413, 414, 415, 417, 421, 426, 429, 431];

/// Whether the status is one of an OAuth error (RFC 6749 section 5.2), not of the HTTP server
/// before the endpoint.
#[must_use]
pub fn is_oauth_error(status: u16) -> bool {
    (400..500).contains(&status) && !BEFORE_THE_ENDPOINT.contains(&status)
}

impl Response {
    /// The response that was observed.
    #[must_use]
    pub const fn new(observation: Observation) -> Self {
        Self {
            observation,
            json: OnceLock::new(),
        }
    }

    /// A response with this status and body, for tests.
    #[cfg(test)]
    #[must_use]
    pub fn of(status: u16, body: &str) -> Self {
        Self::new(Observation {
            status,
            body: body.as_bytes().to_vec().into(),
            ..Observation::default()
        })
    }

    /// The body as JSON; none where it is none or was cut.
    #[must_use]
    pub fn json(&self) -> Option<&Value> {
        self.json
            .get_or_init(|| {
                if self.observation.cut {
                    return None;
                }
                serde_json::from_slice(&self.observation.body).ok()
            })
            .as_ref()
    }

    /// The body as a JSON object.
    #[must_use]
    pub fn object(&self) -> Option<&Map<String, Value>> {
        self.json().and_then(Value::as_object)
    }

    /// A member of the JSON body.
    #[must_use]
    pub fn json_member(&self, name: &str) -> Option<&Value> {
        self.object().and_then(|object| object.get(name))
    }

    /// A member of the JSON body that is a text.
    #[must_use]
    pub fn text_member(&self, name: &str) -> Option<&str> {
        self.json_member(name).and_then(Value::as_str)
    }

    /// Whether any token is in the body.
    #[must_use]
    pub fn has_token(&self) -> bool {
        ["access_token", "refresh_token", "id_token"]
            .iter()
            .any(|name| self.text_member(name).is_some_and(|text| !text.is_empty()))
    }

    /// Whether it says that it succeeded: a 2xx that speaks, with a body that is no error. What it
    /// speaks may still be wrong: a form in place of JSON, or no token in it. An empty 200 or a
    /// login page says nothing.
    #[must_use]
    pub fn succeeded(&self) -> bool {
        if !(200..300).contains(&self.observation.status) {
            return false;
        }
        match self.json() {
            Some(Value::Object(members)) => {
                !members.is_empty() && members.get("error").is_none_or(Value::is_null)
            }
            Some(Value::Array(items)) => !items.is_empty(),
            Some(_) => false,
            None => String::from_utf8_lossy(&self.observation.body).contains("access_token"),
        }
    }

    /// Whether it gave an access token: a 2xx with one in it.
    #[must_use]
    pub fn granted(&self) -> bool {
        (200..300).contains(&self.observation.status)
            && self
                .text_member("access_token")
                .is_some_and(|text| !text.is_empty())
    }

    /// Whether it refused: a 4xx without a token.
    #[must_use]
    pub fn refused(&self) -> bool {
        (400..500).contains(&self.observation.status) && !self.has_token()
    }

    /// When it was given: by its own `Date`, else by what other answers told of the target's clock,
    /// else by ours.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "seconds since the epoch fit")]
    pub fn moment(&self) -> Moment {
        let seen = &self.observation;
        let round_trip = seen.duration.as_secs_f64();
        if let Some(date) = crate::exchange::date(seen) {
            return Moment {
                time: date as f64,
                give: 1.0 + round_trip,
                clock: "the answer's Date",
            };
        }
        match seen.clock {
            Some(offset) => Moment {
                time: seen.server_time().round(),
                give: offset.uncertainty() + 0.5 + round_trip,
                clock: "the target's clock, as other answers tell it",
            },
            None => Moment {
                time: seen.at as f64,
                give: 1.0 + round_trip,
                clock: "this machine's clock, since no answer has a Date",
            },
        }
    }

    /// All field lines of a header as texts; bytes that are no text are replaced.
    #[must_use]
    pub fn header(&self, name: &str) -> Vec<String> {
        self.observation
            .headers
            .iter()
            .filter(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| String::from_utf8_lossy(value).into_owned())
            .collect()
    }
}

/// A moment, and by which clock.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// Seconds since the epoch.
    pub time: f64,
    /// How many seconds it may be off: those of a cut-off second, and the round trip.
    pub give: f64,
    /// Whose clock says so.
    pub clock: &'static str,
}

impl std::fmt::Display for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} ± {:.0} s by {}",
            self.time,
            self.give.ceil(),
            self.clock
        )
    }
}
