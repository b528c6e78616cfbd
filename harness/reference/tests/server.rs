//! The server on a socket: starting, its log, its latency, and stopping.

#![allow(clippy::unwrap_used)]

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokenspec_reference::{Options, Personality, Server};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

async fn get(server: &Server, path: &str) -> String {
    let address = server.issuer().strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn it_starts_answers_and_stops() {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let log = {
        let lines = Arc::clone(&lines);
        Arc::new(move |line: &str| lines.lock().unwrap().push(line.to_owned()))
    };
    let options = Options {
        log: Some(log),
        ..Options::default()
    };
    let server = Server::start(options).await.unwrap();
    let answer = get(&server, "/.well-known/openid-configuration?secret=x").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains(server.issuer()));
    assert_eq!(
        *lines.lock().unwrap(),
        ["GET /.well-known/openid-configuration 200"]
    );
    assert!(
        server
            .config_toml()
            .contains(&format!("issuer = \"{}\"", server.issuer()))
    );

    let address = server.issuer().strip_prefix("http://").unwrap().to_owned();
    let idle = TcpStream::connect(&address).await.unwrap();
    server.stop().await;
    assert!(TcpStream::connect(&address).await.is_err());
    drop(idle);
}

#[tokio::test]
async fn dropping_it_stops_it() {
    let server = Server::start(Options::default()).await.unwrap();
    let address = server.issuer().strip_prefix("http://").unwrap().to_owned();
    drop(server);
    let stopped = async {
        while TcpStream::connect(&address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), stopped)
        .await
        .unwrap();
}

#[tokio::test]
async fn an_answer_can_be_held_back() {
    let latency = Duration::from_millis(50);
    let options = Options {
        latency,
        personality: Personality::Ciam,
        ..Options::default()
    };
    let server = Server::start(options).await.unwrap();
    let start = Instant::now();
    get(&server, "/oauth2/jwks").await;
    assert!(start.elapsed() >= latency);
}

#[test]
fn a_personality_has_a_name() {
    for personality in Personality::ALL {
        assert_eq!(personality.to_string().parse(), Ok(personality));
    }
    let error = "x".parse::<Personality>().unwrap_err();
    assert_eq!(
        error.to_string(),
        "no personality is called \"x\"; there are standard and ciam"
    );
}
