//! What tells one personality from another: its clients, its paths, its rules,
//! the shape of its tokens and the way it says what is wrong.

mod ciam;
mod standard;
mod standard_clients;

pub(crate) use ciam::proves_by_verifier;

use axum::http::StatusCode;
use axum::http::header::ALLOW;

use crate::answer::{Answer, Members};
use crate::clients::Client;
use crate::context::Context;
use crate::endpoints::Endpoint;
use crate::mistake::Mistake;
use crate::options::Personality;
use crate::provider::Provider;
use crate::resources::Resource;
use crate::rules::Rules;
use crate::store::Store;
use crate::tokens::{Draft, Issue, Issued, SigningFailed};
use crate::users::{SentCode, User};

/// One personality.
pub(crate) trait Dialect: Sync {
    /// The registered clients.
    fn clients(&self) -> &'static [Client];

    /// The users, of whom the first is logged in by default.
    fn users(&self) -> &'static [User];

    /// The authentication source that a password is for, where one has to be said.
    fn password_source(&self) -> Option<&'static str> {
        None
    }

    /// The one-time passwords that were sent.
    fn sent_codes(&self) -> &'static [SentCode] {
        &[]
    }

    /// Endpoints that the metadata do not name, as keys of `tokenspec.toml` and paths.
    fn unlisted(&self) -> &'static [(&'static str, &'static str)] {
        &[]
    }

    /// The profiles that a `tokenspec.toml` for it names.
    fn profiles(&self) -> &'static [&'static str];

    /// What leads where.
    fn paths(&self) -> &'static [(&'static str, Endpoint)];

    /// What tokens can be asked for (RFC 8707).
    fn resources(&self) -> &'static [Resource] {
        &[]
    }

    /// What the endpoints keep to.
    fn rules(&self) -> Rules;

    /// Puts into the store what is there from the start.
    fn seed(&self, _store: &mut Store) {}

    /// The metadata document.
    fn metadata(&self, issuer: &str) -> Members;

    /// The published keys.
    fn jwks(&self) -> Result<Vec<Members>, SigningFailed>;

    /// How JSON is labelled.
    fn media_type(&self) -> &'static str;

    /// Where errors point, if anywhere.
    fn error_uri(&self) -> Option<&'static str>;

    /// Whether redirects have `iss` (RFC 9207).
    fn names_itself_in_redirects(&self) -> bool;

    /// An access token.
    fn access_token(&self, provider: &Provider, issue: &Issue<'_>) -> Result<Draft, SigningFailed>;

    /// The claims of an ID Token that comes with the access token.
    fn id_token(
        &self,
        provider: &Provider,
        issue: &Issue<'_>,
        access_token: &str,
        draft: &mut Draft,
    ) -> Result<(), SigningFailed>;

    /// The members of an answer with tokens, in order.
    fn granted(&self, issued: &Issued<'_>) -> Members;

    /// The answer to a mistake.
    fn refuse(&self, mistake: Mistake) -> Answer;

    /// The same where it depends on the rest of the request.
    fn refuse_request(&self, mistake: Mistake, _context: &Context) -> Answer {
        self.refuse(mistake)
    }
}

impl Personality {
    pub(crate) fn dialect(self) -> &'static dyn Dialect {
        match self {
            Self::Standard => &standard::Standard,
            Self::Ciam => &ciam::Ciam,
        }
    }
}

/// The challenge of the endpoints that authenticate clients (RFC 7617).
pub(crate) const BASIC_CHALLENGE: &str = "Basic realm=\"clients\", charset=\"UTF-8\"";

/// With the headers that HTTP wants on a refusal, whatever its body: a
/// challenge on a 401 and the methods on a 405 (RFC 9110 11.6.1, 15.5.6).
fn with_required_headers(answer: Answer, mistake: Mistake) -> Answer {
    let answer = answer.uncached();
    if mistake == Mistake::Method {
        answer.with(ALLOW, "POST")
    } else if answer.status == StatusCode::UNAUTHORIZED {
        answer.challenging(BASIC_CHALLENGE)
    } else {
        answer
    }
}
