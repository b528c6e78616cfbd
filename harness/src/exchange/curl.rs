//! A request as a `curl` line that a person can paste into a shell.

use crate::config::Http;
use crate::outcome::{SentRequest, Way};

/// What `curl` needs to reach a server as the configuration says, each option with its value.
pub fn options(http: &Http) -> Vec<String> {
    let quoted = |option: &str, value: &str| format!("{option} {}", quote(value.as_bytes()));
    let mut options = Vec::new();
    if http.insecure {
        options.push("--insecure".to_owned());
    }
    if let Some(file) = &http.ca_file {
        options.push(quoted("--cacert", file));
    }
    if let Some(identity) = &http.identity {
        options.push(quoted("--cert", &identity.certificate));
        options.extend(identity.key.as_ref().map(|key| quoted("--key", key)));
    }
    for (name, address) in &http.resolve {
        let address = if address.is_ipv6() {
            format!("[{address}]")
        } else {
            address.to_string()
        };
        options.push(quoted("--connect-to", &format!("{name}::{address}:")));
    }
    if let Some(proxy) = &http.proxy {
        options.push(quoted("--proxy", proxy));
    }
    options
}

/// The line. Secrets are in it: it is masked like everything that leaves the process.
#[must_use]
pub fn curl(request: &SentRequest, way: &Way) -> String {
    let mut line = String::from("curl -sS -i");
    for option in way.options.iter() {
        line.push(' ');
        line.push_str(option);
    }
    if request.method != "POST" || request.body.is_none() {
        line.push_str(&format!(" -X {}", quote(request.method.as_bytes())));
    }
    for (name, value) in way.headers.iter().chain(&request.headers) {
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
            assertions: Vec::new(),
        };
        assert_eq!(
            curl(&request, &Way::default()),
            "curl -sS -i \\\n  -H 'content-type: application/json' \\\n  --data-raw 'it'\\''s' \\\n  'http://as.example/token'"
        );
        let http = Http {
            insecure: true,
            resolve: vec![("as.example".into(), [127, 0, 0, 1].into())],
            ..Http::default()
        };
        let way = Way {
            headers: vec![("x-run".into(), b"1".to_vec())],
            options: std::sync::Arc::new(options(&http)),
            ..Way::default()
        };
        let line = curl(&request, &way);
        assert!(
            line.starts_with(
                "curl -sS -i --insecure --connect-to 'as.example::127.0.0.1:' \\\n  -H 'x-run: 1' \\\n  -H 'content-type"
            ),
            "{line}"
        );
        assert_eq!(quote(b"a\x00'\xff"), "$'a\\x00\\'\\xff'");
    }
}
