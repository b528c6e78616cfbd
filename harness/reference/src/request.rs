//! A request as it came in, before anything is read from it.
//!
//! A fault may rewrite it here, which is how a server that also takes another
//! method, another media type or parameters from elsewhere is made.

use axum::http::header::{HeaderName, HeaderValue};
use axum::http::{HeaderMap, Method};

/// Method, target, headers and body of a request.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) query: Option<String>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Request {
    /// The value of a header that is there and readable as ASCII.
    pub(crate) fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Sets a header, replacing those of the name.
    pub(crate) fn set_header(&mut self, name: HeaderName, value: &str) {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
    }

    /// Adds the encoded pair to the form in the body.
    pub(crate) fn append_form(&mut self, encoded: &str) {
        if encoded.is_empty() {
            return;
        }
        if !self.body.is_empty() {
            self.body.push(b'&');
        }
        self.body.extend_from_slice(encoded.as_bytes());
    }

    /// Rewrites the form in the body pair by pair, each as its encoded name
    /// and value. A body in JSON is left as it is.
    pub(crate) fn edit_form(&mut self, edit: impl FnOnce(&mut Vec<(Vec<u8>, Vec<u8>)>)) {
        if self.body.starts_with(b"{") {
            return;
        }
        let mut pairs = self
            .body
            .split(|byte| *byte == b'&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| match pair.iter().position(|byte| *byte == b'=') {
                Some(at) => (pair[..at].to_vec(), pair[at + 1..].to_vec()),
                None => (pair.to_vec(), Vec::new()),
            })
            .collect();
        edit(&mut pairs);
        let joined: Vec<_> = pairs
            .into_iter()
            .map(|(name, value)| [name, value].join(&b'='))
            .collect();
        self.body = joined.join(&b'&');
    }
}
