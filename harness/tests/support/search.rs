//! Looks for secrets in what left a process, in every encoding in which they could be there.
//!
//! Nothing is shared with the masking that it tests: encodings are made here, byte by byte.

use std::collections::{BTreeMap, BTreeSet};

use aho_corasick::AhoCorasick;

/// How much of a long value has to be there to count: its start, its middle or its end.
const WINDOW: usize = 24;
/// Less than that says nothing in Base64.
const SHORTEST: usize = 6;

/// Values by what they are.
#[derive(Default, Debug)]
pub struct Secrets {
    by_value: BTreeMap<String, String>,
}

impl Secrets {
    pub fn add(&mut self, what: &str, value: &str) {
        assert!(
            value.len() >= 3,
            "{what} is too short to be looked for: {value}"
        );
        self.by_value
            .entry(value.to_owned())
            .or_insert_with(|| what.to_owned());
    }

    /// A client: its id, its secret, and both as HTTP Basic sends them.
    pub fn client(&mut self, name: &str, id: &str, secret: Option<&str>) {
        self.add(&format!("id of {name}"), id);
        if let Some(secret) = secret {
            self.add(&format!("secret of {name}"), secret);
            self.add(&format!("pair of {name}"), &format!("{id}:{secret}"));
            let pair = format!("{}:{}", form(id.as_bytes()), form(secret.as_bytes()));
            self.add(&format!("pair of {name}"), &pair);
        }
    }

    /// All clients of a configuration.
    pub fn config(&mut self, text: &str) {
        let config: toml::Table = text.parse().expect("TOML");
        for (_, target) in config["target"].as_table().expect("targets") {
            for client in target["client"].as_array().expect("clients") {
                let text = |key: &str| client.get(key).and_then(toml::Value::as_str);
                self.client(
                    text("name").expect("a name"),
                    text("id").expect("an id"),
                    text("secret"),
                );
            }
        }
    }

    /// What a server gave in recorded traffic: codes, tokens, cookies; and what proves a code.
    pub fn traffic(&mut self, traffic: &[Vec<u8>]) {
        for bytes in traffic {
            let text = String::from_utf8_lossy(bytes);
            for member in ["access_token", "refresh_token", "id_token"] {
                for (at, name) in text.match_indices(&format!("\"{member}\":")) {
                    let rest = &text[at + name.len()..];
                    let mut values = serde_json::Deserializer::from_str(rest).into_iter::<String>();
                    if let Some(Ok(value)) = values.next()
                        && value.len() >= SHORTEST
                    {
                        self.add(member, &value);
                    }
                }
            }
            for line in text.lines() {
                let lower = line.to_ascii_lowercase();
                let end = |c: char| c == '&' || c.is_whitespace();
                if lower.starts_with("location:") {
                    for start in ["?code=", "&code="] {
                        between(line, start, end)
                            .for_each(|value| self.add("code", &unescaped(value)));
                    }
                }
                if lower.starts_with("set-cookie:") {
                    between(line, "=", |c| c == ';' || c == '\r')
                        .take(1)
                        .for_each(|value| self.add("cookie", value));
                }
                for start in ["&code_verifier=", "?code_verifier="] {
                    between(line, start, end)
                        .filter(|value| value.len() >= 43)
                        .for_each(|value| self.add("code_verifier", value));
                }
            }
        }
    }

    pub fn count(&self, what: &str) -> usize {
        self.by_value
            .values()
            .filter(|known| known.as_str() == what)
            .count()
    }

    /// What is found in `texts`, each with the name of the text and some of what is around it.
    pub fn found_in<'t>(
        &self,
        texts: impl IntoIterator<Item = (&'t str, &'t [u8])>,
    ) -> Vec<String> {
        let mut needles: BTreeMap<Vec<u8>, &str> = BTreeMap::new();
        for (value, what) in &self.by_value {
            for window in windows(value) {
                needles.entry(window).or_insert(what);
            }
        }
        let names: Vec<&str> = needles.values().copied().collect();
        let automaton = AhoCorasick::new(needles.keys()).expect("an automaton");
        let mut found = BTreeSet::new();
        for (name, text) in texts {
            for hit in automaton.find_overlapping_iter(text) {
                let around = hit.start().saturating_sub(60)..(hit.end() + 20).min(text.len());
                let around = String::from_utf8_lossy(&text[around]).replace('\n', "⏎");
                found.insert(format!(
                    "{name}: {} in: {around}",
                    names[hit.pattern().as_usize()]
                ));
            }
        }
        found.into_iter().collect()
    }
}

