//! Faults in reading and verifying client assertions (RFC 7515, 7519, 7521, 7523, 8725, OpenID
//! Connect Core 9).

use axum::http::StatusCode;
use serde_json::json;

use super::{Fault, Hook, Telling};
use crate::endpoints::Endpoint;
use crate::mistake::Mistake;
use crate::rules::{Algorithm, Audience, Duplicates, KeySource, Signature, Unsecured};

pub(super) const FAULTS: &[Fault] = &[
    Fault::new(
        "assertion-secret-decoded",
        "The key of client_secret_jwt is what the secret is the Base64 of.",
        &[
            "oidc-core-9-client-secret-jwt-hmac",
            "rfc7521-6.2-client-credentials",
            "rfc8414-2-auth-methods-true",
        ],
        &[Hook::Rules(|rules| rules.assertion.secret_decoded = true)],
    ),
    Fault::new(
        "assertion-signature-unchecked",
        "The signature of an assertion is not looked at.",
        &[
            "rfc7523-3-signed",
            "rfc7521-5.2-signature",
            "rfc7515-5.2-all-steps",
            "rfc8725-3.3-all-operations-validated",
            "oidc-core-9-private-key-jwt-signature",
            "oidc-core-9-client-secret-jwt-hmac",
            "rfc7515-4.1.3-jwk-untrusted",
            "rfc8725-3.8-issuer-key-binding",
        ],
        &[Hook::Rules(|rules| {
            rules.assertion.signature = Signature::Unchecked
        })],
    ),
    Fault::new(
        "assertion-unsigned-accepted",
        "An assertion whose signature is empty is taken.",
        &[
            "rfc7523-3-signed",
            "rfc7521-5.2-signature",
            "rfc7515-5.2-all-steps",
            "rfc8725-3.3-all-operations-validated",
        ],
        &[Hook::Rules(|rules| {
            rules.assertion.signature = Signature::Optional
        })],
    ),
    Fault::new(
        "assertion-unsecured-accepted",
        "An assertion with the algorithm none is taken.",
        &[
            "rfc7518-3.6-none-not-by-default",
            "rfc8725-3.2-none-not-consumed",
            "rfc7523-3-signed",
        ],
        &[Hook::Rules(|rules| {
            rules.assertion.unsecured = Unsecured::Accepted
        })],
    ),
    Fault::new(
        "assertion-unsecured-spelled-otherwise",
        "An assertion with the algorithm None is taken, one with none is not.",
        &[
            "rfc7518-3.6-none-not-by-default",
            "rfc8725-3.2-none-not-consumed",
        ],
        &[Hook::Rules(|rules| {
            rules.assertion.unsecured = Unsecured::RefusedBySpelling
        })],
    ),
    Fault::new(
        "assertion-public-key-as-secret",
        "An assertion by HS256 is verified with the text of the client's public key.",
        &["rfc8725-3.1-key-confusion", "rfc7515-4.1.1-key-for-alg"],
        &[Hook::Rules(|rules| {
            rules.assertion.key = KeySource::PublicAsSecret
        })],
    ),
    Fault::new(
        "assertion-key-of-its-header",
        "An assertion is verified with the key that its header brings.",
        &["rfc7515-4.1.3-jwk-untrusted", "rfc7523-3-signed"],
        &[Hook::Rules(|rules| rules.assertion.key = KeySource::Header)],
    ),
    Fault::new(
        "assertion-key-of-anybody",
        "An assertion is verified with the key that kid names, whichever client has it.",
        &["rfc8725-3.8-issuer-key-binding", "rfc7523-3-signed"],
        &[Hook::Rules(|rules| {
            rules.assertion.key = KeySource::Anybody
        })],
    ),
    Fault::new(
        "assertion-kid-in-a-query",
        "A kid with anything but letters, digits and hyphens in it is answered with 500.",
        &["rfc8725-3.10-kid-injection"],
        &[Hook::Rules(|rules| rules.assertion.kid_breaks = true)],
    ),
    Fault::new(
        "assertion-algorithm-unread",
        "An assertion is verified by the registered algorithm, whatever its header says.",
        &[
            "rfc8725-3.1-alg-header-matches",
            "rfc8725-3.2-current-algorithms",
            "rfc7518-3.6-none-not-by-default",
            "rfc8725-3.2-none-not-consumed",
        ],
        &[Hook::Rules(|rules| {
            rules.assertion.algorithm = Algorithm::Unread
        })],
    ),
    Fault::new(
        "assertion-algorithm-by-its-beginning",
        "An algorithm whose name begins like the registered one is taken for it.",
        &[
            "rfc8725-3.2-current-algorithms",
            "rfc8725-3.1-alg-header-matches",
        ],
        &[Hook::Rules(|rules| {
            rules.assertion.algorithm = Algorithm::Prefix
        })],
    ),
    Fault::new(
        "assertion-any-algorithm-of-the-key",
        "A client may sign with every algorithm that its key can do.",
        &["rfc8725-3.1-one-alg-per-key", "rfc8725-3.1-alg-allow-list"],
        &[Hook::Rules(|rules| {
            rules.assertion.algorithm = Algorithm::AnyOfKey
        })],
    ),
    Fault::new(
        "assertion-unknown-header-refused",
        "An assertion with a header parameter that nobody knows is refused.",
        &["rfc7515-4-unknown-header-ignored"],
        &[Hook::Rules(|rules| {
            rules.assertion.unknown_header_ignored = false
        })],
    ),
    Fault::new(
        "assertion-crit-ignored",
        "A critical header parameter that is not understood is ignored.",
        &["rfc7515-4.1.11-crit-understood"],
        &[Hook::Rules(|rules| rules.assertion.crit_understood = false)],
    ),
    Fault::new(
        "assertion-typ-as-text",
        "The typ of an assertion has to be written JWT.",
        &["rfc7515-4.1.9-typ-equivalence"],
        &[Hook::Rules(|rules| {
            rules.assertion.typ_is_media_type = false
        })],
    ),
    Fault::new(
        "assertion-first-header-counts",
        "Of a header parameter that is there twice, the first is taken.",
        &["rfc7515-4-duplicate-header-rejected"],
        &[Hook::Rules(|rules| {
            rules.assertion.header_duplicates = Duplicates::FirstWins
        })],
    ),
    Fault::new(
        "assertion-malformed-is-server-error",
        "An assertion that cannot be read is answered with 500.",
        &[
            "rfc7519-7.2-json-header",
            "rfc7523-3-valid-jwt",
            "rfc8725-3.7-utf8",
            "rfc7515-4-duplicate-header-rejected",
            "rfc7519-4-duplicate-claims",
        ],
        &[Hook::Tell(
            |mistake| mistake == Mistake::MalformedAssertion,
            Telling::Page(500),
        )],
    ),
    Fault::new(
        "assertion-unknown-claims-refused",
        "An assertion with a claim that nobody knows is refused.",
        &[
            "rfc7519-4-unknown-claims-ignored",
            "oidc-core-9-jwt-unknown-claims",
        ],
        &[Hook::Rules(|rules| {
            rules.assertion.unknown_claims_ignored = false
        })],
    ),
    Fault::new(
        "assertion-first-claim-counts",
        "Of a claim that is there twice, the first is taken.",
        &["rfc7519-4-duplicate-claims"],
        &[Hook::Rules(|rules| {
            rules.assertion.claim_duplicates = Duplicates::FirstWins
        })],
    ),
    Fault::new(
        "assertion-in-utf-16-read",
        "Claims in UTF-16 are read too.",
        &["rfc8725-3.7-utf8", "rfc7523-3-valid-jwt"],
        &[Hook::Rules(|rules| rules.assertion.utf16_read = true)],
    ),
    Fault::new(
        "assertion-without-iss-accepted",
        "An assertion need not say its issuer.",
        &[
            "rfc7523-3-iss-required",
            "rfc7521-5.2-issuer-required",
            "oidc-core-9-jwt-iss-required",
        ],
        &[Hook::Rules(|rules| {
            rules.assertion.required = &["sub", "aud", "exp", "jti"]
        })],
    ),
    Fault::new(
        "assertion-iss-unchecked",
        "An assertion may be issued by anybody.",
        &[
            "rfc7523-3-iss-comparison",
            "rfc7521-5.1-issuer-comparison",
            "rfc7521-5.2-issuer-required",
            "oidc-core-9-jwt-iss-required",
        ],
        &[Hook::Rules(|rules| rules.assertion.issuer_checked = false)],
    ),
    Fault::new(
        "assertion-without-sub-accepted",
        "An assertion need not say its subject.",
        &[
            "rfc7523-3-sub-required",
            "rfc7521-5.2-subject-required",
            "oidc-core-9-jwt-sub-required",
        ],
        &[Hook::Rules(|rules| {
            rules.assertion.required = &["iss", "aud", "exp", "jti"]
        })],
    ),
    Fault::new(
        "assertion-sub-unchecked",
        "An assertion may be about anybody.",
        &[
            "rfc8725-3.8-subject-valid",
            "rfc7523-3-sub-is-client-id",
            "rfc7521-5.2-subject-required",
            "oidc-core-9-jwt-sub-required",
            "rfc7519-4-duplicate-claims",
        ],
        &[Hook::Rules(|rules| rules.assertion.subject_checked = false)],
    ),
    Fault::new(
        "assertion-without-aud-accepted",
        "An assertion need not say whom it is for.",
        &[
            "rfc7523-3-aud-required",
            "rfc8725-3.9-aud-validated",
            "rfc7521-5.2-audience-required",
            "oidc-core-9-jwt-aud-required",
        ],
        &[Hook::Rules(|rules| {
            rules.assertion.required = &["iss", "sub", "exp", "jti"]
        })],
    ),
    Fault::new(
        "assertion-aud-unchecked",
        "An assertion may be for anybody.",
        &[
            "rfc7523-3-aud-foreign-rejected",
            "rfc7519-4.1.3-aud-processing",
            "rfc8725-3.9-aud-validated",
            "rfc7521-5.2-audience-required",
            "oidc-core-9-jwt-aud-verified",
            "rfc7523-3-aud-comparison",
            "rfc7521-5.1-audience-comparison",
        ],
        &[Hook::Rules(|rules| {
            rules.assertion.audience = Audience::Unchecked
        })],
    ),
    Fault::new(
        "assertion-aud-by-its-beginning",
        "An assertion may be for anything that begins like the issuer.",
        &[
            "rfc7523-3-aud-comparison",
            "rfc7521-5.1-audience-comparison",
        ],
        &[Hook::Rules(|rules| {
            rules.assertion.audience = Audience::Prefix
        })],
    ),
    Fault::new(
        "assertion-aud-array-refused",
        "An assertion with its audience in an array is refused.",
        &["rfc7519-4.1.3-aud-array"],
        &[Hook::Rules(|rules| rules.assertion.audience_arrays = false)],
    ),
    Fault::new(
        "assertion-without-exp-accepted",
        "An assertion need not expire.",
        &[
            "rfc7523-3-exp-required",
            "rfc7521-5.2-expiry-required",
            "oidc-core-9-jwt-exp-required",
        ],
        &[Hook::Rules(|rules| {
            rules.assertion.required = &["iss", "sub", "aud", "jti"]
        })],
    ),
    Fault::new(
        "assertion-expired-accepted",
        "An assertion that has expired is taken.",
        &[
            "rfc7523-3-exp-passed",
            "rfc7519-4.1.4-exp-rejected",
            "rfc7521-5.2-expiry-required",
            "oidc-core-9-jwt-exp-passed",
        ],
        &[Hook::Rules(|rules| rules.assertion.expiry_checked = false)],
    ),
    Fault::new(
        "assertion-nbf-unchecked",
        "An assertion is taken before its time.",
        &["rfc7523-3-nbf", "rfc7519-4.1.5-nbf-rejected"],
        &[Hook::Rules(|rules| {
            rules.assertion.not_before_checked = false
        })],
    ),
    Fault::new(
        "assertion-without-jti-accepted",
        "An assertion need not have a jti.",
        &["oidc-core-9-jwt-jti-required"],
        &[Hook::Rules(|rules| {
            rules.assertion.required = &["iss", "sub", "aud", "exp"]
        })],
    ),
    Fault::new(
        "assertion-used-twice",
        "An assertion is good until it expires.",
        &["oidc-core-9-jwt-jti-single-use"],
        &[Hook::Rules(|rules| rules.assertion.used_once = false)],
    ),
    Fault::new(
        "assertion-type-unchecked",
        "An assertion is taken under any client_assertion_type, and without one.",
        &[
            "rfc7521-4.2-assertion-type-required",
            "oidc-core-9-client-assertion-type",
            "rfc7523-2.2-assertion-type",
        ],
        &[Hook::Rules(|rules| rules.assertion.type_checked = false)],
    ),
    Fault::new(
        "missing-assertion-is-server-error",
        "A client_assertion_type without an assertion is answered with 500.",
        &[
            "rfc7521-4.2-assertion-required",
            "oidc-core-9-client-assertion-param",
        ],
        &[Hook::Tell(
            |mistake| mistake == Mistake::Missing("client_assertion"),
            Telling::Page(500),
        )],
    ),
    Fault::new(
        "assertion-beside-another-client-id",
        "The client_id beside an assertion may be another client's.",
        &["rfc7521-4.2-client-id-consistent"],
        &[Hook::Rules(|rules| {
            rules.assertion.client_id_compared = false
        })],
    ),
    Fault::new(
        "assertion-by-the-server-itself",
        "An ID Token of the client is taken for its assertion.",
        &["rfc8725-3.12-mutually-exclusive"],
        &[Hook::Rules(|rules| {
            rules.assertion.own_tokens_believed = true
        })],
    ),
    Fault::new(
        "bad-assertion-is-invalid-grant",
        "An assertion that is not valid is answered with invalid_grant.",
        &["rfc7523-3.2-invalid-client", "rfc7521-4.2.1-invalid-client"],
        &[Hook::Refused(|answer, context| {
            let bad = matches!(
                context.mistake,
                Some(Mistake::BadAssertion | Mistake::UnknownClient)
            );
            if bad && context.mechanism == crate::context::Mechanism::Assertion {
                answer.status = StatusCode::BAD_REQUEST;
                answer.headers.remove(axum::http::header::WWW_AUTHENTICATE);
                answer.set_member("error", "invalid_grant");
            }
        })],
    ),
    Fault::new(
        "metadata-with-secrets-alone",
        "The metadata list no method without a shared secret.",
        &[
            "rfc8414-2-auth-methods-true",
            "rfc9700-2.5-asymmetric-auth",
            "oauth-v2-1-2.4-asymmetric",
        ],
        &[Hook::Answer(Endpoint::Metadata, |answer, _| {
            answer.set_member(
                "token_endpoint_auth_methods_supported",
                json!([
                    "client_secret_basic",
                    "client_secret_post",
                    "client_secret_jwt",
                    "none"
                ]),
            );
        })],
    ),
    Fault::new(
        "metadata-with-outdated-algorithms",
        "The metadata list RS1 and an algorithm that nobody knows.",
        &["rfc8725-3.2-current-algorithms"],
        &[Hook::Answer(Endpoint::Metadata, |answer, _| {
            answer.set_member(
                "token_endpoint_auth_signing_alg_values_supported",
                json!(["RS256", "RS1", "XS256"]),
            );
        })],
    ),
];
