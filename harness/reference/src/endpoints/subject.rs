//! Whom an authorization request is about. One of two users is logged in, as
//! `login_hint` says; where the request insists on somebody else, there is no
//! code (OpenID Connect Core 3.1.2.2).

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use serde_json::Value;

use super::authorize::{Refusal, invalid_request, refusal};
use crate::form::Form;
use crate::provider::Provider;

/// What the `claims` parameter asks of the ID Token (OpenID Connect Core 5.5).
#[derive(Debug, Default)]
pub(super) struct Wanted {
    /// The only subject that will do.
    subject: Option<String>,
    /// `auth_time` is essential.
    pub(super) auth_time: bool,
    /// One of these authentication contexts is essential; the server has none.
    acr: bool,
    /// A claim that the server does not have is essential.
    pub(super) unknown: bool,
}

/// The claims that can be had.
const KNOWN: [&str; 3] = ["sub", "auth_time", "acr"];

impl Wanted {
    pub(super) fn read(form: &Form) -> Result<Self, Refusal> {
        let malformed = invalid_request("claims is malformed");
        let Some(text) = form.get("claims").map_err(|_| malformed)? else {
            return Ok(Self::default());
        };
        let claims: Value = serde_json::from_str(text).map_err(|_| malformed)?;
        if !claims.is_object() {
            return Err(malformed);
        }
        let of_id_token = &claims["id_token"];
        let is_essential = |claim: &str| of_id_token[claim]["essential"] == true;
        let acr = &of_id_token["acr"];
        Ok(Self {
            subject: of_id_token["sub"]["value"].as_str().map(str::to_owned),
            auth_time: is_essential("auth_time"),
            unknown: of_id_token.as_object().is_some_and(|claims| {
                claims
                    .keys()
                    .any(|name| is_essential(name) && !KNOWN.contains(&name.as_str()))
            }),
            acr: is_essential("acr") && (acr["values"].is_array() || acr["value"].is_string()),
        })
    }
}

/// The user who is logged in, if that is whom the request wants.
pub(super) fn choose(
    provider: &Provider,
    form: &Form,
    wanted: &Wanted,
) -> Result<&'static str, Refusal> {
    let repeated = invalid_request("a parameter is repeated");
    let users = provider.dialect().users();
    let hint = form.get("login_hint").map_err(|_| repeated)?;
    let user = users
        .iter()
        .find(|user| Some(user.subject) == hint)
        .or(users.first())
        .map(|user| user.subject)
        .unwrap_or_default();
    if !provider.rules.authorization.requested_subject_kept {
        return Ok(user);
    }
    let hinted = match form.get("id_token_hint").map_err(|_| repeated)? {
        Some(token) => {
            Some(subject_of(token).ok_or(invalid_request("id_token_hint is malformed"))?)
        }
        None => None,
    };
    let another =
        |subject: &Option<String>| subject.as_deref().is_some_and(|subject| subject != user);
    if another(&hinted) || another(&wanted.subject) {
        return Err(refusal("login_required", "another user is logged in"));
    }
    if wanted.acr {
        return Err(refusal(
            "access_denied",
            "the authentication context cannot be had",
        ));
    }
    Ok(user)
}

/// The subject of an ID Token. Whether it is genuine does not matter: a hint
/// can only lead to a refusal.
fn subject_of(id_token: &str) -> Option<String> {
    let claims = BASE64_URL_SAFE_NO_PAD
        .decode(id_token.split('.').nth(1)?)
        .ok()?;
    let claims: Value = serde_json::from_slice(&claims).ok()?;
    claims["sub"].as_str().map(str::to_owned)
}
