//! Named predicates: relations between values that rules cannot say. One file each, and one line
//! here.

mod access_lifetime;
mod access_token;
mod at_hash;
mod audience;
mod c_hash;
mod challenge;
mod error_uri;
mod expires_in;
mod jose;
mod key_set;
mod keys;
mod lifetimes;
mod members;
mod metadata;
mod published;
mod redirect;
mod refreshed;
mod same_kid;
mod same_subject;
mod subjects;
mod target;
mod tls;
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
    access_lifetime::LIMITED,
    access_lifetime::AN_HOUR,
    audience::NOT_FIRST,
    challenge::NO_ERROR,
    key_set::KTY,
    key_set::DISTINCT,
    key_set::PUBLIC,
    key_set::USE,
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
    metadata::NO_EMPTY_LISTS,
    metadata::ISSUER_SHAPE,
    metadata::ASYMMETRIC,
    metadata::JWT_METHODS,
    metadata::NO_NONE,
    metadata::INTROSPECTION_JWT_METHODS,
    same_kid::SAME_KID,
    same_subject::SAME_SUBJECT,
    subjects::DIFFER,
    target::PATH,
    target::FRAGMENT,
    target::HTTPS,
    tls::BEYOND_LOOPBACK,
    tls::REVOCATION,
    tls::ISSUER,
    tls::JWKS,
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

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::super::jwt::Keys;
    use super::{Finding, Situation};
    use crate::catalogue::Catalogue;

    /// What is found where nothing is known of the target.
    pub fn on_nothing(find: impl Fn(&Situation<'_>) -> Finding) -> Finding {
        on_target("", find)
    }

    /// What is found where each address of the target is this one; an empty one is not known.
    pub fn on_target(url: &str, find: impl Fn(&Situation<'_>) -> Finding) -> Finding {
        let keys = Keys {
            set: Err(String::new()),
            secret: None,
        };
        find(&Situation {
            catalogue: &Catalogue::default(),
            documents: &[],
            without: &[],
            deviations: &[],
            trial: "",
            auth: "",
            start: "",
            public: false,
            introspects: false,
            keys: &keys,
            skew: 10,
            control: None,
            at_once: &[],
            alive: None,
            steps: &HashMap::new(),
            value: &|_| Some(url.to_owned()).filter(|url| !url.is_empty()),
        })
    }
}
