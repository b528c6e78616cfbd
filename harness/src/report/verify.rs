//! Whether a report is the one that was signed.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::Value;

use super::sign::{TYPE, canonical};

/// What a good signature says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// The algorithm.
    pub algorithm: String,
    /// The name of the key.
    pub kid: Option<String>,
    /// The digest of the cases that were run.
    pub cases_digest: String,
}

/// Holds a report against its signature.
///
/// # Errors
/// Why the signature is not one of this report by this key.
pub fn verify(report: &Value, signature: &str, key: &[u8]) -> Result<Signed, String> {
    let mut parts = signature.trim().split('.');
    let (Some(header), Some(""), Some(signed), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err("the signature is no JWS with detached content (HEADER..SIGNATURE)".into());
    };
    let members: Value = URL_SAFE_NO_PAD
        .decode(header)
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .ok_or("the header of the signature cannot be read")?;
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    if text("typ") != Some(TYPE) {
        return Err("the signature is not one of a tokenspec report".into());
    }
    if members.get("crit").is_some() || members.get("b64").is_some() {
        return Err("the signature asks for what tokenspec does not know (crit, b64)".into());
    }
    let name = text("alg").unwrap_or_default();
    let kid = text("kid");
    let keys = keys(key, name, kid)?;
    let algorithm = match name {
        "ES256" => Algorithm::ES256,
        "ES384" => Algorithm::ES384,
        "EdDSA" => Algorithm::EdDSA,
        "PS256" => Algorithm::PS256,
        other => return Err(format!("no report is signed with {other:?}")),
    };
    let message = format!("{header}.{}", URL_SAFE_NO_PAD.encode(canonical(report)?));
    let good = keys.iter().any(|key| {
        jsonwebtoken::crypto::verify(signed, message.as_bytes(), key, algorithm).unwrap_or(false)
    });
    if !good {
        return Err(
            "the signature does not fit: the report was changed, or another key signed it".into(),
        );
    }
    let cases_digest = text("cases_digest").unwrap_or_default().to_owned();
    if report.pointer("/tool/cases_digest").and_then(Value::as_str) != Some(&cases_digest) {
        return Err("the signature is about other cases than the report".into());
    }
    Ok(Signed {
        algorithm: name.to_owned(),
        kid: kid.map(str::to_owned),
        cases_digest,
    })
}

/// The keys of a file that could have signed: a public key in PEM, a JWK, or those of a JWK Set
/// with the signature's `kid`.
fn keys(bytes: &[u8], algorithm: &str, kid: Option<&str>) -> Result<Vec<DecodingKey>, String> {
    let text = bytes.trim_ascii_start();
    if !text.starts_with(b"{") {
        let key = match algorithm {
            "PS256" => DecodingKey::from_rsa_pem(bytes),
            "EdDSA" => DecodingKey::from_ed_pem(bytes),
            _ => DecodingKey::from_ec_pem(bytes),
        };
        return key
            .map(|key| vec![key])
            .map_err(|_| format!("the key is no public key in PEM for {algorithm}, and no JWK"));
    }
    let value: Value =
        serde_json::from_slice(text).map_err(|_| "the key is neither PEM nor JSON".to_owned())?;
    let jwks = match value.get("keys").and_then(Value::as_array) {
        Some(keys) => keys.clone(),
        None => vec![value],
    };
    let keys: Vec<DecodingKey> = jwks
        .into_iter()
        .filter(|jwk| {
            let named = jwk.get("kid").and_then(Value::as_str);
            kid.is_none() || named.is_none() || named == kid
        })
        // A symmetric key proves nothing to anybody who has it.
        .filter(|jwk| jwk.get("kty").and_then(Value::as_str) != Some("oct"))
        .filter_map(|jwk| serde_json::from_value::<Jwk>(jwk).ok())
        .filter_map(|jwk| DecodingKey::from_jwk(&jwk).ok())
        .collect();
    if keys.is_empty() {
        return Err("no key of the file could have signed the report".into());
    }
    Ok(keys)
}
