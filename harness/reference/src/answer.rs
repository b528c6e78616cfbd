//! An answer before it is put on the wire: what a fault may still change.

use axum::http::header::{
    CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION, PRAGMA, WWW_AUTHENTICATE,
};
use axum::http::{HeaderMap, StatusCode};
use serde_json::{Map, Value};

/// Members of a JSON object in the order in which they are sent.
pub(crate) type Members = Map<String, Value>;

/// Status, headers and body.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Body,
}

/// What the body holds.
#[derive(Clone, Debug)]
pub(crate) enum Body {
    Empty,
    Json(Members),
    Text(String),
}

impl Answer {
    /// No body.
    pub(crate) fn empty(status: StatusCode) -> Self {
        Self {
            status,
            headers: HeaderMap::new(),
            body: Body::Empty,
        }
    }

    /// A JSON object, labelled as the dialect labels it.
    pub(crate) fn json(status: StatusCode, media_type: &'static str, members: Members) -> Self {
        let body = Body::Json(members);
        Self {
            body,
            ..Self::empty(status)
        }
        .with(CONTENT_TYPE, media_type)
    }

    /// A page for a person.
    pub(crate) fn page(status: StatusCode, text: &str) -> Self {
        let body = Body::Text(format!(
            "<!DOCTYPE html>\n<html lang=\"en\"><title>Error</title><p>{text}</p></html>\n"
        ));
        Self {
            body,
            ..Self::empty(status)
        }
        .with(CONTENT_TYPE, "text/html; charset=utf-8")
    }

    /// A redirect.
    pub(crate) fn redirect(status: StatusCode, location: &str) -> Self {
        Self::empty(status).with(LOCATION, location)
    }

    /// With the header, which replaces those of the name.
    pub(crate) fn with(mut self, name: HeaderName, value: &str) -> Self {
        self.set_header(name, value);
        self
    }

    /// With the headers that keep it out of caches (RFC 6749 5.1).
    pub(crate) fn uncached(self) -> Self {
        self.with(CACHE_CONTROL, "no-store")
            .with(PRAGMA, "no-cache")
    }

    /// With a challenge (RFC 9110 11.6.1).
    pub(crate) fn challenging(self, challenge: &str) -> Self {
        self.with(WWW_AUTHENTICATE, challenge)
    }

    /// Sets a header. A value that no header can hold leaves it as it was.
    pub(crate) fn set_header(&mut self, name: HeaderName, value: &str) {
        if let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) {
            self.headers.insert(name, value);
        }
    }

    /// The members of a JSON body.
    pub(crate) fn members(&mut self) -> Option<&mut Members> {
        match &mut self.body {
            Body::Json(members) => Some(members),
            Body::Empty | Body::Text(_) => None,
        }
    }

    /// Sets a member of a JSON body; another body has none to set.
    pub(crate) fn set_member(&mut self, name: &str, value: impl Into<Value>) {
        if let Some(members) = self.members() {
            members.insert(name.to_owned(), value.into());
        }
    }

    /// Takes a member out of a JSON body, leaving the order of the others.
    pub(crate) fn remove_member(&mut self, name: &str) -> Option<Value> {
        self.members()?.shift_remove(name)
    }

    /// The bytes to send.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        match self.body {
            Body::Empty => Vec::new(),
            Body::Json(members) => Value::Object(members).to_string().into_bytes(),
            Body::Text(text) => text.into_bytes(),
        }
    }
}
