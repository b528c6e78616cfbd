//! Faults of token revocation (RFC 7009).

use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, StatusCode};
use serde_json::json;

use super::{Fault, Hook};
use crate::answer::{Answer, Members};
use crate::context::{Context, Mechanism};
use crate::dialect::BASIC_CHALLENGE;
use crate::endpoints::Endpoint;
use crate::mistake::Mistake;

pub(super) const FAULTS: &[Fault] = &[
    Fault::new(
        "revocation-without-effect",
        "A revoked token lives on.",
        &[
            "rfc7009-2-refresh-revocation",
            "rfc7009-2-access-revocation",
            "rfc7009-2.1-immediate",
            "rfc7009-2.1-cascade-to-access",
            "rfc7009-2.1-hint-extended-search",
            "rfc7009-2.2-invalid-hint-ignored",
        ],
        &[Hook::Rules(|rules| rules.revocation.effective = false)],
    ),
    Fault::new(
        "revocation-of-another-clients-token",
        "A client may revoke the tokens of others.",
        &["rfc7009-2.1-token-of-client"],
        &[Hook::Rules(|rules| rules.revocation.owner_checked = false)],
    ),
    Fault::new(
        "revocation-open",
        "Anybody may revoke.",
        &["rfc7009-2.1-client-credentials-first"],
        &[Hook::Rules(|rules| {
            rules.revocation.authentication_required = false
        })],
    ),
    Fault::new(
        "revocation-spares-access-tokens",
        "A revoked refresh token leaves its access tokens alive.",
        &["rfc7009-2.1-cascade-to-access"],
        &[Hook::Rules(|rules| rules.revocation.cascades = false)],
    ),
    Fault::new(
        "revocation-trusts-hint",
        "A token is looked for among those of the hint alone.",
        &["rfc7009-2.1-hint-extended-search"],
        &[Hook::Rules(|rules| rules.revocation.hint_ignored = false)],
    ),
    Fault::new(
        "revocation-refuses-unknown-token",
        "A token that nobody knows is answered with an error.",
        &["rfc7009-2.2-invalid-token-200"],
        &[Hook::Rules(|rules| {
            rules.revocation.unknown_accepted = false
        })],
    ),
    Fault::new(
        "revocation-is-204",
        "A revocation is answered with 204.",
        &["rfc7009-2.2-status-200", "rfc7009-2.2-invalid-token-200"],
        &[Hook::Answer(Endpoint::Revocation, |answer, context| {
            if context.mistake.is_none() {
                answer.status = StatusCode::NO_CONTENT;
            }
        })],
    ),
    Fault::new(
        "revocation-error-is-html",
        "An error of revocation is a page in HTML.",
        &["rfc7009-2.2.1-error-format"],
        &[Hook::Answer(Endpoint::Revocation, as_page)],
    ),
    Fault::new(
        "revocation-by-get",
        "A GET with the parameters in its query revokes too.",
        &["rfc7009-2.1-post"],
        &[Hook::RequestTo(Endpoint::Revocation, |request| {
            if request.method == Method::GET {
                request.method = Method::POST;
                request.set_header(CONTENT_TYPE, "application/x-www-form-urlencoded");
                if let Some(query) = request.query.take() {
                    request.append_form(&query);
                }
            }
        })],
    ),
    Fault::new(
        "revocation-of-nothing-is-200",
        "A request without token is answered with 200.",
        &["rfc7009-2.1-token-required"],
        &[Hook::Answer(Endpoint::Revocation, |answer, context| {
            if context.mistake == Some(Mistake::Missing("token")) {
                *answer = Answer::empty(StatusCode::OK);
            }
        })],
    ),
    Fault::new(
        "revocation-of-access-token-is-invalid-request",
        "The revocation of an access token is refused as an invalid_request.",
        &["rfc7009-2.2.1-unsupported-token-type"],
        &[Hook::Answer(Endpoint::Revocation, |answer, context| {
            let token = context.form.get("token").ok().flatten();
            if context.mistake.is_none() && token.is_some_and(|token| token.starts_with("eyJ")) {
                let members = Members::from_iter([("error".to_owned(), json!("invalid_request"))]);
                *answer = Answer::json(StatusCode::BAD_REQUEST, "application/json", members);
            }
        })],
    ),
    Fault::new(
        "revocation-without-basic",
        "The revocation endpoint does not take HTTP Basic, though the metadata list it.",
        &["rfc8414-2-revocation-auth-default"],
        &[Hook::Answer(Endpoint::Revocation, |answer, context| {
            if context.mechanism == Mechanism::Basic {
                let members = Members::from_iter([("error".to_owned(), json!("invalid_client"))]);
                *answer = Answer::json(StatusCode::UNAUTHORIZED, "application/json", members)
                    .challenging(BASIC_CHALLENGE);
            }
        })],
    ),
    Fault::new(
        "revocation-unknown-hint-refused",
        "A hint that nobody knows is answered with an error.",
        &["rfc7009-2.2-invalid-hint-ignored"],
        &[Hook::Rules(|rules| {
            rules.revocation.unknown_hint_refused = true
        })],
    ),
];

fn as_page(answer: &mut Answer, context: &Context) {
    if let Some(mistake) = context.mistake
        && mistake != Mistake::Method
    {
        *answer = Answer::page(answer.status, "Something went wrong.");
    }
}
