//! What becomes of an outcome: it is recorded, compared with its snapshot and with the known
//! failures, and what failed is told.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::snapshots::Snapshots;
use crate::config::SnapshotMode;
use crate::known::Known;
use crate::outcome::{CaseVerdict, Outcome};
use crate::report::{self, CaseRecord};
use crate::run::Session;
use crate::snapshot::{self, Compared, Pending};

/// What the trials' threads gather.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) cases: Vec<CaseRecord>,
    pub(super) pending: Vec<Pending>,
    pub(super) missing: usize,
    /// What errored, and the first trial that did for this reason.
    errored: HashMap<String, String>,
}

/// What outcomes are held against.
pub(super) struct Rules {
    pub(super) session: Arc<Session>,
    pub(super) snapshots: Arc<Snapshots>,
    pub(super) known: Arc<Known>,
    pub(super) strict: bool,
}

/// What is done with a recorded outcome, and what is told of it where it does not pass.
pub(super) type Show<'s> = dyn FnMut(&CaseRecord, Option<&str>) + 's;

/// What takes an outcome, with the names that its trial had before.
pub(super) type Keeper = Arc<dyn Fn(Outcome, &[String], &mut Show<'_>) + Send + Sync>;

/// Records each outcome in `gathered`.
pub(super) fn keeper(rules: Rules, gathered: &Arc<Mutex<Gathered>>) -> Keeper {
    let gathered = Arc::clone(gathered);
    Arc::new(move |outcome, aliases, show| {
        let session = &rules.session;
        let mut case = report::case(&session.catalogue, &outcome, &session.vault);
        case.known = rules
            .known
            .excuse(&case, aliases)
            .map(|reason| session.vault.mask(&reason).into_owned());
        let (difference, pending, missing) = compare(&rules, &outcome);
        case.snapshot = difference;
        let mut gathered = gathered.lock().unwrap_or_else(PoisonError::into_inner);
        let text = told(&rules, &case, &mut gathered.errored);
        show(&case, text.as_deref());
        gathered.cases.push(case);
        gathered.pending.extend(pending);
        gathered.missing += usize::from(missing);
    })
}

/// How the outcome differs from its snapshot, what is to be stored, and whether there was none.
fn compare(rules: &Rules, outcome: &Outcome) -> (Option<String>, Option<Pending>, bool) {
    let Rules {
        session, snapshots, ..
    } = rules;
    let judged = !matches!(outcome.verdict, CaseVerdict::Errored | CaseVerdict::Skipped);
    if snapshots.mode == SnapshotMode::Off || !judged {
        return (None, None, false);
    }
    let Some(text) = snapshot::text(outcome, &session.target, &session.vault) else {
        return (None, None, false);
    };
    let compared = snapshots.folder.compare(&outcome.trial, &text);
    let difference = match (&compared, snapshots.mode) {
        (Compared::Differs(lines), SnapshotMode::Check) => Some(lines.clone()),
        _ => None,
    };
    let pending = (compared != Compared::Same).then(|| {
        let (folder, name) = snapshots.folder.place(&outcome.trial);
        Pending {
            folder,
            name,
            text,
            of: outcome.trial.clone(),
        }
    });
    (difference, pending, compared == Compared::Missing)
}

/// What is told of a case that does not pass. Where many error for one reason, it is told once.
fn told(rules: &Rules, case: &CaseRecord, errored: &mut HashMap<String, String>) -> Option<String> {
    let mut text = String::new();
    if case.verdict == CaseVerdict::Errored {
        let reason = case.reason.clone().unwrap_or_default();
        if let Some(first) = errored.get(&reason) {
            return Some(format!("  errored, for the reason of {first}\n"));
        }
        errored.insert(reason, case.id.clone());
    }
    let failed =
        case.verdict == CaseVerdict::Errored || case.fails() || rules.strict && case.warns_should();
    if failed {
        text.push_str(&report::failure(&rules.session.catalogue, case));
    }
    if let Some(lines) = &case.snapshot {
        text.push_str(&format!(
            "the response differs from its snapshot (accept it with `tokenspec snapshot accept`):\n{lines}"
        ));
    }
    (!text.is_empty()).then_some(text)
}
