//! Faults in telling who calls (RFC 6749 2.3, 3.2.1 and 5.2; RFC 9110 11).

use axum::http::StatusCode;
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};

use super::{Fault, Hook, Telling};
use crate::answer::Answer;
use crate::clients::Client;
use crate::context::Mechanism;
use crate::form::encode_component;
use crate::mistake::Mistake;
use crate::options::Personality;
use crate::request::Request;
use crate::rules::{Secret, Separator};

pub(super) const FAULTS: &[Fault] = &[
    Fault::new(
        "unsupported-method-is-unauthorized-client",
        "A client authentication method that nobody supports is answered with unauthorized_client.",
        &[
            "rfc6749-5.2-invalid-client-unsupported-method",
            "rfc6749-5.2-invalid-request-unsupported-value",
        ],
        &[Hook::Tell(
            |mistake| mistake == Mistake::UnregisteredMethod,
            Telling::Error(400, "unauthorized_client"),
        )],
    ),
    Fault::new(
        "any-secret-accepted",
        "A client may authenticate with any secret.",
        &[
            "oauth-v2-1-3.2.2-require-auth",
            "rfc6749-10.10-guessing-prevented",
            "rfc7009-2.1-client-credentials-first",
            "rfc7662-2.3-bad-credentials-401",
            "rfc6749-4.1.3-server-authenticates-if-included",
            "rfc6749-4.4.2-server-authenticates",
            "rfc6749-6-server-authenticates-and-binds",
            "rfc6749-10.2-authenticate-when-possible",
            "oidc-core-3.1.3.2-authenticate-client",
            "oidc-core-12.1-verify-authentication",
            "rfc6749-a.2-client-secret-abnf",
        ],
        &[Hook::Rules(|rules| rules.client.secret = Secret::Unchecked)],
    ),
    Fault::new(
        "longer-secret-accepted",
        "A secret may be followed by anything.",
        &[
            "oauth-v2-1-3.2.2-require-auth",
            "rfc7009-2.1-client-credentials-first",
            "rfc6749-4.1.3-server-authenticates-if-included",
            "oidc-core-3.1.3.2-authenticate-client",
            "rfc6749-10.2-authenticate-when-possible",
            "rfc6749-4.4.2-server-authenticates",
            "rfc6749-6-server-authenticates-and-binds",
            "oidc-core-12.1-verify-authentication",
        ],
        &[Hook::Rules(|rules| rules.client.secret = Secret::Prefix)],
    ),
    Fault::new(
        "secret-case-insensitive",
        "A secret may be written in any case.",
        &[
            "rfc6749-4.1.3-server-authenticates-if-included",
            "oidc-core-14-codepoint-comparison",
            "rfc6749-10.2-authenticate-when-possible",
            "oauth-v2-1-3.2.2-require-auth",
        ],
        &[Hook::Rules(|rules| rules.client.secret = Secret::AnyCase)],
    ),
    Fault::new(
        "secret-trimmed",
        "White space around a secret does not matter.",
        &[
            "rfc6749-4.1.3-server-authenticates-if-included",
            "oidc-core-14-codepoint-comparison",
            "rfc6749-10.2-authenticate-when-possible",
            "oauth-v2-1-3.2.2-require-auth",
        ],
        &[Hook::Rules(|rules| rules.client.secret = Secret::Trimmed)],
    ),
    Fault::new(
        "missing-secret-accepted",
        "A client with a secret need not send it.",
        &[
            "oauth-v2-1-3.2.2-require-auth",
            "rfc7662-2.1-authorization-required",
            "rfc6749-2.2-client-id-alone",
            "rfc6749-4.1.3-server-requires-auth",
            "rfc6749-4.4.2-server-authenticates",
            "rfc6749-6-server-requires-auth",
            "rfc6749-10.2-authenticate-when-possible",
            "oidc-core-3.1.3.2-authenticate-client",
            "rfc9700-2.5-client-auth-enforced",
            "rfc6749-2.3.1-body-secret-required",
            "rfc6749-4.4.2-client-must-authenticate",
            "rfc6749-6-client-must-authenticate",
        ],
        &[Hook::Rules(|rules| {
            rules.client.authentication_required = false
        })],
    ),
    Fault::new(
        "code-without-secret-accepted",
        "A client with a secret need not send it with a code.",
        &[
            "rfc6749-4.1.3-server-requires-auth",
            "rfc6749-10.2-authenticate-when-possible",
            "oidc-core-3.1.3.2-authenticate-client",
            "rfc6749-2.2-client-id-alone",
            "oauth-v2-1-3.2.2-require-auth",
        ],
        &[Hook::TokenRequest(|request| {
            lend_secret(request, b"authorization_code")
        })],
    ),
    Fault::new(
        "refresh-without-secret-accepted",
        "A client with a secret need not send it with a refresh token.",
        &[
            "rfc6749-6-server-requires-auth",
            "rfc6749-10.4-binding-verified",
            "oidc-core-12.1-verify-authentication",
            "rfc6749-2.2-client-id-alone",
            "rfc6749-6-client-must-authenticate",
            "oauth-v2-1-3.2.2-require-auth",
        ],
        &[Hook::TokenRequest(|request| {
            lend_secret(request, b"refresh_token")
        })],
    ),
    Fault::new(
        "code-or-refresh-token-without-client-accepted",
        "Who sends a code or a refresh token need not say who it is, and is taken for the first client.",
        &[
            "rfc6749-4.1.3-server-requires-auth",
            "rfc6749-6-server-requires-auth",
            "rfc6749-5.2-invalid-client-no-auth",
            "oidc-core-3.1.3.2-authenticate-client",
            "oauth-v2-1-3.2.2-require-auth",
        ],
        &[Hook::TokenRequest(lend_client)],
    ),
    Fault::new(
        "basic-unsupported",
        "HTTP Basic is not taken.",
        &[
            "rfc8414-2-auth-methods-true",
            "oauth-v2-1-2.4.1-basic-encoding",
            "oauth-v2-1-3.2.4-invalid-grant-invalid",
            "rfc8414-2-revocation-auth-default",
            "rfc6749-2.3.1-basic-supported",
            "oidc-core-9-default-basic",
            "oidc-core-9-client-secret-basic",
        ],
        &[Hook::Request(|request| {
            if request.header(&AUTHORIZATION).is_some() {
                request.set_header(AUTHORIZATION, "Unknown x");
            }
        })],
    ),
    Fault::new(
        "body-credentials-unsupported",
        "A secret in the body is not looked at, though the metadata and the registration name the method.",
        &[
            "oauth-v2-1-2.4.1-body-credentials-required",
            "oauth-v2-1-3.2.4-invalid-grant-invalid",
            "oidc-core-9-client-secret-post",
            "rfc8414-2-auth-methods-true",
            "rfc6749-2.3-one-auth-method",
        ],
        &[Hook::Request(|request| {
            request.edit_form(|pairs| pairs.retain(|(name, _)| name != b"client_secret"));
        })],
    ),
    Fault::new(
        "basic-scheme-case-sensitive",
        "The scheme has to be written Basic.",
        &["rfc9110-11.1-scheme-case"],
        &[Hook::TokenRequest(|request| {
            if request
                .header(&AUTHORIZATION)
                .is_some_and(|value| !value.starts_with("Basic "))
            {
                request.set_header(AUTHORIZATION, "Unknown x");
            }
        })],
    ),
    Fault::new(
        "basic-not-form-decoded",
        "Identifier and secret in HTTP Basic are taken as they are.",
        &[
            "rfc6749-2.3.1-basic-form-encoding",
            "rfc6749-2.3.1-basic-colon-in-id",
        ],
        &[Hook::Rules(|rules| rules.client.basic_decoded = false)],
    ),
    Fault::new(
        "basic-decoded-before-split",
        "HTTP Basic's pair is decoded before it is divided, so an identifier with a colon is cut.",
        &["rfc6749-2.3.1-basic-colon-in-id"],
        &[Hook::Rules(|rules| {
            rules.client.basic_separator = Separator::FirstColonDecoded
        })],
    ),
    Fault::new(
        "basic-secret-ends-at-colon",
        "A secret in HTTP Basic ends where it has a colon.",
        &["rfc6749-2.3.1-basic-form-encoding"],
        &[Hook::Rules(|rules| {
            rules.client.basic_separator = Separator::AnyInSecret
        })],
    ),
    Fault::new(
        "basic-beside-client-id-refused",
        "HTTP Basic with the same client_id in the body is refused.",
        &["rfc6749-3.2.1-client-id-identify", "rfc6749-4.4.3-success"],
        &[Hook::Rules(|rules| rules.client.body_id_allowed = false)],
    ),
    Fault::new(
        "client-id-mismatch-accepted",
        "The body may name another client than HTTP Basic does.",
        &["rfc6749-3.2.1-client-id-mismatch"],
        &[Hook::Rules(|rules| rules.client.body_id_compared = false)],
    ),
    Fault::new(
        "several-mechanisms-accepted",
        "HTTP Basic beside a secret in the body is taken.",
        &[
            "rfc6749-2.3-one-auth-method",
            "rfc7521-4.2.1-multiple-mechanisms",
        ],
        &[Hook::Rules(|rules| rules.client.several_refused = false)],
    ),
    Fault::new(
        "several-mechanisms-is-invalid-grant",
        "Two mechanisms at once are answered with invalid_grant.",
        &[
            "rfc7521-4.2.1-multiple-mechanisms",
            "rfc6749-5.2-invalid-request-multiple-mechanisms",
            "rfc6749-5.2-invalid-request-multiple-credentials",
        ],
        &[Hook::Tell(
            |mistake| mistake == Mistake::SeveralMechanisms,
            Telling::Error(400, "invalid_grant"),
        )],
    ),
    Fault::new(
        "unregistered-method-accepted",
        "A client may authenticate with a method that it is not registered for.",
        &["oidc-core-3.1.3.1-registered-auth-method"],
        &[Hook::Rules(|rules| rules.client.methods_enforced = false)],
    ),
    Fault::new(
        "failed-client-is-403",
        "A failed authentication is answered with 403.",
        &[
            "rfc7521-4.2.1-invalid-client",
            "rfc7523-3.2-invalid-client",
            "rfc6749-5.2-invalid-client-unsupported-method",
            "rfc6749-5.2-invalid-request-unsupported-value",
            "rfc6749-5.2-invalid-client-401-required",
            "rfc6749-5.2-invalid-client-wrong-secret",
            "rfc6749-5.2-invalid-client-400-without-header",
            "rfc6749-5.2-invalid-client-no-auth",
            "rfc6749-5.2-invalid-client-unknown",
            "rfc6749-5.2-status-400",
        ],
        &[Hook::Tell(
            Mistake::is_failed_authentication,
            Telling::Error(403, "invalid_client"),
        )],
    ),
    Fault::new(
        "failed-basic-is-400",
        "A failed HTTP Basic authentication is answered with 400.",
        &["rfc6749-5.2-invalid-client-401-required"],
        &[Hook::Refused(|answer, context| {
            let failed = context
                .mistake
                .is_some_and(Mistake::is_failed_authentication);
            if failed && context.mechanism == Mechanism::Basic {
                answer.status = StatusCode::BAD_REQUEST;
                answer.headers.remove(WWW_AUTHENTICATE);
            }
        })],
    ),
    Fault::new(
        "unauthorized-without-challenge",
        "A 401 has no WWW-Authenticate.",
        &[
            "rfc6749-5.2-invalid-client-www-authenticate",
            "rfc9110-11.6.1-www-authenticate-on-401",
        ],
        &[Hook::Refused(|answer, _| {
            drop(answer.headers.remove(WWW_AUTHENTICATE))
        })],
    ),
    Fault::new(
        "unauthorized-challenges-bearer",
        "A 401 asks for Bearer.",
        &[
            "rfc6749-5.2-invalid-client-www-authenticate",
            "rfc9110-15.5.2-challenge-applicable",
        ],
        &[Hook::Refused(|answer, _| {
            challenge(answer, "Bearer realm=\"clients\"")
        })],
    ),
    Fault::new(
        "unauthorized-challenge-empty",
        "A 401 has a WWW-Authenticate without a challenge.",
        &[
            "rfc6749-5.2-invalid-client-www-authenticate",
            "rfc9110-11.6.1-www-authenticate-on-401",
            "rfc9110-15.5.2-challenge-applicable",
        ],
        &[Hook::Refused(|answer, _| challenge(answer, ""))],
    ),
    Fault::new(
        "unauthorized-challenge-malformed",
        "A 401 has a WWW-Authenticate that is no challenge.",
        &[
            "rfc9110-11.6.1-www-authenticate-on-401",
            "rfc6749-5.2-invalid-client-www-authenticate",
            "rfc9110-15.5.2-challenge-applicable",
        ],
        &[Hook::Refused(|answer, _| {
            challenge(answer, "Basic realm=\"clients")
        })],
    ),
    Fault::new(
        "malformed-basic-is-server-error",
        "An Authorization header that cannot be read is answered with 500.",
        &[
            "rfc6749-10.14-input-sanitised",
            "rfc6749-5.2-invalid-client-401-required",
        ],
        &[Hook::Tell(
            |mistake| mistake == Mistake::MalformedCredentials,
            Telling::Page(500),
        )],
    ),
    Fault::new(
        "failed-client-is-bare-401",
        "A failed authentication is answered with a status line alone.",
        &[
            "rfc7521-4.2.1-invalid-client",
            "rfc7523-3.2-invalid-client",
            "rfc6749-5.2-invalid-client-unsupported-method",
            "rfc6749-5.2-invalid-request-unsupported-value",
            "rfc6749-5.2-error-required",
            "rfc6749-5.2-invalid-client-wrong-secret",
            "rfc6749-5.2-invalid-client-no-auth",
            "rfc6749-5.2-invalid-client-unknown",
            "rfc6749-5.2-top-level",
        ],
        &[Hook::Tell(
            Mistake::is_failed_authentication,
            Telling::Bare(401),
        )],
    ),
    Fault::new(
        "wrong-secret-is-unauthorized-client",
        "A wrong secret is answered with unauthorized_client.",
        &[
            "rfc6749-5.2-invalid-client-wrong-secret",
            "rfc6749-5.2-status-400",
        ],
        &[Hook::Tell(
            |mistake| mistake == Mistake::WrongSecret,
            Telling::Error(401, "unauthorized_client"),
        )],
    ),
    Fault::new(
        "unknown-client-is-invalid-request",
        "An unknown client is answered with invalid_request.",
        &[
            "rfc7521-4.2.1-invalid-client",
            "rfc7523-3.2-invalid-client",
            "rfc6749-5.2-invalid-client-unknown",
        ],
        &[Hook::Tell(
            |mistake| mistake == Mistake::UnknownClient,
            Telling::Error(400, "invalid_request"),
        )],
    ),
    Fault::new(
        "unknown-client-is-server-error",
        "An unknown client is answered with 500.",
        &[
            "oidc-core-9-jwt-sub-required",
            "rfc7521-5.2-subject-required",
            "rfc7523-3-sub-is-client-id",
            "rfc8725-3.8-subject-valid",
            "oauth-v2-1-3.2.2-require-auth",
            "rfc6749-5.2-invalid-client-unknown",
            "rfc6749-10.14-input-sanitised",
            "rfc6749-4.4.2-server-authenticates",
            "rfc6749-a.1-client-id-abnf",
        ],
        &[Hook::Tell(
            |mistake| mistake == Mistake::UnknownClient,
            Telling::Page(500),
        )],
    ),
    Fault::new(
        "missing-secret-is-invalid-request",
        "A client that does not authenticate is answered with invalid_request.",
        &["rfc6749-5.2-invalid-client-no-auth"],
        &[Hook::Tell(
            |mistake| mistake == Mistake::NoCredentials,
            Telling::Error(400, "invalid_request"),
        )],
    ),
    Fault::new(
        "unsupported-method-is-invalid-grant",
        "A method that the client may not use is answered with invalid_grant.",
        &[
            "rfc6749-5.2-invalid-client-unsupported-method",
            "rfc6749-5.2-invalid-request-unsupported-value",
        ],
        &[Hook::Tell(
            |mistake| mistake == Mistake::UnregisteredMethod,
            Telling::Error(400, "invalid_grant"),
        )],
    ),
];

