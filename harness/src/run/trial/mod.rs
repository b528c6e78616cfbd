//! One trial: acquire, then step by step build, send and judge.

mod alive;
mod authorization;
mod judging;
mod request;

use std::collections::HashMap;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use tokio::sync::OwnedSemaphorePermit;

use super::begin::{Begin, Stop, begin_request, plain_code};
use super::controls::ControlKey;
use super::scope::Scope;
use super::session::{By, Session};
use crate::acquire::{CodeSpec, Jar};
use crate::catalogue::{Acquire, AsClient, Endpoint, Expectation, LEEWAY, Op, Start, Step, User};
use crate::config::LoginVia;
use crate::exchange::Manner;
use crate::judge::{Aliveness, Keys, Response};
use crate::outcome::{
    CaseVerdict, Check, Exchange, Observation, Outcome, Purpose, SentRequest, Verdict,
};
use crate::plan::{Phase, Trial};

use judging::{Rest, limits, needs_keys};

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
            Stop::Skipped(reason) => (CaseVerdict::Skipped, reason.as_str()),
            other => (CaseVerdict::Errored, other.reason()),
        };
        Self {
            outcome: Outcome {
                trial: trial.name.clone(),
                suite: trial.suite.clone(),
                title: trial.title.clone(),
                verdict,
                reason: Some(reason.to_owned()),
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
    /// The second user's.
    second_jar: Jar,
    exchanges: Vec<Exchange>,
    checks: Vec<Check>,
    dependent: Vec<usize>,
    notes: Vec<String>,
    keys: Keys,
    /// The client authentication method.
    auth: String,
    control: Option<ControlKey>,
    /// Held until the code has been sent. Not longer: the control needs a code too.
    permit: Option<OwnedSemaphorePermit>,
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
            second_jar: Jar::default(),
            exchanges: Vec::new(),
            checks: Vec::new(),
            dependent: Vec::new(),
            notes: Vec::new(),
            keys: session.no_keys(trial.client),
            auth: trial.auth.clone(),
            control: None,
            permit: None,
            sent: HashMap::new(),
            before: HashMap::new(),
        }
    }

    async fn run(mut self) -> Result<Tried, Stopped> {
        match self.steps().await {
            Ok(()) | Err(Stop::Judged) => {}
            Err(stop) => return Err((stop, self.exchanges)),
        }
        let verdict = Outcome::verdict_of(&self.checks);
        let deviates = Outcome::deviation_of(&self.checks);
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
            self.precondition("the target", &expectations, &response, None)?;
            self.judge(&expectations, &response, &[], None, None, true);
            return Ok(());
        }
        if self.trial.start == Some(Start::AuthorizationRequest) {
            return self.authorization_request().await;
        }
        if let Some(start) = self.trial.start {
            let begun = self.begin(start, &case.acquire).await;
            if let Err(stop) = begun {
                return self.refused_before(stop).await;
            }
        }
        for step in case.steps() {
            self.step(&step).await?;
        }
        Ok(())
    }

    /// Acquires what the trial starts from, or a later step of it.
    async fn begin(&mut self, start: Start, acquire: &Acquire) -> Result<(), Stop> {
        let client = self.trial.client.unwrap_or_default();
        if !self.trial.auth_matters {
            self.auth = self.session.controls.method(self.session, client).await;
        }
        let owner = match acquire.client {
            Some(AsClient::Other) => self.trial.other.unwrap_or_default(),
            _ => client,
        };
        let code = self.code_spec(owner, acquire)?;
        let via = self.session.target.login.as_ref().map(|login| login.via);
        if !self.trial.case.refusal.is_empty() && via == Some(LoginVia::Form) {
            // A login form that comes again says something once the password is known to be right.
            self.session
                .controls
                .get(self.session, &self.plain(owner))
                .await;
        }
        // What was proved for the first code holds for those of later steps.
        self.control.get_or_insert(ControlKey {
            start,
            client,
            auth: self.auth.clone(),
            code: matches!(start, Start::AuthorizationCode | Start::RefreshToken).then(|| {
                CodeSpec {
                    client,
                    user: User::First,
                    ..code.clone()
                }
            }),
            grant: self.trial.grant.clone(),
        });
        let jar = match acquire.user {
            Some(User::Second) => &self.second_jar,
            _ if self.trial.phase == Phase::Destructive => &self.jar,
            _ => &self.session.jar,
        };
        let begin = Begin {
            start,
            client,
            auth: &self.auth,
            code: Some(code),
            grant: self.trial.grant.as_ref(),
            jar,
            by: &self.trial.name,
        };
        let mut exchanges = Vec::new();
        let begun = begin_request(self.session, &begin, &mut exchanges).await;
        self.exchanges.append(&mut exchanges);
        let begun = match begun {
            Err(stop @ (Stop::Skipped(_) | Stop::Refused { .. })) => {
                return Err(self.without_code(owner, stop).await);
            }
            begun => begun?,
        };
        self.scope.start = begun.acquired;
        self.scope.valid = Some(begun.valid);
        self.permit = begun.permit;
        Ok(())
    }

    /// A server that gives no code at all shows nothing about the one that it did not give here.
    async fn without_code(&mut self, owner: usize, stop: Stop) -> Stop {
        let plain = self
            .session
            .controls
            .get(self.session, &self.plain(owner))
            .await;
        match &plain.outcome {
            Ok(()) => {}
            Err(cause) => return Stop::Errored(cause.clone()),
        }
        match stop {
            Stop::Refused { error, reason } if !self.trial.case.refusal.is_empty() => {
                let judged = match error {
                    Some(error) => self.judge_refused(&error),
                    None => self.judge_refusing_page(reason),
                };
                match judged {
                    Ok(()) => Stop::Judged,
                    Err(stop) => stop,
                }
            }
            other => other,
        }
    }

    /// An exchange of a code to which nothing is done.
    fn plain(&self, client: usize) -> ControlKey {
        ControlKey {
            start: Start::AuthorizationCode,
            client,
            auth: self.auth.clone(),
            code: Some(plain_code(client)),
            grant: None,
        }
    }

    fn code_spec(&self, client: usize, acquire: &Acquire) -> Result<CodeSpec, Stop> {
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
        spec.without.clone_from(&acquire.without);
        spec.method = acquire.method;
        spec.user = acquire.user.unwrap_or(spec.user);
        for (name, value) in &acquire.params {
            spec.params.push((name.clone(), fill(value)?));
        }
        for resource in &acquire.resources {
            spec.params.push(("resource".to_owned(), fill(resource)?));
        }
        Ok(spec)
    }

    async fn step(&mut self, step: &Step) -> Result<(), Stop> {
        if let Some(wait) = &step.wait {
            self.wait(wait).await?;
        }
        if let Some(acquire) = &step.acquire {
            self.begin(Start::AuthorizationCode, acquire).await?;
        }
        self.look_before(step).await;
        if step.alive.is_some() {
            return self.alive_step(step).await;
        }
        let count = step.request.at_once.max(1);
        // Each with an assertion of its own, where the client sends one.
        let requests: Vec<SentRequest> = (0..count)
            .map(|_| self.request(step))
            .collect::<Result<_, _>>()?;
        let token_endpoint = step.request.endpoint == Endpoint::Token;
        let mut answers = Vec::new();
        let sender = self.sender(step);
        let by = By {
            trial: &self.trial.name,
            step: &step.name,
            purpose: Purpose::Case,
            client: sender,
            auth: &self.auth,
        };
        let session = self.session;
        let exchanges = if count > 1 {
            let send = |request| session.exchange_in(Manner::Burst, request, token_endpoint, &by);
            join_all(requests.into_iter().map(send)).await
        } else {
            let mut exchanges = Vec::new();
            for request in requests {
                exchanges.push(session.exchange(request, token_endpoint, &by).await);
            }
            exchanges
        };
        self.permit = None;
        let mut failed = None;
        for exchange in exchanges {
            match &exchange.response {
                Ok(observation) => answers.push(observation.clone()),
                Err(why) => failed = Some(why.clone()),
            }
            self.exchanges.push(exchange);
        }
        if let Some(why) = failed.or_else(|| limits(step, &answers)) {
            return Err(Stop::Errored(format!("step `{}`: {why}", step.name)));
        }
        // Of several answers, the one that gave a token speaks for the step, else one that says that
        // it did.
        let response = |answer: &Observation| Response::new(answer.clone());
        let chosen = answers
            .iter()
            .find(|answer| response(answer).granted())
            .or_else(|| answers.iter().find(|answer| response(answer).succeeded()))
            .or(answers.first())
            .cloned()
            .unwrap_or_default();
        let response = Response::new(chosen);
        self.scope.steps.insert(step.name.clone(), response.clone());
        let place = format!("step `{}`", step.name);
        if let Err(stop) = self.precondition(&place, &step.expect, &response, None) {
            // A server that refuses everything does not show that a case does not apply.
            let rest = match &stop {
                Stop::Skipped(_) => self.control_of(step, &response).await,
                _ => Rest::Nothing,
            };
            return Err(match rest {
                Rest::On {
                    outcome: Err(why), ..
                } => Stop::Errored(why),
                _ => stop,
            });
        }
        let (observation, independent, errored) = match self.control_of(step, &response).await {
            Rest::Nothing => (None, true, None),
            Rest::On {
                key,
                observation,
                outcome,
            } => {
                self.control = Some(*key);
                (observation, false, outcome.err())
            }
        };
        // Nor does it show that a case applies, whatever is judged in later steps.
        if let Some(why) = &errored
            && step.expect.iter().any(Expectation::is_precondition)
        {
            return Err(Stop::Errored(why.clone()));
        }
        self.judge_on(
            &step.expect,
            &response,
            &answers,
            None,
            observation.as_ref(),
            independent,
            errored,
        );
        Ok(())
    }

    async fn wait(&self, wait: &str) -> Result<(), Stop> {
        let duration = if wait == LEEWAY {
            match self.session.target.refresh_token_leeway {
                Some(leeway) => leeway + Duration::from_secs(1),
                None => return Ok(()),
            }
        } else if wait == "code-lifetime" {
            self.session
                .target
                .code_lifetime
                .map(|lifetime| lifetime + Duration::from_secs(2))
                .ok_or_else(|| Stop::Skipped("the target's `code-lifetime` is not said".into()))?
        } else {
            let wait = self
                .scope
                .fill(wait)
                .map_err(|missing| Stop::Errored(format!("wait: {missing}")))?;
            humantime::parse_duration(&wait)
                .map_err(|error| Stop::Errored(format!("`{wait}` is no duration: {error}")))?
        };
        tokio::time::sleep(duration).await;
        Ok(())
    }
}
