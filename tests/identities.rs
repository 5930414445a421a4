//! Identity at scale: patterns of account ids, tables of logins, and suggestions.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use std::{collections::BTreeMap, fs, path::Path};

use common::{run, stderr, stdout};
use serde_json::{Value, json};

const SCHEMA: &str = r#"
@title("Accounts are known") @severity("high")
action "known" appliesTo { principal: [Account], resource: [System], context: Evaluation };
"#;

const RULES: &str = r#"
@id("known.owned") @message("it has an owner")
permit (principal, action == Action::"known", resource)
when { principal has owner };
"#;

const FACTS: &str = "facts: [{ entity: Person, name: github, type: string }]\n";

/// A person; without `github` the fact is unknown.
fn person(id: &str, email: &str, github: Option<Value>) -> Value {
    let mut person = json!({
        "id": id, "source": "hr", "name": format!("Person {id}"), "employee_number": null, "work_email": email,
        "status": "active", "start_date": "2020-01-01", "end_date": null, "last_working_day": null, "job_roles": []
    });
    match github {
        Some(login) => person["facts"] = json!({ "github": login }),
        None => person["unknown"] = json!({ "facts.github": "the staff list has no such column" }),
    }
    person
}

/// An account; without `email` the address is unknown.
fn account(id: &str, email: Option<Value>) -> Value {
    let mut account = json!({
        "id": id, "system": "git", "source": "git", "status": "active", "class": null, "last_login": null, "levels": []
    });
    match email {
        Some(email) => account["email"] = email,
        None => account["unknown"] = json!({ "email": "the export has no column for it" }),
    }
    account
}

fn write_snapshot(folder: &Path, people: &[Value], accounts: &[Value]) {
    let list = |records: usize| json!({ "name": "list", "records": records, "total": records, "complete": true, "basis": "total" });
    let source = |id: &str, staff: Option<&str>, records: usize| {
        json!({ "id": id, "kind": "test", "endpoint": "test", "pulled_at": "2026-11-20T09:00:00Z", "token_scopes": null,
                "staff": staff, "collections": [list(records)] })
    };
    let snapshot = json!({
        "schema_version": "2",
        "organization": { "id": "acme", "name": "Acme", "time_zone": "Europe/London" },
        "collected_at": "2026-11-20T09:00:00Z",
        "sources": [source("git", None, accounts.len()), source("hr", Some("list"), people.len())],
        "people": people,
        "systems": [{ "id": "git", "source": "git", "collection": "list" }],
        "accounts": accounts,
        "access_requests": []
    });
    fs::write(folder.join("snapshot.json"), snapshot.to_string()).unwrap();
}

