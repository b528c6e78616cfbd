//! `via = "command"`: a program of the user's gets the authorization URL as its last argument and
//! prints the redirect URL, or the code.

use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;
use url::Url;

use super::AcquireError;
use super::authorization::Answer;
use crate::config::Login;
use crate::secret::{SecretKind, Vault};

/// How much longer than one exchange a login may take.
const PATIENCE: u32 = 6;

/// Runs the program.
///
/// # Errors
/// Where it cannot be started, fails (its stderr says why), takes too long or prints nothing that
/// can be used.
pub async fn run(
    login: &Login,
    url: &Url,
    timeout: Duration,
    vault: &Vault,
) -> Result<Answer, AcquireError> {
    let stuck = |text: String| AcquireError::Stuck(text);
    let Some((program, arguments)) = login.command.split_first() else {
        return Err(AcquireError::Configuration(
            "`login.command` is empty".into(),
        ));
    };
    let child = Command::new(program)
        .args(arguments)
        .arg(url.as_str())
        .current_dir(&login.folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| {
            stuck(format!(
                "the login command `{program}` cannot be started: {error}"
            ))
        })?;
    let patience = timeout * PATIENCE;
    let output = tokio::time::timeout(patience, child.wait_with_output())
        .await
        .map_err(|_| {
            stuck(format!(
                "the login command `{program}` did not end within {}",
                humantime::format_duration(patience)
            ))
        })?
        .map_err(|error| stuck(format!("the login command `{program}`: {error}")))?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        let words: String = words.trim().chars().take(500).collect();
        return Err(stuck(format!(
            "the login command `{program}` failed ({}): {words}",
            output.status
        )));
    }
    let printed = String::from_utf8_lossy(&output.stdout);
    let line = printed
        .lines()
        .map(str::trim)
        .rfind(|line| !line.is_empty());
    match line {
        None => Err(stuck(format!(
            "the login command `{program}` printed nothing"
        ))),
        Some(line) => match Url::parse(line) {
            Ok(url) => {
                let answer = Answer::of(&url);
                if let Answer::Query(query) = &answer
                    && let Some(code) = query.get("code")
                {
                    vault.learn(SecretKind::Issued, "start.code", code);
                }
                Ok(answer)
            }
            Err(_) => Ok(Answer::Code(line.to_owned())),
        },
    }
}
