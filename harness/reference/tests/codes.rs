//! The `standard` personality: authorization codes, from the authorization
//! request to the tokens.

#![allow(clippy::unwrap_used)]

mod support;

use std::time::Duration;

use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{Method, StatusCode};
use support::{
    CALLBACK, CHALLENGE, LIMITED, MAIN, OTHER, PUBLIC, SINGLE, Sut, VERIFIER, code_form, decoded,
};
use tokio::time::advance;

const NO_PKCE: &[(&str, &str)] = &[("code_challenge", ""), ("code_challenge_method", "")];

fn with<'a>(
    mut form: Vec<(&'a str, &'a str)>,
    name: &str,
    value: Option<&'a str>,
) -> Vec<(&'a str, &'a str)> {
    let at = form.iter().position(|(key, _)| *key == name).unwrap();
    match value {
        Some(value) => form[at].1 = value,
        None => drop(form.remove(at)),
    }
    form
}

#[tokio::test]
async fn a_code_gives_all_tokens() {
    let sut = Sut::standard();
    let tokens = sut.login(MAIN).await;
    assert_eq!(tokens.text("scope"), "openid");
    tokens.text("refresh_token");

    let access_token = tokens.text("access_token");
    let (header, access) = decoded(&access_token);
    assert_eq!(header["typ"], "at+jwt");
    for (claim, value) in [
        ("iss", support::ISSUER),
        ("sub", "user-1"),
        ("client_id", MAIN.id),
        ("scope", "openid"),
    ] {
        assert_eq!(access[claim], value);
    }
    let (header, id) = decoded(&tokens.text("id_token"));
    assert_eq!(header["typ"], "JWT");
    for (claim, value) in [
        ("iss", support::ISSUER),
        ("sub", "user-1"),
        ("aud", MAIN.id),
        ("nonce", "n-1"),
    ] {
        assert_eq!(id[claim], value);
    }
    assert!(id["auth_time"].is_u64() && id["at_hash"].is_string());
    assert!(sut.is_active(&access_token).await);
}

#[tokio::test]
async fn the_redirect_has_code_state_and_issuer() {
    let sut = Sut::standard();
    let request = [
        ("client_id", MAIN.id),
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid"),
        ("nonce", "n-1"),
        ("state", "a b&c\u{e9}"),
    ];
    let reply = sut.authorize(&request).await;
    assert_eq!(reply.status, StatusCode::FOUND);
    assert!(
        reply
            .header(LOCATION)
            .starts_with("https://client.example/callback?code=")
    );
    assert_eq!(reply.redirected("state").as_deref(), Some("a b&c\u{e9}"));
    assert_eq!(reply.redirected("iss").as_deref(), Some(support::ISSUER));
}

#[tokio::test]
async fn what_cannot_be_redirected_is_a_page() {
    let sut = Sut::standard();
    let uri = ("redirect_uri", CALLBACK);
    let evil = ("redirect_uri", "https://client.example/callback/../evil");
    let code = ("response_type", "code");
    for request in [
        &[code, uri][..],
        &[code, uri, ("client_id", "<nobody>")],
        &[code, uri, ("client_id", MAIN.id), ("client_id", MAIN.id)],
        &[code, ("client_id", MAIN.id)],
        &[code, ("client_id", MAIN.id), evil],
        &[code, ("client_id", MAIN.id), uri, uri],
    ] {
        let reply = sut.authorize(request).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{request:?}");
        assert!(reply.header(CONTENT_TYPE).starts_with("text/html"));
        assert!(!reply.body.contains("nobody"));
    }
}

