//! How long an access token lives, by what the answer says and by what stands in it (RFC 6750
//! sections 5.2 and 5.3).

use serde_json::Value;

use super::super::jwt::Jwt;
use super::{Finding, Predicate, Response, Situation};

pub const LIMITED: Predicate = Predicate {
    name: "access-token-lifetime-is-limited",
    says: "expires_in, or else exp of the access token, ends its life within ten years",
    judge: limited,
};

pub const AN_HOUR: Predicate = Predicate {
    name: "access-token-lives-an-hour-at-most",
    says: "expires_in, or else exp of the access token, ends its life within an hour",
    judge: an_hour,
};

const HOUR: f64 = 3600.0;

/// What the text calls limited it does not say. What outlives a machine is not.
const TEN_YEARS: f64 = 10.0 * 365.25 * 24.0 * HOUR;

/// The seconds that a token lives, and where they stand.
fn lifetime(response: &Response) -> Option<(f64, &'static str)> {
    if let Some(seconds) = response.json_member("expires_in") {
        // Some servers say numbers as texts; that is for another check.
        let seconds = match seconds {
            Value::String(text) => text.parse().ok(),
            other => other.as_f64(),
        };
        if let Some(seconds) = seconds {
            return Some((seconds, "expires_in"));
        }
    }
    let jwt = Jwt::parse(response.text_member("access_token")?).ok()?;
    let now = response.moment().time;
    Some((jwt.seconds("exp")? - now, "exp"))
}

fn within(response: &Response, most: f64, expected: &str) -> Finding {
    match lifetime(response) {
        Some((seconds, place)) => Finding::new(
            seconds <= most,
            expected,
            format!("{seconds} seconds by {place}"),
        ),
        None => Finding::unknown(expected, "neither expires_in nor a readable exp is there"),
    }
}

fn limited(response: &Response, _: &Situation<'_>) -> Finding {
    within(
        response,
        TEN_YEARS,
        "an access token that ends within ten years",
    )
}

fn an_hour(response: &Response, situation: &Situation<'_>) -> Finding {
    #[allow(clippy::cast_precision_loss, reason = "a skew is small")]
    let skew = situation.skew as f64;
    // By exp the clocks of two machines are compared.
    let leeway = match lifetime(response) {
        Some((_, "exp")) => skew,
        _ => 0.0,
    };
    within(
        response,
        HOUR + leeway,
        "an access token that ends within an hour",
    )
}

#[cfg(test)]
mod tests {
    use super::super::tests::on_nothing;
    use super::*;

    fn holds(judge: fn(&Response, &Situation<'_>) -> Finding, body: &str) -> Option<bool> {
        let response = Response::of(200, body);
        on_nothing(|situation| judge(&response, situation)).holds
    }

    #[test]
    fn an_hour_is_not_exceeded() {
        assert_eq!(holds(an_hour, r#"{"expires_in": 3600}"#), Some(true));
        assert_eq!(holds(an_hour, r#"{"expires_in": 3601}"#), Some(false));
        assert_eq!(holds(an_hour, r#"{"expires_in": "7200"}"#), Some(false));
        assert_eq!(holds(limited, r#"{"expires_in": 315360001}"#), Some(true));
        assert_eq!(holds(limited, r#"{"expires_in": 1e12}"#), Some(false));
    }

    #[test]
    fn an_opaque_token_without_expires_in_shows_nothing() {
        assert_eq!(holds(limited, r#"{"access_token": "opaque"}"#), None);
        assert_eq!(holds(an_hour, "{}"), None);
    }

    #[test]
    fn exp_counts_where_nothing_else_is_said() {
        // {"alg":"none"}.{"exp":10} of an answer at the second 0.
        let body = r#"{"access_token": "eyJhbGciOiJub25lIn0.eyJleHAiOjEwfQ."}"#;
        assert_eq!(lifetime(&Response::of(200, body)), Some((10.0, "exp")));
    }
}
