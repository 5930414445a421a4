//! Waivers: what becomes of each, what they may be, and `tenure waive`.

#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use std::{fs, path::Path};

use common::{acme, report, run, stderr, stdout};
use serde_json::Value;

/// `access-valid` of `github/hlund` for `admin`, which fails.
const HLUND: &str = "75da9309-d763-5208-b689-63a74e8b38a7";

fn waivers_file(folder: &Path) -> String {
    fs::read_to_string(folder.join("policies/waivers.yaml")).unwrap()
}

fn waive<'a>(finding: &'a str, further: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec!["waive", finding, "snapshot.json", "--policies", "policies"];
    for (option, value) in [
        ("--reason", "moves to another plan"),
        ("--until", "2026-12-18"),
        ("--approved-by", "kwabena.asante@acme.example"),
    ] {
        if !further.contains(&option) {
            arguments.extend([option, value]);
        }
    }
    arguments.extend(further);
    arguments
}

/// What is said where nothing is written.
fn refused(folder: &Path, finding: &str, further: &[&str]) -> String {
    let before = waivers_file(folder);
    let output = run(folder, &waive(finding, further));
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert_eq!(waivers_file(folder), before);
    stderr(&output).split_whitespace().filter(|word| *word != "│").collect::<Vec<&str>>().join(" ")
}

fn finding<'r>(report: &'r Value, id: &str) -> &'r Value {
    report["findings"].as_array().unwrap().iter().find(|finding| finding["id"] == id).unwrap()
}

fn statuses(report: &Value) -> Vec<(&str, &str)> {
    let waivers = report["waivers"].as_array().unwrap().iter();
    waivers.map(|one| (one["id"].as_str().unwrap(), one["status"].as_str().unwrap())).collect()
}

/// An entry for `access-valid` of `github/hlund`.
fn entry(id: &str, approved_by: &str, expires: &str, further: &str) -> String {
    format!(
        "  - {{ id: {id}, check: access-valid, subject: 'Account::\"github/hlund\"', reason: r, approved_by: {approved_by}, \
         created: 2026-11-01, expires: {expires}{further} }}\n"
    )
}

fn add(folder: &Path, entry: &str) {
    fs::write(folder.join("policies/waivers.yaml"), waivers_file(folder) + entry).unwrap();
}

