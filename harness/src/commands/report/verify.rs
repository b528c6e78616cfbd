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
    console.say(format!(
        "  cases {}: {} (the report is of tokenspec {})",
        report::line(&signed.cases_digest),
        cases(args, own.digest() == signed.cases_digest),
        report::line(&record.tool.version)
    ));
    if let Some(said) = page(&path, &record)? {
        console.say(format!("  {said}"));
    }
    Ok(OK)
}

/// Which cases were run, as far as this tokenspec can tell.
fn cases(args: &VerifyArgs, same: bool) -> String {
    let folders: Vec<String> = args
        .cases
        .iter()
        .map(|folder| folder.display().to_string())
        .collect();
    let ours = match folders.as_slice() {
        [] => "the cases of this tokenspec".to_owned(),
        folders => format!("the cases of this tokenspec and of {}", folders.join(", ")),
    };
    match (same, folders.is_empty()) {
        (true, _) => ours,
        (false, true) => format!(
            "other than {ours}; if the run had further ones (--cases DIR), name them here too"
        ),
        (false, false) => format!("other than {ours}"),
    }
}

/// Whether the page beside the report, which nobody signs, is what is made of it; nothing where there
/// is none.
fn page(report: &Path, record: &Record) -> Result<Option<String>, Problem> {
    let path = report.with_file_name("index.html");
    let Ok(found) = std::fs::read(&path) else {
        return Ok(None);
    };
    let shown = path.display();
    let made = report::page(record).map_err(Problem::Machine)?;
    Ok(Some(if found == made {
        format!("{shown}: made of this report, as it stands")
    } else if record.tool.version == env!("CARGO_PKG_VERSION") {
        format!("{shown}: NOT what tokenspec makes of this report; trust report.json alone")
    } else {
        format!(
            "{shown}: not compared, since tokenspec {} made the report and this is {}; only report.json is signed",
            report::line(&record.tool.version),
            env!("CARGO_PKG_VERSION")
        )
    }))
}

fn bytes(path: &Path, remedy: &str) -> Result<Vec<u8>, Problem> {
    std::fs::read(path).map_err(|error| {
        Problem::Said(format!(
            "{} cannot be read: {error}; {remedy}",
            path.display()
        ))
    })
}
