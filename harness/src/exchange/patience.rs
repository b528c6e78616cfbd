//! What is sent again: a request that was answered 429 or 503 after the time that its `Retry-After`
//! asks for, a few times; and one that cannot have been acted on, once.

use std::time::Duration;

use super::failure::Reached;
use crate::outcome::Observation;

/// How often a request is sent again because the server asks for it.
pub const TIMES: usize = 3;
/// The longest that is waited at a time.
pub const LONGEST: Duration = Duration::from_secs(30);

/// What may be done with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// It changes nothing at the server: it may be sent again where its connection was closed.
    Safe,
    /// It may change something: it is sent again only where it was not acted on for certain.
    Once,
    /// It is one of several at once, and nothing of that is to be disturbed: it is sent once.
    Burst,
}

impl Manner {
    /// What a method says (RFC 9110 section 9.2.1).
    pub fn of(method: &str) -> Self {
        match method {
            "GET" | "HEAD" | "OPTIONS" => Self::Safe,
            _ => Self::Once,
        }
    }

    /// Whether a request that came so far may be sent again.
    pub fn allows(self, reached: Reached) -> bool {
        match reached {
            Reached::NoConnection => self != Self::Burst,
            Reached::NoAnswer => self == Self::Safe,
            Reached::Further => false,
        }
    }
}

/// What a server that limits requests asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Limit {
    /// To come again, after that time.
    After(Duration),
    /// To come again after a time that is not waited for, or does not say when.
    No(String),
}

/// Whether the answer is a limit: 429 (RFC 6585 section 4) or 503 (RFC 9110 section 15.6.4).
/// `now` is the server's time, which a date in `Retry-After` (RFC 9110 section 10.2.3) is compared
/// with.
pub fn limit(observation: &Observation, now: f64) -> Option<Limit> {
    let status = observation.status;
    if !matches!(status, 429 | 503) {
        return None;
    }
    let remedy = if status == 429 {
        "; set `http.max-requests-per-second`, or --jobs lower"
    } else {
        ""
    };
    let Some(text) = observation.header("retry-after") else {
        return Some(Limit::No(format!(
            "answered {status} without a Retry-After, so the request was not judged{remedy}"
        )));
    };
    Some(match wait(text.trim(), now) {
        Some(wait) if wait <= LONGEST => Limit::After(wait),
        Some(wait) => Limit::No(format!(
            "answered {status}, to come again after {} (Retry-After), and tokenspec waits {} at the \
             most{remedy}",
            humantime::format_duration(Duration::from_secs(wait.as_secs())),
            humantime::format_duration(LONGEST),
        )),
        None => Limit::No(format!(
            "answered {status} with a Retry-After that is neither a number of seconds nor a date, so the \
             request was not judged{remedy}"
        )),
    })
}

/// What is said where the server still limits after all attempts.
pub fn gave_up(status: u16, retried: usize) -> String {
    let remedy = "set `http.max-requests-per-second`, or --jobs lower";
    match retried {
        0 => format!(
            "answered {status} with a Retry-After that was not waited for, since the server went on like \
             that for another request; {remedy}"
        ),
        _ => format!(
            "answered {status}, and again each of {retried} times after its Retry-After; {remedy}"
        ),
    }
}

#[allow(clippy::cast_precision_loss, reason = "seconds since the epoch fit")]
fn wait(text: &str, now: f64) -> Option<Duration> {
    if !text.is_empty() && text.chars().all(|c| c.is_ascii_digit()) {
        // More digits than fit are a very long time.
        let seconds = text.parse().unwrap_or(u64::from(u32::MAX));
        return Some(Duration::from_secs(seconds.min(u64::from(u32::MAX))));
    }
    let date = chrono::DateTime::parse_from_rfc2822(text).ok()?;
    Some(Duration::from_secs_f64(
        (date.timestamp() as f64 - now).clamp(0.0, f64::from(u32::MAX)),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(status: u16, after: Option<&str>) -> Observation {
        let value = after.map(|text| ("Retry-After".to_owned(), text.as_bytes().to_vec()));
        Observation {
            status,
            headers: value.into_iter().collect(),
            ..Observation::default()
        }
    }

    #[test]
    fn seconds_and_dates_are_waited_for() {
        let after = |text| limit(&answered(429, Some(text)), 10.0);
        assert_eq!(after("2"), Some(Limit::After(Duration::from_secs(2))));
        let date = "Thu, 01 Jan 1970 00:00:17 GMT";
        assert_eq!(after(date), Some(Limit::After(Duration::from_secs(7))));
        let past = "Thu, 01 Jan 1970 00:00:01 GMT";
        assert_eq!(after(past), Some(Limit::After(Duration::ZERO)));
        assert_eq!(limit(&answered(400, Some("2")), 10.0), None);
    }

    #[test]
    fn a_year_is_not_waited_for_nor_what_cannot_be_read() {
        for (text, words) in [
            ("31557600", "after 1year"),
            ("99999999999999999999999999", "and tokenspec waits 30s"),
            ("Fri, 01 Jan 1971 00:00:00 GMT", "to come again after"),
            ("soon", "neither a number of seconds nor a date"),
            ("-1", "neither a number of seconds nor a date"),
        ] {
            let Some(Limit::No(why)) = limit(&answered(503, Some(text)), 10.0) else {
                panic!("{text} is waited for");
            };
            assert!(why.contains(words), "{text}: {why}");
        }
        let Some(Limit::No(why)) = limit(&answered(429, None), 10.0) else {
            panic!("nothing is waited for");
        };
        assert!(why.contains("without a Retry-After"), "{why}");
    }

    #[test]
    fn only_what_changes_nothing_is_sent_twice() {
        assert_eq!(Manner::of("GET"), Manner::Safe);
        assert_eq!(Manner::of("POST"), Manner::Once);
        assert!(Manner::Safe.allows(Reached::NoAnswer));
        assert!(!Manner::Once.allows(Reached::NoAnswer));
        assert!(Manner::Once.allows(Reached::NoConnection));
        assert!(!Manner::Burst.allows(Reached::NoConnection));
        assert!(!Manner::Safe.allows(Reached::Further));
    }
}