fn challenge(answer: &mut Answer, value: &str) {
    if answer.headers.contains_key(WWW_AUTHENTICATE) {
        answer.set_header(WWW_AUTHENTICATE, value);
    }
}

/// Adds the credentials of the first client to a code or a refresh token of nobody.
fn lend_client(request: &mut Request) {
    let nobody = request.header(&AUTHORIZATION).is_none();
    request.edit_form(|pairs| {
        let is_held = |(name, value): &(Vec<u8>, Vec<u8>)| {
            name == b"grant_type" && (value == b"authorization_code" || value == b"refresh_token")
        };
        let names_client = |(name, _): &(Vec<u8>, Vec<u8>)| name.starts_with(b"client_");
        if !nobody || !pairs.iter().any(is_held) || pairs.iter().any(names_client) {
            return;
        }
        if let Some(first) = Personality::Standard.dialect().clients().first() {
            let secret = first.secret.unwrap_or_default();
            for (name, value) in [("client_id", first.id), ("client_secret", secret)] {
                pairs.push((name.into(), encode_component(value).into_bytes()));
            }
        }
    });
}

/// Adds the secret that a client leaves out of a request with that grant.
fn lend_secret(request: &mut Request, grant_type: &[u8]) {
    let named = request.header(&AUTHORIZATION).is_none();
    request.edit_form(|pairs| {
        let value = |name: &[u8]| {
            pairs
                .iter()
                .find(|(key, value)| key == name && !value.is_empty())
                .map(|(_, value)| value)
        };
        if !named
            || value(b"client_secret").is_some()
            || value(b"grant_type").is_none_or(|it| it != grant_type)
        {
            return;
        }
        let is_meant = |client: &&Client| {
            value(b"client_id").is_some_and(|id| id == encode_component(client.id).as_bytes())
        };
        let clients = Personality::Standard.dialect().clients();
        if let Some(secret) = clients
            .iter()
            .find(is_meant)
            .and_then(|client| client.secret)
        {
            pairs.push((
                b"client_secret".to_vec(),
                encode_component(secret).into_bytes(),
            ));
        }
    });
}
