//! A page in headless Chromium, through its WebDriver.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// A browser with one window; it ends when this is dropped.
pub struct Browser {
    driver: Child,
    base: String,
    session: String,
    runtime: tokio::runtime::Runtime,
    http: reqwest::Client,
}

impl Browser {
    /// Starts Chromium's driver and a browser that keeps what its console and its network say.
    pub fn start() -> Self {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver starts (apt-get install chromium chromium-driver)");
        let mut lines = BufReader::new(driver.stdout.take().expect("its stdout")).lines();
        let port = lines
            .find_map(|line| {
                let line = line.expect("UTF-8");
                let (_, port) = line.split_once("started successfully on port ")?;
                Some(port.trim_end_matches('.').to_owned())
            })
            .expect("chromedriver says its port");
        // It writes on; nobody has to wait for a reader.
        std::thread::spawn(move || for _ in lines {});
        let mut browser = Self {
            driver,
            base: format!("http://127.0.0.1:{port}/session"),
            session: String::new(),
            runtime: tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime"),
            http: reqwest::Client::builder()
                .no_proxy()
                .build()
                .expect("an HTTP client"),
        };
        let asked = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
            "goog:chromeOptions": { "binary": "/usr/bin/chromium", "args": [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                "--window-size=1280,900",
            ] },
        } } });
        let answer = browser.ask("POST", "", &asked);
        browser.session = format!("/{}", answer["sessionId"].as_str().expect("a session"));
        browser
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        let url = format!("{}{}{path}", self.base, self.session);
        let method = reqwest::Method::from_bytes(method.as_bytes()).expect("a method");
        let mut request = self.http.request(method.clone(), &url);
        if method == "POST" {
            request = request
                .header("content-type", "application/json")
                .body(body.to_string());
        }
        let text = self
            .runtime
            .block_on(async { request.send().await?.text().await })
            .expect("the driver answers");
        let answer: Value = serde_json::from_str(&text).expect("JSON");
        let value = answer["value"].clone();
        assert!(value.get("error").is_none(), "{path}: {value}");
        value
    }

    /// Opens a file, at a place in it.
    pub fn open(&self, file: &Path, place: &str) {
        let url = url::Url::from_file_path(file).expect("an absolute path");
        self.ask("POST", "/url", &json!({ "url": format!("{url}{place}") }));
    }

    /// What a script returns, which is a body of a function.
    pub fn run(&self, script: &str) -> Value {
        self.ask(
            "POST",
            "/execute/sync",
            &json!({ "script": script, "args": [] }),
        )
    }

    /// What a script that may wait calls back with.
    pub fn wait(&self, script: &str) -> Value {
        self.ask(
            "POST",
            "/execute/async",
            &json!({ "script": script, "args": [] }),
        )
    }

    /// The messages of the console, or of the network, since they were last asked for.
    pub fn log(&self, of: &str) -> Vec<Value> {
        let log = self.ask("POST", "/se/log", &json!({ "type": of }));
        log.as_array().expect("a list").clone()
    }

    /// The addresses that were asked for since they were last asked for.
    pub fn requests(&self) -> Vec<String> {
        self.log("performance")
            .iter()
            .filter_map(|entry| {
                let message: Value =
                    serde_json::from_str(entry["message"].as_str()?).expect("JSON");
                let message = &message["message"];
                (message["method"] == "Network.requestWillBeSent").then(|| {
                    message["params"]["request"]["url"]
                        .as_str()
                        .expect("an address")
                        .to_owned()
                })
            })
            .collect()
    }

    /// A command of Chromium's own protocol.
    pub fn command(&self, name: &str, params: &Value) -> Value {
        self.ask(
            "POST",
            "/goog/cdp/execute",
            &json!({ "cmd": name, "params": params }),
        )
    }

    /// Shows the page as wide and as high as this.
    pub fn resize(&self, width: u32, height: u32) {
        self.command(
            "Emulation.setDeviceMetricsOverride",
            &json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false }),
        );
    }

    /// A picture of what is seen.
    pub fn picture(&self, to: &Path) {
        let value = self.ask("GET", "/screenshot", &Value::Null);
        let bytes = STANDARD
            .decode(value.as_str().expect("Base64"))
            .expect("Base64");
        std::fs::write(to, bytes).expect("a file");
    }

    /// Presses what a selector finds, as a person does.
    pub fn click(&self, selector: &str) {
        let found = self.ask(
            "POST",
            "/element",
            &json!({ "using": "css selector", "value": selector }),
        );
        let id = found
            .as_object()
            .and_then(|members| members.values().next())
            .and_then(Value::as_str)
            .expect("an element")
            .to_owned();
        self.ask("POST", &format!("/element/{id}/click"), &json!({}));
    }

    /// Presses keys, wherever the focus is.
    pub fn press(&self, keys: &str) {
        let actions: Vec<Value> = keys
            .chars()
            .flat_map(|key| {
                ["keyDown", "keyUp"].map(|kind| json!({ "type": kind, "value": key.to_string() }))
            })
            .collect();
        self.ask(
            "POST",
            "/actions",
            &json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": actions }] }),
        );
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let url = format!("{}{}", self.base, self.session);
        drop(self.runtime.block_on(self.http.delete(url).send()));
        drop(self.driver.kill());
        drop(self.driver.wait());
    }
}
