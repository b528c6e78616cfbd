//! `tokenspec.toml` as it is written.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `tokenspec.toml`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ConfigFile {
    /// Which target a run is on where none is named and there are several.
    #[serde(default)]
    pub default_target: Option<String>,
    /// The targets, by name.
    #[serde(default)]
    pub target: IndexMap<String, TargetFile>,
}

/// `[target.NAME]`: one authorization server.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct TargetFile {
    /// The issuer identifier; its metadata fills in the endpoints that are not said.
    #[serde(default)]
    pub issuer: Option<String>,
    /// What the endpoint claims to be.
    #[serde(default)]
    pub profile: Vec<String>,
    /// The token endpoint.
    #[serde(default)]
    pub token_endpoint: Option<String>,
    /// The authorization endpoint.
    #[serde(default)]
    pub authorization_endpoint: Option<String>,
    /// The key set.
    #[serde(default)]
    pub jwks_uri: Option<String>,
    /// The introspection endpoint.
    #[serde(default)]
    pub introspection_endpoint: Option<String>,
    /// The revocation endpoint.
    #[serde(default)]
    pub revocation_endpoint: Option<String>,
    /// The userinfo endpoint.
    #[serde(default)]
    pub userinfo_endpoint: Option<String>,
    /// Origins beside the issuer's, as `https://api.example.com`, on which endpoints that the metadata
    /// names may lie. Credentials go to no others but those written here by hand.
    #[serde(default)]
    pub trust_endpoints_on: Vec<String>,
    /// How long an authorization code lives, as `60s`; cases that wait for it run with `--slow`.
    #[serde(default)]
    pub code_lifetime: Option<String>,
    /// How long a refresh token that was rotated out still works, as `30s`, for a client that lost
    /// the answer. Cases about rotation wait for it, and run with `--slow`; none if not said.
    #[serde(default)]
    pub refresh_token_leeway: Option<String>,
    /// The difference of clocks that is allowed, as `10s`; 10 seconds if not said.
    #[serde(default)]
    pub clock_skew: Option<String>,
    /// Whether snapshots are compared: `off`, `check` or `update`.
    #[serde(default)]
    pub snapshots: Option<SnapshotMode>,
    /// The registered clients; a case takes the first that fits.
    #[serde(default)]
    pub client: Vec<ClientFile>,
    /// How an authorization code is got.
    #[serde(default)]
    pub login: Option<LoginFile>,
    /// The user whose name and password are sent to the token endpoint.
    #[serde(default)]
    pub user: Option<UserFile>,
    /// The extension grants that the target serves.
    #[serde(default)]
    pub extension_grant: Vec<ExtensionGrantFile>,
    /// How requests are sent.
    #[serde(default)]
    pub http: HttpFile,
    /// Who made the implementation, for the report.
    #[serde(default)]
    pub implementation: Option<Implementation>,
}

/// What `--snapshots` does.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, clap::ValueEnum,
)]
#[serde(rename_all = "kebab-case")]
pub enum SnapshotMode {
    /// Nothing is compared.
    Off,
    /// Responses are compared with the accepted ones; a difference fails the run.
    Check,
    /// The responses of this run are the accepted ones from now on.
    Update,
}

/// `[[target.NAME.client]]`: a registered client.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ClientFile {
    /// How it is called in messages and masks.
    pub name: String,
    /// The client identifier.
    pub id: String,
    /// The client secret; a public client has none.
    #[serde(default)]
    pub secret: Option<String>,
    /// The client authentication methods that it is registered for: `client_secret_basic`,
    /// `client_secret_post`, `client_secret_jwt`, `private_key_jwt`, `none`.
    #[serde(default)]
    pub auth: Vec<String>,
    /// `private_key_jwt`: a file with the private key, as PEM (PKCS #8, PKCS #1 or SEC 1, not
    /// encrypted) or as a JWK; the path is relative to the folder of this file.
    #[serde(default)]
    pub key_file: Option<String>,
    /// `private_key_jwt`: the private key itself, as `${STAGING_CLIENT_KEY}`, in place of `key-file`.
    #[serde(default)]
    pub key: Option<String>,
    /// What the server calls the key; that of the JWK, or none, if not said.
    #[serde(default)]
    pub kid: Option<String>,
    /// What assertions are signed with, as `PS256`; RS256, the algorithm of the key's curve, or HS256
    /// (`client_secret_jwt`) if not said.
    #[serde(default)]
    pub signing_alg: Option<String>,
    /// Whom assertions name as their audience; the token endpoint if not said.
    #[serde(default)]
    pub assertion_audience: AssertionAudience,
    /// The grants that it is registered for.
    #[serde(default)]
    pub grants: Vec<String>,
    /// Its redirect URIs.
    #[serde(default)]
    pub redirect_uris: Vec<String>,
    /// The scope that is asked for with a code.
    #[serde(default)]
    pub scope: Option<String>,
    /// A scope with more in it that this client may have too.
    #[serde(default)]
    pub wider_scope: Option<String>,
    /// The scope that is asked for with client credentials.
    #[serde(default)]
    pub client_credentials_scope: Option<String>,
    /// The algorithm that its ID Tokens are signed with by its registration
    /// (`id_token_signed_response_alg`), as `RS256`.
    #[serde(default)]
    pub id_token_alg: Option<String>,
    /// It may ask the introspection endpoint about the tokens of every client, as a resource server
    /// does.
    #[serde(default)]
    pub introspects: bool,
    /// The resources that it may ask for tokens for (RFC 8707), with `client_credentials` as with a
    /// code. Two, whose tokens differ in their audience, let every case run.
    #[serde(default)]
    pub resource: Vec<ResourceFile>,
}

