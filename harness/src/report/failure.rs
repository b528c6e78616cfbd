//! A failure as a person reads it: the sentence, the request, what was expected, what came, and
//! what to do.

use std::fmt::Write as _;

use super::hostile::{line, visible};
use super::make::exchange_record;
use super::record::{
    BodyRecord, CaseRecord, CheckRecord, ExchangeRecord, Record, RequirementRecord,
};
use crate::catalogue::{Catalogue, Level, Party};
use crate::outcome::{CaseVerdict, Exchange, Verdict};
use crate::secret::Vault;

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
        let _ = writeln!(text, "  errored:  {}", visible(reason));
    }
    let worst = match case.verdict {
        CaseVerdict::Failed => Verdict::Fail,
        CaseVerdict::Warned => Verdict::Warn,
        _ => Verdict::Errored,
    };
    for check in case.checks.iter().filter(|check| check.verdict == worst) {
        if case.verdict != CaseVerdict::Errored {
            sentence(&mut text, catalogue, check);
            let _ = writeln!(text, "  expected: {}", visible(&check.expected));
            let _ = writeln!(text, "  actual:   {}", visible(&check.actual));
        }
    }
    if let Some(because) = &case.deviates {
        let _ = writeln!(text, "  deviates, as documented: {because}");
    }
    if let Some(exchange) = case.telling_exchange().map(|index| &case.exchanges[index]) {
        let _ = writeln!(text, "  request:\n{}", indented(&visible(&exchange.curl)));
        answer(&mut text, exchange);
    }
    if let Some(hint) = &case.hint {
        let _ = writeln!(text, "  hint:     {hint}");
    }
    text
}

fn answer(text: &mut String, exchange: &ExchangeRecord) {
    match (&exchange.response, &exchange.error) {
        (Some(response), _) => {
            let _ = writeln!(text, "  response: {}", response.status);
            for (name, value) in &response.headers {
                let _ = writeln!(text, "    {}: {}", line(name), line(value));
            }
            if let Some(body) = &response.body {
                shown_body(text, body);
            }
        }
        (None, Some(error)) => {
            let _ = writeln!(text, "  response: none: {}", visible(error));
        }
        (None, None) => {}
    }
}

fn shown_body(text: &mut String, body: &BodyRecord) {
    let body = match body {
        BodyRecord::Text(text) => visible(text).into_owned(),
        BodyRecord::Base64(text) => format!("(Base64) {text}"),
    };
    let cut: String = body.chars().take(BODY).collect();
    let more = if cut.len() < body.len() { " …" } else { "" };
    let _ = writeln!(text, "{}{more}", indented(&cut));
}

/// An exchange as `--verbose` shows it when it happens, masked.
#[must_use]
pub fn exchange(trial: &str, exchange: &Exchange, vault: &Vault) -> String {
    let record = exchange_record(exchange, vault);
    let mut text = format!(
        "{}#{}: {} {}\n",
        line(trial),
        line(&record.step),
        line(&record.request.method),
        line(&record.request.url)
    );
    for (name, value) in &record.request.headers {
        let _ = writeln!(text, "    {}: {}", line(name), line(value));
    }
    if let Some(body) = &record.request.body {
        shown_body(&mut text, body);
    }
    answer(&mut text, &record);
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

/// Why a binding sentence only warns; nothing where the level says it, or where it does not warn.
pub(super) fn why_it_warns(
    check: &CheckRecord,
    requirement: Option<&RequirementRecord>,
) -> Option<&'static str> {
    let binds = matches!(check.level, Level::Must | Level::MustNot | Level::Declared);
    if check.verdict != Verdict::Warn || !binds {
        return None;
    }
    Some(match requirement {
        Some(requirement) if requirement.party == Party::Client => {
            "only a warning: the sentence binds the client, and the server is lenient"
        }
        Some(requirement) if !requirement.verified => {
            "only a warning: the sentence was not read in the document's own text"
        }
        _ => "only a warning: the case shows no more than that",
    })
}

/// One line for each check of a case that warned.
#[must_use]
pub fn warning(record: &Record, case: &CaseRecord) -> String {
    let mut text = String::new();
    for check in case
        .checks
        .iter()
        .filter(|check| check.verdict == Verdict::Warn)
    {
        let why = why_it_warns(check, record.requirement(&check.requirement))
            .map_or(String::new(), |why| format!(" ({why})"));
        let _ = writeln!(
            text,
            "  {}: {} {}: expected {}, got {}{why}",
            case.id,
            check.requirement,
            check.level.keyword(),
            line(&check.expected),
            line(&check.actual),
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
