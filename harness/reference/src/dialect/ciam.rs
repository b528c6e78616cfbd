//! `ciam`: Tencent Cloud CIAM as its documentation shows it, page "General
//! Authorization Code Mode" and its siblings about PKCE, refreshing, client
//! credentials, keys, revocation and discovery.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{Dialect, with_required_headers};
use crate::answer::{Answer, Members};
use crate::clients::AuthMethod::{ClientSecretBasic, ClientSecretPost, None as NoAuthentication};
use crate::clients::GrantType::{AuthorizationCode, ClientCredentials, RefreshToken};
use crate::clients::{Asked, Client};
use crate::endpoints::Endpoint;
use crate::mistake::Mistake;
use crate::provider::Provider;
use crate::rules::{Renewal, Rules};
use crate::store::{Code, Login, Store};
use crate::tokens::{Draft, Issue, Issued, KeyName, SigningFailed, TokenKind, jwk, unix_now, uuid};

pub(super) struct Ciam;

const REDIRECT_URIS: &[&str] = &["https://example.com/callback", "https://example.com/other"];
const ASKED: Asked = Asked {
    scope: Some("openid"),
    wider_scope: None,
    client_credentials_scope: Some("identity_proofing"),
};
const ERROR_URI: &str = "https://datatracker.ietf.org/doc/html/rfc6749#section-5.2";

static CLIENTS: [Client; 3] = [
    // The client of the page's sample request.
    Client {
        name: "main",
        id: "TENANT_CLIENT_ID",
        secret: Some("TENANT_CLIENT_SECRET"),
        methods: &[ClientSecretBasic, ClientSecretPost],
        grants: &[AuthorizationCode, RefreshToken, ClientCredentials],
        redirect_uris: REDIRECT_URIS,
        user_scope: &["openid"],
        own_scope: &["identity_proofing"],
        asks_for: ASKED,
    },
    Client {
        name: "other",
        id: "OTHER_CLIENT_ID",
        secret: Some("OTHER_CLIENT_SECRET"),
        methods: &[ClientSecretBasic, ClientSecretPost],
        grants: &[AuthorizationCode, RefreshToken, ClientCredentials],
        redirect_uris: REDIRECT_URIS,
        user_scope: &["openid"],
        own_scope: &["identity_proofing"],
        asks_for: ASKED,
    },
    Client {
        name: "public",
        id: "PUBLIC_CLIENT_ID",
        secret: None,
        methods: &[NoAuthentication],
        grants: &[AuthorizationCode, RefreshToken],
        redirect_uris: REDIRECT_URIS,
        user_scope: &["openid"],
        own_scope: &["identity_proofing"],
        asks_for: Asked {
            client_credentials_scope: None,
            ..ASKED
        },
    },
];

impl Dialect for Ciam {
    fn clients(&self) -> &'static [Client] {
        &CLIENTS
    }

    fn users(&self) -> &'static [&'static str] {
        &["MOCK_USERNAME", "OTHER_USERNAME"]
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
        ]
    }

    fn rules(&self) -> Rules {
        let mut rules = Rules::default();
        rules.redirect_uri.always_required = true;
        rules.scope.openid_always = true;
        // The page says neither that a challenge is demanded nor that a nonce is.
        rules.pkce.or_nonce = false;
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
            ("revocation_endpoint", at("/oauth2/revoke")),
            ("response_types_supported", json!(["code"])),
            (
                "grant_types_supported",
                json!(["authorization_code", "client_credentials", "refresh_token"]),
            ),
            ("code_challenge_methods_supported", json!(["S256"])),
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

    /// The page's sample error responses; what they do not show follows them.
    fn refuse(&self, mistake: Mistake) -> Answer {
        let answer = match mistake {
            Mistake::NoClient | Mistake::UnknownClient => Answer::empty(StatusCode::UNAUTHORIZED),
            Mistake::CodeOfAnother | Mistake::TokenOfAnother => {
                self.error(StatusCode::UNAUTHORIZED, "invalid_client", None)
            }
            Mistake::MalformedScope | Mistake::ExcessiveScope => {
                self.error(mistake.status(), mistake.code(), Some("scope"))
            }
            _ => self.error(mistake.status(), mistake.code(), mistake.parameter()),
        };
        with_required_headers(answer, mistake)
    }
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
