//! A JWS that a client sends: its parts, and whether a key verifies it (RFC 7515 5.2).

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::hmac;
use aws_lc_rs::rsa::KeyPair as RsaKeyPair;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512,
    RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512,
    RsaPublicKeyComponents, UnparsedPublicKey, VerificationAlgorithm,
};
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine as _};
use serde_json::{Value, json};

use super::keys::KeyName;
use crate::answer::Members;
use crate::rules::{AssertionRules, Duplicates};

/// A JWS in compact serialization whose payload is a JSON object.
#[derive(Debug)]
pub(crate) struct Jws {
    pub(crate) header: Members,
    pub(crate) claims: Members,
    signed: String,
    signature: Vec<u8>,
}

impl Jws {
    /// None where it cannot be read.
    pub(crate) fn parse(text: &str, rules: &AssertionRules) -> Option<Self> {
        let (signed, signature) = text.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let decode = |part: &str| BASE64_URL_SAFE_NO_PAD.decode(part).ok();
        let claims = decode(claims)?;
        let claims = match claims.strip_prefix(b"\xfe\xff") {
            Some(units) if rules.utf16_read => {
                let units: Vec<u16> = units
                    .chunks_exact(2)
                    .map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
                    .collect();
                String::from_utf16(&units).ok()?
            }
            _ => String::from_utf8(claims).ok()?,
        };
        Some(Self {
            header: object(
                &String::from_utf8(decode(header)?).ok()?,
                rules.header_duplicates,
            )?,
            claims: object(&claims, rules.claim_duplicates)?,
            signed: signed.to_owned(),
            signature: decode(signature)?,
        })
    }

    pub(crate) fn algorithm(&self) -> &str {
        text(&self.header, "alg").unwrap_or_default()
    }

    pub(crate) const fn is_unsigned(&self) -> bool {
        self.signature.is_empty()
    }

    /// Whether the server's own key has signed it.
    pub(crate) fn is_of_this_server(&self) -> bool {
        super::keys::jwk(KeyName::Current)
            .ok()
            .and_then(|jwk| PublicKey::of_jwk(&Value::Object(jwk)))
            .is_some_and(|key| key.verifies("RS256", self))
    }

    /// Whether a MAC with that secret is right (RFC 7518 3.2).
    pub(crate) fn has_mac(&self, algorithm: &str, secret: &[u8]) -> bool {
        let algorithm = match algorithm {
            "HS256" => hmac::HMAC_SHA256,
            "HS384" => hmac::HMAC_SHA384,
            "HS512" => hmac::HMAC_SHA512,
            _ => return false,
        };
        let key = hmac::Key::new(algorithm, secret);
        hmac::verify(&key, self.signed.as_bytes(), &self.signature).is_ok()
    }
}

/// A text among the members.
pub(crate) fn text<'m>(members: &'m Members, name: &str) -> Option<&'m str> {
    members.get(name).and_then(Value::as_str)
}

/// A public key.
pub(crate) enum PublicKey {
    /// Modulus and exponent.
    Rsa(Vec<u8>, Vec<u8>),
    /// An uncompressed point on P-256.
    Point(Vec<u8>),
}

impl PublicKey {
    /// The public half of a private key in PEM.
    pub(crate) fn of_pem(pem: &str) -> Option<Self> {
        let der = der(pem)?;
        if let Ok(pair) = RsaKeyPair::from_pkcs8(&der) {
            let public = pair.public_key();
            return Some(Self::Rsa(
                public.modulus().big_endian_without_leading_zero().to_vec(),
                public.exponent().big_endian_without_leading_zero().to_vec(),
            ));
        }
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &der).ok()?;
        Some(Self::Point(pair.public_key().as_ref().to_vec()))
    }

    /// A JWK (RFC 7518 6).
    pub(crate) fn of_jwk(jwk: &Value) -> Option<Self> {
        let bytes = |name: &str| {
            let text = jwk.get(name)?.as_str()?;
            BASE64_URL_SAFE_NO_PAD.decode(text).ok()
        };
        match jwk.get("kty")?.as_str()? {
            "RSA" => Some(Self::Rsa(bytes("n")?, bytes("e")?)),
            "EC" => Some(Self::Point([vec![4], bytes("x")?, bytes("y")?].concat())),
            _ => None,
        }
    }

    /// Whether the signature is right, by an algorithm that the key can do.
    pub(crate) fn verifies(&self, algorithm: &str, jws: &Jws) -> bool {
        let (message, signature) = (jws.signed.as_bytes(), jws.signature.as_slice());
        match self {
            Self::Rsa(n, e) => {
                let algorithm = match algorithm {
                    "RS256" => &RSA_PKCS1_2048_8192_SHA256,
                    "RS384" => &RSA_PKCS1_2048_8192_SHA384,
                    "RS512" => &RSA_PKCS1_2048_8192_SHA512,
                    "PS256" => &RSA_PSS_2048_8192_SHA256,
                    "PS384" => &RSA_PSS_2048_8192_SHA384,
                    "PS512" => &RSA_PSS_2048_8192_SHA512,
                    _ => return false,
                };
                let key = RsaPublicKeyComponents { n, e };
                key.verify(algorithm, message, signature).is_ok()
            }
            Self::Point(point) if algorithm == "ES256" => {
                let algorithm: &'static dyn VerificationAlgorithm = &ECDSA_P256_SHA256_FIXED;
                let key = UnparsedPublicKey::new(algorithm, point);
                key.verify(message, signature).is_ok()
            }
            Self::Point(_) => false,
        }
    }
}

