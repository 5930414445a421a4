//! The command line as its users meet it.

#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod common;

use std::{fs, process::Stdio};

use common::{acme, root, run, stderr, stdout, tenure, transcript};

/// Compares with a snapshot kept beside the tests.
fn assert_transcript(name: &str, transcript: &str) {
    insta::with_settings!({ snapshot_path => "snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, transcript);
    });
}

#[test]
fn help_of_every_command() {
    for arguments in [
        vec!["--help"],
        vec!["check", "--help"],
        vec!["import", "--help"],
        vec!["import", "humaans", "--help"],
        vec!["import", "accounts", "--help"],
        vec!["import", "access-requests", "--help"],
        #[cfg(feature = "pull")]
        vec!["pull", "--help"],
        vec!["validate", "--help"],
        vec!["waive", "--help"],
        vec!["diff", "--help"],
        vec!["history", "--help"],
        vec!["verify", "--help"],
        vec!["test", "--help"],
        vec!["explain", "--help"],
        vec!["schema", "--help"],
        vec!["completions", "--help"],
        vec!["init", "--help"],
        vec!["fmt", "--help"],
        vec!["list", "--help"],
        vec!["man", "--help"],
    ] {
        let name = format!("help {}", arguments.join(" ")).replace(" --help", "").replace(' ', "-");
        assert_transcript(&name, &transcript(&run(&root(), &arguments)));
    }
}

#[test]
fn the_example_in_full() {
    assert_transcript("check-example", &transcript(&run(&root(), &["check", "--example"])));
}

#[test]
fn the_example_exits_0_unless_fail_on_is_given() {
    assert_eq!(run(&root(), &["check", "--example"]).status.code(), Some(0));
    assert_eq!(run(&root(), &["check", "--example", "--fail-on", "critical"]).status.code(), Some(1));
    let one = ["check", "--example", "--check", "joining-date-provided", "--fail-on"];
    assert_eq!(run(&root(), &[&one[..], &["low"]].concat()).status.code(), Some(1));
    assert_eq!(run(&root(), &[&one[..], &["medium"]].concat()).status.code(), Some(0), "the check's severity is low");
}

#[test]
fn without_a_snapshot_nothing_is_evaluated_and_it_says_how_to_get_one() {
    let folder = tempfile::tempdir().unwrap();
    assert_transcript("check-nothing", &transcript(&run(folder.path(), &["check"])));
}

#[test]
fn an_empty_snapshot_is_nothing_to_evaluate() {
    let folder = acme();
    let empty = r#"{"schema_version":"1","organization":{"id":"a","name":"A","time_zone":"UTC"},
        "collected_at":"2026-11-20T09:00:00Z","sources":[],"people":[],"systems":[],"accounts":[],"access_requests":[]}"#;
    fs::write(folder.path().join("snapshot.json"), empty).unwrap();
    let people = ["check", "snapshot.json", "--policies", "policies", "--check", "staff-role-assigned"];
    assert_transcript("check-empty", &transcript(&run(folder.path(), &people)));
}

#[test]
fn import_says_what_it_read_and_what_it_did_not_understand() {
    let folder = acme();
    fs::remove_file(folder.path().join("snapshot.json")).unwrap();
    let configured = run(folder.path(), &["import", "--collected-at", "2026-11-20T09:00:00Z"]);
    assert_transcript("import-configured", &transcript(&configured));
    fs::remove_file(folder.path().join("tenure.yaml")).unwrap();
    let alone = run(folder.path(), &["import", "humaans", "humaans", "--collected-at", "2026-11-20T09:00:00Z"]);
    assert_transcript("import-humaans", &transcript(&alone));
    let accounts =
        ["import", "accounts", "github", "github.csv", "-o", "github.json", "--collected-at", "2026-11-20T09:00:00Z"];
    assert_transcript("import-accounts", &transcript(&run(folder.path(), &accounts)));
}

#[test]
fn a_weak_token_makes_what_it_cannot_see_unknown() {
    let folder = acme();
    let token = r#"{"id":"t","scopes":["public:read"]}"#;
    fs::write(folder.path().join("humaans/token-info.json"), token).unwrap();
    let import = run(folder.path(), &["import", "--collected-at", "2026-11-20T09:00:00Z"]);
    assert_eq!(import.status.code(), Some(0));
    assert!(stderr(&import).contains("private:read"), "{}", stderr(&import));
    let report = common::report(folder.path(), &["--all"]);
    // Nobody has this address, and leavers are not shown to such a token.
    assert_eq!(common::outcome(&report, "user-identified", "github/octo-old", None), "unknown");
    assert_eq!(common::outcome(&report, "reporting-manager-assigned", "per000000000000000000013", None), "unknown");
}

