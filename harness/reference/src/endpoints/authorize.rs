//! The authorization endpoint (RFC 6749 4.1.1, OpenID Connect Core 3.1.2, RFC
//! 7636 4.3, RFC 9207). There is no login page: a fixed user is always logged
//! in and consents to everything, so each request is answered with a redirect.

use axum::http::{Method, StatusCode};
use tokio::time::Instant;

use super::subject::{self, Wanted};
use super::{is_retrieval, wrong_method};
use crate::answer::Answer;
use crate::clients::{Client, GrantType};
use crate::context::Context;
use crate::form::{Form, encode_component};
use crate::mistake::Mistake;
use crate::provider::Provider;
use crate::resources;
use crate::scope::Scope;
use crate::store::{Challenge, Code, Login, is_code_verifier};
use crate::tokens::{opaque, unix_now};

const PARAMETERS: [&str; 20] = [
    "client_id",
    "redirect_uri",
    "response_type",
    "response_mode",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "max_age",
    "prompt",
    "display",
    "ui_locales",
    "claims_locales",
    "login_hint",
    "id_token_hint",
    "claims",
    "acr_values",
    "request",
    "request_uri",
];

/// An error that the client is told through a redirect (RFC 6749 4.1.2.1).
#[derive(Clone, Copy, Debug)]
pub(super) struct Refusal {
    code: &'static str,
    pub(super) description: &'static str,
}

/// Where the answer goes.
struct Return<'a> {
    uri: &'a str,
    /// The request had it.
    was_sent: bool,
}

pub(super) fn answer(provider: &Provider, context: &mut Context) -> Result<Answer, Mistake> {
    let request = &context.request;
    let status = match request.method {
        Method::POST => StatusCode::from_u16(provider.rules.authorization.redirect_after_post)
            .unwrap_or(StatusCode::SEE_OTHER),
        ref method if is_retrieval(method) => {
            StatusCode::from_u16(provider.rules.authorization.redirect_status)
                .unwrap_or(StatusCode::FOUND)
        }
        _ => return Ok(wrong_method("GET, HEAD, POST")),
    };
    let encoded = match request.method {
        Method::POST => request.body.as_slice(),
        _ => request.query.as_deref().unwrap_or_default().as_bytes(),
    };
    context.form = match Form::decode(encoded, provider.rules.request) {
        Ok(form) => form,
        Err(_) => return Ok(page("The request cannot be decoded.")),
    };
    let form = &context.form;
    let Some(client) = form
        .get("client_id")
        .ok()
        .flatten()
        .and_then(|id| provider.client(id))
    else {
        return Ok(page("The client is unknown."));
    };
    context.client = Some(client);
    let Some(back) = return_to(provider, client, form) else {
        return Ok(page("The redirection URI is not registered."));
    };
    let mut parameters = match decide(provider, client, form, &back)? {
        Ok(token) if is_implicit(provider, form) => vec![("access_token", token)],
        Ok(code) => vec![("code", code)],
        Err(refusal) => {
            let mut parameters = vec![
                ("error", refusal.code.to_owned()),
                ("error_description", refusal.description.to_owned()),
            ];
            parameters.extend(
                provider
                    .dialect()
                    .error_uri()
                    .map(|uri| ("error_uri", uri.to_owned())),
            );
            parameters
        }
    };
    if let Ok(Some(state)) = form.get("state") {
        parameters.push(("state", state.to_owned()));
    }
    if provider.dialect().names_itself_in_redirects() {
        parameters.push(("iss", provider.issuer.clone()));
    }
    let query: Vec<_> = parameters
        .into_iter()
        .map(|(name, value)| [name, &encode_component(&value)].join("="))
        .collect();
    let separator = if back.uri.contains('?') { "&" } else { "?" };
    let location = [back.uri, separator, &query.join("&")].concat();
    Ok(Answer::redirect(status, &location).uncached())
}

/// The implicit grant, of which it is enough here that something is given at all.
fn is_implicit(provider: &Provider, form: &Form) -> bool {
    provider.rules.authorization.implicit && matches!(form.get("response_type"), Ok(Some("token")))
}

