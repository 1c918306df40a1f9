//! As much of `WebDriver` as the tests speak, to a Chromium without a screen.

use std::env;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use ureq::Agent;

use crate::program::Program;

const INSTALL: &str = "as root on Debian: apt-get install chromium chromium-driver\n\
    elsewhere Chromium or Chrome, and the ChromeDriver of the same version";

/// How `WebDriver` spells a reference to an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A browser with one window. It ends when this is dropped.
pub(crate) struct Browser {
    agent: Agent,
    session: String,
    _driver: Program,
    _profile: TempDir,
}

pub(crate) struct Element<'b> {
    browser: &'b Browser,
    id: String,
}

impl Browser {
    pub(crate) fn open() -> Self {
        let chromium = installed(&["chromium", "chromium-browser", "google-chrome"]);
        let mut driver = Command::new(installed(&["chromedriver"]));
        let driver = Program::start(driver.arg("--port=0"), |line| {
            let (_, port) = line.split_once("started successfully on port ")?;
            Some(format!("http://127.0.0.1:{}/", port.trim_end_matches('.')))
        });
        let profile = tempfile::tempdir().unwrap();
        let profile_argument = format!("--user-data-dir={}", profile.path().display());
        let arguments = [
            "--headless",
            "--no-sandbox", // refuses to run for root
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-quic",
            "--no-first-run",
            "--no-proxy-server",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--window-size=1000,900",
            &profile_argument,
        ];
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None)
            .timeout_global(Some(Duration::from_secs(60)));
        let mut browser = Self {
            agent: Agent::new_with_config(config.build()),
            session: format!("{}session", driver.url),
            _driver: driver,
            _profile: profile,
        };
        let options = json!({ "binary": chromium, "args": arguments });
        let capabilities = json!({ "alwaysMatch": { "goog:chromeOptions": options } });
        let session = browser.post("", &json!({ "capabilities": capabilities }));
        let id = session["sessionId"].as_str().expect("a session has an id");
        browser.session = format!("{}/{id}", browser.session);
        // Elements and pages may take their time on a machine that is busy.
        browser.post(
            "/timeouts",
            &json!({ "implicit": 10_000, "pageLoad": 60_000 }),
        );
        browser
    }

    pub(crate) fn go(&self, url: &str) {
        self.post("/url", &json!({ "url": url }));
    }

    pub(crate) fn url(&self) -> String {
        text(&self.get("/url"))
    }

    /// The first element that a CSS selector finds.
    pub(crate) fn find(&self, selector: &str) -> Element<'_> {
        let found = self.post(
            "/element",
            &json!({ "using": "css selector", "value": selector }),
        );
        Element {
            browser: self,
            id: text(&found[ELEMENT]),
        }
    }

    /// What a script returns.
    pub(crate) fn script(&self, script: &str) -> Value {
        self.post("/execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// The window as a PNG file, in base64.
    pub(crate) fn screenshot(&self) -> String {
        text(&self.get("/screenshot"))
    }

    fn get(&self, command: &str) -> Value {
        let answer = self.agent.get(format!("{}{command}", self.session)).call();
        value(
            command,
            answer.unwrap().body_mut().read_to_string().unwrap(),
        )
    }

    fn post(&self, command: &str, body: &Value) -> Value {
        let request = self.agent.post(format!("{}{command}", self.session));
        let request = request.content_type("application/json");
        let answer = request.send(body.to_string());
        let body = answer
            .unwrap()
            .body_mut()
            .with_config()
            .limit(64 << 20)
            .read_to_string();
        value(command, body.unwrap())
    }
}

impl Element<'_> {
    pub(crate) fn text(&self) -> String {
        text(&self.browser.get(&format!("/element/{}/text", self.id)))
    }

    pub(crate) fn click(&self) {
        self.browser
            .post(&format!("/element/{}/click", self.id), &json!({}));
    }

    pub(crate) fn type_in(&self, text: &str) {
        self.browser.post(
            &format!("/element/{}/value", self.id),
            &json!({ "text": text }),
        );
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Ends Chromium; the driver alone would leave it running.
        let _ = self.agent.delete(&self.session).call();
    }
}

fn value(command: &str, answer: String) -> Value {
    let mut answer: Value = serde_json::from_str(&answer).unwrap_or(Value::String(answer));
    let value = answer["value"].take();
    assert!(
        value.get("error").is_none(),
        "WebDriver {command:?}: {value:#}"
    );
    value
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no text"))
        .to_owned()
}

/// The first of these programs that there is.
fn installed(names: &[&str]) -> PathBuf {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = env::split_paths(&path).collect();
    let candidates = names
        .iter()
        .flat_map(|name| folders.iter().map(move |at| at.join(name)));
    let found = candidates
        .map(|file| file.with_extension(env::consts::EXE_EXTENSION))
        .find(|file| file.is_file());
    found.unwrap_or_else(|| panic!("this test needs {}, which is not here\n{INSTALL}", names[0]))
}
