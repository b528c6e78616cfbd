//! Reads the files of a catalogue into one value.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use indexmap::IndexMap;
use serde::de::DeserializeOwned;

use super::parsed::Parsed;
use super::{
    Case, Document, EditionFile, Mistake, Mistakes, Profile, ProfileFile, Requirement,
    RequirementFile, SourceFile, Suite, SuiteFile, lint, schema,
};

/// Where the editions of profiles lie.
const EDITIONS: &str = "profiles/editions/";

/// Documents with their requirements, suites of cases, and profiles.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    /// By id.
    pub documents: BTreeMap<String, Document>,
    /// By id, in the order of the files.
    pub requirements: IndexMap<String, Requirement>,
    /// In the order of their names.
    pub suites: Vec<Suite>,
    /// By name.
    pub profiles: BTreeMap<String, Profile>,
    /// What profiles were, by `NAME@EDITION`.
    pub editions: BTreeMap<String, EditionFile>,
    /// The ids of documents that were added to those that come with tokenspec.
    pub own_documents: Vec<String>,
    /// The files that it was read from.
    pub files: Vec<SourceFile>,
}

impl Catalogue {
    /// Reads and lints `files`.
    ///
    /// Files that come with tokenspec are trusted to have been linted, unless `thorough`.
    ///
    /// # Errors
    /// Every mistake in every file.
    pub fn read(files: &[SourceFile], thorough: bool) -> Result<Self, Mistakes> {
        let mut catalogue = Self {
            files: files.to_vec(),
            ..Self::default()
        };
        let mut mistakes = Vec::new();
        let is_requirement = |file: &&SourceFile| file.path.starts_with("requirements/");
        let is_profile = |file: &&SourceFile| file.path.starts_with("profiles/");
        for file in files.iter().filter(is_requirement) {
            if let Some(read) = parse::<RequirementFile>(file, thorough, &mut mistakes) {
                if thorough || !file.shipped {
                    lint::document(&catalogue, file, &read, &mut mistakes);
                }
                catalogue.add_document(file, read);
            }
        }
        for file in files.iter().filter(is_profile) {
            if file.path.starts_with(EDITIONS) {
                if let Some(read) = parse::<EditionFile>(file, thorough, &mut mistakes) {
                    catalogue.editions.insert(stem(&file.path).to_owned(), read);
                }
            } else if let Some(read) = parse::<ProfileFile>(file, thorough, &mut mistakes) {
                let name = stem(&file.path).to_owned();
                catalogue
                    .profiles
                    .insert(name.clone(), Profile { name, file: read });
            }
        }
        let suites: Vec<&SourceFile> = files
            .iter()
            .filter(|file| !is_requirement(file) && !is_profile(file))
            .collect();
        let mut linted = Vec::new();
        for (file, (read, found)) in suites.iter().zip(side_by_side(&suites, |file| {
            let mut found = Vec::new();
            let read = parse::<SuiteFile>(file, thorough, &mut found);
            (read, found)
        })) {
            mistakes.extend(found);
            if let Some(read) = read {
                linted.push((*file, catalogue.suite(file, read)));
            }
        }
        for (file, suite) in linted {
            if thorough || !file.shipped {
                lint::suite(&catalogue, file, &suite, &mut mistakes);
            }
            catalogue.suites.push(suite);
        }
        if thorough {
            let lasting = |file: &&SourceFile| !file.path.starts_with(EDITIONS);
            for file in files.iter().filter(is_profile).filter(lasting) {
                lint::profile(&catalogue, file, &mut mistakes);
            }
        }
        catalogue.suites.sort_by(|a, b| a.name.cmp(&b.name));
        Mistakes::check(mistakes)?;
        Ok(catalogue)
    }

    fn add_document(&mut self, file: &SourceFile, read: RequirementFile) {
        for requirement in read.requirement {
            self.requirements
                .insert(requirement.id.clone(), requirement);
        }
        if !file.shipped {
            self.own_documents.push(read.document.id.clone());
        }
        self.documents
            .insert(read.document.id.clone(), read.document);
    }

    /// The suite with its requirement ids made complete.
    fn suite(&self, file: &SourceFile, read: SuiteFile) -> Suite {
        let mut cases = read.case;
        for case in &mut cases {
            case.tighten();
            for expectation in case.expectations_mut() {
                let ids = expectation
                    .requirement
                    .as_slice()
                    .iter()
                    .map(|id| self.complete(read.document.as_deref(), id))
                    .collect();
                expectation.requirement = super::OneOrMany::Many(ids);
            }
        }
        Suite {
            own: !file.shipped,
            name: file.path.trim_end_matches(".toml").to_owned(),
            title: read.title,
            cases: cases.into_iter().map(Arc::new).collect(),
        }
    }

    /// A requirement's id with its document's prefix.
    fn complete(&self, document: Option<&str>, id: &str) -> String {
        if self.document_of(id).is_some() {
            return id.to_owned();
        }
        match document {
            Some(document) => format!("{document}-{id}"),
            None => id.to_owned(),
        }
    }

    /// The document of a requirement.
    #[must_use]
    pub fn document_of(&self, requirement: &str) -> Option<&Document> {
        // The longest id that is a prefix: `rfc7523bis` and `rfc7523` are both documents.
        self.documents
            .values()
            .filter(|document| {
                requirement
                    .strip_prefix(document.id.as_str())
                    .is_some_and(|rest| rest.starts_with('-'))
            })
            .max_by_key(|document| document.id.len())
    }

