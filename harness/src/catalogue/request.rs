//! What a case does to a valid request, in the order in which it is written.

use std::borrow::Cow;

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::AssertionChange;
use super::case::AsClient;

/// The value of a parameter.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ParamValue {
    /// A text, which may be a template; it is form-encoded.
    Text(String),
    /// Bytes of another kind.
    Special(SpecialValue),
}

/// A value that a text cannot say.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SpecialValue {
    /// What stands on the wire, as it is: `%00`, `%zz`.
    pub raw: Option<String>,
    /// Bytes in hexadecimal, which are form-encoded: `fffe`.
    pub bytes: Option<String>,
    /// A text that is repeated `times` times.
    pub fill: Option<String>,
    /// How often `fill` is repeated.
    pub times: Option<usize>,
}

/// How the credentials are written before Base64 (RFC 6749 section 2.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// Form-encoded, as the document says.
    Form,
    /// As they are.
    Raw,
}

/// What is done to the client authentication.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct AuthChange {
    /// The method: `client_secret_basic`, `client_secret_post`, `client_secret_jwt`, `private_key_jwt`,
    /// or `none` (the id alone).
    pub method: Option<String>,
    /// The client identifier.
    pub id: Option<String>,
    /// The client secret.
    pub secret: Option<String>,
    /// How the scheme `Basic` is spelled.
    pub scheme: Option<String>,
    /// How the credentials are written before Base64.
    pub encoding: Option<Encoding>,
    /// A second authentication by this method; by the same, the header or parameter twice.
    pub twice: Option<String>,
    /// No authentication at all, and no client identifier.
    pub none: Option<bool>,
}

/// Where a request goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Endpoint {
    /// The token endpoint: the default.
    #[default]
    Token,
    /// The introspection endpoint (RFC 7662).
    Introspection,
    /// The revocation endpoint (RFC 7009).
    Revocation,
    /// The userinfo endpoint (OpenID Connect Core 5.3).
    Userinfo,
    /// The metadata, where it was found.
    Metadata,
    /// The metadata at the place of RFC 8414 section 3.
    OauthMetadata,
    /// The metadata at the place of OpenID Connect Discovery 4.
    OpenidMetadata,
    /// The key set (RFC 7517).
    Jwks,
}

impl Endpoint {
    /// Whether it serves a document that anybody may read, so that reading it changes nothing.
    #[must_use]
    pub const fn is_document(self) -> bool {
        matches!(
            self,
            Self::Metadata | Self::OauthMetadata | Self::OpenidMetadata | Self::Jwks
        )
    }

    /// What it is called.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Introspection => "introspection",
            Self::Revocation => "revocation",
            Self::Userinfo => "userinfo",
            Self::Metadata => "metadata",
            Self::OauthMetadata => "oauth-metadata",
            Self::OpenidMetadata => "openid-metadata",
            Self::Jwks => "jwks",
        }
    }
}

/// The body of a request, where it is not the form.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Body {
    /// The parameters as a JSON object.
    pub json: Option<bool>,
    /// The parameters as a form, where the valid request has them in a JSON object.
    pub form: Option<bool>,
    /// A text, which may be a template.
    pub text: Option<String>,
    /// Bytes in hexadecimal.
    pub bytes: Option<String>,
}

/// Parameters that go to the query of the request's URL.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Query {
    /// Parameters that stand in the query and no longer in the body; `*` for all.
    #[serde(default, rename = "move")]
    pub moved: Vec<String>,
    /// Parameters that stand in both; `*` for all.
    #[serde(default)]
    pub copy: Vec<String>,
}

/// One thing done to a request.
#[derive(Debug, Clone, PartialEq)]
pub enum Op {
    /// Gives parameters these values, in their places; new ones come last.
    Set(IndexMap<String, ParamValue>),
    /// Takes parameters away.
    Remove(Vec<String>),
    /// Leaves parameters without a value.
    Blank(Vec<String>),
    /// Gives parameters other names.
    Rename(IndexMap<String, String>),
    /// Sends parameters a second time, with the same value.
    Duplicate(Vec<String>),
    /// Adds parameters at the end, also where there is one of that name.
    Append(IndexMap<String, ParamValue>),
    /// Adds parameters at the start.
    Prepend(IndexMap<String, ParamValue>),
    /// Puts parameters in the query.
    Query(Query),
    /// The HTTP method.
    Method(String),
    /// The media type; `false` for none.
    ContentType(Option<String>),
    /// Headers.
    Header(IndexMap<String, String>),
    /// The body.
    Body(Body),
    /// The client authentication.
    Auth(AuthChange),
    /// The client assertion.
    Assertion(Box<AssertionChange>),
}

/// What is done to the valid request; nothing, where it is empty.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The changes, in their order.
    pub ops: Vec<Op>,
    /// As whom it is sent.
    pub client: Option<AsClient>,
    /// Where it goes.
    pub endpoint: Endpoint,
    /// How many of it are sent at once.
    pub at_once: usize,
    /// The step whose form is sent again.
    pub same_as: Option<String>,
    /// With `same-as`: the same bytes.
    pub verbatim: bool,
}

impl Request {
    /// Whether it is the valid request, with nothing done to it.
    #[must_use]
    pub fn is_unchanged(&self) -> bool {
        self.ops.is_empty() && self.client.is_none() && self.same_as.is_none()
    }

