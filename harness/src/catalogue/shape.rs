//! Looks whether a TOML file has the shape that its schema says, and tells all mistakes at once.
//!
//! serde stops at the first mistake; here the parsed file, which knows the place of everything in
//! it, is walked along the schema of the type that will read it.

use std::ops::Range;

use serde_json::Value;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Mistake;
use super::parsed::Parsed;

impl Parsed<'_> {
    /// Every place where the text does not have the shape of `schema`.
    #[must_use]
    pub fn check(&self, schema: &Value) -> Vec<Mistake> {
        let mut walk = Walk {
            parsed: self,
            root: schema,
            mistakes: Vec::new(),
        };
        walk.table(self.root.get_ref(), schema, self.root.span(), FILE);
        walk.mistakes.sort_by_key(Mistake::position);
        walk.mistakes
    }
}

/// Every mistake of shape in `text`, a file named `name` that `schema` describes.
#[must_use]
pub fn check_shape(name: &str, text: &str, schema: &Value) -> Vec<Mistake> {
    match Parsed::new(name, text) {
        Ok(parsed) => parsed.check(schema),
        Err(mistakes) => mistakes,
    }
}

/// What the topmost table is called.
const FILE: &str = "the file";

struct Walk<'w, 't> {
    parsed: &'w Parsed<'t>,
    root: &'w Value,
    mistakes: Vec<Mistake>,
}

impl<'w> Walk<'w, '_> {
    fn tell(
        &mut self,
        span: Range<usize>,
        code: &'static str,
        message: String,
        remedy: Option<String>,
    ) {
        let Parsed { name, text, .. } = self.parsed;
        self.mistakes
            .push(Mistake::new(name, text, span, code, message, remedy));
    }

    fn resolve(&self, schema: &'w Value) -> &'w Value {
        let mut schema = schema;
        while let Some(target) = schema.get("$ref").and_then(Value::as_str) {
            match self.root.pointer(target.trim_start_matches('#')) {
                Some(found) => schema = found,
                None => break,
            }
        }
        schema
    }

    /// The plain schemas that a value may follow.
    fn choices(&self, schema: &'w Value) -> Vec<&'w Value> {
        let schema = self.resolve(schema);
        match schema.get("anyOf").or_else(|| schema.get("oneOf")) {
            Some(Value::Array(choices)) => {
                choices.iter().flat_map(|one| self.choices(one)).collect()
            }
            _ => vec![schema],
        }
    }

    fn value(&mut self, value: &Spanned<DeValue<'_>>, schema: &'w Value, what: &str) {
        let kind = kind(value.get_ref());
        let choices = self.choices(schema);
        let fitting: Vec<&Value> = choices
            .iter()
            .copied()
            .filter(|choice| allows(choice, kind))
            .collect();
        if fitting.is_empty() {
            let mut kinds: Vec<String> = Vec::new();
            for choice in &choices {
                for kind in kinds_of(choice) {
                    if kind != "null" && !kinds.contains(&named(&kind).to_owned()) {
                        kinds.push(named(&kind).to_owned());
                    }
                }
            }
            self.tell(
                value.span(),
                "wrong-type",
                format!(
                    "{what} is {}, but has to be {}",
                    named(kind),
                    kinds.join(" or ")
                ),
                as_it_is_written(&kinds),
            );
            return;
        }
        match value.get_ref() {
            DeValue::Table(table) => {
                // Several tables can be meant: the one that knows most of the keys that are there.
                let best = fitting
                    .iter()
                    .copied()
                    .max_by_key(|choice| known_keys(choice, table));
                if let Some(choice) = best {
                    self.table(table, choice, value.span(), what);
                }
            }
            DeValue::Array(items) => {
                if let Some(item_schema) = fitting.iter().find_map(|choice| choice.get("items")) {
                    for item in items.iter() {
                        let what = match item.get_ref() {
                            DeValue::Table(_) => format!("this {what}"),
                            _ => format!("an item of {what}"),
                        };
                        self.value(item, item_schema, &what);
                    }
                }
            }
            DeValue::String(text) => self.word(text, value.span(), &fitting, what),
            DeValue::Integer(number) => {
                let number = i128::from_str_radix(number.as_str(), number.radix()).ok();
                self.range(number, value.span(), &fitting, what);
            }
            DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {}
        }
    }

    /// A whole number has to be one that the type which reads it can hold.
    fn range(&mut self, number: Option<i128>, span: Range<usize>, choices: &[&Value], what: &str) {
        let bound = |choice: &Value, name: &str| choice.get(name).and_then(Value::as_i64);
        let within = |choice: &&Value| {
            number.is_some_and(|number| {
                bound(choice, "minimum").is_none_or(|least| number >= i128::from(least))
                    && bound(choice, "maximum").is_none_or(|most| number <= i128::from(most))
            })
        };
        if choices.iter().any(within) {
            return;
        }
        let bounds = choices
            .first()
            .map(|first| (bound(first, "minimum"), bound(first, "maximum")));
        let range = match bounds {
            Some((Some(least), Some(most))) => format!("from {least} to {most}"),
            Some((Some(least), None)) => format!("{least} or more"),
            Some((None, Some(most))) => format!("{most} or less"),
            _ => "one of 64 bits".to_owned(),
        };
        self.tell(
            span,
            "out-of-range",
            format!("{what} is out of range"),
            Some(format!("it has to be {range}")),
        );
    }

    fn word(&mut self, text: &str, span: Range<usize>, choices: &[&Value], what: &str) {
        let mut words: Vec<&str> = Vec::new();
        for choice in choices {
            match (choice.get("enum"), choice.get("const")) {
                (Some(Value::Array(values)), _) => {
                    words.extend(values.iter().filter_map(Value::as_str));
                }
                (_, Some(Value::String(word))) => words.push(word),
                // A schema without a list of words takes any text.
                _ => return,
            }
        }
        // `${NAME}` is a word that the environment says.
        if !words.contains(&text) && !text.contains("${") {
            self.tell(
                span,
                "unknown-word",
                format!("`{text}` is not one of the words of {what}"),
                Some(remedy(text, &words)),
            );
        }
    }

    fn table(&mut self, table: &DeTable<'_>, schema: &'w Value, span: Range<usize>, what: &str) {
        let schema = self.resolve(schema);
        let properties = schema.get("properties").and_then(Value::as_object);
        let additional = schema.get("additionalProperties");
        // Who mistypes a key that has to be there is told so once.
        let mut meant: Vec<String> = Vec::new();
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            if let Some(property) = properties.and_then(|known| known.get(name)) {
                self.value(value, property, &format!("`{name}`"));
            } else if let Some(Value::Bool(false)) = additional {
                let known: Vec<&str> = properties
                    .into_iter()
                    .flat_map(serde_json::Map::keys)
                    .map(String::as_str)
                    .collect();
                meant.extend(nearest(name, &known).map(str::to_owned));
                self.tell(
                    key.span(),
                    "unknown-key",
                    format!("unknown key `{name}` in {what}"),
                    Some(remedy(name, &known)),
                );
            } else if let Some(additional @ Value::Object(_)) = additional {
                self.value(value, additional, &format!("`{name}`"));
            }
        }
        for required in schema
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
        {
            if !table.contains_key(required) && !meant.iter().any(|key| key == required) {
                let property = properties.and_then(|known| known.get(required));
                let add = match property.map(|property| self.resolve(property)) {
                    Some(list)
                        if what == FILE
                            && list.get("items").is_some_and(|item| {
                                self.resolve(item).get("properties").is_some()
                            }) =>
                    {
                        format!("[[{required}]]")
                    }
                    Some(one) if what == FILE && one.get("properties").is_some() => {
                        format!("[{required}]")
                    }
                    _ => format!("{required} = …"),
                };
                self.tell(
                    span.clone(),
                    "missing-key",
                    format!("{what} has no `{required}`"),
                    Some(format!("add `{add}`")),
                );
            }
        }
    }
}

