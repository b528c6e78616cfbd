//! What all trials of a run share: the target, the HTTP client, the login, the keys, the controls.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use thiserror::Error;
use tokio::sync::{OnceCell, Semaphore};

use super::controls::Controls;
use super::interrupt::Interrupt;
use super::issued::issued;
use crate::acquire::{Desk, Jar};
use crate::catalogue::Catalogue;
use crate::config::Target;
use crate::discovery::{self, Looked};
use crate::exchange::{HttpClient, HttpError, Manner, Sent};
use crate::judge::{Keys, Overall};
use crate::outcome::{Exchange, Observation, Purpose, SentRequest};
use crate::plan::ActiveProfile;
use crate::secret::{Secret, SecretKind, Vault};

/// A run cannot begin.
#[derive(Debug, Error)]
pub enum SessionError {
    /// The HTTP client cannot be made.
    #[error(transparent)]
    Http(#[from] HttpError),
}

/// A response that the checks over all responses are about.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The trial, or what else it was for.
    pub by: String,
    /// The client that asked.
    pub client: Option<usize>,
    /// The authentication method.
    pub auth: String,
    /// The request and its response.
    pub exchange: Exchange,
}

/// Who is told of each exchange as it happens, with the trial that it is for. What is told is not
/// masked yet.
#[derive(Clone)]
pub struct Watch(pub Arc<Watcher>);

type Watcher = dyn Fn(&str, &Exchange) + Send + Sync;

impl std::fmt::Debug for Watch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Watch")
    }
}

/// What all trials of a run share.
#[derive(Debug)]
pub struct Session {
    /// The catalogue.
    pub catalogue: Arc<Catalogue>,
    /// The target, its metadata read.
    pub target: Target,
    /// What counts.
    pub profile: ActiveProfile,
    /// The secrets.
    pub vault: Arc<Vault>,
    /// How requests are sent.
    pub http: HttpClient,
    /// What all logins share.
    pub desk: Desk,
    /// The login session.
    pub jar: Jar,
    /// The controls.
    pub controls: Controls,
    /// Why nothing can be sent at all.
    pub unreachable: Option<String>,
    /// Who is told of each exchange.
    pub watch: Option<Watch>,
    /// Where the metadata was found.
    pub metadata: Option<String>,
    keys: OnceCell<Result<Vec<Value>, String>>,
    seen: Mutex<Vec<Arc<Seen>>>,
    overall: Mutex<Vec<Overall>>,
    codes: Option<Arc<Semaphore>>,
}

impl Session {
    /// A session with a target; reads its metadata where an issuer is known.
    ///
    /// # Errors
    /// Where the HTTP client cannot be made.
    pub async fn open(
        catalogue: Arc<Catalogue>,
        target: Target,
        profile: ActiveProfile,
        vault: Arc<Vault>,
    ) -> Result<Self, SessionError> {
        Self::open_unless(&Interrupt::default(), catalogue, target, profile, vault).await
    }

    /// The same in a run that can be asked to end: the metadata is not waited for then.
    ///
    /// # Errors
    /// Where the HTTP client cannot be made.
    pub async fn open_unless(
        interrupt: &Interrupt,
        catalogue: Arc<Catalogue>,
        mut target: Target,
        profile: ActiveProfile,
        vault: Arc<Vault>,
    ) -> Result<Self, SessionError> {
        target.teach(&vault);
        let mut http = HttpClient::new(&target)?;
        let mut unreachable = None;
        let mut metadata = None;
        if target.awaits_metadata {
            let issuer = target.issuer.clone().unwrap_or_default();
            let looked = interrupt.unless(discovery::look(&http, &issuer)).await;
            metadata = looked.as_ref().and_then(Looked::place);
            match looked.map(Looked::into_found) {
                Some(Ok(found)) => {
                    discovery::fill_in(&mut target, &found);
                    // The metadata may name https where all was http.
                    http = HttpClient::new(&target)?;
                }
                Some(Err(why)) if target.endpoints.token.is_none() => unreachable = Some(why),
                Some(Err(_)) => {}
                None => unreachable = Some("the run was interrupted".to_owned()),
            }
            target.awaits_metadata = false;
        }
        if unreachable.is_none() && target.endpoints.token.is_none() {
            unreachable = discovery::why_unused(&target, "token_endpoint")
                .and_then(|_| discovery::all_unused(&target))
                .or(Some(
                "the metadata names no token endpoint; say `token-endpoint` in the configuration"
                    .into(),
            ));
        }
        let codes = target
            .login
            .as_ref()
            .and_then(|login| login.codes_at_once)
            .map(|most| Arc::new(Semaphore::new(most)));
        Ok(Self {
            catalogue,
            target,
            profile,
            vault,
            http,
            desk: Desk::default(),
            jar: Jar::default(),
            controls: Controls::default(),
            unreachable,
            watch: None,
            metadata,
            keys: OnceCell::new(),
            seen: Mutex::new(Vec::new()),
            overall: Mutex::new(Vec::new()),
            codes,
        })
    }

    /// Ends what was started for logins.
    pub async fn close(&self) {
        self.jar.close().await;
        self.desk.close().await;
    }

