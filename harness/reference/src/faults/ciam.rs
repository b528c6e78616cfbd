//! Faults of the `ciam` personality: where an answer parts from the vendor's
//! page.

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use serde_json::{Value, json};

use super::{Fault, Hook, Telling};
use crate::mistake::Mistake;
use crate::tokens::{KeyName, Seal};

pub(super) const FAULTS: &[Fault] = &[
    Fault::ciam(
        "ciam-plain-media-type",
        "Answers are labelled application/json without a charset.",
        &["ciam-success-content-type", "ciam-error-content-type"],
        &[
            Hook::Granted(|answer, _| answer.set_header(CONTENT_TYPE, "application/json")),
            Hook::Refused(|answer, _| {
                if answer.headers.contains_key(CONTENT_TYPE) {
                    answer.set_header(CONTENT_TYPE, "application/json");
                }
            }),
        ],
    ),
    Fault::ciam(
        "ciam-success-is-201",
        "Tokens come with 201.",
        &["ciam-success-status"],
        &[Hook::Granted(|answer, _| {
            answer.status = StatusCode::CREATED
        })],
    ),
    Fault::ciam(
        "ciam-opaque-access-token",
        "The access token is no JWT.",
        &["ciam-success-access-token"],
        &[Hook::AccessToken(|token, _| token.seal = Seal::Opaque(32))],
    ),
    Fault::ciam(
        "ciam-token-type-lower-case",
        "The token_type is bearer.",
        &["ciam-success-token-type"],
        &[Hook::Granted(|answer, _| {
            answer.set_member("token_type", "bearer")
        })],
    ),
    Fault::ciam(
        "ciam-expires-in-is-string",
        "The expires_in is a string.",
        &["ciam-success-expires-in"],
        &[Hook::Granted(|answer, _| {
            answer.set_member("expires_in", "299")
        })],
    ),
    Fault::ciam(
        "ciam-expires-in-beyond-exp",
        "The expires_in says more than the token lives.",
        &["ciam-access-token-times"],
        &[Hook::Granted(|answer, _| {
            answer.set_member("expires_in", 1799)
        })],
    ),
    Fault::ciam(
        "ciam-scope-missing",
        "The answer has no scope.",
        &["ciam-success-scope"],
        &[Hook::Granted(|answer, _| {
            drop(answer.remove_member("scope"))
        })],
    ),
    Fault::ciam(
        "ciam-refresh-token-missing",
        "The answer has no refresh token.",
        &[
            "ciam-success-refresh-token",
            "ciam-sample-only-documented-members",
        ],
        &[Hook::Granted(|answer, _| {
            drop(answer.remove_member("refresh_token"))
        })],
    ),
    Fault::ciam(
        "ciam-id-token-missing",
        "The answer has no ID Token.",
        &[
            "ciam-success-id-token",
            "ciam-sample-only-documented-members",
        ],
        &[Hook::Granted(|answer, _| {
            drop(answer.remove_member("id_token"))
        })],
    ),
    Fault::ciam(
        "ciam-further-member",
        "The answer has a member that the page does not document.",
        &["ciam-sample-only-documented-members"],
        &[Hook::Granted(|answer, _| {
            answer.set_member("session_state", "1")
        })],
    ),
    Fault::ciam(
        "ciam-access-token-without-typ",
        "The header of an access token has no typ.",
        &["ciam-access-token-header"],
        &[Hook::AccessToken(|token, _| {
            drop(token.header.shift_remove("typ"))
        })],
    ),
    Fault::ciam(
        "ciam-access-token-scope-is-string",
        "The scope of an access token is a string.",
        &["ciam-access-token-claims"],
        &[Hook::AccessToken(|token, issue| {
            token.set_claim("scope", issue.scope.to_string())
        })],
    ),
    Fault::ciam(
        "ciam-access-token-aud-is-array",
        "The aud of an access token is an array.",
        &["ciam-access-token-claims"],
        &[Hook::AccessToken(|token, issue| {
            token.set_claim("aud", vec![issue.client.id])
        })],
    ),
    Fault::ciam(
        "ciam-access-token-nbf-ahead",
        "The nbf of an access token is a minute after iat.",
        &["ciam-access-token-claims"],
        &[Hook::AccessToken(|token, issue| {
            token.set_claim("nbf", issue.at + 60)
        })],
    ),
    Fault::ciam(
        "ciam-access-token-without-jti",
        "An access token has no jti.",
        &["ciam-access-token-claims"],
        &[Hook::AccessToken(|token, _| {
            drop(token.remove_claim("jti"))
        })],
    ),
    Fault::ciam(
        "ciam-access-token-signature-broken",
        "The signature of an access token does not verify.",
        &["ciam-access-token-signature"],
        &[Hook::AccessToken(|token, _| token.seal = Seal::Broken)],
    ),
    Fault::ciam(
        "ciam-id-token-kid-differs",
        "The kid of the ID Token is not that of the access token.",
        &["ciam-id-token-header", "ciam-id-token-signature"],
        &[Hook::IdToken(|token, _| {
            token.seal = Seal::Rs256(KeyName::Previous);
            token.set_header("kid", KeyName::Previous.kid());
        })],
    ),
    Fault::ciam(
        "ciam-id-token-without-azp",
        "An ID Token has no azp.",
        &["ciam-id-token-claims"],
        &[Hook::IdToken(|token, _| drop(token.remove_claim("azp")))],
    ),
    Fault::ciam(
        "ciam-id-token-subject-differs",
        "The sub of the ID Token is not that of the access token.",
        &["ciam-id-token-subject"],
        &[Hook::IdToken(|token, _| {
            token.set_claim("sub", "SOMEBODY_ELSE")
        })],
    ),
    Fault::ciam(
        "ciam-id-token-signature-broken",
        "The signature of an ID Token does not verify.",
        &["ciam-id-token-signature"],
        &[Hook::IdToken(|token, _| token.seal = Seal::Broken)],
    ),
    Fault::ciam(
        "ciam-missing-client-id-is-400",
        "A missing client_id is answered with 400.",
        &["ciam-error-client-id-missing"],
        &[Hook::Tell(
            |mistake| mistake == Mistake::NoClient,
            Telling::Bare(400),
        )],
    ),
    Fault::ciam(
        "ciam-unknown-client-id-is-403",
        "An incorrect client_id is answered with 403.",
        &["ciam-error-client-id-incorrect"],
        &[Hook::Tell(
            |mistake| mistake == Mistake::UnknownClient,
            Telling::Bare(403),
        )],
    ),
    Fault::ciam(
        "ciam-secret-optional",
        "The client_secret may be left out.",
        &["ciam-param-client-secret-required"],
        &[Hook::Rules(|rules| {
            rules.client.authentication_required = false
        })],
    ),
    Fault::ciam(
        "ciam-redirect-uri-optional",
        "The redirect_uri may be left out.",
        &["ciam-param-redirect-uri-required"],
        &[Hook::Rules(|rules| {
            rules.redirect_uri.may_be_left_out = true
        })],
    ),
    Fault::ciam(
        "ciam-grant-type-optional",
        "The grant_type may be left out.",
        &["ciam-param-grant-type-fixed"],
        &[Hook::Rules(|rules| {
            rules.grant_type.defaults_to_code = true
        })],
    ),
    Fault::ciam(
        "ciam-other-client-is-invalid-grant",
        "A code of another client is answered with 400 invalid_grant, as RFC 6749 has it.",
        &["ciam-error-client-id-of-another"],
        &[Hook::Tell(
            |mistake| mistake == Mistake::CodeOfAnother,
            Telling::Error(400, "invalid_grant"),
        )],
    ),
    Fault::ciam(
        "ciam-grant-type-error-is-invalid-request",
        "An incorrect grant_type is answered with invalid_request.",
        &["ciam-error-grant-type"],
        &[Hook::Tell(
            |mistake| mistake == Mistake::UnsupportedGrantType,
            Telling::Error(400, "invalid_request"),
        )],
    ),
    Fault::ciam(
        "ciam-error-without-description",
        "An error has its code alone.",
        &[
            "ciam-error-grant-type-description",
            "ciam-error-grant-type-uri",
        ],
        &[Hook::Refused(|answer, _| {
            answer.remove_member("error_description");
            answer.remove_member("error_uri");
        })],
    ),
    Fault::ciam(
        "ciam-error-uri-elsewhere",
        "An error points at the vendor's help pages.",
        &["ciam-error-grant-type-uri"],
        &[Hook::Refused(|answer, _| {
            if let Some(Value::String(_)) = answer.remove_member("error_uri") {
                answer.set_member("error_uri", json!("https://help.example/errors"));
            }
        })],
    ),
    Fault::ciam(
        "ciam-incorrect-code-is-401",
        "An incorrect code is answered with 401.",
        &["ciam-error-code-incorrect"],
        &[Hook::Tell(
            |mistake| mistake == Mistake::UnknownCode,
            Telling::Error(401, "invalid_grant"),
        )],
    ),
];
