//! Faults of the metadata and of the JWK Set (RFC 8414, RFC 7517).

use axum::http::header::CONTENT_TYPE;
use serde_json::{Value, json};

use super::{Fault, Hook};
use crate::answer::{Answer, Members};
use crate::endpoints::Endpoint;
use crate::tokens::KeyName;

pub(super) const FAULTS: &[Fault] = &[
    Fault::new(
        "metadata-of-another-issuer",
        "The issuer in the metadata ends in a slash.",
        &[
            "oidc-core-16.15-issuer-exact",
            "rfc8414-3.3-issuer-identical",
        ],
        &[Hook::Answer(Endpoint::Metadata, |answer, _| {
            if let Some(Value::String(issuer)) = answer.remove_member("issuer") {
                answer.set_member("issuer", format!("{issuer}/"));
            }
        })],
    ),
    Fault::new(
        "metadata-token-endpoint-with-fragment",
        "The token endpoint in the metadata has a fragment.",
        &["rfc6749-3.2-no-fragment", "oauth-v2-1-3.2-no-fragment"],
        &[Hook::Answer(Endpoint::Metadata, |answer, _| {
            if let Some(Value::String(url)) = answer.remove_member("token_endpoint") {
                answer.set_member("token_endpoint", format!("{url}#token"));
            }
        })],
    ),
    Fault::new(
        "metadata-token-endpoint-without-https",
        "The token endpoint in the metadata is one without https at an address that is no loopback one.",
        &[
            "rfc6749-3.2-tls-required",
            "rfc6749-2.3.1-tls-for-passwords",
            "rfc6749-10.3-access-token-tls",
            "rfc6749-10.4-refresh-token-tls",
            "rfc6749-10.8-not-in-clear",
            "rfc6749-10.9-tls-server-auth",
            "oauth-v2-1-1.5-https-urls",
        ],
        &[Hook::Answer(Endpoint::Metadata, |answer, _| {
            if let Some(Value::String(url)) = answer.remove_member("token_endpoint") {
                // Every address of this machine, which a client reaches as it does the loopback one.
                answer.set_member("token_endpoint", url.replace("//127.0.0.1", "//0.0.0.0"));
            }
        })],
    ),
    Fault::new(
        "metadata-without-rs256",
        "The metadata do not name RS256 for ID Tokens.",
        &["oidc-core-15.1-rs256"],
        &[Hook::Answer(Endpoint::Metadata, |answer, _| {
            answer.set_member("id_token_signing_alg_values_supported", json!(["ES256"]));
        })],
    ),
    Fault::new(
        "metadata-has-empty-array",
        "A list in the metadata is empty.",
        &["rfc8414-3.2-no-empty-arrays"],
        &[Hook::Answer(Endpoint::Metadata, |answer, _| {
            answer.set_member("ui_locales_supported", json!([]));
        })],
    ),
    Fault::new(
        "metadata-labelled-text",
        "The metadata are labelled text/plain.",
        &["rfc8414-3.2-status-json"],
        &[Hook::Answer(Endpoint::Metadata, |answer, _| {
            answer.set_header(CONTENT_TYPE, "text/plain")
        })],
    ),
    Fault::new(
        "metadata-without-response-types",
        "The metadata have no response_types_supported.",
        &["rfc8414-2-response-types-supported"],
        &[Hook::Answer(Endpoint::Metadata, |answer, _| {
            answer.remove_member("response_types_supported");
        })],
    ),
    Fault::new(
        "jwks-without-signing-key",
        "The JWK Set does not have the key that signs.",
        &[
            "oidc-core-10.1-key-published",
            "rfc7515-4.1.4-kid-matches-jwk",
            "rfc9068-4-signing-keys-published",
            "oidc-core-2-signed",
        ],
        &[Hook::Answer(Endpoint::Jwks, |answer, _| {
            if let Some(Value::Array(keys)) = answer.members().and_then(|set| set.get_mut("keys")) {
                keys.retain(|key| key["kid"] != KeyName::Current.kid());
            }
        })],
    ),
    Fault::new(
        "jwks-keys-named-otherwise",
        "The JWK Set calls its member Keys.",
        &["rfc7517-5-keys-array"],
        &[Hook::Answer(Endpoint::Jwks, |answer, _| {
            if let Some(keys) = answer.remove_member("keys") {
                answer.set_member("Keys", keys);
            }
        })],
    ),
    Fault::new(
        "jwks-without-kty",
        "A key in the JWK Set has no kty.",
        &[
            "rfc7517-4.1-kty",
            "oidc-core-2-signed",
            "oidc-core-10.1-key-published",
            "rfc9068-4-signing-keys-published",
        ],
        &[Hook::Answer(Endpoint::Jwks, |answer, _| {
            each_key(answer, |key| drop(key.shift_remove("kty")));
        })],
    ),
    Fault::new(
        "jwks-for-encryption",
        "The keys in the JWK Set are for encryption.",
        &[
            "oidc-core-10.1-key-use",
            "oidc-core-2-signed",
            "rfc9068-4-signing-keys-published",
        ],
        &[Hook::Answer(Endpoint::Jwks, |answer, _| {
            each_key(answer, |key| {
                drop(key.insert("use".to_owned(), json!("enc")))
            });
        })],
    ),
    Fault::new(
        "jwks-kid-not-distinct",
        "All RSA keys in the JWK Set have the kid of the one that signs.",
        &["rfc7517-4.5-kid-distinct"],
        &[Hook::Answer(Endpoint::Jwks, |answer, _| {
            let kid = KeyName::Current.kid();
            each_key(answer, |key| {
                if key["kty"] == "RSA" {
                    drop(key.insert("kid".to_owned(), json!(kid)));
                }
            });
        })],
    ),
    Fault::new(
        "jwks-reveals-private-key",
        "A key in the JWK Set has a private exponent.",
        &["rfc7517-9.2-no-private-keys"],
        &[Hook::Answer(Endpoint::Jwks, |answer, _| {
            each_key(answer, |key| {
                drop(key.insert("d".to_owned(), json!("c2VjcmV0")))
            });
        })],
    ),
];

fn each_key(answer: &mut Answer, change: impl Fn(&mut Members)) {
    let keys = answer
        .members()
        .and_then(|set| set.get_mut("keys"))
        .and_then(Value::as_array_mut);
    for key in keys.into_iter().flatten() {
        if let Value::Object(members) = key {
            change(members);
        }
    }
}
