//! What is done on the pages of a login: the steps of the configuration, or what a person would do.

use std::time::{Duration, Instant};

use serde_json::json;

use super::bidi::Caught;
use super::page::{Found, Page, find};
use super::stuck::Stuck;
use super::window::Window;
use super::wire::{Element, Wire, WireError};
use crate::acquire::authorization::Ask;
use crate::acquire::form::{bare, is_private};
use crate::config::{LoginAct, LoginStep};
use crate::secret::Secret;

/// How often a page is looked at.
const LOOK: Duration = Duration::from_millis(120);
/// How long a complaint beside a password that was sent stands before it is believed.
const BELIEVED: Duration = Duration::from_millis(1500);
/// After which time something that covers a button is clicked through.
const COVERED: Duration = Duration::from_secs(2);
/// How many pages a login may have.
const PAGES: usize = 10;
/// What drivers say of an element that will be ready soon, or is gone for another.
const SOON: &[&str] = &[
    "element click intercepted",
    "element not interactable",
    "invalid element state",
    "no such element",
    "stale element reference",
    "detached shadow root",
];
/// What drivers say while the browser goes to another page.
const LEAVING: &[&str] = &[
    "javascript error",
    "no such window",
    "script timeout",
    "stale element reference",
    "timeout",
    "unexpected alert open",
    "unknown error",
];
/// The key that sends a form (W3C WebDriver, "Keyboard actions").
const ENTER: &str = "\u{E007}";

/// A login on its way.
pub(super) struct Walk<'a> {
    pub ask: &'a Ask<'a>,
    pub window: &'a Window,
    /// How long a step waits for its element.
    pub patience: Duration,
    /// What is being done, for the message of a login that takes too long.
    pub doing: String,
    /// Whether the password was sent.
    pub told: bool,
    /// How the browser calls itself.
    pub agent: String,
}

