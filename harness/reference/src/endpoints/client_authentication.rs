//! Who calls (RFC 6749 2.3 and 3.2.1, OpenID Connect Core 9).

use axum::http::header::AUTHORIZATION;
use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::client_assertion;
use crate::clients::{AuthMethod, Client};
use crate::context::{Context, Mechanism};
use crate::form::decode_component;
use crate::mistake::Mistake;
use crate::provider::Provider;
use crate::request::Request;
use crate::rules::{ClientRules, Secret, Separator};

/// Base64 with its padding or without.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The client that calls, authenticated where it has a secret. The context
/// learns how it presents itself, also where that fails.
pub(super) fn authenticate(
    provider: &Provider,
    context: &mut Context,
) -> Result<&'static Client, Mistake> {
    let rules = &provider.rules.client;
    let form = &context.form;
    let body_id = form.get("client_id")?;
    let body_secret = form.get("client_secret")?;
    let assertion = form
        .get("client_assertion")?
        .or(form.get("client_assertion_type")?);

    context.mechanism = mechanism(
        &context.request,
        body_secret.is_some(),
        assertion.is_some(),
        rules,
    );
    let (id, secret) = match context.mechanism {
        Mechanism::Several => return Err(Mistake::SeveralMechanisms),
        Mechanism::OtherScheme => return Err(Mistake::UnregisteredMethod),
        Mechanism::Basic => {
            let (id, secret) = basic_credentials(&context.request, rules)?;
            match body_id {
                Some(_) if !rules.body_id_allowed => return Err(Mistake::SeveralMechanisms),
                Some(body_id) if body_id != id && rules.body_id_compared => {
                    return Err(Mistake::ClientIdMismatch);
                }
                _ => (id, Some(secret)),
            }
        }
        Mechanism::Assertion => {
            let client = client_assertion::client(provider, &context.form)?;
            context.client = Some(client);
            return Ok(client);
        }
        Mechanism::Post | Mechanism::None => {
            let id = body_id.ok_or(Mistake::NoClient)?;
            (id.to_owned(), body_secret.map(str::to_owned))
        }
    };
    let client = provider.client(&id).ok_or(Mistake::UnknownClient)?;
    check_credentials(client, context.mechanism, secret.as_deref(), rules)?;
    context.client = Some(client);
    Ok(client)
}

/// How the client presents itself, judged by what is there.
fn mechanism(request: &Request, secret: bool, assertion: bool, rules: &ClientRules) -> Mechanism {
    let headers = request.headers.get_all(AUTHORIZATION).iter().count();
    let several = headers + usize::from(secret) + usize::from(assertion) > 1;
    if several && rules.several_refused {
        Mechanism::Several
    } else if headers > 0 {
        match basic_token(request) {
            Some(_) => Mechanism::Basic,
            None => Mechanism::OtherScheme,
        }
    } else if assertion {
        Mechanism::Assertion
    } else if secret {
        Mechanism::Post
    } else {
        Mechanism::None
    }
}

/// What follows the scheme, whose name has no case (RFC 9110 11.1).
fn basic_token(request: &Request) -> Option<&str> {
    let (scheme, token) = request.header(&AUTHORIZATION)?.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("Basic")
        .then_some(token.trim_matches(' '))
}

/// Identifier and secret, each of which was form-encoded before the two were
/// joined by a colon (RFC 6749 2.3.1).
fn basic_credentials(request: &Request, rules: &ClientRules) -> Result<(String, String), Mistake> {
    let malformed = Mistake::MalformedCredentials;
    let pair = BASE64
        .decode(basic_token(request).ok_or(malformed)?)
        .map_err(|_| malformed)?;
    let colon = pair
        .iter()
        .position(|byte| *byte == b':')
        .ok_or(malformed)?;
    let decode = |bytes: &[u8]| {
        if rules.basic_decoded {
            decode_component(bytes).map_err(|_| malformed)
        } else {
            String::from_utf8(bytes.to_vec()).map_err(|_| malformed)
        }
    };
    let (id, secret) = (decode(&pair[..colon])?, decode(&pair[colon + 1..])?);
    Ok(match rules.basic_separator {
        Separator::FirstColon => (id, secret),
        Separator::FirstColonDecoded => match id.split_once(':') {
            Some((start, rest)) => (start.to_owned(), format!("{rest}:{secret}")),
            None => (id, secret),
        },
        Separator::AnyInSecret => {
            let end = secret.find(':').unwrap_or(secret.len());
            (id, secret[..end].to_owned())
        }
    })
}

/// A client uses a method that it is registered for, and the secret is its own.
fn check_credentials(
    client: &'static Client,
    mechanism: Mechanism,
    secret: Option<&str>,
    rules: &ClientRules,
) -> Result<(), Mistake> {
    let method = match mechanism {
        Mechanism::Basic => AuthMethod::ClientSecretBasic,
        Mechanism::Post => AuthMethod::ClientSecretPost,
        Mechanism::None => AuthMethod::None,
        Mechanism::Assertion | Mechanism::OtherScheme | Mechanism::Several => {
            return Err(Mistake::UnregisteredMethod);
        }
    };
    let Some(own) = client.secret else {
        return match method {
            AuthMethod::None if client.is_public() => Ok(()),
            AuthMethod::None if rules.authentication_required => Err(Mistake::NoCredentials),
            AuthMethod::None => Ok(()),
            _ if !rules.methods_enforced => Ok(()),
            _ => Err(Mistake::UnregisteredMethod),
        };
    };
    let Some(secret) = secret else {
        return if rules.authentication_required {
            Err(Mistake::NoCredentials)
        } else {
            Ok(())
        };
    };
    if rules.methods_enforced && !client.methods.contains(&method) {
        return Err(Mistake::UnregisteredMethod);
    }
    let matches = match rules.secret {
        Secret::Exact => secret == own,
        Secret::AnyCase => secret.eq_ignore_ascii_case(own),
        Secret::Prefix => secret.starts_with(own),
        Secret::Trimmed => secret.trim() == own,
        Secret::Unchecked => true,
    };
    matches.then_some(()).ok_or(Mistake::WrongSecret)
}
