//! `tokenspec schema`.

use super::prepare::Problem;
use super::{Console, OK, SchemaArgs, SchemaOf};
use crate::catalogue::{ProfileFile, RequirementFile, SuiteFile, schema};
use crate::config::ConfigFile;
use crate::known::KnownFile;
use crate::report::Record;

/// Prints a JSON Schema.
pub fn schema(args: &SchemaArgs, console: &mut Console<'_>) -> Result<u8, Problem> {
    let schema = match args.of {
        SchemaOf::Case => schema::of::<SuiteFile>("tokenspec cases"),
        SchemaOf::Config => schema::of::<ConfigFile>("tokenspec.toml"),
        SchemaOf::Report => schema::of::<Record>("tokenspec report.json"),
        SchemaOf::Requirement => schema::of::<RequirementFile>("tokenspec requirements"),
        SchemaOf::KnownFailures => schema::of::<KnownFile>("known-failures.toml"),
        SchemaOf::Profile => schema::of::<ProfileFile>("tokenspec profile"),
    };
    console.say(serde_json::to_string_pretty(&schema).unwrap_or_default());
    Ok(OK)
}
