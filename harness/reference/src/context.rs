//! What is known about a request while it is answered, and what a fault sees
//! of it when it changes the answer.

use crate::clients::{Client, GrantType};
use crate::endpoints::Endpoint;
use crate::form::Form;
use crate::mistake::Mistake;
use crate::request::Request;

/// A request and what has been found out about it so far.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) endpoint: Endpoint,
    pub(crate) request: Request,
    /// The decoded body; without pairs until it has been decoded.
    pub(crate) form: Form,
    /// How the client says who it is.
    pub(crate) mechanism: Mechanism,
    /// The client, once it is known to be that one.
    pub(crate) client: Option<&'static Client>,
    /// The grant that was asked for, once it is known to be a supported one.
    pub(crate) grant_type: Option<GrantType>,
    /// Why it was refused.
    pub(crate) mistake: Option<Mistake>,
}

impl Context {
    pub(crate) fn new(endpoint: Endpoint, request: Request) -> Self {
        Self {
            endpoint,
            request,
            form: Form::default(),
            mechanism: Mechanism::None,
            client: None,
            grant_type: None,
            mistake: None,
        }
    }
}

/// How a client presents itself (RFC 6749 2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mechanism {
    /// No credentials; at most a `client_id`.
    None,
    /// HTTP Basic.
    Basic,
    /// `client_secret` in the body.
    Post,
    /// A client assertion (RFC 7521 4.2).
    Assertion,
    /// Another scheme in the Authorization header.
    OtherScheme,
    /// More than one of them.
    Several,
}