#[tokio::test]
async fn other_mistakes_are_told_in_the_redirect() {
    let sut = Sut::standard();
    let request = [
        ("client_id", MAIN.id),
        ("redirect_uri", CALLBACK),
        ("nonce", "n-1"),
        ("state", "s"),
    ];
    let code = ("response_type", "code");
    let challenge = ("code_challenge", CHALLENGE);
    for (more, error) in [
        (&[][..], "invalid_request"),
        (&[("response_type", "token")], "unsupported_response_type"),
        (&[code, ("scope", "a"), ("scope", "b")], "invalid_request"),
        (&[code, ("scope", "nonsense")], "invalid_scope"),
        (&[code, ("scope", "openid  profile")], "invalid_scope"),
        (&[code, challenge], "invalid_request"),
        (
            &[code, challenge, ("code_challenge_method", "plain")],
            "invalid_request",
        ),
        (
            &[code, challenge, ("code_challenge_method", "s256")],
            "invalid_request",
        ),
        (
            &[
                code,
                ("code_challenge", "short"),
                ("code_challenge_method", "S256"),
            ],
            "invalid_request",
        ),
        (
            &[code, ("code_challenge_method", "S256")],
            "invalid_request",
        ),
        (&[code, ("request", "x")], "request_not_supported"),
        (&[code, ("max_age", "soon")], "invalid_request"),
        (
            &[
                code,
                ("claims", r#"{"id_token":{"sub":{"value":"user-2"}}}"#),
            ],
            "login_required",
        ),
        (
            &[
                code,
                (
                    "claims",
                    r#"{"id_token":{"acr":{"essential":true,"values":["x"]}}}"#,
                ),
            ],
            "access_denied",
        ),
    ] {
        let reply = sut.authorize(&[&request, more].concat()).await;
        assert_eq!(
            reply.redirected("error").as_deref(),
            Some(error),
            "{more:?}"
        );
        assert_eq!(reply.redirected("state").as_deref(), Some("s"));
        assert_eq!(reply.redirected("code"), None);
    }
    let public = [("client_id", PUBLIC.id), ("redirect_uri", CALLBACK), code];
    assert_eq!(
        sut.authorize(&public).await.redirected("error").as_deref(),
        Some("invalid_request")
    );
}

#[tokio::test]
async fn a_user_can_be_chosen_and_hinted_at() {
    let sut = Sut::standard();
    let code = sut.code(MAIN, &[("login_hint", "user-2")]).await;
    let id_token = sut.exchange(MAIN, &code).await.granted().text("id_token");
    assert_eq!(decoded(&id_token).1["sub"], "user-2");
    let hint = ("id_token_hint", id_token.as_str());
    sut.code(MAIN, &[hint, ("login_hint", "user-2")]).await;
    let request = [
        ("client_id", MAIN.id),
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("nonce", "n-1"),
        hint,
    ];
    let reply = sut.authorize(&request).await;
    assert_eq!(reply.redirected("error").as_deref(), Some("login_required"));
}

#[tokio::test]
async fn without_openid_there_is_no_id_token() {
    let sut = Sut::standard();
    for scope in ["profile", ""] {
        let code = sut.code(MAIN, &[("scope", scope)]).await;
        let reply = sut.exchange(MAIN, &code).await.granted();
        assert_eq!(reply.text("scope"), "profile");
        assert!(reply.json().get("id_token").is_none());
    }
    let code = sut.code(MAIN, &[("scope", "openid nonsense")]).await;
    assert_eq!(
        sut.exchange(MAIN, &code).await.granted().text("scope"),
        "openid"
    );
}

#[tokio::test]
async fn a_client_without_the_refresh_grant_gets_no_refresh_token() {
    let tokens = Sut::standard().login(LIMITED).await;
    assert!(tokens.json().get("refresh_token").is_none());
}

#[tokio::test]
async fn a_replay_is_refused_and_ends_what_the_code_gave() {
    let sut = Sut::standard();
    let bystander = sut.login(MAIN).await.text("access_token");
    let code = sut.code(MAIN, &[]).await;
    let tokens = sut.exchange(MAIN, &code).await.granted();
    let (access, refresh) = (tokens.text("access_token"), tokens.text("refresh_token"));
    assert!(sut.is_active(&access).await && sut.is_active(&refresh).await);

    sut.exchange(MAIN, &code).await.is(400, "invalid_grant");
    assert!(!sut.is_active(&access).await && !sut.is_active(&refresh).await);
    sut.refresh(MAIN, &refresh).await.is(400, "invalid_grant");
    assert!(sut.is_active(&bystander).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_exchanges_at_once_one_succeeds() {
    let sut = Sut::standard();
    for _ in 0..20 {
        let code = sut.code(MAIN, &[]).await;
        let tasks: Vec<_> = (0..4)
            .map(|_| {
                let (sut, code) = (sut.clone(), code.clone());
                tokio::spawn(async move { sut.exchange(MAIN, &code).await.status })
            })
            .collect();
        let mut successes = 0;
        for task in tasks {
            successes += usize::from(task.await.unwrap() == StatusCode::OK);
        }
        assert_eq!(successes, 1);
    }
}

#[tokio::test]
async fn a_code_is_bound_and_a_failed_exchange_leaves_it_whole() {
    let sut = Sut::standard();
    let code = sut.code(MAIN, &[]).await;
    let form = || code_form(CALLBACK, &code);
    let wrong_verifier = VERIFIER.replace('d', "e");
    let wrong_case = VERIFIER.to_uppercase();
    sut.exchange(OTHER, &code).await.is(400, "invalid_grant");
    sut.exchange(PUBLIC, &code).await.is(400, "invalid_grant");
    for (name, value, error) in [
        ("code", Some("unknown"), "invalid_grant"),
        (
            "redirect_uri",
            Some("https://client.example/other"),
            "invalid_grant",
        ),
        (
            "redirect_uri",
            Some("https://client.example/Callback"),
            "invalid_grant",
        ),
        ("redirect_uri", None, "invalid_request"),
        (
            "code_verifier",
            Some(wrong_verifier.as_str()),
            "invalid_grant",
        ),
        ("code_verifier", Some(&wrong_case), "invalid_grant"),
        ("code_verifier", Some(CHALLENGE), "invalid_grant"),
        ("code_verifier", Some("short"), "invalid_grant"),
        ("code_verifier", Some(""), "invalid_grant"),
        ("code_verifier", None, "invalid_grant"),
    ] {
        sut.token(MAIN, &with(form(), name, value))
            .await
            .is(400, error);
    }
    sut.exchange(MAIN, &code).await.granted();
}

#[tokio::test]
async fn a_verifier_belongs_to_a_challenge() {
    let sut = Sut::standard();
    let code = sut.code(MAIN, NO_PKCE).await;
    sut.exchange(MAIN, &code).await.is(400, "invalid_request");
    sut.token(
        MAIN,
        &with(code_form(CALLBACK, &code), "code_verifier", None),
    )
    .await
    .granted();
}

#[tokio::test]
async fn the_only_redirect_uri_may_be_left_out() {
    let sut = Sut::standard();
    let request = [
        ("client_id", SINGLE.id),
        ("response_type", "code"),
        ("scope", "openid"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    for (uri, status) in [
        (None, 200),
        (Some("https://single.example/callback"), 200),
        (Some("https://single.example/other"), 400),
    ] {
        let code = sut.authorize(&request).await.redirected("code").unwrap();
        let form = with(code_form(CALLBACK, &code), "redirect_uri", uri);
        assert_eq!(sut.token(SINGLE, &form).await.status.as_u16(), status);
    }
}

#[tokio::test(start_paused = true)]
async fn a_code_lives_for_a_minute() {
    let sut = Sut::standard();
    let (early, late) = (sut.code(MAIN, &[]).await, sut.code(MAIN, &[]).await);
    advance(Duration::from_secs(59)).await;
    sut.exchange(MAIN, &early).await.granted();
    advance(Duration::from_secs(1)).await;
    sut.exchange(MAIN, &late).await.is(400, "invalid_grant");
}

#[tokio::test]
async fn an_authorization_request_may_be_posted() {
    let sut = Sut::standard();
    let form = [
        ("client_id", MAIN.id),
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid"),
        ("nonce", "n-1"),
    ];
    let reply = sut.post("authorize", &form).await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER);
    assert!(reply.redirected("code").is_some());
    let put = axum::http::Request::builder()
        .method(Method::PUT)
        .uri("/authorize");
    let reply = sut.send(put.body(axum::body::Body::empty()).unwrap()).await;
    assert_eq!(reply.status, StatusCode::METHOD_NOT_ALLOWED);
}
