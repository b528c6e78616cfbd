//! `tokenspec report diff`: what changed from one run to another.

use super::super::prepare::Problem;
use super::super::{Console, FAILED, OK};
use super::{DiffArgs, DiffFormat, read};
use crate::report::{Difference, json};

/// Shows the difference; a regression ends with 1.
pub fn diff(args: &DiffArgs, console: &mut Console<'_>) -> Result<u8, Problem> {
    let (old, new) = (read(&args.old)?, read(&args.new)?);
    let difference = Difference::new(&old, &new);
    console.say(match args.format {
        DiffFormat::Text => difference.text(),
        DiffFormat::Markdown => difference.markdown(),
        DiffFormat::Json => json::pretty(&difference).map_err(Problem::Machine)?,
    });
    Ok(if difference.regressions.is_empty() {
        OK
    } else {
        FAILED
    })
}
