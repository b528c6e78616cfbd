//! The fuzz targets of `harness/fuzz/` under a stable compiler: every file of the corpus, and each
//! with bytes of it changed, always in the same way.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

#[path = "../fuzz/src/lib.rs"]
mod fuzz;
mod support;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

use support::{ROOT, files};

/// How many changed inputs each target sees.
const CHANGED: usize = 1500;
/// None may take as long as this, whatever is in it.
const SLOW: Duration = Duration::from_secs(5);

/// Files of others that are good to begin with.
fn more(target: &str) -> &'static [&'static str] {
    match target {
        "case" => &["harness/tests/mistakes/cases", "cases/client_credentials"],
        "configuration" => &["harness/tests/mistakes/config"],
        _ => &[],
    }
}

fn corpus(target: &str) -> Vec<(String, Vec<u8>)> {
    let own = format!("harness/fuzz/corpus/{target}");
    let folders = [own.as_str()];
    let all = folders.iter().chain(more(target));
    all.flat_map(|folder| files(&Path::new(ROOT).join(folder)))
        .filter(|(path, bytes)| {
            path.extension().is_none_or(|end| end == "toml") && bytes.len() < 65_536
        })
        .map(|(path, bytes)| (path.display().to_string(), bytes))
        .collect()
}

/// Numbers that look like chance and are always the same (xorshift).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % (end.max(1) as u64)).expect("it is smaller than that")
    }
}

/// What readers stumble over.
const ODD: &[&[u8]] = &[
    b"\0",
    b"\n",
    b"\r\n",
    b"\"",
    b"'",
    b"\\",
    b"{{",
    b"}}",
    b"${",
    b"[[",
    b"]]",
    b"=",
    b".",
    b"..",
    b"-1",
    b"9223372036854775808",
    b"1e999",
    b"NaN",
    b"\xff",
    b"\xc3\x28",
    "\u{202e}".as_bytes(),
    "ß".as_bytes(),
    b"%00",
    b"<",
    b"</",
    b"<!--",
    b"<form",
    b"<select><option",
    b"&#x110000;",
    b"inline = { a = 1 }",
    b"(?:a{1000}){1000}",
    b"0000000000000000000000000",
];

fn changed(bytes: &[u8], other: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=numbers.below(4) {
        let at = numbers.below(bytes.len() + 1);
        let end = (at + numbers.below(24)).min(bytes.len());
        match numbers.below(6) {
            0 if at < bytes.len() => bytes[at] ^= 1 << numbers.below(8),
            1 => drop(bytes.drain(at..end)),
            2 => {
                let part = bytes[at..end].to_vec();
                drop(bytes.splice(at..at, part));
            }
            3 => bytes.truncate(at),
            4 => {
                let from = numbers.below(other.len() + 1);
                let to = (from + numbers.below(80)).min(other.len());
                drop(bytes.splice(at..end, other[from..to].iter().copied()));
            }
            _ => {
                let odd = ODD[numbers.below(ODD.len())];
                drop(bytes.splice(at..at, odd.iter().copied()));
            }
        }
    }
    bytes
}

fn look_at(name: &str) {
    let (_, run) = fuzz::TARGETS
        .iter()
        .find(|(known, _)| *known == name)
        .expect("a target of that name");
    let corpus = corpus(name);
    assert!(corpus.len() >= 3, "{name} has no corpus");
    let check = |what: &str, bytes: &[u8]| {
        let started = Instant::now();
        let panicked = catch_unwind(AssertUnwindSafe(|| run(bytes))).is_err();
        let took = started.elapsed();
        assert!(
            !panicked && took < SLOW,
            "{name}: {what}, {took:?}; as bytes: {}",
            String::from_utf8_lossy(bytes).escape_debug()
        );
    };
    for (path, bytes) in &corpus {
        check(path, bytes);
    }
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    for _ in 0..CHANGED {
        let (path, bytes) = &corpus[numbers.below(corpus.len())];
        let (_, other) = &corpus[numbers.below(corpus.len())];
        check(path, &changed(bytes, other, &mut numbers));
    }
}

#[test]
fn the_case_parser_takes_any_bytes() {
    look_at("case");
}

#[test]
fn the_configuration_takes_any_bytes() {
    look_at("configuration");
}

#[test]
fn the_judge_takes_any_bytes() {
    look_at("judge");
}

#[test]
fn the_reader_of_jwts_and_key_sets_takes_any_bytes() {
    look_at("jwt");
}

#[test]
fn the_reader_of_login_forms_takes_any_bytes() {
    look_at("login_form");
}

/// A page may have a mebibyte, full of whatever it likes: what is done with each thing in it does not grow with
/// their number.
#[test]
fn a_long_page_is_read_as_quickly_as_its_parts() {
    let post = "<form method=post>";
    let multipart = "<form method=post enctype=multipart/form-data><button>Allow</button>";
    let fieldsets = "<fieldset>".repeat(40_000);
    for (start, unit) in [
        (post, "<button>Allow</button>"),
        (post, "<input name=a>"),
        (multipart, "<input type=hidden name=a>"),
        ("", "<form id=a></form><input form=b>"),
        ("", "<label for=a>b<form><input type=password>"),
        (fieldsets.as_str(), "<input name=a>"),
        ("<p class=error>", "<p class=error></b>"),
    ] {
        let page = format!(
            "{start}{}",
            unit.repeat(((1 << 20) - start.len()) / unit.len())
        );
        let begun = Instant::now();
        fuzz::login_form(page.as_bytes());
        let took = begun.elapsed();
        assert!(
            took < SLOW,
            "{start:.40} and {unit} again and again: {took:?}"
        );
    }
}

/// Each function that is fuzzed has its target and its corpus, and the other way round.
#[test]
fn every_target_has_its_file_and_its_corpus() {
    let folder = |name: &str| Path::new(ROOT).join("harness/fuzz").join(name);
    let names = |path: &Path| {
        let entries = std::fs::read_dir(path).expect("a folder");
        let mut names: Vec<String> = entries
            .map(|entry| entry.expect("an entry").path())
            .map(|path| {
                path.file_stem()
                    .expect("a name")
                    .to_string_lossy()
                    .into_owned()
            })
            .collect();
        names.sort();
        names
    };
    let mut known: Vec<&str> = fuzz::TARGETS.iter().map(|(name, _)| *name).collect();
    known.sort_unstable();
    assert_eq!(names(&folder("targets")), known);
    assert_eq!(names(&folder("corpus")), known);
}
