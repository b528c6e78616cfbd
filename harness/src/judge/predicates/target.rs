//! What can be seen of the target's own addresses.

use url::Url;

use super::{Finding, Predicate, Response, Situation};
use crate::loopback::is_loopback;

pub const PATH: Predicate = Predicate {
    name: "token-path-is-oauth2-token",
    says: "the path of the token endpoint ends in /oauth2/token",
    judge: path,
};

pub const FRAGMENT: Predicate = Predicate {
    name: "token-endpoint-has-no-fragment",
    says: "the URL of the token endpoint has no fragment (RFC 6749 section 3.2)",
    judge: fragment,
};

pub const HTTPS: Predicate = Predicate {
    name: "token-endpoint-is-https",
    says: "the URL of the token endpoint is https, a loopback address apart",
    judge: https,
};

fn endpoint(situation: &Situation<'_>) -> Option<Url> {
    Url::parse(&(situation.value)("target.token_endpoint")?).ok()
}

fn path(_: &Response, situation: &Situation<'_>) -> Finding {
    let expected = "a path that ends in /oauth2/token";
    match endpoint(situation) {
        Some(url) => Finding::new(url.path().ends_with("/oauth2/token"), expected, url.path()),
        None => Finding::unknown(expected, "the target has no token endpoint"),
    }
}

fn fragment(_: &Response, situation: &Situation<'_>) -> Finding {
    let expected = "a token endpoint without a fragment";
    match endpoint(situation) {
        Some(url) => Finding::new(
            url.fragment().is_none(),
            expected,
            url.fragment()
                .map_or("no fragment".to_owned(), |part| format!("#{part}")),
        ),
        None => Finding::unknown(expected, "the target has no token endpoint"),
    }
}

fn https(_: &Response, situation: &Situation<'_>) -> Finding {
    let expected = "a token endpoint with https, or at a loopback address";
    match endpoint(situation) {
        Some(url) => Finding::new(
            url.scheme() == "https" || is_loopback(&url),
            expected,
            format!("{}://{}", url.scheme(), url.host_str().unwrap_or_default()),
        ),
        None => Finding::unknown(expected, "the target has no token endpoint"),
    }
}
