//! What does not leave the machine.

use url::{Host, Url};

/// Whether a URL's host is on the loopback interface: its addresses, and the names that are always
/// there (RFC 6761 section 6.3).
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_what_stays_on_the_machine() {
        let at = |text: &str| is_loopback(&Url::parse(text).unwrap());
        for url in [
            "http://127.0.0.1:9000/token",
            "http://127.9.9.9/token",
            "http://[::1]:1/token",
            "http://localhost/token",
            "http://as.localhost/token",
        ] {
            assert!(at(url), "{url}");
        }
        for url in [
            "http://0.0.0.0/token",
            "http://10.0.0.1/",
            "http://login.example/token",
            "http://localhost.example/token",
            "mailto:somebody@localhost",
        ] {
            assert!(!at(url), "{url}");
        }
    }
}
