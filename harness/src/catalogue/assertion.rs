//! What is done to a client assertion (RFC 7521 section 4.2, RFC 7523).

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

/// What is done to the client assertion before it is signed, and how it is signed.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct AssertionChange {
    /// Gives claims these values; texts may be templates.
    #[serde(default)]
    pub set: IndexMap<String, Value>,
    /// Takes claims away.
    #[serde(default)]
    pub remove: Vec<String>,
    /// Writes claims a second time, at the end, with these values.
    #[serde(default)]
    pub repeat: IndexMap<String, Value>,
    /// Gives claims a time that lies so far ahead (`10min`) or back (`-10min`).
    #[serde(default)]
    pub from_now: IndexMap<String, String>,
    /// Gives header parameters these values; texts may be templates.
    #[serde(default)]
    pub header: IndexMap<String, Value>,
    /// Takes header parameters away.
    #[serde(default)]
    pub header_remove: Vec<String>,
    /// Writes header parameters a second time, at the end, with these values.
    #[serde(default)]
    pub header_repeat: IndexMap<String, Value>,
    /// The header, as a text in place of a JSON object.
    pub header_text: Option<String>,
    /// The claims, as a text in place of a JSON object.
    pub claims_text: Option<String>,
    /// In which encoding the claims are written.
    pub claims_encoding: Option<ClaimsEncoding>,
    /// The algorithm that it is signed with, which the header names unless `header` says otherwise.
    pub alg: Option<String>,
    /// What it is signed with.
    pub key: Option<AssertionKey>,
    /// The header has the public key that verifies it (`jwk`, RFC 7515 section 4.1.3).
    #[serde(default)]
    pub embeds_key: bool,
    /// What becomes of the signature.
    pub signature: Option<AssertionSignature>,
}

/// What an assertion is signed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AssertionKey {
    /// The client's key, or its secret: the default.
    Own,
    /// A key of the same kind, or a secret, that nobody knows.
    Fresh,
    /// The key of another registered client.
    Other,
    /// The client's public key as PEM, taken for the secret of an HMAC.
    PublicPem,
    /// The client's public key as DER, taken for the secret of an HMAC.
    PublicDer,
    /// The client's public key as a JWK, taken for the secret of an HMAC.
    PublicJwk,
}

/// What becomes of the signature of an assertion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AssertionSignature {
    /// There is none: the last part is empty.
    None,
    /// One bit of it is changed.
    Altered,
    /// It is that of the assertion before anything was done to it.
    OfUnchanged,
}

/// In which encoding claims are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ClaimsEncoding {
    /// UTF-8, as RFC 7519 section 3 says: the default.
    #[serde(rename = "utf-8")]
    Utf8,
    /// UTF-16, big-endian, with a byte order mark.
    #[serde(rename = "utf-16")]
    Utf16,
}

impl AssertionChange {
    /// The texts in it that may be templates.
    #[must_use]
    pub fn templates(&self) -> Vec<&str> {
        fn of<'v>(value: &'v Value, texts: &mut Vec<&'v str>) {
            match value {
                Value::String(text) => texts.push(text),
                Value::Array(items) => items.iter().for_each(|item| of(item, texts)),
                Value::Object(members) => members.values().for_each(|member| of(member, texts)),
                _ => {}
            }
        }
        let mut texts = Vec::new();
        for members in [&self.set, &self.repeat, &self.header, &self.header_repeat] {
            for value in members.values() {
                of(value, &mut texts);
            }
        }
        texts.extend(self.header_text.as_deref());
        texts.extend(self.claims_text.as_deref());
        texts.extend(self.alg.as_deref());
        texts.extend(self.from_now.values().map(String::as_str));
        texts
    }
}
