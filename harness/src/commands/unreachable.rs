//! Why a server cannot be reached, and what to do: read from the words of the HTTP client.

/// What a failed exchange failed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The host's name has no address.
    Name,
    /// Nobody listens.
    Refused,
    /// Nothing came in time.
    Silent,
    /// The certificate is of a CA that is not trusted.
    Untrusted,
    /// The certificate is for another host.
    OtherHost,
    /// The certificate has expired, or is not valid yet.
    Expired,
    /// The certificate is wrong in another way.
    Certificate,
    /// The port speaks no TLS, or none that both know.
    NoTls,
    /// The connection was closed.
    Closed,
    /// Anything else.
    Other,
}

/// What the words of a failed exchange mean.
pub fn cause(why: &str) -> Cause {
    let why = why.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| why.contains(word));
    if has(&["dns error", "failed to lookup", "name resolution"]) {
        Cause::Name
    } else if has(&[
        "unknownissuer",
        "unknown issuer",
        // A CA that was made anew under the same name.
        "badsignature",
        "bad signature",
        "self-signed",
        "self signed",
    ]) {
        Cause::Untrusted
    } else if has(&["notvalidforname", "not valid for name"]) {
        Cause::OtherHost
    } else if has(&["expired", "notvalidyet", "not valid yet"]) {
        Cause::Expired
    } else if has(&["certificate"]) {
        Cause::Certificate
    } else if has(&[
        "corrupt message",
        "handshake",
        "protocolversion",
        "protocol version",
        "tls",
        "invalid http",
    ]) {
        Cause::NoTls
    } else if has(&["refused"]) {
        Cause::Refused
    } else if has(&["timed out", "no complete answer", "unreachable"]) {
        Cause::Silent
    } else if has(&["reset", "closed", "eof", "incomplete"]) {
        Cause::Closed
    } else {
        Cause::Other
    }
}

impl Cause {
    /// What to do.
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::Name => {
                "look at the host's name, and whether this machine's DNS (or VPN) knows it"
            }
            Self::Refused => "look at the port, and whether the server runs and listens there",
            Self::Silent => {
                "look at host and port, and whether a firewall or VPN stands between; `http.timeout` and \
                 `http.proxy` are in tokenspec.toml"
            }
            Self::Untrusted => {
                "name the file with the CA's certificate: `ca-file` in [target.NAME.http]; or the server has to \
                 send its intermediate certificates"
            }
            Self::OtherHost => {
                "use a host name that the certificate has, or give the server a certificate for this one"
            }
            Self::Expired => "renew the server's certificate, and look at this machine's clock",
            Self::Certificate => "look at the server's certificate",
            Self::NoTls => {
                "look at scheme and port: https needs a port that speaks TLS 1.2 or 1.3, http one that does not"
            }
            Self::Closed => "look at scheme and port, and into the server's log",
            Self::Other => "look at the URL, and into the server's log",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_the_client_are_known() {
        let connect = "error sending request: client error (Connect): ";
        for (words, expected) in [
            (
                "dns error: failed to lookup address information",
                Cause::Name,
            ),
            (
                "tcp connect error: Connection refused (os error 111)",
                Cause::Refused,
            ),
            ("invalid peer certificate: UnknownIssuer", Cause::Untrusted),
            (
                "invalid peer certificate: certificate not valid for name \"a\"; certificate is only valid for \"b\"",
                Cause::OtherHost,
            ),
            (
                "invalid peer certificate: certificate expired: verified at time 1",
                Cause::Expired,
            ),
            (
                "received corrupt message of type InvalidContentType",
                Cause::NoTls,
            ),
            ("connection closed before message completed", Cause::Closed),
        ] {
            assert_eq!(cause(&format!("{connect}{words}")), expected, "{words}");
        }
        assert_eq!(cause("no complete answer within 10s"), Cause::Silent);
    }
}
