//! A part of a run: `--shard K/N`.
//!
//! Where a trial belongs follows from its name alone, so that adding a case moves no other, and
//! every machine that has the same cases agrees without asking another.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{Phase, Trial};

/// The K-th of N parts, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Shard {
    /// Which one, from 1.
    pub index: u32,
    /// How many there are.
    pub of: u32,
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let numbers = text
            .split_once('/')
            .and_then(|(index, of)| Some((sum(index)?, of.parse().ok()?)));
        match numbers {
            Some((index, of)) if 1 <= index && index <= of => Ok(Self { index, of }),
            Some((0, _)) => Err("shards are counted from 1: 1/4 is the first of four".into()),
            _ => Err("write it as K/N with K from 1 to N, as 2/4".into()),
        }
    }
}

/// A number, or a sum of some: runners that count from 0 say `0+1`.
fn sum(text: &str) -> Option<u32> {
    text.split('+')
        .try_fold(0_u32, |sum, number| sum.checked_add(number.parse().ok()?))
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.of)
    }
}

impl Shard {
    /// Whether a trial is in this part. Trials over all responses are in each: each judges what it
    /// saw, and the merge judges again.
    #[must_use]
    pub fn has(self, trial: &Trial) -> bool {
        trial.phase == Phase::EveryResponse || self.has_name(&trial.name)
    }

    fn has_name(self, name: &str) -> bool {
        let digest = Sha256::digest(name.as_bytes());
        let mut first = [0; 8];
        first.copy_from_slice(&digest[..8]);
        u64::from_be_bytes(first) % u64::from(self.of) == u64::from(self.index - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_written_as_k_of_n() {
        assert_eq!("2/4".parse(), Ok(Shard { index: 2, of: 4 }));
        assert_eq!("0+1/4".parse(), Ok(Shard { index: 1, of: 4 }));
        for wrong in [
            "0/4", "5/4", "1/0", "1", "a/b", "1/2/3", "-1/2", "1+/2", "3+1/3",
        ] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn each_name_is_in_one_part_and_the_parts_are_about_even() {
        let names: Vec<String> = (0..3000).map(|n| format!("suite/case[{n}]")).collect();
        for of in [1, 2, 3, 7, 16] {
            let mut sum = 0;
            for index in 1..=of {
                let shard = Shard { index, of };
                let count = names.iter().filter(|name| shard.has_name(name)).count();
                let fair = names.len() as f64 / f64::from(of);
                assert!(
                    (count as f64 - fair).abs() < 5.0 * fair.sqrt(),
                    "{shard}: {count}"
                );
                sum += count;
            }
            assert_eq!(sum, names.len());
        }
    }

    /// Another release, another machine: the same part.
    #[test]
    fn where_a_name_belongs_does_not_change() {
        let of = |name: &str| {
            (1..=5).find(|index| {
                Shard {
                    index: *index,
                    of: 5,
                }
                .has_name(name)
            })
        };
        assert_eq!(of("authorization_code/exchange/grants-tokens"), Some(2));
        assert_eq!(of("refresh_token/rotation/replay"), Some(4));
    }
}
