//! `tokenspec help`: what `--help` says of a command. A command of our own, since that of the argument
//! parser takes no `--help` itself.

use clap::CommandFactory as _;

use super::prepare::Problem;
use super::{Cli, Console, HelpArgs, OK};
use crate::catalogue::nearest;

/// Shows the help of a command.
pub fn help(args: &HelpArgs, console: &mut Console<'_>) -> Result<u8, Problem> {
    let mut found = Cli::command();
    found.build();
    for name in &args.command {
        let Some(next) = found.find_subcommand(name).cloned() else {
            let known: Vec<&str> = found
                .get_subcommands()
                .map(clap::Command::get_name)
                .collect();
            return Err(Problem::Said(match nearest(name, &known) {
                Some(meant) => format!("there is no command `{name}`; did you mean `{meant}`?"),
                None if known.is_empty() => format!("there is no command `{name}` within that one"),
                None => format!(
                    "there is no command `{name}`; there are: {}",
                    known.join(", ")
                ),
            }));
        };
        found = next;
    }
    let text = found.render_long_help().to_string();
    console.say(text.trim_end());
    Ok(OK)
}
