//! What init knows of a server, and what the file claims of it.
//!
//! What the server says is somebody else's text: in the file it stands quoted, and within a line.

use crate::config::{GRANTS, METHODS};
use crate::discovery::{Found, Looked};
use crate::report::misleads;

/// Everything that the file is made from.
pub struct Draft {
    /// The target's name.
    pub name: String,
    /// What its variables begin with.
    pub prefix: String,
    /// The URL that was given.
    pub url: String,
    /// The issuer that the file gets.
    pub issuer: String,
    /// That the metadata names another.
    pub mismatch: Option<String>,
    /// A file with CA certificates.
    pub ca_file: Option<String>,
    /// The metadata.
    pub looked: Looked,
}

/// What the variables of a target begin with: its name in upper case.
pub fn prefix(name: &str) -> String {
    let upper = name.to_ascii_uppercase().replace('-', "_");
    // No variable's name begins with a digit.
    if upper.starts_with(|c: char| c.is_ascii_digit()) {
        format!("TARGET_{upper}")
    } else {
        upper
    }
}

/// A basic string of TOML in which nothing is taken from the environment.
pub fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for character in text.replace("${", "$${").chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            hidden if misleads(hidden) => {
                quoted.push_str(&format!("\\U{:08X}", u32::from(hidden)));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

/// An array of basic strings.
pub fn array(items: &[&str]) -> String {
    let items: Vec<String> = items.iter().map(|item| quoted(item)).collect();
    format!("[{}]", items.join(", "))
}

/// The server's words in a comment: in one line, and no longer than a reader bears.
pub fn comment(items: &[&str]) -> String {
    let text = items.join(", ");
    let mut clean: String = text.chars().filter(|c| !misleads(*c)).take(300).collect();
    if clean.len() < text.len() {
        clean.push('…');
    }
    clean
}

impl Draft {
    /// The metadata.
    pub fn found(&self) -> Option<&Found> {
        self.looked.found.as_ref()
    }

    /// A list of the metadata.
    pub fn list(&self, name: &str) -> Option<Vec<&str>> {
        self.found().and_then(|found| found.list(name))
    }

    /// What the server claims to be.
    pub fn profile(&self) -> &'static str {
        let scopes = self.list("scopes_supported").unwrap_or_default();
        let openid = scopes.contains(&"openid")
            || self.list("id_token_signing_alg_values_supported").is_some();
        if openid { "oidc" } else { "oauth2" }
    }

    /// The methods with a secret that the server and tokenspec both speak; that of RFC 8414
    /// section 2 where the server says nothing.
    pub fn methods(&self) -> Vec<&str> {
        let claimed = self
            .list("token_endpoint_auth_methods_supported")
            .unwrap_or_else(|| vec!["client_secret_basic"]);
        let both = |method: &&str| claimed.contains(method);
        METHODS.iter().copied().filter(both).collect()
    }

    /// Whether the server knows clients with a secret at all.
    pub fn confidential(&self) -> bool {
        self.methods() != ["none"]
    }

    /// The method that a client is most likely registered for.
    pub fn method(&self) -> &str {
        let methods = self.methods();
        // What is said first here needs the least at the server.
        let usual = [
            "client_secret_basic",
            "client_secret_post",
            "private_key_jwt",
            "client_secret_jwt",
        ];
        match usual.into_iter().find(|method| methods.contains(method)) {
            Some(method) => method,
            None if self.confidential() => "client_secret_basic",
            None => "none",
        }
    }

    /// What a client of that method authenticates with: the key of the configuration, and the end of
    /// its variable.
    pub fn credential(&self) -> Option<(&'static str, &'static str)> {
        match self.method() {
            "none" => None,
            "private_key_jwt" => Some(("key-file", "CLIENT_KEY_FILE")),
            _ => Some(("secret", "CLIENT_SECRET")),
        }
    }

    /// The grants that cases start from and that the server has. Without a list it is the default of
    /// RFC 8414 section 2; without metadata, the one that needs no login.
    pub fn grants(&self) -> Vec<&str> {
        if self.found().is_none() {
            return vec!["client_credentials"];
        }
        let claimed = self
            .list("grant_types_supported")
            .unwrap_or_else(|| vec!["authorization_code"]);
        let both = |grant: &&str| claimed.contains(grant);
        GRANTS.iter().copied().filter(both).collect()
    }

    /// Whether the clients get codes.
    pub fn has_code(&self) -> bool {
        self.grants().contains(&"authorization_code")
    }

    /// The variables that the file asks for, in its order.
    pub fn variables(&self) -> Vec<String> {
        let mut variables = Vec::new();
        if self.found().is_none() {
            variables.push(format!("{}_TOKEN_ENDPOINT", self.prefix));
        }
        for client in ["", "OTHER_"] {
            variables.push(format!("{}_{client}CLIENT_ID", self.prefix));
            if let Some((_, variable)) = self.credential() {
                variables.push(format!("{}_{client}{variable}", self.prefix));
            }
            if self.has_code() {
                variables.push(format!("{}_{client}REDIRECT_URI", self.prefix));
            }
        }
        if self.has_code() {
            variables.extend(["USER", "PASSWORD"].map(|name| format!("{}_{name}", self.prefix)));
        }
        variables
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use serde_json::{Map, Value, json};

    use super::*;
    use crate::config::{Config, LoginVia};
    use crate::outcome::Observation;

    fn draft(metadata: Option<Value>) -> Draft {
        let found = metadata.map(|value| Found {
            url: "https://as.example/.well-known/openid-configuration".into(),
            members: match value {
                Value::Object(members) => members,
                _ => Map::new(),
            },
            observation: Observation::default(),
        });
        Draft {
            name: "my-as".into(),
            prefix: prefix("my-as"),
            url: "https://as.example".into(),
            issuer: "https://as.example".into(),
            mismatch: None,
            ca_file: None,
            looked: Looked {
                found,
                missed: Vec::new(),
            },
        }
    }

    fn value(name: &str) -> String {
        if name.ends_with("_URI") || name.ends_with("_ENDPOINT") {
            format!("https://value.example/{name}")
        } else {
            format!("value-of-{name}")
        }
    }

    /// Parses with exactly the variables set that it names.
    fn target(draft: &Draft) -> crate::config::Target {
        let config = Config::parse("init", draft.text(), PathBuf::from(".")).unwrap();
        let variables = draft.variables();
        config
            .target(None, &|name| {
                assert!(
                    variables.iter().any(|known| known == name),
                    "{name} is not named"
                );
                Some(value(name))
            })
            .unwrap()
    }

    #[test]
    fn what_it_writes_can_be_read() {
        let draft = draft(Some(json!({
            "issuer": "https://as.example",
            "token_endpoint": "https://as.example/token",
            "scopes_supported": ["openid", "offline_access", "email"],
            "grant_types_supported": ["refresh_token", "authorization_code", "implicit"],
            "token_endpoint_auth_methods_supported": ["tls_client_auth", "client_secret_post"],
        })));
        let target = target(&draft);
        assert_eq!(target.profile, ["oidc"]);
        let client = &target.clients[0];
        assert_eq!(client.id, "value-of-MY_AS_CLIENT_ID");
        assert_eq!(client.auth, ["client_secret_post"]);
        assert_eq!(client.grants, ["authorization_code", "refresh_token"]);
        assert_eq!(target.clients[1].name, "other");
        assert_eq!(draft.variables().len(), 8);
        assert_eq!(target.login.unwrap().via, LoginVia::Form);
        assert!(draft.text().contains("does not speak tls_client_auth"));
    }

    #[test]
    fn without_metadata_the_token_endpoint_is_a_blank() {
        let draft = draft(None);
        let target = target(&draft);
        assert_eq!(
            target.endpoints.token.as_deref(),
            Some("https://value.example/MY_AS_TOKEN_ENDPOINT")
        );
        assert_eq!(target.profile, ["oauth2"]);
    }

    #[test]
    fn a_server_without_secrets_has_public_clients() {
        let draft = draft(Some(
            json!({ "token_endpoint_auth_methods_supported": ["none"] }),
        ));
        assert_eq!(target(&draft).clients[0].auth, ["none"]);
    }

    /// What is commented out is right too.
    #[test]
    fn what_is_commented_out_can_be_taken_in() {
        let draft = draft(Some(json!({ "scopes_supported": ["openid"] })));
        let used = "[target.my-as.login]\nvia      = \"form\"\nusername = \"${MY_AS_USER}\"\n\
                    password = \"${MY_AS_PASSWORD}\"\n";
        for via in ["auto", "browser", "command", "manual"] {
            assert!(draft.text().contains(used));
            let text = draft.text().replace(used, "");
            let start = text
                .match_indices("# [target.my-as.login]\n")
                .map(|(at, _)| at)
                .find(|at| {
                    let choice = text[*at..].split("\n#\n").next().unwrap_or_default();
                    choice.contains(&format!("= \"{via}\""))
                })
                .unwrap();
            let end = start + text[start..].find("\n#\n").unwrap();
            let taken = text[start..end].replace("# ", "");
            let text = format!("{}{taken}{}", &text[..start], &text[end..])
                .replace("# params = ", "params = ")
                .replace("# codes-at-once ", "codes-at-once ");
            let config = Config::parse("init", text, PathBuf::from(".")).unwrap();
            let target = config.target(None, &|name| Some(value(name))).unwrap();
            assert_eq!(target.login.unwrap().codes_at_once, Some(1), "{via}");
        }
    }

    #[test]
    fn the_servers_words_stay_where_they_are_put() {
        let mut draft = draft(Some(json!({
            "token_endpoint": "https://as.example/\"\n[target.evil]\n${HOME}",
            "scopes_supported": ["a\n[target.evil]", "${HOME}"],
        })));
        draft.issuer = "https://as.example/${HOME}".into();
        draft.mismatch = Some("named \n[target.evil]".into());
        let text = draft.text();
        let config = Config::parse("init", text, PathBuf::from(".")).unwrap();
        assert_eq!(config.names().collect::<Vec<_>>(), ["my-as"]);
        assert_eq!(
            target(&draft).issuer.as_deref(),
            Some("https://as.example/${HOME}")
        );
    }

    #[test]
    fn prefixes_are_names_of_variables() {
        assert_eq!(prefix("staging"), "STAGING");
        assert_eq!(prefix("my-as"), "MY_AS");
        assert_eq!(prefix("2nd"), "TARGET_2ND");
    }
}
