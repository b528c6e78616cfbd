//! Faults of the `ciam` personality in what the sibling pages tell: PKCE without a secret,
//! refreshing, client credentials, passwords and one-time passwords.

use axum::http::StatusCode;
use serde_json::Value;

use super::{Fault, Hook, Telling};
use crate::answer::{Answer, Members};
use crate::clients::GrantType;
use crate::context::Context;
use crate::dialect::proves_by_verifier;
use crate::mistake::Mistake;
use crate::request::Request;
use crate::rules::{Renewal, VerifierComparison};

pub(super) const FAULTS: &[Fault] = &[
    Fault::ciam(
        "ciam-pkce-client-id-is-401",
        "With a verifier, a missing or incorrect client_id is answered with a bare 401.",
        &["ciam-pkce-error-client-id"],
        &[Hook::Refused(|answer, context| {
            let of_client = matches!(
                context.mistake,
                Some(Mistake::NoClient | Mistake::UnknownClient)
            );
            if of_client && proves_by_verifier(context) {
                *answer = Answer::empty(StatusCode::UNAUTHORIZED)
                    .challenging("Basic")
                    .uncached();
            }
        })],
    ),
    Fault::ciam(
        "ciam-pkce-code-is-invalid-grant",
        "With a verifier, an incorrect code is answered with 400 invalid_grant.",
        &["ciam-pkce-error-code"],
        &[Hook::Refused(|answer, context| {
            let of_code = matches!(
                context.mistake,
                Some(Mistake::UnknownCode | Mistake::ReplayedCode)
            );
            if of_code && proves_by_verifier(context) {
                tell(answer, 400, "invalid_grant");
            }
        })],
    ),
    Fault::ciam(
        "ciam-pkce-verifier-is-invalid-grant",
        "An incorrect verifier is answered with 400 invalid_grant.",
        &["ciam-pkce-error-code-verifier"],
        &[Hook::Tell(
            |mistake| matches!(mistake, Mistake::WrongVerifier | Mistake::MalformedVerifier),
            Telling::Error(400, "invalid_grant"),
        )],
    ),
    Fault::ciam(
        "ciam-pkce-grant-type-is-400",
        "With a verifier too, an incorrect grant_type is answered with 400.",
        &["ciam-pkce-error-grant-type"],
        &[Hook::Refused(|answer, context| {
            if context.mistake == Some(Mistake::UnsupportedGrantType) && proves_by_verifier(context)
            {
                *answer = Answer::json(
                    StatusCode::BAD_REQUEST,
                    "application/json;charset=UTF-8",
                    Members::from_iter([("error".to_owned(), "unsupported_grant_type".into())]),
                )
                .uncached();
            }
        })],
    ),
    Fault::ciam(
        "ciam-verifier-optional",
        "The code_verifier may be left out.",
        &[
            "ciam-pkce-param-code-verifier-required",
            "rfc7636-4.6-verified-before-tokens",
            "rfc7636-4.5-verifier-required",
            "rfc7636-4.6-empty-verifier",
        ],
        &[Hook::Rules(|rules| rules.pkce.verifier_required = false)],
    ),
    Fault::ciam(
        "ciam-verifier-unchecked",
        "The code_verifier is not looked at.",
        &[
            "ciam-pkce-param-code-verifier-required",
            "rfc7636-4.6-verified-before-tokens",
            "rfc7636-4.4-challenge-bound",
            "rfc7636-4.5-method-bound",
            "rfc7636-4.6-case-sensitive",
        ],
        &[Hook::Rules(|rules| {
            rules.pkce.comparison = VerifierComparison::Unchecked
        })],
    ),
    Fault::ciam(
        "ciam-codes-want-secret",
        "No client exchanges a code without a client_secret.",
        &[
            "oidc-core-9-none-method",
            "ciam-pkce-no-client-secret",
            "ciam-pkce-success-status",
            "ciam-pkce-request-content-type",
            "rfc6749-4.1.4-success",
        ],
        &[Hook::TokenRequest(|request| {
            if holds(request, b"grant_type=authorization_code") {
                want_secret(request);
            }
        })],
    ),
    Fault::ciam(
        "ciam-code-of-any-public-client",
        "A client without a secret may exchange any code.",
        &[
            "ciam-pkce-param-client-id-required",
            "rfc6749-4.1.2-code-binding",
            "rfc6749-4.1.3-code-issued-to-public-client",
        ],
        &[Hook::Rules(|rules| {
            rules.code.bound_to = crate::rules::BoundTo::ConfidentialClient
        })],
    ),
    Fault::ciam(
        "ciam-refresh-rotates",
        "A refresh gives another refresh token.",
        &["ciam-refresh-sample-same-refresh-token"],
        &[Hook::Rules(|rules| {
            rules.refresh.confidential = Renewal::Rotated
        })],
    ),
    Fault::ciam(
        "ciam-refresh-repeats-tokens",
        "A refresh answers the tokens that came with the code.",
        &[
            "oidc-core-12.2-nonce-absent",
            "ciam-refresh-new-access-token",
            "ciam-refresh-new-id-token",
        ],
        &[Hook::Rules(|rules| rules.refresh.repeats_tokens = true)],
    ),
    Fault::ciam(
        "ciam-refresh-token-is-401",
        "An unknown refresh token is answered with 401.",
        &[
            "ciam-refresh-error-refresh-token",
            "rfc6749-5.2-invalid-grant-invalid",
            "rfc6749-5.2-status-400",
        ],
        &[Hook::Tell(
            |mistake| mistake == Mistake::UnknownRefreshToken,
            Telling::Error(401, "invalid_grant"),
        )],
    ),
    Fault::ciam(
        "ciam-refresh-token-of-any-client",
        "A refresh token may be used by any client.",
        &[
            "ciam-refresh-param-client-id-required",
            "rfc6749-6-server-authenticates-and-binds",
            "rfc6749-6-token-bound-to-client",
            "rfc6749-10.4-binding-maintained",
            "rfc6749-10.4-binding-verified",
            "oidc-core-12.1-issued-to-client",
        ],
        &[Hook::Rules(|rules| rules.refresh.bound_to_client = false)],
    ),
    Fault::ciam(
        "ciam-missing-parameter-is-server-error",
        "A missing refresh token, name, password or one-time password is answered with 500.",
        &[
            "ciam-refresh-param-refresh-token-required",
            "ciam-password-param-auth-source-required",
            "ciam-password-param-username-required",
            "ciam-password-param-password-required",
            "ciam-otp-param-auth-source-required",
            "ciam-otp-param-phone-number-required",
            "ciam-otp-param-email-required",
            "ciam-otp-param-otp-token-required",
            "ciam-otp-param-otp-required",
            "rfc6749-6-refresh-token-required",
            "rfc6749-10.14-input-sanitised",
        ],
        &[Hook::Tell(
            |mistake| {
                matches!(
                    mistake,
                    Mistake::Missing(
                        "refresh_token"
                            | "auth_source_id"
                            | "username"
                            | "password"
                            | "phone_number"
                            | "email"
                            | "otp_token"
                            | "otp"
                    )
                )
            },
            Telling::Page(500),
        )],
    ),
    Fault::ciam(
        "ciam-grant-type-guessed",
        "Where grant_type is left out, it is guessed by the other parameters, and its case does not matter.",
        &[
            "ciam-param-grant-type-fixed",
            "ciam-pkce-param-grant-type-fixed",
            "ciam-refresh-param-grant-type-fixed",
            "ciam-client-credentials-param-grant-type-fixed",
            "ciam-password-param-grant-type-fixed",
            "ciam-error-grant-type",
            "rfc6749-1.9-value-case",
            "rfc6749-4.1.3-grant-type-required",
            "rfc6749-4.1.3-grant-type-value",
            "rfc6749-1.9-name-case",
            "rfc6749-4.1.3-params-in-query",
        ],
        &[
            Hook::Rules(|rules| rules.grant_type.case_sensitive = false),
            Hook::TokenRequest(guess_grant_type),
        ],
    ),
    Fault::ciam(
        "ciam-credentials-of-unknown-client-are-bare",
        "With client credentials too, an unknown client is answered with a bare 401.",
        &["ciam-client-credentials-error-client"],
        &[Hook::Refused(|answer, context| {
            if context.mistake == Some(Mistake::UnknownClient)
                && holds(&context.request, b"client_credentials")
            {
                *answer = Answer::empty(StatusCode::UNAUTHORIZED)
                    .challenging("Basic")
                    .uncached();
            }
        })],
    ),
    Fault::ciam(
        "ciam-unregistered-grant-is-invalid-client",
        "A grant that the client may not use is answered with 401 invalid_client.",
        &[
            "ciam-client-credentials-error-grant-not-allowed",
            "rfc6749-5.2-unauthorized-client",
        ],
        &[Hook::Tell(
            |mistake| mistake == Mistake::UnauthorizedGrantType,
            Telling::Error(401, "invalid_client"),
        )],
    ),
    Fault::ciam(
        "ciam-scope-error-is-invalid-request",
        "A scope that cannot be had is answered with invalid_request.",
        &[
            "ciam-client-credentials-error-scope",
            "rfc6749-5.2-invalid-scope",
        ],
        &[Hook::Tell(
            |mistake| mistake == Mistake::ExcessiveScope,
            Telling::Error(400, "invalid_request"),
        )],
    ),
    Fault::ciam(
        "ciam-client-credentials-give-refresh-token",
        "The client credentials grant gives a refresh token.",
        &[
            "ciam-client-credentials-no-refresh-token",
            "ciam-client-credentials-sample-members",
            "rfc6749-4.4.3-no-refresh-token",
        ],
        &[Hook::Rules(|rules| {
            rules.grant_type.client_credentials_refreshable = true
        })],
    ),
    Fault::ciam(
        "ciam-scope-required",
        "A request with client credentials or a password has to say a scope.",
        &[
            "ciam-client-credentials-param-scope-optional",
            "ciam-password-param-scope-optional",
            "rfc6749-3.3-scope-omitted",
        ],
        &[
            Hook::Rules(|rules| rules.scope.required = true),
            Hook::TokenRequest(|request| {
                if holds(request, b"grant_type=password") && !holds(request, b"scope=") {
                    request.append_form("scope=%22");
                }
            }),
        ],
    ),
    Fault::ciam(
        "ciam-credentials-sub-differs",
        "The sub of a client's own token is that of a service account.",
        &["ciam-client-credentials-sample-access-token"],
        &[Hook::AccessToken(|token, issue| {
            if issue.login.is_none() {
                token.set_claim("sub", "SERVICE_ACCOUNT");
            }
        })],
    ),
    Fault::ciam(
        "ciam-credentials-scope-differs",
        "The scope of a client's own token is told as openid.",
        &["ciam-client-credentials-sample-scope"],
        &[Hook::Granted(|answer, context| {
            if context.grant_type == Some(GrantType::ClientCredentials) {
                answer.set_member("scope", "openid");
            }
        })],
    ),
    Fault::ciam(
        "ciam-any-password",
        "Any password does.",
        &["ciam-password-error-credentials"],
        &[Hook::Rules(|rules| rules.grant_type.password = true)],
    ),
    Fault::ciam(
        "ciam-password-error-is-401",
        "A wrong name or password is answered with 401.",
        &["ciam-password-error-credentials", "rfc6749-5.2-status-400"],
        &[Hook::Tell(
            |mistake| mistake == Mistake::WrongPassword,
            Telling::Error(401, "invalid_grant"),
        )],
    ),
    Fault::ciam(
        "ciam-password-error-tells-which",
        "A wrong name and a wrong password are told apart.",
        &["ciam-password-error-credentials-description"],
        &[Hook::Refused(|answer, context| {
            if context.mistake == Some(Mistake::WrongPassword) {
                let is_known = matches!(context.form.get("username"), Ok(Some("MOCK_USERNAME")));
                let text = if is_known {
                    "Wrong password"
                } else {
                    "Wrong username"
                };
                answer.set_member("error_description", text);
            }
        })],
    ),
    Fault::ciam(
        "ciam-auth-source-ignored",
        "The authentication source is not looked at.",
        &[
            "ciam-password-param-auth-source-required",
            "ciam-otp-param-auth-source-required",
        ],
        &[Hook::TokenRequest(|request| {
            if holds(request, b"grant_type=password") {
                request.edit_form(|pairs| {
                    pairs.retain(|(name, _)| name != b"auth_source_id");
                });
                request.append_form("auth_source_id=MOCK_USERNAME_PASSWORD_AUTH_SOURCE_ID");
            }
            change_code(request, |members, is_sms| {
                let kind = if is_sms { "SMS" } else { "EMAIL" };
                let source = format!("MOCK_{kind}_OTP_AUTH_SOURCE_ID");
                members.insert("auth_source_id".to_owned(), source.into());
            });
        })],
    ),
    Fault::ciam(
        "ciam-auth-source-error-is-access-denied",
        "An unknown authentication source is answered with access_denied.",
        &[
            "ciam-password-error-auth-source",
            "ciam-otp-error-auth-source",
        ],
        &[Hook::Tell(
            |mistake| mistake == Mistake::UnknownAuthSource,
            Telling::Error(400, "access_denied"),
        )],
    ),
    Fault::ciam(
        "ciam-users-want-secret",
        "No client logs a user in at the token endpoint without a client_secret.",
        &[
            "ciam-password-param-client-secret-others",
            "ciam-otp-param-client-secret-others",
        ],
        &[Hook::TokenRequest(|request| {
            if holds(request, b"grant_type=password") {
                want_secret(request);
            }
            change_code(request, |members, _| {
                if !members.contains_key("client_secret") {
                    members.shift_remove("client_id");
                }
            });
        })],
    ),
    Fault::ciam(
        "ciam-logins-of-no-client",
        "Who sends a user's name and password, or a one-time password, need not say who it is.",
        &[
            "ciam-password-param-client-id-required",
            "ciam-otp-param-client-id-required",
        ],
        &[Hook::TokenRequest(|request| {
            if holds(request, b"grant_type=password") && !holds(request, b"client_id=") {
                request.append_form("client_id=TENANT_CLIENT_ID");
            }
            change_code(request, |members, _| {
                let id = Value::from("TENANT_CLIENT_ID");
                members.entry("client_id").or_insert(id);
            });
        })],
    ),
    Fault::ciam(
        "ciam-otp-form-accepted",
        "A one-time password may come as a form too.",
        &["ciam-otp-request-content-type"],
        &[Hook::TokenRequest(take_form_as_json)],
    ),
    Fault::ciam(
        "ciam-otp-by-form-alone",
        "A one-time password has to come as a form.",
        &[
            "ciam-otp-request-content-type",
            "ciam-otp-grant-type-sms",
            "ciam-otp-grant-type-email",
            "ciam-otp-success-status",
            "ciam-otp-param-client-secret-others",
        ],
        &[Hook::TokenRequest(|request| {
            if request.body.starts_with(b"{") && holds(request, b"/grant-type/otp/") {
                request.body = b"{".to_vec();
            } else {
                take_form_as_json(request);
            }
        })],
    ),
    Fault::ciam(
        "ciam-any-otp",
        "Any one-time password does.",
        &["ciam-otp-error-otp", "ciam-otp-param-otp-required"],
        &[Hook::TokenRequest(|request| {
            change_code(request, |members, _| {
                members.insert("otp".to_owned(), "123456".into());
            });
        })],
    ),
    Fault::ciam(
        "ciam-any-otp-token",
        "The otp_token is not looked at.",
        &[
            "ciam-otp-error-otp-token",
            "ciam-otp-param-otp-token-required",
        ],
        &[Hook::TokenRequest(|request| {
            change_code(request, |members, is_sms| {
                let token = if is_sms {
                    "MOCK_OTP_TOKEN"
                } else {
                    "MOCK_EMAIL_OTP_TOKEN"
                };
                members.insert("otp_token".to_owned(), token.into());
            });
        })],
    ),
    Fault::ciam(
        "ciam-otp-address-ignored",
        "Whom the one-time password was sent to is not looked at.",
        &[
            "ciam-otp-error-mismatch",
            "ciam-otp-param-phone-number-required",
            "ciam-otp-param-email-required",
        ],
        &[Hook::TokenRequest(|request| {
            change_code(request, |members, is_sms| {
                let (name, value) = if is_sms {
                    ("phone_number", "13612345678")
                } else {
                    ("email", "MOCK_USERNAME@example.com")
                };
                members.insert(name.to_owned(), value.into());
            });
        })],
    ),
    Fault::ciam(
        "ciam-otp-error-is-401",
        "A wrong one-time password, or otp_token, is answered with 401.",
        &[
            "ciam-otp-error-otp",
            "ciam-otp-error-otp-token",
            "rfc6749-5.2-status-400",
        ],
        &[Hook::Tell(
            |mistake| matches!(mistake, Mistake::WrongOtp | Mistake::UnknownOtpToken),
            Telling::Error(401, "invalid_grant"),
        )],
    ),
    Fault::ciam(
        "ciam-otp-mismatch-is-invalid-grant",
        "A one-time password that was sent to somebody else is answered with invalid_grant.",
        &["ciam-otp-error-mismatch"],
        &[Hook::Tell(
            |mistake| mistake == Mistake::OtpMismatch,
            Telling::Error(400, "invalid_grant"),
        )],
    ),
    Fault::ciam(
        "ciam-auth-source-error-says-little",
        "An unknown authentication source is told as such, in other words.",
        &["ciam-password-error-auth-source-description"],
        &[Hook::Refused(|answer, context: &Context| {
            if context.mistake == Some(Mistake::UnknownAuthSource) {
                answer.set_member("error_description", "Bad source");
            }
        })],
    ),
];

