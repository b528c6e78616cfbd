//! Both tokens of an answer name the same key.

use super::super::jwt::Jwt;
use super::{Finding, Predicate, Response, Situation};

pub const SAME_KID: Predicate = Predicate {
    name: "tokens-have-one-kid",
    says: "the ID Token and the access token have the same kid",
    judge,
};

fn judge(response: &Response, _: &Situation<'_>) -> Finding {
    let expected = "the same kid in the ID Token and the access token";
    let kid = |member: &str| {
        let jwt = Jwt::parse(response.text_member(member)?).ok()?;
        jwt.header.get("kid").cloned()
    };
    match (kid("id_token"), kid("access_token")) {
        (Some(id), Some(access)) => {
            Finding::new(id == access, expected, format!("{id} and {access}"))
        }
        _ => Finding::new(false, expected, "one of them has no kid"),
    }
}
