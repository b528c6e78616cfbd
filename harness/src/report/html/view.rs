//! What the page shows, in the order in which it shows it.

use indexmap::IndexMap;
use serde::Serialize;

use crate::catalogue::{Level, Party};
use crate::outcome::{CaseVerdict, Verdict};
use crate::report::hostile::{line, visible};
use crate::report::record::{
    BodyRecord, CaseRecord, CheckRecord, ExchangeRecord, Record, RequirementRecord,
    RequirementVerdict,
};

/// The longest body that the page shows; the whole is in `report.json`.
const BODY: usize = 16 * 1024;
/// Up to so many failures are shown opened.
const OPEN: usize = 25;

#[derive(Serialize)]
pub(super) struct Page {
    title: String,
    conclusion: &'static str,
    verdict: String,
    facts: Vec<(&'static str, String)>,
    website: Option<String>,
    counts: Vec<Count>,
    notices: Vec<String>,
    levels: Vec<&'static str>,
    documents: Vec<Document>,
    groups: Vec<Group>,
    requirements: Vec<Requirement>,
    cases: usize,
}

#[derive(Serialize)]
struct Count {
    verdict: &'static str,
    count: usize,
    note: String,
}

#[derive(Serialize)]
struct Document {
    id: String,
    title: String,
    url: Option<String>,
    cells: Vec<Cell>,
    all: Cell,
}

#[derive(Serialize, Default, Clone)]
struct Cell {
    passed: usize,
    warned: usize,
    failed: usize,
    untested: usize,
}

impl Cell {
    fn add(&mut self, verdict: RequirementVerdict) {
        *match verdict {
            RequirementVerdict::Passed => &mut self.passed,
            RequirementVerdict::Warned => &mut self.warned,
            RequirementVerdict::Failed => &mut self.failed,
            RequirementVerdict::NotTested => &mut self.untested,
        } += 1;
    }
}

#[derive(Serialize)]
struct Group {
    name: &'static str,
    title: &'static str,
    about: &'static str,
    cases: Vec<Case>,
}

#[derive(Serialize)]
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
    telling: Option<usize>,
}

#[derive(Serialize)]
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
}

#[derive(Serialize)]
struct Exchange {
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

#[derive(Serialize)]
struct Body {
    text: String,
    note: Option<String>,
}

#[derive(Serialize)]
struct Requirement {
    id: String,
    document: String,
    section: String,
    level: &'static str,
    party: &'static str,
    url: Option<String>,
    statement: String,
    verdict: &'static str,
    cases: Vec<(String, String)>,
}

const LEVELS: [Level; 5] = [
    Level::Must,
    Level::MustNot,
    Level::Declared,
    Level::Should,
    Level::ShouldNot,
];

/// The groups of cases in the order in which they are read.
const GROUPS: [(&str, &str, &str); 6] = [
    (
        "failed",
        "Failed",
        "A binding requirement was seen not to hold.",
    ),
    (
        "errored",
        "Errored",
        "It could not be found out; this says nothing about the server.",
    ),
    (
        "warned",
        "Warned",
        "Seen not to hold: a SHOULD, a sentence that binds the client, or one that was not read.",
    ),
    (
        "excused",
        "Failed, and excused",
        "Listed as known, or documented by the vendor.",
    ),
    ("passed", "Passed", ""),
    ("skipped", "Skipped", "These do not apply to this target."),
];

impl Page {
    pub(super) fn new(record: &Record) -> Self {
        let requirements: IndexMap<&str, &RequirementRecord> = record
            .requirements
            .iter()
            .map(|requirement| (requirement.id.as_str(), requirement))
            .collect();
        let failing = record
            .cases
            .iter()
            .filter(|case| group(case) == "failed")
            .count();
        let groups = GROUPS
            .iter()
            .map(|(name, title, about)| Group {
                name,
                title,
                about,
                cases: record
                    .cases
                    .iter()
                    .filter(|case| group(case) == *name)
                    .map(|case| one(case, &requirements, *name == "failed" && failing <= OPEN))
                    .collect(),
            })
            .filter(|group| !group.cases.is_empty())
            .collect();
        Self {
            title: line(&record.target.name),
            conclusion: record.conclusion().name(),
            verdict: record.verdict(),
            facts: facts(record),
            website: record
                .implementation
                .as_ref()
                .and_then(|implementation| web(implementation.url.as_deref()?)),
            counts: counts(record),
            notices: record
                .notices
                .iter()
                .map(|notice| line(&notice.text))
                .collect(),
            levels: LEVELS.iter().map(|level| level.keyword()).collect(),
            documents: documents(record),
            groups,
            requirements: record.requirements.iter().map(requirement).collect(),
            cases: record.cases.len(),
        }
    }
}

fn group(case: &CaseRecord) -> &'static str {
    match case.verdict {
        CaseVerdict::Failed if !case.fails() && case.snapshot.is_none() => "excused",
        // A response that differs from its snapshot fails the run, whatever was judged.
        _ if case.snapshot.is_some() => "failed",
        verdict => verdict.name(),
    }
}

