//! The plan: which trials run, in what order, and which are skipped and why. Nothing is sent.
//!
//! It reads the catalogue and the target; what only the target's answers can tell (rotation,
//! opaque tokens) is left to the run.

mod clients;
mod filter;
mod profile;
mod shard;

use std::sync::Arc;

use indexmap::IndexMap;

use crate::assertion::PRIVATE_KEY_JWT;
use crate::catalogue::{
    Case, Catalogue, Endpoint, ExtensionGrant, Need, Op, RedirectUri, Scalar, Start, Suite,
    each_label, template,
};
use crate::config::Target;

pub use filter::{Filter, FilterError};
pub use profile::{ActiveProfile, ProfileError};
pub use shard::Shard;

/// When a trial runs. Later phases may disturb what earlier ones rely on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Beside each other.
    Normal,
    /// Wrong credentials: a server may lock the client out.
    WrongCredentials,
    /// Alone, one after the other, each in a login session of its own.
    Destructive,
    /// Over all responses of the run.
    EveryResponse,
}

impl Phase {
    /// Its name in `--plan`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::WrongCredentials => "wrong-credentials",
            Self::Destructive => "destructive",
            Self::EveryResponse => "every-response",
        }
    }
}

/// A case with its axes filled in: what libtest-mimic calls a test.
#[derive(Debug, Clone)]
pub struct Trial {
    /// `SUITE/CASE` or `SUITE/CASE[axis,axis]`.
    pub name: String,
    /// The names that it had before.
    pub aliases: Vec<String>,
    /// The suite.
    pub suite: String,
    /// The case.
    pub case: Arc<Case>,
    /// The title, its axes filled in.
    pub title: String,
    /// The row of `each`.
    pub each: IndexMap<String, Scalar>,
    /// What it starts from, `any` resolved.
    pub start: Option<Start>,
    /// The client, as an index into the target's.
    pub client: Option<usize>,
    /// The other client.
    pub other: Option<usize>,
    /// The extension grant that it starts from, the row's values in it.
    pub grant: Option<ExtensionGrant>,
    /// The client authentication method.
    pub auth: String,
    /// Whether the case is about that method; where it is not, the run takes one that works.
    pub auth_matters: bool,
    /// When it runs.
    pub phase: Phase,
    /// Why it does not run.
    pub skip: Option<String>,
}

impl Trial {
    /// How many authorization codes it needs.
    #[must_use]
    pub fn codes(&self) -> usize {
        match self.start {
            Some(Start::AuthorizationCode | Start::AuthorizationRequest | Start::RefreshToken) => {
                self.case.acquires().count()
            }
            _ => 0,
        }
    }

    /// How many requests it sends itself, at the least.
    #[must_use]
    pub fn requests(&self) -> usize {
        if self.phase == Phase::EveryResponse || self.case.inspect.is_some() {
            return 0;
        }
        let steps = &self.case.step;
        let own = if steps.is_empty() {
            self.case.request.at_once.max(1)
        } else {
            steps.iter().map(|step| step.request.at_once.max(1)).sum()
        };
        own + usize::from(self.start == Some(Start::RefreshToken))
    }
}

/// What a run is going to do.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The trials in the order in which they run, the skipped ones among them.
    pub trials: Vec<Arc<Trial>>,
    /// The profile that they are judged by.
    pub profile: ActiveProfile,
}

/// What a plan leaves out.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Destructive cases are left out.
    pub safe: bool,
    /// Cases that wait are taken in.
    pub slow: bool,
}

impl Plan {
    /// The plan for a target.
    #[must_use]
    pub fn new(
        catalogue: &Catalogue,
        target: &Target,
        profile: ActiveProfile,
        options: Options,
    ) -> Self {
        let mut trials: Vec<Arc<Trial>> = Vec::new();
        for suite in &catalogue.suites {
            if !profile.has_suite(&suite.name) {
                continue;
            }
            let judged = suite.cases.iter().filter(|case| {
                case.expectations()
                    .flat_map(|expectation| expectation.requirement.as_slice())
                    .any(|id| profile.counts(catalogue, id))
            });
            for case in judged {
                trials.extend(
                    variants(suite, case, target, options)
                        .into_iter()
                        .map(Arc::new),
                );
            }
        }
        // Stable: within a phase the order is that of the files.
        trials.sort_by_key(|trial| trial.phase);
        Self { trials, profile }
    }

    /// The codes that the trials need, without those of controls.
    #[must_use]
    pub fn codes(&self) -> usize {
        self.running().map(Trial::codes).sum()
    }

