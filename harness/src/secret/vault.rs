//! All secrets that a run knows, and the pass that replaces them by their names.
//!
//! Two nets. Whole values in all their encodings are found by an automaton: these are few, the
//! credentials of the configuration above all. And every stretch of sixteen bytes of any secret is
//! known by its hash, so that a token is found also where it is cut, and so that learning another
//! token costs next to nothing while the run goes on.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hash, Hasher};
use std::ops::Range;
use std::sync::{Arc, PoisonError, RwLock};

use aho_corasick::{AhoCorasick, MatchKind};

use super::{encodings, wrapped};

/// The length of a stretch.
const STRETCH: usize = 16;
/// The longest value that is looked for in every encoding; a longer one (a JWT) is looked for
/// plain and percent-encoded.
const ALL_ENCODINGS: usize = 160;
/// A value of up to so many bytes can stand among others by chance.
const SHORT: usize = 5;
const BASE: u64 = 0x0100_0000_01b3;

/// What kind of secret a value is, which decides how it is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretKind {
    /// One of a few: a credential of the configuration, or what is made of one. It is found as a whole
    /// in every encoding, however short it is.
    Credential,
    /// One that can be a word, as a client's identifier: replaced only where it stands alone.
    Identifier,
    /// One of many that a run learns: what a server issues, and what is made at random. Its stretches
    /// find it, unless it is shorter than one.
    Issued,
}

/// The secrets of a run.
#[derive(Debug, Default)]
pub struct Vault {
    inner: RwLock<Inner>,
}

/// The hash of a hash: mixed, and no more. A server that chose its tokens to collide here would slow
/// the search for its own tokens.
#[derive(Default)]
struct Mixed(u64);

impl Hasher for Mixed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(self.0 ^ u64::from(byte));
        }
    }

    fn write_u64(&mut self, hash: u64) {
        let mixed = hash.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ (mixed >> 32);
    }
}

#[derive(Default)]
struct Inner {
    names: Vec<String>,
    known: HashMap<String, usize>,
    wholes: Vec<Whole>,
    stretches: HashSet<Stretch, BuildHasherDefault<Mixed>>,
    automaton: Option<Arc<AhoCorasick>>,
    own: HashSet<String>,
    /// The length of the longest of them.
    longest_own: usize,
}

impl Inner {
    /// Whether a word is a part of a name of our own: with what stands around it up to a space, a
    /// quote or a semicolon, and without punctuation at its ends.
    fn is_in_own_name(&self, bytes: &[u8], word: &Range<usize>) -> bool {
        let is_end = |byte: &u8| byte.is_ascii_whitespace() || b"\"'`;".contains(byte);
        let room = self.longest_own + 4;
        let from = word.start.saturating_sub(room);
        let until = (word.end + room).min(bytes.len());
        let start = bytes[from..word.start].iter().rposition(is_end);
        let end = bytes[word.end..until].iter().position(is_end);
        let start = start.map_or(from, |at| from + at + 1);
        let end = end.map_or(until, |at| word.end + at);
        std::str::from_utf8(&bytes[start..end]).is_ok_and(|text| {
            let name = text.trim_start_matches('(');
            self.own
                .contains(name.trim_end_matches([',', '.', ':', ')']))
        })
    }
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} secrets", self.known.len())
    }
}

/// A stretch of a secret: 48 bits of its hash, by which it is known, and 16 of its name's index.
/// There are more than a hundred for each secret, so eight bytes count.
#[derive(Debug, Clone, Copy)]
struct Stretch(u64);

impl Stretch {
    fn new(hash: u64, name: usize) -> Self {
        let name = u16::try_from(name).unwrap_or(u16::MAX);
        let mixed = hash.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Self(mixed & !u64::from(u16::MAX) | u64::from(name))
    }

    const fn known_by(self) -> u64 {
        self.0 >> 16
    }

    const fn name(self) -> usize {
        (self.0 & 0xffff) as usize
    }
}

impl PartialEq for Stretch {
    fn eq(&self, other: &Self) -> bool {
        self.known_by() == other.known_by()
    }
}

impl Eq for Stretch {}

impl Hash for Stretch {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.known_by());
    }
}

struct Whole {
    text: String,
    name: usize,
    /// It counts only where no letter or digit stands beside it: identifiers can be short words.
    bounded: bool,
}

