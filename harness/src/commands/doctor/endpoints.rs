//! Whether introspection and userinfo answer.

use super::clients::{Gained, send};
use super::network::Network;
use super::remedy;
use super::steps::Steps;
use crate::judge::Response;
use crate::outcome::{Purpose, SentRequest};
use crate::run::{By, Session, summary};

/// RFC 7662 section 2: as a client with a secret, with a token that was just given.
pub async fn introspection(
    session: &Session,
    network: &Network,
    gained: &Gained,
    steps: &mut Steps<'_, '_>,
) {
    let Some(url) = &session.target.endpoints.introspection else {
        return;
    };
    if !network.reaches(url) {
        steps.skip("introspection", "since its host cannot be reached");
        return;
    }
    let confidential = |client: usize| !session.target.clients[client].is_public();
    let Some(held) = gained
        .tokens
        .iter()
        .rev()
        .find(|held| confidential(held.client))
    else {
        steps.skip("introspection", "since no client with a secret got a token");
        return;
    };
    let params = vec![("token".to_owned(), held.token.clone())];
    match send(session, held.client, &held.auth, url.clone(), params).await {
        Err(why) => steps.cross(&format!("introspection: {why}"), &remedy::of_silence(&why)),
        Ok(observation) => {
            let response = Response::new(observation);
            let active = response
                .json_member("active")
                .and_then(serde_json::Value::as_bool);
            let status = response.observation.status;
            match (active, status) {
                (Some(true), 200) => {
                    steps.tick("introspection: says of a token just given that it is active");
                }
                (Some(_), _) => steps.warn(
                    "introspection: says of a token just given that it is not active",
                    "let the client introspect its own tokens; until then, userinfo has to tell whether one is alive",
                ),
                (None, 400..404) => steps.warn(
                    &format!("introspection: answered {}", refusal(&response)),
                    "let the client introspect; until then, userinfo has to tell whether a token is alive",
                ),
                _ => steps.cross(
                    &format!("introspection: answered {status} without `active`"),
                    "correct `introspection-endpoint`, or the server's metadata",
                ),
            }
        }
    }
}

/// OpenID Connect Core 5.3: with a user's token, or else without one.
pub async fn userinfo(
    session: &Session,
    network: &Network,
    gained: &Gained,
    steps: &mut Steps<'_, '_>,
) {
    let Some(url) = &session.target.endpoints.userinfo else {
        return;
    };
    if !network.reaches(url) {
        steps.skip("userinfo", "since its host cannot be reached");
        return;
    }
    let held = gained.tokens.iter().rev().find(|held| held.openid);
    let mut request = SentRequest {
        method: "GET".into(),
        url: url.clone(),
        ..SentRequest::default()
    };
    if let Some(held) = held {
        request.headers.push((
            "authorization".into(),
            format!("Bearer {}", held.token).into_bytes(),
        ));
    }
    let by = By {
        trial: "doctor",
        step: "userinfo",
        purpose: Purpose::Look,
        client: held.map(|held| held.client),
        auth: "",
    };
    match session.exchange(request, false, &by).await.response {
        Err(why) => steps.cross(&format!("userinfo: {why}"), &remedy::of_silence(&why)),
        Ok(observation) => match (observation.status, held.is_some()) {
            (200, true) => steps.tick("userinfo: answers a user's token with 200"),
            (400..404, false) => steps.tick(&format!(
                "userinfo: answers {} without a token; there was no user's token to ask with",
                observation.status
            )),
            (status @ 400..404, true) => steps.warn(
                &format!("userinfo: answers {status} to a token just given for `openid`"),
                "look into the server's log: with that scope, userinfo should answer (OpenID Connect Core 5.3)",
            ),
            (status, _) => steps.cross(
                &format!("userinfo: answered {status}"),
                "correct `userinfo-endpoint`, or the server's metadata",
            ),
        },
    }
}

fn refusal(response: &Response) -> String {
    match response.text_member("error") {
        Some(_) => summary(response),
        None => response.observation.status.to_string(),
    }
}
