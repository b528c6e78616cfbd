//! The metadata of an authorization server: where it can be, what was there, and what a target
//! takes over from it.
//!
//! It reads. Whether the metadata is right and what it claims holds is judged elsewhere.

mod unused;

use std::fmt;

use serde_json::{Map, Value};
use url::Url;

use crate::config::Target;
use crate::exchange::HttpClient;
use crate::outcome::{Observation, SentRequest};

pub use unused::{all_unused, why_unused};

/// Where every place of metadata begins (RFC 8615).
const WELL_KNOWN: &str = "/.well-known/";
const OPENID: &str = "openid-configuration";
const OAUTH: &str = "oauth-authorization-server";
/// Members that a target takes over.
const ENDPOINTS: [&str; 6] = [
    "token_endpoint",
    "authorization_endpoint",
    "jwks_uri",
    "introspection_endpoint",
    "revocation_endpoint",
    "userinfo_endpoint",
];

/// Metadata that was found.
#[derive(Debug, Clone)]
pub struct Found {
    /// Where.
    pub url: String,
    /// What it says.
    pub members: Map<String, Value>,
    /// The response that it came in.
    pub observation: Observation,
}

impl Found {
    /// A member that is a text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.members.get(name).and_then(Value::as_str)
    }

    /// The texts of a member that is a list; none where there is no such member.
    #[must_use]
    pub fn list(&self, name: &str) -> Option<Vec<&str>> {
        let items = self.members.get(name)?.as_array()?;
        Some(items.iter().filter_map(Value::as_str).collect())
    }
}

/// Why there is no metadata in a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Miss {
    /// Nothing was answered.
    NoAnswer(String),
    /// Another status than 200, and where it redirects to.
    Status(u16, Option<String>),
    /// A 200 without a JSON object.
    NotJson,
    /// A 200 with more than is read.
    TooLong,
}

impl fmt::Display for Miss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoAnswer(why) => write!(f, "the metadata could not be read: {why}"),
            Self::Status(status, None) => write!(f, "the metadata was answered with {status}"),
            Self::Status(status, Some(to)) => {
                write!(
                    f,
                    "the metadata was answered with {status}, a redirect to {to}"
                )
            }
            Self::NotJson => f.write_str("the metadata is no JSON object"),
            Self::TooLong => f.write_str("the metadata has more than 1 MiB, and no more is read"),
        }
    }
}

/// What a look for metadata found.
#[derive(Debug, Clone)]
pub struct Looked {
    /// The metadata.
    pub found: Option<Found>,
    /// The places that were looked at in vain, and why.
    pub missed: Vec<(String, Miss)>,
}

impl Looked {
    /// Where the metadata is, though it may be broken there; none where no place has any.
    #[must_use]
    pub fn place(&self) -> Option<String> {
        let broken = |(_, miss): &&(String, Miss)| match miss {
            Miss::NotJson | Miss::TooLong => true,
            Miss::Status(status, _) => !(300..500).contains(status),
            Miss::NoAnswer(_) => false,
        };
        match &self.found {
            Some(found) => Some(found.url.clone()),
            None => self
                .missed
                .iter()
                .find(broken)
                .map(|(place, _)| place.clone()),
        }
    }

    /// The metadata, or why there is none.
    ///
    /// # Errors
    /// What the place answered that has it, though broken; else what the last one did.
    pub fn into_found(self) -> Result<Found, String> {
        let place = self.place();
        let broken = self
            .missed
            .iter()
            .find(|(known, _)| Some(known) == place.as_ref());
        let why = broken
            .or(self.missed.last())
            .map(|(_, miss)| miss.to_string());
        self.found.ok_or(why.unwrap_or_default())
    }
}

/// Looks for the metadata of an issuer. A server that answers nothing is not asked again.
pub async fn look(http: &HttpClient, issuer: &str) -> Looked {
    let mut missed = Vec::new();
    for url in places(issuer) {
        let request = SentRequest {
            method: "GET".into(),
            url: url.clone(),
            ..SentRequest::default()
        };
        let miss = match http.send(&request, "metadata").await {
            Ok(observation) if observation.status == 200 && observation.cut => Miss::TooLong,
            Ok(observation) if observation.status == 200 => {
                match serde_json::from_slice(&observation.body) {
                    Ok(Value::Object(members)) => {
                        return Looked {
                            found: Some(Found {
                                url,
                                members,
                                observation,
                            }),
                            missed,
                        };
                    }
                    _ => Miss::NotJson,
                }
            }
            Ok(Observation {
                limited: Some(why), ..
            }) => Miss::NoAnswer(why),
            Ok(observation) => Miss::Status(observation.status, redirected_to(&observation)),
            Err(why) => Miss::NoAnswer(why),
        };
        let silent = matches!(miss, Miss::NoAnswer(_));
        missed.push((url, miss));
        if silent {
            break;
        }
    }
    Looked {
        found: None,
        missed,
    }
}