#[test]
fn rejected_records_are_named_and_exit_3() {
    let folder = acme();
    let path = folder.path().join("github.csv");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{text},nobody@acme.example,active,member,,\nragged,x\n")).unwrap();
    let import = run(folder.path(), &["import", "--collected-at", "2026-11-20T09:00:00Z"]);
    assert_eq!(import.status.code(), Some(3), "{}", stderr(&import));
    assert!(stderr(&import).contains("its `account` is empty"), "{}", stderr(&import));
    assert!(stderr(&import).contains("2 records rejected"), "{}", stderr(&import));
    let check = run(folder.path(), &["check", "snapshot.json", "--policies", "policies", "--fail-on", "never"]);
    assert_eq!(check.status.code(), Some(3));
    assert!(stdout(&check).contains("Gaps in the evidence"));
    let report = common::report(folder.path(), &["--all"]);
    assert_eq!(common::outcome(&report, "account-list-current", "github", None), "unknown");
}

#[test]
fn a_rule_that_errs_makes_the_finding_unknown_and_exits_3() {
    let folder = acme();
    let path = folder.path().join("policies/people.cedar");
    let text = fs::read_to_string(&path).unwrap();
    let overflow = "\n@id(\"overflow\") forbid (principal, action == Action::\"staff-role-assigned\", resource)\n\
        when { context.asOf.offset(duration(\"106751991167d\")) < context.today };\n";
    fs::write(&path, text + overflow).unwrap();
    let check = run(folder.path(), &["check", "snapshot.json", "--policies", "policies", "--fail-on", "never"]);
    assert_eq!(check.status.code(), Some(3));
    let report = common::report(folder.path(), &["--check", "staff-role-assigned"]);
    let counts = &report["summary"]["totals"];
    assert_eq!(counts["unknown"], 49, "an erring forbid is never skipped: {counts}");
    assert_eq!(report["summary"]["errors"], 49);
    assert_eq!(report["findings"][0]["reasons"][0]["bearing"], "erred");
}

#[test]
fn with_json_errors_are_json_on_stderr() {
    let folder = acme();
    fs::write(folder.path().join("snapshot.json"), "{}").unwrap();
    let check = run(folder.path(), &["check", "snapshot.json", "--policies", "policies", "--format", "json"]);
    assert_eq!(check.status.code(), Some(2));
    assert!(check.stdout.is_empty());
    let errors: serde_json::Value = serde_json::from_slice(&check.stderr).unwrap();
    assert_eq!(errors["exit_status"], 2);
    assert_eq!(errors["errors"][0]["code"], "snapshot-form");
    assert_eq!(errors["errors"][0]["file"], "snapshot.json");
}

#[test]
fn colour_is_there_when_asked_for_and_never_in_a_pipe_or_a_file() {
    let escape = '\u{1b}';
    let plain = stdout(&tenure(&root(), &["check", "--example"]).env_remove("NO_COLOR").output().unwrap());
    assert!(!plain.contains(escape));
    let coloured = stdout(&run(&root(), &["check", "--example", "--color", "always"]));
    assert!(coloured.contains(escape));
    // The hostile name of the fixture brings its own escape sequence; every one that is left is of ours.
    assert!(!coloured.contains("\u{1b}[31mMallory") && !plain.contains('\u{202e}'));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.txt");
    let arguments = ["check", "--example", "--color", "always", "-o", path.to_str().unwrap()];
    assert_eq!(run(&root(), &arguments).status.code(), Some(0));
    assert_eq!(fs::read_to_string(path).unwrap(), plain);
}

#[test]
fn text_uses_the_columns_there_are_and_no_more() {
    for details in [&[][..], &["--details"]] {
        let mut command = tenure(&root(), &[&["check", "--example", "--all"], details].concat());
        for (columns, width) in [(Some("80"), 80), (Some("20"), 80), (Some("100"), 100), (None, 120)] {
            columns.map(|columns| command.env("COLUMNS", columns));
            if columns.is_none() {
                command.env_remove("COLUMNS");
            }
            let text = stdout(&command.output().unwrap());
            for line in text.lines() {
                let longest = line.split(' ').map(|word| word.chars().count()).max().unwrap_or_default();
                assert!(line.chars().count() <= width || longest > 60, "too wide for {width}: {line}");
            }
            assert!(text.lines().any(|line| line.chars().count() > width - 10), "{width} columns are not used");
        }
    }
}

