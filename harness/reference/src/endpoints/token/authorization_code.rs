//! The code grant (RFC 6749 4.1.3, OpenID Connect Core 3.1.3).

use tokio::time::{Instant, sleep};

use super::grant;
use crate::answer::Answer;
use crate::clients::{Client, GrantType};
use crate::form::Form;
use crate::mistake::Mistake;
use crate::provider::Provider;
use crate::resources;
use crate::store::{Redeemed, Redemption, RefreshToken};
use crate::tokens::{Issue, opaque, unix_now};

pub(super) async fn answer(
    provider: &Provider,
    client: &'static Client,
    form: &Form,
) -> Result<Answer, Mistake> {
    let redemption = Redemption {
        code: form.require("code")?,
        client,
        redirect_uri: form.get("redirect_uri")?,
        verifier: form.get("code_verifier")?,
    };
    let asked = resources::asked(provider, form)?;
    let at = unix_now();
    let refresh_token = match client.may_use(GrantType::RefreshToken) {
        true => Some(opaque(provider.rules.refresh.bytes)?),
        false => None,
    };
    let Redeemed { grant: id, code } =
        redeem(provider, &redemption, refresh_token.as_deref(), at, &asked).await?;
    let resources = resources::narrowed(provider, asked, &code.resources)?;
    let issue = Issue {
        client,
        scope: &code.scope,
        resources: &resources,
        login: Some(&code.login),
        grant: id,
        nonce: code.nonce.as_deref(),
        code: Some(redemption.code),
        refreshed: false,
        refresh_token: refresh_token.as_deref(),
        at,
    };
    grant(provider, &issue)
}

/// Checks the code and marks it as used, in one step, so that of two requests
/// at once only one succeeds.
async fn redeem(
    provider: &Provider,
    redemption: &Redemption<'_>,
    refresh_token: Option<&str>,
    at: u64,
    asked: &[String],
) -> Result<Redeemed, Mistake> {
    let rules = &provider.rules;
    if !rules.code.race_window.is_zero() {
        provider.store().check_code(redemption, rules)?;
        sleep(rules.code.race_window).await;
    }
    let mut store = provider.store();
    if rules.code.race_window.is_zero() {
        store.check_code(redemption, rules)?;
    }
    let now = Instant::now();
    let redeemed = store.use_code(redemption.code, now + rules.token.access_lifetime())?;
    if let Some(value) = refresh_token {
        let token = RefreshToken {
            client: redemption.client,
            grant: redeemed.grant,
            scope: redeemed.code.scope.clone(),
            resources: if rules.resource.refresh_keeps_all || asked.is_empty() {
                redeemed.code.resources.clone()
            } else {
                asked.to_vec()
            },
            issued_at: at,
            expires: now + rules.refresh.lifetime,
            rotated: false,
            superseded: false,
        };
        store.add_refresh_token(value.to_owned(), token);
    }
    Ok(redeemed)
}