    /// The trials that are not skipped.
    pub fn running(&self) -> impl Iterator<Item = &Trial> {
        self.trials
            .iter()
            .map(AsRef::as_ref)
            .filter(|trial| trial.skip.is_none())
    }
}

fn variants(suite: &Suite, case: &Arc<Case>, target: &Target, options: Options) -> Vec<Trial> {
    let methods: Vec<Option<&str>> = match case.for_each {
        Some(axis) => axis.values().iter().copied().map(Some).collect(),
        None => vec![None],
    };
    let rows: Vec<IndexMap<String, Scalar>> = if case.each.is_empty() {
        vec![IndexMap::new()]
    } else {
        case.each.clone()
    };
    let mut trials = Vec::new();
    for method in methods {
        for row in &rows {
            let mut axes: Vec<String> = method.iter().map(|m| (*m).to_owned()).collect();
            if !row.is_empty() {
                axes.push(each_label(row));
            }
            let named = |id: &str| match axes.is_empty() {
                true => format!("{}/{id}", suite.name),
                false => format!("{}/{id}[{}]", suite.name, axes.join(",")),
            };
            let chosen = clients::choose(case, target, method, row);
            let mut trial = Trial {
                name: named(&case.id),
                aliases: case.aliases.iter().map(|alias| named(alias)).collect(),
                suite: suite.name.clone(),
                title: title(case, row),
                case: Arc::clone(case),
                each: row.clone(),
                start: None,
                client: None,
                other: None,
                grant: None,
                auth: String::new(),
                auth_matters: method.is_some() || case.client.auth.is_some(),
                phase: phase(case),
                skip: None,
            };
            match chosen {
                Ok(chosen) => {
                    trial.start = chosen.start;
                    trial.client = chosen.client;
                    trial.other = chosen.other;
                    trial.grant = chosen.grant;
                    trial.auth = chosen.auth;
                    let client = trial.client.and_then(|index| target.clients.get(index));
                    trial.auth_matters |= clients::changes_secret(case)
                        && client.is_some_and(|client| client.has_method(PRIVATE_KEY_JWT));
                    trial.skip = skip(case, target, options, &trial);
                }
                Err(reason) => {
                    trial.auth = method.unwrap_or_default().to_owned();
                    trial.skip = Some(reason);
                }
            }
            trials.push(trial);
        }
    }
    trials
}

fn title(case: &Case, row: &IndexMap<String, Scalar>) -> String {
    template::fill(&case.title, |name| {
        let member = name.strip_prefix("each.")?;
        row.get(member).map(scalar_text)
    })
    .unwrap_or_else(|_| case.title.clone())
}

/// A scalar as a template shows it.
#[must_use]
pub fn scalar_text(scalar: &Scalar) -> String {
    match scalar {
        Scalar::Text(text) => text.clone(),
        Scalar::Integer(number) => number.to_string(),
        Scalar::Float(number) => number.to_string(),
        Scalar::Bool(flag) => flag.to_string(),
    }
}

fn phase(case: &Case) -> Phase {
    if case.on.is_some() {
        Phase::EveryResponse
    } else if case.destroys.is_some() {
        Phase::Destructive
    } else if case
        .requests()
        .any(|request| request.ops.iter().any(is_wrong_secret))
    {
        Phase::WrongCredentials
    } else {
        Phase::Normal
    }
}

fn is_wrong_secret(op: &Op) -> bool {
    match op {
        Op::Auth(auth) => auth.secret.is_some(),
        Op::Assertion(_) => true,
        Op::Set(params) => ["client_secret", "password", "otp"]
            .iter()
            .any(|name| params.contains_key(*name)),
        _ => false,
    }
}

