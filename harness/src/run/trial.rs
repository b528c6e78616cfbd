//! One trial: acquire, then step by step build, send and judge.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use futures_util::future::join_all;

use super::controls::{ControlKey, summary};
use super::look::look;
use super::scope::Scope;
use super::session::{By, Session};
use crate::acquire::{self, AcquireError, Acquired, CodeSpec, Jar, random};
use crate::catalogue::{
    AsClient, Case, Endpoint, Expectation, Nonce, Op, Pkce, RedirectUri, Start, Step,
};
use crate::exchange::{Valid, build};
use crate::judge::{self, Aliveness, Keys, Response, Situation};
use crate::outcome::{
    CaseVerdict, Check, Exchange, Observation, Outcome, Purpose, SentRequest, Verdict,
};
use crate::plan::{Phase, Trial};

/// Why a trial stops before it is judged.
#[derive(Debug, Clone)]
pub enum Stop {
    /// It could not be found out.
    Errored(String),
    /// It does not apply.
    Skipped(String),
}

impl Stop {
    /// The reason in words.
    pub fn reason(&self) -> &str {
        match self {
            Self::Errored(reason) | Self::Skipped(reason) => reason,
        }
    }
}

/// A trial's outcome, and on which control which of its checks rest.
#[derive(Debug)]
pub struct Tried {
    /// What came of it.
    pub outcome: Outcome,
    /// The control that it rests on.
    pub control: Option<ControlKey>,
    /// The checks (by index) that mean something only where the control succeeds.
    pub dependent: Vec<usize>,
}

impl Tried {
    /// An outcome without checks.
    pub fn stopped(trial: &Trial, stop: &Stop) -> Self {
        let (verdict, reason) = match stop {
            Stop::Errored(reason) => (CaseVerdict::Errored, reason),
            Stop::Skipped(reason) => (CaseVerdict::Skipped, reason),
        };
        Self {
            outcome: Outcome {
                trial: trial.name.clone(),
                suite: trial.suite.clone(),
                title: trial.title.clone(),
                verdict,
                reason: Some(reason.clone()),
                hint: trial.case.hint.clone(),
                deviates: None,
                checks: Vec::new(),
                exchanges: Vec::new(),
                duration: Duration::ZERO,
                notes: Vec::new(),
            },
            control: None,
            dependent: Vec::new(),
        }
    }
}

/// What a valid request is made of.
pub struct Begin<'b> {
    pub start: Start,
    pub client: usize,
    pub auth: &'b str,
    pub code: Option<CodeSpec>,
    pub jar: &'b Jar,
    pub by: &'b str,
}

/// A valid request, ready to be changed.
pub struct Begun {
    pub valid: Valid,
    pub acquired: Acquired,
    /// Held as long as the code may be unused.
    _permit: Option<tokio::sync::OwnedSemaphorePermit>,
}

/// The plain way to get a code as a client.
pub fn plain_code(client: usize) -> CodeSpec {
    CodeSpec {
        client,
        scope: None,
        pkce: Pkce::S256,
        verifier: None,
        nonce: Nonce::Random,
        redirect_uri: RedirectUri::First,
        params: Vec::new(),
    }
}

