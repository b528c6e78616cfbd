//! RFC 6749 section 10.10: what cannot be guessed; RFC 7636 section 4.4: what a code may not show.

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};

use super::super::bits;
use super::{Finding, Predicate, Response, Situation};

pub const CHALLENGE: Predicate = Predicate {
    name: "code-hides-the-challenge",
    says: "the code_challenge does not stand in the code, nor in what is Base64 of it",
    judge: challenge,
};

pub const SECRET: Predicate = Predicate {
    name: "client-secret-holds-128-bits",
    says: "the client secret, where there is one, is long enough for 128 random bits",
    judge: secret,
};

fn challenge(_: &Response, situation: &Situation<'_>) -> Finding {
    let expected = "a code without the code_challenge in it";
    let value = |name: &str| (situation.value)(name);
    let (Some(code), Some(challenge)) = (value("start.code"), value("start.code_challenge")) else {
        return Finding::unknown(expected, "there is no code, or no challenge");
    };
    let shown = shows(&code, &challenge);
    let actual = if shown {
        "the code has the challenge in it"
    } else {
        "the code does not show it"
    };
    Finding::new(!shown, expected, actual)
}

/// Whether a text shows another: as it is, or in one of its parts that is Base64.
fn shows(text: &str, wanted: &str) -> bool {
    let has = |bytes: &[u8]| {
        bytes
            .windows(wanted.len())
            .any(|part| part == wanted.as_bytes())
    };
    has(text.as_bytes())
        || std::iter::once(text)
            .chain(text.split(['.', ':', '~', '|']))
            .map(|part| part.trim_end_matches('='))
            .any(|part| {
                [&BASE64_URL_SAFE_NO_PAD, &BASE64_STANDARD_NO_PAD]
                    .iter()
                    .filter_map(|engine| engine.decode(part).ok())
                    .any(|bytes| has(&bytes))
            })
}

fn secret(_: &Response, situation: &Situation<'_>) -> Finding {
    let expected = "a client secret that can hold 128 random bits";
    match (situation.value)("client.secret") {
        None => Finding::new(true, expected, "the client has none"),
        Some(secret) => Finding::new(
            bits::at_most(&secret) >= 128,
            expected,
            format!("{} characters", secret.chars().count()),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_is_seen_through_base64() {
        let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        let inner = format!("{{\"c\":\"{challenge}\"}}");
        let coded = BASE64_URL_SAFE_NO_PAD.encode(&inner);
        assert!(shows(&format!("abc{challenge}"), challenge));
        assert!(shows(&format!("eyJh.{coded}.x"), challenge));
        assert!(shows(&BASE64_STANDARD_NO_PAD.encode(&inner), challenge));
        assert!(!shows(&format!("eyJh.{coded}.x"), "another"));
    }
}
