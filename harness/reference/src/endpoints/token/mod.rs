//! The token endpoint (RFC 6749 3.2). The order of its checks: method, media
//! type and encoding; the client; the grant type; that each parameter is there
//! once; and then what the grant itself asks for.

mod authorization_code;
mod client_credentials;
mod log_in;
mod one_time_password;
mod opened;
mod password;
mod refresh_token;

use axum::http::StatusCode;

use super::client_authentication::authenticate;
use super::read_form;
use crate::answer::Answer;
use crate::clients::{Client, GrantType};
use crate::context::Context;
use crate::form::Form;
use crate::mistake::Mistake;
use crate::provider::Provider;
use crate::scope::Scope;
use crate::tokens::Issue;

/// The parameters that the vendor's further grants read.
const FURTHER: [&str; 5] = [
    "auth_source_id",
    "phone_number",
    "email",
    "otp_token",
    "otp",
];

/// The parameters that the endpoint reads; others are ignored.
const PARAMETERS: [&str; 12] = [
    "grant_type",
    "client_id",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
    "code",
    "redirect_uri",
    "code_verifier",
    "refresh_token",
    "scope",
    "username",
    "password",
];

pub(super) async fn answer(provider: &Provider, context: &mut Context) -> Result<Answer, Mistake> {
    let is_json = one_time_password::reads_json(provider, context)?;
    if !is_json {
        read_form(provider, context)?;
    }
    let client = authenticate(provider, context)?;
    let grant_type = grant_type(provider, &context.form)?;
    context.grant_type = Some(grant_type);
    one_time_password::check_body(provider, grant_type, is_json)?;
    check_registration(provider, client, grant_type)?;

    let form = &context.form;
    form.refuse_repeated(&PARAMETERS)?;
    if !provider.rules.grant_type.further.is_empty() {
        form.refuse_repeated(&FURTHER)?;
    }
    if !provider.rules.request.unknown_ignored && form.has_other_than(&PARAMETERS) {
        return Err(Mistake::Unknown);
    }
    match grant_type {
        GrantType::AuthorizationCode => authorization_code::answer(provider, client, form).await,
        GrantType::RefreshToken => refresh_token::answer(provider, client, form).await,
        GrantType::ClientCredentials => client_credentials::answer(provider, client, form),
        GrantType::Password => password::answer(provider, client, form),
        GrantType::OneTimePassword(channel) => {
            one_time_password::answer(provider, client, form, channel)
        }
    }
}

fn grant_type(provider: &Provider, form: &Form) -> Result<GrantType, Mistake> {
    let rules = &provider.rules.grant_type;
    let value = match form.get("grant_type")? {
        None if rules.defaults_to_code => return Ok(GrantType::AuthorizationCode),
        None => return Err(Mistake::Missing("grant_type")),
        Some(value) => value,
    };
    let is_named = |grant: &GrantType| {
        value == grant.as_str()
            || !rules.case_sensitive && value.eq_ignore_ascii_case(grant.as_str())
    };
    GrantType::SUPPORTED
        .into_iter()
        .chain(rules.further.iter().copied())
        .chain(rules.password.then_some(GrantType::Password))
        .find(is_named)
        .ok_or(Mistake::UnsupportedGrantType)
}

fn check_registration(
    provider: &Provider,
    client: &Client,
    grant: GrantType,
) -> Result<(), Mistake> {
    let rules = &provider.rules.grant_type;
    let excused = match grant {
        GrantType::Password if rules.password => true,
        GrantType::ClientCredentials if client.is_public() => rules.public_client_credentials,
        _ => !rules.registration_enforced,
    };
    if excused || client.may_use(grant) {
        Ok(())
    } else {
        Err(Mistake::UnauthorizedGrantType)
    }
}

/// Signs what is issued and tells it (RFC 6749 5.1).
fn grant(provider: &Provider, issue: &Issue<'_>) -> Result<Answer, Mistake> {
    let issued = provider.issue(issue)?;
    let dialect = provider.dialect();
    Ok(Answer::json(
        StatusCode::OK,
        dialect.media_type(),
        dialect.granted(&issued),
    )
    .uncached())
}

/// Reads a scope that was sent.
fn parse_scope(provider: &Provider, text: &str) -> Result<Scope, Mistake> {
    if provider.rules.scope.list {
        Scope::parse(text)
    } else {
        Ok([text].into_iter().collect())
    }
}