fn write_bundle(folder: &Path, files: &[(&str, &str)]) {
    let policies = folder.join("policies");
    for (name, text) in [("own.cedarschema", SCHEMA), ("own.cedar", RULES), ("facts.yaml", FACTS)].iter().chain(files) {
        let path = policies.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

/// By account: the outcome, and the owner that a finding names.
fn judged(folder: &Path) -> BTreeMap<String, String> {
    let output = run(folder, &["check", "snapshot.json", "--policies", "policies", "--format", "json", "--all"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", stderr(&output)));
    let findings = report["findings"].as_array().unwrap().iter();
    let text = |finding: &Value| {
        let outcome = finding["outcome"].as_str().unwrap();
        finding["owner"]["id"].as_str().map_or_else(|| outcome.to_owned(), |owner| format!("{outcome} {owner}"))
    };
    findings.map(|finding| (finding["subject"]["id"].as_str().unwrap().to_owned(), text(finding))).collect()
}

fn of(pattern: &str, people: &[Value], accounts: &[Value]) -> BTreeMap<String, String> {
    let folder = tempfile::tempdir().unwrap();
    write_bundle(folder.path(), &[("systems/git.yaml", &format!("system: git\naccounts: '{pattern}'\n"))]);
    write_snapshot(folder.path(), people, accounts);
    judged(folder.path())
}

fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(account, outcome)| (format!("git/{account}"), (*outcome).to_owned())).collect()
}

#[test]
fn a_pattern_links_accounts_like_an_address() {
    let people = [
        person("p1", "Ann.Ames@acme.example", Some(json!("Kestrel-Dev"))),
        person("p2", "bob@acme.example", Some(Value::Null)),
    ];
    let accounts = [account("kestrel-dev", None), account("bob", None), account("zed", Some(Value::Null))];
    // By a fact of the person: folded, exact.
    let by_fact = map(&[("kestrel-dev", "pass p1"), ("bob", "unknown"), ("zed", "fail")]);
    assert_eq!(of("{github}", &people, &accounts), by_fact);
    // By the first part of the address, with text around it.
    let accounts = [account("ann.ames@corp.example", None), account("bob@other.example", Some(Value::Null))];
    let by_address = map(&[("ann.ames@corp.example", "pass p1"), ("bob@other.example", "fail")]);
    assert_eq!(of("{email.local}@corp.example", &people, &accounts), by_address);
}

#[test]
fn what_may_match_is_unknown_and_what_several_match_is_ambiguous() {
    let known = person("p1", "ann@acme.example", Some(json!("ann")));
    let accounts = [account("ann", Some(Value::Null)), account("zed", Some(Value::Null))];
    // Another person of an unknown login may have either.
    let unknown = [known.clone(), person("p2", "bob@acme.example", None)];
    assert_eq!(of("{github}", &unknown, &accounts), map(&[("ann", "unknown"), ("zed", "unknown")]));
    // What the pattern cannot make is nobody's, whatever is unknown.
    assert_eq!(of("x-{github}", &unknown, &accounts), map(&[("ann", "fail"), ("zed", "fail")]));
    let two = [known, person("p2", "bob@acme.example", Some(json!(" ANN ")))];
    assert_eq!(of("{github}", &two, &accounts), map(&[("ann", "fail"), ("zed", "fail")]));
    // The account's own facts choose among several, and may choose one that the pattern would name if more was known.
    let accounts = [account("ann", Some(json!("cid@acme.example")))];
    let third = |github| of("{github}", &[&two[..], &[person("p3", "cid@acme.example", github)]].concat(), &accounts);
    assert_eq!(third(Some(json!("cid"))), map(&[("ann", "fail")]));
    assert_eq!(third(Some(json!("ann"))), map(&[("ann", "pass p3")]));
    assert_eq!(third(None), map(&[("ann", "unknown")]));
    // The pattern names people who have not left, and whether this one has is unknown.
    let mut may_have_left = person("p3", "cid@acme.example", Some(json!("ann")));
    may_have_left.as_object_mut().unwrap().remove("end_date");
    may_have_left["unknown"] = json!({ "end_date": "the staff list has no such column" });
    let people = [&two[..], &[may_have_left]].concat();
    assert_eq!(of("{github}", &people, &accounts), map(&[("ann", "unknown")]));
}

#[test]
fn the_accounts_own_facts_and_declarations_come_before_a_pattern() {
    let people =
        [person("p1", "ann@acme.example", Some(json!("ann"))), person("p2", "bob@acme.example", Some(json!("bob")))];
    // Its address is another person's: neither counts.
    let contradicted =
        [account("ann", Some(json!("bob@acme.example"))), account("bob", Some(json!("BOB@acme.example")))];
    assert_eq!(of("{github}", &people, &contradicted), map(&[("ann", "fail"), ("bob", "pass p2")]));
    // A declaration about the account alone beats the pattern.
    let folder = tempfile::tempdir().unwrap();
    write_bundle(
        folder.path(),
        &[
            ("systems/git.yaml", "system: git\naccounts: '{github}'\n"),
            ("identities.yaml", "accounts: [{ system: git, account: ann, person: p2 }]\n"),
        ],
    );
    write_snapshot(folder.path(), &people, &[account("ann", None)]);
    assert_eq!(judged(folder.path()), map(&[("ann", "pass p2")]));
}

#[test]
fn patterns_that_mean_nothing_are_errors_at_their_line() {
    for (pattern, message) in [
        ("{githb}", "is not a text that people have"),
        ("{mfaEnabled}", "is not a text that people have"),
        ("octo", "reads no fact"),
        ("{email", "is not closed"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        write_bundle(folder.path(), &[("systems/git.yaml", &format!("system: git\naccounts: '{pattern}'\n"))]);
        let output = run(folder.path(), &["validate", "policies"]);
        let text = stdout(&output);
        assert_eq!(output.status.code(), Some(2), "{pattern}: {text}");
        let place = "systems/git.yaml:2:11";
        assert!(text.contains("bad-pattern") && text.contains(message) && text.contains(place), "{text}");
    }
}

#[test]
fn suggestions_name_their_evidence_and_link_nothing() {
    let folder = tempfile::tempdir().unwrap();
    write_bundle(folder.path(), &[]);
    let mut named = vec![
        person("per-1", "ann.ames@acme.example", Some(json!("kestrel"))),
        person("per-2", "bob@acme.example", Some(Value::Null)),
        person("per-3", "bob@acme.example", Some(Value::Null)),
        person("per-4", "carol.dee@acme.example", Some(Value::Null)),
    ];
    named[0]["name"] = json!("Ann\nAmes");
    named[3]["name"] = json!("Carol Dee");
    named[3]["status"] = json!("offboarded");
    let accounts = ["ann.ames@corp.example", "bob", "caroldee", "cdee", "kestrel", "x\ny"];
    let accounts: Vec<Value> = accounts.iter().map(|id| account(id, None)).collect();
    write_snapshot(folder.path(), &named, &accounts);
    let suggest = |rest: &[&str]| {
        let output =
            run(folder.path(), &[&["identities", "suggest", "snapshot.json", "--policies", "policies"], rest].concat());
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        stdout(&output)
    };
    let text = suggest(&[]);
    let yaml: Value = serde_yaml::from_str(&text).unwrap();
    let entry = |account: &str, person: &str| json!({ "system": "git", "account": account, "person": person });
    // Two people of one address and a name with an initial are no suggestions.
    let expected = [entry("ann.ames@corp.example", "per-1"), entry("caroldee", "per-4"), entry("kestrel", "per-1")];
    assert_eq!(yaml["accounts"], json!(expected), "{text}");
    assert!(text.contains("same local part as ann.ames@acme.example"), "{text}");
    assert!(
        text.contains("has left; same name: Carol Dee") && text.contains("same as the person's `github`"),
        "{text}"
    );
    assert!(text.contains("# { system: git, account: cdee, person: <HRIS id> }\n#   per-4:"), "{text}");
    assert!(text.contains("#   per-2:") && text.contains("#   per-3:"), "{text}");
    // What an export holds stays on its line.
    assert!(
        text.lines().all(|line| line.starts_with('#')
            || line.starts_with(' ')
            || line.starts_with("accounts")
            || line.is_empty()),
        "{text}"
    );
    assert_eq!(text, suggest(&["--system", "git"]));
    let output =
        run(folder.path(), &["identities", "suggest", "snapshot.json", "--policies", "policies", "--system", "gti"]);
    assert_eq!(output.status.code(), Some(2));
    // The printed lines are what a bundle takes.
    fs::write(folder.path().join("policies/identities.yaml"), &text).unwrap();
    let judged = judged(folder.path());
    assert_eq!(judged["git/kestrel"], "pass per-1");
    assert!(!suggest(&[]).contains("kestrel"), "what is declared needs no suggestion");
}

#[test]
fn an_account_is_declared_privileged_whatever_its_levels_are() {
    let rules = r#"
@id("known.plain") @message("it is not privileged")
permit (principal, action == Action::"known", resource)
when { principal has privileged && !principal.privileged };
"#;
    let outcomes = |identities: &str, system: &str| {
        let folder = tempfile::tempdir().unwrap();
        let files = [("own.cedar", rules), ("identities.yaml", identities), ("systems/git.yaml", system)];
        write_bundle(folder.path(), &files);
        write_snapshot(
            folder.path(),
            &[person("p1", "ann@acme.example", None), person("p2", "bob@acme.example", None)],
            &[account("ann", Some(json!("ann@acme.example"))), account("bob", Some(json!("bob@acme.example")))],
        );
        judged(folder.path())
    };
    let system = "system: git\nlevels: [admin]\nprivileged: [admin]\n";
    assert_eq!(outcomes("accounts: []\n", system), map(&[("ann", "pass p1"), ("bob", "pass p2")]));
    // The entry says nothing of the owner, who is found by the address as before.
    let declared = "accounts: [{ system: git, account: ann, privileged: true }]\n";
    assert_eq!(outcomes(declared, system), map(&[("ann", "fail p1"), ("bob", "pass p2")]));
    assert_eq!(outcomes(declared, "system: git\n"), map(&[("ann", "fail p1"), ("bob", "unknown p2")]));
    // A declaration that the account's own facts contradict settles nothing.
    let contradicted = "accounts: [{ system: git, account: ann, person: p2, privileged: true }]\n";
    assert_eq!(outcomes(contradicted, system)["git/ann"], "unknown");

    let folder = tempfile::tempdir().unwrap();
    let entries = "accounts:\n- { system: git, account: ann, privileged: false }\n- { system: git, account: bob }\n";
    write_bundle(folder.path(), &[("identities.yaml", entries)]);
    let output = run(folder.path(), &["validate", "policies"]);
    let text = stdout(&output);
    assert!(text.contains("cannot be declared unprivileged") && text.contains("neither a `person` nor"), "{text}");
}

#[test]
fn redacted_evidence_names_no_owner_and_no_login() {
    let folder = tempfile::tempdir().unwrap();
    let table = "system,account,person,reason\ngit,kestrel,p1,a secret\n";
    write_bundle(
        folder.path(),
        &[
            ("systems/git.yaml", "system: git\nowner: ann@acme.example\n"),
            ("identities.yaml", "accounts_from: [logins.csv]\n"),
            ("logins.csv", table),
            ("roles.yaml", "org_roles: [{ id: eng, add_people: [person-of-note] }]\n"),
        ],
    );
    write_snapshot(folder.path(), &[person("p1", "ann@acme.example", None)], &[account("kestrel", None)]);
    fs::write(folder.path().join("key"), "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef").unwrap();
    let arguments = [
        "check",
        "snapshot.json",
        "--policies",
        "policies",
        "--evidence",
        "evidence",
        "--redact-key",
        "key",
        "--fail-on",
        "never",
    ];
    let output = run(folder.path(), &arguments);
    assert!(output.status.success(), "{}", stderr(&output));
    let verified = run(folder.path(), &["verify", "evidence"]);
    assert!(verified.status.success(), "{}{}", stdout(&verified), stderr(&verified));
    let mut files = 0;
    let mut folders = vec![folder.path().join("evidence")];
    while let Some(one) = folders.pop() {
        for entry in fs::read_dir(one).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            for secret in ["ann@acme", "kestrel", "a secret", "person-of-note"] {
                assert!(!text.contains(secret), "{} names {secret}", path.display());
            }
            files += usize::from(path.ends_with("logins.csv"));
        }
    }
    assert_eq!(files, 1, "the table is part of the evidence");
}

#[test]
fn tests_of_a_bundle_declare_accounts() {
    let folder = tempfile::tempdir().unwrap();
    write_bundle(folder.path(), &[("identities.yaml", "accounts: [{ system: git, account: x, person: ada }]\n")]);
    let tests = "organization: { as_of: 2026-11-20, people: [{ id: ada }, { id: bob }] }
tests:
  - name: declared in the test, and by the bundle
    organization:
      accounts: [{ system: git, id: x }, { system: git, id: y }, { system: git, id: z }]
      identities: [{ system: git, account: y, person: bob }]
    expect:
      - { check: known, subject: git/x, outcome: pass }
      - { check: known, subject: git/y, outcome: pass }
      - { check: known, subject: git/z, outcome: fail }
  - name: the test beats the bundle
    organization:
      accounts: [{ system: git, id: x }]
      identities: [{ system: git, account: x, class: service, owner: ada, review_by: 2027-03-31 }]
    expect: [{ check: known, subject: git/x, outcome: fail }]
";
    fs::write(folder.path().join("policies/own-tests.yaml"), tests).unwrap();
    let output = run(folder.path(), &["test", "policies"]);
    assert!(output.status.success(), "{}{}", stdout(&output), stderr(&output));
    let wrong = tests.replace("account: y, person: bob", "account: y");
    fs::write(folder.path().join("policies/own-tests.yaml"), wrong).unwrap();
    let said = stderr(&run(folder.path(), &["test", "policies"]));
    assert!(said.contains("identity-form") && said.contains("own-tests.yaml:6:"), "{said}");
}

#[test]
fn tables_of_logins_declare_accounts_row_by_row() {
    let folder = tempfile::tempdir().unwrap();
    let table = "system,account,person,class,owner,review_by\ngit,ann,p1,,,\ngit,bot,,service,p1,2027-03-31\n";
    write_bundle(
        folder.path(),
        &[("people/identities.yaml", "accounts_from: [logins.csv]\n"), ("people/logins.csv", table)],
    );
    fs::write(folder.path().join("policies/notes.csv"), "not a table of the bundle").unwrap();
    write_snapshot(
        folder.path(),
        &[person("p1", "ann@acme.example", None)],
        &[account("ann", None), account("bot", Some(Value::Null))],
    );
    assert_eq!(judged(folder.path()), map(&[("ann", "pass p1"), ("bot", "fail p1")]));

    // What a table decides is part of the bundle: its digest changes with it.
    let digest = || {
        let output = run(folder.path(), &["check", "snapshot.json", "--policies", "policies", "--format", "json"]);
        serde_json::from_slice::<Value>(&output.stdout).unwrap()["run"]["bundle"].clone()
    };
    let before = digest();
    fs::write(folder.path().join("policies/people/logins.csv"), table.replace("git,ann,p1", "git,ann,p9")).unwrap();
    assert_ne!(before, digest());

    for (table, code, place) in [
        ("system,account,persn\ngit,ann,p1\n", "unknown-key", "logins.csv:1"),
        ("account,person\nann,p1\n", "missing-key", "logins.csv:1"),
        ("system,account,person\ngit,ann\n", "not-csv", "logins.csv:2"),
        ("system,account,class,owner,review_by\ngit,ann,service,p1,soon\n", "yaml-form", "logins.csv:2"),
        ("system,account,person\ngit,ann,\n", "identity-form", "logins.csv:2"),
        ("system,account,person\ngit,ann,p1\ngit,ann,p2\n", "duplicate-id", "logins.csv:3"),
    ] {
        fs::write(folder.path().join("policies/people/logins.csv"), table).unwrap();
        let output = run(folder.path(), &["validate", "policies"]);
        let text = stdout(&output);
        assert!(output.status.code() == Some(2) && text.contains(code) && text.contains(place), "{table}: {text}");
    }
    fs::remove_file(folder.path().join("policies/people/logins.csv")).unwrap();
    let output = run(folder.path(), &["validate", "policies"]);
    assert!(stdout(&output).contains("no table `people/logins.csv`"), "{}", stdout(&output));
}
