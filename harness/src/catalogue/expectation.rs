//! What has to come back: expectations, whole answers, and rules for JSON, headers and JWTs.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

/// One value, or a list of them.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(untagged)]
pub enum OneOrMany<T> {
    /// One.
    One(T),
    /// Several.
    Many(Vec<T>),
}

impl<T> OneOrMany<T> {
    /// All of them.
    #[must_use]
    pub fn as_slice(&self) -> &[T] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}

impl<T> Default for OneOrMany<T> {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

/// A text, number or truth value.
#[derive(Debug, Clone, PartialEq, JsonSchema)]
#[schemars(untagged)]
pub enum Scalar {
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// Any other number.
    Float(f64),
    /// A text, which may be a template.
    Text(String),
}

/// What a JSON value has to be: equal to a scalar, or what the rule says.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(untagged)]
pub enum Matcher {
    /// Equal to this value.
    Equals(Scalar),
    /// As this rule says.
    Rule(Box<JsonRule>),
}

/// A rule for a JSON value. Everything that is given has to hold.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct JsonRule {
    /// Whether the member has to be there (`true`) or must not be there (`false`). Without it the
    /// other rules demand that it is there, unless `optional` is said.
    pub present: Option<bool>,
    /// The other rules count only where the member is there.
    #[serde(default)]
    pub optional: bool,
    /// The JSON type: `string`, `number`, `integer`, `boolean`, `array`, `object`, `null`.
    #[serde(rename = "type")]
    pub kind: Option<OneOrMany<String>>,
    /// Equal to this value.
    pub equals: Option<Scalar>,
    /// Equal to this text without regard to ASCII letter case.
    pub equals_ignoring_case: Option<String>,
    /// Equal to one of these values.
    pub one_of: Option<Vec<Scalar>>,
    /// Different from this value.
    pub not: Option<Scalar>,
    /// A text that this regular expression matches as a whole.
    pub pattern: Option<String>,
    /// A text of at least this many characters, or a list of at least this many items.
    pub min_length: Option<usize>,
    /// A text of at most this many characters, or a list of at most this many items.
    pub max_length: Option<usize>,
    /// A text that can hold at least so many random bits, by its length and its characters.
    pub min_bits: Option<u32>,
    /// A number of at least this value.
    pub min: Option<f64>,
    /// A number of at most this value.
    pub max: Option<f64>,
    /// A list with this item, or a text that is a space-delimited list with it, or equal to it.
    pub contains: Option<Scalar>,
    /// A space-delimited list (or an array of texts) with no item outside this one.
    pub subset_of: Option<String>,
    /// A space-delimited list (or an array of texts) with at least the items of this one.
    pub superset_of: Option<String>,
    /// A list in which every item has this JSON type.
    pub items: Option<String>,
}

/// What a header has to be: equal to a text, or what the rule says.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(untagged)]
pub enum HeaderMatcher {
    /// One field line with exactly this value.
    Equals(String),
    /// As this rule says.
    Rule(Box<HeaderRule>),
}

/// A rule for a header, over all its field lines. Everything that is given has to hold.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct HeaderRule {
    /// Whether the header has to be there, or must not be there.
    pub present: Option<bool>,
    /// The other rules count only where the header is there.
    #[serde(default)]
    pub optional: bool,
    /// A challenge (RFC 9110 section 11.6.1) of this scheme, or of one of these; `*` for any.
    pub scheme: Option<OneOrMany<String>>,
    /// A cache directive (RFC 9111 section 5.2) that has to be there.
    pub directive: Option<String>,
    /// A media type without its parameters (RFC 9110 section 8.3.1).
    pub media_type: Option<String>,
    /// The media type's `charset` parameter.
    pub charset: Option<String>,
    /// A comma-separated list with this item.
    pub contains: Option<String>,
    /// A regular expression that matches the value as a whole.
    pub pattern: Option<String>,
}

/// What a JWT in a member of the response has to be.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct JwtRule {
    /// `jws`: three Base64url parts whose first two are JSON objects (RFC 7515 section 7.1).
    pub format: Option<JwtFormat>,
    /// Members of the header.
    #[serde(default)]
    pub header: IndexMap<String, Matcher>,
    /// Members of the claims.
    #[serde(default)]
    pub claims: IndexMap<String, Matcher>,
    /// The signature, against the target's keys.
    pub signature: Option<SignatureRule>,
    /// The other rules count only where the member is there and is a JWT.
    #[serde(default)]
    pub optional: bool,
}

/// The serialization of a JWT.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum JwtFormat {
    /// A signed JWT in compact serialization.
    Jws,
}

/// What a signature has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SignatureRule {
    /// It verifies with the key of the target's JWKS that its `kid` names (the only fitting key
    /// where there is no `kid`).
    Valid,
}

