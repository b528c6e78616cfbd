//! The login of a target: what its ways need, and what they cannot do with.

use std::time::Duration;

use super::file::{LoginFile, LoginVia, StepFile};
use super::read::Config;
use super::resolve::{SHORTEST, below, url_problem};
use super::target::{Login, LoginAct, LoginStep};
use crate::catalogue::{At, Mistake};
use crate::secret::Secret;

/// How long a person may take for a code.
const PERSON: Duration = Duration::from_secs(5 * 60);
/// How long a login in the browser may take.
const BROWSER: Duration = Duration::from_secs(60);

impl Config {
    pub(super) fn login(
        &self,
        at: &[At],
        login: LoginFile,
        timeout: Option<Duration>,
        mistakes: &mut Vec<Mistake>,
    ) -> Login {
        let mut mistake = |key: &str, code: &'static str, message: String, remedy: String| {
            mistakes.push(self.mistake(&below(at, key), "", code, message, remedy));
        };
        if login.via == LoginVia::Command && login.command.is_empty() {
            mistake(
                "via",
                "no-command",
                "`via = \"command\"` needs a command".into(),
                "add `command = [\"./log-me-in\"]`".into(),
            );
        }
        let via = match login.via {
            LoginVia::Form => Some("form"),
            // Steps say for themselves what they fill in.
            LoginVia::Browser if login.step.is_empty() => Some("browser"),
            _ => None,
        };
        if let Some(via) = via {
            for (key, value, example) in [
                ("username", &login.username, "${TOKENSPEC_USERNAME}"),
                ("password", &login.password, "${TOKENSPEC_PASSWORD}"),
            ] {
                let length = value.as_ref().map_or(0, |value| value.chars().count());
                if length == 0 {
                    mistake(
                        "via",
                        "no-user",
                        format!("`via = \"{via}\"` needs a {key}"),
                        format!("add `{key} = \"{example}\"` to the login"),
                    );
                } else if key == "password" && length < SHORTEST {
                    mistake(
                        key,
                        "short-secret",
                        format!("the password has fewer than {SHORTEST} characters"),
                        "a value that short cannot be kept out of reports: it stands everywhere"
                            .into(),
                    );
                }
            }
        }
        if timeout.is_some_and(|timeout| timeout.is_zero()) {
            mistake(
                "timeout",
                "no-time",
                "`timeout = 0s` leaves nobody the time to log in".into(),
                "say how long a person may take for a code: 2min".into(),
            );
        }
        if login.codes_at_once == Some(0) {
            mistake(
                "codes-at-once",
                "no-codes",
                "`codes-at-once = 0` lets no code live".into(),
                "say 1 or more, or leave it out".into(),
            );
        }
        if let Some(url) = login.driver.as_deref().filter(|text| text.contains("://"))
            && let Some(problem) = url_problem(url)
        {
            mistake(
                "driver",
                "bad-url",
                format!("`driver` is no URL that can be used: {problem}"),
                "write it as http://127.0.0.1:4444, or name a program: chromedriver".into(),
            );
        }
        if login.via != LoginVia::Browser {
            for (key, there) in [
                ("step", !login.step.is_empty()),
                ("driver", login.driver.is_some()),
                ("browser", login.browser.is_some()),
            ] {
                if there {
                    mistake(
                        key,
                        "no-browser",
                        format!("`{key}` is for a login in the browser"),
                        "say `via = \"browser\"`, or leave it out".into(),
                    );
                }
            }
        }
        let mut steps = Vec::new();
        for (index, step) in login.step.into_iter().enumerate() {
            let mut place = below(at, "step");
            place.push(index.into());
            match read(step) {
                Ok(step) => steps.push(step),
                Err((message, remedy)) => {
                    mistakes.push(self.mistake(&place, "", "bad-step", message.into(), remedy));
                }
            }
        }
        let second_user = login.second_user;
        let second_password = second_user
            .as_ref()
            .and_then(|second| second.password.as_ref());
        if second_password.is_some_and(|password| password.chars().count() < SHORTEST) {
            mistakes.push(self.mistake(
                &below(&below(at, "second-user"), "password"),
                "",
                "short-secret",
                format!("the second user's password has fewer than {SHORTEST} characters"),
                "a value that short cannot be kept out of reports: it stands everywhere",
            ));
        }
        let mut resolved = Login {
            via: login.via,
            command: login.command,
            folder: self.folder.clone(),
            username: login.username.as_deref().map(Secret::new),
            password: login.password.as_deref().map(Secret::new),
            username_field: login.username_field,
            password_field: login.password_field,
            consent_button: login.consent_button,
            timeout: timeout.unwrap_or(match login.via {
                LoginVia::Browser => BROWSER,
                _ => PERSON,
            }),
            steps,
            driver: login.driver,
            browser: login.browser,
            params: login.params,
            codes_at_once: login.codes_at_once,
            second_user: None,
        };
        resolved.second_user = second_user.map(|second| {
            let mut params = resolved.params.clone();
            params.extend(second.params);
            Box::new(Login {
                username: second.username.as_deref().map(Secret::new),
                password: second.password.as_deref().map(Secret::new),
                params,
                ..resolved.clone()
            })
        });
        resolved
    }
}

/// A step, or what is wrong with it and the remedy.
fn read(step: StepFile) -> Result<LoginStep, (&'static str, &'static str)> {
    let (act, selector) = match (step.fill, step.click, step.wait, step.with) {
        (Some(selector), None, None, Some(with)) => (LoginAct::Fill(Secret::new(&with)), selector),
        (Some(_), None, None, None) => {
            return Err((
                "`fill` needs to be told what to type",
                "add `with = \"${STAGING_USER}\"`",
            ));
        }
        (None, Some(selector), None, None) => (LoginAct::Click, selector),
        (None, None, Some(selector), None) => (LoginAct::Wait, selector),
        _ => return Err(ONE),
    };
    if selector.trim().is_empty() {
        return Err((
            "the selector is empty",
            "say which element is meant, as CSS does: `#user`, `button[type=submit]`",
        ));
    }
    Ok(LoginStep {
        act,
        selector,
        optional: step.optional,
    })
}

const ONE: (&str, &str) = (
    "a step has one of `fill` (with `with`), `click` and `wait`",
    "write each in a `[[target.NAME.login.step]]` of its own",
);
