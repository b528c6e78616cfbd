//! `tokenspec init`: a `tokenspec.toml` for a server, from what its metadata says.
//!
//! It asks for metadata and for nothing else, and sends no credential.

mod draft;
mod text;

use std::io::Write as _;
use std::path::{Path, PathBuf};

use url::Url;

use super::prepare::{CONFIG, Problem};
use super::{Console, InitArgs, OK, unreachable};
use crate::config::{Config, REFERENCE, Target};
use crate::discovery::{self, Found, Looked, Miss};
use crate::exchange::HttpClient;

use draft::{Draft, prefix, quoted};

/// Reads the server's metadata and writes a configuration.
pub fn init(args: &InitArgs, console: &mut Console<'_>) -> Result<u8, Problem> {
    let name = target_name(&args.name)?;
    let url = issuer_url(&args.url)?;
    let output = args.output.clone().unwrap_or_else(|| PathBuf::from(CONFIG));
    if output.symlink_metadata().is_ok() {
        return Err(exists(&output));
    }
    let http = client(&url, args.ca_file.as_deref())?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Problem::Machine(error.to_string()))?;
    let draft = runtime.block_on(async {
        let looked = discovery::look(&http, &url).await;
        if looked.found.is_none() {
            answered(&url, &looked)?;
        }
        let (issuer, mismatch) = match &looked.found {
            Some(found) => issuer(&http, &url, found).await?,
            None => (url.clone(), None),
        };
        Ok::<_, Problem>(Draft {
            name: name.to_owned(),
            prefix: prefix(name),
            url: url.clone(),
            issuer,
            mismatch,
            ca_file: args.ca_file.as_ref().map(|path| beside(&output, path)),
            looked,
        })
    })?;
    write(&output, &draft.text())?;
    told(&draft, &output, console);
    Ok(OK)
}

/// A name that can stand in a TOML table, and in front of the names of variables.
fn target_name(name: &str) -> Result<&str, Problem> {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if name.is_empty() || !name.chars().all(fits) {
        return Err(Problem::Said(format!(
            "`{name}` cannot be a target's name; use letters, digits, hyphens and underscores"
        )));
    }
    if name == REFERENCE {
        return Err(Problem::Said(format!(
            "`{REFERENCE}` is the name of the embedded server; choose another with --name"
        )));
    }
    Ok(name)
}

/// The issuer that is meant. Of a place of metadata, it is the issuer of that place.
fn issuer_url(text: &str) -> Result<String, Problem> {
    let bad = |cause: &str, remedy: &str| {
        Problem::Said(format!(
            "the URL cannot be an issuer's: {cause}; {remedy} (nothing was sent or written)"
        ))
    };
    let form = "write it as https://login.example.com or https://login.example.com/tenant";
    let text = discovery::issuer_of(text).unwrap_or_else(|| text.to_owned());
    let url = match Url::parse(&text) {
        Ok(url) => url,
        Err(url::ParseError::RelativeUrlWithoutBase) => {
            return Err(bad("it has no scheme", form));
        }
        Err(error) => return Err(bad(&error.to_string(), form)),
    };
    if !matches!(url.scheme(), "http" | "https") {
        return Err(bad(&format!("the scheme is `{}`", url.scheme()), form));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(bad(
            "it has a user or a password in it",
            "leave them out: init sends no credentials",
        ));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(bad(
            "it has a query or a fragment, which an issuer never has (RFC 8414 section 2)",
            "leave it out",
        ));
    }
    Ok(text)
}

fn exists(output: &Path) -> Problem {
    Problem::Said(format!(
        "{} exists, and init never overwrites; choose another file with --output, or move it away",
        output.display()
    ))
}

/// An HTTP client with nothing of anybody's in it.
fn client(url: &str, ca_file: Option<&Path>) -> Result<HttpClient, Problem> {
    let text = format!("[target.init]\nissuer = {}\n", quoted(url));
    let config = Config::parse("the URL", text, PathBuf::from("."))?;
    let mut target: Target = config.target(None, &|_| None)?;
    if let Some(path) = ca_file {
        let pem = std::fs::read(path).map_err(|error| {
            Problem::Said(format!(
                "the CA file {} cannot be read: {error}; name one in PEM with --ca-file",
                path.display()
            ))
        })?;
        target.http.ca = Some(pem);
    }
    HttpClient::new(&target).map_err(|error| Problem::Said(error.to_string()))
}

