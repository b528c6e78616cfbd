//! Rules for a JSON value.

use regex::Regex;
use serde_json::Value;

use super::{Finding, Situation, bits, describe};
use crate::catalogue::template::Missing;
use crate::catalogue::{JsonRule, Matcher, OneOrMany, Scalar};

/// Whether the matcher holds where the member is not there.
pub fn may_be_absent(matcher: &Matcher) -> bool {
    matches!(matcher, Matcher::Rule(rule) if rule.present == Some(false) || rule.optional)
}

/// Whether a member is what the matcher says; `None` where it is not there.
pub fn judge_member(
    name: &str,
    matcher: &Matcher,
    value: Option<&Value>,
    situation: &Situation<'_>,
) -> Finding {
    let expected = phrase(name, matcher, situation);
    let rule;
    let rule = match matcher {
        Matcher::Equals(scalar) => {
            rule = JsonRule {
                equals: Some(scalar.clone()),
                ..JsonRule::default()
            };
            &rule
        }
        Matcher::Rule(rule) => rule.as_ref(),
    };
    let Some(value) = value else {
        return Finding::new(may_be_absent(matcher), expected, format!("no {name}"));
    };
    let actual = format!("{name}={}", describe::value_of(name, value));
    if rule.present == Some(false) {
        return Finding::new(false, expected, format!("there is a {name}"));
    }
    match matches(rule, value, situation) {
        Ok(holds) => Finding::new(holds, expected, actual),
        Err(why) => Finding::unknown(expected, why),
    }
}

