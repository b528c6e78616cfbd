//! A request as a `curl` line that a person can paste into a shell.

use crate::outcome::SentRequest;

/// The line. Secrets are in it: it is masked like everything that leaves the process.
#[must_use]
pub fn curl(request: &SentRequest) -> String {
    let mut line = String::from("curl -sS -i");
    if request.method != "POST" || request.body.is_none() {
        line.push_str(&format!(" -X {}", quote(request.method.as_bytes())));
    }
    for (name, value) in &request.headers {
        let mut header = format!("{name}: ").into_bytes();
        header.extend_from_slice(value);
        line.push_str(" \\\n  -H ");
        line.push_str(&quote(&header));
    }
    if let Some(body) = &request.body {
        if !request
            .headers
            .iter()
            .any(|(name, _)| name == "content-type")
        {
            // curl would add its own media type.
            line.push_str(" \\\n  -H 'content-type:'");
        }
        line.push_str(" \\\n  --data-raw ");
        line.push_str(&quote(body));
    }
    line.push_str(" \\\n  ");
    line.push_str(&quote(request.url.as_bytes()));
    line
}

/// Quoted for a POSIX shell; bytes that are no printable text need `$'…'`.
fn quote(bytes: &[u8]) -> String {
    let plain = std::str::from_utf8(bytes)
        .ok()
        .filter(|text| !text.chars().any(char::is_control));
    if let Some(text) = plain {
        return format!("'{}'", text.replace('\'', "'\\''"));
    }
    let mut quoted = String::from("$'");
    for &byte in bytes {
        match byte {
            b'\'' | b'\\' => {
                quoted.push('\\');
                quoted.push(char::from(byte));
            }
            b' '..=b'~' => quoted.push(char::from(byte)),
            _ => quoted.push_str(&format!("\\x{byte:02x}")),
        }
    }
    quoted.push('\'');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_can_be_pasted() {
        let request = SentRequest {
            method: "POST".into(),
            url: "http://as.example/token".into(),
            headers: vec![("content-type".into(), b"application/json".to_vec())],
            body: Some("it's".into()),
            form: Vec::new(),
        };
        assert_eq!(
            curl(&request),
            "curl -sS -i \\\n  -H 'content-type: application/json' \\\n  --data-raw 'it'\\''s' \\\n  'http://as.example/token'"
        );
        assert_eq!(quote(b"a\x00'\xff"), "$'a\\x00\\'\\xff'");
    }
}
