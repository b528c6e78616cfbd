//! Named predicates: relations between values that rules cannot say. One file each, and one line
//! here.

mod at_hash;
mod error_uri;
mod expires_in;
mod keys;
mod lifetimes;
mod members;
mod same_kid;
mod same_subject;
mod subjects;
mod target;
mod unguessable;

use super::{Finding, Response, Situation};

/// A predicate over a response and all that is known beside it.
pub struct Predicate {
    /// Its name in case files.
    pub name: &'static str,
    /// What it says, for the documentation.
    pub says: &'static str,
    /// What it finds.
    pub judge: fn(&Response, &Situation<'_>) -> Finding,
}

/// All predicates.
pub static ALL: &[Predicate] = &[
    at_hash::AT_HASH,
    error_uri::ERROR_URI,
    expires_in::EXPIRES_IN,
    keys::KEYS,
    lifetimes::NBF_IS_IAT,
    lifetimes::ID_TOKEN_TIMES,
    lifetimes::ID_TOKEN_IAT,
    lifetimes::ID_TOKEN_EXP,
    lifetimes::ID_TOKEN_EXP_AHEAD,
    lifetimes::ID_TOKEN_AUTH_TIME,
    members::UNIQUE,
    members::JWT_UNIQUE,
    members::NAMES,
    members::CREDENTIALS,
    members::NULL,
    same_kid::SAME_KID,
    same_subject::SAME_SUBJECT,
    subjects::DIFFER,
    target::PATH,
    target::FRAGMENT,
    target::HTTPS,
    unguessable::CHALLENGE,
    unguessable::SECRET,
];

/// The predicate of that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Predicate> {
    ALL.iter().find(|predicate| predicate.name == name)
}

/// The names of all predicates.
pub fn names() -> impl Iterator<Item = &'static str> {
    ALL.iter().map(|predicate| predicate.name)
}
