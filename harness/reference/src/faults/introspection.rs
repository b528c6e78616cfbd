//! Faults of token introspection (RFC 7662).

use axum::http::StatusCode;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use serde_json::{Value, json};

use super::{Fault, Hook};
use crate::answer::{Answer, Members};
use crate::endpoints::Endpoint;
use crate::mistake::Mistake;
use crate::rules::Inactive;

pub(super) const FAULTS: &[Fault] = &[
    Fault::new(
        "introspection-open",
        "Anybody may introspect.",
        &[
            "rfc7662-2.1-authorization-required",
            "rfc7662-2.3-bad-credentials-401",
        ],
        &[Hook::Rules(|rules| {
            rules.introspection.authentication_required = false
        })],
    ),
    Fault::new(
        "introspection-trusts-hint",
        "A token is looked for among those of the hint alone.",
        &["rfc7662-2.1-hint-extended-search"],
        &[Hook::Rules(|rules| {
            rules.introspection.hint_ignored = false
        })],
    ),
    Fault::new(
        "introspection-explains-inactive",
        "Of a token that is not active, the reason is told.",
        &["rfc7662-2.2-inactive-no-details"],
        &[Hook::Rules(|rules| {
            rules.introspection.inactive = Inactive::Explained
        })],
    ),
    Fault::new(
        "introspection-refuses-inactive",
        "A token that is not active is answered with an error.",
        &[
            "rfc7662-2.2-inactive",
            "rfc7662-2.3-invalid-token-not-error",
        ],
        &[Hook::Rules(|rules| {
            rules.introspection.inactive = Inactive::Refused
        })],
    ),
    Fault::new(
        "introspection-active-is-string",
        "The member active is a string.",
        &["rfc7662-2.2-active-required"],
        &[Hook::Answer(Endpoint::Introspection, |answer, _| {
            rewrite(answer, "active", |active| json!(active.to_string()));
        })],
    ),
    Fault::new(
        "introspection-exp-is-string",
        "The member exp is a string.",
        &["rfc7662-2.2-exp-iat-integers"],
        &[Hook::Answer(Endpoint::Introspection, |answer, _| {
            rewrite(answer, "exp", |exp| json!(exp.to_string()));
        })],
    ),
    Fault::new(
        "introspection-scope-is-array",
        "The member scope is an array.",
        &["rfc7662-2.2-scope-string"],
        &[Hook::Answer(Endpoint::Introspection, |answer, _| {
            rewrite(answer, "scope", |scope| json!([scope]))
        })],
    ),
    Fault::new(
        "introspection-labelled-text",
        "The answer is labelled text/plain.",
        &["rfc7662-2.2-media-type"],
        &[Hook::Answer(Endpoint::Introspection, |answer, _| {
            answer.set_header(CONTENT_TYPE, "text/plain")
        })],
    ),
    Fault::new(
        "introspection-of-another-audience",
        "The member aud is another than that of the token.",
        &["rfc8707-2-audience-restricted"],
        &[Hook::Answer(Endpoint::Introspection, |answer, _| {
            rewrite(answer, "aud", |_| json!("https://elsewhere.example/"));
        })],
    ),
    Fault::new(
        "introspection-of-revoked-refresh-token",
        "A refresh token that was revoked, and no longer works, is active.",
        &["rfc7662-4-revocation-checked", "rfc7662-2.2-inactive"],
        &[Hook::Rules(|rules| {
            rules.introspection.revocation_checked = false
        })],
    ),
    Fault::new(
        "introspection-is-201",
        "An introspection is answered with 201.",
        &[
            "rfc7662-2.1-post",
            "rfc7662-2.2-inactive",
            "rfc7662-2.3-invalid-token-not-error",
        ],
        &[Hook::Answer(Endpoint::Introspection, |answer, context| {
            if context.mistake.is_none() && answer.status == StatusCode::OK {
                answer.status = StatusCode::CREATED;
            }
        })],
    ),
    Fault::new(
        "introspection-of-nothing-is-inactive",
        "A request without token is answered as one of a token that is not active.",
        &["rfc7662-2.1-token-required"],
        &[Hook::Answer(Endpoint::Introspection, |answer, context| {
            if context.mistake == Some(Mistake::Missing("token")) {
                let members = Members::from_iter([("active".to_owned(), json!(false))]);
                *answer = Answer::json(StatusCode::OK, "application/json", members);
            }
        })],
    ),
    Fault::new(
        "introspection-wrong-bearer-token-is-400",
        "A caller's bearer token that is not alive is answered with 400.",
        &["rfc7662-2.3-bad-bearer-401"],
        &[Hook::Answer(Endpoint::Introspection, |answer, context| {
            let is_bearer = context
                .request
                .header(&AUTHORIZATION)
                .is_some_and(|value| value.starts_with("Bearer"));
            if is_bearer && answer.status == StatusCode::UNAUTHORIZED {
                answer.status = StatusCode::BAD_REQUEST;
            }
        })],
    ),
    Fault::new(
        "introspection-wrong-credentials-is-403",
        "Wrong credentials are answered with 403.",
        &["rfc7662-2.3-bad-credentials-401"],
        &[Hook::Answer(Endpoint::Introspection, |answer, context| {
            if context
                .mistake
                .is_some_and(Mistake::is_failed_authentication)
            {
                answer.status = StatusCode::FORBIDDEN;
            }
        })],
    ),
];

fn rewrite(answer: &mut Answer, name: &str, change: fn(Value) -> Value) {
    if let Some(value) = answer.remove_member(name) {
        answer.set_member(name, change(value));
    }
}
