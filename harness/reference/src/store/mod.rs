//! What the server remembers: codes, refresh tokens, access tokens and the
//! grants that tie them together. All of it lives behind one lock, so that what
//! is checked and what is marked as used are one step.

mod access_tokens;
mod codes;
mod refresh_tokens;

use std::collections::{HashMap, HashSet};

use tokio::time::Instant;

pub(crate) use access_tokens::AccessToken;
pub(crate) use codes::{Challenge, Code, Redeemed, Redemption, is_code_verifier};
pub(crate) use refresh_tokens::{Refresh, RefreshToken, Refreshed};

/// How many insertions pass between two sweeps of what has expired.
const SWEEP_EVERY: u64 = 4096;

/// How many nonces are remembered.
const NONCES: usize = 4096;

/// All that is remembered.
#[derive(Debug, Default)]
pub(crate) struct Store {
    codes: HashMap<String, Code>,
    refresh_tokens: HashMap<String, RefreshToken>,
    access_tokens: HashMap<String, AccessToken>,
    grants: HashMap<GrantId, Grant>,
    /// The access and ID Token that each grant gave first, where they are to be repeated.
    first: HashMap<GrantId, (String, Option<String>)>,
    /// The nonces of authorization requests.
    nonces: HashSet<String>,
    /// The client assertions that were used, by client and jti.
    assertions: HashSet<String>,
    insertions: u64,
}

/// Names a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct GrantId(pub(crate) u64);

/// What a user, or a client for itself, has once been granted. Its tokens live
/// as long as it is not revoked.
#[derive(Clone, Debug)]
struct Grant {
    login: Option<Login>,
    access_revoked: bool,
    refresh_revoked: bool,
    expires: Instant,
}

/// A user's authentication.
#[derive(Clone, Debug)]
pub(crate) struct Login {
    pub(crate) subject: String,
    /// Seconds since 1970.
    pub(crate) auth_time: u64,
    /// The authorization request asked for the time.
    pub(crate) auth_time_requested: bool,
}

impl Store {
    /// Opens a grant that lives at least until the instant.
    pub(crate) fn open_grant(&mut self, login: Option<Login>, until: Instant) -> GrantId {
        self.sweep_sometimes();
        let id = GrantId(self.insertions);
        let grant = Grant {
            login,
            access_revoked: false,
            refresh_revoked: false,
            expires: until,
        };
        self.grants.insert(id, grant);
        id
    }

    /// The access and ID Token that the grant gave first: these, if it has given none.
    pub(crate) fn first_tokens(
        &mut self,
        grant: GrantId,
        tokens: (String, Option<String>),
    ) -> (String, Option<String>) {
        self.first.entry(grant).or_insert(tokens).clone()
    }

    /// Whether nobody has used that nonce before.
    pub(crate) fn first_use_of(&mut self, nonce: &str) -> bool {
        if self.nonces.len() >= NONCES {
            self.nonces.clear();
        }
        self.nonces.insert(nonce.to_owned())
    }

    /// Whether nobody has used that client assertion before.
    pub(crate) fn first_use_of_assertion(&mut self, assertion: String) -> bool {
        if self.assertions.len() >= NONCES {
            self.assertions.clear();
        }
        self.assertions.insert(assertion)
    }

    /// Ends a grant with all its tokens.
    pub(crate) fn revoke_grant(&mut self, id: GrantId) {
        self.revoke_access_of(id);
        self.revoke_refresh_of(id);
    }

    /// Ends every grant of the user whose grant that is.
    pub(crate) fn revoke_all_of_user(&mut self, id: GrantId) {
        let subject = |grant: &Grant| grant.login.as_ref().map(|login| login.subject.clone());
        let user = self.grants.get(&id).and_then(subject);
        for grant in self.grants.values_mut() {
            if user.is_some() && subject(grant) == user {
                grant.access_revoked = true;
                grant.refresh_revoked = true;
            }
        }
    }

    pub(crate) fn revoke_access_of(&mut self, id: GrantId) {
        if let Some(grant) = self.grants.get_mut(&id) {
            grant.access_revoked = true;
        }
    }

    pub(crate) fn revoke_refresh_of(&mut self, id: GrantId) {
        if let Some(grant) = self.grants.get_mut(&id) {
            grant.refresh_revoked = true;
        }
    }

    /// Drops what has expired, now and then.
    fn sweep_sometimes(&mut self) {
        self.insertions += 1;
        if !self.insertions.is_multiple_of(SWEEP_EVERY) {
            return;
        }
        let now = Instant::now();
        self.grants.retain(|_, grant| grant.expires > now);
        self.access_tokens.retain(|_, token| token.expires > now);
        self.refresh_tokens.retain(|_, token| token.expires > now);
        let grants = &self.grants;
        self.codes.retain(|_, code| match code.used_for {
            Some(grant) => grants.contains_key(&grant),
            None => code.expires.is_none_or(|expires| expires > now),
        });
    }
}
