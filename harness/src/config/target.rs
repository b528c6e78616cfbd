//! The target of a run: one authorization server, with everything that is known of it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use indexmap::IndexMap;

use super::file::{AssertionAudience, Implementation, LoginVia, SnapshotMode};
use super::http::Http;
use super::resolve::SHORTEST;
use crate::assertion::{PrivateKey, Signer};
use crate::secret::{Secret, SecretKind, Vault};

/// A client.
#[derive(Debug, Clone)]
pub struct Client {
    /// How it is called in the configuration.
    pub name: String,
    /// The client identifier.
    pub id: String,
    /// The client secret.
    pub secret: Option<Secret>,
    /// The authentication methods that it is registered for.
    pub auth: Vec<String>,
    /// The key of `private_key_jwt`.
    pub key: Option<Arc<PrivateKey>>,
    /// What it was read from.
    pub key_text: Option<Secret>,
    /// What the server calls the key.
    pub kid: Option<String>,
    /// What assertions are signed with, where it is said.
    pub signing_alg: Option<String>,
    /// Whom assertions name as their audience.
    pub assertion_audience: AssertionAudience,
    /// The grants that it is registered for.
    pub grants: Vec<String>,
    /// Its redirect URIs.
    pub redirect_uris: Vec<String>,
    /// The scope that is asked for with a code.
    pub scope: Option<String>,
    /// More than that.
    pub wider_scope: Option<String>,
    /// The scope that is asked for with client credentials.
    pub client_credentials_scope: Option<String>,
    /// The algorithm of its ID Tokens, by its registration.
    pub id_token_alg: Option<String>,
    /// It may introspect the tokens of every client.
    pub introspects: bool,
    /// The resources that it may ask for (RFC 8707).
    pub resources: Vec<Resource>,
}

/// Something that tokens are for (RFC 8707).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// Its resource indicator.
    pub uri: String,
    /// What `aud` says of it.
    pub audience: String,
    /// A scope that belongs to it alone.
    pub scope: Option<String>,
}

impl Client {
    /// Whether it has no credentials.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.secret.is_none() && self.key.is_none()
    }

    /// Its key, and what the server calls it.
    #[must_use]
    pub fn own_key(&self) -> Option<(Arc<PrivateKey>, Option<String>)> {
        Some((self.key.clone()?, self.kid.clone()))
    }

    /// What its assertions are signed with.
    #[must_use]
    pub fn signing_alg(&self, method: &str) -> String {
        let signer = Signer {
            key: self.key.clone(),
            alg: self.signing_alg.clone(),
            ..Signer::default()
        };
        signer.algorithm(method).to_owned()
    }

    /// Whether it is registered for the grant.
    #[must_use]
    pub fn has_grant(&self, grant: &str) -> bool {
        self.grants.iter().any(|known| known == grant)
    }

    /// Whether it is registered for the authentication method.
    #[must_use]
    pub fn has_method(&self, method: &str) -> bool {
        self.auth.iter().any(|known| known == method)
    }
}

/// The endpoints of a target.
#[derive(Debug, Clone, Default)]
pub struct Endpoints {
    /// Where tokens are given.
    pub token: Option<String>,
    /// Where codes are given.
    pub authorization: Option<String>,
    /// The key set.
    pub jwks: Option<String>,
    /// Introspection.
    pub introspection: Option<String>,
    /// Revocation.
    pub revocation: Option<String>,
    /// Userinfo.
    pub userinfo: Option<String>,
}

impl Endpoints {
    /// The URLs of those that are known.
    pub fn urls(&self) -> impl Iterator<Item = &str> {
        [
            &self.token,
            &self.authorization,
            &self.jwks,
            &self.introspection,
            &self.revocation,
            &self.userinfo,
        ]
        .into_iter()
        .flatten()
        .map(String::as_str)
    }
}

