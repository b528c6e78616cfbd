//! Makes a [`Target`] of its table: defaults filled in, every value looked at, all mistakes told.

use std::time::Duration;

use indexmap::IndexMap;
use url::Url;

use super::file::{AssertionAudience, ClientFile, TargetFile, UserFile};
use super::read::{Config, ConfigError};
use super::target::{Client, Endpoints, ExtensionGrant, Login, Resource, Target, User};
use crate::assertion::PRIVATE_KEY_JWT;
use crate::catalogue::{At, Mistake, Mistakes, nearest};
use crate::secret::Secret;

/// The client authentication methods that tokenspec speaks.
pub const METHODS: &[&str] = &[
    "client_secret_basic",
    "client_secret_post",
    "client_secret_jwt",
    "private_key_jwt",
    "none",
];

/// Grants that cases start from. Another may be an extension, but a mistyped one would skip half of
/// the cases without a word.
pub const GRANTS: &[&str] = &[
    "authorization_code",
    "refresh_token",
    "client_credentials",
    "password",
];
/// How many characters a secret has at the least.
pub(super) const SHORTEST: usize = 4;

impl Config {
    pub(super) fn resolve(&self, name: &str, file: TargetFile) -> Result<Target, ConfigError> {
        let mut mistakes = Vec::new();
        let of = |keys: &[&str]| -> Vec<At> {
            let target = ["target", name];
            target
                .iter()
                .chain(keys)
                .map(|key| At::from(*key))
                .collect()
        };
        let mut url = |key: &'static str, value: Option<String>| {
            if let Some(text) = &value
                && let Some(problem) = url_problem(text)
            {
                mistakes.push(self.mistake(
                    &of(&[key]),
                    "",
                    "bad-url",
                    format!("`{key}` is no URL that can be used: {problem}"),
                    "write it as https://host/path",
                ));
            }
            value
        };
        let issuer = url("issuer", file.issuer);
        let endpoints = Endpoints {
            token: url("token-endpoint", file.token_endpoint),
            authorization: url("authorization-endpoint", file.authorization_endpoint),
            jwks: url("jwks-uri", file.jwks_uri),
            introspection: url("introspection-endpoint", file.introspection_endpoint),
            revocation: url("revocation-endpoint", file.revocation_endpoint),
            userinfo: url("userinfo-endpoint", file.userinfo_endpoint),
        };
        for origin in &file.trust_endpoints_on {
            if let Some(problem) = url_problem(origin) {
                mistakes.push(self.mistake(
                    &of(&["trust-endpoints-on"]),
                    origin,
                    "bad-url",
                    format!("`{origin}` is no origin: {problem}"),
                    "write it as https://host or https://host:port",
                ));
            }
        }
        if issuer.is_none() && endpoints.token.is_none() {
            mistakes.push(self.mistake(
                &of(&[]),
                "",
                "no-endpoint",
                format!("the target `{name}` has neither an issuer nor a token endpoint"),
                "add `issuer = \"https://…\"` or `token-endpoint = \"https://…\"`",
            ));
        }
        let http = self.http(name, file.http, &mut mistakes);
        let mut duration = |keys: &[&'static str], value: Option<&String>| {
            let key = keys.last().copied().unwrap_or_default();
            value.and_then(|text| match humantime::parse_duration(text) {
                Ok(duration) => Some(duration),
                Err(error) => {
                    mistakes.push(self.mistake(
                        &of(keys),
                        "",
                        "bad-duration",
                        format!("`{key}` is no duration: {error}"),
                        "write it as 10s, 500ms or 2min",
                    ));
                    None
                }
            })
        };
        let login_timeout = duration(
            &["login", "timeout"],
            file.login.as_ref().and_then(|login| login.timeout.as_ref()),
        );
        let code_lifetime = duration(&["code-lifetime"], file.code_lifetime.as_ref());
        let refresh_token_leeway = duration(
            &["refresh-token-leeway"],
            file.refresh_token_leeway.as_ref(),
        );
        let clock_skew = duration(&["clock-skew"], file.clock_skew.as_ref());
        let login = file
            .login
            .map(|login| self.login(&of(&["login"]), login, login_timeout, &mut mistakes));
        if let Some(user) = &file.user
            && user.password.chars().count() < SHORTEST
        {
            mistakes.push(self.mistake(
                &of(&["user", "password"]),
                "",
                "short-secret",
                format!("the password has fewer than {SHORTEST} characters"),
                "a value that short cannot be kept out of reports: it stands everywhere",
            ));
        }
        for (index, grant) in file.extension_grant.iter().enumerate() {
            if Url::parse(&grant.kind).is_err() {
                let mut at = of(&["extension-grant"]);
                at.extend([index.into(), "type".into()]);
                mistakes.push(self.mistake(
                    &at,
                    &grant.kind,
                    "bad-url",
                    format!("the grant type `{}` is no absolute URI", grant.kind),
                    "an extension grant is named by a URI (RFC 6749 section 4.5); the others go into the \
                     `grants` of a client",
                ));
            }
        }
        let user = user(file.user, login.as_ref());
        let extension_grants = file
            .extension_grant
            .into_iter()
            .map(|grant| ExtensionGrant {
                kind: grant.kind,
                params: grant.params,
                command: grant.command,
                folder: self.folder.clone(),
            })
            .collect();
        let mut clients: Vec<Client> = Vec::new();
        for (index, client) in file.client.into_iter().enumerate() {
            let mut at = of(&["client"]);
            at.push(index.into());
            if clients.iter().any(|known| known.name == client.name) {
                mistakes.push(self.mistake(
                    &below(&at, "name"),
                    "",
                    "duplicate-client",
                    format!("there is already a client `{}`", client.name),
                    "give it another name; messages and masks go by it",
                ));
            }
            clients.push(self.client(&at, client, issuer.is_some(), &mut mistakes));
        }
        mistakes.sort_by_key(Mistake::position);
        Mistakes::check(mistakes)?;
        Ok(Target {
            name: name.to_owned(),
            awaits_metadata: issuer.is_some(),
            issuer,
            profile: file.profile,
            endpoints,
            trust_endpoints_on: file.trust_endpoints_on,
            untrusted: Vec::new(),
            code_lifetime,
            refresh_token_leeway: refresh_token_leeway.filter(|leeway| !leeway.is_zero()),
            clock_skew: clock_skew.unwrap_or(Duration::from_secs(10)),
            snapshots: file.snapshots,
            clients,
            login,
            user,
            extension_grants,
            http,
            implementation: file.implementation,
        })
    }

    fn client(
        &self,
        at: &[At],
        file: ClientFile,
        knows_issuer: bool,
        mistakes: &mut Vec<Mistake>,
    ) -> Client {
        let mut auth = file.auth.clone();
        if auth.is_empty() {
            let method = if file.key.is_some() || file.key_file.is_some() {
                PRIVATE_KEY_JWT
            } else if file.secret.is_some() {
                "client_secret_basic"
            } else {
                "none"
            };
            auth.push(method.to_owned());
        }
        for method in &auth {
            // A client with a key may have a secret for its other methods.
            let confidential = method != "none";
            let by_key = method == PRIVATE_KEY_JWT;
            if !METHODS.contains(&method.as_str()) {
                mistakes.push(self.mistake(
                    &below(at, "auth"),
                    &format!("\"{method}\""),
                    "unknown-method",
                    format!("`{method}` is no client authentication method that tokenspec knows"),
                    format!("known are: {}", METHODS.join(", ")),
                ));
            } else if !by_key && confidential != file.secret.is_some() {
                mistakes.push(self.mistake(
                    &below(at, "auth"),
                    &format!("\"{method}\""),
                    "method-and-secret",
                    if confidential {
                        format!("the client `{}` has `{method}` and no secret", file.name)
                    } else {
                        format!(
                            "the client `{}` has a secret and the method `none`",
                            file.name
                        )
                    },
                    "a client has a secret, or the method `none`",
                ));
            }
        }
        let signing = self.signing(at, &file, &auth, mistakes);
        if file.assertion_audience == AssertionAudience::Issuer && !knows_issuer {
            mistakes.push(self.mistake(
                &below(at, "assertion-audience"),
                "",
                "no-issuer",
                "the audience is the issuer, and the target has none".into(),
                "add `issuer = \"https://…\"` to the target",
            ));
        }
        if file.id.is_empty() {
            mistakes.push(self.mistake(
                &below(at, "id"),
                "",
                "no-id",
                format!("the id of the client `{}` is empty", file.name),
                "say the identifier that it is registered under",
            ));
        }
        if file
            .secret
            .as_ref()
            .is_some_and(|secret| secret.chars().count() < SHORTEST)
        {
            mistakes.push(self.mistake(
                &below(at, "secret"),
                "",
                "short-secret",
                format!(
                    "the secret of the client `{}` has fewer than {SHORTEST} characters",
                    file.name
                ),
                "a value that short cannot be kept out of reports: it stands everywhere",
            ));
        }
        for grant in &file.grants {
            if !GRANTS.contains(&grant.as_str())
                && let Some(meant) = nearest(grant, GRANTS)
            {
                mistakes.push(self.mistake(
                    &below(at, "grants"),
                    &format!("\"{grant}\""),
                    "unknown-grant",
                    format!("there is no grant `{grant}`"),
                    format!("did you mean `{meant}`?"),
                ));
            }
        }
        for uri in &file.redirect_uris {
            if Url::parse(uri).is_err() {
                mistakes.push(self.mistake(
                    &below(at, "redirect-uris"),
                    uri,
                    "bad-url",
                    format!("the redirect URI `{uri}` is no absolute URI"),
                    "write it as it is registered: https://client.example/callback",
                ));
            }
        }
        for resource in &file.resource {
            if !Url::parse(&resource.uri).is_ok_and(|url| url.fragment().is_none()) {
                mistakes.push(self.mistake(
                    &below(at, "resource"),
                    &resource.uri,
                    "bad-url",
                    format!(
                        "the resource `{}` is no absolute URI without a fragment",
                        resource.uri
                    ),
                    "write it as the server knows it: https://api.example/",
                ));
            }
        }
        if file.introspects && auth == ["none"] {
            mistakes.push(self.mistake(
                &below(at, "introspects"),
                "",
                "public-introspects",
                format!(
                    "the client `{}` introspects and has no credentials",
                    file.name
                ),
                "name a client that can authenticate at the introspection endpoint",
            ));
        }
        Client {
            name: file.name,
            id: file.id,
            secret: file.secret.as_deref().map(Secret::new),
            auth,
            key: signing.key,
            key_text: signing.text,
            kid: signing.kid,
            signing_alg: file.signing_alg,
            assertion_audience: file.assertion_audience,
            grants: file.grants,
            redirect_uris: file.redirect_uris,
            scope: file.scope,
            wider_scope: file.wider_scope,
            client_credentials_scope: file.client_credentials_scope,
            id_token_alg: file.id_token_alg,
            introspects: file.introspects,
            resources: file
                .resource
                .into_iter()
                .map(|resource| Resource {
                    audience: resource.audience.unwrap_or_else(|| resource.uri.clone()),
                    uri: resource.uri,
                    scope: resource.scope,
                })
                .collect(),
        }
    }
}

/// Who uses the password grant: the user that is said, or else the one that logs in.
fn user(file: Option<UserFile>, login: Option<&Login>) -> Option<User> {
    match file {
        Some(file) => Some(User {
            username: Secret::new(&file.username),
            password: Secret::new(&file.password),
            params: file.params,
        }),
        None => login.and_then(|login| {
            Some(User {
                username: login.username.clone()?,
                password: login.password.clone()?,
                params: IndexMap::new(),
            })
        }),
    }
}

pub(super) fn url_problem(text: &str) -> Option<String> {
    match Url::parse(text) {
        Err(url::ParseError::RelativeUrlWithoutBase) => Some("it has no scheme".into()),
        Err(error) => Some(error.to_string()),
        Ok(url) if !matches!(url.scheme(), "http" | "https") => {
            Some(format!("the scheme is `{}`", url.scheme()))
        }
        Ok(url) if url.host_str().is_none_or(str::is_empty) => Some("it has no host".into()),
        Ok(_) => None,
    }
}

pub(super) fn below(path: &[At], key: &str) -> Vec<At> {
    path.iter().cloned().chain([key.into()]).collect()
}
