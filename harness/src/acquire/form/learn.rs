//! What the hidden fields of a page teach the vault: CSRF tokens, and the state that a server
//! keeps in them.

use url::Url;

use super::control::Kind;
use super::page::Page;
use crate::secret::{SecretKind, Vault};

/// A shorter value is no token.
const SHORTEST: usize = 8;

/// Learns what looks like a token. What the authorization request itself says (a scope, the
/// redirect URI) is none, nor is an address: the vault would take it out of every report.
pub(super) fn learn(page: &Page, start: &Url, vault: &Vault) {
    let hidden = page
        .forms
        .iter()
        .flat_map(|form| &form.controls)
        .filter(|control| control.kind == Kind::Hidden);
    for control in hidden {
        let value = control.value.as_deref().unwrap_or_default();
        let name = format!("form.{}", control.name);
        if !value.starts_with('/') && !value.contains("://") {
            one(&name, value, start, vault);
        } else if let Ok(url) = page.base.join(value) {
            for (_, part) in url.query_pairs() {
                if !part.starts_with('/') && !part.contains("://") {
                    one(&name, &part, start, vault);
                }
            }
        }
    }
}

fn one(name: &str, value: &str, start: &Url, vault: &Vault) {
    let token = value.len() >= SHORTEST
        && !value.contains(char::is_whitespace)
        && (value.contains(|c: char| c.is_ascii_digit()) || says_so(name))
        && !start.query_pairs().any(|(_, known)| known == value);
    if token {
        vault.learn(SecretKind::Issued, name, value);
    }
}

fn says_so(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["csrf", "token", "nonce", "challenge"]
        .iter()
        .any(|word| name.contains(word))
}
