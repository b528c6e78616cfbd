//! `badge.json` for shields.io's endpoint badge, and `badge.svg` for anywhere else.

use askama::Template;
use serde_json::json;

use super::conclusion::Conclusion;
use super::hostile::line;
use super::record::Record;

const LABEL: &str = "conformance";

/// What a badge says: what failed, else how many passed of those that were judged.
fn message(record: &Record) -> (String, &'static str) {
    let counts = &record.summary;
    match record.conclusion() {
        Conclusion::Failed => {
            let failed = record
                .cases
                .iter()
                .filter(|case| case.fails_run(record.strict))
                .count();
            let text = if failed == 0 {
                "failed".to_owned()
            } else {
                format!("{failed} failed")
            };
            (text, "#b3161f")
        }
        Conclusion::Errored if counts.errored > 0 => {
            (format!("{} errored", counts.errored), "#6f6f6f")
        }
        Conclusion::Errored if record.incomplete.is_some() => ("incomplete".to_owned(), "#6f6f6f"),
        Conclusion::Errored => ("nothing judged".to_owned(), "#6f6f6f"),
        Conclusion::Passed => {
            let judged = counts.total - counts.skipped;
            let good = counts.passed + counts.warned;
            // What is excused failed all the same.
            let color = if counts.failed > 0 {
                "#8a5a00"
            } else {
                "#17713a"
            };
            (format!("{good}/{judged} passed"), color)
        }
    }
}

/// The profile without its edition names the badge where there is only one.
fn label(record: &Record) -> String {
    match record.target.profile.as_slice() {
        [one] => line(one.split('@').next().unwrap_or(one)),
        _ => LABEL.to_owned(),
    }
}

/// The badge as shields.io's endpoint badge reads it.
pub(super) fn json(record: &Record) -> Result<String, String> {
    let (message, color) = message(record);
    let badge = json!({
        "schemaVersion": 1,
        "label": label(record),
        "message": message,
        "color": color,
        "isError": record.conclusion() != Conclusion::Passed,
    });
    super::json::pretty(&badge).map(|text| text + "\n")
}

/// The badge as a picture; `left` and `right` are the widths of its halves.
#[derive(Template)]
#[template(path = "badge.svg", escape = "html", config = "harness/askama.toml")]
struct Badge {
    label: String,
    message: String,
    color: &'static str,
    left: usize,
    right: usize,
}

/// The badge as a picture.
pub(super) fn svg(record: &Record) -> Result<String, String> {
    let (message, color) = message(record);
    let label = label(record);
    let badge = Badge {
        left: width(&label),
        right: width(&message),
        label,
        message,
        color,
    };
    badge.render().map_err(|error| error.to_string())
}

/// How wide a text is drawn, about: the picture says the same to whoever draws it.
fn width(text: &str) -> usize {
    text.chars().count() * 7 + 12
}
