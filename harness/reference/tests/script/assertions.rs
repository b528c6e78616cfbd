//! Client assertions: right ones, and each with one thing wrong.

use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use aws_lc_rs::{encoding, hmac, signature::KeyPair as _};
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine as _};

use super::reply_text;
use crate::support::transcript::Transcript;
use crate::support::{CALLBACK, CHALLENGE, ISSUER, VERIFIER};

const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const SIGNING: &str = "signing-client";
const KID: &str = "signing-client-2026";
const OWN: &str = include_str!("../../src/keys/assertion-elliptic.pem");
const OTHER: &str = include_str!("../../src/keys/assertion-other.pem");
const MAC: &str = "mac-client";
const SECRET: &[u8] = b"mac-client-secret-4b0f7d2e91c8463aa5d06e1f8b93c72d";

fn pair(pem: &str) -> EcdsaKeyPair {
    let lines = pem.lines().filter(|line| !line.starts_with("-----"));
    let der = BASE64_STANDARD.decode(lines.collect::<String>()).unwrap();
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &der).unwrap()
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

fn by_key(header: &str, claims: &[u8], pem: &str) -> String {
    let signed = format!("{}.{}", encode(header), encode(claims));
    let signature = pair(pem).sign(&SystemRandom::new(), signed.as_bytes());
    format!("{signed}.{}", encode(signature.unwrap()))
}

fn by_secret(algorithm: hmac::Algorithm, header: &str, claims: &str, secret: &[u8]) -> String {
    let signed = format!("{}.{}", encode(header), encode(claims));
    let key = hmac::Key::new(algorithm, secret);
    format!("{signed}.{}", encode(hmac::sign(&key, signed.as_bytes())))
}

/// The claims of OpenID Connect Core 9, without what is left out and with what is added.
fn claims(client: &str, jti: &str, without: &str, more: &str) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let exp = now.as_secs() + 3600;
    let all = [
        ("iss", format!("\"{client}\"")),
        ("sub", format!("\"{client}\"")),
        ("aud", format!("\"{ISSUER}/token\"")),
        ("exp", exp.to_string()),
        ("jti", format!("\"{jti}\"")),
    ];
    let kept: Vec<String> = all
        .iter()
        .filter(|(name, _)| *name != without)
        .map(|(name, value)| format!("\"{name}\":{value}"))
        .collect();
    format!("{{{}{more}}}", kept.join(","))
}

async fn send(t: &mut Transcript, what: &str, assertion: &str, more: &[(&str, &str)]) {
    let form = [
        ("client_assertion_type", TYPE),
        ("client_assertion", assertion),
        ("grant_type", "client_credentials"),
        ("scope", "read"),
    ];
    let reply = t.sut.post("token", &[&form[..], more].concat()).await;
    t.note(what, reply);
}

