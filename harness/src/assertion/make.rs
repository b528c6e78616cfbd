//! The assertion of one request.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};
use thiserror::Error;

use super::{CLIENT_SECRET_JWT, HMAC, PrivateKey};
use crate::acquire::random;
use crate::catalogue::template::Missing;
use crate::catalogue::{AssertionChange, AssertionKey, AssertionSignature, ClaimsEncoding};

/// What `client_assertion_type` is (RFC 7523 section 2.2).
pub const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// How long an assertion lives, in seconds: servers are known that take no longer ones.
const LIFETIME: u64 = 60;

/// With what, and for whom, a client signs its assertions.
#[derive(Debug, Clone, Default)]
pub struct Signer {
    /// The key of `private_key_jwt`.
    pub key: Option<Arc<PrivateKey>>,
    /// What the header calls the key.
    pub kid: Option<String>,
    /// The algorithm, where it is not the usual one of the key.
    pub alg: Option<String>,
    /// The audience.
    pub audience: String,
    /// The key of another client, which a case may sign with.
    pub other: Option<(Arc<PrivateKey>, Option<String>)>,
}

/// An assertion cannot be made.
#[derive(Debug, Error)]
pub enum MakeError {
    /// A template has no value.
    #[error("{0}")]
    Template(Missing),
    /// The client's key does not do what the case is about.
    #[error("{0}")]
    NotApplicable(String),
    /// The case wants what there is not.
    #[error("{0}")]
    Impossible(String),
}

impl From<Missing> for MakeError {
    fn from(missing: Missing) -> Self {
        Self::Template(missing)
    }
}

type Fill<'f> = &'f dyn Fn(&str) -> Result<String, Missing>;

/// What signs.
enum Material<'m> {
    Pair(&'m PrivateKey),
    Secret(Vec<u8>),
}

/// The two parts that are signed.
struct Draft {
    header: Vec<u8>,
    claims: Vec<u8>,
}

impl Signer {
    /// The algorithm of the client's own assertions.
    #[must_use]
    pub fn algorithm(&self, method: &str) -> &str {
        let said = self.alg.as_deref();
        if method == CLIENT_SECRET_JWT {
            said.filter(|alg| HMAC.contains(alg)).unwrap_or(HMAC[0])
        } else {
            let usual = self.key.as_ref().map_or("RS256", |key| key.algorithms()[0]);
            said.filter(|alg| !HMAC.contains(alg)).unwrap_or(usual)
        }
    }

    /// A fresh assertion for the client `id`, with what `changes` do to it (RFC 7523 section 3).
    ///
    /// # Errors
    /// Where the client has no key, or it cannot do what the case wants.
    pub fn make(
        &self,
        method: &str,
        id: &str,
        secret: &str,
        changes: &[&AssertionChange],
        fill: Fill<'_>,
    ) -> Result<String, MakeError> {
        let choice = changes.iter().rev().find_map(|change| change.key);
        let choice = choice.unwrap_or(AssertionKey::Own);
        let own = self.algorithm(method);
        let by_secret = method == CLIENT_SECRET_JWT;
        let pair = || {
            self.key.as_deref().ok_or_else(|| {
                if by_secret {
                    MakeError::NotApplicable(
                        "the client authenticates by client_secret_jwt, which has no key pair"
                            .into(),
                    )
                } else {
                    MakeError::Impossible("the client has no `key`".into())
                }
            })
        };
        let another;
        let public = |value: Option<Vec<u8>>| {
            value.ok_or_else(|| MakeError::Impossible("the public key cannot be written".into()))
        };
        let mut kid = if by_secret { None } else { self.kid.clone() };
        let material = match choice {
            AssertionKey::Own if by_secret => Material::Secret(secret.as_bytes().to_vec()),
            AssertionKey::Own => Material::Pair(pair()?),
            AssertionKey::Fresh if by_secret => Material::Secret(random(43).into_bytes()),
            AssertionKey::Fresh => {
                another = pair()?
                    .another()
                    .ok_or_else(|| MakeError::Impossible("no key could be made".into()))?;
                Material::Pair(&another)
            }
            AssertionKey::Other => {
                let (key, name) = self.other.as_ref().ok_or_else(|| {
                    MakeError::NotApplicable("there is no other client with a `key`".into())
                })?;
                kid.clone_from(name);
                Material::Pair(key)
            }
            AssertionKey::PublicPem => {
                Material::Secret(public(pair()?.public_pem().map(String::into_bytes))?)
            }
            AssertionKey::PublicDer => Material::Secret(public(pair()?.public_der())?),
            AssertionKey::PublicJwk => {
                Material::Secret(pair()?.public_jwk().to_string().into_bytes())
            }
        };
        let said = changes
            .iter()
            .rev()
            .find_map(|change| change.alg.as_deref());
        let alg = match (said, &material) {
            (Some(alg), _) => fill(alg)?,
            (None, Material::Secret(_)) if !by_secret => HMAC[0].to_owned(),
            _ => own.to_owned(),
        };

        let mut header = Map::new();
        header.insert("typ".into(), json!("JWT"));
        header.insert("alg".into(), json!(alg));
        if let Some(kid) = kid {
            header.insert("kid".into(), json!(kid));
        }
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |elapsed| elapsed.as_secs());
        let claims: Map<String, Value> = [
            ("iss", json!(id)),
            ("sub", json!(id)),
            ("aud", json!(self.audience)),
            ("exp", json!(now + LIFETIME)),
            ("iat", json!(now)),
            ("jti", json!(random(32))),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();

        let embedded = match &material {
            Material::Pair(key) => Some(key.public_jwk()),
            Material::Secret(_) => None,
        };
        let mut draft = Written::new(header, claims);
        let unchanged = draft.parts();
        for change in changes {
            if change.embeds_key {
                let jwk = embedded.clone().ok_or_else(|| {
                    MakeError::NotApplicable("a secret is not put into a header".into())
                })?;
                draft.header.insert("jwk".into(), jwk);
            }
            draft.change(change, now, fill)?;
        }
        let sent = draft.parts();
        let seal = changes.iter().rev().find_map(|change| change.signature);
        let signed = match seal {
            Some(AssertionSignature::OfUnchanged) => &unchanged,
            _ => &sent,
        };
        let signature = match seal {
            Some(AssertionSignature::None) => Vec::new(),
            _ => {
                let mut signature = sign(&material, &alg, signed.message().as_bytes())?;
                if seal == Some(AssertionSignature::Altered) {
                    let middle = signature.len() / 2;
                    if let Some(byte) = signature.get_mut(middle) {
                        *byte ^= 0x10;
                    }
                }
                signature
            }
        };
        Ok(format!(
            "{}.{}",
            sent.message(),
            URL_SAFE_NO_PAD.encode(signature)
        ))
    }
}

