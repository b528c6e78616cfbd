//! Makes the request of a case: the valid one, with what the case does to it.

use bytes::Bytes;
use serde_json::{Map, Value};
use thiserror::Error;

use super::form::{Form, Param};
use crate::assertion::{self, MakeError, Signer};
use crate::catalogue::template::Missing;
use crate::catalogue::{AssertionChange, AuthChange, Body, Encoding, Op, ParamValue, Query};
use crate::outcome::SentRequest;
use crate::secret::{base64, form_encode};

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

/// The valid request that a case begins with.
#[derive(Debug, Clone)]
pub struct Valid {
    /// Where it goes.
    pub url: String,
    /// `POST`, but for what is only read.
    pub method: &'static str,
    /// The parameters, without those of the client authentication.
    pub params: Vec<(String, String)>,
    /// The client identifier.
    pub client_id: String,
    /// The client secret.
    pub client_secret: Option<String>,
    /// With what the client signs assertions.
    pub signer: Signer,
    /// The client authentication method.
    pub auth: String,
    /// Further headers.
    pub headers: Vec<(String, String)>,
    /// The parameters stand in a JSON object instead of a form.
    pub json: bool,
}

/// A request could not be made.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BuildError {
    /// A template has no value.
    #[error("{0}")]
    Template(String),
    /// What the case is about cannot be done to this target's value.
    #[error("{0}")]
    NotApplicable(String),
    /// The case does something that cannot be done.
    #[error("{0}")]
    Impossible(String),
}

impl From<Missing> for BuildError {
    fn from(missing: Missing) -> Self {
        match missing {
            Missing::Value(_) => Self::Template(missing.to_string()),
            Missing::Unchanged { .. } => Self::NotApplicable(missing.to_string()),
        }
    }
}

impl From<MakeError> for BuildError {
    fn from(error: MakeError) -> Self {
        match error {
            MakeError::Template(missing) => missing.into(),
            MakeError::NotApplicable(why) => Self::NotApplicable(why),
            MakeError::Impossible(why) => Self::Impossible(why),
        }
    }
}

type Fill<'f> = &'f dyn Fn(&str) -> Result<String, Missing>;

/// The client authentication that a request carries.
struct Auth<'a> {
    signer: &'a Signer,
    changes: Vec<&'a AssertionChange>,
    /// The assertions so far.
    made: Vec<String>,
    method: String,
    id: String,
    secret: String,
    scheme: String,
    encoding: Encoding,
    twice: Option<String>,
}

impl<'a> Auth<'a> {
    fn new(valid: &'a Valid) -> Self {
        Self {
            signer: &valid.signer,
            changes: Vec::new(),
            made: Vec::new(),
            method: valid.auth.clone(),
            id: valid.client_id.clone(),
            secret: valid.client_secret.clone().unwrap_or_default(),
            scheme: "Basic".to_owned(),
            encoding: Encoding::Form,
            twice: None,
        }
    }

    fn change(&mut self, change: &AuthChange, fill: Fill<'_>) -> Result<(), BuildError> {
        let put = |place: &mut String, text: &Option<String>| -> Result<(), BuildError> {
            if let Some(text) = text {
                *place = fill(text)?;
            }
            Ok(())
        };
        put(&mut self.method, &change.method)?;
        put(&mut self.id, &change.id)?;
        put(&mut self.secret, &change.secret)?;
        put(&mut self.scheme, &change.scheme)?;
        if let Some(encoding) = change.encoding {
            self.encoding = encoding;
        }
        if let Some(twice) = &change.twice {
            self.twice = Some(fill(twice)?);
        }
        if change.none == Some(true) {
            self.method = String::new();
        }
        Ok(())
    }

    /// Adds what `method` needs to the form or the headers (RFC 6749 section 2.3.1, RFC 7521
    /// section 4.2).
    fn apply(
        &mut self,
        method: &str,
        form: &mut Form,
        headers: &mut Vec<(String, Vec<u8>)>,
        fill: Fill<'_>,
    ) -> Result<(), BuildError> {
        match method {
            "client_secret_basic" => {
                let part = |text: &str| match self.encoding {
                    Encoding::Form => form_encode(text.as_bytes()),
                    Encoding::Raw => text.to_owned(),
                };
                let pair = format!("{}:{}", part(&self.id), part(&self.secret));
                let value = format!("{} {}", self.scheme, base64(pair.as_bytes()));
                headers.push(("authorization".to_owned(), value.into_bytes()));
            }
            "client_secret_post" => {
                form.params.push(Param::text("client_id", &self.id));
                form.params.push(Param::text("client_secret", &self.secret));
            }
            method if assertion::is_method(method) => {
                let made = self
                    .signer
                    .make(method, &self.id, &self.secret, &self.changes, fill)?;
                form.params
                    .push(Param::text("client_assertion_type", assertion::TYPE));
                form.params.push(Param::text("client_assertion", &made));
                self.made.push(made);
            }
            "none" => form.params.push(Param::text("client_id", &self.id)),
            "" => {}
            other => {
                return Err(BuildError::Impossible(format!(
                    "`{other}` is no client authentication method"
                )));
            }
        }
        Ok(())
    }
}

