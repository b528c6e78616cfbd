//! What a login would make of a page, with nothing sent: for tests and fuzzing of what reads pages.

use url::Url;

use super::page::Page;
use super::{choose, shown};
use crate::config::Login;
use crate::secret::Vault;

/// What a page was read as.
#[derive(Debug, Clone)]
pub struct Look {
    /// What a message says of it.
    pub shown: String,
    /// Where each form of it would be sent, with name and password where it takes them, and what
    /// with.
    pub sends: Vec<(Url, Option<Vec<u8>>)>,
    /// Where its consent leads by a link.
    pub link: Option<Url>,
    /// Where it goes on to by itself.
    pub refresh: Option<Url>,
}

/// Reads a page as a login with `login.via = "form"` does.
#[must_use]
pub fn look(url: &Url, html: &[u8], login: &Login) -> Look {
    let page = Page::read(url, html);
    let mut forms = Vec::new();
    if let Some(found) = choose::login_form(&page, login) {
        let mut form = page.forms[found.form].clone();
        let values = [
            (found.username, &login.username),
            (found.password, &login.password),
        ];
        for (field, value) in values {
            if let (Some(field), Some(value)) = (field, value) {
                form.controls[field].value = Some(value.expose().to_owned());
            }
        }
        let button = choose::enter_button(&form);
        forms.push((form, button));
    }
    if let Some((form, button)) = choose::consent_button(&page, login) {
        let mut form = page.forms[form].clone();
        choose::tick(&mut form);
        forms.push((form, Some(button)));
    }
    if let Some(form) = choose::silent_form(&page) {
        forms.push((page.forms[form].clone(), None));
    }
    let sends = forms
        .iter()
        .filter_map(|(form, button)| form.submission(*button, &page.url, &page.base))
        .map(|submission| (submission.url, submission.body))
        .collect();
    Look {
        shown: shown::page(&page, &Vault::default()),
        sends,
        link: choose::consent_link(&page, login).map(|link| link.to.clone()),
        refresh: page.refresh.map(|(_, to)| to),
    }
}
