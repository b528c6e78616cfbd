//! The interoperability table: several records of runs beside each other, a column each. First the
//! counts for each document, then the requirements on which the servers differ, then those that
//! every server breaks that was judged by them (where all break one, the case deserves a look).
//!
//! A pure function of the records; the catalogue only says what a requirement's sentence is, and
//! where it stands.

mod html;
mod markdown;

use indexmap::IndexMap;

use super::record::{Record, RequirementRecord, RequirementVerdict, Summary};
use crate::catalogue::{Catalogue, Level};
use crate::config::Implementation;
use crate::outcome::Verdict;

/// Several servers beside each other.
#[derive(Debug)]
pub struct Matrix {
    columns: Vec<Column>,
    documents: Vec<DocumentRow>,
    differing: Vec<RequirementRow>,
    broken_by_all: Vec<RequirementRow>,
    same_cases: bool,
}

/// One run on one server.
#[derive(Debug)]
struct Column {
    /// The target's name, with a number where another column has the same.
    name: String,
    /// What was tested, as its `implementation` says.
    implementation: Option<String>,
    /// The profiles, with editions.
    profile: String,
    /// The day of the run.
    day: String,
    /// The version of tokenspec.
    tool: String,
    /// The counts of its trials.
    summary: Summary,
}

/// One document.
#[derive(Debug)]
struct DocumentRow {
    id: String,
    title: String,
    url: String,
    /// For each column; none where its profile does not have the document.
    counts: Vec<Option<Counts>>,
}

/// The requirements of a document, by their verdict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Counts {
    passed: usize,
    failed: usize,
    /// How many of the failed deviate as their vendor documents.
    deviating: usize,
    warned: usize,
    not_tested: usize,
}

/// One requirement.
#[derive(Debug)]
struct RequirementRow {
    id: String,
    section: String,
    level: Level,
    statement: String,
    url: String,
    cells: Vec<Cell>,
}

/// What a run says of a requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cell {
    /// The profile does not have it.
    NotClaimed,
    /// No check judged it.
    NotTested,
    Passed,
    Warned,
    Failed,
    /// It failed, each time with the answer that the vendor documents.
    Deviates,
}

impl Cell {
    const fn words(self) -> &'static str {
        match self {
            Self::NotClaimed => "–",
            Self::NotTested => "not tested",
            Self::Passed => "passed",
            Self::Warned => "warned",
            Self::Failed => "failed",
            Self::Deviates => "failed (deviates, as documented)",
        }
    }

    const fn judged(self) -> bool {
        !matches!(self, Self::NotClaimed | Self::NotTested)
    }
}

impl Matrix {
    /// The table of these records, in their order.
    #[must_use]
    pub fn new(records: &[Record], catalogue: &Catalogue) -> Self {
        let mut rows: IndexMap<&str, (&RequirementRecord, Vec<Cell>)> = IndexMap::new();
        for (column, record) in records.iter().enumerate() {
            for requirement in &record.requirements {
                rows.entry(&requirement.id)
                    .or_insert_with(|| (requirement, vec![Cell::NotClaimed; records.len()]))
                    .1[column] = cell(record, requirement);
            }
        }
        let mut documents: IndexMap<&str, Vec<Option<Counts>>> = IndexMap::new();
        for (requirement, cells) in rows.values() {
            let counts = documents
                .entry(&requirement.document)
                .or_insert_with(|| vec![None; records.len()]);
            for (counts, cell) in counts.iter_mut().zip(cells) {
                count(counts, *cell);
            }
        }
        let (mut differing, mut broken_by_all) = (Vec::new(), Vec::new());
        for (requirement, cells) in rows.values() {
            let mut judged = cells.iter().filter(|cell| cell.judged());
            let Some(first) = judged.next() else { continue };
            if judged.any(|cell| cell != first) {
                differing.push(requirement_row(requirement, cells, catalogue));
            } else if *first != Cell::Passed {
                broken_by_all.push(requirement_row(requirement, cells, catalogue));
            }
        }
        let mut digests = records.iter().map(|record| &record.tool.cases_digest);
        let first = digests.next();
        Self {
            columns: columns(records),
            documents: documents
                .into_iter()
                .map(|(id, counts)| document_row(id, counts, catalogue))
                .collect(),
            differing,
            broken_by_all,
            same_cases: digests.all(|digest| Some(digest) == first),
        }
    }

    /// As Markdown.
    #[must_use]
    pub fn markdown(&self) -> String {
        markdown::page(self)
    }

    /// As a page of HTML.
    ///
    /// # Errors
    /// Where the page cannot be made: a mistake of ours.
    pub fn html(&self) -> Result<String, String> {
        html::page(self)
    }
}

