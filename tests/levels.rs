//! Levels of a system: those that its source gives, those that its file says are judged, and how reports say it.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use std::{fs, path::Path};

use common::{run, stderr, stdout};
use serde_json::{Value, json};

const SCHEMA: &str = r#"
@title("Access is valid") @severity("high")
action "access" appliesTo { principal: [Account], resource: [Entitlement], context: Evaluation };
@title("Accounts are known") @severity("high")
action "known" appliesTo { principal: [Account], resource: [System], context: Evaluation };
"#;

const RULES: &str = r#"
@id("access.suspended") @outcome("not-applicable") @message("suspended")
permit (principal, action == Action::"access", resource)
when { principal.status == AccountStatus::"suspended" };
@id("access.owned") @message("it has an owner")
permit (principal, action == Action::"access", resource)
when { principal has owner };
@id("known.owned") @message("it has an owner")
permit (principal, action == Action::"known", resource)
when { principal has owner };
"#;

/// A project whose accounts have these levels; `null`: unknown.
fn project(levels: &[Value], system_file: Option<&str>) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let policies = folder.path().join("policies");
    fs::create_dir_all(policies.join("systems")).unwrap();
    for (name, text) in [("own.cedarschema", SCHEMA), ("own.cedar", RULES)] {
        fs::write(policies.join(name), text).unwrap();
    }
    if let Some(text) = system_file {
        fs::write(policies.join("systems/git.yaml"), text).unwrap();
    }
    let accounts = levels.iter().enumerate().map(|(index, levels)| {
        let mut account = json!({
            "id": format!("a{index}"), "system": "git", "source": "git", "email": "ann@acme.example",
            "status": "active", "class": null, "last_login": null
        });
        if levels.is_null() {
            account["unknown"] = json!({ "levels": "the export has no column for levels" });
        } else {
            account["levels"] = levels.clone();
        }
        account
    });
    write_snapshot(folder.path(), &accounts.collect::<Vec<_>>());
    folder
}

fn write_snapshot(folder: &Path, accounts: &[Value]) {
    let count = accounts.len();
    let list = |records: usize| json!({ "name": "list", "records": records, "total": records, "complete": true, "basis": "total" });
    let source = |id: &str, staff: Option<&str>, records: usize| {
        json!({ "id": id, "kind": "test", "endpoint": "test", "pulled_at": "2026-11-20T09:00:00Z", "token_scopes": null,
                "staff": staff, "collections": [list(records)] })
    };
    let snapshot = json!({
        "schema_version": "2",
        "organization": { "id": "acme", "name": "Acme", "time_zone": "Europe/London" },
        "collected_at": "2026-11-20T09:00:00Z",
        "sources": [source("git", None, count), source("hr", Some("list"), 1)],
        "people": [{
            "id": "per-ann", "source": "hr", "name": "Ann", "employee_number": null, "work_email": "ann@acme.example",
            "status": "active", "start_date": "2020-01-01", "end_date": null, "last_working_day": null, "job_roles": []
        }],
        "systems": [{ "id": "git", "source": "git", "collection": "list" }],
        "accounts": accounts,
        "access_requests": []
    });
    fs::write(folder.join("snapshot.json"), snapshot.to_string()).unwrap();
}

fn check(folder: &Path) -> (i32, Value) {
    let output = run(folder, &["check", "snapshot.json", "--policies", "policies", "--format", "json"]);
    let report = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", stderr(&output)));
    (output.status.code().unwrap(), report)
}

fn unknown(report: &Value) -> Vec<(String, String, Option<String>)> {
    let findings = report["findings"].as_array().unwrap().iter().filter(|finding| finding["outcome"] == "unknown");
    let text = |value: &Value| value.as_str().map(str::to_owned);
    findings
        .map(|finding| {
            let subject = &finding["subject"];
            (text(&finding["check"]).unwrap(), text(&subject["id"]).unwrap(), text(&finding["remedy"]["yaml"]))
        })
        .collect()
}

#[test]
fn a_system_without_levels_has_one_finding_with_the_line_to_add() {
    let project = project(&[Value::Null, Value::Null, Value::Null], Some("system: git\n"));
    let (status, report) = check(project.path());
    let one = ("access".to_owned(), "git".to_owned(), Some("levels: login-only".to_owned()));
    assert_eq!((status, unknown(&report)), (1, vec![one]));
    let counts = &report["summary"]["checks"][0]["counts"];
    assert_eq!((&counts["unknown"], &counts["pass"]), (&json!(1), &json!(3)), "{counts}");
    let finding = &report["findings"][0];
    assert_eq!(finding["remedy"]["file"], "systems/git.yaml");
    assert_eq!((&finding["subject"]["type"], &finding["system"]), (&json!("System"), &json!("git")));
    assert_eq!(report["systems"][0]["judged_by"], "not-stated");

    // The finding has an explanation, and the system as a subject has the finding.
    let id = finding["id"].as_str().unwrap();
    for arguments in [vec!["explain", id], vec!["explain", "--subject", "git"]] {
        let rest = ["--snapshot", "snapshot.json", "--policies", "policies"];
        let output = run(project.path(), &[arguments, rest.to_vec()].concat());
        assert!(stdout(&output).contains("levels: login-only"), "{}{}", stdout(&output), stderr(&output));
        assert!(stdout(&output).contains(id.split_once('-').unwrap().0), "{}", stdout(&output));
    }
    // An account by itself is still unknown: no pass hides that its levels are.
    let output = run(
        project.path(),
        &["explain", "--subject", "git/a1", "--snapshot", "snapshot.json", "--policies", "policies"],
    );
    assert!(stdout(&output).contains("`levels` is unknown"), "{}", stdout(&output));
}

