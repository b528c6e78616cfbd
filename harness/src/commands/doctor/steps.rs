//! The steps as they are shown: a tick, a cross with its remedy, or why there is neither.

use crate::commands::Console;
use crate::secret::Vault;

/// Shows steps, and counts them. Whatever it shows is masked.
pub struct Steps<'s, 'c> {
    console: &'s mut Console<'c>,
    vault: &'s Vault,
    /// How many were proved.
    pub proved: usize,
    /// How many failed.
    pub failed: usize,
    /// How many could not be made, since another failed.
    pub skipped: usize,
    /// How many gave cause for a warning.
    pub warned: usize,
}

impl<'s, 'c> Steps<'s, 'c> {
    /// Nothing shown yet.
    pub const fn new(console: &'s mut Console<'c>, vault: &'s Vault) -> Self {
        Self {
            console,
            vault,
            proved: 0,
            failed: 0,
            skipped: 0,
            warned: 0,
        }
    }

    /// What the next steps are about.
    pub fn part(&mut self, title: &str) {
        self.say(title);
    }

    /// It is as it has to be.
    pub fn tick(&mut self, what: &str) {
        self.proved += 1;
        self.say(&format!("  ✔ {what}"));
    }

    /// It is not, and what to do.
    pub fn cross(&mut self, what: &str, remedy: &str) {
        self.failed += 1;
        self.say(&format!("  ✘ {what}"));
        self.say(&format!("      remedy: {remedy}"));
    }

    /// It will do, and what would be better.
    pub fn warn(&mut self, what: &str, remedy: &str) {
        self.warned += 1;
        self.say(&format!("  ! {what}"));
        self.say(&format!("      remedy: {remedy}"));
    }

    /// It depends on what failed.
    pub fn skip(&mut self, what: &str, because: &str) {
        self.skipped += 1;
        self.say(&format!("  – {what}: skipped, {because}"));
    }

    /// There is nothing that could be proved.
    pub fn nothing(&mut self, what: &str, because: &str) {
        self.say(&format!("  – {what}: {because}"));
    }

    /// A line, masked; what a server says moves no cursor.
    pub fn say(&mut self, line: &str) {
        let masked = self.vault.mask(line);
        self.console.say(crate::report::line(&masked));
    }
}
