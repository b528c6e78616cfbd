//! The endpoints: what each reads, checks and answers. An endpoint says what is
//! wrong as a [`Mistake`]; the dialect says it to the client.

mod authorize;
mod client_assertion;
mod client_authentication;
mod discovery;
mod introspect;
mod revoke;
mod subject;
mod token;
mod userinfo;

use axum::http::header::{ALLOW, CONTENT_TYPE};
use axum::http::{Method, StatusCode};

use crate::answer::Answer;
use crate::context::Context;
use crate::form::Form;
use crate::mistake::Mistake;
use crate::provider::Provider;
use crate::request::Request;

/// What a path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Metadata,
    /// The same at the place of RFC 8414 3.
    OauthMetadata,
    Jwks,
    Authorization,
    Token,
    Introspection,
    Revocation,
    Userinfo,
}

impl Endpoint {
    /// Answers a request that came to its path.
    pub(crate) async fn answer(
        self,
        provider: &Provider,
        context: &mut Context,
    ) -> Result<Answer, Mistake> {
        match self {
            Self::Metadata | Self::OauthMetadata => {
                Ok(discovery::metadata(provider, &context.request))
            }
            Self::Jwks => discovery::jwks(provider, &context.request),
            Self::Authorization => authorize::answer(provider, context),
            Self::Token => token::answer(provider, context).await,
            Self::Introspection => introspect::answer(provider, context),
            Self::Revocation => revoke::answer(provider, context),
            Self::Userinfo => Ok(userinfo::answer(provider, context)),
        }
    }
}

/// Reads the form of a POST into the context (RFC 6749 3.2, 4.1.3).
fn read_form(provider: &Provider, context: &mut Context) -> Result<(), Mistake> {
    let rules = provider.rules.request;
    if context.request.method != Method::POST {
        return Err(Mistake::Method);
    }
    if rules.media_type_checked && !is_form(&context.request) {
        return Err(Mistake::MediaType);
    }
    context.form = Form::decode(&context.request.body, rules)?;
    Ok(())
}

/// Whether the body says that it is a form. The name of a media type has no
/// case and may have parameters (RFC 9110 8.3.1).
fn is_form(request: &Request) -> bool {
    const FORM: &str = "application/x-www-form-urlencoded";
    let mut labels = request.headers.get_all(CONTENT_TYPE).iter();
    let (Some(label), None) = (
        labels.next().and_then(|label| label.to_str().ok()),
        labels.next(),
    ) else {
        return false;
    };
    label
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .eq_ignore_ascii_case(FORM)
}

/// A method that the path does not take (RFC 9110 15.5.6).
fn wrong_method(allowed: &'static str) -> Answer {
    Answer::empty(StatusCode::METHOD_NOT_ALLOWED).with(ALLOW, allowed)
}

/// GET, or HEAD, which is answered in the same way without the body.
fn is_retrieval(method: &Method) -> bool {
    *method == Method::GET || *method == Method::HEAD
}
