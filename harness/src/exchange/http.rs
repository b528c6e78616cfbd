//! Sends requests and observes what comes back.
//!
//! No redirect is followed, a body is read up to a limit, and what is sent again (see
//! [`Manner`](super::patience::Manner)) is told.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::{Bytes, BytesMut};
use reqwest::{Client, Method};
use thiserror::Error;
use tokio::sync::{Mutex, Semaphore};

use super::clock::{Clock, Offset, date};
use super::curl::options;
use super::failure::Failure;
use super::patience::{LONGEST, Limit, Manner, TIMES, gave_up, limit};
use super::transport;
use crate::config::Target;
use crate::outcome::{Observation, SentRequest, Way};

/// How much of a body is read: 1 MiB.
pub const BODY_LIMIT: usize = 1024 * 1024;

/// The HTTP client could not be made.
#[derive(Debug, Error)]
#[error("the HTTP client cannot be set up: {0}")]
pub struct HttpError(String);

impl HttpError {
    pub(super) const fn new(why: String) -> Self {
        Self(why)
    }
}

/// An HTTP client with the target's settings.
#[derive(Debug)]
pub struct HttpClient {
    client: Client,
    timeout: Duration,
    headers: Vec<(String, String)>,
    /// What `curl` needs to send as this does.
    options: Arc<Vec<String>>,
    pace: Option<Duration>,
    /// When the next request may be sent.
    next: Mutex<Option<Instant>>,
    clock: Clock,
    /// How many requests were sent.
    sent: AtomicUsize,
    /// How many may be under way at once.
    at_once: OnceLock<Semaphore>,
    /// Whether the server went on limiting a request after all attempts: then no other is made to
    /// wait, until one is answered otherwise.
    hopeless: AtomicBool,
}

/// What came of a request, and how it went.
#[derive(Debug, Clone)]
pub struct Sent {
    /// The response, or why there is none, in words that contain no URL.
    pub response: Result<Observation, String>,
    /// How it was sent, and what was sent before in vain.
    pub way: Way,
}

impl HttpClient {
    /// The client for a target.
    ///
    /// # Errors
    /// Where the proxy or a certificate is not usable.
    pub fn new(target: &Target) -> Result<Self, HttpError> {
        let http = &target.http;
        Ok(Self {
            client: transport::client(target)?,
            timeout: http.timeout,
            headers: http
                .headers
                .iter()
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
            options: Arc::new(options(http)),
            pace: http
                .max_requests_per_second
                .map(|most| Duration::from_secs(1) / most),
            next: Mutex::new(None),
            clock: Clock::default(),
            sent: AtomicUsize::new(0),
            at_once: OnceLock::new(),
            hopeless: AtomicBool::new(false),
        })
    }

    /// What is known of the target's clock.
    #[must_use]
    pub fn clock(&self) -> Option<Offset> {
        self.clock.offset()
    }

    /// Lets no more than so many requests be under way at once, but for those that a case sends at
    /// once. The first to say it decides.
    pub fn limit_to(&self, at_once: usize) {
        // It is the same for all of a run.
        let _ = self.at_once.set(Semaphore::new(at_once.max(1)));
    }

    /// How many requests were sent so far.
    #[must_use]
    pub fn sent(&self) -> usize {
        self.sent.load(Ordering::Relaxed)
    }

    /// Sends a request; `exchange` names it for the server's logs.
    ///
    /// # Errors
    /// Why nothing came back, in words that contain no URL.
    pub async fn send(&self, request: &SentRequest, exchange: &str) -> Result<Observation, String> {
        let manner = Manner::of(&request.method);
        self.attempt(request, exchange, manner).await.response
    }

    /// Sends a request, again where it may be.
    pub async fn attempt(&self, request: &SentRequest, exchange: &str, manner: Manner) -> Sent {
        self.attempts(&self.headers, request, exchange, manner)
            .await
    }

    /// The same to a server that is not the target's own, which the configuration's headers are
    /// not for.
    pub async fn attempt_elsewhere(
        &self,
        request: &SentRequest,
        exchange: &str,
        manner: Manner,
    ) -> Sent {
        self.attempts(&[], request, exchange, manner).await
    }

