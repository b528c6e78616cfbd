//! The client credentials grant (RFC 6749 4.4).

use super::opened::Opened;
use super::parse_scope;
use crate::answer::Answer;
use crate::clients::Client;
use crate::form::Form;
use crate::mistake::Mistake;
use crate::provider::Provider;
use crate::resources;
use crate::scope::Scope;
use crate::tokens::unix_now;

pub(super) fn answer(
    provider: &Provider,
    client: &'static Client,
    form: &Form,
) -> Result<Answer, Mistake> {
    let scope = scope(provider, client, form.get("scope")?)?;
    let resources = resources::asked(provider, form)?;
    let scope = resources::scope_of(provider, &resources, scope)?;
    let opened = Opened {
        client,
        scope: &scope,
        resources: &resources,
        login: None,
        refreshable: provider.rules.grant_type.client_credentials_refreshable,
        at: unix_now(),
    };
    opened.grant(provider)
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
