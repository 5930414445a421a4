//! `tenure prove`, with cvc5.

#![cfg(feature = "prove")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Output,
};

use common::{notice, root, tenure};
use serde_json::Value;

/// The solver, if it is installed. `.ci/run` installs it.
fn solver() -> Option<String> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|folder| folder.join("cvc5")).find(|program| program.is_file());
    if found.is_none() {
        notice("cvc5 is not installed, so nothing is proved");
    }
    Some(found?.to_str().unwrap().to_owned())
}

fn prove(folder: &Path, solver: &str, arguments: &[&str]) -> Output {
    tenure(folder, &[&["prove", "--solver", solver], arguments].concat()).output().unwrap()
}

fn report(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, target).unwrap();
        }
    }
}

/// The shipped policies with an edit, beside those as they are.
fn edited(edits: &[(&str, &str, &str)]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    for name in ["old", "new"] {
        copy(&root().join("policies"), &folder.path().join(name));
    }
    for (file, from, to) in edits {
        let path = folder.path().join("new").join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file} has no `{from}`");
        fs::write(&path, text.replacen(from, to, 1)).unwrap();
    }
    let new = folder.path().join("new");
    (folder, new)
}

#[test]
fn the_shipped_policies_never_err_and_their_invariants_hold() {
    let Some(solver) = solver() else { return };
    let parts = ["--policies", "policies", "--only", "errors", "--only", "invariants", "--format", "json"];
    let output = prove(&root(), &solver, &parts);
    let report = report(&output);
    assert_eq!(output.status.code(), Some(0), "{report:#}");
    let (errors, invariants) = (report["errors"].as_array().unwrap(), report["invariants"].as_array().unwrap());
    assert!(errors.len() > 20 && invariants.len() >= 10, "{report:#}");
    for one in errors.iter().chain(invariants) {
        assert_eq!(one["decision"], "proved", "{one:#}");
    }
    assert!(report["solver"].as_str().unwrap().contains("cvc5"));
}

/// Realistic slips: what is edited, the check that becomes laxer or stricter, and how.
const SLIPS: [(&str, &str, &str, &str, &str, &str); 12] = [
    (
        "the template for org roles forgets the status",
        "access.cedar",
        "when { principal has owner && principal.owner.status == EmploymentStatus::\"active\" };",
        "when { principal has owner };",
        "access-valid",
        "laxer",
    ),
    (
        "a further org role",
        "systems/github.yaml",
        "to: [engineering]",
        "to: [engineering, sales]",
        "access-valid",
        "laxer",
    ),
    ("another org role", "systems/humaans.yaml", "to: [finance]", "to: [sales]", "access-valid", "neither"),
    (
        "suspended accounts count as usable",
        "accounts.cedar",
        "when { [AccountStatus::\"suspended\", AccountStatus::\"deactivated\"].contains(principal.status) };",
        "when { [AccountStatus::\"deactivated\"].contains(principal.status) };",
        "offboarded-access-removed",
        "stricter",
    ),
    (
        "invited accounts count as removed",
        "accounts.cedar",
        "when { [AccountStatus::\"suspended\", AccountStatus::\"deactivated\"].contains(principal.status) };",
        "when { [AccountStatus::\"suspended\", AccountStatus::\"deactivated\", AccountStatus::\"invited\"].contains(principal.status) };",
        "offboarded-access-removed",
        "laxer",
    ),
    (
        "the last day counts as past",
        "accounts.cedar",
        "!(principal.owner has endDate && principal.owner.endDate < context.today)\n};",
        "!(principal.owner has endDate && principal.owner.endDate <= context.today)\n};",
        "offboarded-access-removed",
        "stricter",
    ),
    (
        "a negation is lost",
        "people.cedar",
        "when { !principal.inScope };",
        "when { principal.inScope };",
        "staff-role-assigned",
        "neither",
    ),
    (
        "every role is top management",
        "people.cedar",
        "permit (\n  principal in OrgRoleGroup::\"top-management\",",
        "permit (\n  principal,",
        "reporting-manager-assigned",
        "laxer",
    ),
    (
        "a manager who has left will do",
        "people.cedar",
        "  principal.manager.status != EmploymentStatus::\"offboarded\" &&\n",
        "",
        "reporting-manager-assigned",
        "laxer",
    ),
    (
        "an account list may be older",
        "systems/github.yaml",
        "max_age: 7d",
        "max_age: 70d",
        "account-list-current",
        "laxer",
    ),
    (
        "incomplete lists pass",
        "systems.cedar",
        "when { !principal.accountsComplete };",
        "when { !principal.accountsComplete && principal.critical };",
        "account-list-current",
        "laxer",
    ),
    (
        "a staff list without people passes",
        "systems.cedar",
        "  principal.peopleListed > 0 &&\n",
        "",
        "staff-list-current",
        "laxer",
    ),
];

