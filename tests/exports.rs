//! Exports of vendors, as they are, become accounts and people; a mapping does the same for any other.

#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use std::{fs, path::Path};

use common::{root, run, stderr, stdout};
use serde_json::{Value, json};
use tenure::ingest::mapping::{MappingRef, Records, built_in};

const AT: &str = "2026-11-20T09:00:00Z";

/// The snapshot of one file, and what was said.
fn import(folder: &Path, file: &str, further: &[&str]) -> (Value, String) {
    let output_name = format!("{}.snapshot.json", file.replace('/', "-"));
    let mut arguments = vec!["import", "accounts", "app", file, "-o", &output_name, "--collected-at", AT];
    arguments.extend(further);
    let output = run(folder, &arguments);
    assert_eq!(output.status.code(), Some(0), "{file}: {}", stderr(&output));
    (serde_json::from_slice(&fs::read(folder.join(&output_name)).unwrap()).unwrap(), stderr(&output))
}

fn account(snapshot: &Value, id: &str) -> Value {
    let accounts = snapshot["accounts"].as_array().unwrap();
    accounts.iter().find(|account| account["id"] == id).unwrap_or_else(|| panic!("{id}: {accounts:#?}")).clone()
}

fn fixture(mapping: MappingRef) -> String {
    let ending = if mapping.records == Records::Csv { "csv" } else { "json" };
    format!("{}.{ending}", mapping.name())
}

