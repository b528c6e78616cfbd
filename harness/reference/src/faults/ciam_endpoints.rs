//! Faults of the `ciam` personality at its other endpoints: keys, revocation and configuration.

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use serde_json::{Value, json};

use super::{Fault, Hook};
use crate::answer::{Answer, Members};
use crate::endpoints::Endpoint;
use crate::mistake::Mistake;
use crate::request::Request;

pub(super) const FAULTS: &[Fault] = &[
    Fault::ciam(
        "ciam-form-of-client-credentials-refused",
        "A form with grant_type=client_credentials is answered as one of an unknown grant_type.",
        &[
            "ciam-client-credentials-request-content-type",
            "ciam-client-credentials-success-status",
        ],
        &[Hook::TokenRequest(|request| {
            refuse_form(request, b"client_credentials")
        })],
    ),
    Fault::ciam(
        "ciam-form-of-password-refused",
        "A form with grant_type=password is answered as one of an unknown grant_type.",
        &[
            "ciam-password-request-content-type",
            "ciam-password-success-status",
        ],
        &[Hook::TokenRequest(|request| {
            refuse_form(request, b"password")
        })],
    ),
    Fault::ciam(
        "ciam-credentials-in-ascii-alone",
        "A user name or a password with other characters than those of ASCII is not looked at.",
        &["rfc6749-a.15-username-abnf", "rfc6749-a.16-password-abnf"],
        &[Hook::TokenRequest(|request| {
            request.edit_form(|pairs| {
                pairs.retain(|(name, value)| {
                    let is_credential = name == b"username" || name == b"password";
                    !is_credential || !value.windows(2).any(|pair| pair == b"%E")
                });
            });
        })],
    ),
    Fault::ciam(
        "ciam-form-of-refresh-refused",
        "A form with grant_type=refresh_token is answered as one of an unknown grant_type.",
        &[
            "ciam-refresh-request-content-type",
            "ciam-refresh-success-status",
        ],
        &[Hook::TokenRequest(|request| {
            refuse_form(request, b"refresh_token")
        })],
    ),
    Fault::ciam(
        "ciam-keys-are-203",
        "The key set is answered with 203.",
        &["ciam-jwks-request-method", "ciam-jwks-success-status"],
        &[Hook::Answer(Endpoint::Jwks, |answer, _| {
            answer.status = StatusCode::NON_AUTHORITATIVE_INFORMATION
        })],
    ),
    Fault::ciam(
        "ciam-keys-are-text",
        "The key set is labelled text/plain.",
        &["ciam-jwks-success-content-type"],
        &[Hook::Answer(Endpoint::Jwks, |answer, _| {
            answer.set_header(CONTENT_TYPE, "text/plain")
        })],
    ),
    Fault::ciam(
        "ciam-keys-named-as-in-the-sample",
        "The member of the key set is Keys.",
        &["ciam-jwks-keys"],
        &[Hook::Answer(Endpoint::Jwks, |answer, _| {
            if let Some(keys) = answer.remove_member("keys") {
                answer.set_member("Keys", keys);
            }
        })],
    ),
    Fault::ciam(
        "ciam-key-without-kid",
        "The key set has a second key, without a kid.",
        &["ciam-jwks-key-parameters"],
        &[Hook::Answer(Endpoint::Jwks, |answer, _| {
            let keys = answer.members().and_then(|members| members.get_mut("keys"));
            if let Some(Value::Array(keys)) = keys {
                let key = json!({ "kty": "RSA", "e": "AQAB", "n": keys[0]["n"] });
                keys.push(key);
            }
        })],
    ),
    Fault::ciam(
        "ciam-key-path-differs",
        "The key set is at /connect/keys, and the metadata say so.",
        &["ciam-jwks-request-path", "ciam-discovery-jwks-uri"],
        &[
            Hook::Path("/connect/keys", Endpoint::Jwks),
            Hook::Answer(Endpoint::Metadata, |answer, _| {
                rename(answer, "jwks_uri", "/connect/keys")
            }),
        ],
    ),
    Fault::ciam(
        "ciam-authorization-path-differs",
        "The authorization endpoint is at /connect/authorize, and the metadata say so.",
        &[
            "ciam-authorize-request-path",
            "ciam-discovery-authorization-endpoint",
        ],
        &[
            Hook::Path("/connect/authorize", Endpoint::Authorization),
            Hook::Answer(Endpoint::Metadata, |answer, _| {
                rename(answer, "authorization_endpoint", "/connect/authorize")
            }),
        ],
    ),
    Fault::ciam(
        "ciam-metadata-are-text",
        "The metadata are labelled text/plain.",
        &["ciam-discovery-success-content-type"],
        &[Hook::Answer(Endpoint::Metadata, |answer, _| {
            answer.set_header(CONTENT_TYPE, "text/plain")
        })],
    ),
    Fault::ciam(
        "ciam-metadata-without-keys",
        "The metadata have an empty jwks_uri.",
        &[
            "ciam-discovery-response-endpoints",
            "ciam-discovery-jwks-uri",
            "ciam-jwks-request-path",
        ],
        &[Hook::Answer(Endpoint::Metadata, |answer, _| {
            answer.set_member("jwks_uri", "")
        })],
    ),
    Fault::ciam(
        "ciam-metadata-scopes-are-text",
        "The scopes of the metadata are a text.",
        &["ciam-discovery-response-arrays"],
        &[Hook::Answer(Endpoint::Metadata, |answer, _| {
            answer.set_member("scopes_supported", "openid")
        })],
    ),
    Fault::ciam(
        "ciam-metadata-without-client-credentials",
        "The metadata do not name the client credentials grant.",
        &["ciam-discovery-sample-values"],
        &[Hook::Answer(Endpoint::Metadata, |answer, _| {
            let grants = json!(["authorization_code", "refresh_token"]);
            answer.set_member("grant_types_supported", grants)
        })],
    ),
    Fault::ciam(
        "ciam-metadata-tell-more",
        "The metadata have a member that the page does not document.",
        &["ciam-discovery-sample-members"],
        &[Hook::Answer(Endpoint::Metadata, |answer, _| {
            answer.set_member("claims_supported", json!(["sub"]))
        })],
    ),
    Fault::ciam(
        "ciam-revocation-is-204",
        "A revocation is answered with 204.",
        &[
            "ciam-revocation-success-status",
            "ciam-revocation-request-content-type",
        ],
        &[Hook::Answer(Endpoint::Revocation, |answer, context| {
            if context.mistake.is_none() {
                answer.status = StatusCode::NO_CONTENT;
            }
        })],
    ),
    Fault::ciam(
        "ciam-revocation-has-body",
        "A revocation is answered with a body.",
        &["ciam-revocation-sample-no-body"],
        &[Hook::Answer(Endpoint::Revocation, |answer, context| {
            if context.mistake.is_none() {
                let members = Members::from_iter([("revoked".to_owned(), json!(true))]);
                *answer = Answer::json(StatusCode::OK, "application/json", members);
            }
        })],
    ),
    Fault::ciam(
        "ciam-revocation-without-effect",
        "A revocation changes nothing.",
        &[
            "ciam-revocation-access-token-alone",
            "ciam-revocation-refresh-token",
            "ciam-revocation-refresh-token-cascades",
        ],
        &[Hook::Rules(|rules| rules.revocation.effective = false)],
    ),
    Fault::ciam(
        "ciam-revocation-ends-grant",
        "The revocation of an access token ends its grant.",
        &["ciam-revocation-access-token-alone"],
        &[Hook::Rules(|rules| rules.revocation.ends_grant = true)],
    ),
    Fault::ciam(
        "ciam-revocation-does-not-cascade",
        "The revocation of a refresh token leaves its access tokens alive.",
        &["ciam-revocation-refresh-token-cascades"],
        &[Hook::Rules(|rules| rules.revocation.cascades = false)],
    ),
    Fault::ciam(
        "ciam-revocation-by-anybody",
        "Whoever has a token may revoke it.",
        &[
            "ciam-revocation-param-client-id-required",
            "ciam-revocation-param-client-secret-required",
        ],
        &[Hook::Rules(|rules| {
            rules.revocation.authentication_required = false
        })],
    ),
    Fault::ciam(
        "ciam-revocation-by-any-client",
        "A client may revoke the tokens of another.",
        &["ciam-revocation-error-client-id-of-another"],
        &[Hook::Rules(|rules| rules.revocation.owner_checked = false)],
    ),
    Fault::ciam(
        "ciam-revocation-error-is-400",
        "The revocation of another client's token is answered with 400.",
        &["ciam-revocation-error-client-id-of-another"],
        &[Hook::Answer(Endpoint::Revocation, |answer, context| {
            if context.mistake == Some(Mistake::TokenOfAnother) {
                answer.status = StatusCode::BAD_REQUEST;
            }
        })],
    ),
    Fault::ciam(
        "ciam-revocation-error-without-charset",
        "The errors of the revocation endpoint are labelled application/json without a charset.",
        &["ciam-revocation-error-content-type"],
        &[Hook::Answer(Endpoint::Revocation, |answer, _| {
            if answer.headers.contains_key(CONTENT_TYPE) {
                answer.set_header(CONTENT_TYPE, "application/json");
            }
        })],
    ),
    Fault::ciam(
        "ciam-revocation-of-nothing",
        "A revocation without a token is answered with 200.",
        &["ciam-revocation-param-token-required"],
        &[Hook::Answer(Endpoint::Revocation, |answer, context| {
            if context.mistake == Some(Mistake::Missing("token")) {
                *answer = Answer::empty(StatusCode::OK);
            }
        })],
    ),
];

/// Moves an endpoint in the metadata.
fn rename(answer: &mut Answer, member: &str, path: &str) {
    let issuer = answer
        .members()
        .and_then(|members| members.get("issuer"))
        .and_then(Value::as_str)
        .map(str::to_owned);
    if let Some(issuer) = issuer {
        answer.set_member(member, format!("{issuer}{path}"));
    }
}

/// Makes a form with that `grant_type` one of a grant that there is not.
fn refuse_form(request: &mut Request, grant: &[u8]) {
    request.edit_form(|pairs| {
        for (name, value) in pairs {
            if name == b"grant_type" && value == grant {
                value.extend_from_slice(b"-form");
            }
        }
    });
}
