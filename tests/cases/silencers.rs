//! Declarations, waivers, baselines, policies and redaction that silence findings.

use std::fs;

use serde_json::Value;

use crate::{
    common::{stderr, stdout},
    project::{case, flat},
};

const REMOVED: &str = "offboarded-access-removed";
const ACKNOWLEDGED: &str = "despite: per-bob, reason: the robot kept the mailbox, reviewed_on: 2026-11-02";

#[test]
fn declaration_against_evidence() {
    let case = case("declaration-against-evidence");
    case.check(&[]).is(REMOVED, "app/bob", &["fail"]);
    for declaration in ["declared.yaml", "mapped.yaml"] {
        case.put(declaration, "policies/identities.yaml");
        let report = case.check(&[]);
        report.is(REMOVED, "app/bob", &["unknown"]);
        report.is("user-identified", "app/bob", &["unknown"]);
        let levels = report.of("access-valid", "app/bob");
        assert!(!levels.contains(&"pass".to_owned()), "{declaration}: {levels:?}");
        let outcomes = report.outcomes("declarations-consistent");
        assert!(outcomes.values().any(|outcome| outcome == "fail"), "{declaration}: {outcomes:?}");
        for format in ["text", "markdown", "html", "csv"] {
            let text = case.check_as(format, &[]);
            assert!(text.contains("declarations-consistent") && text.contains("per-bob"), "{format}: {text}");
        }
        let validate = case.run(&["validate", "policies", "--snapshot", "snapshot.json"]);
        let said = flat(&(stdout(&validate) + &stderr(&validate)));
        assert!(said.contains("bob") && said.contains("identities.yaml"), "{declaration}: {said}");
    }
}

#[test]
fn an_acknowledged_contradiction_applies_and_stays_listed() {
    let case = case("declaration-against-evidence");
    for (declaration, removed) in
        [("class: service, owner: per-carol, review_by: 2027-01-31", "not-applicable"), ("person: per-carol", "pass")]
    {
        let entry = format!("  - {{ system: app, account: bob, {declaration}, {ACKNOWLEDGED} }}\n");
        case.write("policies/identities.yaml", format!("people: []\naccounts:\n{entry}"));
        let report = case.check(&[]);
        report.is(REMOVED, "app/bob", &[removed]).is("user-identified", "app/bob", &["pass"]);
        let outcomes = report.outcomes("declarations-consistent");
        assert!(outcomes.values().all(|outcome| outcome != "fail"), "{declaration}: {outcomes:?}");
        report.has("the robot kept the mailbox");
        for format in ["text", "markdown", "html"] {
            let text = case.check_as(format, &[]);
            assert!(text.contains("the robot kept the mailbox"), "{format}: {text}");
        }
    }
}

/// An acknowledgement of somebody else, without a reason or without a day acknowledges nothing.
#[test]
fn an_acknowledgement_names_person_reason_and_day() {
    let case = case("declaration-against-evidence");
    for (acknowledged, is_refused) in [
        ("despite: per-carol, reason: a mistake, reviewed_on: 2026-11-02", false),
        ("despite: per-bob, reviewed_on: 2026-11-02", true),
        ("despite: per-bob, reason: no day", true),
        ("despite: per-bob, reason: a day to come, reviewed_on: 2027-11-02", false),
        ("despite: per-bob, reason: long ago, reviewed_on: 2025-11-01", false),
    ] {
        let entry = format!("  - {{ system: app, account: bob, person: per-carol, {acknowledged} }}\n");
        case.write("policies/identities.yaml", format!("people: []\naccounts:\n{entry}"));
        let output = case.run(&["check", "snapshot.json", "--all", "--format", "json"]);
        assert_eq!(output.status.code() == Some(2), is_refused, "{acknowledged}");
        if !is_refused {
            let report = case.check(&[]);
            report.is(REMOVED, "app/bob", &["unknown"]).is("declarations-consistent", "app/bob", &["fail"]);
            report.has("contradicted-declaration");
        }
    }
}

