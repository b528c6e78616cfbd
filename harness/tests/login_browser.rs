//! `login.via = "browser"`: a login page that is a script, in a real browser.
//!
//! These need Chromium and its driver, so they are asked for: `TOKENSPEC_BROWSER_TESTS=1`. Where
//! they are asked for and there is no browser, they fail.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod support;

use std::process::{Command, ExitCode};

use support::http::{Server, config};
use support::served::Served;
use support::spa::{self, PASSWORD, SESSION, USER};
use support::{Ran, Sandbox};

fn main() -> ExitCode {
    support::browser_tests::run(&[
        ("from_doctor_to_a_verdict", from_doctor_to_a_verdict),
        (
            "codes_that_only_the_browser_gets",
            codes_that_only_the_browser_gets,
        ),
        ("steps_by_selector", steps_by_selector),
        (
            "a_wrong_password_is_told_and_sent_once",
            a_wrong_password_is_told_and_sent_once,
        ),
        (
            "a_step_that_cannot_be_done_leaves_a_picture",
            a_step_that_cannot_be_done_leaves_a_picture,
        ),
        (
            "the_redirect_uri_is_not_requested",
            the_redirect_uri_is_not_requested,
        ),
        ("a_custom_scheme_is_caught", a_custom_scheme_is_caught),
        (
            "a_driver_that_runs_already_is_used_and_left_running",
            a_driver_that_runs_already_is_used_and_left_running,
        ),
        (
            "what_dies_takes_its_browser_with_it",
            what_dies_takes_its_browser_with_it,
        ),
    ])
}

/// The login of a target.
fn login(more: &str) -> String {
    format!(
        "[target.staging.login]\nvia = \"browser\"\nusername = \"${{SPA_USER}}\"\n\
         password = \"${{SPA_PASSWORD}}\"\n{more}\n"
    )
}

/// The reference behind the login page, as the target `staging`.
fn behind(served: &Served, page: &Server, login: &str) -> String {
    // The login page's server is the authorization endpoint, and all else is the reference's.
    let text = served
        .config
        .replace("default-target", "# default-target")
        .replace("[target.local", "[target.staging")
        .replace("[[target.local", "[[target.staging");
    let (before, _) = text.split_once("[target.staging.login]").unwrap();
    let endpoint = format!(
        "[target.staging]\nauthorization-endpoint = \"{}/authorize\"",
        page.url()
    );
    before.replacen("[target.staging]", &endpoint, 1) + login
}

fn tokenspec(sandbox: &Sandbox, arguments: &[&str]) -> Ran {
    let mut command = sandbox.command(arguments);
    command.env("SPA_USER", USER).env("SPA_PASSWORD", PASSWORD);
    let ran = support::ran(command);
    let all = ran.all();
    for secret in [USER, PASSWORD, SESSION] {
        assert!(!all.contains(secret), "{secret} in {all}");
    }
    for (path, bytes) in sandbox.files("reports") {
        let text = String::from_utf8_lossy(&bytes);
        for secret in [USER, PASSWORD, SESSION] {
            assert!(!text.contains(secret), "{secret} in {}", path.display());
        }
    }
    ran
}

fn logins(page: &Server) -> usize {
    let seen = page.seen();
    seen.iter()
        .filter(|request| request.is_to("/api/login"))
        .count()
}

fn from_doctor_to_a_verdict() {
    let served = Served::start(&[]);
    let page = spa::start(&served.url, true);
    let sandbox = Sandbox::new();
    sandbox.write("tokenspec.toml", &behind(&served, &page, &login("")));
    let ran = tokenspec(&sandbox, &["doctor"]);
    assert_eq!(ran.status, 0, "{}", ran.all());
    for part in [
        "✔ browser: chrom",
        "through `chromedriver`",
        "✔ login and code: the login gives a code",
        "✔ exchange: the code gives",
    ] {
        assert!(ran.out.contains(part), "{part} in {}", ran.all());
    }
    assert_eq!(logins(&page), 1, "one session serves all clients");
    let ran = tokenspec(
        &sandbox,
        &[
            "run",
            "authorization_code/exchange/*",
            "authorization_code/pkce/*",
            "--safe",
        ],
    );
    assert_eq!(ran.status, 0, "{}", ran.all());
    let report = sandbox.json("reports/staging/report.json");
    assert_eq!(report["summary"]["errored"], 0);
    assert!(
        report["summary"]["passed"].as_u64() > Some(10),
        "{}",
        ran.all()
    );
    // One login more; all other codes cost a plain request each, with the browser's name.
    assert_eq!(logins(&page), 2);
    let plain = page
        .seen()
        .iter()
        .filter(|request| request.header("x-tokenspec-exchange").is_some())
        .filter(|request| {
            let agent = request.header("user-agent").unwrap_or_default();
            agent.contains("Mozilla")
        })
        .count();
    assert!(plain > 10, "{plain} codes without the browser");
}

