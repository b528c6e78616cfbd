//! What can be seen of a key set (RFC 7517).

use serde_json::{Map, Value};

use super::{Finding, Predicate, Response, Situation};

pub const KTY: Predicate = Predicate {
    name: "keys-have-kty",
    says: "each key of the key set has a text kty (RFC 7517 section 4.1)",
    judge: kty,
};

pub const DISTINCT: Predicate = Predicate {
    name: "kids-are-distinct",
    says: "no two keys of the key set have the same kid; keys of different kty may (RFC 7517 section 4.5)",
    judge: distinct,
};

pub const PUBLIC: Predicate = Predicate {
    name: "keys-are-public",
    says: "no key of the key set has private or symmetric key material (RFC 7517 section 9.2)",
    judge: public,
};

pub const USE: Predicate = Predicate {
    name: "mixed-keys-state-use",
    says: "where keys for signatures and for encryption are in one key set, each key has use (RFC 8414 section 2)",
    judge: stated_use,
};

/// Members that belong to private and symmetric keys (RFC 7518 sections 6.2.2, 6.3.2 and 6.4).
const PRIVATE: &[&str] = &["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// What the keys show; what is no key set is for another check.
fn over(
    response: &Response,
    expected: &str,
    broken: impl Fn(&[&Map<String, Value>]) -> Option<String>,
) -> Finding {
    let Some(keys) = response.json_member("keys").and_then(Value::as_array) else {
        return Finding::unknown(expected, "the answer has no array keys");
    };
    let objects: Vec<_> = keys.iter().filter_map(Value::as_object).collect();
    if objects.is_empty() {
        return Finding::unknown(expected, "the key set has no key");
    }
    match broken(&objects) {
        Some(why) => Finding::new(false, expected, why),
        None => Finding::new(true, expected, format!("so in {} keys", objects.len())),
    }
}

fn text<'k>(key: &'k Map<String, Value>, name: &str) -> Option<&'k str> {
    key.get(name).and_then(Value::as_str)
}

/// A key by its kid, else by its place.
fn named(key: &Map<String, Value>, place: usize) -> String {
    text(key, "kid").map_or_else(
        || format!("key {}", place + 1),
        |kid| format!("the key `{kid}`"),
    )
}

fn kty(response: &Response, _: &Situation<'_>) -> Finding {
    over(response, "a text kty in each key", |keys| {
        let (place, key) = keys
            .iter()
            .enumerate()
            .find(|(_, key)| text(key, "kty").is_none_or(str::is_empty))?;
        Some(format!("{} has none", named(key, place)))
    })
}

fn distinct(response: &Response, _: &Situation<'_>) -> Finding {
    over(response, "distinct kid values", |keys| {
        let mut seen = Vec::new();
        for key in keys {
            let Some(kid) = text(key, "kid") else {
                continue;
            };
            // Equivalent alternatives of different types may share one.
            let own = (kid, text(key, "kty"));
            if seen.contains(&own) {
                return Some(format!("the kid `{kid}` stands in several keys"));
            }
            seen.push(own);
        }
        None
    })
}

fn public(response: &Response, _: &Situation<'_>) -> Finding {
    over(response, "public keys alone", |keys| {
        keys.iter().enumerate().find_map(|(place, key)| {
            let member = PRIVATE.iter().find(|name| key.contains_key(**name))?;
            Some(format!("{} has `{member}`", named(key, place)))
        })
    })
}

fn stated_use(response: &Response, _: &Situation<'_>) -> Finding {
    let expected = "use in each key, where both uses are in the key set";
    over(response, expected, |keys| {
        let purposes: Vec<Option<Purpose>> = keys.iter().map(|key| purpose(key)).collect();
        let has = |wanted| purposes.contains(&Some(wanted));
        if !has(Purpose::Signature) || !has(Purpose::Encryption) {
            return None;
        }
        let (place, key) = keys
            .iter()
            .enumerate()
            .find(|(_, key)| text(key, "use").is_none())?;
        Some(format!("{} has none", named(key, place)))
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Signature,
    Encryption,
}

/// What a key is for: by `use`, else by the algorithm that it names.
fn purpose(key: &Map<String, Value>) -> Option<Purpose> {
    match (text(key, "use"), text(key, "alg")) {
        (Some("sig"), _) => Some(Purpose::Signature),
        (Some("enc"), _) => Some(Purpose::Encryption),
        (None, Some(alg))
            if ["RSA-OAEP", "RSA1_5", "ECDH-ES"]
                .iter()
                .any(|encrypts| alg.starts_with(encrypts)) =>
        {
            Some(Purpose::Encryption)
        }
        (None, Some(alg))
            if ["RS", "PS", "ES", "Ed"]
                .iter()
                .any(|signs| alg.starts_with(signs)) =>
        {
            Some(Purpose::Signature)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::on_nothing;
    use super::*;

    fn holds(judge: fn(&Response, &Situation<'_>) -> Finding, keys: &str) -> Option<bool> {
        let response = Response::of(200, &format!("{{\"keys\": {keys}}}"));
        on_nothing(|situation| judge(&response, situation)).holds
    }

    #[test]
    fn keys_are_seen_for_what_they_lack_or_reveal() {
        let rsa = r#"[{"kty": "RSA", "kid": "1", "n": "x", "e": "AQAB"}]"#;
        assert_eq!(holds(kty, rsa), Some(true));
        assert_eq!(holds(kty, r#"[{"kid": "1"}]"#), Some(false));
        assert_eq!(holds(public, rsa), Some(true));
        assert_eq!(holds(public, r#"[{"kty": "RSA", "d": "x"}]"#), Some(false));
        assert_eq!(holds(public, r#"[{"kty": "oct", "k": "x"}]"#), Some(false));
        for judge in [kty, public, distinct, stated_use] {
            assert_eq!(holds(judge, "[]"), None, "no key shows nothing");
            assert_eq!(holds(judge, "7"), None);
        }
    }

    #[test]
    fn one_kid_for_two_types_of_key_is_distinct() {
        let keys = r#"[{"kty": "RSA", "kid": "1"}, {"kty": "EC", "kid": "1"}, {"kty": "EC"}]"#;
        assert_eq!(holds(distinct, keys), Some(true));
        let keys = r#"[{"kty": "RSA", "kid": "1"}, {"kty": "RSA", "kid": "1"}]"#;
        assert_eq!(holds(distinct, keys), Some(false));
    }

    #[test]
    fn use_is_wanted_where_both_uses_are_there() {
        let one = r#"[{"kty": "RSA", "alg": "RS256"}, {"kty": "RSA"}]"#;
        assert_eq!(holds(stated_use, one), Some(true));
        let both = r#"[{"kty": "RSA", "use": "sig"}, {"kty": "RSA", "alg": "RSA-OAEP-256"}]"#;
        assert_eq!(holds(stated_use, both), Some(false));
        let said = r#"[{"kty": "RSA", "use": "sig"}, {"kty": "RSA", "use": "enc"}]"#;
        assert_eq!(holds(stated_use, said), Some(true));
    }
}
