//! The configuration: `tokenspec.toml` as it is written, and the target that it describes.
//!
//! What is read and what is resolved are two things: the rest of tokenspec sees only [`Target`].

mod environment;
mod file;
mod http;
mod login;
mod read;
mod resolve;
mod shown;
mod signing;
mod target;

pub use file::{AssertionAudience, ConfigFile, Implementation, LoginVia, SnapshotMode};
pub use http::{Http, Identity};
pub use read::{Config, ConfigError, REFERENCE};
pub use resolve::{GRANTS, METHODS};
pub use target::{
    Client, Endpoints, ExtensionGrant, Login, LoginAct, LoginStep, Target, User, learn_params,
};
