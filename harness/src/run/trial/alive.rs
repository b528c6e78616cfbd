//! Steps that look whether a token is alive.

use super::super::begin::Stop;
use super::super::look::{Looker, look};
use super::Attempt;
use crate::catalogue::Step;
use crate::catalogue::template::Missing;
use crate::judge::{Aliveness, Response};
use crate::outcome::Observation;

impl Attempt<'_> {
    /// Whether a token of the trial's client is alive.
    async fn look(&mut self, token: &str) -> Option<Aliveness> {
        let looker = Looker {
            by: &self.trial.name,
            client: self.trial.client,
            auth: &self.auth,
        };
        look(self.session, &looker, token, &mut self.exchanges).await
    }

    /// Looks at the tokens that later steps want to have seen alive before this one.
    pub(super) async fn look_before(&mut self, step: &Step) {
        for later in self.trial.case.step.clone() {
            let Some(alive) = later
                .alive
                .filter(|alive| alive.before.as_deref() == Some(step.name.as_str()))
            else {
                continue;
            };
            let seen = match self.scope.fill(&alive.token) {
                Ok(token) => self.look(&token).await,
                Err(missing) => Some(Aliveness::Unknown(missing.to_string())),
            };
            self.before.insert(later.name.clone(), seen);
        }
    }

    pub(super) async fn alive_step(&mut self, step: &Step) -> Result<(), Stop> {
        let Some(alive) = &step.alive else {
            return Ok(());
        };
        let token = self
            .scope
            .fill(&alive.token)
            .map_err(|missing| match missing {
                Missing::Unchanged { .. } => Stop::Skipped(format!("it does not apply: {missing}")),
                Missing::Value(_) => Stop::Errored(format!("step `{}`: {missing}", step.name)),
            })?;
        let seen = match self.before.get(&step.name) {
            Some(Some(Aliveness::Seen(true, _))) | None => self.look(&token).await,
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
        let place = format!("step `{}`", step.name);
        self.precondition(&place, &step.expect, &response, Some(&seen))?;
        self.judge(&step.expect, &response, &[], Some(&seen), None, true);
        Ok(())
    }
}
