//! Suites, cases and steps as they are written.

use std::sync::Arc;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Expectation, OneOrMany, Request, Scalar};

/// `cases/GROUP/TOPIC.toml`: the cases of one topic.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SuiteFile {
    /// What the cases are about.
    pub title: String,
    /// The document whose prefix requirement ids may leave out.
    #[serde(default)]
    pub document: Option<String>,
    /// The cases.
    pub case: Vec<Case>,
}

/// A suite under its path.
#[derive(Debug, Clone)]
pub struct Suite {
    /// Whether it was added to what comes with tokenspec.
    pub own: bool,
    /// Its path without `.toml`: `authorization_code/exchange`.
    pub name: String,
    /// What the cases are about.
    pub title: String,
    /// The cases; requirement ids are complete.
    pub cases: Vec<Arc<Case>>,
}

/// The valid request that a case begins with.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Start {
    /// A code from the authorization endpoint (RFC 6749 section 4.1.3).
    AuthorizationCode,
    /// A refresh token that was got with a code (RFC 6749 section 6).
    RefreshToken,
    /// The client's own credentials (RFC 6749 section 4.4.2).
    ClientCredentials,
    /// A user's name and password (RFC 6749 section 4.3.2).
    Password,
    /// An extension grant, which the case's `grant` names (RFC 6749 section 4.5).
    Extension,
    /// A made-up code: with the right credentials it is answered `invalid_grant`.
    MadeUpCode,
    /// A made-up refresh token: with the right credentials it is answered `invalid_grant`.
    MadeUpRefreshToken,
    /// The authorization request itself (RFC 6749 section 4.1.1): what comes to the redirect URI is
    /// judged, its parameters as members of a JSON object.
    AuthorizationRequest,
    /// The first of these that the target has: `client_credentials`, `authorization_code`,
    /// `made_up_code`.
    Any,
}

impl Start {
    /// Its name in case files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
            Self::ClientCredentials => "client_credentials",
            Self::Password => "password",
            Self::Extension => "extension",
            Self::MadeUpCode => "made_up_code",
            Self::MadeUpRefreshToken => "made_up_refresh_token",
            Self::AuthorizationRequest => "authorization_request",
            Self::Any => "any",
        }
    }

    /// The `grant_type` of the request; that of an extension is said by the case.
    #[must_use]
    pub const fn grant_type(self) -> &'static str {
        match self {
            Self::AuthorizationCode | Self::AuthorizationRequest | Self::MadeUpCode | Self::Any => {
                "authorization_code"
            }
            Self::RefreshToken | Self::MadeUpRefreshToken => "refresh_token",
            Self::ClientCredentials => "client_credentials",
            Self::Password => "password",
            Self::Extension => "extension",
        }
    }

    /// Whether the unchanged request gives a token.
    #[must_use]
    pub const fn can_succeed(self) -> bool {
        !matches!(self, Self::MadeUpCode | Self::MadeUpRefreshToken)
    }
}

/// The extension grant of a case that starts from `extension` (RFC 6749 section 4.5).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ExtensionGrant {
    /// Its `grant_type`, an absolute URI; it may name a value of the row, as `{{each.type}}`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The valid request has its parameters in a JSON object instead of a form.
    #[serde(default)]
    pub json: bool,
}

/// The axis along which a case is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ForEach {
    /// `client_secret_basic` and `client_secret_post`.
    ClientSecretMethod,
    /// `private_key_jwt` and `client_secret_jwt`.
    AssertionMethod,
}

impl ForEach {
    /// The values of the axis, in their fixed order.
    #[must_use]
    pub const fn values(self) -> &'static [&'static str] {
        match self {
            Self::ClientSecretMethod => &["client_secret_basic", "client_secret_post"],
            Self::AssertionMethod => &["private_key_jwt", "client_secret_jwt"],
        }
    }
}

/// How much a case may kill beyond what it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Destroys {
    /// The grant: the tokens that came of one code.
    Grant,
    /// All that the client holds.
    Client,
    /// All that the user has granted.
    User,
}

