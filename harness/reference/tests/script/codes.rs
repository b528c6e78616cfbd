//! Authorization requests, and what becomes of codes.

use std::time::Duration;

use super::{credentials, reply_text, with, with_all};
use crate::support::transcript::Transcript;
use crate::support::{CALLBACK, CHALLENGE, MAIN, OTHER, PUBLIC, SINGLE, VERIFIER, Who, code_form};

pub async fn authorization(t: &mut Transcript) {
    let request = [
        ("client_id", MAIN.id),
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid"),
        ("nonce", "n-1"),
    ];
    let pkce = [
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let evil = "https://client.example/callback/evil";
    for request in [
        with(&request, "redirect_uri", Some(evil)),
        with(&request, "scope", Some("openid nonsense")),
        with(&request, "client_id", Some(PUBLIC.id)),
        with(&request, "nonce", None),
        [&request[..], &pkce].concat(),
        [&request[..], &with(&pkce, "code_challenge_method", None)].concat(),
        [
            &request[..],
            &with(&pkce, "code_challenge_method", Some("s256")),
        ]
        .concat(),
        [
            &request[..],
            &with(&pkce, "code_challenge_method", Some("S512")),
        ]
        .concat(),
        [
            &request[..],
            &with(&pkce, "code_challenge_method", Some("plain")),
        ]
        .concat(),
        [
            &request[..],
            &[("claims", r#"{"id_token":{"sub":{"value":"user-2"}}}"#)],
        ]
        .concat(),
    ] {
        let reply = t.sut.authorize(&request).await;
        t.note("authorize", reply);
    }
    for response_type in ["token", "nonsense"] {
        let request = [
            &with(&request, "response_type", Some(response_type))[..],
            &pkce,
        ]
        .concat();
        let reply = t.sut.authorize(&request).await;
        t.note(response_type, reply);
    }
    let reply = t
        .sut
        .post("authorize", &[&request[..], &pkce].concat())
        .await;
    t.note("authorize by POST", reply);
}

pub async fn codes(t: &mut Transcript) {
    let code = t.sut.code(MAIN, &[]).await;
    for who in [
        OTHER,
        PUBLIC,
        Who {
            secret: None,
            ..MAIN
        },
    ] {
        let reply = t.sut.exchange(who, &code).await;
        t.note("by another", reply);
    }
    let reply = t.sut.post("token", &code_form(CALLBACK, &code)).await;
    t.note("by nobody", reply);
    for (name, value) in [
        ("code", Some("wrong \"code\"")),
        ("redirect_uri", Some("https://client.example/other")),
        ("redirect_uri", Some("https://CLIENT.example/callback")),
        ("redirect_uri", Some("https://client.example/callback/more")),
        ("redirect_uri", Some("https://client.example/callback?x=1")),
        ("redirect_uri", None),
    ] {
        let code = t.sut.code(MAIN, &[]).await;
        let reply = t
            .sut
            .token(MAIN, &with(&code_form(CALLBACK, &code), name, value))
            .await;
        t.note(&format!("{name} {value:?}"), reply);
    }
    for name in ["code", "redirect_uri"] {
        let code = t.sut.code(MAIN, &[]).await;
        let value = if name == "code" { &code } else { CALLBACK };
        let form = [&code_form(CALLBACK, &code)[..], &[(name, value)]].concat();
        let reply = t.sut.token(MAIN, &form).await;
        t.note(&format!("{name} twice"), reply);
    }
    for more in [
        &[("nonce", " Ab")][..],
        &[("nonce", "a nonce of more than thirty-two characters")],
        &[("nonce", "")],
        &[("login_hint", "user-2")],
        &[("scope", "profile")],
        &[("scope", "openid profile")],
        &[("max_age", "100")],
    ] {
        let code = t.sut.code(MAIN, more).await;
        let reply = t.sut.exchange(MAIN, &code).await;
        t.note(&format!("with {more:?}"), reply);
    }
    replays(t).await;
    for wait in [90, 1000] {
        let code = t.sut.code(MAIN, &[]).await;
        tokio::time::sleep(Duration::from_secs(wait)).await;
        let reply = t.sut.exchange(MAIN, &code).await;
        t.note("late", reply);
    }
    let single = [
        ("client_id", SINGLE.id),
        ("response_type", "code"),
        ("scope", "openid"),
        ("nonce", "n-1"),
    ];
    let code = t.sut.authorize(&single).await.redirected("code").unwrap();
    let form = with(&code_form(CALLBACK, &code), "code_verifier", None);
    let reply = t.sut.token(SINGLE, &form).await;
    t.note("an uncalled-for redirect_uri", reply);
}

async fn replays(t: &mut Transcript) {
    let code = t.sut.code(MAIN, &[]).await;
    let reply = t.sut.exchange(MAIN, &code).await;
    let reply = t.note("first", reply);
    let again = t.sut.exchange(MAIN, &code).await;
    t.note("again", again);
    for member in ["access_token", "refresh_token"] {
        alive(t, reply_text(&reply, member)).await;
    }
    let code = t.sut.code(MAIN, &[]).await;
    let reply = t.sut.exchange(MAIN, &code).await;
    let form = with(
        &code_form(CALLBACK, &code),
        "code_verifier",
        Some(CHALLENGE),
    );
    let again = t.sut.token(MAIN, &form).await;
    t.note("again with a wrong verifier", again);
    alive(t, reply_text(&reply, "access_token")).await;
    let code = t.sut.code(MAIN, &[]).await;
    let (one, two) = tokio::join!(t.sut.exchange(MAIN, &code), t.sut.exchange(MAIN, &code));
    t.lines
        .push(format!("at once: {} {}", one.status, two.status));
}

async fn alive(t: &mut Transcript, token: String) {
    let form = [&credentials(MAIN)[..], &[("token", &token)]].concat();
    t.post("introspect", &form).await;
}

pub async fn verifiers(t: &mut Transcript) {
    let long = "a".repeat(100);
    let none = [("code_challenge", ""), ("code_challenge_method", "")];
    let flipped = VERIFIER.replacen('d', "D", 1);
    for (what, verifier, request) in [
        ("right", Some(VERIFIER), &[][..]),
        ("wrong", Some(&long), &[]),
        ("with another case", Some(&flipped), &[]),
        ("the challenge", Some(CHALLENGE), &[]),
        ("missing", None, &[]),
        ("uncalled for", Some(VERIFIER), &none),
        (
            "short",
            Some("short"),
            &[(
                "code_challenge",
                "-bAHi131ltLqGQEMABu9AJ5lHeLFfo-341XzHrnT9zk",
            )],
        ),
        (
            "long",
            Some(&long),
            &[(
                "code_challenge",
                "KBZZeIjkoNOja4K4MxarMmgOuPAPjNO5BNaBJG0oWg4",
            )],
        ),
    ] {
        let parameters = [
            ("client_id", MAIN.id),
            ("response_type", "code"),
            ("redirect_uri", CALLBACK),
            ("scope", "openid"),
            ("nonce", "n-1"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        let mut request = [&with_all(&parameters, request)[..]].concat();
        request.retain(|(_, value)| !value.is_empty());
        let reply = t.sut.authorize(&request).await;
        let code = reply.redirected("code").unwrap_or_default();
        t.note(what, reply);
        let reply = t
            .sut
            .token(
                MAIN,
                &with(&code_form(CALLBACK, &code), "code_verifier", verifier),
            )
            .await;
        t.note(what, reply);
    }
}
