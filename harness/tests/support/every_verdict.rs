//! A run with every verdict in it.

use super::served::Served;
use super::{Ran, Sandbox};

/// Runs all cases on a reference of which one fault fails and one warns, and with a client that is not
/// who it says; `more` is added to the configuration. The report is in `reports/local`.
pub fn every_verdict(more: &str) -> (Sandbox, Ran) {
    let served = Served::start(&[
        "--fault",
        "unknown-code-is-401",
        "--fault",
        "client-credentials-give-refresh-token",
    ]);
    let sandbox = Sandbox::new();
    // The secret of the only client whose credentials have to be encoded.
    let config = served.config.replace("9f2d41", "of somebody else");
    assert_ne!(config, served.config);
    sandbox.write("tokenspec.toml", &(config + more));
    let ran = sandbox.tokenspec(&["run"]);
    assert_eq!(ran.status, 1, "{}", ran.all());
    let report = sandbox.json("reports/local/report.json");
    for verdict in ["passed", "failed", "warned", "errored", "skipped"] {
        assert_ne!(report["summary"][verdict], 0, "nothing {verdict}");
    }
    (sandbox, ran)
}
