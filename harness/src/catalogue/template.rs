//! Templates: `{{client.id}}`, `{{start.code | altered}}`, `{{random.43}}`.
//!
//! A template names values; whoever evaluates it says what they are. A name without a value where
//! it is needed makes the case errored, so evaluation returns which one it was.

use std::fmt;

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece<'a> {
    /// As it is.
    Text(&'a str),
    /// The value of a name, changed by filters.
    Name {
        /// `client.id`
        name: &'a str,
        /// In their order.
        filters: Vec<&'a str>,
    },
}

/// Filters that a template may name, with what they do.
pub const FILTERS: &[(&str, &str)] = &[
    ("altered", "one character in the middle is another one"),
    (
        "altered-signature",
        "of a JWT, one character in the middle of its signature is another one",
    ),
    ("truncated", "the last quarter is missing"),
    ("upper", "in upper case"),
    ("lower", "in lower case"),
    ("swapcase", "each letter in the other case"),
    ("one-letter-swapped", "the last letter in the other case"),
    ("words-reversed", "its words in the other order"),
    ("spaces-as-plus", "form-encoded with + for a space"),
    ("spaces-as-percent-20", "form-encoded with %20 for a space"),
];

/// The text cut into its pieces.
///
/// # Errors
/// Where a `{{` has no `}}`.
pub fn parse(text: &str) -> Result<Vec<Piece<'_>>, String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("{{") {
        if start > 0 {
            pieces.push(Piece::Text(&rest[..start]));
        }
        let after = &rest[start + 2..];
        let Some(end) = after.find("}}") else {
            return Err(format!("`{{{{` without `}}}}` in `{text}`"));
        };
        let mut parts = after[..end].split('|').map(str::trim);
        let name = parts.next().unwrap_or_default();
        pieces.push(Piece::Name {
            name,
            filters: parts.collect(),
        });
        rest = &after[end + 2..];
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    Ok(pieces)
}

/// The names in a text.
#[must_use]
pub fn names(text: &str) -> Vec<&str> {
    parse(text)
        .unwrap_or_default()
        .into_iter()
        .filter_map(|piece| match piece {
            Piece::Name { name, .. } => Some(name),
            Piece::Text(_) => None,
        })
        .collect()
}

/// A template could not be filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// The name has no value here, or the text is no template.
    Value(String),
    /// The filter leaves the value as it is: digits have no letter case, for example. What the
    /// case is about cannot be done to this value.
    Unchanged {
        /// The name.
        name: String,
        /// The filter.
        filter: String,
    },
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(name) => write!(f, "`{{{{{name}}}}}` has no value here"),
            Self::Unchanged { name, filter } if filter == "altered-signature" => {
                write!(
                    f,
                    "`{{{{{name}}}}}` is no signed JWT: it has no signature to alter"
                )
            }
            Self::Unchanged { name, filter } => {
                write!(
                    f,
                    "`{filter}` changes nothing in the value of `{{{{{name}}}}}`"
                )
            }
        }
    }
}

/// The text with its names replaced by their values.
///
/// # Errors
/// The first name that has no value, or the text itself where it is no template.
pub fn fill(text: &str, value: impl Fn(&str) -> Option<String>) -> Result<String, Missing> {
    if !text.contains("{{") {
        return Ok(text.to_owned());
    }
    let mut filled = String::new();
    for piece in parse(text).map_err(Missing::Value)? {
        match piece {
            Piece::Text(text) => filled.push_str(text),
            Piece::Name { name, filters } => {
                let mut text = value(name).ok_or_else(|| Missing::Value(name.to_owned()))?;
                for filter in filters {
                    let changed =
                        apply(filter, &text).ok_or_else(|| Missing::Value(name.to_owned()))?;
                    if changed == text {
                        return Err(Missing::Unchanged {
                            name: name.to_owned(),
                            filter: filter.to_owned(),
                        });
                    }
                    text = changed;
                }
                filled.push_str(&text);
            }
        }
    }
    Ok(filled)
}

