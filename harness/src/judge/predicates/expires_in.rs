//! RFC 6749 section 5.1: `expires_in` counts from the moment of the answer.

use serde_json::Value;

use super::super::jwt::Jwt;
use super::{Finding, Predicate, Response, Situation};

pub const EXPIRES_IN: Predicate = Predicate {
    name: "expires-in-matches-exp",
    says: "expires_in is what is left until the access token's exp when the answer is given, and never more than exp - iat",
    judge,
};

fn judge(response: &Response, situation: &Situation<'_>) -> Finding {
    let skew = situation.skew;
    let expected = format!(
        "expires_in within {skew} s of exp minus the time of the answer, and at most exp - iat"
    );
    let Some(seconds) = response.json_member("expires_in").and_then(Value::as_f64) else {
        return Finding::unknown(expected, "the answer has no number expires_in");
    };
    let Some(Ok(jwt)) = response.text_member("access_token").map(Jwt::parse) else {
        return Finding::unknown(expected, "the access token cannot be read");
    };
    let Some(exp) = jwt.seconds("exp") else {
        return Finding::unknown(expected, "the access token has no exp");
    };
    let now = response.moment();
    let left = exp - now.time;
    #[allow(clippy::cast_precision_loss, reason = "a skew is small")]
    let near = (seconds - left).abs() <= skew as f64 + now.give;
    let whole = jwt.seconds("iat").is_none_or(|iat| seconds <= exp - iat);
    let actual = format!(
        "expires_in={seconds}, exp - now = {left}, exp - iat = {}, now={now}",
        jwt.seconds("iat")
            .map_or("unknown".to_owned(), |iat| (exp - iat).to_string())
    );
    Finding::new(near && whole, expected, actual)
}
