//! Test vectors for JWTs: what is right passes, each deviation is told for what it is.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::HashMap;

use jsonwebtoken::jwk::{Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use serde_json::{Value, json};
use tokenspec::catalogue::{Catalogue, Expectation, embedded};
use tokenspec::judge::jwt::{Jwt, verify};
use tokenspec::judge::{Finding, Keys, Response, Situation, find};
use tokenspec::outcome::Observation;
use tokenspec::secret::{Secret, base64, base64url};

const SIGNING: &[u8] = include_bytes!("keys/signing.pem");
const OTHER: &[u8] = include_bytes!("keys/other.pem");
const NOW: i64 = 1_800_000_000;
const SECRET: &str = "a-client-secret-of-forty-characters-0123";

fn rsa(pem: &[u8]) -> EncodingKey {
    EncodingKey::from_rsa_pem(pem).unwrap()
}

fn jwk(pem: &[u8], kid: &str) -> Value {
    let mut jwk = Jwk::from_encoding_key(&rsa(pem), Algorithm::RS256).unwrap();
    jwk.common.key_id = Some(kid.to_owned());
    jwk.common.public_key_use = Some(PublicKeyUse::Signature);
    serde_json::to_value(jwk).unwrap()
}

fn keys(set: Vec<Value>) -> Keys {
    Keys {
        set: Ok(set),
        secret: Some(Secret::new(SECRET)),
    }
}

fn usual_keys() -> Keys {
    keys(vec![jwk(SIGNING, "one"), jwk(OTHER, "two")])
}

fn claims() -> Value {
    json!({
        "iss": "https://as.example", "sub": "user", "aud": "client", "azp": "client",
        "exp": NOW + 300, "iat": NOW, "nbf": NOW, "nonce": "n-1",
    })
}

fn part(value: &Value) -> String {
    base64url(value.to_string().as_bytes())
}

fn signed(header: &Value, claims: &Value, key: &EncodingKey, algorithm: Algorithm) -> String {
    let text = format!("{}.{}", part(header), part(claims));
    let signature = crypto::sign(text.as_bytes(), key, algorithm).unwrap();
    format!("{text}.{signature}")
}

fn right() -> String {
    signed(
        &json!({"alg": "RS256", "kid": "one"}),
        &claims(),
        &rsa(SIGNING),
        Algorithm::RS256,
    )
}

fn with_claims(change: impl FnOnce(&mut Value)) -> String {
    let mut claims = claims();
    change(&mut claims);
    signed(
        &json!({"alg": "RS256", "kid": "one"}),
        &claims,
        &rsa(SIGNING),
        Algorithm::RS256,
    )
}

fn with_header(header: &Value) -> String {
    signed(header, &claims(), &rsa(SIGNING), Algorithm::RS256)
}

/// What an expectation (as a case file writes it) finds in an answer with this ID Token.
fn judged(expectation: &str, id_token: &str, keys: &Keys) -> Finding {
    let expectation: Expectation = toml::from_str(expectation).unwrap();
    let body =
        json!({"access_token": "an-access-token", "token_type": "Bearer", "id_token": id_token});
    let response = Response::new(Observation {
        status: 200,
        body: body.to_string().into(),
        at: NOW,
        ..Observation::default()
    });
    let catalogue = Catalogue::read(&embedded(), false).unwrap();
    let situation = Situation {
        catalogue: &catalogue,
        documents: &[],
        without: &[],
        deviations: &[],
        trial: "suite/case",
        auth: "client_secret_basic",
        start: "authorization_code",
        public: false,
        introspects: false,
        keys,
        skew: 10,
        control: None,
        at_once: &[],
        alive: None,
        steps: &HashMap::new(),
        value: &|name| match name {
            "client.id" => Some("client".to_owned()),
            "start.nonce" => Some("n-1".to_owned()),
            "start.code" => Some("a-code".to_owned()),
            "start.id_token" => Some(right()),
            "first.auth_time" => Some(NOW.to_string()),
            "target.issuer" => Some("https://as.example".to_owned()),
            _ => None,
        },
    };
    find(&expectation, &response, &situation)
}

const SIGNATURE: &str = "jwt.id_token.signature = 'valid'";
const FORMAT: &str = "jwt.id_token.format = 'jws'";

#[track_caller]
fn fails(expectation: &str, token: &str, keys: &Keys, because: &str) {
    let finding = judged(expectation, token, keys);
    assert_eq!(finding.holds, Some(false), "{finding:?}");
    assert!(
        finding.actual.contains(because),
        "{finding:?} does not say `{because}`"
    );
}

#[test]
fn what_is_right_passes() {
    let keys = usual_keys();
    for expectation in [
        SIGNATURE,
        FORMAT,
        "jwt.id_token.claims.iss = '{{target.issuer}}'",
        "jwt.id_token.claims.aud = { contains = '{{client.id}}' }",
        "jwt.id_token.claims.azp = '{{client.id}}'",
        "jwt.id_token.claims.nonce = '{{start.nonce}}'",
        "holds = 'id-token-times-are-sound'",
        "holds = 'at-hash-matches'",
    ] {
        let finding = judged(expectation, &right(), &keys);
        assert_eq!(finding.holds, Some(true), "{expectation}: {finding:?}");
    }
}

#[test]
fn wrong_claims_fail_their_own_rule_and_no_other() {
    let keys = usual_keys();
    let rules = [
        ("iss", "jwt.id_token.claims.iss = '{{target.issuer}}'"),
        (
            "aud",
            "jwt.id_token.claims.aud = { contains = '{{client.id}}' }",
        ),
        ("azp", "jwt.id_token.claims.azp = '{{client.id}}'"),
        ("nonce", "jwt.id_token.claims.nonce = '{{start.nonce}}'"),
    ];
    for (claim, _) in rules {
        for value in [json!("another"), json!(null), json!(["another"])] {
            let token = with_claims(|claims| claims[claim] = value.clone());
            for (name, rule) in rules {
                let finding = judged(rule, &token, &keys);
                assert_eq!(
                    finding.holds,
                    Some(name != claim),
                    "{claim}={value}, {rule}"
                );
            }
            assert_eq!(judged(SIGNATURE, &token, &keys).holds, Some(true));
        }
    }
}

#[test]
fn wrong_times_fail() {
    let keys = usual_keys();
    let times = "holds = 'id-token-times-are-sound'";
    for (what, change) in [
        ("expired", json!({"exp": NOW - 3600, "iat": NOW - 7200})),
        (
            "issued in milliseconds",
            json!({"iat": NOW * 1000, "exp": NOW * 1000 + 300}),
        ),
        (
            "issued in the far future",
            json!({"iat": NOW + 200_000, "exp": NOW + 300_000}),
        ),
        ("exp before iat", json!({"iat": NOW + 100, "exp": NOW + 50})),
        (
            "times as texts",
            json!({"iat": NOW.to_string(), "exp": (NOW + 300).to_string()}),
        ),
    ] {
        let token = with_claims(|claims| {
            for (name, value) in change.as_object().unwrap() {
                claims[name] = value.clone();
            }
        });
        assert_eq!(judged(times, &token, &keys).holds, Some(false), "{what}");
    }
    // Within the allowed skew the clocks may differ.
    let token = with_claims(|claims| claims["exp"] = json!(NOW - 5));
    let token_iat = with_claims(|claims| {
        claims["exp"] = json!(NOW - 5);
        claims["iat"] = json!(NOW - 300);
    });
    assert_eq!(
        judged(times, &token, &keys).holds,
        Some(false),
        "exp is not after iat"
    );
    assert_eq!(judged(times, &token_iat, &keys).holds, Some(true));
}

#[test]
fn a_wrong_at_hash_fails_and_none_is_allowed() {
    let keys = usual_keys();
    let rule = "holds = 'at-hash-matches'";
    let token = with_claims(|claims| claims["at_hash"] = json!("AAAAAAAAAAAAAAAAAAAAAA"));
    assert_eq!(judged(rule, &token, &keys).holds, Some(false));
    let hash = {
        use sha2::{Digest, Sha256};
        base64url(&Sha256::digest("an-access-token")[..16])
    };
    let token = with_claims(|claims| claims["at_hash"] = json!(hash));
    assert_eq!(judged(rule, &token, &keys).holds, Some(true));
}

#[test]
fn a_kid_that_is_unknown_fails_and_none_is_resolved() {
    let unknown = with_header(&json!({"alg": "RS256", "kid": "three"}));
    fails(
        SIGNATURE,
        &unknown,
        &usual_keys(),
        "no key of the key set has its kid",
    );
    let none = with_header(&json!({"alg": "RS256"}));
    assert_eq!(judged(SIGNATURE, &none, &usual_keys()).holds, Some(true));
    fails(
        SIGNATURE,
        &none,
        &keys(vec![jwk(OTHER, "two")]),
        "does not verify",
    );
    fails(
        SIGNATURE,
        &none,
        &keys(Vec::new()),
        "no key of the key set fits",
    );
}

#[test]
fn of_two_keys_with_one_kid_the_right_one_is_found() {
    let keys = keys(vec![jwk(OTHER, "one"), jwk(SIGNING, "one")]);
    assert_eq!(judged(SIGNATURE, &right(), &keys).holds, Some(true));
    let keys = self::keys(vec![jwk(OTHER, "one"), jwk(OTHER, "one")]);
    fails(SIGNATURE, &right(), &keys, "does not verify");
}

#[test]
fn another_key_and_a_changed_text_fail() {
    let token = signed(
        &json!({"alg": "RS256", "kid": "one"}),
        &claims(),
        &rsa(OTHER),
        Algorithm::RS256,
    );
    fails(SIGNATURE, &token, &usual_keys(), "does not verify");
    let right = right();
    let mut parts: Vec<String> = right.split('.').map(str::to_owned).collect();
    parts[1] = part(&json!({"iss": "https://as.example", "sub": "somebody-else"}));
    fails(
        SIGNATURE,
        &parts.join("."),
        &usual_keys(),
        "does not verify",
    );
}

#[test]
fn alg_none_fails_with_and_without_a_signature() {
    let text = format!("{}.{}.", part(&json!({"alg": "none"})), part(&claims()));
    fails(SIGNATURE, &text, &usual_keys(), "not signed");
    let mut parts: Vec<String> = right().split('.').map(str::to_owned).collect();
    parts[0] = part(&json!({"alg": "none", "kid": "one"}));
    fails(SIGNATURE, &parts.join("."), &usual_keys(), "not signed");
    let missing = with_header(&json!({"kid": "one"}));
    fails(SIGNATURE, &missing, &usual_keys(), "no `alg`");
}

#[test]
fn hs256_is_keyed_with_the_client_secret_and_never_with_the_public_key() {
    let header = json!({"alg": "HS256"});
    let with_secret = EncodingKey::from_secret(SECRET.as_bytes());
    let token = signed(&header, &claims(), &with_secret, Algorithm::HS256);
    assert_eq!(judged(SIGNATURE, &token, &usual_keys()).holds, Some(true));
    // The confusion of algorithms: the public key's own text as the secret.
    let public = jwk(SIGNING, "one").to_string();
    let confused = EncodingKey::from_secret(public.as_bytes());
    let header = json!({"alg": "HS256", "kid": "one"});
    let token = signed(&header, &claims(), &confused, Algorithm::HS256);
    fails(
        SIGNATURE,
        &token,
        &usual_keys(),
        "does not verify with the client secret",
    );
    let public_client = Keys {
        secret: None,
        ..usual_keys()
    };
    fails(
        SIGNATURE,
        &token,
        &public_client,
        "the client has no secret",
    );
}

#[test]
fn an_alg_of_another_kind_of_key_fails() {
    let mut parts: Vec<String> = right().split('.').map(str::to_owned).collect();
    parts[0] = part(&json!({"alg": "ES256", "kid": "one"}));
    fails(
        SIGNATURE,
        &parts.join("."),
        &usual_keys(),
        "does not fit its alg",
    );
}

#[test]
fn an_algorithm_that_cannot_be_verified_is_no_verdict() {
    let mut parts: Vec<String> = right().split('.').map(str::to_owned).collect();
    parts[0] = part(&json!({"alg": "ES512", "kid": "one"}));
    assert_eq!(
        judged(SIGNATURE, &parts.join("."), &usual_keys()).holds,
        None
    );
    let unreadable = Keys {
        set: Err("the key set could not be read".into()),
        secret: None,
    };
    assert_eq!(judged(SIGNATURE, &right(), &unreadable).holds, None);
}

#[test]
fn what_is_no_compact_jws_is_told() {
    let keys = usual_keys();
    let right = right();
    let parts: Vec<&str> = right.split('.').collect();
    let padded = format!("{}=.{}.{}", parts[0], parts[1], parts[2]);
    fails(FORMAT, &padded, &keys, "without padding");
    // A claim that makes `+` and `/` appear in standard Base64.
    let mut claims = claims();
    claims["sub"] = json!("ûÿþ??>>");
    let standard = format!(
        "{}.{}.{}",
        parts[0],
        base64(claims.to_string().as_bytes()).trim_end_matches('='),
        parts[2]
    );
    assert!(standard.contains('/') || standard.contains('+'));
    fails(FORMAT, &standard, &keys, "no Base64url");
    fails(FORMAT, "opaque-token", &keys, "opaque");
    fails(FORMAT, &format!("{right}.a.b"), &keys, "encrypted JWT");
    fails(FORMAT, &format!("{right}.a"), &keys, "4 parts");
    fails(
        FORMAT,
        &format!("{}.{}.", parts[0], base64url(b"[1]")),
        &keys,
        "no JSON object",
    );
    fails(FORMAT, "..", &keys, "no JSON object");
}

#[test]
fn a_claim_that_stands_twice_is_told() {
    let text = format!(
        "{}.{}",
        part(&json!({"alg": "RS256", "kid": "one"})),
        base64url(br#"{"iss":"https://as.example","sub":"a","sub":"b"}"#)
    );
    let signature = crypto::sign(text.as_bytes(), &rsa(SIGNING), Algorithm::RS256).unwrap();
    let token = format!("{text}.{signature}");
    let unique = "holds = 'jwt-members-are-unique'";
    fails(
        unique,
        &token,
        &usual_keys(),
        "`sub` stands twice in id_token",
    );
    assert_eq!(judged(unique, &right(), &usual_keys()).holds, Some(true));
}

#[test]
fn parsing_keeps_what_is_there() {
    let jwt = Jwt::parse(&right()).unwrap();
    assert_eq!(jwt.header["kid"], "one");
    assert_eq!(jwt.seconds("exp"), Some((NOW + 300) as f64));
    assert_eq!(verify(&jwt, &usual_keys()), Ok(Ok(())));
}

#[test]
fn an_encrypted_token_is_no_verdict() {
    let header = part(&json!({"alg": "RSA-OAEP", "enc": "A256GCM"}));
    let encrypted = format!("{header}.key.iv.text.tag");
    let finding = judged(FORMAT, &encrypted, &usual_keys());
    assert_eq!(finding.holds, None, "{finding:?}");
    assert!(finding.actual.contains("encrypted"), "{finding:?}");
    fails(
        "holds = 'id-token-is-not-encrypted'",
        &encrypted,
        &usual_keys(),
        "encrypted",
    );
}

#[test]
fn an_algorithm_in_another_letter_case_is_none() {
    let token = with_header(&json!({"alg": "rs256", "kid": "one"}));
    fails(SIGNATURE, &token, &usual_keys(), "no algorithm `rs256`");
    let spelling = "holds = 'alg-is-spelled-as-registered'";
    fails(spelling, &token, &usual_keys(), "`RS256` is registered");
    let holds = |token: &str| judged(spelling, token, &usual_keys()).holds;
    assert_eq!(holds(&right()), Some(true));
    // Not everything is registered, and need not be.
    let own = with_header(&json!({"alg": "urn:own", "kid": "one"}));
    assert_eq!(holds(&own), Some(true));
}

#[test]
fn the_key_of_an_id_token_is_published_and_named() {
    const PUBLISHED: &str = "holds = 'id-token-key-is-published'";
    const NAMED: &str = "holds = 'id-token-names-its-key'";
    const KNOWN: &str = "holds = 'id-token-kid-is-in-the-key-set'";
    let without = with_header(&json!({"alg": "RS256"}));
    let unknown = with_header(&json!({"alg": "RS256", "kid": "three"}));
    let wrong = with_header(&json!({"alg": "RS256", "kid": "two"}));
    let alone = keys(vec![jwk(SIGNING, "one")]);
    for rule in [PUBLISHED, NAMED, KNOWN] {
        assert_eq!(judged(rule, &right(), &usual_keys()).holds, Some(true));
        assert_eq!(judged(rule, &without, &alone).holds, Some(true), "{rule}");
    }
    for token in [&without, &unknown, &wrong] {
        assert_eq!(judged(PUBLISHED, token, &usual_keys()).holds, Some(true));
        assert_eq!(judged(NAMED, token, &usual_keys()).holds, Some(false));
    }
    fails(KNOWN, &unknown, &usual_keys(), "three");
    // One key, and a kid that is not its own.
    assert_eq!(judged(NAMED, &unknown, &alone).holds, Some(true));
    fails(KNOWN, &unknown, &alone, "three");
    let other = keys(vec![jwk(OTHER, "one"), jwk(OTHER, "two")]);
    fails(PUBLISHED, &right(), &other, "none of the 2 keys");
    assert_eq!(judged(NAMED, &right(), &other).holds, Some(true));
    let mut encryption = jwk(SIGNING, "one");
    encryption["use"] = json!("enc");
    let may_sign = "holds = 'id-token-key-may-sign'";
    fails(may_sign, &right(), &keys(vec![encryption]), "enc");
    assert_eq!(judged(may_sign, &right(), &alone).holds, Some(true));
}

#[test]
fn a_refreshed_token_is_held_against_the_first() {
    let holds = |rule: &str, token: &str| {
        judged(&format!("holds = 'refreshed-{rule}'"), token, &usual_keys()).holds
    };
    for rule in [
        "iss-is-kept",
        "sub-is-kept",
        "aud-is-kept",
        "iat-is-its-own",
    ] {
        assert_eq!(holds(rule, &right()), Some(true), "{rule}");
    }
    let listed = with_claims(|claims| claims["aud"] = json!(["client"]));
    assert_eq!(holds("aud-is-kept", &listed), Some(true));
    let more = with_claims(|claims| claims["aud"] = json!(["client", "another"]));
    assert_eq!(holds("aud-is-kept", &more), Some(false));
    let older = with_claims(|claims| claims["iat"] = json!(NOW - 1));
    assert_eq!(holds("iat-is-its-own", &older), Some(false));
    let fraction = with_claims(|claims| claims["iat"] = json!(NOW as f64 + 0.25));
    assert_eq!(holds("iat-is-its-own", &fraction), Some(true));
    // The first token told no auth_time: a later one is from before it.
    let before = with_claims(|claims| claims["auth_time"] = json!(NOW - 60));
    assert_eq!(holds("auth-time-is-kept", &before), Some(true));
    let after = with_claims(|claims| claims["auth_time"] = json!(NOW + 60));
    assert_eq!(holds("auth-time-is-kept", &after), Some(false));
}

#[test]
fn the_secret_of_an_hmac_is_as_long_as_its_hash() {
    let rule = "holds = 'hmac-secret-is-long-enough'";
    let token = |alg: &str| with_header(&json!({ "alg": alg }));
    assert_eq!(
        judged(rule, &token("HS256"), &usual_keys()).holds,
        Some(true)
    );
    fails(rule, &token("HS512"), &usual_keys(), "40 octets");
    assert_eq!(judged(rule, &right(), &usual_keys()).holds, None);
}

#[test]
fn a_name_may_stand_for_a_number() {
    let rule = "jwt.id_token.claims.auth_time = '{{first.auth_time}}'";
    let token = |time: Value| with_claims(|claims| claims["auth_time"] = time);
    let holds = |time| judged(rule, &token(time), &usual_keys()).holds;
    assert_eq!(holds(json!(NOW)), Some(true));
    assert_eq!(holds(json!(NOW as f64)), Some(true));
    assert_eq!(holds(json!(NOW + 1)), Some(false));
    assert_eq!(holds(json!(NOW.to_string())), Some(true));
}
