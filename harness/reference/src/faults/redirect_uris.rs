//! Faults in comparing redirection URIs (RFC 6749 4.1.3, 10.6).

use super::{Fault, Hook, Telling};
use crate::mistake::Mistake;
use crate::rules::UriComparison;

/// What every comparison that is too wide breaks.
const COMPARED: &[&str] = &[
    "rfc6749-4.1.3-redirect-uri-present-and-identical",
    "rfc6749-10.6-redirect-uri-identical",
    "rfc6749-4.1.2-code-binding",
    "oidc-core-3.1.3.2-redirect-uri-identical",
    "oidc-core-14-codepoint-comparison",
];

pub(super) const FAULTS: &[Fault] = &[
    Fault::new(
        "redirect-uri-not-compared",
        "The redirect_uri of a token request is not looked at.",
        &[
            "oidc-core-14-codepoint-comparison",
            "rfc6749-4.1.3-redirect-uri-present-and-identical",
            "rfc6749-4.1.3-redirect-uri-unexpected",
            "rfc6749-10.6-redirect-uri-identical",
            "rfc6749-4.1.2-code-binding",
            "oidc-core-3.1.3.2-redirect-uri-identical",
            "oauth-v2-1-10.2-redirect-uri-compat",
        ],
        &[Hook::Rules(|rules| {
            rules.redirect_uri.at_token = UriComparison::Always
        })],
    ),
    Fault::new(
        "redirect-uri-any-of-the-host",
        "A redirect_uri of the same host does.",
        COMPARED,
        &[Hook::Rules(|rules| {
            rules.redirect_uri.at_token = UriComparison::SameHost
        })],
    ),
    Fault::new(
        "redirect-uri-any-case",
        "A redirect_uri may be written in any case.",
        COMPARED,
        &[Hook::Rules(|rules| {
            rules.redirect_uri.at_token = UriComparison::AnyCase
        })],
    ),
    Fault::new(
        "redirect-uri-may-be-longer",
        "A redirect_uri may go on after the right one.",
        COMPARED,
        &[Hook::Rules(|rules| {
            rules.redirect_uri.at_token = UriComparison::Prefix
        })],
    ),
    Fault::new(
        "redirect-uri-query-ignored",
        "A redirect_uri may have another query.",
        COMPARED,
        &[Hook::Rules(|rules| {
            rules.redirect_uri.at_token = UriComparison::WithoutQuery
        })],
    ),
    Fault::new(
        "redirect-uri-may-be-left-out",
        "The redirect_uri may be left out though the authorization request had it.",
        &[
            "rfc6749-4.1.3-redirect-uri-present-and-identical",
            "oidc-core-3.1.3.2-redirect-uri-missing-several",
            "rfc6749-4.1.3-redirect-uri-required",
        ],
        &[Hook::Rules(|rules| {
            rules.redirect_uri.may_be_left_out = true
        })],
    ),
    Fault::new(
        "unexpected-redirect-uri-ignored",
        "A redirect_uri is not looked at where the authorization request had none.",
        &[
            "rfc6749-4.1.3-redirect-uri-unexpected",
            "rfc6749-10.6-redirect-uri-identical",
        ],
        &[Hook::Rules(|rules| {
            rules.redirect_uri.unexpected_ignored = true
        })],
    ),
    Fault::new(
        "redirect-uri-mismatch-is-invalid-request",
        "Another redirect_uri is answered with invalid_request.",
        &["rfc6749-5.2-invalid-grant-redirect-mismatch"],
        &[Hook::Tell(
            is_mismatch,
            Telling::Error(400, "invalid_request"),
        )],
    ),
    Fault::new(
        "redirect-uri-mismatch-is-code-of-its-own",
        "Another redirect_uri is answered with redirect_uri_mismatch.",
        &[
            "rfc6749-5.2-invalid-grant-redirect-mismatch",
            "rfc6749-5.2-error-single-code",
        ],
        &[Hook::Tell(
            is_mismatch,
            Telling::Error(400, "redirect_uri_mismatch"),
        )],
    ),
    Fault::new(
        "redirect-uri-missing-is-server-error",
        "A missing redirect_uri is answered with 500.",
        &[
            "rfc6749-4.1.3-redirect-uri-present-and-identical",
            "oidc-core-3.1.3.2-redirect-uri-missing-several",
            "rfc6749-10.14-input-sanitised",
            "rfc6749-4.1.3-redirect-uri-required",
        ],
        &[Hook::Tell(
            |mistake| mistake == Mistake::NoRedirectUri,
            Telling::Page(500),
        )],
    ),
    Fault::new(
        "unregistered-redirect-uri-accepted",
        "A code is sent to any redirect_uri.",
        &[
            "rfc6749-10.6-redirect-uri-validated",
            "oauth-v2-1-2.3.1-redirect-uri-exact",
        ],
        &[Hook::Rules(|rules| {
            rules.redirect_uri.at_authorization = UriComparison::Always
        })],
    ),
    Fault::new(
        "unregistered-redirect-uri-accepted-by-prefix",
        "A code is sent to any redirect_uri that begins with a registered one.",
        &[
            "rfc6749-10.6-redirect-uri-validated",
            "oauth-v2-1-2.3.1-redirect-uri-exact",
        ],
        &[Hook::Rules(|rules| {
            rules.redirect_uri.at_authorization = UriComparison::Prefix
        })],
    ),
];

fn is_mismatch(mistake: Mistake) -> bool {
    mistake == Mistake::RedirectUriMismatch
}
