//! Whom an access token is for, where it can be read (RFC 8707 section 2.2).

use serde_json::Value;

use super::super::jwt::Jwt;
use super::{Finding, Predicate, Response, Situation};

pub const NOT_FIRST: Predicate = Predicate {
    name: "access-token-is-not-for-the-first-resource",
    says: "aud of the access token does not name the client's first resource (RFC 8707 section 2.2)",
    judge,
};

fn judge(response: &Response, situation: &Situation<'_>) -> Finding {
    let Some(first) = (situation.value)("client.resource_audience") else {
        return Finding::unknown("another audience", "the client has no `resource`");
    };
    let expected = format!("an aud without {first}");
    let Some(Ok(jwt)) = response.text_member("access_token").map(Jwt::parse) else {
        return Finding::unknown(expected, "the access token cannot be read");
    };
    let audience = jwt.claims.get("aud");
    let names_it = match audience {
        Some(Value::Array(all)) => all.iter().any(|one| *one == first),
        Some(one) => *one == first,
        None => return Finding::new(false, expected, "no aud"),
    };
    let actual = audience.map(ToString::to_string).unwrap_or_default();
    Finding::new(!names_it, expected, format!("aud={actual}"))
}
