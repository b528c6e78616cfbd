//! `index.html`: the record as one page, for people.
//!
//! Nothing is loaded from anywhere, and the page's own policy forbids it. The template engine
//! escapes whatever is not said to be safe, and only our own script and style are.

mod cases;
mod view;

use std::io::{self, Write};

use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::hostile::line;
use super::record::{Record, Summary};
use crate::config::Implementation;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// The source of an inline script or style, as a policy names it.
fn hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text)))
}

/// A policy under which the page shows itself and can load, send and embed nothing.
fn policy() -> String {
    format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    )
}

/// What every page of ours has: its policy, style and script.
struct Frame {
    policy: String,
    style: &'static str,
    script: &'static str,
}

impl Frame {
    fn new() -> Self {
        Self {
            policy: policy(),
            style: STYLE,
            script: SCRIPT,
        }
    }
}

/// Writes the record as a page: its frame, and into it case by case.
pub(super) fn page(record: &Record, out: &mut dyn Write) -> io::Result<()> {
    let frame = view::Report::new(record).render();
    let frame = frame.map_err(io::Error::other)?;
    let known = cases::Known::new(record);
    let mut rest = frame.as_str();
    for (group, ..) in view::GROUPS {
        // Text of a target has no `<` left here, so that none can pass for this place.
        let Some((before, after)) = rest.split_once(&format!("<!-- cases: {group} -->")) else {
            continue;
        };
        out.write_all(before.as_bytes())?;
        for case in cases::shown(record, &known, group) {
            case.write_into(out)?;
        }
        rest = after;
    }
    out.write_all(rest.as_bytes())
}

/// The reports of several targets.
#[derive(Template)]
#[template(path = "targets.html", config = "harness/askama.toml")]
struct Targets<'r> {
    frame: Frame,
    rows: Vec<Row<'r>>,
}

struct Row<'r> {
    href: String,
    name: String,
    implementation: Option<String>,
    conclusion: &'static str,
    verdict: String,
    summary: &'r Summary,
    profile: String,
    started: String,
}

/// A page over the reports of several targets, each in a folder below the page's.
///
/// # Errors
/// Where the page cannot be made.
pub fn index(records: &[(String, &Record)]) -> Result<String, String> {
    let rows = records
        .iter()
        .map(|(folder, record)| Row {
            href: view::file(folder),
            name: line(&record.target.name),
            implementation: record
                .implementation
                .as_ref()
                .and_then(Implementation::shown)
                .as_deref()
                .map(line),
            conclusion: record.conclusion().name(),
            verdict: record.verdict(),
            summary: &record.summary,
            profile: line(&record.target.profile.join(", ")),
            // To the minute.
            started: line(&record.started)
                .replace('T', " ")
                .chars()
                .take(16)
                .collect(),
        })
        .collect();
    let targets = Targets {
        frame: Frame::new(),
        rows,
    };
    targets.render().map_err(|error| error.to_string())
}