#[test]
fn slips_are_found_with_an_organisation_that_the_engine_judges_otherwise() {
    let Some(solver) = solver() else { return };
    let mut without_example = Vec::new();
    for (name, file, from, to, check, relation) in SLIPS {
        let (folder, new) = edited(&[(file, from, to)]);
        let arguments =
            ["--policies", "new", "--old", "old", "--check", check, "--fail-on", "laxer", "--format", "json"];
        let output = prove(folder.path(), &solver, &arguments);
        let report = report(&output);
        let found = report["comparisons"].as_array().unwrap();
        let found: Vec<&Value> = found.iter().filter(|one| one["relation"] == relation).collect();
        assert!(!found.is_empty(), "{name}: {report:#}");
        assert_eq!(output.status.code(), Some(i32::from(relation != "stricter")), "{name}: {report:#}");
        let examples: Vec<&str> = found
            .iter()
            .flat_map(|one| one["counterexamples"].as_array().into_iter().flatten())
            .map(|example| example.as_str().unwrap())
            .collect();
        if examples.is_empty() {
            without_example.push(name);
            continue;
        }
        // The example is a policy test: the new policies pass it, and the old ones do not.
        for example in examples.iter().take(2) {
            let judged = |bundle: &Path| {
                let file = bundle.join("tests/counterexample.yaml");
                fs::write(&file, example).unwrap();
                let output = tenure(folder.path(), &["test", bundle.to_str().unwrap()]).output().unwrap();
                fs::remove_file(&file).unwrap();
                String::from_utf8(output.stdout).unwrap()
            };
            let (after, before) = (judged(&new), judged(&folder.path().join("old")));
            let failed = |text: &str| text.lines().any(|line| line.contains("counterexample") && line.contains("FAIL"));
            assert!(!failed(&after), "{name}: {example}\n{after}");
            assert!(failed(&before), "{name}: {example}\n{before}");
        }
    }
    assert!(without_example.is_empty(), "{without_example:?}");
}

#[test]
fn what_means_the_same_is_equal() {
    let Some(solver) = solver() else { return };
    let from = "when { !principal.inScope };";
    let (folder, _) = edited(&[("people.cedar", from, "unless { principal.inScope };")]);
    let output = prove(folder.path(), &solver, &["--policies", "new", "--old", "old", "--format", "json"]);
    assert_eq!(report(&output)["comparisons"], serde_json::json!([]), "the conditions are the same");
    let other = "when { if principal.inScope then false else true };";
    let (folder, _) = edited(&[("people.cedar", from, other)]);
    let output = prove(folder.path(), &solver, &["--policies", "new", "--old", "old", "--format", "json"]);
    let report = report(&output);
    let found = report["comparisons"].as_array().unwrap();
    assert!(found.len() >= 3 && found.iter().all(|one| one["relation"] == "equal"), "{report:#}");
}

#[test]
fn a_false_invariant_is_refuted_by_a_small_organisation() {
    let Some(solver) = solver() else { return };
    let (folder, new) = edited(&[]);
    let text = "invariants:\n- { id: own, description: only accounts of people pass, check: user-identified, holds: principal has owner }\n";
    fs::write(new.join("further.yaml"), text).unwrap();
    let output = prove(folder.path(), &solver, &["--policies", "new", "--only", "invariants", "--format", "json"]);
    let report = report(&output);
    assert_eq!(output.status.code(), Some(1), "{report:#}");
    let refuted: Vec<&Value> =
        report["invariants"].as_array().unwrap().iter().filter(|one| one["decision"] == "refuted").collect();
    assert_eq!(refuted.len(), 1, "{report:#}");
    assert_eq!(refuted[0]["id"], "own");
    let example = refuted[0]["counterexample"].as_str().unwrap();
    assert!(example.contains("class:") && example.lines().count() < 30, "{example}");
}

#[test]
fn rules_that_decide_nothing_are_told_apart() {
    let Some(solver) = solver() else { return };
    let further = "@id(\"again\")\n@message(\"again\")\npermit (principal, action == Action::\"staff-role-assigned\", resource)\n\
                   when { principal has jobTitle && principal has department };\n";
    let (folder, new) = edited(&[]);
    fs::write(new.join("again.cedar"), further).unwrap();
    let arguments = [
        "--policies",
        "new",
        "--only",
        "rules",
        "--check",
        "staff-role-assigned",
        "--fail-on",
        "dead",
        "--format",
        "json",
    ];
    let output = prove(folder.path(), &solver, &arguments);
    let report = report(&output);
    assert_eq!(output.status.code(), Some(1), "{report:#}");
    let rules = report["rules"].as_array().unwrap();
    assert_eq!(rules.len(), 1, "{report:#}");
    assert_eq!((&rules[0]["id"], &rules[0]["does"]), (&"again".into(), &"covered".into()));
    assert_eq!(rules[0]["covered_by"], serde_json::json!(["staff-role.assigned"]));
    let arguments = ["--policies", "policies", "--only", "rules", "--check", "user-identified"];
    let output = prove(&root(), &solver, &arguments);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("change only the message of a failure") && text.contains("user-identified.ambiguous"),
        "{text}"
    );
}

#[test]
fn answers_are_cached() {
    let Some(solver) = solver() else { return };
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("cache");
    let policies = root().join("policies");
    let arguments = [
        "--policies",
        policies.to_str().unwrap(),
        "--only",
        "invariants",
        "--cache",
        cache.to_str().unwrap(),
        "--format",
        "json",
    ];
    let [mut first, mut second] = [0, 1].map(|_| report(&prove(folder.path(), &solver, &arguments)));
    assert!(first["questions"].as_u64().unwrap() > 10);
    assert_eq!(second["questions"], 0);
    for report in [&mut first, &mut second] {
        report["questions"] = Value::Null;
    }
    assert_eq!(first, second);
}

#[test]
fn without_a_solver_the_message_says_how_to_get_one() {
    let output = tenure(&root(), &["prove", "--policies", "policies"]).env("PATH", "/nowhere").output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains("apt install cvc5") && text.contains("brew install cvc5"), "{text}");
    // A program that answers everything with the same word proves nothing.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let liar = folder.path().join("liar");
        fs::write(&liar, "#!/bin/sh\ncat > /dev/null\necho unsat\n").unwrap();
        fs::set_permissions(&liar, fs::Permissions::from_mode(0o755)).unwrap();
        let output = prove(&root(), liar.to_str().unwrap(), &["--policies", "policies"]);
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(text.contains("does not answer as cvc5 does"), "{text}");
    }
}
