//! The target that a run is on: one table of `tokenspec.toml` with everything filled in.

use std::path::{Path, PathBuf};
use std::time::Duration;

use indexmap::IndexMap;
use miette::Diagnostic;
use thiserror::Error;
use url::Url;

use super::environment;
use super::file::{ClientFile, ConfigFile, Implementation, LoginVia, SnapshotMode, TargetFile};
use super::shown::shown;
use crate::catalogue::{At, Mistake, Mistakes, Parsed, check_shape, nearest, schema};
use crate::secret::{Secret, Vault};

/// The name that the embedded reference has in reports; no target may take it.
pub const REFERENCE: &str = "reference";
const METHODS: &[&str] = &["client_secret_basic", "client_secret_post", "none"];
/// Grants that cases start from. Another may be an extension, but a mistyped one would skip half of
/// the cases without a word.
const GRANTS: &[&str] = &["authorization_code", "refresh_token", "client_credentials"];

/// How many characters a secret has at the least.
const SHORTEST: usize = 4;

/// Something is wrong with the configuration; nothing was sent.
#[derive(Debug, Error, Diagnostic)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{path} cannot be read: {cause}")]
    #[diagnostic(
        code("config-unreadable"),
        help("name another with --config; `tokenspec serve` prints one to begin with")
    )]
    Unreadable {
        /// The file.
        path: String,
        /// The system's words.
        cause: String,
    },
    /// The file has mistakes.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Mistakes(#[from] Mistakes),
    /// There is no such target, or none was chosen.
    #[error("{message}")]
    #[diagnostic(code("config-target"), help("{remedy}"))]
    Target {
        /// What is wrong.
        message: String,
        /// What to do.
        remedy: String,
    },
}

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
}

impl Client {
    /// Whether it has no credentials.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.secret.is_none()
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
    /// Further parameters of the authorization request.
    pub params: IndexMap<String, String>,
    /// How many unused codes the server lets live.
    pub codes_at_once: Option<usize>,
}

/// How requests are sent.
#[derive(Debug, Clone)]
pub struct Http {
    /// How long an exchange may take.
    pub timeout: Duration,
    /// How many requests are sent in a second at the most.
    pub max_requests_per_second: Option<u32>,
    /// Further headers of every request.
    pub headers: IndexMap<String, String>,
    /// A proxy.
    pub proxy: Option<String>,
    /// Further trusted CA certificates, PEM.
    pub ca: Option<Vec<u8>>,
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
    /// How long a code lives.
    pub code_lifetime: Option<Duration>,
    /// The difference of clocks that is allowed.
    pub clock_skew: Duration,
    /// What `--snapshots` is where it is not said.
    pub snapshots: Option<SnapshotMode>,
    /// The registered clients.
    pub clients: Vec<Client>,
    /// How a code is got.
    pub login: Option<Login>,
    /// How requests are sent.
    pub http: Http,
    /// Who made the implementation.
    pub implementation: Option<Implementation>,
    /// Whether the metadata has still to be read, so that more endpoints may become known.
    pub awaits_metadata: bool,
}

/// A configuration that was read.
#[derive(Debug)]
pub struct Config {
    name: String,
    /// The text as messages show it.
    shown: String,
    folder: PathBuf,
    table: toml::Table,
}

