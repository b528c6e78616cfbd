//! `tokenspec report matrix`: several servers beside each other.

use super::super::prepare::{self, Problem};
use super::super::{Console, OK};
use super::{MatrixArgs, MatrixFormat, deliver, read};
use crate::report::{Matrix, Record};

/// Makes the table.
pub fn matrix(args: &MatrixArgs, console: &mut Console<'_>) -> Result<u8, Problem> {
    let records: Vec<Record> = args
        .reports
        .iter()
        .map(|path| read(path))
        .collect::<Result<_, _>>()?;
    let catalogue = prepare::catalogue(&[])?;
    let matrix = Matrix::new(&records, &catalogue);
    let named = args.out.as_ref().and_then(|path| path.extension());
    let format = args.format.unwrap_or(match named {
        Some(extension) if extension.eq_ignore_ascii_case("html") => MatrixFormat::Html,
        _ => MatrixFormat::Markdown,
    });
    let text = match format {
        MatrixFormat::Markdown => matrix.markdown(),
        MatrixFormat::Html => matrix.html().map_err(Problem::Machine)?,
    };
    deliver(&text, args.out.as_deref(), console)?;
    Ok(OK)
}
