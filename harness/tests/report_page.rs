//! `index.html` in a browser.
//!
//! These need Chromium and its driver, so they are asked for: `TOKENSPEC_BROWSER_TESTS=1`. Where
//! they are asked for and there is no browser, they fail. The pictures that they make are in
//! `target/tmp/`.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::{Value, json};
use support::Sandbox;
use support::browser::Browser;
use support::every_verdict::every_verdict;
use support::http::{Counter, Server, config, reply};

fn main() -> ExitCode {
    support::browser_tests::run(&[
        (
            "it_loads_and_asks_for_nothing",
            it_loads_and_asks_for_nothing,
        ),
        ("filters_leave_what_is_wanted", filters_leave_what_is_wanted),
        ("links_open_their_cases", links_open_their_cases),
        (
            "keys_and_screen_readers_can_use_it",
            keys_and_screen_readers_can_use_it,
        ),
        (
            "it_fits_phones_desks_paper_and_the_night",
            it_fits_phones_desks_paper_and_the_night,
        ),
        (
            "what_a_target_answers_does_nothing",
            what_a_target_answers_does_nothing,
        ),
        (
            "thousands_of_cases_stay_usable",
            thousands_of_cases_stay_usable,
        ),
    ])
}

/// The report of a run with failures, warnings, errors and skips.
struct Page {
    sandbox: Sandbox,
    report: Value,
    browser: Browser,
}

impl Page {
    fn open() -> Self {
        let (sandbox, _) = every_verdict("");
        let report = sandbox.json("reports/local/report.json");
        let browser = Browser::start();
        let page = Self {
            sandbox,
            report,
            browser,
        };
        page.browser.open(&page.file(), "");
        page
    }

    fn file(&self) -> PathBuf {
        self.sandbox.path().join("reports/local/index.html")
    }

    fn count(&self, verdict: &str) -> usize {
        let cases = self.report["cases"].as_array().expect("cases");
        cases
            .iter()
            .filter(|case| case["verdict"] == verdict)
            .count()
    }

    /// The ids of the cases that are seen.
    fn shown(&self) -> Vec<String> {
        let ids = self.browser.run(
            "return [...document.querySelectorAll('.case')]\
             .filter(one => !one.closest('[hidden]')).map(one => one.id)",
        );
        let ids = ids.as_array().expect("a list");
        ids.iter()
            .map(|id| id.as_str().expect("an id").to_owned())
            .collect()
    }
}

fn it_loads_and_asks_for_nothing() {
    let page = Page::open();
    assert_eq!(page.browser.log("browser"), Vec::<Value>::new());
    let asked = page.browser.requests();
    assert!(
        asked.iter().all(|url| url.starts_with("file:///")),
        "{asked:?}"
    );
    assert_eq!(asked.len(), 1, "{asked:?}");
    // Its policy holds: a script of somebody else's would not run.
    page.browser.run(
        "const script = document.createElement('script'); script.textContent = 'window.ran = 1';\
         document.body.append(script);",
    );
    assert_eq!(page.browser.run("return window.ran ?? null"), Value::Null);
    assert!(
        !page.browser.log("browser").is_empty(),
        "the policy says so"
    );
    // What is worst is read first, and is open.
    let first = page
        .browser
        .run("const one = document.querySelector('.case'); return [one.open, one.textContent]");
    assert_eq!(first[0], true);
    for words in [
        "section", "Expected", "Actual", "Hint", "Request", "Response", "curl",
    ] {
        let text = first[1].as_str().expect("a text");
        assert!(text.contains(words), "{words}: {text}");
    }
    assert_eq!(
        page.shown().len(),
        page.report["cases"].as_array().expect("cases").len()
    );
    // The copy button, pressed as a person does, says that it has copied, and has the whole line.
    page.browser
        .run("addEventListener('copy', () => { window.copied = document.activeElement.value; })");
    page.browser.click("button.copy:not([hidden])");
    let copied = page.browser.wait(
        "const done = arguments[0]; const button = document.activeElement;\
         const look = () => button.textContent === 'Copy' ? requestAnimationFrame(look) \
             : done([button.textContent, window.copied ?? null]); look();",
    );
    assert_eq!(copied[0], "Copied");
    let line = page.browser.run(
        "return document.activeElement.closest('.exchange').querySelector('.curl').textContent",
    );
    assert!(line.as_str().is_some_and(|line| line.starts_with("curl ")));
    assert_eq!(copied[1], line);
}

