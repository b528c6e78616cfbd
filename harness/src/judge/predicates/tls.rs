//! Which addresses are https. On the loopback interface nothing has to be: there is no network that
//! TLS would keep out.

use url::Url;

use super::{Finding, Predicate, Response, Situation};
use crate::loopback::is_loopback;

pub const BEYOND_LOOPBACK: Predicate = Predicate {
    name: "target-is-beyond-loopback",
    says: "the token endpoint is not on the loopback interface",
    judge: beyond_loopback,
};

pub const REVOCATION: Predicate = Predicate {
    name: "revocation-endpoint-is-https",
    says: "the URL of the revocation endpoint is https",
    judge: |_, situation| is_https(situation, "target.revocation_endpoint"),
};

pub const ISSUER: Predicate = Predicate {
    name: "issuer-is-https",
    says: "the issuer is an https URL",
    judge: |_, situation| is_https(situation, "target.issuer"),
};

pub const JWKS: Predicate = Predicate {
    name: "jwks-uri-is-https",
    says: "jwks_uri is an https URL",
    judge: |_, situation| is_https(situation, "target.jwks_uri"),
};

fn beyond_loopback(_: &Response, situation: &Situation<'_>) -> Finding {
    let expected = "a token endpoint beyond the loopback interface";
    match (situation.value)("target.token_endpoint") {
        Some(url) => Finding::new(!on_loopback(&url), expected, url),
        None => Finding::unknown(expected, "the target has no token endpoint"),
    }
}

fn on_loopback(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| is_loopback(&url))
}

fn is_https(situation: &Situation<'_>, name: &str) -> Finding {
    let expected = "an https URL";
    match (situation.value)(name) {
        Some(url) => Finding::new(
            Url::parse(&url).is_ok_and(|url| url.scheme() == "https"),
            expected,
            url,
        ),
        None => Finding::unknown(expected, format!("`{name}` is not known")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::on_target;
    use super::*;

    #[test]
    fn what_is_no_url_is_not_on_loopback() {
        assert!(on_loopback("http://127.0.0.1:9400/token"));
        assert!(!on_loopback("http://as.example/token"));
        assert!(!on_loopback("nothing"));
    }

    #[test]
    fn http_is_not_https() {
        let judged = |url: &'static str| {
            on_target(url, |situation| {
                (REVOCATION.judge)(&Response::of(200, ""), situation)
            })
            .holds
        };
        assert_eq!(judged("https://as.example/token"), Some(true));
        assert_eq!(judged("http://as.example/token"), Some(false));
        assert_eq!(judged(""), None, "what is not known shows nothing");
    }
}
