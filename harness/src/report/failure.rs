//! A failure as a person reads it: the sentence, the request, what was expected, what came, and
//! what to do.

use std::fmt::Write as _;

use super::record::{BodyRecord, CaseRecord, CheckRecord};
use crate::catalogue::Catalogue;
use crate::outcome::{CaseVerdict, Verdict};

/// The longest body that is shown.
const BODY: usize = 600;

/// What to read about a case that failed, was errored or warned.
#[must_use]
pub fn failure(catalogue: &Catalogue, case: &CaseRecord) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "{}", case.title);
    if case.verdict == CaseVerdict::Errored {
        let reason = case
            .reason
            .as_deref()
            .unwrap_or("it could not be found out");
        let _ = writeln!(text, "  errored:  {reason}");
    }
    let worst = match case.verdict {
        CaseVerdict::Failed => Verdict::Fail,
        CaseVerdict::Warned => Verdict::Warn,
        _ => Verdict::Errored,
    };
    for check in case.checks.iter().filter(|check| check.verdict == worst) {
        if case.verdict != CaseVerdict::Errored {
            sentence(&mut text, catalogue, check);
            let _ = writeln!(text, "  expected: {}", check.expected);
            let _ = writeln!(text, "  actual:   {}", check.actual);
        }
    }
    if let Some(because) = &case.deviates {
        let _ = writeln!(text, "  deviates, as documented: {because}");
    }
    if let Some(exchange) = case.exchanges.last() {
        let _ = writeln!(text, "  request:\n{}", indented(&exchange.curl));
        match (&exchange.response, &exchange.error) {
            (Some(response), _) => {
                let _ = writeln!(text, "  response: {}", response.status);
                for (name, value) in &response.headers {
                    let _ = writeln!(text, "    {}: {}", name, visible(value));
                }
                if let Some(body) = &response.body {
                    let body = match body {
                        BodyRecord::Text(text) => visible(text),
                        BodyRecord::Base64(text) => format!("(Base64) {text}"),
                    };
                    let cut: String = body.chars().take(BODY).collect();
                    let more = if cut.len() < body.len() { " …" } else { "" };
                    let _ = writeln!(text, "{}{more}", indented(&cut));
                }
            }
            (None, Some(error)) => {
                let _ = writeln!(text, "  response: none: {error}");
            }
            (None, None) => {}
        }
    }
    if let Some(hint) = &case.hint {
        let _ = writeln!(text, "  hint:     {hint}");
    }
    text
}

fn sentence(text: &mut String, catalogue: &Catalogue, check: &CheckRecord) {
    let document = catalogue.document_of(&check.requirement);
    let title = document.map_or(check.document.as_str(), |document| document.title.as_str());
    let url = document.map_or(String::new(), |document| {
        document.section_url(&check.section)
    });
    let statement = catalogue
        .requirements
        .get(&check.requirement)
        .map_or("", |requirement| requirement.statement.as_str());
    let _ = writeln!(
        text,
        "  {} ({}), section {}, {}: {statement}",
        check.document,
        title,
        check.section,
        check.level.keyword()
    );
    let _ = writeln!(text, "            {} {url}", check.requirement);
}

/// One line about a case that warned.
#[must_use]
pub fn warning(case: &CaseRecord) -> String {
    let mut text = String::new();
    for check in case
        .checks
        .iter()
        .filter(|check| check.verdict == Verdict::Warn)
    {
        let _ = writeln!(
            text,
            "  {}: {} {}: expected {}; {}",
            case.id,
            check.requirement,
            check.level.keyword(),
            check.expected,
            check.actual
        );
    }
    text
}

fn indented(text: &str) -> String {
    text.lines()
        .map(|line| format!("    {line}"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// A target's text without what would change the terminal.
fn visible(text: &str) -> String {
    text.chars()
        .flat_map(|c| {
            let shown: Vec<char> = if c != '\n' && (c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}'..='\u{200f}')) {
                c.escape_unicode().collect()
            } else {
                vec![c]
            };
            shown
        })
        .collect()
}
