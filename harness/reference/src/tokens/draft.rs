//! A JWT before it is signed: what a fault may still change (RFC 7515, 7519).

use aws_lc_rs::hmac;
use base64::prelude::{BASE64_URL_SAFE, BASE64_URL_SAFE_NO_PAD, Engine as _};
use serde_json::{Value, json};

use super::keys::{EllipticKey, KeyName, SigningFailed};
use super::random::opaque;
use crate::answer::Members;

/// Which token it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    Access,
    Id,
}

/// How a token is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seal {
    /// RS256 with that key.
    Rs256(KeyName),
    /// HS256 with the client's secret.
    Hs256,
    /// HS256 with what the client's secret is the Base64url of.
    Hs256OfDecoded,
    /// HS512 with the client's secret.
    Hs512,
    /// ES256.
    Es256,
    /// ES256, the signature in ASN.1.
    Es256InAsn1,
    /// RS256 over something else: a signature that does not verify.
    Broken,
    /// No signature at all.
    None,
    /// No JWT, but that many random bytes.
    Opaque(usize),
}

/// Header, claims and the way they will be closed.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) kind: TokenKind,
    pub(crate) header: Members,
    pub(crate) claims: Members,
    pub(crate) seal: Seal,
    /// The last header parameter is there twice.
    pub(crate) repeats_header: bool,
    /// The last claim is there twice.
    pub(crate) repeats_claim: bool,
    /// The parts are written with padding.
    pub(crate) padded: bool,
}

impl Draft {
    /// A token to be signed with the current key.
    pub(crate) fn new(kind: TokenKind, typ: &str) -> Self {
        let mut draft = Self {
            kind,
            header: Members::new(),
            claims: Members::new(),
            seal: Seal::Rs256(KeyName::Current),
            repeats_header: false,
            repeats_claim: false,
            padded: false,
        };
        draft.set_header("kid", KeyName::Current.kid());
        draft.set_header("typ", typ);
        draft.set_header("alg", "RS256");
        draft
    }

    pub(crate) fn set_header(&mut self, name: &str, value: impl Into<Value>) {
        self.header.insert(name.to_owned(), value.into());
    }

    pub(crate) fn set_claim(&mut self, name: &str, value: impl Into<Value>) {
        self.claims.insert(name.to_owned(), value.into());
    }

    /// Adds to the end of a claim that is text.
    pub(crate) fn lengthen_claim(&mut self, name: &str, more: &str) {
        if let Some(Value::String(text)) = self.claims.get_mut(name) {
            text.push_str(more);
        }
    }

    /// Takes a claim out, leaving the order of the others.
    pub(crate) fn remove_claim(&mut self, name: &str) -> Option<Value> {
        self.claims.shift_remove(name)
    }

    /// The time that a claim says, in seconds.
    pub(crate) fn time(&self, claim: &str) -> u64 {
        self.claims
            .get(claim)
            .and_then(Value::as_u64)
            .unwrap_or_default()
    }

    /// Changes the algorithm, in the header and in fact.
    pub(crate) fn seal_with(&mut self, seal: Seal) {
        self.seal = seal;
        match seal {
            Seal::Rs256(_) | Seal::Broken | Seal::Opaque(_) => self.set_header("alg", "RS256"),
            Seal::Hs256 | Seal::Hs256OfDecoded => self.set_header("alg", "HS256"),
            Seal::Hs512 => self.set_header("alg", "HS512"),
            Seal::Es256 | Seal::Es256InAsn1 => self.set_header("alg", "ES256"),
            Seal::None => self.set_header("alg", "none"),
        }
    }

    /// Seals with the algorithm that the client is registered for, unless a
    /// fault has chosen another.
    pub(super) fn suit(&mut self, algorithm: Option<&str>) {
        if self.seal != Seal::Rs256(KeyName::Current) {
            return;
        }
        match algorithm {
            Some("HS256") => {
                self.seal_with(Seal::Hs256);
                self.header.shift_remove("kid");
            }
            Some("ES256") => {
                self.seal_with(Seal::Es256);
                self.set_header("kid", EllipticKey::KID);
            }
            _ => {}
        }
    }

    /// The JWS compact serialization (RFC 7515 7.1).
    pub(super) fn sealed(self, client_secret: &str) -> Result<String, SigningFailed> {
        if let Seal::Opaque(bytes) = self.seal {
            return opaque(bytes);
        }
        let encode = |bytes: &[u8]| match self.padded {
            true => BASE64_URL_SAFE.encode(bytes),
            false => BASE64_URL_SAFE_NO_PAD.encode(bytes),
        };
        let header = written(&self.header, self.repeats_header);
        let claims = written(&self.claims, self.repeats_claim);
        let signed = [encode(header.as_bytes()), encode(claims.as_bytes())].join(".");
        let signature = match self.seal {
            Seal::Rs256(key) => key.sign(signed.as_bytes())?,
            Seal::Broken => KeyName::Current.sign(b"something else")?,
            Seal::Es256 => EllipticKey::sign(signed.as_bytes())?,
            Seal::Es256InAsn1 => EllipticKey::sign_in_asn1(signed.as_bytes())?,
            Seal::Hs256 => mac(hmac::HMAC_SHA256, client_secret.as_bytes(), &signed),
            Seal::Hs512 => mac(hmac::HMAC_SHA512, client_secret.as_bytes(), &signed),
            Seal::Hs256OfDecoded => {
                let decoded = BASE64_URL_SAFE_NO_PAD.decode(client_secret);
                mac(hmac::HMAC_SHA256, &decoded.unwrap_or_default(), &signed)
            }
            Seal::None | Seal::Opaque(_) => Vec::new(),
        };
        Ok([signed, encode(&signature)].join("."))
    }
}

fn mac(algorithm: hmac::Algorithm, key: &[u8], message: &str) -> Vec<u8> {
    let key = hmac::Key::new(algorithm, key);
    hmac::sign(&key, message.as_bytes()).as_ref().to_vec()
}

/// The members as JSON, the last of them twice where it has to be.
fn written(members: &Members, repeat_last: bool) -> String {
    let text = json!(members).to_string();
    match members.iter().next_back() {
        Some((name, value)) if repeat_last => {
            let again = json!({ name: value }).to_string();
            [&text[..text.len() - 1], &again[1..]].join(",")
        }
        _ => text,
    }
}
