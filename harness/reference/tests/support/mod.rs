//! A client for the tests: requests through the router, without a socket.

#![allow(dead_code, reason = "each test uses a part of it")]

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, LOCATION};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine as _};
use serde_json::Value;
use tokenspec_reference::{Options, Personality, fault, router};
use tower::ServiceExt as _;

pub mod transcript;

pub const ISSUER: &str = "http://127.0.0.1:9";
pub const FORM: &str = "application/x-www-form-urlencoded";
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub const CALLBACK: &str = "https://client.example/callback";

pub const MAIN: Who = Who::post("main-client", "main-client-secret-6bcf1f0a9d0f4c56");
pub const OTHER: Who = Who::post("other-client", "other-client-secret-d41c8e2b7a934e17");
pub const LIMITED: Who = Who::post("limited-client", "limited-client-secret-0be5f3a18c6d4d92");
pub const SINGLE: Who = Who::post("single-client", "single-client-secret-7e90c45b1d2a48f3");
pub const HMAC: Who = Who::post(
    "hmac-client",
    "c5e1d0a4b7f3928e6a1c4d5f7b90e2836f1a0b9c8d7e6f5a",
);
pub const ELLIPTIC: Who = Who::post("elliptic-client", "elliptic-client-secret-1f9b0d7a52c84e63");
pub const PUBLIC: Who = Who {
    id: "public-client",
    secret: None,
};
pub const ENCODED: Who = Who::post(
    "https://basic.example:8443/id?a=b c",
    "p%c3ss+word: with & and = and / 31d8aa",
);
pub const TENANT: Who = Who::post("TENANT_CLIENT_ID", "TENANT_CLIENT_SECRET");

/// A client and its secret.
#[derive(Clone, Copy)]
pub struct Who {
    pub id: &'static str,
    pub secret: Option<&'static str>,
}

impl Who {
    const fn post(id: &'static str, secret: &'static str) -> Self {
        Self {
            id,
            secret: Some(secret),
        }
    }

    /// What HTTP Basic sends, form-encoded as it has to be.
    pub fn basic(self) -> String {
        let secret = self.secret.unwrap_or_default();
        let pair = format!("{}:{}", encode(self.id), encode(secret));
        format!("Basic {}", BASE64_STANDARD.encode(pair))
    }

    fn form(self) -> Vec<(&'static str, &'static str)> {
        let mut form = vec![("client_id", self.id)];
        form.extend(self.secret.map(|secret| ("client_secret", secret)));
        form
    }
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Reply {
    pub fn header(&self, name: HeaderName) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub fn text(&self, member: &str) -> String {
        let json = self.json();
        json[member]
            .as_str()
            .unwrap_or_else(|| panic!("no {member} in {json}"))
            .to_owned()
    }

    /// The status with the error code, or with nothing where there is none.
    pub fn outcome(&self) -> (u16, String) {
        let error = serde_json::from_str::<Value>(&self.body)
            .ok()
            .and_then(|json| json["error"].as_str().map(str::to_owned));
        (self.status.as_u16(), error.unwrap_or_default())
    }

    /// A parameter of the redirect.
    pub fn redirected(&self, name: &str) -> Option<String> {
        let (_, query) = self.header(LOCATION).split_once('?')?;
        let (_, value) = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .find(|(key, _)| *key == name)?;
        Some(decode(value))
    }

    #[track_caller]
    pub fn is(&self, status: u16, error: &str) {
        assert_eq!(self.outcome(), (status, error.to_owned()), "{self:?}");
    }

    #[track_caller]
    pub fn granted(self) -> Self {
        assert_eq!(self.status, StatusCode::OK, "{self:?}");
        assert!(self.json()["access_token"].is_string(), "{self:?}");
        self
    }
}

/// A server to send requests to.
#[derive(Clone)]
pub struct Sut {
    router: Router,
    personality: Personality,
}

impl Sut {
    pub fn new(personality: Personality, faults: &[&str]) -> Self {
        let faults = faults
            .iter()
            .map(|name| fault(name).unwrap_or_else(|| panic!("no fault {name}")))
            .collect();
        let options = Options {
            personality,
            faults,
            ..Options::default()
        };
        Self {
            router: router(options, ISSUER),
            personality,
        }
    }

    pub fn standard() -> Self {
        Self::new(Personality::Standard, &[])
    }

    pub fn ciam() -> Self {
        Self::new(Personality::Ciam, &[])
    }

    pub fn path(&self, endpoint: &str) -> String {
        match self.personality {
            Personality::Standard => format!("/{endpoint}"),
            Personality::Ciam => format!("/oauth2/{endpoint}"),
        }
    }

    pub async fn send(&self, request: Request<Body>) -> Reply {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        Reply {
            status: head.status,
            headers: head.headers,
            body: String::from_utf8_lossy(&body).into_owned(),
        }
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send(Request::get(path).body(Body::empty()).unwrap())
            .await
    }

