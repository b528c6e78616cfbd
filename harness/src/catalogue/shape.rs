//! Looks whether a TOML file has the shape that its schema says, and tells all mistakes at once.
//!
//! serde stops at the first mistake; here the parsed file, which knows the place of everything in
//! it, is walked along the schema of the type that will read it.

use std::ops::Range;

use serde_json::Value;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Mistake;

/// A TOML text whose every value knows its place.
#[derive(Debug)]
pub struct Parsed<'t> {
    name: &'t str,
    text: &'t str,
    root: Spanned<DeTable<'t>>,
}

/// A step on the way to a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum At {
    /// A member of a table.
    Key(String),
    /// An item of a list.
    Index(usize),
}

impl From<&str> for At {
    fn from(key: &str) -> Self {
        Self::Key(key.to_owned())
    }
}

impl From<usize> for At {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

impl<'t> Parsed<'t> {
    /// Parses `text`; where it is no TOML, every mistake that the parser finds.
    ///
    /// # Errors
    /// The syntax errors, with their places.
    pub fn new(name: &'t str, text: &'t str) -> Result<Self, Vec<Mistake>> {
        let (root, errors) = DeTable::parse_recoverable(text);
        if errors.is_empty() {
            return Ok(Self { name, text, root });
        }
        Err(errors
            .iter()
            .map(|error| {
                Mistake::new(
                    name,
                    text,
                    error.span().unwrap_or(0..0),
                    "toml-syntax",
                    error.message().to_owned(),
                    None,
                )
            })
            .collect())
    }

    /// A mistake at the value that `path` leads to, or the nearest one above it.
    #[must_use]
    pub fn mistake(
        &self,
        path: &[At],
        code: &'static str,
        message: impl Into<String>,
        remedy: Option<String>,
    ) -> Mistake {
        Mistake::new(self.name, self.text, self.span(path), code, message, remedy)
    }

    fn span(&self, path: &[At]) -> Range<usize> {
        let mut span = 0..0;
        let mut table = Some(self.root.get_ref());
        let mut value: Option<&DeValue<'_>> = None;
        for at in path {
            let next = match at {
                At::Key(key) => table
                    .or(match value {
                        Some(DeValue::Table(table)) => Some(table),
                        _ => None,
                    })
                    .and_then(|table| table.get_key_value(key.as_str()))
                    .map(|(key, item)| (key.span(), item)),
                At::Index(index) => match value {
                    Some(DeValue::Array(items)) => {
                        items.get(*index).map(|item| (item.span(), item))
                    }
                    _ => None,
                },
            };
            let Some((place, item)) = next else { break };
            span = match item.get_ref() {
                DeValue::Table(_) | DeValue::Array(_) => place,
                _ => item.span(),
            };
            table = None;
            value = Some(item.get_ref());
        }
        span
    }

    /// Every place where the text does not have the shape of `schema`.
    #[must_use]
    pub fn check(&self, schema: &Value) -> Vec<Mistake> {
        let mut walk = Walk {
            parsed: self,
            root: schema,
            mistakes: Vec::new(),
        };
        walk.table(self.root.get_ref(), schema, self.root.span(), "the file");
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
                None,
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
                        self.value(item, item_schema, &format!("an item of {what}"));
                    }
                }
            }
            DeValue::String(text) => self.word(text, value.span(), &fitting, what),
            DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_) => {}
        }
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
        if !words.contains(&text) {
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
            if !table.contains_key(required) {
                self.tell(
                    span.clone(),
                    "missing-key",
                    format!("{what} has no `{required}`"),
                    Some(format!("add `{required} = …`")),
                );
            }
        }
    }
}

/// The nearest of the words, or all of them where none is near.
pub(super) fn remedy(word: &str, words: &[&str]) -> String {
    let nearest = words
        .iter()
        .map(|known| (strsim::damerau_levenshtein(word, known), known))
        .filter(|(distance, known)| *distance <= 1 + known.len() / 3)
        .min();
    match nearest {
        Some((_, known)) => format!("did you mean `{known}`?"),
        None => format!("known are: {}", words.join(", ")),
    }
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
