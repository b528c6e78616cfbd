//! Templates: the names and filters that they may have.

use super::super::parsed::At;
use super::super::shape::remedy;
use super::super::{Expectation, JwtRule, Matcher, Scalar, each_label, template};
use super::Lint;

/// What the first part of a name can be, beside a step.
pub(super) const SCOPES: &[&str] = &[
    "client", "other", "start", "request", "each", "random", "target",
];
const CLIENT_NAMES: &[&str] = &[
    "id",
    "secret",
    "redirect_uri",
    "second_redirect_uri",
    "scope",
    "wider_scope",
    "client_credentials_scope",
    "id_token_alg",
    "assertion_audience",
    "resource",
    "resource_audience",
    "resource_scope",
    "second_resource",
    "second_resource_audience",
    "second_resource_scope",
];
const START_NAMES: &[&str] = &[
    "code",
    "refresh_token",
    "access_token",
    "id_token",
    "nonce",
    "code_verifier",
    "code_challenge",
    "redirect_uri",
    "scope",
];
const TARGET_NAMES: &[&str] = &[
    "issuer",
    "token_endpoint",
    "jwks_uri",
    "introspection_endpoint",
    "revocation_endpoint",
    "userinfo_endpoint",
];

impl Lint<'_, '_> {
    /// The mistakes of a text that may be a template.
    pub(super) fn template(&mut self, path: &[At], text: &str, steps: &[&str]) {
        let pieces = match template::parse(text) {
            Ok(pieces) => pieces,
            Err(error) => {
                let help = "a name stands between `{{` and `}}`, as `{{client.id}}`".to_owned();
                self.tell_of(path, text, "bad-template", error, Some(help));
                return;
            }
        };
        for piece in pieces {
            let template::Piece::Name { name, filters } = piece else {
                continue;
            };
            let written = written(text, name);
            for filter in filters {
                let known: Vec<&str> = template::FILTERS.iter().map(|(name, _)| *name).collect();
                if !known.contains(&filter) {
                    self.tell_of(
                        path,
                        written,
                        "unknown-filter",
                        format!("there is no filter `{filter}`"),
                        Some(remedy(filter, &known)),
                    );
                }
            }
            if let Some(help) = self.unknown_name(name, steps) {
                self.tell_of(
                    path,
                    written,
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
            let scope = [("start", START_NAMES), ("client", CLIENT_NAMES)]
                .iter()
                .find(|(_, members)| members.contains(&name))
                .map_or("client.id".to_owned(), |(scope, _)| {
                    format!("{scope}.{name}")
                });
            return Some(format!("a name has two parts, as `{scope}`"));
        };
        let one_of =
            |known: &[&str]| (!known.contains(&member)).then(|| nearest(scope, name, known));
        match scope {
            "client" | "other" => one_of(CLIENT_NAMES),
            "start" if is_in_jwt(member) => None,
            "start" => one_of(START_NAMES),
            "target" => one_of(TARGET_NAMES),
            "request" => None,
            "random" => match member.parse::<usize>() {
                Ok(1..=100_000) => None,
                _ => Some("say how many characters: `{{random.43}}`".into()),
            },
            "each" => self.unknown_column(name, member),
            step if steps.contains(&step) => None,
            step if self.case.step.iter().any(|later| later.name == step) => Some(format!(
                "the step `{step}` has no answer yet when this is needed"
            )),
            _ => {
                let known: Vec<&str> = SCOPES.iter().chain(steps).copied().collect();
                // With one letter mistyped, the whole name can be said.
                let help = remedy(scope, &known);
                Some(match help.strip_prefix("did you mean `") {
                    Some(rest) => {
                        format!("did you mean `{}.{member}`?", rest.trim_end_matches("`?"))
                    }
                    None => help,
                })
            }
        }
    }

    /// The same of `{{each.…}}`: every row has to have it.
    fn unknown_column(&self, name: &str, member: &str) -> Option<String> {
        let rows = &self.case.each;
        if rows.is_empty() {
            return Some("the case has no `each`".into());
        }
        let missing: Vec<String> = rows
            .iter()
            .filter(|row| !row.contains_key(member))
            .map(|row| format!("`{}`", each_label(row)))
            .collect();
        match missing.as_slice() {
            [] => None,
            all if all.len() == rows.len() => {
                let known: Vec<&str> = rows[0].keys().map(String::as_str).collect();
                Some(nearest("each", name, &known))
            }
            [one] => Some(format!("the row {one} has no `{member}`")),
            some => Some(format!("the rows {} have no `{member}`", some.join(", "))),
        }
    }
}

/// Whether it names a member of a JWT: `id_token.claims.sub`.
fn is_in_jwt(member: &str) -> bool {
    let mut parts = member.splitn(3, '.');
    let token = parts.next();
    let part = parts.next();
    matches!(token, Some("id_token" | "access_token"))
        && matches!(part, Some("header" | "claims"))
        && parts.next().is_some_and(|name| !name.is_empty())
}

/// The nearest of the members of a scope.
fn nearest(scope: &str, name: &str, members: &[&str]) -> String {
    let full: Vec<String> = members
        .iter()
        .map(|member| format!("{scope}.{member}"))
        .collect();
    let full: Vec<&str> = full.iter().map(String::as_str).collect();
    remedy(name, &full)
}

/// The piece of a text that names `name`, braces and filters included.
fn written<'t>(text: &'t str, name: &str) -> &'t str {
    let mut rest = text;
    while let Some(start) = rest.find("{{") {
        let Some(end) = rest[start..].find("}}") else {
            break;
        };
        let piece = &rest[start..start + end + 2];
        let inner = piece.trim_matches(['{', '}']);
        if inner
            .split('|')
            .next()
            .is_some_and(|first| first.trim() == name)
        {
            return piece;
        }
        rest = &rest[start + end + 2..];
    }
    text
}

/// The texts of an expectation that may be templates.
pub(super) fn texts(expectation: &Expectation) -> Vec<&str> {
    fn of_matcher<'e>(matcher: &'e Matcher, texts: &mut Vec<&'e str>) {
        let mut scalar = |value: &'e Scalar| {
            if let Scalar::Text(text) = value {
                texts.push(text);
            }
        };
        match matcher {
            Matcher::Equals(value) => scalar(value),
            Matcher::Rule(rule) => {
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
        json: &'e indexmap::IndexMap<String, Matcher>,
        jwt: &'e indexmap::IndexMap<String, JwtRule>,
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
    for answer in expectation
        .any_of
        .iter()
        .chain(expectation.exactly_one.as_deref())
    {
        of_answer(&answer.json, &answer.jwt, &mut found);
    }
    found
}