fn filters_leave_what_is_wanted() {
    let page = Page::open();
    let all = page.shown().len();
    let set = |script: &str| {
        page.browser.run(&format!(
            "const form = document.getElementById('filters'); {script};\
             form.dispatchEvent(new Event('input', {{ bubbles: true }}));\
             return form.elements.shown.value"
        ))
    };
    let failed = page.count("failed");
    assert!(failed > 0 && failed < all);
    let said = set(
        "for (const box of form.querySelectorAll('[name=verdict]')) box.checked = box.value === 'failed'",
    );
    assert_eq!(said, format!("{failed} of {all} cases"));
    assert_eq!(page.shown().len(), failed);
    // All again, by the button that a person presses.
    page.browser.wait(
        "document.querySelector('#filters [type=reset]').click(); setTimeout(arguments[0], 0)",
    );
    assert_eq!(page.shown().len(), all);
    set("form.elements.document.value = 'rfc7636'");
    let of_document = page.shown();
    assert!(!of_document.is_empty() && of_document.len() < all);
    let cases = page.report["cases"].as_array().expect("cases");
    for case in cases {
        let judged = case["checks"]
            .as_array()
            .expect("checks")
            .iter()
            .any(|check| check["document"] == "rfc7636");
        let id = case["id"].as_str().expect("an id");
        assert_eq!(of_document.iter().any(|shown| shown == id), judged, "{id}");
    }
    set("form.elements.document.value = ''; form.elements.text.value = 'PKCE  missing-verifier'");
    assert_eq!(page.shown(), ["authorization_code/pkce/missing-verifier"]);
    set("form.elements.text.value = 'nothing has these words'");
    assert_eq!(page.shown(), [""; 0]);
    let told = page
        .browser
        .run("return !document.getElementById('nothing').hidden");
    assert_eq!(told, true);
}

fn links_open_their_cases() {
    let page = Page::open();
    // What is broken stands at the top, and leads to the trial that saw it.
    let top = page.browser.run(
        "const one = document.querySelector('.broken a[href^=\"#\"]'); one.click();\
         const open = document.getElementById(one.textContent);\
         return [one.textContent, open.open, open.querySelector('.badge').textContent]",
    );
    assert_eq!(top[1], true, "{top}");
    assert_eq!(top[2], "failed", "{top}");
    let cases = page.report["cases"].as_array().expect("cases");
    let passed = |with: &str| {
        cases
            .iter()
            .find(|case| {
                case["verdict"] == "passed" && case["id"].as_str().expect("an id").contains(with)
            })
            .and_then(|case| case["id"].as_str())
            .expect("such a case")
            .to_owned()
    };
    for id in [passed("["), passed("client_credentials/")] {
        let link = page.browser.run(&format!(
            "return document.getElementById({}).querySelector('.links a').getAttribute('href')",
            json!(id)
        ));
        let link = link.as_str().expect("a link").to_owned();
        page.browser.open(&page.file(), &link);
        let seen = format!(
            "const one = document.getElementById({}); const box = one.getBoundingClientRect();\
             return one.open && box.top > -5 && box.top < innerHeight \
             && document.activeElement.parentElement === one",
            json!(id)
        );
        assert_eq!(page.browser.run(&seen), true, "{link}");
        // Also where a filter hides it.
        page.browser.run(
            "location.hash = ''; const form = document.getElementById('filters');\
             form.elements.text.value = 'nothing has these words';\
             form.dispatchEvent(new Event('input'))",
        );
        assert_eq!(page.shown(), [""; 0]);
        page.browser.wait(&format!(
            "const done = arguments[0]; const link = {};\
             addEventListener('hashchange', event => {{ if (new URL(event.newURL).hash === link)\
             requestAnimationFrame(() => requestAnimationFrame(done)); }}); location.hash = link",
            json!(link)
        ));
        assert_eq!(page.browser.run(&seen), true, "{link}");
    }
    // Every case has an address of its own, and every link on the page leads somewhere.
    let odd = page.browser.run(
        "const ids = [...document.querySelectorAll('[id]')].map(one => one.id);\
         const twice = ids.filter((id, at) => ids.indexOf(id) !== at);\
         const lost = [...document.querySelectorAll('a[href^=\"#\"]')].map(a => a.getAttribute('href'))\
           .filter(href => !document.getElementById(decodeURIComponent(href.slice(1))));\
         return [...twice, ...lost]",
    );
    assert_eq!(odd, json!([]));
}

