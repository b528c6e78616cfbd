//! Rules for headers: challenges, media types, cache directives.

use super::{Finding, Response, describe, json};
use crate::catalogue::{HeaderMatcher, HeaderRule};

/// Whether a header is what the matcher says, over all its field lines.
pub fn judge(name: &str, matcher: &HeaderMatcher, response: &Response) -> Finding {
    let lines = response.header(name);
    let actual = if lines.is_empty() {
        format!("no {name}")
    } else {
        format!("{name}: {}", describe::short(&lines.join(", ")))
    };
    match matcher {
        HeaderMatcher::Equals(value) => Finding::new(
            matches!(lines.as_slice(), [only] if only == value),
            format!("{name}: {value}"),
            actual,
        ),
        HeaderMatcher::Rule(rule) => {
            let expected = phrase(name, rule);
            if lines.is_empty() {
                let fine = rule.present == Some(false) || rule.optional;
                return Finding::new(fine, expected, actual);
            }
            if rule.present == Some(false) {
                return Finding::new(false, expected, actual);
            }
            match holds(rule, &lines) {
                Ok(holds) => Finding::new(holds, expected, actual),
                Err(why) => Finding::unknown(expected, why),
            }
        }
    }
}

fn holds(rule: &HeaderRule, lines: &[String]) -> Result<bool, String> {
    if let Some(schemes) = &rule.scheme {
        let found = challenges(lines);
        let wanted = |scheme: &String| {
            schemes
                .as_slice()
                .iter()
                .any(|known| known == "*" || known.eq_ignore_ascii_case(scheme))
        };
        if !found.is_some_and(|found| found.iter().any(wanted)) {
            return Ok(false);
        }
    }
    let has = |item: &String| {
        elements(lines)
            .iter()
            .any(|known| known.eq_ignore_ascii_case(item))
    };
    if rule
        .directive
        .as_ref()
        .is_some_and(|directive| !has(directive))
    {
        return Ok(false);
    }
    if rule.contains.as_ref().is_some_and(|item| !has(item)) {
        return Ok(false);
    }
    if rule.media_type.is_some() || rule.charset.is_some() {
        let [line] = lines else { return Ok(false) };
        let (media, parameters) = media_type(line);
        if rule
            .media_type
            .as_ref()
            .is_some_and(|wanted| !media.eq_ignore_ascii_case(wanted))
        {
            return Ok(false);
        }
        if let Some(charset) = &rule.charset {
            let found = parameters.iter().any(|(name, value)| {
                name.eq_ignore_ascii_case("charset") && value.eq_ignore_ascii_case(charset)
            });
            if !found {
                return Ok(false);
            }
        }
    }
    if let Some(pattern) = &rule.pattern
        && !json::whole(pattern)?.is_match(&lines.join(", "))
    {
        return Ok(false);
    }
    Ok(true)
}

/// The rule in a few words.
pub fn phrase(name: &str, rule: &HeaderRule) -> String {
    let mut parts = Vec::new();
    if let Some(schemes) = &rule.scheme {
        let all = schemes.as_slice().join(" or ");
        parts.push(if all == "*" {
            "with a challenge".to_owned()
        } else {
            format!("with a challenge of the scheme {all}")
        });
    }
    for item in [&rule.directive, &rule.contains].into_iter().flatten() {
        parts.push(format!("with {item}"));
    }
    if let Some(media) = &rule.media_type {
        parts.push(media.clone());
    }
    if let Some(charset) = &rule.charset {
        parts.push(format!("charset={charset}"));
    }
    if let Some(pattern) = &rule.pattern {
        parts.push(format!("matching {pattern}"));
    }
    match rule.present {
        Some(false) => format!("no {name}"),
        _ if rule.optional => format!("{name}, if there, {}", parts.join(" ")),
        _ => format!("{name} {}", parts.join(" ")).trim_end().to_owned(),
    }
}

/// The comma-separated elements of all field lines (RFC 9110 section 5.6.1); quoted texts stay
/// whole.
fn elements(lines: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for line in lines {
        let mut element = String::new();
        let mut quoted = false;
        let mut escaped = false;
        for c in line.chars() {
            match c {
                _ if escaped => escaped = false,
                '\\' if quoted => escaped = true,
                '"' => quoted = !quoted,
                ',' if !quoted => {
                    found.push(std::mem::take(&mut element));
                    continue;
                }
                _ => {}
            }
            element.push(c);
        }
        found.push(element);
    }
    found
        .into_iter()
        .map(|element| element.trim().to_owned())
        .filter(|element| !element.is_empty())
        .collect()
}

