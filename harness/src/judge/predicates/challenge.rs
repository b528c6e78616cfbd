//! What a challenge tells of a mistake (RFC 6750 section 3).

use super::{Finding, Predicate, Response, Situation};

pub const NO_ERROR: Predicate = Predicate {
    name: "challenge-has-no-error",
    says: "no WWW-Authenticate header has a parameter error (RFC 6750 section 3)",
    judge,
};

fn judge(response: &Response, _: &Situation<'_>) -> Finding {
    let lines = response.header("www-authenticate");
    let told = lines.iter().find(|line| has_error(line));
    let expected = "a challenge without error";
    match told {
        Some(line) => Finding::new(false, expected, line.as_str()),
        None => Finding::new(true, expected, "no error"),
    }
}

/// Whether the parameter is there: its name at the start of a word outside quotes, and `=`.
fn has_error(line: &str) -> bool {
    line.split('"')
        .step_by(2)
        .flat_map(|outside| outside.split([' ', '\t', ',']))
        .any(|word| {
            word.split_once('=')
                .is_some_and(|(name, _)| name.eq_ignore_ascii_case("error"))
        })
}

#[cfg(test)]
mod tests {
    use super::has_error;

    #[test]
    fn a_parameter_is_told_from_a_text() {
        assert!(has_error(r#"Bearer realm="a", error="invalid_token""#));
        assert!(has_error("Bearer Error=invalid_token"));
        assert!(!has_error(r#"Bearer realm="an error="#));
        assert!(!has_error(r#"Bearer error_uri="https://as.example""#));
        assert!(!has_error("Bearer"));
    }
}
