//! What the page shows, in the order in which it shows it.

use askama::Template;
use indexmap::IndexMap;

use super::Frame;
use crate::catalogue::{Level, Party};
use crate::config::Implementation;
use crate::outcome::{CaseVerdict, Verdict};
use crate::report::conclusion::Conclusion;
use crate::report::hostile::line;
use crate::report::record::{CaseRecord, Record, RequirementRecord, RequirementVerdict};
use crate::report::skips::skips;

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
    /// The target's name, where the title is that of the implementation.
    target: Option<String>,
    conclusion: &'static str,
    /// Whether it passed by excuses.
    excused: bool,
    verdict: String,
    facts: Vec<(&'static str, String)>,
    website: Option<String>,
    counts: Vec<Count>,
    notices: Vec<String>,
    broken: Vec<Broken>,
    excuses: Vec<Broken>,
    skips: Vec<(usize, String)>,
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

/// A requirement that is broken.
struct Broken {
    id: String,
    document: String,
    section: String,
    level: &'static str,
    url: Option<String>,
    statement: String,
    cases: Vec<(String, String)>,
    more: usize,
    /// Why the first of them is excused.
    excuse: Option<String>,
}

/// How many of the trials that break a requirement are named beside it.
const NAMED: usize = 3;

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
    (
        "skipped",
        "Skipped",
        "Not run: the target, or what its configuration says of it, lacks what they need.",
    ),
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
        let implementation = record
            .implementation
            .as_ref()
            .and_then(Implementation::shown);
        let target = line(&record.target.name);
        Self {
            title: implementation.as_deref().map_or(target.clone(), line),
            target: implementation.is_some().then_some(target),
            conclusion: record.conclusion().name(),
            excused: record.conclusion() == Conclusion::Passed && record.summary.failed > 0,
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
            broken: broken(record, CaseRecord::fails),
            excuses: broken(record, |case| {
                case.verdict == CaseVerdict::Failed && !case.fails()
            }),
            skips: skips(record)
                .into_iter()
                .map(|skips| (skips.trials, line(skips.reason)))
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

/// The requirements that these cases break, in their order, each with the trials that break it.
fn broken(record: &Record, of: impl Fn(&CaseRecord) -> bool) -> Vec<Broken> {
    let mut breaking: IndexMap<&str, Vec<&CaseRecord>> = IndexMap::new();
    for case in record.cases.iter().filter(|case| of(case)) {
        for check in &case.checks {
            // Of a case that fails, what is documented is not why.
            let counts =
                check.verdict == Verdict::Fail && (check.deviates.is_none() || !case.fails());
            let trials = breaking.entry(&check.requirement).or_default();
            if counts && trials.last().is_none_or(|last| last.id != case.id) {
                trials.push(case);
            }
        }
    }
    record
        .requirements
        .iter()
        .filter_map(|requirement| {
            let trials = breaking.get(requirement.id.as_str())?;
            (!trials.is_empty()).then(|| Broken {
                id: line(&requirement.id),
                document: line(&requirement.document),
                section: line(&requirement.section),
                level: requirement.level.keyword(),
                url: web(&requirement.url),
                statement: line(&requirement.statement),
                cases: trials
                    .iter()
                    .take(NAMED)
                    .map(|case| (link(&case.id), line(&case.id)))
                    .collect(),
                more: trials.len().saturating_sub(NAMED),
                excuse: trials.first().and_then(|case| {
                    let known = case.known.as_deref();
                    known.or(case.deviates.as_deref()).map(line)
                }),
            })
        })
        .collect()
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
