//! Which trials of a plan are selected.

use miette::Diagnostic;
use thiserror::Error;
use wildmatch::WildMatch;

use super::{Plan, Trial};

/// Nothing was selected.
#[derive(Debug, Error, Diagnostic)]
#[error("no trial matches {filters}")]
#[diagnostic(
    code("nothing-selected"),
    help(
        "`tokenspec list` shows the names; in a filter `*` stands for any text and `?` for one character{near}"
    )
)]
pub struct FilterError {
    filters: String,
    near: String,
}

/// Globs over trial names: `*` and `?`; brackets are literal. A filter without either is matched
/// anywhere in the name, unless `exact`.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// One of these has to match; all do where there is none.
    pub only: Vec<String>,
    /// None of these may match.
    pub skip: Vec<String>,
    /// Filters are whole names.
    pub exact: bool,
}

impl Filter {
    /// Whether a trial is selected, by its name or one that it had before.
    #[must_use]
    pub fn selects(&self, trial: &Trial) -> bool {
        let mut names = vec![&trial.name];
        names.extend(&trial.aliases);
        let matches = |glob: &String| {
            names.iter().any(|name| {
                if self.exact {
                    *name == glob
                } else if glob.contains(['*', '?']) {
                    WildMatch::new(glob).matches(name)
                } else {
                    name.contains(glob.as_str())
                }
            })
        };
        (self.only.is_empty() || self.only.iter().any(matches)) && !self.skip.iter().any(matches)
    }

    /// The plan with only the selected trials.
    ///
    /// # Errors
    /// Where none is left.
    pub fn apply(&self, plan: &mut Plan) -> Result<(), FilterError> {
        let names: Vec<String> = plan.trials.iter().map(|trial| trial.name.clone()).collect();
        plan.trials.retain(|trial| self.selects(trial));
        if !plan.trials.is_empty() {
            return Ok(());
        }
        let filters: Vec<String> = self
            .only
            .iter()
            .map(|filter| format!("`{filter}`"))
            .collect();
        let near = self.only.first().and_then(|filter| {
            names
                .iter()
                .map(|name| (strsim::jaro_winkler(filter, name), name))
                .filter(|(likeness, _)| *likeness > 0.8)
                .max_by(|a, b| a.0.total_cmp(&b.0))
        });
        Err(FilterError {
            filters: if filters.is_empty() {
                "what --skip leaves".into()
            } else {
                filters.join(" or ")
            },
            near: near.map_or(String::new(), |(_, name)| {
                format!("; the nearest name is `{name}`")
            }),
        })
    }
}
