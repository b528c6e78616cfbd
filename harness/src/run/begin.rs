//! The valid request that a trial or a control begins with: acquires what it starts from.

use super::controls::summary;
use super::session::{By, Session};
use crate::acquire::{self, AcquireError, Acquired, CodeSpec, Jar, random};
use crate::catalogue::{AuthorizeBy, ExtensionGrant, Nonce, Pkce, RedirectUri, Start, User};
use crate::exchange::{Valid, build};
use crate::judge::Response;
use crate::outcome::{Exchange, Purpose};
use crate::plan::NO_USER;
use crate::secret::SecretKind;

/// Why a trial stops before it is judged.
#[derive(Debug, Clone)]
pub enum Stop {
    /// It could not be found out.
    Errored(String),
    /// It does not apply.
    Skipped(String),
    /// The authorization endpoint answered with an error in place of a code.
    Refused {
        /// In words.
        reason: String,
        /// Its error code; none where a page tells the user alone.
        error: Option<String>,
    },
    /// What came was judged already, and nothing can follow.
    Judged,
}

impl Stop {
    /// The reason in words.
    pub fn reason(&self) -> &str {
        match self {
            Self::Errored(reason) | Self::Skipped(reason) | Self::Refused { reason, .. } => reason,
            Self::Judged => "",
        }
    }
}

/// What a valid request is made of.
pub struct Begin<'b> {
    pub start: Start,
    pub client: usize,
    pub auth: &'b str,
    pub code: Option<CodeSpec>,
    pub grant: Option<&'b ExtensionGrant>,
    pub jar: &'b Jar,
    pub by: &'b str,
}

/// A valid request, ready to be changed.
pub struct Begun {
    pub valid: Valid,
    pub acquired: Acquired,
    /// Held as long as the code may be unused.
    pub permit: Option<tokio::sync::OwnedSemaphorePermit>,
}

/// The plain way to get a code as a client.
pub fn plain_code(client: usize) -> CodeSpec {
    CodeSpec {
        client,
        scope: None,
        pkce: Pkce::S256,
        verifier: None,
        nonce: Nonce::Random,
        redirect_uri: RedirectUri::First,
        params: Vec::new(),
        without: Vec::new(),
        method: AuthorizeBy::Get,
        user: User::First,
    }
}

/// Acquires what the request starts from, and makes the valid request.
pub async fn begin_request(
    session: &Session,
    begin: &Begin<'_>,
    exchanges: &mut Vec<Exchange>,
) -> Result<Begun, Stop> {
    if let Some(why) = &session.unreachable {
        return Err(Stop::Errored(why.clone()));
    }
    let target = &session.target;
    let Some(client) = target.clients.get(begin.client) else {
        return Err(Stop::Errored("there is no client".into()));
    };
    let mut valid = Valid {
        url: target.endpoints.token.clone().unwrap_or_default(),
        method: "POST",
        params: vec![("grant_type".into(), begin.start.grant_type().into())],
        client_id: client.id.clone(),
        client_secret: client
            .secret
            .as_ref()
            .map(|secret| secret.expose().to_owned()),
        signer: target.signer(client),
        auth: begin.auth.to_owned(),
        headers: Vec::new(),
        json: false,
    };
    if let Some(grant) = begin.grant {
        valid.json = grant.json;
        valid.params = vec![("grant_type".into(), grant.kind.clone())];
    }
    let mut acquired = Acquired::new();
    let mut permit = None;
    let mut add = |name: &str, value: String| valid.params.push((name.to_owned(), value));
    match begin.start {
        Start::ClientCredentials => {
            if let Some(scope) = &client.client_credentials_scope {
                add("scope", scope.clone());
            }
        }
        Start::Password => {
            let user = target
                .user
                .as_ref()
                .ok_or_else(|| Stop::Errored(NO_USER.into()))?;
            add("username", user.username.expose().to_owned());
            add("password", user.password.expose().to_owned());
            if let Some(scope) = &client.scope {
                add("scope", scope.clone());
            }
            for (name, value) in &user.params {
                add(name, value.clone());
            }
        }
        Start::Extension => {
            let grant = begin
                .grant
                .and_then(|grant| target.extension_grant(&grant.kind))
                .ok_or_else(|| Stop::Errored("the extension grant is not configured".into()))?;
            let params = acquire::extension_params(grant, target.http.timeout, &session.vault)
                .await
                .map_err(Stop::Errored)?;
            valid.params.extend(params);
        }
        Start::MadeUpCode | Start::Any => {
            let code = random(43);
            session.vault.learn(SecretKind::Issued, "random.43", &code);
            add("code", code.clone());
            add(
                "redirect_uri",
                client.redirect_uris.first().cloned().unwrap_or_default(),
            );
            acquired.insert("code", code);
        }
        Start::MadeUpRefreshToken => {
            let token = random(43);
            session.vault.learn(SecretKind::Issued, "random.43", &token);
            add("refresh_token", token.clone());
            acquired.insert("refresh_token", token);
        }
        Start::AuthorizationCode | Start::AuthorizationRequest | Start::RefreshToken => {
            let spec = begin
                .code
                .clone()
                .unwrap_or_else(|| plain_code(begin.client));
            permit = session.code_permit().await;
            acquired = acquire::code(
                &session.desk,
                target,
                &session.http,
                &session.vault,
                begin.jar,
                &spec,
                exchanges,
            )
            .await
            .map_err(|error| no_code(&error, &spec))?;
            let code_params = code_params(&acquired, &spec);
            if begin.start == Start::RefreshToken {
                let token = first_exchange(session, begin, &spec, code_params, exchanges).await?;
                acquired.extend(token);
                add(
                    "refresh_token",
                    acquired.get("refresh_token").cloned().unwrap_or_default(),
                );
            } else {
                valid.params.extend(code_params);
            }
        }
    }
    Ok(Begun {
        valid,
        acquired,
        permit,
    })
}

