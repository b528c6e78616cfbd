//! Ctrl-C, and the signal by which a CI job is cancelled.

use std::sync::Arc;

use crate::run::Progress;

/// Stops the run at the first of them. Reports of what has run are written then.
pub(super) async fn watch(progress: Arc<Progress>) {
    if asked().await.is_some() {
        progress.interrupt();
    }
}

#[cfg(unix)]
async fn asked() -> Option<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminated = signal(SignalKind::terminate()).ok()?;
    let mut interrupted = signal(SignalKind::interrupt()).ok()?;
    tokio::select! {
        seen = terminated.recv() => seen,
        seen = interrupted.recv() => seen,
    }
}

#[cfg(not(unix))]
async fn asked() -> Option<()> {
    tokio::signal::ctrl_c().await.ok()
}
