//! `via = "browser"`: through the login and consent pages of the server, in a headless browser over
//! WebDriver.
//!
//! Each login session has a window of its own, and keeps it. Its cookies are handed to the jar, so
//! that a further code costs one plain request; where that leads to no code, the window is asked
//! again, for which it needs no login.

mod bidi;
mod driver;
mod page;
mod stuck;
mod walk;
mod window;
mod wire;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::Mutex;

use self::bidi::Caught;
use self::driver::Driver;
use self::stuck::Stuck;
use self::walk::Walk;
pub(super) use self::window::Window;
use super::authorization::{Answer, Ask};
use super::{AcquireError, Desk};
use crate::config::{Http, Login};
use crate::secret::SecretKind;

/// How often in a row a login may get stuck before no other is begun.
const TRIES: usize = 2;

/// What all logins in a browser share.
#[derive(Default)]
pub(super) struct Browser {
    driver: Mutex<Option<Arc<Driver>>>,
    /// Logins that got stuck since one ended well.
    stuck: AtomicUsize,
    /// Logins that ended well.
    well: AtomicUsize,
    pictures: AtomicUsize,
}

impl Browser {
    /// Opens a window; starts the driver where none runs.
    async fn open(&self, login: &Login, http: &Http) -> Result<Window, AcquireError> {
        let driver = {
            let mut known = self.driver.lock().await;
            match &*known {
                Some(driver) => Arc::clone(driver),
                None => Arc::clone(known.insert(Arc::new(Driver::start(login).await?))),
            }
        };
        Window::open(driver, login, http).await
    }

    /// Ends the driver, and the browsers with it.
    pub async fn end(&self) {
        let driver = self.driver.lock().await.take();
        if let Some(driver) = driver {
            driver.end().await;
        }
    }

    /// The number of the next picture, if there may be one more.
    fn next_picture(&self, most: usize) -> Option<usize> {
        let number = self.pictures.fetch_add(1, Ordering::Relaxed) + 1;
        (number <= most).then_some(number)
    }

    /// Whether another login may be tried after one that ended so. A server locks a user whose
    /// password is tried again and again, and each try takes its time.
    fn may_go_on(&self, told: bool) -> bool {
        let stuck = self.stuck.fetch_add(1, Ordering::Relaxed) + 1;
        let first = self.well.load(Ordering::Relaxed) == 0;
        stuck < TRIES && !(told && first)
    }

    fn went_well(&self) {
        self.stuck.store(0, Ordering::Relaxed);
        self.well.fetch_add(1, Ordering::Relaxed);
    }
}

/// Takes the screenshots of an earlier run away.
pub(super) fn tidy(folder: &std::path::Path) {
    stuck::tidy(folder);
}

/// Opens a window and closes it. Says which browser it is, and through which driver.
///
/// # Errors
/// Why there is none.
pub(super) async fn look(desk: &Desk, login: &Login, http: &Http) -> Result<String, AcquireError> {
    let window = desk.browser.open(login, http).await?;
    let said = format!("{} through {}", window.name, window.driver());
    window.close().await;
    Ok(said)
}

/// Logs in and consents, up to the redirect URI.
///
/// # Errors
/// At which step it got stuck, and what the page showed.
pub(super) async fn log_in(ask: &Ask<'_>) -> Result<Answer, AcquireError> {
    if let Some(error) = ask.desk.refused() {
        return Err(error.clone());
    }
    let browser = &ask.desk.browser;
    let mut place = ask.jar.window.lock().await;
    let mut window = match place.take() {
        Some(window) => window,
        None => match browser.open(ask.login, ask.settings).await {
            Ok(window) => window,
            Err(error) => {
                if !browser.may_go_on(false) {
                    ask.desk.refuse(&error);
                }
                return Err(error);
            }
        },
    };
    let mut told = false;
    match answer(ask, &mut window, &mut told).await {
        Ok(answer) => {
            browser.went_well();
            *place = Some(window);
            Ok(answer)
        }
        Err(error) => {
            let refused = matches!(error, AcquireError::Credentials(_));
            if !browser.may_go_on(told) || refused {
                ask.desk.refuse(&error);
            }
            window.close().await;
            Err(error)
        }
    }
}

async fn answer(
    ask: &Ask<'_>,
    window: &mut Window,
    told: &mut bool,
) -> Result<Answer, AcquireError> {
    let ready = window.await_at(ask.redirect_uri).await;
    let window = &*window;
    let mut walk = Walk {
        ask,
        window,
        patience: ask.settings.timeout.min(ask.login.timeout),
        doing: "the start".into(),
        told: false,
        agent: String::new(),
    };
    let caught = match ready {
        Err(error) => Err(Stuck::from(error)),
        Ok(()) => tokio::select! {
            // Whatever is being done then does not matter any more.
            caught = window.until_caught() => Ok(caught),
            caught = tokio::time::timeout(ask.login.timeout, walk.run()) => match caught {
                Ok(caught) => caught,
                Err(_) => Err(Stuck::at(format!(
                    "it did not end within {} (`login.timeout`)",
                    humantime::format_duration(ask.login.timeout)
                ))),
            },
        },
    };
    *told = walk.told;
    let (doing, agent) = (walk.doing, walk.agent);
    match caught {
        Ok(caught) => {
            hand_over(ask, window, &agent).await;
            of(caught, ask)
        }
        Err(stuck) => Err(stuck::explain(stuck, &doing, ask, window).await),
    }
}

/// The answer in what was asked of the redirect URI.
fn of(caught: Caught, ask: &Ask<'_>) -> Result<Answer, AcquireError> {
    let answer = Answer::of(&caught.url);
    if let Answer::Query(query) = &answer {
        if let Some(code) = query.get("code") {
            ask.vault.learn(SecretKind::Issued, "start.code", code);
        } else if caught.method != "GET" && !query.contains_key("error") {
            return Err(AcquireError::Configuration(
                "the answer came in the body of a form (`response_mode=form_post`), which the browser does not \
                 tell; take `response_mode` out of `login.params`"
                    .into(),
            ));
        }
    }
    Ok(answer)
}

/// Gives the window's cookies to the jar.
async fn hand_over(ask: &Ask<'_>, window: &Window, agent: &str) {
    let cookies = tokio::time::timeout(Duration::from_secs(10), window.cookies()).await;
    match cookies.ok().flatten() {
        Some(cookies) => ask.jar.take_over(&cookies, agent, ask.vault),
        None => ask.jar.only_in_the_browser(),
    }
}
