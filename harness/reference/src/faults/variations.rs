//! Variations: what a server may do otherwise than this one and keep every sentence. They are the
//! counterpart of the faults: on none of them may a case fail.
//!
//! A variation is a [`Fault`] that breaks nothing. Where only some profiles allow it, its sentence
//! says so.

use std::sync::LazyLock;

use axum::http::StatusCode;
use axum::http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, PRAGMA, WWW_AUTHENTICATE};
use serde_json::{Value, json};

use super::{Fault, Hook, Telling};
use crate::answer::Answer;
use crate::context::Mechanism;
use crate::endpoints::Endpoint;
use crate::mistake::Mistake;
use crate::rules::{Algorithm, Audience, Duplicates, Renewal, ReplayRevokes};
use crate::tokens::Seal;

/// A variation: nothing is broken by it.
const fn lawful(name: &'static str, does: &'static str, hooks: &'static [Hook]) -> Fault {
    Fault::new(name, does, &[], hooks)
}

/// All variations there are.
pub fn variations() -> &'static [Fault] {
    &VARIATIONS
}

/// The variation of that name.
pub fn variation(name: &str) -> Option<&'static Fault> {
    variations().iter().find(|known| known.name == name)
}

static VARIATIONS: LazyLock<Vec<Fault>> =
    LazyLock::new(|| [RULES, GRANTED, REFUSED, TOKENS, ENDPOINTS].concat());

/// What the endpoints keep to.
const RULES: &[Fault] = &[
    lawful(
        "pkce-required-of-all",
        "No client gets a code without a code_challenge (RFC 9700 2.1.1).",
        &[Hook::Rules(|rules| rules.pkce.required_for_all = true)],
    ),
    lawful(
        "nonce-required",
        "No client gets a code for the scope openid without a nonce (a policy; OpenID Connect Core 3.1.2.1 leaves it to the client).",
        &[Hook::Rules(|rules| {
            rules.authorization.nonce_required = true
        })],
    ),
    lawful(
        "assertions-for-the-issuer-alone",
        "A client assertion names the issuer, and not the token endpoint (RFC 7523bis, FAPI 2.0; the clients of the configuration do).",
        &[Hook::Rules(|rules| {
            rules.assertion.audience = Audience::Issuer
        })],
    ),
    lawful(
        "assertions-for-the-token-endpoint-alone",
        "A client assertion names the token endpoint, and not the issuer (OpenID Connect Core 9).",
        &[Hook::Rules(|rules| {
            rules.assertion.audience = Audience::TokenEndpoint
        })],
    ),
    lawful(
        "assertions-without-jti-used-twice",
        "A client assertion need not have a jti, and is good until it expires (RFC 7523 3; a warning: not OpenID Connect Core 9).",
        &[Hook::Rules(|rules| {
            rules.assertion.required = &["iss", "sub", "aud", "exp"];
            rules.assertion.used_once = false;
        })],
    ),
    lawful(
        "assertions-by-any-algorithm-of-the-key",
        "A client may sign its assertions with what its key can do (a warning: not RFC 8725 3.1).",
        &[Hook::Rules(|rules| {
            rules.assertion.algorithm = Algorithm::AnyOfKey
        })],
    ),
    lawful(
        "assertion-members-the-last-counts",
        "Of a member of a client assertion that is there twice, the last is taken (RFC 7515 4, RFC 7519 4).",
        &[Hook::Rules(|rules| {
            rules.assertion.header_duplicates = Duplicates::LastWins;
            rules.assertion.claim_duplicates = Duplicates::LastWins;
        })],
    ),
    lawful(
        "pkce-plain-allowed",
        "A challenge may be plain (RFC 7636 4.2).",
        &[Hook::Rules(|rules| rules.pkce.plain_allowed = true)],
    ),
    lawful(
        "pkce-unexpected-verifier-ignored",
        "A code_verifier for a code without a challenge is ignored, as a server without PKCE does (RFC 7636 5; not RFC 9700).",
        &[Hook::Rules(|rules| rules.pkce.unexpected_refused = false)],
    ),
    lawful(
        "refresh-tokens-rotated-for-all",
        "Refresh tokens of confidential clients are rotated too (RFC 6749 6).",
        &[Hook::Rules(|rules| {
            rules.refresh.confidential = Renewal::Rotated
        })],
    ),
    lawful(
        "refresh-tokens-repeated",
        "A refresh answers a confidential client with the refresh token that it sent (RFC 6749 6).",
        &[Hook::Rules(|rules| {
            rules.refresh.confidential = Renewal::Repeated
        })],
    ),
    lawful(
        "refresh-reuse-revokes-nothing",
        "A refresh token that was rotated out is refused, and nothing else happens (RFC 6749 10.4; not RFC 9700).",
        &[Hook::Rules(|rules| rules.refresh.reuse_revokes = false)],
    ),
    lawful(
        "replay-revokes-all-of-the-user",
        "A replayed code ends every grant of its user (RFC 6749 4.1.2 asks for those of the code).",
        &[Hook::Rules(|rules| {
            rules.code.replay_revokes = ReplayRevokes::User
        })],
    ),
    lawful(
        "codes-with-every-character",
        "A code has characters that a form has to encode (RFC 6749 A.11).",
        &[Hook::Rules(|rules| {
            rules.authorization.code_suffix = " +/=&?#%25\"'~"
        })],
    ),
    lawful(
        "login-form-answers-303",
        "The authorization endpoint redirects with 303 (RFC 9700 4.12).",
        &[Hook::Rules(|rules| {
            rules.authorization.redirect_status = 303
        })],
    ),
    lawful(
        "scope-unknown-ignored",
        "A client's scope that it may not have is left out, and the answer says so (RFC 6749 3.3).",
        &[Hook::Rules(|rules| rules.scope.unknown_ignored = true)],
    ),
];