/// An error that is told to the user, since there is nowhere to redirect to.
fn page(text: &str) -> Answer {
    Answer::page(StatusCode::BAD_REQUEST, text)
}

/// A registered redirection URI (RFC 6749 3.1.2.3); the only one, if none was
/// sent.
fn return_to<'a>(
    provider: &Provider,
    client: &'static Client,
    form: &'a Form,
) -> Option<Return<'a>> {
    let comparison = provider.rules.redirect_uri.at_authorization;
    match (form.get("redirect_uri").ok()?, client.redirect_uris) {
        (Some(uri), registered) => registered
            .iter()
            .any(|own| comparison.accepts(uri, own))
            .then_some(Return {
                uri,
                was_sent: true,
            }),
        (None, [uri]) => Some(Return {
            uri,
            was_sent: false,
        }),
        (None, _) => None,
    }
}

/// Issues a code, or says why not.
fn decide(
    provider: &Provider,
    client: &'static Client,
    form: &Form,
    back: &Return<'_>,
) -> Result<Result<String, Refusal>, Mistake> {
    let code = match checked(provider, client, form, back) {
        Ok(code) => code,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let rules = &provider.rules.authorization;
    let mut value = opaque(rules.code_bytes)?;
    if let Some(Challenge::S256(challenge) | Challenge::Plain(challenge)) = &code.challenge
        && rules.code_reveals_challenge
    {
        value = [&value, challenge.as_str()].join(".");
    }
    value.push_str(rules.code_suffix);
    provider.store().add_code(value.clone(), code);
    Ok(Ok(value))
}

/// The code that the request gives, with all that it is bound to.
fn checked(
    provider: &Provider,
    client: &'static Client,
    form: &Form,
    back: &Return<'_>,
) -> Result<Code, Refusal> {
    form.refuse_repeated(&PARAMETERS)
        .map_err(|_| invalid_request("a parameter is repeated"))?;
    check_response_type(provider, client, form)?;
    let challenge = challenge(provider, client, form)?;
    let scope = scope(provider, client, form)?;
    let resources = resources::asked(provider, form)
        .map_err(|_| refusal("invalid_target", "the resource is unknown"))?;
    let max_age = get(form, "max_age")?;
    if max_age.is_some_and(|age| age.parse::<u64>().is_err()) {
        return Err(invalid_request("max_age is no number"));
    }
    let nonce = get(form, "nonce")?;
    if provider.rules.authorization.nonce_required && scope.contains("openid") && nonce.is_none() {
        return Err(invalid_request("nonce is missing"));
    }
    let rules = &provider.rules.authorization;
    if let Some(name) = rules.refused_parameter
        && get(form, name)?.is_some()
    {
        return Err(invalid_request("a parameter is not supported"));
    }
    if let Some(nonce) = get(form, "nonce")?
        && !provider.store().first_use_of(nonce)
        && rules.nonce_good_for_once
        && nonce.len() >= 16
    {
        return Err(invalid_request("the nonce was used before"));
    }
    let wanted = Wanted::read(form)?;
    if wanted.unknown && rules.unknown_claim_refused {
        return Err(invalid_request("a claim cannot be had"));
    }
    let user = subject::choose(provider, form, &wanted)?;
    Ok(Code {
        client,
        redirect_uri: back.uri.to_owned(),
        redirect_uri_was_sent: back.was_sent,
        challenge,
        scope,
        resources,
        login: Login {
            subject: user.to_owned(),
            auth_time: unix_now(),
            auth_time_requested: max_age.is_some() || wanted.auth_time,
        },
        nonce: nonce.map(str::to_owned),
        expires: Some(Instant::now() + provider.rules.code.lifetime),
        used_for: None,
    })
}

fn check_response_type(provider: &Provider, client: &Client, form: &Form) -> Result<(), Refusal> {
    let rules = &provider.rules.authorization;
    match get(form, "response_type")? {
        Some("code") => {}
        Some("token") if rules.implicit => {}
        Some(_) if rules.any_response_type => {}
        Some(_) => {
            return Err(refusal(
                "unsupported_response_type",
                "the response type is not supported",
            ));
        }
        None => return Err(invalid_request("response_type is missing")),
    }
    if !matches!(get(form, "response_mode")?, None | Some("query")) {
        return Err(invalid_request("the response mode is not supported"));
    }
    if get(form, "request")?.is_some() {
        return Err(refusal(
            "request_not_supported",
            "request objects are not supported",
        ));
    }
    if get(form, "request_uri")?.is_some() {
        return Err(refusal(
            "request_uri_not_supported",
            "request objects are not supported",
        ));
    }
    if get(form, "prompt")?
        .is_some_and(|prompt| prompt.contains(' ') && prompt.split(' ').any(|p| p == "none"))
    {
        return Err(invalid_request("prompt has none beside another value"));
    }
    if !client.may_use(GrantType::AuthorizationCode) {
        return Err(refusal(
            "unauthorized_client",
            "the client may not use codes",
        ));
    }
    Ok(())
}

/// RFC 7636 4.3 and 4.4.1: S256 alone, and no default but plain.
fn challenge(
    provider: &Provider,
    client: &Client,
    form: &Form,
) -> Result<Option<Challenge>, Refusal> {
    let rules = &provider.rules.pkce;
    if !rules.supported {
        return Ok(None);
    }
    let method = get(form, "code_challenge_method")?;
    let Some(challenge) = get(form, "code_challenge")? else {
        return if method.is_some() {
            Err(invalid_request(
                "code_challenge_method is sent without a code_challenge",
            ))
        } else if rules.required_for_all || client.is_public() && rules.required_for_public {
            Err(invalid_request("code_challenge is required"))
        } else if !client.is_public() && rules.or_nonce && get(form, "nonce")?.is_none() {
            Err(invalid_request("code_challenge or nonce is required"))
        } else {
            Ok(None)
        };
    };
    if rules.grammar_checked && !is_code_verifier(challenge) {
        return Err(invalid_request("code_challenge is malformed"));
    }
    let challenge = challenge.to_owned();
    match method {
        Some("S256") => Ok(Some(Challenge::S256(challenge))),
        Some(method) if rules.method_any_case && method.eq_ignore_ascii_case("S256") => {
            Ok(Some(Challenge::S256(challenge)))
        }
        None if rules.defaults_to_s256 => Ok(Some(Challenge::S256(challenge))),
        None | Some("plain") if rules.plain_allowed => Ok(Some(Challenge::Plain(challenge))),
        Some(method) if rules.unknown_method_ignored && method != "plain" => Ok(None),
        _ => Err(invalid_request("transform algorithm not supported")),
    }
}

/// What the user grants: all that was asked for and may be had (OpenID Connect
/// Core 3.1.2.1), or a default without OpenID Connect.
fn scope(provider: &Provider, client: &Client, form: &Form) -> Result<Scope, Refusal> {
    let malformed = refusal("invalid_scope", "the scope is malformed");
    let allowed = client.user_scope;
    let mut scope = match get(form, "scope")? {
        Some(asked) => {
            let asked = Scope::parse(asked).map_err(|_| malformed)?;
            let granted = asked.intersection(allowed);
            if granted != asked && !provider.rules.authorization.unknown_scope_ignored {
                return Err(refusal("invalid_scope", "the scope is unknown"));
            }
            granted
        }
        None => allowed
            .iter()
            .copied()
            .filter(|token| *token != "openid")
            .take(1)
            .collect(),
    };
    if provider.rules.scope.openid_always {
        scope.insert("openid");
    }
    if scope.is_empty() {
        return Err(refusal("invalid_scope", "the scope is unknown"));
    }
    Ok(scope)
}

/// A parameter, after repetitions have been refused.
fn get<'a>(form: &'a Form, name: &'static str) -> Result<Option<&'a str>, Refusal> {
    form.get(name)
        .map_err(|_| invalid_request("a parameter is repeated"))
}

pub(super) const fn refusal(code: &'static str, description: &'static str) -> Refusal {
    Refusal { code, description }
}

pub(super) const fn invalid_request(description: &'static str) -> Refusal {
    refusal("invalid_request", description)
}
