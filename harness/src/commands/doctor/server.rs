//! What the server says of itself: metadata, key set, clock.

use serde_json::Value;

use super::network::Network;
use super::steps::Steps;
use crate::config::Target;
use crate::discovery::{self, Found};
use crate::exchange::{HttpClient, Offset};
use crate::judge::Keys;
use crate::outcome::{Observation, SentRequest};

/// From how many seconds on a difference of clocks is worth a warning.
const NOTABLE: f64 = 5.0;
/// How many keys are shown.
const SHOWN: usize = 12;

/// Reads the metadata and fills in the endpoints that the configuration does not say.
pub async fn metadata(
    target: &mut Target,
    http: &HttpClient,
    network: &Network,
    steps: &mut Steps<'_, '_>,
) -> Option<Observation> {
    let Some(issuer) = target.issuer.clone() else {
        steps.nothing(
            "metadata",
            "no `issuer` is configured; the endpoints are said by hand",
        );
        return None;
    };
    if !network.reaches(&issuer) {
        steps.skip("metadata", "since the issuer cannot be reached");
        return None;
    }
    let looked = discovery::look(http, &issuer).await;
    let Some(found) = &looked.found else {
        let tried: Vec<String> = looked
            .missed
            .iter()
            .map(|(place, miss)| format!("{place}: {miss}"))
            .collect();
        let what = format!("metadata: none ({})", tried.join("; "));
        if target.endpoints.token.is_some() {
            steps.warn(
                &what,
                "none where the server has none: the endpoints are said by hand; else correct `issuer`",
            );
        } else {
            steps.cross(
                &what,
                "correct `issuer`, or say `token-endpoint` (and `authorization-endpoint`, `jwks-uri`…) by hand",
            );
        }
        return None;
    };
    discovery::fill_in(target, found);
    if let Some(unused) = discovery::all_unused(target) {
        let remedy = if unused.contains("trust-endpoints-on") {
            "write that line into [target.NAME] where these hosts are the server's own, or the endpoints by hand"
        } else {
            "correct the server's metadata, or say the endpoints by hand"
        };
        steps.cross(&format!("metadata: {unused}"), remedy);
    }
    match found.text("issuer") {
        Some(named) if named == issuer => {
            steps.tick(&format!("metadata: {}, {}", found.url, given(found)));
        }
        Some(named) => steps.cross(
            &format!(
                "metadata: {} names the issuer `{named}`, the configuration `{issuer}` (RFC 8414 section 3.3)",
                found.url
            ),
            "write the one into `issuer` that the server's tokens have in `iss`; where that is not the one \
             that the metadata names, correct the server",
        ),
        None => steps.cross(
            &format!("metadata: {} names no issuer (RFC 8414 section 2)", found.url),
            "correct the server's metadata",
        ),
    }
    Some(found.observation.clone())
}

fn given(found: &Found) -> String {
    let endpoints: Vec<&str> = [
        ("token_endpoint", "token"),
        ("authorization_endpoint", "authorization"),
        ("introspection_endpoint", "introspection"),
        ("revocation_endpoint", "revocation"),
        ("userinfo_endpoint", "userinfo"),
        ("jwks_uri", "key set"),
    ]
    .into_iter()
    .filter(|(member, _)| found.text(member).is_some())
    .map(|(_, name)| name)
    .collect();
    if endpoints.is_empty() {
        "which names no endpoint".to_owned()
    } else {
        format!("the issuer is the same; it names: {}", endpoints.join(", "))
    }
}

/// Reads the key set.
pub async fn key_set(
    target: &Target,
    http: &HttpClient,
    network: &Network,
    steps: &mut Steps<'_, '_>,
) {
    let Some(url) = &target.endpoints.jwks else {
        steps.nothing(
            "key set",
            "none is known (`jwks-uri`), so no signature can be verified",
        );
        return;
    };
    if !network.reaches(url) {
        steps.skip("key set", "since its host cannot be reached");
        return;
    }
    let request = SentRequest {
        method: "GET".into(),
        url: url.clone(),
        ..SentRequest::default()
    };
    let keys = match http.send(&request, "doctor#jwks").await {
        Err(why) => Err(why),
        Ok(observation) if observation.status != 200 => {
            Err(format!("answered with {}", observation.status))
        }
        Ok(observation) if observation.cut => {
            Err("it has more than 1 MiB, and no more is read".to_owned())
        }
        Ok(observation) => Keys::read(&observation.body),
    };
    match keys {
        Err(why) => steps.cross(
            &format!("key set: {url}: {why}"),
            "correct `jwks-uri`, or the server's key set (RFC 7517 section 5)",
        ),
        Ok(keys) if keys.is_empty() => steps.cross(
            &format!("key set: {url} has no key"),
            "give the server a signing key, or correct `jwks-uri`",
        ),
        Ok(keys) => {
            let mut shown: Vec<String> = keys.iter().take(SHOWN).map(key).collect();
            if let Some(more) = keys.len().checked_sub(SHOWN).filter(|more| *more > 0) {
                shown.push(format!("and {more} more"));
            }
            let what = format!("key set: {}: {}", keys.len(), shown.join("; "));
            if keys.len() > 1 && keys.iter().any(|key| key.get("kid").is_none()) {
                steps.warn(
                    &what,
                    "give every key a `kid` (OpenID Connect Core 10.1), so that it is known which one signed",
                );
            } else {
                steps.tick(&what);
            }
        }
    }
}

fn key(key: &Value) -> String {
    let member = |name: &str| key.get(name).and_then(Value::as_str);
    let mut words = vec![member("kid").map_or("without kid".to_owned(), |kid| {
        format!("kid {}", kid.chars().take(60).collect::<String>())
    })];
    words.extend(
        ["kty", "crv", "alg", "use"]
            .iter()
            .filter_map(|name| member(name).map(str::to_owned)),
    );
    words.join(" ")
}

/// Compares the target's clock with ours, by the `Date` of its answers (RFC 9110 section 6.6.1).
pub fn clock(target: &Target, known: Option<Offset>, steps: &mut Steps<'_, '_>) {
    let Some(offset) = known else {
        steps.nothing(
            "clock",
            "no answer had a Date that could be compared; checks on times use this machine's clock",
        );
        return;
    };
    let what = format!("clock: {offset}");
    let allowed = target.clock_skew.as_secs_f64();
    if offset.apart() > allowed {
        steps.cross(
            &format!("{what}, and `clock-skew` allows {allowed} s"),
            "set both clocks (NTP), or raise `clock-skew`",
        );
    } else if offset.apart() > NOTABLE {
        steps.warn(&what, "set both clocks (NTP) before they differ more");
    } else {
        steps.tick(&what);
    }
}
