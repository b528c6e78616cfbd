//! The `standard` personality: how a token request has to be made.

#![allow(clippy::unwrap_used)]

mod support;

use axum::body::Body;
use axum::http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, PRAGMA, WWW_AUTHENTICATE};
use axum::http::{Method, Request, StatusCode};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use support::{ENCODED, FORM, LIMITED, MAIN, PUBLIC, Sut, Who, code_form, form_body};

const CLIENT_CREDENTIALS: (&str, &str) = ("grant_type", "client_credentials");

/// A request that succeeds as it is.
fn valid() -> Vec<(&'static str, &'static str)> {
    vec![
        ("client_id", MAIN.id),
        ("client_secret", MAIN.secret.unwrap()),
        CLIENT_CREDENTIALS,
        ("scope", "read"),
    ]
}

fn without(name: &str) -> Vec<(&'static str, &'static str)> {
    valid()
        .into_iter()
        .filter(|(key, _)| *key != name)
        .collect()
}

#[tokio::test]
async fn a_success_is_json_that_nobody_caches() {
    let reply = Sut::standard().post("token", &valid()).await.granted();
    assert_eq!(reply.header(CONTENT_TYPE), "application/json");
    assert_eq!(reply.header(CACHE_CONTROL), "no-store");
    assert_eq!(reply.header(PRAGMA), "no-cache");
    let json = reply.json();
    assert_eq!(json["token_type"], "Bearer");
    assert_eq!(json["expires_in"], 300);
    assert_eq!(json["scope"], "read");
    assert!(json.get("refresh_token").is_none() && json.get("id_token").is_none());
}

#[tokio::test]
async fn only_post_is_taken() {
    let sut = Sut::standard();
    for method in [
        Method::GET,
        Method::PUT,
        Method::HEAD,
        Method::OPTIONS,
        Method::DELETE,
    ] {
        let request = Request::builder()
            .method(method.clone())
            .uri(format!("/token?{}", form_body(&valid())))
            .header(CONTENT_TYPE, FORM)
            .body(Body::from(form_body(&valid())));
        let reply = sut.send(request.unwrap()).await;
        assert_eq!(reply.status, StatusCode::METHOD_NOT_ALLOWED, "{method}");
        assert_eq!(reply.header(ALLOW), "POST");
    }
}

#[tokio::test]
async fn only_a_form_is_taken() {
    let sut = Sut::standard();
    let body = form_body(&valid());
    for label in [
        "APPLICATION/X-WWW-Form-Urlencoded",
        "application/x-www-form-urlencoded; charset=UTF-8",
    ] {
        sut.raw("/token", &[("content-type", label)], body.as_bytes())
            .await
            .granted();
    }
    for headers in [
        &[("content-type", "application/json")][..],
        &[("content-type", "text/plain")],
        &[("content-type", "multipart/form-data; boundary=x")],
        &[("content-type", FORM), ("content-type", FORM)],
        &[],
    ] {
        sut.raw("/token", headers, body.as_bytes())
            .await
            .is(400, "invalid_request");
    }
}

#[tokio::test]
async fn what_cannot_be_decoded_is_refused_without_an_echo() {
    let sut = Sut::standard();
    for damage in ["%zz", "%", "%4", "%ff%fe", "%c3%28", "%00", "%ed%a0%80"] {
        let body = format!("{}&code={damage}", form_body(&valid()));
        let reply = sut
            .raw("/token", &[("content-type", FORM)], body.as_bytes())
            .await;
        reply.is(400, "invalid_request");
        assert!(!reply.body.contains(damage), "{}", reply.body);
    }
    for damage in [&b"\xff"[..], b"\0"] {
        let body = [form_body(&valid()).as_bytes(), b"&x=", damage].concat();
        sut.raw("/token", &[("content-type", FORM)], &body)
            .await
            .is(400, "invalid_request");
    }
}

