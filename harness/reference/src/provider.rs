//! A running server without its socket: the issuer, its rules, its faults and
//! what it remembers, and the way of a request through them.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::answer::Answer;
use crate::clients::Client;
use crate::context::Context;
use crate::dialect::Dialect;
use crate::endpoints::Endpoint;
use crate::faults::Faults;
use crate::options::Personality;
use crate::request::Request;
use crate::rules::Rules;
use crate::store::Store;

/// What all requests to one server share.
#[derive(Debug)]
pub(crate) struct Provider {
    pub(crate) issuer: String,
    pub(crate) rules: Rules,
    pub(crate) faults: Faults,
    personality: Personality,
    store: Mutex<Store>,
}

impl Provider {
    pub(crate) fn new(
        personality: Personality,
        issuer: &str,
        faults: Faults,
        code_lifetime: Option<Duration>,
    ) -> Self {
        let dialect = personality.dialect();
        let mut rules = dialect.rules();
        rules.code.lifetime = code_lifetime.unwrap_or(rules.code.lifetime);
        faults.change_rules(&mut rules);
        let mut store = Store::default();
        dialect.seed(&mut store);
        Self {
            issuer: issuer.to_owned(),
            rules,
            faults,
            personality,
            store: Mutex::new(store),
        }
    }

    /// Answers a request.
    pub(crate) async fn respond(&self, endpoint: Endpoint, mut request: Request) -> Answer {
        self.faults.change_request(&mut request, endpoint);
        let mut context = Context::new(endpoint, request);
        let mut answer = match endpoint.answer(self, &mut context).await {
            Ok(answer) => answer,
            Err(mistake) => {
                context.mistake = Some(mistake);
                self.dialect().refuse_request(mistake, &context)
            }
        };
        self.faults.change_answer(&mut answer, &context);
        answer
    }

    /// The voice in which it answers.
    pub(crate) fn dialect(&self) -> &'static dyn Dialect {
        self.personality.dialect()
    }

    /// The registered client of that identifier.
    pub(crate) fn client(&self, id: &str) -> Option<&'static Client> {
        self.dialect()
            .clients()
            .iter()
            .find(|client| client.id == id)
    }

    /// What is remembered. Nothing is awaited, and nothing signed, while it is held.
    pub(crate) fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
