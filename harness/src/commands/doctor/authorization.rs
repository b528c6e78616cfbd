//! Whether the authorization endpoint accepts a redirect URI: one request without a session, and
//! what the answer looks like. A server that does not accept it must not redirect there (RFC 6749
//! section 4.1.2.1).

use url::Url;

use crate::acquire::{random, s256};
use crate::outcome::{Observation, Purpose, SentRequest};
use crate::run::{By, Session};
use crate::secret::SecretKind;

/// What the answer shows.
pub enum Seen {
    /// The redirect URI is accepted: how that shows.
    Accepted(String),
    /// It may be, and what to do.
    Unclear(String, &'static str),
    /// It is not: how that shows, and what to do.
    Refused(String, &'static str),
}

const REGISTER: &str = "register exactly this redirect URI for the client, or correct `redirect-uris`; \
                        an unknown client id is answered in the same way";
const ENDPOINT: &str = "correct `authorization-endpoint`, or the server's metadata";
const LOOK: &str = "look into the server's log";

/// Asks with a redirect URI.
pub async fn ask(session: &Session, client: usize, redirect_uri: &str) -> Seen {
    let Some(url) = request(session, client, redirect_uri) else {
        return Seen::Refused("the authorization endpoint is no URL".into(), ENDPOINT);
    };
    let sent = SentRequest {
        method: "GET".into(),
        url: url.to_string(),
        headers: vec![("accept".into(), b"text/html".to_vec())],
        ..SentRequest::default()
    };
    let by = By {
        trial: "doctor",
        step: "redirect-uri",
        purpose: Purpose::Look,
        client: Some(client),
        auth: "",
    };
    match session.exchange(sent, false, &by).await.response {
        Ok(observation) => seen(session, &url, redirect_uri, &observation),
        Err(why) => Seen::Refused(format!("no answer: {why}"), LOOK),
    }
}

/// The plain authorization request (RFC 6749 section 4.1.1, RFC 7636 section 4.3).
fn request(session: &Session, client: usize, redirect_uri: &str) -> Option<Url> {
    let target = &session.target;
    let client = target.clients.get(client)?;
    let mut params: Vec<(&str, String)> = vec![
        ("response_type", "code".into()),
        ("client_id", client.id.clone()),
        ("redirect_uri", redirect_uri.to_owned()),
    ];
    let scope = client.scope.clone().unwrap_or_default();
    if !scope.is_empty() {
        params.push(("scope", scope.clone()));
    }
    params.push(("state", random(24)));
    if scope.split(' ').any(|item| item == "openid") {
        params.push(("nonce", random(43)));
    }
    params.push(("code_challenge", s256(&random(43))));
    params.push(("code_challenge_method", "S256".into()));
    for (name, value) in target.login.iter().flat_map(|login| &login.params) {
        params.retain(|(known, _)| known != name);
        params.push((name, value.clone()));
    }
    let mut url = Url::parse(target.endpoints.authorization.as_deref()?).ok()?;
    url.query_pairs_mut().extend_pairs(params);
    Some(url)
}

fn seen(session: &Session, asked: &Url, redirect_uri: &str, observation: &Observation) -> Seen {
    let location = observation.header("location");
    let status = observation.status;
    let titled = title(&observation.body)
        .map(|title| format!(", a page «{title}»"))
        .unwrap_or_default();
    match (status, location) {
        (300..400, Some(location)) => match asked.join(&location) {
            Ok(next) => redirected(session, redirect_uri, &next),
            Err(_) => Seen::Refused(
                format!("answered {status} with a Location that is no URL"),
                LOOK,
            ),
        },
        (200..300, _) if looks_wrong(&titled) => Seen::Unclear(
            format!("answered {status}{titled}, which looks like an error"),
            REGISTER,
        ),
        (200..300, _) => Seen::Accepted(format!("answered {status}{titled}")),
        (404 | 405, _) => Seen::Refused(
            format!("the authorization endpoint answered {status}{titled}"),
            ENDPOINT,
        ),
        (400..500, _) => Seen::Refused(
            format!("the authorization endpoint answered {status}{titled} and no redirect"),
            REGISTER,
        ),
        _ => Seen::Refused(
            format!("the authorization endpoint answered {status}{titled}"),
            LOOK,
        ),
    }
}

fn redirected(session: &Session, redirect_uri: &str, next: &Url) -> Seen {
    let to = format!("{}{}", next.host_str().unwrap_or_default(), next.path());
    let member = |name: &str| {
        next.query_pairs()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.into_owned())
    };
    if let Some(code) = member("code") {
        session.vault.learn(SecretKind::Issued, "start.code", &code);
    }
    let error = member("error");
    let back = Url::parse(redirect_uri).is_ok_and(|own| {
        own.scheme() == next.scheme()
            && own.host() == next.host()
            && own.port_or_known_default() == next.port_or_known_default()
            && own.path() == next.path()
    });
    match (back, error) {
        (true, None) => Seen::Accepted("accepted, the answer goes there".into()),
        (true, Some(error)) => Seen::Accepted(format!("accepted, {error} is told there")),
        (false, Some(error)) => {
            Seen::Refused(format!("{error} is told at {to}, not there"), REGISTER)
        }
        (false, None) if looks_wrong(next.path()) => Seen::Unclear(
            format!("redirected to {to}, which looks like an error"),
            REGISTER,
        ),
        (false, None) => Seen::Accepted(format!("accepted, it goes on at {to}")),
    }
}

fn looks_wrong(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    ["error", "invalid", "mismatch", "not found", "oops"]
        .iter()
        .any(|word| text.contains(word))
}

/// The title of an HTML page.
fn title(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let lower = text.to_ascii_lowercase();
    let start = lower.find("<title")?;
    let start = start + lower[start..].find('>')? + 1;
    let end = start + lower[start..].find("</title")?;
    let words: Vec<&str> = text[start..end].split_whitespace().collect();
    let title: String = words.join(" ").chars().take(80).collect();
    (!title.is_empty()).then_some(title)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_title_of_a_page() {
        let title = |text: &str| super::title(text.as_bytes());
        assert_eq!(
            title("<html><TITLE lang=en>\n Sign  in </title>").as_deref(),
            Some("Sign in")
        );
        assert_eq!(title("<p>no title</p>"), None);
        assert_eq!(title("<title></title>"), None);
        assert!(looks_wrong("/oauth/Error") && !looks_wrong("/login"));
    }
}
