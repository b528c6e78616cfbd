//! OpenID Connect Core 3.3.2.11: `c_hash` is the left half of the hash of the code.

use super::super::jwt::Jwt;
use super::at_hash::left_half;
use super::{Finding, Predicate, Response, Situation};

pub const C_HASH: Predicate = Predicate {
    name: "c-hash-matches",
    says: "c_hash of the ID Token, where it is there, is the left half of the hash of the code",
    judge,
};

fn judge(response: &Response, situation: &Situation<'_>) -> Finding {
    let expected = "c_hash, if there, is the left half of the code's hash";
    let Some(Ok(jwt)) = response.text_member("id_token").map(Jwt::parse) else {
        return Finding::unknown(expected, "the ID Token cannot be read");
    };
    let Some(hash) = jwt.claims.get("c_hash") else {
        return Finding::new(true, expected, "no c_hash");
    };
    let Some(code) = (situation.value)("start.code") else {
        return Finding::unknown(expected, "no code was got");
    };
    let Some(wanted) = left_half(jwt.algorithm(), &code) else {
        return Finding::unknown(expected, "the ID Token's alg names no hash");
    };
    if hash.as_str() == Some(wanted.as_str()) {
        Finding::new(true, expected, "it is")
    } else {
        Finding::new(false, expected, "c_hash is another value")
    }
}
