//! What to do about an answer that a step did not want.

use crate::assertion;
use crate::catalogue::Start;
use crate::commands::unreachable;
use crate::config::Client;
use crate::judge::Response;

/// What to do where nothing was answered.
pub fn of_silence(why: &str) -> String {
    unreachable::cause(why).remedy().to_owned()
}

/// What to do about a refused token request, by its error code (RFC 6749 section 5.2).
pub fn of_token_request(
    response: Option<&Response>,
    why: &str,
    start: Start,
    client: &Client,
    auth: &str,
) -> String {
    let name = &client.name;
    let Some(response) = response else {
        return of_silence(why);
    };
    let status = response.observation.status;
    let grant = start.grant_type();
    match (response.text_member("error"), status) {
        (Some("invalid_client"), _) | (None, 401 | 403) => of_credentials(client, auth),
        (Some("unauthorized_client"), _) => format!(
            "register the client `{name}` for the grant {grant} and the method {auth} at the server, or take \
             it out of `grants`"
        ),
        (Some("unsupported_grant_type"), _) => format!(
            "switch the grant {grant} on at the server, or take it out of the `grants` of `{name}`"
        ),
        (Some("invalid_scope"), _) => {
            let key = if start == Start::ClientCredentials {
                "client-credentials-scope"
            } else {
                "scope"
            };
            format!("say in `{key}` of `{name}` a scope that this client may have")
        }
        (Some("invalid_grant"), _) if start == Start::AuthorizationCode => {
            "look into the server's log: a code that is just issued is refused for its redirect URI, its \
             code_verifier, its client, or its age"
                .into()
        }
        (Some("invalid_grant"), _) if start == Start::Password => {
            "look at `username`, `password` and `params` of [target.NAME.user], and log in with them by hand"
                .into()
        }
        (Some("invalid_grant"), _) if start == Start::RefreshToken => {
            "look into the server's log: a refresh token that is just issued should be good".into()
        }
        (Some("invalid_request"), _) => {
            format!(
                "see its description: the server may want another method than {auth}, or a parameter that \
                 `{name}` does not send"
            )
        }
        (_, 404 | 405 | 300..=399) => {
            "correct `token-endpoint`, or the server's metadata: this is not where tokens are given".into()
        }
        (_, 429 | 503) => {
            "the server limits requests: wait, and set `http.max-requests-per-second`".into()
        }
        (_, 500..) => "look into the server's log: it fails on a valid request".into(),
        (_, 200..300) => {
            "look whether `token-endpoint` is the token endpoint: the answer is no token response".into()
        }
        _ => format!("look into the server's log, and at `token-endpoint`, and how `{name}` is registered"),
    }
}

fn of_credentials(client: &Client, auth: &str) -> String {
    let name = &client.name;
    if client.is_public() {
        return format!(
            "look at the `id` of `{name}`, and whether the server has it as a public client, without a secret"
        );
    }
    if assertion::is_method(auth) {
        let with = if auth == assertion::PRIVATE_KEY_JWT {
            "the key (`key-file` or `key`, `kid`) is the one whose public half is registered"
        } else {
            "`secret` is right, and not decoded before it signs"
        };
        return format!(
            "look whether the server has `{name}` with {auth} and the algorithm {} (`signing-alg`), whether {with}, \
             and whom its assertions have to name (`assertion-audience`: token-endpoint or issuer)",
            client.signing_alg(auth)
        );
    }
    let other = if client.auth.len() > 1 {
        format!("; where another method is ticked, take {auth} out of `auth`")
    } else {
        String::new()
    };
    format!(
        "look at `id` and `secret` of `{name}` (the values of their variables), and whether it is registered \
         for {auth}{other}"
    )
}

/// What to do where the login gave no code.
pub fn of_login(why: &str) -> String {
    let has = |word: &str| why.contains(word);
    if has("invalid_scope") {
        "say in `scope` a scope that this client may have"
    } else if has("unauthorized_client") || has("unsupported_response_type") {
        "register the client for the grant authorization_code, or take it out of `grants`"
    } else if has("login_required") || has("interaction_required") || has("consent_required") {
        "the server wants to see a user: choose another `login.via`, or correct `login.params`"
    } else if has("access_denied") {
        "let the user of the login use this client, and consent"
    } else if has("or the user is locked") {
        "look at the values of `login.username` and `login.password`, and log in with them by hand, in a browser"
    } else if has("cannot be started: ") || has("cannot start a browser: ") {
        "install Chromium and its driver (on Debian: apt-get install chromium chromium-driver), or name them \
         with `login.browser` and `login.driver`"
    } else if has("login in the browser cannot do") {
        "correct that step in [target.NAME.login]"
    } else if has("login in the browser") {
        "look at the screenshot, and say with [[target.NAME.login.step]] what is to be done on each page: `fill` \
         and `with`, `click`, `wait`; a page that is only slow needs more `http.timeout`"
    } else if has("got stuck on") || has("the login ") && has("pages") {
        "name the fields and buttons of that page in [target.NAME.login]; a page that needs scripts needs `via = \
         \"browser\"`"
    } else if has("and no redirect") {
        "the server shows a page: choose a `login.via` for login pages, or let it log a user in by itself"
    } else if has("login command") {
        "run the command by hand with an authorization URL as its last argument, in the folder of tokenspec.toml"
    } else {
        "look at [target.NAME.login], and into the server's log"
    }
    .to_owned()
}
