//! Carries a plan out: acquires, exchanges, lets the judge speak, gathers outcomes.
//!
//! It decides nothing about right or wrong. Trials are tasks on one tokio runtime; libtest-mimic
//! presents them, each on a thread that waits for its outcome ([`present`]).

mod begin;
mod bystander;
mod controls;
mod destructive;
mod every_response;
mod interrupt;
mod issued;
mod look;
pub mod present;
mod schedule;
mod scope;
mod session;
mod trial;

pub(crate) use begin::plain_code;
pub(crate) use controls::{ControlKey, summary};
pub use interrupt::Interrupt;
pub use schedule::{Progress, execute, outcomes};
pub(crate) use session::By;
pub use session::{Session, SessionError, Watch};