/// The public half of a private key in PEM as PEM, as DER and as a JWK.
pub(crate) fn public_texts(pem: &str) -> Vec<Vec<u8>> {
    let Some(der) = der(pem).and_then(|der| public_der(&der)) else {
        return Vec::new();
    };
    let mut text = String::from("-----BEGIN PUBLIC KEY-----");
    for (at, character) in BASE64_STANDARD.encode(&der).chars().enumerate() {
        if at % 64 == 0 {
            text.push('\n');
        }
        text.push(character);
    }
    text.push_str("\n-----END PUBLIC KEY-----\n");
    let encode = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
    let jwk = match PublicKey::of_pem(pem) {
        Some(PublicKey::Rsa(n, e)) => json!({ "kty": "RSA", "n": encode(&n), "e": encode(&e) }),
        Some(PublicKey::Point(point)) => {
            let (x, y) = point[1..].split_at((point.len() - 1) / 2);
            json!({ "kty": "EC", "crv": "P-256", "x": encode(x), "y": encode(y) })
        }
        None => Value::Null,
    };
    vec![text.into_bytes(), der, jwk.to_string().into_bytes()]
}

fn public_der(private: &[u8]) -> Option<Vec<u8>> {
    let public: PublicKeyX509Der<'_> = match RsaKeyPair::from_pkcs8(private) {
        Ok(pair) => pair.public_key().as_der().ok()?,
        Err(_) => EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, private)
            .ok()?
            .public_key()
            .as_der()
            .ok()?,
    };
    Some(public.as_ref().to_vec())
}

fn der(pem: &str) -> Option<Vec<u8>> {
    let lines = pem.lines().filter(|line| !line.starts_with("-----"));
    BASE64_STANDARD.decode(lines.collect::<String>()).ok()
}

/// A JSON object, in which a name is there once.
fn object(text: &str, duplicates: Duplicates) -> Option<Members> {
    let Value::Object(members) = serde_json::from_str(text).ok()? else {
        return None;
    };
    // serde_json has kept the last of each name.
    if names(text) == members.len() {
        return Some(members);
    }
    match duplicates {
        Duplicates::Refused => None,
        Duplicates::LastWins => Some(members),
        Duplicates::FirstWins => Some(firsts(text, members)),
    }
}

/// Where the members of an object that can be read begin: the offsets of their names.
fn starts(text: &str) -> Vec<usize> {
    let (mut depth, mut quoted, mut escaped) = (0usize, false, false);
    let mut found = Vec::new();
    let mut awaits_name = false;
    for (at, byte) in text.bytes().enumerate() {
        if quoted {
            (quoted, escaped) = match (byte, escaped) {
                (_, true) => (true, false),
                (b'\\', _) => (true, true),
                (b'"', _) => (false, false),
                _ => (true, false),
            };
            continue;
        }
        match byte {
            b'"' => {
                quoted = true;
                if std::mem::take(&mut awaits_name) {
                    found.push(at);
                }
            }
            b'{' | b'[' => {
                depth += 1;
                awaits_name = depth == 1;
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            b',' => awaits_name = depth == 1,
            _ => {}
        }
    }
    found
}

/// How many members are written.
fn names(text: &str) -> usize {
    starts(text).len()
}

/// The members with the first value of each name: each is read alone, from the last to the first.
fn firsts(text: &str, mut members: Members) -> Members {
    let starts = starts(text);
    let ends = starts
        .iter()
        .skip(1)
        .copied()
        .chain(std::iter::once(text.len()));
    let pieces: Vec<_> = starts.iter().copied().zip(ends).collect();
    for (start, end) in pieces.into_iter().rev() {
        let piece = text[start..end].trim_end().trim_end_matches([',', '}']);
        // A value that is an object has lost its own braces then, and is no text in any case.
        if let Ok(Value::Object(one)) = serde_json::from_str(&format!("{{{piece}}}")) {
            members.extend(one);
        }
    }
    members
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_there_twice_is_seen() {
        let text = r#"{"a": "x,\"b\":1", "b": {"a": 1, "c": [1, "d"]}, "a" : "y"}"#;
        assert_eq!(names(text), 3);
        assert!(object(text, Duplicates::Refused).is_none());
        let last = object(text, Duplicates::LastWins).unwrap();
        assert_eq!(last["a"], "y");
        let first = object(text, Duplicates::FirstWins).unwrap();
        assert_eq!(first["a"], "x,\"b\":1");
        assert!(object(r#"{"a":{"a":1}}"#, Duplicates::Refused).is_some());
        assert!(object("[]", Duplicates::LastWins).is_none());
    }
}
