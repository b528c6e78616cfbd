//! The mistakes of requirements and profiles, and of what names them.

use std::collections::HashSet;

use super::super::load::stem;
use super::super::parsed::{At, Parsed};
use super::super::shape::remedy;
use super::super::{Answer, Catalogue, Mistake, RequirementFile, SourceFile};

/// The mistakes of a file of requirements.
pub fn document(
    catalogue: &Catalogue,
    file: &SourceFile,
    read: &RequirementFile,
    mistakes: &mut Vec<Mistake>,
) {
    let Ok(parsed) = Parsed::new(&file.shown, &file.text) else {
        return;
    };
    let prefix = format!("{}-", read.document.id);
    if stem(&file.path) != read.document.id {
        mistakes.push(parsed.mistake(
            &["document".into(), "id".into()],
            "document-name",
            format!(
                "the document's id `{}` is not the file's name, `{}`",
                read.document.id,
                stem(&file.path)
            ),
            Some("give both the same name; it is the prefix of the requirements' ids".into()),
        ));
    }
    let mut seen = HashSet::new();
    for (index, requirement) in read.requirement.iter().enumerate() {
        let path: [At; 3] = ["requirement".into(), index.into(), "id".into()];
        if !requirement.id.starts_with(&prefix) {
            mistakes.push(parsed.mistake(
                &path,
                "requirement-prefix",
                format!("`{}` does not begin with `{prefix}`", requirement.id),
                Some("an id is the document's id, the section and a few words".into()),
            ));
        }
        if !seen.insert(&requirement.id) || catalogue.requirements.contains_key(&requirement.id) {
            mistakes.push(parsed.mistake(
                &path,
                "duplicate-requirement",
                format!("there is already a requirement `{}`", requirement.id),
                Some("give it another id; cases and reports go by it".into()),
            ));
        }
    }
}

/// The mistakes of a profile.
pub fn profile(catalogue: &Catalogue, file: &SourceFile, mistakes: &mut Vec<Mistake>) {
    let Ok(parsed) = Parsed::new(&file.shown, &file.text) else {
        return;
    };
    let Some(profile) = catalogue.profiles.get(stem(&file.path)) else {
        return;
    };
    let mut found = Vec::new();
    for (index, id) in profile.file.documents.iter().enumerate() {
        let path = ["documents".into(), index.into()];
        known_document(catalogue, &parsed, &path, id, &mut found);
    }
    for (index, glob) in profile.file.suites.iter().enumerate() {
        let pattern = wildmatch::WildMatch::new(glob);
        if !catalogue
            .suites
            .iter()
            .any(|suite| pattern.matches(&suite.name))
        {
            let known: Vec<&str> = catalogue.suites.iter().map(|s| s.name.as_str()).collect();
            found.push(parsed.mistake(
                &["suites".into(), index.into()],
                "unknown-suite",
                format!("no suite matches `{glob}`"),
                Some(remedy(glob, &known)),
            ));
        }
    }
    for (at, deviation) in profile.file.deviation.iter().enumerate() {
        for (index, id) in deviation.requirement.iter().enumerate() {
            let path = [
                "deviation".into(),
                at.into(),
                "requirement".into(),
                index.into(),
            ];
            known_requirement(catalogue, &parsed, &path, id, &mut found);
        }
        if deviation.instead.is_empty() || deviation.instead.iter().any(Answer::is_empty) {
            found.push(parsed.mistake(
                &["deviation".into(), at.into(), "instead".into()],
                "expects-nothing",
                "the deviation excuses every answer",
                Some("say the status, the members or the body that the vendor documents".into()),
            ));
        }
    }
    for (index, id) in profile.file.without.iter().enumerate() {
        let path = ["without".into(), index.into()];
        known_requirement(catalogue, &parsed, &path, id, &mut found);
    }
    found.sort_by_key(Mistake::position);
    mistakes.append(&mut found);
}

/// Whether there is a document of that id; else the mistake is told.
pub(super) fn known_document(
    catalogue: &Catalogue,
    parsed: &Parsed<'_>,
    path: &[At],
    id: &str,
    mistakes: &mut Vec<Mistake>,
) {
    if !catalogue.documents.contains_key(id) {
        mistakes.push(parsed.mistake(
            path,
            "unknown-document",
            format!("there is no document `{id}`"),
            Some(remedy(id, &documents(catalogue))),
        ));
    }
}

/// The ids of all documents.
pub(super) fn documents(catalogue: &Catalogue) -> Vec<&str> {
    catalogue.documents.keys().map(String::as_str).collect()
}

/// Whether there is a requirement of that id; else the mistake is told.
pub(super) fn known_requirement(
    catalogue: &Catalogue,
    parsed: &Parsed<'_>,
    path: &[At],
    id: &str,
    mistakes: &mut Vec<Mistake>,
) -> bool {
    if catalogue.requirements.contains_key(id) {
        return true;
    }
    let nearest = catalogue.document_of(id).and_then(|document| {
        let prefix = format!("{}-", document.id);
        catalogue
            .requirements
            .keys()
            .filter(|known| known.starts_with(&prefix))
            .min_by_key(|known| strsim::damerau_levenshtein(id, known))
    });
    let help = match nearest {
        Some(nearest) => format!("the nearest is `{nearest}`"),
        None => format!(
            "an id begins with that of its document: {}",
            documents(catalogue).join(", ")
        ),
    };
    mistakes.push(parsed.mistake(
        path,
        "unknown-requirement",
        format!("there is no requirement `{id}`"),
        Some(help),
    ));
    false
}
