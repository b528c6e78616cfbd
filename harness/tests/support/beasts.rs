//! The part of the zoo that answers each request in its own way: key sets, metadata, tokens and pages
//! of hostile servers, and TLS that does not come about.

use std::any::Any;
use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::animals::{Cage, ZOO, until_hung_up};
use super::http::{Request, Server, code, config, json as members, reply};
use super::judged::LOGIN;
use super::tls::{Ca, TlsServer, self_signed};

/// An animal of the zoo.
pub struct Animal {
    pub name: &'static str,
    /// Puts it into its cage.
    pub show: Box<dyn Fn() -> Shown + Send + Sync>,
    /// Words that its cause has to have, these or those; none where its answers may be right.
    pub words: &'static str,
}

/// An animal in its cage.
pub struct Shown {
    /// What is to be kept as long as it is looked at.
    pub kept: Box<dyn Any>,
    /// `tokenspec.toml`.
    pub config: String,
    /// Files beside it.
    pub files: Vec<(&'static str, String)>,
    /// What is run.
    pub trials: &'static [&'static str],
}

const FEW: &[&str] = &["client_credentials/grant/*", "*every_response/*"];
const KEYS: &[&str] = &["metadata/*", "oidc/signature/*", "jwt/*"];
const ALL: &[&str] = &[];

/// All animals.
pub fn all() -> Vec<Animal> {
    let mut all: Vec<Animal> = ZOO
        .iter()
        .map(|(name, behave, words)| Animal {
            name,
            words,
            show: Box::new(move || {
                let cage = Cage::with(*behave);
                let config = config(&cage.url(), "");
                Shown {
                    kept: Box::new(cage),
                    config,
                    files: Vec::new(),
                    trials: FEW,
                }
            }),
        })
        .collect();
    all.extend(answering());
    all.extend(in_tls());
    all
}

/// One whose metadata is found, and that answers by `answer`.
fn server(
    name: &'static str,
    trials: &'static [&'static str],
    words: &'static str,
    answer: fn(&Request) -> Vec<u8>,
) -> Animal {
    Animal {
        name,
        words,
        show: Box::new(move || {
            let server = Server::start(answer);
            let url = server.url();
            let whole = config(&url, "");
            let (_, clients) = whole.split_once("[[").expect("clients");
            let config = format!(
                "[target.staging]\nprofile = [\"oidc\"]\nissuer = \"{url}\"\n[[{clients}{LOGIN}"
            );
            Shown {
                kept: Box::new(server),
                config,
                files: Vec::new(),
                trials,
            }
        }),
    }
}

fn own(request: &Request) -> String {
    format!("http://{}", request.header("host").unwrap_or_default())
}

fn ok(value: &Value) -> Vec<u8> {
    members("200 OK", &value.to_string())
}

/// Metadata as it should be, with other members in their place.
fn metadata(request: &Request, other: &Value) -> Vec<u8> {
    let url = own(request);
    let mut all = json!({
        "issuer": url,
        "authorization_endpoint": format!("{url}/authorize"),
        "token_endpoint": format!("{url}/token"),
        "userinfo_endpoint": format!("{url}/userinfo"),
        "jwks_uri": format!("{url}/jwks"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "ES256"],
    });
    for (name, value) in other.as_object().into_iter().flatten() {
        all[name] = value.clone();
    }
    ok(&all)
}

/// A token response with an ID Token of this header and these claims, signed by nobody.
fn tokens(header: &Value, claims: &Value) -> Vec<u8> {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let id_token = format!("{}.{}.{}", part(header), part(claims), "c2ln".repeat(86));
    ok(&json!({
        "access_token": "an-access-token-of-the-zoo",
        "token_type": "Bearer",
        "expires_in": 60,
        "scope": "openid",
        "refresh_token": "a-refresh-token-of-the-zoo",
        "id_token": id_token,
    }))
}

/// All of an ordinary server but its key set.
fn with_keys(request: &Request, keys: impl FnOnce() -> Vec<u8>) -> Vec<u8> {
    if request.is_to("/jwks") {
        keys()
    } else if request.path.starts_with("/.well-known/") {
        metadata(request, &json!({}))
    } else if request.is_to("/authorize") {
        code(request, "a-code-of-the-zoo")
    } else {
        tokens(
            &json!({ "alg": "RS256", "kid": "kid-1" }),
            &json!({ "iss": own(request), "sub": "a", "aud": "main-id", "iat": 1, "exp": 2 }),
        )
    }
}

