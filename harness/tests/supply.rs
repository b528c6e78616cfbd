//! What the project is built from is told, and none of our crates may use `unsafe`.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::path::Path;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const CRATES: [&str; 2] = ["Cargo.toml", "harness/reference/Cargo.toml"];

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(ROOT).join(path)).expect("a file")
}

fn manifest(path: &str) -> toml::Table {
    read(path).parse().expect("TOML")
}

#[test]
fn every_direct_dependency_is_in_the_table_with_its_reason() {
    let readme = read("README.md");
    let (_, section) = readme
        .split_once("\n## Dependencies\n")
        .expect("the section");
    let section = section.split("\n## ").next().expect("its text");
    let rows = section.lines().filter_map(|line| line.strip_prefix("| "));
    let told: BTreeSet<&str> = rows
        .filter_map(|row| row.split(" | ").next())
        .filter(|cell| *cell != "crate")
        // What stands in parentheses says how, or for what.
        .flat_map(|cell| cell.split(", "))
        .map(|name| name.split(" (").next().expect("a name"))
        .collect();
    let mut direct = BTreeSet::new();
    let manifests = CRATES.map(manifest);
    for manifest in &manifests {
        for key in ["dependencies", "dev-dependencies"] {
            let table = manifest.get(key).and_then(toml::Value::as_table);
            direct.extend(
                table
                    .into_iter()
                    .flat_map(toml::Table::keys)
                    .map(String::as_str),
            );
        }
    }
    direct.remove("tokenspec-reference");
    assert_eq!(
        told, direct,
        "the table in README.md, and the dependencies of {CRATES:?}"
    );
}

#[test]
fn unsafe_is_forbidden_in_our_crates() {
    let lints = &manifest("Cargo.toml")["workspace"]["lints"]["rust"];
    assert_eq!(lints["unsafe_code"].as_str(), Some("forbid"));
    for path in CRATES {
        assert_eq!(
            manifest(path)["lints"]["workspace"].as_bool(),
            Some(true),
            "{path}"
        );
    }
    // The macro of the fuzzer's own targets has some; what they call has none.
    assert!(read("harness/fuzz/src/lib.rs").contains("#![forbid(unsafe_code)]"));
}
