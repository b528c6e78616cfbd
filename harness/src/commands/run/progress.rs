//! How far a run is: one line with the time left on a terminal, a plain line now and then elsewhere.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::report;
use crate::run::{Progress, Watch};
use crate::secret::Vault;

/// How often a plain line is written where nobody looks at a terminal.
const PLAIN: Duration = Duration::from_secs(15);

/// What is shown while a run goes on.
pub(super) struct Shown {
    progress: Arc<Progress>,
    bar: Option<ProgressBar>,
    plain: bool,
}

impl Shown {
    /// One line on a terminal, else plain lines where they are wanted.
    pub(super) fn new(progress: Arc<Progress>, terminal: bool, plain: bool) -> Self {
        let bar = terminal.then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            // The template is ours and has no mistake; without it, the bar has its usual look.
            if let Ok(style) = ProgressStyle::with_template("{wide_bar} {msg}") {
                bar.set_style(style);
            }
            bar
        });
        Self {
            progress,
            bar,
            plain: plain && !terminal,
        }
    }

    pub(super) const fn on_terminal(&self) -> bool {
        self.bar.is_some()
    }

    /// Shows how far it is, until it is aborted.
    pub(super) fn begin(&self, runtime: &tokio::runtime::Runtime) -> tokio::task::JoinHandle<()> {
        let (progress, bar, plain) = (Arc::clone(&self.progress), self.bar.clone(), self.plain);
        let started = Instant::now();
        runtime.spawn(async move {
            loop {
                let pause = if bar.is_some() {
                    Duration::from_millis(100)
                } else {
                    PLAIN
                };
                tokio::time::sleep(pause).await;
                let (total, done, bad) = (
                    progress.total.load(Ordering::Relaxed),
                    progress.done.load(Ordering::Relaxed),
                    progress.bad.load(Ordering::Relaxed),
                );
                let text = line(total, done, bad, started.elapsed());
                if let Some(bar) = &bar {
                    bar.set_length(total as u64);
                    bar.set_position(done as u64);
                    bar.set_message(text);
                } else if plain && done < total {
                    write(&text);
                }
            }
        })
    }

    /// Takes the line off the terminal.
    pub(super) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    /// Writes each exchange as it happens, masked; above the line on a terminal.
    pub(super) fn watch(&self, vault: Arc<Vault>) -> Watch {
        let bar = self.bar.clone();
        Watch(Arc::new(move |trial, exchange| {
            let text = report::exchange(trial, exchange, &vault);
            match &bar {
                Some(bar) => bar.suspend(|| write(&text)),
                None => write(&text),
            }
        }))
    }
}

/// How far it is, in words.
fn line(total: usize, done: usize, bad: usize, elapsed: Duration) -> String {
    let bad = if bad == 0 {
        String::new()
    } else {
        format!(", {bad} failed or errored")
    };
    let left = if done == 0 || done >= total {
        String::new()
    } else {
        let seconds = elapsed.as_secs_f64() / done as f64 * (total - done) as f64;
        format!(", about {}", left(seconds))
    };
    format!("{done} of {} done{bad}{left}", report::trials(total))
}

fn left(seconds: f64) -> String {
    if seconds < 90.0 {
        format!("{seconds:.0} s left")
    } else {
        format!("{:.0} min left", seconds / 60.0)
    }
}

fn write(text: &str) {
    use std::io::Write as _;
    // Where nobody reads on, there is nobody to tell.
    let _ = writeln!(std::io::stderr(), "{}", text.trim_end());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_is_that_of_the_trials_that_are_left() {
        let at = |total, done, bad, seconds| line(total, done, bad, Duration::from_secs(seconds));
        assert_eq!(at(300, 0, 0, 5), "0 of 300 trials done");
        assert_eq!(
            at(300, 100, 2, 20),
            "100 of 300 trials done, 2 failed or errored, about 40 s left"
        );
        assert_eq!(
            at(300, 100, 0, 100),
            "100 of 300 trials done, about 3 min left"
        );
        assert_eq!(at(1, 1, 1, 9), "1 of 1 trial done, 1 failed or errored");
    }
}