#[tokio::test]
async fn parameters_count_in_the_body_alone() {
    let sut = Sut::standard();
    for (name, status, error) in [
        ("client_id", 401, "invalid_client"),
        ("client_secret", 401, "invalid_client"),
        ("grant_type", 400, "invalid_request"),
    ] {
        let (_, value) = valid().into_iter().find(|(key, _)| *key == name).unwrap();
        let path = format!("/token?{}", form_body(&[(name, value)]));
        let body = form_body(&without(name));
        sut.raw(&path, &[("content-type", FORM)], body.as_bytes())
            .await
            .is(status, error);
    }
    let path = "/token?scope=unknown&x=1&grant_type=password";
    sut.raw(
        path,
        &[("content-type", FORM)],
        form_body(&valid()).as_bytes(),
    )
    .await
    .granted();
}

#[tokio::test]
async fn a_known_parameter_is_there_once_and_an_unknown_one_does_not_matter() {
    let sut = Sut::standard();
    for (name, value) in valid() {
        let form = [valid(), vec![(name, value)]].concat();
        let reply = sut.post("token", &form).await;
        reply.is(400, "invalid_request");
        assert_eq!(
            reply.text("error_description"),
            format!("OAuth 2.0 Parameter: {name}")
        );
    }
    let code = sut.code(MAIN, &[]).await;
    for (name, value) in code_form(sut.callback(), &code) {
        let form = [code_form(sut.callback(), &code), vec![(name, value)]].concat();
        sut.token(MAIN, &form).await.is(400, "invalid_request");
    }
    sut.exchange(MAIN, &code).await.granted();
    let form = [valid(), vec![("x", "1"), ("x", "2"), ("unknown", "a")]].concat();
    sut.post("token", &form).await.granted();
}

#[tokio::test]
async fn an_empty_parameter_is_a_missing_one() {
    let sut = Sut::standard();
    for (name, status, error) in [
        ("client_id", 401, "invalid_client"),
        ("client_secret", 401, "invalid_client"),
        ("grant_type", 400, "invalid_request"),
    ] {
        sut.post("token", &without(name)).await.is(status, error);
        let form = [without(name), vec![(name, "")]].concat();
        sut.post("token", &form).await.is(status, error);
    }
    for name in ["code", "redirect_uri"] {
        let code = sut.code(MAIN, &[]).await;
        let mut form = code_form(sut.callback(), &code);
        form.retain(|(key, _)| *key != name);
        sut.token(MAIN, &form).await.is(400, "invalid_request");
        form.push((name, ""));
        sut.token(MAIN, &form).await.is(400, "invalid_request");
        sut.exchange(MAIN, &code).await.granted();
    }
    sut.token(MAIN, &[("grant_type", "refresh_token")])
        .await
        .is(400, "invalid_request");
    let form = [without("scope"), vec![("scope", "")]].concat();
    assert_eq!(
        sut.post("token", &form).await.granted().text("scope"),
        "read"
    );
}

#[tokio::test]
async fn names_and_values_have_case() {
    let sut = Sut::standard();
    let form = [
        without("grant_type"),
        vec![("grant_type", "CLIENT_CREDENTIALS")],
    ]
    .concat();
    sut.post("token", &form)
        .await
        .is(400, "unsupported_grant_type");
    let form = [
        without("grant_type"),
        vec![("Grant_Type", "client_credentials")],
    ]
    .concat();
    sut.post("token", &form).await.is(400, "invalid_request");
    let form = [without("scope"), vec![("scope", "READ")]].concat();
    sut.post("token", &form).await.is(400, "invalid_scope");
}

#[tokio::test]
async fn grants_are_known_and_registered() {
    let sut = Sut::standard();
    for grant in [
        "password",
        "urn:ietf:params:oauth:grant-type:device_code",
        "nonsense",
        "a b",
    ] {
        let form = [without("grant_type"), vec![("grant_type", grant)]].concat();
        sut.post("token", &form)
            .await
            .is(400, "unsupported_grant_type");
    }
    for (who, form) in [
        (LIMITED, &[CLIENT_CREDENTIALS][..]),
        (
            LIMITED,
            &[("grant_type", "refresh_token"), ("refresh_token", "x")],
        ),
        (PUBLIC, &[CLIENT_CREDENTIALS]),
    ] {
        sut.token(who, form).await.is(400, "unauthorized_client");
    }
}

