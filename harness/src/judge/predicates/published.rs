//! The ID Token and the key set (OpenID Connect Core 10.1, RFC 7515 section 4.1.4, RFC 7518).

use serde_json::Value;

use super::super::jwt::{Jwt, SHORTEST_RSA, rsa_bits, verifies_with};
use super::{Finding, Predicate, Response, Situation};

/// Those that look at the key set.
pub const READERS: &[Predicate] = &[
    PUBLISHED,
    NAMED,
    KID_KNOWN,
    ACCESS_KID_KNOWN,
    MAY_SIGN,
    RSA_BITS,
    BARE,
];

pub const PUBLISHED: Predicate = Predicate {
    name: "id-token-key-is-published",
    says: "some key of the key set verifies the ID Token, where its signature is asymmetric",
    judge: published,
};

pub const NAMED: Predicate = Predicate {
    name: "id-token-names-its-key",
    says: "where the key set has several keys, the ID Token names one by kid, and not another than that which signed it",
    judge: named,
};

pub const KID_KNOWN: Predicate = Predicate {
    name: "id-token-kid-is-in-the-key-set",
    says: "kid of the ID Token, where it is a text and the signature asymmetric, is that of a key of the key set",
    judge: |response, situation| kid_known(response, situation, "id_token"),
};

pub const ACCESS_KID_KNOWN: Predicate = Predicate {
    name: "access-token-kid-is-in-the-key-set",
    says: "kid of the access token, where it is a text and the signature asymmetric, is that of a key of the key set",
    judge: |response, situation| kid_known(response, situation, "access_token"),
};

pub const MAY_SIGN: Predicate = Predicate {
    name: "id-token-key-may-sign",
    says: "the key that kid names has no other use than sig, and key_ops, where it is there, with verify or sign",
    judge: may_sign,
};

pub const RSA_BITS: Predicate = Predicate {
    name: "rsa-keys-have-2048-bits",
    says: "each RSA key of the key set that is not for encryption has 2048 bits or more",
    judge: bits,
};

pub const BARE: Predicate = Predicate {
    name: "keys-carry-their-parameters",
    says: "each key of the key set has the parameters of its kind: n and e, crv and x (and y)",
    judge: bare,
};

/// A token with an asymmetric signature, and the key set.
struct Signed<'k> {
    jwt: Jwt,
    set: &'k [Value],
}

impl<'k> Signed<'k> {
    /// Both, or what to say in their place.
    fn of(
        response: &Response,
        situation: &'k Situation<'_>,
        expected: &str,
        member: &str,
    ) -> Result<Self, Finding> {
        let Some(Ok(jwt)) = response.text_member(member).map(Jwt::parse) else {
            return Err(Finding::unknown(
                expected,
                format!("the {member} cannot be read"),
            ));
        };
        let symmetric = |alg: &str| alg.starts_with("HS") || alg == "none";
        if jwt.algorithm().is_none_or(symmetric) {
            return Err(Finding::new(
                true,
                expected,
                "its signature is not asymmetric",
            ));
        }
        let set = set(situation, expected)?;
        Ok(Self { jwt, set })
    }

    fn kid(&self) -> Option<&Value> {
        self.jwt.header.get("kid")
    }

    /// The keys that its kid names.
    fn own(&self) -> Vec<&'k Value> {
        let kid = self.kid();
        self.set
            .iter()
            .filter(|key| kid.is_some() && key.get("kid") == kid)
            .collect()
    }
}

fn set<'k>(situation: &'k Situation<'_>, expected: &str) -> Result<&'k [Value], Finding> {
    match &situation.keys.set {
        Ok(set) => Ok(set),
        Err(why) => Err(Finding::unknown(expected, why.clone())),
    }
}

fn published(response: &Response, situation: &Situation<'_>) -> Finding {
    let expected = "an ID Token that some key of the key set verifies";
    let signed = match Signed::of(response, situation, expected, "id_token") {
        Ok(signed) => signed,
        Err(finding) => return finding,
    };
    match verifies_with(&signed.jwt, signed.set) {
        Ok(true) => Finding::new(true, expected, "one does"),
        Ok(false) => {
            let count = signed.set.len();
            Finding::new(false, expected, format!("none of the {count} keys does"))
        }
        Err(why) => Finding::unknown(expected, why),
    }
}