/// The request that `ops` make of the valid one, in their order.
///
/// # Errors
/// Where a template has no value, or a change cannot be made.
pub fn build(valid: &Valid, ops: &[Op], fill: Fill<'_>) -> Result<SentRequest, BuildError> {
    let mut auth = Auth::new(valid);
    for op in ops {
        match op {
            Op::Auth(change) => auth.change(change, fill)?,
            Op::Assertion(change) => auth.changes.push(change),
            _ => {}
        }
    }
    let mut form = Form::default();
    let mut headers: Vec<(String, Vec<u8>)> = valid
        .headers
        .iter()
        .map(|(name, value)| (name.clone(), value.clone().into_bytes()))
        .collect();
    let methods = [Some(auth.method.clone()), auth.twice.clone()];
    for method in methods.into_iter().flatten() {
        auth.apply(&method, &mut form, &mut headers, fill)?;
    }
    if auth.made.is_empty() && !auth.changes.is_empty() {
        return Err(BuildError::Impossible(format!(
            "`{}` sends no assertion that could be changed",
            auth.method
        )));
    }
    for (name, value) in &valid.params {
        form.params.push(Param::text(name, value));
    }
    let mut draft = Draft {
        form,
        query: Vec::new(),
        method: valid.method.to_owned(),
        content_type: Some(if valid.json { JSON } else { FORM }.to_owned()),
        headers,
        json: valid.json,
        body: None,
    };
    for op in ops {
        draft.apply(op, fill)?;
    }
    let mut request = draft.finish(valid);
    request.assertions = auth.made;
    Ok(request)
}

struct Draft {
    form: Form,
    query: Vec<Param>,
    method: String,
    content_type: Option<String>,
    headers: Vec<(String, Vec<u8>)>,
    /// Without a body of the case's own, the parameters are written as a JSON object.
    json: bool,
    body: Option<Vec<u8>>,
}

impl Draft {
    fn apply(&mut self, op: &Op, fill: Fill<'_>) -> Result<(), BuildError> {
        match op {
            Op::Auth(_) | Op::Assertion(_) => {}
            Op::Set(params) => {
                for (name, value) in params {
                    self.form.set(param(name, value, fill)?);
                }
            }
            Op::Append(params) => {
                for (name, value) in params {
                    self.form.params.push(param(name, value, fill)?);
                }
            }
            Op::Prepend(params) => {
                for (index, (name, value)) in params.iter().enumerate() {
                    self.form.params.insert(index, param(name, value, fill)?);
                }
            }
            Op::Remove(names) => {
                for name in names {
                    let name = fill(name)?;
                    self.form.params.retain(|param| param.name != name);
                }
            }
            Op::Blank(names) => {
                for name in names {
                    self.form.set(Param::text(&fill(name)?, ""));
                }
            }
            Op::Rename(names) => {
                for (from, to) in names {
                    let (from, to) = (fill(from)?, fill(to)?);
                    for param in &mut self.form.params {
                        if param.name == from {
                            param.name.clone_from(&to);
                        }
                    }
                }
            }
            Op::Duplicate(names) => {
                for name in names {
                    let name = fill(name)?;
                    let Some(first) = self.form.get(&name).cloned() else {
                        return Err(BuildError::Impossible(format!(
                            "the request has no `{name}` that could be sent twice"
                        )));
                    };
                    self.form.params.push(first);
                }
            }
            Op::Query(query) => self.move_to_query(query, fill)?,
            Op::Method(method) => self.method = fill(method)?,
            Op::ContentType(media) => {
                self.content_type = match media {
                    Some(text) => Some(fill(text)?),
                    None => None,
                };
            }
            Op::Header(headers) => {
                for (name, value) in headers {
                    let (name, value) = (fill(name)?.to_ascii_lowercase(), fill(value)?);
                    self.headers.push((name, value.into_bytes()));
                }
            }
            Op::Body(body) => self.set_body(body, fill)?,
        }
        Ok(())
    }

