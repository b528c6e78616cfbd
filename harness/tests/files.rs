//! What a run writes, and where: with the user's umask, never outside of its folders whatever a name
//! is, and nothing where that is not possible.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]
#![cfg(unix)]

mod support;

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, mpsc};

use support::http::{Counter, Server, config, json};
use support::{Sandbox, files, ran};

const TRIAL: &str = "client_credentials/grant/*";
const TOKEN: &str =
    r#"{"access_token":"a-token-of-a-test","token_type":"Bearer","expires_in":60,"scope":"read"}"#;

fn server() -> Server {
    Server::start(|_| json("200 OK", TOKEN))
}

/// tokenspec with arguments, by way of a shell that says something first.
fn after(sandbox: &Sandbox, first: &str, arguments: &[&str]) -> Command {
    let inner = sandbox.command(arguments);
    let mut command = Command::new("sh");
    command
        .current_dir(sandbox.path())
        .stdin(Stdio::null())
        .args(["-c", &format!("{first}; exec \"$0\" \"$@\"")])
        .arg(inner.get_program())
        .args(inner.get_args());
    for (name, value) in inner.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command
}

/// Everything below a folder, folders too.
fn below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(below(&path));
        }
        found.push(path);
    }
    found.sort();
    found
}

#[test]
fn files_have_the_mode_that_the_umask_says() {
    let server = server();
    for (umask, file, folder) in [
        ("022", 0o644, 0o755),
        ("027", 0o640, 0o750),
        ("077", 0o600, 0o700),
    ] {
        let sandbox = Sandbox::new();
        sandbox.write("tokenspec.toml", &config(&server.url(), ""));
        let arguments = ["run", TRIAL, "--snapshots", "update"];
        let ran = ran(after(&sandbox, &format!("umask {umask}"), &arguments));
        assert!([0, 1].contains(&ran.status), "{}", ran.all());
        let mut seen = 0;
        for top in ["reports", "snapshots"] {
            for path in below(&sandbox.path().join(top)) {
                let mode = path.metadata().expect("a file").permissions().mode() & 0o777;
                let expected = if path.is_dir() { folder } else { file };
                assert_eq!(mode, expected, "{umask}: {}: {mode:o}", path.display());
                seen += usize::from(path.is_file());
            }
        }
        assert!(seen > 5, "only {seen} files: {}", ran.all());
    }
}

/// A name is a name: it stays one folder below that of reports, and one below that of snapshots.
#[test]
fn no_name_of_a_target_leads_out_of_the_folders() {
    let server = server();
    let long = "x".repeat(3000);
    let names = [
        "../x",
        "/etc/x",
        "a/../../b",
        "a/b",
        "a-b",
        "..",
        ".",
        "",
        "nul\0byte",
        "new\nline",
        "CON",
        "nul.txt",
        "C:\\x",
        "\u{202e}x",
        "\u{1b}[31m",
        "-rf",
        "~",
        long.as_str(),
    ];
    let outer = Sandbox::new();
    let mut text = String::new();
    for name in names {
        let quoted = serde_json::to_string(name).expect("a text");
        text.push_str(
            &config(&server.url(), "").replace("target.staging", &format!("target.{quoted}")),
        );
    }
    outer.write("a/b/c/tokenspec.toml", &text);
    let mut command = outer.command(&["run", TRIAL, "--all-targets", "--snapshots", "update"]);
    command.current_dir(outer.path().join("a/b/c"));
    let ran = ran(command);
    assert!([0, 1].contains(&ran.status), "{}", ran.all());
    let home = outer.path().join("a/b/c");
    let known = |path: &Path| {
        ["reports", "snapshots", "tokenspec.toml"]
            .iter()
            .any(|top| path.starts_with(home.join(top)))
    };
    let away: Vec<PathBuf> = files(outer.path())
        .into_iter()
        .map(|(path, _)| path)
        .filter(|path| !known(path))
        .collect();
    assert_eq!(away, Vec::<PathBuf>::new());
    // Each has a folder of its own, with a report and snapshots in it.
    for (top, file) in [
        ("reports", "report.json"),
        ("snapshots", "client_credentials"),
    ] {
        let folders: BTreeSet<PathBuf> = std::fs::read_dir(home.join(top))
            .expect("a folder")
            .map(|entry| entry.expect("an entry").path())
            .filter(|path| path.is_dir())
            .collect();
        assert_eq!(folders.len(), names.len(), "{folders:?}");
        for folder in folders {
            assert!(folder.join(file).exists(), "{}", folder.display());
        }
    }
    // What the names would do to a terminal, they do not.
    assert!(!ran.all().contains(HOSTILE), "{}", ran.all());
}

