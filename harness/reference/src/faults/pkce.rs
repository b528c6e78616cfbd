//! Faults of PKCE (RFC 7636; RFC 9700 2.1.1 and 4.8.2).

use super::{Fault, Hook, Telling};
use crate::endpoints::Endpoint;
use crate::mistake::Mistake;
use crate::rules::VerifierComparison;

pub(super) const FAULTS: &[Fault] = &[
    Fault::new(
        "pkce-unsupported",
        "A code_challenge is not looked at.",
        &[
            "rfc7636-4.6-verified-before-tokens",
            "rfc9700-2.1.1-pkce-support",
            "rfc9700-2.1.1-verifier-enforced",
            "rfc9700-4.8.2-verifier-needed",
            "rfc7636-4.4-challenge-bound",
            "rfc7636-4.5-method-bound",
            "rfc7636-4.5-verifier-required",
            "rfc7636-4.6-case-sensitive",
            "rfc7636-4.6-empty-verifier",
            "rfc9700-2.1.1-downgrade-mitigated",
            "rfc9700-4.5.3.1-pkce-detects-injection",
            "rfc9700-4.8.2-challenge-recorded",
            "oauth-v2-1-4.1.3-verifier-iff-challenge",
            "oauth-v2-1-4.1.3-no-challenge-rejected",
            "oauth-v2-1-7.5.1.1-pkce-enforced",
            "rfc9700-2.1.1-public-clients-pkce",
            "rfc9700-2.1.1-confidential-pkce",
            "rfc7636-4.4.1-transform-unsupported",
            "rfc7636-6.2.1-method-name-case",
            "rfc7636-4.3-method-not-s256-by-default",
            "rfc7636-4.3-method-default-plain",
            "rfc7636-7.2-plain-should-not",
            "oauth-v2-1-7.5.2-no-revoke-on-invalid-replay",
            "rfc7636-4.6-plain-computation",
            "rfc7636-4.1-verifier-charset",
            "rfc7636-4.1-verifier-min-length",
            "rfc7636-4.1-verifier-max-length",
        ],
        &[Hook::Rules(|rules| {
            rules.pkce.supported = false;
            rules.pkce.unexpected_refused = false;
        })],
    ),
    Fault::new(
        "any-verifier-accepted",
        "Any code_verifier does.",
        &[
            "rfc9700-2.1.1-pkce-support",
            "rfc7636-4.6-verified-before-tokens",
            "rfc7636-4.4-challenge-bound",
            "rfc9700-2.1.1-verifier-enforced",
            "rfc9700-4.5.3.1-pkce-detects-injection",
            "rfc7636-4.5-method-bound",
            "rfc7636-4.6-case-sensitive",
            "oauth-v2-1-4.1.3-verifier-checked",
            "oauth-v2-1-4.1.3-verifier-iff-challenge",
            "oauth-v2-1-7.5.2-no-revoke-on-invalid-replay",
        ],
        &[Hook::Rules(|rules| {
            rules.pkce.comparison = VerifierComparison::Unchecked
        })],
    ),
    Fault::new(
        "verifier-any-case",
        "A letter of a code_verifier may be in another case.",
        &[
            "rfc7636-4.6-case-sensitive",
            "oidc-core-14-codepoint-comparison",
        ],
        &[Hook::Rules(|rules| {
            rules.pkce.comparison = VerifierComparison::OneLetterAnyCase
        })],
    ),
    Fault::new(
        "challenge-accepted-as-verifier",
        "The code_challenge itself does as code_verifier.",
        &["rfc7636-4.5-method-bound", "rfc7636-4.4-challenge-bound"],
        &[Hook::Rules(|rules| {
            rules.pkce.comparison = VerifierComparison::ChallengeToo
        })],
    ),
    Fault::new(
        "s256-with-padding",
        "The hash of a code_verifier is written with padding, so that none matches.",
        &[
            "rfc7636-4.6-s256-computation",
            "rfc7636-4.2-s256-mandatory",
            "rfc7636-b-s256-vector",
            "rfc7636-4.6-match-continues",
            "rfc9700-2.1.1-pkce-support",
        ],
        &[Hook::Rules(|rules| {
            rules.pkce.comparison = VerifierComparison::Padded
        })],
    ),
    Fault::new(
        "verifier-may-be-left-out",
        "The code_verifier may be left out though the code has a challenge.",
        &[
            "rfc7636-4.6-verified-before-tokens",
            "rfc9700-2.1.1-verifier-enforced",
            "rfc9700-4.8.2-verifier-needed",
            "rfc7636-4.5-verifier-required",
            "rfc7636-4.6-empty-verifier",
            "oauth-v2-1-4.1.3-verifier-iff-challenge",
        ],
        &[Hook::Rules(|rules| rules.pkce.verifier_required = false)],
    ),
    Fault::new(
        "verifier-without-challenge-accepted",
        "A code_verifier for a code without a challenge is ignored.",
        &[
            "rfc9700-2.1.1-downgrade-mitigated",
            "rfc9700-4.8.2-downgrade-mitigated",
            "rfc9700-4.8.2-verifier-without-challenge",
            "rfc9700-4.8.2-challenge-recorded",
            "oauth-v2-1-4.1.3-verifier-iff-challenge",
        ],
        &[Hook::Rules(|rules| rules.pkce.unexpected_refused = false)],
    ),
    Fault::new(
        "malformed-verifier-accepted",
        "A code_verifier need not keep to the grammar.",
        &[
            "rfc7636-4.1-verifier-charset",
            "rfc7636-4.1-verifier-min-length",
            "rfc7636-4.1-verifier-max-length",
        ],
        &[Hook::Rules(|rules| {
            rules.pkce.grammar_checked = false;
            rules.pkce.longest_verifier = usize::MAX;
        })],
    ),
    Fault::new(
        "long-verifier-refused",
        "A code_verifier of more than 64 characters is refused.",
        &["rfc7636-4.1-verifier-full-range"],
        &[Hook::Rules(|rules| rules.pkce.longest_verifier = 64)],
    ),
    Fault::new(
        "plain-accepted",
        "The method plain is taken, and is the default.",
        &["rfc7636-7.2-plain-should-not"],
        &[Hook::Rules(|rules| rules.pkce.plain_allowed = true)],
    ),
    Fault::new(
        "plain-challenge-in-the-code",
        "The method plain is taken, and the challenge, which is the verifier, stands in the code.",
        &[
            "rfc7636-7.2-plain-should-not",
            "rfc7636-4.4-challenge-not-leaked",
            "rfc7636-7.2-plain-code-encrypted",
        ],
        &[Hook::Rules(|rules| {
            rules.pkce.plain_allowed = true;
            rules.authorization.code_reveals_challenge = true;
        })],
    ),
    Fault::new(
        "challenge-defaults-to-s256",
        "A code_challenge without a method is taken for one of S256.",
        &[
            "rfc7636-4.3-method-not-s256-by-default",
            "rfc7636-4.3-method-default-plain",
        ],
        &[Hook::Rules(|rules| rules.pkce.defaults_to_s256 = true)],
    ),
    Fault::new(
        "challenge-method-any-case",
        "The name of the method may be written in any case.",
        &[
            "rfc7636-4.4.1-transform-unsupported",
            "rfc7636-6.2.1-method-name-case",
        ],
        &[Hook::Rules(|rules| rules.pkce.method_any_case = true)],
    ),
    Fault::new(
        "unknown-challenge-method-ignored",
        "With a method that nobody knows, the code has no challenge.",
        &[
            "rfc7636-6.2.1-method-name-case",
            "rfc7636-4.4.1-transform-unsupported",
        ],
        &[Hook::Rules(|rules| {
            rules.pkce.unknown_method_ignored = true
        })],
    ),
    Fault::new(
        "pkce-optional-for-public-clients",
        "A client without a secret gets a code without a challenge.",
        &[
            "rfc9700-2.1.1-public-clients-pkce",
            "oauth-v2-1-4.1.3-no-challenge-rejected",
            "oauth-v2-1-7.5.1.1-pkce-enforced",
        ],
        &[Hook::Rules(|rules| rules.pkce.required_for_public = false)],
    ),
    Fault::new(
        "pkce-not-in-metadata",
        "The metadata do not say that PKCE is supported.",
        &[
            "rfc9700-2.1.1-pkce-metadata",
            "rfc9700-2.1.1-pkce-detectable",
            "rfc9700-4.7.1-pkce-detectable",
            "rfc8414-2-pkce-methods",
        ],
        &[Hook::Answer(Endpoint::Metadata, |answer, _| {
            answer.remove_member("code_challenge_methods_supported");
        })],
    ),
    Fault::new(
        "wrong-verifier-is-invalid-request",
        "A wrong code_verifier is answered with invalid_request.",
        &["rfc7636-4.6-mismatch-invalid-grant"],
        &[Hook::Tell(
            |mistake| mistake == Mistake::WrongVerifier,
            Telling::Error(400, "invalid_request"),
        )],
    ),
    Fault::new(
        "wrong-verifier-is-401",
        "A wrong code_verifier is answered with 401 invalid_client.",
        &[
            "rfc7636-4.6-mismatch-invalid-grant",
            "rfc6749-5.2-status-400",
        ],
        &[Hook::Tell(
            |mistake| mistake == Mistake::WrongVerifier,
            Telling::Error(401, "invalid_client"),
        )],
    ),
    Fault::new(
        "missing-verifier-is-server-error",
        "A missing code_verifier is answered with 500.",
        &[
            "rfc7636-4.6-verified-before-tokens",
            "rfc9700-4.8.2-verifier-needed",
            "rfc6749-10.14-input-sanitised",
            "rfc7636-4.5-verifier-required",
            "rfc7636-4.6-empty-verifier",
            "oauth-v2-1-4.1.3-verifier-iff-challenge",
        ],
        &[Hook::Tell(
            |mistake| mistake == Mistake::NoVerifier,
            Telling::Page(500),
        )],
    ),
    Fault::new(
        "missing-verifier-is-invalid-client",
        "A missing code_verifier is answered with invalid_client.",
        &["rfc6749-5.2-invalid-request-missing"],
        &[Hook::Tell(
            |mistake| mistake == Mistake::NoVerifier,
            Telling::Error(400, "invalid_client"),
        )],
    ),
];
