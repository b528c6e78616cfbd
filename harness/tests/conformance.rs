//! The conformance run under cargo: the same trials as `tokenspec run`.

use std::io::IsTerminal as _;
use std::process::ExitCode;

use tokenspec::commands::{Console, run};

fn main() -> ExitCode {
    let mut console = Console {
        out: &mut std::io::stdout(),
        err: &mut std::io::stderr(),
        interactive: std::io::stderr().is_terminal(),
        environment: &|name| std::env::var(name).ok(),
        // What comes in on stdin is cargo's.
        person: None,
    };
    ExitCode::from(run::as_test(&mut console))
}