/// A whole answer: everything that is given has to hold of one response.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Answer {
    /// The status, or several of them.
    pub status: Option<OneOrMany<u16>>,
    /// Members of the JSON body.
    #[serde(default)]
    pub json: IndexMap<String, Matcher>,
    /// Headers.
    #[serde(default)]
    pub header: IndexMap<String, HeaderMatcher>,
    /// JWTs in members of the JSON body.
    #[serde(default)]
    pub jwt: IndexMap<String, JwtRule>,
    /// The whole body as text.
    pub body: Option<String>,
    /// Exactly these member names in the JSON body.
    pub members: Option<Vec<String>>,
}

impl Answer {
    /// Whether it names this status.
    #[must_use]
    pub fn has_status(&self, status: u16) -> bool {
        let named = self.status.as_ref().map(OneOrMany::as_slice);
        named.is_some_and(|all| all.contains(&status))
    }

    /// Whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.status.is_none()
            && self.json.is_empty()
            && self.header.is_empty()
            && self.jwt.is_empty()
            && self.body.is_none()
            && self.members.is_none()
    }
}

/// The most that a break may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AtMost {
    /// It warns, although the requirement's level would fail: the row is testable only partly.
    Warn,
}

/// Where an expectation is judged.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct When {
    /// The client authentication method of the request.
    pub auth: Option<OneOrMany<String>>,
    /// What the request starts from.
    pub start: Option<OneOrMany<String>>,
    /// The client that sends it.
    pub client: Option<WhenClient>,
    /// One of the profile's documents.
    pub document: Option<OneOrMany<String>>,
    /// None of the profile's documents: what one of these allows is no mistake.
    pub without_document: Option<OneOrMany<String>>,
    /// The status of the response.
    pub status: Option<OneOrMany<u16>>,
    /// Whether the response refused.
    pub refused: Option<bool>,
    /// Whether the response granted a token.
    pub granted: Option<bool>,
    /// Whether the response has a body.
    pub body: Option<bool>,
    /// Members of the JSON body.
    #[serde(default)]
    pub json: IndexMap<String, Matcher>,
}

/// Which client sends a request.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct WhenClient {
    /// Whether it is public (has no credentials).
    pub public: Option<bool>,
    /// Whether the configuration says of a client that it may introspect.
    pub introspects: Option<bool>,
}

/// One thing that has to hold of a response.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Expectation {
    /// The requirements that it judges. Without one it is a precondition: unmet, the case is
    /// errored.
    #[serde(default)]
    pub requirement: OneOrMany<String>,
    /// Where it is judged; where this does not hold, it is not.
    pub when: Option<Box<When>>,
    /// The most that a break may do.
    pub at_most: Option<AtMost>,
    /// A 4xx without a token (`true`). A 5xx, a 3xx or a 2xx is no refusal.
    pub refused: Option<bool>,
    /// A 2xx with an access token (`true`), or none (`false`).
    pub granted: Option<bool>,
    /// An answer that says that it gave what was asked for (`true`): a 2xx with a body that is no
    /// error. Whether there is a token in it, and where, is for other checks.
    pub succeeded: Option<bool>,
    /// One of these whole answers.
    #[serde(default)]
    pub any_of: Vec<Answer>,
    /// The status, or several of them.
    pub status: Option<OneOrMany<u16>>,
    /// Members of the JSON body.
    #[serde(default)]
    pub json: IndexMap<String, Matcher>,
    /// Headers.
    #[serde(default)]
    pub header: IndexMap<String, HeaderMatcher>,
    /// JWTs in members of the JSON body.
    #[serde(default)]
    pub jwt: IndexMap<String, JwtRule>,
    /// The whole body as text.
    pub body: Option<String>,
    /// Exactly these member names in the JSON body.
    pub members: Option<Vec<String>>,
    /// Of several requests at once, exactly one gets this answer.
    pub exactly_one: Option<Box<Answer>>,
    /// The outcome (granted, or refused with this status and error) of the control.
    pub same_outcome: Option<bool>,
    /// Whether the step's token is alive.
    pub alive: Option<bool>,
    /// Named predicates that have to hold.
    #[serde(default)]
    pub holds: OneOrMany<String>,
    /// Where this precondition does not hold, the case does not apply and is skipped.
    pub applies_if: Option<bool>,
    /// With `applies-if`: the reason that the skip gives, and what would enable the case.
    pub because: Option<String>,
}

impl Expectation {
    /// Whether it judges nothing, and says what has to hold for the rest to mean something.
    #[must_use]
    pub fn is_precondition(&self) -> bool {
        self.requirement.as_slice().is_empty()
    }

    /// What is expected of the response directly, as one whole answer.
    #[must_use]
    pub fn answer(&self) -> Answer {
        Answer {
            status: self.status.clone(),
            json: self.json.clone(),
            header: self.header.clone(),
            jwt: self.jwt.clone(),
            body: self.body.clone(),
            members: self.members.clone(),
        }
    }

    /// Whether it expects nothing, and so would always pass.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.answer().is_empty()
            && self.any_of.is_empty()
            && self.refused.is_none()
            && self.granted.is_none()
            && self.succeeded.is_none()
            && self.exactly_one.is_none()
            && self.same_outcome.is_none()
            && self.alive.is_none()
            && self.holds.as_slice().is_empty()
    }
}
