//! Which client a trial takes: the first that fits.

use indexmap::IndexMap;

use crate::assertion::is_method;
use crate::catalogue::{
    AsClient, AssertionKey, Case, ExtensionGrant, Need, Op, RedirectUri, Scalar, Start, template,
};
use crate::config::{Client, LoginVia, Target};

use super::{NO_LOGIN, NO_USER};

/// What a trial is sent with.
pub struct Chosen {
    pub start: Option<Start>,
    pub client: Option<usize>,
    pub other: Option<usize>,
    pub auth: String,
    pub grant: Option<ExtensionGrant>,
}

/// The extension grant of a case, with the values of the row in its type.
fn extension(
    case: &Case,
    row: &IndexMap<String, Scalar>,
) -> Result<Option<ExtensionGrant>, String> {
    let Some(grant) = &case.grant else {
        return Ok(None);
    };
    let value = |name: &str| row.get(name.strip_prefix("each.")?).map(super::scalar_text);
    let kind = template::fill(&grant.kind, value).map_err(|missing| missing.to_string())?;
    Ok(Some(ExtensionGrant {
        kind,
        json: grant.json,
    }))
}

/// The client, the other client and the start of a case.
///
/// # Errors
/// Why the target has none, as the reason of a skip.
pub fn choose(
    case: &Case,
    target: &Target,
    method: Option<&str>,
    row: &IndexMap<String, Scalar>,
) -> Result<Chosen, String> {
    let Some(start) = case.start else {
        // A look at the target, or at all responses: any client will do to ask with.
        return Ok(Chosen {
            start: None,
            client: (!target.clients.is_empty()).then_some(0),
            other: None,
            grant: None,
            auth: target
                .clients
                .first()
                .and_then(|client| client.auth.first().cloned())
                .unwrap_or_default(),
        });
    };
    let wants_grant = case.needs.contains(&Need::Grant);
    let candidates: &[Start] = match start {
        Start::Any if wants_grant => &[Start::ClientCredentials, Start::AuthorizationCode],
        Start::Any => &[
            Start::ClientCredentials,
            Start::AuthorizationCode,
            Start::MadeUpCode,
        ],
        Start::AuthorizationCode => &[Start::AuthorizationCode],
        Start::AuthorizationRequest => &[Start::AuthorizationRequest],
        Start::RefreshToken => &[Start::RefreshToken],
        Start::ClientCredentials => &[Start::ClientCredentials],
        Start::Password => &[Start::Password],
        Start::Extension => &[Start::Extension],
        Start::MadeUpCode => &[Start::MadeUpCode],
        Start::MadeUpRefreshToken => &[Start::MadeUpRefreshToken],
    };
    let grant = extension(case, row)?;
    let mut reason = String::new();
    for &start in candidates {
        match with_start(case, target, method, start, grant.as_ref()) {
            Ok(chosen) => return Ok(chosen),
            Err(why) if reason.is_empty() => reason = why,
            Err(_) => {}
        }
    }
    Err(reason)
}