/// A server that says of no place that there is nothing has not been asked: it is out of order, is
/// somewhere else, or is none.
fn answered(url: &str, looked: &Looked) -> Result<(), Problem> {
    let fail = |cause: String, remedy: &str| {
        Err(Problem::Said(format!(
            "{url}: {cause}\n  remedy: {remedy}\n  nothing was written"
        )))
    };
    for (place, miss) in &looked.missed {
        match miss {
            Miss::NoAnswer(why) => {
                let remedy = match unreachable::cause(why) {
                    unreachable::Cause::Untrusted => {
                        "a server with a CA of its own needs --ca-file with that CA's certificate"
                    }
                    cause => cause.remedy(),
                };
                return fail(format!("no answer: {why}"), remedy);
            }
            Miss::Status(status, _) if *status >= 500 || *status == 429 => {
                return fail(
                    format!("{place} was answered with {status}"),
                    "the server is out of order or busy; try again when it is not",
                );
            }
            _ => {}
        }
    }
    // To the same place on another host or with https; anything else (a login page) is a "not here".
    let redirected = looked.missed.iter().find_map(|(place, miss)| match miss {
        Miss::Status(_, Some(to)) if discovery::issuer_of(to).is_some() => Some((place, to)),
        _ => None,
    });
    match redirected {
        Some((place, to)) => fail(
            format!("{place} redirects to {to}, and metadata is not asked for behind a redirect"),
            "give init the URL of the issuer itself: with https, or with the right host",
        ),
        None => Ok(()),
    }
}

/// The issuer that the file gets, and what there is to say about it (RFC 8414 section 3.3).
async fn issuer(
    http: &HttpClient,
    url: &str,
    found: &Found,
) -> Result<(String, Option<String>), Problem> {
    let Some(named) = found.text("issuer") else {
        return Ok((
            url.to_owned(),
            Some(format!(
                "the metadata at {} names no issuer (RFC 8414 section 2 demands one)",
                found.url
            )),
        ));
    };
    if named == url {
        return Ok((url.to_owned(), None));
    }
    let host = |text: &str| {
        let url = Url::parse(text).ok()?;
        url.host_str().map(str::to_owned)
    };
    let both = format!(
        "the metadata at {} names the issuer {}, and not {}, as RFC 8414 section 3.3 demands",
        found.url,
        quoted(named),
        quoted(url)
    );
    if host(named) != host(url) {
        return Err(Problem::Said(format!(
            "{both}\n  remedy: if that is the server that you mean, say `tokenspec init {}`; else its \
             issuer has to be corrected at the server\n  nothing was written",
            shell(named)
        )));
    }
    // Where the named issuer's own metadata agrees, the URL was only written in another way.
    let own = discovery::look(http, named).await.found;
    let agrees = own.is_some_and(|own| own.text("issuer") == Some(named));
    let issuer = if agrees { named } else { url };
    Ok((issuer.to_owned(), Some(both)))
}

/// A word for a shell.
fn shell(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~:/%@+=,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        let clean: String = text
            .chars()
            .filter(|c| !crate::report::misleads(*c))
            .collect();
        format!("'{}'", clean.replace('\'', "'\\''"))
    }
}

/// The path of a file as the configuration, which may lie in another folder, has to name it.
fn beside(output: &Path, path: &Path) -> String {
    let here = output
        .parent()
        .is_none_or(|parent| parent.as_os_str().is_empty());
    let named = if here {
        path.to_owned()
    } else {
        std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
    };
    named.display().to_string()
}

/// Writes the file, unless there is one by now.
fn write(output: &Path, text: &str) -> Result<(), Problem> {
    let file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(output);
    let mut file = match file {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            return Err(exists(output));
        }
        Err(error) => return Err(unwritable(output, &error)),
    };
    file.write_all(text.as_bytes())
        .map_err(|error| unwritable(output, &error))
}

fn unwritable(output: &Path, error: &std::io::Error) -> Problem {
    Problem::Said(format!(
        "{} cannot be written: {error}; choose another place with --output",
        output.display()
    ))
}

/// What was found, what to set, and what comes next.
fn told(draft: &Draft, output: &Path, console: &mut Console<'_>) {
    match &draft.looked.found {
        Some(found) => console.say(format!("read {}", found.url)),
        None => {
            console.say(format!(
                "no metadata at {}: fill in the endpoints by hand",
                draft.url
            ));
            for (place, miss) in &draft.looked.missed {
                console.say(format!("  {place}: {miss}"));
            }
        }
    }
    if let Some(mismatch) = &draft.mismatch {
        console.note(format!("tokenspec: {mismatch}"));
        console.note(format!("  the file has issuer = {}", quoted(&draft.issuer)));
    }
    console.say(format!(
        "wrote {}: target {}, profile {}",
        output.display(),
        draft.name,
        draft.profile()
    ));
    console.say("\nSet these, as the server knows them:\n");
    for variable in draft.variables() {
        console.say(format!("export {variable}=…"));
    }
    console.say("\nSee in the file how a user logs in, and which clients there are. Then:\n");
    let next = if output == Path::new(CONFIG) {
        "tokenspec doctor".to_owned()
    } else {
        format!(
            "tokenspec doctor --config {}",
            shell(&output.display().to_string())
        )
    };
    console.say(next);
}