    fn move_to_query(&mut self, query: &Query, fill: Fill<'_>) -> Result<(), BuildError> {
        let filled = |names: &[String]| -> Result<Vec<String>, BuildError> {
            names.iter().map(|name| Ok(fill(name)?)).collect()
        };
        let (moved, copied) = (filled(&query.moved)?, filled(&query.copy)?);
        let meant = |names: &[String], param: &Param| {
            names.iter().any(|name| name == "*" || *name == param.name)
        };
        for param in &self.form.params {
            if meant(&moved, param) || meant(&copied, param) {
                self.query.push(param.clone());
            }
        }
        self.form.params.retain(|param| !meant(&moved, param));
        Ok(())
    }

    fn set_body(&mut self, body: &Body, fill: Fill<'_>) -> Result<(), BuildError> {
        if body.json == Some(true) {
            self.body = Some(as_json(&self.form));
            self.content_type = Some(JSON.to_owned());
        }
        if body.form == Some(true) {
            self.body = Some(self.form.encode());
            self.content_type = Some(FORM.to_owned());
        }
        if let Some(text) = &body.text {
            self.body = Some(fill(text)?.into_bytes());
        }
        if let Some(text) = &body.bytes {
            self.body = Some(hexadecimal(text)?);
        }
        Ok(())
    }

    fn finish(self, valid: &Valid) -> SentRequest {
        let mut url = valid.url.clone();
        if !self.query.is_empty() {
            let query = Form { params: self.query }.encode();
            url.push(if url.contains('?') { '&' } else { '?' });
            url.push_str(&String::from_utf8_lossy(&query));
        }
        let form = self.form.decoded();
        let without_body =
            matches!(self.method.as_str(), "GET" | "HEAD") && self.form.params.is_empty();
        let body = match self.body {
            Some(body) => Some(body),
            None if without_body => None,
            None if self.json => Some(as_json(&self.form)),
            None => Some(self.form.encode()),
        };
        let mut headers = self.headers;
        if let (Some(media), true) = (self.content_type, body.is_some()) {
            headers.insert(0, ("content-type".to_owned(), media.into_bytes()));
        }
        SentRequest {
            method: self.method,
            url,
            headers,
            body: body.map(Bytes::from),
            form,
            assertions: Vec::new(),
        }
    }
}

/// The parameters as a JSON object of texts.
fn as_json(form: &Form) -> Vec<u8> {
    let object: Map<String, Value> = form
        .decoded()
        .into_iter()
        .map(|(name, value)| (name, Value::String(value)))
        .collect();
    Value::Object(object).to_string().into_bytes()
}

fn param(name: &str, value: &ParamValue, fill: Fill<'_>) -> Result<Param, BuildError> {
    let name = fill(name)?;
    let special = match value {
        ParamValue::Text(text) => return Ok(Param::text(&name, &fill(text)?)),
        ParamValue::Special(special) => special,
    };
    let value = if let Some(raw) = &special.raw {
        fill(raw)?.into_bytes()
    } else if let Some(bytes) = &special.bytes {
        form_encode(&hexadecimal(bytes)?).into_bytes()
    } else if let Some(text) = &special.fill {
        let text = fill(text)?.repeat(special.times.unwrap_or(1));
        form_encode(text.as_bytes()).into_bytes()
    } else {
        return Err(BuildError::Impossible(format!(
            "`{name}` has neither `raw` nor `bytes` nor `fill`"
        )));
    };
    Ok(Param { name, value })
}

