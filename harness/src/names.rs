//! Names of targets and trials as names of files: whatever they are, they lead nowhere else.

use sha2::{Digest as _, Sha256};

/// How long a name may be: file systems take 255 bytes, and an ending follows.
const LONGEST: usize = 160;
/// Names that are devices on some systems, with any ending.
const DEVICES: &[&str] = &["con", "prn", "aux", "nul"];

/// A part of a trial's name as a file's name, which cannot lead out of its folder.
#[must_use]
pub fn file_name(part: &str) -> String {
    let mut name: String = part
        .chars()
        .map(|c| match c {
            c if c.is_ascii_alphanumeric() => c,
            '-' | '_' | '.' | '[' | ']' | ',' | '@' => c,
            _ => '-',
        })
        .collect();
    if name.len() > LONGEST {
        // It is ASCII by now.
        name.truncate(LONGEST);
        name = format!("{name}-{}", mark(part));
    }
    if name.chars().all(|c| c == '.') || is_device(&name) {
        format!("_{name}")
    } else {
        name
    }
}

/// The folder of a target: one for each, however alike their names are as files.
#[must_use]
pub fn folder_name(target: &str) -> String {
    let name = file_name(target);
    if name == target || name.len() > LONGEST {
        name
    } else {
        format!("{name}-{}", mark(target))
    }
}

fn is_device(name: &str) -> bool {
    let stem = name
        .split('.')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let numbered = |kind: &str| {
        let rest = stem.strip_prefix(kind).unwrap_or_default();
        rest.len() == 1 && rest.bytes().all(|byte| byte.is_ascii_digit())
    };
    DEVICES.contains(&stem.as_str()) || numbered("com") || numbered("lpt")
}

/// Eight digits that tell names apart.
fn mark(text: &str) -> String {
    Sha256::digest(text.as_bytes())
        .iter()
        .take(4)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_name_in_its_folder() {
        let long = "x".repeat(5000);
        for name in [
            "",
            ".",
            "..",
            "../x",
            "/etc/x",
            "a/../../b",
            "a\0b",
            "a\nb",
            "CON",
            "nul.txt",
            "COM1",
            "C:\\x",
            "ä",
            "\u{202e}x",
            "~",
            "-rf",
            &long,
        ] {
            for made in [file_name(name), folder_name(name)] {
                assert!(made.len() < 200 && !made.is_empty(), "{name}: {made}");
                assert!(!made.chars().all(|c| c == '.'), "{name}: {made}");
                assert!(
                    !made.contains(['/', '\\', '\0', '\n', ':']),
                    "{name}: {made}"
                );
                assert!(!is_device(&made), "{name}: {made}");
            }
        }
        assert_eq!(
            file_name("wrong-verifier[that-is-another]"),
            "wrong-verifier[that-is-another]"
        );
        assert_eq!(folder_name("staging"), "staging");
    }

    #[test]
    fn targets_do_not_share_a_folder() {
        let long = |end: &str| format!("{}{end}", "x".repeat(300));
        for (one, other) in [
            ("a/b".into(), "a-b".into()),
            ("a/b".into(), "a:b".into()),
            (long("1"), long("2")),
        ] {
            let (one, other): (String, String) = (one, other);
            assert_ne!(folder_name(&one), folder_name(&other), "{one} {other}");
        }
    }
}
