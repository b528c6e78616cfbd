//! Private keys: read from PEM or a JWK, and what they sign (RFC 7518 section 3, RFC 8037).

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{
    KeyPair as RsaKeyPair, KeyPairComponents, KeySize, PublicKey as RsaPublicKey,
    PublicKeyComponents,
};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING,
    ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair,
    RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384,
    RSA_PSS_SHA512,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject as _;
use serde_json::{Value, json};

/// A private key.
pub struct PrivateKey {
    key: Key,
    kid: Option<String>,
}

enum Key {
    Rsa(RsaKeyPair),
    Ec(&'static Curve, EcdsaKeyPair),
    Ed(Ed25519KeyPair),
}

/// An elliptic curve and the one algorithm that goes with it (RFC 7518 section 3.4).
struct Curve {
    name: &'static str,
    algorithms: &'static [&'static str],
    signing: &'static EcdsaSigningAlgorithm,
}

static CURVES: [Curve; 3] = [
    Curve {
        name: "P-256",
        algorithms: &["ES256"],
        signing: &ECDSA_P256_SHA256_FIXED_SIGNING,
    },
    Curve {
        name: "P-384",
        algorithms: &["ES384"],
        signing: &ECDSA_P384_SHA384_FIXED_SIGNING,
    },
    Curve {
        name: "P-521",
        algorithms: &["ES512"],
        signing: &ECDSA_P521_SHA512_FIXED_SIGNING,
    },
];

impl std::fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PrivateKey({})", self.algorithms()[0])
    }
}

