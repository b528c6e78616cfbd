//! The program: reads the environment, prints, and exits.

use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser as _;
use tokenspec::acquire::Person;
use tokenspec::commands::{Cli, Console, execute};
use tokenspec::snapshot::store_if_asked;

/// A run makes and drops many small values on several threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    if let Some(status) = store_if_asked() {
        return ExitCode::from(status);
    }
    std::panic::set_hook(Box::new(|panic| {
        // Not what it says: that may quote an answer, or a secret.
        let place = panic.location().map(ToString::to_string);
        let place = place.unwrap_or_else(|| "an unknown place".to_owned());
        let text =
            format!("tokenspec: it failed at {place}, by its own mistake; please report it\n");
        let _ = std::io::stderr().write_all(text.as_bytes());
    }));
    let cli = Cli::parse();
    let in_ci = std::env::var("CI").is_ok_and(|value| !value.is_empty() && value != "false");
    let mut console = Console {
        out: &mut std::io::stdout(),
        err: &mut std::io::stderr(),
        interactive: std::io::stderr().is_terminal(),
        environment: &|name| std::env::var(name).ok(),
        person: (!in_ci).then(|| Arc::new(Terminal) as Arc<dyn Person>),
    };
    ExitCode::from(execute(cli, &mut console))
}

/// Whoever started the program, at its terminal.
struct Terminal;

impl Person for Terminal {
    fn tell(&self, text: &str) {
        let mut err = std::io::stderr().lock();
        // Where nobody reads on, there is nobody to tell.
        let _ = err.write_all(text.as_bytes()).and_then(|()| err.flush());
    }

    fn line(&self) -> Option<String> {
        let mut line = String::new();
        match std::io::stdin().read_line(&mut line) {
            Ok(0) | Err(_) => None,
            Ok(_) => Some(line),
        }
    }

    fn looks(&self) -> bool {
        std::io::stderr().is_terminal()
    }
}
