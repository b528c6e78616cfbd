//! The requests of the vendor's page, right and wrong.

use super::{credentials, reply_text, with};
use crate::support::transcript::Transcript;
use crate::support::{FORM, TENANT, Who, form_body};

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
    unusual(t, &with(&sample, "code", Some("wrong"))).await;
    t.post("token", &with(&sample, "code", None)).await;
    let elsewhere = Some("https://example.com/other");
    t.post("token", &with(&sample, "redirect_uri", elsewhere))
        .await;
    let metadata = t.sut.get("/.well-known/openid-configuration").await;
    t.note("metadata", metadata);
    let tokens = t.post("token", &sample).await;
    t.post("token", &sample).await;
    let reply = t
        .sut
        .refresh(TENANT, &reply_text(&tokens, "refresh_token"))
        .await;
    t.note("refresh", reply);
}

/// A form that is sent as what it is not, or in another way than the page says.
async fn unusual(t: &mut Transcript, form: &[(&str, &str)]) {
    let body = form_body(form);
    t.method("GET", &body, "").await;
    t.method("PUT", "", &body).await;
    let json: serde_json::Map<String, serde_json::Value> = form
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).into()))
        .collect();
    let json = serde_json::Value::Object(json).to_string();
    let labelled = |media: &'static str| [("content-type", media)];
    t.raw("json", &labelled("application/json"), json.as_bytes())
        .await;
    t.raw("text", &labelled("text/plain"), body.as_bytes())
        .await;
    t.raw("form", &labelled(FORM), body.as_bytes()).await;
}
