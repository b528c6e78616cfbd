//! `via = "form"`: through the login and consent pages of the server, over plain HTTP.
//!
//! The user's name and password are sent only where the authorization endpoint led to by
//! redirects, and only over TLS or within this machine. No script runs.

mod choose;
mod control;
mod learn;
mod look;
mod markup;
mod page;
mod shown;
pub(super) mod words;

use url::{Origin, Url};

use self::choose::LoginForm;
use self::control::Form;
pub use self::look::{Look, look};
use self::page::Page;
pub(super) use self::shown::{bare, cut};
use super::AcquireError;
use super::authorization::{Answer, Ask, Next, REDIRECTS};
use crate::loopback::is_loopback;
use crate::outcome::{Exchange, Observation, SentRequest};
use crate::secret::SecretKind;

/// How many pages a login may have.
const PAGES: usize = 10;
/// A page that goes on later than after so many seconds waits for its reader.
const SOON: u64 = 30;

/// Logs in and consents, up to the redirect URI.
///
/// # Errors
/// On which page it got stuck, and what that page showed.
pub(super) async fn log_in(
    ask: &Ask<'_>,
    seen: &mut Vec<Exchange>,
) -> Result<Answer, AcquireError> {
    let mut walk = Walk {
        ask,
        reached: Vec::new(),
        username: None,
        password: None,
    };
    if is_private(ask.start) {
        walk.reached.push(ask.start.origin());
    }
    let (mut request, mut credentials) = (ask.first(), false);
    let mut last = String::new();
    for _ in 0..PAGES {
        let (url, response) = match walk.follow(request, credentials, seen).await? {
            Followed::Answer(answer) => return Ok(answer),
            Followed::Page(url, response) => (url, response),
        };
        let page = Page::read(&url, &response.body);
        last = shown::place(&url, response.status, Some(&page), ask.vault);
        match walk.turn(&page, &response)? {
            Step::Answer(answer) => return Ok(answer),
            Step::Send(next, secret) => (request, credentials) = (next, secret),
        }
    }
    Err(AcquireError::Stuck(format!(
        "the login did not end after {PAGES} pages; the last was {last}"
    )))
}

/// What a page leads to.
enum Step {
    /// It hands the answer on (OAuth 2.0 Form Post Response Mode).
    Answer(Answer),
    /// A request, and whether it has the user's name or password in it.
    Send(SentRequest, bool),
}

/// Where redirects ended.
enum Followed {
    Answer(Answer),
    Page(Url, Observation),
}

/// A form by which it is known again: where it sends to, and the names of its fields.
type Shape = (String, Vec<String>);

struct Walk<'a> {
    ask: &'a Ask<'a>,
    /// The origins that redirects led to from the authorization endpoint, over TLS or within
    /// this machine all the way.
    reached: Vec<Origin>,
    /// The form that the name was sent with, and the one that the password was sent with.
    username: Option<Shape>,
    password: Option<Shape>,
}

