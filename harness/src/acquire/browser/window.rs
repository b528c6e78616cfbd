//! A session with a browser: one window with nothing in it, which ends when it is dropped.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::runtime::Handle;
use url::Url;

use super::bidi::{Bidi, Caught};
use super::driver::Driver;
use super::wire::{Element, WireError};
use crate::acquire::AcquireError;
use crate::acquire::authorization::is_redirect_uri;
use crate::config::{Http, Login};

/// What keeps Chromium from doing more than it is told.
const FLAGS: &[&str] = &[
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    "--window-size=1280,1000",
];
/// What every script begins with.
const COMMON: &str = include_str!("script/common.js");

/// A window.
pub(in crate::acquire) struct Window {
    driver: Arc<Driver>,
    id: String,
    bidi: Option<Bidi>,
    /// As messages call the browser.
    pub name: String,
    redirect_uri: String,
}

impl std::fmt::Debug for Window {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Window of {}", self.name)
    }
}

impl Window {
    /// Opens a window.
    pub(super) async fn open(
        driver: Arc<Driver>,
        login: &Login,
        http: &Http,
    ) -> Result<Self, AcquireError> {
        let capabilities = capabilities(login, http, driver.is_here);
        let (id, able) = driver.wire.begin(&capabilities).await.map_err(|error| {
            AcquireError::Configuration(format!(
                "{} cannot start a browser: {error}; install one (on Debian: apt-get install chromium), or name \
                 its program with `login.browser`",
                driver.name
            ))
        })?;
        let text = |name: &str| able[name].as_str().unwrap_or_default();
        let mut window = Self {
            driver,
            id,
            bidi: None,
            name: format!("{} {}", text("browserName"), text("browserVersion"))
                .trim()
                .to_owned(),
            redirect_uri: String::new(),
        };
        // Where it is not told what the browser asks for, the address of the page has to do.
        if let Some(address) = able["webSocketUrl"].as_str() {
            window.bidi = Bidi::connect(address).await.ok();
        }
        Ok(window)
    }

    /// How the driver is called.
    pub(super) fn driver(&self) -> &str {
        &self.driver.name
    }

    /// From now on, what is asked of the redirect URI is caught.
    pub(super) async fn await_at(&mut self, redirect_uri: &str) -> Result<(), WireError> {
        redirect_uri.clone_into(&mut self.redirect_uri);
        match &self.bidi {
            Some(bidi) => bidi.await_at(redirect_uri).await.map_err(WireError::Silent),
            None => Ok(()),
        }
    }

    /// What was asked of the redirect URI.
    pub(super) async fn caught(&self) -> Option<Caught> {
        if let Some(bidi) = &self.bidi {
            return bidi.caught();
        }
        let url = self.driver.wire.url(&self.id).await.ok()?;
        let url = Url::parse(&url).ok()?;
        is_redirect_uri(&url, &self.redirect_uri).then(|| Caught {
            url,
            method: "GET".into(),
        })
    }

