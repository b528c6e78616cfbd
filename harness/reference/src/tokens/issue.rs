//! Issuing: which tokens a grant gives, and remembering them.

use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::digest;
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use tokio::time::Instant;

use super::draft::{Draft, TokenKind};
use super::keys::SigningFailed;
use crate::clients::Client;
use crate::provider::Provider;
use crate::scope::Scope;
use crate::store::{AccessToken, GrantId, Login};

/// What tokens are issued for.
#[derive(Debug)]
pub(crate) struct Issue<'a> {
    pub(crate) client: &'static Client,
    pub(crate) scope: &'a Scope,
    /// The login of the user; a client that acts for itself has none.
    pub(crate) login: Option<&'a Login>,
    pub(crate) grant: GrantId,
    /// The nonce of the authorization request, on its first exchange.
    pub(crate) nonce: Option<&'a str>,
    /// The code that is exchanged.
    pub(crate) code: Option<&'a str>,
    /// What the access token is asked for (RFC 8707).
    pub(crate) resources: &'a [String],
    /// By a refresh token.
    pub(crate) refreshed: bool,
    /// The refresh token to be told.
    pub(crate) refresh_token: Option<&'a str>,
    /// When, in seconds since 1970.
    pub(crate) at: u64,
}

/// What an answer with tokens tells.
#[derive(Debug)]
pub(crate) struct Issued<'a> {
    pub(crate) access_token: String,
    pub(crate) id_token: Option<String>,
    pub(crate) refresh_token: Option<&'a str>,
    pub(crate) scope: &'a Scope,
    pub(crate) expires_in: u64,
}

impl Issue<'_> {
    /// Whom the tokens are about: the user, or else the client itself.
    pub(crate) fn subject(&self) -> &str {
        self.login.map_or(self.client.id, |login| &login.subject)
    }

    /// Whether the scope makes it an OpenID Connect grant.
    fn wants_id_token(&self, provider: &Provider) -> bool {
        self.login.is_some()
            && (self.scope.contains("openid") || provider.rules.token.id_token_always)
    }
}

impl Provider {
    /// Signs the tokens and remembers them as alive.
    pub(crate) fn issue<'a>(&self, issue: &Issue<'a>) -> Result<Issued<'a>, SigningFailed> {
        let draft = self.dialect().access_token(self, issue)?;
        let mut access_token = self.seal(draft, issue)?;
        let mut id_token = if issue.wants_id_token(self) {
            let mut draft = Draft::new(TokenKind::Id, "JWT");
            self.dialect()
                .id_token(self, issue, &access_token, &mut draft)?;
            Some(self.seal(draft, issue)?)
        } else {
            None
        };
        if self.rules.refresh.repeats_tokens {
            let pair = (access_token.clone(), id_token.clone());
            (access_token, id_token) = self.store().first_tokens(issue.grant, pair);
        }
        self.store().remember(
            access_token.clone(),
            AccessToken {
                client: issue.client,
                grant: issue.grant,
                subject: issue.subject().to_owned(),
                scope: issue.scope.clone(),
                resources: issue.resources.to_vec(),
                issued_at: issue.at,
                expires_at: issue.at + self.rules.token.access_lifetime,
                expires: Instant::now() + self.rules.token.access_lifetime(),
                revoked: false,
            },
        );
        Ok(Issued {
            access_token,
            id_token,
            refresh_token: issue.refresh_token,
            scope: issue.scope,
            expires_in: self.rules.token.expires_in,
        })
    }

    fn seal(&self, mut draft: Draft, issue: &Issue<'_>) -> Result<String, SigningFailed> {
        self.faults.change_token(&mut draft, issue);
        if draft.kind == TokenKind::Id {
            draft.suit(issue.client.id_token_alg);
        }
        draft.sealed(issue.client.secret.unwrap_or_default())
    }
}

/// The base64url form of the left half of a token's hash (OpenID Connect Core
/// 3.1.3.6).
pub(crate) fn left_half_hash(token: &str) -> String {
    let hash = digest::digest(&digest::SHA256, token.as_bytes());
    let (left, _) = hash.as_ref().split_at(hash.as_ref().len() / 2);
    BASE64_URL_SAFE_NO_PAD.encode(left)
}

/// Seconds since 1970.
pub(crate) fn unix_now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}
