//! Ways to a code that need a login: through the pages of a server, and through a person.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod support;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use support::Sandbox;
use support::http::{Request, Server, authorize, code, config, reply};
use tokenspec::acquire::{self, AcquireError, Acquired, CodeSpec, Desk, Jar, Person};
use tokenspec::catalogue::{AuthorizeBy, Nonce, Pkce, RedirectUri, User};
use tokenspec::config::{Config, Target};
use tokenspec::exchange::HttpClient;
use tokenspec::secret::Vault;

const PASSWORD: &str = "pass word/of+alice";
const CSRF: &str = "csrf-0123456789abcdef";

/// A login session with a target.
struct Window {
    target: Target,
    http: HttpClient,
    vault: Vault,
    desk: Desk,
    jar: Jar,
}

impl Window {
    fn open(url: &str, login: &str, desk: Desk) -> Self {
        Self::of(
            config(url, &format!("[target.staging.login]\n{login}\n")),
            desk,
        )
    }

    fn of(text: String, desk: Desk) -> Self {
        let config = Config::parse("tokenspec.toml", text, ".".into()).expect("a configuration");
        let target = config.target(None, &|_| None).expect("a target");
        let vault = Vault::default();
        target.teach(&vault);
        Self {
            http: HttpClient::new(&target).expect("a client"),
            target,
            vault,
            desk,
            jar: Jar::default(),
        }
    }

    async fn code(&self) -> Result<Acquired, AcquireError> {
        let spec = CodeSpec {
            client: 0,
            scope: None,
            pkce: Pkce::S256,
            verifier: None,
            nonce: Nonce::Random,
            redirect_uri: RedirectUri::First,
            params: Vec::new(),
            without: Vec::new(),
            method: AuthorizeBy::Get,
            user: User::First,
        };
        let mut seen = Vec::new();
        let (desk, vault) = (&self.desk, &self.vault);
        acquire::code(
            desk,
            &self.target,
            &self.http,
            vault,
            &self.jar,
            &spec,
            &mut seen,
        )
        .await
    }

    /// Why there is no code.
    async fn why(&self) -> String {
        let why = self.code().await.expect_err("no code").to_string();
        assert!(!why.contains(PASSWORD) && !why.contains(CSRF), "{why}");
        why
    }
}

fn form(more: &str) -> String {
    format!("via = \"form\"\nusername = \"alice\"\npassword = \"{PASSWORD}\"\n{more}")
}

fn html(body: &str) -> Vec<u8> {
    reply(
        "200 OK",
        &[("content-type", "text/html; charset=utf-8")],
        body,
    )
}

fn redirect(to: &str, cookie: &str) -> Vec<u8> {
    let mut headers = vec![("location", to)];
    if !cookie.is_empty() {
        headers.push(("set-cookie", cookie));
    }
    reply("302 Found", &headers, "")
}

fn has_cookie(request: &Request, cookie: &str) -> bool {
    let cookies = request.header("cookie").unwrap_or_default();
    cookies.split("; ").any(|known| known == cookie)
}

fn login_page(complaint: &str) -> Vec<u8> {
    html(&format!(
        "<!DOCTYPE html><HTML><head><title>Sign in to Example</title></head><body>
         <form role=search action=/search><input type=search name=q><button>Search</button></form>
         {complaint}
         <FORM ACTION='login?step=1' METHOD=POST>
         <INPUT TYPE=hidden NAME=csrf VALUE='csrf-0123456789abc&#100;ef'>
         <input name=user><input type=password name=pass>
         <input type=checkbox name=remember value=yes checked>
         <button name=action value=reset>Forgot password</button>
         <button name=action value=enter>Sign in</button></FORM>"
    ))
}

/// What the login form has to send.
fn entered(password: &str) -> String {
    format!("csrf={CSRF}&user=alice&pass={password}&remember=yes&action=enter")
}

const ENCODED: &str = "pass+word%2Fof%2Balice";

