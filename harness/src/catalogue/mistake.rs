//! A mistake in a file that a person wrote: the place, what is wrong, what to do.

use std::fmt;
use std::ops::Range;

use miette::{Diagnostic, LabeledSpan, NamedSource, SourceCode, SourceSpan};
use thiserror::Error;

/// One mistake, with its place in the file.
#[derive(Debug, Clone, Error)]
#[error("{message}")]
pub struct Mistake {
    /// What is wrong, as one lower-case fragment.
    pub message: String,
    /// A stable, kebab-case name of the kind of mistake.
    pub code: &'static str,
    text: NamedSource<String>,
    span: SourceSpan,
    /// What to do about it.
    pub remedy: Option<String>,
    file: String,
    line: usize,
    column: usize,
}

impl Mistake {
    /// A mistake at `span` (byte offsets) of the file `name` with the text `text`.
    #[must_use]
    pub fn new(
        name: &str,
        text: &str,
        span: Range<usize>,
        code: &'static str,
        message: impl Into<String>,
        remedy: Option<String>,
    ) -> Self {
        let start = span.start.min(text.len());
        let before = text.get(..start).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        // A span over several lines is drawn badly and says less than its first line.
        let end = text
            .get(start..span.end.min(text.len()))
            .and_then(|inside| inside.find('\n'))
            .map_or(span.end.min(text.len()), |at| start + at);
        Self {
            message: message.into(),
            code,
            text: NamedSource::new(name, text.to_owned()).with_language("toml"),
            span: (start, end.saturating_sub(start)).into(),
            remedy,
            file: name.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }

    /// `file:line:column`, counted from 1.
    #[must_use]
    pub fn place(&self) -> String {
        format!("{}:{}:{}", self.file, self.line, self.column)
    }

    /// Line and column: mistakes of a file are told in the order in which they stand.
    #[must_use]
    pub const fn position(&self) -> (usize, usize) {
        (self.line, self.column)
    }

    /// One line: the place, the message and the remedy.
    #[must_use]
    pub fn line(&self) -> String {
        match &self.remedy {
            Some(remedy) => format!("{}: {} ({remedy})", self.place(), self.message),
            None => format!("{}: {}", self.place(), self.message),
        }
    }
}

impl Diagnostic for Mistake {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.code))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.remedy
            .as_ref()
            .map(|remedy| Box::new(remedy) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.text)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(std::iter::once(LabeledSpan::new_with_span(
            None, self.span,
        ))))
    }
}

/// All mistakes of all files that were read, shown together.
#[derive(Debug, Error, Diagnostic)]
#[error("{}", headline(.mistakes))]
pub struct Mistakes {
    /// The mistakes, in the order of the files.
    #[related]
    pub mistakes: Vec<Mistake>,
}

fn headline(mistakes: &[Mistake]) -> String {
    match mistakes.len() {
        1 => "1 mistake".to_owned(),
        n => format!("{n} mistakes"),
    }
}

impl Mistakes {
    /// Nothing where there are no mistakes, else all of them as one error.
    ///
    /// # Errors
    /// Where `mistakes` is not empty.
    pub fn check(mistakes: Vec<Mistake>) -> Result<(), Self> {
        if mistakes.is_empty() {
            Ok(())
        } else {
            Err(Self { mistakes })
        }
    }
}