/// Acquires what the request starts from, and makes the valid request.
pub async fn begin_request(
    session: &Session,
    begin: &Begin<'_>,
    exchanges: &mut Vec<Exchange>,
) -> Result<Begun, Stop> {
    if let Some(why) = &session.unreachable {
        return Err(Stop::Errored(why.clone()));
    }
    let target = &session.target;
    let Some(client) = target.clients.get(begin.client) else {
        return Err(Stop::Errored("there is no client".into()));
    };
    let mut valid = Valid {
        url: target.endpoints.token.clone().unwrap_or_default(),
        method: "POST",
        params: vec![("grant_type".into(), begin.start.grant_type().into())],
        client_id: client.id.clone(),
        client_secret: client
            .secret
            .as_ref()
            .map(|secret| secret.expose().to_owned()),
        auth: begin.auth.to_owned(),
        headers: Vec::new(),
    };
    let mut acquired = Acquired::new();
    let mut permit = None;
    let mut add = |name: &str, value: String| valid.params.push((name.to_owned(), value));
    match begin.start {
        Start::ClientCredentials => {
            if let Some(scope) = &client.client_credentials_scope {
                add("scope", scope.clone());
            }
        }
        Start::MadeUpCode | Start::Any => {
            let code = random(43);
            session.vault.learn("random.43", &code);
            add("code", code.clone());
            add(
                "redirect_uri",
                client.redirect_uris.first().cloned().unwrap_or_default(),
            );
            acquired.insert("code", code);
        }
        Start::MadeUpRefreshToken => {
            let token = random(43);
            session.vault.learn("random.43", &token);
            add("refresh_token", token.clone());
            acquired.insert("refresh_token", token);
        }
        Start::AuthorizationCode | Start::RefreshToken => {
            let spec = begin
                .code
                .clone()
                .unwrap_or_else(|| plain_code(begin.client));
            permit = session.code_permit().await;
            acquired = acquire::code(
                target,
                &session.http,
                &session.vault,
                begin.jar,
                &spec,
                exchanges,
            )
            .await
            .map_err(|error| no_code(&error, &spec))?;
            let code_params = code_params(&acquired, &spec);
            if begin.start == Start::RefreshToken {
                let token = first_exchange(session, begin, &spec, code_params, exchanges).await?;
                acquired.extend(token);
                add(
                    "refresh_token",
                    acquired.get("refresh_token").cloned().unwrap_or_default(),
                );
            } else {
                valid.params.extend(code_params);
            }
        }
    }
    Ok(Begun {
        valid,
        acquired,
        _permit: permit,
    })
}

/// A server may refuse to give a code without a challenge, or with a plain one; then the case does
/// not apply. Everything else has to lead to a code.
fn no_code(error: &AcquireError, spec: &CodeSpec) -> Stop {
    match error {
        AcquireError::Refused { .. } if spec.pkce != Pkce::S256 => Stop::Skipped(format!(
            "the target gives no code {}: {error}",
            if spec.pkce == Pkce::None {
                "without a challenge"
            } else {
                "for a plain challenge"
            }
        )),
        _ => Stop::Errored(error.to_string()),
    }
}

/// The parameters that redeem a code (RFC 6749 section 4.1.3, RFC 7636 section 4.5).
fn code_params(acquired: &Acquired, spec: &CodeSpec) -> Vec<(String, String)> {
    let mut params = vec![("code".to_owned(), acquired["code"].clone())];
    if spec.redirect_uri != RedirectUri::None {
        params.push(("redirect_uri".to_owned(), acquired["redirect_uri"].clone()));
    }
    if let Some(verifier) = acquired.get("code_verifier") {
        params.push(("code_verifier".to_owned(), verifier.clone()));
    }
    params
}

