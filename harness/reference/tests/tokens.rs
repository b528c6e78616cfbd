//! The `standard` personality: what becomes of tokens once they are issued.

#![allow(clippy::unwrap_used)]

mod support;

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::{Value, json};
use support::{MAIN, OTHER, PUBLIC, Reply, Sut, Who, decoded};
use tokio::time::advance;

async fn userinfo(sut: &Sut, authorization: &str) -> Reply {
    let request = Request::get("/userinfo").header(AUTHORIZATION, authorization);
    sut.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn tokens_verify_with_the_published_keys() {
    for (sut, who, jwks) in [
        (Sut::standard(), MAIN, "/jwks"),
        (Sut::ciam(), support::TENANT, "/oauth2/jwks"),
    ] {
        let keys: JwkSet = serde_json::from_str(&sut.get(jwks).await.body).unwrap();
        let tokens = sut.login(who).await;
        for member in ["access_token", "id_token"] {
            let token = tokens.text(member);
            let kid = decode_header(&token).unwrap().kid.unwrap();
            let key = DecodingKey::from_jwk(keys.find(&kid).unwrap()).unwrap();
            let mut validation = Validation::new(Algorithm::RS256);
            validation.validate_aud = false;
            decode::<Value>(&token, &key, &validation).unwrap();
        }
    }
}

#[tokio::test]
async fn a_confidential_client_keeps_its_refresh_token() {
    let sut = Sut::standard();
    let first = sut.login(MAIN).await;
    let refresh_token = first.text("refresh_token");
    for _ in 0..2 {
        let again = sut.refresh(MAIN, &refresh_token).await.granted();
        assert!(again.json().get("refresh_token").is_none());
        assert_eq!(again.text("scope"), "openid");
        let (old, new) = (
            decoded(&first.text("id_token")).1,
            decoded(&again.text("id_token")).1,
        );
        for claim in ["iss", "sub", "aud", "auth_time"] {
            assert_eq!(old[claim], new[claim]);
        }
        assert!(new.get("nonce").is_none());
        assert_ne!(old["at_hash"], new["at_hash"]);
    }
}

#[tokio::test]
async fn a_refresh_token_is_bound_to_client_and_scope() {
    let sut = Sut::standard();
    let tokens = sut.login(MAIN).await;
    let refresh_token = tokens.text("refresh_token");
    sut.refresh(OTHER, &refresh_token)
        .await
        .is(400, "invalid_grant");
    sut.refresh(MAIN, &tokens.text("access_token"))
        .await
        .is(400, "invalid_grant");
    sut.refresh(MAIN, "unknown").await.is(400, "invalid_grant");
    let refresh = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token.as_str()),
    ];
    for (scope, error) in [
        ("openid profile", "invalid_scope"),
        ("a  b", "invalid_scope"),
    ] {
        sut.token(MAIN, &[&refresh[..], &[("scope", scope)]].concat())
            .await
            .is(400, error);
    }
    sut.refresh(MAIN, &refresh_token).await.granted();
}

#[tokio::test]
async fn a_refresh_may_ask_for_less_and_then_for_all_again() {
    let sut = Sut::standard();
    let code = sut.code(MAIN, &[("scope", "openid profile")]).await;
    let refresh_token = sut
        .exchange(MAIN, &code)
        .await
        .granted()
        .text("refresh_token");
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token.as_str()),
        ("scope", "profile"),
    ];
    let narrow = sut.token(MAIN, &form).await.granted();
    assert_eq!(narrow.text("scope"), "profile");
    assert!(narrow.json().get("id_token").is_none());
    let wide = sut.refresh(MAIN, &refresh_token).await.granted();
    assert_eq!(wide.text("scope"), "openid profile");
}

#[tokio::test]
async fn a_public_client_rotates_and_reuse_ends_the_family() {
    let sut = Sut::standard();
    let first = sut.login(PUBLIC).await.text("refresh_token");
    let second = sut.refresh(PUBLIC, &first).await.granted();
    let third = sut
        .refresh(PUBLIC, &second.text("refresh_token"))
        .await
        .granted();
    assert!(sut.is_active(&third.text("access_token")).await);
    sut.refresh(PUBLIC, &first).await.is(400, "invalid_grant");
    sut.refresh(PUBLIC, &third.text("refresh_token"))
        .await
        .is(400, "invalid_grant");
    assert!(!sut.is_active(&third.text("access_token")).await);
}

