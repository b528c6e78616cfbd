//! What becomes of a run that is asked to end.

use std::sync::Arc;

use crate::commands::signals;
use crate::run::Progress;

/// Stops the run at the first signal. Reports of what has run are written then.
pub(super) async fn watch(progress: Arc<Progress>) {
    signals::asked_to_end().await;
    progress.interrupt();
}