/// Answers with tokens (RFC 6749 5.1).
const GRANTED: &[Fault] = &[
    lawful(
        "token-type-in-lower-case",
        "token_type is bearer (RFC 6749 5.1: its case does not count).",
        &[Hook::Granted(|answer, _| {
            answer.set_member("token_type", "bearer")
        })],
    ),
    lawful(
        "media-type-with-charset",
        "JSON is labelled Application/JSON; charset=UTF-8 (RFC 9110 8.3.1: the case does not count).",
        &[Hook::Answer(Endpoint::Token, |answer, _| {
            answer.set_header(CONTENT_TYPE, "Application/JSON; charset=UTF-8")
        })],
    ),
    lawful(
        "cache-control-with-more",
        "Cache-Control has no-store among others, in another case (RFC 9111 5.2).",
        &[Hook::Answer(Endpoint::Token, |answer, _| {
            if answer.headers.contains_key(CACHE_CONTROL) {
                answer.set_header(CACHE_CONTROL, "private, No-Store, max-age=0")
            }
        })],
    ),
    lawful(
        "pragma-with-more",
        "Pragma has another directive beside no-cache.",
        &[Hook::Answer(Endpoint::Token, |answer, _| {
            if answer.headers.contains_key(PRAGMA) {
                answer.set_header(PRAGMA, "x-other, No-Cache")
            }
        })],
    ),
    lawful(
        "scope-left-out-where-it-is-the-one-asked-for",
        "The answer has no scope where it is the one of the request (RFC 6749 5.1).",
        &[Hook::Granted(|answer, context| {
            let asked = context.form.get("scope").ok().flatten().map(str::to_owned);
            let told = answer
                .members()
                .and_then(|members| members.get("scope").cloned());
            if let (Some(asked), Some(Value::String(told))) = (asked, told)
                && asked == told
            {
                answer.remove_member("scope");
            }
        })],
    ),
    lawful(
        "members-that-nobody-knows",
        "An answer has members of an extension (RFC 6749 5.1: a client ignores them).",
        &[Hook::Granted(|answer, _| {
            answer.set_member("ext_expires_in", 3599);
            answer.set_member("not-before-policy", 0);
            answer.set_member("session_state", "9b4b2a4e-1c25-4d1c-9d58-0d7a0f3c2e11");
            answer.set_member("vendor", json!({ "list": [1, 2, null], "flag": true }));
        })],
    ),
    lawful(
        "members-in-another-order",
        "The members of an answer come in another order (RFC 6749 5.1: the order does not matter).",
        &[Hook::Answer(Endpoint::Token, |answer, _| {
            if let Some(members) = answer.members() {
                let reversed = std::mem::take(members).into_iter().rev().collect();
                *members = reversed;
            }
        })],
    ),
    lawful(
        "headers-that-nobody-asked-for",
        "Every answer has headers of a proxy and for browsers.",
        &[Hook::Answer(Endpoint::Token, |answer, _| {
            for (name, value) in [
                ("strict-transport-security", "max-age=31536000"),
                ("x-request-id", "5f0c2a9e"),
                ("access-control-allow-origin", "*"),
                ("vary", "Origin, Accept-Encoding"),
            ] {
                answer.set_header(axum::http::HeaderName::from_static(name), value);
            }
        })],
    ),
];

