//! The HTML report in a real browser: it loads without a word on the console, filters, sorts, opens findings, prints, and
//! runs nothing that a name may hold.
//!
//! Needs a Chromium: the one that `TENURE_BROWSER` names, else one on the PATH. Where there is none, the tests say so.

#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use std::{
    fs,
    io::{BufRead, BufReader},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use serde_json::{Value, json};
use tungstenite::{Message, WebSocket};

/// A page of a browser, driven by the DevTools protocol.
struct Page {
    child: Child,
    socket: WebSocket<TcpStream>,
    session: Option<String>,
    last: u64,
    /// What the console said, and what the page was kept from.
    said: Vec<String>,
    loaded: bool,
    _profile: tempfile::TempDir,
}

impl Drop for Page {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _status = self.child.wait();
    }
}

impl Page {
    fn open(program: &Path, file: &Path) -> Page {
        let profile = tempfile::tempdir().unwrap();
        let mut child = Command::new(program)
            .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"])
            .args(["--remote-debugging-port=0", "about:blank"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let address = lines
            .find_map(|line| line.unwrap().strip_prefix("DevTools listening on ").map(str::to_owned))
            .unwrap_or_else(|| panic!("{} does not listen", program.display()));
        // Whatever else it says has to go somewhere.
        std::thread::spawn(move || lines.for_each(drop));
        let host = address.strip_prefix("ws://").unwrap().split('/').next().unwrap();
        let stream = TcpStream::connect(host).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(120))).unwrap();
        let (socket, _) = tungstenite::client(address.as_str(), stream).unwrap();
        let mut page =
            Page { child, socket, session: None, last: 0, said: Vec::new(), loaded: false, _profile: profile };
        let target = page.call("Target.createTarget", json!({ "url": "about:blank" }));
        let attached = page.call("Target.attachToTarget", json!({ "targetId": target["targetId"], "flatten": true }));
        page.session = Some(attached["sessionId"].as_str().unwrap().to_owned());
        for domain in ["Page.enable", "Runtime.enable", "Log.enable"] {
            page.call(domain, json!({}));
        }
        page.call("Page.navigate", json!({ "url": format!("file://{}", file.display()) }));
        while !page.loaded {
            page.receive();
        }
        page
    }

    fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.last += 1;
        let id = self.last;
        let mut message = json!({ "id": id, "method": method, "params": parameters });
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        self.socket.send(Message::text(message.to_string())).unwrap();
        loop {
            let answer = self.receive();
            if answer["id"] == id {
                assert!(answer.get("error").is_none(), "{method}: {answer}");
                return answer["result"].clone();
            }
        }
    }

    fn receive(&mut self) -> Value {
        let message = self.socket.read().unwrap();
        let message: Value = serde_json::from_str(message.to_text().unwrap()).unwrap();
        match message["method"].as_str() {
            Some("Page.loadEventFired") => self.loaded = true,
            Some(
                "Runtime.exceptionThrown"
                | "Runtime.consoleAPICalled"
                | "Log.entryAdded"
                | "Page.javascriptDialogOpening",
            ) => {
                self.said.push(message["params"].to_string());
            }
            _ => {}
        }
        message
    }

    /// The value of an expression in the page; promises are waited for.
    fn value(&mut self, expression: &str) -> Value {
        let parameters = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let result = self.call("Runtime.evaluate", parameters);
        assert!(result.get("exceptionDetails").is_none(), "{expression}: {result}");
        result["result"]["value"].clone()
    }

    fn shown(&mut self) -> usize {
        let shown = self.value("document.querySelectorAll('#table tbody tr:not([hidden])').length");
        usize::try_from(shown.as_u64().unwrap()).unwrap()
    }

    /// Sets a field of the filter as a hand would, and waits for what comes of it.
    fn filter(&mut self, field: &str, value: &str) {
        self.value(&format!(
            "(() => {{ const field = document.getElementById('controls').elements.namedItem('{field}');
               field.value = {value:?}; field.dispatchEvent(new Event('input', {{ bubbles: true }}));
               return new Promise((done) => setTimeout(done, 300)); }})()"
        ));
    }

    fn assert_silent(&self) {
        assert_eq!(self.said, Vec::<String>::new(), "the console is not empty");
    }
}

fn report(folder: &Path, snapshot: &str) -> (PathBuf, Value) {
    let arguments = ["check", snapshot, "--policies", "policies", "--format", "json", "--export", "report.html"];
    let output = common::run(folder, &arguments);
    (folder.join("report.html"), serde_json::from_slice(&output.stdout).unwrap())
}

