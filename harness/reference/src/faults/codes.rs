//! Faults of authorization codes: what they are bound to, how often and how
//! long they work (RFC 6749 4.1.2, 10.5; RFC 9700 4.2.4).

use std::time::Duration;

use super::{Fault, Hook, Telling};
use crate::mistake::Mistake;
use crate::rules::{BoundTo, ReplayRevokes};

pub(super) const FAULTS: &[Fault] = &[
    Fault::new(
        "code-reusable",
        "A code may be exchanged again and again.",
        &[
            "rfc6749-4.1.2-code-reuse-denied",
            "rfc6749-10.5-code-short-single-use",
            "oidc-core-3.1.3.2-code-not-used",
            "rfc9700-4.2.4-code-invalidated",
            "rfc6749-4.1.2-code-reuse-revokes",
            "rfc6749-10.5-multiple-attempts-revoke",
            "rfc9700-4.2.4-tokens-revoked",
        ],
        &[Hook::Rules(|rules| rules.code.single_use = false)],
    ),
    Fault::new(
        "code-redeemed-twice-at-once",
        "Of two requests at once with one code, both succeed.",
        &[
            "rfc6749-4.1.2-code-reuse-denied",
            "rfc6749-10.5-code-short-single-use",
            "oidc-core-3.1.3.2-code-not-used",
            "rfc9700-4.2.4-code-invalidated",
            "rfc6749-4.1.2-code-reuse-revokes",
            "rfc6749-10.5-multiple-attempts-revoke",
            "rfc9700-4.2.4-tokens-revoked",
        ],
        &[Hook::Rules(|rules| {
            rules.code.race_window = Duration::from_millis(40)
        })],
    ),
    Fault::new(
        "code-replay-revokes-nothing",
        "After a replayed code, what the first exchange gave stays alive.",
        &[
            "rfc6749-4.1.2-code-reuse-revokes",
            "rfc6749-10.5-multiple-attempts-revoke",
            "rfc9700-4.2.4-tokens-revoked",
            "oauth-v2-1-4.3.1-grant-active",
        ],
        &[Hook::Rules(|rules| {
            rules.code.replay_revokes = ReplayRevokes::Nothing
        })],
    ),
    Fault::new(
        "code-replay-keeps-access-token",
        "After a replayed code, the access token stays alive.",
        &[
            "rfc6749-4.1.2-code-reuse-revokes",
            "rfc6749-10.5-multiple-attempts-revoke",
            "rfc9700-4.2.4-tokens-revoked",
        ],
        &[Hook::Rules(|rules| {
            rules.code.replay_revokes = ReplayRevokes::RefreshTokens
        })],
    ),
    Fault::new(
        "code-replay-keeps-refresh-token",
        "After a replayed code, the refresh token stays alive.",
        &[
            "rfc6749-4.1.2-code-reuse-revokes",
            "rfc9700-4.2.4-tokens-revoked",
            "oauth-v2-1-4.3.1-grant-active",
        ],
        &[Hook::Rules(|rules| {
            rules.code.replay_revokes = ReplayRevokes::AccessTokens
        })],
    ),
    Fault::new(
        "invalid-code-replay-revokes",
        "A replayed code with a wrong code_verifier revokes what the first exchange gave.",
        &["oauth-v2-1-7.5.2-no-revoke-on-invalid-replay"],
        &[Hook::Rules(|rules| {
            rules.code.invalid_replay_revokes = true
        })],
    ),
    Fault::new(
        "code-of-another-client-accepted",
        "A code may be exchanged by any client.",
        &[
            "rfc6749-4.1.2-code-binding",
            "rfc6749-4.1.3-code-issued-to-authenticated-client",
            "rfc6749-4.1.3-code-issued-to-public-client",
            "rfc6749-10.5-authenticate-and-bind",
            "oidc-core-3.1.3.2-code-issued-to-client",
            "rfc9700-4.2.4-code-bound",
        ],
        &[Hook::Rules(|rules| rules.code.bound_to = BoundTo::Nobody)],
    ),
    Fault::new(
        "code-of-another-client-accepted-from-public-client",
        "A code may be exchanged by any client without a secret.",
        &[
            "rfc6749-4.1.3-code-issued-to-public-client",
            "rfc6749-4.1.2-code-binding",
        ],
        &[Hook::Rules(|rules| {
            rules.code.bound_to = BoundTo::ConfidentialClient
        })],
    ),
    Fault::new(
        "code-of-another-client-is-invalid-client",
        "A code of another client is answered with invalid_client.",
        &["rfc6749-5.2-invalid-grant-other-client"],
        &[Hook::Tell(
            |mistake| mistake == Mistake::CodeOfAnother,
            Telling::Error(401, "invalid_client"),
        )],
    ),
    Fault::new(
        "code-lives-for-an-hour",
        "A code lives for an hour.",
        &[
            "rfc6749-4.1.2-code-lifetime-10min",
            "rfc6749-10.5-code-short-single-use",
            "oidc-core-16.9-code-lifetime",
        ],
        &[Hook::Rules(|rules| {
            rules.code.lifetime = Duration::from_secs(3600)
        })],
    ),
    Fault::new(
        "code-never-expires",
        "A code lives until it is used.",
        &[
            "rfc6749-4.1.2-code-expires",
            "rfc6749-4.1.2-code-lifetime-10min",
            "rfc6749-10.5-code-short-single-use",
            "oidc-core-16.9-code-lifetime",
        ],
        &[Hook::Rules(|rules| {
            rules.code.lifetime = Duration::from_secs(100 * 365 * 24 * 3600)
        })],
    ),
    Fault::new(
        "unknown-code-is-invalid-request",
        "An unknown code is answered with invalid_request.",
        &["rfc6749-5.2-invalid-grant-invalid"],
        &[Hook::Tell(
            is_unknown,
            Telling::Error(400, "invalid_request"),
        )],
    ),
    Fault::new(
        "unknown-code-is-401",
        "An unknown code is answered with 401.",
        &[
            "oidc-core-3.1.3.4-status-400",
            "rfc6749-5.2-invalid-grant-invalid",
            "rfc6749-5.2-status-400",
        ],
        &[Hook::Tell(is_unknown, Telling::Error(401, "invalid_grant"))],
    ),
    Fault::new(
        "unknown-code-is-server-error",
        "An unknown code is answered with 500.",
        &[
            "rfc6749-4.1.3-code-valid",
            "rfc6749-5.2-invalid-grant-invalid",
            "rfc6749-10.14-input-sanitised",
            "oidc-core-3.1.3.2-code-valid",
        ],
        &[Hook::Tell(is_unknown, Telling::Page(500))],
    ),
    Fault::new(
        "replayed-code-is-invalid-request",
        "A replayed code is answered with invalid_request.",
        &["rfc6749-5.2-invalid-grant-invalid"],
        &[Hook::Tell(
            |mistake| mistake == Mistake::ReplayedCode,
            Telling::Error(400, "invalid_request"),
        )],
    ),
    Fault::new(
        "replayed-code-is-server-error",
        "A replayed code is answered with 500.",
        &[
            "rfc6749-4.1.2-code-reuse-denied",
            "rfc6749-5.2-invalid-grant-invalid",
        ],
        &[Hook::Tell(
            |mistake| mistake == Mistake::ReplayedCode,
            Telling::Page(500),
        )],
    ),
];

fn is_unknown(mistake: Mistake) -> bool {
    mistake == Mistake::UnknownCode
}
