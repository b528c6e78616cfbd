//! The requests of the vendor's page, right and wrong.

use axum::body::Body;
use axum::http::Request;
use serde_json::{Map, Value};

use super::{credentials, reply_text, with};
use crate::support::transcript::Transcript;
use crate::support::{CHALLENGE, FORM, TENANT, Who, code_form, form_body};

const PUBLIC: Who = Who {
    id: "PUBLIC_CLIENT_ID",
    secret: None,
};
const OTHER: Who = Who {
    id: "OTHER_CLIENT_ID",
    secret: Some("OTHER_CLIENT_SECRET"),
};

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
    t.post("token", &[&credentials(OTHER)[..], &sample[2..]].concat())
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

/// The requests of the sibling pages.
pub async fn siblings(t: &mut Transcript) {
    verifiers(t).await;
    refreshes(t).await;
    own_tokens(t).await;
    passwords(t).await;
    one_time_passwords(t).await;
    revocations(t).await;
    let keys = t.sut.get("/oauth2/jwks").await;
    t.note("keys", keys);
}

/// The form as it is, and without each of its parameters.
async fn each_left_out(t: &mut Transcript, form: &[(&str, &str)]) {
    t.post("token", form).await;
    for (name, _) in form {
        t.post("token", &with(form, name, None)).await;
    }
}

async fn verifiers(t: &mut Transcript) {
    let callback = t.sut.callback();
    let names = [
        "client_id",
        "grant_type",
        "code",
        "redirect_uri",
        "code_verifier",
    ];
    let left_out = names.map(|name| (name, None));
    let wrong = [
        ("client_id", Some("nobody")),
        ("grant_type", Some("nonsense")),
        ("code", Some("wrong")),
        ("code_verifier", Some(CHALLENGE)),
        ("none", None),
    ];
    for (name, value) in left_out.into_iter().chain(wrong) {
        let code = t.sut.code(PUBLIC, &[]).await;
        let form = [credentials(PUBLIC), code_form(callback, &code)].concat();
        let form = with(&form, name, value);
        t.post("token", &form).await;
        if name == "none" {
            t.post("token", &form).await;
        }
    }
    let theirs = Who {
        id: "OTHER_PUBLIC_CLIENT_ID",
        secret: None,
    };
    let code = t.sut.code(theirs, &[]).await;
    let form = [credentials(PUBLIC), code_form(callback, &code)].concat();
    t.post("token", &form).await;
}

async fn refreshes(t: &mut Transcript) {
    let code = t.sut.code(TENANT, &[]).await;
    let form = [credentials(TENANT), code_form(t.sut.callback(), &code)].concat();
    let tokens = t.post("token", &form).await;
    let refresh_token = reply_text(&tokens, "refresh_token");
    let grant = [
        ("grant_type", "refresh_token"),
        ("refresh_token", &*refresh_token),
    ];
    let form = [&credentials(TENANT)[..], &grant].concat();
    t.post("token", &[&credentials(OTHER)[..], &grant].concat())
        .await;
    t.post("token", &with(&form, "refresh_token", Some("wrong")))
        .await;
    each_left_out(t, &form).await;
}

async fn own_tokens(t: &mut Transcript) {
    let grant = [
        ("grant_type", "client_credentials"),
        ("scope", "identity_proofing"),
    ];
    let form = [&credentials(TENANT)[..], &grant].concat();
    each_left_out(t, &form).await;
    for (name, value) in [
        ("client_id", "nobody"),
        ("client_secret", "wrong"),
        ("scope", "unknown"),
        ("grant_type", "CLIENT_CREDENTIALS"),
    ] {
        t.post("token", &with(&form, name, Some(value))).await;
    }
    let limited = Who {
        id: "LIMITED_CLIENT_ID",
        secret: Some("LIMITED_CLIENT_SECRET"),
    };
    t.post("token", &[&credentials(limited)[..], &grant].concat())
        .await;
}

async fn passwords(t: &mut Transcript) {
    let grant = [
        ("grant_type", "password"),
        ("auth_source_id", "MOCK_USERNAME_PASSWORD_AUTH_SOURCE_ID"),
        ("username", "MOCK_USERNAME"),
        ("password", "MOCK_PASSWORD"),
        ("scope", "openid"),
    ];
    let form = [&credentials(TENANT)[..], &grant].concat();
    each_left_out(t, &form).await;
    t.post("token", &with(&form, "username", Some("Zoë 漢字")))
        .await;
    for name in ["auth_source_id", "username", "password"] {
        t.post("token", &with(&form, name, Some("wrong"))).await;
    }
    t.post("token", &[&credentials(PUBLIC)[..], &grant].concat())
        .await;
}

async fn one_time_passwords(t: &mut Transcript) {
    let sms = [
        (
            "grant_type",
            "http://tencentciam.com/oauth2/grant-type/otp/sms",
        ),
        ("auth_source_id", "MOCK_SMS_OTP_AUTH_SOURCE_ID"),
        ("phone_number", "13612345678"),
        ("otp_token", "MOCK_OTP_TOKEN"),
        ("otp", "123456"),
    ];
    let email = [
        (
            "grant_type",
            "http://tencentciam.com/oauth2/grant-type/otp/email",
        ),
        ("auth_source_id", "MOCK_EMAIL_OTP_AUTH_SOURCE_ID"),
        ("email", "MOCK_USERNAME@example.com"),
        ("otp_token", "MOCK_EMAIL_OTP_TOKEN"),
        ("otp", "123456"),
    ];
    for grant in [sms, email] {
        let form = [&credentials(TENANT)[..], &grant].concat();
        json(t, &form).await;
        for (name, _) in &form {
            json(t, &with(&form, name, None)).await;
        }
        for (name, _) in &grant[1..] {
            json(t, &with(&form, name, Some("wrong"))).await;
        }
        json(t, &[&credentials(PUBLIC)[..], &grant].concat()).await;
        t.post("token", &form).await;
    }
}

/// The parameters as a JSON object.
async fn json(t: &mut Transcript, form: &[(&str, &str)]) {
    let members: Map<String, Value> = form
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).into()))
        .collect();
    let body = Value::Object(members).to_string();
    let label = [("content-type", "application/json")];
    t.raw("one-time password", &label, body.as_bytes()).await;
}

async fn revocations(t: &mut Transcript) {
    for revoked in ["access_token", "refresh_token"] {
        let code = t.sut.code(TENANT, &[]).await;
        let tokens = t.sut.exchange(TENANT, &code).await;
        let token = reply_text(&tokens, revoked);
        for who in [OTHER, PUBLIC, TENANT] {
            let form = [&credentials(who)[..], &[("token", &*token)]].concat();
            t.post("revoke", &form).await;
        }
        let access_token = reply_text(&tokens, "access_token");
        let look =
            Request::get("/userinfo").header("authorization", format!("Bearer {access_token}"));
        let reply = t.sut.send(look.body(Body::empty()).unwrap()).await;
        t.note("alive", reply);
        let reply = t
            .sut
            .refresh(TENANT, &reply_text(&tokens, "refresh_token"))
            .await;
        t.note("refresh", reply);
    }
    t.post("revoke", &credentials(TENANT)).await;
    let code = t.sut.code(TENANT, &[]).await;
    let token = reply_text(&t.sut.exchange(TENANT, &code).await, "access_token");
    t.post("revoke", &[("token", token.as_str())]).await;
}
