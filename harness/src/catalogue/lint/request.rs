//! What a case does to a request.

use super::super::parsed::At;
use super::super::shape::remedy;
use super::super::{AssertionChange, Body, ForEach, Op, ParamValue, Request, SpecialValue};
use super::{Lint, METHODS};
use crate::assertion::is_method;

impl Lint<'_, '_> {
    /// The mistakes of the case's request, and of those of its steps.
    pub(super) fn requests(&mut self) {
        let case = self.case;
        self.request(&["request".into()], &case.request, &[]);
        let mut names: Vec<&str> = Vec::new();
        for (at, step) in case.step.iter().enumerate() {
            let path = ["step".into(), at.into(), "request".into()];
            self.request(&path, &step.request, &names);
            names.push(&step.name);
        }
    }

    fn request(&mut self, path: &[At], request: &Request, names: &[&str]) {
        for text in request.templates() {
            self.template(path, text, names);
        }
        if let Some(step) = &request.same_as {
            self.earlier_step(path, step, names);
        }
        for op in &request.ops {
            match op {
                Op::Set(params) | Op::Append(params) | Op::Prepend(params) => {
                    for (name, value) in params {
                        if let ParamValue::Special(special) = value {
                            self.special(path, name, special);
                        }
                    }
                }
                Op::Body(Body {
                    bytes: Some(bytes), ..
                }) => self.hexadecimal(path, bytes),
                Op::Auth(auth) => {
                    let path: Vec<At> = path.iter().cloned().chain(["auth".into()]).collect();
                    for method in [&auth.method, &auth.twice].into_iter().flatten() {
                        self.method(&path, method);
                    }
                }
                Op::Assertion(change) => self.assertion(path, change),
                _ => {}
            }
        }
    }

    /// A change to the assertion needs a client that sends one.
    fn assertion(&mut self, path: &[At], change: &AssertionChange) {
        let path: Vec<At> = path.iter().cloned().chain(["assertion".into()]).collect();
        let sends_one = self.case.for_each == Some(ForEach::AssertionMethod)
            || self.case.client.auth.as_deref().is_some_and(is_method);
        if !sends_one {
            self.tell(
                &path,
                "no-assertion",
                "the client of this case need not send an assertion",
                Some(
                    "add `for-each = \"assertion-method\"`, or `client = { auth = \"private_key_jwt\" }`"
                        .into(),
                ),
            );
        }
        for span in change.from_now.values() {
            let text = span.strip_prefix('-').unwrap_or(span);
            if !text.contains("{{") && humantime::parse_duration(text).is_err() {
                self.tell_of(
                    &path,
                    &format!("\"{span}\""),
                    "bad-duration",
                    format!("`{span}` is no duration"),
                    Some("write it as `10min`, or `-10min` for a time that has passed".into()),
                );
            }
        }
    }

    /// A value that a text cannot say is said in one way.
    fn special(&mut self, path: &[At], name: &str, special: &SpecialValue) {
        let ways = [
            special.raw.is_some(),
            special.bytes.is_some(),
            special.fill.is_some(),
        ];
        let said = ways.iter().filter(|said| **said).count();
        if said != 1 || (special.times.is_some() && special.fill.is_none()) {
            self.tell_of(
                path,
                &format!("{name} ="),
                "bad-value",
                if said > 1 {
                    format!("the value of `{name}` is said in {said} ways")
                } else {
                    format!("the value of `{name}` is not said")
                },
                Some(
                    "write `{ raw = \"%00\" }`, `{ bytes = \"fffe\" }` or \
                     `{ fill = \"a\", times = 100 }`"
                        .into(),
                ),
            );
        }
        if let Some(bytes) = &special.bytes {
            self.hexadecimal(path, bytes);
        }
    }

    fn hexadecimal(&mut self, path: &[At], bytes: &str) {
        if !bytes.len().is_multiple_of(2) || !bytes.chars().all(|c| c.is_ascii_hexdigit()) {
            self.tell_of(
                path,
                &format!("\"{bytes}\""),
                "bad-bytes",
                format!("`{bytes}` is no hexadecimal"),
                Some("write two hexadecimal digits for each byte, as `fffe`".into()),
            );
        }
    }

    /// A client authentication method; a template is filled in later.
    pub(super) fn method(&mut self, path: &[At], method: &str) {
        if !METHODS.contains(&method) && !method.contains("{{") {
            self.tell_of(
                path,
                &format!("\"{method}\""),
                "unknown-method",
                format!("`{method}` is no client authentication method that tokenspec knows"),
                Some(remedy(method, METHODS)),
            );
        }
    }
}
