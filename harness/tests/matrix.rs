//! Every case is proved: each fault of the embedded reference is caught by the checks of the
//! requirements that it breaks, and by no other.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on has failed, and this one tells what it counted"
)]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use tokenspec::catalogue::{Catalogue, embedded};
use tokenspec::proof::{self, EXCUSES, Matrix, Proof};

fn catalogue() -> Catalogue {
    Catalogue::read(&embedded(), false).unwrap()
}

/// A line for each fault: which requirements failed or warned.
fn compact(matrix: &Matrix) -> String {
    let mut text = String::new();
    for (fault, row) in &matrix.faults {
        let broken: Vec<&str> = row.broken.keys().map(String::as_str).collect();
        let line = format!("{fault}: {}", broken.join(", "));
        writeln!(text, "{}", line.trim_end()).unwrap();
    }
    text
}

#[test]
fn each_fault_is_caught_by_what_it_breaks_and_by_nothing_else() {
    let catalogue = Arc::new(catalogue());
    let faults: Vec<_> = tokenspec_reference::faults().iter().collect();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let matrix = runtime
        .block_on(proof::matrix(Arc::clone(&catalogue), &faults, |_| {}))
        .unwrap();
    let proof = Proof::new(&catalogue, &matrix, &faults, EXCUSES);
    println!("{}", proof.line());

    let problems: Vec<String> = proof.problems.iter().map(ToString::to_string).collect();
    assert!(
        problems.is_empty(),
        "{} problems (`tokenspec coverage --faults` shows them too):\n{}",
        problems.len(),
        problems.join("\n")
    );

    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(Path::new("snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("matrix", compact(&matrix)));
}

#[test]
fn rows_that_say_the_same_name_each_other() {
    let catalogue = catalogue();
    let mut wrong = BTreeSet::new();
    for (id, requirement) in &catalogue.requirements {
        for other in &requirement.same_as {
            let names_back = catalogue
                .requirements
                .get(other)
                .is_some_and(|other| other.same_as.contains(id));
            if !names_back || other == id {
                wrong.insert(format!("{id} names {other}, which does not name it"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
