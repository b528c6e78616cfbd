//! Further faults of OpenID Connect: what an authorization request may ask for
//! (Core 3.1.2.1, 5.5 and 15.1), the UserInfo response (5.3.2), `c_hash`
//! (3.3.2.11), and what RFC 7515, 7518 and 7519 say of each JWT.

use aws_lc_rs::digest;
use serde_json::{Value, json};

use super::{Fault, Hook};
use crate::endpoints::Endpoint;
use crate::tokens::{KeyName, Seal, left_half_hash};

pub(super) const FAULTS: &[Fault] = &[
    Fault::new(
        "acr-values-refused",
        "An authorization request with acr_values is refused.",
        &["oidc-core-15.1-acr-values"],
        &[Hook::Rules(|rules| {
            rules.authorization.refused_parameter = Some("acr_values")
        })],
    ),
    Fault::new(
        "display-refused",
        "An authorization request with display is refused.",
        &["oidc-core-15.1-display"],
        &[Hook::Rules(|rules| {
            rules.authorization.refused_parameter = Some("display")
        })],
    ),
    Fault::new(
        "ui-locales-refused",
        "An authorization request with ui_locales is refused.",
        &["oidc-core-15.1-locales"],
        &[Hook::Rules(|rules| {
            rules.authorization.refused_parameter = Some("ui_locales")
        })],
    ),
    Fault::new(
        "claims-locales-refused",
        "An authorization request with claims_locales is refused.",
        &["oidc-core-15.1-locales"],
        &[Hook::Rules(|rules| {
            rules.authorization.refused_parameter = Some("claims_locales")
        })],
    ),
    Fault::new(
        "prompt-refused",
        "An authorization request with prompt is refused.",
        &["oidc-core-15.1-prompt"],
        &[Hook::Rules(|rules| {
            rules.authorization.refused_parameter = Some("prompt")
        })],
    ),
    Fault::new(
        "max-age-not-enforced",
        "A login of two hours ago does, whatever max_age says.",
        &["oidc-core-15.1-max-age"],
        &[Hook::IdToken(|token, issue| {
            if let Some(login) = issue.login {
                token.set_claim("auth_time", login.auth_time - 2 * 3600);
            }
        })],
    ),
    Fault::new(
        "unknown-claim-refused",
        "An authorization request that asks for a claim which cannot be had is refused.",
        &["oidc-core-5.5.1-missing-claims-no-error"],
        &[Hook::Rules(|rules| {
            rules.authorization.unknown_claim_refused = true
        })],
    ),
    Fault::new(
        "nonce-good-for-once",
        "A nonce of sixteen characters or more that was used before is refused.",
        &["oidc-core-2-nonce-no-processing"],
        &[Hook::Rules(|rules| {
            rules.authorization.nonce_good_for_once = true
        })],
    ),
    Fault::new(
        "userinfo-without-sub",
        "The UserInfo response has no sub.",
        &["oidc-core-5.3.2-sub-returned"],
        &[Hook::Answer(Endpoint::Userinfo, |answer, _| {
            drop(answer.remove_member("sub"))
        })],
    ),
    Fault::new(
        "userinfo-of-another-sub",
        "The sub of the UserInfo response is not that of the ID Token.",
        &["oidc-core-5.3.2-sub-matches"],
        &[Hook::Answer(Endpoint::Userinfo, |answer, _| {
            if let Some(Value::String(sub)) = answer.remove_member("sub") {
                answer.set_member("sub", format!("account:{sub}"));
            }
        })],
    ),
    Fault::new(
        "id-token-wrong-c-hash",
        "An ID Token has a c_hash over the digits of the code's hash.",
        &["oidc-core-3.3.2.11-c-hash-value"],
        &[Hook::IdToken(|token, issue| {
            if let Some(code) = issue.code {
                let hash = digest::digest(&digest::SHA256, code.as_bytes());
                let digits = hash.as_ref().iter().map(|byte| format!("{byte:02x}"));
                token.set_claim("c_hash", left_half_hash(&digits.collect::<String>()));
            }
        })],
    ),
    Fault::new(
        "id-token-iss-is-array",
        "The iss of an ID Token is an array.",
        &[
            "rfc7519-4.1.1-iss-string",
            "oidc-core-2-iss-required",
            "oidc-core-2-iss-https-url",
            "oidc-core-16.15-issuer-exact",
        ],
        &[Hook::IdToken(|token, _| {
            if let Some(iss) = token.remove_claim("iss") {
                token.set_claim("iss", json!([iss]));
            }
        })],
    ),
    Fault::new(
        "id-token-acr-is-a-word",
        "The acr of an ID Token is a word of the server's own.",
        &["oidc-core-2-acr-value-form"],
        &[Hook::IdToken(|token, _| token.set_claim("acr", "password"))],
    ),
    Fault::new(
        "id-token-without-alg",
        "The header of an ID Token has no alg.",
        &[
            "rfc7515-4.1.1-alg-present",
            "oidc-core-2-signed",
            "oidc-core-10.1-alg-supported-by-client",
            "oidc-core-3.1.3.7-alg-expected",
        ],
        &[Hook::IdToken(|token, _| {
            drop(token.header.shift_remove("alg"))
        })],
    ),
    Fault::new(
        "id-token-alg-in-lower-case",
        "The alg of an ID Token is rs256.",
        &[
            "rfc7515-4.1.1-alg-case",
            "oidc-core-2-signed",
            "oidc-core-10.1-alg-supported-by-client",
            "oidc-core-3.1.3.7-alg-expected",
        ],
        &[Hook::IdToken(|token, _| token.set_header("alg", "rs256"))],
    ),
    Fault::new(
        "id-token-crit-empty",
        "The header of an ID Token has an empty list crit.",
        &["rfc7515-4.1.11-crit-not-empty"],
        &[Hook::IdToken(|token, _| {
            token.set_header("crit", json!([]))
        })],
    ),
    Fault::new(
        "id-token-hmac-of-decoded-secret",
        "The key of an HS256 signature is what the client secret is the Base64url of.",
        &["oidc-core-10.1-mac-key-octets", "oidc-core-3.1.3.7-mac-key"],
        &[Hook::IdToken(|token, issue| {
            if issue.client.id_token_alg == Some("HS256") {
                token.seal_with(Seal::Hs256OfDecoded);
                drop(token.header.shift_remove("kid"));
            }
        })],
    ),
    Fault::new(
        "id-token-hmac-longer-than-secret",
        "An ID Token is signed with HS512 and a secret of 48 octets.",
        &[
            "rfc7518-3.2-hmac-key-size",
            "oidc-core-16.19-secret-entropy",
        ],
        &[Hook::IdToken(|token, issue| {
            if issue.client.id_token_alg == Some("HS256") {
                token.seal_with(Seal::Hs512);
                drop(token.header.shift_remove("kid"));
            }
        })],
    ),
    Fault::new(
        "id-token-ecdsa-in-asn1",
        "The ES256 signature of an ID Token is in ASN.1, as in a certificate.",
        &["rfc7518-3.4-ecdsa-length", "oidc-core-2-signed"],
        &[Hook::IdToken(|token, issue| {
            if issue.client.id_token_alg == Some("ES256") {
                token.seal_with(Seal::Es256InAsn1);
                token.set_header("kid", crate::tokens::EllipticKey::KID);
            }
        })],
    ),
    Fault::new(
        "jwks-key-of-1024-bits",
        "A key in the JWK Set, which does not sign, has 1024 bits.",
        &["rfc7518-3.3-rsa-key-size"],
        &[Hook::Answer(Endpoint::Jwks, |answer, _| {
            change_previous(answer, |key| {
                if let Some(Value::String(modulus)) = key.get_mut("n") {
                    modulus.truncate(168);
                }
            });
        })],
    ),
    Fault::new(
        "jwks-key-in-certificate-alone",
        "A key in the JWK Set, which does not sign, is in a certificate alone.",
        &["oidc-core-15.2-bare-keys"],
        &[Hook::Answer(Endpoint::Jwks, |answer, _| {
            change_previous(answer, |key| {
                key.shift_remove("n");
                key.shift_remove("e");
                key.insert("x5c".to_owned(), json!(["MIIB"]));
            });
        })],
    ),
    Fault::new(
        "refreshed-access-token-new-auth-time",
        "The auth_time of a refreshed access token is not that of the login.",
        &["rfc9068-2.2.1-auth-claims-fixed"],
        &[Hook::AccessToken(|token, issue| {
            if issue.refreshed {
                token.set_claim("auth_time", issue.at - 600);
            }
        })],
    ),
    Fault::new(
        "refreshed-id-token-wrong-at-hash",
        "The at_hash of a refreshed ID Token is that of the first access token.",
        &[
            "oidc-core-12.2-same-rules",
            "oidc-core-3.1.3.6-at-hash-value",
        ],
        &[Hook::IdToken(|token, issue| {
            if issue.refreshed {
                token.set_claim("at_hash", "77QmUPtjPfzWtF2AnpK9RQ");
            }
        })],
    ),
];

fn change_previous(
    answer: &mut crate::answer::Answer,
    change: impl Fn(&mut serde_json::Map<String, Value>),
) {
    let Some(Value::Array(keys)) = answer.members().and_then(|set| set.get_mut("keys")) else {
        return;
    };
    let previous = keys
        .iter_mut()
        .filter(|key| key["kid"] == KeyName::Previous.kid());
    for key in previous.filter_map(Value::as_object_mut) {
        change(key);
    }
}
