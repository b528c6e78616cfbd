//! What commands have in common: read the catalogue, find the target, make the plan.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use miette::Diagnostic;
use tokenspec_reference::Personality;

use super::{Console, ERRORED, FilterArgs, TargetArgs, USAGE};
use crate::catalogue::{Catalogue, Mistakes, SourceFile, embedded, read_folder};
use crate::config::{Config, ConfigError, REFERENCE, Target};
use crate::known::KnownError;
use crate::plan::{ActiveProfile, Filter, FilterError, Options, Plan, ProfileError};
use crate::report::visible;

/// Why a command cannot do what it was asked for.
#[derive(Debug)]
pub enum Problem {
    /// Something that the user can mend: exit status 2.
    Usage(Box<dyn Diagnostic + Send + Sync>),
    /// The same, as one sentence.
    Said(String),
    /// The machine does not let us: exit status 3.
    Machine(String),
}

impl Problem {
    /// The exit status.
    #[must_use]
    pub const fn status(&self) -> u8 {
        match self {
            Self::Usage(_) | Self::Said(_) => USAGE,
            Self::Machine(_) => ERRORED,
        }
    }

    /// The text for the user.
    #[must_use]
    pub fn show(&self) -> String {
        match self {
            Self::Usage(diagnostic) => {
                let mut text = String::new();
                // A name that is cut at the end of a line cannot be copied.
                let theme = if plain() {
                    miette::GraphicalTheme::unicode_nocolor()
                } else {
                    miette::GraphicalTheme::unicode()
                };
                let handler =
                    miette::GraphicalReportHandler::new_themed(theme).with_wrap_lines(false);
                match handler.render_report(&mut text, diagnostic.as_ref()) {
                    Ok(()) if plain() => visible(text.trim_end()).into_owned(),
                    Ok(()) => painted(text.trim_end()),
                    Err(_) => visible(&diagnostic.to_string()).into_owned(),
                }
            }
            Self::Said(text) | Self::Machine(text) => {
                visible(&format!("tokenspec: {text}")).into_owned()
            }
        }
    }
}

/// The text with its colours, and with nothing else that a terminal obeys: what it quotes is
/// somebody's file.
fn painted(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut shown = visible(parts.next().unwrap_or_default()).into_owned();
    for part in parts {
        let colour = part.find(|c: char| !c.is_ascii_digit() && c != ';');
        match colour.filter(|at| part[*at..].starts_with('m')) {
            Some(at) => {
                shown.push_str("\u{1b}[");
                shown.push_str(&part[..=at]);
                shown.push_str(&visible(&part[at + 1..]));
            }
            None => {
                shown.push_str("\\u{1b}[");
                shown.push_str(&visible(part));
            }
        }
    }
    shown
}

/// Whether colours are not wanted.
fn plain() -> bool {
    use std::io::IsTerminal as _;
    std::env::var_os("NO_COLOR").is_some() || !std::io::stderr().is_terminal()
}

macro_rules! usage {
    ($($error:ty),*) => {$(
        impl From<$error> for Problem {
            fn from(error: $error) -> Self {
                Self::Usage(Box::new(error))
            }
        }
    )*};
}
usage!(Mistakes, ConfigError, ProfileError, FilterError, KnownError);

/// The catalogue with the folders of further cases.
///
/// # Errors
/// Where a folder cannot be read or a file has mistakes.
pub fn catalogue(folders: &[PathBuf]) -> Result<Arc<Catalogue>, Problem> {
    let mut files = embedded();
    let mut own = Vec::new();
    for folder in folders {
        let more: Vec<SourceFile> = read_folder(folder).map_err(Problem::Said)?;
        if more.is_empty() {
            return Err(Problem::Said(format!(
                "there is no case file in {}",
                folder.display()
            )));
        }
        // A folder with rows of a document that comes with tokenspec is a catalogue of its own, a
        // checkout's for example, and stands in for the built-in one.
        let whole = more.iter().any(|file| {
            file.path.starts_with("requirements/")
                && files.iter().any(|known| known.path == file.path)
        });
        if whole {
            files.clear();
        }
        own.push(more);
    }
    for more in own {
        for file in more {
            if let Some(known) = files.iter().find(|known| known.path == file.path) {
                return Err(Problem::Said(format!(
                    "{} has the name of {}; give it another one",
                    file.shown, known.shown
                )));
            }
            files.push(file);
        }
    }
    Ok(Arc::new(Catalogue::read(&files, false)?))
}