/// Answers that tell of a mistake (RFC 6749 5.2).
const REFUSED: &[Fault] = &[
    lawful(
        "errors-without-description",
        "An error has no error_description (RFC 6749 5.2: it is optional).",
        &[Hook::Refused(|answer, _| {
            drop(answer.remove_member("error_description"))
        })],
    ),
    lawful(
        "errors-with-uri",
        "An error has an error_uri, a relative reference (RFC 6749 5.2: a URI-reference).",
        &[Hook::Refused(|answer, _| {
            answer.set_member("error_uri", "../errors#about-it")
        })],
    ),
    lawful(
        "errors-with-further-members",
        "An error has members of the server's own (RFC 6749 5.2).",
        &[Hook::Refused(|answer, _| {
            answer.set_member("timestamp", "2026-11-01T10:00:00Z");
            answer.set_member("trace_id", "0af7651916cd43dd8448eb211c80319c");
            answer.set_member("error_codes", json!([70008]));
        })],
    ),
    lawful(
        "wrong-credentials-in-the-body-are-400",
        "invalid_client is a 400 where the client did not use the Authorization header (RFC 6749 5.2).",
        &[Hook::Refused(|answer, context| {
            let by_header = context
                .request
                .headers
                .contains_key(axum::http::header::AUTHORIZATION);
            if answer.status == StatusCode::UNAUTHORIZED && !by_header {
                answer.status = StatusCode::BAD_REQUEST;
                answer.headers.remove(WWW_AUTHENTICATE);
            }
        })],
    ),
    lawful(
        "challenge-among-others",
        "A 401 has several challenges in one field, the one of the request among them (RFC 9110 11.6.1).",
        &[Hook::Refused(|answer, _| {
            if answer.status == StatusCode::UNAUTHORIZED {
                answer.set_header(
                    WWW_AUTHENTICATE,
                    "Bearer realm=\"a, \\\"b\\\"\", error=\"invalid_token\", basic realm=\"clients\"",
                )
            }
        })],
    ),
    lawful(
        "two-mechanisms-are-an-invalid-client",
        "Two ways to authenticate at once are an invalid_client (RFC 7521 4.2.1).",
        &[Hook::Tell(
            |mistake| matches!(mistake, Mistake::SeveralMechanisms),
            Telling::Error(401, "invalid_client"),
        )],
    ),
    lawful(
        "missing-verifier-is-an-invalid-request",
        "A missing code_verifier is an invalid_request (no document assigns a code).",
        &[Hook::Tell(
            |mistake| matches!(mistake, Mistake::NoVerifier),
            Telling::Error(400, "invalid_request"),
        )],
    ),
    lawful(
        "missing-redirect-uri-is-an-invalid-grant",
        "A redirect_uri that is left out does not match (RFC 6749 5.2, invalid_grant).",
        &[Hook::Tell(
            |mistake| matches!(mistake, Mistake::NoRedirectUri),
            Telling::Error(400, "invalid_grant"),
        )],
    ),
    lawful(
        "other-methods-are-not-found",
        "Another method than POST is answered by the router: 404 without a body.",
        &[Hook::Refused(|answer, context| {
            if context.mistake == Some(Mistake::Method) {
                answer.headers.remove(ALLOW);
                answer.headers.remove(CONTENT_TYPE);
                answer.status = StatusCode::NOT_FOUND;
                answer.body = crate::answer::Body::Empty;
            }
        })],
    ),
    lawful(
        "other-media-types-are-415",
        "A body that is no form is answered by the framework: 415 as a page.",
        &[Hook::Tell(
            |mistake| matches!(mistake, Mistake::MediaType),
            Telling::Page(415),
        )],
    ),
    lawful(
        "client-known-by-its-id-alone-is-an-invalid-request",
        "A confidential client that sends only its client_id lacks a parameter (RFC 6749 5.2, invalid_request).",
        &[Hook::Refused(|answer, context| {
            if context.mistake == Some(Mistake::NoClient) && context.mechanism == Mechanism::None {
                answer.status = StatusCode::BAD_REQUEST;
                answer.headers.remove(WWW_AUTHENTICATE);
                answer.set_member("error", "invalid_request");
            }
        })],
    ),
];

