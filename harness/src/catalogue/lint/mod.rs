//! What the shape of a file cannot say: references, duplicates, expectations that expect nothing.
//!
//! It knows the whole catalogue, and no target. Each mistake has its place in the file and, where
//! there is one, its remedy; all mistakes of a file are told, in the order in which they stand.

mod documents;
mod expectation;
mod names;
mod request;

use std::collections::HashSet;

use super::parsed::{At, Parsed};
use super::shape::remedy;
use super::{
    Acquire, Case, Catalogue, Endpoint, LEEWAY, Mistake, Scalar, SourceFile, Start, Step, Suite,
    each_label, template,
};

pub use documents::{document, profile};

/// Client authentication methods that a `when` and a request may name.
const METHODS: &[&str] = &[
    "client_secret_basic",
    "client_secret_post",
    "client_secret_jwt",
    "private_key_jwt",
    "none",
];

/// The mistakes of a suite.
pub fn suite(catalogue: &Catalogue, file: &SourceFile, suite: &Suite, mistakes: &mut Vec<Mistake>) {
    let Ok(parsed) = Parsed::new(&file.shown, &file.text) else {
        return;
    };
    let mut found = Vec::new();
    if let Some(id) = parsed.text_of("document") {
        documents::known_document(catalogue, &parsed, &["document".into()], id, &mut found);
    }
    let mut seen: HashSet<&str> = HashSet::new();
    for (index, case) in suite.cases.iter().enumerate() {
        let mut lint = Lint {
            catalogue,
            parsed: &parsed,
            case,
            at: vec!["case".into(), index.into()],
            mistakes: &mut found,
        };
        let valid = !case.id.is_empty()
            && case
                .id
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        if !valid {
            lint.tell(
                &["id".into()],
                "case-id",
                format!("`{}` is no case id", case.id),
                Some("use lower-case letters, digits and hyphens".into()),
            );
        }
        if !seen.insert(&case.id) {
            lint.tell(
                &["id".into()],
                "duplicate-case",
                format!("this suite already has a case `{}`", case.id),
                Some("give it another id; snapshots and known failures go by it".into()),
            );
        }
        lint.case();
    }
    found.sort_by_key(Mistake::position);
    mistakes.append(&mut found);
}

struct Lint<'l, 't> {
    catalogue: &'l Catalogue,
    parsed: &'l Parsed<'t>,
    case: &'l Case,
    at: Vec<At>,
    mistakes: &'l mut Vec<Mistake>,
}

impl Lint<'_, '_> {
    fn tell(
        &mut self,
        path: &[At],
        code: &'static str,
        message: impl Into<String>,
        remedy: Option<String>,
    ) {
        self.tell_of(path, "", code, message, remedy);
    }

    /// The same about the part `needle` of the value that `path` leads to.
    fn tell_of(
        &mut self,
        path: &[At],
        needle: &str,
        code: &'static str,
        message: impl Into<String>,
        remedy: Option<String>,
    ) {
        let mut full = self.at.clone();
        full.extend_from_slice(path);
        self.mistakes
            .push(self.parsed.mistake_of(&full, needle, code, message, remedy));
    }

    fn case(&mut self) {
        let case = self.case;
        self.kind();
        if case.expectations().next().is_none() {
            self.tell(
                &[],
                "expects-nothing",
                "the case expects nothing, so it would always pass",
                Some("add an `[[case.expect]]` with the requirement that it judges".into()),
            );
        } else if case.requirements().is_empty() {
            self.tell(
                &[],
                "judges-nothing",
                "no expectation names a requirement, so the case judges nothing",
                Some("add `requirement = \"…\"` to an expectation".into()),
            );
        }
        self.each();
        self.requests();
        for (index, expectation) in case.expect.iter().enumerate() {
            self.expectation(&["expect".into(), index.into()], expectation, &[]);
        }
        self.steps();
        self.acquire(&[], &case.acquire, &[]);
        for (index, expectation) in case.refusal.iter().enumerate() {
            self.expectation(&["refusal".into(), index.into()], expectation, &[]);
        }
        self.template(&["title".into()], &case.title, &[]);
    }

    fn acquire(&mut self, path: &[At], acquire: &Acquire, names: &[&str]) {
        let below = |keys: &[&str]| -> Vec<At> {
            let keys = keys.iter().map(|key| At::from(*key));
            path.iter().cloned().chain(keys).collect()
        };
        for text in [&acquire.scope, &acquire.verifier].into_iter().flatten() {
            self.template(&below(&["acquire"]), text, names);
        }
        for text in &acquire.resources {
            self.template(&below(&["acquire", "resources"]), text, names);
        }
        for text in acquire.params.values() {
            self.template(&below(&["acquire", "params"]), text, names);
        }
    }