fn keys_and_screen_readers_can_use_it() {
    let page = Page::open();
    // Tab comes to the link over everything, then on to what can be worked with.
    page.browser.press("\u{e004}");
    let focus = "return document.activeElement.className || document.activeElement.tagName";
    assert_eq!(page.browser.run(focus), "skip");
    page.browser
        .run("document.querySelector('.group[data-verdict=passed] summary').focus()");
    page.browser.press("\u{e007}");
    let open = "return document.querySelector('.group[data-verdict=passed] .case').open";
    assert_eq!(page.browser.run(open), true);
    page.browser.press("\u{e007}");
    assert_eq!(page.browser.run(open), false);
    let unnamed = page.browser.run(
        "const odd = [];\
         for (const one of document.querySelectorAll('input, select')) if (!one.labels.length) odd.push(one.name);\
         for (const one of document.querySelectorAll('button, a, summary')) if (!one.textContent.trim()) odd.push(one.outerHTML);\
         for (const one of document.querySelectorAll('table')) if (!one.querySelector('th[scope]')) odd.push('table');\
         for (const one of document.querySelectorAll('[aria-labelledby]')) \
           if (!document.getElementById(one.getAttribute('aria-labelledby'))) odd.push(one.outerHTML);\
         let last = 0; for (const one of document.querySelectorAll('h1, h2, h3, h4')) {\
           const level = Number(one.tagName[1]); if (level > last + 1) odd.push(one.textContent); last = level; }\
         if (document.documentElement.lang !== 'en' || document.querySelectorAll('main, header').length !== 2) odd.push('landmarks');\
         return odd",
    );
    assert_eq!(unnamed, json!([]));
}

/// The contrast of a text with its ground, as WCAG 2 reckons it.
const CONTRAST: &str = "const light = (color) => { const [r, g, b] = color.match(/[\\d.]+/g).map(Number)\
    .map(c => c / 255).map(c => c <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4);\
    return .2126 * r + .7152 * g + .0722 * b; };\
    const ground = light(getComputedStyle(document.body).backgroundColor);\
    const odd = []; for (const name of ['.counts .failed', '.counts .warned', '.counts .passed', '.note', 'a', 'body']) {\
    const one = document.querySelector(name); if (!one || one.classList.contains('zero')) continue;\
    const text = light(getComputedStyle(one).color);\
    const ratio = (Math.max(text, ground) + .05) / (Math.min(text, ground) + .05);\
    if (ratio < 4.5) odd.push([name, ratio]); } return odd";

fn it_fits_phones_desks_paper_and_the_night() {
    let page = Page::open();
    let pictures = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    for scheme in ["light", "dark"] {
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        page.browser.command(
            "Emulation.setEmulatedMedia",
            &json!({ "features": features }),
        );
        for (name, width, height) in [("phone", 390, 844), ("desk", 1280, 900)] {
            page.browser.resize(width, height);
            page.browser.run("scrollTo(0, 0)");
            page.browser
                .picture(&pictures.join(format!("page-{name}-{scheme}.png")));
            let wide = page
                .browser
                .run("return document.documentElement.scrollWidth");
            assert!(wide.as_u64() <= Some(u64::from(width)), "{name}: {wide}");
            page.browser
                .run("document.querySelector('.case').scrollIntoView()");
            page.browser
                .picture(&pictures.join(format!("case-{name}-{scheme}.png")));
        }
        assert_eq!(page.browser.run(CONTRAST), json!([]), "{scheme}");
    }
    let ground = "return getComputedStyle(document.body).backgroundColor";
    let dark = page.browser.run(ground);
    page.browser.command(
        "Emulation.setEmulatedMedia",
        &json!({ "media": "print", "features": [] }),
    );
    assert_ne!(page.browser.run(ground), dark);
    let seen = page
        .browser
        .run("return getComputedStyle(document.getElementById('filters')).display");
    assert_eq!(seen, "none");
    let paper = page.browser.command("Page.printToPDF", &json!({}));
    assert!(
        paper["data"]
            .as_str()
            .is_some_and(|text| text.len() > 10_000)
    );
}