/// Redeems the code, as the client that it was got for, to have a refresh token.
async fn first_exchange(
    session: &Session,
    begin: &Begin<'_>,
    spec: &CodeSpec,
    code_params: Vec<(String, String)>,
    exchanges: &mut Vec<Exchange>,
) -> Result<Acquired, Stop> {
    let owner = &session.target.clients[spec.client];
    let auth = if owner.has_method(begin.auth) {
        begin.auth.to_owned()
    } else {
        owner.auth.first().cloned().unwrap_or_default()
    };
    let mut params = vec![("grant_type".to_owned(), "authorization_code".to_owned())];
    params.extend(code_params);
    let valid = Valid {
        url: session.target.endpoints.token.clone().unwrap_or_default(),
        method: "POST",
        params,
        client_id: owner.id.clone(),
        client_secret: owner
            .secret
            .as_ref()
            .map(|secret| secret.expose().to_owned()),
        auth: auth.clone(),
        headers: Vec::new(),
    };
    let request = build(&valid, &[], &|text| Ok(text.to_owned()))
        .map_err(|error| Stop::Errored(error.to_string()))?;
    let by = By {
        trial: begin.by,
        step: "start",
        purpose: Purpose::Acquire,
        client: Some(spec.client),
        auth: &auth,
    };
    let exchange = session.exchange(request, true, &by).await;
    let response = exchange.response.clone();
    exchanges.push(exchange);
    let response =
        Response::new(response.map_err(|why| {
            Stop::Errored(format!("no refresh token: the token endpoint: {why}"))
        })?);
    if !response.granted() {
        return Err(Stop::Errored(format!(
            "no refresh token: the code was answered {}",
            summary(&response)
        )));
    }
    let Some(token) = response.text_member("refresh_token") else {
        return Err(Stop::Skipped(
            "the target gives this client no refresh token with a code".into(),
        ));
    };
    let mut acquired = Acquired::new();
    acquired.insert("refresh_token", token.to_owned());
    for name in ["access_token", "id_token", "scope"] {
        if let Some(text) = response.text_member(name) {
            acquired.insert(name, text.to_owned());
        }
    }
    Ok(acquired)
}

/// Runs a trial.
pub async fn run(session: &Session, trial: &Trial) -> Tried {
    if let Some(reason) = &trial.skip {
        return Tried::stopped(trial, &Stop::Skipped(reason.clone()));
    }
    let started = Instant::now();
    let mut tried = match Attempt::new(session, trial).run().await {
        Ok(tried) => tried,
        Err((stop, exchanges)) => {
            let mut tried = Tried::stopped(trial, &stop);
            tried.outcome.exchanges = exchanges;
            tried
        }
    };
    tried.outcome.duration = started.elapsed();
    tried
}

struct Attempt<'a> {
    session: &'a Session,
    trial: &'a Trial,
    scope: Scope<'a>,
    jar: Jar,
    exchanges: Vec<Exchange>,
    checks: Vec<Check>,
    dependent: Vec<usize>,
    notes: Vec<String>,
    keys: Keys,
    control: Option<ControlKey>,
    /// What each step did, for `same-as`.
    sent: HashMap<String, (Vec<Op>, SentRequest)>,
    /// Whether a token was alive before a step, by the step that asks.
    before: HashMap<String, Option<Aliveness>>,
}

type Stopped = (Stop, Vec<Exchange>);

impl<'a> Attempt<'a> {
    fn new(session: &'a Session, trial: &'a Trial) -> Self {
        Self {
            session,
            trial,
            scope: Scope::new(session, trial),
            jar: Jar::default(),
            exchanges: Vec::new(),
            checks: Vec::new(),
            dependent: Vec::new(),
            notes: Vec::new(),
            keys: session.no_keys(trial.client),
            control: None,
            sent: HashMap::new(),
            before: HashMap::new(),
        }
    }

    async fn run(mut self) -> Result<Tried, Stopped> {
        if let Err(stop) = self.steps().await {
            return Err((stop, self.exchanges));
        }
        let verdict = Outcome::verdict_of(&self.checks);
        let failing: Vec<&Check> = self
            .checks
            .iter()
            .filter(|check| check.verdict == Verdict::Fail)
            .collect();
        let deviates = match failing.first() {
            Some(first) if failing.iter().all(|check| check.deviates.is_some()) => {
                first.deviates.clone()
            }
            _ => None,
        };
        let reason = if self.checks.is_empty() {
            Some(if self.notes.is_empty() {
                "no expectation applied to what was answered, so nothing was judged".to_owned()
            } else {
                self.notes.join("; ")
            })
        } else {
            self.checks
                .iter()
                .find(|check| check.verdict == Verdict::Errored && verdict == CaseVerdict::Errored)
                .map(|check| check.actual.clone())
        };
        // Where all that was to be judged needs what the target does not have, it does not apply.
        let skipped = self.checks.is_empty() && !self.notes.is_empty();
        Ok(Tried {
            outcome: Outcome {
                trial: self.trial.name.clone(),
                suite: self.trial.suite.clone(),
                title: self.trial.title.clone(),
                verdict: if skipped {
                    CaseVerdict::Skipped
                } else {
                    verdict
                },
                reason,
                hint: self.trial.case.hint.clone(),
                deviates,
                checks: self.checks,
                exchanges: self.exchanges,
                duration: Duration::ZERO,
                notes: self.notes,
            },
            control: self.control,
            dependent: self.dependent,
        })
    }

