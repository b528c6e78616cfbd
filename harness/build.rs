//! Compiles the folder `cases/` into the binary, so that an installed tokenspec needs no checkout. Beside the
//! text of each file lies what it says as JSON, which is read several times as quickly at each start.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=cases");
    println!("cargo:rerun-if-changed=harness/build.rs");
    // insta's macro would otherwise bake the folder of the build into the binary.
    println!("cargo:rustc-env=INSTA_WORKSPACE_ROOT=.");
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?);
    let mut files = Vec::new();
    collect(&root.join("cases"), "", &mut files)?;
    files.sort();
    let out = PathBuf::from(env::var("OUT_DIR").map_err(io::Error::other)?);
    let mut code = String::from("static EMBEDDED: &[(&str, &str, &str)] = &[\n");
    for (index, (path, file)) in files.iter().enumerate() {
        // A file with a mistake is left to the reader of TOML, which says where the mistake is.
        let value: serde_json::Value =
            toml::from_str(&fs::read_to_string(file)?).unwrap_or_default();
        let prepared = out.join(format!("{index}.json"));
        fs::write(&prepared, value.to_string())?;
        let _ = writeln!(
            code,
            "    ({path:?}, include_str!({file:?}), include_str!({prepared:?})),"
        );
    }
    code.push_str("];\n");
    fs::write(out.join("embedded.rs"), code)
}

fn collect(folder: &Path, prefix: &str, files: &mut Vec<(String, PathBuf)>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{prefix}{name}");
        if entry.path().is_dir() {
            collect(&entry.path(), &format!("{path}/"), files)?;
        } else if name.ends_with(".toml") {
            files.push((path, entry.path()));
        }
    }
    Ok(())
}
