//! What the page in a window shows, as a script reads it.

use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::window::Window;
use super::wire::{Element, WireError};
use crate::acquire::form::words;
use crate::config::Login;
use crate::secret::Vault;

const LOOK: &str = include_str!("script/look.js");
const FIND: &str = include_str!("script/find.js");
const COVER: &str = include_str!("script/cover.js");
/// How often a page that changes is covered anew.
const COVERINGS: usize = 3;

/// A page.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Page {
    /// Whether it has been loaded with all that belongs to it.
    pub ready: bool,
    pub url: String,
    pub title: String,
    /// How the browser calls itself.
    pub agent: String,
    /// What it complains about.
    pub alerts: Vec<String>,
    pub shown: Vec<Shown>,
    /// How many frames it has, into which nobody looks.
    pub frames: usize,
    username: Value,
    password: Value,
    enter: Value,
    consent: Value,
    login_ticks: Vec<Value>,
    consent_ticks: Vec<Value>,
    /// The same for pages that show the same fields, buttons and links.
    pub same: String,
}

/// A field or button that a page shows.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Shown {
    pub button: bool,
    pub name: String,
    #[serde(rename = "type")]
    pub type_: String,
}

impl Page {
    /// Looks at the page.
    pub async fn look(window: &Window, login: &Login) -> Result<Self, WireError> {
        let own = json!({
            "username": login.username_field,
            "password": login.password_field,
            "consent": login.consent_button,
        });
        let words = json!({
            "names": words::NAMES,
            "yes": words::YES,
            "enter": words::ENTER,
            "no": words::NO,
        });
        let value = window.script(LOOK, json!([own, words])).await?;
        serde_json::from_value(value).map_err(|error| WireError::Silent(error.to_string()))
    }

    pub fn username(&self) -> Option<Element> {
        Element::of(&self.username)
    }

    pub fn password(&self) -> Option<Element> {
        Element::of(&self.password)
    }

    /// The button that sends the login.
    pub fn enter(&self) -> Option<Element> {
        Element::of(&self.enter)
    }

    /// The button or link that consents.
    pub fn consent(&self) -> Option<Element> {
        Element::of(&self.consent)
    }

    /// The boxes to tick before a login is sent.
    pub fn login_ticks(&self) -> Vec<Element> {
        self.login_ticks.iter().filter_map(Element::of).collect()
    }

    /// The boxes to tick before a consent is given.
    pub fn consent_ticks(&self) -> Vec<Element> {
        self.consent_ticks.iter().filter_map(Element::of).collect()
    }

    /// The address, where it is one.
    pub fn address(&self) -> Option<Url> {
        Url::parse(&self.url).ok()
    }
}

/// What a selector leads to.
pub(super) enum Found {
    /// It is no selector.
    Bad,
    Nothing,
    Element(Element),
}

/// The first visible element of a selector.
pub(super) async fn find(window: &Window, selector: &str) -> Result<Found, WireError> {
    let value = window.script(FIND, json!([selector])).await?;
    Ok(match Element::of(&value["element"]) {
        _ if value["bad"] == true => Found::Bad,
        Some(element) => Found::Element(element),
        None => Found::Nothing,
    })
}

/// A picture of the page (PNG, in Base64) on which no secret stands: known ones are replaced by
/// their names, and what is typed is hidden. None where that cannot be had.
pub(super) async fn picture(window: &Window, vault: &Vault) -> Option<String> {
    let mut texts = texts(window, None).await?;
    for _ in 0..COVERINGS {
        let told: Vec<Value> = texts
            .iter()
            .enumerate()
            .filter(|(_, text)| vault.mask(text) != text.as_str())
            .map(|(at, text)| json!({ "at": at, "was": text, "text": vault.mask(text) }))
            .collect();
        texts = self::texts(window, Some(told)).await?;
        if !is_clean(&texts, vault) {
            continue;
        }
        let picture = window.screenshot().await.ok()?;
        // It may have changed while it was taken.
        texts = self::texts(window, None).await?;
        if is_clean(&texts, vault) {
            return Some(picture);
        }
    }
    None
}

async fn texts(window: &Window, told: Option<Vec<Value>>) -> Option<Vec<String>> {
    let value = window.script(COVER, json!([told])).await.ok()?;
    serde_json::from_value(value).ok()
}

fn is_clean(texts: &[String], vault: &Vault) -> bool {
    // A secret may be cut into several texts by markup.
    let all = texts.concat();
    vault.mask(&all) == all && texts.iter().all(|text| vault.mask(text) == text.as_str())
}
