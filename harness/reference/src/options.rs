//! What a caller chooses before the server starts.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use crate::faults::Fault;

/// Takes one line for each request: method, path and status.
pub type Log = Arc<dyn Fn(&str) + Send + Sync>;

/// Whose behaviour the server has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Personality {
    /// RFC 6749, RFC 9700 and OpenID Connect Core to the letter.
    #[default]
    Standard,
    /// Tencent Cloud CIAM as its documentation shows it.
    Ciam,
}

impl Personality {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::Standard, Self::Ciam];

    /// The name that [`FromStr`] reads.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Ciam => "ciam",
        }
    }
}

impl fmt::Display for Personality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Personality {
    type Err = UnknownPersonality;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|personality| personality.name() == name)
            .ok_or_else(|| UnknownPersonality(name.to_owned()))
    }
}

/// The name is that of no [`Personality`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownPersonality(String);

impl fmt::Display for UnknownPersonality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no personality is called {:?}; there are", self.0)?;
        for (i, personality) in Personality::ALL.into_iter().enumerate() {
            write!(f, "{} {personality}", if i == 0 { "" } else { " and" })?;
        }
        Ok(())
    }
}

impl std::error::Error for UnknownPersonality {}

/// How a server is started.
#[derive(Clone, Default)]
pub struct Options {
    /// Whose behaviour it has.
    pub personality: Personality,
    /// The port on 127.0.0.1; 0 takes any that is free.
    pub port: u16,
    /// The deviations that are switched on.
    pub faults: Vec<&'static Fault>,
    /// How long each answer is held back.
    pub latency: Duration,
    /// How long a code lives, where it is not as long as the personality has it.
    pub code_lifetime: Option<Duration>,
    /// Told of each request; never of a secret or a token.
    pub log: Option<Log>,
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("personality", &self.personality)
            .field("port", &self.port)
            .field(
                "faults",
                &self
                    .faults
                    .iter()
                    .map(|fault| fault.name)
                    .collect::<Vec<_>>(),
            )
            .field("latency", &self.latency)
            .field("code_lifetime", &self.code_lifetime)
            .finish_non_exhaustive()
    }
}