/// Every built-in mapping recognises its fixture, and reads it into what stands beside it.
#[test]
fn every_built_in_mapping_reads_its_fixture() {
    let folder = root().join("fixtures/exports");
    for mapping in built_in().iter().copied() {
        let file = fixture(mapping);
        let target = tempfile::tempdir().unwrap();
        fs::copy(folder.join(&file), target.path().join(&file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        let lists_people = mapping.person.is_some();
        let arguments: &[&str] = if lists_people { &["import", "staff"] } else { &["import", "accounts", "app"] };
        let arguments = [arguments, &[&file, "--collected-at", AT]].concat();
        let output = run(target.path(), &arguments);
        assert_eq!(output.status.code(), Some(0), "{file}: {}", stderr(&output));
        let said = stderr(&output);
        assert!(said.contains(&format!("read as {};", mapping.name())), "{file}: {said}");
        assert!(!said.contains("not one of its words"), "{file}: {said}");
        let snapshot: Value = serde_json::from_slice(&fs::read(target.path().join("snapshot.json")).unwrap()).unwrap();
        let found = json!({
            "list": snapshot["sources"][0]["collections"][0],
            "accounts": snapshot["accounts"],
            "people": snapshot["people"],
        });
        insta::with_settings!({ omit_expression => true }, {
            insta::assert_snapshot!(format!("export-{}", mapping.name()), format!("{found:#}"));
        });
    }
}

/// docs/exports.md is made of what the mappings say of themselves.
#[test]
fn the_page_of_exports_is_that_of_the_mappings() {
    let mut page = "# Exports that Tenure reads\n\nMade of the built-in mappings (`tenure mapping list`). Write one of your own for any other export: see\n[mappings](mappings.md). Formats that are read by code are in [sources](sources.md).\n".to_owned();
    for mapping in built_in() {
        let about = mapping.about.as_ref().unwrap();
        page.push_str(&format!(
            "\n## {}\n\n{}.\n\n- **How to get it:** {}\n- **Permission:** {}\n- **Not shown:** {}\n",
            mapping.name(),
            upper_first(&about.title),
            about.export,
            about.permission,
            about.lacks
        ));
    }
    let path = root().join("docs/exports.md");
    if std::env::var_os("UPDATE_FIXTURES").is_some() {
        fs::write(&path, &page).unwrap();
    }
    assert!(fs::read_to_string(&path).unwrap_or_default() == page, "docs/exports.md: write it with UPDATE_FIXTURES=1");
}

fn upper_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// The vendor's true shapes that were refused.
#[test]
fn common_exports_are_read() {
    let folder = tempfile::tempdir().unwrap();
    common::copy(&root().join("tests/cases/export-shapes"), folder.path());
    let (people, _) = import(folder.path(), "github-people.csv", &[]);
    let ann = account(&people, "ann-a");
    assert_eq!(
        (&ann["email"], &ann["status"], &ann["levels"]),
        (&json!("ann@x.example"), &json!("active"), &json!(["owner"]))
    );
    assert_eq!(account(&people, "dan-d")["unknown"]["email"], "`saml_name_id` is empty");

    let (members, _) = import(folder.path(), "github-members.json", &[]);
    assert!(account(&members, "dan-d")["unknown"]["levels"].is_string());
    for name in ["github-slurp", "github-concatenated"] {
        let (pages, _) = import(folder.path(), name, &[]);
        assert_eq!(pages["accounts"].as_array().unwrap().len(), 3, "{name}");
        assert_eq!(account(&pages, "carol-c")["levels"], json!(["admin"]), "{name}");
        assert_eq!(account(&pages, "dan-d")["levels"], json!(["member"]), "{name}");
    }

    let (aws, _) = import(folder.path(), "aws-get-credential-report.json", &[]);
    assert_eq!(aws["sources"][0]["pulled_at"], "2026-11-20T06:30:00Z");
    assert_eq!(account(&aws, "ann@x.example")["status"], "active");

    let (entra, _) = import(folder.path(), "entra-users.csv", &[]);
    let yves = account(&entra, "yves_partner.example#EXT#@x.onmicrosoft.example");
    assert_eq!((&yves["status"], &yves["class"]), (&json!("deactivated"), &json!("external")));
    assert_eq!(account(&entra, "ann@x.example")["status"], "active");
    assert!(yves["unknown"]["levels"].is_string());

    let (slack, _) = import(folder.path(), "slack-members.csv", &[]);
    assert_eq!(account(&slack, "U0000000001")["levels"], json!(["primary-owner"]));
    let bob = account(&slack, "U0000000003");
    assert_eq!(bob["status"], "deactivated");
    assert!(bob["unknown"]["levels"].is_string(), "the role of a deactivated member is not shown");
    assert_eq!(account(&slack, "U0000000006")["class"], "service");

    let (gitlab, _) = import(folder.path(), "gitlab-members.json", &[]);
    assert_eq!(account(&gitlab, "bob.b")["status"], "suspended", "the worse of the two states");
    assert_eq!(account(&gitlab, "ann.a")["levels"], json!(["developer"]));

    let (gam, _) = import(folder.path(), "gam-users.csv", &[]);
    assert_eq!(account(&gam, "bob@x.example")["status"], "suspended");
    assert_eq!(account(&gam, "ann@x.example")["levels"], json!(["super-admin"]));

    let (okta, _) = import(folder.path(), "okta-wrapped.json", &[]);
    assert_eq!(account(&okta, "00u00000000000000002")["status"], "deactivated");
}

/// A vendor of whom nothing is known: fifteen lines make its export a list of accounts.
const TOOL: &str = "\
format: tool-users
detect: { columns: [Login name, Rights] }
records: csv
account:
  id: Login name
  email: Mail
  status:
    from: State
    words: { on: active, off: deactivated, waiting: invited }
  levels:
    from: Rights
    separator: \"|\"
    words: { ADM: admin, RW: editor, RO: viewer }
  last_login: { from: Seen, time: \"%d.%m.%Y\", words: { never: null } }
";
const ROWS: &str = "\
Login name,Mail,State,Rights,Seen
ann,ann@x.example,ON,ADM|RW,19.11.2026
bob,n/a,off,RO,never
dan,dan@x.example,paused,ROOT,yesterday
ann,ann@x.example,on,RO,19.11.2026
";

#[test]
fn a_mapping_reads_a_new_vendor() {
    assert!(TOOL.lines().count() <= 15);
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("tool.yaml"), TOOL).unwrap();
    fs::write(folder.path().join("tool.csv"), ROWS).unwrap();
    let (snapshot, said) = import(folder.path(), "tool.csv", &["--mapping", "tool.yaml"]);
    let ann = account(&snapshot, "ann");
    assert_eq!(ann["levels"], json!(["admin", "editor", "viewer"]), "rows of one account are merged");
    assert_eq!((&ann["status"], &ann["last_login"]), (&json!("active"), &json!("2026-11-19T00:00:00Z")));
    let bob = account(&snapshot, "bob");
    assert_eq!(
        (&bob["email"], &bob["status"], &bob["last_login"]),
        (&Value::Null, &json!("deactivated"), &Value::Null)
    );
    let dan = account(&snapshot, "dan");
    assert!(dan.get("status").is_none() && dan["unknown"]["status"].as_str().unwrap().contains("`State`: `paused`"));
    assert!(dan["unknown"]["levels"].is_string() && dan["unknown"]["last_login"].is_string(), "{dan}");
    assert!(said.contains("given") && said.contains("unknown"), "{said}");
    // The same through tenure.yaml, by path and inline, and the levels are judged.
    let inline = TOOL.lines().map(|line| format!("      {line}\n")).collect::<String>();
    for mapping in ["    mapping: tool.yaml\n".to_owned(), format!("    mapping:\n{inline}")] {
        let project = format!(
            "organization: {{ id: x, name: X, time_zone: UTC }}\nsources:\n  - kind: file\n    path: tool.csv\n    system: app\n{mapping}"
        );
        fs::write(folder.path().join("tenure.yaml"), project).unwrap();
        let output = run(folder.path(), &["import", "--collected-at", AT]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let again: Value = serde_json::from_slice(&fs::read(folder.path().join("snapshot.json")).unwrap()).unwrap();
        assert_eq!(again["accounts"], snapshot["accounts"]);
    }
    fs::create_dir_all(folder.path().join("policies/systems")).unwrap();
    let system = "system: app\nname: App\naccess:\n  - { type: all-staff, levels: [viewer] }\n";
    fs::write(folder.path().join("policies/systems/app.yaml"), system).unwrap();
    for file in
        ["access.cedar", "accounts.cedar", "checks.cedarschema", "people.cedar", "systems.cedar", "org-roles.yaml"]
    {
        fs::copy(root().join("policies").join(file), folder.path().join("policies").join(file)).unwrap();
    }
    let report = common::report(folder.path(), &["--all"]);
    let judged = report["findings"].as_array().unwrap().iter().filter(|one| one["check"] == "access-valid");
    let judged: Vec<String> = judged.map(|one| format!("{} {}", one["subject"]["id"], one["entitlement"])).collect();
    assert!(judged.contains(&"\"app/ann\" \"app/admin\"".to_owned()), "{judged:?}");
}

#[test]
fn a_wrong_mapping_is_shown_at_its_line() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("tool.csv"), ROWS).unwrap();
    for (from, to, line, said) in [
        ("on: active", "on: enabled", "tool.yaml:9:", "`enabled` is no status"),
        ("  email: Mail", "  mail: Mail", "tool.yaml:6:", "unknown key `mail`"),
        ("format: tool-users", "format: accounts-csv", "tool.yaml:1:", "is the name of a built-in format"),
        ("records: csv", "records: xlsx", "tool.yaml:3:", "`xlsx`"),
        ("    from: Rights\n", "", "tool.yaml:11:", "exactly one of `from`, `value` and `first`"),
        (
            "  email: Mail",
            "  email: { from: Mail, type: bool }",
            "tool.yaml:6:",
            "only a fact under `facts` has a type",
        ),
        ("  email: Mail", "  facts: { a: { from: Mail, type: flag } }", "tool.yaml:6:", "`flag`"),
        (
            "  email: Mail",
            "  email: { from: Mail, contains: { x: none } }",
            "tool.yaml:6:",
            "only a fact under `facts` looks into texts",
        ),
    ] {
        fs::write(folder.path().join("tool.yaml"), TOOL.replace(from, to)).unwrap();
        let output = run(folder.path(), &["import", "accounts", "app", "tool.csv", "--mapping", "tool.yaml"]);
        let text = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{to}: {text}");
        assert!(text.contains(line) && text.contains(said), "{to}: {text}");
    }
}

#[test]
fn a_missing_column_is_unknown() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("tool.yaml"), TOOL).unwrap();
    fs::write(folder.path().join("tool.csv"), "Login name,Mail\nann,ann@x.example\n").unwrap();
    let (snapshot, _) = import(folder.path(), "tool.csv", &["--mapping", "tool.yaml"]);
    let ann = account(&snapshot, "ann");
    assert_eq!(ann["unknown"]["status"], "the file has no column `State`");
    assert_eq!(ann["unknown"]["levels"], "the file has no column `Rights`");
}

