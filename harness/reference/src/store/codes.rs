//! Authorization codes: bound to a client, a redirection URI and a challenge,
//! and good for one exchange (RFC 6749 4.1.2, RFC 7636 4.6).

use aws_lc_rs::digest;
use base64::prelude::{BASE64_URL_SAFE, BASE64_URL_SAFE_NO_PAD, Engine as _};
use tokio::time::Instant;

use super::{GrantId, Login, Store};
use crate::clients::Client;
use crate::mistake::Mistake;
use crate::rules::{BoundTo, PkceRules, ReplayRevokes, Rules, VerifierComparison};
use crate::scope::Scope;

/// A code that was issued, and what it is bound to.
#[derive(Clone, Debug)]
pub(crate) struct Code {
    pub(crate) client: &'static Client,
    pub(crate) redirect_uri: String,
    /// The authorization request had it, rather than relying on the only one
    /// that is registered.
    pub(crate) redirect_uri_was_sent: bool,
    pub(crate) challenge: Option<Challenge>,
    pub(crate) scope: Scope,
    /// What tokens may be asked for with it (RFC 8707 2.1).
    pub(crate) resources: Vec<String>,
    pub(crate) login: Login,
    pub(crate) nonce: Option<String>,
    /// None for a code that does not expire.
    pub(crate) expires: Option<Instant>,
    pub(crate) used_for: Option<GrantId>,
}

/// What a verifier is held against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Challenge {
    S256(String),
    Plain(String),
}

/// A request to exchange a code.
#[derive(Debug)]
pub(crate) struct Redemption<'a> {
    pub(crate) code: &'a str,
    pub(crate) client: &'static Client,
    pub(crate) redirect_uri: Option<&'a str>,
    pub(crate) verifier: Option<&'a str>,
}

/// What an exchanged code stands for.
#[derive(Debug)]
pub(crate) struct Redeemed {
    pub(crate) grant: GrantId,
    pub(crate) code: Code,
}

impl Store {
    pub(crate) fn add_code(&mut self, value: String, code: Code) {
        self.sweep_sometimes();
        self.codes.insert(value, code);
    }

    /// Checks all that a code is bound to. A replay ends what the first
    /// exchange gave; else nothing changes, so that a failed exchange leaves
    /// the code as it was.
    pub(crate) fn check_code(
        &mut self,
        redemption: &Redemption<'_>,
        rules: &Rules,
    ) -> Result<(), Mistake> {
        let code = self
            .codes
            .get(redemption.code)
            .ok_or(Mistake::UnknownCode)?;
        let may_redeem = match rules.code.bound_to {
            BoundTo::Client => false,
            BoundTo::ConfidentialClient => redemption.client.is_public(),
            BoundTo::Nobody => true,
        };
        if code.client.id != redemption.client.id && !may_redeem {
            return Err(Mistake::CodeOfAnother);
        }
        let rest = code
            .check_redirect_uri(redemption.redirect_uri, rules)
            .and_then(|()| code.check_verifier(redemption.verifier, &rules.pkce));
        if let Some(grant) = code.used_for
            && rules.code.single_use
        {
            // Whoever has the code but not what belongs to it shall not end what it gave (OAuth
            // 2.1 section 7.5.2).
            if rest.is_err() && !rules.code.invalid_replay_revokes {
                return Err(Mistake::ReplayedCode);
            }
            match rules.code.replay_revokes {
                ReplayRevokes::Everything => self.revoke_grant(grant),
                ReplayRevokes::AccessTokens => self.revoke_access_of(grant),
                ReplayRevokes::RefreshTokens => self.revoke_refresh_of(grant),
                ReplayRevokes::User => self.revoke_all_of_user(grant),
                ReplayRevokes::Nothing => {}
            }
            return Err(Mistake::ReplayedCode);
        }
        if code
            .expires
            .is_some_and(|expires| expires <= Instant::now())
        {
            return Err(Mistake::ExpiredCode);
        }
        rest
    }

    /// Marks a code as used and opens its grant.
    pub(crate) fn use_code(&mut self, value: &str, until: Instant) -> Result<Redeemed, Mistake> {
        let code = self.codes.get(value).ok_or(Mistake::UnknownCode)?.clone();
        let grant = self.open_grant(Some(code.login.clone()), until);
        if let Some(code) = self.codes.get_mut(value) {
            code.used_for = Some(grant);
        }
        Ok(Redeemed { grant, code })
    }
}

