//! Destructive trials run beside each other show what they show alone, whatever a server ends
//! besides the grant that it should.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeMap;

use support::judged::Judged;
use support::served::Served;

/// Verdicts of the trials that destroy, by their names, with so many requests at once.
fn verdicts(served: &Served, jobs: &str) -> (BTreeMap<String, String>, String) {
    let arguments = [
        "-v",
        "--jobs",
        jobs,
        "--snapshots",
        "off",
        "revocation/*",
        "authorization_code/exchange/*",
        "refresh_token/rotation/*",
    ];
    let judged = Judged::run(&served.config, &arguments);
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let verdicts = judged
        .cases
        .iter()
        .map(|case| (text(&case["id"]), text(&case["verdict"])))
        .collect();
    (verdicts, judged.ran.all())
}

/// How many requests were made to watch over the trials.
fn watched(told: &str) -> usize {
    told.matches("bystander#").count()
}

#[test]
fn beside_each_other_they_show_what_they_show_alone() {
    let every_grant = "replay-revokes-all-of-the-user";
    for (arguments, bad) in [
        (vec![], 0),
        (vec!["--variation", every_grant], 0),
        // A replay by one trial ends what the server does not end for another.
        (
            vec![
                "--variation",
                every_grant,
                "--fault",
                "revocation-without-effect",
            ],
            3,
        ),
        (
            vec![
                "--variation",
                every_grant,
                "--fault",
                "rotated-refresh-token-works",
            ],
            1,
        ),
        (vec!["--fault", "code-replay-revokes-nothing"], 1),
        (vec!["--fault", "revocation-spares-access-tokens"], 1),
    ] {
        let served = Served::start(&arguments);
        let (alone, told) = verdicts(&served, "1");
        assert_eq!(
            watched(&told),
            0,
            "one after another nothing is to be watched"
        );
        let (beside, told) = verdicts(&served, "8");
        assert!(watched(&told) > 0, "{arguments:?}: nobody watched:\n{told}");
        assert_eq!(beside, alone, "{arguments:?}");
        let seen = alone
            .values()
            .filter(|verdict| ["failed", "warned"].contains(&verdict.as_str()))
            .count();
        assert!(seen >= bad, "{arguments:?}: {seen} are bad: {alone:?}");
        assert!(
            alone.values().all(|verdict| verdict != "errored"),
            "{alone:?}"
        );
    }
}
