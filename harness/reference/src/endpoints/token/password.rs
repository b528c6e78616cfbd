//! The password grant (RFC 6749 4.3), which RFC 9700 2.4 bans. A fault serves it to every client
//! with any password.

use super::log_in::log_in;
use super::parse_scope;
use crate::answer::Answer;
use crate::clients::Client;
use crate::form::Form;
use crate::mistake::Mistake;
use crate::provider::Provider;
use crate::scope::Scope;

pub(super) fn answer(
    provider: &Provider,
    client: &'static Client,
    form: &Form,
) -> Result<Answer, Mistake> {
    let dialect = provider.dialect();
    if let Some(source) = dialect.password_source()
        && form.require("auth_source_id")? != source
    {
        return Err(Mistake::UnknownAuthSource);
    }
    let name = form.require("username")?;
    let password = form.require("password")?;
    let is_right = dialect
        .users()
        .iter()
        .any(|user| user.subject == name && user.password == password);
    if !is_right && !provider.rules.grant_type.password {
        return Err(Mistake::WrongPassword);
    }
    let asked = form.get("scope")?;
    let scope = scope(provider, client, asked)?;
    log_in(provider, client, name, scope)
}

/// What is asked for, of what a user can let the client have; or else its first.
fn scope(provider: &Provider, client: &Client, asked: Option<&str>) -> Result<Scope, Mistake> {
    let Some(asked) = asked else {
        return Ok(client.user_scope.iter().copied().take(1).collect());
    };
    let asked = parse_scope(provider, asked)?;
    if asked.iter().all(|token| client.user_scope.contains(&token)) {
        Ok(asked)
    } else {
        Err(Mistake::ExcessiveScope)
    }
}
