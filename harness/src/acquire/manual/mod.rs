//! `via = "manual"`: a person opens the authorization URL in a browser.
//!
//! Where the redirect URI is a loopback address, the browser brings the answer here; else the
//! person pastes it. They are asked for one code at a time, and are told before the first how many
//! there will be.

mod listen;

use std::sync::Arc;

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use url::Url;

use super::authorization::{Answer, is_redirect_uri};
use super::{AcquireError, Desk, Jar, Pairs, Person};
use crate::config::Login;
use crate::secret::{SecretKind, Vault};

use listen::Listener;

/// What to do where nobody can be asked.
const REMEDY: &str = "choose `login.via = \"form\"`, or `\"command\"` with a program that logs in";

/// Where the asking stands.
#[derive(Default)]
pub(super) struct Queue {
    asked: usize,
    /// Why nobody is asked any more.
    over: Option<AcquireError>,
    /// What the person types, from a thread that waits for it; none after the end.
    lines: Option<UnboundedReceiver<Option<String>>>,
    /// There will be no more lines.
    ended: bool,
}

/// One code to ask for.
pub(super) struct Question<'a> {
    pub login: &'a Login,
    pub url: &'a Url,
    pub redirect_uri: &'a str,
    pub state: &'a str,
    pub client: &'a str,
    pub jar: &'a Jar,
}

/// Asks for a code, when those before have been given.
///
/// # Errors
/// Where nobody is there, or nothing came in time; from then on, nobody is asked again.
pub(super) async fn ask(
    desk: &Desk,
    question: &Question<'_>,
    vault: &Vault,
) -> Result<Answer, AcquireError> {
    let Some(person) = &desk.person else {
        return Err(AcquireError::Configuration(format!(
            "`via = \"manual\"` needs somebody to ask, and there is nobody here; {REMEDY}"
        )));
    };
    let mut queue = desk.queue.lock().await;
    if let Some(over) = &queue.over {
        return Err(over.clone());
    }
    let patience = question.login.timeout;
    let answer = tokio::time::timeout(patience, one(desk, person, &mut queue, question)).await;
    let answer = match answer {
        Ok(Ok(answer)) => answer,
        Ok(Err(over)) => {
            queue.over = Some(over.clone());
            return Err(over);
        }
        Err(_) => {
            let over = AcquireError::Stuck(format!(
                "nobody brought the answer of the authorization endpoint within {} (`login.timeout`); \
                 nobody is asked again in this run",
                humantime::format_duration(patience)
            ));
            person.tell(&format!("{over}\n"));
            queue.over = Some(over.clone());
            return Err(over);
        }
    };
    if let Answer::Query(query) = &answer
        && let Some(code) = query.get("code")
    {
        vault.learn(SecretKind::Issued, "start.code", code);
    }
    question.jar.remember(question.client);
    Ok(answer)
}

/// Asks, and waits for whichever way the answer comes.
async fn one(
    desk: &Desk,
    person: &Arc<dyn Person>,
    queue: &mut Queue,
    question: &Question<'_>,
) -> Result<Answer, AcquireError> {
    queue.asked += 1;
    let number = queue.asked;
    let listener = Listener::bind(question.redirect_uri, question.state).await;
    let lines = queue.lines.get_or_insert_with(|| lines_of(person));
    // What was typed before was meant for another question. Only before: a program answers at once.
    while let Ok(line) = lines.try_recv() {
        queue.ended |= line.is_none();
    }
    person.tell(&words(desk, number, question, &listener));
    let listener = listener.ok().flatten();
    let mut listening = std::pin::pin!(async {
        match &listener {
            Some(listener) => listener.answer().await,
            None => std::future::pending().await,
        }
    });
    loop {
        if queue.ended && !(listener.is_some() && person.looks()) {
            return Err(AcquireError::Configuration(format!(
                "`via = \"manual\"` asked for a code, and nobody can answer: there is no terminal, and \
                 the input has ended; {REMEDY}"
            )));
        }
        tokio::select! {
            answer = &mut listening => {
                person.tell("The browser brought the answer.\n");
                return Ok(answer);
            }
            line = lines.recv(), if !queue.ended => match line.flatten() {
                None => queue.ended = true,
                Some(line) => match pasted(&line, question.redirect_uri, question.state) {
                    Ok(Some(answer)) => return Ok(answer),
                    Ok(None) => {}
                    Err(why) => person.tell(&format!("{why}; paste the whole address again:\n")),
                },
            },
        }
    }
}