fn with_start(
    case: &Case,
    target: &Target,
    method: Option<&str>,
    start: Start,
    grant: Option<&ExtensionGrant>,
) -> Result<Chosen, String> {
    let grant_type = grant.map_or(start.grant_type(), |grant| grant.kind.as_str());
    let needs_code = matches!(
        start,
        Start::AuthorizationCode | Start::AuthorizationRequest | Start::RefreshToken
    );
    match &target.login {
        None if needs_code => return Err(NO_LOGIN.into()),
        Some(login)
            if start == Start::AuthorizationRequest
                && !matches!(login.via, LoginVia::Auto | LoginVia::Form) =>
        {
            return Err(
                "what the authorization endpoint answers is seen only where tokenspec itself logs \
                 in (`login.via` is `auto` or `form`)"
                    .into(),
            );
        }
        _ => {}
    }
    if start == Start::Password && target.user.is_none() {
        return Err(NO_USER.into());
    }
    if start == Start::Extension && target.extension_grant(grant_type).is_none() {
        return Err(format!(
            "the target has no `extension-grant` with the type {grant_type}"
        ));
    }
    let mut words = Vec::new();
    let choice = &case.client;
    let wanted_method = method.or(choice.auth.as_deref());
    let resources = resources(case);
    let by_secret = changes_secret(case);
    let fits = |client: &Client| -> bool {
        has_grants(client, start, grant_type)
            && wanted_method.is_none_or(|method| client.has_method(method))
            && choice
                .public
                .is_none_or(|public| client.is_public() == public)
            && choice
                .reserved_characters
                .is_none_or(|reserved| has_reserved_characters(client) == reserved)
            && choice
                .id_contains
                .as_deref()
                .is_none_or(|text| client.id.contains(text))
            && (case.acquire.redirect_uri != Some(RedirectUri::None)
                || client.redirect_uris.len() == 1)
            && choice
                .redirect_uris
                .is_none_or(|least| client.redirect_uris.len() >= least)
            && choice.without_grant.as_deref().is_none_or(|grant| {
                // A server may let nobody use the grant by the client's method; what it refuses then
                // is the method. A public client has none.
                let method = wanted_method.or(client.auth.first().map(String::as_str));
                let alike = |other: &Client| {
                    client.is_public() || method.is_none_or(|method| other.has_method(method))
                };
                !client.has_grant(grant)
                    && target
                        .clients
                        .iter()
                        .any(|other| other.has_grant(grant) && alike(other))
            })
            && choice
                .id_token_alg
                .as_ref()
                .is_none_or(|alg| client.id_token_alg.as_ref() == Some(alg))
            && (!by_secret || client.secret.is_some())
            && choice.signing_alg.as_ref().is_none_or(|alg| {
                wanted_method.is_some_and(|method| client.signing_alg(method) == *alg)
            })
            && (!case.needs.contains(&Need::WiderScope) || client.wider_scope.is_some())
            && client.resources.len() >= resources
    };
    words.extend(wanted_method.map(|method| format!("the method {method} (`auth`)")));
    words.push(format!("the grant {grant_type} (`grants`)"));
    if start == Start::RefreshToken {
        words.push("the grant authorization_code (`grants`)".into());
    }
    match choice.public {
        Some(true) => words.push("no secret (`auth = [\"none\"]`)".into()),
        Some(false) if by_secret => words.push("a `secret`".into()),
        Some(false) => words.push("a `secret` or a `key`".into()),
        None => {}
    }
    if by_secret && choice.public != Some(false) {
        words.push("a `secret`".into());
    }
    if choice.reserved_characters == Some(true) {
        words.push("an `id` or `secret` with characters that need encoding".into());
    }
    words.extend(
        choice
            .id_contains
            .as_ref()
            .map(|text| format!("an `id` with `{text}` in it")),
    );
    words.extend(
        choice
            .id_token_alg
            .as_ref()
            .map(|alg| format!("the `id-token-alg` {alg}")),
    );
    words.extend(
        choice
            .signing_alg
            .as_ref()
            .map(|alg| format!("the `signing-alg` {alg}")),
    );
    words.extend(
        choice
            .redirect_uris
            .map(|least| format!("at least {least} `redirect-uris`")),
    );
    words.extend(choice.without_grant.as_ref().map(|grant| {
        format!("not the grant {grant}, which another client of the same method has")
    }));
    if case.acquire.redirect_uri == Some(RedirectUri::None) {
        words.push("exactly one of `redirect-uris`".into());
    }
    if case.needs.contains(&Need::WiderScope) {
        words.push("a `wider-scope`".into());
    }
    if resources > 0 {
        words.push(format!("{resources} `resource` (RFC 8707)"));
    }
    let Some(index) = target.clients.iter().position(fits) else {
        return Err(format!(
            "no client is registered with {}",
            words.join(" and ")
        ));
    };
    let client = &target.clients[index];
    let auth = wanted_method
        .map(str::to_owned)
        .or_else(|| {
            let with_secret = |method: &&String| method.starts_with("client_secret_");
            let mut methods = client.auth.iter();
            methods
                .find(|method| !by_secret || with_secret(method))
                .cloned()
        })
        .unwrap_or_default();
    let other = if needs_other(case) {
        let found = target.clients.iter().enumerate().position(|(at, other)| {
            at != index
                && other.id != client.id
                && other.is_public() == client.is_public()
                && other.has_method(&auth)
                && (!is_method(&auth) || other.signing_alg(&auth) == client.signing_alg(&auth))
                && has_grants(other, start, grant_type)
        });
        match found {
            Some(other) => Some(other),
            None => {
                return Err(format!(
                    "there is no other client with {}",
                    words.join(" and ")
                ));
            }
        }
    } else {
        None
    };
    Ok(Chosen {
        start: Some(start),
        client: Some(index),
        other,
        auth,
        grant: grant.cloned(),
    })
}

/// How many resources the client has to have.
fn resources(case: &Case) -> usize {
    let needs = |needs: &[Need]| needs.iter().any(|need| case.needs.contains(need));
    if needs(&[Need::SecondResource, Need::ResourceScopes]) {
        2
    } else {
        usize::from(needs(&[Need::Resource]))
    }
}

fn has_grants(client: &Client, start: Start, grant_type: &str) -> bool {
    match start {
        Start::RefreshToken => {
            client.has_grant("refresh_token")
                && client.has_grant("authorization_code")
                && !client.redirect_uris.is_empty()
        }
        Start::AuthorizationCode | Start::AuthorizationRequest | Start::MadeUpCode => {
            client.has_grant("authorization_code") && !client.redirect_uris.is_empty()
        }
        Start::ClientCredentials
        | Start::MadeUpRefreshToken
        | Start::Password
        | Start::Extension => client.has_grant(grant_type),
        Start::Any => true,
    }
}

/// Whether form encoding changes the id or the secret (RFC 6749 section 2.3.1).
fn has_reserved_characters(client: &Client) -> bool {
    let changes = |text: &str| crate::secret::form_encode(text.as_bytes()) != text;
    changes(&client.id)
        || client
            .secret
            .as_ref()
            .is_some_and(|secret| changes(secret.expose()))
}

/// Whether the case changes the client secret, so that the client has to send it, or to sign with it.
pub fn changes_secret(case: &Case) -> bool {
    case.requests().any(|request| {
        let changes = |op: &Op| matches!(op, Op::Auth(change) if change.secret.is_some());
        request.ops.iter().any(changes)
    })
}

/// Whether the case speaks of another client.
fn needs_other(case: &Case) -> bool {
    let named = |text: &str| {
        template::names(text)
            .iter()
            .any(|name| name.starts_with("other."))
    };
    let of_row = |value: &Scalar| matches!(value, Scalar::Text(text) if named(text));
    case.acquires()
        .any(|acquire| acquire.client == Some(AsClient::Other))
        || case.each.iter().flat_map(|row| row.values()).any(of_row)
        || case.requests().any(|request| {
            let signs = |op: &Op| matches!(op, Op::Assertion(change) if change.key == Some(AssertionKey::Other));
            request.client == Some(AsClient::Other)
                || request.ops.iter().any(signs)
                || request.templates().iter().any(|text| named(text))
        })
}
