//! `tenure diff` and `tenure history`, over an organisation that changes.

#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use std::{fs, path::Path};

use serde_json::{Value, json};

fn schema(name: &str) -> jsonschema::Validator {
    let text = fs::read(common::root().join(format!("schemas/{name}.schema.json"))).unwrap();
    jsonschema::validator_for(&serde_json::from_slice(&text).unwrap()).unwrap()
}

fn edit(folder: &Path, file: &str, change: impl Fn(&mut Value)) {
    let path = folder.join(file);
    let mut document: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    change(&mut document);
    fs::write(path, document.to_string()).unwrap();
}

fn account<'s>(snapshot: &'s mut Value, id: &str) -> &'s mut Value {
    snapshot["accounts"].as_array_mut().unwrap().iter_mut().find(|one| one["id"] == id).unwrap()
}

fn check(folder: &Path, day: &str, file: &str, further: &[&str]) {
    let report = common::report(folder, &[&["--as-of", day], further].concat());
    fs::write(folder.join(file), report.to_string()).unwrap();
}

/// Three reports: a leaver's account is removed in the second and back in the third, another is mended in the third.
fn reports() -> tempfile::TempDir {
    let folder = common::acme();
    let path = folder.path();
    fs::create_dir(path.join("reports")).unwrap();
    let status = |id: &'static str, status: &'static str| {
        edit(path, "snapshot.json", move |snapshot| account(snapshot, id)["status"] = json!(status));
    };
    check(path, "2026-11-20", "reports/1.json", &[]);
    status("ihorvat", "deactivated");
    check(path, "2026-11-22", "reports/2.json", &[]);
    status("ihorvat", "active");
    status("pgarrow", "deactivated");
    check(path, "2026-11-25", "reports/3.json", &[]);
    folder
}

#[test]
fn reports_differ_by_findings_and_the_facts_behind_them() {
    let folder = reports();
    let diff = |further: &[&str]| {
        common::run(folder.path(), &[&["diff", "reports/1.json", "reports/2.json"], further].concat())
    };
    let output = diff(&["--format", "json"]);
    assert_eq!(output.status.code(), Some(1));
    let difference: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(schema("difference").is_valid(&difference));
    let changes = difference["changes"].as_array().unwrap();
    let went: Vec<&str> =
        changes.iter().filter(|one| one["what"] == "went").map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(went, ["offboarded-access-removed github/ihorvat"]);
    let summary = changes.iter().find(|one| one["what"] == "went").unwrap()["summary"].as_str().unwrap();
    assert!(summary.ends_with("now: passes, does not apply, or is not asked of this subject"), "{summary}");
    assert_eq!(diff(&["--format", "json"]).stdout, output.stdout);
    insta::assert_snapshot!("diff-reports", common::transcript(&diff(&[])));
    insta::assert_snapshot!("diff-reports-markdown", common::stdout(&diff(&["--format", "markdown"])));
}

