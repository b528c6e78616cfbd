//! A login page that is one script: it builds its fields after it was loaded, sends what is typed
//! as JSON, and shows the consent without another page. Behind it is an authorization endpoint.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use super::http::{Request, Server, reply};

pub const USER: &str = "alice@example.test";
pub const PASSWORD: &str = "pass word/of+alice";
pub const SESSION: &str = "s3ss10n-of-alice-0123";

/// The page. Whoever runs no script sees nothing of it.
const PAGE: &str = r#"<!doctype html><html><head><title>Loading…</title></head><body><div id=root></div>
<noscript>This page needs JavaScript.</noscript>
<script>
const root = document.getElementById('root');
const query = location.search;
const put = (tag, more, text) => { const e = Object.assign(document.createElement(tag), more); e.textContent = text || ''; root.append(e); return e; };
const post = async (to, body) => (await fetch(to, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })).json();
const login = (complaint) => {
  root.textContent = ''; document.title = 'Sign in';
  if (complaint) { const e = put('p', { className: 'error' }, complaint); e.setAttribute('role', 'alert'); }
  put('input', { type: 'search', name: 'q' });
  const user = put('input', { type: 'email', id: 'who', placeholder: 'E-mail' });
  const pass = put('input', { type: 'password', id: 'secret' });
  put('button', { type: 'button' }, 'Show');
  put('button', { type: 'button', id: 'go' }, 'Sign in').addEventListener('click', async () => {
    const answer = await post('/api/login', { user: user.value, pass: pass.value });
    if (answer.ok) setTimeout(next, 200, answer); else login('Hello ' + user.value + ', that is wrong.');
  });
};
const consent = () => {
  root.textContent = ''; document.title = 'Consent';
  put('button', {}, 'Cancel');
  put('button', { id: 'yes' }, 'Allow access').addEventListener('click', async () => {
    await post('/api/consent', {}); location.href = '/authorize' + query;
  });
};
const next = (answer) => { if (answer.consented) location.href = '/authorize' + query; else consent(); };
setTimeout(() => fetch('/api/who').then((r) => r.json()).then((a) => (a.ok ? next(a) : login())), 150);
</script></body></html>"#;

/// Serves the page, and gives codes of the authorization endpoint at `behind` to who has logged in
/// and consented. `relays` says how: by answering with its redirect, or by sending the browser there.
pub fn start(behind: &str, relays: bool) -> Server {
    let behind = behind.to_owned();
    Server::start(move |request| answer(request, &behind, relays))
}

fn answer(request: &Request, behind: &str, relays: bool) -> Vec<u8> {
    let cookies = request.header("cookie").unwrap_or_default().to_owned();
    let has = |cookie: &str| cookies.split("; ").any(|known| known == cookie);
    let known = has(&format!("session={SESSION}"));
    let consented = has("consented=yes");
    let json = |text: &str, cookie: &str| {
        let mut headers = vec![("content-type", "application/json")];
        if !cookie.is_empty() {
            headers.push(("set-cookie", cookie));
        }
        reply("200 OK", &headers, text)
    };
    let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
    match (request.method.as_str(), path) {
        ("GET", "/authorize") if known && consented => {
            let url = format!("{behind}/authorize?{query}");
            let to = if relays { location(&url) } else { url };
            reply("302 Found", &[("location", &to)], "")
        }
        ("GET", "/authorize") => reply(
            "200 OK",
            &[("content-type", "text/html; charset=utf-8")],
            PAGE,
        ),
        ("GET", "/api/who") => json(&format!("{{\"ok\":{known},\"consented\":{consented}}}"), ""),
        ("POST", "/api/login") => {
            let sent: serde_json::Value = serde_json::from_slice(&request.body).expect("JSON");
            if sent["user"] == USER && sent["pass"] == PASSWORD {
                let cookie = format!("session={SESSION}; Path=/; HttpOnly");
                json("{\"ok\":true,\"consented\":false}", &cookie)
            } else {
                json("{\"ok\":false}", "")
            }
        }
        ("POST", "/api/consent") if known => json("{\"ok\":true}", "consented=yes; Path=/"),
        _ => reply("404 Not Found", &[], ""),
    }
}

/// Where a server redirects to.
fn location(url: &str) -> String {
    let rest = url.strip_prefix("http://").expect("plain http");
    let (host, path) = rest.split_once('/').expect("a path");
    let mut stream = TcpStream::connect(host).expect("a connection");
    write!(
        stream,
        "GET /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n"
    )
    .expect("a request");
    let mut text = String::new();
    stream.read_to_string(&mut text).expect("a response");
    let line = text
        .lines()
        .find(|line| line.to_ascii_lowercase().starts_with("location:"));
    let line = line.unwrap_or_else(|| panic!("no redirect: {text}"));
    line[9..].trim().to_owned()
}
