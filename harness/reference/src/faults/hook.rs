//! Where a fault takes hold, in the order in which a request meets it: in the
//! rules and paths before the server starts, in the request before it is read, in a token
//! before it is signed, and in an answer that is otherwise complete.

use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, WWW_AUTHENTICATE};

use super::Fault;
use crate::answer::{Answer, Body};
use crate::context::Context;
use crate::dialect::BASIC_CHALLENGE;
use crate::endpoints::Endpoint;
use crate::mistake::Mistake;
use crate::request::Request;
use crate::rules::Rules;
use crate::tokens::{Draft, Issue, TokenKind};

/// What a fault does in one place. The functions are called where the words of
/// the variant say; each decides from what it is given.
#[derive(Clone, Copy)]
pub(super) enum Hook {
    /// Changes what the endpoints keep to.
    Rules(fn(&mut Rules)),
    /// Serves an endpoint at another path too.
    Path(&'static str, Endpoint),
    /// Rewrites any request before it is read.
    Request(fn(&mut Request)),
    /// Rewrites a request to that endpoint before it is read.
    RequestTo(Endpoint, fn(&mut Request)),
    /// Rewrites a token request before it is read.
    TokenRequest(fn(&mut Request)),
    /// Changes an access token before it is signed.
    AccessToken(fn(&mut Draft, &Issue<'_>)),
    /// Changes an ID Token before it is signed.
    IdToken(fn(&mut Draft, &Issue<'_>)),
    /// Changes an answer of that endpoint.
    Answer(Endpoint, fn(&mut Answer, &Context)),
    /// Changes an answer of the token endpoint that has tokens.
    Granted(fn(&mut Answer, &Context)),
    /// Changes an answer of the token endpoint that tells of a mistake.
    Refused(fn(&mut Answer, &Context)),
    /// Tells of some mistakes at the token endpoint in another way.
    Tell(fn(Mistake) -> bool, Telling),
}

/// Another way to tell of a mistake.
#[derive(Clone, Copy)]
pub(super) enum Telling {
    /// JSON with another status and error code; the rest stays, and a 401 has
    /// its challenge.
    Error(u16, &'static str),
    /// A page in HTML.
    Page(u16),
    /// A status line alone.
    Bare(u16),
}

/// The faults that are switched on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults(pub(crate) Vec<&'static Fault>);

impl Faults {
    fn hooks(&self) -> impl Iterator<Item = &'static Hook> {
        self.0.iter().flat_map(|fault| fault.hooks)
    }

    /// Where endpoints are served beside the paths of the dialect.
    pub(crate) fn paths(&self) -> impl Iterator<Item = (&'static str, Endpoint)> {
        self.hooks().filter_map(|hook| match hook {
            Hook::Path(path, endpoint) => Some((*path, *endpoint)),
            _ => None,
        })
    }

    pub(crate) fn change_rules(&self, rules: &mut Rules) {
        for hook in self.hooks() {
            if let Hook::Rules(change) = hook {
                change(rules);
            }
        }
    }

    pub(crate) fn change_request(&self, request: &mut Request, endpoint: Endpoint) {
        for hook in self.hooks() {
            match hook {
                Hook::Request(change) => change(request),
                Hook::RequestTo(at, change) if endpoint == *at => change(request),
                Hook::TokenRequest(change) if endpoint == Endpoint::Token => change(request),
                _ => {}
            }
        }
    }

    pub(crate) fn change_token(&self, draft: &mut Draft, issue: &Issue<'_>) {
        for hook in self.hooks() {
            match (hook, draft.kind) {
                (Hook::AccessToken(change), TokenKind::Access)
                | (Hook::IdToken(change), TokenKind::Id) => change(draft, issue),
                _ => {}
            }
        }
    }

    pub(crate) fn change_answer(&self, answer: &mut Answer, context: &Context) {
        let at_token = context.endpoint == Endpoint::Token;
        for hook in self.hooks() {
            match (hook, context.mistake) {
                (Hook::Answer(endpoint, change), _) if *endpoint == context.endpoint => {
                    change(answer, context);
                }
                (Hook::Granted(change), None) if at_token => change(answer, context),
                (Hook::Refused(change), Some(_)) if at_token => change(answer, context),
                (Hook::Tell(when, telling), Some(mistake)) if at_token && when(mistake) => {
                    telling.apply(answer);
                }
                _ => {}
            }
        }
    }
}

impl Telling {
    fn apply(self, answer: &mut Answer) {
        let status = |code| StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        match self {
            Self::Error(code, error) => {
                answer.status = status(code);
                answer.set_member("error", error);
                if answer.status == StatusCode::UNAUTHORIZED {
                    answer.set_header(WWW_AUTHENTICATE, BASIC_CHALLENGE);
                }
            }
            Self::Page(code) => *answer = Answer::page(status(code), "Something went wrong."),
            Self::Bare(code) => {
                answer.status = status(code);
                answer.headers.remove(CONTENT_TYPE);
                answer.body = Body::Empty;
            }
        }
    }
}
