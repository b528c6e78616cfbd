//! A form as a list of pairs, where order and repetition matter, in the bytes of the wire.

use crate::secret::form_encode;

/// One parameter as it stands on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Param {
    /// Its name, not encoded.
    pub name: String,
    /// Its value, encoded.
    pub value: Vec<u8>,
}

impl Param {
    /// A parameter with this text as its value.
    #[must_use]
    pub fn text(name: &str, value: &str) -> Self {
        Self {
            name: name.to_owned(),
            value: form_encode(value.as_bytes()).into_bytes(),
        }
    }
}

/// `application/x-www-form-urlencoded` (RFC 6749 appendix B).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form {
    /// Its parameters, in their order.
    pub params: Vec<Param>,
}

impl Form {
    /// Gives a parameter this value, in its place; a new one comes last.
    pub fn set(&mut self, param: Param) {
        match self
            .params
            .iter_mut()
            .find(|known| known.name == param.name)
        {
            Some(known) => known.value = param.value,
            None => self.params.push(param),
        }
    }

    /// The first parameter of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Param> {
        self.params.iter().find(|param| param.name == name)
    }

    /// The bytes of the wire.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for param in &self.params {
            if !bytes.is_empty() {
                bytes.push(b'&');
            }
            bytes.extend_from_slice(form_encode(param.name.as_bytes()).as_bytes());
            bytes.push(b'=');
            bytes.extend_from_slice(&param.value);
        }
        bytes
    }

    /// Names and values as texts; what is no UTF-8 is replaced.
    #[must_use]
    pub fn decoded(&self) -> Vec<(String, String)> {
        self.params
            .iter()
            .map(|param| {
                let spaced: Vec<u8> = param
                    .value
                    .iter()
                    .map(|&byte| if byte == b'+' { b' ' } else { byte })
                    .collect();
                let value = percent_encoding::percent_decode(&spaced)
                    .decode_utf8_lossy()
                    .into_owned();
                (param.name.clone(), value)
            })
            .collect()
    }
}