/// Whom a client assertion names as its audience.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AssertionAudience {
    /// The URL of the token endpoint (OpenID Connect Core 9, RFC 7523 section 3).
    #[default]
    TokenEndpoint,
    /// The issuer identifier (FAPI 2.0, OAuth 2.1).
    Issuer,
}

/// `[[target.NAME.client.resource]]`: something that tokens are for (RFC 8707).
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ResourceFile {
    /// Its resource indicator, an absolute URI without a fragment.
    pub uri: String,
    /// What `aud` says of it; the URI itself if not said.
    #[serde(default)]
    pub audience: Option<String>,
    /// A scope that belongs to it alone, and that the client may ask for with `client_credentials`.
    #[serde(default)]
    pub scope: Option<String>,
}

/// How a code is got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LoginVia {
    /// The authorization endpoint redirects at once.
    Auto,
    /// Through the login and consent pages of the server, without a browser: no script runs.
    Form,
    /// Through the login and consent pages of the server, in a headless browser.
    Browser,
    /// A program gets the authorization URL as its last argument and prints the redirect URL, or
    /// the code.
    Command,
    /// A person opens the authorization URL. The redirect is awaited at the redirect URI where that
    /// is a loopback address, else it is to be pasted.
    Manual,
}

/// `[target.NAME.login]`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LoginFile {
    /// How.
    pub via: LoginVia,
    /// The user's name.
    #[serde(default)]
    pub username: Option<String>,
    /// The user's password.
    #[serde(default)]
    pub password: Option<String>,
    /// `via = "form"` or `"browser"`: the name or id of the field that takes the user's name; found
    /// by type and name if not said.
    #[serde(default)]
    pub username_field: Option<String>,
    /// `via = "form"` or `"browser"`: the name or id of the field that takes the password; found by
    /// type if not said.
    #[serde(default)]
    pub password_field: Option<String>,
    /// `via = "form"` or `"browser"`: the name, id, value or label of the button or link that
    /// consents; one that says allow, accept, continue, authorize, consent, yes or the like if not
    /// said.
    #[serde(default)]
    pub consent_button: Option<String>,
    /// `via = "manual"`: how long the answer is awaited for each code, as `2min`; 5 minutes if not
    /// said. `via = "browser"`: how long a login may take; 1 minute if not said.
    #[serde(default)]
    pub timeout: Option<String>,
    /// `via = "browser"`: what is done on the pages, in this order; if nothing is said, the user's
    /// name and password are filled in and sent, and a consent is given.
    #[serde(default)]
    pub step: Vec<StepFile>,
    /// `via = "browser"`: the WebDriver program (`chromedriver` if not said), or the URL of a
    /// WebDriver that runs, as `http://127.0.0.1:4444`.
    #[serde(default)]
    pub driver: Option<String>,
    /// `via = "browser"`: the browser's program; the driver's own choice, or the first Chromium or
    /// Chrome in the search path, if not said.
    #[serde(default)]
    pub browser: Option<String>,
    /// `via = "command"`: the program and its arguments, from the folder of this file.
    #[serde(default)]
    pub command: Vec<String>,
    /// Further parameters of the authorization request.
    #[serde(default)]
    pub params: IndexMap<String, String>,
    /// How many unused codes the server lets live; as many as asked for if not said.
    #[serde(default)]
    pub codes_at_once: Option<usize>,
    /// Somebody else who may log in: lets cases run that compare two users.
    #[serde(default)]
    pub second_user: Option<SecondUserFile>,
}

