//! The WebDriver: a program of this machine that is started for a run, or one that runs elsewhere.
//!
//! Whatever ends tokenspec ends the driver and its browsers with it. They are a process group of
//! their own under a shell that waits for a pipe of ours to close, which no crash prevents.

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, ChildStdin, Command};
use tokio::task::JoinHandle;
use url::Url;

use super::wire::Wire;
use crate::acquire::form::is_private;
use crate::acquire::{AcquireError, random};
use crate::config::Login;

/// The driver where none is configured: that of Chromium and Chrome.
const DRIVER: &str = "chromedriver";
/// How long it may take to say its port.
const START: Duration = Duration::from_secs(20);
/// How long it may take to end.
const END: Duration = Duration::from_secs(8);

/// Starts the driver; when the input ends, ends all of its process group, and takes their files away.
#[cfg(unix)]
const KEEPER: &str = r#"
dir=$1; shift
"$@" </dev/null 2>&1 &
driver=$!
exec >/dev/null 2>&1
cat
trap '' TERM
(sleep 5; kill -KILL 0) &
kill -TERM 0
wait $driver
n=0
while [ -e "$dir" ] && [ $n -lt 30 ]; do rm -rf -- "$dir"; n=$((n + 1)); sleep 0.1; done
kill -KILL 0
"#;

/// A WebDriver.
pub(super) struct Driver {
    pub wire: Wire,
    /// As messages call it.
    pub name: String,
    process: Mutex<Option<Process>>,
    /// Whether its browsers run on this machine.
    pub is_here: bool,
    /// Sessions that are being ended.
    ending: Mutex<Vec<JoinHandle<()>>>,
}

/// The program, where we started it.
struct Process {
    child: Child,
    /// As long as this is open, it runs.
    input: Option<ChildStdin>,
}

impl Driver {
    /// The driver of a configuration, started where it is a program.
    pub async fn start(login: &Login) -> Result<Self, AcquireError> {
        let named = login.driver.as_deref().unwrap_or(DRIVER);
        let (base, name, process) = if named.contains("://") {
            let url = Url::parse(named)
                .map_err(|error| AcquireError::Configuration(format!("`login.driver`: {error}")))?;
            // It may have a key in it.
            let host = url.host_str().unwrap_or_default();
            let name = format!("the WebDriver at {host}");
            (url, name, None)
        } else {
            // A path is relative to the configuration's folder, as that of a command.
            let program = if named.contains('/') {
                let path = login.folder.join(named);
                std::path::absolute(&path).unwrap_or(path)
            } else {
                PathBuf::from(named)
            };
            let (url, process) = run(named, &program).await?;
            (url, format!("`{named}`"), Some(process))
        };
        let wire = Wire::new(&base).map_err(|error| AcquireError::Stuck(error.to_string()))?;
        Ok(Self {
            wire,
            name,
            is_here: is_private(&base) && base.scheme() == "http",
            process: Mutex::new(process),
            ending: Mutex::default(),
        })
    }

    /// Keeps the end of a session in mind until [`Driver::end`].
    pub fn ending(&self, task: JoinHandle<()>) {
        let mut ending = self.ending.lock().unwrap_or_else(PoisonError::into_inner);
        ending.retain(|task| !task.is_finished());
        ending.push(task);
    }

    /// Waits until the sessions have ended, then ends the program.
    pub async fn end(&self) {
        let ending =
            std::mem::take(&mut *self.ending.lock().unwrap_or_else(PoisonError::into_inner));
        let all = futures_util::future::join_all(ending);
        let _ = tokio::time::timeout(END, all).await;
        let process = self
            .process
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(mut process) = process {
            drop(process.input.take());
            let _ = tokio::time::timeout(END, process.child.wait()).await;
        }
    }
}

/// Starts the program on a free port of the loopback interface, which it says.
async fn run(named: &str, program: &std::path::Path) -> Result<(Url, Process), AcquireError> {
    let fail = |why: String| {
        AcquireError::Configuration(format!(
            "the WebDriver `{named}` cannot be started: {why}; install it (on Debian: apt-get install \
             chromium chromium-driver), or name it with `login.driver`"
        ))
    };
    let folder = std::env::temp_dir().join(format!("tokenspec-browser-{}", random(16)));
    private(&folder).map_err(|error| fail(format!("{}: {error}", folder.display())))?;
    let mut command = keeper(program, &folder);
    command
        // Profiles of browsers are made here.
        .env("TMPDIR", &folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut child = command.spawn().map_err(|error| fail(error.to_string()))?;
    let input = child.stdin.take();
    let Some(output) = child.stdout.take() else {
        return Err(fail("it has no output".into()));
    };
    let process = Process { child, input };
    let mut lines = BufReader::new(output).lines();
    let mut said = String::new();
    let port = tokio::time::timeout(START, async {
        while let Ok(Some(line)) = lines.next_line().await {
            if let Some(port) = port(&line) {
                return Some(port);
            }
            said = line;
        }
        None
    })
    .await
    .map_err(|_| fail("it does not say on which port it listens".into()))?;
    let Some(port) = port else {
        return Err(fail(format!("it said: {}", said.trim())));
    };
    // What it says further is read, so that it never waits for a reader.
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    let url = Url::parse(&format!("http://127.0.0.1:{port}/")).map_err(|e| fail(e.to_string()))?;
    Ok((url, process))
}

#[cfg(unix)]
fn keeper(program: &std::path::Path, folder: &std::path::Path) -> Command {
    let mut command = Command::new("sh");
    command
        .args(["-c", KEEPER, "sh"])
        .arg(folder)
        .arg(program)
        .arg("--port=0")
        .process_group(0);
    command
}

#[cfg(not(unix))]
fn keeper(program: &std::path::Path, _folder: &std::path::Path) -> Command {
    let mut command = Command::new(program);
    command.arg("--port=0").kill_on_drop(true);
    command
}

/// A folder that is nobody else's.
fn private(folder: &std::path::Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(folder)
}

/// The port in what drivers say when they are ready.
fn port(line: &str) -> Option<u16> {
    let (_, rest) = line
        .split_once("successfully on port ")
        .or_else(|| line.split_once("Listening on 127.0.0.1:"))?;
    let end = rest.find(|c: char| !c.is_ascii_digit());
    rest[..end.unwrap_or(rest.len())]
        .parse()
        .ok()
        .filter(|port| *port != 0)
}

#[cfg(test)]
mod tests {
    use super::port;

    #[test]
    fn drivers_say_their_port() {
        for line in [
            "ChromeDriver was started successfully on port 40123.",
            "1700000000000\tgeckodriver\tINFO\tListening on 127.0.0.1:40123",
        ] {
            assert_eq!(port(line), Some(40123), "{line}");
        }
        for line in [
            "Starting ChromeDriver 156.0 on port 0",
            "Listening on 127.0.0.1:x",
        ] {
            assert_eq!(port(line), None, "{line}");
        }
    }
}
