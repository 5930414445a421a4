//! The error corpus: bad input of every kind, and exactly what is said about it.
//!
//! A case is a directory of `tests/bad/`: its input files, `args` with one argument a line, and `expected` with the exit
//! status and stderr. `UPDATE_EXPECTED=1` writes what is said now; read the difference before keeping it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod common;

use std::{collections::BTreeSet, fs, path::Path};

fn names(folder: &Path, prefix: &str, all: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            names(&entry.path(), &format!("{name}/"), all);
        } else {
            all.insert(name);
        }
    }
}

#[test]
fn every_case_says_what_is_expected() {
    let mut failures = Vec::new();
    let mut count = 0;
    let mut cases: Vec<_> =
        fs::read_dir(common::root().join("tests/bad")).unwrap().map(|e| e.unwrap().path()).collect();
    cases.sort();
    for case in cases {
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        // A copy, so that no configuration of the repository is found and nothing can be left behind in it.
        let folder = tempfile::tempdir().unwrap();
        common::copy(&case, folder.path());
        let text = fs::read_to_string(case.join("args")).unwrap();
        let arguments: Vec<&str> = text.lines().collect();
        let mut before = BTreeSet::new();
        names(folder.path(), "", &mut before);
        let output = common::run(folder.path(), &arguments);
        let mut after = BTreeSet::new();
        names(folder.path(), "", &mut after);
        let said = format!("exit {}\n{}", output.status.code().unwrap(), common::stderr(&output));
        if std::env::var_os("UPDATE_EXPECTED").is_some() {
            fs::write(case.join("expected"), &said).unwrap();
        }
        let expected = fs::read_to_string(case.join("expected")).unwrap_or_default();
        if said != expected {
            failures.push(format!("{name}: expected\n{expected}\nbut it says\n{said}"));
        }
        if before != after {
            failures.push(format!("{name}: files were left behind: {:?}", after.difference(&before)));
        }
        if said.starts_with("exit 0") || said.starts_with("exit 1\n") || said.contains("panicked") {
            failures.push(format!("{name}: bad input has to be refused: {said}"));
        }
        count += 1;
    }
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
    assert!(count >= 40, "only {count} cases");
}