/// `[target.NAME.login.second-user]`: what is otherwise than in `login`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SecondUserFile {
    /// The user's name.
    #[serde(default)]
    pub username: Option<String>,
    /// The user's password.
    #[serde(default)]
    pub password: Option<String>,
    /// Further parameters of the authorization request, in place of those of `login`:
    /// `{ login_hint = "…" }` tells a login command who is meant.
    #[serde(default)]
    pub params: IndexMap<String, String>,
}

/// `[target.NAME.user]`: who uses the password grant (RFC 6749 section 4.3). Where there is none,
/// the `username` and `password` of the login stand in.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct UserFile {
    /// The user's name.
    pub username: String,
    /// The user's password.
    pub password: String,
    /// Further parameters of each request with a password.
    #[serde(default)]
    pub params: IndexMap<String, String>,
}

/// `[[target.NAME.extension-grant]]`: what an extension grant sends (RFC 6749 section 4.5).
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ExtensionGrantFile {
    /// Its `grant_type`, an absolute URI.
    #[serde(rename = "type")]
    pub kind: String,
    /// The parameters of each request, beside `grant_type` and those of the client.
    #[serde(default)]
    pub params: IndexMap<String, String>,
    /// A program and its arguments, started in the folder of this file before each request: it
    /// prints further parameters, one `NAME=VALUE` a line.
    #[serde(default)]
    pub command: Vec<String>,
}

/// `[[target.NAME.login.step]]`: one of `fill`, `click` and `wait`, each with the CSS selector of
/// an element; the first that is visible is meant. Each waits for its element as long as
/// `http.timeout` says.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct StepFile {
    /// Types `with` into this field.
    #[serde(default)]
    pub fill: Option<String>,
    /// What `fill` types, as `${STAGING_USER}`.
    #[serde(default)]
    pub with: Option<String>,
    /// Clicks this.
    #[serde(default)]
    pub click: Option<String>,
    /// Waits until this is visible.
    #[serde(default)]
    pub wait: Option<String>,
    /// Whether the step is passed over where the element of the next one is there first.
    #[serde(default)]
    pub optional: bool,
}

/// `[target.NAME.http]`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct HttpFile {
    /// How long an exchange may take, as `10s`; 10 seconds if not said.
    #[serde(default)]
    pub timeout: Option<String>,
    /// How long it may take to connect, as `3s`; as long as an exchange if not said.
    #[serde(default)]
    pub connect_timeout: Option<String>,
    /// How many requests are sent in a second at the most.
    #[serde(default)]
    pub max_requests_per_second: Option<u32>,
    /// Further headers of every request.
    #[serde(default)]
    pub headers: IndexMap<String, String>,
    /// A proxy: `http://…`, `https://…` or `socks5://…`. No proxy is taken from the environment.
    #[serde(default)]
    pub proxy: Option<String>,
    /// A file with CA certificates (PEM) that are trusted beside the usual ones.
    #[serde(default)]
    pub ca_file: Option<String>,
    /// Whether nothing but `ca-file` is trusted.
    #[serde(default)]
    pub only_ca_file: bool,
    /// A file with a client certificate (PEM) and what leads up to its CA, for TLS; it may hold the
    /// key too.
    #[serde(default)]
    pub client_certificate: Option<String>,
    /// A file with the private key (PEM) of the client certificate.
    #[serde(default)]
    pub client_key: Option<String>,
    /// Whether certificates are not verified at all: whoever sits in between can read and change
    /// everything. Every report says so.
    #[serde(default)]
    pub insecure: bool,
    /// Addresses of host names, in place of what DNS says.
    #[serde(default)]
    pub resolve: IndexMap<String, String>,
}

/// Who made the implementation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Implementation {
    /// The organization.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// The project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// Where it is found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Its version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Whom to ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
}

impl Implementation {
    /// What it is called: project and version, and whose it is; nothing where none of these is said.
    #[must_use]
    pub fn shown(&self) -> Option<String> {
        let said = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let (organization, project) = (said(&self.organization), said(&self.project));
        let (name, of) = match (project, organization) {
            (Some(project), of) => (Some(project), of),
            (None, organization) => (organization, None),
        };
        let words: Vec<String> = [name, said(&self.version), of.map(|of| format!("({of})"))]
            .into_iter()
            .flatten()
            .collect();
        (!words.is_empty()).then(|| words.join(" "))
    }
}
