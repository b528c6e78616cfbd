//! The cases of the page: each is made when it is written, so that a page of many cases needs the memory of one.

use askama::Template;
use indexmap::{IndexMap, IndexSet};

use super::view::{anchor, link, of_group, web};
use crate::outcome::{CaseVerdict, Verdict};
use crate::report::hostile::{line, visible};
use crate::report::record::{
    BodyRecord, CaseRecord, CheckRecord, ExchangeRecord, Record, RequirementRecord,
};

/// The longest body that the page shows; the whole is in `report.json`.
const BODY: usize = 16 * 1024;
/// Up to so many failures are shown opened.
const OPEN: usize = 25;

/// A case on the page.
#[derive(Template)]
#[template(path = "case.html", config = "harness/askama.toml")]
pub(super) struct Shown {
    case: Case,
}

/// A case as the page shows it.
struct Case {
    anchor: String,
    href: String,
    id: String,
    title: String,
    verdict: &'static str,
    excused: bool,
    documents: String,
    open: bool,
    reason: Option<String>,
    known: Option<String>,
    deviates: Option<String>,
    hint: Option<String>,
    snapshot: Option<String>,
    duration_ms: u64,
    checks: Vec<Check>,
    exchanges: Vec<Exchange>,
}

struct Check {
    verdict: &'static str,
    requirement: String,
    document: String,
    section: String,
    level: &'static str,
    url: Option<String>,
    statement: String,
    expected: String,
    actual: String,
    why: Option<&'static str>,
    deviates: Option<String>,
    broken_in: Vec<(String, String)>,
    more: usize,
}

/// So many trials whose responses break a requirement are linked.
const LINKED: usize = 50;

struct Exchange {
    open: bool,
    step: String,
    method: String,
    url: String,
    request_headers: Vec<(String, String)>,
    request_body: Option<Body>,
    retried: Vec<String>,
    status: Option<u16>,
    response_headers: Vec<(String, String)>,
    response_body: Option<Body>,
    duration_ms: u64,
    error: Option<String>,
    curl: String,
}

struct Body {
    text: String,
    note: Option<String>,
}

/// What cases refer to, by its id.
pub(super) struct Known<'r> {
    requirements: IndexMap<&'r str, &'r RequirementRecord>,
    cases: IndexSet<&'r str>,
}

impl<'r> Known<'r> {
    pub(super) fn new(record: &'r Record) -> Self {
        Self {
            requirements: record
                .requirements
                .iter()
                .map(|requirement| (requirement.id.as_str(), requirement))
                .collect(),
            cases: record.cases.iter().map(|case| case.id.as_str()).collect(),
        }
    }
}

/// The cases of a group, one after another.
pub(super) fn shown<'r>(
    record: &'r Record,
    known: &'r Known<'r>,
    group: &'static str,
) -> impl Iterator<Item = Shown> + 'r {
    let open = group == "failed" && of_group(record, group).count() <= OPEN;
    of_group(record, group).map(move |case| Shown {
        case: one(case, known, open),
    })
}

fn one(case: &CaseRecord, known: &Known<'_>, open: bool) -> Case {
    let mut documents: Vec<&str> = case
        .checks
        .iter()
        .map(|check| check.document.as_str())
        .collect();
    documents.sort_unstable();
    documents.dedup();
    let text = |text: &Option<String>| text.as_deref().map(|text| visible(text).into_owned());
    let telling = case.telling_exchange();
    // What is worst is read first.
    let mut checks: Vec<&CheckRecord> = case.checks.iter().collect();
    checks.sort_by_key(|check| std::cmp::Reverse(check.verdict));
    Case {
        anchor: anchor(&case.id),
        href: link(&case.id),
        id: line(&case.id),
        title: line(&case.title),
        verdict: case.verdict.name(),
        excused: case.verdict == CaseVerdict::Failed && !case.fails(),
        documents: documents.join(" "),
        open,
        reason: text(&case.reason),
        known: text(&case.known),
        deviates: text(&case.deviates),
        hint: text(&case.hint),
        snapshot: text(&case.snapshot),
        duration_ms: case.duration_ms,
        checks: checks
            .into_iter()
            .map(|record| check(record, known))
            .collect(),
        exchanges: case
            .exchanges
            .iter()
            .enumerate()
            .map(|(index, record)| exchange(record, open && telling == Some(index)))
            .collect(),
    }
}

fn check(record: &CheckRecord, known: &Known<'_>) -> Check {
    let requirement = known.requirements.get(record.requirement.as_str()).copied();
    Check {
        verdict: match record.verdict {
            Verdict::Pass => "passed",
            Verdict::Warn => "warned",
            Verdict::Errored => "errored",
            Verdict::Fail => "failed",
        },
        requirement: line(&record.requirement),
        document: line(&record.document),
        section: line(&record.section),
        level: record.level.keyword(),
        url: requirement.and_then(|requirement| web(&requirement.url)),
        statement: requirement.map_or(String::new(), |requirement| line(&requirement.statement)),
        expected: visible(&record.expected).into_owned(),
        actual: visible(&record.actual).into_owned(),
        why: super::super::why_it_warns(record, requirement),
        deviates: record.deviates.as_deref().map(line),
        // Responses also come of what is no trial: a control.
        broken_in: record
            .broken_in
            .iter()
            .filter(|id| known.cases.contains(id.as_str()))
            .take(LINKED)
            .map(|id| (link(id), line(id)))
            .collect(),
        more: record.broken_in.len().saturating_sub(LINKED),
    }
}

fn exchange(record: &ExchangeRecord, open: bool) -> Exchange {
    let headers = |headers: &[(String, String)]| {
        headers
            .iter()
            .map(|(name, value)| (line(name), visible(value).into_owned()))
            .collect()
    };
    let response = record.response.as_ref();
    Exchange {
        open,
        step: line(&record.step),
        method: line(&record.request.method),
        url: line(&record.request.url),
        request_headers: headers(&record.request.headers),
        request_body: record.request.body.as_ref().map(body),
        retried: record.retried.iter().map(|why| line(why)).collect(),
        status: response.map(|response| response.status),
        response_headers: response.map_or(Vec::new(), |response| headers(&response.headers)),
        response_body: response
            .and_then(|response| response.body.as_ref())
            .map(body),
        duration_ms: response.map_or(0, |response| response.duration_ms),
        error: record.error.as_deref().map(line),
        curl: visible(&record.curl).into_owned(),
    }
}

fn body(record: &BodyRecord) -> Body {
    let (text, kind) = match record {
        BodyRecord::Text(text) => (text, None),
        BodyRecord::Base64(text) => (text, Some("bytes that are no text, as Base64")),
    };
    let cut = text
        .char_indices()
        .nth(BODY)
        .map_or(text.as_str(), |(at, _)| &text[..at]);
    let left_out = (cut.len() < text.len()).then(|| {
        format!(
            "the first {} of {} bytes; the whole is in report.json",
            cut.len(),
            text.len()
        )
    });
    let notes: Vec<String> = kind
        .map(str::to_owned)
        .into_iter()
        .chain(left_out)
        .collect();
    Body {
        text: visible(cut).into_owned(),
        note: (!notes.is_empty()).then(|| notes.join("; ")),
    }
}
