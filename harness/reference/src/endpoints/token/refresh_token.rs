//! The refresh grant (RFC 6749 6, OpenID Connect Core 12).

use tokio::time::sleep;

use super::{grant, parse_scope};
use crate::answer::Answer;
use crate::clients::Client;
use crate::form::Form;
use crate::mistake::Mistake;
use crate::provider::Provider;
use crate::resources;
use crate::rules::{Renewal, WiderScope};
use crate::scope::Scope;
use crate::store::{Refresh, Refreshed};
use crate::tokens::{Issue, opaque, unix_now};

pub(super) async fn answer(
    provider: &Provider,
    client: &'static Client,
    form: &Form,
) -> Result<Answer, Mistake> {
    let rules = &provider.rules.refresh;
    let used = form.require("refresh_token")?;
    let asked = form.get("scope")?;
    let asked_for = resources::asked(provider, form)?;
    if !asked_for.is_empty() && !provider.rules.resource.with_refresh {
        return Err(Mistake::InvalidTarget);
    }
    let renewal = if client.is_public() {
        rules.public
    } else {
        rules.confidential
    };
    let renewal = match renewal {
        Renewal::RotatedOnce if provider.store().is_rotated(used) => Renewal::Repeated,
        other => other,
    };
    let new = opaque(rules.bytes)?;
    let at = unix_now();

    let refresh = Refresh {
        token: used,
        client,
    };
    let seen = if rules.race_window.is_zero() {
        None
    } else {
        let seen = provider.store().check_refresh(&refresh, rules)?;
        sleep(rules.race_window).await;
        Some(seen)
    };
    // Checked and renewed in one step, so that of two requests at once only one
    // rotates the token.
    let (refreshed, scope, resources) = {
        let mut store = provider.store();
        let refreshed = match seen {
            Some(seen) => seen,
            None => store.check_refresh(&refresh, rules)?,
        };
        let scope = scope(provider, asked, &refreshed)?;
        let resources = resources::narrowed(provider, asked_for, &refreshed.resources)?;
        store.renew(used, renewal, &new, at, rules);
        if rules.scope_sticks {
            let kept = match renewal {
                Renewal::Kept | Renewal::Repeated => used,
                Renewal::Rotated | Renewal::RotatedOnce => new.as_str(),
            };
            store.restrict_refresh_token(kept, &scope);
        }
        (refreshed, scope, resources)
    };
    let issue = Issue {
        client,
        scope: &scope,
        resources: &resources,
        login: refreshed.login.as_ref(),
        grant: refreshed.grant,
        nonce: None,
        code: None,
        refreshed: true,
        refresh_token: match renewal {
            Renewal::Kept => None,
            Renewal::Repeated => Some(used),
            Renewal::Rotated | Renewal::RotatedOnce => Some(&new),
        },
        at,
    };
    grant(provider, &issue)
}

/// What is asked for, which is no more than was granted, or else all of that.
fn scope(
    provider: &Provider,
    asked: Option<&str>,
    refreshed: &Refreshed,
) -> Result<Scope, Mistake> {
    let Some(asked) = asked else {
        return Ok(refreshed.scope.clone());
    };
    let asked = parse_scope(provider, asked)?;
    if asked.is_within(&refreshed.scope)
        || provider.rules.refresh.wider_scope == WiderScope::Granted
    {
        Ok(asked)
    } else {
        Err(Mistake::ExcessiveScope)
    }
}
