//! The UserInfo endpoint (OpenID Connect Core 5.3), a resource that takes
//! bearer tokens (RFC 6750).

use axum::http::header::AUTHORIZATION;
use axum::http::{Method, StatusCode};
use serde_json::json;

use super::{is_retrieval, wrong_method};
use crate::answer::{Answer, Members};
use crate::context::Context;
use crate::provider::Provider;
use crate::request::Request;

pub(super) fn answer(provider: &Provider, context: &Context) -> Answer {
    let request = &context.request;
    if !is_retrieval(&request.method) && request.method != Method::POST {
        return wrong_method("GET, HEAD, POST");
    }
    let Some(token) = bearer_token(request) else {
        return refuse(StatusCode::UNAUTHORIZED, "Bearer realm=\"userinfo\"");
    };
    let store = provider.store();
    let Some(record) = store.live_access_token(token, &provider.rules.token) else {
        return invalid_token();
    };
    if !record.scope.contains("openid") {
        let challenge = "Bearer realm=\"userinfo\", error=\"insufficient_scope\", scope=\"openid\"";
        return refuse(StatusCode::FORBIDDEN, challenge);
    }
    let mut members = Members::from_iter([("sub".to_owned(), json!(record.subject))]);
    if record.scope.contains("profile") {
        members.insert("preferred_username".to_owned(), json!(record.subject));
    }
    Answer::json(StatusCode::OK, provider.dialect().media_type(), members).uncached()
}

/// The answer to a token that is not alive (RFC 6750 3.1).
pub(super) fn invalid_token() -> Answer {
    let challenge = "Bearer realm=\"userinfo\", error=\"invalid_token\", \
        error_description=\"the token is unknown, expired or revoked\"";
    refuse(StatusCode::UNAUTHORIZED, challenge)
}

/// The token of an Authorization header, of which there is one (RFC 6750 2.1).
pub(super) fn bearer_token(request: &Request) -> Option<&str> {
    let (scheme, token) = request.header(&AUTHORIZATION)?.split_once(' ')?;
    let only = request.headers.get_all(AUTHORIZATION).iter().count() == 1;
    (only && scheme.eq_ignore_ascii_case("Bearer")).then_some(token.trim_matches(' '))
}

fn refuse(status: StatusCode, challenge: &str) -> Answer {
    Answer::empty(status).challenging(challenge).uncached()
}
