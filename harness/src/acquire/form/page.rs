//! Reads an HTML page for what a login needs of it: its forms, its title, what it complains about,
//! where it refreshes to.
//!
//! It works on the tokens of a WHATWG tokenizer, not on a tree: a field belongs to the form that
//! is open where it stands (HTML "form owner"), also where a table or a stray end tag would move
//! it elsewhere in a tree. Whatever the bytes are, a page comes of them.

use std::collections::HashMap;

use html5gum::{DefaultEmitter, Token, Tokenizer};
use url::Url;

use super::control::{Choice, Control, Form, Kind};
use super::markup::{INLINE, Tag, VOID, append, raw, refresh, squeezed, text};

/// How many complaints of a page are kept.
const ALERTS: usize = 8;
/// How many links are.
const LINKS: usize = 200;

/// What a page shows.
#[derive(Debug)]
pub(super) struct Page {
    /// Where it was found.
    pub url: Url,
    /// What its relative addresses are relative to.
    pub base: Url,
    pub title: String,
    /// What stands in `role=alert`, `.error` and the like.
    pub alerts: Vec<String>,
    pub forms: Vec<Form>,
    /// What leads elsewhere, outside of scripts.
    pub links: Vec<Link>,
    /// Where it goes on to without being asked, and after how many seconds.
    pub refresh: Option<(u64, Url)>,
    /// Whether it has scripts, which nobody runs here.
    pub scripts: bool,
}

/// A link.
#[derive(Debug)]
pub(super) struct Link {
    pub to: Url,
    pub id: String,
    pub label: String,
}

impl Page {
    pub fn read(url: &Url, html: &[u8]) -> Self {
        // The tokenizer takes any bytes; what is no UTF-8 is replaced here, once.
        let html = String::from_utf8_lossy(html);
        let mut reader = Reader::new(url);
        let emitter: DefaultEmitter = DefaultEmitter::default();
        let mut tokenizer = Tokenizer::new_with_emitter(html.as_ref(), emitter);
        while let Some(Ok(token)) = tokenizer.next() {
            if let Token::StartTag(tag) = &token
                && let Some(state) = raw(&text(&tag.name))
            {
                tokenizer.set_state(state);
            }
            reader.token(token);
        }
        reader.end()
    }
}

/// To whom a control belongs.
enum Owner {
    Open(Option<usize>),
    /// By the `form` attribute.
    Id(String),
}

/// An element whose text is a complaint.
struct Alert {
    name: String,
    /// How many elements of its name are open within it.
    depth: usize,
    text: String,
}

struct Reader {
    page: Page,
    has_base: bool,
    controls: Vec<(Owner, Control)>,
    open_form: Option<usize>,
    /// The select, button or textarea that is open, as an index into the controls.
    select: Option<usize>,
    button: Option<usize>,
    area: Option<usize>,
    /// Whether an option is open.
    option: bool,
    /// The content of scripts and styles is no text.
    silent: Option<String>,
    in_title: bool,
    /// Whether the last link is open.
    in_link: bool,
    templates: usize,
    /// Whether each open fieldset is disabled, itself or by one around it.
    fieldsets: Vec<bool>,
    alerts: Vec<Alert>,
}

impl Reader {
    fn new(url: &Url) -> Self {
        Self {
            page: Page {
                url: url.clone(),
                base: url.clone(),
                title: String::new(),
                alerts: Vec::new(),
                forms: Vec::new(),
                links: Vec::new(),
                refresh: None,
                scripts: false,
            },
            has_base: false,
            controls: Vec::new(),
            open_form: None,
            select: None,
            button: None,
            area: None,
            option: false,
            silent: None,
            in_title: false,
            in_link: false,
            templates: 0,
            fieldsets: Vec::new(),
            alerts: Vec::new(),
        }
    }

    fn token(&mut self, token: Token) {
        match token {
            Token::StartTag(tag) => self.start(&Tag::new(&tag)),
            Token::EndTag(tag) => self.close(&text(&tag.name)),
            Token::String(string) => self.text(&text(&string.value)),
            _ => {}
        }
    }