fn apply(filter: &str, text: &str) -> Option<String> {
    let swap = |c: char| {
        if c.is_ascii_uppercase() {
            c.to_ascii_lowercase()
        } else {
            c.to_ascii_uppercase()
        }
    };
    Some(match filter {
        "altered" => altered(text),
        "altered-signature" => match text.split('.').collect::<Vec<_>>().as_slice() {
            [header, claims, signature] if !signature.is_empty() => {
                format!("{header}.{claims}.{}", altered(signature))
            }
            // An opaque token has no signature.
            _ => text.to_owned(),
        },
        "truncated" => {
            let keep = text.chars().count().saturating_mul(3).div_ceil(4);
            let keep = keep.min(text.chars().count().saturating_sub(1));
            text.chars().take(keep).collect()
        }
        "upper" => text.to_ascii_uppercase(),
        "lower" => text.to_ascii_lowercase(),
        "swapcase" => text.chars().map(swap).collect(),
        "one-letter-swapped" => match text.rfind(|c: char| c.is_ascii_alphabetic()) {
            Some(at) => format!(
                "{}{}{}",
                &text[..at],
                swap(char::from(text.as_bytes()[at])),
                &text[at + 1..]
            ),
            None => text.to_owned(),
        },
        "words-reversed" => text.split(' ').rev().collect::<Vec<_>>().join(" "),
        "spaces-as-plus" => crate::secret::form_encode(text.as_bytes()),
        "spaces-as-percent-20" => crate::secret::form_encode(text.as_bytes()).replace('+', "%20"),
        _ => return None,
    })
}

/// The text with one character in the middle changed. Not the last one: the last character of a
/// Base64url value may carry unused bits. A letter or digit near the middle is taken, so that
/// the structure of the value (dots of a JWT) stays.
fn altered(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let middle = chars.len() / 2;
    let at = (0..chars.len())
        .min_by_key(|&at| (!chars[at].is_ascii_alphanumeric(), at.abs_diff(middle), at))
        .unwrap_or(0);
    chars
        .iter()
        .enumerate()
        .map(|(index, &c)| match (index == at, c) {
            (false, c) => c,
            (true, 'A') => 'B',
            (true, 'a') => 'b',
            (true, '0') => '1',
            (true, c) if c.is_ascii_uppercase() => 'A',
            (true, c) if c.is_ascii_digit() => '0',
            (true, _) => 'a',
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(name: &str) -> Option<String> {
        (name == "start.code").then(|| "abcXdef".to_owned())
    }

    #[test]
    fn names_are_replaced() {
        assert_eq!(fill("<{{start.code}}>", value).unwrap(), "<abcXdef>");
        assert_eq!(
            fill("{{ start.code | altered }}", value).unwrap(),
            "abcAdef"
        );
        assert_eq!(fill("{{start.code|swapcase}}", value).unwrap(), "ABCxDEF");
        assert_eq!(
            fill("{{start.code | one-letter-swapped}}", value).unwrap(),
            "abcXdeF"
        );
        assert_eq!(fill("{{start.code|truncated}}", value).unwrap(), "abcXde");
        assert_eq!(fill("plain", value).unwrap(), "plain");
    }

    #[test]
    fn a_name_without_a_value_is_told() {
        assert_eq!(
            fill("{{start.other}}", value),
            Err(Missing::Value("start.other".into()))
        );
        assert!(fill("{{open", value).is_err());
    }

    #[test]
    fn a_filter_that_changes_nothing_is_told() {
        let digits = |_: &str| Some("123".to_owned());
        assert!(matches!(
            fill("{{client.id | swapcase}}", digits),
            Err(Missing::Unchanged { .. })
        ));
        assert!(fill("{{client.id | altered}}", digits).is_ok());
    }

    #[test]
    fn a_signature_is_altered_in_its_middle_alone() {
        let value = |text: &'static str| move |_: &str| Some(text.to_owned());
        let filter = "{{start.access_token | altered-signature}}";
        assert_eq!(fill(filter, value("e.c.abXcd")).unwrap(), "e.c.abAcd");
        for opaque in ["abc", "a.b", "e.c.", "a.b.c.d.e"] {
            assert!(matches!(
                fill(filter, value(opaque)),
                Err(Missing::Unchanged { .. })
            ));
        }
    }

    #[test]
    fn an_altered_text_differs_and_keeps_its_shape() {
        for text in ["a", "A", "0", "abc", "a.b", "eyJ.eyJ.sig", "-_-"] {
            let other = altered(text);
            assert_ne!(other, text);
            assert_eq!(other.len(), text.len());
            assert_eq!(other.matches('.').count(), text.matches('.').count());
        }
    }
}