#[test]
fn a_reader_that_has_read_enough_is_no_error() {
    let mut child = tenure(&root(), &["check", "--example", "--all", "--format", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(stderr(&output), "");
}

#[test]
fn a_failed_run_leaves_the_old_files_as_they_were() {
    let folder = acme();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("report.json"), "old").unwrap();
    fs::write(path("policies/people.cedar"), "permit (").unwrap();
    let check = ["check", "snapshot.json", "--policies", "policies", "--format", "json", "-o", "report.json"];
    assert_eq!(run(folder.path(), &check).status.code(), Some(2));
    assert_eq!(fs::read_to_string(path("report.json")).unwrap(), "old");
    let before = fs::read(path("snapshot.json")).unwrap();
    fs::write(path("humaans/people-2.json"), "[{").unwrap();
    assert_eq!(run(folder.path(), &["import"]).status.code(), Some(2));
    assert_eq!(fs::read(path("snapshot.json")).unwrap(), before);
    let unwritable = ["check", "snapshot.json", "--example", "-o", "none/report.json"];
    assert_eq!(run(folder.path(), &unwritable).status.code(), Some(2), "a snapshot and the example are two things");
}

#[test]
fn policies_are_found_in_tenure_yaml_then_beside_then_built_in() {
    let folder = acme();
    let digest = |further: &[&str]| {
        let mut arguments = vec!["check", "snapshot.json", "--format", "json"];
        arguments.extend(further);
        let report: serde_json::Value = serde_json::from_slice(&run(folder.path(), &arguments).stdout).unwrap();
        report["run"]["bundle"].as_str().unwrap().to_owned()
    };
    let shipped = digest(&["--policies", "policies"]);
    let path = folder.path().join("tenure.yaml");
    let text = fs::read_to_string(&path).unwrap();
    common::copy(&folder.path().join("policies"), &folder.path().join("other"));
    fs::write(folder.path().join("other/more.yaml"), "waivers: []\n").unwrap();
    fs::write(&path, text.replace("policies: ../../policies", "policies: other")).unwrap();
    let other = digest(&[]);
    assert_ne!(other, shipped);
    fs::remove_file(&path).unwrap();
    assert_eq!(digest(&[]), shipped, "./policies");
    fs::remove_dir_all(folder.path().join("policies")).unwrap();
    assert_eq!(digest(&[]), shipped, "the built-in bundle is the one of the repository");
}

#[test]
fn schemas_completions_and_the_manual_are_printed() {
    let schema = run(&root(), &["schema", "system"]);
    assert_eq!(stdout(&schema), std::fs::read_to_string(root().join("schemas/system.schema.json")).unwrap());
    let listed = stdout(&run(&root(), &["schema"]));
    for line in listed.lines() {
        let name = line.split_whitespace().next().unwrap();
        let output = run(&root(), &["schema", name]);
        assert_eq!(output.status.code(), Some(0), "{name}: {}", stderr(&output));
        assert!(!output.stdout.is_empty(), "{name}");
    }
    // The Cedar schema with the bundle's own is one that Cedar reads.
    let cedar = stdout(&run(&root(), &["schema", "cedar", "--policies", "policies"]));
    let (read, _) = cedar_policy::Schema::from_cedarschema_str(&cedar).unwrap();
    assert!(read.actions().any(|action| action.id().unescaped() == "access-valid"));
    let unknown = run(&root(), &["schema", "systm"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(stderr(&unknown).contains("did you mean `system`?"), "{}", stderr(&unknown));
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(stdout(&run(&root(), &["completions", shell])).contains("validate"), "{shell}");
    }
    let manual = stdout(&run(&root(), &["man"]));
    assert!(manual.contains(".TH") && manual.contains("tenure-check"), "{manual}");
}

#[test]
fn what_the_policies_hold_is_listed() {
    for what in [vec!["list", "checks"], vec!["list", "systems"], vec!["list", "access-types"]] {
        assert_transcript(&what.join("-"), &transcript(&run(&root(), &what)));
    }
    let roles = vec!["list", "roles", "--snapshot", "fixtures/acme/snapshot.json"];
    assert_transcript("list-roles", &transcript(&run(&root(), &roles)));
    let json = run(&root(), &["list", "systems", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    let rows = document["rows"].as_array().unwrap();
    assert!(rows.iter().any(|row| row["system"] == "humaans" && row["levels"][0] == "user"), "{document}");
    assert_eq!(run(&root(), &["list", "roles"]).status.code(), Some(2));
}
