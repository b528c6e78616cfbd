//! A login session: the cookies of the authorization server, as one browser window has them.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use cookie_store::CookieStore;
use serde_json::Value;
use tokio::sync::RwLock;
use url::Url;

use super::browser::Window;
use crate::outcome::Observation;
use crate::secret::{SecretKind, Vault};

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
    /// The window of a login in the browser.
    pub(super) window: tokio::sync::Mutex<Option<Window>>,
    /// How that browser calls itself.
    agent: Mutex<Option<String>>,
    /// Whether a plain request with its cookies gives no code.
    only_in_the_browser: AtomicBool,
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

    /// Whether the server has set no cookie.
    pub fn has_no_cookie(&self) -> bool {
        let store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        store.iter_any().next().is_none()
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
        for (name, value) in response.headers.iter() {
            if !name.eq_ignore_ascii_case("set-cookie") {
                continue;
            }
            let text = String::from_utf8_lossy(value);
            let secret = text
                .split_once('=')
                .map(|(_, rest)| rest.split(';').next().unwrap_or_default().trim());
            if let Some(secret) = secret.filter(|secret| secret.len() >= 4) {
                vault.learn(SecretKind::Issued, "cookie", secret);
            }
            // A cookie that does not parse, or is for another host, is not kept.
            let _ = store.parse(&text, url);
        }
    }

    /// Takes all cookies of a browser (WebDriver BiDi, `network.Cookie`) in place of those that it
    /// has; their values are secrets.
    pub fn take_over(&self, cookies: &[Value], agent: &str, vault: &Vault) {
        let mut taken = CookieStore::default();
        for cookie in cookies {
            let text = |name: &str| cookie[name].as_str().unwrap_or_default();
            let (name, domain, path) = (text("name"), text("domain"), text("path"));
            // One that is no text is sent by no server.
            let Some(value) = cookie["value"]["value"]
                .as_str()
                .filter(|_| cookie["value"]["type"] == "string")
            else {
                continue;
            };
            if value.len() >= 4 {
                vault.learn(SecretKind::Issued, "cookie", value);
            }
            let host = domain.trim_start_matches('.');
            let Ok(url) = Url::parse(&format!("https://{host}{path}")) else {
                continue;
            };
            let mut line = format!("{name}={value}; Path={path}");
            if domain != host {
                line.push_str(&format!("; Domain={host}"));
            }
            for (member, attribute) in [("secure", "; Secure"), ("httpOnly", "; HttpOnly")] {
                if cookie[member] == true {
                    line.push_str(attribute);
                }
            }
            let _ = taken.parse(&line, &url);
        }
        *self.store.lock().unwrap_or_else(PoisonError::into_inner) = taken;
        if !agent.is_empty() {
            *self.agent.lock().unwrap_or_else(PoisonError::into_inner) = Some(agent.to_owned());
        }
    }

    /// How the browser calls itself that the cookies were taken over from.
    pub fn agent(&self) -> Option<String> {
        let agent = self.agent.lock().unwrap_or_else(PoisonError::into_inner);
        agent.clone()
    }

    /// From now on, codes are got in the browser alone.
    pub fn only_in_the_browser(&self) {
        self.only_in_the_browser.store(true, Ordering::Relaxed);
    }

    /// Whether codes are got in the browser alone.
    pub fn is_only_in_the_browser(&self) -> bool {
        self.only_in_the_browser.load(Ordering::Relaxed)
    }

    /// Closes the window, where there is one.
    pub async fn close(&self) {
        let window = self.window.lock().await.take();
        if let Some(window) = window {
            window.close().await;
        }
    }
}
