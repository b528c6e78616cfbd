//! Whether each client can do what the configuration says of it: authenticate, get a code, redeem
//! it, refresh. The requests are the controls of a run.

use super::authorization::{self, Seen};
use super::network::Network;
use super::remedy;
use super::steps::Steps;
use crate::catalogue::Start;
use crate::config::Client;
use crate::exchange::{Valid, build};
use crate::judge::Response;
use crate::outcome::{Observation, Purpose};
use crate::run::{By, ControlKey, Session, plain_code, summary};

/// An access token that a step gave.
#[derive(Debug)]
pub struct Held {
    /// The client that has it.
    pub client: usize,
    /// A method by which the client authenticates.
    pub auth: String,
    /// The token.
    pub token: String,
    /// Whether a user stands behind it, with `openid`.
    pub openid: bool,
}

/// What the clients' steps gave for those after them.
#[derive(Debug, Default)]
pub struct Gained {
    /// Tokens.
    pub tokens: Vec<Held>,
    /// Answers.
    pub observations: Vec<Observation>,
}

/// Goes through all clients.
pub async fn clients(
    session: &Session,
    network: &Network,
    steps: &mut Steps<'_, '_>,
    gained: &mut Gained,
) {
    if session.target.clients.is_empty() {
        steps.part("clients");
        steps.nothing(
            "clients",
            "none is configured; add [[target.NAME.client]] with an id, a secret and grants",
        );
    }
    for (index, client) in session.target.clients.iter().enumerate() {
        steps.part(&format!("client {}", client.name));
        let Some(auth) = authentication(session, index, network, steps, gained).await else {
            if client.has_grant("authorization_code") && session.target.login.is_some() {
                steps.skip(
                    "redirect URI, code, exchange",
                    "since the client's authentication is not proved",
                );
            }
            continue;
        };
        if client.has_grant("authorization_code") {
            let of = Of {
                session,
                index,
                client,
                auth: &auth,
            };
            of.codes(network, steps, gained).await;
        }
    }
}

/// Each of the client's methods. Gives the first that works.
async fn authentication(
    session: &Session,
    index: usize,
    network: &Network,
    steps: &mut Steps<'_, '_>,
    gained: &mut Gained,
) -> Option<String> {
    let client = &session.target.clients[index];
    let start = if client.has_grant("client_credentials") {
        Start::ClientCredentials
    } else if client.has_grant("refresh_token") && !client.has_grant("authorization_code") {
        Start::MadeUpRefreshToken
    } else if client.has_grant("password")
        && !client.has_grant("authorization_code")
        && session.target.user.is_some()
    {
        Start::Password
    } else {
        Start::MadeUpCode
    };
    let endpoint = session.target.endpoints.token.as_deref();
    let mut works = None;
    for auth in &client.auth {
        if let Some(why) = &session.unreachable {
            steps.skip(auth, &format!("since {why}"));
            continue;
        }
        if !endpoint.is_some_and(|url| network.reaches(url)) {
            steps.skip(auth, "since the token endpoint cannot be reached");
            continue;
        }
        let key = ControlKey {
            start,
            client: index,
            auth: auth.clone(),
            code: None,
            grant: None,
        };
        let control = session.controls.get(session, &key).await;
        gained.observations.extend(control.observation.clone());
        let response = control.observation.clone().map(Response::new);
        match (&control.outcome, &response) {
            (Ok(()), Some(response)) => {
                steps.tick(&format!(
                    "{auth}: {}",
                    match start {
                        Start::ClientCredentials => "client_credentials gives a token".to_owned(),
                        Start::Password => "a user's name and password give a token".to_owned(),
                        Start::MadeUpRefreshToken =>
                            "a made-up refresh token is refused for itself (invalid_grant)"
                                .to_owned(),
                        _ => "a made-up code is refused for itself (invalid_grant)".to_owned(),
                    }
                ));
                works.get_or_insert_with(|| auth.clone());
                if let Some(token) = response.text_member("access_token") {
                    gained.tokens.push(Held {
                        client: index,
                        auth: auth.clone(),
                        token: token.to_owned(),
                        openid: false,
                    });
                }
            }
            (outcome, response) => {
                let why = outcome.as_ref().err().map_or("", String::as_str);
                steps.cross(
                    &format!("{auth}: {}", short(why)),
                    remedy::of_token_request(response.as_ref(), why, start, client, auth).as_str(),
                );
                // Who is refused for what it may not do has been recognized.
                let known = response
                    .as_ref()
                    .and_then(|response| response.text_member("error"));
                if matches!(
                    known,
                    Some("unauthorized_client" | "invalid_scope" | "unsupported_grant_type")
                ) {
                    works.get_or_insert_with(|| auth.clone());
                }
            }
        }
    }
    works
}

/// The words of a failed control without what every one of them begins with.
fn short(why: &str) -> &str {
    why.strip_prefix("the control failed: ").unwrap_or(why)
}

/// A client with a method that works.
struct Of<'o> {
    session: &'o Session,
    index: usize,
    client: &'o Client,
    auth: &'o str,
}