/// How a code is got.
#[derive(Debug, Clone)]
pub struct Login {
    /// How.
    pub via: LoginVia,
    /// The program and its arguments.
    pub command: Vec<String>,
    /// The folder that the program is started in.
    pub folder: PathBuf,
    /// The user's name.
    pub username: Option<Secret>,
    /// The user's password.
    pub password: Option<Secret>,
    /// The field that takes the user's name, by name or id.
    pub username_field: Option<String>,
    /// The field that takes the password, by name or id.
    pub password_field: Option<String>,
    /// The button that consents, by name, id, value or label.
    pub consent_button: Option<String>,
    /// How long a person, or a login in the browser, is waited for.
    pub timeout: Duration,
    /// What is done in the browser.
    pub steps: Vec<LoginStep>,
    /// The WebDriver program, or the URL of a WebDriver that runs.
    pub driver: Option<String>,
    /// The browser's program.
    pub browser: Option<String>,
    /// Further parameters of the authorization request.
    pub params: IndexMap<String, String>,
    /// How many unused codes the server lets live.
    pub codes_at_once: Option<usize>,
    /// How a second user logs in.
    pub second_user: Option<Box<Login>>,
}

/// Who uses the password grant.
#[derive(Debug, Clone)]
pub struct User {
    /// The user's name.
    pub username: Secret,
    /// The user's password.
    pub password: Secret,
    /// Further parameters of each request with a password.
    pub params: IndexMap<String, String>,
}

/// What an extension grant sends.
#[derive(Debug, Clone)]
pub struct ExtensionGrant {
    /// Its `grant_type`.
    pub kind: String,
    /// The parameters of each request.
    pub params: IndexMap<String, String>,
    /// The program that prints further ones, and its arguments.
    pub command: Vec<String>,
    /// The folder that the program is started in.
    pub folder: PathBuf,
}

/// One thing to do in the browser.
#[derive(Debug, Clone)]
pub struct LoginStep {
    /// What.
    pub act: LoginAct,
    /// The CSS selector of the element.
    pub selector: String,
    /// Whether it is passed over where the next step's element is there first.
    pub optional: bool,
}

/// What is done with an element of a page.
#[derive(Debug, Clone)]
pub enum LoginAct {
    /// A text is typed into it.
    Fill(Secret),
    /// It is clicked.
    Click,
    /// It is waited for.
    Wait,
}

impl std::fmt::Display for LoginStep {
    /// As it stands in the configuration, without what is typed.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let act = match self.act {
            LoginAct::Fill(_) => "fill",
            LoginAct::Click => "click",
            LoginAct::Wait => "wait",
        };
        write!(f, "{act} = {:?}", self.selector)
    }
}

/// The authorization server under test.
#[derive(Debug, Clone)]
pub struct Target {
    /// Its name in the configuration.
    pub name: String,
    /// The issuer identifier.
    pub issuer: Option<String>,
    /// The profiles that it claims.
    pub profile: Vec<String>,
    /// Its endpoints.
    pub endpoints: Endpoints,
    /// Origins on which endpoints of the metadata may lie, beside the issuer's.
    pub trust_endpoints_on: Vec<String>,
    /// Endpoints of the metadata that are not used, for they lie elsewhere or are no address: the member, and
    /// what it says.
    pub untrusted: Vec<(String, String)>,
    /// How long a code lives.
    pub code_lifetime: Option<Duration>,
    /// How long a refresh token that was rotated out still works.
    pub refresh_token_leeway: Option<Duration>,
    /// The difference of clocks that is allowed.
    pub clock_skew: Duration,
    /// What `--snapshots` is where it is not said.
    pub snapshots: Option<SnapshotMode>,
    /// The registered clients.
    pub clients: Vec<Client>,
    /// How a code is got.
    pub login: Option<Login>,
    /// Who uses the password grant: of `user`, or else of the login.
    pub user: Option<User>,
    /// The extension grants.
    pub extension_grants: Vec<ExtensionGrant>,
    /// How requests are sent.
    pub http: Http,
    /// Who made the implementation.
    pub implementation: Option<Implementation>,
    /// Whether the metadata has still to be read, so that more endpoints may become known.
    pub awaits_metadata: bool,
}

impl Target {
    /// What the extension grant of that type sends.
    #[must_use]
    pub fn extension_grant(&self, kind: &str) -> Option<&ExtensionGrant> {
        self.extension_grants
            .iter()
            .find(|grant| grant.kind == kind)
    }

    /// With what the client signs, and for whom.
    #[must_use]
    pub fn signer(&self, client: &Client) -> Signer {
        let audience = match client.assertion_audience {
            AssertionAudience::TokenEndpoint => &self.endpoints.token,
            AssertionAudience::Issuer => &self.issuer,
        };
        Signer {
            key: client.key.clone(),
            kid: client.kid.clone(),
            alg: client.signing_alg.clone(),
            audience: audience.clone().unwrap_or_default(),
            other: None,
        }
    }

