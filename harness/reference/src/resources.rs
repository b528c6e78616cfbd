//! What tokens are for, as a request says it (RFC 8707 2).

use crate::form::Form;
use crate::mistake::Mistake;
use crate::provider::Provider;
use crate::scope::Scope;

/// Something that tokens are for.
#[derive(Debug)]
pub(crate) struct Resource {
    pub(crate) uri: &'static str,
    /// What a client may do there of its own.
    pub(crate) own_scope: &'static [&'static str],
}

/// The resources that a request names, each once.
pub(crate) fn asked(provider: &Provider, form: &Form) -> Result<Vec<String>, Mistake> {
    let rules = provider.rules.resource;
    let known = provider.dialect().resources();
    if !rules.supported || known.is_empty() {
        return Ok(Vec::new());
    }
    let mut asked: Vec<String> = Vec::new();
    for value in form.all("resource") {
        let uri = match value.split_once('#') {
            Some(_) if rules.fragment_refused => return Err(Mistake::InvalidTarget),
            Some((uri, _)) => uri,
            None => value,
        };
        if rules.known_only && !known.iter().any(|resource| resource.uri == uri) {
            return Err(Mistake::InvalidTarget);
        }
        if !asked.iter().any(|one| one == uri) {
            asked.push(uri.to_owned());
        }
    }
    Ok(asked)
}

/// The resources of a token: those that were asked for, of those that were granted, or else all of
/// these (RFC 8707 2.2).
pub(crate) fn narrowed(
    provider: &Provider,
    asked: Vec<String>,
    granted: &[String],
) -> Result<Vec<String>, Mistake> {
    let rules = provider.rules.resource;
    if rules.bounded && asked.iter().any(|one| !granted.contains(one)) {
        return Err(Mistake::InvalidTarget);
    }
    if asked.is_empty() || !rules.narrowed {
        Ok(granted.to_vec())
    } else {
        Ok(asked)
    }
}

/// What of a scope the resources have (RFC 8707 2.2). Scope that belongs to no resource is left
/// alone.
pub(crate) fn scope_of(
    provider: &Provider,
    resources: &[String],
    scope: Scope,
) -> Result<Scope, Mistake> {
    if resources.is_empty() || !provider.rules.resource.known_only {
        return Ok(scope);
    }
    let elsewhere = |token: &str| {
        let has = |resource: &&Resource| resource.own_scope.contains(&token);
        let mut owners = provider.dialect().resources().iter().filter(has).peekable();
        owners.peek().is_some()
            && !owners.any(|owner| resources.iter().any(|asked| asked == owner.uri))
    };
    let left: Scope = scope.iter().filter(|token| !elsewhere(token)).collect();
    if left.is_empty() {
        Err(Mistake::InvalidTarget)
    } else {
        Ok(left)
    }
}
