//! What the page shows, in the order in which it shows it.

use askama::Template;
use indexmap::IndexMap;

use super::Frame;
use crate::catalogue::{Level, Party};
use crate::outcome::CaseVerdict;
use crate::report::hostile::line;
use crate::report::record::{CaseRecord, Record, RequirementRecord, RequirementVerdict};

/// The page of a record, with a place for the cases of each group.
#[derive(Template)]
#[template(path = "page.html", config = "harness/askama.toml")]
pub(super) struct Report {
    frame: Frame,
    page: Page,
}

impl Report {
    pub(super) fn new(record: &Record) -> Self {
        Self {
            frame: Frame::new(),
            page: Page::new(record),
        }
    }
}

struct Page {
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

struct Count {
    verdict: &'static str,
    count: usize,
    note: String,
}

struct Document {
    id: String,
    title: String,
    url: Option<String>,
    cells: Vec<Cell>,
    all: Cell,
}

#[derive(Default, Clone)]
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

struct Group {
    name: &'static str,
    title: &'static str,
    about: &'static str,
    cases: usize,
}

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
pub(super) const GROUPS: [(&str, &str, &str); 6] = [
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
    fn new(record: &Record) -> Self {
        let groups = GROUPS
            .iter()
            .map(|(name, title, about)| Group {
                name,
                title,
                about,
                cases: of_group(record, name).count(),
            })
            .filter(|group| group.cases > 0)
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

/// The cases of a group, in their order.
pub(super) fn of_group<'r>(record: &'r Record, name: &str) -> impl Iterator<Item = &'r CaseRecord> {
    record.cases.iter().filter(move |case| group(case) == name)
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

/// An address that may be a link: a page on the web, nothing that runs.
pub(super) fn web(url: &str) -> Option<String> {
    url::Url::parse(url)
        .ok()
        .filter(|url| ["https", "http"].contains(&url.scheme()))
        .map(String::from)
}

/// The `id` of a case on the page: its name, without white space.
pub(super) fn anchor(id: &str) -> String {
    line(id).replace(char::is_whitespace, "_")
}

const KEPT: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'_')
    .remove(b'.');

/// A link to a case.
pub(super) fn link(id: &str) -> String {
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
