//! JWTs in responses: their form, header, claims, and signature against the target's keys.
//!
//! Each rule has a verdict of its own, so nothing here is jsonwebtoken's validation: it verifies
//! signatures alone.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::{Map, Value};

use super::{Finding, Response, Situation, json};
use crate::catalogue::{JwtRule, SignatureRule};
use crate::secret::Secret;

/// A JWT in compact serialization, split and decoded (RFC 7515 section 7.1).
#[derive(Debug, Clone)]
pub struct Jwt {
    /// The JOSE header.
    pub header: Map<String, Value>,
    /// The claims.
    pub claims: Map<String, Value>,
    signed: String,
    signature: String,
}

impl Jwt {
    /// Splits and decodes a text.
    ///
    /// # Errors
    /// Why it is no signed JWT.
    pub fn parse(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.split('.').collect();
        let [header, claims, signature] = parts.as_slice() else {
            return Err(match parts.len() {
                1 => "it is opaque, no JWT".to_owned(),
                5 => "it has five parts: an encrypted JWT".to_owned(),
                count => format!("it has {count} parts, not three"),
            });
        };
        let decode = |name: &str, part: &str| -> Result<Map<String, Value>, String> {
            let bytes = URL_SAFE_NO_PAD
                .decode(part)
                .map_err(|_| format!("its {name} is no Base64url without padding"))?;
            serde_json::from_slice(&bytes).map_err(|_| format!("its {name} is no JSON object"))
        };
        URL_SAFE_NO_PAD
            .decode(signature)
            .map_err(|_| "its signature is no Base64url without padding".to_owned())?;
        Ok(Self {
            header: decode("header", header)?,
            claims: decode("claims part", claims)?,
            signed: format!("{header}.{claims}"),
            signature: (*signature).to_owned(),
        })
    }

    /// The algorithm that the header names.
    #[must_use]
    pub fn algorithm(&self) -> Option<&str> {
        self.header.get("alg").and_then(Value::as_str)
    }

    /// The bytes of the signature.
    #[must_use]
    pub fn signature(&self) -> Vec<u8> {
        URL_SAFE_NO_PAD.decode(&self.signature).unwrap_or_default()
    }

    /// A claim that is a whole number of seconds, as the times are (RFC 7519 section 2).
    #[must_use]
    pub fn seconds(&self, claim: &str) -> Option<f64> {
        self.claims.get(claim).and_then(Value::as_f64)
    }
}

/// What is said of a JWT that nobody but its recipient can read.
pub const ENCRYPTED: &str = "encrypted, and tokenspec has no key to read it";

/// Whether a text is an encrypted JWT in compact serialization (RFC 7516 section 7.1).
#[must_use]
pub fn is_encrypted(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    let header = parts
        .first()
        .and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    parts.len() == 5
        && header
            .and_then(|bytes| serde_json::from_slice::<Map<String, Value>>(&bytes).ok())
            .is_some_and(|header| header.contains_key("enc"))
}

/// The keys that signatures are verified with.
#[derive(Debug, Clone)]
pub struct Keys {
    /// The members of `keys` in the target's key set, or why there is none.
    pub set: Result<Vec<Value>, String>,
    /// The client secret, the key of symmetric signatures (OpenID Connect Core 10.1).
    pub secret: Option<Secret>,
}

impl Keys {
    /// The keys of a key set's body.
    ///
    /// # Errors
    /// Why it is no key set.
    pub fn read(body: &[u8]) -> Result<Vec<Value>, String> {
        let value: Value =
            serde_json::from_slice(body).map_err(|_| "the key set is no JSON".to_owned())?;
        match value.get("keys") {
            Some(Value::Array(keys)) => Ok(keys.clone()),
            _ => Err("the key set has no array `keys`".to_owned()),
        }
    }
}

/// Whether the JWT in a member is what the rule says.
pub fn judge(
    name: &str,
    rule: &JwtRule,
    response: &Response,
    situation: &Situation<'_>,
) -> Finding {
    let jwt = match response.text_member(name).map(Jwt::parse) {
        Some(Ok(jwt)) => jwt,
        other => {
            let why = match other {
                None => format!("there is no text {name}"),
                Some(Err(why)) => format!("{name}: {why}"),
                Some(Ok(_)) => String::new(),
            };
            let expected = format!("a signed JWT in {name}");
            if !rule.optional && response.text_member(name).is_some_and(is_encrypted) {
                return Finding::unknown(expected, format!("{name} is {ENCRYPTED}"));
            }
            return Finding::new(rule.optional, expected, why);
        }
    };
    let mut findings = Vec::new();
    if rule.format.is_some() {
        findings.push(Finding::new(true, format!("a signed JWT in {name}"), "one"));
    }
    for (part, matchers, members) in [
        ("header", &rule.header, &jwt.header),
        ("claims", &rule.claims, &jwt.claims),
    ] {
        for (member, matcher) in matchers {
            let mut finding = json::judge_member(member, matcher, members.get(member), situation);
            finding.expected = format!("in the {part} of {name}: {}", finding.expected);
            findings.push(finding);
        }
    }
    if let Some(SignatureRule::Valid) = rule.signature {
        findings.push(signature(name, &jwt, situation.keys));
    }
    Finding::all(findings)
}

fn signature(name: &str, jwt: &Jwt, keys: &Keys) -> Finding {
    let expected = format!("a signature of {name} that verifies with a key of the key set");
    match verify(jwt, keys) {
        Ok(Ok(())) => Finding::new(true, expected, "it verifies"),
        Ok(Err(why)) => Finding::new(false, expected, why),
        Err(why) => Finding::unknown(expected, why),
    }
}

