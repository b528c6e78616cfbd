//! The table as one page of HTML without script and external resources. The template engine escapes
//! whatever is not said to be safe; nothing is.

use askama::Template;

use super::{
    ABOUT, BROKEN_BY_ALL, Cell, DIFFERING, Matrix, OTHER_CASES, RequirementRow, trials, words,
};

/// The page.
///
/// # Errors
/// Where it cannot be made.
pub(super) fn page(matrix: &Matrix) -> Result<String, String> {
    let shown = Shown {
        page: Page::new(matrix),
    };
    shown.render().map_err(|error| error.to_string())
}

#[derive(Template)]
#[template(path = "matrix.html", config = "harness/askama.toml")]
struct Shown<'m> {
    page: Page<'m>,
}

/// The page in texts.
struct Page<'m> {
    about: &'static str,
    other_cases: Option<&'static str>,
    servers: Vec<Server<'m>>,
    documents: Vec<Document<'m>>,
    sections: Vec<Section<'m>>,
}

struct Server<'m> {
    name: &'m str,
    implementation: &'m str,
    profile: &'m str,
    trials: String,
    run: String,
}

struct Document<'m> {
    id: &'m str,
    title: &'m str,
    url: &'m str,
    counts: Vec<String>,
}

struct Section<'m> {
    title: &'static str,
    about: &'static str,
    rows: Vec<Row<'m>>,
}

struct Row<'m> {
    id: &'m str,
    section: &'m str,
    level: &'static str,
    statement: &'m str,
    url: &'m str,
    cells: Vec<Verdict>,
}

struct Verdict {
    class: &'static str,
    words: &'static str,
}

impl<'m> Page<'m> {
    fn new(matrix: &'m Matrix) -> Self {
        let servers = matrix.columns.iter().map(|column| Server {
            name: &column.name,
            implementation: column.implementation.as_deref().unwrap_or("–"),
            profile: &column.profile,
            trials: trials(&column.summary),
            run: format!("{}, tokenspec {}", column.day, column.tool),
        });
        let documents = matrix.documents.iter().map(|row| Document {
            id: &row.id,
            title: &row.title,
            url: &row.url,
            counts: row.counts.iter().map(|counts| words(*counts)).collect(),
        });
        Self {
            about: ABOUT,
            other_cases: (!matrix.same_cases).then_some(OTHER_CASES),
            servers: servers.collect(),
            documents: documents.collect(),
            sections: vec![
                Section {
                    title: "Requirements on which the servers differ",
                    about: DIFFERING,
                    rows: rows(&matrix.differing),
                },
                Section {
                    title: "Requirements that no server keeps",
                    about: BROKEN_BY_ALL,
                    rows: rows(&matrix.broken_by_all),
                },
            ],
        }
    }
}

fn rows(rows: &[RequirementRow]) -> Vec<Row<'_>> {
    rows.iter()
        .map(|row| Row {
            id: &row.id,
            section: &row.section,
            level: row.level.keyword(),
            statement: &row.statement,
            url: &row.url,
            cells: row
                .cells
                .iter()
                .map(|cell| Verdict {
                    class: match cell {
                        Cell::NotClaimed | Cell::NotTested => "not-tested",
                        Cell::Passed => "passed",
                        Cell::Warned => "warned",
                        Cell::Failed => "failed",
                        Cell::Deviates => "deviates",
                    },
                    words: cell.words(),
                })
                .collect(),
        })
        .collect()
}
