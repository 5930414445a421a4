//! `--baseline`, `--fail-on new` and `--fail-on overdue`, run by run over an organisation that changes.

#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use std::{fs, path::Path};

use serde_json::{Value, json};

/// Runs a check by the day, with the report of an earlier one, and keeps its report under a name.
fn check(folder: &Path, day: &str, baseline: Option<&str>, keep: &str) -> Value {
    let mut further = vec!["--as-of", day];
    further.extend(baseline.iter().flat_map(|file| ["--baseline", file]));
    let report = common::report(folder, &further);
    fs::write(folder.join(keep), report.to_string()).unwrap();
    report
}

fn edit(folder: &Path, change: impl Fn(&mut Value)) {
    let path = folder.join("snapshot.json");
    let mut snapshot: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    change(&mut snapshot);
    fs::write(&path, snapshot.to_string()).unwrap();
}

fn account<'s>(snapshot: &'s mut Value, system: &str, id: &str) -> &'s mut Value {
    let accounts = snapshot["accounts"].as_array_mut().unwrap();
    accounts.iter_mut().find(|one| one["system"] == system && one["id"] == id).unwrap()
}

fn finding<'r>(report: &'r Value, check: &str, subject: &str) -> Option<&'r Value> {
    let findings = report["findings"].as_array().unwrap();
    findings.iter().find(|one| one["check"] == check && one["subject"]["id"] == subject)
}

fn note(report: &Value, check: &str, subject: &str) -> (String, String) {
    let note = &finding(report, check, subject).unwrap()["baseline"];
    (note["status"].as_str().unwrap().to_owned(), note["first_seen"].as_str().unwrap().to_owned())
}

fn said(status: &str, first_seen: &str) -> (String, String) {
    (status.to_owned(), first_seen.to_owned())
}

const REMOVED: &str = "offboarded-access-removed";
const LEAVER: &str = "github/ihorvat";

#[test]
fn findings_are_new_known_resolved_and_reopened_and_none_is_hidden() {
    let folder = common::acme();
    let folder = folder.path();
    let original = fs::read(folder.join("snapshot.json")).unwrap();
    let first = check(folder, "2026-11-20", None, "first.json");
    assert!(first.get("baseline").is_none());
    assert!(finding(&first, REMOVED, LEAVER).unwrap().get("baseline").is_none());
    let open = |report: &Value| {
        let totals = &report["summary"]["totals"];
        totals["fail"].as_u64().unwrap() + totals["unknown"].as_u64().unwrap()
    };

    // One is mended, one account is gone with everything that was found of it, one person lost the manager.
    edit(folder, |snapshot| {
        account(snapshot, "github", "ihorvat")["status"] = json!("deactivated");
        snapshot["accounts"].as_array_mut().unwrap().retain(|one| one["id"] != "cmbeki");
        account(snapshot, "github", "arjunp")["status"] = json!("deactivated");
    });
    let second = check(folder, "2026-11-21", Some("first.json"), "second.json");
    assert_eq!(note(&second, REMOVED, LEAVER), said("resolved", "2026-11-20"));
    assert_eq!(finding(&second, REMOVED, LEAVER).unwrap()["outcome"], "pass");
    assert!(finding(&second, REMOVED, LEAVER).unwrap().get("clock").is_none());
    assert_eq!(note(&second, REMOVED, "github/pgarrow"), said("known", "2026-11-20"));
    assert!(finding(&second, "access-valid", "github/cmbeki").is_none());
    let baseline = &second["baseline"];
    let gone: Vec<&Value> =
        baseline["resolved_findings"].as_array().unwrap().iter().filter(|one| one["now"].is_null()).collect();
    assert_eq!(gone.len(), 2, "{gone:#?}");
    assert!(gone.iter().all(|one| one["subject"]["id"] == "github/cmbeki" && one["was"] == "fail"));
    assert_eq!(baseline["resolved"], baseline["resolved_findings"].as_array().unwrap().len());
    let text = |further: &[&str]| {
        let arguments = ["check", "snapshot.json", "--policies", "policies", "--quiet", "--as-of", "2026-11-21"];
        common::stdout(&common::run(folder, &[&arguments[..], &["--baseline", "first.json"], further].concat()))
    };
    for shows in [&[][..], &["--system", "github"], &["--severity", "high"]] {
        assert!(text(shows).contains("  resolved access-valid github/login"), "{shows:?} {}", text(shows));
    }
    for hides in [&["--system", "humaans"][..], &["--outcome", "fail"], &["--new"], &["--control", "SOC2:CC1.3"]] {
        assert!(!text(hides).contains("not asked any more"), "{hides:?}");
    }
    assert_eq!(baseline["known"], open(&second));
    assert_eq!((&baseline["new"], &baseline["reopened"]), (&json!(0), &json!(0)));
    assert_eq!(open(&first), open(&second) + baseline["resolved"].as_u64().unwrap());

    // Everything is as it was, and a known leaver's account was never seen before.
    fs::write(folder.join("snapshot.json"), original).unwrap();
    edit(folder, |snapshot| {
        let mut further = account(snapshot, "github", "ihorvat").clone();
        further["id"] = json!("ihorvat2");
        snapshot["accounts"].as_array_mut().unwrap().push(further);
    });
    let third = check(folder, "2026-11-22", Some("second.json"), "third.json");
    assert_eq!(note(&third, REMOVED, LEAVER), said("reopened", "2026-11-20"));
    assert_eq!(note(&third, "access-valid", "github/cmbeki"), said("reopened", "2026-11-20"));
    assert_eq!(note(&third, REMOVED, "github/ihorvat2"), said("new", "2026-11-22"));
    assert_eq!(note(&third, REMOVED, "github/pgarrow"), said("known", "2026-11-20"));
    assert_eq!(third["baseline"]["resolved"], 0);
    assert_eq!(third["baseline"]["resolved_findings"], json!([]));
    assert_eq!(third["baseline"]["reopened"], second["baseline"]["resolved"]);

    // And again, to see that what is reopened is known afterwards, with its first day.
    let fourth = check(folder, "2026-11-23", Some("third.json"), "fourth.json");
    assert_eq!(note(&fourth, REMOVED, LEAVER), said("known", "2026-11-20"));
    assert_eq!(note(&fourth, REMOVED, "github/ihorvat2"), said("known", "2026-11-22"));

    // The text says the same.
    let output = common::run(
        folder,
        &[
            "check",
            "snapshot.json",
            "--policies",
            "policies",
            "--as-of",
            "2026-11-22",
            "--baseline",
            "second.json",
            "--details",
        ],
    );
    let text = common::stdout(&output);
    for line in ["since   2026-11-20, reopened", "since   new", "since   2026-11-20, known", "0 resolved"] {
        assert!(text.contains(line), "{line}: {text}");
    }
}

