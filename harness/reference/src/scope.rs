//! Scope: a set of tokens, written with single spaces (RFC 6749 3.3).

use std::fmt;

use crate::mistake::Mistake;

/// Scope tokens in the order in which they were named, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Scope(Vec<String>);

impl Scope {
    /// Reads what a client sent: `scope-token *( SP scope-token )`.
    pub(crate) fn parse(text: &str) -> Result<Self, Mistake> {
        let mut scope = Self::default();
        for token in text.split(' ') {
            if token.is_empty() || !token.bytes().all(is_scope_byte) {
                return Err(Mistake::MalformedScope);
            }
            scope.insert(token);
        }
        Ok(scope)
    }

    pub(crate) fn contains(&self, token: &str) -> bool {
        self.0.iter().any(|own| own == token)
    }

    pub(crate) fn insert(&mut self, token: &str) {
        if !self.contains(token) {
            self.0.push(token.to_owned());
        }
    }

    /// Whether each token is one of the other's too.
    pub(crate) fn is_within(&self, other: &Self) -> bool {
        self.iter().all(|token| other.contains(token))
    }

    /// What both have, in this one's order.
    pub(crate) fn intersection(&self, allowed: &[&str]) -> Self {
        self.iter()
            .filter(|token| allowed.contains(token))
            .collect()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl<'a> FromIterator<&'a str> for Scope {
    fn from_iter<I: IntoIterator<Item = &'a str>>(tokens: I) -> Self {
        let mut scope = Self::default();
        tokens.into_iter().for_each(|token| scope.insert(token));
        scope
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}

/// Visible ASCII other than the double quote and the backslash.
const fn is_scope_byte(byte: u8) -> bool {
    matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_read_by_its_grammar() {
        assert_eq!(Scope::parse("b a b").unwrap().to_string(), "b a");
        for text in ["", " ", "a  b", " a", "a ", "a\"", "a\\", "a\tb", "\u{e9}"] {
            assert_eq!(Scope::parse(text), Err(Mistake::MalformedScope), "{text:?}");
        }
    }

    #[test]
    fn scopes_are_sets() {
        let wide: Scope = ["openid", "profile"].into_iter().collect();
        let narrow: Scope = ["profile"].into_iter().collect();
        assert!(narrow.is_within(&wide) && !wide.is_within(&narrow));
        assert_eq!(wide.intersection(&["profile", "x"]), narrow);
    }
}
