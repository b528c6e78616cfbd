//! The parts of markup: a tag and its attributes, texts, and the address of a refresh.

use html5gum::{StartTag, State};
use url::Url;

/// How long a text is kept.
const TEXT: usize = 2000;
/// Elements without an end tag.
pub(super) const VOID: &[&str] = &[
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track",
    "wbr",
];

/// Elements that are part of a line.
pub(super) const INLINE: &[&str] = &[
    "a", "abbr", "b", "code", "em", "font", "i", "kbd", "mark", "s", "small", "span", "strong", "u",
];

/// How the content of an element is tokenized. That of `noscript` is markup: no script runs here.
pub(super) fn raw(name: &str) -> Option<State> {
    match name {
        "title" | "textarea" => Some(State::RcData),
        "style" | "xmp" | "iframe" | "noembed" | "noframes" => Some(State::RawText),
        "script" => Some(State::ScriptData),
        "plaintext" => Some(State::PlainText),
        _ => None,
    }
}

pub(super) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A start tag with its attributes as text.
pub(super) struct Tag {
    pub name: String,
    attributes: Vec<(String, String)>,
}

impl Tag {
    pub fn new(tag: &StartTag<()>) -> Self {
        Self {
            name: text(&tag.name),
            attributes: tag
                .attributes
                .iter()
                .map(|(name, value)| (text(name), text(&value.value)))
                .collect(),
        }
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    pub fn own(&self, name: &str) -> String {
        self.get(name).unwrap_or_default().to_owned()
    }

    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    pub fn is(&self, name: &str, value: &str) -> bool {
        self.get(name)
            .is_some_and(|text| text.trim().eq_ignore_ascii_case(value))
    }
}

pub(super) fn append(text: &mut String, more: &str) {
    let room = TEXT.saturating_sub(text.len());
    text.extend(more.chars().take(room));
}

pub(super) fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a `Refresh` header or its `meta` says: `SECONDS`, or `SECONDS; url=ADDRESS`.
pub(super) fn refresh(text: &str, base: &Url) -> Option<(u64, Url)> {
    let text = text.trim_start();
    let digits = text.find(|c: char| !c.is_ascii_digit());
    let (seconds, rest) = text.split_at(digits.unwrap_or(text.len()));
    let seconds = match seconds {
        "" if rest.starts_with('.') => 0,
        digits => digits.parse().ok()?,
    };
    let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ';' || c == ',');
    // A refresh without an address loads the same page again.
    let (_, address) = match rest.get(..3) {
        Some(word) if word.eq_ignore_ascii_case("url") => rest.split_once('=')?,
        _ if rest.is_empty() => return None,
        _ => ("", rest),
    };
    let address = address.trim();
    let address = match address.chars().next() {
        Some(quote @ ('"' | '\'')) => address[1..].split(quote).next().unwrap_or_default(),
        _ => address,
    };
    base.join(address).ok().map(|url| (seconds, url))
}
