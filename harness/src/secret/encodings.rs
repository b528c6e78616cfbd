//! The encodings in which a value can appear in what leaves the process.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};

/// What `application/x-www-form-urlencoded` leaves as it is.
const FORM: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'*')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_');
/// What RFC 3986 leaves as it is.
const URI: &AsciiSet = &FORM.remove(b'~').add(b'*');

/// The bytes form-encoded, a space as `+`.
#[must_use]
pub fn form_encode(bytes: &[u8]) -> String {
    percent_encode(bytes, FORM).to_string().replace("%20", "+")
}

/// Base64 with padding.
#[must_use]
pub fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Base64url without padding.
#[must_use]
pub fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The ways in which `value` can stand in a text, the plain one first.
pub(super) fn all(value: &str) -> Vec<String> {
    let bytes = value.as_bytes();
    let mut forms = vec![value.to_owned()];
    // What no encoding changes, as most tokens, stands plain alone.
    let plain = bytes
        .iter()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(byte));
    if !plain {
        forms.push(form_encode(bytes));
        forms.push(percent_encode(bytes, FORM).to_string());
        forms.push(percent_encode(bytes, URI).to_string());
        let encoded = forms[1..].to_vec();
        forms.extend(encoded.iter().map(|form| lower_escapes(form)));
        if let Ok(json) = serde_json::to_string(value) {
            forms.push(json.trim_matches('"').to_owned());
            forms.push(json.trim_matches('"').replace('/', "\\/"));
        }
    }
    // Inside Base64 of something longer, a value has one of three alignments. The characters at
    // its ends depend on its neighbours and are left out.
    let inners = if plain {
        vec![value.to_owned()]
    } else {
        vec![value.to_owned(), form_encode(bytes)]
    };
    for inner in inners {
        for shift in 0..3_usize {
            let mut padded = vec![0_u8; shift];
            padded.extend_from_slice(inner.as_bytes());
            let whole = padded.len() / 3 * 4;
            let first = if shift == 0 { 0 } else { 4 };
            for text in [base64(&padded), base64url(&padded)] {
                if let Some(middle) = text.get(first..whole)
                    && middle.len() >= 6
                {
                    forms.push(middle.to_owned());
                }
            }
        }
    }
    let mut distinct: Vec<String> = Vec::with_capacity(forms.len());
    for form in forms {
        if !form.is_empty() && !distinct.contains(&form) {
            distinct.push(form);
        }
    }
    distinct
}

/// `%2F` as `%2f`.
fn lower_escapes(text: &str) -> String {
    let mut lower = String::with_capacity(text.len());
    let mut escape = 0;
    for c in text.chars() {
        if c == '%' {
            escape = 2;
            lower.push(c);
        } else if escape > 0 {
            escape -= 1;
            lower.push(c.to_ascii_lowercase());
        } else {
            lower.push(c);
        }
    }
    lower
}