/// What the metadata alone is made of; whoever sends something else finds nothing.
fn with_metadata(request: &Request, other: &Value) -> Vec<u8> {
    if request.path.starts_with("/.well-known/openid") {
        metadata(request, other)
    } else {
        reply("404 Not Found", &[], "")
    }
}

/// So many keys; each is `pad` longer than it has to be.
fn many_keys(count: usize, pad: usize) -> String {
    let mut set = String::from("{\"keys\":[");
    for index in 0..count {
        let comma = if index == 0 { "" } else { "," };
        let pad = "A".repeat(pad);
        write!(
            set,
            "{comma}{{\"kty\":\"RSA\",\"kid\":\"kid-{index}\",\"e\":\"AQAB\",\"n\":\"{pad}\"}}"
        )
        .expect("a text");
    }
    set.push_str("]}");
    set
}

/// Keys that nobody can use, and things that are no keys.
fn odd_keys() -> Value {
    json!({ "keys": [
        { "kid": "kid-1" },
        { "kid": "kid-1", "kty": "AKP", "alg": "ML-DSA-44", "pub": "AA" },
        { "kid": "kid-1", "kty": "oct", "k": "c2VjcmV0" },
        { "kid": "kid-1", "kty": "EC", "crv": "secp256k1", "x": "AA", "y": "AA" },
        { "kid": "kid-1", "kty": "EC", "crv": "P-256", "x": "", "y": "" },
        { "kid": "kid-1", "kty": "OKP", "crv": "X448", "x": "AA" },
        { "kid": "kid-1", "kty": "OKP", "crv": "Ed25519", "x": "" },
        { "kid": "kid-1", "kty": "RSA", "n": "", "e": "" },
        { "kid": "kid-1", "kty": "RSA", "n": "AA", "e": "AA" },
        { "kid": "kid-1", "kty": "RSA", "n": "not/base64url", "e": "AQAB" },
        { "kid": "kid-1", "kty": "RSA", "n": "_".repeat(20_000), "e": "_".repeat(20_000) },
        { "kid": "kid-1", "kty": "unknown \u{1b}[31m", "use": ["sig"], "key_ops": "verify" },
        { "kid": 5, "kty": 5 }, { "kid": {}, "kty": [] }, {}, [], null, true, 3.5, "a key",
        { "kid": "kid-1", "kty": "RSA", "x5c": ["no certificate"], "x5u": "file:///etc/passwd" },
    ] })
}

/// What a terminal obeys, what turns text round, what ends lines, what is markup.
const TEXT: &str = "\u{1b}[2J\u{1b}]0;title\u{7}\r\nok 1\r\u{202e}live\u{2066}\u{200b}\u{9b}31m\u{0}\u{7f}\u{200f}\u{61c}\u{2028}\
                    </script><b>|`*x*` ]]>&#27;";

/// Says it in every place in which a text can be.
fn says_it_everywhere(request: &Request) -> Vec<u8> {
    static TURN: AtomicUsize = AtomicUsize::new(0);
    // Bytes that a header field can have.
    let header = "a\u{202e}b\u{9b}31mc\u{2066}";
    if request.path.starts_with("/.well-known/openid") {
        return metadata(
            request,
            &json!({ TEXT: TEXT, "scopes_supported": [TEXT], "service_documentation": TEXT,
                     "grant_types_supported": [TEXT], "introspection_endpoint": TEXT }),
        );
    }
    if request.is_to("/jwks") {
        return ok(
            &json!({ "keys": [{ "kty": TEXT, "kid": TEXT, "use": TEXT, TEXT: TEXT }], TEXT: TEXT }),
        );
    }
    if request.is_to("/authorize") {
        return match TURN.fetch_add(1, Ordering::SeqCst) % 3 {
            0 => code(request, "a-code-of-the-zoo"),
            1 => reply(
                "200 \x1b[31mOK",
                &[("content-type", "text/html"), ("x-note", header)],
                &format!(
                    "<title>{TEXT}</title><p class=error>{TEXT}</p><form action=/x><input name=a>"
                ),
            ),
            _ => {
                let state = request.query("state").unwrap_or_default();
                let said = "error=access%1b%5b31m&error_description=%1b%5b2J%0d%0aok%e2%80%ae%00";
                let to = format!("https://client.example/a?{said}&state={state}");
                reply("302 Found", &[("location", &to)], "")
            }
        };
    }
    if request.is_to("/token") && TURN.fetch_add(1, Ordering::SeqCst).is_multiple_of(2) {
        return tokens(
            &json!({ "alg": TEXT, "kid": TEXT, TEXT: TEXT }),
            &json!({ "iss": TEXT, "sub": TEXT, "aud": [TEXT], TEXT: TEXT }),
        );
    }
    let body = json!({ "error": TEXT, "error_description": TEXT, "error_uri": TEXT, TEXT: TEXT });
    let challenge = format!("Basic realm=\"{header}\", {header}=1");
    let kind = format!("application/json; x=\"{header}\"");
    let mut headers = vec![
        ("content-type", kind.as_str()),
        ("www-authenticate", challenge.as_str()),
        ("cache-control", header),
    ];
    if TURN.fetch_add(1, Ordering::SeqCst).is_multiple_of(5) {
        // No field name.
        headers.push(("x-\u{7f}", "a"));
    }
    reply("400 \u{202e}Bad", &headers, &body.to_string())
}

