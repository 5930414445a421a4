//! Runs the real binary in a clean environment.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    dead_code,
    unreachable_pub,
    reason = "a test may panic, and not every test uses every helper"
)]

use std::{
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

/// The repository.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The binary with nothing of the caller's environment but what a process needs.
pub fn tenure(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tenure"));
    command.args(arguments).current_dir(folder).env_clear().stdin(Stdio::null());
    command.env("NO_COLOR", "1");
    command
}

/// Runs the binary to its end.
pub fn run(folder: &Path, arguments: &[&str]) -> Output {
    tenure(folder, arguments).output().unwrap()
}

/// Says that something is not tested here. What a passing test prints is not shown; this is.
pub fn notice(text: &str) {
    use std::io::Write;
    let text = format!("\nNOTICE: {text}\n");
    std::io::stderr().write_all(text.as_bytes()).unwrap();
}

/// Exit status, stdout and stderr as one text for snapshots.
pub fn transcript(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    format!(
        "exit {}\n----- stdout -----\n{}----- stderr -----\n{}",
        output.status.code().unwrap(),
        text(&output.stdout),
        text(&output.stderr)
    )
}

/// Stdout as text.
pub fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// Stderr as text.
pub fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Copies a directory with everything below it.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// The acme fixture and the policies, copied into a folder of the test's own.
pub fn acme() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy(&root().join("fixtures/acme"), folder.path());
    copy(&root().join("policies"), &folder.path().join("policies"));
    folder
}

/// The report of a check of `snapshot.json` by `policies`, as JSON.
pub fn report(folder: &Path, further: &[&str]) -> serde_json::Value {
    let mut arguments = vec!["check", "snapshot.json", "--policies", "policies", "--format", "json"];
    arguments.extend(further);
    let output = run(folder, &arguments);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", stderr(&output)))
}

/// The outcomes of a check by subject and entitlement.
pub fn outcome(report: &serde_json::Value, check: &str, subject: &str, entitlement: Option<&str>) -> String {
    let findings = report["findings"].as_array().unwrap();
    let found: Vec<&serde_json::Value> = findings
        .iter()
        .filter(|finding| {
            finding["check"] == check
                && finding["subject"]["id"] == subject
                && finding["entitlement"] == serde_json::json!(entitlement)
        })
        .collect();
    assert_eq!(found.len(), 1, "{check} {subject} {entitlement:?}");
    found[0]["outcome"].as_str().unwrap().to_owned()
}

/// A Chromium: the one that `TENURE_BROWSER` names, else one on the PATH.
pub fn browser() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("TENURE_BROWSER") {
        return Some(named.into());
    }
    let folders: Vec<PathBuf> = std::env::split_paths(&std::env::var_os("PATH")?).collect();
    let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    let found =
        names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name))).find(|path| path.is_file());
    if found.is_none() {
        notice("no Chromium on the PATH: the HTML report is NOT TESTED in a browser; name one with TENURE_BROWSER");
    }
    found
}