    async fn steps(&mut self) -> Result<(), Stop> {
        let case = &self.trial.case;
        if let Some(why) = &self.session.unreachable {
            return Err(Stop::Errored(why.clone()));
        }
        if needs_keys(case) {
            self.keys = self.session.keys(self.trial.client).await;
        }
        if case.inspect.is_some() {
            let response = Response::new(Observation::default());
            let expectations = case.expect.clone();
            self.judge(&expectations, &response, &[], None, None, true);
            return Ok(());
        }
        if let Some(start) = self.trial.start {
            self.begin(start).await?;
        }
        for step in case.steps() {
            self.step(&step).await?;
        }
        Ok(())
    }

    async fn begin(&mut self, start: Start) -> Result<(), Stop> {
        let client = self.trial.client.unwrap_or_default();
        let case = &self.trial.case;
        let owner = match case.acquire.client {
            Some(AsClient::Other) => self.trial.other.unwrap_or_default(),
            _ => client,
        };
        let code = self.code_spec(owner)?;
        self.control = Some(ControlKey {
            start,
            client,
            auth: self.trial.auth.clone(),
            code: matches!(start, Start::AuthorizationCode | Start::RefreshToken).then(|| {
                CodeSpec {
                    client,
                    ..code.clone()
                }
            }),
        });
        let own = self.trial.phase == Phase::Destructive;
        let begin = Begin {
            start,
            client,
            auth: &self.trial.auth,
            code: Some(code),
            jar: if own { &self.jar } else { &self.session.jar },
            by: &self.trial.name,
        };
        let mut exchanges = Vec::new();
        let begun = begin_request(self.session, &begin, &mut exchanges).await;
        self.exchanges.append(&mut exchanges);
        let begun = begun?;
        self.scope.start = begun.acquired;
        self.scope.valid = Some(begun.valid);
        Ok(())
    }

    fn code_spec(&self, client: usize) -> Result<CodeSpec, Stop> {
        let acquire = &self.trial.case.acquire;
        let fill = |text: &String| {
            self.scope
                .fill(text)
                .map_err(|missing| Stop::Errored(format!("acquire: {missing}")))
        };
        let mut spec = plain_code(client);
        spec.scope = acquire.scope.as_ref().map(fill).transpose()?;
        spec.verifier = acquire.verifier.as_ref().map(fill).transpose()?;
        spec.pkce = acquire.pkce.unwrap_or(spec.pkce);
        spec.nonce = acquire.nonce.unwrap_or(spec.nonce);
        spec.redirect_uri = acquire.redirect_uri.unwrap_or(spec.redirect_uri);
        for (name, value) in &acquire.params {
            spec.params.push((name.clone(), fill(value)?));
        }
        Ok(spec)
    }

