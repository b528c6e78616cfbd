//! Faults of access tokens: their claims and their keys (RFC 9068, RFC 7519,
//! RFC 8725), how long they live, and whether they can be forged.

use super::{Fault, Hook};
use crate::clients::GrantType;
use crate::rules::KnownBy;
use crate::tokens::{KeyName, Seal};

pub(super) const FAULTS: &[Fault] = &[
    Fault::new(
        "access-token-typ-jwt",
        "The typ of an access token is JWT.",
        &["rfc9068-2.1-typ-present", "rfc8725-3.11-explicit-typing"],
        &[Hook::AccessToken(|token, _| token.set_header("typ", "JWT"))],
    ),
    Fault::new(
        "access-token-typ-with-prefix",
        "The typ of an access token is application/at+jwt.",
        &[
            "rfc9068-2.1-typ-short",
            "rfc7515-4.1.9-typ-short",
            "rfc8725-3.11-typ-no-prefix",
        ],
        &[Hook::AccessToken(|token, _| {
            token.set_header("typ", "application/at+jwt")
        })],
    ),
    Fault::new(
        "access-token-without-iss",
        "An access token has no iss.",
        &["rfc9068-2.2-iss"],
        &[Hook::AccessToken(|token, _| {
            drop(token.remove_claim("iss"))
        })],
    ),
    Fault::new(
        "access-token-without-exp",
        "An access token has no exp.",
        &["rfc9068-2.2-exp", "rfc6750-5.2-limited-lifetime"],
        &[Hook::AccessToken(|token, _| {
            drop(token.remove_claim("exp"))
        })],
    ),
    Fault::new(
        "access-token-without-aud",
        "An access token has no aud.",
        &[
            "rfc9068-3-resource-as-aud",
            "rfc9068-2.2-aud",
            "rfc9068-3-default-aud",
            "rfc8725-3.9-aud-present",
            "rfc6750-5.2-audience",
            "rfc8707-2-audience-restricted",
            "rfc8707-2.2-refresh-keeps-full-grant",
            "rfc8707-2.2-subset-token",
            "rfc6750-5.3-audience-restriction",
            "rfc9700-2.3-audience-restricted",
            "oidc-core-16.8-access-token-audience",
        ],
        &[Hook::AccessToken(|token, _| {
            drop(token.remove_claim("aud"))
        })],
    ),
    Fault::new(
        "access-token-without-sub",
        "An access token has no sub.",
        &["rfc9068-2.2-sub"],
        &[Hook::AccessToken(|token, _| {
            drop(token.remove_claim("sub"))
        })],
    ),
    Fault::new(
        "access-token-without-client-id",
        "An access token has no client_id.",
        &["rfc9068-2.2-client-id"],
        &[Hook::AccessToken(|token, _| {
            drop(token.remove_claim("client_id"))
        })],
    ),
    Fault::new(
        "access-token-of-another-client-id",
        "The client_id of an access token is another client's.",
        &["rfc9068-2.2-client-id"],
        &[Hook::AccessToken(|token, _| {
            token.set_claim("client_id", "another-client")
        })],
    ),
    Fault::new(
        "access-token-without-iat",
        "An access token has no iat.",
        &["rfc9068-2.2-iat"],
        &[Hook::AccessToken(|token, _| {
            drop(token.remove_claim("iat"))
        })],
    ),
    Fault::new(
        "access-token-without-jti",
        "An access token has no jti.",
        &["rfc9068-2.2-jti"],
        &[Hook::AccessToken(|token, _| {
            drop(token.remove_claim("jti"))
        })],
    ),
    Fault::new(
        "access-token-jti-constant",
        "All access tokens of a client have one jti.",
        &["rfc7519-4.1.7-jti-unique", "rfc9068-2.2-jti"],
        &[Hook::AccessToken(|token, issue| {
            token.set_claim("jti", issue.client.id)
        })],
    ),
    Fault::new(
        "access-token-without-scope",
        "An access token has no scope.",
        &[
            "rfc9068-2.2.3-scope-claim",
            "rfc6750-5.2-scope-restricted",
            "oidc-core-16.8-access-token-audience",
        ],
        &[Hook::AccessToken(|token, _| {
            drop(token.remove_claim("scope"))
        })],
    ),
    Fault::new(
        "access-token-exp-is-string",
        "The exp of an access token is a string.",
        &[
            "rfc7519-4.1.4-exp-number",
            "rfc7519-2-numericdate",
            "rfc9068-2.2-exp",
        ],
        &[Hook::AccessToken(|token, _| {
            let exp = token.time("exp").to_string();
            token.set_claim("exp", exp);
        })],
    ),
    Fault::new(
        "access-token-exp-is-milliseconds",
        "The exp of an access token counts milliseconds.",
        &[
            "rfc7519-2-numericdate",
            "rfc6749-5.1-expires-in-seconds",
            "rfc9068-2.2-exp",
        ],
        &[Hook::AccessToken(|token, _| {
            let exp = token.time("exp") * 1000;
            token.set_claim("exp", exp);
        })],
    ),
    Fault::new(
        "access-token-expired-at-issue",
        "The exp of an access token is in the past.",
        &["rfc9068-2.2-exp", "rfc6749-5.1-expires-in-seconds"],
        &[Hook::AccessToken(|token, issue| {
            token.set_claim("exp", issue.at - 300)
        })],
    ),
    Fault::new(
        "access-token-outlives-expires-in",
        "The exp of an access token is an hour later than expires_in says.",
        &["rfc6749-5.1-expires-in-seconds"],
        &[Hook::AccessToken(|token, issue| {
            token.set_claim("exp", issue.at + 3900)
        })],
    ),
    Fault::new(
        "access-token-lives-for-a-month",
        "An access token lives for thirty days.",
        &[
            "rfc6750-5.3-short-lived",
            "oidc-core-16.18-short-access-tokens",
        ],
        &[Hook::Rules(|rules| {
            rules.token.access_lifetime = 30 * 24 * 3600;
            rules.token.expires_in = rules.token.access_lifetime;
        })],
    ),
    Fault::new(
        "access-token-lives-for-a-century",
        "An access token lives for a hundred years.",
        &[
            "rfc9068-2.2-exp",
            "rfc6750-5.2-limited-lifetime",
            "rfc6750-5.3-short-lived",
            "oidc-core-16.18-short-access-tokens",
        ],
        &[Hook::Rules(|rules| {
            rules.token.access_lifetime = 36_525 * 24 * 3600;
            rules.token.expires_in = rules.token.access_lifetime;
        })],
    ),
    Fault::new(
        "access-token-of-another-issuer",
        "The iss of an access token ends in a slash, that of the metadata does not.",
        &["rfc9068-4-signing-keys-published"],
        &[Hook::AccessToken(|token, _| {
            token.lengthen_claim("iss", "/")
        })],
    ),
    Fault::new(
        "access-token-subject-is-client",
        "The sub of an access token is the client's also where a user granted it.",
        &[
            "rfc9700-2.6-client-id-influence",
            "rfc9700-4.15.1-client-vs-user",
            "rfc9700-4.15.1-distinguishable",
            "rfc9068-2.2-sub-user",
        ],
        &[Hook::AccessToken(|token, issue| {
            token.set_claim("sub", issue.client.id)
        })],
    ),
    Fault::new(
        "client-token-subject-is-user",
        "The sub of an access token that a client got for itself is a user's.",
        &[
            "rfc9068-2.2-sub-client",
            "rfc9700-2.6-client-id-influence",
            "rfc9700-4.15.1-distinguishable",
            "rfc9700-4.15.1-client-vs-user",
        ],
        &[Hook::AccessToken(|token, issue| {
            if issue.login.is_none() {
                token.set_claim("sub", "user-1");
            }
        })],
    ),
    Fault::new(
        "access-token-unsigned",
        "An access token has the algorithm none.",
        &[
            "rfc9068-2.1-signed",
            "rfc9068-2.1-not-none",
            "rfc8725-3.2-none-not-generated",
            "rfc9068-4-signing-keys-published",
        ],
        &[Hook::AccessToken(|token, _| token.seal_with(Seal::None))],
    ),
    Fault::new(
        "access-token-hs256",
        "An access token is signed with the client's secret.",
        &["rfc9068-2.1-asymmetric"],
        &[Hook::AccessToken(|token, _| token.seal_with(Seal::Hs256))],
    ),
    Fault::new(
        "access-token-signature-broken",
        "The signature of an access token does not verify.",
        &["rfc9068-2.1-signed", "rfc9068-4-signing-keys-published"],
        &[Hook::AccessToken(|token, _| token.seal = Seal::Broken)],
    ),
    Fault::new(
        "access-token-signed-with-unpublished-key",
        "An access token is signed with a key that is not in the JWK Set, and names it.",
        &[
            "rfc9068-4-signing-keys-published",
            "rfc7515-4.1.4-kid-matches-jwk",
        ],
        &[Hook::AccessToken(|token, _| {
            token.seal = Seal::Rs256(KeyName::Stray);
            token.set_header("kid", KeyName::Stray.kid());
        })],
    ),
    Fault::new(
        "altered-access-token-alive",
        "An access token whose signature was altered is as good as the one that was issued.",
        &[
            "rfc6749-10.3-access-token-unguessable",
            "rfc6750-5.2-integrity",
            "rfc7662-4-signature-checked",
        ],
        &[Hook::Rules(|rules| rules.token.known_by = KnownBy::Claims)],
    ),
    Fault::new(
        "access-token-with-another-character-alive",
        "An access token of which one character is another is as good as the one that was issued.",
        &[
            "rfc6749-10.3-access-token-unguessable",
            "rfc6750-5.2-integrity",
            "rfc7662-4-signature-checked",
        ],
        &[Hook::Rules(|rules| {
            rules.token.known_by = KnownBy::AllButOneCharacter
        })],
    ),
    Fault::new(
        "revoked-access-token-alive",
        "An access token lives on after it, or its grant, was revoked.",
        &[
            "rfc6749-4.1.2-code-reuse-revokes",
            "rfc6749-10.5-multiple-attempts-revoke",
            "rfc7009-2-access-revocation",
            "rfc7009-2.1-cascade-to-access",
            "rfc7009-2.1-immediate",
            "rfc7662-4-revocation-checked",
            "rfc9700-4.2.4-tokens-revoked",
        ],
        &[Hook::Rules(|rules| rules.token.revocation_checked = false)],
    ),
    Fault::new(
        "access-token-opaque-and-short",
        "An access token is a random value of 32 bits.",
        &[
            "oauth-v2-1-7.7-guessing-160",
            "rfc6749-10.10-probability-160",
            "rfc6749-10.3-access-token-unguessable",
            "rfc6749-10.10-probability-128",
            "rfc6750-5.2-reference-unguessable",
        ],
        &[Hook::AccessToken(|token, _| token.seal = Seal::Opaque(4))],
    ),
    Fault::new(
        "refreshed-access-token-of-other-scope",
        "The scope of a refreshed access token has profile, which nobody granted.",
        &["rfc6749-1.5-refreshed-scope-not-wider"],
        &[
            Hook::AccessToken(|token, issue| {
                if issue.refreshed {
                    token.set_claim("scope", "openid profile");
                }
            }),
            Hook::Granted(|answer, context| {
                if context.grant_type == Some(GrantType::RefreshToken) {
                    answer.set_member("scope", "openid profile");
                }
            }),
        ],
    ),
];