/// A server with a login page and a consent page; it keeps the authorization request in a cookie.
fn site(request: &Request) -> Vec<u8> {
    match (
        request.method.as_str(),
        request.path.split('?').next().unwrap(),
    ) {
        ("GET", "/authorize") if has_cookie(request, "session=s3ss10n-of-alice") => {
            if has_cookie(request, "consented=yes") {
                authorize(request, "c0de-of-the-site")
            } else {
                redirect(
                    &format!("/consent?{}", request.path.split_once('?').unwrap().1),
                    "",
                )
            }
        }
        ("GET", "/authorize") => {
            let query = request.path.split_once('?').unwrap().1;
            let cookie = format!("flow={query}; Path=/; HttpOnly");
            redirect("/login", &cookie)
        }
        ("GET", "/login") => login_page(""),
        ("POST", "/login") => {
            let cookies = request.header("cookie").unwrap_or_default();
            let query = cookies
                .split("; ")
                .find_map(|cookie| cookie.strip_prefix("flow="));
            if request.form() != entered(ENCODED) {
                return login_page("<p class=error>Wrong name <b>or</b> password.</p>");
            }
            let to = format!("/authorize?{}", query.unwrap());
            redirect(&to, "session=s3ss10n-of-alice; Path=/; HttpOnly; Secure")
        }
        ("GET", "/consent") => html(
            "<title>Consent</title><form action=/logout method=post><button>Log out</button></form>
             <form method=post><input type=hidden name=ticket value=t1cket-0123>
             <input type=checkbox name=grant_scope value=openid>
             <button name=decision value=no>Deny</button>
             <button name=decision value=yes>Allow access</button></form>",
        ),
        ("POST", "/consent") => {
            assert_eq!(
                request.form(),
                "ticket=t1cket-0123&grant_scope=openid&decision=yes"
            );
            let to = format!("/authorize?{}", request.path.split_once('?').unwrap().1);
            redirect(&to, "consented=yes; Path=/")
        }
        _ => reply("404 Not Found", &[], ""),
    }
}

#[tokio::test]
async fn a_login_and_a_consent_lead_to_a_code_and_the_next_costs_one_request() {
    let server = Server::start(site);
    let window = Window::open(&server.url(), &form(""), Desk::default());
    let acquired = window.code().await.expect("a code");
    assert_eq!(acquired["code"], "c0de-of-the-site");
    let seen = server.seen();
    let posted = seen
        .iter()
        .find(|request| request.method == "POST")
        .unwrap();
    assert_eq!(posted.path, "/login?step=1");
    assert_eq!(posted.header("origin"), Some(server.url().as_str()));
    assert_eq!(
        posted.header("referer"),
        Some(format!("{}/login", server.url()).as_str())
    );
    let before = seen.len();
    window.code().await.expect("another code");
    assert_eq!(server.seen().len() - before, 1);
    let text = format!("{PASSWORD} {CSRF} s3ss10n-of-alice c0de-of-the-site t1cket-0123 {ENCODED}");
    let masked = window.vault.mask(&text);
    for secret in [
        PASSWORD,
        CSRF,
        "s3ss10n-of-alice",
        "c0de-of-the-site",
        "t1cket-0123",
        ENCODED,
    ] {
        assert!(!masked.contains(secret), "{masked}");
    }
}

#[tokio::test]
async fn a_wrong_password_is_told_and_not_tried_again() {
    let server = Server::start(site);
    let login = form("").replace(PASSWORD, "another password");
    let window = Window::open(&server.url(), &login, Desk::default());
    let why = window.why().await;
    for part in [
        "the same login form came again",
        "`login.password` is wrong",
        "/login (status 200, “Sign in to Example”)",
        "“Wrong name or password.”",
    ] {
        assert!(why.contains(part), "{part} in {why}");
    }
    let before = server.seen().len();
    assert_eq!(window.why().await, why);
    assert_eq!(server.seen().len(), before);
}

