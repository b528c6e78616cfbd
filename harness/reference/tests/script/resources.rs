//! Resource indicators (RFC 8707).

use super::{credentials, reply_text, valid, with};
use crate::support::MAIN;
use crate::support::transcript::Transcript;

const API: &str = "https://api.example";
const FILES: &str = "https://files.example";

pub async fn resources(t: &mut Transcript) {
    let form = valid();
    let form_of = |resource| [&form[..], &[("resource", resource)]].concat();
    for resource in [
        API,
        "api",
        "https://api.example#part",
        "https://other.example",
    ] {
        t.post("token", &form_of(resource)).await;
    }
    for scope in ["write", "read write"] {
        t.post("token", &with(&form_of(API), "scope", Some(scope)))
            .await;
    }
    let code = t
        .sut
        .code(MAIN, &[("resource", API), ("resource", FILES)])
        .await;
    let mut exchange = crate::support::code_form(crate::support::CALLBACK, &code);
    exchange.push(("resource", API));
    let reply = t.sut.token(MAIN, &exchange).await;
    let tokens = t.note("for one", reply);
    let access = reply_text(&tokens, "access_token");
    let form = [&credentials(MAIN)[..], &[("token", &access)]].concat();
    t.post("introspect", &form).await;
    let refresh = reply_text(&tokens, "refresh_token");
    for resource in [API, FILES] {
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh.as_str()),
            ("resource", resource),
        ];
        let reply = t.sut.token(MAIN, &form).await;
        t.note(resource, reply);
    }
    let code = t.sut.code(MAIN, &[("resource", API)]).await;
    let refresh = reply_text(&t.sut.exchange(MAIN, &code).await, "refresh_token");
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh.as_str()),
        ("resource", FILES),
    ];
    let reply = t.sut.token(MAIN, &form).await;
    t.note("not granted", reply);
}
