//! Forms: decoding (RFC 6749 appendix B) and reading parameters, of which each
//! is there at most once and counts as left out where it is empty (RFC 6749 3.2).

use crate::mistake::Mistake;
use crate::rules::{Duplicates, Empty, RequestRules};

/// Decoded pairs in the order in which they came.
#[derive(Clone, Debug, Default)]
pub(crate) struct Form {
    pairs: Vec<(String, String)>,
    rules: RequestRules,
}

impl Form {
    /// Decodes a form. What is not UTF-8, is wrongly escaped or has a NUL is
    /// refused as a whole.
    pub(crate) fn decode(bytes: &[u8], rules: RequestRules) -> Result<Self, Mistake> {
        let mut pairs = Vec::new();
        for pair in bytes
            .split(|byte| *byte == b'&')
            .filter(|pair| !pair.is_empty())
        {
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let name = decode_component(halves.next().unwrap_or_default())?;
            let value = decode_component(halves.next().unwrap_or_default())?;
            pairs.push((name, value));
        }
        Ok(Self { pairs, rules })
    }

    /// What has come as names and values already.
    pub(crate) fn of_pairs(pairs: Vec<(String, String)>, rules: RequestRules) -> Self {
        Self { pairs, rules }
    }

    /// The parameter, if it is there once; an empty one is not there.
    pub(crate) fn get(&self, name: &'static str) -> Result<Option<&str>, Mistake> {
        let mut values = self.values(name);
        let first = values.next();
        match (values.next_back(), self.rules.duplicates) {
            (None, _) | (Some(_), Duplicates::FirstWins) => Ok(first),
            (last @ Some(_), Duplicates::LastWins) => Ok(last),
            (Some(_), Duplicates::Refused) => Err(Mistake::Repeated(name)),
        }
    }

    /// The parameter, which has to be there once.
    pub(crate) fn require(&self, name: &'static str) -> Result<&str, Mistake> {
        self.get(name)?.ok_or(Mistake::Missing(name))
    }

    /// Refuses the form where one of the parameters is repeated.
    pub(crate) fn refuse_repeated(&self, names: &[&'static str]) -> Result<(), Mistake> {
        names.iter().try_for_each(|name| self.get(name).map(drop))
    }

    /// Whether there is a parameter that is none of these.
    pub(crate) fn has_other_than(&self, names: &[&str]) -> bool {
        self.pairs
            .iter()
            .any(|(name, _)| !names.contains(&name.as_str()))
    }

    /// All values of a parameter that may be repeated.
    pub(crate) fn all(&self, name: &'static str) -> Vec<&str> {
        self.values(name).collect()
    }

    /// All values of a parameter that count as being there.
    fn values(&self, name: &str) -> impl DoubleEndedIterator<Item = &str> {
        self.pairs
            .iter()
            .filter(move |(key, value)| {
                key == name && (!value.is_empty() || self.rules.empty == Empty::IsValue)
            })
            .map(|(_, value)| value.as_str())
    }
}

/// Decodes a name or a value: `+` is a space, `%XX` a byte, and the bytes are
/// UTF-8 without a NUL.
pub(crate) fn decode_component(bytes: &[u8]) -> Result<String, Mistake> {
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut rest = bytes.iter().copied();
    while let Some(byte) = rest.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => match (
                rest.next().and_then(hex_value),
                rest.next().and_then(hex_value),
            ) {
                (Some(high), Some(low)) => high << 4 | low,
                _ => return Err(Mistake::PercentEncoding),
            },
            other => other,
        });
    }
    if decoded.contains(&0) {
        return Err(Mistake::Nul);
    }
    String::from_utf8(decoded).map_err(|_| Mistake::Utf8)
}

/// Escapes a value for a query or a form.
pub(crate) fn encode_component(value: &str) -> String {
    let mut encoded = String::with_capacity(value.len());
    for byte in value.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte));
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

fn hex_value(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(body: &str) -> Form {
        Form::decode(body.as_bytes(), RequestRules::default()).unwrap()
    }

    #[test]
    fn plus_and_escapes_are_decoded() {
        let form = form("a=x+y%2Bz&b%20=%C3%A9");
        assert_eq!(form.get("a"), Ok(Some("x y+z")));
        assert_eq!(form.get("b "), Ok(Some("\u{e9}")));
    }

    #[test]
    fn what_cannot_be_decoded_is_refused() {
        for (body, mistake) in [
            (&b"a=%zz"[..], Mistake::PercentEncoding),
            (b"a=%4", Mistake::PercentEncoding),
            (b"a=%", Mistake::PercentEncoding),
            (b"a=%+1", Mistake::PercentEncoding),
            (b"a=%ff%fe", Mistake::Utf8),
            (b"a=\xff", Mistake::Utf8),
            (b"a=%00", Mistake::Nul),
            (b"a\0=b", Mistake::Nul),
        ] {
            assert_eq!(
                Form::decode(body, RequestRules::default()).unwrap_err(),
                mistake
            );
        }
    }

    #[test]
    fn an_empty_parameter_is_left_out_and_so_no_repetition() {
        let form = form("code=&scope&code=x&state=1&state=2");
        assert_eq!(form.get("code"), Ok(Some("x")));
        assert_eq!(form.get("scope"), Ok(None));
        assert_eq!(form.get("state"), Err(Mistake::Repeated("state")));
        assert_eq!(form.require("scope"), Err(Mistake::Missing("scope")));
    }

    #[test]
    fn encoding_is_undone_by_decoding() {
        let all: String = (1..=0x17fu32).filter_map(char::from_u32).collect();
        assert_eq!(decode_component(encode_component(&all).as_bytes()), Ok(all));
    }
}