#[tokio::test]
async fn a_server_may_ask_for_the_name_first() {
    let server = Server::start(|request| {
        let name = "<form method=post action=/name><input name=csrf type=hidden value=csrf-0123456789abcdef>\
                    <input name=identifier><input type=submit name=next value=Next></form>";
        match (
            request.method.as_str(),
            request.path.split('?').next().unwrap(),
        ) {
            (_, "/authorize") if has_cookie(request, "in=yes-alice-is") => code(request, "c0de"),
            (_, "/authorize") => html(&format!("{name}<iframe src=/x></iframe>")),
            ("POST", "/name")
                if request.form() == format!("csrf={CSRF}&identifier=alice&next=Next") =>
            {
                // A redirect that has the same request sent again.
                reply("307 Temporary Redirect", &[("location", "/name/2")], "")
            }
            ("POST", "/name/2") if request.form().contains("identifier=alice") => html(
                "<form method=post enctype=multipart/form-data action=/password>\
                 <input name=identifier value=alice readonly><input type=password name=secret></form>",
            ),
            ("POST", "/password") => {
                let sent = request.form();
                assert!(
                    sent.contains(&format!("name=\"secret\"\r\n\r\n{PASSWORD}\r\n")),
                    "{sent}"
                );
                let body = "<meta http-equiv=refresh content='0; url=/home'>";
                reply(
                    "200 OK",
                    &[
                        ("set-cookie", "in=yes-alice-is; Path=/"),
                        ("content-type", "text/html"),
                    ],
                    body,
                )
            }
            // From here the user goes to the application on their own.
            _ => html("<title>Home</title><p>Hello alice</p>"),
        }
    });
    let window = Window::open(&server.url(), &form(""), Desk::default());
    let why = window.why().await;
    assert!(
        why.contains("/home (status 200, “Home”)") && why.contains("it has no form"),
        "{why}"
    );
    window
        .code()
        .await
        .expect("a code, since the session is kept");
}

#[tokio::test]
async fn a_page_that_it_cannot_answer_is_described() {
    let server = Server::start(|request| match request.method.as_str() {
        "GET" => login_page(""),
        _ => html(&format!(
            "<title>One more thing, {PASSWORD}</title><div role=alert>Not yet: {CSRF}</div>\
             <form method=post action='/otp?t={CSRF}'><input name=otp inputmode=numeric>\
             <input type=hidden name=csrf value={CSRF}><button>Continue</button></form>"
        )),
    });
    let window = Window::open(&server.url(), &form(""), Desk::default());
    let why = window.why().await.replace(&server.url(), "BASE");
    assert_eq!(
        why,
        "no authorization code: the login got stuck on BASE/login (status 200, “One more thing, \
         {{login.password}}”): nothing on it can be answered with yes; `login.consent-button` names the \
         button, where there is one; the page says “Not yet: {{form.csrf}}”; it has a form (POST to /otp) \
         with `otp` (text), `csrf` (hidden), the button “Continue”"
    );
}

#[tokio::test]
async fn the_password_goes_only_where_redirects_led_to() {
    let elsewhere = Server::start(|request| match request.method.as_str() {
        "GET" => login_page(""),
        _ => html("<title>Got it</title>"),
    });
    let to = format!("{}/login", elsewhere.url());
    // A form that sends to a server that nothing led to.
    let page = format!(
        "<form method=post action='{to}'><input name=user><input type=password name=p></form>"
    );
    let server = Server::start(move |_| html(&page));
    let window = Window::open(&server.url(), &form(""), Desk::default());
    let why = window.why().await;
    assert!(
        why.contains("did not lead there") && why.contains(&to),
        "{why}"
    );
    assert_eq!(elsewhere.seen().len(), 0);
    // Nor does a redirect take it there once it was sent.
    let (again, location) = (login_page(""), to.clone());
    let server = Server::start(move |request| match request.method.as_str() {
        "GET" => again.clone(),
        _ => reply("307 Temporary Redirect", &[("location", &location)], ""),
    });
    let window = Window::open(&server.url(), &form(""), Desk::default());
    assert!(window.why().await.contains("did not lead there"));
    assert_eq!(elsewhere.seen().len(), 0);
    // A redirect before that makes it the server's own login page; our headers are not for it.
    let location = to.clone();
    let server = Server::start(move |_| redirect(&location, ""));
    let login = form("[target.staging.http]\nheaders = { x-gateway = \"a key\" }");
    let window = Window::open(&server.url(), &login, Desk::default());
    let why = window.why().await;
    assert!(why.contains("“Got it”"), "{why}");
    let seen = elsewhere.seen();
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[1].form(), entered(ENCODED));
    assert!(
        seen.iter()
            .all(|request| request.header("x-gateway").is_none())
    );
    assert_eq!(server.seen()[0].header("x-gateway"), Some("a key"));
    // Plain HTTP to another machine is for nobody.
    let server = Server::start(|_| {
        html(
            "<form method=post action=http://login.example/><input name=user><input type=password name=p></form>",
        )
    });
    let window = Window::open(&server.url(), &form(""), Desk::default());
    assert!(window.why().await.contains("plain http"));
}

