//! Both tokens of an answer speak of the same subject and issuer.

use super::super::jwt::Jwt;
use super::{Finding, Predicate, Response, Situation};

pub const SAME_SUBJECT: Predicate = Predicate {
    name: "tokens-have-one-subject",
    says: "the ID Token and the access token have the same sub and iss",
    judge,
};

fn judge(response: &Response, _: &Situation<'_>) -> Finding {
    let expected = "the same sub and iss in the ID Token and the access token";
    let claims = |member: &str| Some(Jwt::parse(response.text_member(member)?).ok()?.claims);
    let (Some(id), Some(access)) = (claims("id_token"), claims("access_token")) else {
        return Finding::unknown(expected, "one of the tokens cannot be read");
    };
    let differs: Vec<&str> = ["sub", "iss"]
        .into_iter()
        .filter(|claim| id.get(*claim).is_none() || id.get(*claim) != access.get(*claim))
        .collect();
    if differs.is_empty() {
        Finding::new(true, expected, "they are")
    } else {
        Finding::new(
            false,
            expected,
            format!("{} differs or is missing", differs.join(" and ")),
        )
    }
}
