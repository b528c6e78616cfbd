//! The catalogue: requirements, suites of cases and profiles, as pure data.
//!
//! It parses and lints; it knows no network and no target. Its input is a folder of TOML files
//! (compiled in, or named with `--cases`), its output a [`Catalogue`].

mod assertion;
mod case;
mod expectation;
mod lint;
mod load;
mod mistake;
mod parsed;
mod profile;
mod request;
mod requirement;
pub mod schema;
mod shape;
mod source;
pub mod template;
mod untagged;

pub use assertion::{AssertionChange, AssertionKey, AssertionSignature, ClaimsEncoding};
pub use case::{
    Acquire, Alive, AsClient, AuthorizeBy, Case, ClientChoice, Destroys, ExtensionGrant, ForEach,
    Inspect, LEEWAY, Need, Nonce, ONLY_STEP, Pkce, RedirectUri, ResponseKind, Start, Step, Suite,
    SuiteFile, User, each_label,
};
pub use expectation::{
    Answer, AtMost, Expectation, HeaderMatcher, HeaderRule, JsonRule, JwtFormat, JwtRule, Matcher,
    OneOrMany, Scalar, SignatureRule, When, WhenClient,
};
pub use load::Catalogue;
pub use mistake::{Mistake, Mistakes};
pub use parsed::{At, Parsed};
pub use profile::{Deviation, EditionFile, Profile, ProfileFile};
pub use request::{
    AuthChange, Body, Encoding, Endpoint, Op, ParamValue, Query, Request, SpecialValue,
};
pub use requirement::{Document, Level, Party, Requirement, RequirementFile};
pub use shape::{check_shape, nearest};
pub use source::{SourceFile, embedded, read_folder};
