//! Faults of the authorization endpoint that show in what follows from it
//! (OpenID Connect Core 3.1.2, RFC 9700 4.12).

use super::{Fault, Hook};

pub(super) const FAULTS: &[Fault] = &[
    Fault::new(
        "redirect-with-307",
        "The redirect with the code has status 307.",
        &["oidc-core-16.22-no-307", "rfc9700-4.12-no-307"],
        &[Hook::Rules(|rules| {
            rules.authorization.redirect_status = 307
        })],
    ),
    Fault::new(
        "requested-subject-ignored",
        "A code is given for whoever is logged in, whomever the request insists on.",
        &[
            "oidc-core-3.1.2.2-requested-sub",
            "oidc-core-5.5.1.1-essential-acr",
        ],
        &[Hook::Rules(|rules| {
            rules.authorization.requested_subject_kept = false
        })],
    ),
    Fault::new(
        "unknown-scope-stops-login",
        "A login with a scope value that nobody knows is refused.",
        &["oidc-core-3.1.2.1-unknown-scope-ignored"],
        &[Hook::Rules(|rules| {
            rules.authorization.unknown_scope_ignored = false
        })],
    ),
    Fault::new(
        "short-code",
        "A code has 32 random bits.",
        &[
            "rfc6749-10.10-probability-128",
            "rfc6749-10.10-probability-160",
            "rfc6750-5.2-reference-unguessable",
        ],
        &[Hook::Rules(|rules| rules.authorization.code_bytes = 4)],
    ),
    Fault::new(
        "code-of-128-bits",
        "A code has 128 random bits.",
        &["rfc6749-10.10-probability-160"],
        &[Hook::Rules(|rules| rules.authorization.code_bytes = 16)],
    ),
    Fault::new(
        "code-reveals-challenge",
        "A code has the code_challenge in it.",
        &["rfc7636-4.4-challenge-not-leaked"],
        &[Hook::Rules(|rules| {
            rules.authorization.code_reveals_challenge = true
        })],
    ),
];
