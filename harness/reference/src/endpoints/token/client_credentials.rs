//! The client credentials grant (RFC 6749 4.4).

use tokio::time::Instant;

use super::{grant, parse_scope};
use crate::answer::Answer;
use crate::clients::Client;
use crate::form::Form;
use crate::mistake::Mistake;
use crate::provider::Provider;
use crate::resources;
use crate::scope::Scope;
use crate::store::RefreshToken;
use crate::tokens::{Issue, opaque, unix_now};

pub(super) fn answer(
    provider: &Provider,
    client: &'static Client,
    form: &Form,
) -> Result<Answer, Mistake> {
    let rules = &provider.rules;
    let scope = scope(provider, client, form.get("scope")?)?;
    let resources = resources::asked(provider, form)?;
    let scope = resources::scope_of(provider, &resources, scope)?;
    let at = unix_now();
    let now = Instant::now();
    let id = provider
        .store()
        .open_grant(None, now + rules.token.access_lifetime());
    let mut refresh_token = None;
    if rules.grant_type.client_credentials_refreshable {
        let value = opaque(rules.refresh.bytes)?;
        let token = RefreshToken {
            client,
            grant: id,
            scope: scope.clone(),
            resources: resources.clone(),
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
        resources: &resources,
        login: None,
        grant: id,
        nonce: None,
        code: None,
        refreshed: false,
        refresh_token: refresh_token.as_deref(),
        at,
    };
    grant(provider, &issue)
}

/// What is asked for, of what the client has; or else its default.
fn scope(provider: &Provider, client: &Client, asked: Option<&str>) -> Result<Scope, Mistake> {
    let rules = &provider.rules.scope;
    let Some(asked) = asked else {
        if rules.required {
            return Err(Mistake::Missing("scope"));
        }
        let tokens = if rules.default_is_everything {
            usize::MAX
        } else {
            1
        };
        return Ok(client.own_scope.iter().copied().take(tokens).collect());
    };
    let asked = parse_scope(provider, asked)?;
    let is_same = |own: &str, token: &str| {
        own == token || !rules.case_sensitive && own.eq_ignore_ascii_case(token)
    };
    let may_have = |token: &str| client.own_scope.iter().any(|own| is_same(own, token));
    let within = asked.iter().all(may_have);
    if within || !rules.unknown_refused {
        Ok(asked)
    } else if rules.unknown_ignored {
        // What the client may have; where that is nothing, its default.
        let left = asked.iter().filter(|token| may_have(token)).count();
        match left {
            0 => Ok(client.own_scope.iter().copied().take(1).collect()),
            _ => Ok(asked.intersection(client.own_scope)),
        }
    } else {
        Err(Mistake::ExcessiveScope)
    }
}
