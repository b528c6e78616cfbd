//! The server on a socket.

use std::io;
use std::net::Ipv4Addr;
use std::time::Duration;

use axum::serve::ListenerExt as _;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::configuration::config_with;
use crate::options::{Options, Personality};
use crate::router::router;

/// How long stopping waits for requests that are being answered.
const PATIENCE: Duration = Duration::from_secs(2);

/// A running server. Dropping it stops it too, without waiting.
#[derive(Debug)]
pub struct Server {
    issuer: String,
    personality: Personality,
    /// How long its codes live.
    code_lifetime: Duration,
    /// Dropped to say that it is time to stop.
    stop: oneshot::Sender<()>,
    listening: JoinHandle<()>,
}

impl Server {
    /// Binds a port of 127.0.0.1 and serves on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// When the port cannot be bound.
    pub async fn start(options: Options) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await?;
        let issuer = format!("http://{}", listener.local_addr()?);
        let personality = options.personality;
        let code_lifetime = options
            .code_lifetime
            .unwrap_or(personality.dialect().rules().code.lifetime);
        let service = router(options, &issuer);
        let (stop, stopped) = oneshot::channel::<()>();
        let listener = listener.tap_io(|stream| {
            // Without it answers are only later.
            drop(stream.set_nodelay(true));
        });
        let listening = tokio::spawn(async move {
            let stopping = async move { drop(stopped.await) };
            // It never ends in an error: it goes on when a connection fails.
            drop(
                axum::serve(listener, service)
                    .with_graceful_shutdown(stopping)
                    .await,
            );
        });
        Ok(Self {
            issuer,
            personality,
            code_lifetime,
            stop,
            listening,
        })
    }

    /// The issuer identifier, which is also where the server answers.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// A `tokenspec.toml` for it.
    pub fn config_toml(&self) -> String {
        config_with(self.personality, &self.issuer, self.code_lifetime)
    }

    /// Stops listening and lets the requests that have come in be answered.
    pub async fn stop(self) {
        let Self {
            stop,
            mut listening,
            ..
        } = self;
        drop(stop);
        if timeout(PATIENCE, &mut listening).await.is_err() {
            listening.abort();
        }
    }
}
