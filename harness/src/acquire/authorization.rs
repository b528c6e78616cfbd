//! The authorization request, its answer, and the redirects in between. That is all where the
//! target redirects at once, `via = "auto"`; what is done with pages is in [`form`].

use std::borrow::Cow;

use url::Url;

use super::{AcquireError, Desk, Jar, Pairs, browser, form};
use crate::catalogue::AuthorizeBy;
use crate::config::{Http, Login, LoginVia};
use crate::exchange::{HttpClient, Manner, Sent};
use crate::outcome::{Exchange, Observation, Purpose, SentRequest};
use crate::secret::{SecretKind, Vault};

/// How many redirects within the authorization server are followed.
pub(super) const REDIRECTS: usize = 10;

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
        if query.get("state").is_some_and(|told| told != state) {
            return Err(AcquireError::OtherState);
        }
        if let Some(error) = query.get("error") {
            return Err(AcquireError::Refused {
                error: error.clone(),
                description: query
                    .get("error_description")
                    .map_or(String::new(), |text| format!(": {text}")),
            });
        }
        if query.get("state").map(String::as_str) != Some(state) {
            return Err(AcquireError::OtherState);
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
    pub desk: &'a Desk,
    pub http: &'a HttpClient,
    pub vault: &'a Vault,
    pub jar: &'a Jar,
    pub login: &'a Login,
    pub settings: &'a Http,
    pub start: &'a Url,
    pub method: AuthorizeBy,
    pub redirect_uri: &'a str,
}

/// Gets an answer: with one request where the session knows the client, else alone in the
/// session: following redirects up to the redirect URI, and through login pages where
/// `via = "form"` or `"browser"`.
///
/// # Errors
/// On which answer it got stuck.
pub async fn log_in(
    ask: &Ask<'_>,
    client: &str,
    seen: &mut Vec<Exchange>,
) -> Result<Answer, AcquireError> {
    let in_browser = ask.login.via == LoginVia::Browser;
    // Where the first left no cookie there is no session, neither of pages nor of grants, in which
    // requests could mix: everybody asks at once.
    let stateless =
        || ask.login.via == LoginVia::Auto && !ask.jar.is_new() && ask.jar.has_no_cookie();
    let known = || ask.jar.knows(client) || stateless();
    let mut alone = None;
    if !known() {
        // Who waits for a login need not log in after it; where that was in a browser, it is not
        // known yet whether a plain request will do, and one is enough to see.
        alone = Some(ask.jar.turn.write().await);
        if known() && !in_browser {
            alone = None;
        }
    }
    if alone.is_none() && !(in_browser && ask.jar.is_only_in_the_browser()) {
        let _beside_others = ask.jar.turn.read().await;
        if stateless() {
            return ask.redirects(seen).await;
        }
        match ask.at_once(seen).await {
            Ok(Next::Answer(answer)) => return Ok(answer),
            // What the server makes of the browser, it does not make of a plain request.
            _ if in_browser => ask.jar.only_in_the_browser(),
            // It wants to see the user again: from the start, alone.
            Ok(_) => {}
            Err(error) => return Err(error),
        }
    }
    let _alone = match alone {
        Some(alone) => alone,
        None => ask.jar.turn.write().await,
    };
    let answer = match ask.login.via {
        LoginVia::Form => {
            if let Some(error) = ask.desk.refused() {
                return Err(error.clone());
            }
            let answer = form::log_in(ask, seen).await;
            if let Err(error @ AcquireError::Credentials(_)) = &answer {
                ask.desk.refuse(error);
            }
            let answer = answer?;
            ask.desk.let_in(ask.login);
            answer
        }
        LoginVia::Browser => browser::log_in(ask).await?,
        _ => ask.redirects(seen).await?,
    };
    ask.jar.remember(client);
    Ok(answer)
}

/// What one response leads to.
pub(super) enum Next {
    /// The redirect URI.
    Answer(Answer),
    /// Another page of the authorization server.
    Redirect(Url),
    /// No redirect.
    Page,
}