impl PrivateKey {
    /// Reads a private key: PEM (PKCS #8, SEC 1 or PKCS #1), or a JWK.
    ///
    /// # Errors
    /// Why it is none, in words that begin with `it`.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        if bytes.trim_ascii_start().starts_with(b"{") {
            Self::of_jwk(bytes)
        } else {
            Self::of_pem(bytes)
        }
    }

    fn of_pem(bytes: &[u8]) -> Result<Self, String> {
        let text = String::from_utf8_lossy(bytes);
        let key = PrivateKeyDer::from_pem_slice(bytes).map_err(|_| {
            if text.contains("BEGIN ENCRYPTED PRIVATE KEY")
                || text.contains("Proc-Type: 4,ENCRYPTED")
            {
                "it is encrypted, and tokenspec asks nobody for a password"
            } else if text.contains("BEGIN PUBLIC KEY") || text.contains("BEGIN RSA PUBLIC KEY") {
                "it is the public key, and assertions are signed with the private one"
            } else if text.contains("BEGIN CERTIFICATE") {
                "it is a certificate, without the private key"
            } else {
                "it has no private key in PEM, and is no JWK"
            }
            .to_owned()
        })?;
        let der = key.secret_der();
        for curve in &CURVES {
            if let Ok(pair) = EcdsaKeyPair::from_private_key_der(curve.signing, der) {
                return Ok(Self::new(Key::Ec(curve, pair), None));
            }
        }
        if let Ok(pair) = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der) {
            return Ok(Self::new(Key::Ed(pair), None));
        }
        if let Ok(pair) = RsaKeyPair::from_pkcs8(der).or_else(|_| RsaKeyPair::from_der(der)) {
            return Ok(Self::new(Key::Rsa(pair), None));
        }
        Err("its kind of key is not known, or too short".into())
    }

    fn of_jwk(bytes: &[u8]) -> Result<Self, String> {
        let jwk: Value =
            serde_json::from_slice(bytes).map_err(|_| "it is neither PEM nor JSON".to_owned())?;
        if jwk.get("keys").is_some() {
            return Err("it is a set of keys, and one is wanted".into());
        }
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        if text("kty").is_some_and(|kind| kind != "oct") && text("d").is_none() {
            return Err(
                "it is the public key, and assertions are signed with the private one".into(),
            );
        }
        let bytes = |name: &str| {
            text(name)
                .and_then(|text| URL_SAFE_NO_PAD.decode(text).ok())
                .ok_or_else(|| format!("it is a JWK that has no `{name}`"))
        };
        let kid = text("kid").map(str::to_owned);
        match (text("kty"), text("crv")) {
            (Some("EC"), Some(name)) => {
                let curve = CURVES
                    .iter()
                    .find(|curve| curve.name == name)
                    .ok_or_else(|| format!("it is on the curve {name}, which is not known"))?;
                let point = [vec![4], bytes("x")?, bytes("y")?].concat();
                let (signing, own) = (curve.signing, bytes("d")?);
                let pair = EcdsaKeyPair::from_private_key_and_public_key(signing, &own, &point)
                    .map_err(|_| "its numbers are no key on its curve".to_owned())?;
                Ok(Self::new(Key::Ec(curve, pair), kid))
            }
            (Some("OKP"), Some("Ed25519")) => {
                let pair = Ed25519KeyPair::from_seed_and_public_key(&bytes("d")?, &bytes("x")?)
                    .map_err(|_| "its numbers are no key on its curve".to_owned())?;
                Ok(Self::new(Key::Ed(pair), kid))
            }
            (Some("RSA"), _) => {
                let pair = RsaKeyPair::from_components(&KeyPairComponents {
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
                .map_err(|_| "its numbers are no RSA key of 2048 bits or more".to_owned())?;
                Ok(Self::new(Key::Rsa(pair), kid))
            }
            _ => Err("its kind of key is not known".into()),
        }
    }

    const fn new(key: Key, kid: Option<String>) -> Self {
        Self { key, kid }
    }

    /// Another key of the same kind, which nobody has registered.
    #[must_use]
    pub fn another(&self) -> Option<Self> {
        let key = match &self.key {
            Key::Rsa(_) => Key::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).ok()?),
            Key::Ec(curve, _) => Key::Ec(curve, EcdsaKeyPair::generate(curve.signing).ok()?),
            Key::Ed(_) => Key::Ed(Ed25519KeyPair::generate().ok()?),
        };
        Some(Self::new(key, None))
    }

    /// What a JWK calls itself.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The algorithms that it can sign with, the usual one first.
    #[must_use]
    pub const fn algorithms(&self) -> &'static [&'static str] {
        match &self.key {
            Key::Rsa(_) => &["RS256", "PS256", "RS384", "RS512", "PS384", "PS512"],
            Key::Ec(curve, _) => curve.algorithms,
            Key::Ed(_) => &["EdDSA"],
        }
    }

    /// The signature, where the key can sign with that algorithm.
    #[must_use]
    pub fn sign(&self, algorithm: &str, message: &[u8]) -> Option<Vec<u8>> {
        if !self.algorithms().contains(&algorithm) {
            return None;
        }
        let random = SystemRandom::new();
        match &self.key {
            Key::Ec(_, pair) => Some(pair.sign(&random, message).ok()?.as_ref().to_vec()),
            Key::Ed(pair) => Some(pair.sign(message).as_ref().to_vec()),
            Key::Rsa(pair) => {
                let padding: &dyn aws_lc_rs::signature::RsaEncoding = match algorithm {
                    "RS384" => &RSA_PKCS1_SHA384,
                    "RS512" => &RSA_PKCS1_SHA512,
                    "PS256" => &RSA_PSS_SHA256,
                    "PS384" => &RSA_PSS_SHA384,
                    "PS512" => &RSA_PSS_SHA512,
                    _ => &RSA_PKCS1_SHA256,
                };
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(padding, &random, message, &mut signature).ok()?;
                Some(signature)
            }
        }
    }

    /// The public key as a SubjectPublicKeyInfo (RFC 5280 section 4.1).
    #[must_use]
    pub fn public_der(&self) -> Option<Vec<u8>> {
        let der: PublicKeyX509Der<'_> = match &self.key {
            Key::Rsa(pair) => pair.public_key().as_der(),
            Key::Ec(_, pair) => pair.public_key().as_der(),
            Key::Ed(pair) => pair.public_key().as_der(),
        }
        .ok()?;
        Some(der.as_ref().to_vec())
    }

    /// The same as PEM (RFC 7468).
    #[must_use]
    pub fn public_pem(&self) -> Option<String> {
        let text = STANDARD.encode(self.public_der()?);
        let lines: Vec<&str> = text
            .as_bytes()
            .chunks(64)
            .filter_map(|line| std::str::from_utf8(line).ok())
            .collect();
        Some(format!(
            "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
            lines.join("\n")
        ))
    }

    /// The same as a JWK (RFC 7517).
    #[must_use]
    pub fn public_jwk(&self) -> Value {
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        match &self.key {
            Key::Rsa(pair) => {
                let public: &RsaPublicKey = pair.public_key();
                json!({
                    "kty": "RSA",
                    "n": encode(public.modulus().big_endian_without_leading_zero()),
                    "e": encode(public.exponent().big_endian_without_leading_zero()),
                })
            }
            Key::Ec(curve, pair) => {
                // An uncompressed point: 4, x, y.
                let point = pair.public_key().as_ref();
                let (x, y) = point[1..].split_at((point.len() - 1) / 2);
                json!({ "kty": "EC", "crv": curve.name, "x": encode(x), "y": encode(y) })
            }
            Key::Ed(pair) => {
                json!({ "kty": "OKP", "crv": "Ed25519", "x": encode(pair.public_key().as_ref()) })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::encoding::{AsBigEndian as _, Pkcs8V1Der};

    use super::*;

    fn pem(kind: &str, der: &[u8]) -> String {
        format!(
            "-----BEGIN {kind}-----\n{}\n-----END {kind}-----\n",
            STANDARD.encode(der)
        )
    }

    #[test]
    fn each_kind_is_read_from_pem() {
        for curve in &CURVES {
            let pair = EcdsaKeyPair::generate(curve.signing).unwrap();
            let text = pem("PRIVATE KEY", pair.to_pkcs8v1().unwrap().as_ref());
            let key = PrivateKey::read(text.as_bytes()).unwrap();
            assert_eq!(key.algorithms(), curve.algorithms);
            assert!(key.sign(curve.algorithms[0], b"x").is_some());
            assert!(key.sign("RS256", b"x").is_none());
        }
        let pair = Ed25519KeyPair::generate().unwrap();
        let text = pem("PRIVATE KEY", pair.to_pkcs8v1().unwrap().as_ref());
        assert_eq!(
            PrivateKey::read(text.as_bytes()).unwrap().algorithms(),
            ["EdDSA"]
        );
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        let der: Pkcs8V1Der<'_> = pair.as_der().unwrap();
        let text = pem("PRIVATE KEY", der.as_ref());
        let key = PrivateKey::read(text.as_bytes()).unwrap();
        for algorithm in key.algorithms() {
            assert!(key.sign(algorithm, b"x").is_some(), "{algorithm}");
        }
        assert!(
            key.public_pem()
                .unwrap()
                .ends_with("-----END PUBLIC KEY-----\n")
        );
    }

    #[test]
    fn a_jwk_is_read_with_its_name() {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let own = pair.private_key().as_be_bytes().unwrap();
        let mut jwk = PrivateKey::new(Key::Ec(&CURVES[0], pair), None).public_jwk();
        jwk["kid"] = json!("k1");
        let public = jwk.to_string();
        assert!(
            PrivateKey::read(public.as_bytes())
                .unwrap_err()
                .contains("the public key")
        );
        jwk["d"] = json!(URL_SAFE_NO_PAD.encode(own.as_ref()));
        let key = PrivateKey::read(jwk.to_string().as_bytes()).unwrap();
        assert_eq!(key.kid(), Some("k1"));
        assert_eq!(key.public_jwk()["x"], jwk["x"]);
    }

    #[test]
    fn what_is_no_private_key_is_told_apart() {
        for (text, why) in [
            (pem("PUBLIC KEY", b"x"), "it is the public key"),
            (pem("ENCRYPTED PRIVATE KEY", b"x"), "it is encrypted"),
            (pem("CERTIFICATE", b"x"), "it is a certificate"),
            (pem("PRIVATE KEY", b"x"), "its kind of key"),
            ("{\"keys\":[]}".to_owned(), "a set of keys"),
            ("hello".to_owned(), "no private key"),
        ] {
            let told = PrivateKey::read(text.as_bytes()).unwrap_err();
            assert!(told.contains(why), "{told}");
        }
    }
}
