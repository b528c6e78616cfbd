//! What becomes of tokens: their scope, their lifetime, refreshing, revocation
//! and introspection (RFC 6749 3.3 and 6, RFC 7009, RFC 7662).

use std::time::Duration;

/// Refresh tokens (RFC 6749 6, RFC 9700 4.14.2).
#[derive(Clone, Debug)]
pub(crate) struct RefreshRules {
    pub(crate) confidential: Renewal,
    pub(crate) public: Renewal,
    pub(crate) bound_to_client: bool,
    /// A token that has been rotated out is refused.
    pub(crate) superseded_refused: bool,
    /// Presenting it revokes the others of its family.
    pub(crate) reuse_revokes: bool,
    /// A token is refused once it, or its grant, has been revoked.
    pub(crate) revocation_checked: bool,
    /// More scope than was granted is refused.
    pub(crate) wider_scope: WiderScope,
    /// The scope asked for becomes that of the refresh token too.
    pub(crate) scope_sticks: bool,
    /// A refresh answers the access and ID Token that came with the code.
    pub(crate) repeats_tokens: bool,
    /// An access token does as a refresh token.
    pub(crate) access_token_accepted: bool,
    /// A token is known by its first half.
    pub(crate) first_half_does: bool,
    pub(crate) lifetime: Duration,
    /// How many random bytes a token holds.
    pub(crate) bytes: usize,
    /// How long passes between looking at a token and rotating it.
    pub(crate) race_window: Duration,
}

/// What a refresh does with the refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Renewal {
    /// It stays valid, and the answer has none.
    Kept,
    /// It stays valid, and the answer repeats it.
    Repeated,
    /// A new one takes its place.
    Rotated,
    /// A new one takes the place of the first, and that one stays.
    RotatedOnce,
}

/// What becomes of a refresh that asks for more than was granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WiderScope {
    Refused,
    Granted,
}

impl Default for RefreshRules {
    fn default() -> Self {
        Self {
            confidential: Renewal::Kept,
            public: Renewal::Rotated,
            bound_to_client: true,
            superseded_refused: true,
            reuse_revokes: true,
            revocation_checked: true,
            wider_scope: WiderScope::Refused,
            scope_sticks: false,
            repeats_tokens: false,
            access_token_accepted: false,
            first_half_does: false,
            lifetime: Duration::from_secs(14 * 24 * 60 * 60),
            bytes: 32,
            race_window: Duration::ZERO,
        }
    }
}

/// Scope at the token endpoint (RFC 6749 3.3).
#[derive(Clone, Debug)]
pub(crate) struct ScopeRules {
    pub(crate) case_sensitive: bool,
    /// A request has to say what it asks for.
    pub(crate) required: bool,
    /// Scope that the client may not have is refused.
    pub(crate) unknown_refused: bool,
    /// It is left out instead.
    pub(crate) unknown_ignored: bool,
    /// The tokens are divided by spaces; else the whole text is one of them.
    pub(crate) list: bool,
    /// `openid` is granted with each code, asked for or not.
    pub(crate) openid_always: bool,
    /// A request without a scope gets all that the client may have.
    pub(crate) default_is_everything: bool,
}

impl Default for ScopeRules {
    fn default() -> Self {
        Self {
            case_sensitive: true,
            required: false,
            unknown_refused: true,
            unknown_ignored: false,
            list: true,
            openid_always: false,
            default_is_everything: false,
        }
    }
}

/// Access and ID Tokens. Times are in seconds.
#[derive(Clone, Debug)]
pub(crate) struct TokenRules {
    pub(crate) access_lifetime: u64,
    /// What `expires_in` says.
    pub(crate) expires_in: u64,
    pub(crate) id_lifetime: u64,
    /// A code grant without `openid` gives an ID Token too.
    pub(crate) id_token_always: bool,
    /// An access token is dead once it has been revoked.
    pub(crate) revocation_checked: bool,
    /// By what an access token is known again.
    pub(crate) known_by: KnownBy,
}

/// What a token that is presented shares with the one that was issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KnownBy {
    /// All of it.
    AllOfIt,
    /// Header and claims, whatever the signature.
    Claims,
    /// All but one character.
    AllButOneCharacter,
}

impl TokenRules {
    pub(crate) const fn access_lifetime(&self) -> Duration {
        Duration::from_secs(self.access_lifetime)
    }
}

impl Default for TokenRules {
    fn default() -> Self {
        Self {
            access_lifetime: 300,
            expires_in: 300,
            id_lifetime: 3600,
            id_token_always: false,
            revocation_checked: true,
            known_by: KnownBy::AllOfIt,
        }
    }
}

/// Revocation (RFC 7009).
#[derive(Clone, Debug)]
pub(crate) struct RevocationRules {
    /// The token has to be the client's own.
    pub(crate) owner_checked: bool,
    /// The token is revoked.
    pub(crate) effective: bool,
    /// A refresh token takes the tokens of its grant with it.
    pub(crate) cascades: bool,
    /// An access token takes its whole grant with it.
    pub(crate) ends_grant: bool,
    /// The hint is only a hint.
    pub(crate) hint_ignored: bool,
    /// A hint that nobody knows is refused.
    pub(crate) unknown_hint_refused: bool,
    /// Access tokens can be revoked; else it is said that they cannot, and they outlive their
    /// refresh token.
    pub(crate) access_tokens: bool,
    /// A token that nobody knows is answered with 200.
    pub(crate) unknown_accepted: bool,
    /// The client has to authenticate.
    pub(crate) authentication_required: bool,
}

impl Default for RevocationRules {
    fn default() -> Self {
        Self {
            owner_checked: true,
            effective: true,
            cascades: true,
            ends_grant: false,
            hint_ignored: true,
            unknown_hint_refused: false,
            access_tokens: true,
            unknown_accepted: true,
            authentication_required: true,
        }
    }
}

/// Introspection (RFC 7662).
#[derive(Clone, Debug)]
pub(crate) struct IntrospectionRules {
    pub(crate) authentication_required: bool,
    pub(crate) hint_ignored: bool,
    /// A refresh token that was revoked is not active.
    pub(crate) revocation_checked: bool,
    pub(crate) inactive: Inactive,
}

/// What is said of a token that is not active.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Inactive {
    Bare,
    /// With the reason.
    Explained,
    /// As an error.
    Refused,
}

impl Default for IntrospectionRules {
    fn default() -> Self {
        Self {
            authentication_required: true,
            hint_ignored: true,
            revocation_checked: true,
            inactive: Inactive::Bare,
        }
    }
}