/// Whether the body holds these bytes.
pub(super) fn holds(request: &Request, part: &[u8]) -> bool {
    request
        .body
        .windows(part.len())
        .any(|window| window == part)
}

/// Tells a mistake with this status and error code.
fn tell(answer: &mut Answer, status: u16, error: &str) {
    answer.status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    answer.set_member("error", error);
}

/// Leaves nothing of a client that sends no secret.
fn want_secret(request: &mut Request) {
    let by_header = request.headers.contains_key("authorization");
    if !by_header && !holds(request, b"client_secret=") {
        request.edit_form(|pairs| pairs.retain(|(name, _)| name != b"client_id"));
    }
}

/// Names the grant that the parameters look like.
fn guess_grant_type(request: &mut Request) {
    if holds(request, b"grant_type") || request.body.starts_with(b"{") {
        return;
    }
    let grant = if holds(request, b"refresh_token=") {
        "refresh_token"
    } else if holds(request, b"password=") {
        "password"
    } else if holds(request, b"code=") {
        "authorization_code"
    } else {
        "client_credentials"
    };
    request.append_form(&format!("grant_type={grant}"));
}

/// Changes the members of a JSON object with a one-time password; the change learns whether it was
/// sent by SMS.
fn change_code(request: &mut Request, change: impl FnOnce(&mut Members, bool)) {
    let is_sms = holds(request, b"/grant-type/otp/sms");
    if !is_sms && !holds(request, b"/grant-type/otp/email") {
        return;
    }
    if let Ok(mut members) = serde_json::from_slice::<Members>(&request.body) {
        change(&mut members, is_sms);
        request.body = Value::Object(members).to_string().into_bytes();
    }
}

/// Makes a JSON object of a form with a one-time password.
fn take_form_as_json(request: &mut Request) {
    use crate::form::decode_component;
    if request.body.starts_with(b"{") || !holds(request, b"grant-type%2Fotp%2F") {
        return;
    }
    let mut members = Members::new();
    request.edit_form(|pairs| {
        for (name, value) in pairs.iter() {
            if let (Ok(name), Ok(value)) = (decode_component(name), decode_component(value)) {
                members.insert(name, value.into());
            }
        }
    });
    request.body = Value::Object(members).to_string().into_bytes();
    request.set_header(axum::http::header::CONTENT_TYPE, "application/json");
}
