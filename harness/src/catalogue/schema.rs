//! The JSON Schemas of what a person writes, made from the types that read it.

use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::Value;

/// The schema of `T`, closed: unknown keys are mistakes.
#[must_use]
pub fn of<T: JsonSchema>(title: &str) -> Value {
    let generator: SchemaGenerator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<T>().to_value();
    if let Value::Object(members) = &mut schema {
        members.insert("title".into(), Value::from(title));
        if let Some(dialect) = members.shift_remove("$schema") {
            members.shift_insert(0, "$schema".into(), dialect);
        }
    }
    schema
}