fn named(response: &Response, situation: &Situation<'_>) -> Finding {
    let expected = "a kid that names the signing key, where the key set has several";
    let signed = match Signed::of(response, situation, expected, "id_token") {
        Ok(signed) => signed,
        Err(finding) => return finding,
    };
    if signed.set.len() < 2 {
        return Finding::new(true, expected, "the key set has one key");
    }
    let Some(kid) = signed.kid() else {
        let count = signed.set.len();
        return Finding::new(false, expected, format!("no kid, and {count} keys"));
    };
    let own: Vec<Value> = signed.own().into_iter().cloned().collect();
    if own.is_empty() {
        // The key itself may not be there: that is for another check.
        let elsewhere = verifies_with(&signed.jwt, signed.set) == Ok(true);
        let found = !elsewhere && kid.is_string();
        return Finding::new(found, expected, format!("no key has the kid {kid}"));
    }
    let wrong = verifies_with(&signed.jwt, &own) == Ok(false)
        && verifies_with(&signed.jwt, signed.set) == Ok(true);
    let actual = if wrong {
        "another key of the set verifies it"
    } else {
        "it does"
    };
    Finding::new(!wrong, expected, actual)
}

fn kid_known(response: &Response, situation: &Situation<'_>, member: &str) -> Finding {
    let expected = "a kid that a key of the key set has";
    let signed = match Signed::of(response, situation, expected, member) {
        Ok(signed) => signed,
        Err(finding) => return finding,
    };
    match signed.kid() {
        Some(Value::String(kid)) => {
            let found = !signed.own().is_empty();
            let actual = if found { "it is there" } else { kid.as_str() };
            Finding::new(found, expected, actual)
        }
        _ => Finding::new(true, expected, "no kid that is a text"),
    }
}

fn may_sign(response: &Response, situation: &Situation<'_>) -> Finding {
    let expected = "a key that is for signatures";
    let signed = match Signed::of(response, situation, expected, "id_token") {
        Ok(signed) => signed,
        Err(finding) => return finding,
    };
    let own = signed.own();
    if own.is_empty() {
        return Finding::new(true, expected, "no key has its kid");
    }
    let wrong = own.iter().find_map(|key| {
        let other = key.get("use").filter(|used| **used != "sig");
        let ops = key.get("key_ops").and_then(Value::as_array);
        let lacks = |ops: &&Vec<Value>| !ops.iter().any(|op| op == "verify" || op == "sign");
        other.map(|used| format!("use is {used}")).or_else(|| {
            ops.filter(lacks)
                .map(|_| "key_ops has no verify".to_owned())
        })
    });
    match wrong {
        Some(why) => Finding::new(false, expected, why),
        None => Finding::new(true, expected, "it is"),
    }
}

fn bits(_: &Response, situation: &Situation<'_>) -> Finding {
    let expected = format!("RSA keys of {SHORTEST_RSA} bits or more");
    let set = match set(situation, &expected) {
        Ok(set) => set,
        Err(finding) => return finding,
    };
    let sizes: Vec<usize> = set
        .iter()
        .filter(|key| key.get("use").is_none_or(|used| used == "sig"))
        .filter_map(rsa_bits)
        .collect();
    match sizes.iter().min() {
        None => Finding::new(true, expected, "no RSA key for signatures"),
        Some(least) => Finding::new(
            *least >= SHORTEST_RSA,
            expected,
            format!("the shortest of {} has {least} bits", sizes.len()),
        ),
    }
}

fn bare(_: &Response, situation: &Situation<'_>) -> Finding {
    let expected = "the parameters of its kind in each key";
    let set = match set(situation, expected) {
        Ok(set) => set,
        Err(finding) => return finding,
    };
    let lacking = set.iter().find_map(|key| {
        let kty = key.get("kty").and_then(Value::as_str)?;
        let wanted: &[&str] = match kty {
            "RSA" => &["n", "e"],
            "EC" => &["crv", "x", "y"],
            "OKP" => &["crv", "x"],
            _ => return None,
        };
        let missing = wanted.iter().find(|name| {
            key.get(**name)
                .and_then(Value::as_str)
                .is_none_or(str::is_empty)
        })?;
        Some(format!("a key of the kind {kty} has no {missing}"))
    });
    match lacking {
        Some(why) => Finding::new(false, expected, why),
        None => Finding::new(true, expected, format!("{} keys have theirs", set.len())),
    }
}
