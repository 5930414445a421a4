//! `tenure validate`: what is valid and cannot be meant.

#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use std::{collections::BTreeSet, fs, path::Path};

use common::{acme, root, run, stderr, stdout};
use serde_json::Value;
use tenure::diagnostic::Code;

fn validate(folder: &Path, further: &[&str]) -> (i32, Value) {
    let mut arguments = vec!["validate", "policies", "--format", "json"];
    arguments.extend(further);
    let output = run(folder, &arguments);
    let document =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", stderr(&output)));
    (output.status.code().unwrap(), document)
}

fn codes(document: &Value) -> BTreeSet<String> {
    document["problems"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap().to_owned()).collect()
}

fn append(folder: &Path, name: &str, text: &str) {
    let path = folder.join("policies").join(name);
    let old = fs::read_to_string(&path).unwrap_or_default();
    fs::write(path, old + text).unwrap();
}

#[test]
fn the_shipped_bundle_has_no_problems() {
    let output = run(&root(), &["validate", "policies", "--deny-warnings"]);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    assert_eq!(stdout(&output), "no problems\n");
}

/// Each lint with what brings it about, and nothing else.
#[test]
fn each_lint_is_found_where_it_is() {
    let check = |name: &str| {
        format!(
            "@title(\"T\") @severity(\"low\")\naction \"{name}\" appliesTo {{ principal: Person, resource: Organization, context: Evaluation }};\n"
        )
    };
    let rule = |id: &str, effect: &str, what: &str| format!("@id(\"{id}\")\n{effect} ({what});\n");
    for (code, file, text, line) in [
        ("check-without-rules", "x.cedarschema", check("x"), 2),
        (
            "shadowed-rule",
            "x.cedar",
            rule("x.all", "permit", "principal, action == Action::\"joining-date-provided\", resource")
                + "@id(\"x.some\")\npermit (principal, action == Action::\"joining-date-provided\", resource)\nwhen { principal has workEmail };\n",
            3,
        ),
        (
            "duplicate-access-rule",
            "systems/wiki.yaml",
            "  - type: all-staff\n    levels: [viewer, editor]\n  - type: all-staff\n    levels: [editor]\n".to_owned(),
            0,
        ),
        (
            "near-duplicate-id",
            "org-roles.yaml",
            "  - id: engineerings\n    match: { job_title: [Nobody] }\n".to_owned(),
            0,
        ),
    ] {
        let folder = acme();
        let path = folder.path().join("policies").join(file);
        if file.ends_with("wiki.yaml") {
            let text = fs::read_to_string(&path).unwrap();
            fs::write(&path, text.replace("access: []", "access:")).unwrap();
        }
        append(folder.path(), file, &text);
        let (status, document) = validate(folder.path(), &[]);
        assert_eq!(status, 0, "{code}: {document}");
        assert!(codes(&document).contains(code), "{code}: {document}");
        let here = |one: &&Value| one["code"] == code && one["file"].as_str().unwrap().ends_with(file);
        let found = document["problems"].as_array().unwrap().iter().find(here);
        let found = found.unwrap_or_else(|| panic!("{code}: {document}"));
        assert!(found["help"].is_string() && found["line"].is_u64() && found["column"].is_u64(), "{found}");
        if line > 0 {
            assert_eq!(found["line"], line, "{found}");
        }
        let (status, denied) = validate(folder.path(), &["--deny-warnings"]);
        assert_eq!((status, denied["errors"].as_u64().unwrap() > 0), (1, true), "{denied}");
    }
}

/// More problems than are shown: the error is among those that are.
#[test]
fn hundreds_of_warnings_hide_no_error() {
    let folder = acme();
    let pairs = ('a'..='p').flat_map(|one| ('a'..='p').map(move |other| format!("{one}{other}")));
    let role = |pair| format!("  - id: site-reliability-{pair}\n    match: {{ job_title: [\"Nobody {pair}\"] }}\n");
    let roles: String = pairs.map(role).collect();
    append(folder.path(), "org-roles.yaml", &roles);
    fs::write(
        folder.path().join("policies/tests/z.yaml"),
        "organization: { as_of: 2026-11-20 }\ntests: [{ name: a, expect: [] }]\n",
    )
    .unwrap();
    let output = run(folder.path(), &["validate", "policies"]);
    let text = common::stdout(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.lines().any(|line| line.starts_with("and ") && line.ends_with(" more")), "{text}");
    assert!(text.contains("expects nothing") && text.contains("1 error and "), "{text}");
    assert!(text.find("expects nothing") < text.find("near-duplicate-id"), "{text}");
}

#[test]
fn only_forbids_and_groups_of_nobody_are_noticed() {
    let folder = acme();
    append(
        folder.path(),
        "x.cedarschema",
        "action \"empty-group\";\n@title(\"T\") @severity(\"low\")\naction \"x\" appliesTo { principal: Person, resource: Organization, context: Evaluation };\n",
    );
    append(
        folder.path(),
        "x.cedar",
        "@id(\"x.never\")\nforbid (principal, action == Action::\"x\", resource)\nwhen { principal has workEmail };\n",
    );
    let (_, document) = validate(folder.path(), &[]);
    assert!(codes(&document).contains("check-without-permit"), "{document}");
}

