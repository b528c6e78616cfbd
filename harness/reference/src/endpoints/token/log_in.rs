//! What a user's own login at the token endpoint gives: the tokens that a code would.

use tokio::time::Instant;

use super::grant;
use crate::answer::Answer;
use crate::clients::{Client, GrantType};
use crate::mistake::Mistake;
use crate::provider::Provider;
use crate::scope::Scope;
use crate::store::{Login, RefreshToken};
use crate::tokens::{Issue, opaque, unix_now};

pub(super) fn log_in(
    provider: &Provider,
    client: &'static Client,
    subject: &str,
    scope: Scope,
) -> Result<Answer, Mistake> {
    let rules = &provider.rules;
    let at = unix_now();
    let now = Instant::now();
    let login = Login {
        subject: subject.to_owned(),
        auth_time: at,
        auth_time_requested: false,
    };
    let id = provider
        .store()
        .open_grant(Some(login.clone()), now + rules.token.access_lifetime());
    let mut refresh_token = None;
    if client.may_use(GrantType::RefreshToken) {
        let value = opaque(rules.refresh.bytes)?;
        let token = RefreshToken {
            client,
            grant: id,
            scope: scope.clone(),
            resources: Vec::new(),
            issued_at: at,
            expires: now + rules.refresh.lifetime,
            rotated: false,
            superseded: false,
        };
        provider.store().add_refresh_token(value.clone(), token);
        refresh_token = Some(value);
    }
    let issue = Issue {
        client,
        scope: &scope,
        resources: &[],
        login: Some(&login),
        grant: id,
        nonce: None,
        code: None,
        refreshed: false,
        refresh_token: refresh_token.as_deref(),
        at,
    };
    grant(provider, &issue)
}
