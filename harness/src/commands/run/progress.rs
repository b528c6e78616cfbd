//! A line of progress on a terminal.

use std::io::IsTerminal as _;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::run::Progress;

/// A line of progress on a terminal.
pub(super) async fn tick(progress: Arc<Progress>) {
    use std::io::Write as _;
    let started = Instant::now();
    loop {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let (total, done, bad) = (
            progress.total.load(Ordering::Relaxed),
            progress.done.load(Ordering::Relaxed),
            progress.bad.load(Ordering::Relaxed),
        );
        let mut err = std::io::stderr();
        if done >= total || !err.is_terminal() {
            continue;
        }
        let left = started.elapsed().as_secs_f64() / done.max(1) as f64 * (total - done) as f64;
        let _ = write!(
            err,
            "\r\x1b[K{done} of {total} trials, {bad} failed or errored, about {left:.0} s left"
        );
        let _ = write!(err, "\r");
        let _ = err.flush();
    }
}
