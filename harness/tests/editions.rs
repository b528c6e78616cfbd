//! An edition that is out does not change: what its cases judge is what it lists.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use tokenspec::catalogue::{Catalogue, embedded};

#[test]
fn the_newest_edition_of_each_profile_lists_what_its_cases_judge() {
    let catalogue = Catalogue::read(&embedded(), true).unwrap();
    assert!(catalogue.profiles.len() > 3);
    for (name, profile) in &catalogue.profiles {
        let edition = profile.with_edition();
        let listed = &catalogue
            .editions
            .get(&edition)
            .unwrap_or_else(|| panic!("cases/profiles/editions/{edition}.toml is not there"))
            .requirements;
        let judged = catalogue.judged_by(&profile.file);
        let more: Vec<_> = judged.difference(listed).collect();
        let fewer: Vec<_> = listed.difference(&judged).collect();
        assert!(
            more.is_empty() && fewer.is_empty(),
            "{edition}: judged and not listed: {more:?}; listed and not judged: {fewer:?}. Name a \
             new `edition` in cases/profiles/{name}.toml, and write its list: `tokenspec coverage \
             --edition {name} > cases/profiles/editions/{name}@EDITION.toml`"
        );
    }
}

/// No edition speaks of a sentence that is not there.
#[test]
fn editions_list_requirements_that_there_are() {
    let catalogue = Catalogue::read(&embedded(), true).unwrap();
    for (edition, file) in &catalogue.editions {
        let profile = edition.split('@').next().unwrap();
        assert!(catalogue.profiles.contains_key(profile), "{edition}");
        for id in &file.requirements {
            assert!(catalogue.requirements.contains_key(id), "{edition}: {id}");
        }
        for document in &file.documents {
            assert!(
                catalogue.documents.contains_key(document),
                "{edition}: {document}"
            );
        }
    }
}
