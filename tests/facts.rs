//! Facts that a bundle declares: from a file that only a mapping knows to a verdict, without a change in `src`.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use std::{fs, path::Path};

use common::{run, stderr, stdout};
use serde_json::{Value, json};

/// A bundle with a fact of each type, and a check on each.
const SCHEMA: &str = r#"
@title("The account's device is fit") @severity("high")
action "device-fit" appliesTo { principal: [Account], resource: [System], context: Evaluation };
@title("People are cleared") @severity("high")
action "people-cleared" appliesTo { principal: [Person], resource: [Organization], context: Evaluation };
"#;

const RULES: &str = r#"
@id("device.managed") @message("its device is managed, patched and trusted")
permit (principal, action == Action::"device-fit", resource)
when { principal has deviceManaged && principal.deviceManaged }
when { principal has patchLevel && principal.patchLevel >= 3 }
when { principal has tags && principal.tags.contains("trusted") };

@id("device.old") @message("it was made long ago and has no second factor")
forbid (principal, action == Action::"device-fit", resource)
when { principal has createdAt && principal.createdAt < datetime("2020-01-01") }
unless { principal has mfaEnabled && principal.mfaEnabled };

@id("people.cleared") @message("the person is cleared, or an intern")
permit (principal, action == Action::"people-cleared", resource)
when {
  (principal has clearance && principal.clearance == Clearance::"full"
    && principal has clearedOn && principal.clearedOn <= context.today)
  || (principal has employmentType && principal.employmentType == EmploymentType::"intern")
};
"#;

const FACTS: &str = "facts:
  - { entity: Account, name: deviceManaged, type: bool, description: the device is in the fleet manager }
  - { entity: Account, name: patchLevel, type: long }
  - { entity: Account, name: tags, type: set }
  - { entity: Person, name: clearance, words: [none, basic, full] }
  - { entity: Person, name: clearedOn, type: date }
";

fn write_bundle(folder: &Path) {
    let policies = folder.join("policies");
    fs::create_dir_all(&policies).unwrap();
    for (name, text) in [("own.cedarschema", SCHEMA), ("own.cedar", RULES), ("facts.yaml", FACTS)] {
        fs::write(policies.join(name), text).unwrap();
    }
}

/// A snapshot with these facts of Ann, and of an account of hers.
fn write_snapshot(folder: &Path, person: &Value, account: &Value) {
    let list = |name: &str| json!({ "name": name, "records": 1, "total": 1, "complete": true, "basis": "total" });
    let source = |id: &str, staff: Option<&str>| {
        json!({ "id": id, "kind": "test", "endpoint": "test", "pulled_at": "2026-11-20T09:00:00Z", "token_scopes": null,
                "staff": staff, "collections": [list("list")] })
    };
    let snapshot = json!({
        "schema_version": "2",
        "organization": { "id": "acme", "name": "Acme", "time_zone": "Europe/London" },
        "collected_at": "2026-11-20T09:00:00Z",
        "sources": [source("git", None), source("hr", Some("list"))],
        "people": [{
            "id": "ann", "source": "hr", "name": "Ann", "employee_number": null, "work_email": "ann@acme.example",
            "status": "active", "start_date": "2020-01-01", "end_date": null, "last_working_day": null, "job_roles": [],
            "facts": person
        }],
        "systems": [{ "id": "git", "source": "git", "collection": "list" }],
        "accounts": [{
            "id": "a1", "system": "git", "source": "git", "email": "ann@acme.example", "status": "active", "levels": [],
            "class": null, "last_login": null, "facts": account
        }],
        "access_requests": []
    });
    let snapshot: tenure::model::Snapshot = serde_json::from_value(snapshot).unwrap();
    fs::write(folder.join("snapshot.json"), tenure::model::write::to_json(&snapshot).unwrap()).unwrap();
}

