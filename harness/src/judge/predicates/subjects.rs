//! RFC 9700 sections 2.6 and 4.15.1: a client that acts for itself is not taken for a user.

use super::super::jwt::Jwt;
use super::{Finding, Predicate, Response, Situation};

pub const DIFFER: Predicate = Predicate {
    name: "client-is-no-user",
    says: "the access tokens of the steps `user` and `own` have different subjects",
    judge: differ,
};

fn differ(_: &Response, situation: &Situation<'_>) -> Finding {
    let expected = "another sub in the client's access token than in the user's";
    let subject = |step: &str| {
        let token = situation.steps.get(step)?.text_member("access_token")?;
        let jwt = Jwt::parse(token).ok()?;
        Some(jwt.claims.get("sub")?.as_str()?.to_owned())
    };
    match (subject("user"), subject("own")) {
        (Some(user), Some(client)) => {
            let actual = if user == client {
                "both have the same"
            } else {
                "they differ"
            };
            Finding::new(user != client, expected, actual)
        }
        _ => Finding::unknown(expected, "one of the tokens has no sub that can be read"),
    }
}
