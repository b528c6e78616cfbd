//! Values that nobody can guess (RFC 6749 10.10).

use aws_lc_rs::rand;
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};

use super::SigningFailed;

/// That many random bytes in the base64url alphabet.
pub(crate) fn opaque(bytes: usize) -> Result<String, SigningFailed> {
    let mut random = vec![0; bytes];
    rand::fill(&mut random)?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(random))
}

/// A UUID of version 4.
pub(crate) fn uuid() -> Result<String, SigningFailed> {
    let mut random = [0; 16];
    rand::fill(&mut random)?;
    let bits = u128::from_be_bytes(random);
    let bits = bits & !(0xf << 76) | 0x4 << 76;
    let bits = bits & !(0b11 << 62) | 0b10 << 62;
    let hex = format!("{bits:032x}");
    Ok([
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ]
    .join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_says_its_version_and_variant() {
        let uuid = uuid().unwrap();
        assert_eq!(uuid.len(), 36);
        assert_eq!(&uuid[14..15], "4");
        assert!(matches!(&uuid[19..20], "8" | "9" | "a" | "b"), "{uuid}");
        assert!([8, 13, 18, 23].iter().all(|at| &uuid[*at..=*at] == "-"));
    }

    #[test]
    fn an_opaque_value_has_the_characters_that_its_bytes_need() {
        assert_eq!(opaque(32).unwrap().len(), 43);
        assert_eq!(opaque(96).unwrap().len(), 128);
        assert_ne!(opaque(16).unwrap(), opaque(16).unwrap());
    }
}
