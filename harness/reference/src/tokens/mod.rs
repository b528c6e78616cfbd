//! The tokens that are issued: keys, signatures, random values and the order
//! in which a token is drafted, changed by faults, sealed and remembered.

mod draft;
mod issue;
mod jws;
mod keys;
mod random;

pub(crate) use draft::{Draft, Seal, TokenKind};
pub(crate) use issue::{Issue, Issued, left_half_hash, unix_now};
pub(crate) use jws::{Jws, PublicKey, public_texts, text};
pub(crate) use keys::{EllipticKey, KeyName, SigningFailed, jwk};
pub(crate) use random::{opaque, uuid};
