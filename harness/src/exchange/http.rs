//! Sends requests and observes what comes back.
//!
//! No redirect is followed, nothing is retried, no proxy is used that is not configured, and a
//! body is read up to a limit.

use std::error::Error as _;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::{Bytes, BytesMut};
use reqwest::{Certificate, Client, Method, Proxy, redirect};
use thiserror::Error;
use tokio::sync::Mutex;

use crate::config::{Http, LoginVia, Target};
use crate::outcome::{Observation, SentRequest};

/// How much of a body is read: 1 MiB.
pub const BODY_LIMIT: usize = 1024 * 1024;

/// The HTTP client could not be made.
#[derive(Debug, Error)]
#[error("the HTTP client cannot be set up: {0}")]
pub struct HttpError(String);

/// An HTTP client with the target's settings.
#[derive(Debug)]
pub struct HttpClient {
    client: Client,
    timeout: Duration,
    headers: Vec<(String, String)>,
    pace: Option<(Duration, Mutex<Option<Instant>>)>,
}

impl HttpClient {
    /// The client for a target.
    ///
    /// # Errors
    /// Where the proxy or a certificate is not usable.
    pub fn new(target: &Target) -> Result<Self, HttpError> {
        let http = &target.http;
        Ok(Self {
            client: client(http, only_plain(target))?,
            timeout: http.timeout,
            headers: http
                .headers
                .iter()
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
            pace: http
                .max_requests_per_second
                .map(|most| (Duration::from_secs(1) / most, Mutex::new(None))),
        })
    }

    /// Sends a request; `exchange` names it for the server's logs.
    ///
    /// # Errors
    /// Why nothing came back, in words that contain no URL.
    pub async fn send(&self, request: &SentRequest, exchange: &str) -> Result<Observation, String> {
        self.send_with(&self.headers, request, exchange).await
    }

    /// The same to a server that is not the target's own, which the configuration's headers are
    /// not for.
    ///
    /// # Errors
    /// As [`HttpClient::send`].
    pub async fn send_elsewhere(
        &self,
        request: &SentRequest,
        exchange: &str,
    ) -> Result<Observation, String> {
        self.send_with(&[], request, exchange).await
    }

    async fn send_with(
        &self,
        headers: &[(String, String)],
        request: &SentRequest,
        exchange: &str,
    ) -> Result<Observation, String> {
        self.keep_pace().await;
        let started = Instant::now();
        match tokio::time::timeout(self.timeout, self.exchange(headers, request, exchange)).await {
            Ok(Ok(mut observation)) => {
                observation.duration = started.elapsed();
                observation.at = now();
                Ok(observation)
            }
            Ok(Err(error)) => Err(describe(error)),
            Err(_) => Err(format!(
                "no complete answer within {}",
                humantime::format_duration(self.timeout)
            )),
        }
    }

    async fn exchange(
        &self,
        headers: &[(String, String)],
        request: &SentRequest,
        exchange: &str,
    ) -> Result<Observation, reqwest::Error> {
        let method = Method::from_bytes(request.method.as_bytes()).unwrap_or(Method::POST);
        let mut builder = self.client.request(method, &request.url);
        for (name, value) in headers {
            builder = builder.header(name, value);
        }
        for (name, value) in &request.headers {
            builder = builder.header(name, value.as_slice());
        }
        if !request.headers.iter().any(|(name, _)| name == "accept") {
            builder = builder.header("accept", "application/json");
        }
        builder = builder.header("x-tokenspec-exchange", exchange);
        if let Some(body) = &request.body {
            builder = builder.body(body.clone());
        }
        let mut response = builder.send().await?;
        let status = response.status().as_u16();
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()))
            .collect();
        let mut body = BytesMut::new();
        let mut cut = false;
        while let Some(chunk) = response.chunk().await? {
            let room = BODY_LIMIT - body.len();
            body.extend_from_slice(&chunk[..chunk.len().min(room)]);
            if chunk.len() > room {
                cut = true;
                break;
            }
        }
        Ok(Observation {
            status,
            headers,
            body: Bytes::from(body),
            cut,
            ..Observation::default()
        })
    }

    /// Waits until the next request may be sent.
    async fn keep_pace(&self) {
        let Some((interval, next)) = &self.pace else {
            return;
        };
        let wait = {
            let mut next = next.lock().await;
            let now = Instant::now();
            let at = next.map_or(now, |at| at.max(now));
            *next = Some(at + *interval);
            at - now
        };
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
    }
}

fn client(http: &Http, only_plain: bool) -> Result<Client, HttpError> {
    let builder = || -> Result<reqwest::ClientBuilder, reqwest::Error> {
        let mut builder = Client::builder()
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .no_proxy()
            .connect_timeout(http.timeout)
            .pool_max_idle_per_host(64)
            .user_agent(concat!("tokenspec/", env!("CARGO_PKG_VERSION")));
        if let Some(proxy) = &http.proxy {
            builder = builder.proxy(Proxy::all(proxy)?);
        }
        if let Some(pem) = &http.ca {
            builder = builder.tls_certs_merge(Certificate::from_pem_bundle(pem)?);
        }
        Ok(builder)
    };
    let fail = |error: reqwest::Error| HttpError(describe(error));
    if only_plain && http.ca.is_none() {
        // Nothing here speaks TLS: no certificates need to be found and read.
        return builder()
            .map_err(fail)?
            .tls_certs_only([])
            .build()
            .map_err(fail);
    }
    match builder().map_err(fail)?.build() {
        Ok(client) => Ok(client),
        // A machine without CA certificates: the bundled ones do.
        Err(_) => {
            let bundled = webpki_root_certs::TLS_SERVER_ROOT_CERTS
                .iter()
                .filter_map(|der| Certificate::from_der(der).ok());
            builder()
                .map_err(fail)?
                .tls_certs_only(bundled)
                .build()
                .map_err(fail)
        }
    }
}

/// Whether everything that a run can meet is plain HTTP.
fn only_plain(target: &Target) -> bool {
    // Login pages may be anywhere.
    let login = target.login.as_ref();
    if login.is_some_and(|login| login.via == LoginVia::Form) {
        return false;
    }
    let endpoints = &target.endpoints;
    [
        &target.issuer,
        &endpoints.token,
        &endpoints.authorization,
        &endpoints.jwks,
        &endpoints.introspection,
        &endpoints.revocation,
        &endpoints.userinfo,
    ]
    .into_iter()
    .flatten()
    .all(|url| url.starts_with("http://"))
}

/// The error with its causes, without the URL, whose query may hold a secret.
fn describe(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let inner_text = inner.to_string();
        if !text.ends_with(&inner_text) {
            text.push_str(": ");
            text.push_str(&inner_text);
        }
        cause = inner.source();
    }
    text
}

/// Seconds since the epoch.
fn now() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| {
            i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
        })
}