fn answering() -> Vec<Animal> {
    vec![
        server("a key set of 10,000 short keys", KEYS, "", |request| {
            static KEYS: OnceLock<String> = OnceLock::new();
            with_keys(request, || {
                members("200 OK", KEYS.get_or_init(|| many_keys(10_000, 4)))
            })
        }),
        server(
            "a key set of 10,000 long keys",
            KEYS,
            "the key set has more than 1 MiB",
            |request| {
                static KEYS: OnceLock<String> = OnceLock::new();
                with_keys(request, || {
                    members("200 OK", KEYS.get_or_init(|| many_keys(10_000, 342)))
                })
            },
        ),
        server("keys of every unknown kind", KEYS, "kty", |request| {
            with_keys(request, || ok(&odd_keys()))
        }),
        server("another key set each time", KEYS, "no key", |request| {
            static COUNT: AtomicUsize = AtomicUsize::new(2);
            with_keys(request, || {
                let count = COUNT.fetch_add(1, Ordering::SeqCst);
                let key = json!({ "kty": "RSA", "kid": format!("kid-{count}"), "n": "AQAB", "e": "AQAB" });
                ok(&json!({ "keys": vec![key; count % 4] }))
            })
        }),
        server(
            "metadata that points elsewhere",
            FEW,
            "trust-endpoints-on = [\"https://elsewhere.example\"]",
            |request| {
                with_metadata(
                    request,
                    &json!({ "token_endpoint": "https://elsewhere.example/token" }),
                )
            },
        ),
        server(
            "metadata that points to private addresses",
            FEW,
            "trust-endpoints-on",
            |request| {
                with_metadata(
                    request,
                    &json!({ "token_endpoint": "http://169.254.169.254/token", "jwks_uri": "http://10.0.0.1/",
                         "authorization_endpoint": "http://[::1]:1/", "userinfo_endpoint": "http://localhost:1/" }),
                )
            },
        ),
        server(
            "metadata that points to a file",
            FEW,
            "no http address",
            |request| {
                with_metadata(
                    request,
                    &json!({ "token_endpoint": "file:///etc/passwd", "jwks_uri": "javascript:alert(1)",
                         "authorization_endpoint": "gopher://localhost/" }),
                )
            },
        ),
        server(
            "metadata with endpoints that are no texts",
            FEW,
            "the metadata's token_endpoint is no URL: `[\"/token\"]`",
            |request| {
                with_metadata(
                    request,
                    &json!({ "token_endpoint": ["/token"], "jwks_uri": 5, "issuer": null }),
                )
            },
        ),
        server(
            "metadata with endpoints that are empty",
            FEW,
            "the metadata's token_endpoint is empty",
            |request| {
                with_metadata(
                    request,
                    &json!({ "token_endpoint": "", "jwks_uri": "", "authorization_endpoint": " ",
                         "userinfo_endpoint": "" }),
                )
            },
        ),
        server(
            "a key set whose address is empty",
            KEYS,
            "the metadata's jwks_uri is empty",
            |request| {
                if request.is_to("/token") {
                    let claims = json!({ "iss": own(request), "sub": "s", "aud": "main-id", "iat": 1, "exp": 2 });
                    tokens(&json!({ "alg": "RS256" }), &claims)
                } else if request.path.starts_with("/.well-known") {
                    metadata(request, &json!({ "jwks_uri": "" }))
                } else {
                    with_keys(request, || ok(&json!({ "keys": [] })))
                }
            },
        ),
        server(
            "metadata of 2 MiB",
            FEW,
            "the metadata has more than 1 MiB",
            |request| {
                static PAD: OnceLock<String> = OnceLock::new();
                let pad = PAD.get_or_init(|| "a".repeat(2 << 20));
                with_metadata(request, &json!({ "x": pad }))
            },
        ),
        server(
            "metadata that redirects to itself",
            FEW,
            "a redirect to",
            |request| {
                reply(
                    "302 Found",
                    &[("location", &format!("{}{}", own(request), request.path))],
                    "",
                )
            },
        ),
        server("an ID Token of 900 KB", KEYS, "", |request| {
            static PAD: OnceLock<String> = OnceLock::new();
            let pad = PAD.get_or_init(|| "a".repeat(600 << 10));
            if request.is_to("/token") {
                let claims = json!({ "iss": own(request), "sub": pad, "aud": "main-id", "iat": 1, "exp": 2 });
                tokens(&json!({ "alg": "RS256" }), &claims)
            } else {
                with_keys(request, || ok(&json!({ "keys": [] })))
            }
        }),
        server(
            "escapes and controls in every text",
            ALL,
            "\\u{202e}",
            says_it_everywhere,
        ),
    ]
}

