//! Controls: the same request without the thing done to it.
//!
//! Shared by the trials that start alike, made when the first of them needs it, and made again at
//! the end of a phase.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::{StreamExt as _, stream};
use tokio::sync::OnceCell;

use super::begin::{self, Begin};
use super::session::{By, Session};
use crate::acquire::CodeSpec;
use crate::catalogue::{ExtensionGrant, Start};
use crate::exchange::build;
use crate::judge::Response;
use crate::outcome::{Exchange, Observation, Purpose};

/// What trials that start alike have in common.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ControlKey {
    /// What the request starts from.
    pub start: Start,
    /// The client.
    pub client: usize,
    /// The authentication method.
    pub auth: String,
    /// How the code is got, where one is.
    pub code: Option<CodeSpec>,
    /// The extension grant, where it starts from one.
    pub grant: Option<ExtensionGrant>,
}

/// What came of a control.
#[derive(Debug)]
pub struct Control {
    /// Which control it is.
    pub key: ControlKey,
    /// Why it did not succeed.
    pub outcome: Result<(), String>,
    /// The answer.
    pub observation: Option<Observation>,
    /// What was sent.
    pub exchanges: Vec<Exchange>,
}

/// A control, made when it is first needed, and whether anything has needed it in this phase.
#[derive(Debug, Default)]
struct Cell {
    made: Arc<OnceCell<Arc<Control>>>,
    used: bool,
}

/// The controls of a run.
#[derive(Debug, Default)]
pub struct Controls {
    cells: Mutex<HashMap<ControlKey, Cell>>,
}

impl Controls {
    /// The control, made if nobody has made it.
    pub async fn get(&self, session: &Session, key: &ControlKey) -> Arc<Control> {
        let cell = {
            let mut cells = self.cells.lock().unwrap_or_else(PoisonError::into_inner);
            let cell = cells.entry(key.clone()).or_default();
            cell.used = true;
            Arc::clone(&cell.made)
        };
        Arc::clone(
            cell.get_or_init(|| async { Arc::new(make(session, key).await) })
                .await,
        )
    }

    /// Makes every control that succeeded, and was needed since it was made, again, so many at once;
    /// the next phase begins with these. Returns those that do not succeed any more, and why.
    pub async fn again(&self, session: &Session, at_once: usize) -> HashMap<ControlKey, String> {
        let mut needed: Vec<ControlKey> = {
            let mut cells = self.cells.lock().unwrap_or_else(PoisonError::into_inner);
            cells.retain(|_, cell| {
                let control = cell.made.get();
                control.is_some_and(|control| control.outcome.is_ok())
            });
            let used = cells.iter().filter(|(_, cell)| cell.used);
            used.map(|(key, _)| key.clone()).collect()
        };
        // The longest first.
        needed.sort_by_key(|key| match key.start {
            Start::RefreshToken => 0,
            Start::AuthorizationCode => 1,
            _ => 2,
        });
        let made: Vec<Control> = stream::iter(needed)
            .map(|key| async move { make(session, &key).await })
            .buffer_unordered(at_once.max(1))
            .collect()
            .await;
        let mut cells = self.cells.lock().unwrap_or_else(PoisonError::into_inner);
        let mut broken = HashMap::new();
        for control in made {
            let key = control.key.clone();
            cells.remove(&key);
            if let Err(why) = &control.outcome {
                let why = format!(
                    "the control succeeded before and does not any more ({why}): a lockout, a limit or an \
                     expired session; what lies between shows nothing"
                );
                broken.insert(key, why);
            } else {
                let made = Arc::new(OnceCell::new_with(Some(Arc::new(control))));
                cells.insert(key, Cell { made, used: false });
            }
        }
        broken
    }

    /// Forgets the controls that did not succeed: whoever needs one makes it anew.
    pub fn forget_failed(&self) {
        let mut cells = self.cells.lock().unwrap_or_else(PoisonError::into_inner);
        cells.retain(|_, cell| {
            let control = cell.made.get();
            control.is_none_or(|control| control.outcome.is_ok())
        });
    }

    /// The control of a request with a made-up code or refresh token: that the credentials are
    /// right. Anything that the client gets with the same method shows it; where it is registered
    /// for nothing that it could get, the made-up request itself, which is then answered
    /// `invalid_grant`.
    pub async fn credentials(&self, session: &Session, key: &ControlKey) -> Arc<Control> {
        let mut failed = None;
        for real in real_grants(session, key.client, &key.auth) {
            let control = self.get(session, &real).await;
            if control.outcome.is_ok() {
                return control;
            }
            failed.get_or_insert(control);
        }
        match failed {
            Some(control) => control,
            None => self.get(session, key).await,
        }
    }

