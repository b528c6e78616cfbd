//! Gets what a case starts from: an authorization code, and with it a refresh token.
//!
//! A login session is reused; a destructive case has its own.

mod authorization;
mod browser;
mod command;
mod desk;
mod extension;
mod form;
mod jar;
mod manual;

use std::collections::BTreeMap;

use indexmap::IndexMap;
use thiserror::Error;

use crate::catalogue::{AuthorizeBy, Nonce, Pkce, RedirectUri, User};
use crate::config::{Client, LoginVia, Target};
use crate::discovery::why_unused;
use crate::exchange::HttpClient;
use crate::outcome::Exchange;
use crate::secret::{SecretKind, Vault, base64url};

pub use desk::{Desk, Person};
pub use extension::params as extension_params;
pub use form::{Look, look};
pub use jar::Jar;

/// How a code is got.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CodeSpec {
    /// The client, as an index into the target's.
    pub client: usize,
    /// The scope that is asked for.
    pub scope: Option<String>,
    /// How the code challenge is sent.
    pub pkce: Pkce,
    /// The code verifier, where a random one will not do.
    pub verifier: Option<String>,
    /// Whether a nonce is sent.
    pub nonce: Nonce,
    /// The redirect URI.
    pub redirect_uri: RedirectUri,
    /// Further parameters of the authorization request.
    pub params: Vec<(String, String)>,
    /// Parameters that are left out.
    pub without: Vec<String>,
    /// The HTTP method of the authorization request.
    pub method: AuthorizeBy,
    /// Who logs in.
    pub user: User,
}

/// What was acquired, by the names that templates use: `code`, `code_verifier`, `nonce`…
pub type Acquired = BTreeMap<&'static str, String>;

/// A code could not be got.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AcquireError {
    /// The configuration lacks something.
    #[error("no authorization code: {0}")]
    Configuration(String),
    /// Nothing was answered, or nothing that leads to a code.
    #[error("no authorization code: {0}")]
    Stuck(String),
    /// A page was shown that leads nowhere on: no form to log in with, nothing to consent to.
    #[error("no authorization code: {0}")]
    DeadEnd(String),
    /// The redirect answers another request (RFC 6749 section 4.1.2).
    #[error("no authorization code: the redirect does not have the `state` of the request")]
    OtherState,
    /// The server has refused the user's name or password. It is not sent again.
    #[error("no authorization code: {0}")]
    Credentials(String),
    /// The authorization endpoint answered with an error (RFC 6749 section 4.1.2.1).
    #[error("no authorization code: the authorization endpoint answered {error}{description}")]
    Refused {
        /// The error code.
        error: String,
        /// Its description, with a separator.
        description: String,
    },
}

impl AcquireError {
    /// Why, without what it is the reason of.
    #[must_use]
    pub fn cause(&self) -> String {
        let text = self.to_string();
        match text.strip_prefix("no authorization code: ") {
            Some(cause) => cause.to_owned(),
            None => text,
        }
    }
}

/// Gets a code.
///
/// A server may keep an authorization request that it has not answered in the login session, and answer it in
/// place of the next one. So where the answer is another request's, the code is asked for once
/// more, in a session of its own.
///
/// # Errors
/// Why there is none.
pub async fn code(
    desk: &Desk,
    target: &Target,
    http: &HttpClient,
    vault: &Vault,
    jar: &Jar,
    spec: &CodeSpec,
    seen: &mut Vec<Exchange>,
) -> Result<Acquired, AcquireError> {
    let got = code_in(desk, target, http, vault, jar, spec, seen).await;
    let by_itself = matches!(
        target.login.as_ref().map(|login| login.via),
        Some(LoginVia::Auto | LoginVia::Form)
    );
    if by_itself && matches!(got, Err(AcquireError::OtherState)) {
        let own = Jar::default();
        return code_in(desk, target, http, vault, &own, spec, seen).await;
    }
    got
}

/// Gets a code in this login session.
async fn code_in(
    desk: &Desk,
    target: &Target,
    http: &HttpClient,
    vault: &Vault,
    jar: &Jar,
    spec: &CodeSpec,
    seen: &mut Vec<Exchange>,
) -> Result<Acquired, AcquireError> {
    let configuration = |text: &str| AcquireError::Configuration(text.to_owned());
    let client = target
        .clients
        .get(spec.client)
        .ok_or_else(|| configuration("there is no client"))?;
    let login = target
        .login
        .as_ref()
        .ok_or_else(|| configuration("the target has no `login`"))?;
    let login = match spec.user {
        User::First => login,
        User::Second => login
            .second_user
            .as_deref()
            .ok_or_else(|| configuration("`login` has no `second-user`"))?,
    };
    let endpoint = target.endpoints.authorization.as_deref().ok_or_else(|| {
        let unused = why_unused(target, "authorization_endpoint");
        configuration(
            unused
                .as_deref()
                .unwrap_or("no authorization endpoint is known"),
        )
    })?;
    let (mut acquired, params) = request(client, spec, vault)?;
    let mut params = params;
    for (name, value) in login
        .params
        .iter()
        .map(pair)
        .chain(spec.params.iter().map(|(n, v)| (n.clone(), v.clone())))
    {
        if name == "redirect_uri" {
            acquired.insert("redirect_uri", value.clone());
        }
        // A resource may be named several times (RFC 8707 section 2).
        if name != "resource" {
            params.retain(|(known, _)| *known != name);
        }
        params.push((name, value));
    }
    params.retain(|(name, _)| !spec.without.contains(name));
    let url = authorization::url(endpoint, &params).map_err(|error| {
        AcquireError::Configuration(format!("the authorization endpoint: {error}"))
    })?;
    let answer = match login.via {
        LoginVia::Auto | LoginVia::Form | LoginVia::Browser => {
            let ask = authorization::Ask {
                desk,
                http,
                vault,
                jar,
                login,
                settings: &target.http,
                start: &url,
                method: spec.method,
                redirect_uri: &acquired["redirect_uri"],
            };
            let answer = authorization::log_in(&ask, &client.id, seen).await?;
            if let Some(Ok(last)) = seen.last().map(|exchange| &exchange.response)
                && (300..400).contains(&last.status)
            {
                acquired.insert("redirect_status", last.status.to_string());
            }
            answer
        }
        LoginVia::Command => command::run(login, &url, target.http.timeout, vault).await?,
        LoginVia::Manual => {
            let question = manual::Question {
                login,
                url: &url,
                redirect_uri: &acquired["redirect_uri"],
                state: &acquired["state"],
                client: &client.id,
                jar,
            };
            manual::ask(desk, &question, vault).await?
        }
    };
    let code = answer.code(&acquired["state"])?;
    vault.learn(SecretKind::Issued, "start.code", &code);
    acquired.insert("code", code);
    Ok(acquired)
}