fn codes_that_only_the_browser_gets() {
    let served = Served::start(&[]);
    // It sends the browser on to another server, as no plain request would be.
    let page = spa::start(&served.url, false);
    let sandbox = Sandbox::new();
    sandbox.write("tokenspec.toml", &behind(&served, &page, &login("")));
    let filter = "authorization_code/exchange/*";
    let ran = tokenspec(&sandbox, &["run", filter, "--safe"]);
    assert_eq!(ran.status, 0, "{}", ran.all());
    assert_eq!(logins(&page), 1);
    let report = sandbox.json("reports/staging/report.json");
    assert_eq!(report["summary"]["errored"], 0);
    let plain = page
        .seen()
        .iter()
        .filter(|request| request.header("x-tokenspec-exchange").is_some())
        .count();
    assert!(plain <= 8, "a plain request is not tried again and again");
}

const STEPS: &str = "[[target.staging.login.step]]\nfill = \"#who\"\nwith = \"${SPA_USER}\"\n\
     [[target.staging.login.step]]\nfill = \"#secret\"\nwith = \"${SPA_PASSWORD}\"\n\
     [[target.staging.login.step]]\nclick = \"#go\"\n\
     [[target.staging.login.step]]\nclick = \"#never-there\"\noptional = true\n\
     [[target.staging.login.step]]\nwait = \"#yes\"\n\
     [[target.staging.login.step]]\nclick = \"#yes\"\n";

fn steps_by_selector() {
    let served = Served::start(&[]);
    let page = spa::start(&served.url, true);
    let sandbox = Sandbox::new();
    sandbox.write("tokenspec.toml", &behind(&served, &page, &login(STEPS)));
    let ran = tokenspec(&sandbox, &["run", "authorization_code/exchange/grants*"]);
    assert_eq!(ran.status, 0, "{}", ran.all());
    assert_eq!(logins(&page), 1);
}

fn a_wrong_password_is_told_and_sent_once() {
    let page = spa::start("http://127.0.0.1:9", true);
    let sandbox = Sandbox::new();
    let text = login("").replace("${SPA_PASSWORD}", "another password");
    let endpoint = config(&page.url(), &text);
    sandbox.write("tokenspec.toml", &endpoint);
    let ran = tokenspec(&sandbox, &["run", "authorization_code/exchange/*"]);
    assert_eq!(ran.status, 3, "{}", ran.all());
    for part in [
        "the login form is still there after the password was sent",
        "(“Sign in”)",
        "`login.password` is wrong",
        "“Hello {{login.username}}, that is wrong.”",
        "`who` (email), `secret` (password), the button “Show”, the button “Sign in”",
        "a screenshot is in reports/staging/login-stuck-1.png",
    ] {
        assert!(ran.out.contains(part), "{part} in {}", ran.all());
    }
    assert_eq!(logins(&page), 1);
    is_picture(&sandbox, "reports/staging/login-stuck-1.png");
}

fn a_step_that_cannot_be_done_leaves_a_picture() {
    let served = Served::start(&[]);
    let page = spa::start(&served.url, true);
    let sandbox = Sandbox::new();
    let steps = STEPS.replace("#go", "#elsewhere");
    let more = "[target.staging.http]\ntimeout = \"3s\"\n";
    let text = behind(&served, &page, &(login(&steps) + more));
    sandbox.write("tokenspec.toml", &text);
    let ran = tokenspec(&sandbox, &["doctor"]);
    assert_eq!(ran.status, 3, "{}", ran.all());
    for part in [
        "got stuck at step 3 (`click = \"#elsewhere\"`)",
        "no such element was visible within 3s",
        "remedy: look at the screenshot",
    ] {
        assert!(ran.out.contains(part), "{part} in {}", ran.all());
    }
    is_picture(&sandbox, "reports/staging/login-stuck-1.png");
    // A selector that is none is told at once.
    let steps = STEPS.replace("#who", "#who[");
    let text = behind(&served, &page, &login(&steps));
    sandbox.write("tokenspec.toml", &text);
    let ran = tokenspec(&sandbox, &["doctor"]);
    assert!(ran.out.contains("that is no CSS selector"), "{}", ran.all());
}