    async fn attempts(
        &self,
        headers: &[(String, String)],
        request: &SentRequest,
        exchange: &str,
        manner: Manner,
    ) -> Sent {
        let mut way = Way {
            retried: Vec::new(),
            headers: headers
                .iter()
                .map(|(name, value)| (name.clone(), value.clone().into_bytes()))
                .collect(),
            options: Arc::clone(&self.options),
        };
        let (mut waited, mut connected_again) = (0, false);
        let response = loop {
            match self.send_once(headers, request, exchange, manner).await {
                Err(failure) if !connected_again && manner.allows(failure.reached) => {
                    connected_again = true;
                    way.retried.push(format!("{}: sent again", failure.why));
                }
                Err(failure) => break Err(failure.why),
                Ok(mut observation) => {
                    let status = observation.status;
                    match limit(&observation, observation.server_time()) {
                        None => self.hopeless.store(false, Ordering::Relaxed),
                        Some(Limit::No(why)) => observation.limited = Some(why),
                        Some(Limit::After(wait)) if manner == Manner::Burst => {
                            self.pause(wait).await;
                            observation.limited = Some(gave_up(status, waited));
                        }
                        Some(Limit::After(wait)) => {
                            let hopeless = self.hopeless.load(Ordering::Relaxed);
                            if waited < TIMES && !hopeless {
                                waited += 1;
                                self.pause(wait).await;
                                way.retried.push(format!(
                                    "answered {status}: sent again after {} (Retry-After)",
                                    humantime::format_duration(Duration::from_secs(wait.as_secs()))
                                ));
                                continue;
                            }
                            self.hopeless.store(true, Ordering::Relaxed);
                            observation.limited = Some(gave_up(status, waited));
                        }
                    }
                    break Ok(observation);
                }
            }
        };
        Sent { response, way }
    }

    async fn send_once(
        &self,
        headers: &[(String, String)],
        request: &SentRequest,
        exchange: &str,
        manner: Manner,
    ) -> Result<Observation, Failure> {
        let _permit = match self.at_once.get() {
            Some(permits) if manner != Manner::Burst => permits.acquire().await.ok(),
            _ => None,
        };
        self.keep_pace().await;
        self.sent.fetch_add(1, Ordering::Relaxed);
        let (started, sent) = (Instant::now(), now());
        let exchanged = self.exchange(headers, request, exchange);
        match tokio::time::timeout(self.timeout, exchanged).await {
            Ok(Ok((mut observation, answered))) => {
                observation.duration = started.elapsed();
                #[allow(
                    clippy::cast_possible_truncation,
                    reason = "seconds since the epoch fit"
                )]
                let at = now() as i64;
                observation.at = at;
                observation.clock = self.clock.observe(date(&observation), sent, answered);
                Ok(observation)
            }
            Ok(Err(failure)) => Err(failure),
            Err(_) => Err(Failure {
                why: format!(
                    "no complete answer within {}",
                    humantime::format_duration(self.timeout)
                ),
                reached: super::failure::Reached::Further,
            }),
        }
    }

    /// The response, and when its head had come.
    async fn exchange(
        &self,
        headers: &[(String, String)],
        request: &SentRequest,
        exchange: &str,
    ) -> Result<(Observation, f64), Failure> {
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
        let mut response = builder.send().await.map_err(Failure::before_answer)?;
        let answered = now();
        let status = response.status().as_u16();
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()))
            .collect();
        let mut body = BytesMut::new();
        let mut cut = false;
        while let Some(chunk) = response.chunk().await.map_err(Failure::within_answer)? {
            let room = BODY_LIMIT - body.len();
            body.extend_from_slice(&chunk[..chunk.len().min(room)]);
            if chunk.len() > room {
                cut = true;
                break;
            }
        }
        let observation = Observation {
            status,
            headers,
            body: Bytes::from(body),
            cut,
            ..Observation::default()
        };
        Ok((observation, answered))
    }

    /// Waits until the next request may be sent.
    async fn keep_pace(&self) {
        let wait = {
            let mut next = self.next.lock().await;
            let now = Instant::now();
            let at = next.map_or(now, |at| at.max(now));
            if let Some(interval) = self.pace {
                *next = Some(at + interval);
            }
            at - now
        };
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
    }

    /// Lets no request go out for so long: a server that limits one limits all.
    async fn pause(&self, wait: Duration) {
        let mut next = self.next.lock().await;
        let until = Instant::now() + wait.min(LONGEST);
        *next = Some(next.map_or(until, |at| at.max(until)));
    }
}

/// Seconds since the epoch.
fn now() -> f64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0.0, |since| since.as_secs_f64())
}