impl Vault {
    /// Learns a secret under the name that is shown in its place, without braces.
    pub fn learn(&self, kind: SecretKind, name: &str, value: &str) {
        if value.is_empty() {
            return;
        }
        {
            let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
            if inner.known.contains_key(value) {
                return;
            }
        }
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        let index = match inner.names.iter().position(|known| known == name) {
            Some(index) => index,
            None => {
                inner.names.push(name.to_owned());
                inner.names.len() - 1
            }
        };
        if inner.known.insert(value.to_owned(), index).is_some() {
            return;
        }
        let forms = if value.len() <= ALL_ENCODINGS {
            encodings::all(value)
        } else {
            let mut forms = vec![value.to_owned()];
            let encoded = encodings::form_encode(value.as_bytes());
            if encoded != value {
                forms.push(encoded);
            }
            forms
        };
        let bounded = kind == SecretKind::Identifier;
        for form in forms {
            if !bounded && form.len() >= STRETCH {
                let stretches = hashes(form.as_bytes()).map(|hash| Stretch::new(hash, index));
                for stretch in stretches {
                    // The first that has it keeps it.
                    inner.stretches.insert(stretch);
                }
            }
            // What was issued is long and random: its stretches find it, and the automaton
            // need not be built anew for each.
            if kind != SecretKind::Issued || form.len() < STRETCH {
                inner.wholes.push(Whole {
                    text: form,
                    name: index,
                    bounded,
                });
                inner.automaton = None;
            }
        }
    }

