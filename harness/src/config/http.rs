//! How requests are sent: `[target.NAME.http]`, looked at and resolved.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use indexmap::IndexMap;
use url::Url;

use super::file::HttpFile;
use super::read::Config;
use super::resolve::SHORTEST;
use crate::catalogue::{At, Mistake};
use crate::secret::{SecretKind, Vault, form_encode};

/// What an exchange may take where nothing is said.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Parts of the names of headers whose values are secrets, wherever they come from.
const SECRET_NAMES: &[&str] = &["auth", "cookie", "key", "password", "secret", "token"];

/// How requests are sent.
#[derive(Debug, Clone)]
pub struct Http {
    /// How long an exchange may take.
    pub timeout: Duration,
    /// How long it may take to connect.
    pub connect_timeout: Duration,
    /// How many requests are sent in a second at the most.
    pub max_requests_per_second: Option<u32>,
    /// Further headers of every request.
    pub headers: IndexMap<String, String>,
    /// Names of those headers whose values are secrets.
    pub secret_headers: Vec<String>,
    /// A proxy.
    pub proxy: Option<String>,
    /// Trusted CA certificates, PEM.
    pub ca: Option<Vec<u8>>,
    /// The file that they are in.
    pub ca_file: Option<String>,
    /// Whether nothing else is trusted.
    pub only_ca: bool,
    /// The client's certificate.
    pub identity: Option<Identity>,
    /// Whether certificates are not verified.
    pub insecure: bool,
    /// Addresses of host names, in place of what DNS says.
    pub resolve: Vec<(String, IpAddr)>,
}

impl Default for Http {
    fn default() -> Self {
        Self {
            timeout: TIMEOUT,
            connect_timeout: TIMEOUT,
            max_requests_per_second: None,
            headers: IndexMap::new(),
            secret_headers: Vec::new(),
            proxy: None,
            ca: None,
            ca_file: None,
            only_ca: false,
            identity: None,
            insecure: false,
            resolve: Vec::new(),
        }
    }
}

impl Http {
    /// Teaches the vault the secrets among the headers, and the proxy's credentials.
    pub(super) fn teach(&self, vault: &Vault) {
        for name in &self.secret_headers {
            let Some(value) = self.headers.get(name) else {
                continue;
            };
            let shown = format!("http.headers.{name}");
            vault.learn(SecretKind::Credential, &shown, value);
            vault.learn(SecretKind::Credential, &shown, credential(value));
        }
        if let Some(url) = self.proxy.as_deref().and_then(|text| Url::parse(text).ok()) {
            let decoded = |text: &str| {
                percent_encoding::percent_decode_str(text)
                    .decode_utf8_lossy()
                    .into_owned()
            };
            if let Some(password) = url.password() {
                let (user, secret) = (decoded(url.username()), decoded(password));
                let pair = format!("{user}:{secret}");
                vault.learn(SecretKind::Credential, "http.proxy password", &secret);
                vault.learn(SecretKind::Credential, "http.proxy password", password);
                vault.learn(
                    SecretKind::Credential,
                    "http.proxy password",
                    &form_encode(secret.as_bytes()),
                );
                vault.learn(
                    SecretKind::Credential,
                    "Base64 of http.proxy user:password",
                    &crate::secret::base64(pair.as_bytes()),
                );
            }
        }
    }
}

/// What follows the scheme of an `Authorization` header; any other value as it is.
fn credential(value: &str) -> &str {
    value
        .split_once(' ')
        .map_or(value, |(_, rest)| rest)
        .trim_start()
}

/// A client certificate with its key.
#[derive(Clone)]
pub struct Identity {
    /// Both, PEM.
    pub pem: Vec<u8>,
    /// The file of the certificate.
    pub certificate: String,
    /// The file of the key, where it is another.
    pub key: Option<String>,
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity({})", self.certificate)
    }
}

/// The table that is looked at, and what is wrong with it.
struct Table<'c> {
    config: &'c Config,
    name: &'c str,
    mistakes: &'c mut Vec<Mistake>,
}

