//! Relations between the times of a token.

use super::super::jwt::Jwt;
use super::{Finding, Predicate, Response, Situation};

pub const NBF_IS_IAT: Predicate = Predicate {
    name: "nbf-equals-iat",
    says: "the access token's nbf is its iat",
    judge: nbf_is_iat,
};

pub const ID_TOKEN_TIMES: Predicate = Predicate {
    name: "id-token-times-are-sound",
    says: "the ID Token's iat is the time of the answer within the allowed skew, and exp is later",
    judge: id_token_times,
};

pub const ID_TOKEN_IAT: Predicate = Predicate {
    name: "id-token-iat-is-now",
    says: "the ID Token's iat, where it is a number, is the time of the answer, give or take half an hour",
    judge: id_token_iat,
};

pub const ID_TOKEN_EXP: Predicate = Predicate {
    name: "id-token-exp-is-in-seconds",
    says: "the ID Token's exp, where it is a number, lies within a hundred years of the answer",
    judge: id_token_exp,
};

pub const ID_TOKEN_EXP_AHEAD: Predicate = Predicate {
    name: "id-token-exp-is-ahead",
    says: "the ID Token's exp, where it is a number, is not before the answer by more than the allowed skew",
    judge: id_token_exp_ahead,
};

pub const ID_TOKEN_AUTH_TIME: Predicate = Predicate {
    name: "id-token-auth-time-is-past",
    says: "the ID Token's auth_time, where it is a number, is not after iat by more than the allowed skew",
    judge: id_token_auth_time,
};

pub const ID_TOKEN_AUTH_TIME_RECENT: Predicate = Predicate {
    name: "id-token-auth-time-is-recent",
    says: "auth_time of the ID Token, where it is a number, is at most half an hour (and the allowed skew) before the answer",
    judge: id_token_auth_time_recent,
};

/// The text gives no tolerance. A local time in place of UTC is off by an hour at least; the clocks
/// of two machines are not, and the server's own is asked where it tells it.
const GENEROUS: f64 = 1800.0;

/// Milliseconds in place of seconds are tens of thousands of years.
const A_HUNDRED_YEARS: f64 = 100.0 * 365.25 * 86_400.0;

fn nbf_is_iat(response: &Response, _: &Situation<'_>) -> Finding {
    let expected = "nbf = iat in the access token";
    let Some(Ok(jwt)) = response.text_member("access_token").map(Jwt::parse) else {
        return Finding::unknown(expected, "the access token cannot be read");
    };
    match (jwt.claims.get("nbf"), jwt.claims.get("iat")) {
        (Some(nbf), Some(iat)) => {
            Finding::new(nbf == iat, expected, format!("nbf={nbf}, iat={iat}"))
        }
        _ => Finding::new(false, expected, "one of them is missing"),
    }
}

fn id_token_times(response: &Response, situation: &Situation<'_>) -> Finding {
    let expected = "iat near the time of the answer, and exp after it";
    let Some(Ok(jwt)) = response.text_member("id_token").map(Jwt::parse) else {
        return Finding::unknown(expected, "the ID Token cannot be read");
    };
    let (Some(iat), Some(exp)) = (jwt.seconds("iat"), jwt.seconds("exp")) else {
        return Finding::new(false, expected, "iat or exp is missing or no number");
    };
    let now = response.moment();
    #[allow(clippy::cast_precision_loss, reason = "a skew is small")]
    let give = situation.skew as f64 + now.give;
    // The text gives no tolerance: a day catches milliseconds and local times, not clocks.
    let sound = (iat - now.time).abs() <= 86_400.0 && exp > iat && exp + give > now.time;
    let actual = format!("iat={iat}, exp={exp}, now={now}, skew {} s", situation.skew);
    Finding::new(sound, expected, actual)
}

/// What a claim of the ID Token shows; a claim that is missing or no number is for other checks.
fn id_token_time(
    response: &Response,
    expected: &str,
    claim: &str,
    sound: impl Fn(&Jwt, f64) -> (bool, String),
) -> Finding {
    let Some(Ok(jwt)) = response.text_member("id_token").map(Jwt::parse) else {
        return Finding::unknown(expected, "the ID Token cannot be read");
    };
    match jwt.seconds(claim) {
        None => Finding::new(true, expected, format!("no number {claim}")),
        Some(time) => {
            let (holds, beside) = sound(&jwt, time);
            Finding::new(holds, expected, format!("{claim}={time}, {beside}"))
        }
    }
}

fn id_token_iat(response: &Response, _: &Situation<'_>) -> Finding {
    let expected = "iat near the time of the answer";
    id_token_time(response, expected, "iat", |_, iat| {
        let now = response.moment();
        ((iat - now.time).abs() < GENEROUS, format!("now={now}"))
    })
}

fn id_token_exp(response: &Response, _: &Situation<'_>) -> Finding {
    let expected = "exp in seconds, within a hundred years";
    id_token_time(response, expected, "exp", |_, exp| {
        let now = response.moment();
        (
            (exp - now.time).abs() < A_HUNDRED_YEARS,
            format!("now={now}"),
        )
    })
}

fn id_token_exp_ahead(response: &Response, situation: &Situation<'_>) -> Finding {
    let expected = "exp after the time of the answer";
    #[allow(clippy::cast_precision_loss, reason = "a skew is small")]
    let skew = situation.skew as f64;
    id_token_time(response, expected, "exp", |_, exp| {
        let now = response.moment();
        (
            exp + skew + now.give > now.time,
            format!("now={now}, skew {skew} s"),
        )
    })
}

fn id_token_auth_time_recent(response: &Response, situation: &Situation<'_>) -> Finding {
    let expected = "auth_time within half an hour before the answer";
    #[allow(clippy::cast_precision_loss, reason = "a skew is small")]
    let skew = situation.skew as f64;
    id_token_time(response, expected, "auth_time", |_, time| {
        let now = response.moment();
        (time >= now.time - 1800.0 - skew, format!("now={now}"))
    })
}

fn id_token_auth_time(response: &Response, situation: &Situation<'_>) -> Finding {
    let expected = "auth_time not after iat";
    #[allow(clippy::cast_precision_loss, reason = "a skew is small")]
    let skew = situation.skew as f64;
    id_token_time(response, expected, "auth_time", |jwt, time| {
        // Where iat is wrong in itself, another check says so.
        let now = response.moment();
        let iat = jwt.seconds("iat").unwrap_or_default();
        let latest = iat.max(now.time + now.give);
        (
            time <= latest + skew,
            format!("iat={iat}, now={now}, skew {skew} s"),
        )
    })
}
