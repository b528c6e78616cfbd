//! Users, and what they log in with at the token endpoint itself: a password (RFC 6749 4.3), or a
//! one-time password that was sent to them. Who they are belongs to the
//! [dialects](crate::dialect).

/// Somebody with an account.
#[derive(Debug)]
pub(crate) struct User {
    /// What tokens call them, and their name where a password is asked for.
    pub(crate) subject: &'static str,
    pub(crate) password: &'static str,
}

/// A one-time password that was sent. It is one for tests: it is good again and again.
#[derive(Debug)]
pub(crate) struct SentCode {
    /// How it was sent.
    pub(crate) channel: Channel,
    /// The authentication source that sent it.
    pub(crate) source: &'static str,
    /// The phone number or email address.
    pub(crate) address: &'static str,
    /// What the sender was told.
    pub(crate) token: &'static str,
    /// What the user was told.
    pub(crate) code: &'static str,
    /// Whose it is.
    pub(crate) subject: &'static str,
}

/// How a one-time password is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Channel {
    Sms,
    Email,
}

impl Channel {
    /// The parameter that has the address.
    pub(crate) const fn parameter(self) -> &'static str {
        match self {
            Self::Sms => "phone_number",
            Self::Email => "email",
        }
    }
}
