//! Refreshing, introspection and revocation.

use super::{credentials, reply_text};
use crate::support::transcript::Transcript;
use crate::support::{FORM, MAIN, OTHER, PUBLIC, Who, form_body};

pub async fn refreshes(t: &mut Transcript) {
    let code = t.sut.code(MAIN, &[]).await;
    let tokens = t.sut.exchange(MAIN, &code).await;
    let (access, refresh) = (
        reply_text(&tokens, "access_token"),
        reply_text(&tokens, "refresh_token"),
    );
    for (what, who, token) in [
        ("refresh", MAIN, refresh.as_str()),
        ("of another", OTHER, &refresh),
        (
            "without secret",
            Who {
                secret: None,
                ..MAIN
            },
            &refresh,
        ),
        ("unknown", MAIN, "unknown"),
        ("access token", MAIN, &access),
    ] {
        let reply = t.sut.refresh(who, token).await;
        t.note(what, reply);
    }
    let altered = format!("{}altered", &refresh[..refresh.len().min(30)]);
    let reply = t.sut.refresh(MAIN, &altered).await;
    t.note("altered", reply);
    for scope in ["openid profile", "a  b"] {
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh.as_str()),
            ("scope", scope),
        ];
        let reply = t.sut.token(MAIN, &form).await;
        t.note(scope, reply);
    }
    let code = t.sut.code(MAIN, &[("scope", "openid profile")]).await;
    let refresh = reply_text(&t.sut.exchange(MAIN, &code).await, "refresh_token");
    for scope in ["openid profile", "openid", ""] {
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh.as_str()),
            ("scope", scope),
        ];
        let reply = t.sut.token(MAIN, &form).await;
        t.note("narrow and wide", reply);
    }
    let code = t.sut.code(PUBLIC, &[]).await;
    let first = reply_text(&t.sut.exchange(PUBLIC, &code).await, "refresh_token");
    let reply = t.sut.refresh(PUBLIC, &first).await;
    let second = t.note("rotated", reply);
    let second = reply_text(&second, "refresh_token");
    for (what, token) in [("reused", &first), ("successor", &second)] {
        let reply = t.sut.refresh(PUBLIC, token).await;
        t.note(what, reply);
    }
    let code = t.sut.code(PUBLIC, &[]).await;
    let mut token = reply_text(&t.sut.exchange(PUBLIC, &code).await, "refresh_token");
    for what in ["renewed", "renewed again"] {
        let reply = t.sut.refresh(PUBLIC, &token).await;
        token = reply_text(&t.note(what, reply), "refresh_token");
    }
    let code = t.sut.code(PUBLIC, &[]).await;
    let token = reply_text(&t.sut.exchange(PUBLIC, &code).await, "refresh_token");
    let (one, two) = tokio::join!(t.sut.refresh(PUBLIC, &token), t.sut.refresh(PUBLIC, &token));
    t.lines
        .push(format!("at once: {} {}", one.status, two.status));
}

pub async fn other_endpoints(t: &mut Transcript) {
    let code = t.sut.code(MAIN, &[]).await;
    let tokens = t.sut.exchange(MAIN, &code).await;
    let (access, refresh) = (
        reply_text(&tokens, "access_token"),
        reply_text(&tokens, "refresh_token"),
    );
    let wrong = Who {
        secret: Some("wrong"),
        ..MAIN
    };
    let altered = match access.rsplit_once('.') {
        Some((signed, _)) => format!("{signed}.altered"),
        None => "altered".to_owned(),
    };
    let mut nearly = access.clone();
    let last = nearly.pop();
    nearly.push(if last == Some('A') { 'B' } else { 'A' });
    for (endpoint, who, form) in [
        ("introspect", MAIN, vec![("token", access.as_str())]),
        (
            "introspect",
            MAIN,
            vec![("token", &access), ("token_type_hint", "refresh_token")],
        ),
        ("introspect", MAIN, vec![("token", &altered)]),
        ("introspect", MAIN, vec![("token", &nearly)]),
        ("introspect", MAIN, vec![("token", "unknown")]),
        ("introspect", wrong, vec![("token", &access)]),
        ("revoke", MAIN, vec![("token", "unknown")]),
        (
            "revoke",
            MAIN,
            vec![("token", "unknown"), ("token_type_hint", "nonsense")],
        ),
        ("revoke", MAIN, vec![]),
        ("revoke", wrong, vec![("token", "unknown")]),
        ("revoke", OTHER, vec![("token", &refresh)]),
        (
            "revoke",
            MAIN,
            vec![("token", &refresh), ("token_type_hint", "access_token")],
        ),
        ("introspect", MAIN, vec![("token", &refresh)]),
        ("revoke", MAIN, vec![("token", &refresh)]),
        ("introspect", MAIN, vec![("token", &refresh)]),
        ("introspect", MAIN, vec![("token", &access)]),
    ] {
        t.post(endpoint, &[&credentials(who)[..], &form].concat())
            .await;
    }
    let own = t
        .sut
        .token(MAIN, &[("grant_type", "client_credentials")])
        .await;
    let own = reply_text(&own, "access_token");
    for caller in [own.as_str(), "wrong"] {
        let bearer = format!("Bearer {caller}");
        let headers = [("content-type", FORM), ("authorization", bearer.as_str())];
        let body = format!("token={own}");
        let reply = t.sut.raw("/introspect", &headers, body.as_bytes()).await;
        t.note("introspect as a bearer", reply);
    }
    t.post("introspect", &credentials(MAIN)).await;
    let reply = t
        .sut
        .post_basic("revoke", MAIN, &[("token", "unknown")])
        .await;
    t.note("revoke by basic", reply);
    let query = form_body(&[&credentials(MAIN)[..], &[("token", "unknown")]].concat());
    let reply = t.sut.get(&format!("/revoke?{query}")).await;
    t.note("revoke by get", reply);
    t.post(
        "revoke",
        &[&credentials(MAIN)[..], &[("token", &own)]].concat(),
    )
    .await;
    let reply = t.sut.get("/userinfo").await;
    t.note("userinfo without a token", reply);
    let headers = [("authorization", "Bearer unknown")];
    let reply = t.sut.raw("/userinfo", &headers, b"").await;
    t.note("userinfo with an unknown token", reply);
}
