//! Faults of scope at the token endpoint (RFC 6749 3.3, 5.1 and 5.2).

use serde_json::{Value, json};

use super::{Fault, Hook, Telling};
use crate::answer::Answer;
use crate::mistake::Mistake;

pub(super) const FAULTS: &[Fault] = &[
    Fault::new(
        "unknown-scope-granted",
        "A client gets whatever scope it asks for.",
        &[
            "rfc6749-5.2-invalid-scope",
            "rfc6749-3.3-scope-case-sensitive",
        ],
        &[Hook::Rules(|rules| rules.scope.unknown_refused = false)],
    ),
    Fault::new(
        "scope-any-case",
        "A scope may be written in any case.",
        &["rfc6749-3.3-scope-case-sensitive"],
        &[Hook::Rules(|rules| rules.scope.case_sensitive = false)],
    ),
    Fault::new(
        "scope-is-one-token",
        "A scope with spaces is taken for one token, which nobody knows.",
        &[
            "rfc6749-3.3-scope-space-delimited",
            "rfc6749-3.3-scope-order",
            "rfc6749-b-plus-is-space",
        ],
        &[Hook::Rules(|rules| rules.scope.list = false)],
    ),
    Fault::new(
        "default-scope-is-everything",
        "Without a scope, a client gets all that it may have.",
        &["rfc9700-2.3-minimum-privilege"],
        &[Hook::Rules(|rules| {
            rules.scope.default_is_everything = true
        })],
    ),
    Fault::new(
        "scope-not-reported",
        "The answer never has a scope, also where it is not the one that was asked for.",
        &[
            "rfc8707-2.2-scope-reported",
            "rfc6749-3.3-scope-reported-when-different",
            "rfc6749-5.1-scope-required-if-different",
            "oauth-v2-1-3.2.3-scope-recommended",
        ],
        &[Hook::Granted(|answer, _| {
            drop(answer.remove_member("scope"))
        })],
    ),
    Fault::new(
        "scope-is-array",
        "The scope in the answer is an array.",
        &[
            "rfc8707-2.2-scope-reported",
            "rfc6749-5.1-strings",
            "rfc6749-3.3-scope-charset-response",
            "oidc-core-13.3-json-types",
        ],
        &[Hook::Granted(|answer, _| {
            rewrite(answer, |scope| json!(scope.split(' ').collect::<Vec<_>>()));
        })],
    ),
    Fault::new(
        "scope-with-commas",
        "The scope in the answer is divided by commas.",
        &[
            "rfc6749-3.3-scope-space-delimited",
            "oidc-core-14-single-space",
            "oauth-v2-1-4.3.1-scope-omitted",
            "oauth-v2-1-4.3.3-new-token-scope",
            "rfc6749-3.3-scope-additive",
            "rfc6749-6-new-token-scope",
            "rfc6749-6-scope-omitted-equals-original",
        ],
        &[Hook::Granted(|answer, _| {
            rewrite(answer, |scope| json!(scope.replace(' ', ",")))
        })],
    ),
    Fault::new(
        "scope-ends-in-space",
        "The scope in the answer ends in a space.",
        &[
            "rfc6749-a.4-scope-abnf",
            "rfc6749-3.3-scope-charset-response",
            "oidc-core-14-single-space",
        ],
        &[Hook::Granted(|answer, _| {
            rewrite(answer, |scope| json!(format!("{scope} ")))
        })],
    ),
    Fault::new(
        "scope-with-quotes",
        "The scope in the answer stands in quotes.",
        &[
            "rfc6749-3.3-scope-charset-response",
            "rfc6749-a.4-scope-abnf",
            "oauth-v2-1-4.3.1-scope-omitted",
            "oauth-v2-1-4.3.3-new-token-scope",
            "rfc6749-3.3-scope-additive",
            "rfc6749-3.3-scope-space-delimited",
            "rfc6749-6-new-token-scope",
            "rfc6749-6-scope-omitted-equals-original",
            "rfc9700-2.3-minimum-privilege",
        ],
        &[Hook::Granted(|answer, _| {
            rewrite(answer, |scope| json!(format!("\"{scope}\"")))
        })],
    ),
    Fault::new(
        "invalid-scope-is-invalid-request",
        "A scope that cannot be had is answered with invalid_request.",
        &["rfc6749-5.2-invalid-scope"],
        &[Hook::Tell(
            |mistake| mistake == Mistake::ExcessiveScope,
            Telling::Error(400, "invalid_request"),
        )],
    ),
    Fault::new(
        "invalid-scope-is-403",
        "A scope that cannot be had is answered with 403.",
        &["rfc6749-5.2-invalid-scope", "rfc6749-5.2-status-400"],
        &[Hook::Tell(
            is_about_scope,
            Telling::Error(403, "invalid_scope"),
        )],
    ),
    Fault::new(
        "invalid-scope-is-server-error",
        "A scope that is malformed or cannot be had is answered with 500.",
        &[
            "rfc6749-5.2-invalid-scope",
            "rfc6749-10.14-input-sanitised",
            "rfc6749-3.3-scope-charset-request",
        ],
        &[Hook::Tell(is_about_scope, Telling::Page(500))],
    ),
    Fault::new(
        "scope-required",
        "A request without a scope is answered with invalid_request.",
        &["rfc6749-3.3-scope-omitted", "rfc8707-2.2-all-grants"],
        &[Hook::Rules(|rules| rules.scope.required = true)],
    ),
];

fn is_about_scope(mistake: Mistake) -> bool {
    matches!(mistake, Mistake::MalformedScope | Mistake::ExcessiveScope)
}

fn rewrite(answer: &mut Answer, change: fn(&str) -> Value) {
    if let Some(Value::String(scope)) = answer.remove_member("scope") {
        answer.set_member("scope", change(&scope));
    }
}
