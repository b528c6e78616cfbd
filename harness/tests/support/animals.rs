//! A zoo of servers that are broken or hostile: raw bytes on the loopback interface.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// What one does with a connection on which a request has come.
pub type Behave = fn(&mut TcpStream) -> std::io::Result<()>;

/// An animal in its cage; it is let go when this is dropped.
pub struct Cage {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
    accepting: Option<JoinHandle<()>>,
}

impl Cage {
    /// Behaves once a request has come.
    pub fn with(behave: Behave) -> Self {
        Self::open(move |stream| listen(stream).and_then(|()| behave(stream)))
    }

    /// Behaves as soon as somebody has connected.
    pub fn at_once(behave: Behave) -> Self {
        Self::open(behave)
    }

    fn open(
        behave: impl Fn(&mut TcpStream) -> std::io::Result<()> + Copy + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let address = listener.local_addr().expect("an address");
        let stop = Arc::new(AtomicBool::new(false));
        let accepting = {
            let stop = Arc::clone(&stop);
            thread::spawn(move || {
                for mut stream in listener.incoming().flatten() {
                    if stop.load(Ordering::SeqCst) {
                        break;
                    }
                    thread::spawn(move || {
                        // Whoever hangs up has had enough, which is what is tested.
                        let _ = behave(&mut stream);
                    });
                }
            })
        };
        Self {
            address,
            stop,
            accepting: Some(accepting),
        }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }
}

impl Drop for Cage {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(self.address));
        if let Some(accepting) = self.accepting.take() {
            drop(accepting.join());
        }
    }
}

/// Reads a request, so that no answer comes before it.
fn listen(stream: &mut TcpStream) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut seen = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let count = stream.read(&mut buffer)?;
        seen.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&seen).to_ascii_lowercase();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            if count == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            continue;
        };
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length:"))
            .and_then(|length| length.trim().parse().ok())
            .unwrap_or(0);
        if body.len() >= length || count == 0 {
            return Ok(());
        }
    }
}

/// Waits until the other side has hung up.
pub fn until_hung_up(stream: &mut TcpStream) -> std::io::Result<()> {
    let mut buffer = [0; 64];
    while stream.read(&mut buffer)? > 0 {}
    Ok(())
}

/// The same bytes until the other side has enough.
fn for_ever(stream: &mut TcpStream, bytes: &[u8]) -> std::io::Result<()> {
    loop {
        stream.write_all(bytes)?;
    }
}

/// A byte now and then, as one who means to keep the line busy.
fn drip(stream: &mut TcpStream) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_millis(300)))?;
    let mut buffer = [0; 1];
    loop {
        stream.write_all(b"a")?;
        if let Ok(0) = stream.read(&mut buffer) {
            return Ok(());
        }
    }
}

const JSON: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncache-control: no-store\r\n";

fn whole(stream: &mut TcpStream, more: &str, body: &[u8]) -> std::io::Result<()> {
    let head = format!(
        "{JSON}{more}content-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)
}

fn say(stream: &mut TcpStream, bytes: &[u8]) -> std::io::Result<()> {
    stream.write_all(bytes)
}

/// A token response in which one member's value is `text`, as JSON.
fn described(text: &str) -> Vec<u8> {
    format!("{{\"error\":\"invalid_request\",\"error_description\":{text}}}").into_bytes()
}

/// Zeros as gzip, so many bytes of it: 160 times as much when it is unpacked.
fn bomb(size: usize) -> Vec<u8> {
    let mut bytes = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
    let (mut held, mut count) = (0_u32, 0);
    let mut push = |bytes: &mut Vec<u8>, bits: u32, length: u32| {
        held |= bits << count;
        count += length;
        while count >= 8 {
            bytes.push(held.to_le_bytes()[0]);
            held >>= 8;
            count -= 8;
        }
    };
    // One last block with the fixed codes (RFC 1951 section 3.2.6): a zero byte…
    push(&mut bytes, 0b011, 3);
    push(&mut bytes, 0x0c, 8);
    while bytes.len() < size {
        // …258 times what was there one byte before…
        push(&mut bytes, 0xa3, 13);
    }
    // …and its end. The checksum that follows is wrong, which is found only after all of it.
    push(&mut bytes, 0, 7 + 8);
    bytes.extend([0; 8]);
    bytes
}

/// What is made once and shared, so that the memory of a run is not that of its test.
fn once(made: &'static OnceLock<Vec<u8>>, make: impl FnOnce() -> Vec<u8>) -> &'static [u8] {
    made.get_or_init(make)
}

fn large_bomb() -> &'static [u8] {
    static BOMB: OnceLock<Vec<u8>> = OnceLock::new();
    once(&BOMB, || bomb(10 << 20))
}

fn small_bomb() -> &'static [u8] {
    static BOMB: OnceLock<Vec<u8>> = OnceLock::new();
    once(&BOMB, || bomb(900 << 10))
}