#[tokio::test]
async fn introspection_describes_what_is_active() {
    let sut = Sut::standard();
    let tokens = sut.login(PUBLIC).await;
    let access_token = tokens.text("access_token");
    let reply = sut
        .post_as("introspect", MAIN, &[("token", &access_token)])
        .await;
    let json = reply.json();
    for (member, value) in [
        ("active", json!(true)),
        ("client_id", json!(PUBLIC.id)),
        ("sub", json!("user-1")),
        ("scope", json!("openid")),
        ("token_type", json!("Bearer")),
    ] {
        assert_eq!(json[member], value);
    }
    assert_eq!(json["exp"], decoded(&access_token).1["exp"]);
    let hint = [
        ("token", access_token.as_str()),
        ("token_type_hint", "refresh_token"),
    ];
    assert_eq!(
        sut.post_as("introspect", MAIN, &hint).await.json()["active"],
        true
    );

    let altered = format!("{}x", access_token);
    let id_token = tokens.text("id_token");
    for token in ["unknown", &altered, &id_token] {
        let reply = sut.post_as("introspect", MAIN, &[("token", token)]).await;
        assert_eq!(reply.body, r#"{"active":false}"#);
    }
    let wrong = Who {
        secret: Some("wrong"),
        ..MAIN
    };
    for who in [wrong, PUBLIC] {
        sut.post_as("introspect", who, &[("token", &access_token)])
            .await
            .is(401, "invalid_client");
    }
    sut.post_as("introspect", MAIN, &[])
        .await
        .is(400, "invalid_request");
    let twice = [("token", "a"), ("token", "b")];
    sut.post_as("introspect", MAIN, &twice)
        .await
        .is(400, "invalid_request");
}

#[tokio::test]
async fn revocation_ends_a_token_and_a_refresh_token_its_grant() {
    let sut = Sut::standard();
    let tokens = sut.login(MAIN).await;
    let (access, refresh) = (tokens.text("access_token"), tokens.text("refresh_token"));
    sut.post_as("revoke", OTHER, &[("token", &access)])
        .await
        .is(400, "invalid_grant");
    assert!(sut.is_active(&access).await);

    let hinted = [
        ("token", access.as_str()),
        ("token_type_hint", "refresh_token"),
    ];
    sut.post_as("revoke", MAIN, &hinted).await.is(200, "");
    assert!(!sut.is_active(&access).await && sut.is_active(&refresh).await);

    let access = sut
        .refresh(MAIN, &refresh)
        .await
        .granted()
        .text("access_token");
    sut.post_as("revoke", MAIN, &[("token", &refresh)])
        .await
        .is(200, "");
    assert!(!sut.is_active(&access).await && !sut.is_active(&refresh).await);

    sut.post_as("revoke", MAIN, &[("token", "unknown")])
        .await
        .is(200, "");
    sut.post_as("revoke", MAIN, &[])
        .await
        .is(400, "invalid_request");
    let wrong = Who {
        secret: Some("wrong"),
        ..MAIN
    };
    sut.post_as("revoke", wrong, &[("token", "unknown")])
        .await
        .is(401, "invalid_client");
    let public = sut.login(PUBLIC).await.text("refresh_token");
    sut.post_as("revoke", PUBLIC, &[("token", &public)])
        .await
        .is(200, "");
    sut.refresh(PUBLIC, &public).await.is(400, "invalid_grant");
}

#[tokio::test]
async fn userinfo_takes_a_live_token_with_openid() {
    let sut = Sut::standard();
    let token = sut.login(MAIN).await.text("access_token");
    for scheme in ["Bearer", "bearer"] {
        let reply = userinfo(&sut, &format!("{scheme} {token}")).await;
        assert_eq!(reply.json(), json!({ "sub": "user-1" }));
    }
    let code = sut.code(MAIN, &[("scope", "openid profile")]).await;
    let wide = sut
        .exchange(MAIN, &code)
        .await
        .granted()
        .text("access_token");
    let reply = userinfo(&sut, &format!("Bearer {wide}")).await;
    assert_eq!(reply.json()["preferred_username"], "user-1");

    let machine = sut
        .token(MAIN, &[("grant_type", "client_credentials")])
        .await
        .text("access_token");
    sut.post_as("revoke", MAIN, &[("token", &token)]).await;
    for (authorization, status, challenge) in [
        (format!("Bearer {token}"), 401, "invalid_token"),
        ("Bearer unknown".to_owned(), 401, "invalid_token"),
        (format!("Bearer {machine}"), 403, "insufficient_scope"),
        (MAIN.basic(), 401, "Bearer realm"),
    ] {
        let reply = userinfo(&sut, &authorization).await;
        assert_eq!(reply.status.as_u16(), status);
        assert!(reply.header(WWW_AUTHENTICATE).contains(challenge));
    }
    let reply = sut.get(&format!("/userinfo?access_token={wide}")).await;
    assert_eq!(reply.status.as_u16(), 401);
}

#[tokio::test(start_paused = true)]
async fn tokens_expire() {
    let sut = Sut::standard();
    let tokens = sut.login(MAIN).await;
    let (access, refresh) = (tokens.text("access_token"), tokens.text("refresh_token"));
    advance(Duration::from_secs(299)).await;
    assert!(sut.is_active(&access).await);
    advance(Duration::from_secs(1)).await;
    assert!(!sut.is_active(&access).await && sut.is_active(&refresh).await);

    // What is used lives on; what is left alone does not.
    let day = Duration::from_secs(24 * 60 * 60);
    advance(13 * day).await;
    sut.refresh(MAIN, &refresh).await.granted();
    advance(13 * day).await;
    sut.refresh(MAIN, &refresh).await.granted();
    advance(14 * day).await;
    sut.refresh(MAIN, &refresh).await.is(400, "invalid_grant");
}

#[tokio::test]
async fn the_metadata_say_what_is_there() {
    let sut = Sut::standard();
    let metadata = sut.get("/.well-known/openid-configuration").await.json();
    assert_eq!(metadata["issuer"], support::ISSUER);
    assert_eq!(
        metadata,
        sut.get("/.well-known/oauth-authorization-server")
            .await
            .json()
    );
    for endpoint in [
        "token",
        "introspection",
        "revocation",
        "userinfo",
        "authorization",
    ] {
        let url = metadata[format!("{endpoint}_endpoint")].as_str().unwrap();
        let path = url.strip_prefix(support::ISSUER).unwrap();
        assert_ne!(sut.get(path).await.status.as_u16(), 404);
    }
    let keys = sut.get("/jwks").await.json();
    assert!(
        keys["keys"]
            .as_array()
            .unwrap()
            .iter()
            .all(|key| key.get("d").is_none())
    );
    assert_eq!(sut.post("jwks", &[]).await.status.as_u16(), 405);
}
