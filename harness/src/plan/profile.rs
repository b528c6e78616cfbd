//! The profile of a run: the union of what the target claims to be.

use miette::Diagnostic;
use thiserror::Error;
use wildmatch::WildMatch;

use crate::catalogue::{Catalogue, Deviation};
use crate::config::Target;

/// A profile cannot be used.
#[derive(Debug, Error, Diagnostic)]
pub enum ProfileError {
    /// There is none of that name or edition.
    #[error("there is no profile `{name}`")]
    #[diagnostic(code("unknown-profile"), help("known are: {known}"))]
    Unknown {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// It needs a registered client.
    #[error("the profile `{name}` needs a registered client, and the target has none")]
    #[diagnostic(
        code("profile-without-client"),
        help("add a [[target.NAME.client]] with id, secret and grants to the configuration")
    )]
    NoClient {
        /// The profile.
        name: String,
    },
}

/// What counts in a run.
#[derive(Debug, Clone, Default)]
pub struct ActiveProfile {
    /// The names with their editions.
    pub names: Vec<String>,
    /// The documents whose requirements count.
    pub documents: Vec<String>,
    /// Requirements of them that do not.
    pub without: Vec<String>,
    /// What vendors document to be otherwise.
    pub deviations: Vec<Deviation>,
    suites: Vec<String>,
}

impl ActiveProfile {
    /// The union of the profiles `names`, or of what the target claims where none is named.
    ///
    /// # Errors
    /// Where there is no such profile, or the target cannot have it.
    pub fn new(
        catalogue: &Catalogue,
        names: &[String],
        target: &Target,
    ) -> Result<Self, ProfileError> {
        let default = ["oauth2".to_owned()];
        let names = match (names, target.profile.as_slice()) {
            ([], []) => default.as_slice(),
            ([], claimed) => claimed,
            (named, _) => named,
        };
        let mut active = Self::default();
        for name in names {
            let (plain, edition) = match name.split_once('@') {
                Some((plain, edition)) => (plain, Some(edition)),
                None => (name.as_str(), None),
            };
            let found = catalogue.profiles.get(plain).filter(|profile| {
                edition.is_none_or(|edition| profile.file.edition.as_deref() == Some(edition))
            });
            let Some(profile) = found else {
                let known: Vec<String> = catalogue
                    .profiles
                    .values()
                    .map(crate::catalogue::Profile::with_edition)
                    .collect();
                return Err(ProfileError::Unknown {
                    name: name.clone(),
                    known: known.join(", "),
                });
            };
            if profile.file.needs_client && target.clients.is_empty() {
                return Err(ProfileError::NoClient { name: name.clone() });
            }
            active.names.push(profile.with_edition());
            add(&mut active.documents, &profile.file.documents);
            add(&mut active.without, &profile.file.without);
            add(&mut active.suites, &profile.file.suites);
            active
                .deviations
                .extend(profile.file.deviation.iter().cloned());
        }
        active.add_unclaimed(catalogue);
        Ok(active)
    }

    /// Takes in the suites and documents of a folder of the user's own that no profile speaks of:
    /// who adds them wants them to be judged.
    fn add_unclaimed(&mut self, catalogue: &Catalogue) {
        let profiles = || catalogue.profiles.values().map(|profile| &profile.file);
        for suite in catalogue.suites.iter().filter(|suite| suite.own) {
            let claimed = profiles()
                .flat_map(|file| &file.suites)
                .any(|glob| WildMatch::new(glob).matches(&suite.name));
            if !claimed {
                add(&mut self.suites, std::slice::from_ref(&suite.name));
            }
        }
        for document in &catalogue.own_documents {
            if !profiles().any(|file| file.documents.contains(document)) {
                add(&mut self.documents, std::slice::from_ref(document));
            }
        }
    }

    /// All documents and suites but those of vendors, for the proof of the cases.
    #[must_use]
    pub fn everything(catalogue: &Catalogue) -> Self {
        let vendors: Vec<&str> = catalogue
            .profiles
            .values()
            .filter(|profile| !profile.file.deviation.is_empty())
            .map(|profile| profile.name.as_str())
            .collect();
        let of_vendor = |name: &str| {
            vendors
                .iter()
                .any(|vendor| name.split('/').next() == Some(vendor))
        };
        Self {
            names: vec!["everything".into()],
            documents: catalogue
                .documents
                .keys()
                .filter(|id| !of_vendor(id))
                .cloned()
                .collect(),
            suites: catalogue
                .suites
                .iter()
                .map(|suite| suite.name.clone())
                .filter(|name| !of_vendor(name))
                .collect(),
            ..Self::default()
        }
    }

    /// Whether a suite applies.
    #[must_use]
    pub fn has_suite(&self, name: &str) -> bool {
        self.suites
            .iter()
            .any(|glob| WildMatch::new(glob).matches(name))
    }

    /// Whether a requirement counts.
    #[must_use]
    pub fn counts(&self, catalogue: &Catalogue, id: &str) -> bool {
        catalogue
            .document_of(id)
            .is_some_and(|document| self.documents.contains(&document.id))
            && !self.without.iter().any(|known| known == id)
    }
}

fn add(all: &mut Vec<String>, more: &[String]) {
    for one in more {
        if !all.contains(one) {
            all.push(one.clone());
        }
    }
}