/// How a value of the only kind that is possible is written.
fn as_it_is_written(kinds: &[String]) -> Option<String> {
    let [kind] = kinds else { return None };
    let how = match kind.as_str() {
        "a text" => "put it in quotes: `\"…\"`",
        "true or false" => "write `true` or `false`, without quotes",
        "a list" => "put it in brackets: `[…]`",
        "a table" => "write it as `{ key = … }`",
        "a number" | "a whole number" => "write it in digits, without quotes",
        _ => return None,
    };
    Some(how.to_owned())
}

/// The nearest of the words, or all of them where none is near.
pub(super) fn remedy(word: &str, words: &[&str]) -> String {
    match nearest(word, words) {
        Some(known) => format!("did you mean `{known}`?"),
        None => format!("known are: {}", words.join(", ")),
    }
}

/// The nearest of the words, where one is near.
#[must_use]
pub fn nearest<'w>(word: &str, words: &[&'w str]) -> Option<&'w str> {
    words
        .iter()
        .map(|known| (strsim::damerau_levenshtein(word, known), *known))
        .filter(|(distance, known)| *distance <= 1 + known.len() / 3)
        .min()
        .map(|(_, known)| known)
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "string",
        DeValue::Integer(_) => "integer",
        DeValue::Float(_) => "number",
        DeValue::Boolean(_) => "boolean",
        DeValue::Datetime(_) => "datetime",
        DeValue::Array(_) => "array",
        DeValue::Table(_) => "object",
    }
}

fn named(kind: &str) -> &str {
    match kind {
        "string" => "a text",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "true or false",
        "datetime" => "a date",
        "array" => "a list",
        "object" => "a table",
        other => other,
    }
}

fn kinds_of(schema: &Value) -> Vec<String> {
    match schema.get("type") {
        Some(Value::String(kind)) => vec![kind.clone()],
        Some(Value::Array(kinds)) => kinds
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        _ if schema.get("enum").is_some() || schema.get("const").is_some() => {
            vec!["string".to_owned()]
        }
        _ => Vec::new(),
    }
}

fn allows(schema: &Value, kind: &str) -> bool {
    let kinds = kinds_of(schema);
    kinds.is_empty()
        || kinds
            .iter()
            .any(|allowed| allowed == kind || (allowed == "number" && kind == "integer"))
}

fn known_keys(schema: &Value, table: &DeTable<'_>) -> usize {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
        return 0;
    };
    table
        .keys()
        .filter(|key| properties.contains_key(key.get_ref().as_ref()))
        .count()
}
