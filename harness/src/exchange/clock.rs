//! The target's clock, as its `Date` headers tell it (RFC 9110 section 6.6.1).
//!
//! A `Date` is a whole second, cut off, of some moment between the sending of the request and the
//! coming of the answer. So one answer tells the difference of the clocks to one second and a round
//! trip; many answers, each at another fraction of a second, tell it better.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use crate::outcome::Observation;

/// How far the target's clock is ahead of ours.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Offset {
    /// The least that it can be, in seconds.
    pub least: f64,
    /// The most.
    pub most: f64,
}

impl Offset {
    /// The middle.
    #[must_use]
    pub fn seconds(self) -> f64 {
        f64::midpoint(self.least, self.most)
    }

    /// How far from the middle the truth can be.
    #[must_use]
    pub fn uncertainty(self) -> f64 {
        (self.most - self.least) / 2.0
    }

    /// By how much the clocks differ at the least.
    #[must_use]
    pub fn apart(self) -> f64 {
        (self.seconds().abs() - self.uncertainty()).max(0.0)
    }
}

impl fmt::Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, give) = (self.seconds(), self.uncertainty());
        if seconds.abs() <= give {
            return write!(f, "the target's clock is ours, give or take {give:.1} s");
        }
        let side = if seconds > 0.0 { "ahead of" } else { "behind" };
        let apart = seconds.abs();
        write!(
            f,
            "the target's clock is {apart:.1} s {side} ours, give or take {give:.1} s"
        )
    }
}

/// What is known of the target's clock so far.
#[derive(Debug, Default)]
pub struct Clock {
    known: Mutex<Option<Offset>>,
}

impl Clock {
    /// Takes in the `Date` of an answer to a request that was sent and answered at these moments of
    /// our clock, in seconds since the epoch. Returns what is known now.
    #[allow(clippy::cast_precision_loss, reason = "seconds since the epoch fit")]
    pub fn observe(&self, date: Option<i64>, sent: f64, answered: f64) -> Option<Offset> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(date) = date {
            let seen = Offset {
                least: date as f64 - answered,
                most: date as f64 + 1.0 - sent,
            };
            *known = Some(match *known {
                Some(before) => together(before, seen),
                None => seen,
            });
        }
        *known
    }

    /// What is known.
    #[must_use]
    pub fn offset(&self) -> Option<Offset> {
        *self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What both say. Where they contradict each other (a clock was set, or there are several servers),
/// it can be anything that either says.
fn together(a: Offset, b: Offset) -> Offset {
    let both = Offset {
        least: a.least.max(b.least),
        most: a.most.min(b.most),
    };
    if both.least <= both.most {
        both
    } else {
        Offset {
            least: a.least.min(b.least),
            most: a.most.max(b.most),
        }
    }
}

/// The `Date` of an answer, in seconds since the epoch.
#[must_use]
pub fn date(observation: &Observation) -> Option<i64> {
    let date = chrono::DateTime::parse_from_rfc2822(&observation.header("date")?).ok()?;
    Some(date.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_answer_tells_a_second_and_a_round_trip() {
        let clock = Clock::default();
        assert_eq!(clock.observe(None, 100.0, 100.2), None);
        let offset = clock.observe(Some(105), 100.0, 100.2).unwrap();
        assert!((offset.uncertainty() - 0.6).abs() < 1e-9);
        assert!(offset.least < 5.0 && 5.9 < offset.most);
        assert_eq!(
            offset.to_string(),
            "the target's clock is 5.4 s ahead of ours, give or take 0.6 s"
        );
    }

    #[test]
    fn more_answers_tell_it_better_and_contradictions_worse() {
        let clock = Clock::default();
        // The clocks are the same: late in a second, and early in the next.
        clock.observe(Some(100), 100.9, 100.9);
        let offset = clock.observe(Some(101), 101.1, 101.1).unwrap();
        assert!(offset.uncertainty() < 0.51, "{offset:?}");
        assert!(offset.least <= 0.0 && 0.0 <= offset.most);
        let offset = clock.observe(Some(3000), 102.0, 102.0).unwrap();
        assert!(offset.uncertainty() > 1000.0, "{offset:?}");
        assert!(offset.apart() < 1.0, "nothing can be said: {offset:?}");
    }

    #[test]
    fn a_date_is_read_whatever_the_case_of_its_name() {
        let answer = |value: &str| Observation {
            headers: std::sync::Arc::new([("Date".to_owned(), value.as_bytes().to_vec())]),
            ..Observation::default()
        };
        assert_eq!(date(&answer("Thu, 01 Jan 1970 00:00:07 GMT")), Some(7));
        assert_eq!(date(&answer("yesterday")), None);
    }
}
