//! `tokenspec report matrix`: several servers beside each other.

use super::super::prepare::{self, Problem};
use super::super::{Console, OK};
use super::{MatrixArgs, deliver, read};
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
    deliver(&matrix.markdown(), args.out.as_deref(), console)?;
    Ok(OK)
}
