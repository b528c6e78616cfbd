//! Everything that can be wrong with a request to the token, introspection or
//! revocation endpoint. How it is told is the [dialect](crate::dialect)'s.

use axum::http::StatusCode;

use crate::tokens::SigningFailed;

/// One thing that is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mistake {
    /// Another method than POST.
    Method,
    /// Another media type than that of a form, or none.
    MediaType,
    /// More bytes than the server reads.
    TooLarge,
    /// A percent sign without two hexadecimal digits.
    PercentEncoding,
    /// Bytes that are not UTF-8.
    Utf8,
    /// A NUL character.
    Nul,
    /// The parameter is not there, or empty.
    Missing(&'static str),
    /// The parameter is there more than once.
    Repeated(&'static str),
    /// The parameter is not one the server knows (no faultless server minds).
    Unknown,

    /// More than one client authentication mechanism (RFC 6749 2.3).
    SeveralMechanisms,
    /// Another client_id in the body than in the Authorization header.
    ClientIdMismatch,
    /// Nothing says who the client is.
    NoClient,
    /// No client has that identifier.
    UnknownClient,
    /// The Authorization header cannot be read.
    MalformedCredentials,
    /// A confidential client without credentials.
    NoCredentials,
    /// Not the client's secret.
    WrongSecret,
    /// A mechanism that the client is not registered for, or nobody is.
    UnregisteredMethod,
    /// The client assertion cannot be read.
    MalformedAssertion,
    /// The client assertion is not one of the client's for this server and this moment.
    BadAssertion,

    /// No such grant here.
    UnsupportedGrantType,
    /// A grant that the client is not registered for.
    UnauthorizedGrantType,

    /// No such code.
    UnknownCode,
    /// The code has expired.
    ExpiredCode,
    /// The code has been exchanged before.
    ReplayedCode,
    /// The code is another client's.
    CodeOfAnother,
    /// The redirect_uri of the authorization request is left out.
    NoRedirectUri,
    /// Not the redirect_uri of the authorization request.
    RedirectUriMismatch,
    /// The code has a challenge, the request no verifier.
    NoVerifier,
    /// The verifier does not keep to the grammar (RFC 7636 4.1).
    MalformedVerifier,
    /// The verifier is not the challenge's.
    WrongVerifier,
    /// A verifier, and the code has no challenge (RFC 9700 4.8.2; OAuth 2.1 has it an
    /// invalid_request).
    UnexpectedVerifier,

    /// No such refresh token.
    UnknownRefreshToken,
    /// The refresh token has expired.
    ExpiredRefreshToken,
    /// The refresh token, or its grant, has been revoked.
    RevokedRefreshToken,
    /// The refresh token has been rotated out (RFC 9700 4.14.2).
    ReusedRefreshToken,
    /// The refresh token is another client's.
    RefreshTokenOfAnother,

    /// Not a user's name and password.
    WrongPassword,
    /// No authentication source that the client may use.
    UnknownAuthSource,
    /// No one-time password was sent with that token.
    UnknownOtpToken,
    /// Not the one-time password that was sent.
    WrongOtp,
    /// The one-time password was sent to somebody else, or in another way.
    OtpMismatch,

    /// The scope does not keep to the grammar (RFC 6749 3.3).
    MalformedScope,
    /// The scope is unknown, or more than may be had.
    ExcessiveScope,

    /// The resource is unknown or no absolute URI, or does not have the scope (RFC 8707 2).
    InvalidTarget,

    /// The token to be revoked is another client's (RFC 7009 2.1).
    TokenOfAnother,
    /// The token to be revoked is of a kind that is not revoked (RFC 7009 2.2.1).
    UnsupportedTokenType,

    /// Nothing is wrong with the request, but the server cannot work.
    Internal,
}

impl From<SigningFailed> for Mistake {
    fn from(_: SigningFailed) -> Self {
        Self::Internal
    }
}

impl Mistake {
    /// The error code of RFC 6749 5.2.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Method
            | Self::MediaType
            | Self::TooLarge
            | Self::PercentEncoding
            | Self::Utf8
            | Self::Nul
            | Self::Missing(_)
            | Self::Repeated(_)
            | Self::Unknown
            | Self::SeveralMechanisms
            | Self::ClientIdMismatch
            | Self::UnexpectedVerifier
            | Self::OtpMismatch
            | Self::NoRedirectUri => "invalid_request",
            Self::UnknownAuthSource => "invalid_auth_source",
            Self::NoClient
            | Self::UnknownClient
            | Self::MalformedCredentials
            | Self::NoCredentials
            | Self::WrongSecret
            | Self::UnregisteredMethod
            | Self::MalformedAssertion
            | Self::BadAssertion => "invalid_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::UnauthorizedGrantType => "unauthorized_client",
            Self::MalformedScope | Self::ExcessiveScope => "invalid_scope",
            Self::UnknownCode
            | Self::ExpiredCode
            | Self::ReplayedCode
            | Self::CodeOfAnother
            | Self::RedirectUriMismatch
            | Self::NoVerifier
            | Self::MalformedVerifier
            | Self::WrongVerifier
            | Self::UnknownRefreshToken
            | Self::ExpiredRefreshToken
            | Self::RevokedRefreshToken
            | Self::ReusedRefreshToken
            | Self::RefreshTokenOfAnother
            | Self::WrongPassword
            | Self::UnknownOtpToken
            | Self::WrongOtp
            | Self::TokenOfAnother => "invalid_grant",
            Self::InvalidTarget => "invalid_target",
            Self::UnsupportedTokenType => "unsupported_token_type",
            Self::Internal => "server_error",
        }
    }

    /// The parameter that a request is told of, where it is one.
    pub(crate) const fn parameter(self) -> Option<&'static str> {
        match self {
            Self::Missing(name) | Self::Repeated(name) => Some(name),
            Self::NoRedirectUri => Some("redirect_uri"),
            Self::UnsupportedGrantType => Some("grant_type"),
            Self::ClientIdMismatch => Some("client_id"),
            Self::SeveralMechanisms => Some("client_secret"),
            Self::MalformedScope | Self::ExcessiveScope => Some("scope"),
            _ => None,
        }
    }

    /// The failed authentication of a client: a 401.
    pub(crate) const fn is_failed_authentication(self) -> bool {
        matches!(
            self,
            Self::NoClient
                | Self::UnknownClient
                | Self::MalformedCredentials
                | Self::NoCredentials
                | Self::WrongSecret
                | Self::UnregisteredMethod
                | Self::MalformedAssertion
                | Self::BadAssertion
        )
    }

    /// The status where the dialect names no other (RFC 6749 5.2).
    pub(crate) const fn status(self) -> StatusCode {
        match self {
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            _ if self.is_failed_authentication() => StatusCode::UNAUTHORIZED,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// What is wrong, in the characters that an `error_description` may hold.
    pub(crate) const fn description(self) -> &'static str {
        match self {
            Self::Method => "this endpoint takes POST only",
            Self::MediaType => {
                "the media type of the body has to be application/x-www-form-urlencoded"
            }
            Self::TooLarge => "the body is too large",
            Self::PercentEncoding => "the body has an invalid percent-encoding",
            Self::Utf8 => "the body is not UTF-8",
            Self::Nul => "the body has a NUL character",
            Self::Missing(_) => "a required parameter is missing",
            Self::Repeated(_) => "a parameter is repeated",
            Self::Unknown => "a parameter is unknown",
            Self::SeveralMechanisms => "more than one client authentication mechanism is used",
            Self::ClientIdMismatch => "the client_id is not that of the authenticated client",
            Self::NoClient => "nothing identifies the client",
            Self::UnknownClient => "the client is unknown",
            Self::MalformedCredentials => "the Authorization header cannot be read",
            Self::NoCredentials => "the client has to authenticate",
            Self::WrongSecret => "the client authentication failed",
            Self::UnregisteredMethod => "the client may not authenticate in this way",
            Self::MalformedAssertion => "the client assertion cannot be read",
            Self::BadAssertion => "the client assertion is not valid",
            Self::UnsupportedGrantType => "the grant type is not supported",
            Self::UnauthorizedGrantType => "the client may not use this grant type",
            Self::UnknownCode => "the code is unknown",
            Self::ExpiredCode => "the code has expired",
            Self::ReplayedCode => "the code has been used before",
            Self::CodeOfAnother => "the code was issued to another client",
            Self::NoRedirectUri => "the redirect_uri of the authorization request is missing",
            Self::RedirectUriMismatch => {
                "the redirect_uri is not that of the authorization request"
            }
            Self::NoVerifier => "the code_verifier is missing",
            Self::MalformedVerifier => "the code_verifier is malformed",
            Self::WrongVerifier => "the code_verifier does not match",
            Self::UnexpectedVerifier => "a code_verifier is sent for a code without a challenge",
            Self::UnknownRefreshToken => "the refresh token is unknown",
            Self::ExpiredRefreshToken => "the refresh token has expired",
            Self::RevokedRefreshToken => "the refresh token has been revoked",
            Self::ReusedRefreshToken => "the refresh token has been used before",
            Self::RefreshTokenOfAnother => "the refresh token was issued to another client",
            Self::WrongPassword => "Wrong username or password",
            Self::UnknownAuthSource => "Auth source and application not associated",
            Self::UnknownOtpToken => "Unknown or expired otp_token",
            Self::WrongOtp => "Unknown or expired OTP",
            Self::OtpMismatch => "Mismatched OTP token and OTP sending parameters",
            Self::MalformedScope => "the scope is malformed",
            Self::ExcessiveScope => "the scope is unknown or exceeds what may be had",
            Self::InvalidTarget => {
                "the resource is unknown, or does not have the scope that was asked for"
            }
            Self::TokenOfAnother => "the token was issued to another client",
            Self::UnsupportedTokenType => "tokens of this kind are not revoked",
            Self::Internal => "the server failed",
        }
    }
}