    /// Whether the client's credentials were proved by any other control than `but`: with another
    /// method, or another grant.
    pub async fn proved(&self, session: &Session, but: &ControlKey) -> Result<(), String> {
        let Some(client) = session.target.clients.get(but.client) else {
            return Err("there is no client".into());
        };
        let mut tried = Vec::new();
        for auth in &client.auth {
            for key in real_grants(session, but.client, auth) {
                if key == *but {
                    continue;
                }
                match &self.get(session, &key).await.outcome {
                    Ok(()) => return Ok(()),
                    Err(why) => tried.push(why.clone()),
                }
            }
        }
        Err(match tried.first() {
            None => {
                "nothing else that this client may do shows that its credentials are right".into()
            }
            Some(why) => format!("nothing else that this client may do succeeds either: {why}"),
        })
    }

    /// The first of the client's methods that works, for requests to which the method does not
    /// matter. Where none does, the first.
    pub async fn method(&self, session: &Session, client: usize) -> String {
        let methods = session
            .target
            .clients
            .get(client)
            .map(|client| client.auth.as_slice())
            .unwrap_or_default();
        let first = methods.first().cloned().unwrap_or_default();
        if methods.len() < 2 {
            return first;
        }
        for auth in methods {
            let mut keys = real_grants(session, client, auth);
            keys.push(ControlKey {
                start: Start::MadeUpCode,
                client,
                auth: auth.clone(),
                code: None,
                grant: None,
            });
            for key in keys {
                if self.get(session, &key).await.outcome.is_ok() {
                    return auth.clone();
                }
            }
        }
        first
    }
}

/// The requests that give this client a token, with this method.
fn real_grants(session: &Session, client: usize, auth: &str) -> Vec<ControlKey> {
    let Some(registered) = session.target.clients.get(client) else {
        return Vec::new();
    };
    let key = |start: Start, code| ControlKey {
        start,
        client,
        auth: auth.to_owned(),
        code,
        grant: None,
    };
    let mut keys = Vec::new();
    if registered.has_grant(Start::ClientCredentials.grant_type()) {
        keys.push(key(Start::ClientCredentials, None));
    }
    let has_code = registered.has_grant(Start::AuthorizationCode.grant_type())
        && session.target.login.is_some()
        && !registered.redirect_uris.is_empty();
    if has_code {
        keys.push(key(
            Start::AuthorizationCode,
            Some(begin::plain_code(client)),
        ));
    }
    if registered.has_grant(Start::Password.grant_type()) && session.target.user.is_some() {
        keys.push(key(Start::Password, None));
    }
    keys
}

async fn make(session: &Session, key: &ControlKey) -> Control {
    let mut exchanges = Vec::new();
    let start = Begin {
        start: key.start,
        client: key.client,
        auth: &key.auth,
        code: key.code.clone(),
        grant: key.grant.as_ref(),
        jar: &session.jar,
        by: "control",
    };
    let fail = |why: String, exchanges: Vec<Exchange>| Control {
        key: key.clone(),
        outcome: Err(format!("the control failed: {why}")),
        observation: None,
        exchanges,
    };
    let begun = match begin::begin_request(session, &start, &mut exchanges).await {
        Ok(begun) => begun,
        Err(why) => return fail(why.reason().to_owned(), exchanges),
    };
    let request = match build(&begun.valid, &[], &|text| Ok(text.to_owned())) {
        Ok(request) => request,
        Err(error) => return fail(error.to_string(), exchanges),
    };
    let by = By {
        trial: "control",
        step: "control",
        purpose: Purpose::Control,
        client: Some(key.client),
        auth: &key.auth,
    };
    let exchange = session.exchange(request, true, &by).await;
    let response = exchange.response.clone();
    exchanges.push(exchange);
    match response {
        Err(error) => fail(format!("the token endpoint: {error}"), exchanges),
        Ok(observation) => {
            let response = Response::new(observation.clone());
            let fine = if key.start.can_succeed() {
                response.succeeded()
            } else {
                response.refused() && response.text_member("error") == Some("invalid_grant")
            };
            let wanted = if key.start.can_succeed() {
                "which gives a token where all is right"
            } else {
                "which is answered invalid_grant where the credentials are right"
            };
            Control {
                key: key.clone(),
                outcome: if fine {
                    Ok(())
                } else {
                    Err(format!(
                        "the control failed: the unchanged {} request of the client `{}` by {}, {wanted}, \
                         was answered {}",
                        key.start.name(),
                        session.target.clients[key.client].name,
                        key.auth,
                        summary(&response),
                    ))
                },
                observation: Some(observation),
                exchanges,
            }
        }
    }
}

/// A response in a few words.
pub fn summary(response: &Response) -> String {
    let status = response.observation.status;
    if let Some(why) = &response.observation.limited {
        let why = why.strip_prefix("answered ").unwrap_or(why);
        return why.to_owned();
    }
    match (
        response.text_member("error"),
        response.text_member("error_description"),
    ) {
        (Some(error), Some(text)) => format!(
            "{status} {error} ({})",
            text.chars().take(120).collect::<String>()
        ),
        (Some(error), None) => format!("{status} {error}"),
        (None, _) if response.granted() => format!("{status} with a token"),
        (None, _) if response.observation.body.is_empty() => format!("{status} without a body"),
        (None, _) => format!("{status} without an error code or a token"),
    }
}
