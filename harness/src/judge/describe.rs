//! Answers and responses as phrases.
//!
//! A phrase is short, and never shows the value of a token, not even a part of it.

use serde_json::Value;

use super::response::Response;
use super::{Situation, json};
use crate::catalogue::{Answer, HeaderMatcher};

const LONGEST: usize = 160;

/// A response in a few words: its status, and what of the body tells the outcome.
pub fn response(response: &Response) -> String {
    let status = response.observation.status;
    let Some(object) = response.object() else {
        let body = &response.observation.body;
        return if body.is_empty() {
            format!("{status} without a body")
        } else if response.observation.cut {
            format!("{status} with a body of more than 1 MiB, and no more is read")
        } else {
            let kind = response.header("content-type").join(", ");
            let kind = if kind.is_empty() {
                "no media type".to_owned()
            } else {
                short(&kind)
            };
            format!(
                "{status} with a body of {} bytes that is no JSON object ({kind})",
                body.len()
            )
        };
    };
    let mut parts = Vec::new();
    for name in ["error", "error_description"] {
        if let Some(value) = object.get(name) {
            parts.push(format!("{name}={}", value_of(name, value)));
        }
    }
    if parts.is_empty() {
        let names: Vec<String> = object.keys().take(12).map(|name| short(name)).collect();
        return if names.is_empty() {
            format!("{status} with an empty JSON object")
        } else {
            format!("{status} with {}", names.join(", "))
        };
    }
    if response.has_token() {
        parts.push("and a token".to_owned());
    }
    format!("{status} with {}", parts.join(", "))
}

/// A whole answer in a few words.
pub fn answer(answer: &Answer, situation: &Situation<'_>) -> String {
    let mut parts = Vec::new();
    if let Some(status) = &answer.status {
        let all: Vec<String> = status.as_slice().iter().map(u16::to_string).collect();
        parts.push(all.join(" or "));
    }
    let mut with = Vec::new();
    for (name, matcher) in &answer.json {
        with.push(json::phrase(name, matcher, situation));
    }
    for (name, matcher) in &answer.header {
        with.push(match matcher {
            HeaderMatcher::Equals(value) => format!("{name}: {value}"),
            HeaderMatcher::Rule(rule) => super::header::phrase(name, rule),
        });
    }
    for (name, rule) in &answer.jwt {
        let mut rules = Vec::new();
        for (member, matcher) in rule.header.iter().chain(&rule.claims) {
            rules.push(json::phrase(member, matcher, situation));
        }
        if rule.signature.is_some() {
            rules.push("a signature that verifies".to_owned());
        }
        with.push(if rules.is_empty() {
            format!("a signed JWT in {name}")
        } else {
            format!("a JWT in {name} with {}", rules.join(" and "))
        });
    }
    match answer.body.as_deref() {
        Some("") => with.push("no body".to_owned()),
        Some(body) => with.push(format!("the body {}", short(body))),
        None => {}
    }
    if let Some(members) = &answer.members {
        with.push(format!("exactly the members {}", members.join(", ")));
    }
    if !with.is_empty() {
        parts.push(format!(
            "{}{}",
            if parts.is_empty() { "" } else { "with " },
            with.join(" and ")
        ));
    }
    parts.join(" ")
}

/// The value of a JSON member; of a token, only what kind of value it is.
pub fn value_of(name: &str, value: &Value) -> String {
    let secret = ["token", "code", "secret", "assertion", "password"]
        .iter()
        .any(|word| name.contains(word))
        && !matches!(name, "token_type" | "error_code");
    match value {
        Value::String(text) if secret => format!("a text of {} characters", text.chars().count()),
        Value::Array(items) if secret => format!("a list of {} items", items.len()),
        Value::Object(members) if secret => format!("an object of {} members", members.len()),
        Value::String(text) => short(text),
        other => short(&other.to_string()),
    }
}

/// The text, cut where it is long, with what would mislead made visible.
pub fn short(text: &str) -> String {
    let cut = text
        .char_indices()
        .nth(LONGEST)
        .map_or(text, |(at, _)| &text[..at]);
    let mut shown = String::with_capacity(cut.len() + 3);
    for c in cut.chars() {
        if c.is_control() || is_format(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    if cut.len() < text.len() {
        shown.push('…');
    }
    shown
}

/// Characters that change how the text around them is shown.
const fn is_format(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}
