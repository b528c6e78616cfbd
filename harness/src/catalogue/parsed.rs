//! A TOML file in which everything knows its place, for the mistakes that are found in it.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Mistake;

/// A TOML text whose every value knows its place.
#[derive(Debug)]
pub struct Parsed<'t> {
    pub(super) name: &'t str,
    pub(super) text: &'t str,
    pub(super) root: Spanned<DeTable<'t>>,
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
        let mut mistakes: Vec<Mistake> = errors
            .iter()
            .map(|error| {
                let twice = error.message() == "duplicate key";
                Mistake::new(
                    name,
                    text,
                    error.span().unwrap_or(0..0),
                    "toml-syntax",
                    format!("this is no TOML: {}", error.message()),
                    Some(if twice {
                        "a table has each key once; keep the one that is meant".to_owned()
                    } else {
                        "https://toml.io/en/v1.0.0 says how TOML is written".to_owned()
                    }),
                )
            })
            .collect();
        mistakes.sort_by_key(Mistake::position);
        Err(mistakes)
    }

    /// The text at the top of the file under this key.
    #[must_use]
    pub fn text_of(&self, key: &str) -> Option<&str> {
        match self.root.get_ref().get(key)?.get_ref() {
            DeValue::String(text) => Some(text),
            _ => None,
        }
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

    /// The same at the part `needle` of that value; at the value where the file writes the part in
    /// another way (an escape).
    #[must_use]
    pub fn mistake_of(
        &self,
        path: &[At],
        needle: &str,
        code: &'static str,
        message: impl Into<String>,
        remedy: Option<String>,
    ) -> Mistake {
        let whole = self.span(path);
        let part = self
            .text
            .get(whole.start..)
            .filter(|_| !needle.is_empty())
            .and_then(|rest| rest.find(needle))
            .map(|at| whole.start + at..whole.start + at + needle.len());
        let span = part.unwrap_or(whole);
        Mistake::new(self.name, self.text, span, code, message, remedy)
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
}