/// What the target has to have, beyond what the case's words already say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Need {
    /// The client asks for the scope `openid`.
    Openid,
    /// A user's name and password (`user`, or those of `login`).
    User,
    /// The client has a `wider-scope`.
    WiderScope,
    /// The client has a `client-credentials-scope`.
    ClientCredentialsScope,
    /// A way to get a code.
    Login,
    /// A grant that can succeed.
    Grant,
    /// The target's configuration says how long a code lives, and it is short.
    CodeLifetime,
    /// The target states no leeway in which a rotated refresh token still works.
    NoLeeway,
    /// A key set.
    Jwks,
    /// An introspection endpoint.
    Introspection,
    /// A userinfo endpoint.
    Userinfo,
    /// A revocation endpoint.
    Revocation,
    /// Metadata.
    Metadata,
    /// A second user, in the configuration of `login`.
    SecondUser,
    /// The client says which `id-token-alg` it is registered for.
    IdTokenAlg,
    /// The client has a `resource` (RFC 8707).
    Resource,
    /// The client has two of them.
    SecondResource,
    /// And each of the two has a `scope` of its own.
    ResourceScopes,
}

/// Which client a case takes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ClientChoice {
    /// Public (without credentials), or not.
    #[serde(default)]
    pub public: Option<bool>,
    /// Registered for this client authentication method.
    #[serde(default)]
    pub auth: Option<String>,
    /// Its id or secret has characters that form encoding changes (RFC 6749 section 2.3.1).
    #[serde(default)]
    pub reserved_characters: Option<bool>,
    /// Its id has this text in it.
    #[serde(default)]
    pub id_contains: Option<String>,
    /// Not registered for this grant, which another client is registered for.
    #[serde(default)]
    pub without_grant: Option<String>,
    /// Registered for ID Tokens of this algorithm, as the configuration says.
    #[serde(default)]
    pub id_token_alg: Option<String>,
    /// Its assertions are signed with this algorithm.
    #[serde(default)]
    pub signing_alg: Option<String>,
    /// Registered for at least so many redirect URIs.
    #[serde(default)]
    pub redirect_uris: Option<usize>,
}

/// How the code challenge of RFC 7636 is sent.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub enum Pkce {
    /// `code_challenge_method=S256`: the default of every code.
    S256,
    /// `code_challenge_method=plain`.
    #[serde(rename = "plain")]
    Plain,
    /// No challenge.
    #[serde(rename = "none")]
    None,
}

/// Whether a nonce is sent.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Nonce {
    /// A random one, where the scope has `openid`: the default.
    Random,
    /// None.
    None,
}

/// Which redirect URI a code is got with.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum RedirectUri {
    /// The client's first: the default.
    First,
    /// The client's second.
    Second,
    /// None is sent, neither for the code nor with it.
    None,
}

/// As whom and how the code or token is got that a case starts from.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Acquire {
    /// `other`: it is got as the other client.
    #[serde(default)]
    pub client: Option<AsClient>,
    /// The scope that is asked for, as text: `{{client.wider_scope}}`, for example; with an empty
    /// text none is sent.
    #[serde(default)]
    pub scope: Option<String>,
    /// How the code challenge is sent.
    #[serde(default)]
    pub pkce: Option<Pkce>,
    /// The code verifier, where a random one of 43 characters will not do.
    #[serde(default)]
    pub verifier: Option<String>,
    /// Whether a nonce is sent.
    #[serde(default)]
    pub nonce: Option<Nonce>,
    /// The redirect URI that the code is got with.
    #[serde(default)]
    pub redirect_uri: Option<RedirectUri>,
    /// Further parameters of the authorization request.
    #[serde(default)]
    pub params: IndexMap<String, String>,
    /// What the tokens are asked for, a parameter `resource` each (RFC 8707 section 2.1).
    #[serde(default)]
    pub resources: Vec<String>,
    /// Parameters of the authorization request that are left out.
    #[serde(default)]
    pub without: Vec<String>,
    /// The HTTP method of the authorization request: GET (the default) or POST.
    #[serde(default)]
    pub method: AuthorizeBy,
    /// A refusal by the authorization endpoint is as good as one by the token endpoint: then it is
    /// what the first step is judged on.
    #[serde(default)]
    pub refusable: bool,
    /// Who logs in.
    #[serde(default)]
    pub user: Option<User>,
}

