//! The request of a step.

use super::super::begin::Stop;
use super::Attempt;
use crate::assertion::{self, Signer};
use crate::catalogue::{AsClient, Endpoint, Step};
use crate::config::Client;
use crate::discovery;
use crate::exchange::{BuildError, Valid, build};
use crate::outcome::SentRequest;

impl Attempt<'_> {
    /// As whom a step is sent: the introspection endpoint is asked by the client that the
    /// configuration names for that, if there is one.
    pub(super) fn sender(&self, step: &Step) -> Option<usize> {
        match (step.request.client, step.request.endpoint) {
            (Some(AsClient::Other), _) => self.trial.other,
            (None, Endpoint::Introspection) => {
                self.session.target.introspecting().or(self.trial.client)
            }
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
            // A server may take an assertion once, and then what is replayed is refused for that.
            let about_assertions = self.trial.auth_matters && assertion::is_method(&self.auth);
            if step.request.verbatim && (sent.assertions.is_empty() || about_assertions) {
                return Ok(sent.clone());
            }
            ops = earlier.iter().cloned().chain(ops).collect();
        }
        let target = &self.session.target;
        // What the metadata did not name either, the target does not have.
        let endpoints = &target.endpoints;
        let missing = match step.request.endpoint {
            Endpoint::Introspection => endpoints.introspection.is_none(),
            Endpoint::Revocation => endpoints.revocation.is_none(),
            _ => false,
        };
        let member = member(step.request.endpoint);
        if missing && discovery::why_unused(target, member).is_none() {
            let name = step.request.endpoint.name();
            return Err(Stop::Skipped(format!("no {name} endpoint is known")));
        }
        let valid = match step.request.endpoint {
            Endpoint::Userinfo
            | Endpoint::Jwks
            | Endpoint::Metadata
            | Endpoint::OauthMetadata
            | Endpoint::OpenidMetadata => self.retrieval(step)?,
            _ => self.valid(step).map_err(&errored)?,
        };
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
                method: "POST",
                ..nothing()
            },
        };
        valid.client_id.clone_from(&client.id);
        valid.client_secret = client
            .secret
            .as_ref()
            .map(|secret| secret.expose().to_owned());
        valid.signer = target.signer(client);
        let other = self.trial.other.and_then(|index| target.clients.get(index));
        valid.signer.other = other.and_then(Client::own_key);
        valid.auth = match client.auth.first() {
            Some(first) if !client.has_method(&self.auth) => first.clone(),
            _ => self.auth.clone(),
        };
        let endpoints = &target.endpoints;
        let url = match step.request.endpoint {
            Endpoint::Introspection => &endpoints.introspection,
            Endpoint::Revocation => &endpoints.revocation,
            _ => &endpoints.token,
        };
        valid.url = url.clone().ok_or_else(|| {
            discovery::why_unused(target, member(step.request.endpoint))
                .unwrap_or_else(|| "the endpoint is not known".into())
        })?;
        Ok(valid)
    }

    /// What is only read: a GET without credentials.
    fn retrieval(&self, step: &Step) -> Result<Valid, Stop> {
        let target = &self.session.target;
        let metadata = |place: Option<String>| {
            place.ok_or_else(|| Stop::Skipped("no metadata of the target is known".to_owned()))
        };
        let issuer = target.issuer.as_deref();
        let url = match step.request.endpoint {
            Endpoint::Metadata => metadata(self.session.metadata.clone())?,
            Endpoint::OpenidMetadata => metadata(issuer.map(discovery::openid_place))?,
            Endpoint::OauthMetadata => metadata(issuer.and_then(discovery::oauth_place))?,
            endpoint => {
                let (url, name) = match endpoint {
                    Endpoint::Jwks => (&target.endpoints.jwks, "jwks-uri"),
                    _ => (&target.endpoints.userinfo, "userinfo-endpoint"),
                };
                url.clone().ok_or_else(|| {
                    match discovery::why_unused(target, member(endpoint)) {
                        Some(why) => Stop::Errored(why),
                        None => Stop::Skipped(format!("the target has no `{name}`")),
                    }
                })?
            }
        };
        Ok(Valid { url, ..nothing() })
    }
}

/// The member of the metadata that names the endpoint.
const fn member(endpoint: Endpoint) -> &'static str {
    match endpoint {
        Endpoint::Introspection => "introspection_endpoint",
        Endpoint::Revocation => "revocation_endpoint",
        Endpoint::Jwks => "jwks_uri",
        Endpoint::Userinfo => "userinfo_endpoint",
        _ => "token_endpoint",
    }
}

/// A GET of nothing, without credentials.
fn nothing() -> Valid {
    Valid {
        url: String::new(),
        method: "GET",
        params: Vec::new(),
        client_id: String::new(),
        client_secret: None,
        signer: Signer::default(),
        auth: String::new(),
        headers: Vec::new(),
        json: false,
    }
}
