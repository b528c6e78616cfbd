//! What can be seen of metadata beyond single members (RFC 8414 sections 2 and 3.2).

use serde_json::Value;
use url::Url;

use super::{Finding, Predicate, Response, Situation};

pub const NO_EMPTY_LISTS: Predicate = Predicate {
    name: "metadata-has-no-empty-list",
    says: "no member of the metadata is an empty array (RFC 8414 section 3.2)",
    judge: no_empty_lists,
};

pub const ISSUER_SHAPE: Predicate = Predicate {
    name: "metadata-issuer-is-bare",
    says: "issuer in the metadata is a URL without a query and without a fragment (RFC 8414 section 2)",
    judge: issuer_shape,
};

pub const JWT_METHODS: Predicate = Predicate {
    name: "metadata-offers-jwt-methods",
    says: "token_endpoint_auth_methods_supported lists private_key_jwt or client_secret_jwt",
    judge: |response, _| offers_jwt(response, "token_endpoint_auth_methods_supported"),
};

pub const INTROSPECTION_JWT_METHODS: Predicate = Predicate {
    name: "metadata-offers-jwt-methods-for-introspection",
    says: "introspection_endpoint_auth_methods_supported lists private_key_jwt or client_secret_jwt",
    judge: |response, _| offers_jwt(response, "introspection_endpoint_auth_methods_supported"),
};

pub const ASYMMETRIC: Predicate = Predicate {
    name: "metadata-offers-asymmetric-methods",
    says: "token_endpoint_auth_methods_supported lists private_key_jwt, tls_client_auth or self_signed_tls_client_auth",
    judge: |response, _| {
        let methods = [
            "private_key_jwt",
            "tls_client_auth",
            "self_signed_tls_client_auth",
        ];
        offers(response, "token_endpoint_auth_methods_supported", &methods)
    },
};

pub const NO_NONE: Predicate = Predicate {
    name: "metadata-lists-no-none",
    says: "token_endpoint_auth_signing_alg_values_supported does not list none (RFC 8414 section 2)",
    judge: no_none,
};

fn no_none(response: &Response, _: &Situation<'_>) -> Finding {
    let expected = "none is not listed";
    match response.json_member("token_endpoint_auth_signing_alg_values_supported") {
        Some(Value::Array(listed)) => Finding::new(
            !listed.iter().any(|name| name == "none"),
            expected,
            format!("{} algorithms", listed.len()),
        ),
        _ => Finding::unknown(expected, "there is no list"),
    }
}

fn no_empty_lists(response: &Response, _: &Situation<'_>) -> Finding {
    let expected = "no empty array";
    let Some(members) = response.object() else {
        return Finding::unknown(expected, "the metadata is no JSON object");
    };
    let empty = members
        .iter()
        .find(|(_, value)| value.as_array().is_some_and(Vec::is_empty));
    match empty {
        Some((name, _)) => Finding::new(false, expected, format!("{name} is empty")),
        None => Finding::new(true, expected, "none"),
    }
}

fn issuer_shape(response: &Response, _: &Situation<'_>) -> Finding {
    let expected = "an issuer that is a URL without query and fragment";
    let Some(issuer) = response.text_member("issuer") else {
        return Finding::new(false, expected, "there is no text issuer");
    };
    let bare = Url::parse(issuer)
        .is_ok_and(|url| url.has_host() && url.query().is_none() && url.fragment().is_none());
    Finding::new(bare, expected, issuer)
}

fn offers_jwt(response: &Response, list: &str) -> Finding {
    offers(response, list, &["private_key_jwt", "client_secret_jwt"])
}

/// Whether one of the methods is in the list.
fn offers(response: &Response, list: &str, methods: &[&str]) -> Finding {
    let expected = format!("{} in {list}", methods.join(" or "));
    let offered = response
        .json_member(list)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .any(|method| methods.contains(&method));
    Finding::new(
        offered,
        expected,
        if offered { "so" } else { "none of them" },
    )
}

#[cfg(test)]
mod tests {
    use super::super::tests::on_nothing;
    use super::*;

    fn holds(judge: fn(&Response, &Situation<'_>) -> Finding, body: &str) -> Option<bool> {
        let response = Response::of(200, body);
        on_nothing(|situation| judge(&response, situation)).holds
    }

    #[test]
    fn an_empty_list_is_told() {
        assert_eq!(holds(no_empty_lists, r#"{"a": [1], "b": ""}"#), Some(true));
        assert_eq!(holds(no_empty_lists, r#"{"a": [1], "b": []}"#), Some(false));
        assert_eq!(holds(no_empty_lists, "no JSON"), None);
    }

    #[test]
    fn an_issuer_has_neither_query_nor_fragment() {
        for (issuer, bare) in [
            ("https://as.example", true),
            ("https://as.example/tenant/", true),
            ("https://as.example?tenant=1", false),
            ("https://as.example#tenant", false),
            ("as.example", false),
        ] {
            let body = format!("{{\"issuer\": \"{issuer}\"}}");
            assert_eq!(holds(issuer_shape, &body), Some(bare), "{issuer}");
        }
        assert_eq!(holds(issuer_shape, "{}"), Some(false));
    }

    #[test]
    fn client_assertions_are_offered_by_the_list_alone() {
        let list = r#"{"token_endpoint_auth_methods_supported": ["none", "private_key_jwt"]}"#;
        assert_eq!(holds(JWT_METHODS.judge, list), Some(true));
        assert_eq!(holds(INTROSPECTION_JWT_METHODS.judge, list), Some(false));
    }
}
