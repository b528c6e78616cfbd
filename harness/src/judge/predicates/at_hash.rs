//! OpenID Connect Core 3.1.3.6: `at_hash` is the left half of the hash of the access token.

use sha2::{Digest, Sha256, Sha384, Sha512};

use super::super::jwt::Jwt;
use super::{Finding, Predicate, Response, Situation};
use crate::secret::base64url;

pub const AT_HASH: Predicate = Predicate {
    name: "at-hash-matches",
    says: "at_hash of the ID Token, where it is there, is the left half of the hash of the access token",
    judge,
};

fn judge(response: &Response, _: &Situation<'_>) -> Finding {
    let expected = "at_hash, if there, is the left half of the access token's hash";
    let token = response.text_member("access_token");
    let jwt = response.text_member("id_token").map(Jwt::parse);
    let (Some(token), Some(Ok(jwt))) = (token, jwt) else {
        return Finding::unknown(
            expected,
            "the answer has no access token with a readable ID Token",
        );
    };
    let Some(hash) = jwt.claims.get("at_hash") else {
        return Finding::new(true, expected, "no at_hash");
    };
    let Some(wanted) = left_half(jwt.algorithm(), token) else {
        return Finding::unknown(expected, "the ID Token's alg names no hash");
    };
    if hash.as_str() == Some(wanted.as_str()) {
        Finding::new(true, expected, "it is")
    } else {
        Finding::new(false, expected, "at_hash is another value")
    }
}

/// The Base64url of the left half of the hash that the algorithm names, over the ASCII text. For
/// EdDSA the text names none; with Ed25519 it is SHA-512 by use.
pub(super) fn left_half(algorithm: Option<&str>, text: &str) -> Option<String> {
    let bytes = match algorithm? {
        alg if alg.ends_with("256") => Sha256::digest(text).to_vec(),
        alg if alg.ends_with("384") => Sha384::digest(text).to_vec(),
        alg if alg.ends_with("512") || alg == "EdDSA" => Sha512::digest(text).to_vec(),
        _ => return None,
    };
    Some(base64url(&bytes[..bytes.len() / 2]))
}