/// The outcomes of the two checks, streamed and read whole.
fn outcomes(folder: &Path) -> (String, String) {
    let reports = ["--all", "--statistics"].map(|all| {
        let all = if all == "--all" { &["--all"][..] } else { &[] };
        let mut arguments = vec!["check", "--policies", "policies", "snapshot.json", "--format", "json"];
        arguments.extend(all);
        let output = run(folder, &arguments);
        serde_json::from_str::<Value>(&stdout(&output)).unwrap_or_else(|_| panic!("{}", stderr(&output)))
    });
    let of = |report: &Value, check: &str| -> String {
        let findings = report["findings"].as_array().unwrap();
        let found = findings.iter().find(|finding| finding["check"] == check);
        found.map_or("pass".to_owned(), |finding| finding["outcome"].as_str().unwrap().to_owned())
    };
    let [whole, streamed] = reports.map(|report| (of(&report, "device-fit"), of(&report, "people-cleared")));
    assert_eq!(whole, streamed);
    whole
}

#[test]
fn declared_facts_decide_in_three_values() {
    let folder = tempfile::tempdir().unwrap();
    write_bundle(folder.path());
    let fit = json!({ "deviceManaged": true, "patchLevel": 3, "tags": ["new", "trusted"], "createdAt": null });
    let with = |changes: Value| {
        let mut facts = fit.clone();
        for (name, value) in changes.as_object().unwrap() {
            facts[name] = value.clone();
        }
        facts
    };
    for (account, expected) in [
        (fit.clone(), "pass"),
        (with(json!({ "deviceManaged": false })), "fail"),
        (with(json!({ "deviceManaged": null })), "fail"),
        (with(json!({ "patchLevel": 2 })), "fail"),
        (with(json!({ "tags": ["new"] })), "fail"),
        (with(json!({ "createdAt": "2019-05-01T00:00:00Z", "mfaEnabled": true })), "pass"),
        (with(json!({ "createdAt": "2019-05-01T00:00:00Z", "mfaEnabled": null })), "fail"),
        // Of another type than declared, or not given: unknown.
        (with(json!({ "patchLevel": "3" })), "unknown"),
        (with(json!({ "createdAt": "in May" })), "unknown"),
        (with(json!({ "createdAt": "2019-05-01T00:00:00Z" })), "unknown"),
        (json!({ "deviceManaged": true, "patchLevel": 3, "tags": ["trusted"] }), "unknown"),
        (json!({ "createdAt": null }), "unknown"),
        (json!({ "createdAt": null, "deviceManaged": false }), "fail"),
    ] {
        write_snapshot(folder.path(), &json!({}), &account);
        assert_eq!(outcomes(folder.path()).0, expected, "{account}");
    }
    for (person, expected) in [
        (json!({ "clearance": "full", "clearedOn": "2026-11-20" }), "pass"),
        (json!({ "clearance": "full", "clearedOn": "2026-11-21", "employmentType": "employee" }), "fail"),
        (json!({ "clearance": "basic", "employmentType": "intern" }), "pass"),
        (json!({ "clearance": "basic", "employmentType": "employee" }), "fail"),
        (json!({ "clearance": "none", "employmentType": null }), "fail"),
        (json!({ "clearance": "Full", "clearedOn": "2026-11-20", "employmentType": "employee" }), "unknown"),
        (json!({ "clearance": "basic" }), "unknown"),
        (json!({}), "unknown"),
    ] {
        write_snapshot(folder.path(), &person, &json!({}));
        assert_eq!(outcomes(folder.path()).1, expected, "{person}");
    }
}

