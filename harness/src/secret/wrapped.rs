//! Base64 in a text, for secrets that stand inside it.
//!
//! What surrounds a value changes the characters at its ends in Base64, and a short value has no
//! others: so what looks like Base64 is decoded, and looked at as the text that it is.

use std::ops::Range;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// The shortest Base64 that is looked at.
const SHORTEST: usize = 6;
const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_allow_trailing_bits(true)
    .with_decode_padding_mode(DecodePaddingMode::Indifferent);
const ENGINES: [GeneralPurpose; 2] = [
    GeneralPurpose::new(&alphabet::STANDARD, LENIENT),
    GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT),
];

/// The stretches of the text that could be Base64, padding included.
pub(super) fn stretches(bytes: &[u8]) -> Vec<Range<usize>> {
    let digit = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/-_".contains(byte);
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        at += bytes[at..].iter().take_while(|byte| digit(byte)).count();
        if at - start >= SHORTEST {
            let padding = bytes[at..]
                .iter()
                .take(2)
                .take_while(|byte| **byte == b'=')
                .count();
            found.push(start..at + padding);
            at += padding;
        }
        at = at.max(start + 1);
    }
    found
}

/// What a stretch can be when it is decoded: in either alphabet, and from each of its first four
/// characters on, since it may be the end of something longer.
pub(super) fn decodings(stretch: &[u8]) -> impl Iterator<Item = Vec<u8>> + '_ {
    let digits = stretch.iter().take_while(|byte| **byte != b'=').count();
    ENGINES.iter().flat_map(move |engine| {
        (0..4_usize).filter_map(move |skip| {
            let rest = stretch.get(skip..digits)?;
            // One character alone is no byte.
            let whole = rest.len() - usize::from(rest.len() % 4 == 1);
            engine
                .decode(&rest[..whole])
                .ok()
                .filter(|decoded| !decoded.is_empty())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_found_and_decoded() {
        let text = b"Authorization: Basic YS5iOnMzY3I= and more";
        let found: Vec<&[u8]> = stretches(text)
            .into_iter()
            .map(|range| &text[range])
            .collect();
        assert!(found.contains(&&b"YS5iOnMzY3I="[..]), "{found:?}");
        assert!(decodings(b"YS5iOnMzY3I=").any(|decoded| decoded == b"a.b:s3cr"));
        assert!(decodings(b"YS5iOnMzY3I").any(|decoded| decoded == b"a.b:s3cr"));
        assert!(decodings(b"xxYS5iOnMzY3I").any(|decoded| decoded == b"a.b:s3cr"));
    }
}
