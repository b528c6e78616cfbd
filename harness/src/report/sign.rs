//! Signed reports: what a vendor hands on is what the run wrote.
//!
//! The signature is a JWS with detached content (RFC 7515, appendix F) in a file beside the report.
//! Its payload is the report in canonical form (RFC 8785), so that white space and the order of
//! members do not matter; its header names the digest of the cases.

use std::path::Path;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeyPairComponents, PublicKeyComponents};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, Ed25519KeyPair, RSA_PSS_SHA256,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject as _;
use serde_json::{Value, json};

use super::record::Record;

/// What the header says the signature is of.
pub(super) const TYPE: &str = "tokenspec-report+jws";

/// A private key that signs reports.
pub struct Signer {
    algorithm: &'static str,
    kid: Option<String>,
    key: Key,
}

enum Key {
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
    Rsa(RsaKeyPair),
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
        let signer = if bytes.trim_ascii_start().starts_with(b"{") {
            Self::of_jwk(&bytes)
        } else {
            Self::of_pem(&bytes)
        };
        signer.map_err(|why| {
            format!(
                "{shown} is no key that signs a report: {why}; give a private key on P-256, P-384 or \
                 Ed25519, or of RSA, as PEM or JWK"
            )
        })
    }

    fn of_pem(bytes: &[u8]) -> Result<Self, String> {
        let key = PrivateKeyDer::from_pem_slice(bytes)
            .map_err(|_| "it has no private key in PEM".to_owned())?;
        let der = key.secret_der();
        for (algorithm, curve) in CURVES {
            if let Ok(key) = EcdsaKeyPair::from_private_key_der(curve, der) {
                return Ok(Self::new(algorithm, None, Key::Ec(key)));
            }
        }
        if let Ok(key) = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der) {
            return Ok(Self::new("EdDSA", None, Key::Ed(key)));
        }
        if let Ok(key) = RsaKeyPair::from_pkcs8(der).or_else(|_| RsaKeyPair::from_der(der)) {
            return Ok(Self::new("PS256", None, Key::Rsa(key)));
        }
        Err("its kind of key is not known".into())
    }

    fn of_jwk(bytes: &[u8]) -> Result<Self, String> {
        let jwk: Value =
            serde_json::from_slice(bytes).map_err(|_| "it is neither PEM nor JSON".to_owned())?;
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        let bytes = |name: &str| {
            text(name)
                .and_then(|text| URL_SAFE_NO_PAD.decode(text).ok())
                .ok_or_else(|| format!("the JWK has no `{name}`"))
        };
        let kid = text("kid").map(str::to_owned);
        match (text("kty"), text("crv")) {
            (Some("EC"), Some(curve)) => {
                let (algorithm, curve) = match curve {
                    "P-256" => CURVES[0],
                    "P-384" => CURVES[1],
                    other => return Err(format!("the curve {other} is not known")),
                };
                let point = [vec![4], bytes("x")?, bytes("y")?].concat();
                let key =
                    EcdsaKeyPair::from_private_key_and_public_key(curve, &bytes("d")?, &point)
                        .map_err(|_| "its numbers are no key on its curve".to_owned())?;
                Ok(Self::new(algorithm, kid, Key::Ec(key)))
            }
            (Some("OKP"), Some("Ed25519")) => {
                let key = Ed25519KeyPair::from_seed_and_public_key(&bytes("d")?, &bytes("x")?)
                    .map_err(|_| "its numbers are no key on its curve".to_owned())?;
                Ok(Self::new("EdDSA", kid, Key::Ed(key)))
            }
            (Some("RSA"), _) => {
                let key = RsaKeyPair::from_components(&KeyPairComponents {
                    public_key: PublicKeyComponents {
                        n: bytes("n")?,
                        e: bytes("e")?,
                    },
                    d: bytes("d")?,
                    p: bytes("p")?,
                    q: bytes("q")?,
                    dP: bytes("dp")?,
                    dQ: bytes("dq")?,
                    qInv: bytes("qi")?,
                })
                .map_err(|_| "its numbers are no RSA key".to_owned())?;
                Ok(Self::new("PS256", kid, Key::Rsa(key)))
            }
            _ => Err("its kind of key is not known".into()),
        }
    }

    const fn new(algorithm: &'static str, kid: Option<String>, key: Key) -> Self {
        Self {
            algorithm,
            kid,
            key,
        }
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
        let signature = self.raw(message.as_bytes())?;
        Ok(format!("{header}..{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    fn raw(&self, message: &[u8]) -> Result<Vec<u8>, String> {
        let random = SystemRandom::new();
        let failed = |_| "the key could not sign the report".to_owned();
        match &self.key {
            Key::Ec(key) => Ok(key
                .sign(&random, message)
                .map_err(failed)?
                .as_ref()
                .to_vec()),
            Key::Ed(key) => Ok(key.sign(message).as_ref().to_vec()),
            Key::Rsa(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(&RSA_PSS_SHA256, &random, message, &mut signature)
                    .map_err(failed)?;
                Ok(signature)
            }
        }
    }
}

static CURVES: [(&str, &EcdsaSigningAlgorithm); 2] = [
    ("ES256", &ECDSA_P256_SHA256_FIXED_SIGNING),
    ("ES384", &ECDSA_P384_SHA384_FIXED_SIGNING),
];

/// The canonical bytes of a report (RFC 8785).
pub(super) fn canonical(value: &Value) -> Result<Vec<u8>, String> {
    serde_json_canonicalizer::to_vec(value)
        .map_err(|error| format!("the report has no canonical form: {error}"))
}
