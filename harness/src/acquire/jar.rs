//! A login session: the cookies of the authorization server.

use std::sync::{Mutex, PoisonError};

use cookie_store::CookieStore;
use url::Url;

use crate::outcome::Observation;
use crate::secret::Vault;

/// The cookies of one login session.
#[derive(Debug, Default)]
pub struct Jar {
    store: Mutex<CookieStore>,
}

impl Jar {
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
