//! Faults of the metadata and of the JWK Set (RFC 8414, RFC 7517).

use axum::http::StatusCode;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use serde_json::{Value, json};

use super::{Fault, Hook};
use crate::answer::{Answer, Members};
use crate::context::Context;
use crate::endpoints::Endpoint;
use crate::tokens::KeyName;

pub(super) const FAULTS: &[Fault] = &[
    Fault::new(
        "metadata-of-another-issuer",
        "The issuer in the metadata ends in a slash.",
        &[
            "rfc9068-4-metadata-consistent",
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
            "rfc7521-4-tls",
            "rfc6750-5.2-tls",
            "oidc-core-3.1.3-tls",
            "oidc-core-16.17-tls",
            "rfc7009-2-https",
            "rfc8414-2-issuer",
            "rfc8414-2-jwks-uri-https",
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
        "metadata-at-the-openid-place-alone",
        "The metadata are not where RFC 8414 puts them.",
        &["rfc8414-3-well-known"],
        &[Hook::Answer(Endpoint::OauthMetadata, |answer, _| {
            *answer = Answer::page(StatusCode::NOT_FOUND, "Not found.");
        })],
    ),
    Fault::new(
        "metadata-of-other-keys",
        "The metadata where RFC 8414 puts them name a jwks_uri that nothing is served at.",
        &["rfc9068-4-metadata-consistent"],
        &[Hook::Answer(Endpoint::OauthMetadata, |answer, _| {
            if let Some(Value::String(url)) = answer.remove_member("jwks_uri") {
                answer.set_member("jwks_uri", url + "-of-oauth");
            }
        })],
    ),
    Fault::new(
        "metadata-without-list-and-basic",
        "The metadata name no client authentication methods, and Basic is not one of them.",
        &[
            "oauth-v2-1-2.4-asymmetric",
            "rfc9700-2.5-asymmetric-auth",
            "rfc8414-2-auth-methods-true",
            "rfc8414-2-revocation-auth-default",
            "rfc9110-11.1-scheme-case",
            "rfc8414-2-auth-methods-default",
        ],
        &[
            Hook::Answer(Endpoint::Metadata, |answer, _| {
                answer.remove_member("token_endpoint_auth_methods_supported");
            }),
            Hook::Answer(Endpoint::OauthMetadata, |answer, _| {
                answer.remove_member("token_endpoint_auth_methods_supported");
            }),
            Hook::Request(|request| {
                if request
                    .header(&AUTHORIZATION)
                    .is_some_and(|value| value.starts_with("Basic "))
                {
                    request.set_header(AUTHORIZATION, "Unknown x");
                }
            }),
        ],
    ),
    Fault::new(
        "metadata-without-token-endpoint",
        "The metadata where RFC 8414 puts them have no token_endpoint.",
        &["rfc8414-2-token-endpoint", "rfc9700-2.6-metadata-published"],
        &[Hook::Answer(Endpoint::OauthMetadata, |answer, _| {
            answer.remove_member("token_endpoint");
        })],
    ),
    Fault::new(
        "metadata-without-scopes",
        "The metadata have no scopes_supported.",
        &["rfc8414-2-scopes-supported"],
        &[Hook::Answer(Endpoint::Metadata, |answer, _| {
            answer.remove_member("scopes_supported");
        })],
    ),
    Fault::new(
        "metadata-without-grant-types",
        "The metadata have no grant_types_supported, which says that there are codes and the implicit grant alone.",
        &["rfc8414-2-grant-types-default"],
        &[Hook::Answer(Endpoint::Metadata, |answer, _| {
            answer.remove_member("grant_types_supported");
        })],
    ),
    Fault::new(
        "metadata-without-code-grant",
        "The grant_types_supported of the metadata leave authorization_code out.",
        &["rfc8414-2-grant-types-default"],
        &[Hook::Answer(Endpoint::Metadata, |answer, _| {
            answer.set_member(
                "grant_types_supported",
                json!(["client_credentials", "refresh_token"]),
            );
        })],
    ),
    Fault::new(
        "metadata-of-an-issuer-with-query",
        "The issuer in the metadata has a query.",
        &[
            "rfc9068-4-metadata-consistent",
            "rfc8414-2-issuer",
            "rfc8414-3.3-issuer-identical",
            "oidc-core-16.15-issuer-exact",
        ],
        &[Hook::Answer(Endpoint::Metadata, |answer, _| {
            if let Some(Value::String(issuer)) = answer.remove_member("issuer") {
                answer.set_member("issuer", format!("{issuer}?tenant=1"));
            }
        })],
    ),
    Fault::new(
        "metadata-without-body-credentials",
        "The metadata do not list client_secret_post, which works.",
        &[
            "oauth-v2-1-2.4-asymmetric",
            "rfc9700-2.5-asymmetric-auth",
            "rfc8414-2-auth-methods-true",
        ],
        &[Hook::Answer(Endpoint::Metadata, |answer, _| {
            answer.set_member(
                "token_endpoint_auth_methods_supported",
                json!(["client_secret_basic", "none"]),
            );
        })],
    ),
    Fault::new(
        "metadata-with-assertions-of-unknown-algorithms",
        "The metadata list private_key_jwt at both endpoints, and no algorithms.",
        &[
            "rfc8414-2-signing-algs-required",
            "rfc8414-2-introspection-algs",
        ],
        &[Hook::Answer(Endpoint::Metadata, offer_assertions)],
    ),
    Fault::new(
        "metadata-with-unsigned-assertions",
        "The metadata list private_key_jwt with the algorithm none, and not RS256.",
        &[
            "rfc8414-2-signing-algs-rs256",
            "rfc8414-2-signing-algs-not-none",
            "rfc8725-3.2-current-algorithms",
        ],
        &[Hook::Answer(Endpoint::Metadata, |answer, context| {
            offer_assertions(answer, context);
            for endpoint in ["token", "introspection"] {
                answer.set_member(
                    &format!("{endpoint}_endpoint_auth_signing_alg_values_supported"),
                    json!(["ES256", "none"]),
                );
            }
        })],
    ),
    Fault::new(
        "jwks-mixes-uses",
        "A key for encryption is in the JWK Set, and the one that signs does not say that it does.",
        &["rfc8414-2-jwks-use", "oidc-core-10.1-key-use"],
        &[Hook::Answer(Endpoint::Jwks, |answer, _| {
            each_key(answer, |key| {
                if key["kid"] == KeyName::Current.kid() {
                    drop(key.shift_remove("use"));
                } else if key["kid"] == KeyName::Previous.kid() {
                    key.insert("use".to_owned(), json!("enc"));
                    key.insert("alg".to_owned(), json!("RSA-OAEP-256"));
                }
            });
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

fn offer_assertions(answer: &mut Answer, _: &Context) {
    for endpoint in ["token", "introspection"] {
        answer.remove_member(&format!(
            "{endpoint}_endpoint_auth_signing_alg_values_supported"
        ));
        answer.set_member(
            &format!("{endpoint}_endpoint_auth_methods_supported"),
            json!([
                "client_secret_basic",
                "client_secret_post",
                "client_secret_jwt",
                "private_key_jwt"
            ]),
        );
    }
}

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
