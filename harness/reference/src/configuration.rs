//! The `tokenspec.toml` that describes a server.

use std::time::Duration;

use crate::clients::{AuthMethod, Client, GrantType};
use crate::options::Personality;

/// A `tokenspec.toml` for a server of that personality and issuer, with the
/// target `local`.
pub fn config_toml(personality: Personality, issuer: &str) -> String {
    let lifetime = personality.dialect().rules().code.lifetime;
    config_with(personality, issuer, lifetime)
}

/// The same, for a server whose codes live so long.
pub(crate) fn config_with(personality: Personality, issuer: &str, codes: Duration) -> String {
    let dialect = personality.dialect();
    let mut toml = String::from("[target.local]\n");
    entry(&mut toml, "issuer", &string(issuer));
    entry(&mut toml, "profile", &array(dialect.profiles()));
    let lifetime = format!("{}ms", codes.as_millis());
    entry(&mut toml, "code-lifetime", &string(&lifetime));
    for (key, path) in dialect.unlisted() {
        entry(&mut toml, key, &string(&format!("{issuer}{path}")));
    }
    for client in dialect.clients() {
        toml.push_str("\n[[target.local.client]]\n");
        describe(&mut toml, client);
        for resource in dialect.resources() {
            toml.push_str("\n[[target.local.client.resource]]\n");
            entry(&mut toml, "uri", &string(resource.uri));
            if let [scope, ..] = resource.own_scope {
                entry(&mut toml, "scope", &string(scope));
            }
        }
    }
    toml.push_str("\n[target.local.login]\n");
    entry(&mut toml, "via", &string("auto"));
    let asks_password = |client: &Client| client.may_use(GrantType::Password);
    if let Some(user) = dialect.users().first()
        && dialect.clients().iter().any(asks_password)
    {
        toml.push_str("\n[target.local.user]\n");
        entry(&mut toml, "username", &string(user.subject));
        entry(&mut toml, "password", &string(user.password));
        if let Some(source) = dialect.password_source() {
            entry(&mut toml, "params", &inline(&[("auth_source_id", source)]));
        }
    }
    for sent in dialect.sent_codes() {
        let params = [
            ("auth_source_id", sent.source),
            (sent.channel.parameter(), sent.address),
            ("otp_token", sent.token),
            ("otp", sent.code),
        ];
        toml.push_str("\n[[target.local.extension-grant]]\n");
        let kind = GrantType::OneTimePassword(sent.channel);
        entry(&mut toml, "type", &string(kind.as_str()));
        entry(&mut toml, "params", &inline(&params));
    }
    if let [_, second, ..] = dialect.users() {
        let hint = format!("{{ login_hint = {} }}", string(second.subject));
        toml.push_str("\n[target.local.login.second-user]\n");
        entry(&mut toml, "params", &hint);
    }
    toml
}

fn inline(pairs: &[(&str, &str)]) -> String {
    let pairs: Vec<_> = pairs
        .iter()
        .map(|(name, value)| format!("{name} = {}", string(value)))
        .collect();
    format!("{{ {} }}", pairs.join(", "))
}

fn describe(toml: &mut String, client: &Client) {
    let auth: Vec<_> = client
        .methods
        .iter()
        .copied()
        .map(AuthMethod::as_str)
        .collect();
    let grants: Vec<_> = client
        .grants
        .iter()
        .copied()
        .map(GrantType::as_str)
        .collect();
    entry(toml, "name", &string(client.name));
    entry(toml, "id", &string(client.id));
    if let Some(secret) = client.secret {
        entry(toml, "secret", &string(secret));
    }
    if let Some(signing) = &client.signing {
        for (key, value) in [("key", signing.key), ("kid", signing.kid)] {
            if let Some(value) = value {
                entry(toml, key, &string(value));
            }
        }
        entry(toml, "signing-alg", &string(signing.algorithm));
    }
    entry(toml, "auth", &array(&auth));
    entry(toml, "grants", &array(&grants));
    entry(toml, "redirect-uris", &array(client.redirect_uris));
    for (key, value) in [
        ("scope", client.asks_for.scope),
        ("wider-scope", client.asks_for.wider_scope),
        (
            "client-credentials-scope",
            client.asks_for.client_credentials_scope,
        ),
        ("id-token-alg", client.id_token_alg),
    ] {
        if let Some(value) = value {
            entry(toml, key, &string(value));
        }
    }
}

fn entry(toml: &mut String, key: &str, value: &str) {
    toml.push_str(&format!("{key} = {value}\n"));
}

/// A basic string.
fn string(text: &str) -> String {
    let mut quoted = String::from('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            control if control.is_control() => {
                quoted.push_str(&format!("\\u{:04X}", u32::from(control)));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

fn array(items: &[&str]) -> String {
    let items: Vec<_> = items.iter().copied().map(string).collect();
    format!("[{}]", items.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_personality_is_described() {
        for personality in Personality::ALL {
            let text = config_toml(personality, "http://127.0.0.1:1");
            let toml: toml::Table = text.parse().unwrap();
            let target = &toml["target"]["local"];
            assert_eq!(target["issuer"].as_str(), Some("http://127.0.0.1:1"));
            let clients = target["client"].as_array().unwrap();
            for (told, client) in clients.iter().zip(personality.dialect().clients()) {
                assert_eq!(told["id"].as_str(), Some(client.id));
                assert_eq!(
                    told.get("secret").and_then(|secret| secret.as_str()),
                    client.secret
                );
            }
        }
    }

    #[test]
    fn strings_are_quoted() {
        for text in [
            "a\"b\\c",
            "tab\tnew\nline",
            "p%c3ss+word: &=/",
            "\u{e9}\u{7f}",
        ] {
            let toml: toml::Table = format!("x = {}", string(text)).parse().unwrap();
            assert_eq!(toml["x"].as_str(), Some(text));
        }
    }
}