/// Verifies the signature: `Ok(Err(…))` where it does not verify, `Err` where that cannot be found
/// out.
///
/// # Errors
/// Why it cannot be found out.
pub fn verify(jwt: &Jwt, keys: &Keys) -> Result<Result<(), String>, String> {
    let Some(name) = jwt.header.get("alg").and_then(Value::as_str) else {
        return Ok(Err("the header has no `alg`".to_owned()));
    };
    if name == "none" {
        return Ok(Err("it is not signed: alg is `none`".to_owned()));
    }
    let Ok(algorithm) = name.parse::<Algorithm>() else {
        // Names are case-sensitive (RFC 7515 section 4.1.1), so nobody knows this one.
        return match in_any_case(name) {
            Some(_) => Ok(Err(format!("there is no algorithm `{name}`"))),
            None => Err(format!("tokenspec cannot verify the algorithm `{name}`")),
        };
    };
    if matches!(
        algorithm,
        Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512
    ) {
        let Some(secret) = &keys.secret else {
            return Ok(Err(format!(
                "alg is `{name}`, and the client has no secret"
            )));
        };
        let key = DecodingKey::from_secret(secret.expose().as_bytes());
        return Ok(check(jwt, &key, algorithm, "the client secret"));
    }
    let set = keys.set.as_ref().map_err(Clone::clone)?;
    let kid = jwt.header.get("kid");
    let candidates: Vec<&Value> = set
        .iter()
        .filter(|key| match kid {
            Some(kid) => key.get("kid") == Some(kid),
            None => fits(key, algorithm),
        })
        .collect();
    if candidates.is_empty() {
        return Ok(Err(match kid {
            Some(_) => "no key of the key set has its kid".to_owned(),
            None => "it has no kid, and no key of the key set fits its alg".to_owned(),
        }));
    }
    let mut last = String::new();
    for key in candidates {
        let parsed = serde_json::from_value::<Jwk>(key.clone())
            .ok()
            .and_then(|jwk| DecodingKey::from_jwk(&jwk).ok());
        let Some(decoding) = parsed else {
            last = "the key of the key set cannot be read".to_owned();
            continue;
        };
        if !fits(key, algorithm) {
            last = format!("the key of its kid does not fit its alg `{name}`");
            continue;
        }
        if let Some(bits) = rsa_bits(key).filter(|bits| *bits < SHORTEST_RSA) {
            return Err(format!(
                "tokenspec cannot verify with an RSA key of {bits} bits"
            ));
        }
        match check(jwt, &decoding, algorithm, "the key of its kid") {
            Ok(()) => return Ok(Ok(())),
            Err(why) => last = why,
        }
    }
    Ok(Err(last))
}

/// Whether any key of the set verifies an asymmetric signature, whatever its `kid` and `use`.
///
/// # Errors
/// Why it cannot be found out.
pub fn verifies_with(jwt: &Jwt, keys: &[Value]) -> Result<bool, String> {
    let name = jwt.algorithm().unwrap_or("none");
    let Some(algorithm) = in_any_case(name) else {
        return Err(format!("tokenspec cannot verify the algorithm `{name}`"));
    };
    Ok(keys
        .iter()
        .filter(|key| is_of_kind(key, algorithm))
        .filter_map(|key| serde_json::from_value::<Jwk>(key.clone()).ok())
        .filter_map(|jwk| DecodingKey::from_jwk(&jwk).ok())
        .any(|key| check(jwt, &key, algorithm, "").is_ok()))
}

/// The algorithm of that name, in whatever letter case it is written.
fn in_any_case(name: &str) -> Option<Algorithm> {
    if name.eq_ignore_ascii_case("EdDSA") {
        return Some(Algorithm::EdDSA);
    }
    name.to_ascii_uppercase().parse().ok()
}

/// The shortest RSA key of a signature (RFC 7518 section 3.3).
pub const SHORTEST_RSA: usize = 2048;

/// How many bits the modulus of an RSA key has (RFC 7518 section 6.3.1.1).
#[must_use]
pub fn rsa_bits(key: &Value) -> Option<usize> {
    if key.get("kty").and_then(Value::as_str) != Some("RSA") {
        return None;
    }
    let modulus = URL_SAFE_NO_PAD.decode(key.get("n")?.as_str()?).ok()?;
    let zeros = modulus.iter().take_while(|byte| **byte == 0).count();
    let first = modulus.get(zeros)?;
    Some((modulus.len() - zeros) * 8 - first.leading_zeros() as usize)
}

fn check(jwt: &Jwt, key: &DecodingKey, algorithm: Algorithm, with: &str) -> Result<(), String> {
    match jsonwebtoken::crypto::verify(&jwt.signature, jwt.signed.as_bytes(), key, algorithm) {
        Ok(true) => Ok(()),
        Ok(false) | Err(_) => Err(format!("the signature does not verify with {with}")),
    }
}

/// Whether a key is of the kind that the algorithm needs (RFC 7518 section 6).
fn fits(key: &Value, algorithm: Algorithm) -> bool {
    let used = key.get("use").and_then(Value::as_str);
    is_of_kind(key, algorithm) && used.is_none_or(|used| used == "sig")
}

fn is_of_kind(key: &Value, algorithm: Algorithm) -> bool {
    let (kty, curve) = match algorithm {
        Algorithm::ES256 => ("EC", Some("P-256")),
        Algorithm::ES384 => ("EC", Some("P-384")),
        Algorithm::EdDSA => ("OKP", Some("Ed25519")),
        _ => ("RSA", None),
    };
    let text = |name: &str| key.get(name).and_then(Value::as_str);
    text("kty") == Some(kty) && curve.is_none_or(|curve| text("crv") == Some(curve))
}
