//! Tests that need a browser, which are asked for: `TOKENSPEC_BROWSER_TESTS=1`.

use std::process::ExitCode;

use libtest_mimic::{Arguments, Completion, Trial};

const ASKED: &str = "TOKENSPEC_BROWSER_TESTS";

/// Runs the tests where they are asked for, and says of each that it is ignored where they are not.
pub fn run(tests: &[(&'static str, fn())]) -> ExitCode {
    let asked = std::env::var(ASKED).is_ok_and(|value| !value.is_empty() && value != "0");
    let trials = tests
        .iter()
        .map(|&(name, test)| {
            Trial::ignorable_test(name, move || {
                if !asked {
                    let why = format!("it needs a browser: set {ASKED}=1");
                    return Ok(Completion::ignored_with(why));
                }
                test();
                Ok(Completion::Completed)
            })
        })
        .collect();
    // A browser each is more than a small machine has room for.
    let mut arguments = Arguments::from_args();
    arguments.test_threads = Some(1);
    libtest_mimic::run(&arguments, trials).exit_code()
}