    /// Names of our own, as those of trials: an identifier that is a word of one is not replaced
    /// there. A credential is, wherever it stands.
    pub fn spare<'n>(&self, names: impl Iterator<Item = &'n str>) {
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        inner.own = names.map(str::to_owned).collect();
        inner.longest_own = inner.own.iter().map(String::len).max().unwrap_or_default();
    }

    fn automaton(&self) -> Option<Arc<AhoCorasick>> {
        {
            let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
            if inner.wholes.is_empty() {
                return None;
            }
            if let Some(automaton) = &inner.automaton {
                return Some(Arc::clone(automaton));
            }
        }
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        let built = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .build(inner.wholes.iter().map(|whole| whole.text.as_bytes()))
            .ok()?;
        let built = Arc::new(built);
        inner.automaton = Some(Arc::clone(&built));
        Some(built)
    }

    /// The text with every secret replaced by its name in double braces.
    #[must_use]
    pub fn mask<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match self.mask_bytes(text.as_bytes()) {
            Cow::Borrowed(_) => Cow::Borrowed(text),
            Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
        }
    }

    /// The same for bytes.
    #[must_use]
    pub fn mask_bytes<'t>(&self, bytes: &'t [u8]) -> Cow<'t, [u8]> {
        let wrapped = self.wrapped(bytes);
        if wrapped.is_empty() {
            return self.mask_plain(bytes);
        }
        let mut masked = Vec::with_capacity(bytes.len());
        let mut at = 0;
        for (range, name) in wrapped {
            masked.extend_from_slice(&self.mask_plain(&bytes[at..range.start]));
            masked.extend_from_slice(format!("{{{{{name}}}}}").as_bytes());
            at = range.end;
        }
        masked.extend_from_slice(&self.mask_plain(&bytes[at..]));
        Cow::Owned(masked)
    }

    /// Base64 with a secret in it, and what to show in its place: its text, masked.
    fn wrapped(&self, bytes: &[u8]) -> Vec<(Range<usize>, String)> {
        let mut found = Vec::new();
        // A token that is known as a whole has its own name, whatever its parts would decode to.
        let tokens = self.whole_tokens(bytes);
        for range in wrapped::stretches(bytes) {
            let inside = |(token, _): &(Range<usize>, usize)| {
                token.start <= range.start && range.end <= token.end
            };
            if tokens.iter().any(inside) {
                continue;
            }
            let Some(decoded) = wrapped::decoded(&bytes[range.clone()]) else {
                continue;
            };
            let text = std::str::from_utf8(&decoded)
                .ok()
                .filter(|text| !text.chars().any(char::is_control));
            let name = match text {
                Some(text) => match self.mask(text) {
                    Cow::Owned(text) => format!("Base64 of {}", text.replace(['{', '}'], "")),
                    Cow::Borrowed(_) => continue,
                },
                // Among bytes that are no text, a short value can stand by chance.
                None if range.len() >= STRETCH && self.sees_more_than(&decoded, SHORT) => {
                    "Base64 with a secret in it".to_owned()
                }
                None => continue,
            };
            found.push((range, name));
        }
        found
    }

    /// Whether anything longer than `least` would be replaced.
    fn sees_more_than(&self, bytes: &[u8], least: usize) -> bool {
        self.marks(bytes).iter().any(|(mark, _)| mark.len() > least)
    }

    fn mask_plain<'t>(&self, bytes: &'t [u8]) -> Cow<'t, [u8]> {
        let marks = self.marks(bytes);
        if marks.is_empty() {
            return Cow::Borrowed(bytes);
        }
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        let mut masked = Vec::with_capacity(bytes.len());
        let mut at = 0;
        for (range, name) in marks {
            masked.extend_from_slice(&bytes[at..range.start]);
            masked.extend_from_slice(b"{{");
            masked.extend_from_slice(inner.names[name].as_bytes());
            masked.extend_from_slice(b"}}");
            at = range.end;
        }
        masked.extend_from_slice(&bytes[at..]);
        Cow::Owned(masked)
    }

    /// Whether anything in `bytes` would be replaced.
    #[must_use]
    pub fn sees(&self, bytes: &[u8]) -> bool {
        matches!(self.mask_bytes(bytes), Cow::Owned(_))
    }

    /// What is replaced by which name: in order, without overlaps.
    fn marks(&self, bytes: &[u8]) -> Vec<(Range<usize>, usize)> {
        let mut found = self.whole_tokens(bytes);
        let mut words: Vec<(Range<usize>, usize)> = Vec::new();
        if let Some(automaton) = self.automaton() {
            let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
            for hit in automaton.find_overlapping_iter(bytes) {
                let Some(whole) = inner.wholes.get(hit.pattern().as_usize()) else {
                    continue;
                };
                if !whole.bounded {
                    found.push((hit.range(), whole.name));
                } else if stands_alone(bytes, &hit.range()) {
                    words.push((hit.range(), whole.name));
                }
            }
        }
        if !words.is_empty() {
            let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
            found.extend(
                words
                    .into_iter()
                    .filter(|(word, _)| !inner.is_in_own_name(bytes, word)),
            );
        }
        // The leftmost, and of those the longest, wins.
        found.sort_by_key(|(range, _)| (range.start, usize::MAX - range.end));
        let mut marks: Vec<(Range<usize>, usize)> = Vec::new();
        for (range, name) in found {
            match marks.last_mut() {
                Some((last, _)) if range.start < last.end => last.end = last.end.max(range.end),
                _ => marks.push((range, name)),
            }
        }
        self.add_stretches(bytes, &mut marks);
        marks
    }

    /// Where an issued value stands as a whole, between characters that no token has.
    fn whole_tokens(&self, bytes: &[u8]) -> Vec<(Range<usize>, usize)> {
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        let token = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(byte);
        let mut found = Vec::new();
        let mut start = 0;
        for end in 0..=bytes.len() {
            if bytes.get(end).is_some_and(token) {
                continue;
            }
            if end - start >= STRETCH
                && let Ok(text) = std::str::from_utf8(&bytes[start..end])
            {
                // In a form or a query, the value stands behind `name=`.
                let behind = text.find('=').map(|at| start + at + 1);
                for from in [Some(start), behind].into_iter().flatten() {
                    let value = std::str::from_utf8(&bytes[from..end]).unwrap_or_default();
                    if let Some(&name) = inner.known.get(value) {
                        found.push((from..end, name));
                        break;
                    }
                }
            }
            start = end + 1;
        }
        found
    }

    /// Marks the stretches of secrets that no whole value covers.
    fn add_stretches(&self, bytes: &[u8], marks: &mut Vec<(Range<usize>, usize)>) {
        if bytes.len() < STRETCH {
            return;
        }
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        if inner.stretches.is_empty() {
            return;
        }
        let mut more: Vec<(Range<usize>, usize)> = Vec::new();
        for (start, hash) in hashes(bytes).enumerate() {
            let Some(stretch) = inner.stretches.get(&Stretch::new(hash, 0)) else {
                continue;
            };
            let name = stretch.name();
            let end = start + STRETCH;
            match more.last_mut() {
                Some((last, _)) if start <= last.end => last.end = end,
                _ => more.push((start..end, name)),
            }
        }
        if more.is_empty() {
            return;
        }
        // What a whole value covers keeps its name; the rest of a stretch gets the stretch's.
        let mut all = std::mem::take(marks);
        let wholes = all.clone();
        for (mut range, name) in more {
            for (whole, _) in &wholes {
                if whole.end <= range.start || whole.start >= range.end {
                    continue;
                }
                if range.start < whole.start {
                    all.push((range.start..whole.start, name));
                }
                range.start = whole.end.min(range.end);
            }
            if range.start < range.end {
                all.push((range, name));
            }
        }
        all.sort_by_key(|(range, _)| range.start);
        *marks = all;
    }
}

