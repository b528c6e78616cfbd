//! Building, sending and observing requests. It knows HTTP, and nothing about right or wrong.
//!
//! What it makes are values: [`SentRequest`](crate::outcome::SentRequest) and
//! [`Observation`](crate::outcome::Observation).

mod build;
mod clock;
mod curl;
mod failure;
mod form;
mod http;
mod patience;
mod transport;

pub use build::{BuildError, Valid, build};
pub use clock::{Offset, date};
pub use curl::curl;
pub use form::{Form, Param};
pub use http::{BODY_LIMIT, HttpClient, HttpError, Sent};
pub use patience::Manner;
