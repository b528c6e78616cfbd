//! `index.html`: the record as one page, for people.
//!
//! Nothing is loaded from anywhere, and the page's own policy forbids it. The template engine
//! escapes whatever is not said to be safe, and only our own script and style are.

mod cases;
mod view;

use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, context};
use sha2::{Digest as _, Sha256};

use super::hostile::line;
use super::record::Record;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// An environment in which everything is escaped as HTML, and a name that is not there is an error.
fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment
}

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

/// Writes the record as a page: its frame, and into it case by case.
pub(super) fn page(record: &Record, out: &mut dyn Write) -> io::Result<()> {
    let mut environment = environment();
    for (name, template) in [
        ("parts.html", include_str!("parts.html")),
        ("case.html", include_str!("case.html")),
    ] {
        environment
            .add_template(name, template)
            .map_err(io::Error::other)?;
    }
    let page = view::Page::new(record);
    let frame = rendered(
        &mut environment,
        "index.html",
        include_str!("page.html"),
        context! { page => Serde(page) },
    )
    .map_err(io::Error::other)?;
    let template = environment
        .get_template("case.html")
        .map_err(io::Error::other)?;
    let requirements = cases::requirements(record);
    let mut rest = frame.as_str();
    for (group, ..) in view::GROUPS {
        // Text of a target has no `<` left here, so that none can pass for this place.
        let Some((before, after)) = rest.split_once(&format!("<!-- cases: {group} -->")) else {
            continue;
        };
        out.write_all(before.as_bytes())?;
        for case in cases::shown(record, &requirements, group) {
            let text = template
                .render(context! { case => Serde(case) })
                .map_err(io::Error::other)?;
            out.write_all(text.as_bytes())?;
        }
        rest = after;
    }
    out.write_all(rest.as_bytes())
}

/// A page from a template of ours.
pub(super) fn render(
    name: &'static str,
    template: &'static str,
    values: minijinja::Value,
) -> Result<String, String> {
    rendered(&mut environment(), name, template, values)
}

fn rendered(
    environment: &mut Environment<'static>,
    name: &'static str,
    template: &'static str,
    values: minijinja::Value,
) -> Result<String, String> {
    environment
        .add_template(name, template)
        .map_err(|error| format!("{name}: {error}"))?;
    let frame = context! { policy => policy(), style => STYLE, script => SCRIPT };
    environment
        .get_template(name)
        .and_then(|template| template.render(context! { ..values, ..frame }))
        .map_err(|error| format!("{name}: {error:#}"))
}

/// A page over the reports of several targets, each in a folder below the page's.
///
/// # Errors
/// Where the page cannot be made.
pub fn index(records: &[(String, &Record)]) -> Result<String, String> {
    let rows: Vec<minijinja::Value> = records
        .iter()
        .map(|(folder, record)| {
            context! {
                href => view::file(folder),
                name => line(&record.target.name),
                conclusion => record.conclusion().name(),
                verdict => record.verdict(),
                summary => Serde(&record.summary),
                profile => line(&record.target.profile.join(", ")),
                started => line(&record.started),
            }
        })
        .collect();
    render(
        "targets.html",
        include_str!("targets.html"),
        context! { rows => rows },
    )
}
