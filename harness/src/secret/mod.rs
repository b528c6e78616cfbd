//! Secrets: values that cannot be printed, and the one pass that takes them out of all that
//! leaves the process.

mod encodings;
mod vault;
mod wrapped;

use std::fmt;
use std::sync::Arc;

pub use encodings::{base64, base64url, form_encode};
pub use vault::{SecretKind, Vault};

/// A secret. It has no `Display`, is never serialized, and its `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Arc<str>);

impl Secret {
    /// Takes the value in.
    #[must_use]
    pub fn new(value: &str) -> Self {
        Self(Arc::from(value))
    }

    /// The value itself, for the request that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{{secret}}")
    }
}
