//! An outcome as the text of a snapshot.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use crate::config::Target;
use crate::judge::jwt::Jwt;
use crate::outcome::{Exchange, Observation, Outcome, Purpose};
use crate::report::{json, visible};
use crate::secret::Vault;

/// Headers that change from answer to answer and say nothing about the endpoint.
const VOLATILE_HEADERS: &[&str] = &[
    "date",
    "content-length",
    "connection",
    "keep-alive",
    "transfer-encoding",
    "etag",
    "set-cookie",
];
/// Claims and members that change from answer to answer.
const VOLATILE_MEMBERS: &[&str] = &[
    "exp",
    "iat",
    "nbf",
    "auth_time",
    "jti",
    "at_hash",
    "c_hash",
    "s_hash",
    "sid",
    "updated_at",
    "timestamp",
    "trace_id",
    "correlation_id",
    "request_id",
];

/// The text; none where there is no exchange of the case's own to show.
#[must_use]
pub fn text(outcome: &Outcome, target: &Target, vault: &Vault) -> Option<String> {
    let mut parts: Vec<(String, String)> = Vec::new();
    for exchange in outcome
        .exchanges
        .iter()
        .filter(|e| e.purpose == Purpose::Case)
    {
        let Ok(observation) = &exchange.response else {
            continue;
        };
        parts.push((exchange.step.clone(), one(exchange, observation, vault)));
    }
    if parts.is_empty() {
        return None;
    }
    // Of requests that were sent at once, nobody can say which was answered first.
    let order: Vec<String> = parts.iter().map(|(step, _)| step.clone()).collect();
    parts.sort_by(|a, b| {
        let place = |step: &String| order.iter().position(|known| known == step);
        place(&a.0).cmp(&place(&b.0)).then_with(|| a.1.cmp(&b.1))
    });
    let several = parts.len() > 1;
    let mut text = String::new();
    for (step, part) in parts {
        if several {
            let _ = writeln!(text, "# {step}");
        }
        text.push_str(&part);
        text.push('\n');
    }
    let mut text = vault.mask(&text).into_owned();
    let endpoints = &target.endpoints;
    for (url, shown) in [
        (&endpoints.token, "{{target.token_endpoint}}"),
        (&target.issuer, "{{target.issuer}}"),
    ] {
        if let Some(url) = url {
            text = text.replace(url.as_str(), shown);
        }
    }
    // Who looks at a snapshot, or at how two differ, does that in a terminal.
    Some(visible(&text).into_owned())
}

fn one(exchange: &Exchange, observation: &Observation, vault: &Vault) -> String {
    let request = &exchange.request;
    let mut text = format!("{} {}\n", request.method, request.url);
    for (name, value) in &request.headers {
        let _ = writeln!(text, "{name}: {}", String::from_utf8_lossy(value));
    }
    if let Some(body) = &request.body {
        let body = vault.mask_bytes(body);
        let body = String::from_utf8_lossy(&body).into_owned();
        let _ = writeln!(text, "\n{}", long(&body));
    }
    let _ = writeln!(text, "\n=> {}", observation.status);
    let mut headers: Vec<String> = observation
        .headers
        .iter()
        .filter(|(name, _)| !VOLATILE_HEADERS.contains(&name.to_ascii_lowercase().as_str()))
        .map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(value)))
        .collect();
    headers.sort();
    for header in headers {
        let _ = writeln!(text, "{header}");
    }
    match serde_json::from_slice::<Value>(&observation.body) {
        Ok(value) => {
            let shown = json::pretty(&masked("", value)).unwrap_or_default();
            let _ = writeln!(text, "\n{shown}");
        }
        Err(_) if observation.body.is_empty() => {}
        Err(_) => {
            let body = vault.mask_bytes(&observation.body);
            let _ = writeln!(text, "\n{}", long(&String::from_utf8_lossy(&body)));
        }
    }
    text
}

/// A text of any length, cut where it is long.
fn long(text: &str) -> String {
    const MOST: usize = 4000;
    if text.len() <= MOST {
        return text.to_owned();
    }
    let cut: String = text.chars().take(200).collect();
    format!("{cut}… ({} bytes)", text.len())
}

/// The value with volatile members masked and JWTs decoded.
fn masked(name: &str, value: Value) -> Value {
    match value {
        Value::String(text) => match Jwt::parse(&text) {
            Ok(jwt) => {
                let mut decoded = Map::new();
                decoded.insert("header".into(), masked("", Value::Object(jwt.header)));
                decoded.insert("claims".into(), masked("", Value::Object(jwt.claims)));
                Value::Object(decoded)
            }
            Err(_) if VOLATILE_MEMBERS.contains(&name) => Value::String(format!("{{{{{name}}}}}")),
            Err(_) => Value::String(text),
        },
        Value::Number(number) => match number.as_f64() {
            _ if VOLATILE_MEMBERS.contains(&name) => Value::String(format!("{{{{{name}}}}}")),
            // Counted from the moment of the answer, it is one less after a second's end.
            Some(seconds) if name == "expires_in" => Value::String(format!(
                "{{{{about {} seconds}}}}",
                (seconds / 10.0).round() * 10.0
            )),
            _ => Value::Number(number),
        },
        Value::Array(items) => {
            Value::Array(items.into_iter().map(|item| masked("", item)).collect())
        }
        Value::Object(members) => Value::Object(
            members
                .into_iter()
                .map(|(name, value)| {
                    let value = masked(&name, value);
                    (name, value)
                })
                .collect(),
        ),
        other => other,
    }
}
