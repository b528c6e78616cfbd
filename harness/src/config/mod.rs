//! The configuration: `tokenspec.toml` as it is written, and the target that it describes.
//!
//! What is read and what is resolved are two things: the rest of tokenspec sees only [`Target`].

mod environment;
mod file;
mod resolve;
mod shown;

pub use file::{ConfigFile, Implementation, LoginVia, SnapshotMode};
pub use resolve::{Client, Config, ConfigError, Endpoints, Http, Login, REFERENCE, Target};
