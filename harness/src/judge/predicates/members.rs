//! Rules for the member names of a response.

use std::collections::HashSet;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};

use super::super::describe;
use super::super::jwt::Jwt;
use super::{Finding, Predicate, Response, Situation};

pub const UNIQUE: Predicate = Predicate {
    name: "members-are-unique",
    says: "no member name stands twice in the JSON object (RFC 6749 section 3.2)",
    judge: unique,
};

pub const NAMES: Predicate = Predicate {
    name: "member-names-are-parameter-names",
    says: "member names use letters, digits, dash, dot and underscore (RFC 6749 appendix A.18)",
    judge: names,
};

pub const NULL: Predicate = Predicate {
    name: "no-member-is-null",
    says: "no member of the JSON object is null",
    judge: null,
};

pub const CREDENTIALS: Predicate = Predicate {
    name: "no-credential-is-echoed",
    says: "the client secret of the request does not stand in the response",
    judge: credentials,
};

pub const JWT_UNIQUE: Predicate = Predicate {
    name: "jwt-members-are-unique",
    says: "no name stands twice in the header or the claims of a JWT (RFC 7515 section 4, RFC 7519 section 4)",
    judge: jwt_unique,
};

pub const NO_OPENID: Predicate = Predicate {
    name: "openid-was-not-granted",
    says: "the answer does not say that openid is in the scope that was granted",
    judge: no_openid,
};

fn null(response: &Response, _: &Situation<'_>) -> Finding {
    let expected = "no member that is null";
    let Some(object) = response.object() else {
        return Finding::unknown(expected, describe::response(response));
    };
    match object.iter().find(|(_, value)| value.is_null()) {
        Some((name, _)) => Finding::new(false, expected, format!("{name} is null")),
        None => Finding::new(true, expected, "none is null"),
    }
}

fn no_openid(response: &Response, _: &Situation<'_>) -> Finding {
    let scope = response.text_member("scope").unwrap_or_default();
    let granted = scope.split(' ').any(|item| item == "openid");
    Finding::new(!granted, "a scope without openid", scope)
}

fn credentials(response: &Response, situation: &Situation<'_>) -> Finding {
    let expected = "no client secret in the response";
    let Some(secret) = &situation.keys.secret else {
        return Finding::new(true, expected, "the client has none");
    };
    let secret = secret.expose().as_bytes();
    let within = |bytes: &[u8]| bytes.windows(secret.len()).any(|window| window == secret);
    let found = within(&response.observation.body)
        || response
            .observation
            .headers
            .iter()
            .any(|(_, value)| within(value));
    Finding::new(!found, expected, if found { "it is there" } else { "none" })
}

fn names(response: &Response, _: &Situation<'_>) -> Finding {
    let expected = "member names of letters, digits, dash, dot and underscore";
    let Some(object) = response.object() else {
        return Finding::unknown(expected, describe::response(response));
    };
    let valid = |name: &str| {
        !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
    };
    match object.keys().find(|name| !valid(name)) {
        Some(name) => Finding::new(
            false,
            expected,
            format!("the member `{}`", describe::short(name)),
        ),
        None => Finding::new(true, expected, "they do"),
    }
}

fn unique(response: &Response, _: &Situation<'_>) -> Finding {
    let expected = "each member name once";
    match serde_json::from_slice::<Names>(&response.observation.body) {
        Ok(Names(Some(twice))) => Finding::new(
            false,
            expected,
            format!("`{}` stands twice", describe::short(&twice)),
        ),
        Ok(Names(None)) => Finding::new(true, expected, "each once"),
        Err(_) => Finding::unknown(expected, describe::response(response)),
    }
}

fn jwt_unique(response: &Response, _: &Situation<'_>) -> Finding {
    let expected = "each name once in the header and the claims of each JWT";
    let mut seen = 0;
    for member in ["id_token", "access_token"] {
        let Some(token) = response
            .text_member(member)
            .filter(|token| Jwt::parse(token).is_ok())
        else {
            continue;
        };
        seen += 1;
        for part in token.split('.').take(2) {
            let names = URL_SAFE_NO_PAD.decode(part).ok();
            if let Some(Ok(Names(Some(twice)))) = names.map(|bytes| serde_json::from_slice(&bytes))
            {
                let actual = format!("`{}` stands twice in {member}", describe::short(&twice));
                return Finding::new(false, expected, actual);
            }
        }
    }
    match seen {
        0 => Finding::unknown(expected, "the answer has no JWT"),
        _ => Finding::new(true, expected, "each once"),
    }
}

/// The first name that a JSON object has twice.
pub(super) fn twice(bytes: &[u8]) -> Option<String> {
    serde_json::from_slice::<Names>(bytes).ok()?.0
}

/// The first name that an object has twice.
struct Names(Option<String>);

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Names;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Names, A::Error> {
                let mut seen = HashSet::new();
                let mut twice = None;
                while let Some(name) = map.next_key::<String>()? {
                    map.next_value::<IgnoredAny>()?;
                    if !seen.insert(name.clone()) {
                        twice.get_or_insert(name);
                    }
                }
                Ok(Names(twice))
            }
        }
        deserializer.deserialize_map(Object)
    }
}
