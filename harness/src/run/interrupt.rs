//! A run that is asked to end before it is done.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// Whether a run was asked to end, and who is to be told of it.
#[derive(Debug, Default)]
pub struct Interrupt {
    asked: AtomicBool,
    wake: Notify,
}

impl Interrupt {
    /// Asks the run to end: what is under way is given up, and the rest does not begin.
    pub fn ask(&self) {
        self.asked.store(true, Ordering::SeqCst);
        self.wake.notify_waiters();
    }

    /// Whether it was asked to end.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.asked.load(Ordering::SeqCst)
    }

    /// What comes of it, or nothing where the run is asked to end before.
    pub async fn unless<T>(&self, what: impl Future<Output = T>) -> Option<T> {
        let asked = async {
            // Whoever asks from here on is heard.
            let woken = self.wake.notified();
            if !self.is_asked() {
                woken.await;
            }
        };
        tokio::select! {
            biased;
            () = asked => None,
            done = what => Some(done),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_never_comes_is_given_up_and_nothing_begins_afterwards() {
        let interrupt = Interrupt::default();
        assert_eq!(interrupt.unless(async { 1 }).await, Some(1));
        let waiting = interrupt.unless(std::future::pending::<()>());
        let (waited, ()) = tokio::join!(waiting, async { interrupt.ask() });
        assert_eq!(waited, None);
        assert_eq!(interrupt.unless(async { 1 }).await, None);
    }
}
