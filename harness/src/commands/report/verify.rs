//! `tokenspec report verify`: whether a report is what was signed.

use std::path::Path;

use serde_json::Value;

use super::super::prepare::{self, Problem};
use super::super::{Console, FAILED, OK};
use super::{VerifyArgs, file};
use crate::report::{self, Record};

/// Holds the report against its signature; a signature that does not fit ends with 1.
pub fn verify(args: &VerifyArgs, console: &mut Console<'_>) -> Result<u8, Problem> {
    let path = file(&args.report);
    let shown = path.display().to_string();
    let signature = args.signature.clone().unwrap_or_else(|| {
        let mut name = path.clone().into_os_string();
        name.push(".jws");
        name.into()
    });
    let text = bytes(
        &path,
        "name a report.json that `tokenspec run --sign KEY` wrote",
    )?;
    let signed = bytes(&signature, "name the signature with --signature")?;
    let key = bytes(&args.key, "name the public key of whoever signed it")?;
    let value: Value = serde_json::from_slice(&text)
        .map_err(|error| Problem::Said(format!("{shown} is no JSON: {error}")))?;
    let record =
        Record::read(&text).map_err(|why| Problem::Said(format!("{shown} is no report: {why}")))?;
    let signature = String::from_utf8_lossy(&signed);
    let signed = match report::verify(&value, &signature, &key) {
        Ok(signed) => signed,
        Err(why) => {
            console.say(format!("{shown}: not verified: {why}"));
            return Ok(FAILED);
        }
    };
    let kid = signed
        .kid
        .map_or(String::new(), |kid| format!(", key {}", report::line(&kid)));
    console.say(format!("{shown}: verified ({}{kid})", signed.algorithm));
    console.say(format!(
        "  {} as {}, {}: {}: {}",
        report::line(&record.target.name),
        report::line(&record.target.profile.join(", ")),
        report::line(&record.started),
        record.conclusion().name(),
        record.verdict()
    ));
    let own = prepare::catalogue(&args.cases)?;
    let known = if own.digest() == signed.cases_digest {
        "the cases of this tokenspec"
    } else {
        "other cases than those of this tokenspec"
    };
    console.say(format!(
        "  cases {}: {known} (the report is of tokenspec {})",
        report::line(&signed.cases_digest),
        report::line(&record.tool.version)
    ));
    Ok(OK)
}

fn bytes(path: &Path, remedy: &str) -> Result<Vec<u8>, Problem> {
    std::fs::read(path).map_err(|error| {
        Problem::Said(format!(
            "{} cannot be read: {error}; {remedy}",
            path.display()
        ))
    })
}
