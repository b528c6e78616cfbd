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
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// The stretches of the text that could be Base64, padding included.
pub(super) fn stretches(bytes: &[u8]) -> Vec<Range<usize>> {
    let digit = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/-_".contains(byte);
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        at += bytes[at..].iter().take_while(|byte| digit(byte)).count();
        // A text of some length has a capital letter in Base64; most words have none.
        if at - start >= SHORTEST && bytes[start..at].iter().any(u8::is_ascii_uppercase) {
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

/// What a stretch is when it is decoded, in the alphabet that it is written in.
pub(super) fn decoded(stretch: &[u8]) -> Option<Vec<u8>> {
    let digits = stretch.iter().take_while(|byte| **byte != b'=').count();
    // One character alone is no byte.
    let whole = digits - usize::from(digits % 4 == 1);
    let url = stretch.iter().any(|byte| b"-_".contains(byte));
    let engine = if url { &URL } else { &STANDARD };
    let decoded = engine.decode(&stretch[..whole]).ok()?;
    (!decoded.is_empty()).then_some(decoded)
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
        for text in ["YS5iOnMzY3I=", "YS5iOnMzY3I", "YS5iOnMzY3Iw"] {
            assert!(decoded(text.as_bytes()).is_some_and(|it| it.starts_with(b"a.b:s3cr")));
        }
        assert_eq!(decoded(b"-_-_"), Some(vec![0xfb, 0xff, 0xbf]));
        assert_eq!(decoded(b"+/+/"), Some(vec![0xfb, 0xff, 0xbf]));
    }
}
