//! Client assertions (RFC 7521 section 4.2, RFC 7523 section 3, OpenID Connect Core 9): the keys
//! that clients sign with, and the assertion of a request with what a case does to it.
//!
//! It knows no network, and nothing about right or wrong.

mod key;
mod make;

pub use key::PrivateKey;
pub use make::{MakeError, Signer, TYPE};

/// The method with a key pair.
pub const PRIVATE_KEY_JWT: &str = "private_key_jwt";
/// The method with the client secret as the key of an HMAC.
pub const CLIENT_SECRET_JWT: &str = "client_secret_jwt";

/// Whether a client authentication method sends an assertion.
#[must_use]
pub fn is_method(method: &str) -> bool {
    method == PRIVATE_KEY_JWT || method == CLIENT_SECRET_JWT
}

/// The algorithms of an HMAC (RFC 7518 section 3.2).
pub const HMAC: &[&str] = &["HS256", "HS384", "HS512"];
