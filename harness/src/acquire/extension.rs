//! The parameters of an extension grant: those of the configuration, and those that a program of
//! the user's prints for one request (a one-time password, an assertion).

use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use crate::config::{ExtensionGrant, learn_params};
use crate::secret::Vault;

/// How much longer than one exchange the program may take.
const PATIENCE: u32 = 6;

/// The parameters for one request.
///
/// # Errors
/// Where the program cannot be started, fails (its stderr says why), takes too long or prints what
/// is no parameter.
pub async fn params(
    grant: &ExtensionGrant,
    timeout: Duration,
    vault: &Vault,
) -> Result<Vec<(String, String)>, String> {
    let mut params: Vec<(String, String)> = grant
        .params
        .iter()
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let Some((program, arguments)) = grant.command.split_first() else {
        return Ok(params);
    };
    let command = format!("the command `{program}` of the grant {}", grant.kind);
    let child = Command::new(program)
        .args(arguments)
        .current_dir(&grant.folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| format!("{command} cannot be started: {error}"))?;
    let patience = timeout * PATIENCE;
    let output = tokio::time::timeout(patience, child.wait_with_output())
        .await
        .map_err(|_| {
            format!(
                "{command} did not end within {}",
                humantime::format_duration(patience)
            )
        })?
        .map_err(|error| format!("{command}: {error}"))?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        let words: String = words.trim().chars().take(500).collect();
        return Err(format!("{command} failed ({}): {words}", output.status));
    }
    let printed = parse(&String::from_utf8_lossy(&output.stdout))
        .map_err(|number| format!("{command}: line {number} is no NAME=VALUE"))?;
    learn_params(
        vault,
        "grant",
        printed.iter().map(|(name, value)| (name, value)),
    );
    for (name, value) in printed {
        params.retain(|(known, _)| *known != name);
        params.push((name, value));
    }
    Ok(params)
}

/// Lines of `NAME=VALUE`; or the number of the first that is none. What it says is not told: it
/// may be a secret.
fn parse(printed: &str) -> Result<Vec<(String, String)>, usize> {
    let mut params = Vec::new();
    for (at, line) in printed.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        match line.trim().split_once('=') {
            Some((name, value)) if !name.is_empty() => {
                params.push((name.to_owned(), value.to_owned()));
            }
            _ => return Err(at + 1),
        }
    }
    Ok(params)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(command: &[&str]) -> ExtensionGrant {
        ExtensionGrant {
            kind: "urn:example:grant".into(),
            params: [("a".to_owned(), "1".to_owned())].into_iter().collect(),
            command: command.iter().map(|word| (*word).to_owned()).collect(),
            folder: ".".into(),
        }
    }

    async fn of(command: &[&str]) -> Result<Vec<(String, String)>, String> {
        params(&grant(command), Duration::from_secs(10), &Vault::default()).await
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[tokio::test]
    async fn the_configuration_says_parameters_and_the_program_more_of_them() {
        assert_eq!(of(&[]).await, Ok(vec![pair("a", "1")]));
        assert_eq!(
            of(&["echo", "otp=12=3"]).await,
            Ok(vec![pair("a", "1"), pair("otp", "12=3")])
        );
        assert_eq!(of(&["echo", "a=2"]).await, Ok(vec![pair("a", "2")]));
    }

    #[tokio::test]
    async fn a_program_that_prints_something_else_or_fails_is_told() {
        let told = of(&["echo", "a secret"]).await.unwrap_err();
        assert!(told.contains("line 1 is no NAME=VALUE"), "{told}");
        assert!(!told.contains("secret"), "{told}");
        assert!(of(&["false"]).await.unwrap_err().contains("failed"));
        let told = of(&["./no-such-program"]).await.unwrap_err();
        assert!(told.contains("cannot be started"), "{told}");
    }
}
