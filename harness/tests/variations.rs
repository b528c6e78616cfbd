//! No case fails a server that keeps the sentence it cites: on each lawful variation of the
//! reference, and however it is described, nothing fails and nothing is errored.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on has failed, and this one tells what it counted"
)]

use std::sync::Arc;

use tokenspec::catalogue::{Catalogue, embedded};
use tokenspec::outcome::{CaseVerdict, Outcome, Verdict};
use tokenspec::proof::outcomes_on;
use tokenspec_reference::{Fault, Personality, variations};

const PROFILES: &[&str] = &["oauth2", "oidc", "rfc9700"];

/// Variations that a profile's documents forbid.
const FORBIDDEN: &[(&str, &str)] = &[
    ("pkce-unexpected-verifier-ignored", "rfc9700"),
    ("refresh-reuse-revokes-nothing", "rfc9700"),
];

/// Requirements that advise against a variation, so that a warning is right.
const WARNED: &[(&str, &[&str])] = &[
    ("pkce-plain-allowed", &["rfc7636-7.2-plain-should-not"]),
    (
        "assertions-without-jti-used-twice",
        &[
            "oidc-core-9-jwt-jti-required",
            "oidc-core-9-jwt-jti-single-use",
        ],
    ),
    (
        "assertions-by-any-algorithm-of-the-key",
        &["rfc8725-3.1-one-alg-per-key", "rfc8725-3.1-alg-allow-list"],
    ),
    (
        "metadata-where-openid-has-them-alone",
        &["rfc8414-3-well-known"],
    ),
    (
        "revocation-of-another-clients-token-is-200",
        &["rfc7009-2.1-token-of-client"],
    ),
];

/// The configuration that goes with a variation.
fn described(variation: &str, text: String) -> String {
    if variation == "assertions-for-the-issuer-alone" {
        text.replace(
            "signing-alg = ",
            "assertion-audience = \"issuer\"\nsigning-alg = ",
        )
    } else {
        text
    }
}

fn catalogue() -> Arc<Catalogue> {
    Arc::new(Catalogue::read(&embedded(), false).unwrap())
}

fn outcomes(
    catalogue: &Arc<Catalogue>,
    faults: Vec<&'static Fault>,
    profile: &str,
    describe: impl FnOnce(String) -> String,
) -> Vec<Outcome> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime
        .block_on(outcomes_on(
            Arc::clone(catalogue),
            Personality::Standard,
            faults,
            Some(&[profile.to_owned()]),
            describe,
        ))
        .unwrap()
}

/// What was wrongly said, a line each.
fn wrong(outcomes: &[Outcome], warned: &[&str]) -> Vec<String> {
    let mut lines = Vec::new();
    for outcome in outcomes {
        if outcome.verdict == CaseVerdict::Errored {
            let reason = outcome.reason.as_deref().unwrap_or_default();
            lines.push(format!("errored {}: {reason}", outcome.trial));
        }
        for check in &outcome.checks {
            let requirement = check.requirement.as_deref().unwrap_or("a precondition");
            let bad = match check.verdict {
                Verdict::Fail => true,
                Verdict::Warn => !warned.contains(&requirement),
                _ => false,
            };
            if bad {
                lines.push(format!(
                    "{:?} {}: {requirement}: expected {}, got {}",
                    check.verdict, outcome.trial, check.expected, check.actual
                ));
            }
        }
    }
    lines
}

fn passed(outcomes: &[Outcome]) -> usize {
    let passes = |outcome: &&Outcome| outcome.verdict == CaseVerdict::Passed;
    outcomes.iter().filter(passes).count()
}

#[test]
fn no_case_fails_on_a_lawful_variation() {
    let catalogue = catalogue();
    let mut problems = Vec::new();
    for variation in variations() {
        for profile in PROFILES {
            if FORBIDDEN.contains(&(variation.name, profile)) {
                continue;
            }
            let warned = WARNED
                .iter()
                .find(|(name, _)| *name == variation.name)
                .map_or(&[][..], |(_, ids)| ids);
            let describe = |text| described(variation.name, text);
            let outcomes = outcomes(&catalogue, vec![variation], profile, describe);
            assert!(passed(&outcomes) > 50, "{} {profile}", variation.name);
            let lines = wrong(&outcomes, warned);
            problems.extend(
                lines
                    .into_iter()
                    .map(|line| format!("{} ({profile}): {line}", variation.name)),
            );
        }
    }
    println!("{} variations", variations().len());
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// A variation that a profile forbids is caught there: else its row above would be a gap.
#[test]
fn what_a_profile_forbids_is_caught_there() {
    let catalogue = catalogue();
    for (name, profile) in FORBIDDEN {
        let variation = tokenspec_reference::variation(name).unwrap();
        let outcomes = outcomes(&catalogue, vec![variation], profile, |text| text);
        let failed = outcomes
            .iter()
            .any(|outcome| outcome.verdict == CaseVerdict::Failed);
        assert!(failed, "{name} is not caught by {profile}");
    }
}

/// However little of the server is described, what is left runs to a verdict.
#[test]
fn each_description_runs_to_a_verdict() {
    let catalogue = catalogue();
    let without = |key: &'static str| {
        move |text: String| -> String {
            text.lines()
                .filter(|line| !line.starts_with(key))
                .map(|line| format!("{line}\n"))
                .collect()
        }
    };
    let replace = |from: &'static str, to: &'static str| move |text: String| text.replace(from, to);
    type Describe = Box<dyn Fn(String) -> String>;
    let descriptions: Vec<(&str, &str, Describe)> = vec![
        (
            "each client has client_secret_basic alone",
            "oidc",
            Box::new(replace(
                "[\"client_secret_basic\", \"client_secret_post\"]",
                "[\"client_secret_basic\"]",
            )),
        ),
        (
            "each client has client_secret_post alone",
            "oidc",
            Box::new(replace(
                "[\"client_secret_basic\", \"client_secret_post\"]",
                "[\"client_secret_post\"]",
            )),
        ),
        (
            "no client asks for openid",
            "oauth2",
            Box::new(|text: String| {
                text.replace("scope = \"openid\"", "scope = \"profile\"")
                    .replace("wider-scope = \"openid profile\"\n", "")
            }),
        ),
        (
            "no scope is asked for",
            "oauth2",
            Box::new(|text: String| {
                let asks =
                    |line: &&str| line.starts_with("scope") || line.starts_with("wider-scope");
                text.lines()
                    .filter(|line| !asks(line))
                    .map(|line| format!("{line}\n"))
                    .collect()
            }),
        ),
        (
            "no wider scope is known",
            "oidc",
            Box::new(without("wider-scope")),
        ),
        (
            "there is no login",
            "oauth2",
            Box::new(|text: String| {
                let before = text.split("[target.local.login]").next();
                before.unwrap_or_default().to_owned()
            }),
        ),
        (
            "there are no refresh tokens",
            "oidc",
            Box::new(replace("\"refresh_token\", ", "")),
        ),
        (
            "nobody may use client_credentials",
            "oidc",
            Box::new(replace(", \"client_credentials\"", "")),
        ),
    ];
    let mut problems = Vec::new();
    for (name, profile, describe) in descriptions {
        let mut changed = false;
        let outcomes = outcomes(&catalogue, Vec::new(), profile, |text| {
            let described = describe(text.clone());
            changed = described != text;
            described
        });
        assert!(changed, "{name}: the description is the same");
        assert!(passed(&outcomes) > 20, "{name}: {}", passed(&outcomes));
        problems.extend(
            wrong(&outcomes, &[])
                .into_iter()
                .map(|line| format!("{name} ({profile}): {line}")),
        );
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
