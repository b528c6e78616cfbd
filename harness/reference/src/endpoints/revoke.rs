//! Token revocation (RFC 7009).

use axum::http::StatusCode;

use super::client_authentication::authenticate;
use super::read_form;
use crate::answer::Answer;
use crate::context::Context;
use crate::mistake::Mistake;
use crate::provider::Provider;

const PARAMETERS: [&str; 2] = ["token", "token_type_hint"];

pub(super) fn answer(provider: &Provider, context: &mut Context) -> Result<Answer, Mistake> {
    let rules = &provider.rules.revocation;
    read_form(provider, context)?;
    let client = match authenticate(provider, context) {
        Ok(client) => Some(client),
        Err(_) if !rules.authentication_required => None,
        Err(mistake) => return Err(mistake),
    };
    context.form.refuse_repeated(&PARAMETERS)?;
    let token = context.form.require("token")?;
    let hint = context.form.get("token_type_hint")?;
    let is_known = matches!(hint, None | Some("access_token" | "refresh_token"));
    if rules.unknown_hint_refused && !is_known {
        return Err(Mistake::Unknown);
    }
    let hint = hint.filter(|_| !rules.hint_ignored);
    let revoked = Answer::empty(StatusCode::OK).uncached();

    let mut store = provider.store();
    let refresh = store
        .refresh_token(token)
        .filter(|_| hint != Some("access_token"));
    let access = store
        .access_token(token)
        .filter(|_| hint != Some("refresh_token"));
    let owner = match (refresh, access) {
        (Some(refresh), _) => refresh.client,
        (None, Some(access)) => access.client,
        (None, None) if rules.unknown_accepted => return Ok(revoked),
        (None, None) => return Err(Mistake::UnknownRefreshToken),
    };
    if rules.owner_checked && client.is_some_and(|client| client.id != owner.id) {
        return Err(Mistake::TokenOfAnother);
    }
    if refresh.is_none() && !rules.access_tokens {
        return Err(Mistake::UnsupportedTokenType);
    }
    if !rules.effective {
        return Ok(revoked);
    }
    let ended = access
        .filter(|_| rules.ends_grant)
        .map(|access| access.grant);
    match refresh.map(|refresh| refresh.grant).or(ended) {
        Some(grant) if rules.cascades && rules.access_tokens => store.revoke_grant(grant),
        Some(grant) => store.revoke_refresh_of(grant),
        None => store.revoke_access_token(token),
    }
    Ok(revoked)
}
