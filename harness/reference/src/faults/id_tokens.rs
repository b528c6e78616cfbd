//! Faults of ID Tokens (OpenID Connect Core 2, 3.1.3.6, 10.1 and 15.1).

use serde_json::{Value, json};

use super::{Fault, Hook};
use crate::tokens::{KeyName, Seal};

pub(super) const FAULTS: &[Fault] = &[
    Fault::new(
        "id-token-without-iss",
        "An ID Token has no iss.",
        &["oidc-core-2-iss-required"],
        &[Hook::IdToken(|token, _| drop(token.remove_claim("iss")))],
    ),
    Fault::new(
        "id-token-iss-ends-in-slash",
        "The iss of an ID Token ends in a slash, that of the metadata does not.",
        &["oidc-core-16.15-issuer-exact"],
        &[Hook::IdToken(|token, _| token.lengthen_claim("iss", "/"))],
    ),
    Fault::new(
        "id-token-of-another-issuer",
        "The iss of an ID Token is somebody else.",
        &["oidc-core-16.15-issuer-exact"],
        &[Hook::IdToken(|token, _| {
            token.set_claim("iss", "https://issuer.example")
        })],
    ),
    Fault::new(
        "id-token-iss-has-query",
        "The iss of an ID Token has a query.",
        &["oidc-core-2-iss-https-url", "oidc-core-16.15-issuer-exact"],
        &[Hook::IdToken(|token, _| {
            token.lengthen_claim("iss", "?tenant=1")
        })],
    ),
    Fault::new(
        "id-token-without-sub",
        "An ID Token has no sub.",
        &["oidc-core-2-sub-required"],
        &[Hook::IdToken(|token, _| drop(token.remove_claim("sub")))],
    ),
    Fault::new(
        "mac-id-token-of-two-audiences",
        "An ID Token with a MAC is for another client as well.",
        &["oidc-core-3.1.3.7-mac-single-aud"],
        &[Hook::IdToken(|token, issue| {
            if issue.client.id == "hmac-client" {
                token.set_claim("aud", json!([issue.client.id, "other-client"]));
                token.set_claim("azp", issue.client.id);
            }
        })],
    ),
    Fault::new(
        "id-token-sub-too-long",
        "The sub of an ID Token has 300 characters.",
        &[
            "oidc-core-2-sub-max-255",
            "oidc-core-5.3.2-sub-matches",
            "rfc9068-2.2-sub-user",
        ],
        &[Hook::IdToken(|token, _| {
            token.lengthen_claim("sub", &"x".repeat(300))
        })],
    ),
    Fault::new(
        "id-token-sub-is-number",
        "The sub of an ID Token is a number.",
        &[
            "oidc-core-2-sub-required",
            "oidc-core-2-sub-case-sensitive",
            "rfc9068-2.2-sub-user",
        ],
        &[Hook::IdToken(|token, _| token.set_claim("sub", 1))],
    ),
    Fault::new(
        "id-token-sub-changes",
        "The sub of an ID Token is another with each login.",
        &[
            "oidc-core-2-sub-never-reassigned",
            "oidc-core-5.7-sub-unique-stable",
            "oidc-core-8-public-same-sub",
            "oidc-core-2-sub-case-sensitive",
            "oidc-core-5.3.2-sub-matches",
            "rfc9068-2.2-sub-user",
        ],
        &[Hook::IdToken(|token, issue| {
            token.lengthen_claim("sub", &format!("-{}", issue.grant.0));
        })],
    ),
    Fault::new(
        "id-token-sub-shared",
        "All users have the same sub.",
        &[
            "oidc-core-2-sub-never-reassigned",
            "oidc-core-5.7-sub-unique-stable",
            "rfc7519-4.1.2-sub-unique",
        ],
        &[Hook::IdToken(|token, _| token.set_claim("sub", "user-1"))],
    ),
    Fault::new(
        "id-token-without-aud",
        "An ID Token has no aud.",
        &[
            "oidc-core-2-aud-required",
            "oidc-core-2-aud-contains-client-id",
        ],
        &[Hook::IdToken(|token, _| drop(token.remove_claim("aud")))],
    ),
    Fault::new(
        "id-token-for-another-audience",
        "The aud of an ID Token is another client.",
        &["oidc-core-2-aud-contains-client-id"],
        &[Hook::IdToken(|token, _| {
            token.set_claim("aud", "another-client")
        })],
    ),
    Fault::new(
        "id-token-aud-is-object",
        "The aud of an ID Token is an object.",
        &["oidc-core-2-aud-type", "oidc-core-2-aud-contains-client-id"],
        &[Hook::IdToken(|token, issue| {
            token.set_claim("aud", json!({ "client": issue.client.id }))
        })],
    ),
    Fault::new(
        "id-token-wrong-azp",
        "The azp of an ID Token is another client.",
        &["oidc-core-2-azp-value"],
        &[Hook::IdToken(|token, _| {
            token.set_claim("azp", "another-client")
        })],
    ),
    Fault::new(
        "id-token-without-exp",
        "An ID Token has no exp.",
        &["oidc-core-2-exp-required"],
        &[Hook::IdToken(|token, _| drop(token.remove_claim("exp")))],
    ),
    Fault::new(
        "id-token-exp-is-string",
        "The exp of an ID Token is a string.",
        &[
            "oidc-core-2-exp-number",
            "rfc7519-4.1.4-exp-number",
            "rfc7519-2-numericdate",
        ],
        &[Hook::IdToken(|token, _| {
            let exp = token.time("exp").to_string();
            token.set_claim("exp", exp);
        })],
    ),
    Fault::new(
        "id-token-exp-is-milliseconds",
        "The exp of an ID Token counts milliseconds.",
        &["oidc-core-2-exp-number", "rfc7519-2-numericdate"],
        &[Hook::IdToken(|token, _| {
            let exp = token.time("exp") * 1000;
            token.set_claim("exp", exp);
        })],
    ),
    Fault::new(
        "id-token-expired-at-issue",
        "The exp of an ID Token is an hour ago.",
        &["oidc-core-2-exp-in-future"],
        &[Hook::IdToken(|token, issue| {
            token.set_claim("exp", issue.at - 3600)
        })],
    ),
    Fault::new(
        "id-token-without-iat",
        "An ID Token has no iat.",
        &["oidc-core-2-iat-required"],
        &[Hook::IdToken(|token, _| drop(token.remove_claim("iat")))],
    ),
    Fault::new(
        "id-token-iat-is-string",
        "The iat of an ID Token is a string.",
        &[
            "oidc-core-2-iat-number",
            "rfc7519-4.1.6-iat-number",
            "rfc7519-2-numericdate",
        ],
        &[Hook::IdToken(|token, _| {
            let iat = token.time("iat").to_string();
            token.set_claim("iat", iat);
        })],
    ),
    Fault::new(
        "id-token-iat-a-day-ago",
        "The iat of an ID Token is a day ago.",
        &["oidc-core-2-iat-number", "oidc-core-12.2-iat-new"],
        &[Hook::IdToken(|token, issue| {
            token.set_claim("iat", issue.at - 24 * 3600)
        })],
    ),
    Fault::new(
        "id-token-without-auth-time",
        "An ID Token has no auth_time, also where max_age was sent.",
        &[
            "oidc-core-2-auth-time-required",
            "oidc-core-3.1.2.1-max-age-auth-time",
            "oidc-core-15.1-auth-time",
        ],
        &[Hook::IdToken(|token, _| {
            drop(token.remove_claim("auth_time"))
        })],
    ),
    Fault::new(
        "id-token-auth-time-is-string",
        "The auth_time of an ID Token is a string.",
        &["oidc-core-2-auth-time-number", "rfc7519-2-numericdate"],
        &[Hook::IdToken(|token, _| {
            let time = token.time("auth_time").to_string();
            token.set_claim("auth_time", time);
        })],
    ),
    Fault::new(
        "id-token-auth-time-in-future",
        "The auth_time of an ID Token is an hour ahead.",
        &["oidc-core-2-auth-time-number"],
        &[Hook::IdToken(|token, issue| {
            if let Some(login) = issue.login {
                token.set_claim("auth_time", login.auth_time + 3600);
            }
        })],
    ),
    Fault::new(
        "id-token-without-nonce",
        "An ID Token has no nonce though one was sent.",
        &["oidc-core-2-nonce-echo"],
        &[Hook::IdToken(|token, _| drop(token.remove_claim("nonce")))],
    ),
    Fault::new(
        "id-token-nonce-altered",
        "The nonce of an ID Token is in lower case and trimmed.",
        &["oidc-core-2-nonce-unmodified", "oidc-core-2-nonce-echo"],
        &[Hook::IdToken(|token, issue| {
            if let Some(nonce) = issue.nonce {
                token.set_claim("nonce", nonce.trim().to_lowercase());
            }
        })],
    ),
    Fault::new(
        "id-token-nonce-cut",
        "The nonce of an ID Token ends after 32 characters.",
        &["oidc-core-2-nonce-unmodified", "oidc-core-2-nonce-echo"],
        &[Hook::IdToken(|token, issue| {
            if let Some(nonce) = issue.nonce {
                token.set_claim("nonce", nonce.chars().take(32).collect::<String>());
            }
        })],
    ),
    Fault::new(
        "id-token-nonce-uncalled-for",
        "An ID Token has a nonce though none was sent.",
        &["oidc-core-2-nonce-absent"],
        &[Hook::IdToken(|token, issue| {
            if issue.nonce.is_none() && !issue.refreshed {
                token.set_claim("nonce", "of-the-server");
            }
        })],
    ),
    Fault::new(
        "id-token-nonce-null",
        "The nonce of an ID Token is null where none was sent.",
        &[
            "oidc-core-13.3-no-null",
            "oidc-core-2-nonce-absent",
            "oidc-core-12.2-nonce-absent",
            "oidc-core-12.2-nonce-same",
        ],
        &[Hook::IdToken(|token, issue| {
            if issue.nonce.is_none() {
                token.set_claim("nonce", Value::Null);
            }
        })],
    ),
    Fault::new(
        "id-token-acr-is-number",
        "The acr of an ID Token is a number.",
        &["oidc-core-2-acr-string"],
        &[Hook::IdToken(|token, _| token.set_claim("acr", 1))],
    ),
    Fault::new(
        "id-token-amr-is-string",
        "The amr of an ID Token is a string.",
        &["oidc-core-2-amr-array"],
        &[Hook::IdToken(|token, _| token.set_claim("amr", "pwd"))],
    ),
    Fault::new(
        "id-token-amr-unregistered",
        "The amr of an ID Token names a method that is not registered.",
        &["oidc-core-2-amr-registered"],
        &[Hook::IdToken(|token, _| {
            token.set_claim("amr", vec!["magic"])
        })],
    ),
    Fault::new(
        "id-token-wrong-at-hash",
        "The at_hash of an ID Token is that of something else.",
        &[
            "oidc-core-3.1.3.6-at-hash-value",
            "oidc-core-12.2-same-rules",
        ],
        &[Hook::IdToken(|token, _| {
            token.set_claim("at_hash", "77QmUPtjPfzWtF2AnpK9RQ")
        })],
    ),
    Fault::new(
        "id-token-at-hash-twice-as-long",
        "The at_hash of an ID Token is longer than the left half.",
        &[
            "oidc-core-3.1.3.6-at-hash-value",
            "oidc-core-12.2-same-rules",
        ],
        &[Hook::IdToken(|token, _| {
            token.lengthen_claim("at_hash", "77QmUPtjPfzWtF2AnpK9RA")
        })],
    ),
    Fault::new(
        "id-token-unsigned",
        "An ID Token has the algorithm none.",
        &[
            "oidc-core-2-signed",
            "oidc-core-2-alg-none",
            "rfc8725-3.2-none-not-generated",
            "oidc-core-10.1-alg-supported-by-client",
            "oidc-core-3.1.3.7-alg-expected",
        ],
        &[Hook::IdToken(|token, _| token.seal_with(Seal::None))],
    ),
    Fault::new(
        "id-token-hs256",
        "An ID Token is signed with the client's secret, also where the client is registered for another algorithm.",
        &[
            "oidc-core-10.1-alg-supported-by-client",
            "oidc-core-3.1.3.7-alg-expected",
            "oidc-core-10.1-mac-not-for-public",
        ],
        &[Hook::IdToken(|token, _| token.seal_with(Seal::Hs256))],
    ),
    Fault::new(
        "id-token-signature-broken",
        "The signature of an ID Token does not verify.",
        &["oidc-core-2-signed", "oidc-core-10.1-key-published"],
        &[Hook::IdToken(|token, _| token.seal = Seal::Broken)],
    ),
    Fault::new(
        "id-token-signed-with-another-key",
        "An ID Token is signed with a published key, and names another.",
        &["oidc-core-2-signed", "oidc-core-10.1-kid-required"],
        &[Hook::IdToken(|token, _| {
            token.seal = Seal::Rs256(KeyName::Previous)
        })],
    ),
    Fault::new(
        "id-token-signed-with-unpublished-key",
        "An ID Token is signed with a key that is not in the JWK Set, and names a published one.",
        &["oidc-core-10.1-key-published", "oidc-core-2-signed"],
        &[Hook::IdToken(|token, _| {
            token.seal = Seal::Rs256(KeyName::Stray)
        })],
    ),
    Fault::new(
        "id-token-kid-unknown",
        "The kid of an ID Token is not in the JWK Set.",
        &[
            "oidc-core-10.1-kid-required",
            "rfc7515-4.1.4-kid-matches-jwk",
            "oidc-core-2-signed",
        ],
        &[Hook::IdToken(|token, _| {
            token.set_header("kid", KeyName::Stray.kid())
        })],
    ),
    Fault::new(
        "id-token-without-kid",
        "An ID Token has no kid though there are two keys.",
        &["oidc-core-10.1-kid-required"],
        &[Hook::IdToken(|token, _| {
            drop(token.header.shift_remove("kid"))
        })],
    ),
    Fault::new(
        "id-token-kid-is-number",
        "The kid of an ID Token is a number.",
        &[
            "rfc7515-4.1.4-kid-string",
            "oidc-core-10.1-kid-required",
            "oidc-core-2-signed",
        ],
        &[Hook::IdToken(|token, _| token.set_header("kid", 1))],
    ),
    Fault::new(
        "id-token-brings-its-key",
        "An ID Token has a jku header.",
        &["oidc-core-2-no-key-header-params"],
        &[Hook::IdToken(|token, _| {
            token.set_header("jku", "https://issuer.example/jwks")
        })],
    ),
    Fault::new(
        "id-token-repeats-claim",
        "An ID Token has a claim twice.",
        &["rfc7519-4-unique-claims"],
        &[Hook::IdToken(|token, _| token.repeats_claim = true)],
    ),
    Fault::new(
        "id-token-repeats-header",
        "The header of an ID Token has a parameter twice.",
        &["rfc7515-4-unique-header-names"],
        &[Hook::IdToken(|token, _| token.repeats_header = true)],
    ),
    Fault::new(
        "id-token-with-padding",
        "The parts of an ID Token have padding.",
        &["rfc7519-7.2-base64url-strict", "oidc-core-2-signed"],
        &[Hook::IdToken(|token, _| token.padded = true)],
    ),
];