    /// The permit to hold an unused code.
    pub async fn code_permit(&self) -> Option<tokio::sync::OwnedSemaphorePermit> {
        match &self.codes {
            Some(codes) => Arc::clone(codes).acquire_owned().await.ok(),
            None => None,
        }
    }

    /// The target's keys, fetched once, with the client's secret.
    pub async fn keys(&self, client: Option<usize>) -> Keys {
        let set = self.keys.get_or_init(|| self.fetch_keys()).await.clone();
        Keys {
            set,
            secret: self.client_secret(client),
        }
    }

    /// Keys without a key set, for responses whose checks need none.
    pub fn no_keys(&self, client: Option<usize>) -> Keys {
        Keys {
            set: Err("the key set was not asked for".into()),
            secret: self.client_secret(client),
        }
    }

    fn client_secret(&self, client: Option<usize>) -> Option<Secret> {
        client
            .and_then(|index| self.target.clients.get(index))
            .and_then(|client| client.secret.clone())
    }

    async fn fetch_keys(&self) -> Result<Vec<Value>, String> {
        let Some(url) = &self.target.endpoints.jwks else {
            return Err(discovery::why_unused(&self.target, "jwks_uri")
                .unwrap_or_else(|| "no key set is known (`jwks-uri`)".into()));
        };
        let response = get(&self.http, url, "jwks")
            .await
            .map_err(|why| format!("the key set could not be read: {why}"))?;
        if response.status != 200 {
            return Err(format!("the key set was answered with {}", response.status));
        }
        if response.cut {
            return Err("the key set has more than 1 MiB, and no more is read".into());
        }
        Keys::read(&response.body)
    }

    /// Sends a request and keeps what came back: its tokens are secrets from now on, and the
    /// checks over all responses will see it.
    pub async fn exchange(
        &self,
        request: SentRequest,
        token_endpoint: bool,
        by: &By<'_>,
    ) -> Exchange {
        // At the token endpoint a GET may be acted on too.
        let manner = if token_endpoint {
            Manner::Once
        } else {
            Manner::of(&request.method)
        };
        self.exchange_in(manner, request, token_endpoint, by).await
    }

    /// The same, where the caller says what may be sent again.
    pub async fn exchange_in(
        &self,
        manner: Manner,
        request: SentRequest,
        token_endpoint: bool,
        by: &By<'_>,
    ) -> Exchange {
        let name = format!("{}#{}", by.trial, by.step);
        for assertion in &request.assertions {
            self.vault
                .learn(SecretKind::Issued, "client_assertion", assertion);
        }
        let Sent { mut response, way } = self.http.attempt(&request, &name, manner).await;
        if let Ok(observation) = &mut response
            && !request.assertions.is_empty()
            && !way.retried.is_empty()
            && (400..500).contains(&observation.status)
        {
            // The first attempt may have used it up (OpenID Connect Core 9, jti), or it has expired.
            observation.limited.get_or_insert_with(|| {
                "answered after the same client assertion had been sent before, so the request was not judged"
                    .to_owned()
            });
        }
        if let Ok(observation) = &response {
            self.learn_tokens(observation);
        }
        let exchange = Exchange {
            purpose: by.purpose,
            step: by.step.to_owned(),
            token_endpoint,
            request,
            way,
            response,
        };
        // The answer to a HEAD has no body, whatever it says (RFC 9110 section 9.3.2).
        if token_endpoint && exchange.response.is_ok() && exchange.request.method != "HEAD" {
            let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            seen.push(Arc::new(Seen {
                by: by.trial.to_owned(),
                client: by.client,
                auth: by.auth.to_owned(),
                exchange: exchange.clone(),
            }));
        }
        if let Some(Watch(watch)) = &self.watch {
            watch(by.trial, &exchange);
        }
        exchange
    }

    /// Keeps what a trial over all responses says of each of them.
    pub fn keep_overall(&self, overall: Overall) {
        self.overall
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(overall);
    }

    /// What the trials over all responses said of each of them.
    #[must_use]
    pub fn take_overall(&self) -> Vec<Overall> {
        std::mem::take(&mut *self.overall.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn learn_tokens(&self, observation: &Observation) {
        for (name, token) in issued(&observation.body) {
            self.vault.learn(SecretKind::Issued, name, &token);
        }
    }

    /// Forgets what these trials saw, for they are made again.
    pub fn forget(&self, trials: &BTreeSet<&str>) {
        self.seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|seen| !trials.contains(seen.by.as_str()));
    }

    /// All responses of the token endpoint so far, in a stable order.
    #[must_use]
    pub fn seen(&self) -> Vec<Arc<Seen>> {
        let mut all = self
            .seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        all.sort_by(|a, b| a.by.cmp(&b.by));
        all
    }
}

/// For whom and what an exchange is.
#[derive(Debug, Clone, Copy)]
pub struct By<'b> {
    /// The trial, or what else it is for.
    pub trial: &'b str,
    /// The step.
    pub step: &'b str,
    /// What it is for.
    pub purpose: Purpose,
    /// The client that asks.
    pub client: Option<usize>,
    /// The authentication method.
    pub auth: &'b str,
}

async fn get(http: &HttpClient, url: &str, exchange: &str) -> Result<Observation, String> {
    let request = SentRequest {
        method: "GET".into(),
        url: url.to_owned(),
        ..SentRequest::default()
    };
    http.send(&request, exchange).await
}
