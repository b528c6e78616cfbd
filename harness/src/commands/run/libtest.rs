//! The arguments of libtest-mimic.

use clap::Parser as _;
use libtest_mimic::{Arguments, ColorSetting, FormatSetting};

use super::super::prepare::Problem;
use super::{RunArgs, RunFormat};

/// The arguments of libtest-mimic: those after `--`, with our format and number of threads.
pub(super) fn libtest_arguments(args: &RunArgs) -> Result<Arguments, Problem> {
    let words = std::iter::once("tokenspec run --".to_owned()).chain(args.libtest.iter().cloned());
    let mut libtest = match Arguments::try_parse_from(words) {
        Ok(libtest) => libtest,
        Err(error) => return Err(Problem::Said(error.to_string().trim_end().to_owned())),
    };
    if libtest.test_threads == Some(0) {
        return Err(Problem::Said(
            "--test-threads 0 would never begin; say 1 or more".into(),
        ));
    }
    if libtest.format.is_none() {
        libtest.format = Some(match args.format {
            RunFormat::Pretty | RunFormat::Tap => FormatSetting::Pretty,
            RunFormat::Terse => FormatSetting::Terse,
            RunFormat::Json => FormatSetting::Json,
        });
    }
    if libtest.color.is_none() && std::env::var_os("NO_COLOR").is_some() {
        libtest.color = Some(ColorSetting::Never);
    }
    // Trials wait for their outcomes; one thread shows them in their order.
    libtest.test_threads = Some(libtest.test_threads.unwrap_or(1));
    Ok(libtest)
}

/// Whether libtest-mimic would show a trial: only what is shown is run.
pub(super) fn passes(libtest: &Arguments, name: &str) -> bool {
    let matches = |filter: &str| {
        if libtest.exact {
            name == filter
        } else {
            name.contains(filter)
        }
    };
    libtest.filter.as_deref().is_none_or(matches) && !libtest.skip.iter().any(|skip| matches(skip))
}