pub async fn assertions(t: &mut Transcript) {
    let header = format!("{{\"alg\":\"ES256\",\"typ\":\"JWT\",\"kid\":\"{KID}\"}}");
    let named =
        |name: &str, value: &str| header.replacen('{', &format!("{{\"{name}\":{value},"), 1);
    for (jti, without, more) in [
        ("right", "", ""),
        ("right", "", ""),
        ("no-iss", "iss", ""),
        ("no-sub", "sub", ""),
        ("no-aud", "aud", ""),
        ("no-exp", "exp", ""),
        ("no-jti", "jti", ""),
        ("iss", "iss", ",\"iss\":\"somebody\""),
        ("sub", "sub", ",\"sub\":\"somebody\""),
        ("aud", "aud", ",\"aud\":\"https://somebody.example\""),
        ("aud-prefix", "aud", ",\"aud\":\"http://127.0.0.1:99\""),
        ("aud-array", "aud", ",\"aud\":[\"http://127.0.0.1:9\"]"),
        ("expired", "exp", ",\"exp\":1000"),
        ("nbf", "", ",\"nbf\":99999999999"),
        ("unknown", "", ",\"made_up\":[{\"a\":1}]"),
        ("twice", "", ",\"sub\":\"somebody\""),
        ("cut", "", ","),
    ] {
        let assertion = by_key(&header, claims(SIGNING, jti, without, more).as_bytes(), OWN);
        send(t, jti, &assertion, &[]).await;
    }
    let other_kid = header.replace(KID, "other-signing-client-2026");
    let point = pair(OTHER).public_key().as_ref().to_vec();
    let jwk = format!(
        "{{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"{}\",\"y\":\"{}\"}}",
        encode(&point[1..33]),
        encode(&point[33..])
    );
    for (jti, header, key) in [
        ("other-key", header.clone(), OTHER),
        ("other-kid", other_kid, OTHER),
        ("jwk", named("jwk", &jwk), OTHER),
        ("crit", named("crit", "[\"x\"]"), OWN),
        ("header", named("made_up", "1"), OWN),
        ("kid", header.replace(KID, "'"), OWN),
        ("typ", header.replace("JWT", "application/jwt"), OWN),
        ("es384", header.replace("ES256", "ES384"), OWN),
        ("none", header.replace("ES256", "none"), OWN),
        ("None", header.replace("ES256", "None"), OWN),
        ("alg-twice", header.replace('}', ",\"alg\":\"none\"}"), OWN),
    ] {
        let assertion = by_key(&header, claims(SIGNING, jti, "", "").as_bytes(), key);
        send(t, jti, &assertion, &[]).await;
    }
    let wide: Vec<u8> = format!("\u{feff}{}", claims(SIGNING, "utf-16", "", ""))
        .encode_utf16()
        .flat_map(u16::to_be_bytes)
        .collect();
    send(t, "utf-16", &by_key(&header, &wide, OWN), &[]).await;
    let assertion = by_key(&header, claims(SIGNING, "empty", "", "").as_bytes(), OWN);
    let (unsigned, _) = assertion.rsplit_once('.').unwrap();
    send(t, "empty", &format!("{unsigned}."), &[]).await;
    let assertion = by_key(&header, claims(SIGNING, "id", "", "").as_bytes(), OWN);
    send(t, "id", &assertion, &[("client_id", MAC)]).await;

    let header = "{\"alg\":\"HS256\"}";
    let der: encoding::PublicKeyX509Der<'_> =
        encoding::AsDer::as_der(pair(OWN).public_key()).unwrap();
    let confused = claims(SIGNING, "der", "", "");
    let assertion = by_secret(hmac::HMAC_SHA256, header, &confused, der.as_ref());
    send(t, "public key as secret", &assertion, &[]).await;
    let assertion = by_secret(
        hmac::HMAC_SHA256,
        header,
        &claims(MAC, "mac", "", ""),
        SECRET,
    );
    send(t, "mac", &assertion, &[]).await;
    let longer = claims(MAC, "hs512", "", "");
    let assertion = by_secret(hmac::HMAC_SHA512, "{\"alg\":\"HS512\"}", &longer, SECRET);
    send(t, "hs512", &assertion, &[]).await;
    for form in [
        vec![("client_assertion_type", TYPE)],
        vec![("client_assertion", "x")],
    ] {
        let form = [&form[..], &[("grant_type", "client_credentials")]].concat();
        t.post("token", &form).await;
    }
    let assertion = by_secret(
        hmac::HMAC_SHA256,
        header,
        &claims(MAC, "type", "", ""),
        SECRET,
    );
    let form = [
        ("client_assertion", assertion.as_str()),
        ("grant_type", "client_credentials"),
    ];
    t.post("token", &form).await;

    // An ID Token of the client for itself.
    let reply = t
        .sut
        .authorize(&[
            ("client_id", MAC),
            ("response_type", "code"),
            ("redirect_uri", CALLBACK),
            ("scope", "openid"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ])
        .await;
    let code = reply.redirected("code").unwrap_or_default();
    let mut form = vec![
        ("client_assertion_type", TYPE),
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    let assertion = by_secret(
        hmac::HMAC_SHA256,
        header,
        &claims(MAC, "code", "", ""),
        SECRET,
    );
    form.push(("client_assertion", &assertion));
    let reply = t.sut.post("token", &form).await;
    let tokens = t.note("code", reply);
    send(t, "id_token", &reply_text(&tokens, "id_token"), &[]).await;
}
