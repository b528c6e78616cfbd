//! Expectations: that they expect something, judge something, and can be judged.

use super::super::parsed::At;
use super::super::shape::remedy;
use super::super::{
    Answer, Expectation, ForEach, HeaderMatcher, Level, Matcher, OneOrMany, Start, When,
};
use super::documents::{documents, known_requirement};
use super::names::texts;
use super::{Lint, METHODS};
use crate::judge::predicates;

const STARTS: &[&str] = &[
    "authorization_code",
    "refresh_token",
    "client_credentials",
    "password",
    "extension",
    "made_up_code",
    "made_up_refresh_token",
    "authorization_request",
];

impl Lint<'_, '_> {
    /// The mistakes of an expectation; `steps` are those whose answers it can name.
    pub(super) fn expectation(&mut self, path: &[At], expectation: &Expectation, steps: &[&str]) {
        if expectation.is_empty() {
            self.tell(
                path,
                "expects-nothing",
                "the expectation expects nothing, so it would always pass",
                Some("say `refused`, `granted`, `status`, `json.…`, `any-of`…".into()),
            );
        }
        for (index, answer) in expectation.any_of.iter().enumerate() {
            if answer.is_empty() {
                self.tell(
                    &below(path, "any-of", index),
                    "expects-nothing",
                    "this answer says nothing, so everything matches it",
                    Some("say its status, members or headers, or leave it out".into()),
                );
            }
        }
        self.judged(path, expectation);
        for (index, name) in expectation.holds.as_slice().iter().enumerate() {
            if predicates::find(name).is_none() {
                let known: Vec<&str> = predicates::names().collect();
                self.tell(
                    &below(path, "holds", index),
                    "unknown-predicate",
                    format!("there is no predicate `{name}`"),
                    Some(remedy(name, &known)),
                );
            }
        }
        if expectation.alive.is_some() && self.case.step.iter().all(|step| step.alive.is_none()) {
            self.tell(
                path,
                "alive-without-token",
                "`alive` is expected, but no step says which token",
                Some("add `alive = { token = \"…\" }` to the step".into()),
            );
        }
        self.patterns(path, expectation);
        self.statuses(path, expectation);
        for text in texts(expectation) {
            self.template(path, text, steps);
        }
        if let Some(when) = &expectation.when {
            self.when(path, when);
        }
    }

    /// The requirements that it judges exist, and are ones that are judged.
    fn judged(&mut self, path: &[At], expectation: &Expectation) {
        let requirements = expectation.requirement.as_slice();
        for (index, id) in requirements.iter().enumerate() {
            let at = below(path, "requirement", index);
            let full: Vec<At> = self.at.iter().chain(&at).cloned().collect();
            if known_requirement(self.catalogue, self.parsed, &full, id, self.mistakes)
                && self.catalogue.requirements[id.as_str()].level == Level::May
            {
                self.tell(
                    &at,
                    "judges-may",
                    format!("`{id}` is a MAY, which is never judged"),
                    Some(
                        "name a requirement that binds somebody, or leave the expectation out"
                            .into(),
                    ),
                );
            }
        }
        if expectation.because.is_some() && expectation.applies_if != Some(true) {
            self.tell(
                path,
                "because-of-nothing",
                "`because` is the reason of a skip, and this expectation skips nothing",
                Some("add `applies-if = true`, or leave `because` out".into()),
            );
        }
        if expectation.applies_if.is_some() && !requirements.is_empty() {
            self.tell(
                path,
                "applies-if-judges",
                "an expectation with `applies-if` is a precondition and judges no requirement",
                Some("leave `requirement` out here, or `applies-if`".into()),
            );
        }
    }