#[test]
fn a_system_without_a_file_gets_the_file_to_write() {
    let project = project(&[Value::Null], None);
    let (_, report) = check(project.path());
    let yaml = Some("system: git\nlevels: login-only".to_owned());
    assert_eq!(unknown(&report), vec![("access".to_owned(), "git".to_owned(), yaml)]);
}

#[test]
fn a_system_that_says_which_levels_are_judged_keeps_its_findings() {
    let one = |system_file: &str, levels: &[Value]| {
        let project = project(levels, Some(system_file));
        let (_, report) = check(project.path());
        (
            unknown(&report).into_iter().map(|(_, id, _)| id).collect::<Vec<_>>(),
            report["systems"][0]["judged_by"].clone(),
        )
    };
    let two = [Value::Null, Value::Null];
    let accounts = || vec!["git/a0".to_owned(), "git/a1".to_owned()];
    assert_eq!(one("system: git\nlevels: login-only\n", &two), (Vec::new(), json!("login-only")));
    assert_eq!(one("system: git\nlevels: all\n", &two), (accounts(), json!("all")));
    assert_eq!(one("system: git\nlevels: [admin]\n", &two), (accounts(), json!("list")));
    // The source gives levels of some: what is missing is a fact of each other account.
    let some = [Value::Null, json!(["admin"]), Value::Null];
    assert_eq!(one("system: git\n", &some).0, ["git/a0", "git/a2"]);
}

#[test]
fn accounts_to_which_the_check_does_not_apply_make_no_finding() {
    let project = project(&[Value::Null], Some("system: git\n"));
    let text = fs::read_to_string(project.path().join("snapshot.json")).unwrap();
    let mut snapshot: Value = serde_json::from_str(&text).unwrap();
    snapshot["accounts"][0]["status"] = json!("suspended");
    fs::write(project.path().join("snapshot.json"), snapshot.to_string()).unwrap();
    let (status, report) = check(project.path());
    assert_eq!((status, unknown(&report)), (0, Vec::new()));
}

#[test]
fn reports_name_levels_the_owner_of_a_system_and_what_was_judged() {
    let file = "system: git\nname: Git\nowner: ann@acme.example\nlevel_names: { site-admin: Site administrator }\n";
    let project = project(&[json!(["Site Admin"])], Some(file));
    let mut snapshot: Value =
        serde_json::from_str(&fs::read_to_string(project.path().join("snapshot.json")).unwrap()).unwrap();
    snapshot["accounts"][0]["levels"] = json!(["site-admin"]);
    snapshot["accounts"][0]["email"] = Value::Null;
    fs::write(project.path().join("snapshot.json"), snapshot.to_string()).unwrap();
    let (_, report) = check(project.path());
    let admin = |finding: &&Value| finding["entitlement"] == "git/site-admin";
    let finding = report["findings"].as_array().unwrap().iter().find(admin).unwrap();
    assert_eq!(finding["level_name"], "Site administrator");
    assert_eq!(finding["owner"]["id"], "per-ann", "an account of no person is its system owner's to settle");
    assert_eq!(report["systems"][0]["owner"]["id"], "per-ann");
    let output = run(project.path(), &["check", "snapshot.json", "--policies", "policies"]);
    assert!(stdout(&output).contains("site-admin (Site administrator)"), "{}", stdout(&output));
    let output = run(project.path(), &["check", "snapshot.json", "--policies", "policies", "--format", "tickets"]);
    let tickets: Value = serde_json::from_slice(&output.stdout).unwrap();
    let owners = tickets["tickets"].as_array().unwrap().iter().map(|ticket| &ticket["owners"][0]["id"]);
    assert!(owners.clone().count() > 0 && owners.clone().all(|id| id == "per-ann"), "{tickets}");

    fs::write(project.path().join("policies/systems/git.yaml"), "system: git\nlevels: login-only\nowner: nobody\n")
        .unwrap();
    let output = run(project.path(), &["check", "snapshot.json", "--policies", "policies"]);
    let text = stdout(&output);
    assert!(text.contains("judged by login only: git") && text.contains("owner of `git`"), "{text}");
}

#[test]
fn names_of_levels_that_the_file_does_not_list_are_errors() {
    let project = project(&[], Some("system: git\nlevels: [admin]\nlevel_names: { admn: Administrator }\n"));
    let output = run(project.path(), &["validate", "policies"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stdout(&output).contains("unknown-level") && stdout(&output).contains("git.yaml:3:"),
        "{}",
        stdout(&output)
    );
}
