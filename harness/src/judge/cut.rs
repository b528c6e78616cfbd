//! Responses of which not all was read: what the rest would have told is not known.
//!
//! A server may hide a token behind a megabyte, or be right to send one. Neither passes nor fails.

use super::{Finding, Response, describe};

/// What was found in the body, or that it could not be found out.
pub fn known(finding: Finding, response: &Response) -> Finding {
    if response.observation.cut {
        Finding::unknown(finding.expected, describe::response(response))
    } else {
        finding
    }
}

/// The same of an outcome, which follows from the body where the status is one of `statuses`.
pub fn known_within(
    statuses: std::ops::Range<u16>,
    finding: Finding,
    response: &Response,
) -> Finding {
    if statuses.contains(&response.observation.status) {
        known(finding, response)
    } else {
        finding
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use crate::catalogue::Catalogue;
    use crate::judge::{Expectation, Keys, Response, Situation, find};
    use crate::outcome::Observation;

    fn holds(rule: &str, status: u16) -> Option<bool> {
        let expectation: Expectation = toml::from_str(rule).expect("an expectation");
        let response = Response::new(Observation {
            status,
            body: "{\"error\":\"invalid_grant\",\"x\":\"aaaa".into(),
            cut: true,
            ..Observation::default()
        });
        let keys = Keys {
            set: Ok(Vec::new()),
            secret: None,
        };
        let finding = find(
            &expectation,
            &response,
            &Situation {
                catalogue: &Catalogue::default(),
                documents: &[],
                without: &[],
                deviations: &[],
                trial: "suite/case",
                auth: "none",
                start: "any",
                public: true,
                introspects: false,
                keys: &keys,
                skew: 0,
                control: Some(&response.observation),
                at_once: std::slice::from_ref(&response.observation),
                alive: None,
                steps: &HashMap::new(),
                value: &|_| None,
            },
        );
        if finding.holds.is_none() {
            assert!(finding.actual.contains("more than 1 MiB"), "{finding:?}");
        }
        finding.holds
    }

    #[test]
    fn what_was_not_read_neither_passes_nor_fails() {
        for rule in [
            "refused = true",
            "refused = false",
            "any-of = [{ status = 400, json.error = 'invalid_grant' }]",
            "json.error = 'invalid_grant'",
            "json.error = { present = false }",
            "members = ['error']",
            "body = 'x'",
            "jwt.id_token = { format = 'jws' }",
            "same-outcome = true",
            "exactly-one = { status = 400, json.error = 'invalid_grant' }",
            "holds = 'keys-are-public'",
        ] {
            assert_eq!(holds(rule, 400), None, "{rule}");
        }
        assert_eq!(holds("granted = false", 200), None);
        assert_eq!(holds("succeeded = true", 200), None);
    }

    #[test]
    fn what_the_status_tells_is_known() {
        for (rule, status, holds_so) in [
            ("status = 400", 400, true),
            ("status = 401", 400, false),
            ("refused = true", 200, false),
            ("refused = true", 500, false),
            ("granted = true", 400, false),
            ("succeeded = false", 302, true),
            (
                "any-of = [{ status = 401, json.error = 'invalid_grant' }]",
                400,
                false,
            ),
        ] {
            assert_eq!(holds(rule, status), Some(holds_so), "{rule} on {status}");
        }
    }
}
