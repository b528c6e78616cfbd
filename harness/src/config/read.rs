//! Reads `tokenspec.toml` and chooses a target of it.

use std::path::{Path, PathBuf};

use miette::Diagnostic;
use thiserror::Error;

use super::environment;
use super::file::{ConfigFile, TargetFile};
use super::shown::shown;
use super::target::Target;
use crate::catalogue::{At, Mistake, Mistakes, Parsed, check_shape, schema};

/// The name that the embedded reference has in reports; no target may take it.
pub const REFERENCE: &str = "reference";

/// Something is wrong with the configuration; nothing was sent.
#[derive(Debug, Error, Diagnostic)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{path} cannot be read: {cause}")]
    #[diagnostic(
        code("config-unreadable"),
        help(
            "name another with --config, or write one: `tokenspec init URL`, with the URL of your server"
        )
    )]
    Unreadable {
        /// The file.
        path: String,
        /// The system's words.
        cause: String,
    },
    /// The file has mistakes.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Mistakes(#[from] Mistakes),
    /// There is no such target, or none was chosen.
    #[error("{message}")]
    #[diagnostic(code("config-target"), help("{remedy}"))]
    Target {
        /// What is wrong.
        message: String,
        /// What to do.
        remedy: String,
    },
}

/// A configuration that was read.
#[derive(Debug)]
pub struct Config {
    name: String,
    /// The text as messages show it.
    shown: String,
    pub(super) folder: PathBuf,
    pub(super) table: toml::Table,
}

impl Config {
    /// Reads a file.
    ///
    /// # Errors
    /// Where it cannot be read or has mistakes.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|error| ConfigError::Unreadable {
            path: path.display().to_string(),
            cause: error.to_string(),
        })?;
        // The folder of `tokenspec.toml` is the empty path, in which nothing can be started.
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
            _ => PathBuf::from("."),
        };
        Self::parse(&path.display().to_string(), text, folder)
    }

    /// Reads a text; `name` is how messages call it.
    ///
    /// # Errors
    /// Where it has mistakes.
    pub fn parse(name: &str, text: String, folder: PathBuf) -> Result<Self, ConfigError> {
        let schema = schema::of::<ConfigFile>("tokenspec.toml");
        let shown = shown(&text);
        Mistakes::check(check_shape(name, &shown, &schema))?;
        let table: toml::Table = toml::from_str(&text).map_err(|error: toml::de::Error| {
            let span = error.span().unwrap_or(0..0);
            let message = error.message().to_owned();
            let mistake = Mistake::new(name, &shown, span, "unreadable", message, None);
            Mistakes {
                mistakes: vec![mistake],
            }
        })?;
        let config = Self {
            name: name.to_owned(),
            shown,
            folder,
            table,
        };
        if config.names().any(|name| name == REFERENCE) {
            return Err(config.one(
                &["target".into(), REFERENCE.into()],
                REFERENCE,
                "reserved-name",
                "`reference` is the name of the embedded server".into(),
                "give the target another name",
            ));
        }
        Ok(config)
    }

    /// The targets' names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let targets = self.table.get("target").and_then(toml::Value::as_table);
        targets
            .into_iter()
            .flat_map(toml::Table::keys)
            .map(String::as_str)
    }

    /// The target of that name, or the one that is meant where none is named.
    ///
    /// # Errors
    /// Where there is none, an environment variable is unset, or a value is wrong.
    pub fn target(
        &self,
        name: Option<&str>,
        lookup: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Target, ConfigError> {
        let names: Vec<&str> = self.names().collect();
        let default = match (name, self.table.get("default-target")) {
            (None, Some(default)) => {
                let mut default = default.clone();
                self.expand(&["default-target".into()], &mut default, lookup)?;
                default.as_str().map(str::to_owned)
            }
            _ => None,
        };
        let name = match name.or(default.as_deref()) {
            Some(name) => name,
            None if names.len() == 1 => names[0],
            None => {
                let (message, remedy) = if names.is_empty() {
                    (
                        format!("{} has no target", self.name),
                        "add `[target.NAME]` with an issuer, and a `[[target.NAME.client]]`",
                    )
                } else {
                    (
                        format!("{} has several targets: {}", self.name, names.join(", ")),
                        "choose one with --target, or with `default-target` in the file",
                    )
                };
                return Err(ConfigError::Target {
                    message,
                    remedy: remedy.into(),
                });
            }
        };
        let Some(mut value) = self
            .table
            .get("target")
            .and_then(|targets| targets.get(name))
            .cloned()
        else {
            return Err(ConfigError::Target {
                message: format!("there is no target `{name}` in {}", self.name),
                remedy: format!("it has: {}", names.join(", ")),
            });
        };
        let path = ["target".into(), name.into()];
        self.expand(&path, &mut value, lookup)?;
        let file: TargetFile = value.try_into().map_err(|error: toml::de::Error| {
            self.one(
                &["target".into(), name.into()],
                name,
                "unreadable",
                error.message().to_owned(),
                "see `tokenspec schema config`",
            )
        })?;
        self.resolve(name, file)
    }

    /// Puts the environment into a value; what is unset there is a mistake.
    fn expand(
        &self,
        path: &[At],
        value: &mut toml::Value,
        lookup: &dyn Fn(&str) -> Option<String>,
    ) -> Result<(), ConfigError> {
        let mut unset = Vec::new();
        environment::expand_all(value, lookup, &mut unset);
        let mistakes = unset
            .iter()
            .map(|variable| {
                self.mistake(
                    path,
                    &format!("${{{variable}}}"),
                    "unset-variable",
                    format!("the environment variable {variable} is not set"),
                    format!("set it: export {variable}=…"),
                )
            })
            .collect();
        Ok(Mistakes::check(mistakes)?)
    }

    /// A mistake at what `path` leads to, or at the part `needle` of it.
    pub(super) fn mistake(
        &self,
        path: &[At],
        needle: &str,
        code: &'static str,
        message: String,
        remedy: impl Into<String>,
    ) -> Mistake {
        let remedy = Some(remedy.into());
        match Parsed::new(&self.name, &self.shown) {
            Ok(parsed) => parsed.mistake_of(path, needle, code, message, remedy),
            Err(_) => Mistake::new(&self.name, &self.shown, 0..0, code, message, remedy),
        }
    }

    fn one(
        &self,
        path: &[At],
        needle: &str,
        code: &'static str,
        message: String,
        remedy: impl Into<String>,
    ) -> ConfigError {
        Mistakes {
            mistakes: vec![self.mistake(path, needle, code, message, remedy)],
        }
        .into()
    }
}
