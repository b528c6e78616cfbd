//! tokenspec: a conformance test harness for OAuth 2.0 and OpenID Connect token endpoints.
//!
//! One direction, each step a module, no step reaching back: the configuration and the catalogue
//! make a plan; the run carries it out, acquiring what cases start from and exchanging requests
//! for responses; the judge says what they mean; outcomes become reports and snapshots.

pub mod acquire;
pub mod assertion;
pub mod catalogue;
pub mod commands;
pub mod config;
pub mod discovery;
pub mod exchange;
pub mod judge;
pub mod known;
mod loopback;
mod names;
pub mod outcome;
pub mod plan;
pub mod proof;
pub mod report;
pub mod run;
pub mod secret;
pub mod snapshot;
