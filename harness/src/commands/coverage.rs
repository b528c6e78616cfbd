//! `tokenspec coverage`: what is judged, and what proves it.

use std::sync::Arc;

use super::prepare::{self, Problem};
use super::{Console, CoverageArgs, FAILED, OK};
use crate::catalogue::{Catalogue, Level, Profile};
use crate::proof::{self, Proof};

/// Shows what is judged; with `--faults`, what proves it.
pub fn coverage(args: &CoverageArgs, console: &mut Console<'_>) -> Result<u8, Problem> {
    let catalogue = prepare::catalogue(&args.cases)?;
    if let Some(name) = &args.edition {
        let profile = catalogue
            .profiles
            .get(name)
            .ok_or_else(|| Problem::Said(format!("there is no profile `{name}`")))?;
        console.say(edition(&catalogue, profile));
        return Ok(OK);
    }
    if !args.faults {
        table(&catalogue, console);
        return Ok(OK);
    }
    let wanted = args.only.as_deref().map(wildmatch::WildMatch::new);
    let faults: Vec<_> = tokenspec_reference::faults()
        .iter()
        .filter(|fault| wanted.as_ref().is_none_or(|glob| glob.matches(fault.name)))
        .collect();
    if let Some(only) = args.only.as_deref().filter(|_| faults.is_empty()) {
        return Err(Problem::Said(format!(
            "no fault matches `{only}`; `tokenspec serve --list-faults` lists them"
        )));
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Problem::Machine(error.to_string()))?;
    let matrix = runtime
        .block_on(proof::matrix(Arc::clone(&catalogue), &faults, |_| {}))
        .map_err(Problem::Machine)?;
    let mut proof = Proof::new(&catalogue, &matrix, &faults, proof::EXCUSES);
    if wanted.is_some() {
        // What no fault proves shows only where all were tried.
        proof.problems.retain(proof::Problem::is_of_fault);
    }
    for fault in &faults {
        let broken = matrix.faults.get(fault.name).map(|row| &row.broken);
        let caught: Vec<String> = broken
            .into_iter()
            .flatten()
            .map(|(requirement, trials)| format!("{requirement} ({} trials)", trials.len()))
            .collect();
        console.say(format!("{}: {}", fault.name, fault.does));
        console.say(format!(
            "  caught by {}",
            if caught.is_empty() {
                "nothing".into()
            } else {
                caught.join(", ")
            }
        ));
    }
    for problem in &proof.problems {
        console.say(problem.to_string());
    }
    if !proof.waiting.is_empty() {
        let names: Vec<&str> = proof.waiting.iter().copied().collect();
        console.say(format!(
            "of requirements that no case judges: {}",
            names.join(", ")
        ));
    }
    console.say(proof.line());
    Ok(if proof.problems.is_empty() {
        OK
    } else {
        FAILED
    })
}

/// The text of `cases/profiles/editions/NAME@EDITION.toml`.
fn edition(catalogue: &Catalogue, profile: &Profile) -> String {
    let list = |name: &str, ids: &mut dyn Iterator<Item = &str>| {
        let lines: String = ids.map(|id| format!("    {id:?},\n")).collect();
        format!("{name} = [\n{lines}]")
    };
    let judged = catalogue.judged_by(&profile.file);
    [
        format!(
            "# What {} counts; made by `tokenspec coverage --edition {}`.",
            profile.with_edition(),
            profile.name
        ),
        list(
            "documents",
            &mut profile.file.documents.iter().map(String::as_str),
        ),
        list("requirements", &mut judged.iter().map(String::as_str)),
    ]
    .join("\n")
}

/// Document × level: how many rows can be seen from outside, and how many are judged.
fn table(catalogue: &Catalogue, console: &mut Console<'_>) {
    let judged: std::collections::BTreeSet<&str> = catalogue
        .cases()
        .flat_map(|(_, case)| case.requirements())
        .collect();
    console.say("document           level       rows  judged  unjudged, with a reason");
    for document in catalogue.documents.keys() {
        for level in [
            Level::Must,
            Level::MustNot,
            Level::Declared,
            Level::Should,
            Level::ShouldNot,
        ] {
            let rows: Vec<_> = catalogue
                .requirements
                .values()
                .filter(|row| {
                    row.testable()
                        && row.level == level
                        && catalogue
                            .document_of(&row.id)
                            .is_some_and(|of| of.id == *document)
                })
                .collect();
            if rows.is_empty() {
                continue;
            }
            let seen = rows
                .iter()
                .filter(|row| judged.contains(row.id.as_str()))
                .count();
            let reasons = rows.iter().filter(|row| row.unjudged.is_some()).count();
            console.say(format!(
                "{document:<18} {:<11} {:>4}  {seen:>6}  {reasons:>8}",
                level.keyword(),
                rows.len()
            ));
        }
    }
}
