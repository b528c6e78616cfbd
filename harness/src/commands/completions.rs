//! `tokenspec completions` and `tokenspec man`: what shells and `man` read, made from the
//! definition of the command line.

use clap::CommandFactory as _;

use super::prepare::Problem;
use super::{Cli, CompletionsArgs, Console, ManArgs, OK};

/// Prints the completions for a shell.
pub fn completions(args: &CompletionsArgs, console: &mut Console<'_>) -> Result<u8, Problem> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "tokenspec", &mut text);
    console.say(String::from_utf8_lossy(&text).trim_end());
    Ok(OK)
}

/// Prints the man page, or writes one for each command into a folder.
pub fn man(args: &ManArgs, console: &mut Console<'_>) -> Result<u8, Problem> {
    let Some(folder) = &args.dir else {
        console.say(page(Cli::command())?.trim_end());
        return Ok(OK);
    };
    std::fs::create_dir_all(folder)
        .and_then(|()| clap_mangen::generate_to(Cli::command(), folder))
        .map_err(|error| {
            Problem::Said(format!(
                "the man pages cannot be written to {}: {error}",
                folder.display()
            ))
        })?;
    console.say(format!("man pages: {}", folder.display()));
    Ok(OK)
}

fn page(command: clap::Command) -> Result<String, Problem> {
    let mut text = Vec::new();
    clap_mangen::Man::new(command)
        .render(&mut text)
        .map_err(|error| Problem::Machine(error.to_string()))?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}
