//! A fixed script of requests and what came back, with all that is random or a
//! time made comparable: two servers that behave alike have the same transcript.

use std::collections::HashMap;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::body::Body;
use axum::http::Request;
use axum::http::header::{CONTENT_LENGTH, LOCATION};
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use serde_json::{Value, json};

use super::{Reply, Sut};

/// What was asked and what came back, one line for each request.
pub struct Transcript {
    pub sut: Sut,
    pub lines: Vec<String>,
    /// Random values and the line in which each appeared first.
    seen: HashMap<String, usize>,
    keys: Option<JwkSet>,
}

impl Transcript {
    pub async fn new(sut: Sut) -> Self {
        let keys = serde_json::from_str(&sut.get(&sut.path("jwks")).await.body).ok();
        Self {
            sut,
            lines: Vec::new(),
            seen: HashMap::new(),
            keys,
        }
    }

    /// Writes down what came back.
    pub fn note(&mut self, what: &str, reply: Reply) -> Reply {
        let mut headers: Vec<_> = reply
            .headers
            .iter()
            .filter(|(name, _)| *name != LOCATION && *name != CONTENT_LENGTH)
            .map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(value.as_bytes())))
            .collect();
        headers.sort();
        let mut body = reply.body.clone();
        if let Ok(mut json) = serde_json::from_str::<Value>(&body) {
            // Repeated members would be lost.
            let names = body.matches("\":").count();
            self.mask(&mut json);
            body = format!("{json} of {names}");
        }
        let location = reply
            .headers
            .get(LOCATION)
            .map_or("", |value| value.to_str().unwrap());
        let location = self.mask_location(location);
        self.lines.push(format!(
            "{what}: {} {headers:?} {location} {body}",
            reply.status.as_u16()
        ));
        reply
    }

    fn mask_location(&mut self, location: &str) -> String {
        let parts: Vec<_> = location
            .split('&')
            .map(|part| match part.split_once("code=") {
                Some((before, code)) => format!("{before}code={}", self.mask_random(code)),
                None => part.to_owned(),
            })
            .collect();
        parts.join("&")
    }

    fn mask(&mut self, value: &mut Value) {
        let members = match value {
            Value::Object(members) => members,
            Value::Array(items) => return items.iter_mut().for_each(|item| self.mask(item)),
            _ => return,
        };
        for (name, value) in members {
            match (name.as_str(), value.as_str()) {
                ("exp" | "iat" | "nbf" | "auth_time" | "expires_in", _) => masked_time(value),
                ("access_token" | "id_token", Some(token)) if is_jwt(token) => {
                    *value = Value::String(self.mask_jwt(token));
                }
                (
                    "access_token" | "id_token" | "refresh_token" | "jti" | "at_hash" | "c_hash",
                    Some(random),
                ) => *value = Value::String(self.mask_random(random)),
                ("sub", Some(subject)) if subject.starts_with("user-1-") => {
                    *value = Value::String(self.mask_random(subject));
                }
                _ => self.mask(value),
            }
        }
    }

    fn mask_random(&mut self, text: &str) -> String {
        let here = self.lines.len();
        let first = *self.seen.entry(text.to_owned()).or_insert(here);
        let age = if first == here {
            "new".to_owned()
        } else {
            format!("of line {first}")
        };
        format!("<{} characters, {age}>", text.len())
    }

    fn mask_jwt(&mut self, token: &str) -> String {
        let parts: Vec<_> = token.split('.').collect();
        let mut shown = vec![format!("signature {}", self.signature(token))];
        for part in &parts[..2] {
            let bytes = BASE64_URL_SAFE_NO_PAD
                .decode(part.trim_end_matches('='))
                .unwrap();
            let names = String::from_utf8_lossy(&bytes).matches("\":").count();
            let mut json: Value = serde_json::from_slice(&bytes).unwrap();
            self.mask(&mut json);
            shown.push(format!("{json} of {names}"));
        }
        shown.push(format!("padding {}", token.contains('=')));
        shown.join(" ")
    }

    fn signature(&self, token: &str) -> &'static str {
        let (message, signature) = token.rsplit_once('.').unwrap();
        let header = super::decoded_header(token);
        let algorithm = header["alg"].as_str().and_then(|alg| alg.parse().ok());
        let algorithm = algorithm.unwrap_or(Algorithm::RS256);
        if matches!(algorithm, Algorithm::HS256 | Algorithm::HS512) {
            let secret = super::HMAC.secret.unwrap_or_default();
            let key = DecodingKey::from_secret(secret.as_bytes());
            return match crypto::verify(signature, message.as_bytes(), &key, algorithm) {
                Ok(true) => "verifies with the secret of one client",
                _ => "does not verify with the secret of one client",
            };
        }
        let kid = header["kid"].as_str().map(str::to_owned);
        let key = self
            .keys
            .as_ref()
            .zip(kid)
            .and_then(|(keys, kid)| keys.find(&kid));
        match key.map(DecodingKey::from_jwk) {
            None => "has no key",
            Some(Err(_)) => "has a useless key",
            Some(Ok(key)) => match crypto::verify(signature, message.as_bytes(), &key, algorithm) {
                Ok(true) => "verifies",
                _ => "does not verify",
            },
        }
    }

    pub async fn post(&mut self, endpoint: &str, form: &[(&str, &str)]) -> Reply {
        let reply = self.sut.post(endpoint, form).await;
        self.note(&format!("POST {endpoint} {:?}", names(form)), reply)
    }

    pub async fn raw(&mut self, what: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        let path = self.sut.path("token");
        let reply = self.sut.raw(&path, headers, body).await;
        self.note(what, reply)
    }

    pub async fn method(&mut self, method: &str, query: &str, body: &str) -> Reply {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}?{query}", self.sut.path("token")))
            .header("content-type", super::FORM)
            .body(Body::from(body.to_owned()));
        let reply = self.sut.send(request.unwrap()).await;
        self.note(&format!("{method} token"), reply)
    }
}

fn names<'a>(form: &[(&'a str, &str)]) -> Vec<&'a str> {
    form.iter().map(|(name, _)| *name).collect()
}

fn is_jwt(token: &str) -> bool {
    token.starts_with("eyJ") && token.matches('.').count() == 2
}

/// Tells a time as minutes from now, and leaves what is none.
fn masked_time(value: &mut Value) {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs() as i64;
    match value {
        Value::Number(time) if time.as_i64().is_some_and(|time| time > 1_000_000_000) => {
            let minutes = (time.as_i64().unwrap() - now + 30).div_euclid(60);
            *value = json!(format!("in {minutes} minutes"));
        }
        Value::String(text) => *value = json!(format!("{} characters", text.len())),
        _ => {}
    }
}
