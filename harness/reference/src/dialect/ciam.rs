//! `ciam`: Tencent Cloud CIAM as its documentation shows it, page "General
//! Authorization Code Mode" and its siblings about PKCE, refreshing, client
//! credentials, keys, revocation and discovery.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{Dialect, with_required_headers};
use crate::answer::{Answer, Members};
use crate::clients::AuthMethod::{ClientSecretBasic, ClientSecretPost, None as NoAuthentication};
use crate::clients::GrantType::{
    self, AuthorizationCode, ClientCredentials, OneTimePassword, Password, RefreshToken,
};
use crate::clients::{Asked, Client};
use crate::context::{Context, Mechanism};
use crate::endpoints::Endpoint;
use crate::mistake::Mistake;
use crate::provider::Provider;
use crate::rules::{Renewal, Rules};
use crate::store::{Code, Login, Store};
use crate::tokens::{Draft, Issue, Issued, KeyName, SigningFailed, TokenKind, jwk, unix_now, uuid};
use crate::users::{Channel, SentCode, User};

pub(super) struct Ciam;

const REDIRECT_URIS: &[&str] = &["https://example.com/callback", "https://example.com/other"];
const ASKED: Asked = Asked {
    scope: Some("openid"),
    wider_scope: None,
    client_credentials_scope: Some("identity_proofing"),
};
const ERROR_URI: &str = "https://datatracker.ietf.org/doc/html/rfc6749#section-5.2";

/// All that a web application may use.
const WEB: &[GrantType] = &[
    AuthorizationCode,
    RefreshToken,
    ClientCredentials,
    Password,
    OneTimePassword(Channel::Sms),
    OneTimePassword(Channel::Email),
];
/// A single-page or mobile application has no secret, and nothing of its own.
const WITHOUT_SECRET: &[GrantType] = &[
    AuthorizationCode,
    RefreshToken,
    Password,
    OneTimePassword(Channel::Sms),
    OneTimePassword(Channel::Email),
];
/// The grants beside the three of every server.
const FURTHER: &[GrantType] = &[
    Password,
    OneTimePassword(Channel::Sms),
    OneTimePassword(Channel::Email),
];

/// The codes of the page's sample requests.
static SENT: [SentCode; 2] = [
    SentCode {
        channel: Channel::Sms,
        source: "MOCK_SMS_OTP_AUTH_SOURCE_ID",
        address: "13612345678",
        token: "MOCK_OTP_TOKEN",
        code: "123456",
        subject: "MOCK_USERNAME",
    },
    SentCode {
        channel: Channel::Email,
        source: "MOCK_EMAIL_OTP_AUTH_SOURCE_ID",
        address: "MOCK_USERNAME@example.com",
        token: "MOCK_EMAIL_OTP_TOKEN",
        code: "123456",
        subject: "MOCK_USERNAME",
    },
];

static CLIENTS: [Client; 5] = [
    // The client of the page's sample request.
    Client {
        name: "main",
        id: "TENANT_CLIENT_ID",
        secret: Some("TENANT_CLIENT_SECRET"),
        signing: None,
        methods: &[ClientSecretBasic, ClientSecretPost],
        grants: WEB,
        redirect_uris: REDIRECT_URIS,
        user_scope: &["openid"],
        own_scope: &["identity_proofing"],
        asks_for: ASKED,
        id_token_alg: None,
    },
    Client {
        name: "other",
        id: "OTHER_CLIENT_ID",
        secret: Some("OTHER_CLIENT_SECRET"),
        signing: None,
        methods: &[ClientSecretBasic, ClientSecretPost],
        grants: WEB,
        redirect_uris: REDIRECT_URIS,
        user_scope: &["openid"],
        own_scope: &["identity_proofing"],
        asks_for: ASKED,
        id_token_alg: None,
    },
    Client {
        name: "public",
        id: "PUBLIC_CLIENT_ID",
        secret: None,
        signing: None,
        methods: &[NoAuthentication],
        grants: WITHOUT_SECRET,
        redirect_uris: REDIRECT_URIS,
        user_scope: &["openid"],
        own_scope: &["identity_proofing"],
        asks_for: Asked {
            client_credentials_scope: None,
            ..ASKED
        },
        id_token_alg: None,
    },
    Client {
        name: "other-public",
        id: "OTHER_PUBLIC_CLIENT_ID",
        secret: None,
        signing: None,
        methods: &[NoAuthentication],
        grants: WITHOUT_SECRET,
        redirect_uris: REDIRECT_URIS,
        user_scope: &["openid"],
        own_scope: &["identity_proofing"],
        asks_for: Asked {
            client_credentials_scope: None,
            ..ASKED
        },
        id_token_alg: None,
    },
    // May not ask for tokens of its own.
    Client {
        name: "limited",
        id: "LIMITED_CLIENT_ID",
        secret: Some("LIMITED_CLIENT_SECRET"),
        signing: None,
        methods: &[ClientSecretBasic, ClientSecretPost],
        grants: &[AuthorizationCode, RefreshToken],
        redirect_uris: REDIRECT_URIS,
        user_scope: &["openid"],
        own_scope: &["identity_proofing"],
        asks_for: Asked {
            client_credentials_scope: None,
            ..ASKED
        },
        id_token_alg: None,
    },
];

