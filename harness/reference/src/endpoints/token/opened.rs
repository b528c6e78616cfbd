//! A grant that the token endpoint opens by itself, without a code: its tokens, and a refresh token
//! where there is to be one.

use tokio::time::Instant;

use super::grant;
use crate::answer::Answer;
use crate::clients::Client;
use crate::mistake::Mistake;
use crate::provider::Provider;
use crate::scope::Scope;
use crate::store::{Login, RefreshToken};
use crate::tokens::{Issue, opaque};

/// What the grant is for.
pub(super) struct Opened<'a> {
    pub client: &'static Client,
    pub scope: &'a Scope,
    pub resources: &'a [String],
    /// The user; none where the client acts for itself.
    pub login: Option<&'a Login>,
    pub refreshable: bool,
    /// Seconds since the epoch.
    pub at: u64,
}

impl Opened<'_> {
    /// Opens it, and gives its tokens.
    pub fn grant(&self, provider: &Provider) -> Result<Answer, Mistake> {
        let rules = &provider.rules;
        let now = Instant::now();
        let id = provider
            .store()
            .open_grant(self.login.cloned(), now + rules.token.access_lifetime());
        let mut refresh_token = None;
        if self.refreshable {
            let value = opaque(rules.refresh.bytes)?;
            let token = RefreshToken {
                client: self.client,
                grant: id,
                scope: self.scope.clone(),
                resources: self.resources.to_vec(),
                issued_at: self.at,
                expires: now + rules.refresh.lifetime,
                rotated: false,
                superseded: false,
            };
            provider.store().add_refresh_token(value.clone(), token);
            refresh_token = Some(value);
        }
        let issue = Issue {
            client: self.client,
            scope: self.scope,
            resources: self.resources,
            login: self.login,
            grant: id,
            nonce: None,
            code: None,
            refreshed: false,
            refresh_token: refresh_token.as_deref(),
            at: self.at,
        };
        grant(provider, &issue)
    }
}
