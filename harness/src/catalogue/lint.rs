//! What the shape of a file cannot say: references, duplicates, expectations that expect nothing.

use std::collections::HashSet;

use super::Case;
use super::load::stem;
use super::shape::{At, Parsed, remedy};
use super::{
    Catalogue, Expectation, Level, Mistake, OneOrMany, RequirementFile, SourceFile, Suite, When,
    template,
};
use crate::judge::predicates;

/// Client authentication methods that a `when` and a request may name.
const METHODS: &[&str] = &["client_secret_basic", "client_secret_post", "none"];
const STARTS: &[&str] = &[
    "authorization_code",
    "refresh_token",
    "client_credentials",
    "made_up_code",
    "made_up_refresh_token",
];
const CLIENT_NAMES: &[&str] = &[
    "id",
    "secret",
    "redirect_uri",
    "second_redirect_uri",
    "scope",
    "wider_scope",
    "client_credentials_scope",
];
const START_NAMES: &[&str] = &[
    "code",
    "refresh_token",
    "access_token",
    "nonce",
    "code_verifier",
    "code_challenge",
    "redirect_uri",
    "scope",
];
const TARGET_NAMES: &[&str] = &["issuer", "token_endpoint", "jwks_uri"];

/// The mistakes of a file of requirements.
pub fn document(
    catalogue: &Catalogue,
    file: &SourceFile,
    read: &RequirementFile,
    mistakes: &mut Vec<Mistake>,
) {
    let Ok(parsed) = Parsed::new(&file.shown, &file.text) else {
        return;
    };
    let prefix = format!("{}-", read.document.id);
    if stem(&file.path) != read.document.id {
        mistakes.push(parsed.mistake(
            &["document".into(), "id".into()],
            "document-name",
            format!(
                "the document's id is not the file's name, `{}`",
                stem(&file.path)
            ),
            None,
        ));
    }
    let mut seen = HashSet::new();
    for (index, requirement) in read.requirement.iter().enumerate() {
        let path: [At; 3] = ["requirement".into(), index.into(), "id".into()];
        if !requirement.id.starts_with(&prefix) {
            mistakes.push(parsed.mistake(
                &path,
                "requirement-prefix",
                format!("`{}` does not begin with `{prefix}`", requirement.id),
                None,
            ));
        }
        if !seen.insert(&requirement.id) || catalogue.requirements.contains_key(&requirement.id) {
            mistakes.push(parsed.mistake(
                &path,
                "duplicate-requirement",
                format!("there is already a requirement `{}`", requirement.id),
                None,
            ));
        }
    }
}

/// The mistakes of a profile.
pub fn profile(catalogue: &Catalogue, file: &SourceFile, mistakes: &mut Vec<Mistake>) {
    let Ok(parsed) = Parsed::new(&file.shown, &file.text) else {
        return;
    };
    let Some(profile) = catalogue.profiles.get(stem(&file.path)) else {
        return;
    };
    for (index, id) in profile.file.documents.iter().enumerate() {
        if !catalogue.documents.contains_key(id) {
            let known: Vec<&str> = catalogue.documents.keys().map(String::as_str).collect();
            mistakes.push(parsed.mistake(
                &["documents".into(), index.into()],
                "unknown-document",
                format!("there is no document `{id}`"),
                Some(remedy(id, &known)),
            ));
        }
    }
    for (index, glob) in profile.file.suites.iter().enumerate() {
        let pattern = wildmatch::WildMatch::new(glob);
        if !catalogue
            .suites
            .iter()
            .any(|suite| pattern.matches(&suite.name))
        {
            let known: Vec<&str> = catalogue.suites.iter().map(|s| s.name.as_str()).collect();
            mistakes.push(parsed.mistake(
                &["suites".into(), index.into()],
                "unknown-suite",
                format!("no suite matches `{glob}`"),
                Some(remedy(glob, &known)),
            ));
        }
    }
    for (at, deviation) in profile.file.deviation.iter().enumerate() {
        for (index, id) in deviation.requirement.iter().enumerate() {
            let path = [
                "deviation".into(),
                at.into(),
                "requirement".into(),
                index.into(),
            ];
            known_requirement(catalogue, &parsed, &path, id, mistakes);
        }
        if deviation.instead.is_empty() || deviation.instead.iter().any(super::Answer::is_empty) {
            mistakes.push(parsed.mistake(
                &["deviation".into(), at.into(), "instead".into()],
                "expects-nothing",
                "the deviation excuses every answer",
                Some("say the status, the members or the body that the vendor documents".into()),
            ));
        }
    }
    for (index, id) in profile.file.without.iter().enumerate() {
        known_requirement(
            catalogue,
            &parsed,
            &["without".into(), index.into()],
            id,
            mistakes,
        );
    }
}

