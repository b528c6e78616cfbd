//! `standard`: RFC 6749, RFC 9700, OpenID Connect Core and RFC 9068 to the
//! letter.

use serde_json::{Value, json};

use super::standard_clients::CLIENTS;
use super::{Dialect, with_required_headers};
use crate::answer::{Answer, Members};
use crate::clients::Client;
use crate::endpoints::Endpoint;
use crate::mistake::Mistake;
use crate::provider::Provider;
use crate::resources::Resource;
use crate::rules::Rules;
use crate::tokens::{
    Draft, EllipticKey, Issue, Issued, KeyName, SigningFailed, TokenKind, jwk, left_half_hash, uuid,
};
use crate::users::User;

pub(super) struct Standard;

impl Dialect for Standard {
    fn clients(&self) -> &'static [Client] {
        &CLIENTS
    }

    fn users(&self) -> &'static [User] {
        &[
            User {
                subject: "user-1",
                password: "user-1-password-1f0c9d7e",
            },
            User {
                subject: "user-2",
                password: "user-2-password-83ab46d2",
            },
        ]
    }

    fn profiles(&self) -> &'static [&'static str] {
        &["oidc", "rfc9068", "rfc9700"]
    }

    fn paths(&self) -> &'static [(&'static str, Endpoint)] {
        &[
            ("/.well-known/openid-configuration", Endpoint::Metadata),
            (
                "/.well-known/oauth-authorization-server",
                Endpoint::OauthMetadata,
            ),
            ("/jwks", Endpoint::Jwks),
            ("/authorize", Endpoint::Authorization),
            ("/token", Endpoint::Token),
            ("/introspect", Endpoint::Introspection),
            ("/revoke", Endpoint::Revocation),
            ("/userinfo", Endpoint::Userinfo),
        ]
    }

    fn resources(&self) -> &'static [Resource] {
        &[
            Resource {
                uri: "https://api.example",
                own_scope: &["read"],
            },
            Resource {
                uri: "https://files.example",
                own_scope: &["write"],
            },
        ]
    }

    fn rules(&self) -> Rules {
        Rules::default()
    }

    fn metadata(&self, issuer: &str) -> Members {
        let at = |path: &str| json!(format!("{issuer}{path}"));
        let secrets = [
            "client_secret_basic",
            "client_secret_post",
            "client_secret_jwt",
            "private_key_jwt",
        ];
        let with = |further: &str| {
            let all: Vec<&str> = secrets.into_iter().chain([further]).collect();
            json!(all)
        };
        let (secrets, methods) = (with("Bearer"), with("none"));
        let algorithms = json!(["RS256", "ES256", "HS256"]);
        [
            ("issuer", json!(issuer)),
            ("authorization_endpoint", at("/authorize")),
            ("token_endpoint", at("/token")),
            ("userinfo_endpoint", at("/userinfo")),
            ("introspection_endpoint", at("/introspect")),
            ("revocation_endpoint", at("/revoke")),
            ("jwks_uri", at("/jwks")),
            (
                "scopes_supported",
                json!(["openid", "profile", "read", "write"]),
            ),
            ("response_types_supported", json!(["code"])),
            ("response_modes_supported", json!(["query"])),
            (
                "grant_types_supported",
                json!(["authorization_code", "refresh_token", "client_credentials"]),
            ),
            ("subject_types_supported", json!(["public"])),
            (
                "id_token_signing_alg_values_supported",
                json!(["RS256", "ES256", "HS256"]),
            ),
            ("token_endpoint_auth_methods_supported", methods.clone()),
            ("introspection_endpoint_auth_methods_supported", secrets),
            ("revocation_endpoint_auth_methods_supported", methods),
            (
                "token_endpoint_auth_signing_alg_values_supported",
                algorithms.clone(),
            ),
            (
                "introspection_endpoint_auth_signing_alg_values_supported",
                algorithms.clone(),
            ),
            (
                "revocation_endpoint_auth_signing_alg_values_supported",
                algorithms,
            ),
            ("code_challenge_methods_supported", json!(["S256"])),
            (
                "claims_supported",
                json!([
                    "iss",
                    "sub",
                    "aud",
                    "exp",
                    "iat",
                    "auth_time",
                    "nonce",
                    "at_hash",
                    "preferred_username"
                ]),
            ),
            ("claims_parameter_supported", json!(true)),
            ("request_parameter_supported", json!(false)),
            ("request_uri_parameter_supported", json!(false)),
            (
                "authorization_response_iss_parameter_supported",
                json!(true),
            ),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
    }

    fn jwks(&self) -> Result<Vec<Members>, SigningFailed> {
        // Several keys, so that `kid` matters (OpenID Connect Core 10.1).
        [
            (jwk(KeyName::Current)?, "RS256"),
            (jwk(KeyName::Previous)?, "RS256"),
            (EllipticKey::jwk()?, "ES256"),
        ]
        .into_iter()
        .map(|(mut members, algorithm)| {
            members.insert("use".to_owned(), json!("sig"));
            members.insert("alg".to_owned(), json!(algorithm));
            Ok(members)
        })
        .collect()
    }

    fn media_type(&self) -> &'static str {
        "application/json"
    }

    fn error_uri(&self) -> Option<&'static str> {
        None
    }

    fn names_itself_in_redirects(&self) -> bool {
        true
    }

    /// RFC 9068 2, and of its authentication claims auth_time (2.2.1).
    fn access_token(&self, provider: &Provider, issue: &Issue<'_>) -> Result<Draft, SigningFailed> {
        let mut draft = Draft::new(TokenKind::Access, "at+jwt");
        // A token for the user's claims is for the UserInfo endpoint, another
        // for the API behind the scopes (RFC 9068 3).
        // Asked for a resource, it is for that (RFC 8707 2).
        let audience = match (issue.resources, issue.login) {
            ([], Some(_)) => json!(format!("{}/userinfo", provider.issuer)),
            ([], None) => json!("https://api.example"),
            ([one], _) => json!(one),
            (several, _) => json!(several),
        };
        draft.set_claim("iss", provider.issuer.as_str());
        draft.set_claim("sub", issue.subject());
        draft.set_claim("aud", audience);
        draft.set_claim("client_id", issue.client.id);
        draft.set_claim("scope", issue.scope.to_string());
        draft.set_claim("iat", issue.at);
        draft.set_claim("exp", issue.at + provider.rules.token.access_lifetime);
        draft.set_claim("jti", uuid()?);
        if let Some(login) = issue.login {
            draft.set_claim("auth_time", login.auth_time);
        }
        Ok(draft)
    }

    /// OpenID Connect Core 2, 3.1.3.6 and 12.2.
    fn id_token(
        &self,
        provider: &Provider,
        issue: &Issue<'_>,
        access_token: &str,
        draft: &mut Draft,
    ) -> Result<(), SigningFailed> {
        draft.set_claim("iss", provider.issuer.as_str());
        draft.set_claim("sub", issue.subject());
        draft.set_claim("aud", issue.client.id);
        draft.set_claim("iat", issue.at);
        draft.set_claim("exp", issue.at + provider.rules.token.id_lifetime);
        if let Some(login) = issue.login {
            draft.set_claim("auth_time", login.auth_time);
        }
        if let Some(nonce) = issue.nonce {
            draft.set_claim("nonce", nonce);
        }
        draft.set_claim("at_hash", left_half_hash(access_token));
        Ok(())
    }

    fn granted(&self, issued: &Issued<'_>) -> Members {
        [
            ("access_token", Some(json!(issued.access_token))),
            ("token_type", Some(json!("Bearer"))),
            ("expires_in", Some(json!(issued.expires_in))),
            ("refresh_token", issued.refresh_token.map(Value::from)),
            ("scope", Some(json!(issued.scope.to_string()))),
            ("id_token", issued.id_token.as_deref().map(Value::from)),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect()
    }

    /// RFC 6749 5.2.
    fn refuse(&self, mistake: Mistake) -> Answer {
        let description = match mistake {
            Mistake::Missing(name) | Mistake::Repeated(name) => {
                format!("OAuth 2.0 Parameter: {name}")
            }
            _ => mistake.description().to_owned(),
        };
        let members = [
            ("error", mistake.code().to_owned()),
            ("error_description", description),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), json!(value)))
        .collect();
        with_required_headers(
            Answer::json(mistake.status(), self.media_type(), members),
            mistake,
        )
    }
}
