//! Signed reports: what a vendor hands on is what the run wrote.
//!
//! The signature is a JWS with detached content (RFC 7515, appendix F) in a file beside the report.
//! Its payload is the report in canonical form (RFC 8785), so that white space and the order of
//! members do not matter; its header names the digest of the cases.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::record::Record;
use crate::assertion::PrivateKey;

/// What the header says the signature is of.
pub(super) const TYPE: &str = "tokenspec-report+jws";

/// A private key that signs reports.
pub struct Signer {
    algorithm: &'static str,
    kid: Option<String>,
    key: PrivateKey,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Signer({})", self.algorithm)
    }
}

impl Signer {
    /// Reads a private key: PEM (PKCS #8, SEC 1 or PKCS #1), or a JWK.
    ///
    /// # Errors
    /// Where it cannot be read, or is no key that can sign a report.
    pub fn read(path: &Path) -> Result<Self, String> {
        let shown = path.display();
        let bytes = std::fs::read(path)
            .map_err(|error| format!("the key {shown} cannot be read: {error}"))?;
        let signer = PrivateKey::read(&bytes).and_then(|key| {
            let algorithm = match key.algorithms()[0] {
                "RS256" => "PS256",
                "ES512" => return Err("its kind of key is not known".to_owned()),
                other => other,
            };
            let kid = key.kid().map(str::to_owned);
            Ok(Self {
                algorithm,
                kid,
                key,
            })
        });
        signer.map_err(|why| {
            format!(
                "{shown} is no key that signs a report: {why}; give a private key on P-256, P-384 or \
                 Ed25519, or of RSA, as PEM or JWK"
            )
        })
    }

    /// The signature over a record: a compact JWS without its payload.
    ///
    /// # Errors
    /// Where the record has no canonical form, or the key cannot sign.
    pub fn sign(&self, record: &Record) -> Result<String, String> {
        let mut header = json!({
            "alg": self.algorithm,
            "typ": TYPE,
            "cases_digest": record.tool.cases_digest,
        });
        if let (Some(kid), Some(members)) = (&self.kid, header.as_object_mut()) {
            members.insert("kid".into(), kid.as_str().into());
        }
        let header = URL_SAFE_NO_PAD.encode(header.to_string());
        let value = serde_json::to_value(record).map_err(|error| error.to_string())?;
        let message = format!("{header}.{}", URL_SAFE_NO_PAD.encode(canonical(&value)?));
        let signature = self
            .key
            .sign(self.algorithm, message.as_bytes())
            .ok_or("the key could not sign the report")?;
        Ok(format!("{header}..{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

/// The canonical bytes of a report (RFC 8785).
pub(super) fn canonical(value: &Value) -> Result<Vec<u8>, String> {
    serde_json_canonicalizer::to_vec(value)
        .map_err(|error| format!("the report has no canonical form: {error}"))
}
