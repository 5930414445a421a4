//! From the exports of a made-up company to a first useful report: the commands of the page, in their order.
#![cfg(all(feature = "cli", unix))]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use std::{fs, process::Command};

use common::{root, run, stdout};
use serde_json::Value;

/// The commands of the first console block below a heading.
fn commands(page: &str, heading: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join(page)).unwrap();
    let section = text.split(&format!("\n## {heading}\n")).nth(1).unwrap();
    let block = section.split("```console\n").nth(1).unwrap().split("```").next().unwrap();
    block.lines().filter_map(|line| line.strip_prefix("$ ")).map(str::to_owned).collect()
}

#[test]
fn exports_become_a_useful_report_in_at_most_eight_commands() {
    let folder = tempfile::tempdir().unwrap();
    common::copy(&root().join("fixtures/first-report"), &folder.path().join("exports"));
    let bin = folder.path().join("bin");
    fs::create_dir(&bin).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_tenure"), bin.join("tenure")).unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let commands = commands("docs/import.md", "Begin a project with exports");
    assert!((3..=8).contains(&commands.len()), "{commands:?}");
    for command in &commands {
        let output = Command::new("sh").args(["-c", command]).current_dir(folder.path()).env("PATH", &path).output();
        let output = output.unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        // 1: the report has findings.
        assert!(matches!(output.status.code(), Some(0 | 1)), "{command}: {}\n{}{said}", output.status, stdout(&output));
    }

    let output = run(folder.path(), &["check", "snapshot.json", "--format", "json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let findings = report["findings"].as_array().unwrap();
    let of = |check: &str, subject: &str| {
        let is = |finding: &&Value| finding["check"] == check && finding["subject"]["id"] == subject;
        findings.iter().find(is).map(|finding| finding["outcome"].as_str().unwrap())
    };
    // It is useful: the leaver's accounts are found, by an address and by a login that was suggested.
    assert_eq!(of("offboarded-access-removed", "okta/00uacm00000000000002"), Some("fail"));
    assert_eq!(of("offboarded-access-removed", "github/bobboon"), Some("fail"));
    assert!(findings.iter().any(|finding| finding["check"] == "access-valid" && finding["outcome"] == "fail"));
    // What `init` could have written is there: a file for each system, with access rules and which levels are judged.
    assert!(findings.iter().all(|finding| finding["check"] != "access-rules-configured"));
    let systems = report["systems"].as_array().unwrap();
    assert!(systems.len() == 4 && systems.iter().any(|system| system["judged_by"] == "login-only"), "{systems:?}");

    let unknown: Vec<&Value> = findings.iter().filter(|finding| finding["outcome"] == "unknown").collect();
    assert!(!unknown.is_empty() && unknown.len() < 20, "{}", unknown.len());
    for finding in unknown {
        let text = finding["remedy"]["text"].as_str().unwrap_or_default();
        let declared = |part: &str| finding["remedy"]["yaml"].as_str().is_some_and(|yaml| yaml.contains(part));
        assert!(!text.is_empty() && !text.contains("First resolve what keeps"), "{finding:#}");
        assert!(!declared("levels:"), "`init` knows which systems give no levels: {finding:#}");
        // Each unknown owner names the entry to add.
        if text.contains("whose account it is") {
            assert!(declared("person: <HRIS id>"), "{finding:#}");
        }
    }
}