/// Tokens.
const TOKENS: &[Fault] = &[
    lawful(
        "opaque-access-tokens",
        "Access tokens are random text (RFC 6749 1.4).",
        &[Hook::AccessToken(|token, _| {
            token.seal_with(Seal::Opaque(32))
        })],
    ),
    lawful(
        "long-access-tokens",
        "Access tokens are of eight thousand characters.",
        &[Hook::AccessToken(|token, _| {
            token.seal_with(Seal::Opaque(6000))
        })],
    ),
    lawful(
        "id-token-for-an-array",
        "aud is an array of the client alone, and azp says it again (OpenID Connect Core 2).",
        &[Hook::IdToken(|token, issue| {
            token.set_claim("aud", json!([issue.client.id]));
            token.set_claim("azp", issue.client.id);
        })],
    ),
    lawful(
        "id-token-with-further-claims",
        "An ID Token has claims that nobody asked for (OpenID Connect Core 2).",
        &[Hook::IdToken(|token, _| {
            token.set_claim("acr", "0");
            token.set_claim("amr", json!(["pwd", "mfa"]));
            token.set_claim("sid", "08a5019c-17e1-4977-8f42-65a12843ea02");
            token.set_claim("nbf", token.time("iat"));
            token.set_claim("jti", "f5a1a1c8-0f5b-4b43-8a3a-2e8f1f4c9b1d");
        })],
    ),
    lawful(
        "id-token-with-fractional-times",
        "The times of an ID Token have fractions of a second (RFC 7519 2, NumericDate).",
        &[Hook::IdToken(|token, _| {
            for claim in ["iat", "exp"] {
                let time = token.time(claim);
                token.set_claim(claim, json!(time as f64 + 0.25));
            }
        })],
    ),
    lawful(
        "id-token-without-at-hash",
        "An ID Token of a code grant has no at_hash (OpenID Connect Core 3.1.3.6: it is optional).",
        &[Hook::IdToken(|token, _| {
            drop(token.remove_claim("at_hash"))
        })],
    ),
    lawful(
        "id-token-without-typ",
        "An ID Token has no typ (RFC 7519 5.1: it is optional).",
        &[Hook::IdToken(|token, _| {
            drop(token.header.shift_remove("typ"))
        })],
    ),
    lawful(
        "id-token-from-a-clock-that-is-behind",
        "The server's clock is ten seconds behind.",
        &[Hook::IdToken(|token, _| {
            for claim in ["iat", "exp", "auth_time"] {
                if token.claims.contains_key(claim) {
                    let time = token.time(claim);
                    token.set_claim(claim, time - 10);
                }
            }
        })],
    ),
];

/// The other endpoints: metadata, keys, introspection and revocation.
const ENDPOINTS: &[Fault] = &[
    lawful(
        "metadata-where-openid-has-them-alone",
        "There are no metadata at the place of RFC 8414 (a warning: many servers do so).",
        &[Hook::Answer(Endpoint::OauthMetadata, |answer, _| {
            *answer = Answer::page(StatusCode::NOT_FOUND, "Not found.");
        })],
    ),
    lawful(
        "keys-without-use-and-alg",
        "A key says neither what it is for nor its algorithm (RFC 7517 4.2, 4.4: both are optional).",
        &[Hook::Answer(Endpoint::Jwks, |answer, _| {
            let keys = answer.members().and_then(|set| set.get_mut("keys"));
            for key in keys.and_then(Value::as_array_mut).into_iter().flatten() {
                if let Value::Object(members) = key {
                    members.shift_remove("use");
                    members.shift_remove("alg");
                }
            }
        })],
    ),
    lawful(
        "introspection-for-nobody-here",
        "No client of the configuration may introspect (RFC 7662 2.1: resource servers may).",
        &[Hook::Answer(Endpoint::Introspection, |answer, _| {
            let members =
                crate::answer::Members::from_iter([("error".to_owned(), json!("access_denied"))]);
            *answer = Answer::json(StatusCode::FORBIDDEN, "application/json", members);
        })],
    ),
    lawful(
        "introspection-tells-active-alone",
        "Introspection tells nothing beyond active (RFC 7662 2.2: the others are optional).",
        &[Hook::Answer(Endpoint::Introspection, |answer, _| {
            if let Some(members) = answer.members()
                && members.contains_key("active")
            {
                members.retain(|name, _| name == "active");
            }
        })],
    ),
    lawful(
        "introspection-by-credentials-alone",
        "The introspection endpoint takes no bearer token of its caller (RFC 7662 2.1).",
        &[Hook::RequestTo(Endpoint::Introspection, |request| {
            let authorization = axum::http::header::AUTHORIZATION;
            let is_bearer = request
                .header(&authorization)
                .is_some_and(|value| value.starts_with("Bearer"));
            if is_bearer {
                request.headers.remove(authorization);
            }
        })],
    ),
    lawful(
        "revocation-of-refresh-tokens-alone",
        "Access tokens cannot be revoked, and the answer says so (RFC 7009 2.2.1).",
        &[Hook::Rules(|rules| {
            rules.revocation.access_tokens = false;
        })],
    ),
    lawful(
        "revocation-of-another-clients-token-is-200",
        "A client that revokes another's token is answered with 200, and nothing happens (a warning: RFC 7009 2.1 refuses).",
        &[Hook::Answer(Endpoint::Revocation, |answer, context| {
            if context.mistake == Some(Mistake::TokenOfAnother) {
                *answer = Answer::empty(StatusCode::OK);
            }
        })],
    ),
];