/// How an authorization request is sent (RFC 6749 section 3.1).
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    JsonSchema,
)]
pub enum AuthorizeBy {
    /// With its parameters in the query.
    #[default]
    #[serde(rename = "GET")]
    Get,
    /// With its parameters in the body.
    #[serde(rename = "POST")]
    Post,
}

/// Who logs in.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum User {
    /// The user of the configuration: the default.
    First,
    /// The second one, in a login session of their own.
    Second,
}

/// One of the two clients of a case.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum AsClient {
    /// The case's client.
    Client,
    /// Another registered client.
    Other,
}

/// Which responses a case over all responses is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ResponseKind {
    /// Those that say that they gave a token: a 2xx with a body that is no error.
    Token,
    /// Those that are OAuth errors: a 4xx that is not a 404, 405, 413, 429 or the like of the
    /// HTTP server before the endpoint; and a 2xx that has an `error` and no access token.
    OauthError,
    /// All.
    Any,
}

/// What a case is about when it sends no token request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Inspect {
    /// The target as the configuration and its metadata describe it.
    Target,
}

/// How a step looks whether a token is alive.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Alive {
    /// The token, as a template.
    pub token: String,
    /// The step before which it has to have been seen alive.
    #[serde(default)]
    pub before: Option<String>,
}

/// One request of several, or one look at a token.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Step {
    /// Its name, for templates.
    pub name: String,
    /// It begins with a code of its own, got like this; `start` is that code from here on.
    #[serde(default)]
    pub acquire: Option<Acquire>,
    /// What is done to the valid request.
    #[serde(default)]
    pub request: Request,
    /// It looks whether a token is alive, and sends no request of its own.
    #[serde(default)]
    pub alive: Option<Alive>,
    /// How long to wait before it: a duration as `2s`, `code-lifetime`, or `refresh-token-leeway`
    /// where the target states one. Marks the case slow.
    #[serde(default)]
    pub wait: Option<String>,
    /// What has to come back.
    #[serde(default)]
    pub expect: Vec<Expectation>,
}

/// A valid token request with one thing done to it, and what has to come back.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Case {
    /// Its name within the suite.
    pub id: String,
    /// What it shows, as a sentence without a full stop.
    pub title: String,
    /// What usually causes a failure, and how it is mended.
    #[serde(default)]
    pub hint: Option<String>,
    /// Names that it had before.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// The valid request that it begins with.
    #[serde(default)]
    pub start: Option<Start>,
    /// The extension grant that it starts from, with `start = "extension"`.
    #[serde(default)]
    pub grant: Option<ExtensionGrant>,
    /// It is about the target itself and sends no token request.
    #[serde(default)]
    pub inspect: Option<Inspect>,
    /// It is about all responses of the run of this kind.
    #[serde(default)]
    pub on: Option<ResponseKind>,
    /// Once for each value of this axis that a client has.
    #[serde(default)]
    pub for_each: Option<ForEach>,
    /// Once for each of these rows; `{{each.NAME}}` is the row's value.
    #[serde(default)]
    pub each: Vec<IndexMap<String, Scalar>>,
    /// It may kill more than what it holds, and runs after all others, alone.
    #[serde(default)]
    pub destroys: Option<Destroys>,
    /// A name that it shares with cases which would disturb each other: they run one after another,
    /// beside all others.
    #[serde(default)]
    pub serial: Option<String>,
    /// What the target has to have.
    #[serde(default)]
    pub needs: Vec<Need>,
    /// Which client it takes.
    #[serde(default)]
    pub client: ClientChoice,
    /// How what it starts from is got.
    #[serde(default)]
    pub acquire: Acquire,
    /// What has to hold where the authorization endpoint answers with an error in place of a code;
    /// `json` are the parameters of the redirect. Without it, such a case is errored.
    #[serde(default)]
    pub refusal: Vec<Expectation>,
    /// What is done to the valid request.
    #[serde(default)]
    pub request: Request,
    /// What has to come back.
    #[serde(default)]
    pub expect: Vec<Expectation>,
    /// Several requests, where order matters.
    #[serde(default)]
    pub step: Vec<Step>,
}