impl Config {
    /// Reads a file.
    ///
    /// # Errors
    /// Where it cannot be read or has mistakes.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|error| ConfigError::Unreadable {
            path: path.display().to_string(),
            cause: error.to_string(),
        })?;
        let folder = path.parent().unwrap_or(Path::new(".")).to_owned();
        Self::parse(&path.display().to_string(), text, folder)
    }

    /// Reads a text; `name` is how messages call it.
    ///
    /// # Errors
    /// Where it has mistakes.
    pub fn parse(name: &str, text: String, folder: PathBuf) -> Result<Self, ConfigError> {
        let schema = schema::of::<ConfigFile>("tokenspec.toml");
        let shown = shown(&text);
        Mistakes::check(check_shape(name, &shown, &schema))?;
        let table: toml::Table = toml::from_str(&text).map_err(|error: toml::de::Error| {
            let span = error.span().unwrap_or(0..0);
            let message = error.message().to_owned();
            let mistake = Mistake::new(name, &shown, span, "unreadable", message, None);
            Mistakes {
                mistakes: vec![mistake],
            }
        })?;
        let config = Self {
            name: name.to_owned(),
            shown,
            folder,
            table,
        };
        if config.names().any(|name| name == REFERENCE) {
            return Err(config.one(
                &["target".into(), REFERENCE.into()],
                REFERENCE,
                "reserved-name",
                "`reference` is the name of the embedded server".into(),
                "give the target another name",
            ));
        }
        Ok(config)
    }

    /// The targets' names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let targets = self.table.get("target").and_then(toml::Value::as_table);
        targets
            .into_iter()
            .flat_map(toml::Table::keys)
            .map(String::as_str)
    }

    /// The target of that name, or the one that is meant where none is named.
    ///
    /// # Errors
    /// Where there is none, an environment variable is unset, or a value is wrong.
    pub fn target(
        &self,
        name: Option<&str>,
        lookup: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Target, ConfigError> {
        let names: Vec<&str> = self.names().collect();
        let default = match (name, self.table.get("default-target")) {
            (None, Some(default)) => {
                let mut default = default.clone();
                self.expand(&["default-target".into()], &mut default, lookup)?;
                default.as_str().map(str::to_owned)
            }
            _ => None,
        };
        let name = match name.or(default.as_deref()) {
            Some(name) => name,
            None if names.len() == 1 => names[0],
            None => {
                let (message, remedy) = if names.is_empty() {
                    (
                        format!("{} has no target", self.name),
                        "add `[target.NAME]` with an issuer, and a `[[target.NAME.client]]`",
                    )
                } else {
                    (
                        format!("{} has several targets: {}", self.name, names.join(", ")),
                        "choose one with --target, or with `default-target` in the file",
                    )
                };
                return Err(ConfigError::Target {
                    message,
                    remedy: remedy.into(),
                });
            }
        };
        let Some(mut value) = self
            .table
            .get("target")
            .and_then(|targets| targets.get(name))
            .cloned()
        else {
            return Err(ConfigError::Target {
                message: format!("there is no target `{name}` in {}", self.name),
                remedy: format!("it has: {}", names.join(", ")),
            });
        };
        let path = ["target".into(), name.into()];
        self.expand(&path, &mut value, lookup)?;
        let file: TargetFile = value.try_into().map_err(|error: toml::de::Error| {
            self.one(
                &["target".into(), name.into()],
                name,
                "unreadable",
                error.message().to_owned(),
                "see `tokenspec schema config`",
            )
        })?;
        self.resolve(name, file)
    }

    /// Puts the environment into a value; what is unset there is a mistake.
    fn expand(
        &self,
        path: &[At],
        value: &mut toml::Value,
        lookup: &dyn Fn(&str) -> Option<String>,
    ) -> Result<(), ConfigError> {
        let mut unset = Vec::new();
        environment::expand_all(value, lookup, &mut unset);
        let mistakes = unset
            .iter()
            .map(|variable| {
                self.mistake(
                    path,
                    &format!("${{{variable}}}"),
                    "unset-variable",
                    format!("the environment variable {variable} is not set"),
                    format!("set it: export {variable}=…"),
                )
            })
            .collect();
        Ok(Mistakes::check(mistakes)?)
    }

    /// A mistake at what `path` leads to, or at the part `needle` of it.
    fn mistake(
        &self,
        path: &[At],
        needle: &str,
        code: &'static str,
        message: String,
        remedy: impl Into<String>,
    ) -> Mistake {
        let remedy = Some(remedy.into());
        match Parsed::new(&self.name, &self.shown) {
            Ok(parsed) => parsed.mistake_of(path, needle, code, message, remedy),
            Err(_) => Mistake::new(&self.name, &self.shown, 0..0, code, message, remedy),
        }
    }

    fn one(
        &self,
        path: &[At],
        needle: &str,
        code: &'static str,
        message: String,
        remedy: impl Into<String>,
    ) -> ConfigError {
        Mistakes {
            mistakes: vec![self.mistake(path, needle, code, message, remedy)],
        }
        .into()
    }

    fn resolve(&self, name: &str, file: TargetFile) -> Result<Target, ConfigError> {
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
        if issuer.is_none() && endpoints.token.is_none() {
            mistakes.push(self.mistake(
                &of(&[]),
                "",
                "no-endpoint",
                format!("the target `{name}` has neither an issuer nor a token endpoint"),
                "add `issuer = \"https://…\"` or `token-endpoint = \"https://…\"`",
            ));
        }
        if let Some(Some(problem)) = file.http.proxy.as_deref().map(proxy_problem) {
            mistakes.push(self.mistake(
                &of(&["http", "proxy"]),
                "",
                "bad-url",
                format!("`proxy` is no URL that can be used: {problem}"),
                "write it as http://host:port or socks5://host:port",
            ));
        }
        for (header, value) in &file.http.headers {
            if http::HeaderName::try_from(header.as_str()).is_err()
                || http::HeaderValue::try_from(value.as_str()).is_err()
            {
                mistakes.push(self.mistake(
                    &of(&["http", "headers"]),
                    header,
                    "bad-header",
                    format!("`{header}` with this value is no HTTP header"),
                    "use letters, digits and hyphens for its name, printable ASCII for its value",
                ));
            }
        }
        if file.http.max_requests_per_second == Some(0) {
            mistakes.push(self.mistake(
                &of(&["http", "max-requests-per-second"]),
                "",
                "no-requests",
                "`max-requests-per-second = 0` lets no request be sent".into(),
                "say 1 or more, or leave it out",
            ));
        }
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
        let timeout = duration(&["http", "timeout"], file.http.timeout.as_ref());
        let code_lifetime = duration(&["code-lifetime"], file.code_lifetime.as_ref());
        let clock_skew = duration(&["clock-skew"], file.clock_skew.as_ref());
        let ca = match &file.http.ca_file {
            Some(path) => match std::fs::read(self.folder.join(path)) {
                Ok(bytes) => {
                    let begin = b"-----BEGIN CERTIFICATE-----";
                    if !bytes.windows(begin.len()).any(|window| window == begin) {
                        mistakes.push(self.mistake(
                            &of(&["http", "ca-file"]),
                            "",
                            "no-certificate",
                            format!("the CA file {path} has no certificate in it"),
                            "it has to be PEM: `-----BEGIN CERTIFICATE-----`…",
                        ));
                    }
                    Some(bytes)
                }
                Err(error) => {
                    mistakes.push(self.mistake(
                        &of(&["http", "ca-file"]),
                        "",
                        "unreadable-file",
                        format!("the CA file {path} cannot be read: {error}"),
                        "the path is relative to the configuration's folder",
                    ));
                    None
                }
            },
            None => None,
        };
        let login = match file.login {
            Some(login) => {
                if login.via == LoginVia::Command && login.command.is_empty() {
                    mistakes.push(self.mistake(
                        &of(&["login", "via"]),
                        "",
                        "no-command",
                        "`via = \"command\"` needs a command".into(),
                        "add `command = [\"./log-me-in\"]`",
                    ));
                }
                if login.codes_at_once == Some(0) {
                    mistakes.push(self.mistake(
                        &of(&["login", "codes-at-once"]),
                        "",
                        "no-codes",
                        "`codes-at-once = 0` lets no code live".into(),
                        "say 1 or more, or leave it out",
                    ));
                }
                Some(Login {
                    via: login.via,
                    command: login.command,
                    folder: self.folder.clone(),
                    username: login.username.as_deref().map(Secret::new),
                    password: login.password.as_deref().map(Secret::new),
                    params: login.params,
                    codes_at_once: login.codes_at_once,
                })
            }
            None => None,
        };
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
            clients.push(self.client(&at, client, &mut mistakes));
        }
        mistakes.sort_by_key(Mistake::position);
        Mistakes::check(mistakes)?;
        Ok(Target {
            name: name.to_owned(),
            awaits_metadata: issuer.is_some(),
            issuer,
            profile: file.profile,
            endpoints,
            code_lifetime,
            clock_skew: clock_skew.unwrap_or(Duration::from_secs(10)),
            snapshots: file.snapshots,
            clients,
            login,
            http: Http {
                timeout: timeout.unwrap_or(Duration::from_secs(10)),
                max_requests_per_second: file.http.max_requests_per_second,
                headers: file.http.headers,
                proxy: file.http.proxy,
                ca,
            },
            implementation: file.implementation,
        })
    }

    fn client(&self, at: &[At], file: ClientFile, mistakes: &mut Vec<Mistake>) -> Client {
        let mut auth = file.auth;
        if auth.is_empty() {
            let method = if file.secret.is_some() {
                "client_secret_basic"
            } else {
                "none"
            };
            auth.push(method.to_owned());
        }
        for method in &auth {
            let confidential = method != "none";
            if !METHODS.contains(&method.as_str()) {
                mistakes.push(self.mistake(
                    &below(at, "auth"),
                    &format!("\"{method}\""),
                    "unknown-method",
                    format!("`{method}` is no client authentication method that tokenspec knows"),
                    format!("known are: {}", METHODS.join(", ")),
                ));
            } else if confidential != file.secret.is_some() {
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
        Client {
            name: file.name,
            id: file.id,
            secret: file.secret.as_deref().map(Secret::new),
            auth,
            grants: file.grants,
            redirect_uris: file.redirect_uris,
            scope: file.scope,
            wider_scope: file.wider_scope,
            client_credentials_scope: file.client_credentials_scope,
        }
    }
}

impl Target {
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
                vault.learn(&format!("{name}.secret"), secret.expose());
                for (id, secret) in [
                    (client.id.clone(), secret.expose().to_owned()),
                    (
                        crate::secret::form_encode(client.id.as_bytes()),
                        crate::secret::form_encode(secret.expose().as_bytes()),
                    ),
                ] {
                    let pair = format!("{id}:{secret}");
                    let shown = format!("Base64 of {name}.id:{name}.secret");
                    vault.learn(&shown, &crate::secret::base64(pair.as_bytes()));
                }
            }
            vault.learn_identifier(&format!("{name}.id"), &client.id);
        }
        if let Some(login) = &self.login {
            for (name, value) in [("username", &login.username), ("password", &login.password)] {
                if let Some(value) = value {
                    vault.learn(&format!("login.{name}"), value.expose());
                }
            }
        }
    }
}

fn below(path: &[At], key: &str) -> Vec<At> {
    path.iter().cloned().chain([key.into()]).collect()
}

fn url_problem(text: &str) -> Option<String> {
    match Url::parse(text) {
        Err(error) => Some(error.to_string()),
        Ok(url) if !matches!(url.scheme(), "http" | "https") => {
            Some(format!("the scheme is `{}`", url.scheme()))
        }
        Ok(url) if url.host_str().is_none_or(str::is_empty) => Some("it has no host".into()),
        Ok(_) => None,
    }
}

fn proxy_problem(text: &str) -> Option<String> {
    match Url::parse(text) {
        Err(error) => Some(error.to_string()),
        Ok(url) if !matches!(url.scheme(), "http" | "https" | "socks5" | "socks5h") => {
            Some(format!("the scheme is `{}`", url.scheme()))
        }
        Ok(_) => None,
    }
}
