//! Refresh tokens: bound to a client and to the scope of their grant, and for
//! public clients rotated, with reuse ending the family (RFC 6749 6, RFC 9700
//! 4.14.2).

use tokio::time::Instant;

use super::{GrantId, Login, Store};
use crate::clients::Client;
use crate::mistake::Mistake;
use crate::rules::{RefreshRules, Renewal};
use crate::scope::Scope;

/// A refresh token that was issued.
#[derive(Clone, Debug)]
pub(crate) struct RefreshToken {
    pub(crate) client: &'static Client,
    pub(crate) grant: GrantId,
    pub(crate) scope: Scope,
    /// What tokens may be asked for with it (RFC 8707 2.2).
    pub(crate) resources: Vec<String>,
    pub(crate) issued_at: u64,
    pub(crate) expires: Instant,
    /// It has taken the place of another.
    pub(crate) rotated: bool,
    /// A rotation has put another in its place.
    pub(crate) superseded: bool,
}

/// A request to use a refresh token.
#[derive(Debug)]
pub(crate) struct Refresh<'a> {
    pub(crate) token: &'a str,
    pub(crate) client: &'static Client,
}

/// What a refresh token stands for.
#[derive(Clone, Debug)]
pub(crate) struct Refreshed {
    pub(crate) grant: GrantId,
    /// All that may be asked for.
    pub(crate) scope: Scope,
    pub(crate) resources: Vec<String>,
    pub(crate) login: Option<Login>,
}

impl Store {
    pub(crate) fn add_refresh_token(&mut self, value: String, token: RefreshToken) {
        self.sweep_sometimes();
        if let Some(grant) = self.grants.get_mut(&token.grant) {
            grant.expires = grant.expires.max(token.expires);
        }
        self.refresh_tokens.insert(value, token);
    }

    /// Checks that the token is alive and the client's.
    pub(crate) fn check_refresh(
        &mut self,
        refresh: &Refresh<'_>,
        rules: &RefreshRules,
    ) -> Result<Refreshed, Mistake> {
        let by_half = || {
            let half = refresh.token.get(..16).filter(|_| rules.first_half_does)?;
            self.refresh_tokens
                .iter()
                .find_map(|(value, token)| value.starts_with(half).then_some(token))
        };
        let Some(token) = self.refresh_tokens.get(refresh.token).or_else(by_half) else {
            return self.check_access_token_as_refresh(refresh, rules);
        };
        let (grant_id, superseded) = (token.grant, token.superseded);
        if rules.bound_to_client && token.client.id != refresh.client.id {
            return Err(Mistake::RefreshTokenOfAnother);
        }
        if token.expires <= Instant::now() {
            return Err(Mistake::ExpiredRefreshToken);
        }
        let scope = token.scope.clone();
        let resources = token.resources.clone();
        let grant = self
            .grants
            .get(&grant_id)
            .ok_or(Mistake::ExpiredRefreshToken)?;
        if grant.refresh_revoked && rules.revocation_checked {
            return Err(Mistake::RevokedRefreshToken);
        }
        let login = grant.login.clone();
        if superseded && rules.superseded_refused {
            if rules.reuse_revokes {
                self.revoke_grant(grant_id);
            }
            return Err(Mistake::ReusedRefreshToken);
        }
        Ok(Refreshed {
            grant: grant_id,
            scope,
            resources,
            login,
        })
    }

    /// Renews the token that was used: it lives on from now, or the new value
    /// takes its place.
    pub(crate) fn renew(
        &mut self,
        used: &str,
        renewal: Renewal,
        new: &str,
        at: u64,
        rules: &RefreshRules,
    ) {
        let expires = Instant::now() + rules.lifetime;
        let Some(token) = self.refresh_tokens.get_mut(used) else {
            return;
        };
        match renewal {
            Renewal::Kept | Renewal::Repeated => {
                token.expires = expires;
                let token = token.clone();
                self.add_refresh_token(used.to_owned(), token);
            }
            Renewal::Rotated | Renewal::RotatedOnce => {
                let successor = RefreshToken {
                    issued_at: at,
                    expires,
                    rotated: true,
                    superseded: false,
                    ..token.clone()
                };
                token.superseded = true;
                self.add_refresh_token(new.to_owned(), successor);
            }
        }
    }

    /// Lets a token give no more than the scope from now on.
    pub(crate) fn restrict_refresh_token(&mut self, value: &str, scope: &Scope) {
        if let Some(token) = self.refresh_tokens.get_mut(value) {
            token.scope = scope.clone();
        }
    }

    /// The token, if it was issued here and has not expired.
    pub(crate) fn refresh_token(&self, value: &str) -> Option<&RefreshToken> {
        self.refresh_tokens
            .get(value)
            .filter(|token| token.expires > Instant::now())
    }

    /// Whether the token has taken the place of another.
    pub(crate) fn is_rotated(&self, value: &str) -> bool {
        self.refresh_token(value).is_some_and(|token| token.rotated)
    }

    /// Whether the token can still be used, by the rules.
    pub(crate) fn is_usable(&self, token: &RefreshToken, rules: &RefreshRules) -> bool {
        let is_revoked = self
            .grants
            .get(&token.grant)
            .is_none_or(|grant| grant.refresh_revoked);
        let is_dead =
            token.superseded && rules.superseded_refused || is_revoked && rules.revocation_checked;
        !is_dead
    }

    /// Whom a grant is from.
    pub(crate) fn login_of(&self, grant: GrantId) -> Option<&Login> {
        self.grants.get(&grant)?.login.as_ref()
    }

    fn check_access_token_as_refresh(
        &self,
        refresh: &Refresh<'_>,
        rules: &RefreshRules,
    ) -> Result<Refreshed, Mistake> {
        let token = self
            .access_token(refresh.token)
            .filter(|token| rules.access_token_accepted && token.client.id == refresh.client.id)
            .ok_or(Mistake::UnknownRefreshToken)?;
        let login = self.login_of(token.grant).cloned();
        Ok(Refreshed {
            grant: token.grant,
            scope: token.scope.clone(),
            resources: token.resources.clone(),
            login,
        })
    }
}