#[tokio::test]
async fn what_goes_round_in_circles_ends() {
    let server = Server::start(|_| html("<form><button>Continue</button></form>"));
    let window = Window::open(&server.url(), &form(""), Desk::default());
    assert!(window.why().await.contains("did not end after 10 pages"));
    assert_eq!(server.seen().len(), 10);
    let server = Server::start(|_| redirect("/again", ""));
    let window = Window::open(&server.url(), &form(""), Desk::default());
    let why = window.why().await;
    assert!(
        why.contains("redirected 10 times") && why.contains("/again"),
        "{why}"
    );
    for answer in [
        reply("500 Oh", &[("content-type", "text/plain")], "out of order"),
        reply("400 No", &[], ""),
    ] {
        let server = Server::start(move |_| answer.clone());
        let window = Window::open(&server.url(), &form(""), Desk::default());
        let why = window.why().await;
        assert!(
            why.contains("out of order") || why.contains("status 400"),
            "{why}"
        );
    }
}

#[tokio::test]
async fn fields_and_buttons_can_be_named_and_the_answer_can_be_posted() {
    let server = Server::start(|request| {
        match (request.method.as_str(), request.form().as_str()) {
            ("GET", _) => html(
                "<form method=post><input id=wer name=a><input name=b><input id=was name=c type=text></form>",
            ),
            (_, "a=alice&b=&c=pass+word%2Fof%2Balice") => html(
                "<form method=post><button name=x value=1>Eins</button><button name=x value=2>Zwei</button></form>",
            ),
            (_, "x=2") => {
                let page = "<body onload='document.forms[0].submit()'><form method=post action=https://client.example/a>\
                        <input type=hidden name=code value=c0de-by-post></form>";
                html(page)
            }
            _ => reply("400 Bad Request", &[], &request.form()),
        }
    });
    let more = "username-field = \"wer\"\npassword-field = \"was\"\nconsent-button = \"zwei\"";
    let window = Window::open(&server.url(), &form(more), Desk::default());
    // The page knows no state, and so the answer is none.
    assert!(window.why().await.contains("`state`"));
}

/// Links that are no consent stand beside the one that is.
#[tokio::test]
async fn a_consent_may_be_a_link() {
    let server = Server::start(|request| {
        let page = "<a href=/logout?continue=1>Continue as somebody else</a> <a href=/deny>Don't allow</a>\
                    <a href='https://other.example/'>Continue there</a>\
                    <a href=/federated>Continue with Example</a><form role=search><input name=q></form>";
        match request.path.split('?').next().unwrap() {
            "/authorize" if has_cookie(request, "consented=yes") => code(request, "c0de"),
            "/authorize" => html(&format!(
                "{page}<a href='/allow?t=1#here'><i>Allow</i> access</a>"
            )),
            "/allow" => {
                assert_eq!(request.path, "/allow?t=1");
                reply(
                    "200 OK",
                    &[
                        ("set-cookie", "consented=yes; Path=/"),
                        ("content-type", "text/html"),
                    ],
                    &format!("{page}<a href=/dead>Weiter</a>"),
                )
            }
            _ => reply("404 Not Found", &[], ""),
        }
    });
    let window = Window::open(&server.url(), &form(""), Desk::default());
    let why = window.why().await;
    assert!(why.contains("/allow (status 200"), "{why}");
    assert_eq!(window.code().await.expect("a code")["code"], "c0de");
    // One that is named is taken whatever it says.
    let named = form("consent-button = \"weiter\"");
    let window = Window::open(&server.url(), &named, Desk::default());
    let why = window.why().await;
    assert!(!why.contains("/allow ("), "{why}");
}