impl Dialect for Ciam {
    fn clients(&self) -> &'static [Client] {
        &CLIENTS
    }

    fn users(&self) -> &'static [User] {
        &[
            User {
                subject: "MOCK_USERNAME",
                password: "MOCK_PASSWORD",
            },
            User {
                subject: "OTHER_USERNAME",
                password: "OTHER_PASSWORD",
            },
        ]
    }

    fn password_source(&self) -> Option<&'static str> {
        Some("MOCK_USERNAME_PASSWORD_AUTH_SOURCE_ID")
    }

    fn sent_codes(&self) -> &'static [SentCode] {
        &SENT
    }

    fn unlisted(&self) -> &'static [(&'static str, &'static str)] {
        &[
            ("revocation-endpoint", "/oauth2/revoke"),
            ("userinfo-endpoint", "/userinfo"),
        ]
    }

    fn profiles(&self) -> &'static [&'static str] {
        &["ciam"]
    }

    fn paths(&self) -> &'static [(&'static str, Endpoint)] {
        &[
            ("/.well-known/openid-configuration", Endpoint::Metadata),
            ("/oauth2/jwks", Endpoint::Jwks),
            ("/oauth2/authorize", Endpoint::Authorization),
            ("/oauth2/token", Endpoint::Token),
            ("/oauth2/revoke", Endpoint::Revocation),
            ("/userinfo", Endpoint::Userinfo),
        ]
    }

    fn rules(&self) -> Rules {
        let mut rules = Rules::default();
        rules.redirect_uri.always_required = true;
        rules.scope.openid_always = true;
        // The page says neither that a challenge is demanded nor that a nonce is.
        rules.pkce.or_nonce = false;
        rules.grant_type.further = FURTHER;
        // A client with a secret keeps its refresh token; the samples show no
        // client without one, whose token is rotated as RFC 6749 10.4 advises.
        rules.refresh.confidential = Renewal::Repeated;
        rules.refresh.public = Renewal::Rotated;
        rules.refresh.bytes = 96;
        rules.token.access_lifetime = 300;
        // Counted from the moment of the answer.
        rules.token.expires_in = 299;
        rules.token.id_lifetime = 1800;
        rules
    }

    /// The code of the page's sample request, which is good for one exchange.
    fn seed(&self, store: &mut Store) {
        let [main, ..] = &CLIENTS;
        store.add_code(
            "MOCK_CODE".to_owned(),
            Code {
                client: main,
                redirect_uri: "https://example.com/callback".to_owned(),
                redirect_uri_was_sent: true,
                challenge: None,
                scope: ["openid"].into_iter().collect(),
                resources: Vec::new(),
                login: Login {
                    subject: "MOCK_USERNAME".to_owned(),
                    auth_time: unix_now(),
                    auth_time_requested: false,
                },
                nonce: None,
                expires: None,
                used_for: None,
            },
        );
    }

    fn metadata(&self, issuer: &str) -> Members {
        let at = |path: &str| json!(format!("{issuer}{path}"));
        [
            ("issuer", json!(issuer)),
            ("authorization_endpoint", at("/oauth2/authorize")),
            ("token_endpoint", at("/oauth2/token")),
            (
                "token_endpoint_auth_methods_supported",
                json!(["client_secret_basic", "client_secret_post"]),
            ),
            ("jwks_uri", at("/oauth2/jwks")),
            ("response_types_supported", json!(["code"])),
            (
                "grant_types_supported",
                json!(["authorization_code", "client_credentials", "refresh_token"]),
            ),
            ("subject_types_supported", json!(["public"])),
            ("id_token_signing_alg_values_supported", json!(["RS256"])),
            ("scopes_supported", json!(["openid"])),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
    }

    fn jwks(&self) -> Result<Vec<Members>, SigningFailed> {
        Ok(vec![jwk(KeyName::Current)?])
    }

    fn media_type(&self) -> &'static str {
        "application/json;charset=UTF-8"
    }

    fn error_uri(&self) -> Option<&'static str> {
        Some(ERROR_URI)
    }

    fn names_itself_in_redirects(&self) -> bool {
        false
    }

    fn access_token(&self, provider: &Provider, issue: &Issue<'_>) -> Result<Draft, SigningFailed> {
        let mut draft = Draft::new(TokenKind::Access, "JWT");
        draft.set_claim("sub", issue.subject());
        draft.set_claim("aud", issue.client.id);
        draft.set_claim("nbf", issue.at);
        draft.set_claim("scope", issue.scope.iter().collect::<Vec<_>>());
        draft.set_claim("iss", provider.issuer.as_str());
        draft.set_claim("exp", issue.at + provider.rules.token.access_lifetime);
        draft.set_claim("iat", issue.at);
        draft.set_claim("jti", uuid()?);
        Ok(draft)
    }

    fn id_token(
        &self,
        provider: &Provider,
        issue: &Issue<'_>,
        _access_token: &str,
        draft: &mut Draft,
    ) -> Result<(), SigningFailed> {
        draft.set_claim("sub", issue.subject());
        draft.set_claim("aud", issue.client.id);
        draft.set_claim("azp", issue.client.id);
        draft.set_claim("iss", provider.issuer.as_str());
        draft.set_claim("exp", issue.at + provider.rules.token.id_lifetime);
        draft.set_claim("iat", issue.at);
        // What OpenID Connect demands of a request that the sample does not show.
        if let Some(nonce) = issue.nonce {
            draft.set_claim("nonce", nonce);
        }
        if let Some(login) = issue.login.filter(|login| login.auth_time_requested) {
            draft.set_claim("auth_time", login.auth_time);
        }
        draft.set_claim("jti", uuid()?);
        Ok(())
    }

    fn granted(&self, issued: &Issued<'_>) -> Members {
        [
            ("access_token", Some(json!(issued.access_token))),
            ("refresh_token", issued.refresh_token.map(Value::from)),
            ("scope", Some(json!(issued.scope.to_string()))),
            ("id_token", issued.id_token.as_deref().map(Value::from)),
            ("token_type", Some(json!("Bearer"))),
            ("expires_in", Some(json!(issued.expires_in))),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect()
    }

    /// The sample error responses of the page about codes; what they do not show follows them.
    fn refuse(&self, mistake: Mistake) -> Answer {
        let answer = match mistake {
            Mistake::NoClient | Mistake::UnknownClient => Answer::empty(StatusCode::UNAUTHORIZED),
            Mistake::CodeOfAnother | Mistake::TokenOfAnother => {
                self.error(StatusCode::UNAUTHORIZED, "invalid_client", None)
            }
            Mistake::MalformedScope | Mistake::ExcessiveScope => {
                self.error(mistake.status(), mistake.code(), Some("scope"))
            }
            Mistake::WrongPassword
            | Mistake::UnknownAuthSource
            | Mistake::UnknownOtpToken
            | Mistake::WrongOtp
            | Mistake::OtpMismatch => {
                let mut answer = self.error(mistake.status(), mistake.code(), None);
                answer.set_member("error_description", mistake.description());
                answer
            }
            _ => self.error(mistake.status(), mistake.code(), mistake.parameter()),
        };
        with_required_headers(answer, mistake)
    }

    /// The pages about PKCE and about client credentials show others.
    fn refuse_request(&self, mistake: Mistake, context: &Context) -> Answer {
        let unauthorized = StatusCode::UNAUTHORIZED;
        let of_grant = |grant: GrantType| matches!(context.form.get("grant_type"), Ok(Some(name)) if name == grant.as_str());
        let answer = match mistake {
            Mistake::NoClient | Mistake::UnknownClient if proves_by_verifier(context) => {
                self.error(StatusCode::BAD_REQUEST, "invalid_request", None)
            }
            Mistake::UnsupportedGrantType if proves_by_verifier(context) => {
                Answer::empty(unauthorized)
            }
            Mistake::UnknownCode
            | Mistake::ExpiredCode
            | Mistake::ReplayedCode
            | Mistake::MalformedVerifier
            | Mistake::WrongVerifier
                if proves_by_verifier(context) =>
            {
                self.error(unauthorized, "invalid_client", None)
            }
            Mistake::UnknownClient if of_grant(ClientCredentials) => {
                self.error(unauthorized, "invalid_client", None)
            }
            _ => return self.refuse(mistake),
        };
        with_required_headers(answer, mistake)
    }
}

/// Whether it is a request as the page about PKCE shows it: with a verifier, and without a secret.
pub(crate) fn proves_by_verifier(context: &Context) -> bool {
    context.mechanism == Mechanism::None && matches!(context.form.get("code_verifier"), Ok(Some(_)))
}

impl Ciam {
    fn error(&self, status: StatusCode, code: &str, parameter: Option<&str>) -> Answer {
        let mut members = Members::from_iter([("error".to_owned(), json!(code))]);
        if let Some(name) = parameter {
            members.insert(
                "error_description".to_owned(),
                json!(format!("OAuth 2.0 Parameter: {name}")),
            );
            members.insert("error_uri".to_owned(), json!(ERROR_URI));
        }
        Answer::json(status, self.media_type(), members)
    }
}