    /// The requirements that the cases of a profile judge: what an edition of it lists.
    #[must_use]
    pub fn judged_by(&self, profile: &ProfileFile) -> BTreeSet<String> {
        let applies = |suite: &Suite| {
            profile
                .suites
                .iter()
                .any(|glob| wildmatch::WildMatch::new(glob).matches(&suite.name))
        };
        self.cases()
            .filter(|(suite, _)| applies(suite))
            .flat_map(|(_, case)| case.requirements())
            .filter(|id| {
                self.document_of(id)
                    .is_some_and(|document| profile.documents.contains(&document.id))
                    && !profile.without.iter().any(|known| known == id)
            })
            .map(str::to_owned)
            .collect()
    }

    /// The SHA-256 over the paths and texts of its files, in hexadecimal: what a report says it was made with.
    #[must_use]
    pub fn digest(&self) -> String {
        use sha2::{Digest, Sha256};
        let mut hash = Sha256::new();
        for file in &self.files {
            for part in [file.path.as_bytes(), file.text.as_bytes()] {
                hash.update((part.len() as u64).to_be_bytes());
                hash.update(part);
            }
        }
        let bytes = hash.finalize();
        let mut text = String::from("sha256:");
        for byte in bytes {
            use std::fmt::Write as _;
            let _ = write!(text, "{byte:02x}");
        }
        text
    }

    /// Every case with its suite.
    pub fn cases(&self) -> impl Iterator<Item = (&Suite, &Arc<Case>)> {
        self.suites
            .iter()
            .flat_map(|suite| suite.cases.iter().map(move |case| (suite, case)))
    }
}

/// The file's name without its folder and ending.
pub(super) fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.trim_end_matches(".toml")
}

/// What is made of each file, in their order, on as many threads as have something to do.
fn side_by_side<T: Send>(files: &[&SourceFile], make: impl Fn(&SourceFile) -> T + Sync) -> Vec<T> {
    const WORTH_A_THREAD: usize = 64 * 1024;
    let all: usize = files.iter().map(|file| file.text.len()).sum();
    let threads = std::thread::available_parallelism()
        .map_or(1, usize::from)
        .min(4)
        .min(all / WORTH_A_THREAD)
        .max(1);
    // Each takes as much text, not as many files.
    let mut parts: Vec<&[&SourceFile]> = Vec::with_capacity(threads);
    let mut rest = files;
    for left in (2..=threads).rev() {
        let share = rest.iter().map(|file| file.text.len()).sum::<usize>() / left;
        let mut taken = 0;
        let count = rest
            .iter()
            .take_while(|file| {
                let has_room = taken < share;
                taken += file.text.len();
                has_room
            })
            .count();
        let (part, others) = rest.split_at(count);
        parts.push(part);
        rest = others;
    }
    let make = &make;
    let of = |part: &[&SourceFile]| part.iter().map(|file| make(file)).collect::<Vec<T>>();
    std::thread::scope(|scope| {
        let others: Vec<_> = parts
            .into_iter()
            .map(|part| scope.spawn(move || of(part)))
            .collect();
        let last = of(rest);
        let mut made = Vec::with_capacity(files.len());
        for other in others {
            made.extend(
                other
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            );
        }
        made.extend(last);
        made
    })
}

fn parse<T: DeserializeOwned + schemars::JsonSchema>(
    file: &SourceFile,
    thorough: bool,
    mistakes: &mut Vec<Mistake>,
) -> Option<T> {
    if !thorough
        && let Some(read) = file
            .prepared
            .and_then(|json| serde_json::from_str(json).ok())
    {
        return Some(read);
    }
    let all_mistakes = || match Parsed::new(&file.shown, &file.text) {
        Ok(parsed) => parsed.check(&schema::of::<T>("")),
        Err(found) => found,
    };
    let read = toml::from_str(&file.text);
    // What can be read is right; the first that cannot be read hides the others.
    let found = match &read {
        Ok(_) if !thorough => Vec::new(),
        _ => all_mistakes(),
    };
    if !found.is_empty() {
        mistakes.extend(found);
        return None;
    }
    match read {
        Ok(read) => Some(read),
        Err(error) => {
            mistakes.push(Mistake::new(
                &file.shown,
                &file.text,
                error.span().unwrap_or(0..0),
                "unreadable",
                error.message().to_owned(),
                None,
            ));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::embedded;

    /// What is read from the JSON that the build prepares is what the files say.
    #[test]
    fn what_was_prepared_is_what_the_files_say() {
        let prepared = embedded();
        assert!(prepared.iter().all(|file| file.prepared.is_some()));
        let mut plain = prepared.clone();
        for file in &mut plain {
            file.prepared = None;
        }
        let read = |files: &[SourceFile]| {
            let read = Catalogue::read(files, false).unwrap_or_else(|error| panic!("{error}"));
            format!(
                "{:#?}",
                Catalogue {
                    files: Vec::new(),
                    ..read
                }
            )
        };
        let (prepared, plain) = (read(&prepared), read(&plain));
        let differing = prepared.lines().zip(plain.lines()).find(|(a, b)| a != b);
        assert_eq!(differing, None);
        assert_eq!(prepared.len(), plain.len());
    }
}
