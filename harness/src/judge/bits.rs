//! How many random bits a text can hold at the most: its length times what one of its characters
//! can tell, in the smallest usual alphabet that has all of them.
//!
//! It never says too little of a text that was made at random, so that what does not hold enough
//! can be guessed for certain. What it says enough of may still be guessable.

/// At most so many bits.
#[must_use]
pub fn at_most(text: &str) -> u32 {
    let all = |belongs: fn(char) -> bool| text.chars().all(belongs);
    // The hyphens of a UUID stand in fixed places.
    let (characters, each): (usize, f64) = if all(|c| c.is_ascii_digit()) {
        (text.len(), 10_f64.log2())
    } else if all(|c| c.is_ascii_hexdigit() || c == '-') {
        (text.chars().filter(|c| *c != '-').count(), 4.0)
    } else if all(|c| c.is_ascii_digit() || c.is_ascii_lowercase())
        || all(|c| c.is_ascii_digit() || c.is_ascii_uppercase())
    {
        (text.len(), 36_f64.log2())
    } else if all(|c| c.is_ascii_alphanumeric()) {
        (text.len(), 62_f64.log2())
    } else if all(|c| c.is_ascii_alphanumeric() || "-_+/=".contains(c)) {
        (text.len(), 6.0)
    } else {
        (text.chars().count(), 94_f64.log2())
    };
    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "no text of a response is so long"
    )]
    let bits = (characters as f64 * each) as u32;
    bits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_128_random_bits_are_written_in_holds_them() {
        for text in [
            "5f0c2a9e41d74b3c8a6d9e0f1b2c3d4e",
            "5f0c2a9e-41d7-4b3c-8a6d-9e0f1b2c3d4e",
            "XwwqnkHXSzyKbZ4PGyw9Tg",
            "k3x8w0q2z7v5n1m4b6c9p8r2t",
            "340282366920938463463374607431768211455",
        ] {
            assert!(at_most(text) >= 128, "{text}");
        }
        for text in [
            "",
            "7f3a91c2",
            "XwwqnkHXSzyKbZ4",
            "123456",
            "5f0c2a9e41d74b3c",
        ] {
            assert!(at_most(text) < 128, "{text}");
        }
    }

    #[test]
    fn sixteen_octets_do_not_hold_160_bits() {
        assert!(at_most("XwwqnkHXSzyKbZ4PGyw9Tg") < 160);
        assert!(at_most("XwwqnkHXSzyKbZ4PGyw9TgAAAAA") >= 160);
    }
}
