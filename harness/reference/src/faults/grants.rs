//! Faults in which grants are served, and to whom (RFC 6749 4 and 5.2).

use super::{Fault, Hook, Telling};
use crate::mistake::Mistake;

pub(super) const FAULTS: &[Fault] = &[
    Fault::new(
        "password-grant-served",
        "The password grant is served.",
        &[
            "rfc9700-2.4-password-grant-forbidden",
            "oauth-v2-1-10-no-password-grant",
            "rfc8414-2-grant-types-default",
        ],
        &[Hook::Rules(|rules| rules.grant_type.password = true)],
    ),
    Fault::new(
        "grant-type-any-case",
        "The value of grant_type may be written in any case.",
        &["rfc6749-1.9-value-case", "rfc6749-4.1.3-grant-type-value"],
        &[Hook::Rules(|rules| rules.grant_type.case_sensitive = false)],
    ),
    Fault::new(
        "grant-type-optional",
        "A request without grant_type is taken for one with a code.",
        &["rfc6749-4.1.3-grant-type-required"],
        &[Hook::Rules(|rules| {
            rules.grant_type.defaults_to_code = true
        })],
    ),
    Fault::new(
        "unregistered-grant-served",
        "A client may use a grant that it is not registered for.",
        &["rfc6749-5.2-unauthorized-client"],
        &[Hook::Rules(|rules| {
            rules.grant_type.registration_enforced = false
        })],
    ),
    Fault::new(
        "public-client-credentials-served",
        "A client without a secret gets a token for itself.",
        &[
            "rfc6749-4.4-confidential-only",
            "rfc6749-2.2-client-id-alone",
        ],
        &[Hook::Rules(|rules| {
            rules.grant_type.public_client_credentials = true
        })],
    ),
    Fault::new(
        "client-credentials-give-refresh-token",
        "The client credentials grant gives a refresh token.",
        &["rfc6749-4.4.3-no-refresh-token"],
        &[Hook::Rules(|rules| {
            rules.grant_type.client_credentials_refreshable = true
        })],
    ),
    Fault::new(
        "unsupported-grant-is-invalid-request",
        "An unknown grant_type is answered with invalid_request.",
        &[
            "oauth-v2-1-10-no-password-grant",
            "rfc9700-2.4-password-grant-forbidden",
            "rfc6749-5.2-unsupported-grant-type",
        ],
        &[Hook::Tell(
            is_unsupported,
            Telling::Error(400, "invalid_request"),
        )],
    ),
    Fault::new(
        "unsupported-grant-is-invalid-grant",
        "An unknown grant_type is answered with invalid_grant.",
        &[
            "oauth-v2-1-10-no-password-grant",
            "rfc8414-2-grant-types-default",
            "rfc9700-2.4-password-grant-forbidden",
            "rfc6749-5.2-unsupported-grant-type",
        ],
        &[Hook::Tell(
            is_unsupported,
            Telling::Error(400, "invalid_grant"),
        )],
    ),
    Fault::new(
        "unsupported-grant-is-501",
        "An unknown grant_type is answered with 501.",
        &[
            "oauth-v2-1-10-no-password-grant",
            "rfc9700-2.4-password-grant-forbidden",
            "rfc6749-5.2-unsupported-grant-type",
            "rfc6749-5.2-status-400",
            "rfc6749-10.14-input-sanitised",
            "rfc6749-a.10-grant-type-abnf",
            "rfc6749-4.5-absolute-uri",
        ],
        &[Hook::Tell(
            is_unsupported,
            Telling::Error(501, "unsupported_grant_type"),
        )],
    ),
    Fault::new(
        "unregistered-grant-is-invalid-client",
        "A grant that the client may not use is answered with invalid_client.",
        &["rfc6749-5.2-unauthorized-client"],
        &[Hook::Tell(
            is_unauthorized,
            Telling::Error(400, "invalid_client"),
        )],
    ),
    Fault::new(
        "unregistered-grant-is-403",
        "A grant that the client may not use is answered with 403.",
        &["rfc6749-5.2-unauthorized-client", "rfc6749-5.2-status-400"],
        &[Hook::Tell(
            is_unauthorized,
            Telling::Error(403, "unauthorized_client"),
        )],
    ),
];

fn is_unsupported(mistake: Mistake) -> bool {
    mistake == Mistake::UnsupportedGrantType
}

fn is_unauthorized(mistake: Mistake) -> bool {
    mistake == Mistake::UnauthorizedGrantType
}
