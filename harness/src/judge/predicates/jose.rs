//! What RFC 7515, 7518 and 7519 say of every signed JWT: of the ID Token, and of an access token
//! that is one.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::super::jwt::{ENCRYPTED, Jwt, is_encrypted};
use super::members::twice;
use super::{Finding, Predicate, Response, Situation};
use crate::secret::Secret;

pub const READABLE: Predicate = Predicate {
    name: "id-token-is-not-encrypted",
    says: "the ID Token is no encrypted JWT, which nobody but its recipient can read",
    judge: readable,
};

pub const HEADER_NAMES: Predicate = Predicate {
    name: "jwt-header-names-are-unique",
    says: "no name stands twice in the header of a JWT",
    judge: |response, _| unique(response, 0, "header"),
};

pub const CLAIM_NAMES: Predicate = Predicate {
    name: "jwt-claim-names-are-unique",
    says: "no name stands twice among the claims of a JWT",
    judge: |response, _| unique(response, 1, "claims"),
};

pub const ALG_SPELLING: Predicate = Predicate {
    name: "alg-is-spelled-as-registered",
    says: "alg of a JWT is not a registered algorithm in another letter case",
    judge: spelling,
};

pub const TIMES: Predicate = Predicate {
    name: "jwt-times-are-numbers-of-seconds",
    says: "exp, nbf, iat and auth_time of a JWT, where they are there, are numbers, and of seconds",
    judge: times,
};

pub const ECDSA_LENGTH: Predicate = Predicate {
    name: "ecdsa-signature-has-its-length",
    says: "an ECDSA signature is R and S of fixed length: 64 octets for ES256, 96 for ES384, 132 for ES512",
    judge: ecdsa_length,
};

pub const HMAC_SECRET: Predicate = Predicate {
    name: "hmac-secret-is-long-enough",
    says: "the client secret that keys an HMAC has at least as many octets as its hash: 32 for HS256",
    judge: hmac_secret,
};

/// The signature algorithms of the registry (RFC 7518 section 3.1, RFC 8037, RFC 8812).
const REGISTERED: &[&str] = &[
    "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "PS256",
    "PS384", "PS512", "ES256K", "EdDSA", "Ed25519", "Ed448", "none",
];

/// A number beyond this many seconds from now counts something else.
const A_HUNDRED_YEARS: f64 = 100.0 * 365.25 * 86_400.0;

/// The JWTs of the answer that can be read, by member.
fn jwts(response: &Response) -> Vec<(&'static str, &str, Jwt)> {
    ["id_token", "access_token"]
        .into_iter()
        .filter_map(|member| {
            let text = response.text_member(member)?;
            Some((member, text, Jwt::parse(text).ok()?))
        })
        .collect()
}

/// The first thing that is wrong with one of them.
fn each(
    response: &Response,
    expected: &str,
    wrong: impl Fn(&str, &Jwt) -> Option<String>,
) -> Finding {
    let found = jwts(response);
    if found.is_empty() {
        return Finding::unknown(expected, "the answer has no JWT that can be read");
    }
    let first = found
        .iter()
        .find_map(|(member, text, jwt)| wrong(text, jwt).map(|why| format!("{member}: {why}")));
    match first {
        Some(why) => Finding::new(false, expected, why),
        None => Finding::new(true, expected, "it is so"),
    }
}

fn readable(response: &Response, _: &Situation<'_>) -> Finding {
    let encrypted = response.text_member("id_token").is_some_and(is_encrypted);
    let actual = if encrypted { ENCRYPTED } else { "it is not" };
    Finding::new(!encrypted, "an ID Token that is not encrypted", actual)
}

fn unique(response: &Response, part: usize, name: &str) -> Finding {
    let expected = format!("each name once in the {name} of each JWT");
    each(response, &expected, |text, _| {
        let part = text.split('.').nth(part)?;
        let name = twice(&URL_SAFE_NO_PAD.decode(part).ok()?)?;
        Some(format!("`{name}` stands twice"))
    })
}

fn spelling(response: &Response, _: &Situation<'_>) -> Finding {
    each(response, "alg as it is registered", |_, jwt| {
        let alg = jwt.algorithm()?;
        let meant = REGISTERED
            .iter()
            .find(|known| known.eq_ignore_ascii_case(alg))?;
        (*meant != alg).then(|| format!("alg is `{alg}`, and `{meant}` is registered"))
    })
}

fn times(response: &Response, _: &Situation<'_>) -> Finding {
    let now = response.moment().time;
    each(response, "times as numbers of seconds", |_, jwt| {
        ["exp", "nbf", "iat", "auth_time"].iter().find_map(|claim| {
            let value = jwt.claims.get(*claim)?;
            match value.as_f64() {
                None => Some(format!("{claim} is {value}, no number")),
                Some(time) if (time - now).abs() > A_HUNDRED_YEARS => Some(format!(
                    "{claim} is {value}, no time in seconds of these years"
                )),
                Some(_) => None,
            }
        })
    })
}

fn ecdsa_length(response: &Response, _: &Situation<'_>) -> Finding {
    let expected = "an ECDSA signature of R and S with fixed length";
    each(response, expected, |_, jwt| {
        let wanted = match jwt.algorithm()? {
            "ES256" | "ES256K" => 64,
            "ES384" => 96,
            "ES512" => 132,
            _ => return None,
        };
        let length = jwt.signature().len();
        (length != wanted).then(|| format!("{length} octets, not {wanted}"))
    })
}

fn hmac_secret(response: &Response, situation: &Situation<'_>) -> Finding {
    let expected = "a client secret with as many octets as the hash";
    let secret = situation.keys.secret.as_ref().map(Secret::expose);
    let alg = response
        .text_member("id_token")
        .and_then(|text| Jwt::parse(text).ok())
        .and_then(|jwt| {
            jwt.header
                .get("alg")
                .and_then(Value::as_str)
                .map(str::to_owned)
        });
    let wanted = match alg.as_deref() {
        Some("HS256") => 32,
        Some("HS384") => 48,
        Some("HS512") => 64,
        _ => return Finding::unknown(expected, "the ID Token has no HMAC"),
    };
    match secret {
        Some(secret) => {
            let length = secret.len();
            Finding::new(
                length >= wanted,
                expected,
                format!("{length} octets for a hash of {wanted}"),
            )
        }
        None => Finding::unknown(expected, "the client has no secret"),
    }
}
