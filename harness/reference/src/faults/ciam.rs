//! Faults of the `ciam` personality: where an answer parts from the vendor's
//! page.

use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::ciam_grants::holds;
use super::requests::{take_json_as_form, take_query_as_form};
use super::{Fault, Hook, Telling};
use crate::endpoints::Endpoint;
use crate::form::encode_component;
use crate::mistake::Mistake;
use crate::options::Personality;
use crate::request::Request;
use crate::rules::{Secret, UriComparison};
use crate::tokens::{KeyName, Seal};

pub(super) const FAULTS: &[Fault] = &[
    Fault::ciam(
        "ciam-plain-media-type",
        "Answers are labelled application/json without a charset.",
        &[
            "ciam-success-content-type",
            "ciam-error-content-type",
            "ciam-pkce-success-content-type",
            "ciam-refresh-success-content-type",
            "ciam-client-credentials-success-content-type",
            "ciam-password-success-content-type",
            "ciam-otp-success-content-type",
            "ciam-pkce-error-content-type",
            "ciam-refresh-error-content-type",
            "ciam-client-credentials-error-content-type",
            "ciam-password-error-content-type",
            "ciam-otp-error-content-type",
        ],
        &[
            Hook::Granted(|answer, _| answer.set_header(CONTENT_TYPE, "application/json")),
            Hook::Refused(|answer, _| {
                if answer.headers.contains_key(CONTENT_TYPE) {
                    answer.set_header(CONTENT_TYPE, "application/json");
                }
            }),
        ],
    ),
    Fault::ciam(
        "ciam-success-is-201",
        "Tokens come with 201.",
        &[
            "oidc-core-12.2-token-response",
            "ciam-success-status",
            "rfc6749-5.1-status-200",
            "ciam-pkce-success-status",
            "ciam-refresh-success-status",
            "ciam-client-credentials-success-status",
            "ciam-password-success-status",
            "ciam-otp-success-status",
        ],
        &[Hook::Granted(|answer, _| {
            answer.status = StatusCode::CREATED
        })],
    ),
    Fault::ciam(
        "ciam-opaque-access-token",
        "The access token is no JWT.",
        &[
            "ciam-success-access-token",
            "ciam-pkce-response-parameters",
            "ciam-refresh-response-parameters",
            "ciam-client-credentials-response-parameters",
            "ciam-password-response-parameters",
            "ciam-otp-response-parameters",
        ],
        &[Hook::AccessToken(|token, _| token.seal = Seal::Opaque(32))],
    ),
    Fault::ciam(
        "ciam-token-type-lower-case",
        "The token_type is bearer.",
        &[
            "ciam-success-token-type",
            "ciam-pkce-response-parameters",
            "ciam-refresh-response-parameters",
            "ciam-client-credentials-response-parameters",
            "ciam-password-response-parameters",
            "ciam-otp-response-parameters",
        ],
        &[Hook::Granted(|answer, _| {
            answer.set_member("token_type", "bearer")
        })],
    ),
    Fault::ciam(
        "ciam-expires-in-is-string",
        "The expires_in is a string.",
        &[
            "oidc-core-13.3-json-types",
            "ciam-success-expires-in",
            "rfc6749-5.1-expires-in-number",
            "ciam-pkce-response-parameters",
            "ciam-refresh-response-parameters",
            "ciam-client-credentials-response-parameters",
            "ciam-password-response-parameters",
            "ciam-otp-response-parameters",
        ],
        &[Hook::Granted(|answer, _| {
            answer.set_member("expires_in", "299")
        })],
    ),
    Fault::ciam(
        "ciam-expires-in-beyond-exp",
        "The expires_in says more than the token lives.",
        &["rfc6749-5.1-expires-in-seconds", "ciam-access-token-times"],
        &[Hook::Granted(|answer, _| {
            answer.set_member("expires_in", 1799)
        })],
    ),
    Fault::ciam(
        "ciam-scope-missing",
        "The answer has no scope.",
        &[
            "rfc6749-3.3-scope-reported-when-different",
            "rfc6749-5.1-scope-required-if-different",
            "oidc-core-3.1.3.2-openid-code",
            "ciam-success-scope",
            "ciam-sample-only-documented-members",
            "ciam-pkce-response-parameters",
            "ciam-refresh-response-parameters",
            "ciam-client-credentials-response-parameters",
            "ciam-password-response-parameters",
            "ciam-otp-response-parameters",
            "ciam-pkce-sample-members",
            "ciam-refresh-sample-members",
            "ciam-client-credentials-sample-members",
            "ciam-password-sample-members",
            "ciam-otp-sample-members",
            "ciam-client-credentials-sample-scope",
        ],
        &[Hook::Granted(|answer, _| {
            drop(answer.remove_member("scope"))
        })],
    ),
    Fault::ciam(
        "ciam-refresh-token-missing",
        "The answer has no refresh token.",
        &[
            "ciam-success-refresh-token",
            "ciam-sample-only-documented-members",
            "ciam-pkce-response-parameters",
            "ciam-refresh-response-parameters",
            "ciam-password-response-parameters",
            "ciam-otp-response-parameters",
            "ciam-pkce-sample-members",
            "ciam-refresh-sample-members",
            "ciam-password-sample-members",
            "ciam-otp-sample-members",
            "ciam-refresh-sample-same-refresh-token",
        ],
        &[Hook::Granted(|answer, _| {
            drop(answer.remove_member("refresh_token"))
        })],
    ),
    Fault::ciam(
        "ciam-id-token-missing",
        "The answer has no ID Token.",
        &[
            "ciam-success-id-token",
            "ciam-sample-only-documented-members",
            "oidc-core-3.1.3.3-id-token",
            "ciam-pkce-response-parameters",
            "ciam-refresh-response-parameters",
            "ciam-password-response-parameters",
            "ciam-otp-response-parameters",
            "ciam-pkce-sample-members",
            "ciam-refresh-sample-members",
            "ciam-password-sample-members",
            "ciam-otp-sample-members",
        ],
        &[Hook::Granted(|answer, _| {
            drop(answer.remove_member("id_token"))
        })],
    ),
    Fault::ciam(
        "ciam-further-member",
        "The answer has a member that the page does not document.",
        &[
            "ciam-sample-only-documented-members",
            "ciam-pkce-sample-members",
            "ciam-refresh-sample-members",
            "ciam-client-credentials-sample-members",
            "ciam-password-sample-members",
            "ciam-otp-sample-members",
        ],
        &[Hook::Granted(|answer, _| {
            answer.set_member("session_state", "1")
        })],
    ),
    Fault::ciam(
        "ciam-access-token-without-typ",
        "The header of an access token has no typ.",
        &["ciam-access-token-header"],
        &[Hook::AccessToken(|token, _| {
            drop(token.header.shift_remove("typ"))
        })],
    ),
    Fault::ciam(
        "ciam-access-token-scope-is-string",
        "The scope of an access token is a string.",
        &[
            "ciam-access-token-claims",
            "ciam-client-credentials-sample-access-token",
        ],
        &[Hook::AccessToken(|token, issue| {
            token.set_claim("scope", issue.scope.to_string())
        })],
    ),
    Fault::ciam(
        "ciam-access-token-aud-is-array",
        "The aud of an access token is an array.",
        &[
            "ciam-access-token-claims",
            "ciam-client-credentials-sample-access-token",
        ],
        &[Hook::AccessToken(|token, issue| {
            token.set_claim("aud", vec![issue.client.id])
        })],
    ),
    Fault::ciam(
        "ciam-access-token-nbf-ahead",
        "The nbf of an access token is a minute after iat.",
        &["ciam-access-token-claims"],
        &[Hook::AccessToken(|token, issue| {
            token.set_claim("nbf", issue.at + 60)
        })],
    ),
    Fault::ciam(
        "ciam-access-token-without-jti",
        "An access token has no jti.",
        &["ciam-access-token-claims", "ciam-refresh-new-access-token"],
        &[Hook::AccessToken(|token, _| {
            drop(token.remove_claim("jti"))
        })],
    ),
    Fault::ciam(
        "ciam-access-token-signature-broken",
        "The signature of an access token does not verify.",
        &[
            "ciam-access-token-signature",
            "ciam-jwks-verifies-access-token",
        ],
        &[Hook::AccessToken(|token, _| token.seal = Seal::Broken)],
    ),
    Fault::ciam(
        "ciam-id-token-kid-differs",
        "The kid of the ID Token is not that of the access token.",
        &[
            "oidc-core-10.1-key-published",
            "ciam-id-token-header",
            "ciam-id-token-signature",
            "oidc-core-2-signed",
            "ciam-jwks-verifies-id-token",
        ],
        &[Hook::IdToken(|token, _| {
            token.seal = Seal::Rs256(KeyName::Previous);
            token.set_header("kid", KeyName::Previous.kid());
        })],
    ),
    Fault::ciam(
        "ciam-id-token-without-azp",
        "An ID Token has no azp.",
        &["ciam-id-token-claims"],
        &[Hook::IdToken(|token, _| drop(token.remove_claim("azp")))],
    ),
    Fault::ciam(
        "ciam-id-token-subject-differs",
        "The sub of the ID Token is not that of the access token.",
        &[
            "oidc-core-2-sub-never-reassigned",
            "oidc-core-5.3.2-sub-matches",
            "oidc-core-5.7-sub-unique-stable",
            "ciam-id-token-subject",
        ],
        &[Hook::IdToken(|token, _| {
            token.set_claim("sub", "SOMEBODY_ELSE")
        })],
    ),
    Fault::ciam(
        "ciam-id-token-signature-broken",
        "The signature of an ID Token does not verify.",
        &[
            "oidc-core-10.1-key-published",
            "ciam-id-token-signature",
            "oidc-core-2-signed",
            "ciam-jwks-verifies-id-token",
        ],
        &[Hook::IdToken(|token, _| token.seal = Seal::Broken)],
    ),
    Fault::ciam(
        "ciam-missing-client-id-is-400",
        "A missing client_id is answered with 400.",
        &[
            "ciam-error-client-id-missing",
            "rfc6749-5.2-error-required",
            "rfc6749-5.2-top-level",
            "rfc6749-5.2-invalid-client-no-auth",
            "ciam-error-client-id-incorrect",
            "ciam-pkce-error-client-id",
        ],
        &[Hook::Tell(
            |mistake| mistake == Mistake::NoClient,
            Telling::Bare(400),
        )],
    ),
    Fault::ciam(
        "ciam-unknown-client-id-is-403",
        "An incorrect client_id is answered with 403.",
        &[
            "ciam-error-client-id-incorrect",
            "rfc6749-5.2-error-required",
            "rfc6749-5.2-invalid-client-unknown",
            "rfc6749-5.2-status-400",
            "rfc6749-5.2-top-level",
            "ciam-pkce-error-client-id",
            "ciam-client-credentials-error-client",
        ],
        &[Hook::Tell(
            |mistake| mistake == Mistake::UnknownClient,
            Telling::Bare(403),
        )],
    ),
    Fault::ciam(
        "ciam-secret-optional",
        "The client_secret may be left out.",
        &[
            "ciam-param-client-secret-required",
            "oidc-core-3.1.3.2-authenticate-client",
            "rfc6749-10.2-authenticate-when-possible",
            "rfc6749-2.2-client-id-alone",
            "rfc6749-2.3.1-body-secret-required",
            "rfc6749-4.1.3-server-requires-auth",
            "rfc6749-4.4.2-client-must-authenticate",
            "rfc6749-4.4.2-server-authenticates",
            "rfc6749-6-client-must-authenticate",
            "rfc6749-6-server-requires-auth",
            "ciam-refresh-param-client-secret-required",
            "ciam-client-credentials-param-client-secret-required",
            "ciam-password-param-client-secret-web",
            "ciam-otp-param-client-secret-web",
            "ciam-revocation-param-client-secret-required",
        ],
        &[Hook::Rules(|rules| {
            rules.client.authentication_required = false
        })],
    ),
    Fault::ciam(
        "ciam-redirect-uri-optional",
        "The redirect_uri may be left out.",
        &[
            "oidc-core-3.1.3.2-redirect-uri-missing-several",
            "ciam-param-redirect-uri-required",
            "rfc6749-4.1.3-redirect-uri-present-and-identical",
            "rfc6749-4.1.3-redirect-uri-required",
            "ciam-pkce-param-redirect-uri-required",
        ],
        &[Hook::Rules(|rules| {
            rules.redirect_uri.may_be_left_out = true
        })],
    ),
    Fault::ciam(
        "ciam-grant-type-optional",
        "The grant_type may be left out.",
        &[
            "ciam-param-grant-type-fixed",
            "rfc6749-4.1.3-grant-type-required",
            "ciam-pkce-param-grant-type-fixed",
        ],
        &[Hook::Rules(|rules| {
            rules.grant_type.defaults_to_code = true
        })],
    ),
    Fault::ciam(
        "ciam-other-client-is-invalid-grant",
        "A code of another client is answered with 400 invalid_grant, as RFC 6749 has it.",
        &[
            "ciam-error-client-id-of-another",
            "ciam-pkce-error-client-id-of-another",
        ],
        &[Hook::Tell(
            |mistake| mistake == Mistake::CodeOfAnother,
            Telling::Error(400, "invalid_grant"),
        )],
    ),
    Fault::ciam(
        "ciam-grant-type-error-is-invalid-request",
        "An incorrect grant_type is answered with invalid_request.",
        &[
            "ciam-error-grant-type",
            "rfc6749-5.2-unsupported-grant-type",
            "ciam-pkce-error-grant-type",
            "rfc6749-5.2-error-required",
            "rfc6749-5.2-top-level",
        ],
        &[Hook::Tell(
            |mistake| mistake == Mistake::UnsupportedGrantType,
            Telling::Error(400, "invalid_request"),
        )],
    ),
    Fault::ciam(
        "ciam-error-without-description",
        "An error has its code alone.",
        &[
            "ciam-error-grant-type-description",
            "ciam-error-grant-type-uri",
            "ciam-password-error-credentials-description",
            "ciam-password-error-auth-source-description",
            "ciam-otp-error-otp-token-description",
            "ciam-otp-error-otp-description",
            "ciam-otp-error-mismatch-description",
        ],
        &[Hook::Refused(|answer, _| {
            answer.remove_member("error_description");
            answer.remove_member("error_uri");
        })],
    ),
    Fault::ciam(
        "ciam-error-uri-elsewhere",
        "An error points at the vendor's help pages.",
        &["ciam-error-grant-type-uri"],
        &[Hook::Refused(|answer, _| {
            if let Some(Value::String(_)) = answer.remove_member("error_uri") {
                answer.set_member("error_uri", json!("https://help.example/errors"));
            }
        })],
    ),
    Fault::ciam(
        "ciam-incorrect-code-is-401",
        "An incorrect code is answered with 401.",
        &[
            "oidc-core-3.1.3.4-status-400",
            "ciam-error-code-incorrect",
            "rfc6749-5.2-invalid-grant-invalid",
            "rfc6749-5.2-status-400",
            "ciam-pkce-error-code",
        ],
        &[Hook::Tell(
            |mistake| mistake == Mistake::UnknownCode,
            Telling::Error(401, "invalid_grant"),
        )],
    ),
    Fault::ciam(
        "ciam-token-path-differs",
        "The token endpoint is at /connect/token, and the metadata say so.",
        &[
            "ciam-request-path",
            "ciam-pkce-request-path",
            "ciam-refresh-request-path",
            "ciam-client-credentials-request-path",
            "ciam-password-request-path",
            "ciam-otp-request-path",
            "ciam-discovery-token-endpoint",
        ],
        &[
            Hook::Path("/connect/token", Endpoint::Token),
            Hook::Answer(Endpoint::Metadata, |answer, _| {
                if let Some(Value::String(issuer)) =
                    answer.members().and_then(|set| set.get("issuer").cloned())
                {
                    answer.set_member("token_endpoint", format!("{issuer}/connect/token"));
                }
            }),
        ],
    ),
    Fault::ciam(
        "ciam-form-with-secret-refused",
        "A form with a code and a client_secret is refused; the one-time password grants' JSON is wanted.",
        &[
            "oidc-core-9-client-secret-post",
            "ciam-request-content-type",
            "ciam-success-status",
        ],
        &[Hook::TokenRequest(|request| {
            let holds = |part: &[u8]| {
                request
                    .body
                    .windows(part.len())
                    .any(|window| window == part)
            };
            if holds(b"client_secret=") && holds(b"grant_type=authorization_code") {
                request.set_header(CONTENT_TYPE, "unknown/unknown");
            }
        })],
    ),
    Fault::ciam(
        "ciam-json-body-accepted",
        "A JSON object with the parameters is taken for a form with a code too.",
        &[
            "ciam-request-content-type",
            "rfc6749-4.1.3-form-body",
            "oidc-core-3.1.3.1-post-form",
            "ciam-pkce-request-content-type",
            "ciam-refresh-request-content-type",
            "ciam-client-credentials-request-content-type",
            "ciam-password-request-content-type",
        ],
        &[Hook::TokenRequest(|request| {
            if !holds(request, b"/grant-type/otp/") {
                take_json_as_form(request);
            }
        })],
    ),
    Fault::ciam(
        "ciam-any-media-type-accepted",
        "A form is read whatever the body is labelled as.",
        &[
            "ciam-request-content-type",
            "rfc6749-4.1.3-form-body",
            "oidc-core-3.1.3.1-post-form",
            "ciam-pkce-request-content-type",
            "ciam-refresh-request-content-type",
            "ciam-client-credentials-request-content-type",
            "ciam-password-request-content-type",
            "ciam-otp-request-content-type",
        ],
        &[Hook::Rules(|rules| {
            rules.request.media_type_checked = false
        })],
    ),
    Fault::ciam(
        "ciam-get-accepted",
        "A token request may be a GET or a HEAD, with its parameters in the query.",
        &["ciam-request-method", "rfc6749-3.2-post-only"],
        &[Hook::TokenRequest(|request| {
            if request.method == Method::GET || request.method == Method::HEAD {
                take_query_as_form(request);
            }
        })],
    ),
    Fault::ciam(
        "ciam-put-accepted",
        "A token request may be a PUT or a PATCH.",
        &[
            "ciam-request-method",
            "rfc6749-3.2-put-rejected",
            "ciam-pkce-request-method",
            "ciam-refresh-request-method",
            "ciam-client-credentials-request-method",
            "ciam-password-request-method",
            "ciam-otp-request-method",
        ],
        &[Hook::TokenRequest(|request| {
            if request.method == Method::PUT || request.method == Method::PATCH {
                request.method = Method::POST;
            }
        })],
    ),
    Fault::ciam(
        "ciam-code-reusable",
        "A code may be exchanged again and again.",
        &[
            "ciam-error-code-incorrect",
            "rfc6749-4.1.2-code-reuse-denied",
            "rfc6749-4.1.2-code-reuse-revokes",
            "rfc6749-10.5-code-short-single-use",
            "rfc6749-10.5-multiple-attempts-revoke",
            "ciam-pkce-error-code",
        ],
        &[Hook::Rules(|rules| rules.code.single_use = false)],
    ),
    Fault::ciam(
        "ciam-missing-code-is-server-error",
        "A missing code is answered with 500.",
        &[
            "ciam-param-code-required",
            "rfc6749-4.1.3-code-required",
            "rfc6749-10.14-input-sanitised",
            "ciam-pkce-param-code-required",
        ],
        &[Hook::Tell(
            |mistake| mistake == Mistake::Missing("code"),
            Telling::Page(500),
        )],
    ),
    Fault::ciam(
        "ciam-client-found-by-secret",
        "A client is looked up by its client_secret, whatever the client_id.",
        &[
            "rfc6749-10.2-authenticate-when-possible",
            "ciam-param-client-id-required",
            "ciam-error-client-id-incorrect",
            "ciam-error-client-id-missing",
            "rfc6749-4.4.2-server-authenticates",
            "rfc6749-2.3.1-body-client-id-required",
            "rfc6749-5.2-invalid-client-unknown",
            "ciam-refresh-param-client-id-required",
            "ciam-client-credentials-param-client-id-required",
            "ciam-client-credentials-error-client",
            "ciam-password-param-client-id-required",
        ],
        &[Hook::TokenRequest(find_client_by_secret)],
    ),
    Fault::ciam(
        "ciam-any-secret-accepted",
        "A client may authenticate with any secret.",
        &[
            "ciam-param-client-secret-required",
            "rfc6749-4.1.3-server-authenticates-if-included",
            "rfc6749-4.4.2-server-authenticates",
            "rfc6749-6-server-authenticates-and-binds",
            "rfc6749-10.2-authenticate-when-possible",
            "rfc6749-a.2-client-secret-abnf",
            "oidc-core-3.1.3.2-authenticate-client",
            "oidc-core-12.1-verify-authentication",
            "ciam-refresh-param-client-secret-required",
            "ciam-client-credentials-error-client",
            "ciam-password-param-client-secret-web",
            "ciam-otp-param-client-secret-web",
            "ciam-revocation-param-client-secret-required",
            "rfc6749-10.10-guessing-prevented",
        ],
        &[Hook::Rules(|rules| rules.client.secret = Secret::Unchecked)],
    ),
    Fault::ciam(
        "ciam-redirect-uri-not-compared",
        "The redirect_uri of a token request is not looked at.",
        &[
            "oidc-core-14-codepoint-comparison",
            "ciam-param-redirect-uri-required",
            "rfc6749-4.1.3-redirect-uri-present-and-identical",
            "rfc6749-4.1.2-code-binding",
            "rfc6749-10.6-redirect-uri-identical",
            "oidc-core-3.1.3.2-redirect-uri-identical",
            "ciam-pkce-param-redirect-uri-required",
        ],
        &[Hook::Rules(|rules| {
            rules.redirect_uri.at_token = UriComparison::Always
        })],
    ),
];

/// Puts the `client_id` of the client that has the secret of the form, in place of one that is
/// missing or plain text.
fn find_client_by_secret(request: &mut Request) {
    if request.body.starts_with(b"{") {
        return;
    }
    let clients = Personality::Ciam.dialect().clients();
    request.edit_form(|pairs| {
        let values = |name: &[u8]| -> Vec<Vec<u8>> {
            let named = pairs.iter().filter(|(key, _)| key == name);
            named.map(|(_, value)| value.clone()).collect()
        };
        let is_plain = match values(b"client_id").as_slice() {
            [] => true,
            [id] => !id.contains(&b'%'),
            _ => false,
        };
        let sent = values(b"client_secret");
        let owner = clients.iter().find(|client| {
            let secret = client
                .secret
                .map(|text| encode_component(text).into_bytes());
            secret.is_some() && sent.first() == secret.as_ref()
        });
        if let Some(owner) = owner.filter(|_| is_plain) {
            pairs.retain(|(name, _)| name != b"client_id");
            let id = encode_component(owner.id).into_bytes();
            pairs.push((b"client_id".to_vec(), id));
        }
    });
}