fn known_requirement(
    catalogue: &Catalogue,
    parsed: &Parsed<'_>,
    path: &[At],
    id: &str,
    mistakes: &mut Vec<Mistake>,
) -> bool {
    if catalogue.requirements.contains_key(id) {
        return true;
    }
    let document = catalogue
        .document_of(id)
        .map(|document| format!("{}-", document.id));
    let known: Vec<&str> = catalogue
        .requirements
        .keys()
        .map(String::as_str)
        .filter(|known| {
            document
                .as_deref()
                .is_none_or(|prefix| known.starts_with(prefix))
        })
        .collect();
    let help = match known
        .iter()
        .min_by_key(|known| strsim::damerau_levenshtein(id, known))
    {
        Some(nearest) => format!("the nearest is `{nearest}`"),
        None => "see cases/requirements/".to_owned(),
    };
    mistakes.push(parsed.mistake(
        path,
        "unknown-requirement",
        format!("there is no requirement `{id}`"),
        Some(help),
    ));
    false
}

/// The mistakes of a suite.
pub fn suite(catalogue: &Catalogue, file: &SourceFile, suite: &Suite, mistakes: &mut Vec<Mistake>) {
    let Ok(parsed) = Parsed::new(&file.shown, &file.text) else {
        return;
    };
    let mut seen: HashSet<&str> = HashSet::new();
    for (index, case) in suite.cases.iter().enumerate() {
        let mut lint = Lint {
            catalogue,
            parsed: &parsed,
            case,
            at: vec!["case".into(), index.into()],
            mistakes,
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
        let mut full = self.at.clone();
        full.extend_from_slice(path);
        self.mistakes
            .push(self.parsed.mistake(&full, code, message, remedy));
    }

    fn case(&mut self) {
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
            case.start.is_some(),
            case.inspect.is_some(),
            case.on.is_some(),
        ];
        let endpoint = case
            .requests()
            .all(|r| r.endpoint != super::Endpoint::Token);
        match kinds.iter().filter(|kind| **kind).count() {
            0 if !endpoint => self.tell(
                &[],
                "no-start",
                "the case does not say what it starts from",
                Some("add `start = \"…\"`, `inspect = \"target\"` or `on = \"…\"`".into()),
            ),
            0 | 1 => {}
            _ => self.tell(
                &[],
                "two-starts",
                "`start`, `inspect` and `on` exclude each other",
                None,
            ),
        }
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
        let mut names: Vec<&str> = Vec::new();
        for (at, step) in case.step.iter().enumerate() {
            let path: [At; 2] = ["step".into(), at.into()];
            if names.contains(&step.name.as_str()) {
                self.tell(
                    &path,
                    "duplicate-step",
                    format!("there is already a step `{}`", step.name),
                    None,
                );
            }
            for (index, expectation) in step.expect.iter().enumerate() {
                self.expectation(
                    &["step".into(), at.into(), "expect".into(), index.into()],
                    expectation,
                    &names,
                );
            }
            if let Some(alive) = &step.alive {
                self.template(
                    &["step".into(), at.into(), "alive".into()],
                    &alive.token,
                    &names,
                );
                if let Some(before) = &alive.before
                    && !names.contains(&before.as_str())
                {
                    self.tell(
                        &["step".into(), at.into(), "alive".into()],
                        "unknown-step",
                        format!("there is no step `{before}` before this one"),
                        Some(remedy(before, &names)),
                    );
                }
            }
            names.push(&step.name);
        }
        for text in [&case.acquire.scope, &case.acquire.verifier]
            .into_iter()
            .flatten()
        {
            self.template(&["acquire".into()], text, &[]);
        }
        for text in case.acquire.params.values() {
            self.template(&["acquire".into(), "params".into()], text, &[]);
        }
        self.template(&["title".into()], &case.title, &[]);
    }

    fn each(&mut self) {
        let mut labels = HashSet::new();
        for (index, row) in self.case.each.iter().enumerate() {
            let label = super::each_label(row);
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

    fn requests(&mut self) {
        let case = self.case;
        let mut names: Vec<&str> = Vec::new();
        let requests = std::iter::once((Vec::new(), &case.request)).chain(
            case.step
                .iter()
                .enumerate()
                .map(|(at, step)| (vec!["step".into(), at.into()], &step.request)),
        );
        for (number, (mut path, request)) in requests.enumerate() {
            path.push("request".into());
            if number > 1 {
                names.push(&case.step[number - 2].name);
            }
            for text in request.templates() {
                self.template(&path, text, &names);
            }
            if let Some(step) = &request.same_as
                && !names.contains(&step.as_str())
            {
                self.tell(
                    &path,
                    "unknown-step",
                    format!("there is no step `{step}` before this one"),
                    Some(remedy(step, &names)),
                );
            }
        }
    }

    fn expectation(&mut self, path: &[At], expectation: &Expectation, steps: &[&str]) {
        if expectation.is_empty() {
            self.tell(
                path,
                "expects-nothing",
                "the expectation expects nothing, so it would always pass",
                Some("say `refused`, `granted`, `status`, `json.…`, `any-of`…".into()),
            );
        }
        let many = |key: &str, index: usize| -> Vec<At> {
            let mut full = path.to_vec();
            full.push(key.into());
            full.push(index.into());
            full
        };
        for (index, answer) in expectation.any_of.iter().enumerate() {
            if answer.is_empty() {
                self.tell(
                    &many("any-of", index),
                    "expects-nothing",
                    "this answer says nothing, so everything matches it",
                    None,
                );
            }
        }
        for (index, id) in expectation.requirement.as_slice().iter().enumerate() {
            let mut full = self.at.clone();
            full.extend(many("requirement", index));
            if known_requirement(self.catalogue, self.parsed, &full, id, self.mistakes)
                && self.catalogue.requirements[id.as_str()].level == Level::May
            {
                self.tell(
                    &many("requirement", index),
                    "judges-may",
                    format!("`{id}` is a MAY, which is never judged"),
                    None,
                );
            }
        }
        for (index, name) in expectation.holds.as_slice().iter().enumerate() {
            if predicates::find(name).is_none() {
                let known: Vec<&str> = predicates::names().collect();
                self.tell(
                    &many("holds", index),
                    "unknown-predicate",
                    format!("there is no predicate `{name}`"),
                    Some(remedy(name, &known)),
                );
            }
        }
        if expectation.applies_if.is_some() && !expectation.requirement.as_slice().is_empty() {
            self.tell(
                path,
                "applies-if-judges",
                "an expectation with `applies-if` is a precondition and judges no requirement",
                None,
            );
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
        for text in texts(expectation) {
            self.template(path, text, steps);
        }
        if let Some(when) = &expectation.when {
            self.when(path, when);
        }
    }

    fn patterns(&mut self, path: &[At], expectation: &Expectation) {
        let mut found = Vec::new();
        for answer in expectation
            .any_of
            .iter()
            .cloned()
            .chain(std::iter::once(expectation.answer()))
            .chain(expectation.exactly_one.clone())
        {
            let jwts = answer
                .jwt
                .values()
                .flat_map(|jwt| jwt.header.values().chain(jwt.claims.values()));
            for matcher in answer.json.values().chain(jwts) {
                if let super::Matcher::Rule(rule) = matcher
                    && let Some(pattern) = &rule.pattern
                {
                    found.push(pattern.clone());
                }
            }
            for matcher in answer.header.values() {
                if let super::HeaderMatcher::Rule(rule) = matcher
                    && let Some(pattern) = &rule.pattern
                {
                    found.push(pattern.clone());
                }
            }
        }
        for pattern in found {
            if let Err(error) = regex::Regex::new(&pattern) {
                let text = error.to_string();
                let last = text.lines().last().unwrap_or_default().trim();
                self.tell(
                    path,
                    "bad-pattern",
                    format!("`{pattern}` is no regular expression: {last}"),
                    None,
                );
            }
        }
    }

    fn when(&mut self, path: &[At], when: &When) {
        let mut path = path.to_vec();
        path.push("when".into());
        let never = |lint: &mut Self, message: String, help: Option<String>| {
            lint.tell(&path, "never-holds", message, help);
        };
        let axis = self.case.for_each.map(super::ForEach::values);
        if let Some(auth) = &when.auth {
            for method in auth.as_slice() {
                let possible = axis.unwrap_or(METHODS);
                if !possible.contains(&method.as_str()) {
                    never(
                        self,
                        format!("no request of this case is authenticated by `{method}`"),
                        Some(remedy(method, possible)),
                    );
                }
            }
        }
        for start in when
            .start
            .as_ref()
            .map(OneOrMany::as_slice)
            .unwrap_or_default()
        {
            let possible = match self.case.start {
                Some(super::Start::Any) | None => STARTS.to_vec(),
                Some(start) => vec![start.name()],
            };
            if !possible.contains(&start.as_str()) {
                never(
                    self,
                    format!("this case never starts from `{start}`"),
                    Some(remedy(start, &possible)),
                );
            }
        }
        for document in when
            .document
            .as_ref()
            .map(OneOrMany::as_slice)
            .unwrap_or_default()
        {
            if !self.catalogue.documents.contains_key(document) {
                let known: Vec<&str> = self
                    .catalogue
                    .documents
                    .keys()
                    .map(String::as_str)
                    .collect();
                never(
                    self,
                    format!("there is no document `{document}`"),
                    Some(remedy(document, &known)),
                );
            }
        }
        if when.refused == Some(true) && when.granted == Some(true) {
            never(
                self,
                "no answer is both refused and granted".to_owned(),
                None,
            );
        }
        for status in when
            .status
            .as_ref()
            .map(OneOrMany::as_slice)
            .unwrap_or_default()
        {
            let refused = (400..500).contains(status);
            let contradicts = when.refused == Some(true) && !refused
                || when.granted == Some(true) && !(200..300).contains(status);
            if contradicts || !(100..600).contains(status) {
                never(
                    self,
                    format!("`when` never holds with the status {status}"),
                    None,
                );
            }
        }
    }

    fn template(&mut self, path: &[At], text: &str, steps: &[&str]) {
        let pieces = match template::parse(text) {
            Ok(pieces) => pieces,
            Err(error) => {
                self.tell(path, "bad-template", error, None);
                return;
            }
        };
        for piece in pieces {
            let template::Piece::Name { name, filters } = piece else {
                continue;
            };
            for filter in filters {
                let known: Vec<&str> = template::FILTERS.iter().map(|(name, _)| *name).collect();
                if !known.contains(&filter) {
                    self.tell(
                        path,
                        "unknown-filter",
                        format!("there is no filter `{filter}`"),
                        Some(remedy(filter, &known)),
                    );
                }
            }
            if let Some(help) = self.unknown_name(name, steps) {
                self.tell(
                    path,
                    "unknown-variable",
                    format!("`{{{{{name}}}}}` does not exist"),
                    Some(help),
                );
            }
        }
    }

    /// What to do about a name that does not exist; nothing where it does.
    fn unknown_name(&self, name: &str, steps: &[&str]) -> Option<String> {
        let Some((scope, member)) = name.split_once('.') else {
            return Some("a name has two parts, as `client.id`".into());
        };
        let one_of = |known: &[&str]| {
            (!known.contains(&member)).then(|| {
                let full: Vec<String> = known
                    .iter()
                    .map(|known| format!("{scope}.{known}"))
                    .collect();
                let full: Vec<&str> = full.iter().map(String::as_str).collect();
                remedy(name, &full)
            })
        };
        match scope {
            "client" | "other" => one_of(CLIENT_NAMES),
            "start" => one_of(START_NAMES),
            "target" => one_of(TARGET_NAMES),
            "request" => None,
            "random" => match member.parse::<usize>() {
                Ok(1..=100_000) => None,
                _ => Some("say how many characters: `{{random.43}}`".into()),
            },
            "each" => {
                let missing: Vec<String> = self
                    .case
                    .each
                    .iter()
                    .filter(|row| !row.contains_key(member))
                    .map(|row| format!("`{}`", super::each_label(row)))
                    .collect();
                if self.case.each.is_empty() {
                    Some("the case has no `each`".into())
                } else if missing.is_empty() {
                    None
                } else {
                    Some(format!("the row {} has no `{member}`", missing.join(", ")))
                }
            }
            step if steps.contains(&step) => None,
            _ => {
                let mut known = vec![
                    "client", "other", "start", "request", "each", "random", "target",
                ];
                known.extend(steps);
                Some(remedy(scope, &known))
            }
        }
    }
}

/// The texts of an expectation that may be templates.
fn texts(expectation: &Expectation) -> Vec<&str> {
    fn of_matcher<'e>(matcher: &'e super::Matcher, texts: &mut Vec<&'e str>) {
        let mut scalar = |value: &'e super::Scalar| {
            if let super::Scalar::Text(text) = value {
                texts.push(text);
            }
        };
        match matcher {
            super::Matcher::Equals(value) => scalar(value),
            super::Matcher::Rule(rule) => {
                for value in [&rule.equals, &rule.not, &rule.contains]
                    .into_iter()
                    .flatten()
                {
                    scalar(value);
                }
                rule.one_of.iter().flatten().for_each(&mut scalar);
                for text in [
                    &rule.equals_ignoring_case,
                    &rule.subset_of,
                    &rule.superset_of,
                ]
                .into_iter()
                .flatten()
                {
                    texts.push(text);
                }
            }
        }
    }
    fn of_answer<'e>(
        json: &'e indexmap::IndexMap<String, super::Matcher>,
        jwt: &'e indexmap::IndexMap<String, super::JwtRule>,
        texts: &mut Vec<&'e str>,
    ) {
        for matcher in json.values() {
            of_matcher(matcher, texts);
        }
        for rule in jwt.values() {
            for matcher in rule.header.values().chain(rule.claims.values()) {
                of_matcher(matcher, texts);
            }
        }
    }
    let mut found = Vec::new();
    of_answer(&expectation.json, &expectation.jwt, &mut found);
    for answer in expectation.any_of.iter().chain(&expectation.exactly_one) {
        of_answer(&answer.json, &answer.jwt, &mut found);
    }
    found
}
