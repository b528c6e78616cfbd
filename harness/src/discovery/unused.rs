//! What is said of endpoints that the metadata names and that are not used: those that lie on another
//! origin, and those that are no address at all.

use url::Url;

use crate::config::Target;

/// The longest text of the metadata that a message quotes, in characters.
const LONGEST: usize = 200;

/// What is said of all of them.
#[must_use]
pub fn all_unused(target: &Target) -> Option<String> {
    said(target.untrusted.iter().collect())
}

/// Why the endpoint of a member is not used; none where the metadata does not name it.
#[must_use]
pub fn why_unused(target: &Target, member: &str) -> Option<String> {
    let of_it = |(name, _): &&(String, String)| name == member;
    said(target.untrusted.iter().filter(of_it).collect())
}

/// An endpoint by its kind of flaw.
enum Flaw {
    Empty,
    NoUrl,
    NotWeb,
    Away(String),
}

fn flaw(text: &str) -> Flaw {
    if text.trim().is_empty() {
        return Flaw::Empty;
    }
    match Url::parse(text) {
        Err(_) => Flaw::NoUrl,
        Ok(url) if matches!(url.scheme(), "http" | "https") => {
            Flaw::Away(format!("\"{}\"", url.origin().ascii_serialization()))
        }
        Ok(_) => Flaw::NotWeb,
    }
}

fn said(endpoints: Vec<&(String, String)>) -> Option<String> {
    let (mut said, mut away, mut origins) = (Vec::new(), Vec::new(), Vec::new());
    for (name, text) in endpoints {
        let shown = short(text);
        match flaw(text) {
            Flaw::Empty => said.push(format!(
                "the metadata's {name} is empty: nothing is sent there"
            )),
            Flaw::NoUrl => said.push(format!(
                "the metadata's {name} is no URL: `{shown}`; nothing is sent there"
            )),
            Flaw::NotWeb => said.push(format!(
                "the metadata names {name} {shown}, which is no http address: nothing is sent there"
            )),
            Flaw::Away(origin) => {
                away.push(format!("{name} {shown}"));
                origins.push(origin);
            }
        }
    }
    if !away.is_empty() {
        origins.sort();
        origins.dedup();
        said.push(format!(
            "the metadata names {} on another origin than the issuer's, where nothing is sent to unless the \
             configuration says so: trust-endpoints-on = [{}]",
            away.join(", "),
            origins.join(", ")
        ));
    }
    (!said.is_empty()).then(|| said.join("; "))
}

fn short(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> String {
        let endpoint = ("jwks_uri".to_owned(), text.to_owned());
        said(vec![&endpoint]).unwrap()
    }

    #[test]
    fn what_is_no_address_is_said_as_what_it_is() {
        for empty in ["", "  "] {
            assert_eq!(
                of(empty),
                "the metadata's jwks_uri is empty: nothing is sent there"
            );
        }
        for (text, words) in [
            ("/jwks", "jwks_uri is no URL: `/jwks`"),
            ("https://", "jwks_uri is no URL: `https://`"),
            ("[1]", "jwks_uri is no URL: `[1]`"),
            (
                "file:///etc/passwd",
                "jwks_uri file:///etc/passwd, which is no http address",
            ),
            (
                "https://b.example/jwks",
                "trust-endpoints-on = [\"https://b.example\"]",
            ),
        ] {
            assert!(of(text).contains(words), "{}", of(text));
            assert_eq!(
                of(text).contains("another origin"),
                text.contains("b.example")
            );
        }
        let long = of(&"ä".repeat(100_000));
        assert!(long.contains("ä…`") && long.len() < 600, "{}", long.len());
    }

    #[test]
    fn each_is_said_and_origins_once() {
        let endpoints = [
            ("token_endpoint", "http://b.example/t"),
            ("userinfo_endpoint", ""),
            ("jwks_uri", "http://b.example/j"),
        ]
        .map(|(name, text)| (name.to_owned(), text.to_owned()));
        assert_eq!(
            said(endpoints.iter().collect()).unwrap(),
            "the metadata's userinfo_endpoint is empty: nothing is sent there; the metadata names token_endpoint \
             http://b.example/t, jwks_uri http://b.example/j on another origin than the issuer's, where nothing is \
             sent to unless the configuration says so: trust-endpoints-on = [\"http://b.example\"]"
        );
        assert_eq!(said(Vec::new()), None);
    }
}
