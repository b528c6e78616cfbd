//! What a page showed, for the message that says where a login got stuck.

use url::Url;

use super::control::{Control, Form, Kind};
use super::page::Page;
use crate::outcome::Observation;
use crate::secret::Vault;

/// How much of a text is shown.
const SHOWN: usize = 200;
/// How many forms and fields are.
const MANY: usize = 12;

/// `PATH (STATUS, “TITLE”)`, without the query, whose values may be anybody's.
pub(super) fn place(url: &Url, status: u16, page: Option<&Page>, vault: &Vault) -> String {
    let title = page
        .map(|page| page.title.as_str())
        .filter(|title| !title.is_empty());
    let title = title.map_or(String::new(), |title| format!(", “{}”", cut(title, vault)));
    format!("{} (status {status}{title})", bare(url, vault))
}

/// An address without query and fragment.
pub(in crate::acquire) fn bare(url: &Url, vault: &Vault) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    let _ = url.set_username("");
    let _ = url.set_password(None);
    cut(url.as_str(), vault)
}

/// What it says and which forms it has.
pub(super) fn page(page: &Page, vault: &Vault) -> String {
    let mut text = complaints(page, vault);
    if page.forms.is_empty() {
        text.push_str("; it has no form");
        if page.scripts {
            text.push_str(
                ", only scripts, and `via = \"form\"` runs none: use `via = \"browser\"`",
            );
        }
        return text;
    }
    let forms: Vec<String> = page
        .forms
        .iter()
        .take(MANY)
        .map(|one| form(one, vault))
        .collect();
    text.push_str(&format!("; it has {}", forms.join("; ")));
    text
}

/// What it complains about.
pub(super) fn complaints(page: &Page, vault: &Vault) -> String {
    let alerts: Vec<String> = page
        .alerts
        .iter()
        .map(|alert| format!("“{}”", cut(alert, vault)))
        .collect();
    if alerts.is_empty() {
        String::new()
    } else {
        format!("; the page says {}", alerts.join(", "))
    }
}

/// What came where no page was expected to be read.
pub(super) fn body(observation: &Observation, vault: &Vault) -> String {
    let text = String::from_utf8_lossy(&observation.body);
    match cut(text.trim(), vault) {
        text if text.is_empty() => "an empty body".to_owned(),
        text => format!("`{text}`"),
    }
}

fn form(form: &Form, vault: &Vault) -> String {
    let method = if form.method.eq_ignore_ascii_case("post") {
        "POST"
    } else {
        "GET"
    };
    let action = form.action.split(['?', '#']).next().unwrap_or_default();
    let to = if action.is_empty() {
        String::new()
    } else {
        format!(" to {}", cut(action, vault))
    };
    let all = || {
        let controls = form.controls.iter();
        controls.filter(|control| !control.disabled && control.kind != Kind::Inert)
    };
    let mut controls: Vec<String> = all().take(MANY).map(|one| control(one, vault)).collect();
    let more = all().count().saturating_sub(MANY);
    if more > 0 {
        controls.push(format!("{more} more"));
    }
    let controls = if controls.is_empty() {
        "nothing in it".to_owned()
    } else {
        controls.join(", ")
    };
    format!("a form ({method}{to}) with {controls}")
}

fn control(control: &Control, vault: &Vault) -> String {
    if control.submits() {
        return format!("the button “{}”", cut(control.shown(), vault));
    }
    let name = if control.name.is_empty() {
        &control.id
    } else {
        &control.name
    };
    let name = if name.is_empty() {
        "a field without a name".to_owned()
    } else {
        format!("`{}`", cut(name, vault))
    };
    format!("{name} ({})", cut(&control.shown_type, vault))
}

/// Masked first: half a secret would not be known as one.
pub(in crate::acquire) fn cut(text: &str, vault: &Vault) -> String {
    let masked = vault.mask(text);
    let mut shown: String = masked
        .chars()
        .filter(|c| !c.is_control())
        .take(SHOWN)
        .collect();
    if masked.chars().count() > SHOWN {
        shown.push('…');
    }
    shown
}
