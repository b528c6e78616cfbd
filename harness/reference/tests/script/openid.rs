//! What an OpenID Connect authorization request may ask for, and the tokens and
//! the UserInfo response that follow.

use super::reply_text;
use crate::support::transcript::Transcript;
use crate::support::{CALLBACK, CHALLENGE, ELLIPTIC, HMAC, MAIN};

pub async fn requests(t: &mut Transcript) {
    let request = [
        ("client_id", MAIN.id),
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    for more in [
        ("acr_values", "urn:example:made-up"),
        ("display", "page"),
        ("ui_locales", "de fr"),
        ("claims_locales", "de fr"),
        ("prompt", "login"),
        ("max_age", "1800"),
        ("claims", r#"{"id_token":{"made_up":{"essential":true}}}"#),
        ("nonce", "a-nonce-of-two-requests"),
        ("nonce", "a-nonce-of-two-requests"),
        ("login_hint", "user-2"),
    ] {
        let reply = t.sut.authorize(&[&request[..], &[more]].concat()).await;
        t.note(more.0, reply);
    }
    for who in [MAIN, HMAC, ELLIPTIC] {
        let code = t.sut.code(who, &[]).await;
        let reply = t.sut.exchange(who, &code).await;
        let tokens = t.note(who.id, reply);
        let access = reply_text(&tokens, "access_token");
        let reply = t.sut.userinfo(&access).await;
        t.note("userinfo", reply);
    }
}
