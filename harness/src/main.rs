//! The program: reads the environment, prints, and exits.

use std::io::IsTerminal as _;
use std::process::ExitCode;

use clap::Parser as _;
use tokenspec::commands::{Cli, Console, execute};
use tokenspec::snapshot::store_if_asked;

fn main() -> ExitCode {
    if let Some(status) = store_if_asked() {
        return ExitCode::from(status);
    }
    let cli = Cli::parse();
    let mut console = Console {
        out: &mut std::io::stdout(),
        err: &mut std::io::stderr(),
        interactive: std::io::stderr().is_terminal(),
        environment: &|name| std::env::var(name).ok(),
    };
    ExitCode::from(execute(cli, &mut console))
}
