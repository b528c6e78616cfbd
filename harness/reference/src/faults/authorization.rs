//! Faults of the authorization endpoint that show in what follows from it
//! (OpenID Connect Core 3.1.2, RFC 9700 4.12).

use axum::http::HeaderValue;
use axum::http::header::LOCATION;

use super::{Fault, Hook};
use crate::answer::Answer;
use crate::endpoints::Endpoint;

pub(super) const FAULTS: &[Fault] = &[
    Fault::new(
        "redirect-with-307",
        "The redirect with the code has status 307.",
        &[
            "oidc-core-16.22-no-307",
            "rfc9700-4.12-no-307",
            "oauth-v2-1-7.5.3-no-307",
        ],
        &[Hook::Rules(|rules| {
            rules.authorization.redirect_status = 307;
            rules.authorization.redirect_after_post = 307;
        })],
    ),
    Fault::new(
        "redirect-after-post-with-302",
        "The redirect that answers a POST has status 302.",
        &["rfc9700-4.12-303", "oauth-v2-1-7.5.3-303"],
        &[Hook::Rules(|rules| {
            rules.authorization.redirect_after_post = 302
        })],
    ),
    Fault::new(
        "implicit-grant-served",
        "The authorization endpoint gives an access token.",
        &["rfc9700-2.1.2-code-over-implicit"],
        &[Hook::Rules(|rules| rules.authorization.implicit = true)],
    ),
    Fault::new(
        "unknown-response-type-gives-code",
        "A response_type that nobody knows gives a code.",
        &["oauth-v2-1-4.1.1-response-type-error"],
        &[Hook::Rules(|rules| {
            rules.authorization.any_response_type = true
        })],
    ),
    Fault::new(
        "authorization-errors-unexplained",
        "An error of the authorization endpoint has neither a description nor a URI.",
        &["rfc7636-4.4.1-error-explains"],
        &[Hook::Answer(Endpoint::Authorization, |answer, _| {
            rewrite_location(answer, |parameter| {
                !parameter.starts_with("error_description=")
            });
        })],
    ),
    Fault::new(
        "missing-challenge-is-access-denied",
        "An authorization request without a challenge is answered with access_denied.",
        &["rfc7636-4.4.1-challenge-required"],
        &[Hook::Answer(Endpoint::Authorization, |answer, context| {
            if matches!(context.form.get("code_challenge"), Ok(None)) {
                replace_in_location(answer, "error=invalid_request", "error=access_denied");
            }
        })],
    ),
    Fault::new(
        "confidential-clients-without-challenge-and-nonce",
        "A client with a secret gets a code with neither a challenge nor a nonce.",
        &[
            "rfc9700-2.1.1-confidential-pkce",
            "oauth-v2-1-4.1.3-no-challenge-rejected",
            "oauth-v2-1-7.5.1.1-pkce-enforced",
        ],
        &[Hook::Rules(|rules| rules.pkce.or_nonce = false)],
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
        "code-of-foreign-characters",
        "A code ends in a letter that is not ASCII; without it, it does as well.",
        &["rfc6749-a.11-code-abnf"],
        &[
            Hook::Answer(Endpoint::Authorization, |answer, _| {
                change_location(answer, |location| {
                    let (before, code) = location.split_once("code=")?;
                    let (code, after) = code.split_at(code.find('&').unwrap_or(code.len()));
                    Some([before, "code=", code, FOREIGN, after].concat())
                });
            }),
            Hook::TokenRequest(|request| {
                request.edit_form(|pairs| {
                    for (_, value) in pairs.iter_mut().filter(|(name, _)| name == b"code") {
                        let kept = value.strip_suffix(FOREIGN.as_bytes()).map(<[u8]>::to_vec);
                        *value = kept.unwrap_or_else(|| value.clone());
                    }
                });
            }),
        ],
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

/// Keeps the parameters of the redirect that `keep` wants.
/// An é, percent-encoded.
const FOREIGN: &str = "%C3%A9";

fn rewrite_location(answer: &mut Answer, keep: impl Fn(&str) -> bool) {
    change_location(answer, |location| {
        let (uri, query) = location.split_once('?')?;
        let kept: Vec<_> = query
            .split('&')
            .filter(|parameter| keep(parameter))
            .collect();
        Some([uri, "?", &kept.join("&")].concat())
    });
}

fn replace_in_location(answer: &mut Answer, from: &str, to: &str) {
    change_location(answer, |location| Some(location.replace(from, to)));
}

fn change_location(answer: &mut Answer, change: impl FnOnce(&str) -> Option<String>) {
    let changed = answer
        .headers
        .get(LOCATION)
        .and_then(|location| change(location.to_str().ok()?))
        .and_then(|location| HeaderValue::try_from(location).ok());
    if let Some(location) = changed {
        answer.headers.insert(LOCATION, location);
    }
}
