//! Faults in reading a request: method, media type, encoding, and parameters
//! that are repeated, empty, unknown or in the wrong place (RFC 6749 3.2,
//! 4.1.3 and appendix B).

use axum::http::header::{ALLOW, CONTENT_TYPE};
use axum::http::{Method, StatusCode};
use serde_json::{Map, Value};

use super::{Fault, Hook, Telling};
use crate::answer::Answer;
use crate::endpoints::Endpoint;
use crate::form::encode_component;
use crate::mistake::Mistake;
use crate::request::Request;
use crate::rules::{Duplicates, Empty};

const FORM: &str = "application/x-www-form-urlencoded";

pub(super) const FAULTS: &[Fault] = &[
    Fault::new(
        "repeated-parameter-first-wins",
        "Of a parameter that is sent twice, the first value is taken.",
        &[
            "rfc6749-3.2-no-repeated-request-param",
            "rfc7523-2.2-single-jwt",
        ],
        &[Hook::Rules(|rules| {
            rules.request.duplicates = Duplicates::FirstWins
        })],
    ),
    Fault::new(
        "repeated-parameter-last-wins",
        "Of a parameter that is sent twice, the last value is taken.",
        &[
            "rfc6749-3.2-no-repeated-request-param",
            "rfc7523-2.2-single-jwt",
        ],
        &[Hook::Rules(|rules| {
            rules.request.duplicates = Duplicates::LastWins
        })],
    ),
    Fault::new(
        "repeated-code-accepted",
        "A code may be sent twice; other parameters may not.",
        &["rfc6749-3.2-no-repeated-request-param"],
        &[Hook::TokenRequest(|request| {
            drop_repetitions(request, b"code")
        })],
    ),
    Fault::new(
        "repeated-redirect-uri-accepted",
        "A redirect_uri may be sent twice; other parameters may not.",
        &["rfc6749-3.2-no-repeated-request-param"],
        &[Hook::TokenRequest(|request| {
            drop_repetitions(request, b"redirect_uri")
        })],
    ),
    Fault::new(
        "repeated-parameter-is-server-error",
        "A parameter that is sent twice is answered with 500.",
        &[
            "rfc7523-2.2-single-jwt",
            "rfc6749-3.2-no-repeated-request-param",
            "rfc6749-5.2-invalid-request-repeated",
            "rfc6749-10.14-input-sanitised",
        ],
        &[Hook::Tell(is_repetition, Telling::Page(500))],
    ),
    Fault::new(
        "query-parameters-accepted",
        "Parameters in the query are read as if they were in the body.",
        &[
            "rfc6749-4.1.3-params-in-query",
            "rfc6749-2.3.1-no-credentials-in-uri",
        ],
        &[Hook::TokenRequest(|request| {
            let query = request.query.clone().unwrap_or_default();
            request.append_form(&query);
        })],
    ),
    Fault::new(
        "query-credentials-accepted",
        "Client credentials in the query are taken; other parameters there are not.",
        &["rfc6749-2.3.1-no-credentials-in-uri"],
        &[Hook::TokenRequest(|request| {
            let query = request.query.clone().unwrap_or_default();
            for pair in query.split('&').filter(|pair| pair.starts_with("client_")) {
                request.append_form(pair);
            }
        })],
    ),
    Fault::new(
        "query-refused",
        "A request to a URL with a query is refused, whatever the query says.",
        &["rfc6749-3.2-query-retained"],
        &[Hook::TokenRequest(|request| {
            if request.query.is_some() {
                request.set_header(CONTENT_TYPE, "unknown/unknown");
            }
        })],
    ),
    Fault::new(
        "get-accepted",
        "A token request may be a GET or a HEAD, with its parameters in the query.",
        &["rfc6749-3.2-post-only"],
        &[Hook::TokenRequest(|request| {
            if [Method::GET, Method::HEAD].contains(&request.method) {
                take_query_as_form(request);
            }
        })],
    ),
    Fault::new(
        "put-accepted",
        "A token request may be a PUT or an OPTIONS.",
        &["rfc6749-3.2-put-rejected", "oauth-v2-1-3.2-post"],
        &[Hook::TokenRequest(|request| {
            if [Method::PUT, Method::OPTIONS].contains(&request.method) {
                request.method = Method::POST;
            }
        })],
    ),
    Fault::new(
        "wrong-method-without-allow",
        "A 405 does not say which methods there are.",
        &["rfc9110-15.5.6-allow-on-405"],
        &[Hook::Refused(|answer, _| {
            drop(answer.headers.remove(ALLOW))
        })],
    ),
    Fault::new(
        "wrong-method-allows-others",
        "A 405 names methods in Allow among which POST is not.",
        &["rfc9110-15.5.6-allow-on-405"],
        &[Hook::Refused(|answer, context| {
            if context.mistake == Some(Mistake::Method) {
                answer.set_header(ALLOW, "OPTIONS");
            }
        })],
    ),
    Fault::new(
        "wrong-method-is-server-error",
        "Another method than POST is answered with 500.",
        &["rfc6749-3.2-post-only", "rfc6749-3.2-put-rejected"],
        &[Hook::Tell(
            |mistake| mistake == Mistake::Method,
            Telling::Page(500),
        )],
    ),
    Fault::new(
        "json-body-accepted",
        "A JSON object with the parameters is taken for a form.",
        &["rfc6749-4.1.3-form-body", "oidc-core-3.1.3.1-post-form"],
        &[Hook::TokenRequest(take_json_as_form)],
    ),
    Fault::new(
        "any-media-type-accepted",
        "A form is read whatever the body is labelled as.",
        &["rfc6749-4.1.3-form-body", "oidc-core-3.1.3.1-post-form"],
        &[Hook::Rules(|rules| {
            rules.request.media_type_checked = false
        })],
    ),
    Fault::new(
        "media-type-case-sensitive",
        "The media type of a form has to be written in lower case.",
        &["rfc9110-8.3.1-media-type-case"],
        &[Hook::TokenRequest(|request| {
            if request
                .header(&CONTENT_TYPE)
                .is_some_and(|label| !label.starts_with(FORM))
            {
                request.set_header(CONTENT_TYPE, "unknown/unknown");
            }
        })],
    ),
    Fault::new(
        "charset-parameter-refused",
        "A media type with a parameter, such as charset=UTF-8, is refused.",
        &["rfc6749-4.1.3-content-type-charset"],
        &[Hook::TokenRequest(|request| {
            if request
                .header(&CONTENT_TYPE)
                .is_some_and(|label| label.contains(';'))
            {
                request.set_header(CONTENT_TYPE, "unknown/unknown");
            }
        })],
    ),
    Fault::new(
        "wrong-media-type-is-server-error",
        "Another media type than that of a form is answered with 500.",
        &[
            "rfc6749-4.1.3-form-body",
            "oidc-core-3.1.3.1-post-form",
            "rfc6749-10.14-input-sanitised",
        ],
        &[Hook::Tell(
            |mistake| mistake == Mistake::MediaType,
            Telling::Page(500),
        )],
    ),
    Fault::new(
        "malformed-escape-is-server-error",
        "A percent sign without two digits is answered with 500.",
        &[
            "rfc6749-5.2-invalid-request-malformed",
            "rfc6749-10.14-input-sanitised",
        ],
        &[Hook::Tell(
            |mistake| mistake == Mistake::PercentEncoding,
            Telling::Page(500),
        )],
    ),
    Fault::new(
        "invalid-utf8-is-server-error",
        "Bytes that are not UTF-8 are answered with 500.",
        &[
            "rfc6749-b-decode-utf8",
            "rfc6749-5.2-invalid-request-malformed",
            "rfc6749-10.14-input-sanitised",
        ],
        &[Hook::Tell(
            |mistake| mistake == Mistake::Utf8,
            Telling::Page(500),
        )],
    ),
    Fault::new(
        "nul-is-server-error",
        "A NUL character is answered with 500.",
        &["rfc6749-10.14-input-sanitised"],
        &[Hook::Tell(
            |mistake| mistake == Mistake::Nul,
            Telling::Page(500),
        )],
    ),
    Fault::new(
        "malformed-form-is-html",
        "A form that cannot be decoded is answered with a 400 in HTML.",
        &[
            "rfc6749-5.2-invalid-request-malformed",
            "rfc6749-5.2-media-type",
            "rfc6749-5.2-error-required",
            "rfc6749-5.2-top-level",
        ],
        &[Hook::Tell(
            |mistake| {
                matches!(
                    mistake,
                    Mistake::PercentEncoding | Mistake::Utf8 | Mistake::Nul
                )
            },
            Telling::Page(400),
        )],
    ),
    Fault::new(
        "long-value-is-server-error",
        "A body of more than 16 KiB is answered with 500.",
        &["rfc6749-10.14-input-sanitised"],
        &[Hook::Answer(Endpoint::Token, |answer, context| {
            if context.request.body.len() > 16 << 10 {
                *answer = Answer::page(StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong.");
            }
        })],
    ),
    Fault::new(
        "empty-parameter-is-a-value",
        "A parameter without a value counts as being there, with an empty value.",
        &[
            "rfc6749-3.2-empty-required-param",
            "rfc6749-3.2-empty-optional-param",
        ],
        &[Hook::Rules(|rules| rules.request.empty = Empty::IsValue)],
    ),
    Fault::new(
        "unknown-parameter-refused",
        "A parameter that the endpoint does not know is refused.",
        &[
            "rfc8707-2-invalid-combination",
            "rfc8707-2-invalid-target",
            "rfc8707-2.2-all-grants",
            "rfc6749-3.2-ignore-unknown-params",
        ],
        &[Hook::Rules(|rules| rules.request.unknown_ignored = false)],
    ),
    Fault::new(
        "plus-stays-plus",
        "A plus sign in a form is not read as a space.",
        &[
            "rfc6749-b-plus-is-space",
            "rfc6749-3.3-scope-order",
            "rfc6749-3.3-scope-space-delimited",
        ],
        &[Hook::TokenRequest(|request| {
            request.edit_form(|pairs| {
                for (_, value) in pairs {
                    *value = value
                        .split(|byte| *byte == b'+')
                        .collect::<Vec<_>>()
                        .join(&b"%2B"[..]);
                }
            });
        })],
    ),
    Fault::new(
        "parameter-names-any-case",
        "The name of a parameter may be written in any case.",
        &["rfc6749-1.9-name-case"],
        &[Hook::TokenRequest(|request| {
            request.edit_form(|pairs| {
                pairs
                    .iter_mut()
                    .for_each(|(name, _)| name.make_ascii_lowercase())
            });
        })],
    ),
    Fault::new(
        "missing-parameter-is-server-error",
        "A missing parameter is answered with 500.",
        &[
            "oidc-core-9-client-assertion-param",
            "oidc-core-9-client-assertion-type",
            "rfc7521-4.2-assertion-required",
            "rfc7521-4.2-assertion-type-required",
            "rfc7523-2.2-assertion-type",
            "rfc6749-5.2-invalid-request-missing",
            "rfc6749-4.1.3-code-required",
            "rfc6749-10.14-input-sanitised",
            "rfc6749-4.1.3-grant-type-required",
            "rfc6749-6-refresh-token-required",
        ],
        &[Hook::Tell(
            |mistake| matches!(mistake, Mistake::Missing(_)),
            Telling::Page(500),
        )],
    ),
];

const fn is_repetition(mistake: Mistake) -> bool {
    matches!(mistake, Mistake::Repeated(_))
}

/// Leaves the first of several parameters of the name.
fn drop_repetitions(request: &mut Request, name: &[u8]) {
    request.edit_form(|pairs| {
        let mut seen = false;
        pairs.retain(|(key, _)| key != name || !std::mem::replace(&mut seen, true));
    });
}

pub(super) fn take_query_as_form(request: &mut Request) {
    request.method = Method::POST;
    request.set_header(CONTENT_TYPE, FORM);
    request.body = request.query.take().unwrap_or_default().into_bytes();
}

pub(super) fn take_json_as_form(request: &mut Request) {
    if !request
        .header(&CONTENT_TYPE)
        .is_some_and(|label| label.starts_with("application/json"))
    {
        return;
    }
    let Ok(members) = serde_json::from_slice::<Map<String, Value>>(&request.body) else {
        return;
    };
    request.body.clear();
    request.set_header(CONTENT_TYPE, FORM);
    for (name, value) in members {
        let value = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        request.append_form(&[encode_component(&name), encode_component(&value)].join("="));
    }
}
