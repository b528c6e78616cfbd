//! The values that templates of a trial name.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

use super::session::Session;
use crate::acquire::{Acquired, random};
use crate::catalogue::template::{self, Missing};
use crate::config::Client;
use crate::exchange::Valid;
use crate::judge::Response;
use crate::judge::jwt::Jwt;
use crate::plan::{Trial, scalar_text};
use crate::secret::SecretKind;

/// The values of one trial.
pub struct Scope<'s> {
    session: &'s Session,
    trial: &'s Trial,
    /// What was acquired: `start.…`.
    pub start: Acquired,
    /// The valid request: `request.…`.
    pub valid: Option<Valid>,
    /// The answers so far, by step.
    pub steps: HashMap<String, Response>,
    random: Mutex<HashMap<usize, String>>,
    /// Why a row's own template could not be filled in.
    problem: Mutex<Option<Missing>>,
}

/// Names whose values are as secret when a filter has changed them.
const ALTERED_SECRETS: &[&str] = &[
    "start.code",
    "start.refresh_token",
    "start.access_token",
    "start.id_token",
    "start.code_verifier",
    "client.secret",
    "other.secret",
];

impl<'s> Scope<'s> {
    /// The scope of a trial before anything was acquired.
    pub fn new(session: &'s Session, trial: &'s Trial) -> Self {
        Self {
            session,
            trial,
            start: Acquired::new(),
            valid: None,
            steps: HashMap::new(),
            random: Mutex::new(HashMap::new()),
            problem: Mutex::new(None),
        }
    }

    /// The text with its names filled in. What a filter makes of a secret is a secret too.
    pub fn fill(&self, text: &str) -> Result<String, Missing> {
        let filled = template::fill(text, |name| self.value(name)).map_err(|missing| {
            // What a row's template lacks says more than that the row has no value.
            let inner = self
                .problem
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take();
            inner.unwrap_or(missing)
        })?;
        if text.contains('|') {
            for name in template::names(text) {
                let step = name.split('.').next().unwrap_or_default();
                if (ALTERED_SECRETS.contains(&name)
                    || self.steps.contains_key(step)
                    || step == "request" && self.is_secret(name))
                    && filled.len() >= 4
                {
                    let kind = if name.ends_with("secret") {
                        SecretKind::Credential
                    } else {
                        SecretKind::Issued
                    };
                    let shown = format!("{name}, altered");
                    self.session.vault.learn(kind, &shown, &filled);
                }
            }
        }
        // An identifier with something at its end no longer stands alone, and so is not found.
        for name in ["client.id", "other.id"] {
            if template::names(text).contains(&name)
                && let Some(id) = self.value(name)
                && (id.len() + 1..id.len() + 9).contains(&filled.len())
            {
                self.session.vault.learn(
                    SecretKind::Identifier,
                    &format!("{name}, altered"),
                    &filled,
                );
            }
        }
        Ok(filled)
    }

    /// The value of a name.
    pub fn value(&self, name: &str) -> Option<String> {
        let (scope, member) = name.split_once('.')?;
        let client = |index: Option<usize>| {
            self.session
                .target
                .clients
                .get(index?)
                .and_then(|client| of_client(client, member))
        };
        match scope {
            "client" if member == "assertion_audience" => {
                let target = &self.session.target;
                let client = target.clients.get(self.trial.client?)?;
                Some(target.signer(client).audience)
            }
            "client" => client(self.trial.client),
            "other" => client(self.trial.other),
            "start" => self
                .start
                .get(member)
                .cloned()
                .or_else(|| in_jwt(member, |token| self.start.get(token).map(String::as_str))),
            "request" => self.of_request(member),
            "each" => {
                let text = scalar_text(self.trial.each.get(member)?);
                // A row's value may be a template of its own, but not of another row's.
                if text.contains("{{each.") {
                    return None;
                }
                match self.fill(&text) {
                    Ok(text) => Some(text),
                    Err(missing) => {
                        self.problem
                            .lock()
                            .unwrap_or_else(PoisonError::into_inner)
                            .get_or_insert(missing);
                        None
                    }
                }
            }
            "random" => self.random(member.parse().ok()?),
            "target" => {
                let target = &self.session.target;
                match member {
                    "issuer" => target.issuer.clone(),
                    "token_endpoint" => target.endpoints.token.clone(),
                    "jwks_uri" => target.endpoints.jwks.clone(),
                    "introspection_endpoint" => target.endpoints.introspection.clone(),
                    "revocation_endpoint" => target.endpoints.revocation.clone(),
                    "userinfo_endpoint" => target.endpoints.userinfo.clone(),
                    _ => None,
                }
            }
            step => {
                let answer = self.steps.get(step)?;
                match answer.json_member(member) {
                    Some(value) => shown(value),
                    None => in_jwt(member, |token| answer.text_member(token)),
                }
            }
        }
    }

