//! `--watch`: what is saved is judged again.

#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod common;

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Stdio},
    sync::mpsc::{Receiver, channel},
    time::Duration,
};

use common::{acme, tenure};

/// However slow the machine is; nothing is decided by how long it takes.
const PATIENCE: Duration = Duration::from_secs(120);

struct Watching {
    child: Child,
    lines: Receiver<String>,
}

impl Watching {
    fn start(folder: &Path, arguments: &[&str]) -> Self {
        let mut command = tenure(folder, arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (sender, lines) = channel();
        let streams: [Box<dyn std::io::Read + Send>; 2] =
            [Box::new(child.stdout.take().unwrap()), Box::new(child.stderr.take().unwrap())];
        for stream in streams {
            let sender = sender.clone();
            std::thread::spawn(move || {
                for line in BufReader::new(stream).lines().map_while(Result::ok) {
                    let _nobody_listens = sender.send(line);
                }
            });
        }
        Watching { child, lines }
    }

    /// Everything up to the line with this text in it.
    fn until(&self, text: &str) -> Vec<String> {
        let mut said: Vec<String> = Vec::new();
        loop {
            let line = self.lines.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|_| panic!("`{text}` was not said:\n{}", said.join("\n")));
            let found = line.contains(text);
            said.push(line);
            if found {
                return said;
            }
        }
    }
}

impl Watching {
    /// Reading files is no change of them: once all is said, nothing more is until the next save.
    fn settles(&self) {
        let mut last = Vec::new();
        // What a save said may still be on its way.
        for _ in 0..50 {
            match self.lines.recv_timeout(Duration::from_secs(1)) {
                Ok(line) => last.push(line),
                Err(_) => return,
            }
        }
        panic!("it says more and more:\n{}", last.join("\n"));
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

#[test]
fn check_shows_what_a_save_changed() {
    let folder = acme();
    let watching = Watching::start(folder.path(), &["check", "snapshot.json", "--policies", "policies", "--watch"]);
    watching.until("watching for changes");
    let path = folder.path().join("policies/systems/github.yaml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{text}  - {{ type: org-role, to: [engineering], levels: [admin] }}\n")).unwrap();
    let said = watching.until("fail → pass  access-valid github/hlund admin").join("\n");
    assert!(said.contains("changed: now "), "{said}");
    // A mistake is told, and watching goes on.
    fs::write(&path, format!("{text}  - {{ type: org-rol, to: [engineering], levels: [admin] }}\n")).unwrap();
    watching.until("there is no access type `org-rol`");
    fs::write(&path, &text).unwrap();
    watching.until("pass → fail  access-valid github/hlund admin");
    // A snapshot that another run has written.
    let snapshot = folder.path().join("snapshot.json");
    let text = fs::read_to_string(&snapshot).unwrap();
    fs::write(folder.path().join("new.json"), text.replace("\"henrik.lund@acme.example\"", "\"nobody@acme.example\""))
        .unwrap();
    fs::rename(folder.path().join("new.json"), &snapshot).unwrap();
    watching.until("changed: now ");
    watching.settles();
}

#[test]
fn tests_run_again_and_not_without_end() {
    let folder = acme();
    let tests = folder.path().join("policies/tests");
    fs::remove_dir_all(&tests).unwrap();
    fs::create_dir_all(&tests).unwrap();
    let test = |outcome: &str| {
        format!(
            "tests:\n  - name: a test\n    organization: {{ as_of: 2026-11-20, people: [{{ id: ada }}] }}\n    expect: [{{ check: staff-role-assigned, subject: ada, outcome: {outcome} }}]\n"
        )
    };
    fs::write(tests.join("one.yaml"), test("pass")).unwrap();
    let watching = Watching::start(folder.path(), &["test", "policies", "--watch"]);
    // One on stdout and one on stderr: in any order.
    let said = watching.until("1 test: 1 passed, 0 failed");
    if !said.iter().any(|line| line.contains("watching for changes")) {
        watching.until("watching for changes");
    }
    fs::write(tests.join("one.yaml"), test("fail")).unwrap();
    watching.until("1 test: 0 passed, 1 failed");
    watching.settles();
    fs::write(tests.join("one.yaml"), test("pass")).unwrap();
    watching.until("1 test: 1 passed, 0 failed");
}

#[test]
fn paths_may_lead_upwards_and_through_links() {
    let folder = acme();
    let here = folder.path().join("here");
    fs::create_dir(&here).unwrap();
    let watching = Watching::start(&here, &["check", "../snapshot.json", "--policies", "../policies", "--watch"]);
    watching.until("watching for changes");
    let path = folder.path().join("policies/systems/github.yaml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{text}  - {{ type: org-role, to: [engineering], levels: [admin] }}\n")).unwrap();
    watching.until("fail → pass  access-valid github/hlund admin");
}
