//! How the authorization endpoint sent the code (OpenID Connect Core 16.22).

use super::{Finding, Predicate, Response, Situation};

pub const SEEN: Predicate = Predicate {
    name: "redirect-was-seen",
    says: "the harness itself saw the redirect that brought the code; a program or a person that gets codes does not tell",
    judge: seen,
};

pub const NOT_307: Predicate = Predicate {
    name: "code-did-not-come-by-307",
    says: "the redirect that brought the code had another status than 307",
    judge: not_307,
};

fn status(situation: &Situation<'_>) -> Option<String> {
    (situation.value)("start.redirect_status")
}

fn seen(_: &Response, situation: &Situation<'_>) -> Finding {
    let expected = "a redirect that the harness saw";
    let status = status(situation);
    let actual = status.as_deref().unwrap_or("none").to_owned();
    Finding::new(status.is_some(), expected, actual)
}

fn not_307(_: &Response, situation: &Situation<'_>) -> Finding {
    let expected = "a redirect with the code whose status is not 307";
    match status(situation) {
        Some(status) => Finding::new(status != "307", expected, status),
        None => Finding::unknown(expected, "the redirect was not seen"),
    }
}
