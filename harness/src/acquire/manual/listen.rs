//! Waits at a loopback redirect URI for the browser (RFC 8252 section 7.3).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;
use url::{Host, Url};

use super::{fits, pairs};
use crate::acquire::authorization::Answer;

/// How long a request line with its headers may be.
const HEAD: usize = 64 * 1024;
/// How long a browser may take to send them; one opens connections that it may never use.
const PATIENCE: Duration = Duration::from_secs(30);

/// The place where a browser brings an answer.
pub(super) struct Listener {
    sockets: Vec<TcpListener>,
    wanted: Arc<Wanted>,
}

struct Wanted {
    path: String,
    state: String,
}

impl Listener {
    /// Listens where the redirect URI is a loopback address; none where it is not.
    ///
    /// # Errors
    /// Where the port cannot be had.
    pub async fn bind(redirect_uri: &str, state: &str) -> Result<Option<Self>, String> {
        let Some((url, addresses)) = loopback(redirect_uri) else {
            return Ok(None);
        };
        let port = url.port_or_known_default().unwrap_or(80);
        let mut sockets = Vec::new();
        let mut why = String::new();
        for address in addresses {
            match TcpListener::bind(SocketAddr::new(address, port)).await {
                Ok(socket) => sockets.push(socket),
                Err(error) => why = error.to_string(),
            }
        }
        if sockets.is_empty() {
            return Err(why);
        }
        let wanted = Arc::new(Wanted {
            path: url.path().to_owned(),
            state: state.to_owned(),
        });
        Ok(Some(Self { sockets, wanted }))
    }

    /// Waits for the answer to this request; whatever else comes is told that it is not.
    pub async fn answer(&self) -> Answer {
        let (sender, mut answers) = unbounded_channel();
        // Each connection by itself: a browser opens some that it does not use. They end with this.
        let mut open = JoinSet::new();
        loop {
            tokio::select! {
                Some(answer) = answers.recv() => return answer,
                stream = accept(&self.sockets) => {
                    open.spawn(serve(stream, Arc::clone(&self.wanted), sender.clone()));
                }
                Some(_) = open.join_next() => {}
            }
        }
    }
}

/// The URL and the addresses of a loopback redirect URI.
fn loopback(redirect_uri: &str) -> Option<(Url, Vec<IpAddr>)> {
    let url = Url::parse(redirect_uri).ok()?;
    if url.scheme() != "http" {
        return None;
    }
    let addresses = match url.host()? {
        Host::Ipv4(address) if address.is_loopback() => vec![address.into()],
        Host::Ipv6(address) if address.is_loopback() => vec![address.into()],
        Host::Domain("localhost") => vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()],
        _ => return None,
    };
    Some((url, addresses))
}

async fn accept(sockets: &[TcpListener]) -> TcpStream {
    loop {
        let each = sockets.iter().map(|socket| Box::pin(socket.accept()));
        match futures_util::future::select_all(each).await.0 {
            Ok((stream, _)) => return stream,
            // Out of file descriptors, say: it passes.
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
}

async fn serve(mut stream: TcpStream, wanted: Arc<Wanted>, sender: UnboundedSender<Answer>) {
    let Ok(Some(target)) = tokio::time::timeout(PATIENCE, target(&mut stream)).await else {
        return;
    };
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let pairs = pairs(query);
    let (status, text) = if path != wanted.path {
        ("404 Not Found", "There is nothing here.")
    } else if fits(&pairs, &wanted.state).is_err() {
        (
            "400 Bad Request",
            "This is not the answer that tokenspec waits for. Open the address that it shows.",
        )
    } else if pairs.contains_key("error") {
        (
            "200 OK",
            "The authorization server answered with an error, and tokenspec has it. You can close this page.",
        )
    } else {
        ("200 OK", "tokenspec has the code. You can close this page.")
    };
    let body = format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>tokenspec</title><p>{text}</p></html>\n"
    );
    let response = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\
         Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n\
         Content-Security-Policy: default-src 'none'\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    // The browser has the page before the port is closed.
    let _ = stream.write_all(response.as_bytes()).await;
    let _ = stream.shutdown().await;
    if status.starts_with("200") {
        let _ = sender.send(Answer::Query(pairs));
    }
}

/// The target of a GET request; none where it is something else.
async fn target(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let mut bytes = [0; 4096];
        let read = stream.read(&mut bytes).await.ok()?;
        if read == 0 || head.len() + read > HEAD {
            return None;
        }
        head.extend_from_slice(&bytes[..read]);
    }
    let head = String::from_utf8_lossy(&head);
    let mut words = head.lines().next()?.split(' ');
    (words.next() == Some("GET")).then(|| words.next().map(str::to_owned))?
}

#[cfg(test)]
mod tests {
    use super::loopback;

    #[test]
    fn only_loopback_redirect_uris_are_listened_at() {
        for uri in [
            "http://127.0.0.1:8765/cb",
            "http://[::1]:8765/cb",
            "http://localhost/cb",
        ] {
            assert!(loopback(uri).is_some(), "{uri}");
        }
        for uri in [
            "https://127.0.0.1:8765/cb",
            "http://client.example/cb",
            "http://10.0.0.1/cb",
            "app.example:/cb",
        ] {
            assert!(loopback(uri).is_none(), "{uri}");
        }
    }
}
