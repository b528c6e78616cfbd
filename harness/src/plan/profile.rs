//! The profile of a run: the union of what the target claims to be.

use std::collections::BTreeSet;

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
    /// Requirements of them that do not, in order.
    pub without: Vec<String>,
    /// What vendors document to be otherwise.
    pub deviations: Vec<Deviation>,
    suites: Vec<String>,
}

/// The documents of a profile, and what its edition lists.
type Part<'p> = (&'p Vec<String>, Option<&'p BTreeSet<String>>);

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
        let mut parts: Vec<Part<'_>> = Vec::new();
        for name in names {
            let (plain, edition) = match name.split_once('@') {
                Some((plain, edition)) => (plain, Some(edition)),
                None => (name.as_str(), None),
            };
            let found = catalogue.profiles.get(plain).filter(|profile| {
                edition.is_none_or(|edition| profile.file.edition.as_deref() == Some(edition))
                    || catalogue.editions.contains_key(name)
            });
            let Some(profile) = found else {
                let mut known: BTreeSet<String> = catalogue
                    .profiles
                    .values()
                    .map(crate::catalogue::Profile::with_edition)
                    .collect();
                known.extend(catalogue.editions.keys().cloned());
                return Err(ProfileError::Unknown {
                    name: name.clone(),
                    known: known.into_iter().collect::<Vec<_>>().join(", "),
                });
            };
            let named = match edition {
                Some(_) => name.clone(),
                None => profile.with_edition(),
            };
            let frozen = catalogue.editions.get(&named);
            let documents = frozen.map_or(&profile.file.documents, |edition| &edition.documents);
            parts.push((documents, frozen.map(|edition| &edition.requirements)));
            if profile.file.needs_client && target.clients.is_empty() {
                return Err(ProfileError::NoClient { name: name.clone() });
            }
            active.names.push(named);
            add(&mut active.documents, documents);
            add(&mut active.without, &profile.file.without);
            add(&mut active.suites, &profile.file.suites);
            active
                .deviations
                .extend(profile.file.deviation.iter().cloned());
        }
        active.freeze(catalogue, &parts);
        active.add_unclaimed(catalogue);
        Ok(active)
    }

    /// What no edition lists does not count, unless a profile without one has its document.
    fn freeze(&mut self, catalogue: &Catalogue, parts: &[Part<'_>]) {
        for id in catalogue.requirements.keys() {
            let Some(document) = catalogue.document_of(id) else {
                continue;
            };
            let counts = |(documents, listed): &Part<'_>| {
                documents.contains(&document.id) && listed.is_none_or(|listed| listed.contains(id))
            };
            if self.documents.contains(&document.id) && !parts.iter().any(counts) {
                self.without.push(id.clone());
            }
        }
        self.without.sort_unstable();
        self.without.dedup();
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
                .any(|vendor| name.split(['/', '-']).next() == Some(vendor))
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
            && self
                .without
                .binary_search_by(|known| known.as_str().cmp(id))
                .is_err()
    }
}

fn add(all: &mut Vec<String>, more: &[String]) {
    for one in more {
        if !all.contains(one) {
            all.push(one.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{SourceFile, embedded};

    /// The catalogue with an old edition of `oauth2` that counts one requirement.
    fn with_old_edition() -> Catalogue {
        let mut files = embedded();
        files.push(SourceFile {
            path: "profiles/editions/oauth2@2025-01.toml".into(),
            shown: "an old edition".into(),
            text: "documents = [\"rfc6749\"]\nrequirements = [\"rfc6749-5.1-access-token\"]\n"
                .into(),
            prepared: None,
            shipped: true,
        });
        Catalogue::read(&files, false).unwrap_or_else(|error| panic!("{error}"))
    }

    fn target() -> Target {
        let text = "[target.a]\ntoken-endpoint = \"https://as.example/token\"\n";
        crate::config::Config::parse("a configuration", text.into(), ".".into())
            .and_then(|config| config.target(None, &|_| None))
            .unwrap_or_else(|error| panic!("{error}"))
    }

    fn active(catalogue: &Catalogue, names: &[&str]) -> ActiveProfile {
        let names: Vec<String> = names.iter().map(|&name| name.into()).collect();
        ActiveProfile::new(catalogue, &names, &target()).unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn an_edition_counts_what_it_lists_and_nothing_else() {
        let catalogue = with_old_edition();
        let old = active(&catalogue, &["oauth2@2025-01"]);
        assert_eq!(old.names, ["oauth2@2025-01"]);
        let counted: Vec<&String> = catalogue
            .requirements
            .keys()
            .filter(|id| old.counts(&catalogue, id))
            .collect();
        assert_eq!(counted, ["rfc6749-5.1-access-token"]);
        let newest = active(&catalogue, &["oauth2"]);
        assert!(newest.counts(&catalogue, "rfc6749-5.1-token-type"));
    }

    #[test]
    fn beside_another_profile_both_count() {
        let catalogue = with_old_edition();
        let both = active(&catalogue, &["oauth2@2025-01", "oidc"]);
        assert!(both.counts(&catalogue, "rfc6749-5.1-token-type"));
        assert!(both.counts(&catalogue, "rfc6749-5.1-access-token"));
    }

    #[test]
    fn an_edition_that_nobody_made_is_told_with_those_there_are() {
        let catalogue = with_old_edition();
        let error = ActiveProfile::new(&catalogue, &["oauth2@1999-01".to_owned()], &target());
        let Err(ProfileError::Unknown { known, .. }) = error else {
            panic!("{error:?}");
        };
        assert!(known.contains("oauth2@2025-01"), "{known}");
    }
}
