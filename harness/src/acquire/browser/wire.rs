//! The WebDriver protocol (W3C WebDriver, "Endpoints"): a request for each command, and each ends.

use std::error::Error as _;
use std::time::Duration;

use serde_json::{Value, json};
use thiserror::Error;
use url::Url;

/// How long a command may take.
const COMMAND: Duration = Duration::from_secs(15);
/// How long a browser may take to start.
const START: Duration = Duration::from_secs(40);
/// The member that makes a JSON object an element (W3C WebDriver, "Elements").
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A command failed.
#[derive(Debug, Clone, Error)]
pub(super) enum WireError {
    /// The driver says that it cannot be done.
    #[error("{error}: {message}")]
    Said {
        /// The error code of the protocol.
        error: String,
        /// The driver's words, without its stack.
        message: String,
    },
    /// The driver says nothing, or nothing that can be understood.
    #[error("the WebDriver does not answer: {0}")]
    Silent(String),
}

impl WireError {
    /// Whether the driver said one of these.
    pub fn is(&self, errors: &[&str]) -> bool {
        matches!(self, Self::Said { error, .. } if errors.contains(&error.as_str()))
    }
}

/// An element of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Element(String);

impl Element {
    /// An element in what a script returned.
    pub fn of(value: &Value) -> Option<Self> {
        value.get(ELEMENT)?.as_str().map(|id| Self(id.to_owned()))
    }
}

/// A WebDriver.
#[derive(Debug)]
pub(super) struct Wire {
    http: reqwest::Client,
    base: Url,
}

impl Wire {
    /// A WebDriver at an address.
    pub fn new(base: &Url) -> Result<Self, WireError> {
        let mut base = base.clone();
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        let mut builder = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none());
        if base.scheme() == "http" {
            // Nothing here speaks TLS: no certificates need to be found and read.
            builder = builder.tls_certs_only([]);
        }
        let http = builder
            .build()
            .map_err(|error| WireError::Silent(error.to_string()))?;
        Ok(Self { http, base })
    }

    /// Begins a session: a browser with nothing in it. Gives its id and what it can do.
    pub async fn begin(&self, capabilities: &Value) -> Result<(String, Value), WireError> {
        let body = json!({ "capabilities": capabilities });
        let value = self.call("POST", "session", Some(&body), START).await?;
        match value.get("sessionId").and_then(Value::as_str) {
            Some(id) => Ok((id.to_owned(), value["capabilities"].clone())),
            None => Err(WireError::Silent("it names no session".into())),
        }
    }

    /// Ends a session, and its browser with it.
    pub async fn end(&self, session: &str) -> Result<(), WireError> {
        let path = format!("session/{session}");
        self.call("DELETE", &path, None, COMMAND).await.map(drop)
    }

    /// Goes to a page.
    pub async fn go(&self, session: &str, url: &Url) -> Result<(), WireError> {
        let body = json!({ "url": url.as_str() });
        self.post(session, "url", &body).await.map(drop)
    }

    /// The address of the page.
    pub async fn url(&self, session: &str) -> Result<String, WireError> {
        let path = format!("session/{session}/url");
        let value = self.call("GET", &path, None, COMMAND).await?;
        Ok(value.as_str().unwrap_or_default().to_owned())
    }

    /// What a script returns.
    pub async fn script(
        &self,
        session: &str,
        script: &str,
        arguments: Value,
    ) -> Result<Value, WireError> {
        let body = json!({ "script": script, "args": arguments });
        self.post(session, "execute/sync", &body).await
    }

    /// Clicks an element.
    pub async fn click(&self, session: &str, element: &Element) -> Result<(), WireError> {
        let path = format!("element/{}/click", element.0);
        self.post(session, &path, &json!({})).await.map(drop)
    }

    /// Empties a field.
    pub async fn clear(&self, session: &str, element: &Element) -> Result<(), WireError> {
        let path = format!("element/{}/clear", element.0);
        self.post(session, &path, &json!({})).await.map(drop)
    }

    /// Types into a field.
    pub async fn type_in(
        &self,
        session: &str,
        element: &Element,
        text: &str,
    ) -> Result<(), WireError> {
        let path = format!("element/{}/value", element.0);
        let body = json!({ "text": text });
        self.post(session, &path, &body).await.map(drop)
    }

    /// An element as an argument of a script.
    pub fn argument(element: &Element) -> Value {
        json!({ ELEMENT: element.0 })
    }

    /// A picture of the page, as Base64 of a PNG.
    pub async fn screenshot(&self, session: &str) -> Result<String, WireError> {
        let path = format!("session/{session}/screenshot");
        let value = self.call("GET", &path, None, COMMAND).await?;
        Ok(value.as_str().unwrap_or_default().to_owned())
    }

    async fn post(&self, session: &str, path: &str, body: &Value) -> Result<Value, WireError> {
        let path = format!("session/{session}/{path}");
        self.call("POST", &path, Some(body), COMMAND).await
    }

    async fn call(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
        patience: Duration,
    ) -> Result<Value, WireError> {
        let silent = |error: reqwest::Error| {
            // Its own words do not say why.
            let error = error.without_url();
            let mut text = error.to_string();
            let mut cause = error.source();
            while let Some(next) = cause {
                text = next.to_string();
                cause = next.source();
            }
            WireError::Silent(text)
        };
        let url = self
            .base
            .join(path)
            .map_err(|error| WireError::Silent(error.to_string()))?;
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap_or_default();
        let mut request = self.http.request(method, url).timeout(patience);
        if let Some(body) = body {
            request = request
                .header("content-type", "application/json; charset=utf-8")
                .body(body.to_string());
        }
        let response = request.send().await.map_err(silent)?;
        let status = response.status();
        let bytes = response.bytes().await.map_err(silent)?;
        let answer: Value = serde_json::from_slice(&bytes)
            .map_err(|_| WireError::Silent(format!("it answered {status} without JSON")))?;
        let value = answer.get("value").cloned().unwrap_or_default();
        if status.is_success() {
            return Ok(value);
        }
        let text = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default();
        Err(WireError::Said {
            error: text("error").to_owned(),
            // Chromium's driver adds lines about itself.
            message: text("message")
                .lines()
                .next()
                .unwrap_or_default()
                .trim()
                .to_owned(),
        })
    }
}