/// Whether no letter or digit stands beside the range; one that belongs to an escape (`%3D`, `\n`,
/// `\x3d`, `\u003d`) is none.
fn stands_alone(bytes: &[u8], range: &Range<usize>) -> bool {
    let before = &bytes[..range.start];
    let escaped = |start: &[u8], digits: usize| {
        let at = before.len().checked_sub(start.len() + digits);
        at.is_some_and(|at| {
            before[at..].starts_with(start)
                && before[at + start.len()..].iter().all(u8::is_ascii_hexdigit)
        })
    };
    let letter = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let after_letter = letter(before.last())
        && !escaped(b"%", 2)
        && !escaped(b"\\x", 2)
        && !escaped(b"\\u", 4)
        && before.iter().rev().nth(1) != Some(&b'\\');
    !after_letter && !letter(bytes.get(range.end))
}

/// The hash of each stretch of the bytes, from the first on.
fn hashes(bytes: &[u8]) -> impl Iterator<Item = u64> + '_ {
    let top = (0..STRETCH - 1).fold(1_u64, |power, _| power.wrapping_mul(BASE));
    let mut hash = bytes
        .iter()
        .take(STRETCH - 1)
        .fold(0_u64, |hash, &byte| step(hash, byte));
    (STRETCH - 1..bytes.len()).map(move |end| {
        hash = step(hash, bytes[end]);
        let whole = hash;
        let first = u64::from(bytes[end + 1 - STRETCH]) + 1;
        hash = hash.wrapping_sub(first.wrapping_mul(top));
        whole.wrapping_mul(0x9E37_79B9_7F4A_7C15)
    })
}

