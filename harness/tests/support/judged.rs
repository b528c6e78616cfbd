//! A run on all cases against a server that answers everything alike.

use serde_json::Value;

use super::http::{Request, Server, code, config};
use super::{Ran, Sandbox};

/// A login that is redirected at once.
pub const LOGIN: &str = "[target.staging.login]\nvia = \"auto\"\n";

/// What came of a run on all cases.
pub struct Judged {
    pub ran: Ran,
    pub cases: Vec<Value>,
    pub summary: Value,
}

impl Judged {
    pub fn run(text: &str, arguments: &[&str]) -> Self {
        let sandbox = Sandbox::new();
        sandbox.write("tokenspec.toml", text);
        let mut all = vec!["run", "--report-dir", "reports"];
        all.extend(arguments);
        let ran = sandbox.tokenspec(&all);
        let report = sandbox.json("reports/report.json");
        Self {
            ran,
            cases: report["cases"].as_array().expect("cases").clone(),
            summary: report["summary"].clone(),
        }
    }

    /// The trials that asked for a code or a token, or should have.
    pub fn sending(&self) -> impl Iterator<Item = &Value> {
        // Over all responses, a check says what it sees; and a look at the target asks for nothing.
        self.cases.iter().filter(|case| {
            let over_all = text(&case["suite"]).ends_with("every_response");
            let exchanges = case["exchanges"].as_array().expect("exchanges");
            let asked = exchanges.iter().any(|exchange| {
                let url = text(&exchange["request"]["url"]);
                exchange["step"] == "authorize" || url.contains("/token")
            });
            !over_all && (asked || case["verdict"] == "errored")
        })
    }

    /// All that was sent rests on a control that failed, and so is errored; the reason says why.
    pub fn all_errored(&self, cause: &[&str]) {
        let mut errored = 0;
        for case in self.sending() {
            let reason = case["reason"].as_str().unwrap_or("no reason");
            assert_eq!(case["verdict"], "errored", "{}: {reason}", case["id"]);
            let named = cause.iter().any(|words| reason.contains(words));
            assert!(
                named,
                "{} does not name the cause {cause:?}: {reason}",
                case["id"]
            );
            errored += 1;
        }
        assert!(
            errored > 40,
            "only {errored} trials were errored: {}",
            self.summary
        );
    }

    /// 3, or 1 where the answers that were seen break a sentence by themselves.
    pub fn ends_with(&self, status: i32) {
        assert_eq!(
            self.ran.status,
            status,
            "{}\n{}",
            self.summary,
            self.ran.all()
        );
    }

    pub fn failed(&self) -> Vec<&str> {
        let failed = self.cases.iter().filter(|case| case["verdict"] == "failed");
        failed.map(|case| text(&case["id"])).collect()
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

pub fn text_of<'v>(check: &'v Value, key: &str) -> &'v str {
    text(&check[key])
}

/// A server whose authorization endpoint gives codes, and whose other endpoints all answer alike.
pub fn always(answer: impl Fn(&Request) -> Vec<u8> + Send + Sync + 'static) -> Server {
    Server::start(move |request| {
        if request.is_to("/authorize") {
            code(request, "a-code-that-was-given")
        } else {
            answer(request)
        }
    })
}

/// With a login and without; everything can be got in the one, client credentials in the other.
pub fn configs(url: &str) -> [String; 2] {
    [config(url, "") + LOGIN, config(url, "")]
}