fn in_tls() -> Vec<Animal> {
    fn tls(
        name: &'static str,
        words: &'static str,
        certificate: fn(&Ca) -> super::tls::Certified,
    ) -> Animal {
        Animal {
            name,
            words,
            show: Box::new(move || {
                let ca = Ca::new();
                let server = TlsServer::start(&certificate(&ca), None, |_| {
                    members(
                        "200 OK",
                        "{\"access_token\":\"abcdefgh\",\"token_type\":\"Bearer\"}",
                    )
                });
                let http = "[target.staging.http]\nca-file = \"ca.pem\"\n";
                Shown {
                    config: config(&server.url("localhost"), "") + http,
                    kept: Box::new(server),
                    files: vec![("ca.pem", ca.pem())],
                    trials: FEW,
                }
            }),
        }
    }
    fn raw(name: &'static str, words: &'static str, behave: super::animals::Behave) -> Animal {
        Animal {
            name,
            words,
            show: Box::new(move || {
                let cage = Cage::at_once(behave);
                Shown {
                    config: config(&format!("https://localhost:{}", cage.port()), ""),
                    kept: Box::new(cage),
                    files: Vec::new(),
                    trials: FEW,
                }
            }),
        }
    }
    vec![
        tls(
            "a certificate for another name",
            "certificate not valid for name",
            |ca| ca.certify(&["other.example"]),
        ),
        tls("a certificate that has expired", "expired", |ca| {
            ca.expired(&["localhost"])
        }),
        tls("a self-signed certificate", "certificate", |_| {
            self_signed(&["localhost"])
        }),
        tls("a certificate of an unknown CA", "certificate", |_| {
            Ca::new().certify(&["localhost"])
        }),
        raw("TLS that stops in the handshake", "within|timed out", |s| {
            let mut hello = [0; 64];
            s.read_exact(&mut hello)?;
            // The head of a server's first record, and no more.
            s.write_all(&[0x16, 3, 3, 0, 0x7a, 2, 0, 0])?;
            until_hung_up(s)
        }),
        raw("TLS that ends in the handshake", "(Connect)", |s| {
            let mut hello = [0; 64];
            s.read_exact(&mut hello)?;
            s.write_all(&[0x16, 3, 3, 0, 0x7a, 2, 0, 0])
        }),
        raw("plain HTTP where TLS should be", "", |s| {
            let mut hello = [0; 64];
            s.read_exact(&mut hello)?;
            s.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")
        }),
        raw("TLS records without an end", "", |s| {
            let mut hello = [0; 64];
            s.read_exact(&mut hello)?;
            loop {
                // Empty handshake records.
                s.write_all(&[0x16, 3, 3, 0, 0].repeat(1000))?;
            }
        }),
    ]
}
