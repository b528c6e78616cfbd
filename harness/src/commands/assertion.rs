//! What a case does to a client assertion, in words.

use serde_json::Value;

use crate::catalogue::{AssertionChange, AssertionKey, AssertionSignature, ClaimsEncoding};

/// The words of `explain`.
pub fn words(change: &AssertionChange) -> String {
    let mut words = Vec::new();
    for (name, value) in &change.set {
        words.push(format!("{name} = {}", shown(value)));
    }
    for (name, span) in &change.from_now {
        words.push(match span.strip_prefix('-') {
            Some(span) => format!("{name} {span} ago"),
            None => format!("{name} in {span}"),
        });
    }
    if !change.remove.is_empty() {
        words.push(format!("no {}", change.remove.join(", ")));
    }
    for (name, value) in &change.repeat {
        words.push(format!("a second {name} = {}", shown(value)));
    }
    for (name, value) in &change.header {
        words.push(format!("the header {name} = {}", shown(value)));
    }
    if !change.header_remove.is_empty() {
        words.push(format!("no header {}", change.header_remove.join(", ")));
    }
    for (name, value) in &change.header_repeat {
        words.push(format!("a second header {name} = {}", shown(value)));
    }
    if let Some(text) = &change.header_text {
        words.push(format!("the header {text}"));
    }
    if let Some(text) = &change.claims_text {
        words.push(format!("the claims {text}"));
    }
    if change.claims_encoding == Some(ClaimsEncoding::Utf16) {
        words.push("claims in UTF-16".to_owned());
    }
    if change.embeds_key {
        words.push("its public key in the header jwk".to_owned());
    }
    if let Some(alg) = &change.alg {
        words.push(format!("a signature by {alg}"));
    }
    match change.key {
        Some(AssertionKey::Fresh) => words.push("a key that nobody has registered".to_owned()),
        Some(AssertionKey::Other) => words.push("the key of another client".to_owned()),
        Some(AssertionKey::PublicPem) => {
            words.push("the public key (PEM) as the secret of an HMAC".to_owned());
        }
        Some(AssertionKey::PublicDer) => {
            words.push("the public key (DER) as the secret of an HMAC".to_owned());
        }
        Some(AssertionKey::PublicJwk) => {
            words.push("the public key (JWK) as the secret of an HMAC".to_owned());
        }
        Some(AssertionKey::Own) | None => {}
    }
    match change.signature {
        Some(AssertionSignature::None) => words.push("no signature".to_owned()),
        Some(AssertionSignature::Altered) => words.push("an altered signature".to_owned()),
        Some(AssertionSignature::OfUnchanged) => {
            words.push("the signature of the unchanged assertion".to_owned());
        }
        None => {}
    }
    format!("with a client assertion with {}", words.join(", "))
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