    fn start(&mut self, tag: &Tag) {
        let name = tag.name.as_str();
        if self.templates > 0 && name != "template" {
            return;
        }
        self.space(name);
        self.open_alert(tag);
        match name {
            "template" => self.templates += 1,
            "script" | "style" | "xmp" | "iframe" | "noembed" | "noframes" => {
                self.page.scripts |= name == "script";
                self.silent = Some(name.to_owned());
            }
            "title" => self.in_title = self.page.title.is_empty(),
            "base" if !self.has_base => {
                if let Some(base) = tag
                    .get("href")
                    .and_then(|href| self.page.url.join(href).ok())
                {
                    self.page.base = base;
                    self.has_base = true;
                }
            }
            "meta" if tag.is("http-equiv", "refresh") => {
                let found = tag
                    .get("content")
                    .and_then(|text| refresh(text, &self.page.base));
                self.page.refresh = self.page.refresh.take().or(found);
            }
            // A form within a form is none.
            "form" if self.open_form.is_none() => {
                self.open_form = Some(self.page.forms.len());
                self.page.forms.push(Form {
                    id: tag.own("id"),
                    action: tag.own("action"),
                    method: tag.own("method"),
                    enctype: tag.own("enctype"),
                    search: tag.is("role", "search"),
                    controls: Vec::new(),
                });
            }
            "a" => self.link(tag),
            "fieldset" => {
                let around = self.fieldsets.last() == Some(&true);
                self.fieldsets.push(around || tag.has("disabled"));
            }
            "input" | "select" | "textarea" | "button" => self.control(tag),
            "option" => self.choice(tag),
            _ => {}
        }
    }

    fn link(&mut self, tag: &Tag) {
        let to = tag
            .get("href")
            .and_then(|href| self.page.base.join(href.trim()).ok());
        self.in_link = to.is_some() && self.page.links.len() < LINKS;
        if let Some(to) = to.filter(|_| self.in_link) {
            self.page.links.push(Link {
                to,
                id: tag.own("id"),
                label: String::new(),
            });
        }
    }

    fn control(&mut self, tag: &Tag) {
        let type_ = tag.own("type").to_ascii_lowercase();
        let kind = match tag.name.as_str() {
            "select" => Kind::Select,
            "textarea" => Kind::Area,
            "button" => match type_.as_str() {
                "button" | "reset" => Kind::Inert,
                _ => Kind::Submit,
            },
            _ => Kind::of_input(&type_),
        };
        let control = Control {
            kind,
            shown_type: match tag.name.as_str() {
                "input" if type_.is_empty() => "text".to_owned(),
                "input" => type_,
                other => other.to_owned(),
            },
            name: tag.own("name"),
            id: tag.own("id"),
            value: tag.get("value").map(str::to_owned),
            autocomplete: tag.own("autocomplete").to_ascii_lowercase(),
            disabled: tag.has("disabled") || self.fieldsets.last() == Some(&true),
            readonly: tag.has("readonly"),
            required: tag.has("required"),
            checked: tag.has("checked"),
            multiple: tag.has("multiple"),
            label: String::new(),
            action: tag.get("formaction").map(str::to_owned),
            method: tag.get("formmethod").map(str::to_owned),
            enctype: tag.get("formenctype").map(str::to_owned),
            choices: Vec::new(),
        };
        let owner = match tag.get("form") {
            Some(id) => Owner::Id(id.to_owned()),
            None => Owner::Open(self.open_form),
        };
        let index = self.controls.len();
        self.controls.push((owner, control));
        match tag.name.as_str() {
            "select" => self.select = Some(index),
            "textarea" => self.area = Some(index),
            "button" => self.button = Some(index),
            // The spec ends an open select here (HTML 13.2.6.4.16).
            _ => self.select = None,
        }
    }

    fn choice(&mut self, tag: &Tag) {
        if let Some((_, select)) = self.select.and_then(|index| self.controls.get_mut(index)) {
            self.option = true;
            select.choices.push(Choice {
                value: tag.own("value"),
                from_text: tag.get("value").is_none(),
                selected: tag.has("selected"),
                disabled: tag.has("disabled"),
            });
        }
    }

