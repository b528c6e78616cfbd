//! A login session: the cookies of the authorization server, as one browser window has them.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use cookie_store::CookieStore;
use tokio::sync::RwLock;
use url::Url;

use crate::outcome::Observation;
use crate::secret::Vault;

/// The cookies of one login session.
///
/// A login of several pages keeps its state in cookies, so two of them in one session would mix.
/// Whoever logs in has the session alone; who is known gets a code in one request, beside others.
#[derive(Debug, Default)]
pub struct Jar {
    store: Mutex<CookieStore>,
    known: Mutex<HashSet<String>>,
    /// Held for reading by those who ask for a code with one request, for writing by a login.
    pub(super) turn: RwLock<()>,
}

impl Jar {
    /// Whether this client has got a code in this session before.
    pub fn knows(&self, client: &str) -> bool {
        self.known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .contains(client)
    }

    /// Whether nobody has got a code in this session yet.
    pub fn is_new(&self) -> bool {
        self.known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_empty()
    }

    /// Remembers that this client has got a code.
    pub fn remember(&self, client: &str) {
        self.known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(client.to_owned());
    }

    /// The `Cookie` header for a URL; none where no cookie is for it.
    pub fn header(&self, url: &Url) -> Option<String> {
        let store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        let pairs: Vec<String> = store
            .get_request_values(url)
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }

    /// Keeps the cookies of a response; their values are secrets.
    pub fn keep(&self, url: &Url, response: &Observation, vault: &Vault) {
        let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        for (name, value) in &response.headers {
            if !name.eq_ignore_ascii_case("set-cookie") {
                continue;
            }
            let text = String::from_utf8_lossy(value);
            let secret = text
                .split_once('=')
                .map(|(_, rest)| rest.split(';').next().unwrap_or_default().trim());
            if let Some(secret) = secret.filter(|secret| secret.len() >= 4) {
                vault.learn("cookie", secret);
            }
            // A cookie that does not parse, or is for another host, is not kept.
            let _ = store.parse(&text, url);
        }
    }
}
