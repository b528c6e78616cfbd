//! Faults in the shape of an error (RFC 6749 5.2). Which code a mistake gets
//! wrongly stands with its topic.

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use serde_json::{Value, json};

use super::{Fault, Hook, Telling};
use crate::answer::{Answer, Body};
use crate::context::Context;
use crate::mistake::Mistake;

pub(super) const FAULTS: &[Fault] = &[
    Fault::new(
        "error-is-html",
        "An error is a page in HTML.",
        &[
            "rfc6749-5.2-media-type",
            "rfc6749-5.2-error-required",
            "rfc6749-5.2-top-level",
            "rfc6749-4.1.4-error",
            "rfc6749-6-error",
        ],
        &[Hook::Tell(is_told, Telling::Page(400))],
    ),
    Fault::new(
        "error-is-bare",
        "An error is a status line alone.",
        &[
            "rfc6749-5.2-error-required",
            "rfc6749-5.2-top-level",
            "rfc6749-4.1.4-error",
            "rfc6749-6-error",
        ],
        &[Hook::Tell(is_told, Telling::Bare(400))],
    ),
    Fault::new(
        "error-is-200",
        "An error comes with 200.",
        &[
            "rfc6749-5.2-status-400",
            "rfc6749-4.1.4-error",
            "oidc-core-3.1.3.4-status-400",
        ],
        &[Hook::Refused(|answer, context| {
            if context.mistake.is_some_and(is_told) {
                answer.status = StatusCode::OK;
            }
        })],
    ),
    Fault::new(
        "error-is-422",
        "An error comes with 422.",
        &[
            "rfc6749-5.2-status-400",
            "oidc-core-3.1.3.4-status-400",
            "rfc6749-4.1.4-error",
            "rfc6749-6-error",
        ],
        &[Hook::Refused(|answer, context| {
            if context.mistake.is_some_and(is_told) {
                answer.status = StatusCode::UNPROCESSABLE_ENTITY;
            }
        })],
    ),
    Fault::new(
        "error-labelled-text",
        "The JSON of an error is labelled text/plain.",
        &["rfc6749-5.2-media-type", "oidc-core-3.1.3.4-error-format"],
        &[Hook::Refused(|answer, _| {
            answer.set_header(CONTENT_TYPE, "text/plain")
        })],
    ),
    Fault::new(
        "error-named-otherwise",
        "The error code stands in errorCode.",
        &[
            "rfc6749-5.2-error-required",
            "oidc-core-3.1.3.4-error-format",
            "rfc6749-4.1.4-error",
            "rfc6749-6-error",
            "rfc6749-5.2-top-level",
        ],
        &[Hook::Refused(|answer, _| {
            if let Some(code) = answer.remove_member("error") {
                answer.set_member("errorCode", code);
            }
        })],
    ),
    Fault::new(
        "error-nested",
        "The error is an object with code and message.",
        &[
            "rfc6749-5.2-top-level",
            "rfc6749-5.2-types",
            "rfc6749-5.2-error-required",
            "rfc6749-4.1.4-error",
            "rfc6749-6-error",
        ],
        &[Hook::Refused(|answer, _| {
            if let Some(code) = answer.remove_member("error") {
                let message = answer.remove_member("error_description");
                answer.set_member("error", json!({ "code": code, "message": message }));
            }
        })],
    ),
    Fault::new(
        "error-is-sentence",
        "A whole sentence stands in error.",
        &["rfc6749-5.2-error-single-code"],
        &[Hook::Refused(|answer, context| {
            if let Some(mistake) = context.mistake {
                answer.set_member("error", mistake.description());
            }
        })],
    ),
    Fault::new(
        "error-of-the-vendor",
        "A code of the vendor's own stands in error.",
        &["rfc6749-5.2-error-single-code"],
        &[Hook::Refused(|answer, _| {
            answer.set_member("error", "E1042")
        })],
    ),
    Fault::new(
        "error-of-two-codes",
        "Two codes stand in error.",
        &["rfc6749-5.2-error-single-code"],
        &[Hook::Refused(|answer, _| {
            if let Some(Value::String(code)) = answer.remove_member("error") {
                answer.set_member("error", format!("{code} access_denied"));
            }
        })],
    ),
    Fault::new(
        "error-in-upper-case",
        "The error code is written in upper case.",
        &["rfc6749-5.2-error-single-code"],
        &[Hook::Refused(|answer, _| {
            if let Some(Value::String(code)) = answer.remove_member("error") {
                answer.set_member("error", code.to_uppercase());
            }
        })],
    ),
    Fault::new(
        "error-in-quotes",
        "The error code stands in quotes.",
        &[
            "rfc6749-5.2-error-charset",
            "rfc6749-8.5-error-code-abnf",
            "rfc6749-5.2-error-single-code",
        ],
        &[Hook::Refused(|answer, _| {
            if let Some(Value::String(code)) = answer.remove_member("error") {
                answer.set_member("error", format!("\"{code}\""));
            }
        })],
    ),
    Fault::new(
        "error-empty",
        "The error code is empty.",
        &[
            "rfc6749-a.7-error-abnf",
            "rfc6749-5.2-error-required",
            "rfc6749-4.1.4-error",
            "rfc6749-6-error",
        ],
        &[Hook::Refused(|answer, _| answer.set_member("error", ""))],
    ),
    Fault::new(
        "error-is-number",
        "The error is a number.",
        &[
            "rfc6749-5.2-types",
            "rfc6749-5.2-error-required",
            "rfc6749-4.1.4-error",
            "rfc6749-6-error",
            "rfc6749-5.2-top-level",
        ],
        &[Hook::Refused(|answer, _| answer.set_member("error", 400))],
    ),
    Fault::new(
        "description-echoes-request",
        "The description repeats the code, the scope or the grant type that was sent.",
        &[
            "rfc6749-5.2-error-description-charset",
            "rfc6749-10.14-input-sanitised",
        ],
        &[Hook::Refused(echo)],
    ),
    Fault::new(
        "description-is-exception",
        "An exception's text stands in the description.",
        &["rfc6749-5.2-error-description-charset"],
        &[Hook::Refused(|answer, _| {
            let text = "java.lang.IllegalStateException: Cannot invoke \"Code.client()\"\n\tat Token.java:42";
            answer.set_member("error_description", text);
        })],
    ),
    Fault::new(
        "description-beyond-ascii",
        "The description is not in ASCII.",
        &["rfc6749-5.2-error-description-charset"],
        &[Hook::Refused(|answer, _| {
            answer.set_member("error_description", "Ung\u{fc}ltige Anfrage")
        })],
    ),
    Fault::new(
        "description-empty",
        "The description is empty.",
        &["rfc6749-a.8-error-description-abnf"],
        &[Hook::Refused(|answer, _| {
            answer.set_member("error_description", "")
        })],
    ),
    Fault::new(
        "description-is-null",
        "The description is null.",
        &[
            "rfc6749-5.2-types",
            "oidc-core-13.3-no-null",
            "oauth-v2-1-c.3-json-no-null",
        ],
        &[Hook::Refused(|answer, _| {
            answer.set_member("error_description", Value::Null)
        })],
    ),
    Fault::new(
        "error-uri-is-no-uri",
        "A sentence stands in error_uri.",
        &[
            "rfc6749-5.2-error-uri-syntax",
            "rfc6749-5.2-error-uri-charset",
            "rfc6749-a.9-error-uri-abnf",
        ],
        &[Hook::Refused(|answer, _| {
            answer.set_member("error_uri", "see our \"help\" pages")
        })],
    ),
    Fault::new(
        "error-uri-escape-malformed",
        "The error_uri has a percent sign without two digits.",
        &["rfc6749-5.2-error-uri-syntax", "rfc6749-a.9-error-uri-abnf"],
        &[Hook::Refused(|answer, _| {
            answer.set_member("error_uri", "https://as.example/errors/100%")
        })],
    ),
    Fault::new(
        "error-has-token",
        "An error has an access token too.",
        &["rfc6749-5.2-no-token-in-error"],
        &[Hook::Refused(|answer, _| {
            answer.set_member("access_token", "x".repeat(43))
        })],
    ),
    Fault::new(
        "error-repeats-member",
        "The answer has error twice.",
        &["rfc6749-3.2-no-repeated-response-param"],
        &[Hook::Refused(|answer, _| {
            if let Some(members) = answer.members() {
                let text = json!(members).to_string();
                answer.body = Body::Text(text.replacen('{', "{\"error\":\"server_error\",", 1));
            }
        })],
    ),
    Fault::new(
        "every-error-is-invalid-request",
        "Whatever is wrong, the code is invalid_request.",
        &[
            "rfc7521-4.2.1-invalid-client",
            "rfc7523-3.2-invalid-client",
            "oauth-v2-1-10-no-password-grant",
            "rfc6749-5.2-invalid-client-unsupported-method",
            "rfc6749-5.2-invalid-request-unsupported-value",
            "rfc8707-2-invalid-combination",
            "rfc8707-2-invalid-target",
            "rfc9700-2.4-password-grant-forbidden",
            "rfc6749-5.2-invalid-client-wrong-secret",
            "rfc6749-5.2-invalid-grant-invalid",
            "rfc6749-5.2-unsupported-grant-type",
            "rfc6749-5.2-unauthorized-client",
            "rfc6749-5.2-invalid-client-no-auth",
            "rfc6749-5.2-invalid-client-unknown",
            "rfc6749-5.2-invalid-grant-other-client",
            "rfc6749-5.2-invalid-grant-redirect-mismatch",
            "rfc6749-5.2-invalid-scope",
            "rfc6749-5.2-status-400",
            "rfc7636-4.6-mismatch-invalid-grant",
            "rfc6749-5.2-invalid-grant-revoked",
        ],
        &[Hook::Refused(|answer, _| {
            answer.set_member("error", "invalid_request")
        })],
    ),
    Fault::new(
        "every-error-is-401",
        "Whatever is wrong, the status is 401.",
        &[
            "rfc6749-5.2-status-400",
            "rfc9110-11.6.1-www-authenticate-on-401",
        ],
        &[Hook::Refused(|answer, _| {
            answer.status = StatusCode::UNAUTHORIZED
        })],
    ),
    Fault::new(
        "missing-parameter-is-invalid-grant",
        "A missing parameter is answered with invalid_grant.",
        &["rfc6749-5.2-invalid-request-missing"],
        &[Hook::Tell(
            |mistake| matches!(mistake, Mistake::Missing(_)),
            Telling::Error(400, "invalid_grant"),
        )],
    ),
    Fault::new(
        "repeated-parameter-is-invalid-grant",
        "A repeated parameter is answered with invalid_grant.",
        &["rfc6749-5.2-invalid-request-repeated"],
        &[Hook::Tell(
            |mistake| matches!(mistake, Mistake::Repeated(_)),
            Telling::Error(400, "invalid_grant"),
        )],
    ),
    Fault::new(
        "malformed-form-is-unsupported-grant",
        "A form that cannot be decoded is answered with unsupported_grant_type.",
        &["rfc6749-5.2-invalid-request-malformed"],
        &[Hook::Tell(
            |mistake| {
                matches!(
                    mistake,
                    Mistake::PercentEncoding | Mistake::Utf8 | Mistake::Nul
                )
            },
            Telling::Error(400, "unsupported_grant_type"),
        )],
    ),
];

/// A mistake whose answer is a 400 with a code.
fn is_told(mistake: Mistake) -> bool {
    mistake.status() == StatusCode::BAD_REQUEST
}

fn echo(answer: &mut Answer, context: &Context) {
    let sent = ["grant_type", "code", "refresh_token", "scope"]
        .into_iter()
        .filter_map(|name| context.form.get(name).ok().flatten())
        .collect::<Vec<_>>()
        .join(", ");
    if !sent.is_empty() {
        answer.set_member("error_description", format!("invalid: {sent}"));
    }
}
