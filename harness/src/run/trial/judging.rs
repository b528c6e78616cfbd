//! What the judge says of a step's response, and on what that rests.

use super::super::begin::Stop;
use super::super::controls::{ControlKey, summary};
use super::Attempt;
use crate::catalogue::{AsClient, Case, Endpoint, Expectation, Start, Step};
use crate::judge::{self, Aliveness, Response, Situation};
use crate::outcome::{Observation, Verdict};

impl Attempt<'_> {
    /// Stops where a precondition of the step does not hold, or the case does not apply.
    pub(super) fn precondition(
        &self,
        place: &str,
        expectations: &[Expectation],
        response: &Response,
        alive: Option<&Aliveness>,
    ) -> Result<(), Stop> {
        let fill = |name: &str| self.scope.value(name);
        let situation = self.situation(&fill, &[], alive, None);
        for expectation in expectations {
            if !expectation.is_precondition() || !judge::applies(expectation, response, &situation)
            {
                continue;
            }
            let finding = judge::find(expectation, response, &situation);
            if finding.holds == Some(true) {
                continue;
            }
            let words = format!(
                "{place}: expected {}, got {}",
                finding.expected, finding.actual
            );
            return Err(if expectation.applies_if == Some(true) {
                Stop::Skipped(match &expectation.because {
                    Some(because) => format!("{because} ({words})"),
                    None => format!("it does not apply: {words}"),
                })
            } else {
                Stop::Errored(format!("a precondition does not hold: {words}"))
            });
        }
        Ok(())
    }

    /// On what the checks of this response rest: a refusal means something only where the control
    /// succeeds. A token means something by itself.
    pub(super) async fn control_of(&self, step: &Step, response: &Response) -> Rest {
        let wants_control = step
            .expect
            .iter()
            .any(|expectation| expectation.same_outcome.is_some());
        let rests = match step.request.endpoint {
            Endpoint::Token => true,
            // It knows its clients by the credentials that the token endpoint knows (RFC 7009 section
            // 2.1), so that with wrong ones its refusals show nothing either.
            Endpoint::Revocation => !(200..300).contains(&response.observation.status),
            _ => false,
        };
        let Some(key) = self.control.as_ref().filter(|_| rests) else {
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
        // Waiting is something done to the request: it has become late.
        // So is something that an earlier step did: the token that it uses was revoked.
        let is_first = self.trial.case.step.iter().all(|earlier| {
            earlier.name == step.name
                || earlier.request.endpoint.is_document()
                || !self.scope.steps.contains_key(&earlier.name)
        });
        let first_unchanged = is_first
            && step.request.is_unchanged()
            && step.wait.is_none()
            && self.trial.case.acquire.client != Some(AsClient::Other);
        // What a made-up code has to be answered says nothing of the credentials by itself.
        let as_made_up =
            !key.start.can_succeed() && response.text_member("error") == Some("invalid_grant");
        if first_unchanged && !wants_control && !as_made_up {
            if response.succeeded() {
                // It says that it gave what was asked for, so the credentials are right.
                return Rest::Nothing;
            }
            return match self.session.controls.proved(self.session, key).await {
                Ok(()) => Rest::Nothing,
                Err(why) => Rest::On {
                    key: Box::new(key.clone()),
                    observation: None,
                    outcome: Err(format!(
                        "the unchanged request was answered {}; {why}",
                        summary(response)
                    )),
                },
            };
        }
        let controls = &self.session.controls;
        let control = if key.start.can_succeed() || wants_control {
            controls.get(self.session, key).await
        } else {
            controls.credentials(self.session, key).await
        };
        let outcome = if response.granted() {
            Ok(())
        } else {
            control.outcome.clone()
        };
        Rest::On {
            key: Box::new(control.key.clone()),
            observation: control.observation.clone(),
            outcome,
        }
    }

    /// What the case says of an error in place of a code (RFC 6749 section 4.1.2.1).
    pub(super) fn judge_refused(&mut self, error: &str) -> Result<(), Stop> {
        let step = Step {
            name: "authorize".to_owned(),
            expect: self.trial.case.refusal.clone(),
            ..Step::default()
        };
        let response = Response::new(Observation {
            status: 302,
            body: serde_json::json!({ "error": error }).to_string().into(),
            ..Observation::default()
        });
        let place = format!("step `{}`", step.name);
        self.precondition(&place, &step.expect, &response, None)?;
        self.judge(&step.expect, &response, &[], None, None, true);
        Ok(())
    }

    /// A page in place of a code, from which nothing leads on, where a plain request gets a code. Where
    /// the case lets the endpoint refuse, this is a refusal too. Else it may be a page that asks the user for
    /// something, and shows nothing.
    pub(super) fn judge_refusing_page(&mut self, reason: String) -> Result<(), Stop> {
        let before = self.checks.len();
        self.judge_refused("")?;
        if self.checks[before..]
            .iter()
            .all(|check| check.verdict == Verdict::Pass)
        {
            return Ok(());
        }
        self.checks.truncate(before);
        Err(Stop::Errored(reason))
    }

    pub(super) fn situation<'s>(
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
            trial: &self.trial.name,
            auth: &self.auth,
            start: self.trial.start.map_or("", Start::name),
            public: self
                .trial
                .client
                .and_then(|index| self.session.target.clients.get(index))
                .is_some_and(crate::config::Client::is_public),
            introspects: self.session.target.introspecting().is_some(),
            keys: &self.keys,
            skew: i64::try_from(self.session.target.clock_skew.as_secs()).unwrap_or(i64::MAX),
            control,
            at_once,
            alive,
            steps: &self.scope.steps,
            value,
        }
    }

    pub(super) fn judge(
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
    pub(super) fn judge_on(
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
                if !expectation.is_precondition()
                    && judge::applies(expectation, response, &situation)
                {
                    made.extend(judge::judge(expectation, response, &situation));
                }
            }
        }
        let exchange = self.exchanges.len().checked_sub(1);
        for mut check in made {
            check.exchange = exchange;
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
pub(super) enum Rest {
    /// On the response alone.
    Nothing,
    /// On a control.
    On {
        key: Box<ControlKey>,
        /// Its answer.
        observation: Option<Observation>,
        /// Why it did not succeed.
        outcome: Result<(), String>,
    },
}

/// Whether a check of the case looks at a signature.
pub(super) fn needs_keys(case: &Case) -> bool {
    case.expectations().any(|expectation| {
        let names = expectation.holds.as_slice();
        if names.iter().any(|name| judge::predicates::reads_keys(name)) {
            return true;
        }
        std::iter::once(expectation.answer())
            .chain(expectation.any_of.iter().cloned())
            .any(|answer| answer.jwt.values().any(|rule| rule.signature.is_some()))
    })
}

/// Why the answers of a step show nothing: the server limits requests. Not where the case is about
/// that, nor where of several at once more than one was granted all the same.
pub(super) fn limits(step: &Step, answers: &[Observation]) -> Option<String> {
    let limited: Vec<&Observation> = answers
        .iter()
        .filter(|answer| answer.limited.is_some())
        .collect();
    let first = limited.first()?;
    let about = step.expect.iter().any(|expectation| {
        expectation.answer().has_status(first.status)
            || expectation
                .any_of
                .iter()
                .any(|answer| answer.has_status(first.status))
    });
    let granted = answers
        .iter()
        .filter(|answer| Response::new((*answer).clone()).granted())
        .count();
    if about || granted > 1 {
        return None;
    }
    let why = first.limited.clone().unwrap_or_default();
    Some(if answers.len() > 1 {
        format!(
            "{} of {} requests at once were {why}",
            limited.len(),
            answers.len()
        )
    } else {
        why
    })
}