    fn close(&mut self, name: &str) {
        if name == "template" {
            self.templates = self.templates.saturating_sub(1);
        }
        if self.templates > 0 {
            return;
        }
        if self.silent.as_deref() == Some(name) {
            self.silent = None;
        }
        match name {
            "title" => self.in_title = false,
            "a" => self.in_link = false,
            "form" => self.open_form = None,
            "fieldset" => {
                self.fieldsets.pop();
            }
            "select" => (self.select, self.option) = (None, false),
            "option" => self.option = false,
            "button" => self.button = None,
            "textarea" => self.area = None,
            _ => {}
        }
        self.space(name);
        let mut closed = None;
        for (index, alert) in self.alerts.iter_mut().enumerate().rev() {
            if alert.name == name {
                if alert.depth == 0 {
                    closed = Some(index);
                    break;
                }
                alert.depth -= 1;
            }
        }
        if let Some(index) = closed {
            // What is still open within it ends with it.
            for alert in self.alerts.split_off(index) {
                self.complain(&alert.text);
            }
        }
    }

    fn text(&mut self, text: &str) {
        if self.templates > 0 || self.silent.is_some() {
            return;
        }
        if self.in_title {
            append(&mut self.page.title, text);
            return;
        }
        if let Some((_, area)) = self.area.and_then(|index| self.controls.get_mut(index)) {
            area.value.get_or_insert_default().push_str(text);
            return;
        }
        if let Some((_, select)) = self.select.and_then(|index| self.controls.get_mut(index)) {
            if let Some(choice) = select.choices.last_mut()
                && self.option
                && choice.from_text
            {
                choice.value.push_str(text);
            }
            return;
        }
        if let Some((_, button)) = self.button.and_then(|index| self.controls.get_mut(index)) {
            append(&mut button.label, text);
        }
        if self.in_link
            && let Some(link) = self.page.links.last_mut()
        {
            append(&mut link.label, text);
        }
        for alert in &mut self.alerts {
            append(&mut alert.text, text);
        }
    }

    /// What stands in two blocks is not one word.
    fn space(&mut self, name: &str) {
        if !INLINE.contains(&name) {
            for alert in &mut self.alerts {
                append(&mut alert.text, " ");
            }
        }
    }

    fn open_alert(&mut self, tag: &Tag) {
        if VOID.contains(&tag.name.as_str()) {
            return;
        }
        for alert in &mut self.alerts {
            alert.depth += usize::from(alert.name == tag.name);
        }
        let complains = tag.is("role", "alert")
            || tag.own("class").split_ascii_whitespace().any(|class| {
                let class = class.to_ascii_lowercase();
                let mut words = class.split(['-', '_']);
                words.any(|word| matches!(word, "error" | "errors" | "alert"))
            });
        // What is within one is said by it.
        if complains && self.alerts.is_empty() && self.page.alerts.len() < ALERTS {
            self.alerts.push(Alert {
                name: tag.name.clone(),
                depth: 0,
                text: String::new(),
            });
        }
    }

    fn complain(&mut self, text: &str) {
        let text = squeezed(text);
        if !text.is_empty() && !self.page.alerts.contains(&text) {
            self.page.alerts.push(text);
        }
    }

    fn end(mut self) -> Page {
        for alert in std::mem::take(&mut self.alerts) {
            self.complain(&alert.text);
        }
        let mut page = self.page;
        page.title = squeezed(&page.title);
        for link in &mut page.links {
            link.label = squeezed(&link.label);
        }
        let mut by_id: HashMap<String, usize> = HashMap::new();
        for (index, form) in page.forms.iter().enumerate() {
            by_id.entry(form.id.clone()).or_insert(index);
        }
        for (owner, mut control) in self.controls {
            control.label = squeezed(&control.label);
            for choice in control.choices.iter_mut().filter(|choice| choice.from_text) {
                choice.value = squeezed(&choice.value);
            }
            if control.kind == Kind::Area
                && let Some(value) = &mut control.value
                && value.starts_with('\n')
            {
                value.remove(0);
            }
            let form = match owner {
                Owner::Open(index) => index,
                Owner::Id(id) => by_id.get(&id).copied(),
            };
            if let Some(form) = form.and_then(|index| page.forms.get_mut(index)) {
                form.controls.push(control);
            }
        }
        page
    }
}

#[cfg(test)]
#[path = "page_tests.rs"]
mod tests;
