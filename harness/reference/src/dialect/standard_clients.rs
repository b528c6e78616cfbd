//! The clients of `standard`.

use crate::clients::AuthMethod::{
    ClientSecretBasic, ClientSecretJwt, ClientSecretPost, None as NoAuthentication, PrivateKeyJwt,
};
use crate::clients::GrantType::{AuthorizationCode, ClientCredentials, RefreshToken};
use crate::clients::{Asked, Client, Signing};

const REDIRECT_URIS: &[&str] = &[
    "https://client.example/callback",
    "https://client.example/other",
];
const USER_SCOPE: &[&str] = &["openid", "profile"];
const OWN_SCOPE: &[&str] = &["read", "write"];
const ASKED: Asked = Asked {
    scope: Some("openid"),
    wider_scope: Some("openid profile"),
    client_credentials_scope: Some("read"),
};

pub(super) static CLIENTS: [Client; 15] = [
    Client {
        name: "main",
        id: "main-client",
        secret: Some("main-client-secret-6bcf1f0a9d0f4c56"),
        signing: None,
        methods: &[ClientSecretBasic, ClientSecretPost],
        grants: &[AuthorizationCode, RefreshToken, ClientCredentials],
        redirect_uris: REDIRECT_URIS,
        user_scope: USER_SCOPE,
        own_scope: OWN_SCOPE,
        asks_for: ASKED,
        id_token_alg: Some("RS256"),
    },
    Client {
        name: "other",
        id: "other-client",
        secret: Some("other-client-secret-d41c8e2b7a934e17"),
        signing: None,
        methods: &[ClientSecretBasic, ClientSecretPost],
        grants: &[AuthorizationCode, RefreshToken, ClientCredentials],
        redirect_uris: REDIRECT_URIS,
        user_scope: USER_SCOPE,
        own_scope: OWN_SCOPE,
        asks_for: ASKED,
        id_token_alg: Some("RS256"),
    },
    // Characters that HTTP Basic has to carry form-encoded (RFC 6749 2.3.1): a
    // colon in the secret, then one in the identifier. The other method shows
    // that the credentials are right where this one fails.
    Client {
        name: "reserved",
        id: "app/id?a=b c",
        secret: Some("p%c3ss+word: with & and = and / 5c07be"),
        signing: None,
        methods: &[ClientSecretBasic, ClientSecretPost],
        grants: &[AuthorizationCode, ClientCredentials],
        redirect_uris: REDIRECT_URIS,
        user_scope: USER_SCOPE,
        own_scope: OWN_SCOPE,
        asks_for: ASKED,
        id_token_alg: Some("RS256"),
    },
    Client {
        name: "url-named",
        id: "https://app.example:8443/id?a=b c",
        secret: Some("p%c3ss+word with & and = and / 9f2d41"),
        signing: None,
        methods: &[ClientSecretBasic, ClientSecretPost],
        grants: &[AuthorizationCode, ClientCredentials],
        redirect_uris: REDIRECT_URIS,
        user_scope: USER_SCOPE,
        own_scope: OWN_SCOPE,
        asks_for: ASKED,
        id_token_alg: Some("RS256"),
    },
    // All of it, and no other method.
    Client {
        name: "encoded",
        id: "https://basic.example:8443/id?a=b c",
        secret: Some("p%c3ss+word: with & and = and / 31d8aa"),
        signing: None,
        methods: &[ClientSecretBasic],
        grants: &[AuthorizationCode, ClientCredentials],
        redirect_uris: REDIRECT_URIS,
        user_scope: USER_SCOPE,
        own_scope: OWN_SCOPE,
        asks_for: ASKED,
        id_token_alg: Some("RS256"),
    },
    Client {
        name: "public",
        id: "public-client",
        secret: None,
        signing: None,
        methods: &[NoAuthentication],
        grants: &[AuthorizationCode, RefreshToken],
        redirect_uris: REDIRECT_URIS,
        user_scope: USER_SCOPE,
        // Nothing it may use: there for the fault that serves it all the same.
        own_scope: OWN_SCOPE,
        asks_for: Asked {
            client_credentials_scope: None,
            ..ASKED
        },
        id_token_alg: Some("RS256"),
    },
    Client {
        name: "other-public",
        id: "other-public-client",
        secret: None,
        signing: None,
        methods: &[NoAuthentication],
        grants: &[AuthorizationCode, RefreshToken],
        redirect_uris: REDIRECT_URIS,
        user_scope: USER_SCOPE,
        // Nothing it may use: there for the fault that serves it all the same.
        own_scope: OWN_SCOPE,
        asks_for: Asked {
            client_credentials_scope: None,
            ..ASKED
        },
        id_token_alg: Some("RS256"),
    },
    Client {
        name: "limited",
        id: "limited-client",
        secret: Some("limited-client-secret-0be5f3a18c6d4d92"),
        signing: None,
        methods: &[ClientSecretBasic, ClientSecretPost],
        grants: &[AuthorizationCode],
        redirect_uris: REDIRECT_URIS,
        user_scope: USER_SCOPE,
        own_scope: OWN_SCOPE,
        asks_for: Asked {
            client_credentials_scope: None,
            ..ASKED
        },
        id_token_alg: Some("RS256"),
    },
    // The one that may leave redirect_uri out.
    Client {
        name: "single",
        id: "single-client",
        secret: Some("single-client-secret-7e90c45b1d2a48f3"),
        signing: None,
        methods: &[ClientSecretBasic, ClientSecretPost],
        grants: &[AuthorizationCode, RefreshToken],
        redirect_uris: &["https://single.example/callback"],
        user_scope: USER_SCOPE,
        own_scope: OWN_SCOPE,
        asks_for: Asked {
            client_credentials_scope: None,
            ..ASKED
        },
        id_token_alg: Some("RS256"),
    },
    // Other signatures of ID Tokens (OpenID Connect Core 10.1).
    Client {
        name: "hmac",
        id: "hmac-client",
        secret: Some("c5e1d0a4b7f3928e6a1c4d5f7b90e2836f1a0b9c8d7e6f5a"),
        signing: None,
        methods: &[ClientSecretBasic, ClientSecretPost],
        grants: &[AuthorizationCode],
        redirect_uris: REDIRECT_URIS,
        user_scope: USER_SCOPE,
        own_scope: OWN_SCOPE,
        asks_for: Asked {
            client_credentials_scope: None,
            ..ASKED
        },
        id_token_alg: Some("HS256"),
    },
    Client {
        name: "elliptic",
        id: "elliptic-client",
        secret: Some("elliptic-client-secret-1f9b0d7a52c84e63"),
        signing: None,
        methods: &[ClientSecretBasic, ClientSecretPost],
        grants: &[AuthorizationCode],
        redirect_uris: REDIRECT_URIS,
        user_scope: USER_SCOPE,
        own_scope: OWN_SCOPE,
        asks_for: Asked {
            client_credentials_scope: None,
            ..ASKED
        },
        id_token_alg: Some("ES256"),
    },
    // Client assertions (RFC 7523, OpenID Connect Core 9): two of a kind, one of RSA, and one that
    // signs with its secret.
    Client {
        name: "signing",
        id: "signing-client",
        secret: None,
        signing: Some(Signing {
            algorithm: "ES256",
            key: Some(include_str!("../keys/assertion-elliptic.pem")),
            kid: Some("signing-client-2026"),
        }),
        methods: &[PrivateKeyJwt],
        grants: &[AuthorizationCode, RefreshToken, ClientCredentials],
        redirect_uris: REDIRECT_URIS,
        user_scope: USER_SCOPE,
        own_scope: OWN_SCOPE,
        asks_for: ASKED,
        id_token_alg: Some("RS256"),
    },
    Client {
        name: "signing-other",
        id: "other-signing-client",
        secret: None,
        signing: Some(Signing {
            algorithm: "ES256",
            key: Some(include_str!("../keys/assertion-other.pem")),
            kid: Some("other-signing-client-2026"),
        }),
        methods: &[PrivateKeyJwt],
        grants: &[AuthorizationCode, RefreshToken, ClientCredentials],
        redirect_uris: REDIRECT_URIS,
        user_scope: USER_SCOPE,
        own_scope: OWN_SCOPE,
        asks_for: ASKED,
        id_token_alg: Some("RS256"),
    },
    Client {
        name: "signing-rsa",
        id: "rsa-signing-client",
        secret: None,
        signing: Some(Signing {
            algorithm: "RS256",
            key: Some(include_str!("../keys/assertion-rsa.pem")),
            kid: Some("rsa-signing-client-2026"),
        }),
        methods: &[PrivateKeyJwt],
        grants: &[AuthorizationCode, RefreshToken, ClientCredentials],
        redirect_uris: REDIRECT_URIS,
        user_scope: USER_SCOPE,
        own_scope: OWN_SCOPE,
        asks_for: ASKED,
        id_token_alg: Some("RS256"),
    },
    Client {
        name: "mac",
        id: "mac-client",
        secret: Some("mac-client-secret-4b0f7d2e91c8463aa5d06e1f8b93c72d"),
        signing: Some(Signing {
            algorithm: "HS256",
            key: None,
            kid: None,
        }),
        // The other shows that the secret is right where this one fails.
        methods: &[ClientSecretJwt, ClientSecretBasic],
        grants: &[AuthorizationCode, RefreshToken, ClientCredentials],
        redirect_uris: REDIRECT_URIS,
        user_scope: USER_SCOPE,
        own_scope: OWN_SCOPE,
        asks_for: ASKED,
        id_token_alg: Some("RS256"),
    },
];