fn hexadecimal(text: &str) -> Result<Vec<u8>, BuildError> {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(16)).collect();
    if digits.len() != text.chars().count() || !digits.len().is_multiple_of(2) {
        return Err(BuildError::Impossible(format!(
            "`{text}` is no even number of hexadecimal digits"
        )));
    }
    Ok(digits
        .chunks(2)
        .map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap_or_default())
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{Request, template};

    fn valid(auth: &str) -> Valid {
        Valid {
            url: "http://as.example/token".into(),
            method: "POST",
            params: vec![
                ("grant_type".into(), "authorization_code".into()),
                ("code".into(), "a b".into()),
            ],
            client_id: "id:1".into(),
            client_secret: Some("s+ %".into()),
            signer: Signer::default(),
            auth: auth.into(),
            headers: Vec::new(),
            json: false,
        }
    }

    fn sent(auth: &str, ops: &str) -> SentRequest {
        let request: Request = toml::from_str(ops).unwrap();
        build(&valid(auth), &request.ops, &|text| {
            template::fill(text, |name| Some(format!("<{name}>")))
        })
        .unwrap()
    }

    fn body(request: &SentRequest) -> String {
        String::from_utf8(request.body.clone().unwrap().to_vec()).unwrap()
    }

    #[test]
    fn credentials_are_form_encoded_before_base64() {
        let request = sent("client_secret_basic", "");
        let (name, value) = &request.headers[1];
        assert_eq!(name, "authorization");
        assert_eq!(
            value,
            format!("Basic {}", base64(b"id%3A1:s%2B+%25")).as_bytes()
        );
        assert_eq!(body(&request), "grant_type=authorization_code&code=a+b");
    }

    #[test]
    fn order_and_repetition_are_kept() {
        let request = sent(
            "client_secret_post",
            "duplicate = ['code']\nappend = { code = 'x' }\nprepend = { a = '1', b = '2' }",
        );
        assert_eq!(
            body(&request),
            "a=1&b=2&client_id=id%3A1&client_secret=s%2B+%25\
             &grant_type=authorization_code&code=a+b&code=a+b&code=x"
        );
    }

    #[test]
    fn changes_apply_in_the_order_in_which_they_are_written() {
        let request = sent("none", "remove = ['code']\nappend = { code = 'new' }");
        assert_eq!(
            body(&request),
            "client_id=id%3A1&grant_type=authorization_code&code=new"
        );
        let request = sent("none", "append = { code = 'new' }\nremove = ['code']");
        assert_eq!(
            body(&request),
            "client_id=id%3A1&grant_type=authorization_code"
        );
    }

    #[test]
    fn any_byte_can_be_sent() {
        let request = sent(
            "none",
            "set = { code = { raw = '%zz%00' }, x = { bytes = 'fffe' }, y = { fill = 'ab', times = 3 } }",
        );
        assert_eq!(
            body(&request),
            "client_id=id%3A1&grant_type=authorization_code&code=%zz%00&x=%FF%FE&y=ababab"
        );
    }

    #[test]
    fn parameters_move_to_the_query() {
        let request = sent("none", "query = { move = ['*'] }\nmethod = 'GET'");
        assert!(request.body.is_none());
        assert_eq!(
            request.url,
            "http://as.example/token?client_id=id%3A1&grant_type=authorization_code&code=a+b"
        );
    }

    #[test]
    fn a_json_body_and_no_content_type() {
        let request = sent("none", "body = { json = true }");
        assert_eq!(
            body(&request),
            r#"{"client_id":"id:1","grant_type":"authorization_code","code":"a b"}"#
        );
        let request = sent("none", "content-type = false");
        assert!(request.headers.is_empty());
    }

    #[test]
    fn a_request_in_json_keeps_what_is_done_to_it() {
        let valid = Valid {
            json: true,
            ..valid("client_secret_post")
        };
        let sent = |ops: &str| {
            let request: Request = toml::from_str(ops).unwrap();
            build(&valid, &request.ops, &|text| Ok(text.to_owned())).unwrap()
        };
        let request = sent("set = { code = 'x' }\nremove = ['client_secret']");
        assert_eq!(
            body(&request),
            r#"{"client_id":"id:1","grant_type":"authorization_code","code":"x"}"#
        );
        assert_eq!(request.headers[0].1, b"application/json");
        let request = sent("remove = ['code']\nbody = { form = true }");
        assert_eq!(
            body(&request),
            "client_id=id%3A1&client_secret=s%2B+%25&grant_type=authorization_code"
        );
        assert_eq!(request.headers[0].1, b"application/x-www-form-urlencoded");
    }

    #[test]
    fn authentication_can_be_taken_away_and_doubled() {
        let request = sent("client_secret_post", "auth = { none = true }");
        assert_eq!(body(&request), "grant_type=authorization_code&code=a+b");
        let request = sent("client_secret_basic", "auth.twice = 'client_secret_post'");
        assert!(body(&request).starts_with("client_id=id%3A1&client_secret="));
        assert_eq!(request.headers.len(), 2);
        let request = sent("client_secret_basic", "auth.scheme = 'basic'");
        assert!(request.headers[1].1.starts_with(b"basic "));
    }
}