fn skip(case: &Case, target: &Target, options: Options, trial: &Trial) -> Option<String> {
    if case.destroys.is_some() && options.safe {
        return Some("it is destructive, and --safe leaves those out".into());
    }
    if case.is_slow(target.refresh_token_leeway.is_some()) && !options.slow {
        return Some("it waits; --slow takes it in".into());
    }
    let client = trial.client.and_then(|index| target.clients.get(index));
    let has_login = target.login.is_some();
    for need in &case.needs {
        let missing = match need {
            Need::Openid => {
                let asks = client
                    .and_then(|client| client.scope.as_deref())
                    .is_some_and(|scope| scope.split(' ').any(|item| item == "openid"));
                (!asks).then_some("the client's scope does not have `openid`")
            }
            Need::User => target.user.is_none().then_some(NO_USER),
            Need::WiderScope => client
                .is_none_or(|client| client.wider_scope.is_none())
                .then_some("the client has no `wider-scope`"),
            Need::ClientCredentialsScope => client
                .is_none_or(|client| client.client_credentials_scope.is_none())
                .then_some("the client has no `client-credentials-scope`"),
            Need::Login => (!has_login).then_some(NO_LOGIN),
            Need::Grant => trial
                .start
                .is_none_or(|start| !start.can_succeed())
                .then_some("no grant can succeed: there is neither a `login` nor client_credentials (`grants`)"),
            Need::CodeLifetime => target
                .code_lifetime
                .is_none_or(|lifetime| lifetime.as_secs() > 120)
                .then_some("the target's `code-lifetime` is not said, or is over two minutes"),
            Need::NoLeeway => target.refresh_token_leeway.is_some().then_some(
                "the target states a `refresh-token-leeway`, in which a rotated token may still work",
            ),
            Need::Jwks => none(
                &target.endpoints.jwks,
                target,
                "no key set is known (`jwks-uri`)",
            ),
            Need::Introspection => none(
                &target.endpoints.introspection,
                target,
                "no introspection endpoint is known (`introspection-endpoint`)",
            ),
            Need::Userinfo => none(
                &target.endpoints.userinfo,
                target,
                "no userinfo endpoint is known (`userinfo-endpoint`)",
            ),
            Need::Revocation => none(
                &target.endpoints.revocation,
                target,
                "no revocation endpoint is known (`revocation-endpoint`)",
            ),
            Need::Resource => client
                .is_none_or(|client| client.resources.is_empty())
                .then_some("the client has no `resource` (RFC 8707)"),
            Need::SecondResource => client
                .is_none_or(|client| client.resources.len() < 2)
                .then_some("the client has no second `resource` (RFC 8707)"),
            Need::ResourceScopes => client
                .is_none_or(|client| {
                    client.resources.len() < 2
                        || client
                            .resources
                            .iter()
                            .take(2)
                            .any(|resource| resource.scope.is_none())
                })
                .then_some("the client has no two `resource`s with a `scope` each (RFC 8707)"),
            Need::Metadata => target
                .issuer
                .is_none()
                .then_some("no `issuer` is known, so there is no metadata"),
            Need::SecondUser => target
                .login
                .as_ref()
                .is_none_or(|login| login.second_user.is_none())
                .then_some("`login` has no `second-user`"),
            Need::IdTokenAlg => client
                .is_none_or(|client| client.id_token_alg.is_none())
                .then_some("the client does not say its `id-token-alg`"),
        };
        if let Some(reason) = missing {
            return Some(reason.into());
        }
    }
    for endpoint in case.requests().map(|request| request.endpoint) {
        let missing = match endpoint {
            Endpoint::Introspection => none(
                &target.endpoints.introspection,
                target,
                "no introspection endpoint is known (`introspection-endpoint`)",
            ),
            Endpoint::Revocation => none(
                &target.endpoints.revocation,
                target,
                "no revocation endpoint is known (`revocation-endpoint`)",
            ),
            Endpoint::Userinfo => none(
                &target.endpoints.userinfo,
                target,
                "no userinfo endpoint is known (`userinfo-endpoint`)",
            ),
            Endpoint::Jwks => none(
                &target.endpoints.jwks,
                target,
                "no key set is known (`jwks-uri`)",
            ),
            Endpoint::Metadata | Endpoint::OauthMetadata | Endpoint::OpenidMetadata => target
                .issuer
                .is_none()
                .then_some("no `issuer` is known, so there is no metadata"),
            Endpoint::Token => None,
        };
        if let Some(reason) = missing {
            return Some(reason.into());
        }
    }
    if case.acquire.redirect_uri == Some(RedirectUri::Second)
        && client.is_some_and(|client| client.redirect_uris.len() < 2)
    {
        return Some("the client has only one of `redirect-uris`".into());
    }
    None
}

pub(crate) const NO_LOGIN: &str = "there is no `login`, so no authorization code can be got";

pub(crate) const NO_USER: &str = "there is no `user` with a username and a password";

/// The reason where an endpoint is neither said nor, before the metadata is read, to be expected.
fn none<'r>(endpoint: &Option<String>, target: &Target, reason: &'r str) -> Option<&'r str> {
    (endpoint.is_none() && !target.awaits_metadata).then_some(reason)
}
