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

    /// A claim that is a whole number of seconds, as the times are (RFC 7519 section 2).
    #[must_use]
    pub fn seconds(&self, claim: &str) -> Option<f64> {
        self.claims.get(claim).and_then(Value::as_f64)
    }
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
            return Finding::new(rule.optional, format!("a signed JWT in {name}"), why);
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
        return Err(format!("tokenspec cannot verify the algorithm `{name}`"));
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
        match check(jwt, &decoding, algorithm, "the key of its kid") {
            Ok(()) => return Ok(Ok(())),
            Err(why) => last = why,
        }
    }
    Ok(Err(last))
}

fn check(jwt: &Jwt, key: &DecodingKey, algorithm: Algorithm, with: &str) -> Result<(), String> {
    match jsonwebtoken::crypto::verify(&jwt.signature, jwt.signed.as_bytes(), key, algorithm) {
        Ok(true) => Ok(()),
        Ok(false) | Err(_) => Err(format!("the signature does not verify with {with}")),
    }
}

/// Whether a key is of the kind that the algorithm needs (RFC 7518 section 6).
fn fits(key: &Value, algorithm: Algorithm) -> bool {
    let (kty, curve) = match algorithm {
        Algorithm::ES256 => ("EC", Some("P-256")),
        Algorithm::ES384 => ("EC", Some("P-384")),
        Algorithm::EdDSA => ("OKP", Some("Ed25519")),
        _ => ("RSA", None),
    };
    let text = |name: &str| key.get(name).and_then(Value::as_str);
    text("kty") == Some(kty)
        && curve.is_none_or(|curve| text("crv") == Some(curve))
        && text("use").is_none_or(|used| used == "sig")
}
