//! Where a login in the browser got stuck: what the page showed, and a picture of it.

use std::path::Path;
use std::time::Duration;

use base64::Engine as _;

use super::page::{Page, Shown, picture};
use super::window::Window;
use super::wire::WireError;
use crate::acquire::authorization::Ask;
use crate::acquire::form::{bare, cut};
use crate::acquire::{AcquireError, Desk};
use crate::secret::Vault;

/// How long looking at the page may take then.
const LOOK: Duration = Duration::from_secs(10);
/// How many pictures a run leaves.
const PICTURES: usize = 5;
/// How the names of pictures begin.
const NAME: &str = "login-stuck-";

/// Why it did not go on.
#[derive(Debug)]
pub(super) enum Stuck {
    /// On a page, for this reason.
    At(String),
    /// Because of the configuration.
    Configured(String),
    /// The server does not want this user.
    Refused,
    /// The browser or its driver did not do what it was told.
    Broken(WireError),
}

impl Stuck {
    pub const fn at(why: String) -> Self {
        Self::At(why)
    }

    pub fn configured(why: &str) -> Self {
        Self::Configured(why.to_owned())
    }

    pub const fn refused() -> Self {
        Self::Refused
    }
}

impl From<WireError> for Stuck {
    fn from(error: WireError) -> Self {
        Self::Broken(error)
    }
}

/// The message.
pub(super) async fn explain(
    stuck: Stuck,
    doing: &str,
    ask: &Ask<'_>,
    window: &Window,
) -> AcquireError {
    let vault = ask.vault;
    let looking = async {
        let page = Page::look(window, ask.login).await.unwrap_or_default();
        (page, shoot(ask.desk, window, vault).await)
    };
    let (page, shot) = tokio::time::timeout(LOOK, looking)
        .await
        .unwrap_or_default();
    let title = match page.title.as_str() {
        "" => String::new(),
        title => format!(" (“{}”)", cut(title, vault)),
    };
    let place = match page.address() {
        Some(url) => format!(", on {}{title}", bare(&url, vault)),
        None => String::new(),
    };
    let shows = format!("{}{}{shot}", complaints(&page, vault), shown(&page, vault));
    match stuck {
        Stuck::At(why) => AcquireError::Stuck(format!(
            "the login in the browser got stuck at {doing}{place}: {why}{shows}"
        )),
        Stuck::Configured(why) => AcquireError::Configuration(format!(
            "the login in the browser cannot do {doing}{place}: {why}{shot}"
        )),
        Stuck::Refused => AcquireError::Credentials(format!(
            "the login form is still there after the password was sent{place}: `login.username` or \
             `login.password` is wrong, or the user is locked{shows}"
        )),
        Stuck::Broken(error) => AcquireError::Stuck(format!(
            "the login in the browser broke off at {doing}{place}: {}{shot}",
            cut(&error.to_string(), vault)
        )),
    }
}

fn complaints(page: &Page, vault: &Vault) -> String {
    let alerts: Vec<String> = page
        .alerts
        .iter()
        .map(|alert| format!("“{}”", cut(alert, vault)))
        .collect();
    match alerts.as_slice() {
        [] => String::new(),
        alerts => format!("; the page says {}", alerts.join(", ")),
    }
}

fn shown(page: &Page, vault: &Vault) -> String {
    let one = |shown: &Shown| match (shown.button, shown.name.as_str()) {
        (true, name) => format!("the button “{}”", cut(name, vault)),
        (false, "") => format!("a field without a name ({})", cut(&shown.type_, vault)),
        (false, name) => format!("`{}` ({})", cut(name, vault), cut(&shown.type_, vault)),
    };
    let all: Vec<String> = page.shown.iter().map(one).collect();
    match all.as_slice() {
        [] => "; it shows no field and no button".to_owned(),
        all => format!("; it shows {}", all.join(", ")),
    }
}

/// Writes a picture of the page, and says where it is.
async fn shoot(desk: &Desk, window: &Window, vault: &Vault) -> String {
    let Some(folder) = &desk.folder else {
        return String::new();
    };
    let Some(number) = desk.browser.next_picture(PICTURES) else {
        return String::new();
    };
    let Some(picture) = picture(window, vault).await else {
        return "; there is no screenshot, since a secret on it could not be covered".to_owned();
    };
    let Ok(bytes) = base64::engine::general_purpose::STANDARD.decode(picture) else {
        return String::new();
    };
    let path = folder.join(format!("{NAME}{number}.png"));
    let written = std::fs::create_dir_all(folder).and_then(|()| std::fs::write(&path, bytes));
    match written {
        Ok(()) => format!("; a screenshot is in {}", path.display()),
        Err(error) => format!(
            "; the screenshot {} cannot be written: {error}",
            path.display()
        ),
    }
}

/// Takes the pictures of an earlier run away.
pub(super) fn tidy(folder: &Path) {
    for number in 1..=PICTURES {
        // Most often there is none.
        let _ = std::fs::remove_file(folder.join(format!("{NAME}{number}.png")));
    }
}