/// Nothing that a response has is markup, script or a request on the page.
fn what_a_target_answers_does_nothing() {
    let elsewhere = Counter::start();
    let url = elsewhere.url();
    let hostile = format!(
        "</pre></code></style></script><script>window.hacked = 1</script>\
         <img id=pwned src={url}/i onerror=\"window.hacked = 2\"><iframe src={url}/f></iframe>\
         <link rel=stylesheet href={url}/s><meta http-equiv=refresh content=\"0;url={url}/r\">\
         \" onmouseover=\"window.hacked = 3\" ' onclick='window.hacked = 4' {{{{ 7 * 7 }}}} {{% raw %}} \
         <a id=pwned href=javascript:alert(1)>x</a> \u{202e}"
    );
    let answer = hostile.clone();
    let server = Server::start(move |request| match request.path.as_str() {
        "/token" => {
            let body = json!({ "error": answer, "error_description": answer }).to_string();
            let one_line = answer.replace('\u{202e}', "");
            reply(
                "400 Bad Request",
                &[
                    ("content-type", "application/json"),
                    ("x-odd", &one_line),
                    ("refresh", "0"),
                ],
                &body,
            )
        }
        _ => reply("500 Oops", &[("content-type", "text/html")], &answer),
    });
    let sandbox = Sandbox::new();
    let quoted = json!(hostile).to_string();
    let implementation = format!(
        "[target.staging.implementation]\norganization = {quoted}\nurl = \"javascript:alert(1)\"\n"
    );
    sandbox.write(
        "tokenspec.toml",
        &(config(&server.url(), "") + &implementation),
    );
    let ran = sandbox.tokenspec(&["run"]);
    assert!([1, 3].contains(&ran.status), "{}", ran.all());
    let browser = Browser::start();
    browser.open(&sandbox.path().join("reports/staging/index.html"), "");
    let seen = browser.run(
        "for (const one of document.querySelectorAll('details')) one.open = true;\
         for (const one of document.querySelectorAll('*')) { one.dispatchEvent(new MouseEvent('mouseover'));\
           if (!(one instanceof HTMLAnchorElement || one instanceof HTMLButtonElement)) one.dispatchEvent(new MouseEvent('click')); }\
         return [window.hacked ?? null, document.querySelectorAll('#pwned, img, iframe, link, object, embed').length,\
           document.querySelectorAll('script').length, document.querySelectorAll('meta[http-equiv]').length,\
           [...document.querySelectorAll('a')].filter(a => !/^(#|https?:)/.test(a.getAttribute('href'))).length,\
           [...document.querySelectorAll('*')].flatMap(one => [...one.attributes]).filter(a => a.name.startsWith('on')).length,\
           document.body.textContent.includes('window.hacked = 1'), document.body.textContent.includes('7 * 7')]",
    );
    assert_eq!(seen, json!([null, 0, 1, 1, 0, 0, true, true]));
    assert_eq!(browser.log("browser"), Vec::<Value>::new());
    assert!(
        browser
            .requests()
            .iter()
            .all(|url| url.starts_with("file:"))
    );
    assert_eq!(elsewhere.connections(), 0);
}

/// A page of several thousand cases opens and filters while a person waits.
fn thousands_of_cases_stay_usable() {
    let sandbox = Sandbox::new();
    let ran = sandbox.tokenspec(&["run", "--shard", "1/1", "--report-dir", "part"]);
    assert_eq!(ran.status, 0, "{}", ran.all());
    let mut report = sandbox.json("part/report.json");
    let cases = report["cases"].as_array().expect("cases").clone();
    let mut many = Vec::new();
    for round in 0..20 {
        for case in &cases {
            let mut case = case.clone();
            let id = format!("{}-{round}", case["id"].as_str().expect("an id"));
            case["id"] = json!(id);
            many.push(case);
        }
    }
    assert!(many.len() > 3000);
    report["shard"]["overall"] = json!([]);
    report["shard"]["trials"] = many.iter().map(|case| case["id"].clone()).collect();
    report["cases"] = Value::Array(many.clone());
    sandbox.write("part/report.json", &report.to_string());
    let ran = sandbox.tokenspec(&["report", "merge", "part", "--report-dir", "many"]);
    assert_eq!(ran.status, 0, "{}", ran.all());
    let browser = Browser::start();
    browser.open(&sandbox.path().join("many/index.html"), "");
    let took = browser.wait(
        "const begun = performance.now(); const form = document.getElementById('filters');\
         form.elements.text.value = 'missing-verifier-7'; form.dispatchEvent(new Event('input'));\
         const said = form.elements.shown.value; const done = arguments[0];\
         requestAnimationFrame(() => setTimeout(() => done([said, performance.now() - begun,\
           performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd])))",
    );
    assert_eq!(took[0], format!("1 of {} cases", many.len()));
    // Generous: this is about what hangs, not about a machine that is busy.
    assert!(took[1].as_f64() < Some(10_000.0), "{took}");
    assert!(took[2].as_f64() < Some(60_000.0), "{took}");
}
