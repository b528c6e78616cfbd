//! Resource indicators (RFC 8707).

/// How the parameter `resource` is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ResourceRules {
    /// It is looked at; else tokens are for whatever they are always for.
    pub(crate) supported: bool,
    /// A resource has to be an absolute URI that the server knows; else any text will do that has
    /// no fragment.
    pub(crate) known_only: bool,
    /// One with a fragment is refused; else the fragment is cut off.
    pub(crate) fragment_refused: bool,
    /// An access token is for the resources of its request; else for all of the grant.
    pub(crate) narrowed: bool,
    /// The refresh token keeps all resources of the grant; else it has those of the exchange alone.
    pub(crate) refresh_keeps_all: bool,
    /// No more can be asked for than was granted.
    pub(crate) bounded: bool,
    /// It is taken with `refresh_token` too.
    pub(crate) with_refresh: bool,
}

impl Default for ResourceRules {
    fn default() -> Self {
        Self {
            supported: true,
            known_only: true,
            fragment_refused: true,
            narrowed: true,
            refresh_keeps_all: true,
            bounded: true,
            with_refresh: true,
        }
    }
}