    async fn step(&mut self, step: &Step) -> Result<(), Stop> {
        if let Some(wait) = &step.wait {
            self.wait(wait).await?;
        }
        self.look_before(step).await;
        if step.alive.is_some() {
            return self.alive_step(step).await;
        }
        let request = self.request(step)?;
        let token_endpoint = step.request.endpoint == Endpoint::Token;
        let mut answers = Vec::new();
        let count = step.request.at_once.max(1);
        let sender = self.sender(step);
        let by = By {
            trial: &self.trial.name,
            step: &step.name,
            purpose: Purpose::Case,
            client: sender,
            auth: &self.trial.auth,
        };
        let session = self.session;
        let exchanges =
            join_all((0..count).map(|_| session.exchange(request.clone(), token_endpoint, &by)))
                .await;
        let mut failed = None;
        for exchange in exchanges {
            match &exchange.response {
                Ok(observation) => answers.push(observation.clone()),
                Err(why) => failed = Some(why.clone()),
            }
            self.exchanges.push(exchange);
        }
        if let Some(why) = failed {
            return Err(Stop::Errored(format!("step `{}`: {why}", step.name)));
        }
        // Of several answers, the one that gave a token speaks for the step.
        let chosen = answers
            .iter()
            .find(|answer| Response::new((*answer).clone()).granted())
            .or(answers.first())
            .cloned()
            .unwrap_or_default();
        let response = Response::new(chosen);
        self.scope.steps.insert(step.name.clone(), response.clone());
        self.precondition(step, &response)?;
        let control = self.control_of(step, &response, token_endpoint).await;
        let reason = match &control {
            Rest::On(_, Err(why)) => Some(why.clone()),
            _ => None,
        };
        let independent = matches!(control, Rest::Nothing);
        let observation = match control {
            Rest::On(observation, _) => observation,
            Rest::Nothing => None,
        };
        self.judge_on(
            &step.expect,
            &response,
            &answers,
            None,
            observation.as_ref(),
            independent,
            reason,
        );
        Ok(())
    }

    fn sender(&self, step: &Step) -> Option<usize> {
        match step.request.client {
            Some(AsClient::Other) => self.trial.other,
            _ => self.trial.client,
        }
    }

    async fn wait(&self, wait: &str) -> Result<(), Stop> {
        let duration = if wait == "code-lifetime" {
            self.session
                .target
                .code_lifetime
                .map(|lifetime| lifetime + Duration::from_secs(2))
                .ok_or_else(|| Stop::Skipped("the target's `code-lifetime` is not said".into()))?
        } else {
            humantime::parse_duration(wait)
                .map_err(|error| Stop::Errored(format!("`{wait}` is no duration: {error}")))?
        };
        tokio::time::sleep(duration).await;
        Ok(())
    }

    /// Looks at the tokens that later steps want to have seen alive before this one.
    async fn look_before(&mut self, step: &Step) {
        for later in self.trial.case.step.clone() {
            let Some(alive) = later
                .alive
                .filter(|alive| alive.before.as_deref() == Some(step.name.as_str()))
            else {
                continue;
            };
            let seen = match self.scope.fill(&alive.token) {
                Ok(token) => look(self.session, self.trial, &token, &mut self.exchanges).await,
                Err(missing) => Some(Aliveness::Unknown(missing.to_string())),
            };
            self.before.insert(later.name.clone(), seen);
        }
    }

    async fn alive_step(&mut self, step: &Step) -> Result<(), Stop> {
        let Some(alive) = &step.alive else {
            return Ok(());
        };
        let token = self
            .scope
            .fill(&alive.token)
            .map_err(|missing| Stop::Errored(format!("step `{}`: {missing}", step.name)))?;
        let seen = match self.before.get(&step.name) {
            Some(Some(Aliveness::Seen(true, _))) | None => {
                look(self.session, self.trial, &token, &mut self.exchanges).await
            }
            Some(Some(Aliveness::Seen(false, how))) => Some(Aliveness::Unknown(format!(
                "the token was not alive before: {how}"
            ))),
            Some(Some(Aliveness::Unknown(why))) => Some(Aliveness::Unknown(format!(
                "the token was not seen alive before: {why}"
            ))),
            Some(None) => None,
        };
        let Some(seen) = seen else {
            self.notes.push(format!(
                "step `{}` was not judged: the target has neither introspection nor userinfo, so nothing \
                 can tell whether a token is alive",
                step.name
            ));
            return Ok(());
        };
        let response = Response::new(Observation::default());
        self.judge(&step.expect, &response, &[], Some(&seen), None, true);
        Ok(())
    }

