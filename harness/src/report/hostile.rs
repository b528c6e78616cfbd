//! What a target answers, made harmless for people and programs that read reports.
//!
//! Each format escapes its own markup. What no format can show as it is – control characters that
//! a terminal obeys, and characters that turn the direction of text or cannot be seen – is written
//! as its number here, once for all of them.

use std::borrow::Cow;

/// Whether a character would change how what stands around it is shown, or cannot be seen.
pub(crate) fn misleads(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}

/// The text with each such character as its number; line ends and tabs stay.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    written(text, |c| c != '\n' && c != '\t' && misleads(c))
}

/// The text on one line: line ends and tabs are spaces.
pub(crate) fn line(text: &str) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    let spaced: String = text
        .chars()
        .map(|c| {
            if matches!(c, '\n' | '\r' | '\t') {
                ' '
            } else {
                c
            }
        })
        .collect();
    written(&spaced, misleads).into_owned()
}

/// Whether it is printable ASCII alone, as nearly all is.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| (b' '..=b'~').contains(&byte))
}

fn written(text: &str, hostile: impl Fn(char) -> bool) -> Cow<'_, str> {
    if is_plain(text) || !text.chars().any(&hostile) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if hostile(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

/// The text as it stands in Markdown, GitHub's and GitLab's: on one line, and no markup, no link,
/// no mention, no picture.
pub(crate) fn markdown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len() + 8);
    for c in line(text).chars() {
        match c {
            // Mentions and addresses.
            '@' => shown.push_str("&#64;"),
            '<' | '>' | '&' | '|' | '`' | '*' | '_' | '[' | ']' | '\\' | '~' | '#' | '!' | '$' => {
                shown.push('\\');
                shown.push(c);
            }
            c => shown.push(c),
        }
    }
    // Links without brackets.
    shown.replace("://", "&#58;//").replace("www.", "www&#46;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_written_as_its_number() {
        assert_eq!(
            visible("a\u{1b}[31mb\rc\u{202e}d\u{200b}"),
            "a\\u{1b}[31mb\\u{d}c\\u{202e}d\\u{200b}"
        );
        assert_eq!(visible("a\n\tb – ü"), "a\n\tb – ü");
        assert_eq!(line("a\r\nb\u{7}"), "a  b\\u{7}");
    }

    #[test]
    fn markdown_has_no_markup_left() {
        assert_eq!(
            markdown("<b>|`*x*` [a](http://e) @all #1\n![p](q)"),
            "\\<b\\>\\|\\`\\*x\\*\\` \\[a\\](http&#58;//e) &#64;all \\#1 \\!\\[p\\](q)"
        );
    }
}
