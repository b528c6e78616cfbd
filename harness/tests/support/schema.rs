//! Whether a value is what a JSON Schema describes: as much of JSON Schema as tokenspec's schemas
//! use. A keyword that is not known here is a failure, so that nothing is passed over.

use serde_json::{Map, Value};

/// All places where `value` is not what `schema` describes.
pub fn problems(schema: &Value, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    look(schema, schema, value, "$", &mut found);
    found
}

fn look(root: &Value, schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
    let Value::Object(rules) = schema else {
        if schema == &Value::Bool(false) {
            found.push(format!("{at}: nothing may be here"));
        }
        return;
    };
    for (keyword, rule) in rules {
        let fine = match keyword.as_str() {
            "$schema"
            | "$defs"
            | "$id"
            | "title"
            | "description"
            | "default"
            | "format"
            | "properties"
            | "additionalProperties" => true,
            "$ref" => {
                let pointer = rule.as_str().unwrap_or_default().trim_start_matches('#');
                let target = root.pointer(pointer).unwrap_or(&Value::Bool(false));
                look(root, target, value, at, found);
                true
            }
            "type" => list(rule)
                .iter()
                .any(|name| is(value, name.as_str().unwrap_or_default())),
            "enum" => list(rule).contains(value),
            "const" => rule == value,
            "anyOf" | "oneOf" => list(rule).iter().any(|one| {
                let mut inner = Vec::new();
                look(root, one, value, at, &mut inner);
                inner.is_empty()
            }),
            "required" => value.as_object().is_none_or(|members| {
                list(rule)
                    .iter()
                    .all(|name| members.contains_key(name.as_str().unwrap_or_default()))
            }),
            "items" => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    // With `prefixItems`, the items before are not meant.
                    if !rules.contains_key("prefixItems") {
                        look(root, rule, item, &format!("{at}[{index}]"), found);
                    }
                }
                true
            }
            "prefixItems" => {
                let items = value.as_array().into_iter().flatten();
                for (index, (rule, item)) in list(rule).iter().zip(items).enumerate() {
                    look(root, rule, item, &format!("{at}[{index}]"), found);
                }
                true
            }
            "minItems" => value
                .as_array()
                .is_none_or(|items| Some(items.len() as u64) >= rule.as_u64()),
            "maxItems" => value
                .as_array()
                .is_none_or(|items| Some(items.len() as u64) <= rule.as_u64()),
            "minimum" => value
                .as_f64()
                .is_none_or(|number| Some(number) >= rule.as_f64()),
            "maximum" => value
                .as_f64()
                .is_none_or(|number| Some(number) <= rule.as_f64()),
            other => {
                found.push(format!("{at}: this test does not know `{other}`"));
                true
            }
        };
        if !fine {
            let short: String = value.to_string().chars().take(80).collect();
            found.push(format!("{at}: {keyword} is not kept by {short}"));
        }
    }
    if let Value::Object(members) = value {
        look_inside(root, rules, members, at, found);
    }
}

fn look_inside(
    root: &Value,
    rules: &Map<String, Value>,
    members: &Map<String, Value>,
    at: &str,
    found: &mut Vec<String>,
) {
    let properties = rules.get("properties").and_then(Value::as_object);
    for (name, member) in members {
        let at = format!("{at}.{name}");
        if let Some(rule) = properties.and_then(|known| known.get(name)) {
            look(root, rule, member, &at, found);
        } else if let Some(rule) = rules.get("additionalProperties") {
            look(root, rule, member, &at, found);
        }
    }
}

fn list(rule: &Value) -> Vec<Value> {
    match rule {
        Value::Array(items) => items.clone(),
        one => vec![one.clone()],
    }
}

fn is(value: &Value, kind: &str) -> bool {
    match kind {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    }
}