#[test]
fn with_a_snapshot_what_has_nothing_to_do_in_it_is_found() {
    let folder = acme();
    append(folder.path(), "org-roles.yaml", "  - id: astronauts\n    match: { job_title: [Astronaut] }\n");
    let (status, document) = validate(folder.path(), &["--snapshot", "snapshot.json"]);
    assert_eq!(status, 0, "{document}");
    let found = codes(&document);
    for code in ["unmatched-title", "expired-waiver", "unused-waiver"] {
        assert!(found.contains(code), "{code}: {found:?}");
    }
}

#[test]
fn lints_are_set_in_tenure_yaml() {
    let folder = acme();
    let path = folder.path().join("tenure.yaml");
    let config = fs::read_to_string(&path).unwrap();
    append(folder.path(), "org-roles.yaml", "  - id: engineerings\n    match: { job_title: [Nobody] }\n");
    for (level, status, said) in [("allow", 0, false), ("warn", 0, true), ("deny", 1, true)] {
        fs::write(&path, format!("{config}lints: {{ near-duplicate-id: {level} }}\n")).unwrap();
        let (found, document) = validate(folder.path(), &[]);
        assert_eq!((found, codes(&document).contains("near-duplicate-id")), (status, said), "{level}: {document}");
    }
    fs::write(&path, format!("{config}lints: {{ near-duplicat-id: deny }}\n")).unwrap();
    let output = run(folder.path(), &["validate", "policies"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("did you mean `near-duplicate-id`?"), "{}", stderr(&output));
}

#[test]
fn a_broken_bundle_exits_2_in_every_form() {
    let folder = acme();
    append(folder.path(), "x.cedar", "permit (principal, action, resource);\n");
    for form in ["text", "json", "github"] {
        let output = run(folder.path(), &["validate", "policies", "--format", form]);
        assert_eq!(output.status.code(), Some(2), "{form}: {}", stdout(&output));
        assert!(stdout(&output).contains("policies/x.cedar"), "{form}: {}", stdout(&output));
    }
    let output = run(folder.path(), &["validate", "policies", "--format", "github"]);
    assert!(stdout(&output).starts_with("::error file=policies/x.cedar,line=1,"), "{}", stdout(&output));
}

/// The page has the sections of the codes, in the same order, and the source uses every code.
#[test]
fn every_code_is_explained_and_used() {
    let page = fs::read_to_string(root().join("docs/problems.md")).unwrap();
    let sections: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("### ")).collect();
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.name()).collect();
    assert_eq!(sections, codes);
    let mut source = String::new();
    collect(&root().join("src"), &mut source);
    for code in Code::ALL {
        let used = format!("Code::{code:?}");
        let ends = |rest: &str| !rest.starts_with(|next: char| next.is_alphanumeric() || next == '_');
        let is_used = source.split(&used).skip(1).any(ends);
        assert!(is_used, "nothing uses `{code}`");
        let output = run(&root(), &["explain", code.name()]);
        assert_eq!(output.status.code(), Some(0), "{code}");
        let (text, first) = (stdout(&output), format!("{code}: {}\n", code.title()));
        assert!(text.starts_with(&first) && text.lines().count() > 2, "{code}: {text}");
    }
    let lints = page.split("\n## Lints\n").nth(1).unwrap();
    for code in Code::ALL.iter().filter(|code| code.is_lint()) {
        assert!(lints.contains(&format!("\n### {code}\n")), "`{code}` is not under \"Lints\"");
    }
    let output = run(&root(), &["explain", "shadowed-rul"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("did you mean `shadowed-rule`?"), "{}", stderr(&output));
}

fn collect(folder: &Path, source: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, source);
        } else if !path.ends_with("diagnostic/code.rs") {
            source.push_str(&fs::read_to_string(path).unwrap());
        }
    }
}

#[test]
fn files_that_look_like_policies_and_are_not_read_are_named() {
    let folder = acme();
    let policies = folder.path().join("policies");
    let forbid = "@id(\"freeze\") forbid (principal, action == Action::\"user-identified\", resource);\n";
    for name in ["freeze.CEDAR", "freeze.cedar.txt", "freeze.ceder", ".freeze.cedar", ".drafts/freeze.cedar"] {
        let path = policies.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, forbid).unwrap();
        let (status, document) = validate(folder.path(), &[]);
        assert_eq!(status, 0, "{name}");
        assert!(document.to_string().contains(&format!("`{name}` is not read")), "{name}: {document}");
        assert_eq!(validate(folder.path(), &["--deny-warnings"]).0, 1, "{name}");
        let output = run(folder.path(), &["check", "snapshot.json", "--policies", "policies"]);
        assert!(stderr(&output).contains("is not read"), "{name}: {}", stderr(&output));
        fs::remove_file(&path).unwrap();
    }
    // As deep as it may be, a file is read; deeper is an error.
    let deep = policies.join("a/b/c/d/e/f/g/h/i");
    fs::create_dir_all(&deep).unwrap();
    fs::write(deep.join("freeze.cedar"), forbid).unwrap();
    let output = run(folder.path(), &["list", "checks", "--policies", "policies"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let again = run(folder.path(), &["check", "snapshot.json", "--policies", "policies", "--check", "user-identified"]);
    assert!(stdout(&again).contains("freeze"), "{}", stdout(&again));
    fs::create_dir_all(deep.join("j/k/l/m/n/o/p/q")).unwrap();
    let (status, document) = validate(folder.path(), &[]);
    assert_eq!(status, 2);
    assert!(document.to_string().contains("directories deep"), "{document}");
}
