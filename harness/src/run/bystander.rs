//! Grants that have to outlive what destructive trials do.
//!
//! A replay or a revocation may end more than its own grant (RFC 6749 section 4.1.2 leaves a server
//! free to). Destructive trials that ran beside each other show as much as if each had been alone
//! only where nothing of that kind happened: where a grant of each of their clients, which nobody
//! touched, still lives afterwards.

use std::collections::BTreeSet;

use futures_util::future::join_all;

use super::begin::{Begin, Begun, begin_request, plain_code};
use super::look::{Looker, look};
use super::session::{By, Session};
use crate::acquire::Jar;
use crate::catalogue::Start;
use crate::exchange::{Manner, Valid, build};
use crate::judge::{Aliveness, Response};
use crate::outcome::Purpose;

/// The name that its requests are known by.
const NAME: &str = "bystander";

/// What one client holds that nobody touches: an unused code, an access token seen alive, and a
/// refresh token where there is one.
pub struct Bystander {
    client: usize,
    auth: String,
    unused: Begun,
    access_token: Option<String>,
    refresh_token: Option<String>,
}

impl Bystander {
    /// One for each of the clients; none where one of them cannot have a grant whose life can be
    /// told, for then it is not known what a destructive trial ends.
    pub async fn of_each(session: &Session, clients: &BTreeSet<usize>) -> Option<Vec<Self>> {
        let all = clients.iter().map(|&client| Self::get(session, client));
        join_all(all).await.into_iter().collect()
    }

    async fn get(session: &Session, client: usize) -> Option<Self> {
        let auth = session.controls.method(session, client).await;
        let jar = Jar::default();
        let first = code(session, client, &auth, &jar).await?;
        let granted = send(session, client, &first.valid).await?;
        let (access_token, refresh_token) = ["access_token", "refresh_token"]
            .map(|name| granted.text_member(name).map(str::to_owned))
            .into();
        let mut held = Self {
            client,
            unused: code(session, client, &auth, &jar).await?,
            auth,
            access_token,
            refresh_token,
        };
        match held.look(session).await {
            Some(Aliveness::Seen(true, _)) => {}
            // Nobody can look at an access token, so no trial does.
            None => held.access_token = None,
            Some(_) => return None,
        }
        (held.access_token.is_some() || held.refresh_token.is_some()).then_some(held)
    }

    /// Whether all that it holds still lives. It is used up.
    pub async fn lives(self, session: &Session) -> bool {
        if self.access_token.is_some()
            && !matches!(self.look(session).await, Some(Aliveness::Seen(true, _)))
        {
            return false;
        }
        let refreshed = async {
            let Some(token) = &self.refresh_token else {
                return true;
            };
            let mut valid = self.unused.valid.clone();
            valid.params = vec![
                ("grant_type".into(), "refresh_token".into()),
                ("refresh_token".into(), token.clone()),
            ];
            send(session, self.client, &valid).await.is_some()
        };
        let redeemed = send(session, self.client, &self.unused.valid);
        let (refreshed, redeemed) = tokio::join!(refreshed, redeemed);
        refreshed && redeemed.is_some()
    }

    async fn look(&self, session: &Session) -> Option<Aliveness> {
        let looker = Looker {
            by: NAME,
            client: Some(self.client),
            auth: &self.auth,
        };
        look(
            session,
            &looker,
            self.access_token.as_deref()?,
            &mut Vec::new(),
        )
        .await
    }
}

async fn code(session: &Session, client: usize, auth: &str, jar: &Jar) -> Option<Begun> {
    let begin = Begin {
        start: Start::AuthorizationCode,
        client,
        auth,
        code: Some(plain_code(client)),
        grant: None,
        jar,
        by: NAME,
    };
    begin_request(session, &begin, &mut Vec::new()).await.ok()
}

/// The answer where it succeeds. The checks over all responses do not see it: how many of these
/// requests a run makes depends on how it was scheduled.
async fn send(session: &Session, client: usize, valid: &Valid) -> Option<Response> {
    let request = build(valid, &[], &|text| Ok(text.to_owned())).ok()?;
    let by = By {
        trial: NAME,
        step: NAME,
        purpose: Purpose::Control,
        client: Some(client),
        auth: &valid.auth,
    };
    let exchange = session.exchange_in(Manner::Once, request, false, &by).await;
    let response = Response::new(exchange.response.ok()?);
    response.succeeded().then_some(response)
}