/// The signature or the authentication code.
fn sign(material: &Material<'_>, alg: &str, message: &[u8]) -> Result<Vec<u8>, MakeError> {
    match material {
        Material::Pair(key) => key.sign(alg, message).ok_or_else(|| {
            MakeError::NotApplicable(format!("the client's key does not sign {alg}"))
        }),
        Material::Secret(secret) => {
            let algorithm = match alg {
                "HS256" => hmac::HMAC_SHA256,
                "HS384" => hmac::HMAC_SHA384,
                "HS512" => hmac::HMAC_SHA512,
                _ => {
                    return Err(MakeError::NotApplicable(format!(
                        "a secret does not sign {alg}"
                    )));
                }
            };
            let key = hmac::Key::new(algorithm, secret);
            Ok(hmac::sign(&key, message).as_ref().to_vec())
        }
    }
}

impl Draft {
    fn message(&self) -> String {
        format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(&self.header),
            URL_SAFE_NO_PAD.encode(&self.claims)
        )
    }
}

/// Header and claims while they are changed.
struct Written {
    header: Map<String, Value>,
    claims: Map<String, Value>,
    header_again: Vec<(String, Value)>,
    claims_again: Vec<(String, Value)>,
    header_text: Option<String>,
    claims_text: Option<String>,
    encoding: ClaimsEncoding,
}

impl Written {
    const fn new(header: Map<String, Value>, claims: Map<String, Value>) -> Self {
        Self {
            header,
            claims,
            header_again: Vec::new(),
            claims_again: Vec::new(),
            header_text: None,
            claims_text: None,
            encoding: ClaimsEncoding::Utf8,
        }
    }

    fn change(
        &mut self,
        change: &AssertionChange,
        now: u64,
        fill: Fill<'_>,
    ) -> Result<(), MakeError> {
        for (name, value) in &change.set {
            self.claims.insert(name.clone(), filled(value, fill)?);
        }
        for (name, span) in &change.from_now {
            let time = ahead(now, &fill(span)?)?;
            self.claims.insert(name.clone(), json!(time));
        }
        for name in &change.remove {
            self.claims.shift_remove(name);
        }
        for (name, value) in &change.header {
            self.header.insert(name.clone(), filled(value, fill)?);
        }
        for name in &change.header_remove {
            self.header.shift_remove(name);
        }
        for (name, value) in &change.repeat {
            self.claims_again.push((name.clone(), filled(value, fill)?));
        }
        for (name, value) in &change.header_repeat {
            self.header_again.push((name.clone(), filled(value, fill)?));
        }
        if let Some(text) = &change.header_text {
            self.header_text = Some(fill(text)?);
        }
        if let Some(text) = &change.claims_text {
            self.claims_text = Some(fill(text)?);
        }
        self.encoding = change.claims_encoding.unwrap_or(self.encoding);
        Ok(())
    }

    fn parts(&self) -> Draft {
        let header = match &self.header_text {
            Some(text) => text.clone(),
            None => object(&self.header, &self.header_again),
        };
        let claims = match &self.claims_text {
            Some(text) => text.clone(),
            None => object(&self.claims, &self.claims_again),
        };
        Draft {
            header: header.into_bytes(),
            claims: match self.encoding {
                ClaimsEncoding::Utf8 => claims.into_bytes(),
                ClaimsEncoding::Utf16 => std::iter::once(0xfeff)
                    .chain(claims.encode_utf16())
                    .flat_map(u16::to_be_bytes)
                    .collect(),
            },
        }
    }
}

