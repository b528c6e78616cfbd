//! How client assertions are read and verified (RFC 7515, 7519, 7521, 7523, 8725, OpenID Connect
//! Core 9).

use super::Duplicates;

/// What a client assertion has to be.
#[derive(Clone, Debug)]
pub(crate) struct AssertionRules {
    /// A member that is there twice, in the header and among the claims.
    pub(crate) header_duplicates: Duplicates,
    pub(crate) claim_duplicates: Duplicates,
    /// Header parameters and claims that nobody knows are ignored.
    pub(crate) unknown_header_ignored: bool,
    pub(crate) unknown_claims_ignored: bool,
    /// A critical header parameter that is not understood makes the assertion invalid.
    pub(crate) crit_understood: bool,
    /// A typ without a slash is one of `application/`.
    pub(crate) typ_is_media_type: bool,
    /// Claims in UTF-16 are read too.
    pub(crate) utf16_read: bool,
    /// The key of client_secret_jwt is what the secret is the Base64 of.
    pub(crate) secret_decoded: bool,
    pub(crate) algorithm: Algorithm,
    pub(crate) unsecured: Unsecured,
    pub(crate) signature: Signature,
    pub(crate) key: KeySource,
    /// The look-up of a kid breaks on characters that it does not expect.
    pub(crate) kid_breaks: bool,
    pub(crate) issuer_checked: bool,
    pub(crate) subject_checked: bool,
    pub(crate) audience: Audience,
    /// An audience may be an array.
    pub(crate) audience_arrays: bool,
    pub(crate) expiry_checked: bool,
    pub(crate) not_before_checked: bool,
    /// Claims that have to be there.
    pub(crate) required: &'static [&'static str],
    /// An assertion is good once.
    pub(crate) used_once: bool,
    /// What the server itself has signed for the client is taken for an assertion.
    pub(crate) own_tokens_believed: bool,
    /// The type of the assertion has to be said, and be the one that is known.
    pub(crate) type_checked: bool,
    /// A client_id beside the assertion has to be that of its client.
    pub(crate) client_id_compared: bool,
}

/// Which algorithms a client may sign with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    /// The one that it is registered for.
    Registered,
    /// Any that its key can do.
    AnyOfKey,
    /// That one, whatever the header says.
    Unread,
    /// One whose name begins like it is taken for it.
    Prefix,
}

/// What an assertion without a signature is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unsecured {
    Refused,
    /// `none` is an algorithm.
    Accepted,
    /// `none` is refused, and any other spelling is not.
    RefusedBySpelling,
}

/// When a signature is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signature {
    Verified,
    /// An empty one is not looked at.
    Optional,
    Unchecked,
}

/// Whose key verifies an assertion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeySource {
    /// The client's own.
    Registered,
    /// That which kid names, whoever has it.
    Anybody,
    /// That which stands in the header.
    Header,
    /// The client's own; for HS256, its text.
    PublicAsSecret,
}

/// When the server is the audience.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Audience {
    /// It is named: its issuer identifier or its token endpoint.
    Named,
    /// Its issuer identifier is named (RFC 7523bis).
    Issuer,
    /// Its token endpoint is named (RFC 7523, OpenID Connect Core 9).
    TokenEndpoint,
    /// The name begins like it.
    Prefix,
    Unchecked,
}

impl Default for AssertionRules {
    fn default() -> Self {
        Self {
            header_duplicates: Duplicates::Refused,
            claim_duplicates: Duplicates::Refused,
            unknown_header_ignored: true,
            unknown_claims_ignored: true,
            crit_understood: true,
            typ_is_media_type: true,
            utf16_read: false,
            secret_decoded: false,
            algorithm: Algorithm::Registered,
            unsecured: Unsecured::Refused,
            signature: Signature::Verified,
            key: KeySource::Registered,
            kid_breaks: false,
            issuer_checked: true,
            subject_checked: true,
            audience: Audience::Named,
            audience_arrays: true,
            expiry_checked: true,
            not_before_checked: true,
            required: &["iss", "sub", "aud", "exp", "jti"],
            used_once: true,
            own_tokens_believed: false,
            type_checked: true,
            client_id_compared: true,
        }
    }
}
