//! The words by which fields and buttons of login pages are known.

/// Words of a field that takes the name of a user.
pub(in crate::acquire) const NAMES: &[&str] = &[
    "user",
    "login",
    "email",
    "mail",
    "account",
    "identifier",
    "userid",
    "uid",
];
/// Words of a button that goes on.
pub(in crate::acquire) const YES: &[&str] = &[
    "accept",
    "agree",
    "allow",
    "approve",
    "authorise",
    "authorize",
    "confirm",
    "consent",
    "continue",
    "grant",
    "ok",
    "permit",
    "proceed",
    "yes",
];
/// Words of a button that logs in.
pub(in crate::acquire) const ENTER: &[&str] = &["login", "log", "next", "sign", "signin", "submit"];
/// Words of a button that leads elsewhere.
pub(in crate::acquire) const NO: &[&str] = &[
    "abort",
    "another",
    "back",
    "cancel",
    "decline",
    "deny",
    "different",
    "disagree",
    "disallow",
    "don",
    "forgot",
    "logout",
    "no",
    "not",
    "off",
    "out",
    "refuse",
    "register",
    "reject",
    "reset",
    "signout",
    "signup",
    "switch",
    "up",
];