fn facts(record: &Record) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    let mut add = |name, value: Option<&str>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            facts.push((name, line(value)));
        }
    };
    if let Some(implementation) = &record.implementation {
        let of = |text: &Option<String>| text.clone().unwrap_or_default();
        let name = format!(
            "{} {} {}",
            of(&implementation.organization),
            of(&implementation.project),
            of(&implementation.version)
        );
        add("Implementation", Some(name.trim()));
        add("Contact", implementation.contact.as_deref());
    }
    add("Issuer", record.target.issuer.as_deref());
    add("Token endpoint", record.target.token_endpoint.as_deref());
    add("Judged as", Some(&record.target.profile.join(", ")));
    add("Incomplete", record.incomplete.as_deref());
    add("Certificates", record.target.insecure.as_deref());
    add("Started", Some(&record.started));
    let seconds = format!("{:.1} s", record.duration_ms as f64 / 1000.0);
    add("Took", Some(&seconds));
    let tool = format!("{} {}", record.tool.name, record.tool.version);
    add("Made by", Some(&tool));
    add("Cases", Some(&record.tool.cases_digest));
    facts
}

fn counts(record: &Record) -> Vec<Count> {
    let counts = &record.summary;
    let mut excused = Vec::new();
    if counts.known > 0 {
        excused.push(format!("{} known", counts.known));
    }
    if counts.deviating > 0 {
        excused.push(format!("{} as documented", counts.deviating));
    }
    [
        ("failed", counts.failed),
        ("errored", counts.errored),
        ("warned", counts.warned),
        ("passed", counts.passed),
        ("skipped", counts.skipped),
    ]
    .map(|(verdict, count)| Count {
        verdict,
        count,
        note: if verdict == "failed" {
            excused.join(", ")
        } else {
            String::new()
        },
    })
    .into()
}

fn documents(record: &Record) -> Vec<Document> {
    let mut documents: IndexMap<&str, Document> = IndexMap::new();
    for requirement in &record.requirements {
        let id = requirement.document.as_str();
        let row = documents.entry(id).or_insert_with(|| Document {
            id: id.to_owned(),
            title: line(record.title_of(id)),
            url: record
                .documents
                .iter()
                .find(|known| known.id == id)
                .and_then(|known| web(&known.url)),
            cells: vec![Cell::default(); LEVELS.len()],
            all: Cell::default(),
        });
        row.all.add(requirement.verdict);
        let column = LEVELS.iter().position(|level| *level == requirement.level);
        if let Some(cell) = column.and_then(|column| row.cells.get_mut(column)) {
            cell.add(requirement.verdict);
        }
    }
    documents.into_values().collect()
}

fn requirement(record: &RequirementRecord) -> Requirement {
    Requirement {
        id: line(&record.id),
        document: line(&record.document),
        section: line(&record.section),
        level: record.level.keyword(),
        party: match record.party {
            Party::Server => "the server",
            Party::Client => "the client",
        },
        url: web(&record.url),
        statement: line(&record.statement),
        verdict: match record.verdict {
            RequirementVerdict::Passed => "passed",
            RequirementVerdict::Warned => "warned",
            RequirementVerdict::Failed => "failed",
            RequirementVerdict::NotTested => "not tested",
        },
        cases: record.cases.iter().map(|id| (link(id), line(id))).collect(),
    }
}

fn one(case: &CaseRecord, requirements: &IndexMap<&str, &RequirementRecord>, open: bool) -> Case {
    let mut documents: Vec<&str> = case
        .checks
        .iter()
        .map(|check| check.document.as_str())
        .collect();
    documents.sort_unstable();
    documents.dedup();
    let text = |text: &Option<String>| text.as_deref().map(|text| visible(text).into_owned());
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
            .map(|record| {
                check(
                    record,
                    requirements.get(record.requirement.as_str()).copied(),
                )
            })
            .collect(),
        exchanges: case.exchanges.iter().map(exchange).collect(),
        telling: case.telling_exchange(),
    }
}

fn check(record: &CheckRecord, requirement: Option<&RequirementRecord>) -> Check {
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
    }
}

fn exchange(record: &ExchangeRecord) -> Exchange {
    let headers = |headers: &[(String, String)]| {
        headers
            .iter()
            .map(|(name, value)| (line(name), visible(value).into_owned()))
            .collect()
    };
    let response = record.response.as_ref();
    Exchange {
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

/// An address that may be a link: a page on the web, nothing that runs.
fn web(url: &str) -> Option<String> {
    url::Url::parse(url)
        .ok()
        .filter(|url| ["https", "http"].contains(&url.scheme()))
        .map(String::from)
}

/// The `id` of a case on the page: its name, without white space.
fn anchor(id: &str) -> String {
    line(id).replace(char::is_whitespace, "_")
}

const KEPT: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'_')
    .remove(b'.');

/// A link to a case.
fn link(id: &str) -> String {
    format!(
        "#{}",
        percent_encoding::utf8_percent_encode(&anchor(id), KEPT)
    )
}

/// A link to the page of a folder below.
pub(super) fn file(folder: &str) -> String {
    let parts: Vec<String> = folder
        .split(['/', '\\'])
        .map(|part| percent_encoding::utf8_percent_encode(part, KEPT).to_string())
        .collect();
    format!("{}/index.html", parts.join("/"))
}
