//! The keys of a key set, one by one.

use serde_json::Value;

use super::{Finding, Predicate, Response, Situation};

/// RFC 7517 section 4 and RFC 7518 section 6.3.1, with a `kid` as vendors demand one.
pub const KEYS: Predicate = Predicate {
    name: "keys-have-kty-and-kid",
    says: "each key of the key set has kty and kid, and an RSA key e and n, as texts",
    judge,
};

fn judge(response: &Response, _: &Situation<'_>) -> Finding {
    let expected = "kty and kid in each key, e and n in each RSA key";
    let Some(keys) = response.json_member("keys").and_then(Value::as_array) else {
        return Finding::new(false, expected, "there are no keys");
    };
    for (at, key) in keys.iter().enumerate() {
        let has = |name: &str| key[name].as_str().is_some_and(|text| !text.is_empty());
        let wanted: &[&str] = if key["kty"] == "RSA" {
            &["kty", "kid", "e", "n"]
        } else {
            &["kty", "kid"]
        };
        if let Some(missing) = wanted.iter().find(|name| !has(name)) {
            return Finding::new(false, expected, format!("key {} has no {missing}", at + 1));
        }
    }
    let all = format!("{} keys with all of them", keys.len());
    Finding::new(!keys.is_empty(), expected, all)
}
