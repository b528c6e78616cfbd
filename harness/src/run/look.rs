//! Looks whether a token is alive: by introspection, as the client that the configuration names for
//! that or else as the trial's own, and otherwise at the userinfo endpoint.

use super::session::{By, Session};
use crate::assertion::Signer;
use crate::exchange::{Valid, build};
use crate::judge::{Aliveness, Response};
use crate::outcome::{Exchange, Purpose};

/// Who wants to know.
pub struct Looker<'l> {
    /// The trial, or what else it is for.
    pub by: &'l str,
    /// The client whose token it is.
    pub client: Option<usize>,
    /// The client authentication method.
    pub auth: &'l str,
}

/// Whether the token is alive; none where nothing at the target can tell.
///
/// Where introspection cannot tell, userinfo may.
pub async fn look(
    session: &Session,
    looker: &Looker<'_>,
    token: &str,
    exchanges: &mut Vec<Exchange>,
) -> Option<Aliveness> {
    let target = &session.target;
    let asking = target.introspecting().or(looker.client)?;
    let client = target.clients.get(asking)?;
    let endpoints = &session.target.endpoints;
    let mut unknown = None;
    if let Some(url) = endpoints
        .introspection
        .as_ref()
        .filter(|_| !client.is_public())
    {
        let valid = Valid {
            url: url.clone(),
            method: "POST",
            params: vec![("token".into(), token.to_owned())],
            client_id: client.id.clone(),
            client_secret: client
                .secret
                .as_ref()
                .map(|secret| secret.expose().to_owned()),
            signer: target.signer(client),
            auth: match client.auth.first() {
                Some(first) if !client.has_method(looker.auth) => first.clone(),
                _ => looker.auth.to_owned(),
            },
            headers: Vec::new(),
            json: false,
        };
        match ask(session, looker, &valid, exchanges)
            .await
            .map(introspected)
        {
            Ok(seen @ Aliveness::Seen(..)) => return Some(seen),
            Ok(Aliveness::Unknown(why)) | Err(why) => unknown = Some(Aliveness::Unknown(why)),
        }
    }
    let Some(url) = &endpoints.userinfo else {
        return unknown;
    };
    let valid = Valid {
        url: url.clone(),
        method: "GET",
        params: Vec::new(),
        client_id: String::new(),
        client_secret: None,
        signer: Signer::default(),
        auth: String::new(),
        headers: vec![("authorization".into(), format!("Bearer {token}"))],
        json: false,
    };
    Some(match ask(session, looker, &valid, exchanges).await {
        Ok(response) => userinfo(&response),
        Err(why) => Aliveness::Unknown(why),
    })
}

async fn ask(
    session: &Session,
    looker: &Looker<'_>,
    valid: &Valid,
    exchanges: &mut Vec<Exchange>,
) -> Result<Response, String> {
    let by = By {
        trial: looker.by,
        step: "look",
        purpose: Purpose::Look,
        client: looker.client,
        auth: &valid.auth,
    };
    let request =
        build(valid, &[], &|text| Ok(text.to_owned())).map_err(|error| error.to_string())?;
    let exchange = session.exchange(request, false, &by).await;
    let response = exchange.response.clone();
    exchanges.push(exchange);
    response.map(Response::new)
}

/// RFC 7662 section 2.2: `active` tells.
fn introspected(response: Response) -> Aliveness {
    let status = response.observation.status;
    match response
        .json_member("active")
        .and_then(serde_json::Value::as_bool)
    {
        Some(active) => Aliveness::Seen(active, format!("introspection says active={active}")),
        None => Aliveness::Unknown(format!("introspection answered {status} without `active`")),
    }
}

/// OpenID Connect Core 5.3, RFC 6750 section 3.1: 401 for a token that is no longer valid.
fn userinfo(response: &Response) -> Aliveness {
    match response.observation.status {
        200 => Aliveness::Seen(true, "userinfo answers 200".into()),
        401 => Aliveness::Seen(false, "userinfo answers 401".into()),
        status => Aliveness::Unknown(format!("userinfo answered {status}")),
    }
}
