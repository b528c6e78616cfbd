//! The key that a client signs its assertions with: `key`, `key-file`, `kid`, `signing-alg`.

use std::sync::Arc;

use super::file::ClientFile;
use super::read::Config;
use super::resolve::below;
use crate::assertion::{CLIENT_SECRET_JWT, HMAC, PRIVATE_KEY_JWT, PrivateKey};
use crate::catalogue::{At, Mistake};
use crate::secret::Secret;

/// What a client signs with, as it was read.
#[derive(Debug, Default)]
pub(super) struct Signing {
    pub(super) key: Option<Arc<PrivateKey>>,
    /// What it was read from.
    pub(super) text: Option<Secret>,
    pub(super) kid: Option<String>,
}

impl Config {
    /// Reads the key of a client, and holds its methods and its algorithm against it.
    pub(super) fn signing(
        &self,
        at: &[At],
        file: &ClientFile,
        auth: &[String],
        mistakes: &mut Vec<Mistake>,
    ) -> Signing {
        let name = &file.name;
        let has = |method: &str| auth.iter().any(|known| known == method);
        let mut wrong = |key: &str, code, message: String, remedy: &str| {
            mistakes.push(self.mistake(&below(at, key), "", code, message, remedy));
        };
        let (key, text) = match (&file.key, &file.key_file) {
            (Some(_), Some(_)) => {
                wrong(
                    "key-file",
                    "two-keys",
                    format!("the client `{name}` has a `key` and a `key-file`"),
                    "leave one of them: assertions are signed with one key",
                );
                (None, None)
            }
            (Some(text), None) => (Some("key"), Some(text.clone().into_bytes())),
            (None, Some(path)) => match std::fs::read(self.folder.join(path)) {
                Ok(bytes) => (Some("key-file"), Some(bytes)),
                Err(error) => {
                    wrong(
                        "key-file",
                        "unreadable-file",
                        format!("the key {path} of the client `{name}` cannot be read: {error}"),
                        "the path is relative to the configuration's folder",
                    );
                    (Some("key-file"), None)
                }
            },
            (None, None) => (None, None),
        };
        let mut signing = Signing::default();
        if let (Some(place), Some(bytes)) = (key, text) {
            match PrivateKey::read(&bytes) {
                Ok(read) => signing.key = Some(Arc::new(read)),
                Err(why) => wrong(
                    place,
                    "bad-key",
                    format!("the `{place}` of the client `{name}` cannot sign: {why}"),
                    "give a private key of RSA (2048 bits or more), on P-256, P-384 or P-521, or Ed25519: PEM, \
                     not encrypted, or a JWK",
                ),
            }
            signing.text = Some(Secret::new(&String::from_utf8_lossy(&bytes)));
        }
        let said = file.key.is_some() || file.key_file.is_some();
        if said && !has(PRIVATE_KEY_JWT) {
            wrong(
                if file.key.is_some() {
                    "key"
                } else {
                    "key-file"
                },
                "method-and-key",
                format!("the client `{name}` has a key and not the method `private_key_jwt`"),
                "add it: auth = [\"private_key_jwt\"]",
            );
        } else if !said && has(PRIVATE_KEY_JWT) {
            wrong(
                "auth",
                "method-and-key",
                format!("the client `{name}` has the method `private_key_jwt` and no key"),
                "add `key-file = \"client.pem\"`, or `key = \"${CLIENT_KEY}\"` with the PEM or JWK itself",
            );
        }
        if let Some(alg) = file.signing_alg.as_deref() {
            let by_secret = has(CLIENT_SECRET_JWT) && HMAC.contains(&alg);
            let of_key = signing.key.as_ref().map(|key| key.algorithms());
            let fits = by_secret || of_key.is_some_and(|known| known.contains(&alg));
            // A key that cannot be read is one mistake already.
            if !fits && (signing.key.is_some() || !said) {
                let known: Vec<&str> = of_key
                    .into_iter()
                    .flatten()
                    .chain(HMAC.iter().filter(|_| has(CLIENT_SECRET_JWT)))
                    .copied()
                    .collect();
                wrong(
                    "signing-alg",
                    "signing-alg",
                    format!("the client `{name}` cannot sign {alg}"),
                    &if known.is_empty() {
                        "it is for `private_key_jwt` and `client_secret_jwt`".to_owned()
                    } else {
                        format!("what it has can sign {}", known.join(", "))
                    },
                );
            }
        }
        let own = signing.key.as_ref().and_then(|key| key.kid());
        signing.kid = file.kid.clone().or_else(|| own.map(str::to_owned));
        signing
    }
}