impl Table<'_> {
    fn wrong(
        &mut self,
        key: &str,
        needle: &str,
        code: &'static str,
        message: String,
        remedy: &str,
    ) {
        let path: Vec<At> = ["target", self.name, "http", key]
            .into_iter()
            .map(At::from)
            .collect();
        let mistake = self.config.mistake(&path, needle, code, message, remedy);
        self.mistakes.push(mistake);
    }

    fn duration(&mut self, key: &'static str, value: Option<&String>) -> Option<Duration> {
        match humantime::parse_duration(value?) {
            Ok(duration) if duration.is_zero() => {
                self.wrong(
                    key,
                    "",
                    "no-time",
                    format!("`{key} = 0s` lets nothing be answered"),
                    "write it as 10s, 500ms or 2min",
                );
                None
            }
            Ok(duration) => Some(duration),
            Err(error) => {
                self.wrong(
                    key,
                    "",
                    "bad-duration",
                    format!("`{key}` is no duration: {error}"),
                    "write it as 10s, 500ms or 2min",
                );
                None
            }
        }
    }

    /// A PEM file; `what` has to be in it.
    fn pem(
        &mut self,
        key: &'static str,
        path: Option<&String>,
        what: &str,
        is: &str,
    ) -> Option<Vec<u8>> {
        let path = path?;
        match std::fs::read(self.config.folder.join(path)) {
            Ok(bytes) => {
                if !holds(&bytes, what) {
                    self.wrong(
                        key,
                        "",
                        if what == CERTIFICATE {
                            "no-certificate"
                        } else {
                            "no-key"
                        },
                        format!("the {is} {path} has no {} in it", what.to_lowercase()),
                        "it has to be PEM, not encrypted: `-----BEGIN `…",
                    );
                }
                Some(bytes)
            }
            Err(error) => {
                self.wrong(
                    key,
                    "",
                    "unreadable-file",
                    format!("the {is} {path} cannot be read: {error}"),
                    "the path is relative to the configuration's folder",
                );
                None
            }
        }
    }

    fn headers(&mut self, file: &HttpFile) -> Vec<String> {
        let mut secret = Vec::new();
        for (name, value) in &file.headers {
            if http::HeaderName::try_from(name.as_str()).is_err()
                || http::HeaderValue::try_from(value.as_str()).is_err()
            {
                self.wrong(
                    "headers",
                    name,
                    "bad-header",
                    format!("`{name}` with this value is no HTTP header"),
                    "use letters, digits and hyphens for its name, printable ASCII for its value",
                );
            }
            let lower = name.to_ascii_lowercase();
            let named = SECRET_NAMES.iter().any(|part| lower.contains(part));
            if !named && !self.config.is_from_environment(self.name, name) {
                continue;
            }
            if credential(value).chars().count() < SHORTEST {
                self.wrong(
                    "headers",
                    name,
                    "short-secret",
                    format!("the value of the header `{name}` has fewer than {SHORTEST} characters"),
                    "a value that short cannot be kept out of reports: it stands everywhere; one that is no \
                     secret is written into the file, not taken from the environment",
                );
            }
            secret.push(name.clone());
        }
        secret
    }

    fn proxy(&mut self, proxy: Option<&String>) {
        let Some(text) = proxy else { return };
        let problem = match Url::parse(text) {
            Err(error) => Some(error.to_string()),
            Ok(url) if !matches!(url.scheme(), "http" | "https" | "socks5" | "socks5h") => {
                Some(format!("the scheme is `{}`", url.scheme()))
            }
            Ok(url) => {
                let short = |password: &str| password.chars().count() < SHORTEST;
                if url.password().is_some_and(short) {
                    self.wrong(
                        "proxy",
                        "",
                        "short-secret",
                        format!("the proxy's password has fewer than {SHORTEST} characters"),
                        "a value that short cannot be kept out of reports: it stands everywhere",
                    );
                }
                None
            }
        };
        if let Some(problem) = problem {
            self.wrong(
                "proxy",
                "",
                "bad-url",
                format!("`proxy` is no URL that can be used: {problem}"),
                "write it as http://host:port or socks5://host:port",
            );
        }
    }

    fn resolve(&mut self, names: &IndexMap<String, String>) -> Vec<(String, IpAddr)> {
        let mut resolved = Vec::new();
        for (name, address) in names {
            match address.parse() {
                Ok(address) => resolved.push((name.to_ascii_lowercase(), address)),
                Err(_) => self.wrong(
                    "resolve",
                    address,
                    "bad-address",
                    format!("`{name}` cannot be at `{address}`, which is no IP address"),
                    "write it as \"login.example.com\" = \"10.0.0.7\"; the port is the URL's",
                ),
            }
        }
        resolved
    }

    fn identity(&mut self, file: &HttpFile) -> Option<Identity> {
        let Some(certificate) = &file.client_certificate else {
            if file.client_key.is_some() {
                self.wrong(
                    "client-key",
                    "",
                    "key-alone",
                    "`client-key` without `client-certificate` shows nothing to a server".into(),
                    "name the certificate's file in `client-certificate`",
                );
            }
            return None;
        };
        let mut pem = self.pem(
            "client-certificate",
            Some(certificate),
            CERTIFICATE,
            "client certificate file",
        )?;
        match &file.client_key {
            Some(_) => {
                let key = self.pem("client-key", file.client_key.as_ref(), KEY, "key file")?;
                pem.push(b'\n');
                pem.extend(key);
            }
            None if !holds(&pem, KEY) => {
                self.wrong(
                    "client-certificate",
                    "",
                    "no-key",
                    format!("there is no private key beside the certificate in {certificate}"),
                    "name the key's file in `client-key`",
                );
            }
            None => {}
        }
        if reqwest::Identity::from_pem(&pem).is_err()
            && holds(&pem, KEY)
            && holds(&pem, CERTIFICATE)
        {
            self.wrong(
                "client-certificate",
                "",
                "bad-certificate",
                "the client certificate and its key cannot be read".into(),
                "both have to be PEM, and the key not encrypted: `openssl pkey -in KEY -text -noout` reads it",
            );
        }
        Some(Identity {
            pem,
            certificate: certificate.clone(),
            key: file.client_key.clone(),
        })
    }
}

