//! What a trial's thread does with its outcome.

use std::sync::{Arc, Mutex, PoisonError};

use super::snapshots::Snapshots;
use crate::config::SnapshotMode;
use crate::outcome::{CaseVerdict, Outcome};
use crate::report::{self, CaseRecord};
use crate::run::Session;
use crate::run::present::Say;
use crate::snapshot::{self, Compared, Pending};

/// What libtest-mimic's threads gather.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) cases: Vec<CaseRecord>,
    pub(super) pending: Vec<Pending>,
    pub(super) missing: usize,
}

/// What a trial's thread does with its outcome: record it, compare its snapshot, say what failed.
pub(super) fn say(
    session: &Arc<Session>,
    snapshots: &Arc<Snapshots>,
    gathered: &Arc<Mutex<Gathered>>,
    strict: bool,
) -> Say {
    let (session, snapshots, gathered) = (
        Arc::clone(session),
        Arc::clone(snapshots),
        Arc::clone(gathered),
    );
    Arc::new(move |outcome: Outcome| {
        let mut record = report::case(&session.catalogue, &outcome, &session.vault);
        let mut pending = None;
        let mut missing = false;
        let judged = !matches!(outcome.verdict, CaseVerdict::Errored | CaseVerdict::Skipped);
        if snapshots.mode != SnapshotMode::Off && judged {
            let text = snapshot::text(&outcome, &session.target, &session.vault);
            if let Some(text) = text {
                let compared = snapshots.folder.compare(&outcome.trial, &text);
                missing = compared == Compared::Missing;
                if let (Compared::Differs(lines), SnapshotMode::Check) = (&compared, snapshots.mode)
                {
                    record.snapshot = Some(lines.clone());
                }
                if compared != Compared::Same {
                    let (folder, name) = snapshots.folder.place(&outcome.trial);
                    let of = outcome.trial.clone();
                    pending = Some(Pending {
                        folder,
                        name,
                        text,
                        of,
                    });
                }
            }
        }
        let failed = match outcome.verdict {
            CaseVerdict::Failed => outcome.deviates.is_none(),
            CaseVerdict::Errored => true,
            CaseVerdict::Warned => strict && warns_should(&record),
            CaseVerdict::Passed | CaseVerdict::Skipped => false,
        };
        let mut text = if failed {
            report::failure(&session.catalogue, &record)
        } else {
            String::new()
        };
        if let Some(lines) = &record.snapshot {
            text.push_str(&format!(
                "the response differs from its snapshot (accept it with `tokenspec snapshot accept`):\n{lines}"
            ));
        }
        let reason = record.reason.clone().unwrap_or_default();
        let mut gathered = gathered.lock().unwrap_or_else(PoisonError::into_inner);
        gathered.cases.push(record);
        gathered.pending.extend(pending);
        gathered.missing += usize::from(missing);
        if text.is_empty() {
            Ok(reason)
        } else {
            Err(text)
        }
    })
}

/// Whether what warns is a SHOULD of the server's, which `--strict` fails.
pub(super) fn warns_should(record: &CaseRecord) -> bool {
    use crate::catalogue::Level;
    record.checks.iter().any(|check| {
        check.verdict == crate::outcome::Verdict::Warn
            && check.deviates.is_none()
            && matches!(check.level, Level::Should | Level::ShouldNot)
    })
}
