//! Faults of refresh tokens (RFC 6749 6 and 10.4; RFC 9700 4.14.2; OpenID
//! Connect Core 12).

use std::time::Duration;

use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use serde_json::json;

use super::{Fault, Hook, Telling};
use crate::answer::{Answer, Members};
use crate::clients::GrantType;
use crate::context::Context;
use crate::mistake::Mistake;
use crate::rules::{Renewal, WiderScope};

/// What a family that can be used twice breaks.
const ROTATION: &[&str] = &[
    "rfc6749-10.4-abuse-detection",
    "rfc9700-2.2.2-public-refresh-protected",
    "rfc9700-4.14.2-public-replay-detected",
    "rfc9700-4.14.2-rotation-old-invalid",
];

pub(super) const FAULTS: &[Fault] = &[
    Fault::new(
        "refresh-token-of-another-client-accepted",
        "A refresh token works for any client.",
        &[
            "rfc6749-6-token-bound-to-client",
            "rfc6749-6-server-authenticates-and-binds",
            "rfc6749-10.4-binding-maintained",
            "rfc6749-10.4-binding-verified",
            "oidc-core-12.1-issued-to-client",
            "rfc9700-2.2.2-confidential-refresh-bound",
        ],
        &[Hook::Rules(|rules| rules.refresh.bound_to_client = false)],
    ),
    Fault::new(
        "public-refresh-token-not-rotated",
        "The refresh token of a client without a secret stays the same.",
        &[
            "rfc6749-10.4-abuse-detection",
            "rfc9700-2.2.2-public-refresh-protected",
            "rfc9700-4.14.2-public-replay-detected",
            "rfc9700-4.14.2-rotation-new-token",
            "rfc9700-4.14.2-rotation-old-invalid",
        ],
        &[Hook::Rules(|rules| {
            rules.refresh.public = Renewal::Repeated
        })],
    ),
    Fault::new(
        "public-refresh-token-rotated-once",
        "The first refresh of a client without a secret rotates the refresh token, and no later one does.",
        &[
            "rfc6749-10.4-abuse-detection",
            "rfc9700-2.2.2-public-refresh-protected",
            "rfc9700-4.14.2-public-replay-detected",
            "rfc9700-4.14.2-rotation-new-token",
            "rfc9700-4.14.2-rotation-old-invalid",
        ],
        &[Hook::Rules(|rules| {
            rules.refresh.public = Renewal::RotatedOnce
        })],
    ),
    Fault::new(
        "rotated-refresh-token-works",
        "A refresh token goes on working after it was rotated out.",
        ROTATION,
        &[Hook::Rules(|rules| {
            rules.refresh.superseded_refused = false
        })],
    ),
    Fault::new(
        "refresh-token-rotated-twice-at-once",
        "Of two requests at once with one refresh token, both succeed.",
        ROTATION,
        &[Hook::Rules(|rules| {
            rules.refresh.race_window = Duration::from_millis(40)
        })],
    ),
    Fault::new(
        "refresh-token-reuse-revokes-nothing",
        "A refresh token that was rotated out is refused, and those that took its place live on.",
        &["rfc9700-4.14.2-rotation-revokes-active"],
        &[Hook::Rules(|rules| rules.refresh.reuse_revokes = false)],
    ),
    Fault::new(
        "rotation-is-not-told",
        "The refresh token is rotated, and the answer does not have the new one.",
        &["rfc9700-4.14.2-rotation-new-token"],
        &[Hook::Granted(|answer, context| {
            if is_refresh(context) {
                answer.remove_member("refresh_token");
            }
        })],
    ),
    Fault::new(
        "revoked-refresh-token-works",
        "A refresh token goes on working after it, or its grant, was revoked.",
        &[
            "rfc7009-2-refresh-revocation",
            "rfc7009-2.1-hint-extended-search",
            "rfc7009-2.1-immediate",
            "rfc7009-2.2-invalid-hint-ignored",
            "rfc6749-4.1.2-code-reuse-revokes",
            "rfc9700-4.14.2-rotation-revokes-active",
            "rfc9700-4.2.4-tokens-revoked",
            "oauth-v2-1-4.3.1-grant-active",
        ],
        &[Hook::Rules(|rules| {
            rules.refresh.revocation_checked = false
        })],
    ),
    Fault::new(
        "refresh-widens-scope",
        "A refresh gives whatever scope it asks for.",
        &[
            "rfc6749-1.5-refreshed-scope-not-wider",
            "rfc6749-6-scope-not-wider",
            "rfc9700-4.14.2-bound-scope",
        ],
        &[Hook::Rules(|rules| {
            rules.refresh.wider_scope = WiderScope::Granted
        })],
    ),
    Fault::new(
        "refresh-takes-the-last-scope",
        "Of several scope values in a refresh the last alone is granted.",
        &[
            "rfc6749-3.3-scope-additive",
            "rfc6749-3.3-scope-space-delimited",
        ],
        &[Hook::Granted(|answer, context| {
            if is_refresh(context)
                && let Ok(Some(asked)) = context.form.get("scope")
                && let Some(last) = asked.split(' ').next_back()
            {
                answer.set_member("scope", last);
            }
        })],
    ),
    Fault::new(
        "refresh-narrows-for-good",
        "A refresh that asks for less leaves the refresh token with less.",
        &[
            "rfc6749-6-scope-omitted-equals-original",
            "rfc6749-6-new-token-scope",
        ],
        &[Hook::Rules(|rules| rules.refresh.scope_sticks = true)],
    ),
    Fault::new(
        "wider-refresh-is-invalid-grant",
        "A refresh that asks for more is answered with invalid_grant.",
        &["rfc6749-5.2-invalid-scope"],
        &[Hook::Refused(|answer, context| {
            if is_refresh(context) && context.mistake == Some(Mistake::ExcessiveScope) {
                answer.set_member("error", "invalid_grant");
            }
        })],
    ),
    Fault::new(
        "access-token-refreshes",
        "An access token does as a refresh token.",
        &[
            "rfc6749-6-access-token-not-refresh-token",
            "rfc6749-6-server-validates-token",
        ],
        &[Hook::Rules(|rules| {
            rules.refresh.access_token_accepted = true
        })],
    ),
    Fault::new(
        "refresh-token-known-by-its-first-half",
        "Of a refresh token only the first half is looked at.",
        &[
            "rfc6749-6-server-validates-token",
            "rfc6749-10.4-refresh-token-unguessable",
            "oidc-core-12.1-validate-token",
            "rfc9700-4.14.2-token-integrity",
        ],
        &[Hook::Rules(|rules| rules.refresh.first_half_does = true)],
    ),
    Fault::new(
        "refresh-grant-refused",
        "A refresh that is right is answered with unsupported_grant_type.",
        &[
            "oidc-core-12.2-token-response",
            "rfc8707-2.2-refresh-keeps-full-grant",
            "rfc6749-6-grant-type",
            "rfc6749-6-success",
        ],
        &[Hook::Granted(|answer, context| {
            if is_refresh(context) {
                let error = json!("unsupported_grant_type");
                let members = Members::from_iter([("error".to_owned(), error)]);
                *answer = Answer::json(StatusCode::BAD_REQUEST, "application/json", members);
            }
        })],
    ),
    Fault::new(
        "short-refresh-token",
        "A refresh token has 32 random bits.",
        &[
            "rfc6749-10.4-refresh-token-unguessable",
            "rfc6749-10.10-probability-128",
            "rfc6749-10.10-probability-160",
        ],
        &[Hook::Rules(|rules| rules.refresh.bytes = 4)],
    ),
    Fault::new(
        "refresh-without-access-token",
        "The answer to a refresh has no access token.",
        &[
            "rfc6749-6-success",
            "rfc6749-5.1-access-token",
            "oidc-core-12.2-token-response",
        ],
        &[Hook::Granted(|answer, context| {
            if is_refresh(context) {
                answer.remove_member("access_token");
            }
        })],
    ),
    Fault::new(
        "refresh-cacheable",
        "The answer to a refresh may be cached.",
        &["rfc6749-5.1-cache-control", "oidc-core-12.2-token-response"],
        &[Hook::Granted(|answer, context| {
            if is_refresh(context) {
                answer.set_header(CACHE_CONTROL, "max-age=60");
            }
        })],
    ),
    Fault::new(
        "unknown-refresh-token-is-invalid-request",
        "An unknown refresh token is answered with invalid_request.",
        &["rfc6749-5.2-invalid-grant-invalid"],
        &[Hook::Tell(
            is_unknown,
            Telling::Error(400, "invalid_request"),
        )],
    ),
    Fault::new(
        "unknown-refresh-token-is-401",
        "An unknown refresh token is answered with 401 invalid_token.",
        &[
            "rfc6749-5.2-invalid-grant-invalid",
            "rfc6749-5.2-status-400",
        ],
        &[Hook::Tell(is_unknown, Telling::Error(401, "invalid_token"))],
    ),
    Fault::new(
        "unknown-refresh-token-is-server-error",
        "An unknown refresh token is answered with 500.",
        &[
            "rfc6749-6-server-validates-token",
            "rfc6749-5.2-invalid-grant-invalid",
            "oidc-core-12.1-validate-token",
            "rfc9700-4.14.2-token-integrity",
        ],
        &[Hook::Tell(is_unknown, Telling::Page(500))],
    ),
    Fault::new(
        "refresh-token-of-another-client-is-invalid-client",
        "A refresh token of another client is answered with invalid_client.",
        &["rfc6749-5.2-invalid-grant-other-client"],
        &[Hook::Tell(
            |mistake| mistake == Mistake::RefreshTokenOfAnother,
            Telling::Error(401, "invalid_client"),
        )],
    ),
    Fault::new(
        "reused-refresh-token-is-invalid-request",
        "A refresh token that was rotated out is answered with invalid_request.",
        &[
            "rfc6749-5.2-invalid-grant-invalid",
            "rfc6749-5.2-invalid-grant-revoked",
        ],
        &[Hook::Tell(
            |mistake| {
                matches!(
                    mistake,
                    Mistake::ReusedRefreshToken | Mistake::RevokedRefreshToken
                )
            },
            Telling::Error(400, "invalid_request"),
        )],
    ),
    Fault::new(
        "refreshed-id-token-repeats-another-nonce",
        "A refreshed ID Token has a nonce that nobody sent.",
        &["oidc-core-12.2-nonce-same", "oidc-core-12.2-nonce-absent"],
        &[Hook::IdToken(|token, issue| {
            if issue.refreshed {
                token.set_claim("nonce", "of-the-server");
            }
        })],
    ),
    Fault::new(
        "refreshed-id-token-new-subject",
        "A refreshed ID Token has another sub.",
        &["oidc-core-12.2-sub-same", "oidc-core-5.7-sub-unique-stable"],
        &[Hook::IdToken(|token, issue| {
            if issue.refreshed {
                token.set_claim("sub", "somebody-else");
            }
        })],
    ),
    Fault::new(
        "refreshed-id-token-new-issuer",
        "A refreshed ID Token has another iss.",
        &["oidc-core-12.2-iss-same"],
        &[Hook::IdToken(|token, issue| {
            if issue.refreshed {
                token.set_claim("iss", "https://issuer.example");
            }
        })],
    ),
    Fault::new(
        "refreshed-id-token-new-audience",
        "A refreshed ID Token has another aud.",
        &["oidc-core-12.2-aud-same"],
        &[Hook::IdToken(|token, issue| {
            if issue.refreshed {
                token.set_claim("aud", vec![issue.client.id, "another-client"]);
            }
        })],
    ),
    Fault::new(
        "refreshed-id-token-new-auth-time",
        "The auth_time of a refreshed ID Token is not that of the login.",
        &["oidc-core-12.2-auth-time-original"],
        &[Hook::IdToken(|token, issue| {
            if issue.refreshed {
                token.set_claim("auth_time", issue.at - 600);
            }
        })],
    ),
    Fault::new(
        "refreshed-id-token-old-iat",
        "The iat of a refreshed ID Token is an hour old.",
        &["oidc-core-12.2-iat-new"],
        &[Hook::IdToken(|token, issue| {
            if issue.refreshed {
                token.set_claim("iat", issue.at - 3600);
            }
        })],
    ),
];

fn is_refresh(context: &Context) -> bool {
    context.grant_type == Some(GrantType::RefreshToken)
}

fn is_unknown(mistake: Mistake) -> bool {
    mistake == Mistake::UnknownRefreshToken
}
