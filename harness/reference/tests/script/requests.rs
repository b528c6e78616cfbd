//! The metadata, and token requests that need no code.

use super::{credentials, valid, with};
use crate::support::transcript::Transcript;
use crate::support::{ENCODED, FORM, LIMITED, MAIN, OTHER, PUBLIC, Who, form_body};

pub async fn documents(t: &mut Transcript) {
    for path in [
        "/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server",
        "/jwks",
    ] {
        let reply = t.sut.get(path).await;
        t.note(path, reply);
    }
}

pub async fn requests(t: &mut Transcript) {
    let form = valid();
    let body = form_body(&form);
    t.post("token", &form).await;
    for method in ["GET", "PUT", "HEAD"] {
        t.method(method, &body, &body).await;
    }
    t.method("POST", "x=1", &body).await;
    t.method(
        "POST",
        &form_body(&credentials(MAIN)),
        "grant_type=client_credentials",
    )
    .await;
    t.method(
        "POST",
        "grant_type=client_credentials",
        &form_body(&credentials(MAIN)),
    )
    .await;
    let json = format!(
        r#"{{"client_id":"{}","client_secret":"{}","grant_type":"client_credentials"}}"#,
        MAIN.id,
        MAIN.secret.unwrap()
    );
    for (label, body) in [
        ("application/json", json.as_str()),
        ("text/plain", &body),
        ("application/x-www-form-urlencoded; charset=UTF-8", &body),
        ("APPLICATION/x-www-form-urlencoded", &body),
    ] {
        t.raw(label, &[("content-type", label)], body.as_bytes())
            .await;
    }
    for damage in ["x=%zz", "x=%ff", "x=%00"] {
        let body = format!("{body}&{damage}");
        t.raw(damage, &[("content-type", FORM)], body.as_bytes())
            .await;
    }
    for (name, value) in &form {
        t.post("token", &[&form[..], &[(name, value)]].concat())
            .await;
        t.post("token", &with(&form, name, None)).await;
        t.post("token", &with(&form, name, Some(""))).await;
    }
    t.post("token", &[&form[..], &[("x", "1")]].concat()).await;
    t.post(
        "token",
        &[&form[..], &[("x", &"a".repeat(20 << 10))]].concat(),
    )
    .await;
    t.post("token", &with(&form, "scope", Some(&"a".repeat(20 << 10))))
        .await;
    t.post(
        "token",
        &with(&form, "grant_type", Some("CLIENT_CREDENTIALS")),
    )
    .await;
    t.post("token", &with(&form, "grant_type", Some("nonsense")))
        .await;
    t.post(
        "token",
        &[
            &with(&form, "grant_type", None)[..],
            &[("GRANT_TYPE", "client_credentials")],
        ]
        .concat(),
    )
    .await;
    let password = [
        ("grant_type", "password"),
        ("username", "u"),
        ("password", "p"),
    ];
    t.post("token", &[&credentials(MAIN)[..], &password].concat())
        .await;
}

pub async fn clients(t: &mut Transcript) {
    let grant = ("grant_type", "client_credentials");
    let secret = MAIN.secret.unwrap();
    for value in [
        "wrong".to_owned(),
        format!("{secret}-wrong"),
        secret.to_uppercase(),
        format!(" {secret} "),
    ] {
        t.post(
            "token",
            &[grant, ("client_id", MAIN.id), ("client_secret", &value)],
        )
        .await;
    }
    for who in [
        Who {
            id: "nobody",
            ..MAIN
        },
        LIMITED,
        PUBLIC,
        ENCODED,
    ] {
        t.post("token", &[&credentials(who)[..], &[grant]].concat())
            .await;
    }
    let wrong = Who {
        secret: Some("wrong"),
        ..MAIN
    };
    for (what, who, form) in [
        ("basic", MAIN, vec![grant]),
        ("basic encoded", ENCODED, vec![grant]),
        ("basic wrong", wrong, vec![grant]),
        (
            "basic unknown",
            Who {
                id: "nobody",
                ..MAIN
            },
            vec![grant],
        ),
        ("basic with id", MAIN, vec![grant, ("client_id", MAIN.id)]),
        (
            "basic with other id",
            MAIN,
            vec![grant, ("client_id", OTHER.id)],
        ),
        ("basic with secret", MAIN, valid()),
    ] {
        let reply = t.sut.post_basic("token", who, &form).await;
        t.note(what, reply);
    }
    let lower = MAIN.basic().replacen("Basic", "basic", 1);
    for header in [lower.as_str(), "Basic !", "Bearer x", "Tokenspec x"] {
        let headers = [("content-type", FORM), ("authorization", header)];
        t.raw(header, &headers, form_body(&[grant]).as_bytes())
            .await;
    }
}

pub async fn scopes(t: &mut Transcript) {
    for body in [
        "scope=read+write",
        "scope=nonsense",
        "scope=READ",
        "scope=a++b",
        "",
    ] {
        let body = format!("{}&{body}", form_body(&with(&valid(), "scope", None)));
        t.raw(&body, &[("content-type", FORM)], body.as_bytes())
            .await;
    }
}
