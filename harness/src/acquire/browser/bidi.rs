//! What the browser asks for, over WebDriver BiDi: the request to the redirect URI is caught before
//! it is sent, so that nobody has to listen there, and nobody who does gets the code.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};
use url::Url;

use crate::acquire::authorization::is_redirect_uri;

/// How long a command may take.
const COMMAND: Duration = Duration::from_secs(10);
/// What the browser shows in place of the redirect URI; it asks for no icon either.
const PAGE: &str = "<!doctype html><title>tokenspec</title><link rel=icon href='data:,'>";

/// Which redirect URI is awaited, and the request to it.
#[derive(Debug, Default)]
struct Watch {
    redirect_uri: String,
    caught: Option<Caught>,
}

/// A request to the redirect URI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Caught {
    pub url: Url,
    pub method: String,
}

struct Order {
    method: &'static str,
    params: Value,
    reply: oneshot::Sender<Result<Value, String>>,
}

/// The socket of a session.
#[derive(Debug)]
pub(super) struct Bidi {
    orders: UnboundedSender<Order>,
    watch: Arc<Mutex<Watch>>,
    task: JoinHandle<()>,
}

impl Bidi {
    /// Connects, and asks to be told of all requests.
    pub async fn connect(address: &str) -> Result<Self, String> {
        let connecting = async {
            let url = Url::parse(address).map_err(|error| error.to_string())?;
            let host = url.host_str().ok_or("no host")?.to_owned();
            let port = url.port_or_known_default().unwrap_or(80);
            let stream = TcpStream::connect((host, port))
                .await
                .map_err(|error| error.to_string())?;
            let (socket, _) = client_async(address, stream)
                .await
                .map_err(|error| error.to_string())?;
            Ok::<_, String>(socket)
        };
        let socket = tokio::time::timeout(COMMAND, connecting)
            .await
            .map_err(|_| "it takes too long".to_owned())??;
        let (orders, taken) = unbounded_channel();
        let watch = Arc::new(Mutex::new(Watch::default()));
        let task = tokio::spawn(converse(socket, taken, Arc::clone(&watch)));
        let bidi = Self {
            orders,
            watch,
            task,
        };
        let events = json!({ "events": ["network.beforeRequestSent"] });
        bidi.call("session.subscribe", events).await?;
        Ok(bidi)
    }

    /// From now on, a request to this URI is caught.
    pub async fn await_at(&self, redirect_uri: &str) -> Result<(), String> {
        let known = {
            let mut watch = self.watch.lock().unwrap_or_else(PoisonError::into_inner);
            watch.caught = None;
            std::mem::replace(&mut watch.redirect_uri, redirect_uri.to_owned()) == redirect_uri
        };
        let Some(pattern) = pattern(redirect_uri).filter(|_| !known) else {
            return Ok(());
        };
        let params = json!({ "phases": ["beforeRequestSent"], "urlPatterns": [pattern] });
        self.call("network.addIntercept", params).await.map(drop)
    }

    /// The request that was caught.
    pub fn caught(&self) -> Option<Caught> {
        let watch = self.watch.lock().unwrap_or_else(PoisonError::into_inner);
        watch.caught.clone()
    }

    /// All cookies of the browser.
    pub async fn cookies(&self) -> Result<Vec<Value>, String> {
        let mut found = self.call("storage.getCookies", json!({})).await?;
        match found.get_mut("cookies").map(Value::take) {
            Some(Value::Array(cookies)) => Ok(cookies),
            _ => Err("it names no cookies".into()),
        }
    }

    async fn call(&self, method: &'static str, params: Value) -> Result<Value, String> {
        let (reply, answer) = oneshot::channel();
        let order = Order {
            method,
            params,
            reply,
        };
        let gone = || format!("{method}: the browser is gone");
        self.orders.send(order).map_err(|_| gone())?;
        match tokio::time::timeout(COMMAND, answer).await {
            Ok(Ok(answer)) => answer.map_err(|why| format!("{method}: {why}")),
            Ok(Err(_)) => Err(gone()),
            Err(_) => Err(format!("{method}: no answer")),
        }
    }
}