/// What a record says of its holder besides the address may contradict it.
#[test]
fn a_hint_that_cannot_be_read_leaves_the_address_unknown() {
    let folder = tempfile::tempdir().unwrap();
    let mapping =
        "records: json\naccount: { id: id, email: mail, addresses: more, employee_number: number, external_id: ref }\n";
    fs::write(folder.path().join("tool.yaml"), mapping).unwrap();
    for (hint, is_known) in [
        (r#""x":1"#, true),
        (r#""more":["bob@x.example"],"number":7,"ref":null"#, true),
        (r#""more":[{"value":"bob@x.example"}]"#, false),
        (r#""more":{"value":"bob@x.example"}"#, false),
        (r#""number":{}"#, false),
        (r#""ref":["r1","r2"]"#, false),
    ] {
        let page = format!(r#"[{{"id":"ann","mail":"ann@x.example",{hint}}}]"#);
        fs::write(folder.path().join("tool.json"), page).unwrap();
        let (snapshot, _) = import(folder.path(), "tool.json", &["--mapping", "tool.yaml"]);
        let ann = account(&snapshot, "ann");
        assert_eq!(ann.get("email").is_some(), is_known, "{hint}: {ann}");
        assert_eq!(ann["unknown"].get("email").is_none(), is_known, "{hint}: {ann}");
    }
}

/// As with every other staff list: an end before the start is of an earlier employment, and a department alone is a role.
#[test]
fn staff_by_a_mapping_are_read_as_others_are() {
    let folder = tempfile::tempdir().unwrap();
    let rows = "id,name,number,email,status,start_date,end_date,job_title,department,manager\n\
        back,B,,b@x.example,active,2026-03-02,2025-06-27,Clerk,Sales,\n\
        left,L,,l@x.example,offboarded,2026-03-02,2025-06-27,Clerk,Sales,\n\
        part,P,,p@x.example,active,2026-03-02,,,Sales,\n\
        none,N,,n@x.example,active,2026-03-02,,,,\n";
    fs::write(folder.path().join("staff.csv"), rows).unwrap();
    let output = run(folder.path(), &["import", "staff", "staff.csv", "-o", "s.json", "--collected-at", AT]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let snapshot: Value = serde_json::from_slice(&fs::read(folder.path().join("s.json")).unwrap()).unwrap();
    let people = snapshot["people"].as_array().unwrap();
    let person = |id: &str| people.iter().find(|person| person["id"] == id).unwrap();
    assert!(person("back")["unknown"]["end_date"].as_str().unwrap().contains("of an earlier employment"));
    assert_eq!(person("left")["end_date"], "2025-06-27");
    assert_eq!(person("part")["job_roles"][0]["department"], "Sales");
    assert_eq!(person("none")["job_roles"], json!([]));
}

#[test]
fn mappings_have_tests_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("tool.yaml"), TOOL).unwrap();
    let indented: String = ROWS.lines().map(|line| format!("      {line}\n")).collect();
    let tests = format!(
        "tests:\n  - name: roles and states\n    rows: |\n{indented}    accounts:\n      - {{ id: ann, status: active, levels: [admin, editor, viewer] }}\n      - {{ id: bob, status: deactivated, email: null }}\n      - {{ id: dan, unknown: [status, levels] }}\n"
    );
    fs::write(folder.path().join("tool.tests.yaml"), &tests).unwrap();
    let output = run(folder.path(), &["mapping", "test", "tool.yaml"]);
    assert_eq!(
        (output.status.code(), stdout(&output).contains("1 passed, 0 failed")),
        (Some(0), true),
        "{}",
        stdout(&output)
    );
    for (from, to, said) in [
        (
            "levels: [admin, editor, viewer]",
            "levels: [admin]",
            "`ann`: `levels` is [\"admin\",\"editor\",\"viewer\"], expected [\"admin\"]",
        ),
        ("{ id: bob, status: deactivated, email: null }", "{ id: eve }", "there is no account `eve`"),
        ("unknown: [status, levels]", "unknown: [email]", "expected unknown"),
    ] {
        fs::write(folder.path().join("tool.tests.yaml"), tests.replace(from, to)).unwrap();
        let output = run(folder.path(), &["mapping", "test", "tool.yaml"]);
        assert_eq!(output.status.code(), Some(1), "{to}");
        assert!(stdout(&output).contains(said), "{to}: {}", stdout(&output));
    }
}

/// Tests that expect nothing, or what the mapping cannot give, do not pass.
#[test]
fn tests_of_a_mapping_that_test_nothing_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("tool.yaml"), "records: csv\naccount: { id: id }\n").unwrap();
    for (tests, status, said) in [
        ("tests: []\n", 4, "`tool.tests.yaml` holds no tests"),
        ("tests: [{ name: a, rows: \"id\\na\\n\" }]\n", 2, "the test `a` expects nothing"),
        ("tests: [{ name: a, rows: \"id\\na\\n\", people: [] }]\n", 1, "the mapping gives accounts and no people"),
        ("tests: [{ name: a, rows: \"id\\na\\n\", rejected: 1 }]\n", 1, "0 records are rejected, expected 1"),
    ] {
        fs::write(folder.path().join("tool.tests.yaml"), tests).unwrap();
        let output = run(folder.path(), &["mapping", "test", "tool.yaml"]);
        let text = stdout(&output) + &stderr(&output);
        assert_eq!(output.status.code(), Some(status), "{tests}{text}");
        assert!(text.contains(said), "{tests}{text}");
    }
}

/// A mapping is made from one file; the others of a directory are not left out silently.
#[test]
fn a_directory_of_several_files_makes_no_mapping() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("pages")).unwrap();
    fs::write(folder.path().join("pages/a.csv"), ROWS).unwrap();
    let one = run(folder.path(), &["mapping", "new", "pages"]);
    assert_eq!(one.status.code(), Some(0), "{}", stderr(&one));
    fs::write(folder.path().join("pages/b.csv"), ROWS).unwrap();
    let output = run(folder.path(), &["mapping", "new", "pages", "-o", "tool.yaml"]);
    let text = stderr(&output).split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains("`a.csv`, `b.csv`") && text.contains("tenure mapping new pages/a.csv"), "{text}");
    assert!(!folder.path().join("tool.yaml").exists());
}

/// The error of a file that no format recognises leads to a mapping that reads it.
#[test]
fn an_unknown_file_leads_to_a_mapping() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("tool.csv"), ROWS).unwrap();
    let output = run(folder.path(), &["import", "accounts", "app", "tool.csv"]);
    let text = stderr(&output).split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains("`Rights`") && text.contains("tenure mapping new tool.csv"), "{text}");
    let near = "username,email,status,fullname\nann,ann@x.example,Member,Ann\n";
    fs::write(folder.path().join("near.csv"), near).unwrap();
    let output = run(folder.path(), &["import", "staff", "near.csv"]);
    assert!(stderr(&output).contains("closest is slack-members-csv"), "{}", stderr(&output));

    let output = run(folder.path(), &["mapping", "new", "tool.csv", "-o", "tool.yaml"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    insta::assert_snapshot!("mapping-new", fs::read_to_string(folder.path().join("tool.yaml")).unwrap());
    import(folder.path(), "tool.csv", &["--mapping", "tool.yaml"]);
    let json = r#"{"users":[{"login":"ann","profile":{"mail":"ann@x.example"},"roles":["a"],"active":true}]}"#;
    fs::write(folder.path().join("tool.json"), json).unwrap();
    let output = run(folder.path(), &["mapping", "new", "tool.json", "-o", "json.yaml"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let (snapshot, _) = import(folder.path(), "tool.json", &["--mapping", "json.yaml"]);
    let ann = account(&snapshot, "ann");
    assert_eq!((&ann["email"], &ann["status"]), (&json!("ann@x.example"), &json!("active")));
}

/// Pages, totals and next pages prove a list, or show that it is not whole.
#[test]
fn completeness_is_proved_or_doubted() {
    let folder = tempfile::tempdir().unwrap();
    let mapping = "records: { json: /users }\ncomplete: { total: /total, next: /next }\naccount: { id: id, status: { value: active } }\n";
    fs::write(folder.path().join("tool.yaml"), mapping).unwrap();
    for (page, complete, basis) in [
        (r#"{"users":[{"id":"a"}],"total":1}"#, true, json!("total")),
        (r#"{"users":[{"id":"a"}],"total":2}"#, false, Value::Null),
        (r#"{"users":[{"id":"a"},{"id":"a"}],"total":2}"#, false, Value::Null),
        (r#"{"users":[{"id":"a"}],"next":"x"}"#, false, Value::Null),
        (r#"{"users":[{"id":"a"}],"next":null}"#, true, json!("last-page")),
        // A missing key proves nothing.
        (r#"{"users":[{"id":"a"}]}"#, true, json!("assumed")),
        (r#"[{"id":"a"}]"#, false, Value::Null),
        (r#"{"users":[]}"#, false, Value::Null),
    ] {
        fs::write(folder.path().join("page.json"), page).unwrap();
        let (snapshot, _) = import(folder.path(), "page.json", &["--mapping", "tool.yaml"]);
        let list = &snapshot["sources"][0]["collections"][0];
        assert_eq!((&list["complete"], &list["basis"]), (&json!(complete), &basis), "{page}: {list}");
    }
}

/// A system whose source gives no levels is judged by its logins alone, if its file says so.
#[test]
fn only_the_login_is_judged_if_the_system_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let accounts = "account,email,status\nann,ann@x.example,active\nbob,bob@x.example,active\n";
    fs::write(folder.path().join("accounts.csv"), accounts).unwrap();
    import(folder.path(), "accounts.csv", &[]);
    fs::rename(folder.path().join("accounts.csv.snapshot.json"), folder.path().join("snapshot.json")).unwrap();
    fs::create_dir_all(folder.path().join("policies/systems")).unwrap();
    for file in
        ["access.cedar", "accounts.cedar", "checks.cedarschema", "people.cedar", "systems.cedar", "org-roles.yaml"]
    {
        fs::copy(root().join("policies").join(file), folder.path().join("policies").join(file)).unwrap();
    }
    let judged = |levels: &str| {
        let system = format!("system: app\nname: App\n{levels}access:\n  - {{ type: all-staff, levels: [login] }}\n");
        fs::write(folder.path().join("policies/systems/app.yaml"), system).unwrap();
        let report = common::report(folder.path(), &["--all", "--check", "access-valid"]);
        let findings = report["findings"].as_array().unwrap().clone();
        findings.iter().map(|one| one["entitlement"].as_str().unwrap_or("levels").to_owned()).collect::<Vec<_>>()
    };
    // A file that does not say which levels are judged makes one finding about the system.
    assert_eq!(judged(""), ["app/login", "app/login", "levels"]);
    for levels in ["levels: all\n", "levels: [admin]\n"] {
        assert_eq!(judged(levels), ["levels", "app/login", "levels", "app/login"], "{levels}");
    }
    assert_eq!(judged("levels: login-only\n"), ["app/login", "app/login"]);
    // An access rule for another level would grant nothing.
    let system = "system: app\nlevels: login-only\naccess:\n  - { type: all-staff, levels: [admin] }\n";
    fs::write(folder.path().join("policies/systems/app.yaml"), system).unwrap();
    let output = run(folder.path(), &["validate", "policies"]);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(stdout(&output).contains("`admin` is not a level of the system `app`"), "{}", stdout(&output));
}