    /// The request of a step.
    fn request(&mut self, step: &Step) -> Result<SentRequest, Stop> {
        let errored = |why: String| Stop::Errored(format!("step `{}`: {why}", step.name));
        let mut ops = step.request.ops.clone();
        if let Some(first) = &step.request.same_as {
            let (earlier, sent) = self
                .sent
                .get(first)
                .ok_or_else(|| errored(format!("there is no earlier step `{first}`")))?;
            if step.request.verbatim {
                return Ok(sent.clone());
            }
            ops = earlier.iter().cloned().chain(ops).collect();
        }
        let valid = self.valid(step).map_err(&errored)?;
        let request = build(&valid, &ops, &|text| self.scope.fill(text))
            .map_err(|error| errored(error.to_string()))?;
        self.sent.insert(step.name.clone(), (ops, request.clone()));
        Ok(request)
    }

    /// The valid request that a step changes: the token request, or one to another endpoint.
    fn valid(&self, step: &Step) -> Result<Valid, String> {
        let target = &self.session.target;
        let client = self
            .sender(step)
            .and_then(|index| target.clients.get(index))
            .ok_or("there is no client")?;
        let mut valid = match (&self.scope.valid, step.request.endpoint) {
            (Some(valid), Endpoint::Token) => valid.clone(),
            _ => Valid {
                url: String::new(),
                method: "POST",
                params: Vec::new(),
                client_id: String::new(),
                client_secret: None,
                auth: self.trial.auth.clone(),
                headers: Vec::new(),
            },
        };
        valid.client_id.clone_from(&client.id);
        valid.client_secret = client
            .secret
            .as_ref()
            .map(|secret| secret.expose().to_owned());
        let endpoints = &target.endpoints;
        let url = match step.request.endpoint {
            Endpoint::Token => &endpoints.token,
            Endpoint::Introspection => &endpoints.introspection,
            Endpoint::Revocation => &endpoints.revocation,
            Endpoint::Userinfo => &endpoints.userinfo,
            Endpoint::Jwks => &endpoints.jwks,
            Endpoint::Metadata => &target.issuer,
        };
        valid.url = url.clone().ok_or("the endpoint is not known")?;
        if matches!(
            step.request.endpoint,
            Endpoint::Userinfo | Endpoint::Jwks | Endpoint::Metadata
        ) {
            valid.method = "GET";
            valid.auth = String::new();
        }
        if step.request.endpoint == Endpoint::Metadata {
            valid.url = format!(
                "{}/.well-known/openid-configuration",
                valid.url.trim_end_matches('/')
            );
        }
        Ok(valid)
    }

    /// Stops where a precondition of the step does not hold, or the case does not apply.
    fn precondition(&self, step: &Step, response: &Response) -> Result<(), Stop> {
        let fill = |name: &str| self.scope.value(name);
        let situation = self.situation(&fill, &[], None, None);
        for expectation in &step.expect {
            let judges = !expectation.requirement.as_slice().is_empty();
            if judges || !judge::applies(expectation, response, &situation) {
                continue;
            }
            let finding = judge::find(expectation, response, &situation);
            if finding.holds == Some(true) {
                continue;
            }
            let words = format!(
                "step `{}`: expected {}, got {}",
                step.name, finding.expected, finding.actual
            );
            return Err(if expectation.applies_if == Some(true) {
                Stop::Skipped(format!("it does not apply: {words}"))
            } else {
                Stop::Errored(format!("a precondition does not hold: {words}"))
            });
        }
        Ok(())
    }