    /// The client that the configuration names for introspection.
    #[must_use]
    pub fn introspecting(&self) -> Option<usize> {
        self.clients.iter().position(|client| client.introspects)
    }

    /// The issuer, and the URLs of all endpoints that are known.
    pub fn urls(&self) -> impl Iterator<Item = &str> {
        self.issuer
            .as_deref()
            .into_iter()
            .chain(self.endpoints.urls())
    }

    /// Teaches the vault every secret of the configuration: `{{client.…}}` for the first client,
    /// `{{NAME.…}}` for the others.
    pub fn teach(&self, vault: &Vault) {
        for (index, client) in self.clients.iter().enumerate() {
            let name = if index == 0 {
                "client"
            } else {
                client.name.as_str()
            };
            if let Some(secret) = &client.secret {
                vault.learn(
                    SecretKind::Credential,
                    &format!("{name}.secret"),
                    secret.expose(),
                );
                for (id, secret) in [
                    (client.id.clone(), secret.expose().to_owned()),
                    (
                        crate::secret::form_encode(client.id.as_bytes()),
                        crate::secret::form_encode(secret.expose().as_bytes()),
                    ),
                ] {
                    let pair = format!("{id}:{secret}");
                    let shown = format!("Base64 of {name}.id:{name}.secret");
                    vault.learn(
                        SecretKind::Credential,
                        &shown,
                        &crate::secret::base64(pair.as_bytes()),
                    );
                }
            }
            if let Some(text) = &client.key_text {
                learn_key(vault, &format!("{name}.key"), text.expose());
            }
            vault.learn(SecretKind::Identifier, &format!("{name}.id"), &client.id);
        }
        self.http.teach(vault);
        if let Some(login) = &self.login {
            for (who, login) in [
                ("login", Some(login)),
                ("login.second-user", login.second_user.as_deref()),
            ] {
                let Some(login) = login else { continue };
                for (name, value) in [("username", &login.username), ("password", &login.password)]
                {
                    if let Some(value) = value {
                        vault.learn(
                            SecretKind::Credential,
                            &format!("{who}.{name}"),
                            value.expose(),
                        );
                    }
                }
            }
            for step in &login.steps {
                // A shorter one (a country, a digit) stands everywhere.
                if let LoginAct::Fill(with) = &step.act
                    && with.expose().chars().count() >= SHORTEST
                {
                    vault.learn(SecretKind::Credential, "login.step.with", with.expose());
                }
            }
        }
        if let Some(user) = &self.user {
            vault.learn(
                SecretKind::Credential,
                "user.username",
                user.username.expose(),
            );
            vault.learn(
                SecretKind::Credential,
                "user.password",
                user.password.expose(),
            );
            learn_params(vault, "user", &user.params);
        }
        for grant in &self.extension_grants {
            learn_params(vault, "grant", &grant.params);
        }
    }
}

/// Teaches the vault a private key: its text, what of it is secret where it is a JWK, and its Base64
/// in one line where it is PEM.
fn learn_key(vault: &Vault, name: &str, text: &str) {
    if let Ok(serde_json::Value::Object(jwk)) = serde_json::from_str(text) {
        for member in ["d", "p", "q", "dp", "dq", "qi"] {
            if let Some(value) = jwk.get(member).and_then(serde_json::Value::as_str) {
                vault.learn(SecretKind::Credential, name, value);
            }
        }
    } else {
        let lines = text.lines().map(str::trim);
        let body: String = lines
            .filter(|line| !line.starts_with("-----") && !line.contains(':'))
            .collect();
        vault.learn(SecretKind::Credential, name, &body);
        vault.learn(SecretKind::Credential, name, text);
    }
}

/// Teaches the vault what is sent beside credentials. A short value (a one-time password of six
/// digits) is found only where it stands alone.
pub fn learn_params<'p>(
    vault: &Vault,
    of: &str,
    params: impl IntoIterator<Item = (&'p String, &'p String)>,
) {
    for (name, value) in params {
        vault.learn(SecretKind::Identifier, &format!("{of}.{name}"), value);
    }
}
