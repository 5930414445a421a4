//! Hostile text in every place that holds text, through every command and every format.

use std::{collections::BTreeSet, path::Path, process::Output};

use serde_json::{Value, json};

use crate::{
    common::{stderr, stdout, tenure},
    project::{Case, case},
};

/// Each acts on some reader of the output. The first word of each marks where it went.
const CORPUS: [&str; 14] = [
    "\u{1b}[2J\u{1b}]0;title\u{7}x",
    "x\r\n::error file=a::written by a name",
    "::add-mask::x",
    "##[group]x",
    "##vso[task.complete result=Succeeded;]x",
    "section_start:1:a\r\u{1b}[0Kx",
    "x\u{202e}txet\u{2066}",
    "x\u{200b}\u{feff}\u{2060}y",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "[x](javascript:alert(1)) ![x](https://tracker.example/a.png)",
    "| x | `code` @somebody #1 <!-- -->",
    "=HYPERLINK(\"https://x.example\",\"x\")",
    "\u{85}\u{9b}31mx\u{2028}y",
    "&lt;b&gt; ]]> --> \"quoted\" 'single'",
];

/// A project in which every text is one of the corpus, or several.
fn hostile(text: &str) -> Case {
    let case = case("evidence-permissions");
    let mut snapshot: Value = serde_json::from_str(&case.read("snapshot.json")).unwrap();
    snapshot["organization"]["name"] = json!(text);
    for source in snapshot["sources"].as_array_mut().unwrap() {
        source["endpoint"] = json!(text);
        source["collections"][0]["complete"] = json!(false);
        source["collections"][0]["reasons"] = json!([text]);
    }
    let person = &mut snapshot["people"][0];
    person["name"] = json!(text);
    person["employee_number"] = json!(text);
    person["job_roles"][0]["job_title"] = json!(text);
    person["job_roles"][0]["department"] = json!(text);
    let account = |id: String, email: Value| {
        json!({ "id": id, "system": "app", "source": "app", "email": email, "person": null, "status": "active",
                "levels": ["member", text], "last_login": null, "class": null })
    };
    snapshot["accounts"] = json!([
        account(format!("ann{text}"), json!("ann@x.example")),
        account("bob".to_owned(), json!(format!("bob{text}@x.example"))),
    ]);
    case.write_json("snapshot.json", &snapshot);
    // YAML takes no control characters but escaped ones.
    let escaped: String = text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
    let quoted = format!("\"{escaped}\"");
    case.write(
        "policies/systems/app.yaml",
        format!("system: app\nname: {quoted}\naccess:\n  - {{ type: all-staff, levels: [member] }}\n"),
    );
    case.write(
        "policies/tests/hostile.yaml",
        format!("tests:\n  - name: {quoted}\n    organization: {{ as_of: 2026-11-20, people: [] }}\n    expect: [{{ check: user-identified, subject: {quoted}, outcome: pass }}]\n"),
    );
    case
}

/// What a line of text may not hold, whoever reads it.
#[track_caller]
fn is_harmless(shown: &str, what: &str, own_commands: bool) {
    for letter in shown.chars() {
        let acts = letter.is_control() && !matches!(letter, '\n' | '\t');
        let hides =
            matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
        assert!(!acts && !hides, "{what}: {letter:?} in {shown:?}");
    }
    for line in shown.lines() {
        assert!(own_commands || !line.trim_start().starts_with("::"), "{what}: {line:?}");
        assert!(!line.contains("##[") && !line.contains("##vso["), "{what}: {line:?}");
    }
}

fn run(case: &Case, arguments: &[&str]) -> Output {
    tenure(case.path(), arguments).env("COLUMNS", "60").output().unwrap()
}

