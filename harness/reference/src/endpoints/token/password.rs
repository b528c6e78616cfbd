//! The password grant (RFC 6749 4.3), which RFC 9700 2.4 bans: it is served by
//! a fault alone, and any password will do.

use tokio::time::Instant;

use super::grant;
use crate::answer::Answer;
use crate::clients::Client;
use crate::form::Form;
use crate::mistake::Mistake;
use crate::provider::Provider;
use crate::scope::Scope;
use crate::store::Login;
use crate::tokens::{Issue, unix_now};

pub(super) fn answer(
    provider: &Provider,
    client: &'static Client,
    form: &Form,
) -> Result<Answer, Mistake> {
    let subject = form.require("username")?.to_owned();
    form.require("password")?;
    let at = unix_now();
    let login = Login {
        subject,
        auth_time: at,
        auth_time_requested: false,
    };
    let until = Instant::now() + provider.rules.token.access_lifetime();
    let id = provider.store().open_grant(Some(login.clone()), until);
    let issue = Issue {
        client,
        scope: &client.user_scope.iter().copied().take(1).collect::<Scope>(),
        login: Some(&login),
        grant: id,
        nonce: None,
        refreshed: false,
        refresh_token: None,
        at,
    };
    grant(provider, &issue)
}