    /// On what the checks of this response rest: a refusal means something only where the control
    /// succeeds. A token means something by itself.
    async fn control_of(&self, step: &Step, response: &Response, token_endpoint: bool) -> Rest {
        let wants_control = step
            .expect
            .iter()
            .any(|expectation| expectation.same_outcome.is_some());
        let Some(key) = self.control.as_ref().filter(|_| token_endpoint) else {
            return Rest::Nothing;
        };
        if response.granted() && !wants_control {
            return Rest::Nothing;
        }
        // After an earlier step that gave a token, the credentials are proved.
        let proved = self
            .scope
            .steps
            .iter()
            .any(|(name, earlier)| *name != step.name && earlier.granted());
        if proved && !wants_control {
            return Rest::Nothing;
        }
        let first_unchanged =
            step.request.is_unchanged() && self.trial.case.acquire.client != Some(AsClient::Other);
        if first_unchanged && !wants_control {
            let made_up = !key.start.can_succeed();
            if made_up && response.text_member("error") == Some("invalid_grant") {
                return Rest::Nothing;
            }
            return match self.session.controls.proved(self.session, key).await {
                Ok(()) => Rest::Nothing,
                Err(why) => Rest::On(
                    None,
                    Err(format!(
                        "the unchanged request was answered {}; {why}",
                        summary(response)
                    )),
                ),
            };
        }
        let control = self.session.controls.get(self.session, key).await;
        let outcome = if response.granted() {
            Ok(())
        } else {
            control.outcome.clone()
        };
        Rest::On(control.observation.clone(), outcome)
    }

    fn situation<'s>(
        &'s self,
        value: &'s dyn Fn(&str) -> Option<String>,
        at_once: &'s [Observation],
        alive: Option<&'s Aliveness>,
        control: Option<&'s Observation>,
    ) -> Situation<'s> {
        let profile = &self.session.profile;
        Situation {
            catalogue: &self.session.catalogue,
            documents: &profile.documents,
            without: &profile.without,
            deviations: &profile.deviations,
            auth: &self.trial.auth,
            start: self.trial.start.map_or("", Start::name),
            public: self
                .trial
                .client
                .and_then(|index| self.session.target.clients.get(index))
                .is_some_and(crate::config::Client::is_public),
            keys: &self.keys,
            skew: i64::try_from(self.session.target.clock_skew.as_secs()).unwrap_or(i64::MAX),
            control,
            at_once,
            alive,
            steps: &self.scope.steps,
            value,
        }
    }

    fn judge(
        &mut self,
        expectations: &[Expectation],
        response: &Response,
        at_once: &[Observation],
        alive: Option<&Aliveness>,
        control: Option<&Observation>,
        independent: bool,
    ) {
        self.judge_on(
            expectations,
            response,
            at_once,
            alive,
            control,
            independent,
            None,
        );
    }

    #[allow(
        clippy::too_many_arguments,
        reason = "each is one thing that a check may rest on"
    )]
    fn judge_on(
        &mut self,
        expectations: &[Expectation],
        response: &Response,
        at_once: &[Observation],
        alive: Option<&Aliveness>,
        control: Option<&Observation>,
        independent: bool,
        errored: Option<String>,
    ) {
        let mut made = Vec::new();
        {
            let fill = |name: &str| self.scope.value(name);
            let situation = self.situation(&fill, at_once, alive, control);
            for expectation in expectations {
                let judges = !expectation.requirement.as_slice().is_empty();
                if judges && judge::applies(expectation, response, &situation) {
                    made.extend(judge::judge(expectation, response, &situation));
                }
            }
        }
        for mut check in made {
            if let Some(why) = &errored {
                check.verdict = Verdict::Errored;
                check.deviates = None;
                check.actual.clone_from(why);
            }
            if !independent && !response.granted() {
                self.dependent.push(self.checks.len());
            }
            self.checks.push(check);
        }
    }
}

/// On what checks rest.
enum Rest {
    /// On the response alone.
    Nothing,
    /// On the control: its answer, and why it did not succeed.
    On(Option<Observation>, Result<(), String>),
}

/// Whether a check of the case looks at a signature.
fn needs_keys(case: &Case) -> bool {
    case.expectations().any(|expectation| {
        std::iter::once(expectation.answer())
            .chain(expectation.any_of.iter().cloned())
            .any(|answer| answer.jwt.values().any(|rule| rule.signature.is_some()))
    })
}
