//! RFC 6749 section 5.2 and appendix A.9: `error_uri` is a URI-reference.

use serde_json::Value;
use url::Url;

use super::super::describe;
use super::{Finding, Predicate, Response, Situation};

pub const ERROR_URI: Predicate = Predicate {
    name: "error-uri-is-a-reference",
    says: "error_uri, where it is there, is a URI-reference; a relative one is one too",
    judge,
};

fn judge(response: &Response, _: &Situation<'_>) -> Finding {
    let expected = "error_uri, if there, is a URI-reference";
    match response.json_member("error_uri") {
        None => Finding::new(true, expected, "no error_uri"),
        Some(Value::String(text)) => Finding::new(
            is_reference(text),
            expected,
            format!("error_uri={}", describe::short(text)),
        ),
        Some(_) => Finding::new(false, expected, "error_uri is no text"),
    }
}

/// RFC 3986 section 4.1. The characters are checked by themselves; a parser that mends what it
/// reads would let too much pass.
fn is_reference(text: &str) -> bool {
    let bytes = text.as_bytes();
    let allowed =
        |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&byte);
    let escapes = (0..bytes.len()).filter(|&at| bytes[at] == b'%').all(|at| {
        bytes
            .get(at + 1..at + 3)
            .is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit))
    });
    let base = Url::parse("https://base.example/").ok();
    bytes.iter().copied().all(allowed)
        && escapes
        && text.matches('#').count() <= 1
        && base.is_some_and(|base| base.join(text).is_ok())
}

#[cfg(test)]
mod tests {
    use super::is_reference;

    #[test]
    fn relative_references_are_references() {
        for good in [
            "https://as.example/errors#e",
            "/errors/1",
            "errors",
            "#x",
            "",
            "?a=b",
        ] {
            assert!(is_reference(good), "{good}");
        }
        for bad in ["https://as example/", "a\"b", "a%zz", "a#b#c", "ü", "<a>"] {
            assert!(!is_reference(bad), "{bad}");
        }
    }
}
