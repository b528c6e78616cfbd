//! The script: a fixed list of requests that meets every fault.

mod assertions;
mod ciam;
mod codes;
mod openid;
mod requests;
mod resources;
mod tokens;

use tokenspec_reference::Personality;

use crate::support::transcript::Transcript;
use crate::support::{MAIN, Reply, Sut, Who};

/// What the script gets from a server with those faults. Time stands still, so
/// that waiting costs nothing.
pub fn transcript(personality: Personality, faults: &[&str]) -> Vec<String> {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let sut = Sut::new(personality, faults);
        let mut t = Transcript::new(sut).await;
        match personality {
            Personality::Standard => {
                requests::documents(&mut t).await;
                requests::requests(&mut t).await;
                requests::clients(&mut t).await;
                codes::authorization(&mut t).await;
                openid::requests(&mut t).await;
                codes::codes(&mut t).await;
                codes::verifiers(&mut t).await;
                tokens::refreshes(&mut t).await;
                requests::scopes(&mut t).await;
                tokens::other_endpoints(&mut t).await;
                resources::resources(&mut t).await;
                assertions::assertions(&mut t).await;
            }
            Personality::Ciam => {
                ciam::sample(&mut t).await;
                ciam::siblings(&mut t).await;
            }
        }
        t.lines
    })
}

pub fn credentials(who: Who) -> Vec<(&'static str, &'static str)> {
    let mut form = vec![("client_id", who.id)];
    form.extend(who.secret.map(|secret| ("client_secret", secret)));
    form
}

pub fn valid() -> Vec<(&'static str, &'static str)> {
    let mut form = credentials(MAIN);
    form.extend([("grant_type", "client_credentials"), ("scope", "read")]);
    form
}

pub fn with<'a>(
    form: &[(&'a str, &'a str)],
    name: &str,
    value: Option<&'a str>,
) -> Vec<(&'a str, &'a str)> {
    let mut form = form.to_vec();
    form.retain_mut(|(key, own)| {
        *own = value.filter(|_| key == &name).unwrap_or(*own);
        *key != name || value.is_some()
    });
    form
}

pub fn with_all<'a>(
    form: &[(&'a str, &'a str)],
    others: &[(&'a str, &'a str)],
) -> Vec<(&'a str, &'a str)> {
    others.iter().fold(form.to_vec(), |form, (name, value)| {
        with(&form, name, Some(value))
    })
}

pub fn reply_text(reply: &Reply, member: &str) -> String {
    let json: serde_json::Value = serde_json::from_str(&reply.body).unwrap_or_default();
    json[member].as_str().unwrap_or("none").to_owned()
}
