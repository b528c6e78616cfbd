//! The authorization request, where the target answers with a redirect at once: `via = "auto"`.

use std::borrow::Cow;

use url::Url;

use super::{AcquireError, Jar, Pairs};
use crate::exchange::HttpClient;
use crate::outcome::{Exchange, Purpose, SentRequest};
use crate::secret::Vault;

/// How many redirects within the authorization server are followed.
const STEPS: usize = 10;

/// What came back to the redirect URI.
#[derive(Debug)]
pub enum Answer {
    /// The query of the redirect.
    Query(Pairs),
    /// The code alone, as a program may print it.
    Code(String),
}

impl Answer {
    /// The query of a redirect URL.
    pub fn of(url: &Url) -> Self {
        Self::Query(
            url.query_pairs()
                .map(|(name, value): (Cow<'_, str>, Cow<'_, str>)| {
                    (name.into_owned(), value.into_owned())
                })
                .collect(),
        )
    }

    /// The code.
    ///
    /// # Errors
    /// Where the answer is an error, has another state, or has no code (RFC 6749 section 4.1.2).
    pub fn code(self, state: &str) -> Result<String, AcquireError> {
        let query = match self {
            Self::Code(code) => return Ok(code),
            Self::Query(query) => query,
        };
        if let Some(error) = query.get("error") {
            return Err(AcquireError::Refused {
                error: error.clone(),
                description: query
                    .get("error_description")
                    .map_or(String::new(), |text| format!(": {text}")),
            });
        }
        if query.get("state").map(String::as_str) != Some(state) {
            return Err(AcquireError::Stuck(
                "the redirect does not have the `state` of the request".into(),
            ));
        }
        match query.get("code") {
            Some(code) if !code.is_empty() => Ok(code.clone()),
            _ => Err(AcquireError::Stuck("the redirect has no `code`".into())),
        }
    }
}

/// The URL of an authorization request.
///
/// # Errors
/// Where the endpoint is no URL.
pub fn url(endpoint: &str, params: &[(String, String)]) -> Result<Url, url::ParseError> {
    let mut url = Url::parse(endpoint)?;
    url.query_pairs_mut().extend_pairs(params);
    Ok(url)
}

/// An authorization request, and the session that it is made in.
pub struct Ask<'a> {
    pub http: &'a HttpClient,
    pub vault: &'a Vault,
    pub jar: &'a Jar,
    pub start: &'a Url,
    pub redirect_uri: &'a str,
}

/// Gets an answer: with one request where the session knows the client, else alone in the
/// session, following redirects within the authorization server up to the redirect URI.
///
/// # Errors
/// On which answer it got stuck.
pub async fn log_in(
    ask: &Ask<'_>,
    client: &str,
    seen: &mut Vec<Exchange>,
) -> Result<Answer, AcquireError> {
    if ask.jar.knows(client) {
        let _beside_others = ask.jar.turn.read().await;
        if let Next::Answer(answer) = ask.step(ask.start, seen).await? {
            return Ok(answer);
        }
        // It wants to see the user again: from the start, alone.
    }
    let _alone = ask.jar.turn.write().await;
    let mut url = ask.start.clone();
    for _ in 0..STEPS {
        match ask.step(&url, seen).await? {
            Next::Answer(answer) => {
                ask.jar.remember(client);
                return Ok(answer);
            }
            Next::Redirect(next) => url = next,
        }
    }
    Err(AcquireError::Stuck(format!(
        "no redirect URI after {STEPS} redirects"
    )))
}

/// What one request led to.
enum Next {
    /// The redirect URI.
    Answer(Answer),
    /// Another page of the authorization server.
    Redirect(Url),
}

impl Ask<'_> {
    async fn step(&self, url: &Url, seen: &mut Vec<Exchange>) -> Result<Next, AcquireError> {
        let mut request = SentRequest {
            method: "GET".into(),
            url: url.to_string(),
            headers: vec![("accept".into(), b"text/html".to_vec())],
            ..SentRequest::default()
        };
        if let Some(cookies) = self.jar.header(url) {
            request
                .headers
                .push(("cookie".into(), cookies.into_bytes()));
        }
        let response = self.http.send(&request, "authorization").await;
        if let Ok(observation) = &response {
            self.jar.keep(url, observation, self.vault);
            learn_code(observation, self.vault);
        }
        seen.push(Exchange {
            purpose: Purpose::Acquire,
            step: "authorize".into(),
            token_endpoint: false,
            request,
            response: response.clone(),
        });
        let response = response
            .map_err(|error| AcquireError::Stuck(format!("the authorization endpoint: {error}")))?;
        let location = response
            .headers
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case("location"))
            .map(|(_, value)| String::from_utf8_lossy(value).into_owned());
        let Some(location) = location.filter(|_| (300..400).contains(&response.status)) else {
            return Err(AcquireError::Stuck(format!(
                "the authorization endpoint answered {} and no redirect; with a login page, `login.via` \
                 has to be `command`",
                response.status
            )));
        };
        let next = url
            .join(&location)
            .map_err(|_| AcquireError::Stuck("the redirect's Location is no URL".into()))?;
        if is_redirect_uri(&next, self.redirect_uri) {
            return Ok(Next::Answer(Answer::of(&next)));
        }
        if next.origin() != self.start.origin() {
            return Err(AcquireError::Stuck(format!(
                "the authorization endpoint redirects to {}, which is neither the redirect URI nor \
                 the server itself",
                next.host_str().unwrap_or("another place")
            )));
        }
        Ok(Next::Redirect(next))
    }
}

/// A code is a secret from the moment that it is seen.
fn learn_code(observation: &crate::outcome::Observation, vault: &Vault) {
    for (name, value) in &observation.headers {
        if !name.eq_ignore_ascii_case("location") {
            continue;
        }
        let text = String::from_utf8_lossy(value);
        let query = text
            .split_once('?')
            .map(|(_, query)| query)
            .unwrap_or_default();
        for pair in query.split(['&', '#']) {
            if let Some(code) = pair.strip_prefix("code=")
                && code.len() >= 4
            {
                vault.learn("start.code", code);
            }
        }
    }
}

/// Whether a URL is the redirect URI with parameters added.
fn is_redirect_uri(url: &Url, redirect_uri: &str) -> bool {
    let Ok(expected) = Url::parse(redirect_uri) else {
        return false;
    };
    url.scheme() == expected.scheme()
        && url.host() == expected.host()
        && url.port_or_known_default() == expected.port_or_known_default()
        && url.path() == expected.path()
}
