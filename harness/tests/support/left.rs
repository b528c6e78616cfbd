//! All that a run leaves behind, for a search in it.

use aho_corasick::{AhoCorasick, MatchKind};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::search::Secrets;
use super::{Ran, Sandbox};

/// What a link to a case has as it is.
const LINKED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'_')
    .remove(b'.');

/// A run, with all that it printed and wrote.
pub struct Left {
    pub ran: Ran,
    files: Vec<(String, Vec<u8>)>,
}

impl Left {
    pub fn behind(sandbox: &Sandbox, arguments: &[&str]) -> Self {
        let mut all = vec!["run", "--snapshots", "update", "--slow"];
        all.extend(arguments);
        let ran = sandbox.tokenspec(&all);
        let files = ["reports", "snapshots"]
            .iter()
            .flat_map(|folder| sandbox.files(folder))
            .map(|(path, bytes)| (path.display().to_string(), bytes))
            .collect();
        Self { ran, files }
    }

    /// The names that tokenspec itself gives: of trials, of requirements. The reference's identifiers
    /// are words that stand in some of them, `public-client` for one.
    fn own_names(&self) -> AhoCorasick {
        let is_report = |(name, _): &&(String, Vec<u8>)| name.ends_with("report.json");
        let (_, bytes) = self.files.iter().find(is_report).expect("a report");
        let report: Value = serde_json::from_slice(bytes).expect("JSON");
        let names = ["cases", "requirements"].into_iter().flat_map(|list| {
            let items = report[list].as_array().expect("a list").clone();
            items.into_iter().flat_map(|item| {
                let id = item["id"].as_str().expect("an id").to_owned();
                let linked = utf8_percent_encode(&id, LINKED).to_string();
                // As Markdown has it, too, and a link.
                [id.replace('_', "\\_"), linked, id]
            })
        });
        AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(names)
            .expect("an automaton")
    }

    /// What of it shows a secret, at most the first ten.
    pub fn shows(&self, secrets: &Secrets) -> Vec<String> {
        let mut texts = vec![
            ("stdout", self.ran.out.clone()),
            ("stderr", self.ran.err.clone()),
        ];
        for (name, bytes) in &self.files {
            texts.push((name, String::from_utf8_lossy(bytes).into_owned()));
            // The name of a file is written too.
            texts.push(("a file's name", name.clone()));
        }
        let own = self.own_names();
        let blank = vec![""; own.patterns_len()];
        let texts: Vec<(&str, String)> = texts
            .into_iter()
            .map(|(name, text)| (name, own.replace_all(&text, &blank)))
            .collect();
        let texts = texts.iter().map(|(name, text)| (*name, text.as_bytes()));
        let mut found = secrets.found_in(texts);
        let count = found.len();
        found.truncate(10);
        if count > 10 {
            found.push(format!("and {} more", count - 10));
        }
        found
    }
}