#[test]
fn an_explanation_shows_a_declared_fact_and_why_it_is_unknown() {
    let folder = tempfile::tempdir().unwrap();
    write_bundle(folder.path());
    write_snapshot(folder.path(), &json!({ "clearance": "Full" }), &json!({ "deviceManaged": true }));
    let explain = |subject: &str| {
        let arguments = ["explain", "--subject", subject, "--policies", "policies", "--snapshot", "snapshot.json"];
        let output = run(folder.path(), &arguments);
        (stdout(&output) + &stderr(&output)).split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let said = explain("git/a1");
    assert!(said.contains("`createdAt` is unknown: the source gives no `createdAt`"), "{said}");
    let said = explain("ann");
    assert!(said.contains("`Full` is not one of the words: none, basic, full"), "{said}");
}

/// A mapping of fifteen lines for a vendor that Tenure has never heard of.
const MAPPING: &str = r#"format: fleet
records: csv
account:
  id: login
  email: mail
  status: { from: state, words: { "on": active, "off": deactivated } }
  levels: { from: group, words: { ops: admin, dev: [write, read] } }
  last_login: seen
  facts:
    mfaEnabled: { from: 2fa, words: { "yes": true, "no": false } }
    deviceManaged: { type: bool, from: managed }
    patchLevel: { type: long, from: patch }
    tags: { type: set, from: labels, separator: "|" }
    createdAt: { type: instant, from: made }
"#;

const EXPORT: &str = "login,mail,state,group,seen,2fa,managed,patch,labels,made
ann,ann@acme.example,on,ops,2026-11-01,yes,true,4,new|trusted,2018-01-01
bob,bob@acme.example,on,dev,2026-11-01,no,true,4,trusted,2018-01-01
cat,cat@acme.example,off,dev,,maybe,true,4,trusted,2018-01-01
dan,dan@acme.example,on,dev,,yes,true,four,trusted,2021-01-01
";

/// Tests of a mapping name further facts one by one.
#[test]
fn tests_of_a_mapping_state_further_facts() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("fleet.yaml"), MAPPING).unwrap();
    let rows: String = EXPORT.lines().map(|line| format!("      {line}\n")).collect();
    let tests = format!(
        "tests:
  - name: facts
    rows: |
{rows}    accounts:
      - {{ id: ann, facts: {{ mfaEnabled: true, patchLevel: 4 }} }}
      - {{ id: bob, facts: {{ mfaEnabled: false }} }}
      - {{ id: cat, unknown: [facts.mfaEnabled] }}
      - {{ id: dan, unknown: [facts.patchLevel] }}
"
    );
    for (from, to, status, said) in [
        ("", "", 0, "1 passed, 0 failed"),
        ("patchLevel: 4", "patchLevel: 5", 1, "`ann`: `facts.patchLevel` is 4, expected 5"),
        (
            "unknown: [facts.mfaEnabled]",
            "facts: { mfaEnabled: true }",
            1,
            "`cat`: `facts.mfaEnabled` is unknown (`2fa`: ",
        ),
    ] {
        let tests = if from.is_empty() { tests.clone() } else { tests.replace(from, to) };
        fs::write(folder.path().join("fleet.tests.yaml"), tests).unwrap();
        let output = run(folder.path(), &["mapping", "test", "fleet.yaml"]);
        let text = stdout(&output) + &stderr(&output);
        assert_eq!((output.status.code(), text.contains(said)), (Some(status), true), "{to}: {text}");
    }
}

