//! An OAuth 2.0 and OpenID Connect authorization server that lives in memory,
//! against which tokenspec proves its cases.
//!
//! It has two [personalities](Personality): `standard` keeps to RFC 6749,
//! RFC 9700 and OpenID Connect Core; `ciam` answers as the documentation of
//! Tencent Cloud CIAM shows. Either can be given [faults](faults()), each of
//! which is one deviation that a real server could have.
//!
//! The way of a request, each step a module:
//!
//! ```text
//! router ── Request ──> provider ──> endpoints ──> store, tokens ──> Answer
//!                          │             │ Mistake                      │
//!                          │             └──> dialect (how it is told) ─┤
//!                          └── faults: request, rules, token, answer ───┘
//! ```
//!
//! Nothing here is shared with the harness that judges the answers: a mistake
//! made on both sides would be one that nobody sees. The keys, clients and
//! secrets are public, so the server is of no use beyond tests, and it listens
//! on the loopback interface alone.

#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod answer;
mod clients;
mod configuration;
mod context;
mod dialect;
mod endpoints;
mod faults;
mod form;
mod mistake;
mod options;
mod provider;
mod request;
mod resources;
mod router;
mod rules;
mod scope;
mod server;
mod store;
mod tokens;
mod users;

pub use configuration::config_toml;
pub use faults::{Fault, fault, faults, variation, variations};
pub use options::{Log, Options, Personality, UnknownPersonality};
pub use router::router;
pub use server::Server;