    /// The texts in it that may be templates.
    #[must_use]
    pub fn templates(&self) -> Vec<&str> {
        let mut texts = Vec::new();
        for op in &self.ops {
            match op {
                Op::Set(params) | Op::Append(params) | Op::Prepend(params) => {
                    for (name, value) in params {
                        texts.push(name.as_str());
                        match value {
                            ParamValue::Text(text) => texts.push(text),
                            ParamValue::Special(special) => {
                                texts.extend(special.raw.as_deref());
                                texts.extend(special.fill.as_deref());
                            }
                        }
                    }
                }
                Op::Remove(names) | Op::Blank(names) | Op::Duplicate(names) => {
                    texts.extend(names.iter().map(String::as_str));
                }
                Op::Rename(names) | Op::Header(names) => {
                    for (name, value) in names {
                        texts.extend([name.as_str(), value.as_str()]);
                    }
                }
                Op::Query(query) => {
                    texts.extend(query.moved.iter().chain(&query.copy).map(String::as_str));
                }
                Op::Method(text) | Op::ContentType(Some(text)) => texts.push(text),
                Op::ContentType(None) => {}
                Op::Body(body) => texts.extend(body.text.as_deref()),
                Op::Assertion(change) => texts.extend(change.templates()),
                Op::Auth(auth) => texts.extend(
                    [
                        &auth.method,
                        &auth.id,
                        &auth.secret,
                        &auth.scheme,
                        &auth.twice,
                    ]
                    .into_iter()
                    .filter_map(Option::as_deref),
                ),
            }
        }
        texts
    }
}

impl<'de> Deserialize<'de> for Request {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        fn read<T: serde::de::DeserializeOwned, E: serde::de::Error>(
            name: &str,
            value: Value,
        ) -> Result<T, E> {
            serde_json::from_value(value).map_err(|error| E::custom(format!("{name}: {error}")))
        }
        let table = IndexMap::<String, Value>::deserialize(deserializer)?;
        let mut request = Self::default();
        for (name, value) in table {
            let key = name.as_str();
            let op = match key {
                "set" => Op::Set(read(key, value)?),
                "remove" => Op::Remove(read(key, value)?),
                "blank" => Op::Blank(read(key, value)?),
                "rename" => Op::Rename(read(key, value)?),
                "duplicate" => Op::Duplicate(read(key, value)?),
                "append" => Op::Append(read(key, value)?),
                "prepend" => Op::Prepend(read(key, value)?),
                "query" => Op::Query(read(key, value)?),
                "method" => Op::Method(read(key, value)?),
                "content-type" => match value {
                    Value::Bool(false) => Op::ContentType(None),
                    other => Op::ContentType(Some(read(key, other)?)),
                },
                "header" => Op::Header(read(key, value)?),
                "body" => Op::Body(read(key, value)?),
                "auth" => Op::Auth(read(key, value)?),
                "assertion" => Op::Assertion(read(key, value)?),
                "client" => {
                    request.client = read(key, value)?;
                    continue;
                }
                "endpoint" => {
                    request.endpoint = read(key, value)?;
                    continue;
                }
                "at-once" => {
                    request.at_once = read(key, value)?;
                    continue;
                }
                "same-as" => {
                    request.same_as = read(key, value)?;
                    continue;
                }
                "verbatim" => {
                    request.verbatim = read(key, value)?;
                    continue;
                }
                _ => return Err(D::Error::custom(format!("unknown key `{name}`"))),
            };
            request.ops.push(op);
        }
        Ok(request)
    }
}

/// The keys of a request, for its JSON Schema: the order of the keys is kept by
/// [`Request`]'s own reader.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case", deny_unknown_fields)]
#[allow(dead_code, reason = "it stands for its schema alone")]
struct RequestKeys {
    /// Gives parameters these values, in their places; new ones come last.
    set: Option<IndexMap<String, ParamValue>>,
    /// Takes parameters away.
    remove: Option<Vec<String>>,
    /// Leaves parameters without a value.
    blank: Option<Vec<String>>,
    /// Gives parameters other names.
    rename: Option<IndexMap<String, String>>,
    /// Sends parameters a second time, with the same value.
    duplicate: Option<Vec<String>>,
    /// Adds parameters at the end, also where there is one of that name.
    append: Option<IndexMap<String, ParamValue>>,
    /// Adds parameters at the start.
    prepend: Option<IndexMap<String, ParamValue>>,
    /// Puts parameters in the query.
    query: Option<Query>,
    /// The HTTP method.
    method: Option<String>,
    /// The media type; `false` for none.
    content_type: Option<ContentType>,
    /// Headers.
    header: Option<IndexMap<String, String>>,
    /// The body, where it is not the form.
    body: Option<Body>,
    /// The client authentication.
    auth: Option<AuthChange>,
    /// The client assertion, where the client authenticates by one.
    assertion: Option<AssertionChange>,
    /// As whom it is sent.
    client: Option<AsClient>,
    /// Where it goes.
    endpoint: Option<Endpoint>,
    /// How many of it are sent at once.
    at_once: Option<usize>,
    /// The step whose form is sent again.
    same_as: Option<String>,
    /// With `same-as`: the same bytes.
    verbatim: Option<bool>,
}

#[derive(JsonSchema)]
#[schemars(untagged)]
#[allow(dead_code, reason = "it stands for its schema alone")]
enum ContentType {
    None(bool),
    Some(String),
}

impl JsonSchema for Request {
    fn schema_name() -> Cow<'static, str> {
        "Request".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        RequestKeys::json_schema(generator)
    }
}
