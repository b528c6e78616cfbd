//! How a request is read, who may make it, and for which grant (RFC 6749 2.3,
//! 3.2 and 4).

use crate::clients::GrantType;

/// How a form is read (RFC 6749 3.2, 4.1.3 and appendix B).
#[derive(Clone, Copy, Debug)]
pub(crate) struct RequestRules {
    /// Another media type than that of a form is refused.
    pub(crate) media_type_checked: bool,
    pub(crate) duplicates: Duplicates,
    pub(crate) empty: Empty,
    /// A parameter that the endpoint does not know is ignored.
    pub(crate) unknown_ignored: bool,
}

/// What becomes of a parameter that is there twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Duplicates {
    Refused,
    FirstWins,
    LastWins,
}

/// What a parameter without a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Empty {
    IsOmitted,
    IsValue,
}

impl Default for RequestRules {
    fn default() -> Self {
        Self {
            media_type_checked: true,
            duplicates: Duplicates::Refused,
            empty: Empty::IsOmitted,
            unknown_ignored: true,
        }
    }
}

/// Client authentication (RFC 6749 2.3 and 3.2.1).
#[derive(Clone, Debug)]
pub(crate) struct ClientRules {
    /// A confidential client has to authenticate.
    pub(crate) authentication_required: bool,
    pub(crate) secret: Secret,
    /// A client uses the methods that it is registered for.
    pub(crate) methods_enforced: bool,
    /// Two mechanisms at once are refused; else the header is taken.
    pub(crate) several_refused: bool,
    /// Identifier and secret in HTTP Basic are form-decoded.
    pub(crate) basic_decoded: bool,
    pub(crate) basic_separator: Separator,
    /// The `client_id` beside HTTP Basic has to be that of the client.
    pub(crate) body_id_compared: bool,
    /// The same `client_id` beside HTTP Basic is fine.
    pub(crate) body_id_allowed: bool,
}

/// How a secret is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Secret {
    Exact,
    AnyCase,
    Prefix,
    Trimmed,
    Unchecked,
}

/// Where HTTP Basic's pair is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Separator {
    /// At the first colon, before decoding.
    FirstColon,
    /// At the first colon, after decoding, so that no identifier can have one.
    FirstColonDecoded,
    /// At the first, and the secret ends at any other after decoding.
    AnyInSecret,
}

impl Default for ClientRules {
    fn default() -> Self {
        Self {
            authentication_required: true,
            secret: Secret::Exact,
            methods_enforced: true,
            several_refused: true,
            basic_decoded: true,
            basic_separator: Separator::FirstColon,
            body_id_compared: true,
            body_id_allowed: true,
        }
    }
}

/// Which grants are served, and for whom (RFC 6749 4 and 5.2).
#[derive(Clone, Debug)]
pub(crate) struct GrantTypeRules {
    /// A client uses the grants that it is registered for.
    pub(crate) registration_enforced: bool,
    pub(crate) case_sensitive: bool,
    /// A request without `grant_type` is one for a code grant.
    pub(crate) defaults_to_code: bool,
    /// Grants that are served beside those of every faultless server.
    pub(crate) further: &'static [GrantType],
    /// `password` is served to every client, with any user name and password.
    pub(crate) password: bool,
    /// A client without a secret may use `client_credentials`.
    pub(crate) public_client_credentials: bool,
    /// `client_credentials` gives a refresh token.
    pub(crate) client_credentials_refreshable: bool,
}

impl Default for GrantTypeRules {
    fn default() -> Self {
        Self {
            registration_enforced: true,
            case_sensitive: true,
            defaults_to_code: false,
            further: &[],
            password: false,
            public_client_credentials: false,
            client_credentials_refreshable: false,
        }
    }
}