fn matches(rule: &JsonRule, value: &Value, situation: &Situation<'_>) -> Result<bool, String> {
    let filled = |text: &str| {
        situation
            .fill(text)
            .map_err(|missing: Missing| missing.to_string())
    };
    let equals = |scalar: &Scalar, value: &Value| -> Result<bool, String> {
        Ok(match scalar {
            Scalar::Bool(flag) => value.as_bool() == Some(*flag),
            Scalar::Integer(number) => {
                value.as_i64() == Some(*number)
                    || value
                        .as_f64()
                        .is_some_and(|float| same(float, *number as f64))
            }
            Scalar::Float(number) => value.as_f64().is_some_and(|float| same(float, *number)),
            Scalar::Text(text) => match value {
                // What a template names may be a number.
                Value::Number(number) if is_one_name(text) => filled(text)?
                    .parse::<f64>()
                    .is_ok_and(|wanted| number.as_f64().is_some_and(|have| same(have, wanted))),
                _ => value.as_str() == Some(filled(text)?.as_str()),
            },
        })
    };
    if let Some(kinds) = &rule.kind
        && !kinds.as_slice().iter().any(|kind| is(value, kind))
    {
        return Ok(false);
    }
    if let Some(scalar) = &rule.equals
        && !equals(scalar, value)?
    {
        return Ok(false);
    }
    if let Some(text) = &rule.equals_ignoring_case {
        let text = filled(text)?;
        if !value
            .as_str()
            .is_some_and(|value| value.eq_ignore_ascii_case(&text))
        {
            return Ok(false);
        }
    }
    if let Some(scalars) = &rule.one_of {
        let mut any = false;
        for scalar in scalars {
            any |= equals(scalar, value)?;
        }
        if !any {
            return Ok(false);
        }
    }
    if let Some(scalar) = &rule.not
        && equals(scalar, value)?
    {
        return Ok(false);
    }
    if let Some(pattern) = &rule.pattern {
        let regex = whole(pattern)?;
        if !value.as_str().is_some_and(|text| regex.is_match(text)) {
            return Ok(false);
        }
    }
    let length = match value {
        Value::String(text) => Some(text.chars().count()),
        Value::Array(items) => Some(items.len()),
        _ => None,
    };
    if rule
        .min_length
        .is_some_and(|least| length.is_none_or(|length| length < least))
        || rule
            .max_length
            .is_some_and(|most| length.is_none_or(|length| length > most))
    {
        return Ok(false);
    }
    if rule.min_bits.is_some_and(|least| {
        value
            .as_str()
            .is_none_or(|text| bits::at_most(text) < least)
    }) {
        return Ok(false);
    }
    let number = value.as_f64();
    if rule
        .min
        .is_some_and(|least| number.is_none_or(|number| number < least))
        || rule
            .max
            .is_some_and(|most| number.is_none_or(|number| number > most))
    {
        return Ok(false);
    }
    if let Some(scalar) = &rule.contains {
        let found = match (value, scalar) {
            (Value::Array(items), _) => {
                let mut any = false;
                for item in items {
                    any |= equals(scalar, item)?;
                }
                any
            }
            (Value::String(text), Scalar::Text(item)) => {
                let item = filled(item)?;
                text.split(' ').any(|known| known == item)
            }
            _ => false,
        };
        if !found {
            return Ok(false);
        }
    }
    for (wanted, subset) in [(&rule.subset_of, true), (&rule.superset_of, false)] {
        let Some(wanted) = wanted else { continue };
        let wanted = filled(wanted)?;
        let wanted: Vec<&str> = wanted.split_ascii_whitespace().collect();
        let Some(have) = list(value) else {
            return Ok(false);
        };
        let holds = if subset {
            have.iter().all(|item| wanted.contains(item))
        } else {
            wanted.iter().all(|item| have.contains(item))
        };
        if !holds {
            return Ok(false);
        }
    }
    if let Some(kind) = &rule.items {
        let all = value
            .as_array()
            .is_some_and(|items| items.iter().all(|item| is(item, kind)));
        if !all {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether a text is one name between braces, and nothing else.
fn is_one_name(text: &str) -> bool {
    text.starts_with("{{") && text.find("}}") == Some(text.len() - 2)
}

fn same(a: f64, b: f64) -> bool {
    (a - b).abs() < f64::EPSILON
}

/// The regular expression over a whole text.
pub fn whole(pattern: &str) -> Result<Regex, String> {
    Regex::new(&format!("^(?:{pattern})$"))
        .map_err(|_| format!("`{pattern}` is no regular expression"))
}

/// The items of a space-delimited text, or of an array of texts.
fn list(value: &Value) -> Option<Vec<&str>> {
    match value {
        Value::String(text) => Some(text.split_ascii_whitespace().collect()),
        Value::Array(items) => items.iter().map(Value::as_str).collect(),
        _ => None,
    }
}

fn is(value: &Value, kind: &str) -> bool {
    match kind {
        "string" => value.is_string(),
        "number" => value.is_number(),
        // A whole number is one whatever its notation: 299, but also 299.0.
        "integer" => {
            value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|f| same(f.fract(), 0.0))
        }
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "null" => value.is_null(),
        _ => false,
    }
}

/// The matcher in a few words.
pub fn phrase(name: &str, matcher: &Matcher, situation: &Situation<'_>) -> String {
    let text = |scalar: &Scalar| match scalar {
        Scalar::Bool(flag) => flag.to_string(),
        Scalar::Integer(number) => number.to_string(),
        Scalar::Float(number) => number.to_string(),
        Scalar::Text(text) => {
            describe::short(&situation.fill(text).unwrap_or_else(|_| text.clone()))
        }
    };
    let rule = match matcher {
        Matcher::Equals(scalar) => return format!("{name}={}", text(scalar)),
        Matcher::Rule(rule) => rule,
    };
    let mut parts: Vec<String> = Vec::new();
    if let Some(kinds) = &rule.kind {
        parts.push(OneOrMany::as_slice(kinds).join(" or "));
    }
    let mut add = |words: &str, value: String| parts.push(format!("{words} {value}"));
    if let Some(scalar) = &rule.equals {
        add("equal to", text(scalar));
    }
    if let Some(word) = &rule.equals_ignoring_case {
        add("equal (in any case) to", text(&Scalar::Text(word.clone())));
    }
    if let Some(scalars) = &rule.one_of {
        add(
            "one of",
            scalars.iter().map(text).collect::<Vec<_>>().join(", "),
        );
    }
    if let Some(scalar) = &rule.not {
        add("other than", text(scalar));
    }
    if let Some(pattern) = &rule.pattern {
        add("matching", pattern.clone());
    }
    for (words, number) in [("at least", rule.min_length), ("at most", rule.max_length)] {
        if let Some(number) = number {
            add(words, format!("{number} long"));
        }
    }
    if let Some(bits) = rule.min_bits {
        add("long enough for", format!("{bits} random bits"));
    }
    for (words, number) in [("at least", rule.min), ("at most", rule.max)] {
        if let Some(number) = number {
            add(words, number.to_string());
        }
    }
    if let Some(scalar) = &rule.contains {
        add("containing", text(scalar));
    }
    for (words, list) in [
        ("nothing beyond", &rule.subset_of),
        ("at least", &rule.superset_of),
    ] {
        if let Some(list) = list {
            add(words, text(&Scalar::Text(list.clone())));
        }
    }
    if let Some(kind) = &rule.items {
        add("items of type", kind.clone());
    }
    match (rule.present, rule.optional, parts.is_empty()) {
        (Some(false), ..) => format!("no {name}"),
        (_, _, true) => format!("a {name}"),
        (_, true, false) => format!("{name}, if there, {}", parts.join(" and ")),
        (_, false, false) => format!("{name} {}", parts.join(" and ")),
    }
}