#[tokio::test]
async fn a_failed_authentication_is_a_401_with_a_challenge() {
    let sut = Sut::standard();
    let wrong = Who {
        secret: Some("wrong"),
        ..MAIN
    };
    let unknown = Who {
        id: "nobody",
        ..MAIN
    };
    let public = Who {
        secret: Some("x"),
        ..PUBLIC
    };
    let form = [CLIENT_CREDENTIALS];
    for reply in [
        sut.token(wrong, &form).await,
        sut.token(unknown, &form).await,
        sut.token(public, &form).await,
        sut.token(
            Who {
                secret: None,
                ..MAIN
            },
            &form,
        )
        .await,
        sut.token(ENCODED, &form).await,
        sut.post("token", &form).await,
        sut.post_basic("token", wrong, &form).await,
        sut.post_basic("token", unknown, &form).await,
        sut.post_basic("token", public, &form).await,
        sut.post(
            "token",
            &[
                without("client_secret"),
                vec![
                    ("client_assertion", "x"),
                    (
                        "client_assertion_type",
                        "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                    ),
                ],
            ]
            .concat(),
        )
        .await,
    ] {
        reply.is(401, "invalid_client");
        assert!(
            reply.header(WWW_AUTHENTICATE).starts_with("Basic realm="),
            "{reply:?}"
        );
        assert_eq!(reply.header(CACHE_CONTROL), "no-store");
    }
    let body = form_body(&form);
    let raw_pair = BASE64_STANDARD.encode(format!("{}:{}", ENCODED.id, ENCODED.secret.unwrap()));
    for header in [
        "Basic",
        "Basic ",
        "Basic !!!",
        "Basic bm9jb2xvbg==",
        "Bearer x",
        "Basic Og==",
        &format!("Basic {raw_pair}"),
    ] {
        let headers = [("content-type", FORM), ("authorization", header)];
        sut.raw("/token", &headers, body.as_bytes())
            .await
            .is(401, "invalid_client");
    }
}

#[tokio::test]
async fn basic_credentials_are_decoded_and_the_scheme_has_no_case() {
    let sut = Sut::standard();
    for who in [MAIN, ENCODED] {
        sut.post_basic("token", who, &[CLIENT_CREDENTIALS])
            .await
            .granted();
        let header = who.basic().replacen("Basic", "bASIC", 1);
        let headers = [("content-type", FORM), ("authorization", &header as &str)];
        let body = form_body(&[CLIENT_CREDENTIALS]);
        sut.raw("/token", &headers, body.as_bytes()).await.granted();
    }
}

#[tokio::test]
async fn a_client_authenticates_in_one_way() {
    let sut = Sut::standard();
    sut.post_basic("token", MAIN, &valid())
        .await
        .is(400, "invalid_request");
    sut.post_basic("token", MAIN, &without("client_secret"))
        .await
        .granted();
    let form = [CLIENT_CREDENTIALS, ("client_id", "other-client")];
    sut.post_basic("token", MAIN, &form)
        .await
        .is(400, "invalid_request");
    let basic = MAIN.basic();
    let headers = [
        ("content-type", FORM),
        ("authorization", &basic),
        ("authorization", &basic),
    ];
    let body = form_body(&[CLIENT_CREDENTIALS]);
    sut.raw("/token", &headers, body.as_bytes())
        .await
        .is(400, "invalid_request");
}

#[tokio::test]
async fn scope_is_read_by_its_grammar_and_kept_within_bounds() {
    let sut = Sut::standard();
    for (scope, granted) in [
        ("read", "read"),
        ("write read", "write read"),
        ("read read", "read"),
    ] {
        let form = [without("scope"), vec![("scope", scope)]].concat();
        assert_eq!(
            sut.post("token", &form).await.granted().text("scope"),
            granted
        );
    }
    for scope in [
        "openid",
        "nonsense",
        " read",
        "read ",
        "read  write",
        "re\"ad",
        "r\u{e9}ad",
        "read\twrite",
    ] {
        let form = [without("scope"), vec![("scope", scope)]].concat();
        sut.post("token", &form).await.is(400, "invalid_scope");
    }
}

#[tokio::test]
async fn a_body_without_end_is_cut_off() {
    let body = vec![b'a'; 2 << 20];
    let reply = Sut::standard()
        .raw("/token", &[("content-type", FORM)], &body)
        .await;
    assert_eq!(reply.status, StatusCode::PAYLOAD_TOO_LARGE);
}
