//! Looks whether a token is alive: by introspection, else at the userinfo endpoint.

use super::session::{By, Session};
use crate::exchange::{Valid, build};
use crate::judge::{Aliveness, Response};
use crate::outcome::{Exchange, Purpose};
use crate::plan::Trial;

/// Whether the token is alive; none where nothing at the target can tell.
pub async fn look(
    session: &Session,
    trial: &Trial,
    token: &str,
    exchanges: &mut Vec<Exchange>,
) -> Option<Aliveness> {
    let client = session.target.clients.get(trial.client?)?;
    let by = By {
        trial: &trial.name,
        step: "look",
        purpose: Purpose::Look,
        client: trial.client,
        auth: &trial.auth,
    };
    let endpoints = &session.target.endpoints;
    let mut valid = Valid {
        url: String::new(),
        method: "POST",
        params: Vec::new(),
        client_id: client.id.clone(),
        client_secret: client
            .secret
            .as_ref()
            .map(|secret| secret.expose().to_owned()),
        auth: trial.auth.clone(),
        headers: Vec::new(),
    };
    let introspects = endpoints
        .introspection
        .as_ref()
        .filter(|_| !client.is_public());
    if let Some(url) = introspects {
        valid.url.clone_from(url);
        valid.params = vec![("token".into(), token.to_owned())];
    } else {
        valid.url.clone_from(endpoints.userinfo.as_ref()?);
        valid.method = "GET";
        valid.auth = String::new();
        valid.headers = vec![("authorization".into(), format!("Bearer {token}"))];
    }
    let request = build(&valid, &[], &|text| Ok(text.to_owned())).ok()?;
    let exchange = session.exchange(request, false, &by).await;
    let response = exchange.response.clone();
    exchanges.push(exchange);
    Some(match response {
        Err(why) => Aliveness::Unknown(why),
        Ok(observation) => {
            let response = Response::new(observation);
            let status = response.observation.status;
            let active = response
                .json_member("active")
                .and_then(serde_json::Value::as_bool);
            match (introspects.is_some(), active) {
                (true, Some(active)) => {
                    Aliveness::Seen(active, format!("introspection says active={active}"))
                }
                (true, None) => {
                    Aliveness::Unknown(format!("introspection answered {status} without `active`"))
                }
                (false, _) if status == 200 => Aliveness::Seen(true, "userinfo answers 200".into()),
                (false, _) if status == 401 => {
                    Aliveness::Seen(false, "userinfo answers 401".into())
                }
                (false, _) => Aliveness::Unknown(format!("userinfo answered {status}")),
            }
        }
    })
}