/// A suite with a case for each of these values, as its file says them.
fn suite(values: &[&str]) -> String {
    let rows =
        std::fs::read_to_string(Path::new(support::ROOT).join("cases/requirements/rfc6749.toml"))
            .expect("the requirements");
    let id = rows
        .lines()
        .find_map(|line| line.strip_prefix("id = \"rfc6749-5.1-"))
        .expect("a requirement of section 5.1")
        .trim_end_matches('"');
    let each: Vec<String> = values
        .iter()
        .map(|value| format!("{{ name = \"{value}\" }}"))
        .collect();
    format!(
        "title = \"Names\"\ndocument = \"rfc6749\"\n[[case]]\nid = \"name\"\ntitle = \"a {{{{each.name}}}} is known\"\n\
         start = \"client_credentials\"\neach = [ {} ]\nrequest.set = {{ x = \"{{{{each.name}}}}\" }}\n\
         [[case.expect]]\nrequirement = \"5.1-{id}\"\nstatus = 200\n",
        each.join(", ")
    )
}

const HOSTILE: [char; 3] = ['\u{1b}', '\0', '\u{202e}'];

/// Suites and values of cases are names too, where they may stand in a trial's name.
#[test]
fn no_name_of_a_case_leads_out_of_the_folders() {
    let server = server();
    let sandbox = Sandbox::new();
    sandbox.write(
        "tokenspec.toml",
        &config(&server.url(), "").replace("\"oauth2\"", "\"own\""),
    );
    sandbox.write(
        "more/profiles/own.toml",
        "title = \"Own\"\ndocuments = [\"rfc6749\"]\nsuites = [\"*\"]\n",
    );
    let long = "y".repeat(400);
    let text = suite(&["CON", "..", ".", "nul.txt", "-rf", &long]);
    let suites = ["...toml", "..x/a b.toml", "CON.toml", "ä.toml"];
    for file in suites {
        sandbox.write(&format!("more/{file}"), &text);
    }
    let ran = sandbox.tokenspec(&["run", "*name*", "--cases", "more", "--snapshots", "update"]);
    let known =
        ["reports", "snapshots", "more", "tokenspec.toml"].map(|top| sandbox.path().join(top));
    for (path, _) in sandbox.files("") {
        assert!(
            known.iter().any(|top| path.starts_with(top)),
            "{}",
            path.display()
        );
    }
    assert!([0, 1].contains(&ran.status), "{}", ran.all());
    assert!(!ran.all().contains(HOSTILE), "{}", ran.all());
    let snapshots = sandbox.files("snapshots");
    let of_ours = snapshots
        .iter()
        .filter(|(path, _)| path.to_string_lossy().contains("name["));
    assert!(
        of_ours.count() >= suites.len() * 6,
        "{snapshots:#?}\n{}",
        ran.all()
    );
}

/// A file's name stands in trials' names, and so has to be one that can be shown.
#[test]
fn a_file_of_cases_whose_name_cannot_be_shown_is_refused() {
    for name in ["\u{202e}x", "\u{1b}[31m", "a\nb", "\u{9b}1m"] {
        let sandbox = Sandbox::new();
        sandbox.write(&format!("more/{name}.toml"), &suite(&["x"]));
        let ran = sandbox.tokenspec(&["run", "*name*", "--cases", "more"]);
        assert_eq!(ran.status, 2, "{name:?}: {}", ran.all());
        assert!(
            ran.err.contains("cannot be shown; rename it"),
            "{name:?}: {}",
            ran.all()
        );
        assert!(!ran.all().contains(HOSTILE), "{name:?}: {}", ran.all());
    }
}

/// What may not stand there is refused, and the message is harmless too.
#[test]
fn a_name_that_is_refused_is_told_without_what_a_terminal_would_obey() {
    let sandbox = Sandbox::new();
    for value in [
        "../../x",
        "/etc/x",
        "a\\u0000b",
        "a\\nb",
        "\\u001b[31m",
        "\\u202e",
        "\u{202e}",
    ] {
        sandbox.write("more/own.toml", &suite(&[value]));
        let ran = sandbox.tokenspec(&["run", "*name*", "--cases", "more"]);
        assert_eq!(ran.status, 2, "{value}: {}", ran.all());
        assert!(ran.err.contains("each-label"), "{value}: {}", ran.all());
        assert!(!ran.all().contains(HOSTILE), "{value}: {}", ran.all());
        assert!(
            !sandbox.path().join("reports").exists(),
            "{value}: {}",
            ran.all()
        );
    }
}