/// A block of a PEM file, by the end of its label (RFC 7468 section 4).
const CERTIFICATE: &str = "CERTIFICATE";
const KEY: &str = "PRIVATE KEY";

fn holds(pem: &[u8], what: &str) -> bool {
    String::from_utf8_lossy(pem).lines().any(|line| {
        let label = line
            .trim()
            .strip_prefix("-----BEGIN ")
            .and_then(|rest| rest.strip_suffix("-----"));
        label.is_some_and(|label| label.ends_with(what) && !label.starts_with("ENCRYPTED"))
    })
}

impl Config {
    /// Looks at `[target.NAME.http]`.
    pub(super) fn http(&self, name: &str, file: HttpFile, mistakes: &mut Vec<Mistake>) -> Http {
        let mut table = Table {
            config: self,
            name,
            mistakes,
        };
        table.proxy(file.proxy.as_ref());
        let secret_headers = table.headers(&file);
        if file.max_requests_per_second == Some(0) {
            table.wrong(
                "max-requests-per-second",
                "",
                "no-requests",
                "`max-requests-per-second = 0` lets no request be sent".into(),
                "say 1 or more, or leave it out",
            );
        }
        let timeout = table
            .duration("timeout", file.timeout.as_ref())
            .unwrap_or(TIMEOUT);
        let connect_timeout = table
            .duration("connect-timeout", file.connect_timeout.as_ref())
            .unwrap_or(timeout);
        let ca = table.pem("ca-file", file.ca_file.as_ref(), CERTIFICATE, "CA file");
        if file.only_ca_file && file.ca_file.is_none() {
            table.wrong(
                "only-ca-file",
                "",
                "no-ca-file",
                "`only-ca-file` without `ca-file` trusts nobody".into(),
                "name the file in `ca-file`",
            );
        }
        let identity = table.identity(&file);
        let resolve = table.resolve(&file.resolve);
        Http {
            timeout,
            connect_timeout,
            max_requests_per_second: file.max_requests_per_second,
            headers: file.headers,
            secret_headers,
            proxy: file.proxy,
            ca,
            ca_file: file.ca_file,
            only_ca: file.only_ca_file,
            identity,
            insecure: file.insecure,
            resolve,
        }
    }

    /// Whether the value of a header is taken from the environment, wholly or in part.
    fn is_from_environment(&self, target: &str, header: &str) -> bool {
        let mut value = self.table.get("target").and_then(|all| all.get(target));
        for key in ["http", "headers", header] {
            value = value.and_then(|value| value.get(key));
        }
        value
            .and_then(toml::Value::as_str)
            .is_some_and(|text| text.replace("$${", "").contains("${"))
    }
}
