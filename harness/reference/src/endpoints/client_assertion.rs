//! Who has signed a client assertion (RFC 7521 4.2, RFC 7523 3, OpenID Connect Core 9).

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::Value;

use crate::clients::{AuthMethod, Client, Signing};
use crate::endpoints::Endpoint;
use crate::form::Form;
use crate::mistake::Mistake;
use crate::provider::Provider;
use crate::rules::{Algorithm, AssertionRules, Audience, KeySource, Signature, Unsecured};
use crate::tokens::{Jws, PublicKey, public_texts, text, unix_now};

/// The type of assertion that is known (RFC 7523 2.2).
const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// How far clocks may differ, in seconds.
const LEEWAY: u64 = 10;

const HEADER: &[&str] = &["alg", "typ", "kid", "crit"];
const CLAIMS: &[&str] = &["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];

/// The client whose assertion is in the form.
pub(super) fn client(provider: &Provider, form: &Form) -> Result<&'static Client, Mistake> {
    let rules = &provider.rules.assertion;
    let kind = form.get("client_assertion_type")?;
    if rules.type_checked && kind.is_some_and(|kind| kind != TYPE) {
        return Err(Mistake::UnregisteredMethod);
    }
    if rules.type_checked && kind.is_none() {
        return Err(Mistake::Missing("client_assertion_type"));
    }
    let assertion = form.require("client_assertion")?;
    let jws = Jws::parse(assertion, rules).ok_or(Mistake::MalformedAssertion)?;
    if rules.own_tokens_believed && jws.is_of_this_server() {
        let named = text(&jws.claims, "aud").and_then(|id| provider.client(id));
        return named.ok_or(Mistake::UnknownClient);
    }
    check_header(&jws, rules)?;
    for name in rules.required {
        if !jws.claims.contains_key(*name) {
            return Err(Mistake::BadAssertion);
        }
    }
    let (issuer, subject) = (text(&jws.claims, "iss"), text(&jws.claims, "sub"));
    let id = match rules.subject_checked {
        true => subject.or(issuer),
        false => issuer.or(subject),
    };
    let client = id
        .and_then(|id| provider.client(id))
        .ok_or(Mistake::UnknownClient)?;
    let is_own = |claim: Option<&str>| claim.is_none_or(|claim| claim == client.id);
    if rules.issuer_checked && !is_own(issuer) || rules.subject_checked && !is_own(subject) {
        return Err(Mistake::BadAssertion);
    }
    let signing = client.signing.as_ref().ok_or(Mistake::UnregisteredMethod)?;
    check_signature(provider, &jws, client, signing)?;
    check_audience(provider, &jws)?;
    check_times(&jws, rules)?;
    if rules.client_id_compared && form.get("client_id")?.is_some_and(|id| id != client.id) {
        return Err(Mistake::ClientIdMismatch);
    }
    let method = match signing.key {
        Some(_) => AuthMethod::PrivateKeyJwt,
        None => AuthMethod::ClientSecretJwt,
    };
    if provider.rules.client.methods_enforced && !client.methods.contains(&method) {
        return Err(Mistake::UnregisteredMethod);
    }
    if let Some(jti) = jws.claims.get("jti")
        && rules.used_once
        && !provider
            .store()
            .first_use_of_assertion(format!("{} {jti}", client.id))
    {
        return Err(Mistake::BadAssertion);
    }
    Ok(client)
}

fn check_header(jws: &Jws, rules: &AssertionRules) -> Result<(), Mistake> {
    let unknown = |members: &crate::answer::Members, known: &[&str]| {
        members.keys().any(|name| !known.contains(&name.as_str()))
    };
    let typ_is_right = match jws.header.get("typ") {
        None => true,
        Some(Value::String(typ)) if !rules.typ_is_media_type => typ == "JWT",
        Some(Value::String(typ)) => {
            let typ = typ.to_ascii_lowercase();
            let name = typ.strip_prefix("application/").unwrap_or(&typ);
            matches!(name, "jwt" | "client-authentication+jwt")
        }
        Some(_) => false,
    };
    if rules.crit_understood && jws.header.contains_key("crit")
        || !rules.unknown_header_ignored && unknown(&jws.header, HEADER)
        || !rules.unknown_claims_ignored && unknown(&jws.claims, CLAIMS)
        || !typ_is_right
    {
        return Err(Mistake::BadAssertion);
    }
    let is_plain = |character: char| character.is_ascii_alphanumeric() || character == '-';
    if rules.kid_breaks && text(&jws.header, "kid").is_some_and(|kid| !kid.chars().all(is_plain)) {
        return Err(Mistake::Internal);
    }
    Ok(())
}

