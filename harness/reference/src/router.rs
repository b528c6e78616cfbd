//! Between axum and the [provider](crate::provider): bytes in, bytes out, one
//! line for the log.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request as HttpRequest;
use axum::response::Response;
use axum::routing::any;
use tokio::time::sleep;

use crate::answer::Answer;
use crate::endpoints::Endpoint;
use crate::faults::Faults;
use crate::mistake::Mistake;
use crate::options::{Log, Options};
use crate::provider::Provider;
use crate::request::Request;

/// How much of a body is read.
const BODY_LIMIT: usize = 1 << 20;

/// The server without a socket. The port of the options is not used; the
/// issuer is where the caller makes the server answer, without a trailing slash.
pub fn router(options: Options, issuer: &str) -> Router {
    let Options {
        personality,
        port: _,
        faults,
        latency,
        code_lifetime,
        log,
    } = options;
    let faults = Faults(faults);
    let paths: Vec<_> = faults.paths().collect();
    let front = Arc::new(Front {
        provider: Provider::new(personality, issuer, faults, code_lifetime),
        latency,
        log,
    });
    let mut router = Router::new();
    let of_dialect = personality.dialect().paths().iter().copied();
    for (path, endpoint) in of_dialect.chain(paths) {
        let front = Arc::clone(&front);
        let handler = move |request: HttpRequest| {
            let front = Arc::clone(&front);
            async move { front.serve(endpoint, request).await }
        };
        router = router.route(path, any(handler));
    }
    router
}

/// What lies before the provider.
struct Front {
    provider: Provider,
    latency: Duration,
    log: Option<Log>,
}

impl Front {
    async fn serve(&self, endpoint: Endpoint, request: HttpRequest) -> Response {
        let (head, body) = request.into_parts();
        let line = format!("{} {}", head.method, head.uri.path());
        let request = Request {
            method: head.method,
            query: head.uri.query().map(str::to_owned),
            headers: head.headers,
            body: Vec::new(),
        };
        let answer = match to_bytes(body, BODY_LIMIT).await {
            Ok(body) => {
                let request = Request {
                    body: body.into(),
                    ..request
                };
                self.provider.respond(endpoint, request).await
            }
            Err(_) => self.provider.dialect().refuse(Mistake::TooLarge),
        };
        if !self.latency.is_zero() {
            sleep(self.latency).await;
        }
        if let Some(log) = &self.log {
            log(&format!("{line} {}", answer.status.as_u16()));
        }
        response(answer)
    }
}

fn response(answer: Answer) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers.clone();
    *response.body_mut() = Body::from(answer.into_bytes());
    response
}