    /// What the case is about: one thing, in one way.
    fn kind(&mut self) {
        let case = self.case;
        if !case.step.is_empty() && (!case.expect.is_empty() || !case.request.is_unchanged()) {
            self.tell(
                &["step".into()],
                "steps-and-request",
                "a case has either steps or one request with its expectations",
                Some("move `request` and `expect` into a step".into()),
            );
        }
        let kinds = [
            ("start", case.start.is_some()),
            ("inspect", case.inspect.is_some()),
            ("on", case.on.is_some()),
        ];
        let said: Vec<&str> = kinds
            .iter()
            .filter(|(_, said)| *said)
            .map(|(key, _)| *key)
            .collect();
        let elsewhere = case
            .steps()
            .iter()
            .all(|step| step.alive.is_none() && step.request.endpoint != Endpoint::Token);
        match said.as_slice() {
            [] if !elsewhere => self.tell(
                &[],
                "no-start",
                "the case does not say what it starts from",
                Some("add `start = \"…\"`, `inspect = \"target\"` or `on = \"…\"`".into()),
            ),
            [] | [_] => {}
            [.., second] => self.tell(
                &[(*second).into()],
                "two-starts",
                "`start`, `inspect` and `on` exclude each other",
                Some("keep the one that is meant, and make another case for the other".into()),
            ),
        }
        self.grant();
        if case.start == Some(Start::AuthorizationRequest)
            && !(case.step.is_empty() && case.request.is_unchanged())
        {
            self.tell(
                &["start".into()],
                "request-not-sent",
                "a case that starts from `authorization_request` sends no token request",
                Some("change the authorization request with `acquire`, or start from `authorization_code`".into()),
            );
        }
        if let Some(method) = &case.client.auth {
            self.method(&["client".into(), "auth".into()], method);
        }
    }

    /// The extension grant: said where the case starts from one, and nowhere else.
    fn grant(&mut self) {
        let starts = self.case.start == Some(Start::Extension);
        match &self.case.grant {
            None if starts => self.tell(
                &["start".into()],
                "no-grant",
                "the case does not say which extension grant it starts from",
                Some("add `grant = { type = \"urn:…\" }`".into()),
            ),
            Some(_) if !starts => self.tell(
                &["grant".into()],
                "grant-without-extension",
                "`grant` says something only with `start = \"extension\"`",
                Some("start from `extension`, or leave `grant` out".into()),
            ),
            Some(grant) => {
                self.template(&["grant".into(), "type".into()], &grant.kind, &[]);
                for name in template::names(&grant.kind) {
                    if !name.starts_with("each.") {
                        self.tell_of(
                            &["grant".into(), "type".into()],
                            name,
                            "unknown-variable",
                            format!("`{{{{{name}}}}}` has no value before anything is sent"),
                            Some("only values of the row stand here, as `{{each.type}}`".into()),
                        );
                    }
                }
            }
            None => {}
        }
    }

    fn each(&mut self) {
        let mut labels = HashSet::new();
        for (index, row) in self.case.each.iter().enumerate() {
            for value in row.values() {
                if let Scalar::Text(text) = value {
                    self.template(&["each".into(), index.into()], text, &[]);
                }
            }
            let label = each_label(row);
            let valid = !label.is_empty()
                && label
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || "-_.:".contains(c));
            if !valid {
                self.tell(
                    &["each".into(), index.into()],
                    "each-label",
                    format!("`{label}` cannot stand in a trial's name"),
                    Some("add a `label` of letters, digits, `-`, `_`, `.` and `:`".into()),
                );
            }
            if !labels.insert(label.clone()) {
                self.tell(
                    &["each".into(), index.into()],
                    "duplicate-each",
                    format!("there are two rows `{label}`"),
                    Some("add a `label` that tells them apart".into()),
                );
            }
        }
    }

    fn steps(&mut self) {
        let case = self.case;
        let mut names: Vec<&str> = Vec::new();
        for (at, step) in case.step.iter().enumerate() {
            let path: [At; 2] = ["step".into(), at.into()];
            self.step(&path, step, &names);
            if let Some(acquire) = &step.acquire {
                self.acquire(&path, acquire, &names);
            }
            for (index, expectation) in step.expect.iter().enumerate() {
                let mut path = path.to_vec();
                path.extend(["expect".into(), index.into()]);
                self.expectation(&path, expectation, &names);
            }
            names.push(&step.name);
        }
    }

    fn step(&mut self, path: &[At], step: &Step, names: &[&str]) {
        let below = |key: &str| -> Vec<At> { path.iter().cloned().chain([key.into()]).collect() };
        if names.contains(&step.name.as_str()) {
            self.tell(
                &below("name"),
                "duplicate-step",
                format!("there is already a step `{}`", step.name),
                Some("give it another name; templates and `same-as` go by it".into()),
            );
        }
        if names::SCOPES.contains(&step.name.as_str()) {
            self.tell(
                &below("name"),
                "step-name",
                format!("`{{{{{}.…}}}}` means something else already", step.name),
                Some("give the step another name".into()),
            );
        }
        let wait = step
            .wait
            .as_ref()
            .filter(|wait| *wait != "code-lifetime" && *wait != LEEWAY);
        if let Some(wait) = wait
            && wait.contains("{{")
        {
            self.template(&below("wait"), wait, names);
        } else if let Some(wait) = wait
            && let Err(error) = humantime::parse_duration(wait)
        {
            self.tell(
                &below("wait"),
                "bad-duration",
                format!("`{wait}` is no duration: {error}"),
                Some("write it as 2s, 500ms or 1min, or as `code-lifetime`".into()),
            );
        }
        let Some(alive) = &step.alive else { return };
        self.template(&below("alive"), &alive.token, names);
        if let Some(before) = &alive.before {
            self.earlier_step(&below("alive"), before, names);
        }
    }

    /// A step that is named has to stand before the one that names it.
    fn earlier_step(&mut self, path: &[At], name: &str, names: &[&str]) {
        if names.contains(&name) {
            return;
        }
        let help = if self.case.step.iter().any(|step| step.name == name) {
            "it comes only later; move it up, or name an earlier one".to_owned()
        } else if names.is_empty() {
            "this is the first step".to_owned()
        } else {
            remedy(name, names)
        };
        self.tell_of(
            path,
            &format!("\"{name}\""),
            "unknown-step",
            format!("there is no step `{name}` before this one"),
            Some(help),
        );
    }
}