fn large_text() -> &'static [u8] {
    static TEXT: OnceLock<Vec<u8>> = OnceLock::new();
    once(&TEXT, || {
        described(&format!("\"{}\"", "a".repeat(10 << 20)))
    })
}

fn large_jwt() -> &'static [u8] {
    static JWT: OnceLock<Vec<u8>> = OnceLock::new();
    once(&JWT, || {
        let jwt = format!("eyJhbGciOiJub25lIn0.{}.", "e".repeat(5 << 20));
        format!("{{\"access_token\":\"{jwt}\",\"token_type\":\"Bearer\"}}").into_bytes()
    })
}

/// Names, what they do, and words that the cause has to have; none where the answer may pass for one.
pub const ZOO: &[(&str, Behave, &str)] = &[
    (
        "accepts and says nothing",
        |s| until_hung_up(s),
        "no complete answer within",
    ),
    (
        "closes at once",
        |_| Ok(()),
        "connection closed before message completed",
    ),
    (
        "closes inside the headers",
        |s| say(s, b"HTTP/1.1 200 OK\r\ncontent-ty"),
        "closed",
    ),
    (
        "closes inside the body",
        |s| {
            say(
                s,
                format!("{JSON}content-length: 90\r\n\r\n{{\"access").as_bytes(),
            )
        },
        "body",
    ),
    (
        "one byte now and then, headers",
        |s| say(s, b"HTTP/1.1 200 OK\r\nx: ").and_then(|()| drip(s)),
        "no complete answer within",
    ),
    (
        "one byte now and then, body",
        |s| say(s, format!("{JSON}content-length: 900\r\n\r\n").as_bytes()).and_then(|()| drip(s)),
        "no complete answer within",
    ),
    (
        "endless headers",
        |s| {
            say(s, b"HTTP/1.1 200 OK\r\n")
                .and_then(|()| for_ever(s, b"x-more: aaaaaaaaaaaaaaaaaaaaaaaa\r\n"))
        },
        "",
    ),
    (
        "endless body",
        |s| say(s, format!("{JSON}\r\n").as_bytes()).and_then(|()| for_ever(s, &[b'a'; 65536])),
        "more than 1 MiB",
    ),
    (
        "1 GiB declared",
        |s| {
            say(
                s,
                format!("{JSON}content-length: 1073741824\r\n\r\n{{").as_bytes(),
            )
            .and_then(|()| until_hung_up(s))
        },
        "no complete answer within",
    ),
    (
        "two Content-Lengths",
        |s| {
            say(
                s,
                format!("{JSON}content-length: 2\r\ncontent-length: 7\r\n\r\n{{}}").as_bytes(),
            )
        },
        "",
    ),
    (
        "Content-Length and chunked",
        |s| {
            say(
                s,
                format!("{JSON}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n")
                    .as_bytes(),
            )
        },
        "",
    ),
    (
        "chunked with a bad size",
        |s| {
            say(
                s,
                format!("{JSON}transfer-encoding: chunked\r\n\r\nzz\r\n{{}}\r\n").as_bytes(),
            )
        },
        "body",
    ),
    (
        "a gzip bomb, as Content-Encoding",
        |s| whole(s, "content-encoding: gzip\r\n", large_bomb()),
        "more than 1 MiB",
    ),
    (
        "a gzip bomb without a label",
        |s| whole(s, "", large_bomb()),
        "more than 1 MiB",
    ),
    (
        "a smaller gzip bomb, as Content-Encoding",
        |s| whole(s, "content-encoding: gzip\r\n", small_bomb()),
        "bytes that is no JSON object",
    ),
    (
        "a smaller gzip bomb as Transfer-Encoding",
        |s| {
            say(
                s,
                format!("{JSON}transfer-encoding: gzip\r\nconnection: close\r\n\r\n").as_bytes(),
            )
            .and_then(|()| say(s, small_bomb()))
        },
        "",
    ),
    (
        "a body longer than its Content-Length",
        |s| {
            say(
                s,
                format!("{JSON}content-length: 2\r\n\r\n{{}}{{\"error\":\"a\"}}").as_bytes(),
            )
        },
        "200 without an error code or a token",
    ),
    (
        "chunked with a size beyond 64 bits",
        |s| {
            say(
                s,
                format!("{JSON}transfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n{{}}")
                    .as_bytes(),
            )
        },
        "body",
    ),
    (
        "100 Continue for ever",
        |s| for_ever(s, b"HTTP/1.1 100 Continue\r\n\r\n"),
        "",
    ),
    (
        "redirects to itself",
        |s| {
            say(
                s,
                b"HTTP/1.1 307 Temporary Redirect\r\nlocation: /token\r\ncontent-length: 0\r\n\r\n",
            )
        },
        "307",
    ),
    (
        "redirects to another host",
        |s| {
            say(
                s,
                b"HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n",
            )
        },
        "302",
    ),
    (
        "redirects to a file",
        |s| {
            say(
                s,
                b"HTTP/1.1 302 Found\r\nlocation: file:///etc/passwd\r\ncontent-length: 0\r\n\r\n",
            )
        },
        "302",
    ),
    (
        "HTTP/0.9",
        |s| {
            say(
                s,
                b"{\"access_token\":\"abcdefgh\",\"token_type\":\"Bearer\"}",
            )
        },
        "HTTP",
    ),
    (
        "garbage",
        |s| say(s, &[0xde, 0xad, 0xbe, 0xef, 0, 1, 2, 3, 13, 10, 13, 10]),
        "",
    ),
    (
        "invalid UTF-8",
        |s| whole(s, "", b"{\"access_token\":\"\xff\xfe\xc3\x28\"}"),
        "",
    ),
    (
        "a BOM",
        |s| whole(s, "", b"\xef\xbb\xbf{\"error\":\"invalid_request\"}"),
        "",
    ),
    (
        "UTF-16",
        |s| {
            let text: Vec<u8> = "{\"error\":\"invalid_request\"}"
                .encode_utf16()
                .flat_map(u16::to_be_bytes)
                .collect();
            whole(s, "", &text)
        },
        "",
    ),
    (
        "JSON 100,000 levels deep",
        |s| whole(s, "", "[".repeat(100_000).as_bytes()),
        "",
    ),
    (
        "objects 100,000 levels deep",
        |s| whole(s, "", "{\"a\":".repeat(100_000).as_bytes()),
        "",
    ),
    (
        "duplicate members",
        |s| {
            whole(
                s,
                "",
                b"{\"error\":\"invalid_client\",\"error\":\"invalid_grant\"}",
            )
        },
        "",
    ),
    (
        "a number beyond 64 bits",
        |s| {
            whole(
                s,
                "",
                b"{\"access_token\":\"abcdefgh\",\"expires_in\":99999999999999999999999999999}",
            )
        },
        "",
    ),
    (
        "NaN",
        |s| whole(s, "", b"{\"access_token\":\"abcdefgh\",\"expires_in\":NaN}"),
        "",
    ),
    (
        "10 MB in one text",
        |s| whole(s, "", large_text()),
        "more than 1 MiB",
    ),
    (
        "a JWT of 5 MB",
        |s| whole(s, "", large_jwt()),
        "more than 1 MiB",
    ),
    (
        "escapes and bidirectional characters",
        |s| {
            let text = "\"\\u001b[2J\\u001b]0;title\\u0007\\r\\n\\u202eevil\\u2066\\u0000\"";
            whole(s, "x-note: \x1b[31m\r\n", &described(text))
        },
        "",
    ),
    (
        "429 for ever",
        |s| {
            say(
                s,
                b"HTTP/1.1 429 Too Many Requests\r\nretry-after: 0\r\ncontent-length: 0\r\n\r\n",
            )
        },
        "429",
    ),
    (
        "Retry-After of a year",
        |s| {
            say(
                s,
                b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 31557600\r\ncontent-length: 0\r\n\r\n",
            )
        },
        "after 1year",
    ),
];