    /// A POST of raw bytes with raw headers.
    pub async fn raw(&self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        let mut request = Request::builder().method(Method::POST).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::from(body.to_vec())).unwrap())
            .await
    }

    pub async fn post(&self, endpoint: &str, form: &[(&str, &str)]) -> Reply {
        let path = self.path(endpoint);
        self.raw(
            &path,
            &[(CONTENT_TYPE.as_str(), FORM)],
            form_body(form).as_bytes(),
        )
        .await
    }

    /// A POST with HTTP Basic.
    pub async fn post_basic(&self, endpoint: &str, who: Who, form: &[(&str, &str)]) -> Reply {
        let headers = [
            (CONTENT_TYPE.as_str(), FORM),
            (AUTHORIZATION.as_str(), &who.basic() as &str),
        ];
        self.raw(&self.path(endpoint), &headers, form_body(form).as_bytes())
            .await
    }

    /// A POST as the client, with its credentials in the body.
    pub async fn post_as(&self, endpoint: &str, who: Who, form: &[(&str, &str)]) -> Reply {
        self.post(endpoint, &[&who.form(), form].concat()).await
    }

    /// A token request as the client, with its credentials in the body.
    pub async fn token(&self, who: Who, form: &[(&str, &str)]) -> Reply {
        self.post_as("token", who, form).await
    }

    pub async fn authorize(&self, parameters: &[(&str, &str)]) -> Reply {
        self.get(&format!(
            "{}?{}",
            self.path("authorize"),
            form_body(parameters)
        ))
        .await
    }

    pub fn callback(&self) -> &'static str {
        match self.personality {
            Personality::Standard => CALLBACK,
            Personality::Ciam => "https://example.com/callback",
        }
    }

    /// A code for the client, with PKCE, and further parameters of the request.
    pub async fn code(&self, who: Who, more: &[(&str, &str)]) -> String {
        let mut parameters = vec![
            ("client_id", who.id),
            ("response_type", "code"),
            ("redirect_uri", self.callback()),
            ("state", "s"),
            ("nonce", "n-1"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        parameters.retain(|(name, _)| !more.iter().any(|(other, _)| other == name));
        if !more.iter().any(|(name, _)| *name == "scope") {
            parameters.push(("scope", "openid"));
        }
        parameters.extend(more.iter().filter(|(_, value)| !value.is_empty()));
        let reply = self.authorize(&parameters).await;
        reply
            .redirected("code")
            .unwrap_or_else(|| panic!("no code: {reply:?}"))
    }

    /// The exchange of a code that [`Sut::code`] got.
    pub async fn exchange(&self, who: Who, code: &str) -> Reply {
        self.token(who, &code_form(self.callback(), code)).await
    }

    /// All tokens that a code gives.
    pub async fn login(&self, who: Who) -> Reply {
        let code = self.code(who, &[]).await;
        self.exchange(who, &code).await.granted()
    }

    pub async fn refresh(&self, who: Who, token: &str) -> Reply {
        self.token(
            who,
            &[("grant_type", "refresh_token"), ("refresh_token", token)],
        )
        .await
    }

    pub async fn userinfo(&self, token: &str) -> Reply {
        let request = Request::get(self.path("userinfo"))
            .header(AUTHORIZATION, format!("Bearer {token}"))
            .body(Body::empty());
        self.send(request.unwrap()).await
    }

    pub async fn is_active(&self, token: &str) -> bool {
        let reply = self.post_as("introspect", MAIN, &[("token", token)]).await;
        reply.json()["active"].as_bool().unwrap()
    }
}

pub fn code_form<'a>(callback: &'a str, code: &'a str) -> Vec<(&'static str, &'a str)> {
    vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", callback),
        ("code_verifier", VERIFIER),
    ]
}

pub fn form_body(form: &[(&str, &str)]) -> String {
    let pairs: Vec<_> = form
        .iter()
        .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
        .collect();
    pairs.join("&")
}

pub fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b' ' => "+".to_owned(),
            byte if byte.is_ascii_alphanumeric() || b"-._".contains(&byte) => {
                char::from(byte).to_string()
            }
            byte => format!("%{byte:02X}"),
        })
        .collect()
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let hex: Vec<_> = rest.by_ref().take(2).collect();
                let hex = String::from_utf8(hex).unwrap();
                bytes.push(u8::from_str_radix(&hex, 16).unwrap());
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8(bytes).unwrap()
}

/// Header and claims of a JWT, unverified.
pub fn decoded(token: &str) -> (Value, Value) {
    let mut parts = token.split('.').map(|part| {
        let json = BASE64_URL_SAFE_NO_PAD.decode(part).unwrap();
        serde_json::from_slice(&json).unwrap_or(Value::Null)
    });
    (parts.next().unwrap(), parts.next().unwrap())
}

pub fn decoded_header(token: &str) -> Value {
    let header = token.split('.').next().unwrap().trim_end_matches('=');
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap()
}
