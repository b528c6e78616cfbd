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
    // The text gives no tolerance: a day catches milliseconds and local times, not clocks.
    #[allow(clippy::cast_precision_loss, reason = "seconds since the epoch fit")]
    let now = response.observation.at as f64;
    let sound = (iat - now).abs() <= 86_400.0 && exp > iat && exp + situation.skew as f64 > now;
    Finding::new(sound, expected, format!("iat={iat}, exp={exp}, now={now}"))
}
