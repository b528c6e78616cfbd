//! What clients read first: the metadata (RFC 8414, OpenID Connect Discovery)
//! and the JWK Set (RFC 7517 5).

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{is_retrieval, wrong_method};
use crate::answer::{Answer, Members};
use crate::mistake::Mistake;
use crate::provider::Provider;
use crate::request::Request;

const JSON: &str = "application/json";

pub(super) fn metadata(provider: &Provider, request: &Request) -> Answer {
    if !is_retrieval(&request.method) {
        return wrong_method("GET, HEAD");
    }
    Answer::json(
        StatusCode::OK,
        JSON,
        provider.dialect().metadata(&provider.issuer),
    )
}

pub(super) fn jwks(provider: &Provider, request: &Request) -> Result<Answer, Mistake> {
    if !is_retrieval(&request.method) {
        return Ok(wrong_method("GET, HEAD"));
    }
    let keys = provider
        .dialect()
        .jwks()?
        .into_iter()
        .map(Value::Object)
        .collect::<Vec<_>>();
    let mut members = Members::new();
    members.insert("keys".to_owned(), json!(keys));
    Ok(Answer::json(StatusCode::OK, JSON, members))
}
