//! Access tokens, remembered as they were signed: a token that was altered is
//! one that nobody knows.

use tokio::time::Instant;

use super::{GrantId, Store};
use crate::clients::Client;
use crate::rules::{KnownBy, TokenRules};
use crate::scope::Scope;

/// An access token that was issued.
#[derive(Clone, Debug)]
pub(crate) struct AccessToken {
    pub(crate) client: &'static Client,
    pub(crate) grant: GrantId,
    pub(crate) subject: String,
    pub(crate) scope: Scope,
    /// What it is for, where a request said so.
    pub(crate) resources: Vec<String>,
    /// Seconds since 1970.
    pub(crate) issued_at: u64,
    pub(crate) expires_at: u64,
    pub(crate) expires: Instant,
    pub(crate) revoked: bool,
}

impl Store {
    /// Remembers a token that has just been signed.
    pub(crate) fn remember(&mut self, token: String, record: AccessToken) {
        self.sweep_sometimes();
        self.access_tokens.insert(token, record);
    }

    /// The token, if it is alive by the rules.
    pub(crate) fn live_access_token(
        &self,
        token: &str,
        rules: &TokenRules,
    ) -> Option<&AccessToken> {
        let known = self.access_token(token);
        let known = match rules.known_by {
            KnownBy::AllOfIt => known,
            KnownBy::Claims => known.or_else(|| self.unverified(token)),
            KnownBy::AllButOneCharacter => known.or_else(|| self.nearly(token)),
        };
        known.filter(|record| !rules.revocation_checked || self.is_unrevoked(record))
    }

    /// The token, if it was issued here and has not expired.
    pub(crate) fn access_token(&self, token: &str) -> Option<&AccessToken> {
        self.access_tokens
            .get(token)
            .filter(|record| record.expires > Instant::now())
    }

    /// The token that has that header and those claims, whatever its signature.
    fn unverified(&self, token: &str) -> Option<&AccessToken> {
        let (signed, _) = token.rsplit_once('.')?;
        self.access_tokens
            .iter()
            .find(|(known, _)| known.rsplit_once('.').is_some_and(|(own, _)| own == signed))
            .map(|(_, record)| record)
    }

    /// The token that differs from that in one character at most.
    fn nearly(&self, token: &str) -> Option<&AccessToken> {
        let differing = |known: &str| {
            std::iter::zip(known.bytes(), token.bytes())
                .filter(|(a, b)| a != b)
                .count()
        };
        self.access_tokens
            .iter()
            .find(|(known, _)| known.len() == token.len() && differing(known) <= 1)
            .map(|(_, record)| record)
    }

    /// Whether neither the token nor its grant has been revoked.
    fn is_unrevoked(&self, record: &AccessToken) -> bool {
        !record.revoked
            && self
                .grants
                .get(&record.grant)
                .is_some_and(|grant| !grant.access_revoked)
    }

    /// Ends one token alone.
    pub(crate) fn revoke_access_token(&mut self, token: &str) {
        if let Some(record) = self.access_tokens.get_mut(token) {
            record.revoked = true;
        }
    }
}
