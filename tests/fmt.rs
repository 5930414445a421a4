//! `tenure fmt`: the layout changes, and nothing else does.

#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use std::{fs, io::Write, process::Stdio};

use cedar_policy::PolicySet;
use common::{acme, report, run, stderr, stdout, tenure};

const UGLY: &str = "// what follows\n@id(\"a\")permit(principal,action,resource)when{principal has workEmail// why\n&&true};\n// the end\n";

#[test]
fn the_shipped_policies_mean_the_same_and_are_done_after_once() {
    let folder = acme();
    // They are formatted as they should be; so that there is something to do, they are not.
    for name in ["access", "accounts", "people", "systems"] {
        let path = folder.path().join(format!("policies/{name}.cedar"));
        let text = fs::read_to_string(&path).unwrap();
        let text = text.replace("(\n  principal,\n  action", "(principal, action").replace("\nwhen\n{", " when {");
        fs::write(&path, text).unwrap();
    }
    let before = report(folder.path(), &["--all"]);
    let outcomes = |report: &serde_json::Value| -> Vec<(String, String)> {
        let findings = report["findings"].as_array().unwrap().iter();
        findings.map(|one| (one["id"].to_string(), one["outcome"].to_string())).collect()
    };
    let texts = |folder: &std::path::Path| -> Vec<(String, String)> {
        let mut texts = Vec::new();
        for name in ["access", "accounts", "people", "systems"] {
            let path = folder.join(format!("policies/{name}.cedar"));
            texts.push((name.to_owned(), fs::read_to_string(path).unwrap()));
        }
        texts
    };
    let written = texts(folder.path());
    assert_eq!(run(folder.path(), &["fmt", "--check", "policies"]).status.code(), Some(1));
    assert_eq!(texts(folder.path()), written, "--check writes nothing");
    let output = run(folder.path(), &["fmt", "policies"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_ne!(texts(folder.path()), written);
    assert_eq!(run(folder.path(), &["fmt", "--check", "policies"]).status.code(), Some(0), "once is enough");
    for ((name, old), (_, new)) in written.iter().zip(texts(folder.path())) {
        let meaning = |text: &str| text.parse::<PolicySet>().unwrap().to_json().unwrap();
        assert_eq!(meaning(old), meaning(&new), "{name}");
        let comments = |text: &str| text.lines().filter(|line| line.trim_start().starts_with("//")).count();
        assert_eq!(comments(old), comments(&new), "{name}");
    }
    assert_eq!(outcomes(&before), outcomes(&report(folder.path(), &["--all"])));
    assert_eq!(run(folder.path(), &["validate", "policies", "--deny-warnings"]).status.code(), Some(0));
}

#[test]
fn from_stdin_to_stdout_with_every_comment() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = tenure(folder.path(), &["fmt", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(UGLY.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let text = stdout(&output);
    for comment in ["// what follows", "// why", "// the end"] {
        assert!(text.contains(comment), "{text}");
    }
    assert!(text.contains("permit (principal, action, resource)\nwhen"), "{text}");
}

#[test]
fn a_difference_is_shown_and_what_does_not_parse_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.cedar");
    fs::write(&path, UGLY).unwrap();
    let output = run(folder.path(), &["fmt", "--diff", "a.cedar"]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(stdout(&output).starts_with("--- a.cedar\n+++ a.cedar (formatted)\n"), "{}", stdout(&output));
    assert_eq!(fs::read_to_string(&path).unwrap(), UGLY);
    fs::write(&path, "permit (principal").unwrap();
    let output = run(folder.path(), &["fmt", "a.cedar"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("a.cedar` cannot be formatted"), "{}", stderr(&output));
    assert_eq!(fs::read_to_string(&path).unwrap(), "permit (principal");
    fs::create_dir(folder.path().join("empty")).unwrap();
    fs::write(folder.path().join("empty/a.yaml"), "a: 1").unwrap();
    assert_eq!(run(folder.path(), &["fmt", "empty"]).status.code(), Some(4));
}