impl Walk<'_> {
    /// Goes to the authorization endpoint and on, until something is asked of the redirect URI.
    pub async fn run(&mut self) -> Result<Caught, Stuck> {
        self.doing = "the authorization endpoint".into();
        self.window.go(self.ask.start).await?;
        let login = self.ask.login;
        if login.steps.is_empty() {
            return self.as_a_person_would().await;
        }
        for (index, step) in login.steps.iter().enumerate() {
            self.doing = format!("step {} (`{step}`)", index + 1);
            if let Some(caught) = self.step(step, login.steps.get(index + 1)).await? {
                // The user was known, or had consented before.
                return Ok(caught);
            }
        }
        self.doing = "the wait for the answer, after the last step".into();
        let since = Instant::now();
        while since.elapsed() < self.patience {
            if let Some(caught) = self.window.caught().await {
                return Ok(caught);
            }
            tokio::time::sleep(LOOK).await;
        }
        Err(Stuck::at(format!(
            "nothing was asked of the redirect URI within {}; a further step may be missing",
            humantime::format_duration(self.patience)
        )))
    }

    /// One step of the configuration. Gives the answer where that came first.
    async fn step(
        &mut self,
        step: &LoginStep,
        next: Option<&LoginStep>,
    ) -> Result<Option<Caught>, Stuck> {
        let since = Instant::now();
        let mut why = String::new();
        while since.elapsed() < self.patience {
            if let Some(caught) = self.window.caught().await {
                return Ok(Some(caught));
            }
            match find(self.window, &step.selector).await {
                Ok(Found::Bad) => {
                    return Err(Stuck::configured(
                        "that is no CSS selector; write it as `#user`, `input[name=user]` or `button.primary`",
                    ));
                }
                Ok(Found::Element(element)) => {
                    if matches!(step.act, LoginAct::Fill(_)) {
                        self.may_tell().await?;
                    }
                    match self.act(&step.act, &element).await {
                        Ok(()) => return Ok(None),
                        Err(error) if error.is(SOON) || error.is(LEAVING) => {
                            why = error.to_string()
                        }
                        Err(error) => return Err(error.into()),
                    }
                }
                Ok(Found::Nothing) => {
                    if step.optional
                        && let Some(next) = next
                        && let Ok(Found::Element(_)) = find(self.window, &next.selector).await
                    {
                        return Ok(None);
                    }
                    why.clear();
                }
                Err(error) if error.is(LEAVING) => {}
                Err(error) => return Err(error.into()),
            }
            tokio::time::sleep(LOOK).await;
        }
        if step.optional {
            return Ok(None);
        }
        let within = humantime::format_duration(self.patience);
        Err(Stuck::at(if why.is_empty() {
            format!("no such element was visible within {within}")
        } else {
            format!("it could not be done within {within}: {why}")
        }))
    }

    async fn act(&mut self, act: &LoginAct, element: &Element) -> Result<(), WireError> {
        match act {
            LoginAct::Wait => Ok(()),
            LoginAct::Click => self.window.click(element).await,
            LoginAct::Fill(with) => {
                self.fill(element, with).await?;
                self.told |= self.ask.login.password.as_ref() == Some(with);
                Ok(())
            }
        }
    }

    /// Types a text in place of what is there.
    async fn fill(&self, element: &Element, text: &Secret) -> Result<(), WireError> {
        let value = self
            .window
            .script(
                "return arguments[0].value || ''",
                json!([Wire::argument(element)]),
            )
            .await?;
        if value.as_str().is_some_and(|value| !value.is_empty()) {
            self.window.clear(element).await?;
        }
        self.window.type_in(element, text.expose()).await
    }

    /// Fills the login form in, sends it, consents: whatever the pages ask for, in whatever order.
    async fn as_a_person_would(&mut self) -> Result<Caught, Stuck> {
        let login = self.ask.login;
        let (mut since, mut before) = (Instant::now(), String::new());
        // The page as it was when something was done on it.
        let mut done: Option<Page> = None;
        let (mut named, mut pages, mut complained) = (false, 0, None);
        loop {
            if let Some(caught) = self.window.caught().await {
                return Ok(caught);
            }
            let page = match Page::look(self.window, login).await {
                Ok(page) => page,
                Err(error) if error.is(LEAVING) => Page::default(),
                Err(error) => return Err(error.into()),
            };
            // Twice the same: it stands still.
            let still = page.ready && page.same == before;
            before.clone_from(&page.same);
            self.agent.clone_from(&page.agent);
            let new = done.as_ref().is_none_or(|done| done.same != page.same);
            self.doing = format!("page {}", pages + 1);
            let complains = self.told && page.password().is_some() && !page.alerts.is_empty();
            complained = complains.then(|| complained.unwrap_or_else(Instant::now));
            let refused = self.told
                && page.password().is_some()
                && (still && new && is_another_document(done.as_ref(), &page)
                    || complained.is_some_and(|since| since.elapsed() >= BELIEVED)
                    || since.elapsed() >= self.patience);
            if refused {
                return Err(Stuck::refused());
            }
            if still && new {
                let asks_name = page.username().is_some() && !named;
                let acted = if page.password().is_some() && !self.told
                    || page.password().is_none() && asks_name && !self.told
                {
                    named = true;
                    self.enter(&page).await?
                } else if let Some(consent) = page.consent() {
                    self.tick(page.consent_ticks()).await?;
                    self.press(&consent).await?
                } else {
                    false
                };
                if acted {
                    pages += 1;
                    since = Instant::now();
                    done = Some(page);
                    if pages > PAGES {
                        return Err(Stuck::at(format!(
                            "the login did not end after {PAGES} pages"
                        )));
                    }
                    continue;
                }
            }
            if since.elapsed() >= self.patience {
                return Err(Stuck::at(self.lost(&page, new)));
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    fn lost(&self, page: &Page, new: bool) -> String {
        let within = humantime::format_duration(self.patience);
        let login = self.ask.login;
        let mut text = if !page.ready {
            format!("the page was not loaded within {within}")
        } else if !new {
            format!("what was clicked led to nothing within {within}")
        } else if let (Some(name), true) = (&login.consent_button, self.told) {
            format!("the button `{name}` (`login.consent-button`) is not there")
        } else if self.told {
            "nothing on it can be answered with yes; `login.consent-button` names the button, where there is one".to_owned()
        } else {
            "it shows no field for a password or a user name, and no button that says yes; \
             `login.password-field`, `login.username-field` and `login.consent-button` name them, or \
             `[[target.NAME.login.step]]` says what to do"
                .to_owned()
        };
        if page.frames > 0 {
            text.push_str("; it has a frame, into which tokenspec does not look");
        }
        text
    }

    /// Fills the login form in and sends it. Says whether it could.
    async fn enter(&mut self, page: &Page) -> Result<bool, Stuck> {
        let login = self.ask.login;
        let values = [
            (page.username(), &login.username),
            (page.password(), &login.password),
        ];
        self.may_tell().await?;
        let mut last = None;
        for (field, value) in values {
            let (Some(field), Some(value)) = (field, value) else {
                continue;
            };
            match self.fill(&field, value).await {
                Ok(()) => last = Some(field),
                Err(error) if error.is(SOON) || error.is(LEAVING) => return Ok(false),
                Err(error) => return Err(error.into()),
            }
        }
        let Some(last) = last else { return Ok(false) };
        self.tick(page.login_ticks()).await?;
        self.told |= page.password().is_some();
        // A button may be there only now that the fields are filled.
        let button = match Page::look(self.window, login).await {
            Ok(page) => page.enter(),
            Err(_) => page.enter(),
        };
        match button {
            Some(button) => self.press(&button).await,
            None => match self.window.type_in(&last, ENTER).await {
                Ok(()) => Ok(true),
                Err(error) if error.is(SOON) || error.is(LEAVING) => Ok(true),
                Err(error) => Err(error.into()),
            },
        }
    }

    async fn tick(&self, boxes: Vec<Element>) -> Result<(), Stuck> {
        for element in boxes {
            self.press(&element).await?;
        }
        Ok(())
    }

    /// Clicks, in the end also what something else covers.
    async fn press(&self, element: &Element) -> Result<bool, Stuck> {
        let since = Instant::now();
        loop {
            match self.window.click(element).await {
                Ok(()) => return Ok(true),
                Err(error) if error.is(&["stale element reference"]) => return Ok(false),
                Err(error) if error.is(SOON) && since.elapsed() < COVERED => {
                    tokio::time::sleep(LOOK).await;
                }
                Err(error) if error.is(SOON) => {
                    let arguments = json!([Wire::argument(element)]);
                    self.window
                        .script("arguments[0].click()", arguments)
                        .await?;
                    return Ok(true);
                }
                // It led to another page while the driver still looked at this one.
                Err(error) if error.is(LEAVING) => return Ok(true),
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Whether anything may be typed on the page: only over https, or within this machine.
    async fn may_tell(&self) -> Result<(), Stuck> {
        let page = Page::look(self.window, self.ask.login).await?;
        match page.address() {
            Some(url) if is_private(&url) => Ok(()),
            Some(url) => Err(Stuck::configured(&format!(
                "{} is plain http: names and passwords are typed only over https, or within this machine",
                bare(&url, self.ask.vault)
            ))),
            None => Err(Stuck::at("the page has no address".into())),
        }
    }
}

/// Whether the server sent a page anew, rather than a script changing it.
fn is_another_document(before: Option<&Page>, now: &Page) -> bool {
    let document = |page: &Page| {
        let same: Vec<serde_json::Value> = serde_json::from_str(&page.same).unwrap_or_default();
        same.get(1).cloned()
    };
    before.is_some_and(|before| document(before) != document(now))
}
