//! A run on all cases against a server that answers everything alike.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::http::{Request, Server, authorize, config, json};
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
            let errored = case["verdict"] == "errored";
            !over_all && (errored || asked && !is_about_a_code(exchanges))
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

/// Whether nothing was sent but an authorization request, which was answered with a code: what shows
/// in that rests on no other request.
fn is_about_a_code(exchanges: &[Value]) -> bool {
    let only_asked = exchanges.iter().all(|one| one["step"] == "authorize");
    let last = exchanges.last().map(|one| &one["response"]["headers"]);
    let headers = last.and_then(Value::as_array).into_iter().flatten();
    let mut locations = headers.filter(|header| header[0] == "location");
    only_asked && locations.any(|header| text(&header[1]).contains("code={{start.code}}"))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

pub fn text_of<'v>(check: &'v Value, key: &str) -> &'v str {
    text(&check[key])
}

/// A server whose authorization endpoint and key set are as they should be, so that what is seen of
/// them alone is right, and whose other endpoints all answer alike.
pub fn always(answer: impl Fn(&Request) -> Vec<u8> + Send + Sync + 'static) -> Server {
    Server::start(move |request| {
        if request.is_to("/authorize") {
            authorize(request, &random_code())
        } else if request.is_to("/jwks") {
            json("200 OK", KEYS)
        } else {
            answer(request)
        }
    })
}

/// Nobody guesses it (RFC 6749 section 10.10), and there is none twice.
fn random_code() -> String {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).expect("random bytes");
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The key of RFC 7517 appendix A.1.
const KEYS: &str = r#"{"keys":[{"kty":"EC","crv":"P-256","kid":"1","use":"sig","alg":"ES256",
    "x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}]}"#;

/// With a login and without; everything can be got in the one, client credentials in the other.
pub fn configs(url: &str) -> [String; 2] {
    [config(url, "") + LOGIN, config(url, "")]
}
