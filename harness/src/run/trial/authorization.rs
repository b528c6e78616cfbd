//! What the authorization endpoint answers, where that is what a trial judges.

use indexmap::IndexMap;
use serde_json::{Map, Value};
use url::Url;

use super::super::begin::Stop;
use super::Attempt;
use crate::acquire::{self, AcquireError};
use crate::catalogue::AuthorizeBy;
use crate::judge::Response;
use crate::outcome::{Exchange, Observation, Purpose};

impl Attempt<'_> {
    /// Sends the authorization request and judges what came back.
    pub(super) async fn authorization_request(&mut self) -> Result<(), Stop> {
        let client = self.trial.client.unwrap_or_default();
        if !self.trial.auth_matters {
            self.auth = self.session.controls.method(self.session, client).await;
        }
        let spec = self.code_spec(client, &self.trial.case.acquire)?;
        let session = self.session;
        let mut exchanges = Vec::new();
        let permit = session.code_permit().await;
        let got = acquire::code(
            &session.desk,
            &session.target,
            &session.http,
            &session.vault,
            &session.jar,
            &spec,
            &mut exchanges,
        )
        .await;
        drop(permit);
        // In a session that a plain request needs no login in, a page that leads nowhere is no login.
        let dead_end = matches!(got, Err(AcquireError::DeadEnd(_)));
        let answer = answer(&exchanges).or_else(|| dead_end.then(|| page(&exchanges)).flatten());
        let by_post = last(&exchanges).is_some_and(|exchange| exchange.request.method == "POST");
        self.exchanges.append(&mut exchanges);
        let Some(response) = answer else {
            return Err(Stop::Errored(match got {
                Ok(_) => "the answer of the authorization endpoint was not seen".to_owned(),
                Err(error) => error.to_string(),
            }));
        };
        if spec.method == AuthorizeBy::Post && !by_post {
            return Err(Stop::Skipped(
                "it does not apply: the last redirect does not answer a POST".into(),
            ));
        }
        if let Ok(acquired) = got {
            self.scope.start = acquired;
        }
        self.judge_refusal(client, &response).await
    }

    /// Where the case says that the authorization endpoint may refuse as well, its refusal is what
    /// the first step is judged on.
    pub(super) async fn refused_before(&mut self, stop: Stop) -> Result<(), Stop> {
        let case = &self.trial.case;
        let refusal =
            answer(&self.exchanges).filter(|answer| answer.json_member("error").is_some());
        let (true, Some(response)) = (case.acquire.refusable, refusal) else {
            return Err(stop);
        };
        let client = self.trial.client.unwrap_or_default();
        self.judge_refusal(client, &response).await
    }

    /// Judges the case's first step on what the authorization endpoint answered.
    async fn judge_refusal(&mut self, client: usize, response: &Response) -> Result<(), Stop> {
        let errored = self.proved_by_a_code(client, response).await.err();
        let steps = self.trial.case.steps();
        let Some(step) = steps.first() else {
            return Ok(());
        };
        if errored.is_none() {
            let place = format!("step `{}`", step.name);
            self.precondition(&place, &step.expect, response, None)?;
        }
        self.judge_on(&step.expect, response, &[], None, None, true, errored);
        Ok(())
    }

    /// A request without a code shows something only where a plain one is answered with a code
    /// that gives a token.
    async fn proved_by_a_code(&self, client: usize, response: &Response) -> Result<(), String> {
        if response.json_member("code").is_some() {
            return Ok(());
        }
        let control = self
            .session
            .controls
            .get(self.session, &self.plain(client))
            .await;
        control.outcome.clone()
    }
}

fn last(exchanges: &[Exchange]) -> Option<&Exchange> {
    exchanges
        .iter()
        .rfind(|exchange| exchange.purpose == Purpose::Acquire && !exchange.token_endpoint)
}

/// The answer to an authorization request: the parameters of the redirect that has a code or an
/// error (RFC 6749 sections 4.1.2 and 4.1.2.1) as a JSON object, or a page with a 4xx. Any other
/// page may be one that logs in, and shows nothing.
fn answer(exchanges: &[Exchange]) -> Option<Response> {
    let observation = last(exchanges)?.response.as_ref().ok()?;
    match observation.status {
        300..400 => redirected(observation).map(Response::new),
        400..500 if observation.limited.is_none() => Some(Response::new(observation.clone())),
        _ => None,
    }
}

/// A page with a 2xx that tells of a refusal to the user alone.
fn page(exchanges: &[Exchange]) -> Option<Response> {
    let observation = last(exchanges)?.response.as_ref().ok()?;
    (200..300)
        .contains(&observation.status)
        .then(|| Response::new(observation.clone()))
}

fn redirected(observation: &Observation) -> Option<Observation> {
    let url = Url::parse(&observation.header("location")?).ok()?;
    let mut parameters = IndexMap::new();
    let fragment = url.fragment().unwrap_or_default();
    for (name, value) in url
        .query_pairs()
        .chain(url::form_urlencoded::parse(fragment.as_bytes()))
    {
        parameters
            .entry(name.into_owned())
            .or_insert_with(|| value.into_owned());
    }
    let is_answer = ["code", "error", "access_token", "id_token"]
        .iter()
        .any(|name| parameters.contains_key(*name));
    is_answer.then(|| Observation {
        body: Value::Object(
            parameters
                .into_iter()
                .map(|(name, value)| (name, Value::String(value)))
                .collect::<Map<_, _>>(),
        )
        .to_string()
        .into_bytes()
        .into(),
        ..observation.clone()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::SentRequest;

    fn seen(status: u16, location: &str) -> Vec<Exchange> {
        vec![Exchange {
            purpose: Purpose::Acquire,
            step: "authorize".into(),
            token_endpoint: false,
            request: SentRequest::default(),
            way: crate::outcome::Way::default(),
            response: Ok(Observation {
                status,
                headers: std::sync::Arc::new([("location".into(), location.as_bytes().to_vec())]),
                ..Observation::default()
            }),
        }]
    }

    #[test]
    fn a_redirect_with_a_code_or_an_error_is_an_answer() {
        let refused = answer(&seen(
            302,
            "https://c.example/cb?error=invalid_scope&state=a%20b",
        ));
        let refused = refused.unwrap();
        assert_eq!(refused.text_member("error"), Some("invalid_scope"));
        assert_eq!(refused.text_member("state"), Some("a b"));
        let implicit = answer(&seen(303, "https://c.example/cb#access_token=x")).unwrap();
        assert_eq!(implicit.text_member("access_token"), Some("x"));
    }

    #[test]
    fn a_way_to_log_in_is_no_answer() {
        assert!(answer(&seen(302, "https://server.example/login?return=1")).is_none());
        assert!(answer(&seen(200, "")).is_none());
        assert!(answer(&seen(503, "")).is_none());
    }

    #[test]
    fn a_page_that_refuses_is_an_answer_without_parameters() {
        let page = answer(&seen(400, "")).unwrap();
        assert!(page.json_member("code").is_none());
        assert_eq!(page.observation.status, 400);
    }
}