/// The schemes of the challenges (RFC 9110 section 11.6.1); none where they do not parse.
///
/// Challenges and their parameters are separated by the same comma: an element that begins with a
/// token and is no `name=value` begins a challenge.
fn challenges(lines: &[String]) -> Option<Vec<String>> {
    if lines.iter().any(|line| has_open_quote(line)) {
        return None;
    }
    let mut schemes = Vec::new();
    for element in elements(lines) {
        let (first, rest) = match element.split_once([' ', '\t']) {
            Some((first, rest)) => (first, rest.trim_start()),
            None => (element.as_str(), ""),
        };
        let parameter = first.contains('=') || rest.starts_with('=');
        if parameter {
            // A parameter before any challenge belongs to nothing.
            if schemes.is_empty() {
                return None;
            }
            continue;
        }
        if !is_token(first) {
            return None;
        }
        schemes.push(first.to_owned());
    }
    (!schemes.is_empty()).then_some(schemes)
}

/// Whether a quoted text begins that does not end (RFC 9110 section 5.6.4).
fn has_open_quote(line: &str) -> bool {
    let mut quoted = false;
    let mut escaped = false;
    for c in line.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => {}
        }
    }
    quoted
}

/// Whether the text is a token (RFC 9110 section 5.6.2).
fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

/// A media type and its parameters (RFC 9110 section 8.3.1).
fn media_type(line: &str) -> (String, Vec<(String, String)>) {
    let mut parts = line.split(';').map(str::trim);
    let media = parts.next().unwrap_or_default().to_owned();
    let parameters = parts
        .filter_map(|part| part.split_once('='))
        .map(|(name, value)| {
            (
                name.trim().to_owned(),
                value.trim().trim_matches('"').to_owned(),
            )
        })
        .collect();
    (media, parameters)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(lines: &[&str]) -> Vec<String> {
        lines.iter().map(|line| (*line).to_owned()).collect()
    }

    #[test]
    fn challenges_are_told_from_their_parameters() {
        let parse = |line: &str| challenges(&lines(&[line]));
        assert_eq!(parse("Basic"), Some(lines(&["Basic"])));
        assert_eq!(
            parse("Basic realm=\"a, b\", charset=\"UTF-8\""),
            Some(lines(&["Basic"]))
        );
        assert_eq!(
            parse("Basic realm=\"x\", Bearer error=\"invalid_token\""),
            Some(lines(&["Basic", "Bearer"]))
        );
        assert_eq!(parse("realm=\"x\""), None);
        assert_eq!(parse(""), None);
        assert_eq!(parse("\"Basic\""), None);
        assert_eq!(parse("Basic realm=\"clients"), None);
        assert_eq!(parse("Basic realm=\"a\\\"b\""), Some(lines(&["Basic"])));
        assert_eq!(
            challenges(&lines(&["Bearer", "basic realm=x"])),
            Some(lines(&["Bearer", "basic"]))
        );
    }

    #[test]
    fn directives_are_found_in_any_case_and_place() {
        let rule = HeaderRule {
            directive: Some("no-store".into()),
            ..HeaderRule::default()
        };
        assert_eq!(holds(&rule, &lines(&["private, No-Store"])), Ok(true));
        assert_eq!(holds(&rule, &lines(&["private", "no-store"])), Ok(true));
        assert_eq!(holds(&rule, &lines(&["no-stored"])), Ok(false));
        assert_eq!(holds(&rule, &lines(&["x=\"no-store, a\""])), Ok(false));
    }

    #[test]
    fn media_types_are_compared_without_regard_to_case() {
        let rule = HeaderRule {
            media_type: Some("application/json".into()),
            charset: Some("utf-8".into()),
            ..HeaderRule::default()
        };
        for (line, wanted) in [
            ("application/json;charset=UTF-8", true),
            ("Application/JSON; Charset=\"utf-8\"", true),
            ("application/json", false),
            ("text/html;charset=utf-8", false),
        ] {
            assert_eq!(holds(&rule, &lines(&[line])), Ok(wanted), "{line}");
        }
    }
}
