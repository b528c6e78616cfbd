//! Token introspection (RFC 7662). Any confidential client may ask about any
//! token, as a resource server would.

use axum::http::StatusCode;
use serde_json::json;

use super::client_authentication::authenticate;
use super::{read_form, userinfo};
use crate::answer::{Answer, Members};
use crate::context::Context;
use crate::mistake::Mistake;
use crate::provider::Provider;
use crate::rules::Inactive;
use crate::store::AccessToken;

const PARAMETERS: [&str; 2] = ["token", "token_type_hint"];

pub(super) fn answer(provider: &Provider, context: &mut Context) -> Result<Answer, Mistake> {
    let rules = &provider.rules.introspection;
    read_form(provider, context)?;
    match caller(provider, context) {
        Some(true) => {}
        Some(false) => return Ok(userinfo::invalid_token()),
        None => authorize(provider, context)?,
    }
    context.form.refuse_repeated(&PARAMETERS)?;
    let token = context.form.require("token")?;
    let hint = context
        .form
        .get("token_type_hint")?
        .filter(|_| !rules.hint_ignored);
    let members = match describe(provider, token, hint) {
        Some(members) => members,
        None => match rules.inactive {
            Inactive::Bare => Members::from_iter([("active".to_owned(), json!(false))]),
            Inactive::Explained => Members::from_iter([
                ("active".to_owned(), json!(false)),
                (
                    "reason".to_owned(),
                    json!("the token is unknown, expired or revoked"),
                ),
            ]),
            Inactive::Refused => return Err(Mistake::UnknownRefreshToken),
        },
    };
    Ok(Answer::json(StatusCode::OK, provider.dialect().media_type(), members).uncached())
}

/// Whether the caller's bearer token is a live one of a confidential client's own (RFC 7662 2.1);
/// none where there is no such token.
fn caller(provider: &Provider, context: &Context) -> Option<bool> {
    let token = userinfo::bearer_token(&context.request)?;
    let store = provider.store();
    let is_live =
        |record: &AccessToken| !record.client.is_public() && store.login_of(record.grant).is_none();
    Some(
        store
            .live_access_token(token, &provider.rules.token)
            .is_some_and(is_live),
    )
}

/// Any confidential client may ask.
fn authorize(provider: &Provider, context: &mut Context) -> Result<(), Mistake> {
    match authenticate(provider, context) {
        Ok(client) if !client.is_public() => Ok(()),
        _ if !provider.rules.introspection.authentication_required => Ok(()),
        Ok(_) => Err(Mistake::NoCredentials),
        Err(mistake) => Err(mistake),
    }
}

/// What is known of a token that is active.
fn describe(provider: &Provider, token: &str, hint: Option<&str>) -> Option<Members> {
    let rules = &provider.rules;
    let store = provider.store();
    let access = store
        .live_access_token(token, &rules.token)
        .filter(|_| hint != Some("refresh_token"));
    let mut members = Members::new();
    let mut tell = |name: &str, value| members.insert(name.to_owned(), value);
    tell("active", json!(true));
    if let Some(record) = access {
        tell("iss", json!(provider.issuer));
        tell("sub", json!(record.subject));
        tell("client_id", json!(record.client.id));
        tell("scope", json!(record.scope.to_string()));
        tell("token_type", json!("Bearer"));
        if !record.resources.is_empty() {
            tell("aud", json!(record.resources));
        }
        tell("iat", json!(record.issued_at));
        tell("exp", json!(record.expires_at));
        return Some(members);
    }
    let record = store
        .refresh_token(token)
        .filter(|_| hint != Some("access_token"))
        .filter(|record| {
            !rules.introspection.revocation_checked || store.is_usable(record, &rules.refresh)
        })?;
    tell("iss", json!(provider.issuer));
    tell(
        "sub",
        json!(
            store
                .login_of(record.grant)
                .map_or(record.client.id, |login| &login.subject)
        ),
    );
    tell("client_id", json!(record.client.id));
    tell("scope", json!(record.scope.to_string()));
    tell("iat", json!(record.issued_at));
    Some(members)
}