#[test]
fn a_baseline_is_judged_alike_while_streaming_and_whole() {
    let folder = common::acme();
    let folder = folder.path();
    check(folder, "2026-11-20", None, "first.json");
    edit(folder, |snapshot| account(snapshot, "github", "ihorvat")["status"] = json!("deactivated"));
    let streamed = check(folder, "2026-11-21", Some("first.json"), "second.json");
    let whole = common::report(folder, &["--as-of", "2026-11-21", "--baseline", "first.json", "--all"]);
    assert_eq!(streamed["baseline"], whole["baseline"]);
    assert_eq!(streamed["summary"], whole["summary"]);
    let findings = streamed["findings"].as_array().unwrap();
    for finding in findings {
        assert!(whole["findings"].as_array().unwrap().contains(finding), "{finding:#}");
    }
}

#[test]
fn the_clock_runs_from_the_fact_else_from_the_first_report() {
    let folder = common::acme();
    let folder = folder.path();
    let first = check(folder, "2026-11-20", None, "first.json");
    // The last day was a Friday; the next business day is a Monday.
    let clock = json!({ "since": "2026-11-13", "basis": "fact", "due": "2026-11-16", "state": "overdue" });
    assert_eq!(finding(&first, REMOVED, LEAVER).unwrap()["clock"], clock);
    assert!(
        finding(&first, "access-valid", "github/cmbeki").unwrap().get("clock").is_none(),
        "nothing says since when"
    );

    let clock_of = |report: &Value| finding(report, "access-valid", "github/cmbeki").unwrap()["clock"].clone();
    let expected =
        |state: &str| json!({ "since": "2026-11-20", "basis": "first-seen", "due": "2026-12-04", "state": state });
    for (day, baseline, keep, state) in [
        ("2026-11-25", "first.json", "second.json", "on-time"),
        ("2026-12-01", "second.json", "third.json", "due-soon"),
        ("2026-12-04", "third.json", "fourth.json", "due-soon"),
        ("2026-12-05", "fourth.json", "fifth.json", "overdue"),
    ] {
        // Made current, so that nothing is unknown for the lists' age.
        edit(folder, |snapshot| {
            for source in snapshot["sources"].as_array_mut().unwrap() {
                source["pulled_at"] = json!(format!("{day}T00:00:00Z"));
            }
            snapshot["collected_at"] = json!(format!("{day}T00:00:00Z"));
        });
        assert_eq!(clock_of(&check(folder, day, Some(baseline), keep)), expected(state), "{day}");
    }
}

