//! Relations of a JWT access token (RFC 9068): to the time, to the ID Token, to the first token of
//! an authorization.

use serde_json::Value;

use super::super::jwt::Jwt;
use super::{Finding, Predicate, Response, Situation};

pub const EXP: Predicate = Predicate {
    name: "access-token-exp-is-ahead",
    says: "exp of the access token, where it is a number, is after the answer, and within a hundred years",
    judge: exp,
};

pub const IAT: Predicate = Predicate {
    name: "access-token-iat-is-now",
    says: "iat of the access token, where it is a number, is the time of the answer, give or take half an hour",
    judge: iat,
};

pub const SUBJECT: Predicate = Predicate {
    name: "access-token-sub-is-the-users",
    says: "the access token and the ID Token have the same sub",
    judge: subject,
};

pub const AUTH_CLAIMS: Predicate = Predicate {
    name: "refreshed-authentication-claims-are-kept",
    says: "auth_time, acr and amr of the refreshed access token, where both it and the first one have them, are the same",
    judge: auth_claims,
};

const HALF_AN_HOUR: f64 = 1800.0;
const A_HUNDRED_YEARS: f64 = 100.0 * 365.25 * 86_400.0;

fn time(
    response: &Response,
    claim: &str,
    expected: &str,
    sound: impl Fn(f64, f64) -> bool,
) -> Finding {
    let Some(Ok(jwt)) = response.text_member("access_token").map(Jwt::parse) else {
        return Finding::unknown(expected, "the access token cannot be read");
    };
    let Some(time) = jwt.seconds(claim) else {
        return Finding::new(true, expected, format!("no number {claim}"));
    };
    let now = response.moment().time;
    Finding::new(
        sound(time, now),
        expected,
        format!("{claim}={time}, now={now}"),
    )
}

fn exp(response: &Response, situation: &Situation<'_>) -> Finding {
    #[allow(clippy::cast_precision_loss, reason = "a skew is small")]
    let skew = situation.skew as f64;
    let expected = "exp after the time of the answer, in seconds";
    time(response, "exp", expected, |exp, now| {
        exp + skew > now && exp - now < A_HUNDRED_YEARS
    })
}

fn iat(response: &Response, _: &Situation<'_>) -> Finding {
    time(
        response,
        "iat",
        "iat near the time of the answer",
        |iat, now| (iat - now).abs() < HALF_AN_HOUR,
    )
}

fn subject(response: &Response, _: &Situation<'_>) -> Finding {
    let expected = "the sub of the ID Token";
    let sub = |member: &str| {
        let jwt = Jwt::parse(response.text_member(member)?).ok()?;
        jwt.claims.get("sub").cloned()
    };
    match (sub("access_token"), sub("id_token")) {
        (Some(access), Some(id)) => {
            let actual = if access == id { "it is" } else { "another" };
            Finding::new(access == id, expected, actual)
        }
        // Of a claim that is missing, another check speaks.
        _ => Finding::new(true, expected, "one of the tokens has no sub"),
    }
}

fn auth_claims(response: &Response, situation: &Situation<'_>) -> Finding {
    let expected = "auth_time, acr and amr of the first access token";
    let old = (situation.value)("start.access_token").and_then(|token| Jwt::parse(&token).ok());
    let new = response.text_member("access_token").map(Jwt::parse);
    let (Some(old), Some(Ok(new))) = (old, new) else {
        return Finding::unknown(expected, "one of the two access tokens cannot be read");
    };
    for claim in ["auth_time", "acr", "amr"] {
        let pair = (old.claims.get(claim), new.claims.get(claim));
        if let (Some(before), Some(after)) = pair
            && before != after
        {
            let show = |value: &Value| value.to_string();
            let actual = format!("{claim} was {}, and is {}", show(before), show(after));
            return Finding::new(false, expected, actual);
        }
    }
    Finding::new(true, expected, "none differs")
}
