//! Which form of a page is the login, which fields take the name and the password, and which
//! button says yes.

use super::control::{Control, Form, Kind};
use super::page::{Link, Page};
use super::words::{ENTER, NAMES, NO, YES};
use crate::config::Login;

/// A form that wants to know who the user is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LoginForm {
    pub form: usize,
    pub username: Option<usize>,
    /// None where the name is asked for first.
    pub password: Option<usize>,
}

/// The login form of a page: one with a password, else one that asks for the name alone.
pub(super) fn login_form(page: &Page, login: &Login) -> Option<LoginForm> {
    let named = login.password_field.as_deref();
    let with_password = |(index, form): (usize, &Form)| {
        let password = field(form, |control| match named {
            Some(name) => control.is_called(name),
            None => control.kind == Kind::Password,
        })?;
        let username = username(form, Some(password), login);
        Some((
            score(form, username),
            LoginForm {
                form: index,
                username,
                password: Some(password),
            },
        ))
    };
    let forms = || page.forms.iter().enumerate();
    // The first of the best.
    let best = forms().filter_map(with_password).reduce(
        |best, next| {
            if next.0 > best.0 { next } else { best }
        },
    );
    if let Some((_, found)) = best {
        return Some(found);
    }
    forms()
        .filter(|(_, form)| !form.search)
        .find_map(|(index, form)| {
            let username = username(form, None, login)?;
            let control = form.controls.get(username)?;
            let configured = login
                .username_field
                .as_deref()
                .is_some_and(|name| control.is_called(name));
            let says_so = configured || is_name(control) || control.shown_type == "email";
            says_so.then_some(LoginForm {
                form: index,
                username: Some(username),
                password: None,
            })
        })
}

/// How much a form with a password looks like a login, and not like a registration.
fn score(form: &Form, username: Option<usize>) -> i32 {
    let passwords = || {
        form.controls
            .iter()
            .filter(|c| c.kind == Kind::Password && !c.disabled)
    };
    let says = |word: &str| passwords().any(|control| control.autocomplete.contains(word));
    2 * i32::from(says("current-password")) - 3 * i32::from(says("new-password"))
        + 2 * i32::from(passwords().count() == 1)
        + i32::from(username.is_some())
}

fn field(form: &Form, is: impl Fn(&Control) -> bool) -> Option<usize> {
    form.controls
        .iter()
        .position(|control| !control.disabled && is(control))
}

/// The field that takes the name.
fn username(form: &Form, password: Option<usize>, login: &Login) -> Option<usize> {
    if let Some(name) = login.username_field.as_deref() {
        return field(form, |control| control.is_called(name));
    }
    // One that is read-only shows the name that was given before.
    let takes = |control: &Control| control.kind == Kind::Text && !control.readonly;
    let completes = |control: &Control| {
        let mut words = control.autocomplete.split_ascii_whitespace();
        words.any(|word| word == "username" || word == "email")
    };
    field(form, |control| takes(control) && completes(control))
        .or_else(|| field(form, |control| takes(control) && is_name(control)))
        .or_else(|| {
            field(form, |control| {
                takes(control) && control.shown_type == "email"
            })
        })
        .or_else(|| {
            let before = form.controls.get(..password?)?;
            before
                .iter()
                .rposition(|control| !control.disabled && takes(control))
        })
}

fn is_name(control: &Control) -> bool {
    let says = |text: &str| {
        let text = text.to_ascii_lowercase();
        NAMES.iter().any(|name| text.contains(name))
    };
    says(&control.name) || says(&control.id) || says(&control.autocomplete)
}

/// The button that a login is submitted with.
pub(super) fn enter_button(form: &Form) -> Option<usize> {
    let rate = |control: &Control| {
        let words = words(control.shown());
        let has = |known: &[&str]| words.iter().any(|word| known.contains(&word.as_str()));
        // "Sign in with …" leads elsewhere, and so does "Sign up".
        if has(NO) || has(&["with", "using"]) {
            0
        } else if has(ENTER) || has(YES) {
            2
        } else {
            1
        }
    };
    best(
        form.controls
            .iter()
            .enumerate()
            .filter(|(_, c)| c.submits())
            .map(|(i, c)| (rate(c), i)),
    )
}

