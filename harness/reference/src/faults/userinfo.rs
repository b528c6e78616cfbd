//! Faults of the UserInfo endpoint as a resource that takes bearer tokens (RFC 6750 3).

use axum::http::StatusCode;
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};

use super::{Fault, Hook};
use crate::endpoints::Endpoint;

pub(super) const FAULTS: &[Fault] = &[
    Fault::new(
        "userinfo-without-challenge",
        "A request without a token is answered with a bare 401.",
        &["rfc6750-3-challenge"],
        &[Hook::Answer(Endpoint::Userinfo, |answer, context| {
            if !context.request.headers.contains_key(AUTHORIZATION) {
                answer.headers.remove(WWW_AUTHENTICATE);
            }
        })],
    ),
    Fault::new(
        "userinfo-error-without-token",
        "A request without a token is answered with the error invalid_token.",
        &["rfc6750-3-no-error-without-token"],
        &[Hook::Answer(Endpoint::Userinfo, |answer, _| {
            if answer.status == StatusCode::UNAUTHORIZED {
                answer.set_header(
                    WWW_AUTHENTICATE,
                    "Bearer realm=\"userinfo\", error=\"invalid_token\"",
                );
            }
        })],
    ),
    Fault::new(
        "userinfo-unknown-token-without-error",
        "A token that nobody knows is answered with a challenge without an error.",
        &["rfc6750-3.1-invalid-token"],
        &[Hook::Answer(Endpoint::Userinfo, |answer, _| {
            if answer.status == StatusCode::UNAUTHORIZED {
                answer.set_header(WWW_AUTHENTICATE, "Bearer realm=\"userinfo\"");
            }
        })],
    ),
];