impl Code {
    /// RFC 6749 4.1.3.
    fn check_redirect_uri(&self, sent: Option<&str>, rules: &Rules) -> Result<(), Mistake> {
        let rules = &rules.redirect_uri;
        match sent {
            None if rules.may_be_left_out => Ok(()),
            None if self.redirect_uri_was_sent || rules.always_required => {
                Err(Mistake::NoRedirectUri)
            }
            None => Ok(()),
            Some(_) if !self.redirect_uri_was_sent && rules.unexpected_ignored => Ok(()),
            Some(uri) if rules.at_token.accepts(uri, &self.redirect_uri) => Ok(()),
            Some(_) => Err(Mistake::RedirectUriMismatch),
        }
    }

    /// RFC 7636 4.6 and RFC 9700 4.8.2.
    fn check_verifier(&self, verifier: Option<&str>, rules: &PkceRules) -> Result<(), Mistake> {
        match (&self.challenge, verifier) {
            (None, None) => Ok(()),
            (None, Some(_)) if rules.unexpected_refused => Err(Mistake::UnexpectedVerifier),
            (None, Some(_)) => Ok(()),
            (Some(_), None) if rules.verifier_required => Err(Mistake::NoVerifier),
            (Some(_), None) => Ok(()),
            (Some(_), Some(verifier))
                if rules.grammar_checked && !is_code_verifier(verifier)
                    || verifier.len() > rules.longest_verifier =>
            {
                Err(Mistake::MalformedVerifier)
            }
            (Some(challenge), Some(verifier)) => challenge.check(verifier, rules.comparison),
        }
    }
}

impl Challenge {
    fn check(&self, verifier: &str, comparison: VerifierComparison) -> Result<(), Mistake> {
        let (challenge, answer) = match self {
            Self::Plain(challenge) => (challenge, verifier.to_owned()),
            Self::S256(challenge) if comparison == VerifierComparison::Padded => {
                (challenge, BASE64_URL_SAFE.encode(sha256(verifier)))
            }
            Self::S256(challenge) => (challenge, BASE64_URL_SAFE_NO_PAD.encode(sha256(verifier))),
        };
        let matches = match comparison {
            VerifierComparison::Exact | VerifierComparison::Padded => *challenge == answer,
            VerifierComparison::OneLetterAnyCase => {
                let hashes_to_it = |text: &str| self.check(text, VerifierComparison::Exact).is_ok();
                hashes_to_it(verifier) || case_variants(verifier).any(|text| hashes_to_it(&text))
            }
            VerifierComparison::ChallengeToo => *challenge == answer || challenge == verifier,
            VerifierComparison::Unchecked => true,
        };
        matches.then_some(()).ok_or(Mistake::WrongVerifier)
    }
}

/// 43 to 128 unreserved characters (RFC 7636 4.1), which is the grammar of a
/// challenge too (4.2).
pub(crate) fn is_code_verifier(text: &str) -> bool {
    (43..=128).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}

/// The text with the case of one letter changed, for each of them.
fn case_variants(text: &str) -> impl Iterator<Item = String> {
    text.char_indices()
        .filter(|(_, letter)| letter.is_ascii_alphabetic())
        .map(move |(at, letter)| {
            let changed = char::from(u8::try_from(letter).unwrap_or_default() ^ 0x20);
            [
                &text[..at],
                changed.encode_utf8(&mut [0; 4]),
                &text[at + 1..],
            ]
            .concat()
        })
}

fn sha256(text: &str) -> digest::Digest {
    digest::digest(&digest::SHA256, text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_document_matches() {
        let challenge = Challenge::S256("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".to_owned());
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert_eq!(challenge.check(verifier, VerifierComparison::Exact), Ok(()));
        assert_eq!(
            challenge.check(&verifier.to_lowercase(), VerifierComparison::Exact),
            Err(Mistake::WrongVerifier)
        );
    }

    #[test]
    fn a_verifier_has_43_to_128_unreserved_characters() {
        assert!(is_code_verifier(&"a".repeat(43)));
        assert!(is_code_verifier(&"~".repeat(128)));
        assert!(!is_code_verifier(&"a".repeat(42)));
        assert!(!is_code_verifier(&"a".repeat(129)));
        assert!(!is_code_verifier(&"+".repeat(43)));
    }
}
