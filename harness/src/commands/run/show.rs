//! Shows the trials as their outcomes come: through libtest-mimic, or in a format that it has not.

use std::sync::Arc;

use libtest_mimic::Arguments;

use super::super::Console;
use super::gather::Keeper;
use super::{RunArgs, RunFormat};
use crate::plan::Trial;
use crate::report::{events, line, tap};
use crate::run::Session;
use crate::run::present::{Lines, Say, present};

/// Shows all trials, in their order, and has each outcome kept.
pub(super) fn show(
    args: &RunArgs,
    libtest: &Arguments,
    session: &Session,
    trials: &[Arc<Trial>],
    lines: &Lines,
    keeper: &Keeper,
    console: &mut Console<'_>,
) {
    // Whoever speaks to libtest-mimic hears it.
    let ours = args.libtest.is_empty();
    let silent = args.quiet || args.write_known_failures;
    match args.format {
        _ if ours && silent => each(trials, lines, keeper, |_, _, _| ()),
        RunFormat::Json if ours => {
            console.say(events::started(
                &session.target.name,
                &session.profile.names,
                trials.len(),
            ));
            each(trials, lines, keeper, |_, case, text| {
                console.say(events::test_started(&case.id));
                console.say(events::test(case, text));
            });
        }
        RunFormat::Tap if ours => {
            console.say(tap::head(trials.len()));
            each(trials, lines, keeper, |number, case, _| {
                console.say(tap::point(number, case).trim_end());
            });
        }
        _ => {
            let keeper = Arc::clone(keeper);
            let say: Say = Arc::new(move |outcome, trial| {
                let mut said = Ok(String::new());
                keeper(outcome, &trial.aliases, &mut |case, text| {
                    said = match text {
                        Some(text) => Err(text.to_owned()),
                        None => Ok(line(case.reason.as_deref().unwrap_or_default())),
                    };
                });
                said
            });
            let arguments = Arguments {
                filter: None,
                skip: Vec::new(),
                ..libtest.clone()
            };
            // Our own record says how it ended, and with which status.
            let _ = present(&arguments, trials, lines, &say);
        }
    }
}

fn each(
    trials: &[Arc<Trial>],
    lines: &Lines,
    keeper: &Keeper,
    mut show: impl FnMut(usize, &crate::report::CaseRecord, Option<&str>),
) {
    for (index, trial) in trials.iter().enumerate() {
        if let Some(outcome) = lines.receive(&trial.name) {
            keeper(outcome, &trial.aliases, &mut |case, text| {
                show(index + 1, case, text)
            });
        }
    }
}