/// A wait for as long as a refresh token works after it was rotated out.
pub const LEEWAY: &str = "refresh-token-leeway";

/// The name of the only step of a case that is written without steps.
pub const ONLY_STEP: &str = "response";

impl Case {
    /// Its steps: those that are written, or one that holds the case's request and expectations.
    #[must_use]
    pub fn steps(&self) -> Vec<Step> {
        if self.step.is_empty() {
            vec![Step {
                name: ONLY_STEP.to_owned(),
                request: self.request.clone(),
                expect: self.expect.clone(),
                ..Step::default()
            }]
        } else {
            self.step.clone()
        }
    }

    /// Gives back the room that lists were given while they were read: most have one element, and
    /// room for four.
    pub(super) fn tighten(&mut self) {
        for step in &mut self.step {
            step.expect.shrink_to_fit();
        }
        for expectation in self.expectations_mut() {
            expectation.any_of.shrink_to_fit();
        }
        self.expect.shrink_to_fit();
        self.refusal.shrink_to_fit();
        self.step.shrink_to_fit();
        self.each.shrink_to_fit();
    }

    /// All its expectations, those of its steps included.
    pub fn expectations(&self) -> impl Iterator<Item = &Expectation> {
        self.expect
            .iter()
            .chain(&self.refusal)
            .chain(self.step.iter().flat_map(|step| step.expect.iter()))
    }

    /// The same, to be changed.
    pub fn expectations_mut(&mut self) -> impl Iterator<Item = &mut Expectation> {
        self.expect
            .iter_mut()
            .chain(&mut self.refusal)
            .chain(self.step.iter_mut().flat_map(|step| step.expect.iter_mut()))
    }

    /// All its requests, those of its steps included.
    pub fn requests(&self) -> impl Iterator<Item = &Request> {
        std::iter::once(&self.request).chain(self.step.iter().map(|step| &step.request))
    }

    /// How its codes are got: that which it starts from, and those of its steps.
    pub fn acquires(&self) -> impl Iterator<Item = &Acquire> {
        std::iter::once(&self.acquire).chain(self.step.iter().filter_map(|s| s.acquire.as_ref()))
    }

    /// Whether it waits, and so runs with `--slow` alone; for a leeway only where there is one.
    #[must_use]
    pub fn is_slow(&self, leeway: bool) -> bool {
        self.step
            .iter()
            .filter_map(|step| step.wait.as_deref())
            .any(|wait| wait != LEEWAY || leeway)
    }

    /// Every requirement that it judges.
    #[must_use]
    pub fn requirements(&self) -> Vec<&str> {
        let mut ids: Vec<&str> = Vec::new();
        for id in self
            .expectations()
            .flat_map(|expectation| OneOrMany::as_slice(&expectation.requirement))
        {
            if !ids.contains(&id.as_str()) {
                ids.push(id);
            }
        }
        ids
    }
}

/// The label of a row of `each` in a trial's name: its `label`, else its `name`, else its first
/// value.
#[must_use]
pub fn each_label(row: &IndexMap<String, Scalar>) -> String {
    let value = row
        .get("label")
        .or_else(|| row.get("name"))
        .or_else(|| row.first().map(|(_, value)| value));
    match value {
        Some(Scalar::Text(text)) => text.clone(),
        Some(Scalar::Integer(number)) => number.to_string(),
        Some(Scalar::Float(number)) => number.to_string(),
        Some(Scalar::Bool(flag)) => flag.to_string(),
        None => String::new(),
    }
}
