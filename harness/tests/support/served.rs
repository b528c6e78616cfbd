//! The embedded reference as `tokenspec serve` starts it.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;

use super::Sandbox;

/// A running `tokenspec serve`; its process ends when this is dropped.
pub struct Served {
    child: Child,
    /// The `tokenspec.toml` that it printed.
    pub config: String,
    pub url: String,
    log: Arc<Mutex<String>>,
}

impl Served {
    /// Starts it, and waits until it says where it is.
    pub fn start(arguments: &[&str]) -> Self {
        let sandbox = Sandbox::new();
        let printed = sandbox.path().join("printed");
        let mut all = vec!["serve"];
        all.extend(arguments);
        let mut child = sandbox
            .command(&all)
            .stdout(File::create(&printed).expect("a file"))
            .stderr(Stdio::piped())
            .spawn()
            .expect("tokenspec serve starts");
        let stderr = BufReader::new(child.stderr.take().expect("its stderr"));
        let log = Arc::new(Mutex::new(String::new()));
        let (ready, started) = mpsc::channel();
        let keeper = Arc::clone(&log);
        thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                if let Some((_, url)) = line.split_once(" reference at ") {
                    drop(ready.send(url.to_owned()));
                }
                let mut log = keeper.lock().expect("the log");
                log.push_str(&line);
                log.push('\n');
            }
        });
        let url = started.recv().unwrap_or_else(|_| {
            panic!("tokenspec serve ended: {}", log.lock().expect("the log"));
        });
        let config = std::fs::read_to_string(&printed).expect("a configuration");
        Self {
            child,
            config,
            url,
            log,
        }
    }

    pub fn address(&self) -> SocketAddr {
        let host = self.url.trim_start_matches("http://");
        host.parse().expect("an address")
    }

    /// What it has written to stderr so far.
    pub fn log(&self) -> String {
        self.log.lock().expect("the log").clone()
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until the process has ended, and says with which status.
    pub fn wait(&mut self) -> Option<i32> {
        self.child.wait().expect("it was started").code()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