#[test]
fn a_review_far_away_reviews_nothing() {
    let case = case("declaration-against-evidence");
    let declaration = "class: service, owner: per-carol, review_by: 9999-12-31";
    let entry = format!("  - {{ system: app, account: bob, {declaration}, {ACKNOWLEDGED} }}\n");
    case.write("policies/identities.yaml", format!("people: []\naccounts:\n{entry}"));
    case.check(&[]).is("user-identified", "app/bob", &["fail"]);
}

#[test]
fn self_approval_spellings() {
    let case = case("self-approval-spellings");
    let report = case.check(&["--check", "user-identified"]);
    let waivers = report.json["waivers"].as_array().unwrap();
    assert_eq!(waivers.len(), 16);
    for waiver in waivers {
        assert_ne!(waiver["status"], "applied", "{waiver}");
    }
    for id in ["W-1", "W-2"] {
        let waiver = waivers.iter().find(|waiver| waiver["id"] == id).unwrap();
        assert_eq!(waiver["status"], "self-approved", "{waiver}");
    }
    assert_eq!(report.json["summary"]["totals"]["waived"], 0);
}

#[test]
fn impossible_first_seen() {
    let case = case("impossible-first-seen");
    let check = ["--check", "user-identified"];
    let one = case.check(&[&check[..], &["--as-of", "2026-09-01"]].concat());
    case.write_json("one.json", &one.json);
    let two = case.check(&[&check[..], &["--as-of", "2026-11-20", "--baseline", "one.json"]].concat());
    let finding = two.json["findings"][0]["id"].as_str().unwrap().to_owned();
    let text = two.json.to_string();
    assert!(text.contains("\"first_seen\":\"2026-09-01\""), "{text}");
    for (day, right) in [("2026-09-01", 1), ("2099-01-01", 2), ("9999-12-31", 2), ("soon", 2)] {
        let earlier = text.replace("\"first_seen\":\"2026-09-01\"", &format!("\"first_seen\":\"{day}\""));
        case.write("earlier.json", earlier);
        let output = case.run(&[
            "check",
            "snapshot.json",
            "--check",
            "user-identified",
            "--baseline",
            "earlier.json",
            "--as-of",
            "2026-11-20",
            "--fail-on",
            "overdue",
        ]);
        assert_eq!(output.status.code(), Some(right), "{day}: {}", stderr(&output));
        if right == 2 {
            let said = flat(&stderr(&output));
            assert!(said.contains(day) && said.contains(&finding), "{day}: {said}");
            assert!(stdout(&output).is_empty(), "{day}");
        } else {
            assert!(stdout(&output).contains("overdue"), "{}", stdout(&output));
        }
    }
}

#[test]
fn near_miss_policy_file_names() {
    let case = case("near-miss-policy-file-names");
    for name in [
        "freeze.cedar",
        "freeze.CEDAR",
        "freeze.cedar.txt",
        "freeze.ceder",
        ".freeze.cedar",
        "a/b/c/d/e/f/g/h/i/freeze.cedar",
    ] {
        case.put("freeze.txt", &format!("policies/{name}"));
        let check = case.run(&["check", "snapshot.json", "--check", REMOVED]);
        let validate = case.run(&["validate", "policies"]);
        let strict = case.run(&["validate", "policies", "--deny-warnings"]);
        fs::remove_file(case.path().join("policies").join(name)).unwrap();
        if check.status.code() == Some(1) && stdout(&check).contains("no account may be active") {
            continue;
        }
        assert_ne!(name, "freeze.cedar");
        assert!(flat(&stderr(&check)).contains(name), "check of {name}: {}", stderr(&check));
        assert!(flat(&(stdout(&validate) + &stderr(&validate))).contains(name), "validate of {name}");
        assert_ne!(strict.status.code(), Some(0), "{name}");
    }
    for name in ["app.YAML", "app.yaml.txt", "app.json"] {
        let systems = case.path().join("policies/systems");
        fs::rename(systems.join("app.yaml"), systems.join(name)).unwrap();
        let list = case.run(&["list", "systems"]);
        let validate = case.run(&["validate", "policies"]);
        let strict = case.run(&["validate", "policies", "--deny-warnings"]);
        fs::rename(systems.join(name), systems.join("app.yaml")).unwrap();
        if stdout(&list).contains("app") {
            continue;
        }
        assert!(flat(&(stdout(&validate) + &stderr(&validate))).contains(name), "validate of {name}");
        assert_ne!(strict.status.code(), Some(0), "{name}");
    }
}

