//! What the tests of the binary share: a folder of their own, the binary as a user runs it, and
//! servers on the loopback interface.

#![allow(
    dead_code,
    reason = "each test file is a crate of its own, and uses some of it"
)]
#![allow(clippy::expect_used, reason = "a test fails by panicking")]

pub mod animals;
pub mod beasts;
pub mod browser;
pub mod browser_tests;
pub mod every_verdict;
pub mod forward;
pub mod http;
pub mod judged;
pub mod left;
pub mod proxy;
pub mod schema;
pub mod search;
pub mod served;
pub mod spa;
pub mod tls;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// The root of the checkout.
pub const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// A folder of its own for one test.
pub struct Sandbox {
    dir: TempDir,
}

/// What a command left behind.
pub struct Ran {
    pub status: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    /// Both outputs, for searches and for messages of failing tests.
    pub fn all(&self) -> String {
        format!(
            "status {}\n--- out\n{}\n--- err\n{}",
            self.status, self.out, self.err
        )
    }
}

impl Sandbox {
    pub fn new() -> Self {
        Self {
            dir: tempfile::tempdir().expect("a temporary folder"),
        }
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// A report of a run, as JSON.
    pub fn json(&self, path: &str) -> Value {
        serde_json::from_str(&self.read(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// The files below a folder, by their paths, with their contents.
    pub fn files(&self, below: &str) -> Vec<(PathBuf, Vec<u8>)> {
        files(&self.path().join(below))
    }

    /// tokenspec in this folder, with nothing of the environment that it would heed.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tokenspec"));
        command
            .current_dir(self.path())
            .args(arguments)
            .stdin(Stdio::null())
            .env("NO_COLOR", "1")
            .env_remove("CI");
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("TOKENSPEC_") || text.starts_with("INSTA_") {
                command.env_remove(&name);
            }
        }
        command
    }

    /// Runs tokenspec in this folder.
    pub fn tokenspec(&self, arguments: &[&str]) -> Ran {
        ran(self.command(arguments))
    }
}

/// Runs a command to its end.
pub fn ran(mut command: Command) -> Ran {
    let output = command.output().expect("the command starts");
    Ran {
        status: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).expect("stdout is UTF-8"),
        err: String::from_utf8(output.stderr).expect("stderr is UTF-8"),
    }
}

/// The files below a folder in the order of their paths; none where there is no such folder.
pub fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    let Ok(entries) = fs::read_dir(folder) else {
        return found;
    };
    for entry in entries {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            let bytes = fs::read(&path).expect("a file");
            found.push((path, bytes));
        }
    }
    found.sort();
    found
}

/// Copies a folder with all that is in it.
pub fn copy(from: &Path, to: &Path) {
    for (path, bytes) in files(from) {
        let to = to.join(path.strip_prefix(from).expect("a path below"));
        fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
        fs::write(to, bytes).expect("a file");
    }
}

/// The message of a mistake under `harness/tests/snapshots/`.
pub fn pinned(folder: &str, name: &str, text: &str) {
    let mut settings = insta::Settings::new();
    settings.set_snapshot_path(Path::new(ROOT).join("harness/tests/snapshots").join(folder));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name.to_owned(), text));
}

/// Does the same with each of several things, and fails at the end with all that failed.
pub fn each<T>(things: impl IntoIterator<Item = (String, T)>, check: impl Fn(&str, T)) {
    let mut failed = Vec::new();
    let mut count = 0;
    for (name, thing) in things {
        count += 1;
        let check = std::panic::AssertUnwindSafe(|| check(&name, thing));
        if std::panic::catch_unwind(check).is_err() {
            failed.push(name);
        }
    }
    assert!(count > 0, "there is nothing to look at");
    assert!(failed.is_empty(), "failed: {}", failed.join(", "));
}

/// The files of a folder of mistakes: name without ending, and text.
pub fn mistakes(folder: &str) -> Vec<(String, String)> {
    let folder = Path::new(ROOT).join("harness/tests/mistakes").join(folder);
    files(&folder)
        .into_iter()
        .filter(|(path, _)| path.extension().is_some_and(|ending| ending == "toml"))
        .map(|(path, bytes)| {
            let name = path
                .file_stem()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            (name, String::from_utf8(bytes).expect("UTF-8"))
        })
        .collect()
}

/// Every mistake in a message has a code, a place in `file`, and a remedy.
pub fn is_complete(message: &str, file: &str) {
    let mut lines = message.lines().peekable();
    let headline = lines.next().unwrap_or_default().trim();
    let count: usize = headline
        .trim_start_matches("× ")
        .split(' ')
        .next()
        .and_then(|number| number.parse().ok())
        .unwrap_or_else(|| panic!("no headline: {headline}"));
    let mut told = 0;
    for block in message.split("\nError: ").skip(1) {
        told += 1;
        let code = block.lines().next().unwrap_or_default();
        let kebab = |c: char| c.is_ascii_lowercase() || c == '-';
        assert!(
            !code.is_empty() && code.chars().all(kebab),
            "no code:\n{block}"
        );
        let place = format!("[{file}:");
        let at = block
            .find(&place)
            .unwrap_or_else(|| panic!("no place in {file}:\n{block}"));
        let place = block[at + place.len()..]
            .split(']')
            .next()
            .unwrap_or_default();
        let numbers: Vec<u32> = place.split(':').filter_map(|n| n.parse().ok()).collect();
        assert_eq!(numbers.len(), 2, "no line and column:\n{block}");
        assert!(block.contains("\n  help: "), "no remedy:\n{block}");
        for leak in [
            "untagged",
            "serde",
            "did not match any variant",
            "invalid type",
        ] {
            assert!(
                !block.contains(leak),
                "words of a library ({leak}):\n{block}"
            );
        }
    }
    assert_eq!(told, count, "{message}");
}