/// One message, exit status 2, and nothing sent.
#[test]
fn a_folder_that_cannot_be_written_is_told_before_anything_is_sent() {
    let server = Counter::start();
    let sandbox = Sandbox::new();
    sandbox.write("tokenspec.toml", &server.config());
    sandbox.write("file", "");
    for (folder, first) in [
        ("file", "true"),
        ("file/below", "true"),
        // Root may write everywhere but there.
        ("/proc/tokenspec", "true"),
        // As on a disk without room: a file cannot grow beyond some blocks.
        ("out", "trap '' XFSZ; ulimit -f 100"),
    ] {
        let ran = ran(after(
            &sandbox,
            first,
            &["run", TRIAL, "--report-dir", folder],
        ));
        assert_eq!(ran.status, 2, "{folder}: {}", ran.all());
        let lines: Vec<&str> = ran.err.lines().collect();
        assert_eq!(lines.len(), 1, "{folder}: {}", ran.all());
        assert!(
            lines[0].contains(&format!("the report folder {folder} cannot be written"))
                && lines[0].contains("--report-dir"),
            "{}",
            ran.all()
        );
        assert_eq!(ran.out, "", "{folder}");
    }
    assert_eq!(server.connections(), 0);
    assert_eq!(
        files(&sandbox.path().join("out")).len(),
        0,
        "what was tried is left"
    );
}

/// The folder of snapshots is one that is written too.
#[test]
fn snapshots_that_cannot_be_written_are_told_before_anything_is_sent() {
    let server = Counter::start();
    let sandbox = Sandbox::new();
    sandbox.write("tokenspec.toml", &server.config());
    sandbox.write("snapshots", "");
    for mode in ["update", "check"] {
        let ran = sandbox.tokenspec(&["run", TRIAL, "--snapshots", mode]);
        assert_eq!(ran.status, 2, "{mode}: {}", ran.all());
        assert_eq!(ran.err.lines().count(), 1, "{mode}: {}", ran.all());
        assert!(
            ran.err
                .contains("the snapshot folder snapshots cannot be written")
                && ran.err.contains("--snapshots off"),
            "{mode}: {}",
            ran.all()
        );
    }
    assert_eq!(server.connections(), 0);
}

/// A server that answers when it is told to, and tells when it was asked.
fn held() -> (Server, mpsc::Receiver<()>, mpsc::Sender<()>) {
    let (asked, was_asked) = mpsc::channel();
    let (go_on, told) = mpsc::channel::<()>();
    let told = Arc::new(Mutex::new(told));
    let server = Server::start(move |_| {
        let _ = asked.send(());
        // Until the test lets go.
        let _ = told.lock().expect("the end").recv();
        json("200 OK", TOKEN)
    });
    (server, was_asked, go_on)
}

fn started(sandbox: &Sandbox, text: &str, folder: &str) -> std::process::Child {
    sandbox.write("tokenspec.toml", text);
    sandbox
        .command(&["run", TRIAL, "--report-dir", folder])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("tokenspec starts")
}

#[test]
fn two_runs_do_not_mix_in_one_folder() {
    let (server, was_asked, go_on) = held();
    let counter = Counter::start();
    let sandbox = Sandbox::new();
    let mut first = started(&sandbox, &config(&server.url(), ""), "out");
    was_asked.recv().expect("the first run sends");
    sandbox.write("second.toml", &counter.config());
    let second = sandbox.tokenspec(&[
        "run",
        TRIAL,
        "--config",
        "second.toml",
        "--report-dir",
        "out",
    ]);
    assert_eq!(second.status, 2, "{}", second.all());
    assert!(
        second
            .err
            .contains("the report folder out: another run is writing into it"),
        "{}",
        second.all()
    );
    assert_eq!(counter.connections(), 0, "{}", second.all());
    drop(go_on);
    assert!(first.wait().expect("it ends").code().is_some());
    assert_eq!(
        sandbox.json("out/report.json")["incomplete"],
        serde_json::Value::Null
    );
}
