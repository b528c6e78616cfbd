//! A configuration as messages show it: without the values that may be secrets.
//!
//! A message draws the lines around a mistake, and next to a mistyped key there may stand a secret
//! that somebody wrote into the file.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Keys whose values are no secrets. Whatever is not here, a mistyped `secret` above all, is hidden.
const OPEN: &[&str] = &[
    "assertion-audience",
    "audience",
    "auth",
    "authorization-endpoint",
    "browser",
    "ca-file",
    "click",
    "client-certificate",
    "client-credentials-scope",
    "client-key",
    "clock-skew",
    "code-lifetime",
    "codes-at-once",
    "connect-timeout",
    "consent-button",
    "contact",
    "default-target",
    "fill",
    "grants",
    "introspection-endpoint",
    "issuer",
    "jwks-uri",
    "key-file",
    "kid",
    "max-requests-per-second",
    "name",
    "organization",
    "password-field",
    "profile",
    "project",
    "redirect-uris",
    "refresh-token-leeway",
    "revocation-endpoint",
    "scope",
    "signing-alg",
    "snapshots",
    "timeout",
    "token-endpoint",
    "trust-endpoints-on",
    "type",
    "uri",
    "url",
    "userinfo-endpoint",
    "username-field",
    "version",
    "via",
    "wait",
    "wider-scope",
];
/// Tables in which the user chooses the keys, so that these tell nothing about the values.
const CLOSED: &[&str] = &["headers", "params"];

/// The text with every value that may be a secret replaced by as many bytes of stars. `${NAME}`
/// stays, and so does the place of everything.
pub fn shown(text: &str) -> String {
    let (root, errors) = DeTable::parse_recoverable(text);
    let mut hidden = Vec::new();
    if errors.is_empty() {
        of_table(root.get_ref(), false, &mut hidden);
    } else {
        of_lines(text, &mut hidden);
    }
    hidden.sort_by_key(|range| range.start);
    let mut shown = String::with_capacity(text.len());
    let mut at = 0;
    for range in hidden {
        shown.push_str(&text[at..range.start]);
        hide(&text[range.clone()], &mut shown);
        at = range.end;
    }
    shown.push_str(&text[at..]);
    shown
}

fn of_table(table: &DeTable<'_>, closed: bool, hidden: &mut Vec<Range<usize>>) {
    for (key, value) in table {
        let name = key.get_ref().as_ref();
        let closed = closed || CLOSED.contains(&name);
        of_value(value, closed, closed || !OPEN.contains(&name), hidden);
    }
}

fn of_value(
    value: &Spanned<DeValue<'_>>,
    closed: bool,
    secret: bool,
    hidden: &mut Vec<Range<usize>>,
) {
    match value.get_ref() {
        DeValue::Table(table) => of_table(table, closed, hidden),
        DeValue::Array(items) => {
            for item in items.iter() {
                of_value(item, closed, secret, hidden);
            }
        }
        DeValue::String(_) if secret => {
            // What is between the quotes.
            let span = value.span();
            hidden.push(span.start + 1..span.end.max(span.start + 2) - 1);
        }
        DeValue::Integer(_) | DeValue::Float(_) if secret => hidden.push(value.span()),
        _ => {}
    }
}

/// Where the text is no TOML, all that a line says after its key, and each line without one.
fn of_lines(text: &str, hidden: &mut Vec<Range<usize>>) {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let end = start + line.trim_end().len();
        let (key, value) = match line.split_once('=') {
            Some((key, _)) => (key, start + key.len() + 1),
            None => ("", start),
        };
        let known = OPEN.contains(&key.trim().trim_matches(['"', '\'']));
        let header = line.trim_start().starts_with(['[', '#']);
        if !known && !header && value < end {
            hidden.push(value..end);
        }
        start += line.len();
    }
}

fn hide(text: &str, shown: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let Some(end) = rest[at..].find('}') else {
            break;
        };
        stars(&rest[..at], shown);
        shown.push_str(&rest[at..=at + end]);
        rest = &rest[at + end + 1..];
    }
    stars(rest, shown);
}

fn stars(text: &str, shown: &mut String) {
    for c in text.chars() {
        if c.is_whitespace() {
            shown.push(c);
        } else {
            shown.extend(std::iter::repeat_n('*', c.len_utf8()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn a_secret_is_hidden_also_under_a_mistyped_key() {
        let text = "[target.a]\nissuer = \"https://as\"\n[[target.a.client]]\nname = \"main\"\n\
                    secret = \"hush\"\nsecrt = 'hüsh'\nid = \"${ID}-hush\"\n\
                    [target.a.http]\nheaders = { name = \"hush\" }\n";
        let hidden = shown(text);
        assert_eq!(hidden.len(), text.len());
        assert!(
            !hidden.contains("hush") && !hidden.contains("sh'"),
            "{hidden}"
        );
        for kept in ["https://as", "\"main\"", "${ID}", "name = \"****\""] {
            assert!(hidden.contains(kept), "{kept} in {hidden}");
        }
    }

    #[test]
    fn so_it_is_where_the_text_is_no_toml() {
        let text = "issuer = \"https://as\nsecret = \"hush\nmore hush\n[x]\nid = ${ID}\n";
        let hidden = shown(text);
        assert_eq!(hidden.len(), text.len());
        assert!(!hidden.contains("hush"), "{hidden}");
        for kept in ["https://as", "[x]", "${ID}"] {
            assert!(hidden.contains(kept), "{kept} in {hidden}");
        }
    }
}
