//! JSON that misleads nobody who reads it as it is: what a terminal would obey, what turns the
//! direction of text, and what cannot be seen is written as its number (RFC 8259 section 7). Who
//! parses it gets the same value.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter};

use super::hostile::misleads;

/// Writes a value over several lines, with a line end.
///
/// # Errors
/// Where it cannot be written.
pub(crate) fn write(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let harmless = Harmless(PrettyFormatter::new());
    value.serialize(&mut Serializer::with_formatter(&mut *out, harmless))?;
    out.write_all(b"\n")
}

/// A value over several lines.
///
/// # Errors
/// Where it is nothing that JSON can say.
pub(crate) fn pretty(value: &impl Serialize) -> Result<String, String> {
    text(value, PrettyFormatter::new())
}

/// A value on one line.
///
/// # Errors
/// Where it is nothing that JSON can say.
pub(crate) fn compact(value: &impl Serialize) -> Result<String, String> {
    text(value, CompactFormatter)
}

fn text(value: &impl Serialize, formatter: impl Formatter) -> Result<String, String> {
    let mut bytes = Vec::new();
    value
        .serialize(&mut Serializer::with_formatter(
            &mut bytes,
            Harmless(formatter),
        ))
        .map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|error| error.to_string())
}

/// A formatter with every text made harmless.
struct Harmless<F>(F);

/// Below this byte, what `serde_json` writes of a text is harmless: it escapes the control
/// characters of ASCII but this one.
const DELETE: u8 = 0x7f;

impl<F: Formatter> Formatter for Harmless<F> {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        // Nearly every text is ASCII, and its bytes are quickly looked through.
        let highest = fragment.bytes().fold(0, u8::max);
        if highest < DELETE {
            return writer.write_all(fragment.as_bytes());
        }
        let mut written = 0;
        for (at, c) in fragment.char_indices().filter(|(_, c)| misleads(*c)) {
            writer.write_all(&fragment.as_bytes()[written..at])?;
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            written = at + c.len_utf8();
        }
        writer.write_all(&fragment.as_bytes()[written..])
    }

    // What the formatter within may do in its own way.

    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.0.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn end_object_key<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_key(writer)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    /// What the issue is about, and what stands beside it and is harmless.
    fn hostile() -> String {
        let numbers = (0x00..=0x20)
            .chain(0x7e..=0xae)
            .chain([0x61b, 0x61c, 0x180e])
            .chain(0x2000..=0x2070)
            .chain([0xfeff, 0xfff9, 0x1_f600, 0xe_0001, 0xe_0041, 0x10_ffff]);
        numbers.filter_map(char::from_u32).collect()
    }

    #[test]
    fn the_value_stays_and_nothing_misleads() {
        let text = hostile();
        let value =
            json!({ text.as_str(): [text, "ü \u{1f600} \\ \" plain", 1, null, {}], "a": {} });
        for written in [pretty(&value).unwrap(), compact(&value).unwrap()] {
            assert_eq!(serde_json::from_str::<Value>(&written).unwrap(), value);
            let left = written.chars().find(|c| *c != '\n' && misleads(*c));
            assert_eq!(left, None, "{written}");
        }
    }

    #[test]
    fn what_misleads_nobody_is_written_as_by_others() {
        let value = json!({ "a": ["ü – \u{1f600} \\ \" \n\t/", {}, [], 0.5], "b": { "c": null } });
        assert_eq!(
            pretty(&value),
            serde_json::to_string_pretty(&value).map_err(|e| e.to_string())
        );
        assert_eq!(compact(&value), Ok(value.to_string()));
        let mut out = Vec::new();
        write(&value, &mut out).unwrap();
        assert_eq!(out, (pretty(&value).unwrap() + "\n").into_bytes());
    }

    #[test]
    fn numbers_are_those_of_utf_16() {
        assert_eq!(
            compact(&"a\u{202e}b\u{7f}\u{e0041}").unwrap(),
            r#""a\u202eb\u007f\udb40\udc41""#
        );
    }
}
