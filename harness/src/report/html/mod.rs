//! `index.html`: the record as one page, for people.
//!
//! Nothing is loaded from anywhere, and the page's own policy forbids it. The template engine
//! escapes whatever is not said to be safe, and only our own script and style are.

mod view;

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

/// The record as a page.
pub(super) fn page(record: &Record) -> Result<String, String> {
    render(
        "index.html",
        include_str!("page.html"),
        context! { page => Serde(view::Page::new(record)) },
    )
}

/// A page from a template of ours.
pub(super) fn render(
    name: &'static str,
    template: &'static str,
    values: minijinja::Value,
) -> Result<String, String> {
    let mut environment = environment();
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
