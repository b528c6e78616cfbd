//! The table as Markdown, as GitHub and GitLab show it.

use std::fmt::Write as _;

use super::super::hostile::markdown as cell;
use super::{
    ABOUT, BROKEN_BY_ALL, Cell, DIFFERING, Matrix, OTHER_CASES, RequirementRow, trials, words,
};

/// The page.
pub(super) fn page(matrix: &Matrix) -> String {
    let mut text = format!("# Documents × servers\n\n{ABOUT}\n");
    if !matrix.same_cases {
        let _ = writeln!(text, "\n{OTHER_CASES}");
    }
    servers(&mut text, matrix);
    documents(&mut text, matrix);
    requirements(
        &mut text,
        matrix,
        "Requirements on which the servers differ",
        DIFFERING,
        &matrix.differing,
    );
    requirements(
        &mut text,
        matrix,
        "Requirements that no server keeps",
        BROKEN_BY_ALL,
        &matrix.broken_by_all,
    );
    text
}

fn servers(text: &mut String, matrix: &Matrix) {
    text.push_str(
        "\n## Servers\n\n| server | implementation | judged as | trials | run |\n|---|---|---|---|---|\n",
    );
    for column in &matrix.columns {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {}, tokenspec {} |",
            cell(&column.name),
            cell(column.implementation.as_deref().unwrap_or("–")),
            cell(&column.profile),
            trials(&column.summary),
            cell(&column.day),
            cell(&column.tool),
        );
    }
}

/// The head of a table with a column for each server after these.
fn head(text: &mut String, matrix: &Matrix, first: &[&str]) {
    for name in first {
        let _ = write!(text, "| {name} ");
    }
    for column in &matrix.columns {
        let _ = write!(text, "| {} ", cell(&column.name));
    }
    let _ = writeln!(
        text,
        "|\n{}|",
        "|---".repeat(first.len() + matrix.columns.len())
    );
}

fn documents(text: &mut String, matrix: &Matrix) {
    text.push_str("\n## Documents\n\n");
    head(text, matrix, &["document"]);
    for row in &matrix.documents {
        let _ = write!(text, "| {} ", link(&row.id, &row.url));
        if !row.title.is_empty() {
            let _ = write!(text, "{} ", cell(&row.title));
        }
        for counts in &row.counts {
            let _ = write!(text, "| {} ", words(*counts));
        }
        text.push_str("|\n");
    }
}

fn requirements(
    text: &mut String,
    matrix: &Matrix,
    title: &str,
    about: &str,
    rows: &[RequirementRow],
) {
    let _ = writeln!(text, "\n## {title}\n");
    if rows.is_empty() {
        text.push_str("None.\n");
        return;
    }
    let _ = writeln!(text, "{about}\n");
    head(text, matrix, &["requirement", "level"]);
    for row in rows {
        let _ = write!(text, "| {}", link(&row.id, &row.url));
        if row.statement.is_empty() {
            let _ = write!(text, " (section {})", cell(&row.section));
        } else {
            let _ = write!(text, ": {}", cell(&row.statement));
        }
        let _ = write!(text, " | {} ", row.level.keyword());
        for cell in &row.cells {
            let _ = match cell {
                Cell::Failed | Cell::Deviates => write!(text, "| **{}** ", cell.words()),
                _ => write!(text, "| {} ", cell.words()),
            };
        }
        text.push_str("|\n");
    }
}

/// A link, where there is an address.
fn link(name: &str, url: &str) -> String {
    if url.is_empty() {
        cell(name)
    } else {
        format!("[{}](<{}>)", cell(name), cell(url))
    }
}