fn is_picture(sandbox: &Sandbox, path: &str) {
    let bytes = std::fs::read(sandbox.path().join(path)).expect("a picture");
    assert!(bytes.starts_with(b"\x89PNG"));
}

/// Somebody listens at the redirect URI, and gets nothing.
fn the_redirect_uri_is_not_requested() {
    let application = Server::start(|_| support::http::reply("200 OK", &[], "the application"));
    let server = Server::start(|request| {
        if request.is_to("/token") {
            let token = "{\"access_token\":\"t0ken-of-the-site\",\"token_type\":\"Bearer\"}";
            return support::http::json("200 OK", token);
        }
        support::http::code(request, "c0de-of-the-site")
    });
    let sandbox = Sandbox::new();
    let text = config(&server.url(), &login("")).replace(
        "https://client.example/a",
        &format!("{}/a", application.url()),
    );
    sandbox.write("tokenspec.toml", &text);
    let ran = tokenspec(&sandbox, &["run", "authorization_code/exchange/grants*"]);
    assert!(
        !ran.all().contains("no authorization code"),
        "{}",
        ran.all()
    );
    assert_eq!(application.seen().len(), 0);
}

fn a_custom_scheme_is_caught() {
    let server = Server::start(|request| {
        if request.is_to("/token") {
            let token = "{\"access_token\":\"t0ken-of-the-site\",\"token_type\":\"Bearer\"}";
            return support::http::json("200 OK", token);
        }
        support::http::code(request, "c0de-of-the-site")
    });
    let sandbox = Sandbox::new();
    let text =
        config(&server.url(), &login("")).replace("https://client.example/a", "app.example:/a");
    sandbox.write("tokenspec.toml", &text);
    let ran = tokenspec(&sandbox, &["run", "authorization_code/exchange/grants*"]);
    assert!(
        !ran.all().contains("no authorization code"),
        "{}",
        ran.all()
    );
}

fn a_driver_that_runs_already_is_used_and_left_running() {
    use std::io::{BufRead as _, BufReader};
    let mut driver = Command::new("chromedriver")
        .arg("--port=0")
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("chromedriver starts");
    let lines = BufReader::new(driver.stdout.take().unwrap()).lines();
    let port = lines
        .map_while(Result::ok)
        .find_map(|line| {
            let (_, port) = line.split_once("successfully on port ")?;
            port.trim_end_matches('.').parse::<u16>().ok()
        })
        .expect("a port");
    let served = Served::start(&[]);
    let page = spa::start(&served.url, true);
    let sandbox = Sandbox::new();
    let more = format!("driver = \"http://127.0.0.1:{port}\"");
    sandbox.write("tokenspec.toml", &behind(&served, &page, &login(&more)));
    let mut command = sandbox.command(&["run", "authorization_code/exchange/grants*"]);
    command.env("SPA_USER", USER).env("SPA_PASSWORD", PASSWORD);
    let ran = support::ran(command);
    let running = driver.try_wait().expect("a process").is_none();
    driver.kill().expect("a process");
    drop(driver.wait());
    assert!(running, "the driver was ended");
    assert_eq!(ran.status, 0, "{}", ran.all());
}

/// tokenspec is killed while its browser is open.
fn what_dies_takes_its_browser_with_it() {
    let (reached, logs_in) = std::sync::mpsc::channel();
    let reached = std::sync::Mutex::new(reached);
    let server = Server::start(move |_| {
        let _ = reached.lock().unwrap().send(());
        support::http::reply("200 OK", &[("content-type", "text/html")], "<p>wait")
    });
    let sandbox = Sandbox::new();
    sandbox.write("tokenspec.toml", &config(&server.url(), &login("")));
    let temporary = Sandbox::new();
    let mut command = sandbox.command(&["run", "authorization_code/exchange/grants*"]);
    command
        .env("SPA_USER", USER)
        .env("SPA_PASSWORD", PASSWORD)
        .env("TMPDIR", temporary.path())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null());
    let mut child = command.spawn().expect("tokenspec starts");
    // The browser is at the authorization endpoint.
    logs_in.recv().expect("a request");
    let open = || std::fs::read_dir(temporary.path()).unwrap().count();
    assert_eq!(open(), 1, "a folder of the browser");
    child.kill().expect("a process");
    drop(child.wait());
    let since = std::time::Instant::now();
    while open() > 0 {
        assert!(since.elapsed().as_secs() < 20, "the browser lives on");
        std::thread::yield_now();
    }
}