#[test]
fn a_new_vendors_export_becomes_facts_by_a_mapping() {
    let folder = tempfile::tempdir().unwrap();
    write_bundle(folder.path());
    let project = "organization: { id: acme, name: Acme, time_zone: Europe/London }
sources:
  - { kind: file, path: fleet.csv, mapping: fleet.yaml, system: fleet }
";
    let export = format!("{EXPORT}eve,eve@acme.example,on,dev,,no,true,4,trusted,n/a\n");
    for (name, text) in [("tenure.yaml", project), ("fleet.yaml", MAPPING), ("fleet.csv", &export)] {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let output = run(folder.path(), &["import", "--collected-at", "2026-11-20T09:00:00Z"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let arguments = ["check", "--policies", "policies", "snapshot.json", "--format", "json", "--all"];
    let report: Value = serde_json::from_str(&stdout(&run(folder.path(), &arguments))).unwrap();
    let outcomes: Vec<(&str, &str)> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| (finding["subject"]["id"].as_str().unwrap(), finding["outcome"].as_str().unwrap()))
        .collect();
    // Bob has no second factor; of Cat's and of Dan's account a cell cannot be read.
    for expected in [
        ("fleet/ann", "pass"),
        ("fleet/bob", "fail"),
        ("fleet/cat", "unknown"),
        ("fleet/dan", "unknown"),
        // "n/a" is no creation date, and not the absence of one.
        ("fleet/eve", "unknown"),
    ] {
        assert!(outcomes.contains(&expected), "{expected:?}: {outcomes:?}");
    }
}

const STAFF: &str = "id,name,number,email,status,start_date,end_date,job_title,department,manager,employmentType
p1,Ann,,ann@acme.example,active,2020-01-01,,Engineer,,,employee
p2,Bob,,bob@acme.example,active,2020-01-01,,Engineer,,,employee
p3,Cat,,twins@acme.example,active,2020-01-01,,Engineer,,,employee
p4,Dan,,twins@acme.example,active,2020-01-01,,Engineer,,,employee
p5,Eve,,,active,2020-01-01,,Engineer,,,employee
p6,Fay,,fay@acme.example,active,2020-01-01,,Engineer,,,employee
";

/// The clearances of people, as a tool of its own exports them. Two rows of Bob differ, and one is a stranger's.
const CLEARANCES: &str = "Mail,Level,Since
ANN@acme.example,full,2026-01-01
bob@acme.example,full,2026-01-01
bob@acme.example,basic,2026-01-01
twins@acme.example,full,2026-01-01
zoe@acme.example,full,2026-01-01
";

const CLEARANCES_MAPPING: &str = "format: clearances
records: csv
person_facts:
  by: work_email
  key: Mail
  give:
    clearance: Level
    clearedOn: { type: date, from: Since }
";

/// The outcomes of `people-cleared` by person, and what the import says.
fn cleared(mapping: &str, facts: &str, source: &str) -> (Vec<(String, String)>, String) {
    cleared_by([STAFF, CLEARANCES], mapping, facts, source)
}

fn cleared_by([staff, rows]: [&str; 2], mapping: &str, facts: &str, source: &str) -> (Vec<(String, String)>, String) {
    let folder = tempfile::tempdir().unwrap();
    write_bundle(folder.path());
    fs::write(folder.path().join("policies/facts.yaml"), facts).unwrap();
    let project = format!(
        "organization: {{ id: acme, name: Acme, time_zone: Europe/London }}
sources:
  - {{ kind: file, path: staff.csv, format: staff-csv, sees_leavers: true, reason: shown to the auditor }}
  - {{ kind: file, path: clearances.csv, mapping: clearances.yaml{source} }}
"
    );
    for (name, text) in [
        ("tenure.yaml", project.as_str()),
        ("staff.csv", staff),
        ("clearances.csv", rows),
        ("clearances.yaml", mapping),
    ] {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let output = run(folder.path(), &["import", "--collected-at", "2026-11-20T09:00:00Z"]);
    // The exit status shows a rejected row.
    assert!(matches!(output.status.code(), Some(0 | 3)), "{}", stderr(&output));
    let arguments = ["check", "--policies", "policies", "snapshot.json", "--format", "json", "--all"];
    let report: Value = serde_json::from_str(&stdout(&run(folder.path(), &arguments))).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let findings = report["findings"].as_array().unwrap().iter().filter(|finding| finding["check"] == "people-cleared");
    let outcomes = findings.map(|finding| (text(&finding["subject"]["id"]), text(&finding["outcome"])));
    (outcomes.collect(), stderr(&output))
}

#[test]
fn facts_of_people_come_from_a_file_of_their_own() {
    let outcome = |outcomes: &[(String, String)], id: &str| {
        outcomes.iter().find(|(one, _)| one == id).map(|(_, outcome)| outcome.clone()).unwrap()
    };
    let (outcomes, said) = cleared(CLEARANCES_MAPPING, FACTS, "");
    // One row, rows that differ, a shared address, no address, no row.
    for (id, expected) in
        [("p1", "pass"), ("p2", "unknown"), ("p3", "unknown"), ("p4", "unknown"), ("p5", "unknown"), ("p6", "unknown")]
    {
        assert_eq!(outcome(&outcomes, id), expected, "{id}: {outcomes:?}");
    }
    assert_eq!(outcomes.len(), 6, "a row makes no person");
    assert!(said.contains("unmatched-facts") && said.contains("`zoe@acme.example`"), "{said}");
    // A file that is complete says something of those who are not in it.
    let absent = CLEARANCES_MAPPING.replace("  give:", "  absent: empty\n  give:");
    assert_eq!(outcome(&cleared(&absent, FACTS, "").0, "p6"), "fail");
    let incomplete = cleared(&absent, FACTS, ", expected: 9").0;
    assert_eq!((outcome(&incomplete, "p6"), outcome(&incomplete, "p1")), ("unknown".to_owned(), "pass".to_owned()));
    // A row of an unknown person may be anyone's.
    let unnamed = |key: &str| {
        let rows = CLEARANCES.replace("zoe@acme.example", key);
        outcome(&cleared_by([STAFF, &rows], &absent, FACTS, "").0, "p6")
    };
    assert_eq!((unnamed("zoe@acme.example"), unnamed("n/a")), ("fail".to_owned(), "unknown".to_owned()));
    // A person whose address cannot be read may have that of any row.
    let unreadable = STAFF.replace("p5,Eve,,,", "p5,Eve,,eve at acme,");
    let outcomes = cleared_by([&unreadable, CLEARANCES], CLEARANCES_MAPPING, FACTS, "").0;
    assert_eq!(outcome(&outcomes, "p1"), "unknown");
    // An old file does not say what is so today.
    let aged = FACTS.replace("type: date }", "type: date, max_age: 30d }");
    let pulled =
        |day: &str| outcome(&cleared(CLEARANCES_MAPPING, &aged, &format!(", pulled_at: {day}T00:00:00Z")).0, "p1");
    assert_eq!((pulled("2026-11-01"), pulled("2026-10-01")), ("pass".to_owned(), "unknown".to_owned()));
}

/// What a fleet manager knows of the devices behind the accounts of a system, by address.
const DEVICES: &str = "Login,Managed,Patch,Tags
ANN@acme.example,yes,4,trusted
bob@acme.example,no,4,trusted
twins@acme.example,yes,4,trusted
zoe@acme.example,yes,4,trusted
";

const DEVICES_MAPPING: &str = "format: devices
records: csv
account_facts:
  system: git
  by: email
  key: Login
  give:
    deviceManaged: { from: Managed, words: { yes: true, no: false } }
    patchLevel: { from: Patch, type: long }
    tags: { from: Tags, type: set }
";

const ACCOUNTS: &str = "account,email,status,levels
a1,ann@acme.example,active,write
a2,bob@acme.example,active,write
a3,twins@acme.example,active,write
a4,twins@acme.example,active,write
a5,fay@acme.example,active,write
";

/// The outcomes of `device-fit` by account, and what the import says.
fn fit([accounts, mapping, facts, source]: [&str; 4]) -> (Vec<(String, String)>, String) {
    let folder = tempfile::tempdir().unwrap();
    write_bundle(folder.path());
    fs::write(folder.path().join("policies/facts.yaml"), facts).unwrap();
    let project = format!(
        "organization: {{ id: acme, name: Acme, time_zone: Europe/London }}
sources:
  - {{ kind: file, path: staff.csv, format: staff-csv, sees_leavers: true, reason: shown to the auditor }}
  - {{ kind: file, path: git.csv, format: accounts-csv, system: git }}
  - {{ kind: file, path: devices.csv, mapping: devices.yaml{source} }}
"
    );
    let files = [("tenure.yaml", project.as_str()), ("staff.csv", STAFF), ("git.csv", accounts)];
    for (name, text) in files.into_iter().chain([("devices.csv", DEVICES), ("devices.yaml", mapping)]) {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let output = run(folder.path(), &["import", "--collected-at", "2026-11-20T09:00:00Z"]);
    assert!(matches!(output.status.code(), Some(0 | 3)), "{}", stderr(&output));
    let arguments = ["check", "--policies", "policies", "snapshot.json", "--format", "json", "--all"];
    let report: Value = serde_json::from_str(&stdout(&run(folder.path(), &arguments))).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let findings = report["findings"].as_array().unwrap().iter().filter(|finding| finding["check"] == "device-fit");
    let outcomes = findings.map(|finding| (text(&finding["subject"]["id"]), text(&finding["outcome"])));
    (outcomes.collect(), stderr(&output))
}

#[test]
fn facts_of_accounts_come_from_a_file_of_their_own() {
    let outcome = |outcomes: &[(String, String)], id: &str| {
        let found = outcomes.iter().find(|(one, _)| *one == format!("git/{id}"));
        found.unwrap_or_else(|| panic!("{outcomes:?}")).1.clone()
    };
    // The age of an account is no part of this.
    let (outcomes, said) = fit([ACCOUNTS, DEVICES_MAPPING, FACTS, ""]);
    // Two accounts share an address, and one has no row.
    for (id, expected) in
        [("a1", "unknown"), ("a2", "unknown"), ("a3", "unknown"), ("a4", "unknown"), ("a5", "unknown")]
    {
        assert_eq!(outcome(&outcomes, id), expected, "without `createdAt`, the second rule may forbid it");
    }
    assert!(said.contains("unmatched-facts") && said.contains("`zoe@acme.example`"), "{said}");
    let created = ACCOUNTS.replace("levels\n", "levels,createdAt\n").replace("write\n", "write,2024-01-01\n");
    let (outcomes, _) = fit([&created, DEVICES_MAPPING, FACTS, ""]);
    for (id, expected) in [("a1", "pass"), ("a2", "fail"), ("a3", "unknown"), ("a4", "unknown"), ("a5", "unknown")] {
        assert_eq!(outcome(&outcomes, id), expected, "{id}: {outcomes:?}");
    }
    assert_eq!(outcomes.len(), 5, "a row makes no account");
    let absent = DEVICES_MAPPING.replace("  give:", "  absent: empty\n  give:");
    let of = |mapping: &str, source: &str, id: &str| outcome(&fit([&created, mapping, FACTS, source]).0, id);
    assert_eq!((of(&absent, "", "a5"), of(&absent, ", expected: 9", "a5")), ("fail".to_owned(), "unknown".to_owned()));
    // The age of a fact is that of its own file.
    let aged = FACTS.replace("name: deviceManaged, type: bool,", "name: deviceManaged, type: bool, max_age: 30d,");
    let pulled = |day: &str| {
        let source = format!(", pulled_at: {day}T00:00:00Z");
        outcome(&fit([&created, DEVICES_MAPPING, &aged, &source]).0, "a1")
    };
    assert_eq!((pulled("2026-11-01"), pulled("2026-10-01")), ("pass".to_owned(), "unknown".to_owned()));
}

#[test]
fn tests_of_a_bundle_state_declared_facts() {
    let folder = tempfile::tempdir().unwrap();
    write_bundle(folder.path());
    let tests = "tests:
  - name: a cleared person passes
    organization:
      as_of: 2026-11-20
      people: [{ id: ann, facts: { clearance: full, clearedOn: '2026-11-01' } }]
    expect: [{ check: people-cleared, subject: ann, outcome: pass }]
  - name: without evidence it is unknown
    organization: { as_of: 2026-11-20, people: [{ id: ann }] }
    expect: [{ check: people-cleared, subject: ann, outcome: unknown }]
";
    fs::write(folder.path().join("policies/own-tests.yaml"), tests).unwrap();
    let output = run(folder.path(), &["test", "policies"]);
    assert!(output.status.success(), "{}{}", stdout(&output), stderr(&output));
    let wrong = tests.replace("clearance: full", "clearence: full").replace("'2026-11-01'", "soon");
    fs::write(folder.path().join("policies/own-tests.yaml"), wrong).unwrap();
    let output = run(folder.path(), &["test", "policies"]);
    let said = stderr(&output);
    assert!(
        said.contains("there is no fact `clearence` of Person") && said.contains("did you mean `clearance`"),
        "{said}"
    );
    assert!(said.contains("`soon` is not a day"), "{said}");
}
