//! Made-up data of the vendors' shapes, from raw pages and exports to verdicts.

#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use std::{fs, path::Path};

use common::{copy, outcome, report, root, run, stderr};
use serde_json::Value;

const AT: &str = "2026-11-20T09:00:00Z";

/// Globex with the shipped rules beside its own data.
fn globex() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy(&root().join("fixtures/globex"), folder.path());
    for entry in fs::read_dir(root().join("policies")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "cedar" || extension == "cedarschema") {
            fs::copy(&path, folder.path().join("policies").join(path.file_name().unwrap())).unwrap();
        }
    }
    folder
}

fn import(folder: &Path) -> Value {
    let output = run(folder, &["import", "--collected-at", AT]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    serde_json::from_slice(&fs::read(folder.join("snapshot.json")).unwrap()).unwrap()
}

fn counts(report: &Value, check: &str) -> Vec<u64> {
    let checks = report["summary"]["checks"].as_array().unwrap();
    let counts = &checks.iter().find(|one| one["check"] == check).unwrap()["counts"];
    ["pass", "fail", "unknown", "exempt", "not_applicable"].map(|key| counts[key].as_u64().unwrap()).to_vec()
}

/// The counts were worked out by a normaliser written apart from this one; see fixtures/globex/README.md.
#[test]
fn every_vendors_fixture_runs_through_check() {
    let folder = globex();
    let snapshot = import(folder.path());
    for source in snapshot["sources"].as_array().unwrap() {
        for collection in source["collections"].as_array().unwrap() {
            assert_eq!(collection["complete"], true, "{source}");
        }
    }
    let report = report(folder.path(), &["--all"]);
    assert_eq!(counts(&report, "staff-role-assigned"), [16, 1, 0, 0, 5]);
    assert_eq!(counts(&report, "reporting-manager-assigned"), [12, 3, 1, 1, 5]);
    assert_eq!(counts(&report, "joining-date-provided"), [15, 1, 3, 0, 3]);
    assert_eq!(counts(&report, "user-identified"), [50, 6, 6, 0, 0]);
    assert_eq!(counts(&report, "offboarded-access-removed"), [38, 6, 13, 0, 5]);
    assert_eq!(counts(&report, "access-valid"), [54, 7, 41, 0, 20]);
    assert_eq!(counts(&report, "access-rules-configured"), [5, 1, 0, 0, 0]);
    assert_eq!(counts(&report, "account-list-current"), [6, 0, 0, 0, 0]);
    assert_eq!(counts(&report, "staff-list-current"), [1, 0, 0, 0, 0]);
    // An account whose number contradicts its address is nobody's.
    let text = report["findings"].to_string();
    assert!(text.contains("ambiguous"), "s09");
    // What the system says of whose it is helps people to ask further.
    assert!(text.contains("employee number G-0012"), "s09");
    // Facts name the vendor's own collections.
    assert!(text.contains(r#""collection":"employments""#) && !text.contains(r#""collection":"job-roles""#));
}

#[test]
fn nothing_personal_leaves_the_vendors_pages() {
    let folder = globex();
    import(folder.path());
    let snapshot = fs::read_to_string(folder.path().join("snapshot.json")).unwrap();
    for marker in ["DROPME", "987654321"] {
        let raw = fs::read_to_string(folder.path().join("merge/employees-1.json")).unwrap()
            + &fs::read_to_string(folder.path().join("merge/employments-1.json")).unwrap();
        assert!(raw.contains(marker), "the test would prove nothing");
        assert!(!snapshot.contains(marker), "{marker}");
    }
}

#[test]
fn staff_through_truto_are_judged_the_same_way() {
    let folder = globex();
    let config = fs::read_to_string(folder.path().join("tenure.yaml")).unwrap();
    let config = config.replace("format: merge, path: merge/", "format: truto-hris, path: truto-hris/");
    fs::write(folder.path().join("tenure.yaml"), config).unwrap();
    let snapshot = import(folder.path());
    assert_eq!(snapshot["people"].as_array().unwrap().len(), 6);
    let words: Vec<&str> =
        snapshot["people"].as_array().unwrap().iter().filter_map(|one| one["status"].as_str()).collect();
    for word in ["active", "new-hire", "offboarded"] {
        assert!(words.contains(&word), "{words:?}");
    }
    assert!(words.len() < 6, "`excluded` and a word of nobody's are unknown");
    let report = report(folder.path(), &["--all"]);
    let role = counts(&report, "staff-role-assigned");
    assert_eq!(role.iter().sum::<u64>(), 6, "{role:?}");
}

#[test]
fn two_staff_lists_need_an_order_and_the_first_of_it_counts() {
    let folder = globex();
    let path = folder.path().join("tenure.yaml");
    let config = fs::read_to_string(&path).unwrap();
    let both = config.replace("sources:\n", "sources:\n  - { kind: file, format: truto-hris, path: truto-hris/ }\n");
    fs::write(&path, &both).unwrap();
    let output = run(folder.path(), &["import", "--collected-at", AT]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("`staff:` does not rank them"), "{}", stderr(&output));
    assert!(!folder.path().join("snapshot.json").exists());

    fs::write(&path, both.replace("sources:\n", "staff: [merge, truto]\nsources:\n")).unwrap();
    let snapshot = import(folder.path());
    let people = snapshot["people"].as_array().unwrap();
    assert_eq!(people.len(), 22, "joined by the id in the HRIS");
    let first = people.iter().find(|one| one["id"] == "glx000000000000000000001").unwrap();
    assert_eq!(first["source"], "merge");
    fs::write(&path, both.replace("sources:\n", "staff: [truto, merge]\nsources:\n")).unwrap();
    let snapshot = import(folder.path());
    let people = snapshot["people"].as_array().unwrap();
    let sources: Vec<&str> = people.iter().map(|one| one["source"].as_str().unwrap()).collect();
    assert_eq!(sources.iter().filter(|source| **source == "truto").count(), 6);
    report(folder.path(), &[]);
}

#[test]
fn a_source_that_cannot_be_read_is_left_out_only_where_that_is_allowed() {
    let folder = globex();
    fs::write(folder.path().join("okta-users.json"), "[{").unwrap();
    let output = run(folder.path(), &["import", "--collected-at", AT]);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(!folder.path().join("snapshot.json").exists());
    let output = run(folder.path(), &["import", "--collected-at", AT, "--allow-incomplete"]);
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    let report = report(folder.path(), &["--all"]);
    assert_eq!(outcome(&report, "account-list-current", "okta", None), "unknown");
}

#[test]
fn formats_are_guessed_and_the_guess_is_said() {
    let folder = globex();
    let config = fs::read_to_string(folder.path().join("tenure.yaml")).unwrap();
    import(folder.path());
    let told = fs::read(folder.path().join("snapshot.json")).unwrap();
    let mut without = String::new();
    for line in config.lines() {
        let line = match line.split_once("format: ") {
            Some((before, after)) => format!("{before}{}", after.split_once(", ").unwrap().1),
            None => line.to_owned(),
        };
        without.push_str(&line);
        without.push('\n');
    }
    assert_ne!(config, without);
    fs::write(folder.path().join("tenure.yaml"), without).unwrap();
    let output = run(folder.path(), &["import", "--collected-at", AT]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    for said in ["read as merge", "read as scim", "read as okta-users", "read as google-workspace-csv"] {
        assert!(stderr(&output).contains(said), "{said}: {}", stderr(&output));
    }
    assert!(
        told == fs::read(folder.path().join("snapshot.json")).unwrap(),
        "guessed or told, the snapshot is the same"
    );
}