#[test]
fn the_report_loads_filters_sorts_opens_and_prints() {
    let Some(browser) = common::browser() else { return };
    let folder = common::acme();
    let (file, report) = report(folder.path(), "snapshot.json");
    let findings = report["findings"].as_array().unwrap();
    let of = |key: &str, value: &str| findings.iter().filter(|finding| finding[key] == value).count();
    let mut page = Page::open(&browser, &file);
    assert_eq!(page.shown(), findings.len());
    assert_eq!(page.value("document.getElementById('count').textContent"), format!("{} findings", findings.len()));

    page.filter("outcome", "fail");
    assert_eq!(page.shown(), of("outcome", "fail"));
    page.filter("outcome", "");
    page.filter("check", "user-identified");
    assert_eq!(page.shown(), of("check", "user-identified"));
    page.filter("text", "octo-OLD");
    assert_eq!(page.shown(), 1);
    assert_eq!(page.value("location.hash"), "#?text=octo-OLD&check=user-identified");
    page.value(
        "document.querySelector('#controls button[type=reset]').click(); new Promise((done) => setTimeout(done, 300))",
    );
    assert_eq!(page.shown(), findings.len());

    let severities = "Array.from(document.querySelectorAll('#table tbody tr'), (row) => row.cells[1].textContent)";
    page.value("document.querySelector('th[data-key=severity] button').click()");
    let sorted = page.value(severities);
    assert_eq!(sorted[0], "critical");
    assert_eq!(sorted.as_array().unwrap().last().unwrap(), "low");
    assert_eq!(page.value("document.querySelector('th[data-key=severity]').getAttribute('aria-sort')"), "ascending");
    page.value("document.querySelector('th[data-key=severity] button').click()");
    assert_eq!(page.value(severities)[0], "low");

    let id = findings[3]["id"].as_str().unwrap();
    let is_open = format!("document.querySelector('#f-{id} .why').checkVisibility()");
    assert_eq!(page.value(&is_open), false);
    page.value(&format!("document.querySelector('#f-{id} summary').click()"));
    assert_eq!(page.value(&is_open), true);
    let text = page.value(&format!("document.querySelector('#f-{id} .why').textContent"));
    assert!(text.as_str().unwrap().contains(id), "{text}");

    assert_eq!(page.value("document.querySelectorAll('.chart .person').length"), 43);
    assert_eq!(page.value("document.querySelectorAll('.chart .broken').length"), 11);
    assert_eq!(page.value("document.querySelectorAll('.system').length"), 3);
    assert_eq!(page.value("document.querySelectorAll('.timeline li').length"), 5);

    page.call("Emulation.setEmulatedMedia", json!({ "media": "print" }));
    let closed = "Array.from(document.querySelectorAll('.why')).filter((why) => !why.checkVisibility({contentVisibilityAuto: true})).length";
    // The browser lays the page out anew some frames later.
    for _ in 0..100 {
        if page.value(closed) == 0 {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert_eq!(page.value(closed), 0, "paper shows everything");
    assert_eq!(page.value("getComputedStyle(document.getElementById('controls')).display"), "none");
    let printed = page.call("Page.printToPDF", json!({}));
    assert!(printed["data"].as_str().unwrap().starts_with("JVBERi0"), "a PDF in base64");
    page.assert_silent();
}

#[test]
fn a_link_to_a_finding_opens_it_and_a_kept_filter_is_taken_up() {
    let Some(browser) = common::browser() else { return };
    let folder = common::acme();
    let (file, report) = report(folder.path(), "snapshot.json");
    let id = report["findings"][5]["id"].as_str().unwrap();
    let mut page = Page::open(&browser, Path::new(&format!("{}#f-{id}", file.display())));
    assert_eq!(page.value(&format!("document.querySelector('#f-{id} details').open")), true);
    let mut page = Page::open(&browser, Path::new(&format!("{}#?outcome=exempt&sort=-subject", file.display())));
    assert_eq!(page.shown(), 2);
    page.assert_silent();
}

/// What somebody might call themselves.
const HOSTILE: [&str; 4] = [
    "<script>window.hacked = 1; alert(1)</script>",
    "</script><script>window.hacked = 2</script>",
    "\" onmouseover=\"window.hacked = 3\" x=\"",
    "<img src=x onerror='window.hacked = 4'>",
];

#[test]
fn names_run_nothing() {
    let Some(browser) = common::browser() else { return };
    let folder = common::acme();
    let path = folder.path().join("snapshot.json");
    let mut snapshot: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    for (person, name) in snapshot["people"].as_array_mut().unwrap().iter_mut().zip(HOSTILE.iter().cycle()) {
        person["name"] = json!(name);
    }
    for (account, name) in snapshot["accounts"].as_array_mut().unwrap().iter_mut().zip(HOSTILE.iter().cycle()) {
        account["email"] = json!(name);
    }
    snapshot["organization"]["name"] = json!(HOSTILE[1]);
    fs::write(&path, snapshot.to_string()).unwrap();
    let (file, report) = report(folder.path(), "snapshot.json");
    let mut page = Page::open(&browser, &file);
    assert_eq!(page.shown(), report["findings"].as_array().unwrap().len());
    page.value(
        "document.querySelectorAll('#table *').forEach((one) => one.dispatchEvent(new MouseEvent('mouseover')))",
    );
    assert_eq!(page.value("typeof window.hacked"), "undefined");
    assert_eq!(page.value("document.images.length"), 0);
    assert_eq!(page.value("document.scripts.length"), 1);
    assert!(page.value("document.querySelector('h1').textContent").as_str().unwrap().contains("</script>"));
    page.assert_silent();
}

#[test]
fn ten_thousand_findings_can_be_filtered_and_sorted() {
    let Some(browser) = common::browser() else { return };
    let folder = tempfile::tempdir().unwrap();
    let report = fs::read(common::root().join("fixtures/acme/report.json")).unwrap();
    let mut report: tenure::report::Report = serde_json::from_slice(&report).unwrap();
    let few = report.findings.clone();
    report.findings = (0..10_000)
        .map(|index| {
            let mut finding = few[index % few.len()].clone();
            finding.id = format!("00000000-0000-5000-8000-{index:012}");
            finding.subject.label = Some(format!("Somebody {index}"));
            finding
        })
        .collect();
    let file = folder.path().join("report.html");
    let mut page = Vec::new();
    tenure::report::html::write(&tenure::report::View::of(&report), &mut page).unwrap();
    fs::write(&file, page).unwrap();
    let mut page = Page::open(&browser, &file);
    assert_eq!(page.shown(), 10_000);
    page.filter("text", "somebody 9999");
    assert_eq!(page.shown(), 1);
    page.filter("text", "");
    page.value("document.querySelector('th[data-key=subject] button').click()");
    assert_eq!(page.value("document.querySelector('#table tbody tr b').textContent"), "Somebody 0");
    page.assert_silent();
}