    /// Waits until something is asked of the redirect URI; for ever where that is not told.
    pub(super) async fn until_caught(&self) -> Caught {
        loop {
            if let Some(caught) = self.bidi.as_ref().and_then(Bidi::caught) {
                return caught;
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    pub(super) async fn go(&self, url: &Url) -> Result<(), WireError> {
        self.driver.wire.go(&self.id, url).await
    }

    pub(super) async fn script(&self, script: &str, arguments: Value) -> Result<Value, WireError> {
        let script = format!("{COMMON}\n{script}");
        self.driver.wire.script(&self.id, &script, arguments).await
    }

    pub(super) async fn click(&self, element: &Element) -> Result<(), WireError> {
        self.driver.wire.click(&self.id, element).await
    }

    pub(super) async fn clear(&self, element: &Element) -> Result<(), WireError> {
        self.driver.wire.clear(&self.id, element).await
    }

    pub(super) async fn type_in(&self, element: &Element, text: &str) -> Result<(), WireError> {
        self.driver.wire.type_in(&self.id, element, text).await
    }

    pub(super) async fn screenshot(&self) -> Result<String, WireError> {
        self.driver.wire.screenshot(&self.id).await
    }

    /// All cookies; none where the browser does not tell them.
    pub(super) async fn cookies(&self) -> Option<Vec<Value>> {
        self.bidi.as_ref()?.cookies().await.ok()
    }

    /// Closes it, and waits for that.
    pub async fn close(mut self) {
        if let Some(ending) = self.end() {
            let _ = ending.await;
        }
    }

    fn end(&mut self) -> Option<impl Future<Output = ()> + Send + use<>> {
        let id = std::mem::take(&mut self.id);
        let driver = Arc::clone(&self.driver);
        (!id.is_empty()).then_some(async move {
            // A browser that is gone has ended.
            let _ = tokio::time::timeout(Duration::from_secs(10), driver.wire.end(&id)).await;
        })
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        // Without a runtime the run is over, and the driver's end is that of its browsers.
        if let (Some(ending), Ok(runtime)) = (self.end(), Handle::try_current()) {
            self.driver.ending(runtime.spawn(ending));
        }
    }
}

/// What the browser has to be (W3C WebDriver, "Capabilities").
fn capabilities(login: &Login, http: &Http, here: bool) -> Value {
    let mut flags: Vec<&str> = FLAGS.to_vec();
    // Chromium has no sandbox for the administrator, as in containers.
    if here && is_administrator() {
        flags.push("--no-sandbox");
    }
    let mut chromium = json!({ "args": flags });
    let mut firefox = json!({ "args": ["-headless"] });
    if let Some(program) = &login.browser {
        let path = login.folder.join(program);
        let path = if program.contains('/') && here {
            std::path::absolute(&path).unwrap_or(path)
        } else {
            program.into()
        };
        let path = path.display().to_string();
        chromium["binary"] = path.as_str().into();
        firefox["binary"] = path.as_str().into();
    }
    json!({
        "alwaysMatch": {
            // What is waited for is the element of a step, not all of a page.
            "pageLoadStrategy": "none",
            "unhandledPromptBehavior": "dismiss",
            "webSocketUrl": true,
            // A script that runs while a request is caught hangs, and with it the answer to that.
            "timeouts": { "script": 2500 },
            "proxy": proxy(http.proxy.as_deref()),
        },
        "firstMatch": [
            { "goog:chromeOptions": chromium },
            { "moz:firefoxOptions": firefox },
            {},
        ],
    })
}

/// The proxy of the configuration; none is taken from the environment.
fn proxy(proxy: Option<&str>) -> Value {
    let Some(url) = proxy.and_then(|proxy| Url::parse(proxy).ok()) else {
        return json!({ "proxyType": "direct" });
    };
    let host = url.host_str().unwrap_or_default();
    let address = match url.port_or_known_default() {
        Some(port) => format!("{host}:{port}"),
        None => format!("{host}:1080"),
    };
    if url.scheme().starts_with("socks") {
        json!({ "proxyType": "manual", "socksProxy": address, "socksVersion": 5 })
    } else {
        json!({ "proxyType": "manual", "httpProxy": address, "sslProxy": address })
    }
}

#[cfg(unix)]
fn is_administrator() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

#[cfg(not(unix))]
fn is_administrator() -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::proxy;

    #[test]
    fn a_proxy_is_told_as_webdriver_wants_it() {
        assert_eq!(proxy(None)["proxyType"], "direct");
        let http = proxy(Some("http://proxy.example:3128"));
        assert_eq!(http["sslProxy"], "proxy.example:3128");
        let socks = proxy(Some("socks5://127.0.0.1"));
        assert_eq!(socks["socksProxy"], "127.0.0.1:1080");
    }
}
