//! The `ciam` personality answers as the vendor's page shows it.

#![allow(clippy::unwrap_used)]

mod support;

use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use serde_json::{Value, json};
use support::{FORM, Sut, TENANT, Who, code_form, decoded};

const SAMPLE: &str = "client_id=TENANT_CLIENT_ID&client_secret=TENANT_CLIENT_SECRET\
    &grant_type=authorization_code&code=MOCK_CODE\
    &redirect_uri=https%3A%2F%2Fexample.com%2Fcallback";
const JSON: &str = "application/json;charset=UTF-8";

async fn send(sut: &Sut, body: &str) -> support::Reply {
    sut.raw("/oauth2/token", &[("content-type", FORM)], body.as_bytes())
        .await
}

fn keys(value: &Value) -> Vec<&str> {
    value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

fn seconds(claims: &Value, from: &str, to: &str) -> i64 {
    claims[to].as_i64().unwrap() - claims[from].as_i64().unwrap()
}

#[tokio::test]
async fn the_sample_request_gets_the_sample_answer() {
    let reply = send(&Sut::ciam(), SAMPLE).await.granted();
    assert_eq!(reply.header(CONTENT_TYPE), JSON);
    let json = reply.json();
    let members = [
        "access_token",
        "refresh_token",
        "scope",
        "id_token",
        "token_type",
        "expires_in",
    ];
    assert_eq!(keys(&json), members);
    assert_eq!(json["scope"], "openid");
    assert_eq!(json["token_type"], "Bearer");
    assert_eq!(json["expires_in"], 299);

    let refresh_token = reply.text("refresh_token");
    assert_eq!(refresh_token.len(), 128);
    assert!(
        refresh_token
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    );

    let (header, claims) = decoded(&reply.text("access_token"));
    assert_eq!(keys(&header), ["kid", "typ", "alg"]);
    assert_eq!(
        (&header["typ"], &header["alg"]),
        (&json!("JWT"), &json!("RS256"))
    );
    assert_eq!(
        keys(&claims),
        ["sub", "aud", "nbf", "scope", "iss", "exp", "iat", "jti"]
    );
    assert_eq!(claims["sub"], "MOCK_USERNAME");
    assert_eq!(claims["aud"], "TENANT_CLIENT_ID");
    assert_eq!(claims["scope"], json!(["openid"]));
    assert_eq!(claims["iss"], support::ISSUER);
    assert_eq!(seconds(&claims, "iat", "exp"), 300);
    assert_eq!(seconds(&claims, "iat", "nbf"), 0);

    let (id_header, claims) = decoded(&reply.text("id_token"));
    assert_eq!(id_header, header);
    assert_eq!(
        keys(&claims),
        ["sub", "aud", "azp", "iss", "exp", "iat", "jti"]
    );
    assert_eq!(claims["azp"], "TENANT_CLIENT_ID");
    assert_eq!(seconds(&claims, "iat", "exp"), 1800);
}

#[tokio::test]
async fn the_sample_code_is_good_for_one_exchange() {
    let sut = Sut::ciam();
    send(&sut, SAMPLE).await.granted();
    send(&sut, SAMPLE).await.is(400, "invalid_grant");
}

#[tokio::test]
async fn a_missing_or_incorrect_client_id_is_a_bare_401() {
    let sut = Sut::ciam();
    let basic = Who {
        id: "nobody",
        ..TENANT
    };
    for reply in [
        send(&sut, &SAMPLE.replace("client_id=TENANT_CLIENT_ID&", "")).await,
        send(&sut, &SAMPLE.replace("TENANT_CLIENT_ID", "")).await,
        send(&sut, &SAMPLE.replace("TENANT_CLIENT_ID", "nobody")).await,
        sut.post_basic("token", basic, &code_form(sut.callback(), "MOCK_CODE"))
            .await,
    ] {
        assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
        assert_eq!(reply.body, "");
        assert!(!reply.headers.contains_key(CONTENT_TYPE));
        assert!(reply.header(WWW_AUTHENTICATE).starts_with("Basic "));
    }
    send(&sut, SAMPLE).await.granted();
}

#[tokio::test]
async fn the_other_sample_errors_are_as_shown() {
    let sut = Sut::ciam();
    let other = SAMPLE.replace("TENANT_", "OTHER_");
    let unsupported = r#"{"error":"unsupported_grant_type","error_description":"OAuth 2.0 Parameter: grant_type","error_uri":"https://datatracker.ietf.org/doc/html/rfc6749#section-5.2"}"#;
    for (body, status, answer) in [
        (other.as_str(), 401, r#"{"error":"invalid_client"}"#),
        (
            &SAMPLE.replace("_SECRET&", "_SECRET1&"),
            401,
            r#"{"error":"invalid_client"}"#,
        ),
        (
            &SAMPLE.replace("TENANT_CLIENT_SECRET", ""),
            401,
            r#"{"error":"invalid_client"}"#,
        ),
        (
            &SAMPLE.replace("=authorization_code", "=nonsense"),
            400,
            unsupported,
        ),
        (
            &SAMPLE.replace("MOCK_CODE", "wrong"),
            400,
            r#"{"error":"invalid_grant"}"#,
        ),
        (
            &SAMPLE.replace("callback", "other"),
            400,
            r#"{"error":"invalid_grant"}"#,
        ),
    ] {
        let reply = send(&sut, body).await;
        assert_eq!(
            (reply.status.as_u16(), reply.body.as_str()),
            (status, answer),
            "{body}"
        );
        assert_eq!(reply.header(CONTENT_TYPE), JSON);
    }
    send(&sut, SAMPLE).await.granted();
}

#[tokio::test]
async fn a_parameter_that_is_missing_or_repeated_is_named() {
    let sut = Sut::ciam();
    for (name, value) in [
        ("grant_type", "authorization_code"),
        ("code", "MOCK_CODE"),
        ("redirect_uri", "https%3A%2F%2Fexample.com%2Fcallback"),
    ] {
        let pair = format!("{name}={value}");
        for body in [
            SAMPLE.replace(&pair, ""),
            SAMPLE.replace(&pair, &format!("{name}=")),
            format!("{SAMPLE}&{pair}"),
        ] {
            let reply = send(&sut, &body).await;
            reply.is(400, "invalid_request");
            assert_eq!(
                reply.text("error_description"),
                format!("OAuth 2.0 Parameter: {name}")
            );
            assert!(reply.text("error_uri").ends_with("rfc6749#section-5.2"));
        }
    }
}

#[tokio::test]
async fn refreshing_returns_the_same_refresh_token() {
    let sut = Sut::ciam();
    let first = send(&sut, SAMPLE).await.granted();
    let refresh_token = first.text("refresh_token");
    let second = sut.refresh(TENANT, &refresh_token).await.granted();
    assert_eq!(second.text("refresh_token"), refresh_token);
    assert_ne!(second.text("access_token"), first.text("access_token"));
    assert_ne!(second.text("id_token"), first.text("id_token"));
    assert_eq!(keys(&second.json()), keys(&first.json()));
    sut.refresh(TENANT, &refresh_token).await.granted();
}

#[tokio::test]
async fn client_credentials_give_an_access_token_about_the_client() {
    let sut = Sut::ciam();
    let form = [
        ("grant_type", "client_credentials"),
        ("scope", "identity_proofing"),
    ];
    let reply = sut.token(TENANT, &form).await.granted();
    assert_eq!(
        keys(&reply.json()),
        ["access_token", "scope", "token_type", "expires_in"]
    );
    let (_, claims) = decoded(&reply.text("access_token"));
    assert_eq!(claims["sub"], "TENANT_CLIENT_ID");
    assert_eq!(claims["aud"], "TENANT_CLIENT_ID");
    assert_eq!(claims["scope"], json!(["identity_proofing"]));
}

#[tokio::test]
async fn a_public_client_uses_pkce() {
    let sut = Sut::ciam();
    let public = Who {
        id: "PUBLIC_CLIENT_ID",
        secret: None,
    };
    let tokens = sut.login(public).await;
    let (_, claims) = decoded(&tokens.text("id_token"));
    assert_eq!(claims["nonce"], "n-1");
    assert!(claims.get("auth_time").is_none());
}

#[tokio::test]
async fn openid_is_granted_though_nobody_asked() {
    let sut = Sut::ciam();
    let code = sut.code(TENANT, &[("scope", "")]).await;
    let reply = sut.exchange(TENANT, &code).await.granted();
    assert_eq!(reply.text("scope"), "openid");
    reply.text("id_token");
}

#[tokio::test]
async fn a_token_is_revoked_by_its_own_client() {
    let sut = Sut::ciam();
    let refresh_token = send(&sut, SAMPLE).await.granted().text("refresh_token");
    let other = Who {
        id: "OTHER_CLIENT_ID",
        secret: Some("OTHER_CLIENT_SECRET"),
    };
    let reply = sut
        .post_as("revoke", other, &[("token", &refresh_token)])
        .await;
    assert_eq!(
        (reply.status.as_u16(), reply.body.as_str()),
        (401, r#"{"error":"invalid_client"}"#)
    );
    sut.refresh(TENANT, &refresh_token).await.granted();

    let reply = sut
        .post_as("revoke", TENANT, &[("token", &refresh_token)])
        .await;
    assert_eq!((reply.status.as_u16(), reply.body.as_str()), (200, ""));
    sut.refresh(TENANT, &refresh_token)
        .await
        .is(400, "invalid_grant");
}
