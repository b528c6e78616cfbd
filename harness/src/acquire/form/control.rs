//! A form and its controls, and the request that submits it (HTML, "form submission").

use std::collections::HashSet;

use url::Url;

use crate::acquire::random;
use crate::secret::form_encode;

/// What a control does in a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Whatever a person types text into.
    Text,
    /// A search field; no login asks for a name in one.
    Search,
    Password,
    Hidden,
    Check,
    Radio,
    Submit,
    Image,
    Select,
    Area,
    File,
    /// It submits nothing.
    Inert,
}

impl Kind {
    /// Of an `input`, by its type; one that is not known is a text field.
    pub fn of_input(type_: &str) -> Self {
        match type_ {
            "search" => Self::Search,
            "password" => Self::Password,
            "hidden" => Self::Hidden,
            "checkbox" => Self::Check,
            "radio" => Self::Radio,
            "submit" => Self::Submit,
            "image" => Self::Image,
            "file" => Self::File,
            "button" | "reset" => Self::Inert,
            _ => Self::Text,
        }
    }
}

/// An option of a select.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Choice {
    pub value: String,
    /// It has no value of its own, so its text is its value.
    pub from_text: bool,
    pub selected: bool,
    pub disabled: bool,
}

/// A field or button.
#[derive(Debug, Clone)]
pub(super) struct Control {
    pub kind: Kind,
    /// Its type as messages show it.
    pub shown_type: String,
    pub name: String,
    pub id: String,
    pub value: Option<String>,
    pub autocomplete: String,
    pub disabled: bool,
    pub readonly: bool,
    pub required: bool,
    pub checked: bool,
    pub multiple: bool,
    /// What a button shows.
    pub label: String,
    /// What a button changes of the form: `formaction`, `formmethod`, `formenctype`.
    pub action: Option<String>,
    pub method: Option<String>,
    pub enctype: Option<String>,
    pub choices: Vec<Choice>,
}

impl Control {
    /// Whether it is the one that a configuration names.
    pub fn is_called(&self, name: &str) -> bool {
        self.name == name || self.id == name
    }

    /// Whether it submits the form.
    pub fn submits(&self) -> bool {
        matches!(self.kind, Kind::Submit | Kind::Image) && !self.disabled
    }

    /// What a person reads on a button.
    pub fn shown(&self) -> &str {
        [
            self.label.as_str(),
            self.value.as_deref().unwrap_or_default(),
        ]
        .into_iter()
        .find(|text| !text.is_empty())
        .unwrap_or(&self.name)
    }
}

/// A form.
#[derive(Debug, Clone)]
pub(super) struct Form {
    pub id: String,
    pub action: String,
    pub method: String,
    pub enctype: String,
    /// Whether it says that it is for searches.
    pub search: bool,
    pub controls: Vec<Control>,
}

/// What submits a form.
#[derive(Debug)]
pub(super) struct Submission {
    pub method: &'static str,
    pub url: Url,
    pub content_type: Option<String>,
    pub body: Option<Vec<u8>>,
    pub fields: Vec<(String, String)>,
}

impl Form {
    /// Where it sends to, with this button.
    pub fn target(&self, button: Option<&Control>, page: &Url, base: &Url) -> Option<Url> {
        let action = button
            .and_then(|button| button.action.as_deref())
            .unwrap_or(&self.action)
            .trim();
        // Without an action it sends to the page itself, whatever the base is.
        let mut url = if action.is_empty() {
            page.clone()
        } else {
            base.join(action).ok()?
        };
        url.set_fragment(None);
        matches!(url.scheme(), "http" | "https").then_some(url)
    }