impl Walk<'_> {
    async fn follow(
        &mut self,
        mut request: SentRequest,
        credentials: bool,
        seen: &mut Vec<Exchange>,
    ) -> Result<Followed, AcquireError> {
        for _ in 0..REDIRECTS {
            request
                .headers
                .push(("accept-language".into(), b"en".to_vec()));
            let url = Url::parse(&request.url).map_err(|error| stuck(error.to_string()))?;
            let response = self.ask.send(request.clone(), seen).await?;
            let next = match self.ask.next(&url, &response)? {
                Next::Answer(answer) => return Ok(Followed::Answer(answer)),
                Next::Page => return Ok(Followed::Page(url, response)),
                Next::Redirect(next) => next,
            };
            // RFC 9110 sections 15.4.8 and 15.4.9: the same request, body and all.
            let again = matches!(response.status, 307 | 308) && request.body.is_some();
            if again && credentials {
                self.may_know(&next)?;
            }
            if is_private(&next) && self.reached.contains(&url.origin()) {
                self.reached.push(next.origin());
            }
            if again {
                request.url = next.to_string();
                request
                    .headers
                    .retain(|(name, _)| !matches!(name.as_str(), "accept-language" | "cookie"));
            } else {
                request = self.ask.get(&next);
            }
        }
        Err(stuck(format!(
            "the login redirected {REDIRECTS} times without showing a page; the last redirect was \
             to {}",
            Url::parse(&request.url).map_or(String::new(), |url| shown::bare(&url, self.ask.vault))
        )))
    }

    /// What to do with a page.
    fn turn(&mut self, page: &Page, response: &Observation) -> Result<Step, AcquireError> {
        let (vault, login) = (self.ask.vault, self.ask.login);
        learn::learn(page, self.ask.start, vault);
        if let Some(answer) = self.posted(page) {
            return Ok(Step::Answer(answer));
        }
        let place = shown::place(&page.url, response.status, Some(page), vault);
        if let Some(found) = choose::login_form(page, login) {
            match (found.password, &self.password, &self.username) {
                (Some(_), None, _) | (None, None, None) => return self.enter(page, found, &place),
                (Some(_), Some(sent), _) => {
                    return Err(self.refused("password", found, sent, page, &place));
                }
                (None, None, Some(sent)) => {
                    return Err(self.refused("user name", found, sent, page, &place));
                }
                // After the password, a field for an address is somebody else's.
                (None, Some(_), _) => {}
            }
        }
        if let Some((form, button)) = choose::consent_button(page, login) {
            let mut form = page.forms[form].clone();
            choose::tick(&mut form);
            return self.submit(page, &form, Some(button), false, &place);
        }
        if let Some(link) = choose::consent_link(page, login) {
            return self.refresh(page, link.to.clone());
        }
        if let Some(form) = choose::silent_form(page) {
            return self.submit(page, &page.forms[form], None, false, &place);
        }
        let said = response
            .header("refresh")
            .and_then(|text| markup::refresh(&text, &page.base));
        if let Some((seconds, next)) = said.or_else(|| page.refresh.clone())
            && seconds <= SOON
        {
            return self.refresh(page, next);
        }
        Err(AcquireError::DeadEnd(self.lost(page, response, &place)))
    }

    /// A page whose form sends the answer to the redirect URI.
    fn posted(&self, page: &Page) -> Option<Answer> {
        let form = page.forms.iter().find(|form| {
            form.target(None, &page.url, &page.base)
                .is_some_and(|url| self.ask.is_redirect_uri(&url))
        })?;
        let pairs: super::Pairs = form.fields(None).into_iter().collect();
        if let Some(code) = pairs.get("code") {
            self.ask.vault.learn(SecretKind::Issued, "start.code", code);
        }
        Some(Answer::Query(pairs))
    }

    /// Fills the login form in.
    fn enter(&mut self, page: &Page, found: LoginForm, place: &str) -> Result<Step, AcquireError> {
        let login = self.ask.login;
        let mut form = page.forms[found.form].clone();
        let sent = shape(&form);
        let values = [
            (found.username, &login.username),
            (found.password, &login.password),
        ];
        for (field, value) in values {
            if let (Some(field), Some(value)) = (field, value) {
                form.controls[field].value = Some(value.expose().to_owned());
            }
        }
        for control in &mut form.controls {
            control.checked |= control.required && control.kind == control::Kind::Check;
        }
        if found.username.is_some() {
            self.username = Some(sent.clone());
        }
        if found.password.is_some() {
            self.password = Some(sent);
        }
        let button = choose::enter_button(&form);
        self.submit(page, &form, button, true, place)
    }

    fn submit(
        &self,
        page: &Page,
        form: &Form,
        button: Option<usize>,
        credentials: bool,
        place: &str,
    ) -> Result<Step, AcquireError> {
        let Some(submission) = form.submission(button, &page.url, &page.base) else {
            return Err(stuck(format!(
                "the form on {place} sends to nowhere that HTTP reaches"
            )));
        };
        if credentials {
            self.may_know(&submission.url)?;
        }
        let mut request = SentRequest {
            method: submission.method.into(),
            body: submission.body.map(Into::into),
            form: submission.fields,
            ..self.ask.get(&submission.url)
        };
        if let Some(content_type) = submission.content_type {
            // Servers look at these to know their own forms again.
            let origin = page.url.origin();
            let referer = if origin == submission.url.origin() {
                let mut url = page.url.clone();
                url.set_fragment(None);
                url.to_string()
            } else {
                format!("{}/", origin.ascii_serialization())
            };
            for (name, value) in [
                ("content-type", content_type),
                ("origin", origin.ascii_serialization()),
                ("referer", referer),
            ] {
                request.headers.push((name.into(), value.into_bytes()));
            }
        }
        Ok(Step::Send(request, credentials))
    }

    /// Goes on to another page, as this one says.
    fn refresh(&mut self, page: &Page, mut next: Url) -> Result<Step, AcquireError> {
        next.set_fragment(None);
        if self.ask.is_redirect_uri(&next) {
            return Ok(Step::Answer(Answer::of(&next)));
        }
        // The page's own server says so, as it does with a redirect.
        if is_private(&next) && self.reached.contains(&page.url.origin()) {
            self.reached.push(next.origin());
        }
        Ok(Step::Send(self.ask.get(&next), false))
    }

    /// Whether the user's name and password may be sent there.
    fn may_know(&self, url: &Url) -> Result<(), AcquireError> {
        let place = shown::bare(url, self.ask.vault);
        if !is_private(url) {
            return Err(AcquireError::Configuration(format!(
                "the login form sends to {place}, which is plain http: the password is sent only over \
                 https, or within this machine"
            )));
        }
        if !self.reached.contains(&url.origin()) {
            return Err(AcquireError::Configuration(format!(
                "the login form sends to {place}, and the redirects from the authorization endpoint did \
                 not lead there, over https all the way: the password is not sent to it"
            )));
        }
        Ok(())
    }

    /// The same form again, or another that wants the same.
    fn refused(
        &self,
        what: &str,
        found: LoginForm,
        sent: &Shape,
        page: &Page,
        place: &str,
    ) -> AcquireError {
        let same = page
            .forms
            .get(found.form)
            .is_some_and(|form| shape(form) == *sent);
        let vault = self.ask.vault;
        if same && self.ask.desk.knows(self.ask.login) {
            AcquireError::DeadEnd(format!(
                "the same login form came again after the {what} was sent, on {place}, although this user has \
                 logged in before{}",
                shown::complaints(page, vault)
            ))
        } else if same {
            AcquireError::Credentials(format!(
                "the same login form came again after the {what} was sent, on {place}: `login.username` or \
                 `login.password` is wrong, or the user is locked{}",
                shown::complaints(page, vault)
            ))
        } else {
            AcquireError::DeadEnd(format!(
                "another form asks for a {what} after one was sent, on {place}{}",
                shown::page(page, vault)
            ))
        }
    }

    /// A page that nothing can be done with.
    fn lost(&self, page: &Page, response: &Observation, place: &str) -> String {
        let vault = self.ask.vault;
        let html = response
            .header("content-type")
            .is_none_or(|kind| kind.to_ascii_lowercase().contains("html"));
        if !html {
            return format!(
                "the login got stuck on {place}, which is no HTML page: {}",
                shown::body(response, vault)
            );
        }
        let wanted = match (&self.ask.login.consent_button, &self.password) {
            (Some(name), Some(_)) => format!("the button `{name}` (`login.consent-button`) is not there"),
            (_, Some(_)) => "nothing on it can be answered with yes; `login.consent-button` names the \
                             button, where there is one"
                .to_owned(),
            (_, None) => "it has no field for a password or a user name, and no button that says yes; \
                          `login.password-field`, `login.username-field` and `login.consent-button` \
                          name them, where there are some"
                .to_owned(),
        };
        format!(
            "the login got stuck on {place}: {wanted}{}",
            shown::page(page, vault)
        )
    }
}

fn stuck(text: String) -> AcquireError {
    AcquireError::Stuck(text)
}

fn shape(form: &Form) -> Shape {
    let action = form.action.split(['?', '#']).next().unwrap_or_default();
    let names = form.controls.iter().map(|control| control.name.clone());
    (action.to_owned(), names.collect())
}

/// Whether nobody on the way can read what is sent there.
pub(super) fn is_private(url: &Url) -> bool {
    url.scheme() == "https" || url.scheme() == "http" && is_loopback(url)
}
