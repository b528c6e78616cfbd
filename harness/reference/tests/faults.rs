//! Each fault changes something, and says what that breaks.

#![allow(clippy::unwrap_used)]

mod script;
mod support;

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use script::transcript;
use tokenspec_reference::{Fault, Personality, faults};

#[test]
fn names_are_unique_and_in_kebab_case() {
    let mut seen = HashSet::new();
    for fault in faults() {
        let name = fault.name;
        assert!(seen.insert(name), "{name} is there twice");
        let is_word = |word: &str| {
            !word.is_empty()
                && word
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        assert!(name.split('-').all(is_word), "{name}");
        assert!(fault.does.ends_with('.'), "{name}");
        assert!(!fault.breaks.is_empty(), "{name} breaks nothing");
    }
}

#[test]
fn what_a_fault_breaks_is_in_the_catalogue() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cases/requirements");
    let mut known = HashSet::new();
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path
            .extension()
            .is_some_and(|extension| extension == "toml")
        {
            let document: toml::Table = fs::read_to_string(path).unwrap().parse().unwrap();
            let rows = document["requirement"].as_array().unwrap().iter();
            known.extend(rows.map(|row| row["id"].as_str().unwrap().to_owned()));
        }
    }
    let mut unknown = Vec::new();
    for fault in faults() {
        unknown.extend(
            fault
                .breaks
                .iter()
                .filter(|id| !known.contains(**id))
                .map(|id| (fault.name, id)),
        );
    }
    assert!(unknown.is_empty(), "{unknown:#?}");
}

#[test]
fn faults_can_be_switched_on_together() {
    for personality in Personality::ALL {
        let together = |fault: &&Fault| fault.personality == personality;
        let names: Vec<_> = faults()
            .iter()
            .filter(together)
            .map(|fault| fault.name)
            .collect();
        assert_ne!(
            transcript(personality, &names),
            transcript(personality, &[])
        );
    }
}

#[test]
fn each_fault_shows() {
    let sound = Personality::ALL.map(|personality| (personality, transcript(personality, &[])));
    for (personality, lines) in &sound {
        let again = transcript(*personality, &[]);
        let differing = lines.iter().zip(&again).find(|(one, other)| one != other);
        assert_eq!(differing, None, "{personality} differs from itself");
    }
    let shows = |fault: &Fault| {
        sound.iter().any(|(personality, lines)| {
            *personality == fault.personality && *lines != transcript(*personality, &[fault.name])
        })
    };
    let (even, odd): (Vec<_>, Vec<_>) = faults().iter().enumerate().partition(|(i, _)| i % 2 == 0);
    let hidden = |half: Vec<(usize, &Fault)>| -> Vec<&str> {
        half.into_iter()
            .filter(|(_, fault)| !shows(fault))
            .map(|(_, fault)| fault.name)
            .collect()
    };
    let hidden = std::thread::scope(|scope| {
        let other = scope.spawn(|| hidden(odd));
        [hidden(even), other.join().unwrap()].concat()
    });
    assert!(hidden.is_empty(), "these change nothing: {hidden:#?}");
}
