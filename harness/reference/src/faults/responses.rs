//! Faults of answers with tokens (RFC 6749 5.1, OpenID Connect Core 3.1.3.3).

use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, PRAGMA};
use serde_json::{Value, json};

use super::{Fault, Hook};
use crate::answer::{Answer, Body};
use crate::context::Context;
use crate::form::encode_component;
use crate::tokens::unix_now;

/// An ID Token has no `at_hash`, which it may leave out, where that would be one of the token as it
/// was before a fault changed it.
const WITHOUT_AT_HASH: Hook = Hook::IdToken(|token, _| drop(token.remove_claim("at_hash")));

pub(super) const FAULTS: &[Fault] = &[
    Fault::new(
        "success-without-cache-control",
        "An answer with tokens has no Cache-Control.",
        &["rfc6749-5.1-cache-control", "oidc-core-3.1.3.3-no-store"],
        &[Hook::Granted(|answer, _| {
            drop(answer.headers.remove(CACHE_CONTROL))
        })],
    ),
    Fault::new(
        "success-cacheable-in-private",
        "An answer with tokens may be kept by a private cache.",
        &["rfc6749-5.1-cache-control", "oidc-core-3.1.3.3-no-store"],
        &[Hook::Granted(|answer, _| {
            answer.set_header(CACHE_CONTROL, "private, no-cache")
        })],
    ),
    Fault::new(
        "success-without-pragma",
        "An answer with tokens has no Pragma.",
        &["rfc6749-5.1-pragma"],
        &[Hook::Granted(|answer, _| {
            drop(answer.headers.remove(PRAGMA))
        })],
    ),
    Fault::new(
        "success-is-201",
        "Tokens come with 201.",
        &[
            "oauth-v2-1-3.2.3-status-200-json",
            "rfc6749-5.1-status-200",
            "rfc6749-4.1.4-success",
        ],
        &[Hook::Granted(|answer, _| {
            answer.status = StatusCode::CREATED
        })],
    ),
    Fault::new(
        "success-labelled-html",
        "The JSON with tokens is labelled text/html.",
        &[
            "oauth-v2-1-3.2.3-status-200-json",
            "rfc6749-5.1-media-type",
            "oidc-core-3.1.3.3-media-type",
        ],
        &[Hook::Granted(|answer, _| {
            answer.set_header(CONTENT_TYPE, "text/html;charset=UTF-8")
        })],
    ),
    Fault::new(
        "success-without-media-type",
        "The JSON with tokens has no label.",
        &[
            "oauth-v2-1-3.2.3-status-200-json",
            "rfc6749-5.1-media-type",
            "oidc-core-3.1.3.3-media-type",
        ],
        &[Hook::Granted(|answer, _| {
            drop(answer.headers.remove(CONTENT_TYPE))
        })],
    ),
    Fault::new(
        "success-is-a-form",
        "Tokens come as a form.",
        &[
            "oauth-v2-1-3.2.3-scope-recommended",
            "oauth-v2-1-3.2.3-status-200-json",
            "rfc6749-5.1-media-type",
            "rfc6749-5.1-top-level",
            "oidc-core-3.1.3.3-media-type",
            "rfc6749-4.1.4-success",
            "rfc6749-4.4.3-success",
            "rfc6749-6-success",
            "rfc6749-5.1-access-token",
        ],
        &[Hook::Granted(as_form)],
    ),
    Fault::new(
        "success-nested",
        "The members stand in an object of their own.",
        &[
            "oauth-v2-1-3.2.3-scope-recommended",
            "rfc6749-5.1-top-level",
            "rfc6749-5.1-access-token",
            "rfc6749-4.1.4-success",
            "rfc6749-4.4.3-success",
            "rfc6749-6-success",
        ],
        &[Hook::Granted(|answer, _| {
            if let Some(members) = answer.members() {
                let inner = std::mem::take(members);
                members.insert("data".to_owned(), Value::Object(inner));
            }
        })],
    ),
    Fault::new(
        "success-in-array",
        "The object with tokens stands in an array.",
        &[
            "oauth-v2-1-3.2.3-scope-recommended",
            "rfc6749-5.1-top-level",
            "rfc6749-4.1.4-success",
            "rfc6749-4.4.3-success",
            "rfc6749-6-success",
            "rfc6749-5.1-access-token",
        ],
        &[Hook::Granted(|answer, _| {
            if let Some(members) = answer.members() {
                answer.body = Body::Text(json!([members]).to_string());
            }
        })],
    ),
    Fault::new(
        "success-repeats-member",
        "The answer has expires_in twice.",
        &["rfc6749-3.2-no-repeated-response-param"],
        &[Hook::Granted(|answer, _| {
            if let Some(members) = answer.members() {
                let text = json!(members).to_string();
                answer.body = Body::Text(text.replacen('{', "{\"expires_in\":300,", 1));
            }
        })],
    ),
    Fault::new(
        "success-member-name-with-space",
        "The answer has a member whose name has a space.",
        &[
            "rfc6749-a.18-param-name-abnf",
            "rfc6749-8.2-param-name-abnf",
        ],
        &[Hook::Granted(|answer, _| {
            answer.set_member("session state", "1")
        })],
    ),
    Fault::new(
        "success-has-null",
        "A member that has no value is null.",
        &["oidc-core-13.3-no-null", "oauth-v2-1-c.3-json-no-null"],
        &[Hook::Granted(|answer, _| {
            answer.set_member("error", Value::Null)
        })],
    ),
    Fault::new(
        "access-token-missing",
        "The answer has no access token.",
        &[
            "rfc6749-5.1-access-token",
            "oidc-core-3.1.3.3-access-token",
            "rfc6749-4.1.4-success",
            "rfc6749-4.4.3-success",
            "rfc6749-6-success",
        ],
        &[Hook::Granted(|answer, _| {
            drop(answer.remove_member("access_token"))
        })],
    ),
    Fault::new(
        "access-token-empty",
        "The access token is empty.",
        &[
            "rfc6749-5.1-access-token",
            "rfc6749-a.12-access-token-abnf",
            "rfc6749-4.1.4-success",
            "rfc6749-4.4.3-success",
            "rfc6749-6-success",
        ],
        &[Hook::Granted(|answer, _| {
            answer.set_member("access_token", "")
        })],
    ),
    Fault::new(
        "access-token-is-object",
        "The access token is an object.",
        &[
            "oidc-core-13.3-json-types",
            "rfc6749-5.1-strings",
            "rfc6749-5.1-access-token",
            "rfc6749-4.1.4-success",
            "rfc6749-4.4.3-success",
            "rfc6749-6-success",
        ],
        &[Hook::Granted(|answer, _| {
            if let Some(token) = answer.remove_member("access_token") {
                answer.set_member("access_token", json!({ "value": token }));
            }
        })],
    ),
    Fault::new(
        "access-token-of-foreign-characters",
        "The access token has characters that no header carries.",
        &["rfc6749-a.12-access-token-abnf", "rfc6750-2.1-b64token"],
        &[
            Hook::Granted(|answer, _| {
                if let Some(Value::String(token)) = answer.remove_member("access_token") {
                    answer.set_member("access_token", format!("{token}\u{e9}"));
                }
            }),
            WITHOUT_AT_HASH,
        ],
    ),
    Fault::new(
        "access-token-with-quotes",
        "The access token stands in quotes, which no bearer token can have.",
        &["rfc6750-2.1-b64token"],
        &[
            Hook::Granted(|answer, _| {
                if let Some(Value::String(token)) = answer.remove_member("access_token") {
                    answer.set_member("access_token", format!("\"{token}\""));
                }
            }),
            WITHOUT_AT_HASH,
        ],
    ),
    Fault::new(
        "refresh-token-of-foreign-characters",
        "The refresh token ends in a line feed, and works.",
        &["rfc6749-a.17-refresh-token-abnf"],
        &[
            Hook::Granted(|answer, _| {
                if let Some(Value::String(token)) = answer.remove_member("refresh_token") {
                    answer.set_member("refresh_token", format!("{token}\n"));
                }
            }),
            Hook::TokenRequest(|request| {
                request.edit_form(|pairs| {
                    for (_, value) in pairs
                        .iter_mut()
                        .filter(|(name, _)| name == b"refresh_token")
                    {
                        if value.ends_with(b"%0A") {
                            value.truncate(value.len() - 3);
                        }
                    }
                });
            }),
        ],
    ),
    Fault::new(
        "token-type-missing",
        "The answer has no token_type.",
        &[
            "rfc6749-5.1-token-type",
            "oidc-core-3.1.3.3-token-type-bearer",
            "rfc6750-4-bearer-response",
        ],
        &[Hook::Granted(|answer, _| {
            drop(answer.remove_member("token_type"))
        })],
    ),
    Fault::new(
        "token-type-is-jwt",
        "The token_type is JWT.",
        &[
            "oidc-core-3.1.3.3-token-type-bearer",
            "oidc-core-3.1.3.3-bearer-supported",
            "rfc6749-8.1-type-registered",
            "rfc6750-4-bearer-response",
        ],
        &[Hook::Granted(|answer, _| {
            answer.set_member("token_type", "JWT")
        })],
    ),
    Fault::new(
        "token-type-malformed",
        "The token_type is more than a name.",
        &[
            "rfc6750-4-bearer-response",
            "rfc6749-8.1-type-name-abnf",
            "rfc6749-a.13-token-type-abnf",
            "oidc-core-3.1.3.3-token-type-bearer",
        ],
        &[Hook::Granted(|answer, _| {
            answer.set_member("token_type", "Bearer token")
        })],
    ),
    Fault::new(
        "expires-in-is-string",
        "The expires_in is a string.",
        &["rfc6749-5.1-expires-in-number", "oidc-core-13.3-json-types"],
        &[Hook::Granted(|answer, _| {
            answer.set_member("expires_in", "300")
        })],
    ),
    Fault::new(
        "expires-in-is-fraction",
        "The expires_in is no whole number.",
        &["rfc6749-a.14-expires-in-abnf"],
        &[Hook::Granted(|answer, _| {
            answer.set_member("expires_in", 299.5)
        })],
    ),
    Fault::new(
        "expires-in-is-negative",
        "The expires_in is -1.",
        &[
            "rfc6749-a.14-expires-in-abnf",
            "rfc6749-5.1-expires-in-seconds",
        ],
        &[Hook::Granted(|answer, _| {
            answer.set_member("expires_in", -1)
        })],
    ),
    Fault::new(
        "expires-in-is-milliseconds",
        "The expires_in counts milliseconds.",
        &[
            "rfc6749-5.1-expires-in-seconds",
            "rfc6750-5.3-short-lived",
            "oidc-core-16.18-short-access-tokens",
        ],
        &[Hook::Granted(|answer, _| {
            answer.set_member("expires_in", 300_000)
        })],
    ),
    Fault::new(
        "expires-in-is-a-date",
        "The expires_in is the time when the token expires.",
        &[
            "rfc6749-5.1-expires-in-seconds",
            "rfc6750-5.2-limited-lifetime",
            "rfc6750-5.3-short-lived",
            "oidc-core-16.18-short-access-tokens",
        ],
        &[Hook::Granted(|answer, _| {
            answer.set_member("expires_in", unix_now() + 300)
        })],
    ),
    Fault::new(
        "expires-in-missing",
        "The answer has no expires_in.",
        &["rfc6749-5.1-expires-in"],
        &[Hook::Granted(|answer, _| {
            drop(answer.remove_member("expires_in"))
        })],
    ),
    Fault::new(
        "id-token-missing",
        "The answer has no ID Token though the scope has openid.",
        &["oidc-core-3.1.3.3-id-token"],
        &[Hook::Granted(|answer, _| {
            drop(answer.remove_member("id_token"))
        })],
    ),
    Fault::new(
        "id-token-without-openid",
        "The answer has an ID Token though nobody asked for openid.",
        &["oidc-core-3.1.3.2-openid-code"],
        &[Hook::Rules(|rules| rules.token.id_token_always = true)],
    ),
];

fn as_form(answer: &mut Answer, _context: &Context) {
    let Some(members) = answer.members() else {
        return;
    };
    let pairs: Vec<_> = members
        .iter()
        .map(|(name, value)| {
            let value = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            [name.as_str(), &encode_component(&value)].join("=")
        })
        .collect();
    answer.body = Body::Text(pairs.join("&"));
    answer.set_header(CONTENT_TYPE, "application/x-www-form-urlencoded");
}
