//! The requests of the vendor's page, right and wrong.

use super::{credentials, reply_text, with};
use crate::support::transcript::Transcript;
use crate::support::{TENANT, Who};

pub async fn sample(t: &mut Transcript) {
    let callback = t.sut.callback();
    let mut sample = credentials(TENANT);
    sample.extend([
        ("grant_type", "authorization_code"),
        ("code", "MOCK_CODE"),
        ("redirect_uri", callback),
    ]);
    for (name, value) in [
        ("client_id", None),
        ("client_id", Some("nobody")),
        ("client_secret", Some("wrong")),
        ("grant_type", Some("nonsense")),
        ("code", Some("wrong")),
    ] {
        t.post("token", &with(&sample, name, value)).await;
    }
    let other = Who {
        id: "OTHER_CLIENT_ID",
        secret: Some("OTHER_CLIENT_SECRET"),
    };
    t.post("token", &[&credentials(other)[..], &sample[2..]].concat())
        .await;
    for name in ["client_secret", "redirect_uri", "grant_type"] {
        let code = t
            .sut
            .code(
                TENANT,
                &[("code_challenge", ""), ("code_challenge_method", "")],
            )
            .await;
        let form = with(&with(&sample, "code", Some(&code)), name, None);
        t.post("token", &form).await;
    }
    let tokens = t.post("token", &sample).await;
    t.post("token", &sample).await;
    let reply = t
        .sut
        .refresh(TENANT, &reply_text(&tokens, "refresh_token"))
        .await;
    t.note("refresh", reply);
}
