//! Named predicates: relations between values that rules cannot say. One file each, and one line
//! here.

mod access_token;
mod at_hash;
mod c_hash;
mod error_uri;
mod expires_in;
mod jose;
mod keys;
mod lifetimes;
mod members;
mod published;
mod redirect;
mod refreshed;
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
    access_token::EXP,
    access_token::IAT,
    access_token::SUBJECT,
    access_token::AUTH_CLAIMS,
    at_hash::AT_HASH,
    c_hash::C_HASH,
    error_uri::ERROR_URI,
    expires_in::EXPIRES_IN,
    keys::KEYS,
    jose::READABLE,
    jose::HEADER_NAMES,
    jose::CLAIM_NAMES,
    jose::ALG_SPELLING,
    jose::TIMES,
    jose::ECDSA_LENGTH,
    jose::HMAC_SECRET,
    published::PUBLISHED,
    published::NAMED,
    published::KID_KNOWN,
    published::ACCESS_KID_KNOWN,
    published::MAY_SIGN,
    published::RSA_BITS,
    published::BARE,
    lifetimes::NBF_IS_IAT,
    lifetimes::ID_TOKEN_TIMES,
    lifetimes::ID_TOKEN_IAT,
    lifetimes::ID_TOKEN_EXP,
    lifetimes::ID_TOKEN_EXP_AHEAD,
    lifetimes::ID_TOKEN_AUTH_TIME,
    lifetimes::ID_TOKEN_AUTH_TIME_RECENT,
    members::UNIQUE,
    members::JWT_UNIQUE,
    members::NAMES,
    members::CREDENTIALS,
    members::NULL,
    members::NO_OPENID,
    redirect::SEEN,
    redirect::NOT_307,
    refreshed::KNOWN,
    refreshed::ISS,
    refreshed::SUB,
    refreshed::AUD,
    refreshed::IAT,
    refreshed::AUTH_TIME,
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

/// Whether the predicate looks at the target's keys, so that they have to be fetched.
#[must_use]
pub fn reads_keys(name: &str) -> bool {
    published::READERS.iter().any(|reader| reader.name == name)
}

/// The names of all predicates.
pub fn names() -> impl Iterator<Item = &'static str> {
    ALL.iter().map(|predicate| predicate.name)
}