fn between<'t>(
    text: &'t str,
    start: &'t str,
    end: impl Fn(char) -> bool + Copy + 't,
) -> impl Iterator<Item = &'t str> {
    text.match_indices(start).filter_map(move |(at, _)| {
        let rest = &text[at + start.len()..];
        let value = &rest[..rest.find(end).unwrap_or(rest.len())];
        (!value.is_empty()).then_some(value)
    })
}

/// Percent escapes undone.
fn unescaped(text: &str) -> String {
    percent_encoding::percent_decode_str(text)
        .decode_utf8_lossy()
        .into_owned()
}

/// The parts of a value to look for, in every encoding.
fn windows(value: &str) -> BTreeSet<Vec<u8>> {
    let mut forms: BTreeSet<Vec<u8>> = BTreeSet::new();
    for inner in [
        value.as_bytes().to_vec(),
        form(value.as_bytes()).into_bytes(),
    ] {
        for skipped in 0..3 {
            forms.extend(
                base64(&inner, skipped)
                    .into_iter()
                    .filter(|form| form.len() >= SHORTEST),
            );
        }
        forms.insert(inner);
    }
    for upper in [true, false] {
        forms.insert(percent(value.as_bytes(), upper, false).into_bytes());
        forms.insert(percent(value.as_bytes(), upper, true).into_bytes());
    }
    let json = serde_json::to_string(value).expect("JSON");
    forms.insert(json.trim_matches('"').as_bytes().to_vec());
    forms.insert(json.trim_matches('"').replace('/', "\\/").into_bytes());
    let xml = value
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    forms.insert(xml.replace('"', "&quot;").into_bytes());
    forms.insert(xml.into_bytes());
    // As the page escapes it.
    let html = value
        .replace('&', "&#38;")
        .replace('<', "&#60;")
        .replace('>', "&#62;")
        .replace('"', "&#34;")
        .replace('\'', "&#39;");
    forms.insert(html.into_bytes());
    forms.insert(value.replace('\'', "'\\''").into_bytes());
    forms.into_iter().flat_map(|form| parts(&form)).collect()
}

fn parts(form: &[u8]) -> Vec<Vec<u8>> {
    if form.len() <= WINDOW {
        return vec![form.to_vec()];
    }
    let last = form.len() - WINDOW;
    [0, last / 2, last]
        .iter()
        .map(|&start| form[start..start + WINDOW].to_vec())
        .collect()
}

/// `application/x-www-form-urlencoded`.
pub fn form(bytes: &[u8]) -> String {
    percent(bytes, true, true)
}

fn percent(bytes: &[u8], upper: bool, plus: bool) -> String {
    let mut text = String::new();
    for &byte in bytes {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => {
                text.push(char::from(byte))
            }
            b'*' if plus => text.push('*'),
            b'~' if !plus => text.push('~'),
            b' ' if plus => text.push('+'),
            _ if upper => text.push_str(&format!("%{byte:02X}")),
            _ => text.push_str(&format!("%{byte:02x}")),
        }
    }
    text
}

/// Base64 in both alphabets of what follows `skipped` other bytes; only the characters that those,
/// and what comes after, do not change.
pub fn base64(bytes: &[u8], skipped: usize) -> [Vec<u8>; 2] {
    let encode = |alphabet: &[u8; 64]| {
        let bits: Vec<u8> = std::iter::repeat_n(0, skipped)
            .chain(bytes.iter().copied())
            .flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1))
            .collect();
        let whole = bits.chunks_exact(6);
        let known = (skipped * 8).div_ceil(6);
        whole
            .skip(known)
            .map(|six| {
                alphabet[six
                    .iter()
                    .fold(0, |value, bit| value * 2 + usize::from(*bit))]
            })
            .collect()
    };
    [
        encode(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"),
        encode(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
    ]
}