/// The button that consents, with its form.
///
/// # Errors
/// Where there is none.
pub(super) fn consent_button<'p>(page: &'p Page, login: &Login) -> Option<(usize, usize)> {
    let buttons = |(at, form): (usize, &'p Form)| {
        let all = form.controls.iter().enumerate();
        all.filter(|(_, control)| control.submits())
            .map(move |(i, control)| (at, i, control))
    };
    let all = || page.forms.iter().enumerate().flat_map(buttons);
    if let Some(name) = login.consent_button.as_deref() {
        return all().find_map(|(at, button, control)| {
            let called = control.is_called(name)
                || control.value.as_deref() == Some(name)
                || control.shown().eq_ignore_ascii_case(name);
            called.then_some((at, button))
        });
    }
    let alone = all().count() == 1;
    // Each form is looked at once, however many buttons it has.
    let consenting = page
        .forms
        .iter()
        .enumerate()
        .filter(|(_, form)| consents(form));
    let rated = consenting
        .flat_map(buttons)
        .filter_map(|(at, button, control)| {
            let rate = match (says_yes(control), alone) {
                (Some(true), _) => 2,
                (None, true) => 1,
                _ => return None,
            };
            Some((rate, (at, button)))
        });
    best(rated)
}

/// The link that consents, where no button does: one that is named, or that says yes.
pub(super) fn consent_link<'p>(page: &'p Page, login: &Login) -> Option<&'p Link> {
    let web = |link: &&Link| matches!(link.to.scheme(), "http" | "https");
    let mut links = page.links.iter().filter(web);
    if let Some(name) = login.consent_button.as_deref() {
        return links.find(|link| link.id == name || link.label.eq_ignore_ascii_case(name));
    }
    links.find(|link| {
        let words = words(&link.label);
        let has = |known: &[&str]| words.iter().any(|word| known.contains(&word.as_str()));
        // "Continue with …" leads to another server, and so does a link to one.
        has(YES)
            && !has(NO)
            && !has(&["with", "using"])
            && !leads_away(link.to.path())
            && link.to.origin() == page.url.origin()
    })
}

fn leads_away(address: &str) -> bool {
    words(address)
        .iter()
        .any(|word| matches!(word.as_str(), "logout" | "signout" | "cancel" | "abort"))
}

/// Whether a form can be one of consent: it asks for nothing to be typed, and does not log out.
fn consents(form: &Form) -> bool {
    let away = leads_away(&form.action);
    let asks = form.controls.iter().any(|control| {
        let empty = control.value.as_deref().unwrap_or_default().is_empty();
        let typed = matches!(control.kind, Kind::Text | Kind::Search | Kind::Password);
        typed && empty && !control.disabled && !control.readonly
    });
    !form.search && !away && !asks
}

/// What a button says: its label first, then what it sends.
fn says_yes(control: &Control) -> Option<bool> {
    let value = control.value.as_deref().unwrap_or_default();
    [control.label.as_str(), value, &control.name, &control.id]
        .into_iter()
        .find_map(|text| {
            let words = words(text);
            let has = |known: &[&str]| words.iter().any(|word| known.contains(&word.as_str()));
            if has(NO) {
                Some(false)
            } else {
                has(YES).then_some(true)
            }
        })
}

/// The boxes that have to be ticked for a consent to be one: those that are required, and those of
/// scopes.
pub(super) fn tick(form: &mut Form) {
    for control in &mut form.controls {
        let scope = control.name.to_ascii_lowercase().contains("scope");
        if control.kind == Kind::Check && (control.required || scope) {
            control.checked = true;
        }
    }
}

/// A form that only a script would submit: it has nothing to see.
pub(super) fn silent_form(page: &Page) -> Option<usize> {
    match page.forms.as_slice() {
        [form] => {
            let hidden = form
                .controls
                .iter()
                .all(|control| control.kind == Kind::Hidden);
            (hidden && !form.controls.is_empty()).then_some(0)
        }
        _ => None,
    }
}

/// The first of those that are rated best.
fn best<T>(rated: impl Iterator<Item = (i32, T)>) -> Option<T> {
    rated
        .reduce(|best, next| if next.0 > best.0 { next } else { best })
        .map(|(_, found)| found)
}

fn words(text: &str) -> Vec<String> {
    text.to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}
