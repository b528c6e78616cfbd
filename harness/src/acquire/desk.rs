//! What all logins of a run share: who can be asked for a code, how many codes are wanted, and
//! whether the server has refused the password.

use std::collections::HashSet;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use super::AcquireError;
use super::browser::{self, Browser};
use super::manual::Queue;
use crate::config::{Login, LoginVia, Target};
use crate::secret::Secret;

/// Whoever runs tokenspec, for `via = "manual"`.
pub trait Person: Send + Sync {
    /// Says something to them.
    fn tell(&self, text: &str);
    /// Waits for a line that they type or paste; none where none will come.
    fn line(&self) -> Option<String>;
    /// Whether they see what is said, so that they can act elsewhere although they cannot type.
    fn looks(&self) -> bool;
}

/// What all logins of a run share.
#[derive(Default)]
pub struct Desk {
    pub(super) person: Option<Arc<dyn Person>>,
    /// The codes of the trials, and about those of controls.
    pub(super) codes: (usize, usize),
    /// One is asked for at a time.
    pub(super) queue: tokio::sync::Mutex<Queue>,
    pub(super) browser: Browser,
    /// Where pictures of logins that got stuck are put.
    pub(super) folder: Option<PathBuf>,
    refused: OnceLock<AcquireError>,
    /// The users whom the server has let in.
    let_in: Mutex<HashSet<String>>,
}

impl Desk {
    /// A desk with somebody at it, or nobody; `codes` are those that the trials need, and about
    /// how many their controls need.
    #[must_use]
    pub fn new(person: Option<Arc<dyn Person>>, codes: (usize, usize)) -> Self {
        Self {
            person,
            codes,
            ..Self::default()
        }
    }

    /// The same with a folder for pictures of logins that got stuck; those of an earlier run are
    /// taken away.
    #[must_use]
    pub fn with_folder(mut self, folder: PathBuf) -> Self {
        browser::tidy(&folder);
        self.folder = Some(folder);
        self
    }

    /// Which browser logs in, where one does.
    ///
    /// # Errors
    /// Why it cannot be started.
    pub async fn browser(&self, target: &Target) -> Option<Result<String, AcquireError>> {
        let login = target.login.as_ref()?;
        if login.via != LoginVia::Browser {
            return None;
        }
        Some(browser::look(self, login, &target.http).await)
    }

    /// Ends what was started for logins.
    pub async fn close(&self) {
        self.browser.end().await;
    }

    /// Why the server wants nothing of the user any more: to try a wrong password once for each
    /// case would lock them out.
    pub(super) fn refused(&self) -> Option<&AcquireError> {
        self.refused.get()
    }

    /// Remembers that the user's name or password was refused.
    pub(super) fn refuse(&self, error: &AcquireError) {
        // The first stays.
        let _ = self.refused.set(error.clone());
    }

    /// Remembers that the user's name and password are right.
    pub(super) fn let_in(&self, login: &Login) {
        self.users().insert(name(login));
    }

    /// Whether the user's name and password were right before: a login form that comes again does not say
    /// that they are wrong.
    pub(super) fn knows(&self, login: &Login) -> bool {
        self.users().contains(&name(login))
    }

    fn users(&self) -> MutexGuard<'_, HashSet<String>> {
        self.let_in.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn name(login: &Login) -> String {
    let name = login.username.as_ref().map(Secret::expose);
    name.unwrap_or_default().to_owned()
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Desk")
    }
}