impl Of<'_> {
    /// Redirect URIs, a code, its exchange, a refresh.
    async fn codes(&self, network: &Network, steps: &mut Steps<'_, '_>, gained: &mut Gained) {
        let target = &self.session.target;
        if self.client.redirect_uris.is_empty() {
            steps.nothing("codes", "the client has no `redirect-uris`");
            return;
        }
        if target.login.is_none() {
            steps.nothing(
                "codes",
                "the target has no `login`, so the cases that need a code are skipped",
            );
            return;
        }
        let Some(endpoint) = &target.endpoints.authorization else {
            steps.cross(
                "codes: no authorization endpoint is known",
                "say `authorization-endpoint` in the configuration",
            );
            return;
        };
        if !network.reaches(endpoint) {
            steps.skip(
                "redirect URI, code, exchange",
                "since the authorization endpoint cannot be reached",
            );
            return;
        }
        for (at, uri) in self.client.redirect_uris.iter().enumerate() {
            let seen = authorization::ask(self.session, self.index, uri).await;
            let what = format!("redirect URI {uri}");
            match seen {
                Seen::Accepted(how) => steps.tick(&format!("{what}: {how}")),
                Seen::Unclear(how, remedy) => steps.warn(&format!("{what}: {how}"), remedy),
                Seen::Refused(how, remedy) => {
                    steps.cross(&format!("{what}: {how}"), remedy);
                    if at == 0 {
                        steps.skip("login, code, exchange", "since the redirect URI is refused");
                        return;
                    }
                }
            }
        }
        self.exchange(steps, gained).await;
    }

    async fn exchange(&self, steps: &mut Steps<'_, '_>, gained: &mut Gained) {
        let key = ControlKey {
            start: Start::AuthorizationCode,
            client: self.index,
            auth: self.auth.to_owned(),
            code: Some(plain_code(self.index)),
            grant: None,
        };
        let control = self.session.controls.get(self.session, &key).await;
        gained.observations.extend(control.observation.clone());
        let why = control.outcome.as_ref().err().map_or("", String::as_str);
        if !control
            .exchanges
            .iter()
            .any(|exchange| exchange.token_endpoint)
        {
            steps.cross(
                &format!("login and code: {}", short(why)),
                &remedy::of_login(why),
            );
            steps.skip("exchange", "since there is no code");
            return;
        }
        steps.tick("login and code: the login gives a code");
        let response = control.observation.clone().map(Response::new);
        let (Ok(()), Some(response)) = (&control.outcome, &response) else {
            steps.cross(
                &format!("exchange: {}", short(why)),
                &remedy::of_token_request(
                    response.as_ref(),
                    why,
                    Start::AuthorizationCode,
                    self.client,
                    self.auth,
                ),
            );
            return;
        };
        let has = |name: &str| response.text_member(name).is_some();
        let given: Vec<&str> = ["access_token", "refresh_token", "id_token"]
            .into_iter()
            .filter(|name| has(name))
            .collect();
        steps.tick(&format!("exchange: the code gives {}", given.join(", ")));
        let refreshed = if self.client.has_grant("refresh_token") {
            self.refresh(response, steps, gained).await
        } else {
            None
        };
        // A server may revoke the token before when it gives the next.
        let token = refreshed.or_else(|| response.text_member("access_token").map(str::to_owned));
        if let Some(token) = token {
            gained.tokens.push(Held {
                client: self.index,
                auth: self.auth.to_owned(),
                token,
                openid: self
                    .client
                    .scope
                    .as_deref()
                    .is_some_and(|scope| scope.split(' ').any(|item| item == "openid")),
            });
        }
    }

    /// RFC 6749 section 6.
    async fn refresh(
        &self,
        exchanged: &Response,
        steps: &mut Steps<'_, '_>,
        gained: &mut Gained,
    ) -> Option<String> {
        let Some(token) = exchanged.text_member("refresh_token") else {
            steps.cross(
                "refresh: the code gave no refresh token",
                "ask for what this server wants for one (often `offline_access` in `scope`, with \
                 `params = { prompt = \"consent\" }` in the login); or take refresh_token out of `grants`",
            );
            return None;
        };
        let params = vec![
            ("grant_type".to_owned(), "refresh_token".to_owned()),
            ("refresh_token".to_owned(), token.to_owned()),
        ];
        let url = self
            .session
            .target
            .endpoints
            .token
            .clone()
            .unwrap_or_default();
        match send(self.session, self.index, self.auth, url, params).await {
            Ok(observation) => {
                gained.observations.push(observation.clone());
                let response = Response::new(observation);
                if response.granted() {
                    steps.tick("refresh: the refresh token gives an access token");
                    return response.text_member("access_token").map(str::to_owned);
                }
                let why = summary(&response);
                steps.cross(
                    &format!("refresh: answered {why}"),
                    &remedy::of_token_request(
                        Some(&response),
                        &why,
                        Start::RefreshToken,
                        self.client,
                        self.auth,
                    ),
                );
            }
            Err(why) => steps.cross(&format!("refresh: {why}"), &remedy::of_silence(&why)),
        }
        None
    }
}

/// Sends a form as a client, who authenticates.
pub async fn send(
    session: &Session,
    index: usize,
    auth: &str,
    url: String,
    params: Vec<(String, String)>,
) -> Result<Observation, String> {
    let client = &session.target.clients[index];
    let valid = Valid {
        url,
        method: "POST",
        params,
        client_id: client.id.clone(),
        client_secret: client
            .secret
            .as_ref()
            .map(|secret| secret.expose().to_owned()),
        signer: session.target.signer(client),
        auth: auth.to_owned(),
        headers: Vec::new(),
        json: false,
    };
    let request =
        build(&valid, &[], &|text| Ok(text.to_owned())).map_err(|error| error.to_string())?;
    let by = By {
        trial: "doctor",
        step: "look",
        purpose: Purpose::Look,
        client: Some(index),
        auth,
    };
    session.exchange(request, false, &by).await.response
}
