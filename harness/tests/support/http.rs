//! Small HTTP servers on the loopback interface, which answer as a test wants.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let address = listener.local_addr().expect("an address");
    (listener, address)
}

/// A port at which nobody listens any more.
pub fn dead_port() -> String {
    let (listener, address) = listen();
    drop(listener);
    format!("http://{address}")
}

/// Listens and answers nothing: who connects waits in the queue, and is counted there.
pub struct Counter {
    listener: TcpListener,
    address: SocketAddr,
}

impl Counter {
    pub fn start() -> Self {
        let (listener, address) = listen();
        listener
            .set_nonblocking(true)
            .expect("a listener that does not wait");
        Self { listener, address }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How many have connected since it was last asked.
    pub fn connections(&self) -> usize {
        std::iter::from_fn(|| self.listener.accept().ok()).count()
    }

    /// A configuration with this as its target.
    pub fn config(&self) -> String {
        config(&self.url(), "")
    }
}

/// The redirect URIs of the clients of [`config`].
const REDIRECT_URIS: [&str; 2] = ["https://client.example/a", "https://client.example/b"];

/// A configuration whose target `staging` can do everything, at the endpoints of a [`Server`].
pub fn config(url: &str, more: &str) -> String {
    let mut text = format!(
        "[target.staging]\nprofile = [\"oauth2\"]\ntoken-endpoint = \"{url}/token\"\n\
         authorization-endpoint = \"{url}/authorize\"\njwks-uri = \"{url}/jwks\"\n\
         introspection-endpoint = \"{url}/introspect\"\nrevocation-endpoint = \"{url}/revoke\"\n\
         userinfo-endpoint = \"{url}/userinfo\"\n{more}"
    );
    for name in ["main", "other"] {
        text.push_str(&format!(
            "[[target.staging.client]]\nname = \"{name}\"\nid = \"{name}-id\"\n\
             secret = \"{name}-secret-of-a-test\"\n\
             auth = [\"client_secret_basic\", \"client_secret_post\"]\n\
             grants = [\"authorization_code\", \"refresh_token\", \"client_credentials\"]\n\
             redirect-uris = {REDIRECT_URIS:?}\n\
             scope = \"openid\"\nclient-credentials-scope = \"read\"\n"
        ));
    }
    text
}

/// A request as a server saw it.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    /// With its query.
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    pub fn is_to(&self, path: &str) -> bool {
        self.path.split('?').next() == Some(path)
    }

    /// A parameter of the query, as it stands there.
    pub fn query(&self, name: &str) -> Option<&str> {
        let (_, query) = self.path.split_once('?')?;
        query
            .split('&')
            .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
    }

