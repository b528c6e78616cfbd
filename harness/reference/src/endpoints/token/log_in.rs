//! What a user's own login at the token endpoint gives: the tokens that a code would.

use super::opened::Opened;
use crate::answer::Answer;
use crate::clients::{Client, GrantType};
use crate::mistake::Mistake;
use crate::provider::Provider;
use crate::scope::Scope;
use crate::store::Login;
use crate::tokens::unix_now;

pub(super) fn log_in(
    provider: &Provider,
    client: &'static Client,
    subject: &str,
    scope: Scope,
) -> Result<Answer, Mistake> {
    let at = unix_now();
    let login = Login {
        subject: subject.to_owned(),
        auth_time: at,
        auth_time_requested: false,
    };
    let opened = Opened {
        client,
        scope: &scope,
        resources: &[],
        login: Some(&login),
        refreshable: client.may_use(GrantType::RefreshToken),
        at,
    };
    opened.grant(provider)
}