    /// Whether the value of a name stands among the secrets: a password, for example.
    fn is_secret(&self, name: &str) -> bool {
        self.value(name)
            .is_some_and(|value| matches!(self.session.vault.mask(&value), Cow::Owned(_)))
    }

    fn of_request(&self, member: &str) -> Option<String> {
        let valid = self.valid.as_ref()?;
        match (member, valid.auth.as_str()) {
            ("client_id", "client_secret_post" | "none") => Some(valid.client_id.clone()),
            ("client_secret", "client_secret_post") => valid.client_secret.clone(),
            _ => valid
                .params
                .iter()
                .find(|(name, _)| name == member)
                .map(|(_, value)| value.clone()),
        }
    }

    /// So many random characters; the same ones wherever the trial names them.
    fn random(&self, length: usize) -> Option<String> {
        if length == 0 || length > 100_000 {
            return None;
        }
        let mut known = self.random.lock().unwrap_or_else(PoisonError::into_inner);
        let value = known
            .entry(length)
            .or_insert_with(|| random(length))
            .clone();
        if length >= 8 {
            self.session
                .vault
                .learn(SecretKind::Issued, &format!("random.{length}"), &value);
        }
        Some(value)
    }
}

/// A value that is no list and no object, as text.
fn shown(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

/// `TOKEN.claims.NAME` or `TOKEN.header.NAME` of a token that is a JWT.
fn in_jwt<'t>(path: &str, token: impl Fn(&str) -> Option<&'t str>) -> Option<String> {
    let (member, rest) = path.split_once('.')?;
    let (part, name) = rest.split_once('.')?;
    let jwt = Jwt::parse(token(member)?).ok()?;
    let members = match part {
        "header" => &jwt.header,
        "claims" => &jwt.claims,
        _ => return None,
    };
    shown(members.get(name)?)
}

fn of_client(client: &Client, member: &str) -> Option<String> {
    let resource = |index: usize| client.resources.get(index);
    match member {
        "id" => Some(client.id.clone()),
        "secret" => client
            .secret
            .as_ref()
            .map(|secret| secret.expose().to_owned()),
        "redirect_uri" => client.redirect_uris.first().cloned(),
        "second_redirect_uri" => client.redirect_uris.get(1).cloned(),
        "scope" => client.scope.clone(),
        "wider_scope" => client.wider_scope.clone(),
        "client_credentials_scope" => client.client_credentials_scope.clone(),
        "id_token_alg" => client.id_token_alg.clone(),
        "resource" => resource(0).map(|resource| resource.uri.clone()),
        "resource_audience" => resource(0).map(|resource| resource.audience.clone()),
        "resource_scope" => resource(0)?.scope.clone(),
        "second_resource" => resource(1).map(|resource| resource.uri.clone()),
        "second_resource_audience" => resource(1).map(|resource| resource.audience.clone()),
        "second_resource_scope" => resource(1)?.scope.clone(),
        _ => None,
    }
}