    fn patterns(&mut self, path: &[At], expectation: &Expectation) {
        let mut found: Vec<&str> = Vec::new();
        let own = expectation.answer();
        for answer in answers(expectation, &own) {
            let jwts = answer
                .jwt
                .values()
                .flat_map(|jwt| jwt.header.values().chain(jwt.claims.values()));
            for matcher in answer.json.values().chain(jwts) {
                if let Matcher::Rule(rule) = matcher {
                    found.extend(rule.pattern.as_deref());
                }
            }
            for matcher in answer.header.values() {
                if let HeaderMatcher::Rule(rule) = matcher {
                    found.extend(rule.pattern.as_deref());
                }
            }
        }
        for pattern in found {
            if let Err(error) = regex::Regex::new(pattern) {
                let text = error.to_string();
                let last = text.lines().last().unwrap_or_default().trim();
                let why = last.strip_prefix("error: ").unwrap_or(last);
                self.tell_of(
                    path,
                    pattern,
                    "bad-pattern",
                    format!("`{pattern}` is no regular expression: {why}"),
                    Some(
                        "https://docs.rs/regex/latest/regex/#syntax says what can be written"
                            .into(),
                    ),
                );
            }
        }
    }

    fn statuses(&mut self, path: &[At], expectation: &Expectation) {
        let own = expectation.answer();
        let statuses: Vec<u16> = answers(expectation, &own)
            .flat_map(|answer| answer.status.iter().flat_map(OneOrMany::as_slice))
            .copied()
            .collect();
        for status in statuses {
            if !(100..600).contains(&status) {
                self.tell_of(
                    path,
                    &status.to_string(),
                    "bad-status",
                    format!("no answer has the status {status}"),
                    Some("a status is a number from 100 to 599".into()),
                );
            }
        }
    }

    fn when(&mut self, path: &[At], when: &When) {
        let mut path = path.to_vec();
        path.push("when".into());
        let never = |lint: &mut Self, needle: &str, message: String, help: String| {
            lint.tell_of(&path, needle, "never-holds", message, Some(help));
        };
        let axis = self.case.for_each.map(ForEach::values);
        for method in words(when.auth.as_ref()) {
            let possible = axis.unwrap_or(METHODS);
            if !possible.contains(&method.as_str()) {
                never(
                    self,
                    method,
                    format!("no request of this case is authenticated by `{method}`"),
                    remedy(method, possible),
                );
            }
        }
        for start in words(when.start.as_ref()) {
            let help = match self.case.start {
                Some(Start::Any) | None if STARTS.contains(&start.as_str()) => continue,
                Some(Start::Any) | None => remedy(start, STARTS),
                Some(own) if own.name() == start => continue,
                Some(own) => format!("it starts from `{}`", own.name()),
            };
            never(
                self,
                start,
                format!("this case never starts from `{start}`"),
                help,
            );
        }
        let without = words(when.without_document.as_ref());
        for document in words(when.document.as_ref()).iter().chain(without) {
            if !self.catalogue.documents.contains_key(document) {
                let known = documents(self.catalogue);
                never(
                    self,
                    document,
                    format!("there is no document `{document}`"),
                    remedy(document, &known),
                );
            }
        }
        if when.refused == Some(true) && when.granted == Some(true) {
            let message = "no answer is both refused and granted".to_owned();
            never(self, "", message, "leave one of them out".to_owned());
        }
        for status in when
            .status
            .as_ref()
            .map(OneOrMany::as_slice)
            .unwrap_or_default()
        {
            let why = if !(100..600).contains(status) {
                "a status is a number from 100 to 599"
            } else if when.refused == Some(true) && !(400..500).contains(status) {
                "a refusal has a status from 400 to 499"
            } else if when.granted == Some(true) && !(200..300).contains(status) {
                "a grant has a status from 200 to 299"
            } else {
                continue;
            };
            never(
                self,
                &status.to_string(),
                format!("`when` never holds with the status {status}"),
                why.to_owned(),
            );
        }
    }
}

fn words(words: Option<&OneOrMany<String>>) -> &[String] {
    words.map(OneOrMany::as_slice).unwrap_or_default()
}

/// All answers that an expectation describes; `own` is what it says of the response directly.
fn answers<'e>(expectation: &'e Expectation, own: &'e Answer) -> impl Iterator<Item = &'e Answer> {
    expectation
        .any_of
        .iter()
        .chain(std::iter::once(own))
        .chain(expectation.exactly_one.as_deref())
}

fn below(path: &[At], key: &str, index: usize) -> Vec<At> {
    path.iter()
        .cloned()
        .chain([key.into(), index.into()])
        .collect()
}