    /// The body as text.
    pub fn form(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// An answer in bytes.
pub fn reply(status: &str, headers: &[(&str, &str)], body: &str) -> Vec<u8> {
    let mut text = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    format!("{text}\r\n{body}").into_bytes()
}

/// An OAuth error.
pub fn error(status: &str, code: &str) -> Vec<u8> {
    reply(
        status,
        &[
            ("content-type", "application/json"),
            ("cache-control", "no-store"),
        ],
        &format!("{{\"error\":\"{code}\"}}"),
    )
}

/// An answer with these members.
pub fn json(status: &str, members: &str) -> Vec<u8> {
    reply(
        status,
        &[
            ("content-type", "application/json"),
            ("cache-control", "no-store"),
            ("pragma", "no-cache"),
        ],
        members,
    )
}

/// A redirect to a request's redirect URI with a code.
pub fn code(request: &Request, code: &str) -> Vec<u8> {
    let uri = request.query("redirect_uri").unwrap_or_default();
    let uri = uri.replace("%3A", ":").replace("%2F", "/");
    let state = request.query("state").unwrap_or_default();
    let location = format!("{uri}?code={code}&state={state}");
    reply("302 Found", &[("location", &location)], "")
}

/// What an authorization endpoint owes: a code for a request of a client of [`config`], and for
/// nothing else. A redirect URI that is not registered is told on a page (RFC 6749 section 4.1.2.1),
/// any other mistake to the client: another response type than `code`, a challenge method other than
/// S256 (RFC 7636 section 4.4.1).
pub fn authorize(request: &Request, given: &str) -> Vec<u8> {
    let url = url::Url::parse("http://as.example").and_then(|base| base.join(&request.path));
    let url = url.expect("a path");
    let value = |name: &str| {
        let mut pairs = url.query_pairs();
        pairs.find_map(|(known, value)| (known == name).then(|| value.into_owned()))
    };
    let registered = REDIRECT_URIS.contains(&value("redirect_uri").unwrap_or_default().as_str());
    if request.method != "GET" || !registered {
        return reply("400 Bad Request", &[("content-type", "text/html")], "no");
    }
    let known = matches!(value("client_id").as_deref(), Some("main-id" | "other-id"));
    let challenged = value("code_challenge").is_some();
    let wrong = match value("response_type").as_deref() {
        _ if !known => Some("unauthorized_client"),
        Some("code") => match value("code_challenge_method").as_deref() {
            None if !challenged => None,
            Some("S256") if challenged => None,
            _ => Some("invalid_request"),
        },
        _ => Some("unsupported_response_type"),
    };
    match wrong {
        None => code(request, given),
        Some(wrong) => {
            let mut back =
                url::Url::parse(&value("redirect_uri").unwrap_or_default()).expect("a URL");
            back.query_pairs_mut()
                .append_pair("error", wrong)
                .append_pair("error_description", "it is not as this server wants it")
                .append_pair("state", &value("state").unwrap_or_default());
            reply("302 Found", &[("location", back.as_str())], "")
        }
    }
}

type Answer = dyn Fn(&Request) -> Vec<u8> + Send + Sync;

/// A server; it stops when it is dropped.
pub struct Server {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
    seen: Arc<Mutex<Vec<Request>>>,
    accepting: Option<JoinHandle<()>>,
}

impl Server {
    /// Answers each request with what `answer` makes of it; where that is nothing, the connection
    /// is closed.
    pub fn start(answer: impl Fn(&Request) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let (listener, address) = listen();
        let stop = Arc::new(AtomicBool::new(false));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let answer: Arc<Answer> = Arc::new(answer);
        let accepting = {
            let (stop, seen) = (Arc::clone(&stop), Arc::clone(&seen));
            thread::spawn(move || {
                for stream in listener.incoming().flatten() {
                    if stop.load(Ordering::SeqCst) {
                        break;
                    }
                    let (answer, seen) = (Arc::clone(&answer), Arc::clone(&seen));
                    thread::spawn(move || converse(stream, &*answer, &seen));
                }
            })
        };
        Self {
            address,
            stop,
            seen,
            accepting: Some(accepting),
        }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All requests so far.
    pub fn seen(&self) -> Vec<Request> {
        self.seen.lock().expect("requests").clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // Someone has to connect, so that it looks up.
        drop(TcpStream::connect(self.address));
        if let Some(accepting) = self.accepting.take() {
            drop(accepting.join());
        }
    }
}

/// Answers the requests of one connection, until either side has enough.
fn converse(stream: TcpStream, answer: &Answer, seen: &Mutex<Vec<Request>>) {
    drop(stream.set_nodelay(true));
    let Ok(mut writer) = stream.try_clone() else {
        return;
    };
    let mut reader = BufReader::new(stream);
    while let Some(request) = read(&mut reader) {
        seen.lock().expect("requests").push(request.clone());
        let bytes = answer(&request);
        if bytes.is_empty() || writer.write_all(&bytes).is_err() {
            return;
        }
    }
}

pub fn read<R: std::io::Read>(reader: &mut BufReader<R>) -> Option<Request> {
    let mut line = String::new();
    if reader.read_line(&mut line).ok()? == 0 {
        return None;
    }
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, path) = (words.next()?, words.next()?);
    let mut headers = Vec::new();
    loop {
        let mut line = Vec::new();
        reader.read_until(b'\n', &mut line).ok()?;
        let line = String::from_utf8_lossy(&line).trim_end().to_owned();
        match line.split_once(':') {
            Some((name, value)) => headers.push((name.to_owned(), value.trim().to_owned())),
            None if line.is_empty() => break,
            None => return None,
        }
    }
    let mut request = Request {
        method,
        path,
        headers,
        body: Vec::new(),
    };
    let length = request
        .header("content-length")
        .and_then(|length| length.parse().ok());
    request.body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut request.body).ok()?;
    Some(request)
}