/// The catalogue, and beside its being read something that does not need it.
///
/// # Errors
/// Those of [`catalogue`], then those of what is done beside.
pub fn catalogue_beside<T>(
    folders: &[PathBuf],
    beside: impl FnOnce() -> Result<T, Problem>,
) -> Result<(Arc<Catalogue>, T), Problem> {
    std::thread::scope(|scope| {
        let reading = scope.spawn(|| catalogue(folders));
        let done = beside();
        let read = reading
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        Ok((read?, done?))
    })
}

/// A target, and whether it is the embedded reference.
#[derive(Debug)]
pub struct Chosen {
    /// The target.
    pub target: Target,
    /// The personality of the embedded reference, where it is the target.
    pub reference: Option<Personality>,
}

/// The name of the configuration in the working folder.
pub const CONFIG: &str = "tokenspec.toml";

/// The target that is meant: of the configuration, or the embedded reference.
///
/// # Errors
/// Where the configuration is wrong, or no such target is in it.
pub fn target(args: &TargetArgs, console: &Console<'_>) -> Result<Chosen, Problem> {
    let default = Path::new(CONFIG);
    let path = match (&args.source.config, args.target.as_deref()) {
        (None, Some(REFERENCE)) => None,
        (Some(path), _) => Some(path.as_path()),
        (None, _) if default.exists() => Some(default),
        (None, Some(name)) => {
            return Err(Problem::Said(format!(
                "there is no {CONFIG} here that could have a target `{name}`; name one with --config"
            )));
        }
        (None, None) => None,
    };
    if let Some(path) = path {
        let config = Config::read(path)?;
        return Ok(Chosen {
            target: config.target(args.target.as_deref(), console.environment)?,
            reference: None,
        });
    }
    let personality = if args
        .source
        .profile
        .iter()
        .any(|name| name.split('@').next() == Some("ciam"))
    {
        Personality::Ciam
    } else {
        Personality::Standard
    };
    Ok(Chosen {
        target: reference_target(personality, "http://127.0.0.1")?,
        reference: Some(personality),
    })
}

/// The embedded reference as a target.
///
/// # Errors
/// Where its own configuration is wrong.
pub fn reference_target(personality: Personality, issuer: &str) -> Result<Target, Problem> {
    let text = tokenspec_reference::config_toml(personality, issuer);
    let config = Config::parse("the reference's tokenspec.toml", text, PathBuf::from("."))?;
    let mut target = config.target(None, &|_| None)?;
    target.name = REFERENCE.to_owned();
    Ok(target)
}

/// What the filters of the command line select.
#[must_use]
pub fn filter(args: &FilterArgs) -> Filter {
    Filter {
        only: args.filter.clone(),
        skip: args.skip.clone(),
        exact: args.exact,
    }
}

/// The names of the targets of the configuration.
///
/// # Errors
/// Where there is no configuration, it is wrong, or it has no target.
pub fn target_names(args: &TargetArgs) -> Result<Vec<String>, Problem> {
    let path = args.source.config.as_deref().unwrap_or(Path::new(CONFIG));
    let config = Config::read(path)?;
    let names: Vec<String> = config.names().map(str::to_owned).collect();
    if names.is_empty() {
        return Err(Problem::Said(format!(
            "{} has no target; add `[target.NAME]` with an issuer",
            path.display()
        )));
    }
    Ok(names)
}

/// The plan for a target, with the trials that the filters leave out.
///
/// # Errors
/// Where the profile does not fit.
pub fn whole_plan(
    catalogue: &Catalogue,
    target: &Target,
    profiles: &[String],
    args: &FilterArgs,
) -> Result<Plan, Problem> {
    let profile = ActiveProfile::new(catalogue, profiles, target)?;
    let options = Options {
        safe: args.safe,
        slow: args.slow,
    };
    Ok(Plan::new(catalogue, target, profile, options))
}

/// The plan for a target.
///
/// # Errors
/// Where the profile does not fit, or nothing is selected.
pub fn plan(
    catalogue: &Catalogue,
    target: &Target,
    profiles: &[String],
    args: &FilterArgs,
) -> Result<Plan, Problem> {
    let mut plan = whole_plan(catalogue, target, profiles, args)?;
    filter(args).apply(&mut plan)?;
    Ok(plan)
}

#[cfg(test)]
mod tests {
    use super::painted;

    #[test]
    fn colours_stay_and_nothing_else_that_a_terminal_obeys() {
        assert_eq!(
            painted("\u{1b}[31;1ma\u{1b}[0m b"),
            "\u{1b}[31;1ma\u{1b}[0m b"
        );
        assert_eq!(
            painted("a\u{1b}[2Jb\u{1b}]0;t\u{7}\r\u{202e}\u{1b}["),
            "a\\u{1b}[2Jb\\u{1b}]0;t\\u{7}\\u{d}\\u{202e}\\u{1b}["
        );
    }
}