fn pair((name, value): (&String, &String)) -> (String, String) {
    (name.clone(), value.clone())
}

type Params = Vec<(String, String)>;

/// The parameters of the authorization request (RFC 6749 section 4.1.1, RFC 7636 section 4.3,
/// OpenID Connect Core 3.1.2.1), and what has to be known of them later.
fn request(
    client: &Client,
    spec: &CodeSpec,
    vault: &Vault,
) -> Result<(Acquired, Params), AcquireError> {
    let mut acquired = Acquired::new();
    let mut params: Params = vec![
        ("response_type".into(), "code".into()),
        ("client_id".into(), client.id.clone()),
    ];
    let index = usize::from(spec.redirect_uri == RedirectUri::Second);
    let redirect_uri = client.redirect_uris.get(index).ok_or_else(|| {
        AcquireError::Configuration(format!(
            "the client `{}` has only {} redirect URIs",
            client.name,
            client.redirect_uris.len()
        ))
    })?;
    if spec.redirect_uri != RedirectUri::None {
        params.push(("redirect_uri".into(), redirect_uri.clone()));
    }
    acquired.insert("redirect_uri", redirect_uri.clone());
    let scope = spec.scope.clone().or_else(|| client.scope.clone());
    let scope = scope.filter(|scope| !scope.is_empty());
    if let Some(scope) = &scope {
        params.push(("scope".into(), scope.clone()));
        acquired.insert("scope", scope.clone());
    }
    let state = random(24);
    vault.learn(SecretKind::Issued, "state", &state);
    params.push(("state".into(), state.clone()));
    acquired.insert("state", state);
    let openid = scope.is_some_and(|scope| scope.split(' ').any(|item| item == "openid"));
    if openid && spec.nonce == Nonce::Random {
        let nonce = random(43);
        vault.learn(SecretKind::Issued, "start.nonce", &nonce);
        params.push(("nonce".into(), nonce.clone()));
        acquired.insert("nonce", nonce);
    }
    if spec.pkce != Pkce::None {
        let verifier = spec.verifier.clone().unwrap_or_else(|| random(43));
        vault.learn(SecretKind::Issued, "start.code_verifier", &verifier);
        let (challenge, method) = match spec.pkce {
            Pkce::Plain => (verifier.clone(), "plain"),
            _ => (s256(&verifier), "S256"),
        };
        vault.learn(SecretKind::Issued, "start.code_challenge", &challenge);
        params.push(("code_challenge".into(), challenge.clone()));
        params.push(("code_challenge_method".into(), method.into()));
        acquired.insert("code_challenge", challenge);
        acquired.insert("code_verifier", verifier);
    }
    Ok((acquired, params))
}

/// RFC 7636 section 4.2: the Base64url of the SHA-256 of the verifier.
#[must_use]
pub fn s256(verifier: &str) -> String {
    use sha2::{Digest, Sha256};
    base64url(&Sha256::digest(verifier.as_bytes()))
}

/// So many random characters of the Base64url alphabet.
#[must_use]
pub fn random(length: usize) -> String {
    let mut bytes = vec![0_u8; length.div_ceil(4) * 3];
    // Without the system's randomness nothing of a run means anything; the time still makes
    // values that differ.
    if getrandom::fill(&mut bytes).is_err() {
        let nanos = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |since| since.as_nanos());
        for (index, byte) in bytes.iter_mut().enumerate() {
            *byte = (nanos >> (index % 16 * 8)) as u8 ^ u8::try_from(index % 256).unwrap_or(0);
        }
    }
    base64url(&bytes).chars().take(length).collect()
}

/// Names and values of a query or form.
type Pairs = IndexMap<String, String>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_the_standard() {
        // RFC 7636 appendix B.
        assert_eq!(
            s256("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }

    #[test]
    fn random_values_have_their_length_and_differ() {
        for length in [1, 24, 32, 43, 128] {
            assert_eq!(random(length).len(), length);
        }
        assert_ne!(random(43), random(43));
    }
}