/// RFC 7515 5.2, RFC 8725 3.1.
fn check_signature(
    provider: &Provider,
    jws: &Jws,
    client: &Client,
    signing: &Signing,
) -> Result<(), Mistake> {
    let rules = &provider.rules.assertion;
    let named = jws.algorithm();
    let accepted = match rules.unsecured {
        Unsecured::Refused => false,
        Unsecured::Accepted => named == "none",
        Unsecured::RefusedBySpelling => named != "none" && named.eq_ignore_ascii_case("none"),
    };
    let unread = match rules.signature {
        Signature::Verified => false,
        Signature::Optional => jws.is_unsigned(),
        Signature::Unchecked => true,
    };
    let registered = signing.algorithm;
    let algorithm = match rules.algorithm {
        Algorithm::Unread => registered,
        Algorithm::Prefix if named.get(..2) == registered.get(..2) => registered,
        Algorithm::AnyOfKey if named.get(1..2) == Some("S") => named,
        _ if named == registered => registered,
        _ if accepted => return Ok(()),
        Algorithm::Registered | Algorithm::AnyOfKey | Algorithm::Prefix
            if rules.key == KeySource::PublicAsSecret && named == "HS256" =>
        {
            named
        }
        _ => return Err(Mistake::BadAssertion),
    };
    if unread {
        return Ok(());
    }
    let Some(pem) = signing.key else {
        let secret = client.secret.unwrap_or_default();
        let right = match rules.secret_decoded {
            false => jws.has_mac(algorithm, secret.as_bytes()),
            true => jws.has_mac(
                algorithm,
                &BASE64_STANDARD.decode(secret).unwrap_or_default(),
            ),
        };
        return right.then_some(()).ok_or(Mistake::BadAssertion);
    };
    if rules.key == KeySource::PublicAsSecret && algorithm == "HS256" {
        let right = public_texts(pem)
            .iter()
            .any(|text| jws.has_mac("HS256", text));
        return right.then_some(()).ok_or(Mistake::BadAssertion);
    }
    let own = || PublicKey::of_pem(pem);
    let key = match rules.key {
        KeySource::Registered | KeySource::PublicAsSecret => own(),
        KeySource::Header => match jws.header.get("jwk") {
            Some(jwk) => PublicKey::of_jwk(jwk),
            None => own(),
        },
        KeySource::Anybody => {
            let kid = text(&jws.header, "kid");
            let signings = provider.dialect().clients().iter();
            signings
                .filter_map(|client| client.signing.as_ref())
                .find(|signing| signing.kid.is_some() && signing.kid == kid)
                .and_then(|signing| PublicKey::of_pem(signing.key?))
        }
    };
    let right = key.is_some_and(|key| key.verifies(algorithm, jws));
    right.then_some(()).ok_or(Mistake::BadAssertion)
}

/// Compared as text (RFC 7523 3).
fn check_audience(provider: &Provider, jws: &Jws) -> Result<(), Mistake> {
    let rules = &provider.rules.assertion;
    let paths = provider.dialect().paths().iter();
    let token = paths
        .filter(|(_, endpoint)| *endpoint == Endpoint::Token)
        .map(|(path, _)| format!("{}{path}", provider.issuer))
        .next();
    let is_meant = |name: &str| match rules.audience {
        Audience::Unchecked => true,
        Audience::Issuer => name == provider.issuer,
        Audience::TokenEndpoint => token.as_deref() == Some(name),
        Audience::Named => name == provider.issuer || token.as_deref() == Some(name),
        Audience::Prefix => name.starts_with(&provider.issuer),
    };
    let right = match jws.claims.get("aud") {
        None => true,
        Some(Value::String(name)) => is_meant(name),
        Some(Value::Array(names)) if rules.audience_arrays => {
            names.iter().filter_map(Value::as_str).any(is_meant)
        }
        Some(_) => false,
    };
    right.then_some(()).ok_or(Mistake::BadAssertion)
}

fn check_times(jws: &Jws, rules: &AssertionRules) -> Result<(), Mistake> {
    let now = unix_now();
    let time = |name: &str| {
        jws.claims
            .get(name)
            .map(|time| time.as_f64().unwrap_or(-1.0))
    };
    #[allow(clippy::cast_precision_loss, reason = "seconds since the epoch fit")]
    let (early, late) = (now.saturating_sub(LEEWAY) as f64, (now + LEEWAY) as f64);
    let expired = rules.expiry_checked && time("exp").is_some_and(|exp| exp <= early);
    let unborn = rules.not_before_checked && time("nbf").is_some_and(|nbf| nbf > late || nbf < 0.0);
    if expired || unborn {
        return Err(Mistake::BadAssertion);
    }
    Ok(())
}
