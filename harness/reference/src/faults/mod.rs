//! Faults: deviations that a real server could have, each a named entry of a
//! table, switched on alone or with others.
//!
//! A fault breaks one thing, and all else still holds. It says which
//! requirements it breaks, so that a case which judges one of them has to
//! catch it. A fault takes hold through [hooks](hook): no endpoint asks whether
//! it is on. The tables are grouped by topic, one file each.

mod access_tokens;
mod authorization;
mod ciam;
mod ciam_endpoints;
mod ciam_grants;
mod client_assertions;
mod client_authentication;
mod codes;
mod discovery;
mod errors;
mod grants;
mod hook;
mod id_tokens;
mod introspection;
mod openid;
mod pkce;
mod redirect_uris;
mod refresh_tokens;
mod requests;
mod resources;
mod responses;
mod revocation;
mod scope;
mod userinfo;
mod variations;

use std::fmt;
use std::sync::LazyLock;

use crate::options::Personality;

pub(crate) use hook::Faults;
use hook::{Hook, Telling};
pub use variations::{variation, variations};

/// One deviation.
#[derive(Clone, Copy)]
pub struct Fault {
    /// What it is called: words in kebab-case that say what the server does.
    pub name: &'static str,
    /// What the server does, as a sentence.
    pub does: &'static str,
    /// The requirements that this breaks.
    pub breaks: &'static [&'static str],
    /// The personality under which it shows.
    pub personality: Personality,
    hooks: &'static [Hook],
}

static FAULTS: LazyLock<Vec<Fault>> = LazyLock::new(|| {
    [
        requests::FAULTS,
        client_authentication::FAULTS,
        client_assertions::FAULTS,
        grants::FAULTS,
        authorization::FAULTS,
        codes::FAULTS,
        redirect_uris::FAULTS,
        pkce::FAULTS,
        refresh_tokens::FAULTS,
        scope::FAULTS,
        responses::FAULTS,
        errors::FAULTS,
        access_tokens::FAULTS,
        id_tokens::FAULTS,
        discovery::FAULTS,
        openid::FAULTS,
        introspection::FAULTS,
        revocation::FAULTS,
        resources::FAULTS,
        userinfo::FAULTS,
        ciam::FAULTS,
        ciam_grants::FAULTS,
        ciam_endpoints::FAULTS,
    ]
    .concat()
});

/// All faults there are, by topic.
pub fn faults() -> &'static [Fault] {
    &FAULTS
}

/// The fault of that name.
pub fn fault(name: &str) -> Option<&'static Fault> {
    faults().iter().find(|fault| fault.name == name)
}

impl Fault {
    /// A fault that shows under `standard`.
    const fn new(
        name: &'static str,
        does: &'static str,
        breaks: &'static [&'static str],
        hooks: &'static [Hook],
    ) -> Self {
        Self {
            name,
            does,
            breaks,
            personality: Personality::Standard,
            hooks,
        }
    }

    /// A fault that shows under `ciam`.
    const fn ciam(
        name: &'static str,
        does: &'static str,
        breaks: &'static [&'static str],
        hooks: &'static [Hook],
    ) -> Self {
        Self {
            personality: Personality::Ciam,
            ..Self::new(name, does, breaks, hooks)
        }
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fault")
            .field("name", &self.name)
            .field("breaks", &self.breaks)
            .finish_non_exhaustive()
    }
}