impl Ask<'_> {
    /// What one request leads to.
    async fn at_once(&self, seen: &mut Vec<Exchange>) -> Result<Next, AcquireError> {
        let mut request = self.first();
        if let Some(agent) = self.jar.agent() {
            request
                .headers
                .push(("user-agent".into(), agent.into_bytes()));
        }
        let first = self.send(request, seen).await?;
        self.next(self.start, &first)
    }

    /// Follows redirects within the server, and nothing else.
    async fn redirects(&self, seen: &mut Vec<Exchange>) -> Result<Answer, AcquireError> {
        let mut url = self.start.clone();
        for turn in 0..REDIRECTS {
            let request = if turn == 0 {
                self.first()
            } else {
                self.get(&url)
            };
            let response = self.send(request, seen).await?;
            match self.next(&url, &response)? {
                Next::Answer(answer) => return Ok(answer),
                Next::Redirect(next) => url = next,
                Next::Page if (400..500).contains(&response.status) => {
                    return Err(AcquireError::DeadEnd(format!(
                        "the authorization endpoint answered {} and no redirect",
                        response.status
                    )));
                }
                Next::Page => {
                    return Err(AcquireError::Stuck(format!(
                        "the authorization endpoint answered {} and no redirect; with a login page, \
                         `login.via` has to be `form`, `browser`, `manual` or `command`",
                        response.status
                    )));
                }
            }
        }
        Err(AcquireError::Stuck(format!(
            "no redirect URI after {REDIRECTS} redirects"
        )))
    }

    /// The authorization request itself.
    pub(super) fn first(&self) -> SentRequest {
        let mut request = self.get(self.start);
        if self.method == AuthorizeBy::Post {
            let mut url = self.start.clone();
            let form = url.query().unwrap_or_default().to_owned();
            url.set_query(None);
            request.method = "POST".into();
            request.url = url.to_string();
            request.headers.push((
                "content-type".into(),
                b"application/x-www-form-urlencoded".to_vec(),
            ));
            request.body = Some(form.into_bytes().into());
        }
        request
    }

    /// The request for a page.
    pub(super) fn get(&self, url: &Url) -> SentRequest {
        SentRequest {
            method: "GET".into(),
            url: url.to_string(),
            headers: vec![("accept".into(), b"text/html".to_vec())],
            ..SentRequest::default()
        }
    }

    /// Sends a request with the session's cookies, and keeps those that come.
    pub(super) async fn send(
        &self,
        mut request: SentRequest,
        seen: &mut Vec<Exchange>,
    ) -> Result<Observation, AcquireError> {
        let place = |error: &dyn std::fmt::Display| {
            AcquireError::Stuck(format!("the authorization endpoint: {error}"))
        };
        let url = Url::parse(&request.url).map_err(|error| place(&error))?;
        if let Some(cookies) = self.jar.header(&url) {
            request
                .headers
                .push(("cookie".into(), cookies.into_bytes()));
        }
        let home = url.origin() == self.start.origin();
        let manner = Manner::of(&request.method);
        let Sent { response, way } = if home {
            self.http.attempt(&request, "authorization", manner).await
        } else {
            self.http
                .attempt_elsewhere(&request, "authorization", manner)
                .await
        };
        if let Ok(observation) = &response {
            self.jar.keep(&url, observation, self.vault);
            learn_code(observation, self.vault);
        }
        seen.push(Exchange {
            purpose: Purpose::Acquire,
            step: "authorize".into(),
            token_endpoint: false,
            request,
            way,
            response: response.clone(),
        });
        if let Ok(Observation {
            limited: Some(why), ..
        }) = &response
        {
            return Err(place(why));
        }
        response.map_err(|error| match url.host_str() {
            Some(host) if !home => {
                AcquireError::Stuck(format!("{host}, which the login led to: {error}"))
            }
            _ => place(&error),
        })
    }

    /// Where a response leads to.
    pub(super) fn next(&self, url: &Url, response: &Observation) -> Result<Next, AcquireError> {
        let location = response
            .header("location")
            .filter(|_| (300..400).contains(&response.status));
        let Some(location) = location else {
            return Ok(Next::Page);
        };
        let next = url
            .join(&location)
            .map_err(|_| AcquireError::Stuck("the redirect's Location is no URL".into()))?;
        if self.is_redirect_uri(&next) {
            return Ok(Next::Answer(Answer::of(&next)));
        }
        let anywhere = self.login.via == LoginVia::Form && is_web(&next);
        if next.origin() != self.start.origin() && !anywhere {
            return Err(AcquireError::Stuck(format!(
                "the authorization endpoint redirects to {}, which is neither the redirect URI nor \
                 the server itself",
                next.host_str().unwrap_or("another place")
            )));
        }
        Ok(Next::Redirect(next))
    }

    /// Whether a URL is the redirect URI with parameters added.
    pub(super) fn is_redirect_uri(&self, url: &Url) -> bool {
        is_redirect_uri(url, self.redirect_uri)
    }
}

fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
}

/// A code is a secret from the moment that it is seen.
fn learn_code(observation: &Observation, vault: &Vault) {
    for (name, value) in observation.headers.iter() {
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
                vault.learn(SecretKind::Issued, "start.code", code);
            }
        }
    }
}

/// Whether a URL is the redirect URI with parameters added.
pub(super) fn is_redirect_uri(url: &Url, redirect_uri: &str) -> bool {
    let Ok(expected) = Url::parse(redirect_uri) else {
        return false;
    };
    url.scheme() == expected.scheme()
        && url.host() == expected.host()
        && url.port_or_known_default() == expected.port_or_known_default()
        && url.path() == expected.path()
}