fn limit(folder: &Path, limits: &str) {
    let path = folder.join("tenure.yaml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(path, format!("{text}{limits}")).unwrap();
}

#[test]
fn a_waiver_is_added_and_nothing_else_of_the_file_changes() {
    let folder = acme();
    let before = waivers_file(folder.path());
    let output = run(folder.path(), &waive("75DA9309", &[]));
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(stdout(&output), "");
    let entry = "
  - id: W-15
    check: access-valid
    subject: Account::\"github/hlund\"
    entitlement: Entitlement::\"github/admin\"
    reason: moves to another plan
    approved_by: kwabena.asante@acme.example
    created: 2026-11-20
    expires: 2026-12-18
";
    assert_eq!(waivers_file(folder.path()), before + entry);
    assert!(stderr(&output).contains("W-15 waives `access-valid` of"), "{}", stderr(&output));
    let report = report(folder.path(), &[]);
    assert_eq!(finding(&report, HLUND)["waiver"]["id"], "W-15");
    assert_eq!(finding(&report, HLUND)["outcome"], "fail");
    let said = refused(folder.path(), HLUND, &[]);
    assert!(said.contains("waived already, by `W-15`"), "{said}");
}

#[test]
fn a_dry_run_writes_nothing_and_shows_the_change() {
    let folder = acme();
    let before = waivers_file(folder.path());
    let output = run(folder.path(), &waive(HLUND, &["--dry-run", "--reason", "\u{202e}dlrow\u{1b}[31m"]));
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(waivers_file(folder.path()), before);
    assert!(stdout(&output).contains("+    reason: \"\\u202edlrow\\u001b[31m\"\n"), "{}", stdout(&output));
}

#[test]
fn a_hostile_reason_comes_back_as_it_was() {
    for reason in
        ["line one\n# two: 'x' \"y\" \\ z", "]]></script> \u{202e}\u{1b}[31m", "- =cmd()|' /C calc'!A0 #", "no"]
    {
        let folder = acme();
        let output = run(folder.path(), &waive(HLUND, &["--reason", reason]));
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        assert_eq!(finding(&report(folder.path(), &[]), HLUND)["waiver"]["reason"], reason);
    }
}

#[test]
fn a_file_is_made_where_there_is_none_and_named_where_there_are_several() {
    let folder = acme();
    fs::remove_file(folder.path().join("policies/waivers.yaml")).unwrap();
    assert_eq!(run(folder.path(), &waive(HLUND, &[])).status.code(), Some(0));
    assert!(waivers_file(folder.path()).starts_with("waivers:\n  - id: W-1\n"));

    fs::write(folder.path().join("policies/more.yaml"), "waivers: [] # none yet\n").unwrap();
    let other = "3b3e737b-aca1-5d9d-9820-49f557929509";
    let said = refused(folder.path(), other, &[]);
    assert!(said.contains("`more.yaml`, `waivers.yaml`"), "{said}");
    for (file, name) in [("more.yaml", "more.yaml"), ("policies/sub/new.yaml", "sub/new.yaml")] {
        let id = if name == "more.yaml" { other } else { "2eba306a" };
        let output = run(folder.path(), &waive(id, &["--file", file]));
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let text = fs::read_to_string(folder.path().join("policies").join(name)).unwrap();
        assert!(text.contains("id: W-"), "{text}");
    }
    let statuses: Vec<String> =
        statuses(&report(folder.path(), &[])).into_iter().map(|(id, status)| format!("{id} {status}")).collect();
    assert_eq!(statuses, ["W-2 applied", "W-3 applied", "W-1 applied"]);
    for (file, said) in [
        ("../waivers.yaml", "not a .yaml file below the policies"),
        ("waivers.txt", "not a .yaml file below the policies"),
        ("org-roles.yaml", "holds something else than waivers"),
    ] {
        let text = refused(folder.path(), "8f481c23", &["--file", file]);
        assert!(text.contains(said), "{text}");
    }
}

#[cfg(unix)]
#[test]
fn the_file_keeps_its_permissions_and_its_byte_order_mark() {
    use std::os::unix::fs::PermissionsExt;
    let folder = acme();
    let path = folder.path().join("policies/waivers.yaml");
    fs::write(&path, format!("\u{feff}{}", waivers_file(folder.path()))).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    assert_eq!(run(folder.path(), &waive(HLUND, &[])).status.code(), Some(0));
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    assert!(waivers_file(folder.path()).starts_with("\u{feff}# yaml-language-server"));
}

#[test]
fn what_would_not_be_applied_is_not_written() {
    let folder = acme();
    let all = report(folder.path(), &["--all"]);
    let passing = all["findings"].as_array().unwrap().iter().find(|finding| finding["outcome"] == "pass").unwrap();
    let said = refused(folder.path(), passing["id"].as_str().unwrap(), &[]);
    assert!(said.contains("there is nothing to waive"), "{said}");
    for (further, expected) in [
        (["--until", "2026-11-19"], "2026-11-19 is over"),
        (["--until", "soon"], "`soon` is not a date"),
        (["--reason", "  "], "--reason: nothing is said"),
        (["--approved-by", "kwabena"], "not an e-mail address"),
        (["--approved-by", "Henrik.Lund@acme.example"], "is the subject, or owns the account"),
        (["--id", "W-12"], "is the id of a waiver already"),
    ] {
        let said = refused(folder.path(), HLUND, &further);
        assert!(said.contains(expected), "{said}");
    }
    limit(folder.path(), "waivers: { max_days: 20, approvers: [Amina.Yusuf@acme.example] }\n");
    let said = refused(folder.path(), HLUND, &[]);
    assert!(said.contains("more than 20 days after 2026-11-20"), "{said}");
    assert!(said.contains("is not among those who may approve"), "all at once: {said}");
    let allowed = ["--until", "2026-12-10", "--approved-by", "amina.yusuf@acme.example"];
    assert_eq!(run(folder.path(), &waive(HLUND, &allowed)).status.code(), Some(0));
}

/// Ids depend on the organisation's, so one is looked for in which two begin alike.
#[test]
fn a_beginning_of_several_ids_is_refused() {
    let folder = acme();
    let path = folder.path().join("snapshot.json");
    let text = fs::read_to_string(&path).unwrap();
    let start = (0..20).find_map(|number| {
        fs::write(&path, text.replacen("\"id\":\"acme\"", &format!("\"id\":\"acme{number}\""), 1)).unwrap();
        let all = report(folder.path(), &["--all"]);
        let mut ids: Vec<&str> =
            all["findings"].as_array().unwrap().iter().map(|finding| finding["id"].as_str().unwrap()).collect();
        ids.sort_unstable();
        let start = |id: &str| id.chars().take(4).collect::<String>();
        ids.windows(2).find(|pair| start(pair[0]) == start(pair[1])).map(|pair| start(pair[0]))
    });
    let start = start.unwrap();
    let said = refused(folder.path(), &start, &[]);
    assert!(said.contains(&format!("findings begin with `{start}`")), "{said}");
    assert!(refused(folder.path(), "75d", &[]).contains("nor 4 letters of one"));
    assert!(refused(folder.path(), "00000000-0000", &[]).contains("make no finding `00000000-0000`"));
}

#[test]
fn what_waivers_may_be_is_reported_and_decides_whether_they_are_applied() {
    let folder = acme();
    for (id, approved_by, expires, further) in [
        ("X-long", "kwabena.asante@acme.example", "2027-03-01", ""),
        ("X-other", "amina.yusuf@acme.example", "2026-12-01", ""),
        ("X-own", "HENRIK.LUND@acme.example", "2026-12-01", ""),
        ("X-later", "kwabena.asante@acme.example", "2026-12-01", ", entitlement: 'Entitlement::\"github/none\"'"),
    ] {
        add(folder.path(), &entry(id, approved_by, expires, further));
    }
    // Created later, and written badly.
    add(
        folder.path(),
        &entry("X-soon", "kwabena.asante@acme.example", "2026-12-24", "").replace("2026-11-01", "2026-12-01"),
    );
    add(folder.path(), &entry("X-bad", "kwabena.asante@acme.example", "2026-02-30", ""));
    let without = report(folder.path(), &[]);
    for expected in [
        ("W-12", "applied"),
        ("W-7", "expired"),
        ("W-9", "orphaned"),
        ("W-14", "unused"),
        ("X-soon", "not-yet"),
        ("X-bad", "malformed"),
    ] {
        assert!(statuses(&without).contains(&expected), "{expected:?}: {:?}", statuses(&without));
    }
    assert!(statuses(&without).contains(&("X-long", "applied")), "{:?}", statuses(&without));
    assert!(statuses(&without).contains(&("X-own", "self-approved")));
    assert!(statuses(&without).contains(&("X-later", "orphaned")));
    assert!(without["run"].get("waiver_limits").is_none());

    limit(
        folder.path(),
        "waivers: { max_days: 92, approvers: [kwabena.asante@acme.example, henrik.lund@acme.example] }\n",
    );
    let limited = report(folder.path(), &[]);
    assert_eq!(limited["run"]["waiver_limits"]["max_days"], 92);
    for expected in
        [("W-12", "applied"), ("X-long", "too-long"), ("X-other", "not-approved"), ("X-own", "self-approved")]
    {
        assert!(statuses(&limited).contains(&expected), "{expected:?}: {:?}", statuses(&limited));
    }
    assert_eq!(finding(&limited, HLUND)["waiver"], Value::Null);
    let text = stdout(&run(folder.path(), &["check", "snapshot.json", "--policies", "policies"]));
    let text = text.split_whitespace().collect::<Vec<&str>>().join(" ");
    assert!(text.contains("not applied: it ends on 2027-03-01, more than 92 days after 2026-11-01"), "{text}");
    assert!(text.contains("`amina.yusuf@acme.example` is not among those who may approve waivers"), "{text}");

    let validated = run(folder.path(), &["validate", "policies", "--snapshot", "snapshot.json", "--format", "json"]);
    for code in ["too-long-waiver", "unapproved-waiver", "self-approved-waiver"] {
        assert!(stdout(&validated).contains(&format!("\"{code}\"")), "{code}: {}", stdout(&validated));
    }
    let example = run(folder.path(), &["check", "--example", "--format", "json"]);
    assert!(!stdout(&example).contains("waiver_limits"), "the example is no project's");
}

#[test]
fn whoever_owns_or_answers_for_an_account_does_not_approve_its_waiver() {
    let folder = acme();
    // Found by the HRIS id before an address, by the account's own address, and by the work address.
    for (number, (check, subject, approved_by)) in [
        ("user-identified", "Account::\"github/release-bot\"", "PER000000000000000000049 <amina.yusuf@acme.example>"),
        ("user-identified", "Account::\"github/octo-old\"", "octo@oldco.example"),
        ("joining-date-provided", "Person::\"per000000000000000000019\"", "Aroha <aroha.ngata@acme.example>"),
        ("joining-date-provided", "Person::\"per000000000000000000019\"", "aroha.ngata+board@ACME.example"),
        (
            "joining-date-provided",
            "Person::\"per000000000000000000019\"",
            "\"Ngata, Aroha\" <amina.yusuf@acme.example>",
        ),
        ("joining-date-provided", "Person::\"per000000000000000000019\"", "\"Aroha Ngata\" <board@elsewhere.example>"),
    ]
    .into_iter()
    .enumerate()
    {
        add(
            folder.path(),
            &format!(
                "  - {{ id: 'X {number}', check: {check}, subject: '{subject}', reason: r, approved_by: '{approved_by}', \
                 created: 2026-11-01, expires: 2026-12-01 }}\n"
            ),
        );
    }
    let report = report(folder.path(), &[]);
    let own = statuses(&report).into_iter().filter(|(id, _)| id.starts_with('X')).collect::<Vec<_>>();
    assert_eq!(own.len(), 6);
    assert!(own.iter().all(|(_, status)| *status == "self-approved"), "{own:?}");
    // The same where the snapshot is read whole.
    let whole = run(
        folder.path(),
        &["check", "snapshot.json", "--policies", "policies", "--format", "json", "--all", "--fail-on", "never"],
    );
    let whole: Value = serde_json::from_slice(&whole.stdout).unwrap();
    assert_eq!(statuses(&whole), statuses(&report));
}

#[test]
fn an_approver_is_one_person_or_a_listed_address() {
    let folder = acme();
    for (id, approved_by) in [
        ("X-nobody", "nobody@acme.example"),
        ("X-outside", "board@elsewhere.example"),
        ("X-name", "'Board <Board@elsewhere.example>'"),
        ("X-id", "per000000000000000000002"),
        ("X-two", "'kwabena.asante@acme.example, board@elsewhere.example'"),
        ("X-hidden", "\"kwabena.asante\\u200b@acme.example\""),
    ] {
        add(folder.path(), &entry(id, approved_by, "2026-12-01", ""));
    }
    let found = |report: &Value, id: &str| {
        statuses(report).iter().find(|(one, _)| *one == id).map(|(_, status)| (*status).to_owned()).unwrap()
    };
    let open = report(folder.path(), &[]);
    for (id, status) in [
        ("X-nobody", "not-approved"),
        ("X-outside", "not-approved"),
        ("X-name", "not-approved"),
        ("X-id", "malformed"),
        ("X-two", "malformed"),
        ("X-hidden", "malformed"),
    ] {
        assert_eq!(found(&open, id), status, "{id}");
    }
    let waiver = open["waivers"].as_array().unwrap().iter().find(|one| one["id"] == "X-nobody").unwrap();
    assert!(waiver["message"].as_str().unwrap().contains("no person in the staff list has the address"), "{waiver}");
    assert_eq!(finding(&open, HLUND)["waiver"], Value::Null);
    let validated = run(folder.path(), &["validate", "policies", "--snapshot", "snapshot.json", "--format", "json"]);
    assert!(stdout(&validated).contains("\"unapproved-waiver\""), "{}", stdout(&validated));

    limit(folder.path(), "waivers: { approvers: [board@elsewhere.example, kwabena.asante@acme.example] }\n");
    let listed = report(folder.path(), &[]);
    for (id, status) in [("X-nobody", "not-approved"), ("X-outside", "applied"), ("X-name", "applied")] {
        assert_eq!(found(&listed, id), status, "{id}");
    }
}

#[test]
fn an_approver_was_employed_when_the_waiver_was_created_and_is_no_namesake() {
    let folder = acme();
    let path = folder.path().join("snapshot.json");
    let original: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    add(folder.path(), &entry("X", "amina.yusuf@acme.example", "2026-12-01", ""));
    let with = |facts: &[(&str, Value)]| {
        let mut snapshot = original.clone();
        let people = snapshot["people"].as_array_mut().unwrap();
        let amina = people.iter_mut().find(|one| one["work_email"] == "amina.yusuf@acme.example").unwrap();
        for (key, value) in facts {
            amina[*key] = value.clone();
        }
        // An unknown fact is left out, with a reason.
        let unknown: Vec<String> =
            amina["unknown"].as_object().into_iter().flatten().map(|(fact, _)| fact.clone()).collect();
        unknown.iter().for_each(|fact| _ = amina.as_object_mut().unwrap().remove(fact));
        fs::write(&path, snapshot.to_string()).unwrap();
        let report = report(folder.path(), &[]);
        let waiver = report["waivers"].as_array().unwrap().iter().find(|one| one["id"] == "X").unwrap().clone();
        (waiver["status"].as_str().unwrap().to_owned(), waiver["message"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(with(&[]).0, "applied");
    // The waiver was created on 2026-11-01.
    assert_eq!(with(&[("end_date", "2026-11-10".into())]).0, "applied");
    for (facts, reason) in [
        (vec![("status", "offboarded".into()), ("end_date", "2020-06-30".into())], "left on 2020-06-30"),
        (vec![("status", "new-hire".into()), ("start_date", "2027-02-01".into())], "joined on 2027-02-01"),
        (vec![("name", "Henrik Lund".into())], "has the name of"),
    ] {
        let (status, message) = with(&facts);
        assert_eq!(status, "not-approved", "{message}");
        assert!(message.contains(reason), "{message}");
    }
    // What is unknown may be that the approver was not there.
    for (fact, reason) in
        [("end_date", "may have left"), ("start_date", "may not have started"), ("status", "may have left")]
    {
        let unknown = serde_json::json!({ fact: "not given" });
        let (status, message) = with(&[(fact, Value::Null), ("unknown", unknown)]);
        assert_eq!(status, "not-approved", "{fact}: {message}");
        assert!(message.contains(reason), "{fact}: {message}");
    }
    limit(folder.path(), "waivers: { approvers: [amina.yusuf@acme.example] }\n");
    assert_eq!(with(&[("name", "Henrik Lund".into())]).0, "applied");
}

#[test]
fn any_person_may_own_an_account_of_unknown_owner() {
    let folder = acme();
    let path = folder.path().join("snapshot.json");
    let mut snapshot: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let accounts = snapshot["accounts"].as_array_mut().unwrap();
    let hlund = accounts.iter_mut().find(|one| one["system"] == "github" && one["id"] == "hlund").unwrap();
    hlund.as_object_mut().unwrap().remove("email");
    hlund["unknown"] = serde_json::json!({ "email": "the export does not show it" });
    fs::write(&path, snapshot.to_string()).unwrap();
    add(folder.path(), &entry("X", "amina.yusuf@acme.example", "2026-12-01", ""));
    let found =
        |report: &Value| report["waivers"].as_array().unwrap().iter().find(|one| one["id"] == "X").unwrap().clone();
    let open = found(&report(folder.path(), &[]));
    assert_eq!(open["status"], "not-approved", "{open}");
    let message = open["message"].as_str().unwrap();
    assert!(
        message.contains("may be the owner of the account, which is unknown: the export does not show it"),
        "{open}"
    );
    // Those who set the limits vouch for a listed approver.
    limit(folder.path(), "waivers: { approvers: [amina.yusuf@acme.example] }\n");
    assert_eq!(found(&report(folder.path(), &[]))["status"], "applied");
    // Unless the bundle itself names the approver as the owner.
    let identities = folder.path().join("policies/identities.yaml");
    let text = fs::read_to_string(&identities).unwrap();
    let mapping = "\naccounts:\n  - { system: github, account: hlund, person: per000000000000000000043 }\n";
    assert!(text.contains("\naccounts:\n"));
    fs::write(&identities, text.replacen("\naccounts:\n", mapping, 1)).unwrap();
    assert_eq!(found(&report(folder.path(), &[]))["status"], "self-approved");
}

#[test]
fn waivers_that_follow_each_other_beyond_the_limit_are_reported() {
    let folder = acme();
    let kwabena = "kwabena.asante@acme.example";
    add(folder.path(), &entry("X-1", kwabena, "2026-11-30", ""));
    add(folder.path(), &entry("X-2", kwabena, "2026-12-30", "").replace("2026-11-01", "2026-12-01"));
    limit(folder.path(), "waivers: { max_days: 40 }\n");
    let report = report(folder.path(), &[]);
    let note = report["notes"].as_array().unwrap().iter().find(|note| note["code"] == "consecutive-waivers").unwrap();
    let message = note["message"].as_str().unwrap();
    assert!(message.contains("`X-1`, `X-2`") && message.contains("59 days; one may last 40 days"), "{message}");
    let validated = run(folder.path(), &["validate", "policies", "--format", "json"]);
    assert!(stdout(&validated).contains("\"consecutive-waivers\""), "{}", stdout(&validated));
}

#[test]
fn a_waiver_of_several_levels_is_applied_and_noted() {
    let folder = acme();
    let broad = entry("X-1", "kwabena.asante@acme.example", "2026-12-01", "").replace("hlund", "cmbeki");
    add(folder.path(), &broad);
    let broad = report(folder.path(), &[]);
    assert!(statuses(&broad).contains(&("X-1", "applied")));
    let note = broad["notes"].as_array().unwrap().iter().find(|note| note["code"] == "broad-waiver").unwrap();
    assert!(note["message"].as_str().unwrap().contains("excuses 2 levels"), "{note}");
    let text = stdout(&run(folder.path(), &["check", "snapshot.json", "--policies", "policies"]));
    assert!(text.split_whitespace().collect::<Vec<&str>>().join(" ").contains("the waiver `X-1` names no entitlement"));
    let validated = run(folder.path(), &["validate", "policies", "--snapshot", "snapshot.json", "--format", "json"]);
    assert!(stdout(&validated).contains("\"broad-waiver\""), "{}", stdout(&validated));

    // One level of the other account fails, so that the waiver excuses no more than was meant.
    let folder = acme();
    add(folder.path(), &entry("X-1", "kwabena.asante@acme.example", "2026-12-01", ""));
    let narrow = report(folder.path(), &[]);
    assert!(statuses(&narrow).contains(&("X-1", "applied")));
    assert!(narrow["notes"].as_array().unwrap().iter().all(|note| note["code"] != "broad-waiver"));
}
