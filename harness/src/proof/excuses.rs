//! Pairs of a fault and a requirement that it does not mean to break, and why both must fail.

use super::Excuse;

/// All of them.
pub const EXCUSES: &[Excuse] = &[];