#[test]
fn hostile_text_is_shown_and_does_nothing() {
    let mut texts: Vec<String> = CORPUS.iter().map(|text| (*text).to_owned()).collect();
    // Far enough to the right that a line is broken within it.
    texts.push(format!("{}::error::x", "a".repeat(61)));
    texts.push(CORPUS.join(" "));
    let mut seen = BTreeSet::new();
    for text in &texts {
        let case = hostile(text);
        let check = ["check", "snapshot.json", "--all"];
        run(&case, &[&check[..], &["--format", "json", "-o", "report.json"]].concat());
        assert!(case.path().join("report.json").is_file(), "{}", stderr(&run(&case, &check)));
        std::fs::create_dir(case.path().join("reports")).unwrap();
        case.put("report.json", "reports/one.json");
        case.write("other.json", case.read("report.json").replace("\"fail\"", "\"pass\""));
        let report: Value = serde_json::from_str(&case.read("report.json")).unwrap();
        let finding = report["findings"][0]["id"].as_str().unwrap();
        let subject = format!("app/ann{text}");
        for command in [
            &[&check[..], &["--format", "text"]].concat()[..],
            &[&check[..], &["--format", "markdown"]].concat(),
            &[&check[..], &["--format", "html"]].concat(),
            &[&check[..], &["--format", "github"]].concat(),
            &["check", "snapshot.json"],
            &["explain", finding, "--snapshot", "snapshot.json"],
            &["explain", "--subject", &subject, "--snapshot", "snapshot.json"],
            &["explain", "--subject", text, "--snapshot", "snapshot.json"],
            &["list", "systems"],
            &["list", "roles", "--snapshot", "snapshot.json"],
            &["validate", "--snapshot", "snapshot.json"],
            &["validate", "--snapshot", "snapshot.json", "--format", "github"],
            &["test"],
            &["diff", "report.json", "other.json"],
            &["diff", "report.json", "other.json", "--format", "markdown"],
            &["history", "reports"],
            &["history", "reports", "--format", "html"],
            &[
                "waive",
                finding,
                "snapshot.json",
                "--reason",
                text,
                "--until",
                "2026-12-01",
                "--approved-by",
                "a@x.example",
                "--dry-run",
            ],
            &["check", text],
            &["check", "snapshot.json", "--check", text],
            &["check", "snapshot.json", "--as-of", text],
            &["import", "accounts", "app", text],
            &["verify", text],
            &["fmt", text],
        ] {
            let output = run(&case, command);
            let what = command.join(" ");
            let is_github = command.contains(&"github");
            is_harmless(&stdout(&output), &what, is_github);
            is_harmless(&stderr(&output), &what, false);
            seen.extend(stdout(&output).contains('x').then(|| command[0].to_owned()));
            if what.contains("html") {
                let page = stdout(&output);
                assert!(!page.contains("<script>alert") && !page.contains("<img src=x"), "{what}");
            }
            if what.contains("markdown") {
                let page = stdout(&output);
                assert!(
                    !page.contains("](javascript:") && !page.contains("<img") && !page.contains("@somebody"),
                    "{what}"
                );
            }
        }
        xml_and_json(&case);
    }
    assert!(seen.len() > 5, "{seen:?}");
}

/// Formats of programs are valid whatever their text.
fn xml_and_json(case: &Case) {
    for format in ["json", "sarif", "oscal", "revoke-json"] {
        let output = run(case, &["check", "snapshot.json", "--all", "--format", format]);
        serde_json::from_slice::<Value>(&output.stdout).unwrap_or_else(|error| panic!("{format}: {error}"));
    }
    for format in ["ndjson", "ocsf"] {
        let output = run(case, &["check", "snapshot.json", "--all", "--format", format]);
        stdout(&output).lines().for_each(|line| drop(serde_json::from_str::<Value>(line).unwrap()));
    }
    let output = run(case, &["check", "snapshot.json", "--all", "--format", "junit"]);
    assert!(is_xml_text(&stdout(&output)), "junit");
    for format in ["csv", "revoke"] {
        let output = run(case, &["check", "snapshot.json", "--all", "--format", format]);
        let text = stdout(&output);
        let mut rows = csv::ReaderBuilder::new().from_reader(text.as_bytes());
        for row in rows.records() {
            for cell in &row.unwrap() {
                assert!(!cell.starts_with(['=', '+', '@']), "{format}: {cell}");
            }
        }
    }
}

/// Whether a text has only characters that XML allows, and no element out of the corpus.
fn is_xml_text(text: &str) -> bool {
    let is_allowed = |letter: char| matches!(letter, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    text.chars().all(is_allowed) && !text.contains("<script") && !text.contains("<img")
}

#[test]
fn names_of_files_are_shown_and_do_nothing() {
    for name in ["a\n::error::x.json", "b\u{202e}x.json", "c\u{1b}[31m.json", "##[group]x.json"] {
        let case = case("evidence-permissions");
        case.write(name, "{ not json");
        std::fs::create_dir(case.path().join("reports")).unwrap();
        case.write(&format!("reports/{name}"), "{}");
        for command in [
            ["check", name].as_slice(),
            &["diff", name, name],
            &["history", "reports"],
            &["validate", "--snapshot", name],
            &["list", "roles", "--snapshot", name],
            &["explain", "--subject", "app/ann", "--snapshot", name],
            &["check", "snapshot.json", "--baseline", name],
            &["import", "accounts", "app", name, "-o", "s.json"],
            &["check", "snapshot.json", "--redact-key", name],
            &["verify", "reports", "--allowed-signers", name, "--signer", "a"],
            &["check", "snapshot.json", "-o", name, "--export", &format!("json={name}")],
            &["check", "snapshot.json", "--evidence", &format!("{name}/x")],
        ] {
            let output = run(&case, command);
            assert_ne!(output.status.code(), Some(101), "{command:?}");
            is_harmless(&stdout(&output), &command.join(" "), false);
            is_harmless(&stderr(&output), &command.join(" "), false);
        }
        assert!(Path::new(&case.path().join(name)).exists());
    }
}