#[test]
fn what_changed_in_outcome_comes_first_and_clocks_are_no_changes() {
    let folder = common::acme();
    let path = folder.path();
    check(path, "2026-11-20", "1.json", &["--all"]);
    // A clock runs on and a first report is known: no fact and no verdict is another.
    check(path, "2026-11-21", "later.json", &["--all", "--baseline", "1.json"]);
    let later: Value = serde_json::from_slice(&fs::read(path.join("later.json")).unwrap()).unwrap();
    assert!(later["findings"].as_array().unwrap().iter().any(|one| one["baseline"]["status"] == "known"));
    let diff = |other: &str| {
        let output = common::run(path, &["diff", "1.json", other, "--format", "json"]);
        serde_json::from_slice::<Value>(&output.stdout).unwrap()
    };
    for change in diff("later.json")["changes"].as_array().unwrap() {
        for fact in change["facts"].as_array().unwrap() {
            let path = fact["path"].as_str().unwrap();
            assert!(!["baseline", "clock", "group", "remedy"].iter().any(|run| path.starts_with(run)), "{path}");
        }
    }
    edit(path, "snapshot.json", |snapshot| account(snapshot, "ihorvat")["status"] = json!("deactivated"));
    edit(path, "snapshot.json", |snapshot| {
        account(snapshot, "pgarrow")["last_active_at"] = json!("2026-11-19T08:00:00Z")
    });
    check(path, "2026-11-20", "2.json", &["--all"]);
    let difference = diff("2.json");
    let is_of_outcome: Vec<bool> = difference["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| change["facts"].as_array().unwrap().iter().any(|fact| fact["path"] == "outcome"))
        .collect();
    assert!(is_of_outcome.contains(&true) && is_of_outcome.contains(&false), "{difference:#}");
    assert!(is_of_outcome.is_sorted_by(|a, b| a >= b), "{is_of_outcome:?}");
}

#[test]
fn a_report_of_everything_tells_what_became_of_a_finding() {
    let folder = common::acme();
    let path = folder.path();
    check(path, "2026-11-20", "1.json", &["--all"]);
    edit(path, "snapshot.json", |snapshot| {
        account(snapshot, "ihorvat")["status"] = json!("deactivated");
        snapshot["accounts"].as_array_mut().unwrap().retain(|one| one["id"] != "cmbeki");
    });
    check(path, "2026-11-20", "2.json", &["--all"]);
    let output = common::run(path, &["diff", "1.json", "2.json", "--format", "json"]);
    let difference: Value = serde_json::from_slice(&output.stdout).unwrap();
    let find = |id: &str| {
        let changes = difference["changes"].as_array().unwrap();
        changes.iter().find(|one| one["id"] == id).unwrap_or_else(|| panic!("{id}")).clone()
    };
    let changed = find("offboarded-access-removed github/ihorvat");
    assert_eq!(changed["what"], "changed");
    let fact =
        |path: &str| changed["facts"].as_array().unwrap().iter().find(|one| one["path"] == path).unwrap().clone();
    assert_eq!((&fact("outcome")["before"], &fact("outcome")["after"]), (&json!("fail"), &json!("pass")));
    let status = fact("facts[principal.status].value");
    assert_eq!((&status["before"], &status["after"]), (&json!("invited"), &json!("deactivated")));
    let went = find("user-identified github/cmbeki");
    assert!(went["summary"].as_str().unwrap().ends_with("now: not asked of this subject"));
    let same = common::run(path, &["diff", "2.json", "2.json"]);
    assert_eq!(same.status.code(), Some(0));
    assert!(common::stdout(&same).ends_with("no difference\n"));
}

#[test]
fn snapshots_differ_by_records_fact_by_fact() {
    let folder = common::acme();
    let path = folder.path();
    fs::copy(path.join("snapshot.json"), path.join("old.json")).unwrap();
    edit(path, "snapshot.json", |snapshot| {
        account(snapshot, "ihorvat")["status"] = json!("deactivated");
        account(snapshot, "arjunp")["levels"] = json!(["member"]);
        snapshot["accounts"].as_array_mut().unwrap().retain(|one| one["id"] != "cmbeki");
        let mut person = snapshot["people"][0].clone();
        person["id"] = json!("per-new");
        person["name"] = json!("=cmd()\u{202e}|<script>");
        snapshot["people"].as_array_mut().unwrap().push(person);
        snapshot["people"][3]["job_roles"][0]["job_title"] = json!("Head of Nothing");
    });
    let diff = |further: &[&str]| common::run(path, &[&["diff", "old.json", "snapshot.json"], further].concat());
    let difference: Value = serde_json::from_slice(&diff(&["--format", "json"]).stdout).unwrap();
    assert!(schema("difference").is_valid(&difference));
    assert_eq!(
        (&difference["appeared"], &difference["went"], &difference["changed"]),
        (&json!(1), &json!(1), &json!(3))
    );
    insta::assert_snapshot!("diff-snapshots", common::transcript(&diff(&[])));
    let markdown = common::stdout(&diff(&["--format", "markdown"]));
    assert!(!markdown.contains("<script>") && !markdown.contains('\u{202e}'), "{markdown}");
    insta::assert_snapshot!("diff-snapshots-markdown", markdown);
}

#[test]
fn a_trend_counts_by_check_and_tells_how_long_findings_take() {
    let folder = reports();
    let history = |further: &[&str]| common::run(folder.path(), &[&["history", "reports"], further].concat());
    let trend: Value = serde_json::from_slice(&history(&["--format", "json"]).stdout).unwrap();
    assert!(schema("history").is_valid(&trend));
    let check =
        trend["checks"].as_array().unwrap().iter().find(|one| one["check"] == "offboarded-access-removed").unwrap();
    // One after two days, one after five; the first came back.
    assert_eq!((&check["resolved"], &check["reopened"]), (&json!(2), &json!(1)));
    assert_eq!(check["mean_days_to_resolve"], 3.5);
    assert_eq!(check["oldest_open_days"], 5);
    let fails: Vec<&Value> = check["counts"].as_array().unwrap().iter().map(|counts| &counts["fail"]).collect();
    assert_eq!(fails, [&json!(4), &json!(3), &json!(3)]);
    insta::assert_snapshot!("history", common::transcript(&history(&[])));
    insta::assert_snapshot!("history-csv", common::stdout(&history(&["--format", "csv"])));
    let page = common::stdout(&history(&["--format", "html"]));
    assert_eq!(page.matches("<figure>").count(), trend["checks"].as_array().unwrap().len());
    assert!(page.contains("default-src 'none'") && !page.contains("http:") && !page.contains("https:"), "{page}");
    for form in ["json", "csv", "html"] {
        assert_eq!(history(&["--format", form]).stdout, history(&["--format", form]).stdout);
    }
}

#[test]
fn the_page_of_a_check_draws_the_trend() {
    let folder = reports();
    let arguments = ["check", "snapshot.json", "--policies", "policies", "--history", "reports", "--format", "html"];
    let page = common::stdout(&common::run(folder.path(), &arguments));
    assert!(page.contains("<section id=\"trend\">") && page.matches("<polyline").count() == 10, "{page}");
    let without = common::stdout(&common::run(folder.path(), &arguments[..4]));
    assert!(!without.contains("trend"));
}

#[test]
fn what_was_not_asked_is_a_gap_and_no_zero() {
    let folder = common::acme();
    let path = folder.path();
    fs::create_dir(path.join("reports")).unwrap();
    check(path, "2026-11-20", "reports/1.json", &[]);
    check(path, "2026-11-21", "reports/2.json", &["--check", "staff-role-assigned"]);
    check(path, "2026-11-22", "reports/3.json", &[]);
    fs::copy(path.join("snapshot.json"), path.join("reports/snapshot.json")).unwrap();
    fs::copy(path.join("reports/3.json"), path.join("reports/copy-of-3.json")).unwrap();
    let output = common::run(path, &["history", "reports", "--format", "json"]);
    assert!(common::stderr(&output).contains("no reports: reports/snapshot.json"), "{}", common::stderr(&output));
    assert!(common::stderr(&output).contains("another says the same: reports/copy-of-3.json"));
    let trend: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(trend["reports"].as_array().unwrap().len(), 3);
    for check in trend["checks"].as_array().unwrap() {
        assert_eq!(check["counts"][1].is_null(), check["check"] != "staff-role-assigned");
        assert_eq!((&check["resolved"], &check["reopened"]), (&json!(0), &json!(0)), "{check}");
    }
}
