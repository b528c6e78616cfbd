//! What a code is given for and what it is bound to: the authorization
//! endpoint, redirection URIs and PKCE (RFC 6749 4.1, RFC 7636, RFC 9700).

use std::time::Duration;

/// The authorization endpoint beyond PKCE and `redirect_uri`.
#[derive(Clone, Debug)]
pub(crate) struct AuthorizationRules {
    /// The user that a hint or the `claims` parameter names is the one who is
    /// logged in (OpenID Connect Core 3.1.2.2).
    pub(crate) requested_subject_kept: bool,
    /// Scope values that nobody knows are left out (3.1.2.1).
    pub(crate) unknown_scope_ignored: bool,
    /// The status of a redirect after GET.
    pub(crate) redirect_status: u16,
    /// The status of a redirect after POST (RFC 9700 4.12).
    pub(crate) redirect_after_post: u16,
    /// `response_type=token` gives an access token (RFC 9700 2.1.2).
    pub(crate) implicit: bool,
    /// Any other `response_type` gives a code.
    pub(crate) any_response_type: bool,
    /// A request for an ID Token has to have a nonce.
    pub(crate) nonce_required: bool,
    /// How many random bytes a code holds.
    pub(crate) code_bytes: usize,
    /// A code has the challenge in it for all to see.
    pub(crate) code_reveals_challenge: bool,
    /// What each code ends with.
    pub(crate) code_suffix: &'static str,
    /// A request with this parameter is refused.
    pub(crate) refused_parameter: Option<&'static str>,
    /// A claim that is asked for and cannot be had is an error (5.5.1).
    pub(crate) unknown_claim_refused: bool,
    /// A nonce of sixteen characters or more that was there before is refused.
    pub(crate) nonce_good_for_once: bool,
}

impl Default for AuthorizationRules {
    fn default() -> Self {
        Self {
            requested_subject_kept: true,
            unknown_scope_ignored: true,
            redirect_status: 302,
            redirect_after_post: 303,
            implicit: false,
            any_response_type: false,
            nonce_required: false,
            code_bytes: 32,
            code_reveals_challenge: false,
            code_suffix: "",
            refused_parameter: None,
            unknown_claim_refused: false,
            nonce_good_for_once: false,
        }
    }
}

/// Authorization codes (RFC 6749 4.1.2, 10.5).
#[derive(Clone, Debug)]
pub(crate) struct CodeRules {
    pub(crate) lifetime: Duration,
    pub(crate) single_use: bool,
    /// A replay revokes what the first exchange gave.
    pub(crate) replay_revokes: ReplayRevokes,
    /// So does one with a wrong verifier or redirection URI.
    pub(crate) invalid_replay_revokes: bool,
    pub(crate) bound_to: BoundTo,
    /// How long passes between looking at a code and marking it as used.
    pub(crate) race_window: Duration,
}

/// What a replayed code puts an end to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReplayRevokes {
    Everything,
    AccessTokens,
    RefreshTokens,
    Nothing,
    /// Every grant of the user, which is more than the documents ask for.
    User,
}

impl Default for CodeRules {
    fn default() -> Self {
        Self {
            lifetime: Duration::from_secs(60),
            single_use: true,
            replay_revokes: ReplayRevokes::Everything,
            invalid_replay_revokes: false,
            bound_to: BoundTo::Client,
            race_window: Duration::ZERO,
        }
    }
}

/// Who may exchange a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BoundTo {
    /// The client that it was issued to.
    Client,
    /// That client, or any without a secret.
    ConfidentialClient,
    Nobody,
}

/// How redirection URIs are compared (RFC 6749 3.1.2.3, 4.1.3).
#[derive(Clone, Debug, Default)]
pub(crate) struct RedirectUriRules {
    /// With the one of the authorization request, at the token endpoint.
    pub(crate) at_token: UriComparison,
    /// With those registered, at the authorization endpoint.
    pub(crate) at_authorization: UriComparison,
    /// It may be left out though the authorization request had it.
    pub(crate) may_be_left_out: bool,
    /// It has to be there even where the authorization request had none.
    pub(crate) always_required: bool,
    /// It is not looked at where the authorization request had none.
    pub(crate) unexpected_ignored: bool,
}

/// When two URIs are the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum UriComparison {
    #[default]
    Identical,
    AnyCase,
    WithoutQuery,
    Prefix,
    SameHost,
    Always,
}

impl UriComparison {
    /// Whether the URI that was sent counts as the expected one.
    pub(crate) fn accepts(self, sent: &str, expected: &str) -> bool {
        match self {
            Self::Identical => sent == expected,
            Self::AnyCase => sent.eq_ignore_ascii_case(expected),
            Self::WithoutQuery => sent.split('?').next() == expected.split('?').next(),
            Self::Prefix => sent.starts_with(expected),
            Self::SameHost => sent.split('/').nth(2) == expected.split('/').nth(2),
            Self::Always => true,
        }
    }
}

/// PKCE (RFC 7636, RFC 9700 2.1.1 and 4.8.2).
#[derive(Clone, Debug)]
pub(crate) struct PkceRules {
    /// The authorization endpoint takes `plain`, also as the default.
    pub(crate) plain_allowed: bool,
    /// A challenge without a method is taken for one of S256.
    pub(crate) defaults_to_s256: bool,
    /// A method that nobody knows leaves the code without a challenge.
    pub(crate) unknown_method_ignored: bool,
    /// The name of a method may be written in any case.
    pub(crate) method_any_case: bool,
    /// A public client has to send a challenge.
    pub(crate) required_for_public: bool,
    /// Any client has to.
    pub(crate) required_for_all: bool,
    /// A confidential client has to send a challenge or a nonce (RFC 9700 2.1.1).
    pub(crate) or_nonce: bool,
    /// A challenge is looked at; else there is no PKCE.
    pub(crate) supported: bool,
    /// A code with a challenge needs a verifier.
    pub(crate) verifier_required: bool,
    /// How long a verifier may be.
    pub(crate) longest_verifier: usize,
    /// A verifier for a code without a challenge is refused.
    pub(crate) unexpected_refused: bool,
    /// A verifier has to keep to the grammar.
    pub(crate) grammar_checked: bool,
    pub(crate) comparison: VerifierComparison,
}

/// How a verifier is held against a challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum VerifierComparison {
    Exact,
    /// One letter may be in another case.
    OneLetterAnyCase,
    /// The challenge itself does as a verifier too.
    ChallengeToo,
    /// The hash is written with padding.
    Padded,
    Unchecked,
}

impl Default for PkceRules {
    fn default() -> Self {
        Self {
            plain_allowed: false,
            defaults_to_s256: false,
            unknown_method_ignored: false,
            method_any_case: false,
            required_for_public: true,
            required_for_all: false,
            or_nonce: true,
            supported: true,
            verifier_required: true,
            longest_verifier: 128,
            unexpected_refused: true,
            grammar_checked: true,
            comparison: VerifierComparison::Exact,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::UriComparison::*;

    #[test]
    fn only_the_identical_uri_is_identical() {
        let registered = "https://client.example/callback";
        for (sent, lenient) in [
            ("https://client.example/Callback", AnyCase),
            ("https://client.example/callback?x=1", WithoutQuery),
            ("https://client.example/callback/more", Prefix),
            ("https://client.example/other", SameHost),
            ("https://evil.example/", Always),
        ] {
            assert!(!Identical.accepts(sent, registered), "{sent}");
            assert!(lenient.accepts(sent, registered), "{sent}");
        }
        assert!(Identical.accepts(registered, registered));
    }
}