/// The text of a question.
fn words(
    desk: &Desk,
    number: usize,
    question: &Question<'_>,
    listener: &Result<Option<Listener>, String>,
) -> String {
    let mut text = String::new();
    let (codes, controls) = desk.codes;
    if number == 1 && codes + controls > 0 {
        text.push_str(&format!(
            "\nThe selected cases need {codes} authorization codes, and their controls about {controls} \
             more. Each is asked for by itself; fewer cases need fewer.\n"
        ));
    }
    text.push_str(&format!(
        "\nCode {number}, for the client `{}`. Open this in a browser",
        question.client
    ));
    // Each destructive case has a login session of its own.
    if number > 1 && question.jar.is_new() {
        text.push_str(" where nobody is logged in yet, as a new private window");
    }
    text.push_str(&format!(":\n\n  {}\n\n", question.url));
    match listener {
        Ok(Some(_)) => text.push_str(&format!(
            "tokenspec waits at {} for the answer.\n",
            question.redirect_uri
        )),
        Ok(None) => text.push_str(
            "Then paste the address that the browser ends at, whether or not a page is there:\n",
        ),
        Err(why) => text.push_str(&format!(
            "tokenspec cannot listen at {} ({why}). Paste the address that the browser ends at:\n",
            question.redirect_uri
        )),
    }
    text
}

/// The lines that a person types. A thread waits for them: nothing ends the reading of a terminal.
fn lines_of(person: &Arc<dyn Person>) -> UnboundedReceiver<Option<String>> {
    let (sender, receiver) = unbounded_channel();
    let person = Arc::clone(person);
    std::thread::spawn(move || {
        loop {
            let line = person.line();
            let ended = line.is_none();
            if sender.send(line).is_err() || ended {
                break;
            }
        }
    });
    receiver
}

/// What was pasted: a redirect URL, its query, or the code alone. Nothing is nothing yet.
fn pasted(line: &str, redirect_uri: &str, state: &str) -> Result<Option<Answer>, String> {
    let line = line.trim();
    let line = line.trim_matches(['"', '\'', '<', '>']);
    if line.is_empty() {
        return Ok(None);
    }
    if line.contains(char::is_whitespace) {
        return Err("that is neither an address nor a code".into());
    }
    let whole = Url::parse(line).ok().filter(|url| {
        line.contains("://") || url.query().is_some() || is_redirect_uri(url, redirect_uri)
    });
    let query = match &whole {
        Some(url) => Some(url.query().unwrap_or_default().to_owned()),
        None if line.contains("code=") || line.contains("error=") => {
            let (_, query) = line.split_once('?').unwrap_or(("", line));
            Some(query.to_owned())
        }
        None => None,
    };
    let Some(query) = query else {
        return Ok(Some(Answer::Code(line.to_owned())));
    };
    let pairs = pairs(&query);
    fits(&pairs, state)?;
    Ok(Some(Answer::Query(pairs)))
}

fn pairs(query: &str) -> Pairs {
    url::form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect()
}

/// Whether it answers this question. One without a state is judged later, as every answer is.
fn fits(pairs: &Pairs, state: &str) -> Result<(), String> {
    if !pairs.contains_key("code") && !pairs.contains_key("error") {
        return Err("that address has no `code` in it".into());
    }
    match pairs.get("state") {
        Some(other) if other != state => {
            Err("that is the answer to another request, its `state` differs".into())
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REDIRECT: &str = "https://client.example/cb";

    #[test]
    fn an_address_its_query_or_the_code_alone_can_be_pasted() {
        for line in [
            " https://client.example/cb?code=a%2Bb&state=s \n",
            "<https://client.example/cb?state=s&code=a%2Bb>",
            "?code=a%2Bb&state=s",
            "/cb?code=a%2Bb&state=s",
            "code=a%2Bb",
        ] {
            match pasted(line, REDIRECT, "s") {
                Ok(Some(Answer::Query(pairs))) => assert_eq!(pairs["code"], "a+b", "{line}"),
                other => panic!("{line}: {other:?}"),
            }
        }
        for line in ["a+b", "urn:a+b", "a:b"] {
            match pasted(line, REDIRECT, "s") {
                Ok(Some(Answer::Code(code))) => assert_eq!(code, line),
                other => panic!("{line}: {other:?}"),
            }
        }
        let custom = pasted("app.example:/cb?code=c&state=s", "app.example:/cb", "s");
        assert!(matches!(custom, Ok(Some(Answer::Query(pairs))) if pairs["code"] == "c"));
    }

    #[test]
    fn what_cannot_be_the_answer_is_asked_for_again() {
        for line in [
            "https://as.example/login",
            "https://client.example/cb?code=c&state=other",
            "what do I do now",
        ] {
            assert!(pasted(line, REDIRECT, "s").is_err(), "{line}");
        }
        assert!(matches!(pasted("  ", REDIRECT, "s"), Ok(None)));
    }
}