/// A server may refuse to give a code without a challenge, with a plain one, without a nonce or a redirect URI; then
/// the case does not apply. Everything else has to lead to a code.
fn no_code(error: &AcquireError, spec: &CodeSpec) -> Stop {
    let asked = match (spec.pkce, spec.nonce) {
        (Pkce::None, _) => "without a challenge",
        (Pkce::Plain, _) => "for a plain challenge",
        (Pkce::S256, Nonce::None) => "without a nonce",
        (Pkce::S256, Nonce::Random) if spec.redirect_uri == RedirectUri::None => {
            "without a redirect_uri"
        }
        (Pkce::S256, Nonce::Random) => "",
    };
    match error {
        AcquireError::Refused { .. } | AcquireError::DeadEnd(_) if !asked.is_empty() => {
            Stop::Skipped(format!("the target gives no code {asked}: {error}"))
        }
        AcquireError::Refused { error: code, .. } => Stop::Refused {
            reason: error.to_string(),
            error: Some(code.clone()),
        },
        AcquireError::DeadEnd(_) => Stop::Refused {
            reason: error.to_string(),
            error: None,
        },
        _ => Stop::Errored(error.to_string()),
    }
}

/// The parameters that redeem a code (RFC 6749 section 4.1.3, RFC 7636 section 4.5).
fn code_params(acquired: &Acquired, spec: &CodeSpec) -> Vec<(String, String)> {
    let mut params = vec![("code".to_owned(), acquired["code"].clone())];
    if spec.redirect_uri != RedirectUri::None {
        params.push(("redirect_uri".to_owned(), acquired["redirect_uri"].clone()));
    }
    if let Some(verifier) = acquired.get("code_verifier") {
        params.push(("code_verifier".to_owned(), verifier.clone()));
    }
    params
}

/// Redeems the code, as the client that it was got for, to have a refresh token.
async fn first_exchange(
    session: &Session,
    begin: &Begin<'_>,
    spec: &CodeSpec,
    code_params: Vec<(String, String)>,
    exchanges: &mut Vec<Exchange>,
) -> Result<Acquired, Stop> {
    let owner = &session.target.clients[spec.client];
    let auth = if owner.has_method(begin.auth) {
        begin.auth.to_owned()
    } else {
        owner.auth.first().cloned().unwrap_or_default()
    };
    let mut params = vec![("grant_type".to_owned(), "authorization_code".to_owned())];
    params.extend(code_params);
    let valid = Valid {
        url: session.target.endpoints.token.clone().unwrap_or_default(),
        method: "POST",
        params,
        client_id: owner.id.clone(),
        client_secret: owner
            .secret
            .as_ref()
            .map(|secret| secret.expose().to_owned()),
        signer: session.target.signer(owner),
        auth: auth.clone(),
        headers: Vec::new(),
        json: false,
    };
    let request = build(&valid, &[], &|text| Ok(text.to_owned()))
        .map_err(|error| Stop::Errored(error.to_string()))?;
    let by = By {
        trial: begin.by,
        step: "start",
        purpose: Purpose::Acquire,
        client: Some(spec.client),
        auth: &auth,
    };
    let exchange = session.exchange(request, true, &by).await;
    let response = exchange.response.clone();
    exchanges.push(exchange);
    let response =
        Response::new(response.map_err(|why| {
            Stop::Errored(format!("no refresh token: the token endpoint: {why}"))
        })?);
    if !response.succeeded() {
        return Err(Stop::Errored(format!(
            "no refresh token: the code was answered {}",
            summary(&response)
        )));
    }
    let Some(token) = response.text_member("refresh_token") else {
        return Err(Stop::Skipped(
            "the target gives this client no refresh token with a code".into(),
        ));
    };
    let mut acquired = Acquired::new();
    acquired.insert("refresh_token", token.to_owned());
    for name in ["access_token", "id_token", "scope"] {
        if let Some(text) = response.text_member(name).filter(|text| !text.is_empty()) {
            acquired.insert(name, text.to_owned());
        }
    }
    Ok(acquired)
}