/// A JSON object with further members at its end, also of names that it has.
fn object(members: &Map<String, Value>, again: &[(String, Value)]) -> String {
    let all: Vec<String> = members
        .iter()
        .chain(again.iter().map(|(name, value)| (name, value)))
        .map(|(name, value)| format!("{}:{value}", json!(name)))
        .collect();
    format!("{{{}}}", all.join(","))
}

fn filled(value: &Value, fill: Fill<'_>) -> Result<Value, Missing> {
    Ok(match value {
        Value::String(text) => Value::String(fill(text)?),
        Value::Array(items) => Value::Array(
            items
                .iter()
                .map(|item| filled(item, fill))
                .collect::<Result<_, _>>()?,
        ),
        Value::Object(members) => Value::Object(
            members
                .iter()
                .map(|(name, member)| Ok((name.clone(), filled(member, fill)?)))
                .collect::<Result<_, Missing>>()?,
        ),
        other => other.clone(),
    })
}

/// A time so far from now: `10min`, `-10min`.
fn ahead(now: u64, span: &str) -> Result<u64, MakeError> {
    let (back, text) = match span.strip_prefix('-') {
        Some(text) => (true, text),
        None => (false, span),
    };
    let seconds = humantime::parse_duration(text)
        .map_err(|error| MakeError::Impossible(format!("`{span}` is no duration: {error}")))?
        .as_secs();
    Ok(if back {
        now.saturating_sub(seconds)
    } else {
        now.saturating_add(seconds)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::jwt::Jwt;

    fn plain(text: &str) -> Result<String, Missing> {
        Ok(text.to_owned())
    }

    fn by_secret(change: &str) -> String {
        let change: AssertionChange = toml::from_str(change).unwrap();
        let signer = Signer {
            audience: "https://as.example/token".into(),
            ..Signer::default()
        };
        signer
            .make(CLIENT_SECRET_JWT, "me", "a secret", &[&change], &plain)
            .unwrap()
    }

    fn part(assertion: &str, at: usize) -> Vec<u8> {
        let text = assertion.split('.').nth(at).unwrap();
        URL_SAFE_NO_PAD.decode(text).unwrap()
    }

    #[test]
    fn it_has_the_claims_of_openid_connect_core_9() {
        let (one, two) = (by_secret(""), by_secret(""));
        let jwt = Jwt::parse(&one).unwrap();
        assert_eq!(jwt.claims["iss"], "me");
        assert_eq!(jwt.claims["sub"], "me");
        assert_eq!(jwt.claims["aud"], "https://as.example/token");
        assert_eq!(jwt.header["alg"], "HS256");
        assert_ne!(jwt.claims["jti"], Jwt::parse(&two).unwrap().claims["jti"]);
        let (message, signature) = one.rsplit_once('.').unwrap();
        let key = hmac::Key::new(hmac::HMAC_SHA256, b"a secret");
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        hmac::verify(&key, message.as_bytes(), &signature).unwrap();
    }

    #[test]
    fn changes_are_made_and_signed() {
        let made = by_secret(
            "set = { aud = ['a', 'b'] }\nremove = ['jti']\nrepeat = { sub = 'you' }\n\
             from-now = { exp = '-10min' }\nheader = { typ = 'x' }\nheader-repeat = { alg = 'none' }",
        );
        let claims = String::from_utf8(part(&made, 1)).unwrap();
        assert!(claims.contains("\"aud\":[\"a\",\"b\"]"), "{claims}");
        assert!(claims.ends_with(",\"sub\":\"you\"}"), "{claims}");
        assert!(!claims.contains("jti"));
        let header = String::from_utf8(part(&made, 0)).unwrap();
        assert_eq!(header, r#"{"typ":"x","alg":"HS256","alg":"none"}"#);
    }

    #[test]
    fn signatures_are_left_out_altered_or_left_over() {
        assert!(by_secret("signature = 'none'").ends_with('.'));
        let altered = by_secret("signature = 'altered'");
        let (message, _) = altered.rsplit_once('.').unwrap();
        let key = hmac::Key::new(hmac::HMAC_SHA256, b"a secret");
        assert!(hmac::verify(&key, message.as_bytes(), &part(&altered, 2)).is_err());
        let left = by_secret("set = { jti = 'x' }\nsignature = 'of-unchanged'");
        let (message, _) = left.rsplit_once('.').unwrap();
        assert!(hmac::verify(&key, message.as_bytes(), &part(&left, 2)).is_err());
        assert_eq!(
            part(&by_secret("claims-encoding = 'utf-16'"), 1)[..4],
            [0xfe, 0xff, 0, b'{']
        );
        assert_eq!(part(&by_secret("header-text = '{'"), 0), b"{");
    }
}