/// Where a redirect leads, without its query.
fn redirected_to(observation: &Observation) -> Option<String> {
    let text = observation.header("location")?;
    let end = text.find(['?', '#']).unwrap_or(text.len());
    (300..400)
        .contains(&observation.status)
        .then(|| text[..end].to_owned())
}

/// Where OpenID Connect Discovery 4 puts the metadata of an issuer.
#[must_use]
pub fn openid_place(issuer: &str) -> String {
    format!("{}{WELL_KNOWN}{OPENID}", issuer.trim_end_matches('/'))
}

/// Where RFC 8414 section 3 puts it: between the host and the path; none where the issuer is no URL.
#[must_use]
pub fn oauth_place(issuer: &str) -> Option<String> {
    let mut url = Url::parse(issuer).ok()?;
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&format!("{WELL_KNOWN}{OAUTH}{path}"));
    Some(url.to_string())
}

/// Where the metadata of an issuer can be: OpenID Connect Discovery 4 appends to the issuer's path,
/// RFC 8414 section 3 inserts before it; many servers append that one too.
#[must_use]
pub fn places(issuer: &str) -> Vec<String> {
    let trimmed = issuer.trim_end_matches('/');
    let mut places = vec![openid_place(issuer)];
    if let Some(place) = oauth_place(issuer) {
        let appended = format!("{trimmed}{WELL_KNOWN}{OAUTH}");
        places.push(place);
        if !places.contains(&appended) {
            places.push(appended);
        }
    }
    places
}

/// The issuer that a place of metadata belongs to; none where the URL is no such place.
#[must_use]
pub fn issuer_of(place: &str) -> Option<String> {
    let (host, rest) = place.split_once(WELL_KNOWN)?;
    let name = [OPENID, OAUTH]
        .into_iter()
        .find(|name| rest.starts_with(name))?;
    Some(format!("{host}{}", &rest[name.len()..]))
}

/// Fills in the endpoints that the configuration does not say: those on the issuer's origin, and on
/// origins that the configuration trusts. Whoever can write the metadata cannot send credentials
/// elsewhere.
pub fn fill_in(target: &mut Target, found: &Found) {
    let origin = |url: &str| Url::parse(url).map(|url| url.origin());
    let trusted: Vec<_> = target
        .issuer
        .iter()
        .chain(&target.trust_endpoints_on)
        .filter_map(|url| origin(url).ok())
        .collect();
    let is_trusted = |url: &str| origin(url).is_ok_and(|origin| trusted.contains(&origin));
    let mut untrusted = Vec::new();
    let endpoints = &mut target.endpoints;
    for (place, name) in [
        (&mut endpoints.token, "token_endpoint"),
        (&mut endpoints.authorization, "authorization_endpoint"),
        (&mut endpoints.jwks, "jwks_uri"),
        (&mut endpoints.introspection, "introspection_endpoint"),
        (&mut endpoints.revocation, "revocation_endpoint"),
        (&mut endpoints.userinfo, "userinfo_endpoint"),
    ] {
        if place.is_some() {
            continue;
        }
        match found.members.get(name) {
            Some(Value::String(url)) if is_trusted(url) => *place = Some(url.clone()),
            Some(Value::String(url)) => untrusted.push((name.to_owned(), url.clone())),
            Some(Value::Null) | None => {}
            Some(other) => untrusted.push((name.to_owned(), other.to_string())),
        }
    }
    target.untrusted = untrusted;
}

/// The origins, in quotes, of endpoints that the metadata names elsewhere than at the issuer.
#[must_use]
pub fn origins_elsewhere(issuer: &str, found: &Found) -> Vec<String> {
    let home = Url::parse(issuer).map(|url| url.origin());
    let mut origins: Vec<String> = ENDPOINTS
        .iter()
        .filter_map(|name| Url::parse(found.text(name)?).ok())
        .map(|url| url.origin())
        .filter(|origin| home.as_ref() != Ok(origin))
        .map(|origin| format!("\"{}\"", origin.ascii_serialization()))
        .collect();
    origins.sort();
    origins.dedup();
    origins
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_is_looked_for_before_and_behind_the_path() {
        let places = places("https://as.example/tenant/");
        assert_eq!(
            places,
            [
                "https://as.example/tenant/.well-known/openid-configuration",
                "https://as.example/.well-known/oauth-authorization-server/tenant",
                "https://as.example/tenant/.well-known/oauth-authorization-server",
            ]
        );
        for place in places {
            assert_eq!(
                issuer_of(&place).as_deref(),
                Some("https://as.example/tenant")
            );
        }
    }

    #[test]
    fn without_a_path_both_are_one() {
        let places = places("https://as.example");
        assert_eq!(
            places,
            [
                "https://as.example/.well-known/openid-configuration",
                "https://as.example/.well-known/oauth-authorization-server",
            ]
        );
        assert_eq!(issuer_of(&places[1]).as_deref(), Some("https://as.example"));
        assert_eq!(issuer_of("https://as.example/tenant"), None);
        assert_eq!(issuer_of("https://as.example/.well-known/webfinger"), None);
    }
}
