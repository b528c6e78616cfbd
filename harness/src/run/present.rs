//! libtest-mimic presents the trials: each is a test on a thread that waits for its outcome.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, mpsc};

use libtest_mimic::{Arguments, Completion, Conclusion, Failed, Trial as Test};

use crate::outcome::{CaseVerdict, Outcome};
use crate::plan::Trial;

/// Where the outcome of a trial is waited for.
type Waiting = Arc<Mutex<mpsc::Receiver<Outcome>>>;

/// The ends of the line between the run and libtest-mimic.
#[derive(Debug, Default)]
pub struct Lines {
    senders: HashMap<String, mpsc::SyncSender<Outcome>>,
    receivers: HashMap<String, Waiting>,
}

impl Lines {
    /// One line for each trial.
    #[must_use]
    pub fn new(trials: &[Arc<Trial>]) -> Self {
        let mut lines = Self::default();
        for trial in trials {
            // Room for the one outcome that comes; an unbounded line would reserve a whole block.
            let (sender, receiver) = mpsc::sync_channel(1);
            lines.senders.insert(trial.name.clone(), sender);
            lines
                .receivers
                .insert(trial.name.clone(), Arc::new(Mutex::new(receiver)));
        }
        lines
    }

    /// The end that the run tells outcomes to.
    #[must_use]
    pub fn take_senders(&mut self) -> HashMap<String, mpsc::SyncSender<Outcome>> {
        std::mem::take(&mut self.senders)
    }
}

impl Lines {
    /// The outcome of a trial, waited for; nothing where the run ended before it.
    #[must_use]
    pub fn receive(&self, trial: &str) -> Option<Outcome> {
        let waiting = self.receivers.get(trial)?;
        let outcome = waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .recv();
        outcome.ok()
    }
}

/// What a finished trial says to libtest-mimic: its reason, or why it did not pass. Both are masked:
/// a reason may quote an answer.
pub type Say = Arc<dyn Fn(Outcome, &Trial) -> Result<String, String> + Send + Sync>;

/// Shows the trials. `say` gets each outcome, keeps it, and says what a failure's text is.
pub fn present(
    arguments: &Arguments,
    trials: &[Arc<Trial>],
    lines: &Lines,
    say: &Say,
) -> Conclusion {
    let tests = trials
        .iter()
        .filter_map(|trial| {
            let waiting = Arc::clone(lines.receivers.get(&trial.name)?);
            let say = Arc::clone(say);
            let its = Arc::clone(trial);
            Some(Test::ignorable_test(trial.name.clone(), move || {
                let outcome = waiting
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .recv()
                    .map_err(|_| Failed::from("tokenspec itself failed before this trial ended"))?;
                let skipped = outcome.verdict == CaseVerdict::Skipped;
                let reason = say(outcome, &its).map_err(Failed::from)?;
                Ok(if skipped {
                    Completion::ignored_with(reason)
                } else {
                    Completion::Completed
                })
            }))
        })
        .collect();
    libtest_mimic::run(arguments, tests)
}