/// A person who sees what is said, and types what a test sends.
struct Typist {
    said: Mutex<Sender<String>>,
    types: Mutex<Receiver<String>>,
    looks: bool,
}

impl Person for Typist {
    fn tell(&self, text: &str) {
        let _ = self.said.lock().unwrap().send(text.to_owned());
    }

    fn line(&self) -> Option<String> {
        self.types.lock().unwrap().recv().ok()
    }

    fn looks(&self) -> bool {
        self.looks
    }
}

/// Somebody at a desk, what they are told, and what they type.
fn somebody(looks: bool) -> (Desk, Receiver<String>, Sender<String>) {
    let (said, hears) = channel();
    let (typed, types) = channel();
    let person = Typist {
        said: Mutex::new(said),
        types: Mutex::new(types),
        looks,
    };
    (Desk::new(Some(Arc::new(person)), (7, 4)), hears, typed)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_pastes_the_address() {
    let (desk, hears, types) = somebody(true);
    let window = Window::open("http://as.example", MANUAL, desk);
    let types_on = std::thread::spawn(move || {
        let first = hears.recv().unwrap();
        assert!(
            first.contains("need 7 authorization codes, and their controls about 4 more"),
            "{first}"
        );
        types.send("\n".into()).unwrap();
        types
            .send("https://client.example/a?code=old&state=other\n".into())
            .unwrap();
        assert!(hears.recv().unwrap().contains("another request"));
        types
            .send(format!(
                "https://client.example/a?code=c0de-1&state={}\n",
                state(&first)
            ))
            .unwrap();
        let second = hears.recv().unwrap();
        assert!(
            !second.contains("need 7") && second.contains("Code 2"),
            "{second}"
        );
        assert!(!second.contains("private window"), "{second}");
        types.send("c0de-2\n".into()).unwrap();
        // The first answer is not the second's.
        assert_ne!(state(&first), state(&second));
        (hears, types)
    });
    assert_eq!(window.code().await.expect("a code")["code"], "c0de-1");
    assert_eq!(window.code().await.expect("a code")["code"], "c0de-2");
    assert_eq!(
        window.vault.mask("c0de-1 c0de-2"),
        "{{start.code}} {{start.code}}"
    );
    drop(types_on.join().unwrap());
    // Now the input has ended.
    let why = window.why().await;
    assert!(
        why.contains("the input has ended") && why.contains("`login.via = \"form\"`"),
        "{why}"
    );
}

/// The state of the authorization URL in what was said.
fn state(said: &str) -> String {
    let url = said
        .lines()
        .map(str::trim)
        .find(|line| line.starts_with("http://as.example/authorize?"));
    let url = url.unwrap_or_else(|| panic!("no URL in {said}"));
    let (_, rest) = url.split_once("state=").unwrap();
    rest.split('&').next().unwrap().to_owned()
}

const MANUAL: &str = "via = \"manual\"";

#[tokio::test(flavor = "multi_thread")]
async fn the_browser_brings_the_answer_to_a_loopback_address() {
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let (desk, hears, _types) = somebody(true);
    let text = config(
        "http://as.example",
        &format!("[target.staging.login]\n{MANUAL}\n"),
    )
    .replace(
        "https://client.example/a",
        &format!("http://127.0.0.1:{port}/cb"),
    );
    let window = Window::of(text, desk);
    let browses = std::thread::spawn(move || {
        let said = hears.recv().unwrap();
        assert!(
            said.contains(&format!("waits at http://127.0.0.1:{port}/cb")),
            "{said}"
        );
        // A connection that is opened and not used, as browsers do.
        let _idle = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let get = |path: &str| {
            let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
            write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
            let mut text = String::new();
            stream.read_to_string(&mut text).unwrap();
            text
        };
        assert!(get("/favicon.ico").starts_with("HTTP/1.1 404"));
        assert!(get("/cb?code=old&state=other").starts_with("HTTP/1.1 400"));
        let page = get(&format!("/cb?code=c0de-1&state={}", state(&said)));
        assert!(
            page.starts_with("HTTP/1.1 200") && page.contains("tokenspec has the code"),
            "{page}"
        );
        assert!(!page.contains("c0de-1"));
    });
    assert_eq!(window.code().await.expect("a code")["code"], "c0de-1");
    browses.join().unwrap();
}

#[tokio::test]
async fn nobody_is_waited_for_twice() {
    let (desk, _hears, _types) = somebody(true);
    let login = format!("{MANUAL}\ntimeout = \"20ms\"");
    let window = Window::open("http://as.example", &login, desk);
    let why = window.why().await;
    assert!(why.contains("within 20ms (`login.timeout`)"), "{why}");
    assert_eq!(window.why().await, why);
    let window = Window::open("http://as.example", MANUAL, Desk::default());
    assert!(window.why().await.contains("there is nobody here"));
}

/// A run where there is no terminal asks once, and says what to do.
#[test]
fn a_run_without_a_terminal_ends() {
    let sandbox = Sandbox::new();
    let login = format!("[target.staging.login]\n{MANUAL}\n");
    sandbox.write("tokenspec.toml", &config("http://127.0.0.1:9", &login));
    let ran = sandbox.tokenspec(&["run", "authorization_code/*"]);
    assert_eq!(ran.status, 3, "{}", ran.all());
    assert_eq!(
        ran.err.matches("Open this in a browser").count(),
        1,
        "{}",
        ran.err
    );
    assert!(ran.err.contains("The selected cases need "), "{}", ran.err);
    assert!(ran.out.contains("the input has ended"), "{}", ran.out);
}

/// A run through a login page: the password and the tokens of the page are in no report.
#[test]
fn a_run_through_a_login_page_leaves_no_secret_behind() {
    let server = Server::start(|request| {
        if request.is_to("/token") {
            let members = "{\"access_token\":\"t0ken-of-the-site\",\"token_type\":\"Bearer\"}";
            return support::http::json("200 OK", members);
        }
        site(request)
    });
    let sandbox = Sandbox::new();
    let login = format!("[target.staging.login]\n{}\n", form(""));
    sandbox.write("tokenspec.toml", &config(&server.url(), &login));
    let ran = sandbox.tokenspec(&["run", "authorization_code/*", "--safe"]);
    // Each login gave a code, but where the server refuses what a case asks for.
    let report = sandbox.json("reports/staging/report.json");
    for case in report["cases"].as_array().unwrap() {
        let reason = case["reason"].as_str().unwrap_or_default();
        let refused = case["verdict"] == "skipped" && reason.contains("answered invalid_request");
        assert!(
            refused || !reason.contains("no authorization code"),
            "{case}"
        );
    }
    let logins = server
        .seen()
        .iter()
        .filter(|request| request.form() == entered(ENCODED))
        .count();
    assert_eq!(logins, 1, "{}", ran.all());
    for (path, bytes) in sandbox.files("reports") {
        let text = String::from_utf8_lossy(&bytes);
        for secret in [
            PASSWORD,
            ENCODED,
            CSRF,
            "s3ss10n-of-alice",
            "c0de-of-the-site",
        ] {
            assert!(!text.contains(secret), "{secret} in {}", path.display());
        }
    }
}
