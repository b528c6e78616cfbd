//! The request of a step.

use super::super::begin::Stop;
use super::Attempt;
use crate::catalogue::{AsClient, Endpoint, Step};
use crate::exchange::{BuildError, Valid, build};
use crate::outcome::SentRequest;

impl Attempt<'_> {
    pub(super) fn sender(&self, step: &Step) -> Option<usize> {
        match step.request.client {
            Some(AsClient::Other) => self.trial.other,
            _ => self.trial.client,
        }
    }
    /// The request of a step.
    pub(super) fn request(&mut self, step: &Step) -> Result<SentRequest, Stop> {
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
        // What the metadata did not name either, the target does not have.
        if self.url_of(step).is_none()
            && step.request.endpoint != Endpoint::Token
            && crate::discovery::elsewhere(&self.session.target).is_none()
        {
            let name = step.request.endpoint.name();
            return Err(Stop::Skipped(format!("no {name} endpoint is known")));
        }
        let valid = self.valid(step).map_err(&errored)?;
        let request =
            build(&valid, &ops, &|text| self.scope.fill(text)).map_err(|error| match error {
                BuildError::NotApplicable(why) => {
                    Stop::Skipped(format!("it does not apply: {why}"))
                }
                other => errored(other.to_string()),
            })?;
        self.sent.insert(step.name.clone(), (ops, request.clone()));
        Ok(request)
    }

    /// Where the request of a step goes.
    fn url_of(&self, step: &Step) -> Option<String> {
        let target = &self.session.target;
        let endpoints = &target.endpoints;
        match step.request.endpoint {
            Endpoint::Token => &endpoints.token,
            Endpoint::Introspection => &endpoints.introspection,
            Endpoint::Revocation => &endpoints.revocation,
            Endpoint::Userinfo => &endpoints.userinfo,
            Endpoint::Jwks => &endpoints.jwks,
            Endpoint::Metadata => &target.issuer,
        }
        .clone()
    }

    /// The valid request that a step changes: the token request, or one to another endpoint.
    pub(super) fn valid(&self, step: &Step) -> Result<Valid, String> {
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
                auth: self.auth.clone(),
                headers: Vec::new(),
                json: false,
            },
        };
        valid.client_id.clone_from(&client.id);
        valid.client_secret = client
            .secret
            .as_ref()
            .map(|secret| secret.expose().to_owned());
        valid.url = self.url_of(step).ok_or_else(|| {
            crate::discovery::elsewhere(target)
                .unwrap_or_else(|| "the endpoint is not known".into())
        })?;
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
}
