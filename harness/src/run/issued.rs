//! Finds what a response issues, wherever in its body that stands: a server may nest it, list it,
//! or label it as something else, and it is a secret all the same.

/// Members and parameters whose values are secrets.
const NAMES: &[&str] = &["access_token", "refresh_token", "id_token", "device_code"];
/// The shortest value that is one.
const SHORTEST: usize = 4;

/// Names and values in `body`: of a JSON text, a form, or anything that reads like one of them.
pub fn issued(body: &[u8]) -> Vec<(&'static str, String)> {
    let text = String::from_utf8_lossy(body);
    let mut found = Vec::new();
    for &name in NAMES {
        for (at, _) in text.match_indices(name) {
            let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
            if text[..at].ends_with(word) {
                continue;
            }
            let rest = &text[at + name.len()..];
            let value =
                rest.trim_start_matches(|c: char| c.is_whitespace() || "\"'\\:=".contains(c));
            let between = &rest[..rest.len() - value.len()];
            // In JSON what is not quoted is no text; JSON in a text has its quotes escaped.
            let form = between.contains('=');
            let plain = form || between.ends_with('\'') || between.ends_with("\\\"");
            if form || between.contains(':') && between.ends_with(['"', '\'']) {
                found.extend(read(value, plain).map(|value| (name, value)));
            }
        }
    }
    found
}

/// The value at the start of a text: of a JSON string, or as it stands there.
fn read(text: &str, plain: bool) -> Option<String> {
    let json = || {
        let text = format!("\"{text}");
        let mut values = serde_json::Deserializer::from_str(&text).into_iter::<String>();
        values.next()?.ok()
    };
    let cut = || {
        let end = text.find(|c: char| c.is_whitespace() || "\"'\\&<>,}".contains(c));
        Some(text[..end.unwrap_or(text.len())].to_owned())
    };
    let value = if plain { cut() } else { json().or_else(cut) };
    value.filter(|value| value.len() >= SHORTEST)
}

#[cfg(test)]
mod tests {
    use super::issued;

    #[test]
    fn tokens_are_found_wherever_they_stand() {
        for body in [
            r#"{"access_token":"tok-en/1"}"#,
            r#"[{"access_token" : "tok-en/1"}]"#,
            r#"{"data":{"x":1,"access_token":"tok-en\/1"}}"#,
            "token_type=Bearer&access_token=tok-en/1&x=1",
            r#"<p>{"access_token":"tok-en/1"}</p>"#,
            r#"{"json":"{\"access_token\":\"tok-en/1\"}"}"#,
            r#"{"access_token":"tok-en/1","cut off"#,
        ] {
            assert_eq!(
                issued(body.as_bytes()),
                [("access_token", "tok-en/1".to_owned())],
                "{body}"
            );
        }
    }

    #[test]
    fn words_are_no_tokens() {
        for body in [
            r#"{"error_description":"the access_token required here"}"#,
            r#"{"error_code":"E123456"}"#,
            r#"{"access_token":null,"refresh_token":""}"#,
        ] {
            assert_eq!(issued(body.as_bytes()), [], "{body}");
        }
    }
}