fn columns(records: &[Record]) -> Vec<Column> {
    let mut seen: IndexMap<&str, usize> = IndexMap::new();
    records
        .iter()
        .map(|record| {
            let times = seen.entry(&record.target.name).or_default();
            *times += 1;
            let name = match *times {
                1 => record.target.name.clone(),
                n => format!("{} ({n})", record.target.name),
            };
            Column {
                name,
                implementation: record
                    .implementation
                    .as_ref()
                    .and_then(Implementation::shown),
                profile: record.target.profile.join(", "),
                day: record.started.chars().take(10).collect(),
                tool: record.tool.version.clone(),
                summary: record.summary.clone(),
            }
        })
        .collect()
}

/// What the record says of the requirement.
fn cell(record: &Record, requirement: &RequirementRecord) -> Cell {
    match requirement.verdict {
        RequirementVerdict::NotTested => Cell::NotTested,
        RequirementVerdict::Passed => Cell::Passed,
        RequirementVerdict::Warned => Cell::Warned,
        RequirementVerdict::Failed => {
            let mut failures = record
                .cases
                .iter()
                .flat_map(|case| &case.checks)
                .filter(|check| {
                    check.requirement == requirement.id && check.verdict == Verdict::Fail
                })
                .peekable();
            let documented =
                failures.peek().is_some() && failures.all(|check| check.deviates.is_some());
            if documented {
                Cell::Deviates
            } else {
                Cell::Failed
            }
        }
    }
}

fn count(counts: &mut Option<Counts>, cell: Cell) {
    if cell == Cell::NotClaimed {
        return;
    }
    let counts = counts.get_or_insert_default();
    match cell {
        Cell::NotClaimed => {}
        Cell::NotTested => counts.not_tested += 1,
        Cell::Passed => counts.passed += 1,
        Cell::Warned => counts.warned += 1,
        Cell::Failed => counts.failed += 1,
        Cell::Deviates => {
            counts.failed += 1;
            counts.deviating += 1;
        }
    }
}

fn document_row(id: &str, counts: Vec<Option<Counts>>, catalogue: &Catalogue) -> DocumentRow {
    let known = catalogue.documents.get(id);
    DocumentRow {
        id: id.to_owned(),
        title: known.map_or(String::new(), |document| document.title.clone()),
        url: known.map_or(String::new(), |document| document.url.clone()),
        counts,
    }
}

fn requirement_row(
    requirement: &RequirementRecord,
    cells: &[Cell],
    catalogue: &Catalogue,
) -> RequirementRow {
    // The record names a requirement; a catalogue that is another one may not have it.
    let statement = catalogue.requirements.get(&requirement.id);
    let document = catalogue.documents.get(&requirement.document);
    RequirementRow {
        id: requirement.id.clone(),
        section: requirement.section.clone(),
        level: requirement.level,
        statement: statement.map_or(String::new(), |row| row.statement.clone()),
        url: document.map_or(String::new(), |document| {
            document.section_url(&requirement.section)
        }),
        cells: cells.to_vec(),
    }
}

/// `58 passed, 2 failed, 30 not tested`: what is none is left out, but for what passed.
fn words(counts: Option<Counts>) -> String {
    let Some(counts) = counts else {
        return "–".to_owned();
    };
    let mut words = vec![format!("{} passed", counts.passed)];
    match (counts.failed, counts.deviating) {
        (0, _) => {}
        (failed, 0) => words.push(format!("{failed} failed")),
        (failed, deviating) => words.push(format!("{failed} failed ({deviating} as documented)")),
    }
    for (number, what) in [(counts.warned, "warned"), (counts.not_tested, "not tested")] {
        if number > 0 {
            words.push(format!("{number} {what}"));
        }
    }
    words.join(", ")
}

/// The counts of a run's trials.
fn trials(summary: &Summary) -> String {
    format!(
        "{} passed, {} failed, {} warned, {} errored, {} skipped",
        summary.passed, summary.failed, summary.warned, summary.errored, summary.skipped
    )
}

/// What the page says about itself.
const ABOUT: &str = "A column is a run of tokenspec on one server. A cell counts the requirements of a \
    document by what the run saw of them. A requirement is “not tested” where no case judged it on this \
    server (a capability that it does not have, or no case yet); it may hold all the same.";

/// What the second table is about.
const DIFFERING: &str = "Judged on at least two of the servers, with different verdicts.";

/// What the third table is about.
const BROKEN_BY_ALL: &str = "Not kept by any server on which it was judged.";

/// What is said where the reports were made with different case files.
const OTHER_CASES: &str = "The reports were made with different case files: where a requirement is not \
    tested, its case may not have been there yet.";

#[cfg(test)]
mod tests;
