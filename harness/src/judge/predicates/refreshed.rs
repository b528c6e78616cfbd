//! OpenID Connect Core 12.2: the ID Token of a refresh beside that of the first exchange, which is
//! `start.id_token` of a case that starts from a refresh token.

use std::collections::BTreeSet;

use serde_json::Value;

use super::super::jwt::Jwt;
use super::{Finding, Predicate, Response, Situation};

pub const KNOWN: Predicate = Predicate {
    name: "first-id-token-is-known",
    says: "the first exchange, with which the refresh token came, gave an ID Token that can be read",
    judge: known,
};

pub const ISS: Predicate = Predicate {
    name: "refreshed-iss-is-kept",
    says: "the ID Token of the refresh has the iss of the first one",
    judge: |response, situation| same(response, situation, "iss"),
};

pub const SUB: Predicate = Predicate {
    name: "refreshed-sub-is-kept",
    says: "the ID Token of the refresh has the sub of the first one",
    judge: |response, situation| same(response, situation, "sub"),
};

pub const AUD: Predicate = Predicate {
    name: "refreshed-aud-is-kept",
    says: "the ID Token of the refresh names the audiences of the first one; a text and a list of one are the same",
    judge: |response, situation| same(response, situation, "aud"),
};

pub const IAT: Predicate = Predicate {
    name: "refreshed-iat-is-its-own",
    says: "iat of the ID Token of the refresh, where it is a number, is the time of the refresh, give or take half an hour, and not before that of the first one",
    judge: iat,
};

pub const AUTH_TIME: Predicate = Predicate {
    name: "refreshed-auth-time-is-kept",
    says: "auth_time of the ID Token of the refresh, where it is a number, is that of the first one; where that had none, not after its iat",
    judge: auth_time,
};

/// A refresh is not the first exchange by more than a skew, and clocks of a server go on: half an
/// hour catches a copied or local time.
const GENEROUS: f64 = 1800.0;

fn first(situation: &Situation<'_>) -> Option<Jwt> {
    Jwt::parse(&(situation.value)("start.id_token")?).ok()
}

fn known(_: &Response, situation: &Situation<'_>) -> Finding {
    let known = first(situation).is_some();
    let actual = if known { "one" } else { "none" };
    Finding::new(known, "an ID Token of the first exchange", actual)
}

/// Both tokens, or why not.
fn both(
    response: &Response,
    situation: &Situation<'_>,
    expected: &str,
) -> Result<(Jwt, Jwt), Finding> {
    let new = response.text_member("id_token").map(Jwt::parse);
    match (first(situation), new) {
        (Some(first), Some(Ok(new))) => Ok((first, new)),
        _ => Err(Finding::unknown(
            expected,
            "one of the two ID Tokens is not there or cannot be read",
        )),
    }
}

fn same(response: &Response, situation: &Situation<'_>, claim: &str) -> Finding {
    let expected = format!("the {claim} of the first ID Token");
    let (first, new) = match both(response, situation, &expected) {
        Ok(both) => both,
        Err(finding) => return finding,
    };
    let (old, new) = (first.claims.get(claim), new.claims.get(claim));
    let show = |value: Option<&Value>| value.map_or("none".to_owned(), Value::to_string);
    Finding::new(
        old.map(items) == new.map(items),
        expected,
        format!("{claim} was {}, and is {}", show(old), show(new)),
    )
}

/// The items of a list without their order; any other value is a list of one.
fn items(value: &Value) -> BTreeSet<String> {
    match value {
        Value::Array(items) => items.iter().map(Value::to_string).collect(),
        other => BTreeSet::from([other.to_string()]),
    }
}

fn iat(response: &Response, situation: &Situation<'_>) -> Finding {
    let expected = "iat that is the time of the refresh, and not before the first iat";
    let (first, new) = match both(response, situation, expected) {
        Ok(both) => both,
        Err(finding) => return finding,
    };
    let Some(iat) = new.seconds("iat") else {
        return Finding::new(true, expected, "no number iat");
    };
    let now = response.moment().time;
    let old = first.seconds("iat");
    let holds = (iat - now).abs() < GENEROUS && old.is_none_or(|old| iat >= old);
    let old = old.map_or("none".to_owned(), |old| old.to_string());
    Finding::new(
        holds,
        expected,
        format!("iat={iat}, first={old}, now={now}"),
    )
}

fn auth_time(response: &Response, situation: &Situation<'_>) -> Finding {
    let expected = "the auth_time of the first login";
    let (first, new) = match both(response, situation, expected) {
        Ok(both) => both,
        Err(finding) => return finding,
    };
    let Some(time) = new.seconds("auth_time") else {
        return Finding::new(true, expected, "no number auth_time");
    };
    let before = first.seconds("auth_time");
    let issued = first.seconds("iat");
    let holds = match before {
        Some(before) => (before - time).abs() < f64::EPSILON,
        // The login was before the first token of it, whatever that told.
        None => issued.is_none_or(|issued| time <= issued),
    };
    let show = |time: Option<f64>| time.map_or("none".to_owned(), |time| time.to_string());
    let actual = format!(
        "auth_time was {} (iat {}), and is {time}",
        show(before),
        show(issued)
    );
    Finding::new(holds, expected, actual)
}