impl Drop for Bidi {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A redirect URI as a pattern; its query is not looked at. Other schemes than those of HTTP are
/// requested from nobody.
fn pattern(redirect_uri: &str) -> Option<Value> {
    let url = Url::parse(redirect_uri).ok()?;
    let host = url.host_str()?;
    let escaped = |text: &str| {
        let mut escaped = String::new();
        for c in text.chars() {
            if "()*{}\\".contains(c) {
                escaped.push('\\');
            }
            escaped.push(c);
        }
        escaped
    };
    let mut pattern = json!({
        "type": "pattern",
        "protocol": url.scheme(),
        "hostname": escaped(host),
        "pathname": escaped(url.path()),
    });
    // Without it, that of the scheme is meant.
    if let Some(port) = url.port() {
        pattern["port"] = Value::String(port.to_string());
    }
    matches!(url.scheme(), "http" | "https").then_some(pattern)
}

async fn converse(
    mut socket: WebSocketStream<TcpStream>,
    mut taken: UnboundedReceiver<Order>,
    watch: Arc<Mutex<Watch>>,
) {
    let mut number = 0_u64;
    let mut open: HashMap<u64, oneshot::Sender<Result<Value, String>>> = HashMap::new();
    loop {
        let send = tokio::select! {
            order = taken.recv() => {
                let Some(order) = order else { return };
                number += 1;
                open.insert(number, order.reply);
                json!({ "id": number, "method": order.method, "params": order.params })
            }
            message = socket.next() => {
                let Some(Ok(message)) = message else { return };
                let Ok(value) = serde_json::from_slice::<Value>(&message.into_data()) else {
                    continue;
                };
                if let Some(reply) = value["id"].as_u64().and_then(|id| open.remove(&id)) {
                    let _ = reply.send(answered(&value));
                    continue;
                }
                let Some(params) = asked(&value, &watch) else { continue };
                number += 1;
                json!({ "id": number, "method": "network.provideResponse", "params": params })
            }
        };
        if socket.send(Message::text(send.to_string())).await.is_err() {
            return;
        }
    }
}

fn answered(value: &Value) -> Result<Value, String> {
    if value["type"] == "success" {
        return Ok(value["result"].clone());
    }
    let text = |name: &str| value[name].as_str().unwrap_or_default();
    Err(format!("{}: {}", text("error"), text("message")))
}

/// Looks at a request of the browser. Gives what to answer where it waits for an answer.
fn asked(event: &Value, watch: &Mutex<Watch>) -> Option<Value> {
    if event["method"] != "network.beforeRequestSent" {
        return None;
    }
    let (params, request) = (&event["params"], &event["params"]["request"]);
    if let Ok(url) = Url::parse(request["url"].as_str().unwrap_or_default()) {
        let mut watch = watch.lock().unwrap_or_else(PoisonError::into_inner);
        if watch.caught.is_none() && is_redirect_uri(&url, &watch.redirect_uri) {
            watch.caught = Some(Caught {
                url,
                method: request["method"].as_str().unwrap_or("GET").to_owned(),
            });
        }
    }
    (params["isBlocked"] == true).then(|| {
        json!({
            "request": request["request"],
            "statusCode": 200,
            "reasonPhrase": "OK",
            "headers": [{
                "name": "content-type",
                "value": { "type": "string", "value": "text/html; charset=utf-8" },
            }],
            "body": { "type": "string", "value": PAGE },
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_has_what_tells_a_redirect_uri_from_others() {
        let pattern = |uri: &str| pattern(uri).unwrap_or_default().to_string();
        assert_eq!(
            pattern("https://client.example/cb(1)?x=y"),
            r#"{"type":"pattern","protocol":"https","hostname":"client.example","pathname":"/cb\\(1\\)"}"#
        );
        assert!(pattern("http://127.0.0.1:8765/cb").ends_with(r#""port":"8765"}"#));
        assert_eq!(pattern("com.example.app:/cb"), "null");
    }

    #[test]
    fn the_first_request_to_the_redirect_uri_is_kept_and_answered() {
        let watch = Mutex::new(Watch {
            redirect_uri: "https://client.example/cb".into(),
            caught: None,
        });
        let event = |url: &str, blocked: bool| {
            json!({
                "type": "event",
                "method": "network.beforeRequestSent",
                "params": {
                    "isBlocked": blocked,
                    "request": { "request": "r1", "url": url, "method": "GET" },
                },
            })
        };
        assert!(asked(&event("https://as.example/login", false), &watch).is_none());
        assert!(
            watch
                .lock()
                .map(|watch| watch.caught.is_none())
                .unwrap_or(false)
        );
        let answer = asked(&event("https://client.example/cb?code=1", true), &watch);
        assert_eq!(answer.unwrap_or_default()["request"], "r1");
        asked(&event("https://client.example/cb?code=2", true), &watch);
        let caught = watch.lock().ok().and_then(|watch| watch.caught.clone());
        assert_eq!(
            caught.map(|caught| caught.url.to_string()).as_deref(),
            Some("https://client.example/cb?code=1")
        );
    }
}