#[test]
fn redaction_changes_outcomes() {
    let case = case("redaction-changes-outcomes");
    case.write("key", "5f".repeat(32) + "\n");
    for check in ["no-emergency-request", "not-ann"] {
        case.check(&["--check", check]).is(check, "app/ann", &["fail"]);
        let redacted = case.check(&["--check", check, "--redact-key", "key"]);
        let outcomes: Vec<String> = redacted.outcomes(check).into_values().collect();
        assert_eq!(outcomes, ["fail"], "{check}");
    }
}

/// Puts a key into the first object of a file that begins like this.
fn with_a_later_field(text: &str, place: &str) -> String {
    assert!(text.contains(place), "{place}");
    text.replacen(place, &format!("{place} \"added_later\": 1, "), 1)
}

#[test]
fn baseline_with_a_future_field() {
    let case = case("baseline-with-a-future-field");
    case.run(&["check", "snapshot.json", "--format", "json", "-o", "report.json"]);
    let report = case.read("report.json");
    let as_before = case.run(&["check", "snapshot.json", "--baseline", "report.json"]).status.code();
    for place in ["\"run\": {", "\"totals\": {", "\"subject\": {"] {
        let later = with_a_later_field(&report, place);
        case.write("later.json", &later).write("reports/later.json", &later);
        for arguments in [
            vec!["check", "snapshot.json", "--baseline", "later.json"],
            vec!["history", "reports"],
            vec!["diff", "report.json", "later.json"],
        ] {
            let output = case.run(&arguments);
            let right = if arguments[0] == "check" { as_before } else { Some(0) };
            assert_eq!(output.status.code(), right, "{arguments:?} {place}: {}", stderr(&output));
            let said = stderr(&output);
            assert_eq!(said.matches("added_later").count(), 1, "{arguments:?} {place}: {said}");
        }
    }
    let snapshot = case.read("snapshot.json");
    let as_before = case.run(&["check", "snapshot.json", "--format", "json"]);
    let findings = |output: &[u8]| serde_json::from_slice::<Value>(output).unwrap()["findings"].clone();
    for place in ["\"organization\": {", "{\"id\": \"ann\", "] {
        case.write("later-snapshot.json", with_a_later_field(&snapshot, place));
        let output = case.run(&["check", "later-snapshot.json", "--format", "json"]);
        assert_eq!(output.status.code(), as_before.status.code(), "{place}: {}", stderr(&output));
        assert_eq!(findings(&output.stdout), findings(&as_before.stdout), "{place}");
        assert_eq!(stderr(&output).matches("added_later").count(), 1, "{place}: {}", stderr(&output));
    }
}

#[test]
fn other_schema_versions_and_unknown_keys_of_people_are_refused() {
    let case = case("baseline-with-a-future-field");
    case.run(&["check", "snapshot.json", "--format", "json", "-o", "report.json"]);
    let mut report: Value = serde_json::from_str(&case.read("report.json")).unwrap();
    let mut snapshot: Value = serde_json::from_str(&case.read("snapshot.json")).unwrap();
    report["schema_version"] = "999".into();
    snapshot["schema_version"] = "999".into();
    case.write_json("report.json", &report).write_json("later.json", &snapshot);
    for arguments in [vec!["check", "snapshot.json", "--baseline", "report.json"], vec!["check", "later.json"]] {
        let output = case.run(&arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", stderr(&output));
        assert!(stderr(&output).contains("999"), "{arguments:?}: {}", stderr(&output));
    }
    case.replace("policies/systems/app.yaml", "name: App", "name: App\nadded_later: 1");
    let output = case.run(&["check", "snapshot.json"]);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
}