#[test]
fn the_exit_status_can_depend_on_what_is_new_or_overdue() {
    let folder = common::acme();
    let folder = folder.path();
    // Records that cannot be used would make every run incomplete.
    edit(folder, |snapshot| {
        for source in snapshot["sources"].as_array_mut().unwrap() {
            for collection in source["collections"].as_array_mut().unwrap() {
                collection.as_object_mut().unwrap().remove("rejected");
            }
        }
    });
    check(folder, "2026-11-20", None, "first.json");
    let status = |further: &[&str]| {
        let arguments =
            ["check", "snapshot.json", "--policies", "policies", "--check", REMOVED, "--as-of", "2026-11-20"];
        common::run(folder, &[&arguments, further].concat()).status.code().unwrap()
    };
    assert_eq!(status(&[]), 1);
    assert_eq!(status(&["--baseline", "first.json", "--fail-on", "new"]), 0);
    assert_eq!(status(&["--baseline", "first.json", "--fail-on", "overdue"]), 1);
    assert_eq!(status(&["--fail-on", "overdue"]), 1);
    edit(folder, |snapshot| {
        let mut further = account(snapshot, "github", "ihorvat").clone();
        further["id"] = json!("ihorvat2");
        snapshot["accounts"].as_array_mut().unwrap().push(further);
    });
    assert_eq!(status(&["--baseline", "first.json", "--fail-on", "new"]), 1);
    assert_eq!(status(&["--baseline", "first.json", "--fail-on", "new,critical"]), 1);
    assert_eq!(status(&["--baseline", "first.json", "--fail-on", "never"]), 0);
}

#[test]
fn impossible_days_and_findings_given_twice_are_refused() {
    let folder = common::acme();
    let folder = folder.path();
    check(folder, "2026-11-20", None, "first.json");
    let second = check(folder, "2026-11-21", Some("first.json"), "second.json");
    let refused = |change: &dyn Fn(&mut Value), expected: &str| {
        let mut changed = second.clone();
        change(&mut changed);
        fs::write(folder.join("changed.json"), changed.to_string()).unwrap();
        let arguments = ["check", "snapshot.json", "--policies", "policies", "--baseline", "changed.json"];
        let output = common::run(folder, &[&arguments[..], &["--as-of", "2026-11-25"]].concat());
        let said = common::stderr(&output).split_whitespace().collect::<Vec<&str>>().join(" ");
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(expected), "{expected}: {said}");
    };
    let index = second["findings"].as_array().unwrap().iter().position(|one| one.get("baseline").is_some()).unwrap();
    let id = second["findings"][index]["id"].as_str().unwrap().to_owned();
    for day in ["2026-11-22", "2099-01-01", "9999-12-31", "soon", "2026-11-20T00:00:00Z", ""] {
        refused(&|report| report["findings"][index]["baseline"]["first_seen"] = json!(day), &id);
    }
    refused(&|report| report["run"]["today"] = json!("2099-01-01"), "is not the day of");
    refused(&|report| report["run"]["as_of"] = json!("soon"), "is not an instant");
    let twice = |report: &mut Value| {
        let finding = report["findings"][index].clone();
        report["findings"].as_array_mut().unwrap().push(finding);
    };
    refused(&twice, "is listed twice");
    fs::write(folder.join("later.json"), second.to_string().replacen("\"run\":{", "\"run\":{\"added_later\":1,", 1))
        .unwrap();
    let arguments =
        ["check", "snapshot.json", "--policies", "policies", "--baseline", "later.json", "--as-of", "2026-11-25"];
    let output = common::run(folder, &arguments);
    assert_ne!(output.status.code(), Some(2), "{}", common::stderr(&output));
    assert!(common::stderr(&output).contains("`run.added_later`"), "{}", common::stderr(&output));
}
