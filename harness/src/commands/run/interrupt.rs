//! What becomes of a run that is asked to end.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Runtime;

use crate::commands::signals;
use crate::run::Interrupt;

/// How long the ends of logins are waited for in a run that was asked to end. Whatever is left of
/// them ends when tokenspec does.
pub(super) const PATIENCE: Duration = Duration::from_millis(300);

/// Listens for a signal from now on, as long as the runtime is there: at the first the run ends, and
/// reports of what has run are written.
pub(super) fn listen(runtime: &Runtime) -> Arc<Interrupt> {
    let interrupt = Arc::new(Interrupt::default());
    let asked = {
        let _entered = runtime.enter();
        signals::asked_to_end()
    };
    let told = Arc::clone(&interrupt);
    runtime.spawn(async move {
        asked.await;
        told.ask();
    });
    interrupt
}
