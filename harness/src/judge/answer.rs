//! Whole answers: status, members, headers, JWTs and body of one response together.

use super::{Finding, Response, Situation, cut, describe, header, json, jwt};
use crate::catalogue::Answer;

/// Whether the response is this answer; the first part that is not speaks.
#[must_use]
pub fn judge_answer(answer: &Answer, response: &Response, situation: &Situation<'_>) -> Finding {
    let mut findings = Vec::new();
    if let Some(status) = &answer.status {
        let all: Vec<String> = status.as_slice().iter().map(u16::to_string).collect();
        findings.push(Finding::new(
            status.as_slice().contains(&response.observation.status),
            format!("status {}", all.join(" or ")),
            describe::response(response),
        ));
    }
    if let Some(body) = &answer.body {
        let finding = Finding::new(
            response.observation.body.as_ref() == body.as_bytes(),
            if body.is_empty() {
                "no body".to_owned()
            } else {
                format!("the body {body}")
            },
            describe::response(response),
        );
        findings.push(cut::known(finding, response));
    }
    for (name, matcher) in &answer.json {
        let finding = if response.object().is_none() && !json::may_be_absent(matcher) {
            Finding::new(
                false,
                json::phrase(name, matcher, situation),
                describe::response(response),
            )
        } else {
            json::judge_member(name, matcher, response.json_member(name), situation)
        };
        findings.push(cut::known(finding, response));
    }
    if let Some(members) = &answer.members {
        findings.push(cut::known(members_are(members, response), response));
    }
    for (name, matcher) in &answer.header {
        findings.push(header::judge(name, matcher, response));
    }
    for (name, rule) in &answer.jwt {
        findings.push(cut::known(
            jwt::judge(name, rule, response, situation),
            response,
        ));
    }
    Finding::all(findings)
}

fn members_are(members: &[String], response: &Response) -> Finding {
    let expected = format!("exactly the members {}", members.join(", "));
    let Some(object) = response.object() else {
        return Finding::new(false, expected, describe::response(response));
    };
    let mut differences = Vec::new();
    for name in members
        .iter()
        .filter(|name| !object.contains_key(name.as_str()))
    {
        differences.push(format!("no {name}"));
    }
    for name in object.keys().filter(|name| !members.contains(name)) {
        differences.push(format!("also {}", describe::short(name)));
    }
    if differences.is_empty() {
        Finding::new(true, expected, "these")
    } else {
        Finding::new(false, expected, differences.join(", "))
    }
}
