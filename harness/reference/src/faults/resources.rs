//! Faults of resource indicators (RFC 8707).

use axum::http::StatusCode;

use super::{Fault, Hook, Telling};
use crate::clients::GrantType;
use crate::mistake::Mistake;

pub(super) const FAULTS: &[Fault] = &[
    Fault::new(
        "resource-ignored",
        "The parameter resource is not looked at.",
        &[
            "rfc9068-3-resource-as-aud",
            "rfc8707-2-absolute-uri",
            "rfc8707-2-no-fragment",
            "rfc8707-2-audience-restricted",
            "rfc8707-2-invalid-combination",
            "rfc8707-2.2-subset-token",
            "rfc8707-2.2-refresh-keeps-full-grant",
        ],
        &[Hook::Rules(|rules| rules.resource.supported = false)],
    ),
    Fault::new(
        "resource-may-be-any-text",
        "A resource may be any text without a fragment.",
        &["rfc8707-2-absolute-uri", "rfc8707-2-invalid-combination"],
        &[Hook::Rules(|rules| rules.resource.known_only = false)],
    ),
    Fault::new(
        "resource-with-fragment",
        "The fragment of a resource is cut off.",
        &["rfc8707-2-no-fragment"],
        &[Hook::Rules(|rules| rules.resource.fragment_refused = false)],
    ),
    Fault::new(
        "resource-beyond-the-grant",
        "A token may be asked for another resource than those of the grant.",
        &["rfc9700-4.14.2-bound-resource"],
        &[Hook::Rules(|rules| rules.resource.bounded = false)],
    ),
    Fault::new(
        "resource-not-narrowed",
        "An access token is for all resources of the grant, and not for those that were asked for.",
        &["rfc8707-2.2-subset-token"],
        &[Hook::Rules(|rules| rules.resource.narrowed = false)],
    ),
    Fault::new(
        "resource-narrows-refresh-token",
        "A refresh token is good for the resources of the first access token alone.",
        &["rfc8707-2.2-refresh-keeps-full-grant"],
        &[Hook::Rules(|rules| {
            rules.resource.refresh_keeps_all = false
        })],
    ),
    Fault::new(
        "resource-refused-with-refresh",
        "A refresh with a resource is refused.",
        &[
            "rfc8707-2.2-all-grants",
            "rfc8707-2.2-refresh-keeps-full-grant",
        ],
        &[Hook::Rules(|rules| rules.resource.with_refresh = false)],
    ),
    Fault::new(
        "resource-refused-with-client-credentials",
        "A client_credentials request with a resource is refused.",
        &["rfc8707-2.2-all-grants"],
        &[Hook::Granted(|answer, context| {
            let asks = !context.form.all("resource").is_empty();
            if asks && context.grant_type == Some(GrantType::ClientCredentials) {
                answer.status = StatusCode::BAD_REQUEST;
                for name in ["access_token", "token_type", "expires_in", "scope"] {
                    answer.remove_member(name);
                }
                answer.set_member("error", "invalid_target");
            }
        })],
    ),
    Fault::new(
        "resource-refused-with-code",
        "The exchange of a code with a resource is refused.",
        &["rfc8707-2.2-all-grants", "rfc8707-2.2-subset-token"],
        &[Hook::Granted(|answer, context| {
            let asks = !context.form.all("resource").is_empty();
            if asks && context.grant_type == Some(GrantType::AuthorizationCode) {
                answer.status = StatusCode::BAD_REQUEST;
                for name in [
                    "access_token",
                    "token_type",
                    "expires_in",
                    "scope",
                    "id_token",
                    "refresh_token",
                ] {
                    answer.remove_member(name);
                }
                answer.set_member("error", "invalid_target");
            }
        })],
    ),
    Fault::new(
        "resource-error-is-invalid-request",
        "A resource that will not do is an invalid_request.",
        &["rfc8707-2-invalid-target", "rfc8707-2-invalid-combination"],
        &[Hook::Tell(
            |mistake| matches!(mistake, Mistake::InvalidTarget),
            Telling::Error(400, "invalid_request"),
        )],
    ),
    Fault::new(
        "resource-reduces-scope-in-silence",
        "The scope is reduced to what the resource has, and the answer says what was asked for.",
        &["rfc8707-2.2-scope-reported"],
        &[Hook::Granted(|answer, context| {
            let asked = context.form.get("scope").ok().flatten();
            if let Some(asked) = asked
                && !context.form.all("resource").is_empty()
            {
                answer.set_member("scope", asked);
            }
        })],
    ),
];