    /// Names and values as they are submitted with this button.
    pub fn fields(&self, button: Option<usize>) -> Vec<(String, String)> {
        let mut fields = Vec::new();
        for (index, control) in self.controls.iter().enumerate() {
            if control.disabled || control.name.is_empty() && control.kind != Kind::Image {
                continue;
            }
            let mut push = |name: &str, value: &str| fields.push((crlf(name), crlf(value)));
            let value = control.value.as_deref();
            match control.kind {
                Kind::Submit if button == Some(index) => {
                    push(&control.name, value.unwrap_or_default());
                }
                Kind::Image if button == Some(index) => {
                    let dot = if control.name.is_empty() { "" } else { "." };
                    push(&format!("{}{dot}x", control.name), "1");
                    push(&format!("{}{dot}y", control.name), "1");
                }
                Kind::Submit | Kind::Image | Kind::Inert => {}
                Kind::Check | Kind::Radio if control.checked => {
                    push(&control.name, value.unwrap_or("on"));
                }
                Kind::Check | Kind::Radio => {}
                Kind::Select => {
                    for choice in control.chosen() {
                        push(&control.name, &choice.value);
                    }
                }
                Kind::Hidden if control.name.eq_ignore_ascii_case("_charset_") => {
                    push(&control.name, "UTF-8");
                }
                _ => push(&control.name, value.unwrap_or_default()),
            }
        }
        fields
    }

    /// The request that this button, an index into the controls, makes; none where the form sends
    /// to nowhere that HTTP reaches.
    pub fn submission(&self, button: Option<usize>, page: &Url, base: &Url) -> Option<Submission> {
        let clicked = button.and_then(|index| self.controls.get(index));
        let mut url = self.target(clicked, page, base)?;
        let said = |of: fn(&Control) -> Option<&String>, form: &str| {
            let text = clicked.and_then(of).map_or(form, String::as_str);
            text.trim().to_ascii_lowercase()
        };
        let fields = self.fields(button);
        match said(|control| control.method.as_ref(), &self.method).as_str() {
            "post" => {}
            "dialog" => return None,
            _ => {
                url.query_pairs_mut().clear().extend_pairs(&fields);
                return Some(Submission {
                    method: "GET",
                    url,
                    content_type: None,
                    body: None,
                    fields,
                });
            }
        }
        let (content_type, body) =
            match said(|control| control.enctype.as_ref(), &self.enctype).as_str() {
                "multipart/form-data" => self.multipart(&fields),
                "text/plain" => {
                    let lines = fields
                        .iter()
                        .map(|(name, value)| format!("{name}={value}\r\n"));
                    ("text/plain".to_owned(), lines.collect())
                }
                _ => {
                    let pairs = fields.iter().map(|(name, value)| {
                        let encode = |text: &String| form_encode(text.as_bytes());
                        format!("{}={}", encode(name), encode(value))
                    });
                    (
                        "application/x-www-form-urlencoded".to_owned(),
                        pairs.collect::<Vec<_>>().join("&"),
                    )
                }
            };
        Some(Submission {
            method: "POST",
            url,
            content_type: Some(content_type),
            body: Some(body.into_bytes()),
            fields,
        })
    }

    /// RFC 7578, with names escaped as HTML says.
    fn multipart(&self, fields: &[(String, String)]) -> (String, String) {
        let boundary = format!("----tokenspec{}", random(24));
        let mut body = String::new();
        let files: HashSet<&str> = self
            .controls
            .iter()
            .filter(|control| control.kind == Kind::File)
            .map(|control| control.name.as_str())
            .collect();
        for (name, value) in fields {
            let escaped = name
                .replace('\r', "%0D")
                .replace('\n', "%0A")
                .replace('"', "%22");
            let more = if files.contains(name.as_str()) {
                "; filename=\"\"\r\nContent-Type: application/octet-stream"
            } else {
                ""
            };
            body.push_str(&format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"{escaped}\"{more}\r\n\r\n{value}\r\n"
            ));
        }
        body.push_str(&format!("--{boundary}--\r\n"));
        (format!("multipart/form-data; boundary={boundary}"), body)
    }
}

impl Control {
    /// The options of a select that are chosen: without a word the first, as a browser shows it.
    fn chosen(&self) -> Vec<&Choice> {
        let open = |choice: &&Choice| !choice.disabled;
        let selected = self.choices.iter().filter(|choice| choice.selected);
        if self.multiple {
            return selected.filter(open).collect();
        }
        let mut selected = selected;
        match selected.next_back() {
            Some(choice) => Some(choice).into_iter().filter(open).collect(),
            None => self.choices.iter().find(open).into_iter().collect(),
        }
    }
}

/// Line ends as they are submitted.
fn crlf(text: &str) -> String {
    text.replace("\r\n", "\n")
        .replace('\r', "\n")
        .replace('\n', "\r\n")
}

#[cfg(test)]
#[path = "control_tests.rs"]
mod tests;
