//! The rules that the endpoints keep, as values: what a dialect sets and a
//! fault may change. [`Default`] is what the documents demand.

mod assertions;
mod codes;
mod requests;
mod resources;
mod tokens;

pub(crate) use assertions::*;
pub(crate) use codes::*;
pub(crate) use requests::*;
pub(crate) use resources::*;
pub(crate) use tokens::*;

/// All rules of a running server.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rules {
    pub(crate) request: RequestRules,
    pub(crate) client: ClientRules,
    pub(crate) assertion: AssertionRules,
    pub(crate) grant_type: GrantTypeRules,
    pub(crate) authorization: AuthorizationRules,
    pub(crate) code: CodeRules,
    pub(crate) redirect_uri: RedirectUriRules,
    pub(crate) pkce: PkceRules,
    pub(crate) refresh: RefreshRules,
    pub(crate) scope: ScopeRules,
    pub(crate) token: TokenRules,
    pub(crate) revocation: RevocationRules,
    pub(crate) introspection: IntrospectionRules,
    pub(crate) resource: ResourceRules,
}
