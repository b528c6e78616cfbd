//! A login by a one-time password: extension grants of the vendor whose page they stand on. Their
//! parameters come as a JSON object, those of all other grants as a form.

use axum::http::Method;
use axum::http::header::CONTENT_TYPE;
use serde_json::Value;

use super::log_in::log_in;
use crate::answer::{Answer, Members};
use crate::clients::{Client, GrantType};
use crate::context::Context;
use crate::form::Form;
use crate::mistake::Mistake;
use crate::provider::Provider;
use crate::users::Channel;

pub(super) fn answer(
    provider: &Provider,
    client: &'static Client,
    form: &Form,
    channel: Channel,
) -> Result<Answer, Mistake> {
    let source = form.require("auth_source_id")?;
    let address = form.require(channel.parameter())?;
    let token = form.require("otp_token")?;
    let code = form.require("otp")?;
    let sent = provider.dialect().sent_codes();
    if !sent.iter().any(|sent| sent.source == source) {
        return Err(Mistake::UnknownAuthSource);
    }
    let sent = sent
        .iter()
        .find(|sent| sent.token == token)
        .ok_or(Mistake::UnknownOtpToken)?;
    if sent.channel != channel || sent.source != source || sent.address != address {
        return Err(Mistake::OtpMismatch);
    }
    if sent.code != code {
        return Err(Mistake::WrongOtp);
    }
    let scope = client.user_scope.iter().copied().take(1).collect();
    log_in(provider, client, sent.subject, scope)
}

/// Reads a JSON object into the context, where these grants are served and it is one.
pub(super) fn reads_json(provider: &Provider, context: &mut Context) -> Result<bool, Mistake> {
    let served = provider.rules.grant_type.further.iter();
    let is_json = context.request.method == Method::POST
        && context
            .request
            .header(&CONTENT_TYPE)
            .is_some_and(|label| label.starts_with("application/json"));
    if !is_json || !served.copied().any(is_of_these) {
        return Ok(false);
    }
    let members: Members =
        serde_json::from_slice(&context.request.body).map_err(|_| Mistake::MediaType)?;
    let pairs = members.into_iter().filter_map(|(name, value)| match value {
        Value::String(text) => Some((name, text)),
        _ => None,
    });
    context.form = Form::of_pairs(pairs.collect(), provider.rules.request);
    Ok(true)
}

/// Whether the body is of the kind that the grant takes.
pub(super) fn check_body(
    provider: &Provider,
    grant: GrantType,
    is_json: bool,
) -> Result<(), Mistake> {
    if is_of_these(grant) == is_json || !provider.rules.request.media_type_checked {
        Ok(())
    } else {
        Err(Mistake::MediaType)
    }
}

fn is_of_these(grant: GrantType) -> bool {
    matches!(grant, GrantType::OneTimePassword(_))
}