const fn step(hash: u64, byte: u8) -> u64 {
    hash.wrapping_mul(BASE).wrapping_add(byte as u64 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vault() -> Vault {
        let vault = Vault::default();
        vault.learn(
            SecretKind::Credential,
            "client.secret",
            "s3cr3t/with space+and%",
        );
        vault.learn(SecretKind::Identifier, "client.id", "web");
        vault.learn(
            SecretKind::Issued,
            "access_token",
            "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlLWJ5dGVz",
        );
        vault
    }

    #[test]
    fn a_secret_is_masked_in_every_encoding() {
        let vault = vault();
        let secret = "s3cr3t/with space+and%";
        let basic = encodings::base64(
            format!("web:{}", encodings::form_encode(secret.as_bytes())).as_bytes(),
        );
        for text in [
            secret.to_owned(),
            encodings::form_encode(secret.as_bytes()),
            encodings::form_encode(secret.as_bytes()).to_lowercase(),
            "s3cr3t%2Fwith%20space%2Band%25".to_owned(),
            basic,
            encodings::base64url(format!("x:{secret}").as_bytes()),
            "s3cr3t\\/with space+and%".to_owned(),
        ] {
            let masked = vault.mask(&text);
            assert!(masked.contains("client.secret}}"), "{text} -> {masked}");
            assert!(!masked.contains("s3cr3t"), "{masked}");
        }
    }

    #[test]
    fn a_token_is_masked_also_where_it_is_cut() {
        let vault = vault();
        let token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlLWJ5dGVz";
        assert_eq!(vault.mask(&format!("a {token} b")), "a {{access_token}} b");
        assert_eq!(vault.mask(&token[..20]), "{{access_token}}");
        assert_eq!(vault.mask(&token[30..]), "{{access_token}}");
    }

    /// What a value is called says nothing of what it is: a client may be named `codes`.
    #[test]
    fn a_credential_keeps_its_name_whatever_that_is() {
        let vault = Vault::default();
        vault.learn(
            SecretKind::Issued,
            "access_token",
            "s3cr3t-that-is-long-0123456789",
        );
        vault.learn(
            SecretKind::Credential,
            "codes.secret",
            "a-s3cr3t-that-is-long-0123456789-too",
        );
        assert_eq!(
            vault.mask("x=a-s3cr3t-that-is-long-0123456789-too&y"),
            "x={{codes.secret}}&y"
        );
    }

    #[test]
    fn an_identifier_is_masked_only_where_it_stands_alone() {
        let vault = vault();
        assert_eq!(
            vault.mask("client_id=web&x=webserver web."),
            "client_id={{client.id}}&x=webserver {{client.id}}."
        );
    }

    #[test]
    fn an_identifier_is_not_masked_in_a_name_of_our_own() {
        let vault = vault();
        vault.learn(SecretKind::Credential, "other.secret", "short-web");
        vault.spare(["suite/for-web", "suite/for-web-too", "a/short-web"].into_iter());
        assert_eq!(
            vault.mask("suite/for-web (web), suite/for-web-too; suite/for-web-three, x/web"),
            "suite/for-web ({{client.id}}), suite/for-web-too; suite/for-{{client.id}}-three, x/{{client.id}}"
        );
        // What guards something is masked all the same.
        assert_eq!(vault.mask("a/short-web"), "a/{{other.secret}}");
    }

    #[test]
    fn a_token_whose_claims_name_the_client_keeps_its_own_name() {
        let vault = Vault::default();
        vault.learn(SecretKind::Identifier, "client.id", "web-client");
        let claims = encodings::base64url(b"{\"aud\":\"web-client\",\"jti\":\"1\"}");
        let token = format!("eyJhbGciOiJSUzI1NiJ9.{claims}.c2lnbmF0dXJl");
        vault.learn(SecretKind::Issued, "access_token", &token);
        assert_eq!(
            vault.mask(&format!("t={token}&x=1")),
            "t={{access_token}}&x=1"
        );
        assert!(vault.mask(&claims).contains("client.id"));
    }

    #[test]
    fn a_token_with_a_secret_in_it_keeps_its_own_name() {
        let vault = Vault::default();
        vault.learn(
            SecretKind::Issued,
            "access_token",
            "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
        );
        vault.learn(SecretKind::Issued, "start.nonce", "bm9uY2Vub25jZW5vbmNl");
        vault.learn(
            SecretKind::Issued,
            "id_token",
            "eyJhbGciOiJSUzI1NiJ9.bm9uY2Vub25jZW5vbmNl.b3RoZXItc2ln",
        );
        let text = "{\"id_token\":\"eyJhbGciOiJSUzI1NiJ9.bm9uY2Vub25jZW5vbmNl.b3RoZXItc2ln\"}";
        assert_eq!(vault.mask(text), "{\"id_token\":\"{{id_token}}\"}");
        let form = "a=b&token=eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl";
        assert_eq!(vault.mask(form), "a=b&token={{access_token}}");
    }

    #[test]
    fn an_escape_before_an_identifier_is_no_word() {
        let vault = vault();
        assert_eq!(
            vault.mask("id%3Dweb%26x, \\nweb, \\u003dweb"),
            "id%3D{{client.id}}%26x, \\n{{client.id}}, \\u003d{{client.id}}"
        );
        assert_eq!(vault.mask("spiderweb"), "spiderweb");
    }

    #[test]
    fn base64_is_masked_as_what_it_says() {
        let vault = vault();
        let basic = |pair: &str| encodings::base64(pair.as_bytes());
        assert_eq!(
            vault.mask(&format!("Basic {}", basic("web:wrong"))),
            "Basic {{Base64 of client.id:wrong}}"
        );
        let wrong = format!("x{{random}}:{}1", "s3cr3t/with space+and%");
        assert_eq!(
            vault.mask(&basic(&wrong)),
            "{{Base64 of xrandom:client.secret1}}"
        );
        assert!(
            vault
                .mask(&basic(&basic("web:wrong")))
                .starts_with("{{Base64 of Base64 of client.id")
        );
    }

    #[test]
    fn nothing_else_is_touched() {
        assert!(matches!(
            vault().mask("nothing here to hide at all"),
            Cow::Borrowed(_)
        ));
    }
}
