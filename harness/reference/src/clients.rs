//! Clients and what they are registered for (RFC 6749 2). The registrations
//! themselves belong to the [dialects](crate::dialect).

use crate::users::Channel;

/// A registered client.
#[derive(Debug)]
pub(crate) struct Client {
    /// What `tokenspec.toml` calls it.
    pub(crate) name: &'static str,
    pub(crate) id: &'static str,
    /// None for a public client.
    pub(crate) secret: Option<&'static str>,
    /// None for a client that signs no assertions.
    pub(crate) signing: Option<Signing>,
    pub(crate) methods: &'static [AuthMethod],
    pub(crate) grants: &'static [GrantType],
    pub(crate) redirect_uris: &'static [&'static str],
    /// What a user can let it have.
    pub(crate) user_scope: &'static [&'static str],
    /// What it has of its own.
    pub(crate) own_scope: &'static [&'static str],
    /// The scopes that `tokenspec.toml` names.
    pub(crate) asks_for: Asked,
    /// `id_token_signed_response_alg`, where it is told.
    pub(crate) id_token_alg: Option<&'static str>,
}

/// With what a client signs its assertions (OpenID Connect Core 9).
#[derive(Debug)]
pub(crate) struct Signing {
    /// `token_endpoint_auth_signing_alg`.
    pub(crate) algorithm: &'static str,
    /// The private key in PEM, of which the server keeps to the public half; none for a client that
    /// signs with its secret.
    pub(crate) key: Option<&'static str>,
    pub(crate) kid: Option<&'static str>,
}

/// The scopes to ask for, as a `tokenspec.toml` says them.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) scope: Option<&'static str>,
    pub(crate) wider_scope: Option<&'static str>,
    pub(crate) client_credentials_scope: Option<&'static str>,
}

/// How a client may authenticate (OpenID Connect Core 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AuthMethod {
    ClientSecretBasic,
    ClientSecretPost,
    ClientSecretJwt,
    PrivateKeyJwt,
    None,
}

/// What a client may ask tokens with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GrantType {
    AuthorizationCode,
    RefreshToken,
    ClientCredentials,
    /// RFC 6749 4.3; RFC 9700 2.4 bans it.
    Password,
    /// An extension of the vendor whose page it stands on.
    OneTimePassword(Channel),
}

impl Client {
    pub(crate) const fn is_public(&self) -> bool {
        self.secret.is_none() && self.signing.is_none()
    }

    pub(crate) fn may_use(&self, grant: GrantType) -> bool {
        self.grants.contains(&grant)
    }
}

impl AuthMethod {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::ClientSecretJwt => "client_secret_jwt",
            Self::PrivateKeyJwt => "private_key_jwt",
            Self::None => "none",
        }
    }
}

impl GrantType {
    /// Those that a faultless server knows.
    pub(crate) const SUPPORTED: [Self; 3] = [
        Self::AuthorizationCode,
        Self::RefreshToken,
        Self::ClientCredentials,
    ];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
            Self::ClientCredentials => "client_credentials",
            Self::Password => "password",
            Self::OneTimePassword(Channel::Sms) => {
                "http://tencentciam.com/oauth2/grant-type/otp/sms"
            }
            Self::OneTimePassword(Channel::Email) => {
                "http://tencentciam.com/oauth2/grant-type/otp/email"
            }
        }
    }
}
