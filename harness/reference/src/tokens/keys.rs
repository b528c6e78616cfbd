//! The RSA keys. They are fixed so that a server starts at once, they are
//! public, and they are good for nothing but tests.

use std::fmt;
use std::sync::LazyLock;

use aws_lc_rs::error::{KeyRejected, Unspecified};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, KeyPair as _, RSA_PKCS1_SHA256,
};
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use serde_json::json;

use crate::answer::Members;

/// One of the keys that the server has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyName {
    /// Signs.
    Current,
    /// Has been replaced, and is published still.
    Previous,
    /// Has never been published: no faultless token is signed with it.
    Stray,
}

type Loaded = LazyLock<Result<KeyPair, KeyRejected>>;

static CURRENT: Loaded = LazyLock::new(|| KeyPair::from_der(include_bytes!("keys/current.der")));
static PREVIOUS: Loaded = LazyLock::new(|| KeyPair::from_der(include_bytes!("keys/previous.der")));
static STRAY: Loaded = LazyLock::new(|| KeyPair::from_der(include_bytes!("keys/stray.der")));

impl KeyName {
    /// What the `kid` header and the JWK Set call it.
    pub(crate) const fn kid(self) -> &'static str {
        match self {
            Self::Current => "0050f9b0-1e52-46b0-b9bb-32404b12dbc8",
            Self::Previous => "d52208b3-5b0c-430a-ba39-c13361586ad2",
            Self::Stray => "059d9970-986d-4042-b3a7-7091c81c9666",
        }
    }

    /// An RS256 signature (RFC 7518 3.3).
    pub(super) fn sign(self, message: &[u8]) -> Result<Vec<u8>, SigningFailed> {
        let pair = self.pair()?;
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(
            &RSA_PKCS1_SHA256,
            &SystemRandom::new(),
            message,
            &mut signature,
        )?;
        Ok(signature)
    }

    fn pair(self) -> Result<&'static KeyPair, SigningFailed> {
        let loaded = match self {
            Self::Current => &CURRENT,
            Self::Previous => &PREVIOUS,
            Self::Stray => &STRAY,
        };
        loaded.as_ref().map_err(|_| SigningFailed)
    }
}

/// The key of ES256 signatures.
pub(crate) struct EllipticKey;

impl EllipticKey {
    pub(crate) const KID: &'static str = "5f0e0c6a-95b1-4b7e-8f0c-0f1c8a1c2a77";

    /// An ES256 signature: R and S, each of 32 octets (RFC 7518 3.4).
    pub(super) fn sign(message: &[u8]) -> Result<Vec<u8>, SigningFailed> {
        Self::signed(&ECDSA_P256_SHA256_FIXED_SIGNING, message)
    }

    /// The same in ASN.1, as certificates have it and a JWS must not.
    pub(super) fn sign_in_asn1(message: &[u8]) -> Result<Vec<u8>, SigningFailed> {
        Self::signed(&ECDSA_P256_SHA256_ASN1_SIGNING, message)
    }

    fn signed(
        algorithm: &'static EcdsaSigningAlgorithm,
        message: &[u8],
    ) -> Result<Vec<u8>, SigningFailed> {
        let signature = Self::pair(algorithm)?.sign(&SystemRandom::new(), message)?;
        Ok(signature.as_ref().to_vec())
    }

    fn pair(algorithm: &'static EcdsaSigningAlgorithm) -> Result<EcdsaKeyPair, SigningFailed> {
        EcdsaKeyPair::from_pkcs8(algorithm, include_bytes!("keys/elliptic.der"))
            .map_err(|_| SigningFailed)
    }

    /// The members that say which public key it is (RFC 7518 6.2.1).
    pub(crate) fn jwk() -> Result<Members, SigningFailed> {
        let pair = Self::pair(&ECDSA_P256_SHA256_FIXED_SIGNING)?;
        // An uncompressed point: 4, x, y.
        let point = pair.public_key().as_ref();
        let (Some(x), Some(y)) = (point.get(1..33), point.get(33..65)) else {
            return Err(SigningFailed);
        };
        let encode = |bytes: &[u8]| json!(BASE64_URL_SAFE_NO_PAD.encode(bytes));
        let mut members = Members::new();
        members.insert("kty".to_owned(), json!("EC"));
        members.insert("crv".to_owned(), json!("P-256"));
        members.insert("x".to_owned(), encode(x));
        members.insert("y".to_owned(), encode(y));
        members.insert("kid".to_owned(), json!(Self::KID));
        Ok(members)
    }
}

/// The members that say which public key it is (RFC 7517 4, RFC 7518 6.3.1).
pub(crate) fn jwk(key: KeyName) -> Result<Members, SigningFailed> {
    let public = key.pair()?.public_key();
    let encode = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
    let mut members = Members::new();
    members.insert("kty".to_owned(), json!("RSA"));
    members.insert(
        "e".to_owned(),
        json!(encode(public.exponent().big_endian_without_leading_zero())),
    );
    members.insert("kid".to_owned(), json!(key.kid()));
    members.insert(
        "n".to_owned(),
        json!(encode(public.modulus().big_endian_without_leading_zero())),
    );
    Ok(members)
}

/// The cryptographic library refused to work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SigningFailed;

impl fmt::Display for SigningFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the cryptographic library refused to work")
    }
}

impl std::error::Error for SigningFailed {}

impl From<Unspecified> for SigningFailed {
    fn from(_: Unspecified) -> Self {
        Self
    }
}
