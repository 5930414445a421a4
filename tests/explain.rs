//! `tenure explain` of findings and subjects.

#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use std::fs;

use common::{acme, outcome, report, root, run, stderr, stdout, transcript};
use serde_json::Value;

fn assert_transcript(name: &str, arguments: &[&str]) {
    insta::with_settings!({ snapshot_path => "snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, transcript(&run(&root(), arguments)));
    });
}

fn explained(arguments: &[&str]) -> Value {
    let output = run(&root(), &[&["explain", "--example", "--format", "json"], arguments].concat());
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", stderr(&output)))
}

#[test]
fn a_failing_access_is_explained_clause_by_clause() {
    assert_transcript(
        "explain-fails",
        &["explain", "--example", "--subject", "github/hlund", "--check", "access-valid"],
    );
}

#[test]
fn a_passing_access_is_explained_too() {
    assert_transcript(
        "explain-passes",
        &["explain", "--example", "--subject", "github/octo-bot", "--check", "access-valid"],
    );
}

#[test]
fn what_cannot_be_judged_names_the_fact_that_is_missing() {
    assert_transcript(
        "explain-unknown",
        &[
            "explain",
            "--example",
            "--subject",
            "Person::\"per000000000000000000006\"",
            "--check",
            "reporting-manager-assigned",
        ],
    );
}

#[test]
fn a_finding_is_found_by_its_id_and_is_the_one_of_the_report() {
    let folder = acme();
    let report = report(folder.path(), &[]);
    for finding in report["findings"].as_array().unwrap() {
        let one = explained(&[finding["id"].as_str().unwrap()]);
        assert_eq!(one["findings"].as_array().unwrap().len(), 1);
        assert_eq!(&one["findings"][0]["finding"], finding);
        let beginning: String = finding["id"].as_str().unwrap().chars().take(13).collect();
        assert_eq!(explained(&[&beginning]), one);
        // No rule is put to a resource that it cannot be asked of.
        assert!(!one.to_string().contains("\"error\""), "{one}");
    }
}

#[test]
fn a_person_is_explained_with_all_of_their_accounts() {
    let by_address = explained(&["--subject", "Henrik.Lund@acme.example"]);
    let subjects: std::collections::BTreeSet<&str> = by_address["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["finding"]["subject"]["type"].as_str().unwrap())
        .collect();
    assert_eq!(subjects.into_iter().collect::<Vec<_>>(), ["Account", "Person"]);
}

/// The truth that the parts of a clause have to one another, by Cedar's own rules.
fn check_part(part: &Value) {
    let truth = |part: &Value| part["truth"].as_str().unwrap().to_owned();
    let parts: Vec<String> = part["parts"].as_array().into_iter().flatten().map(truth).collect();
    let whole = truth(part);
    let reached = || parts.iter().filter(|part| *part != "not-reached");
    match part["joint"].as_str() {
        Some("all") => assert_eq!(reached().next_back().unwrap_or(&whole), &whole, "{part:#}"),
        Some("any") => assert_eq!(reached().next_back().unwrap_or(&whole), &whole, "{part:#}"),
        Some("not") if whole == "true" => assert_eq!(parts, ["false"]),
        Some("not") if whole == "false" => assert_eq!(parts, ["true"]),
        _ => {}
    }
    part["parts"].as_array().into_iter().flatten().for_each(check_part);
}

#[test]
fn every_answer_of_the_example_can_be_explained_and_fits_the_schema() {
    let schema = fs::read(root().join("schemas/explanation.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&serde_json::from_slice(&schema).unwrap()).unwrap();
    let mut kinds = std::collections::BTreeSet::new();
    for subject in ["github/hlund", "wiki", "payroll", "per000000000000000000005", "github/octo-old", "github/rachebe"]
    {
        let document = explained(&["--subject", subject]);
        let errors: Vec<String> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{subject}: {errors:#?}");
        for finding in document["findings"].as_array().unwrap() {
            let rules = finding["rules"].as_array().unwrap();
            kinds.insert(finding["finding"]["outcome"].as_str().unwrap().to_owned());
            for clause in rules.iter().flat_map(|rule| rule["clauses"].as_array().unwrap()) {
                check_part(&clause["part"]);
            }
            let told = finding["finding"]["reasons"].as_array().unwrap();
            for reason in told.iter().filter(|reason| reason["bearing"] == "satisfied") {
                assert!(
                    rules.iter().any(|rule| rule["rule"] == reason["rule"]
                        && rule["truth"] == "true"
                        && rule["decides"] == true),
                    "{reason:#}"
                );
            }
        }
    }
    assert!(kinds.len() >= 4, "{kinds:?}");
}

#[test]
fn a_change_that_is_promised_settles_the_finding_when_it_is_made() {
    let changes = explained(&["--subject", "github/hlund", "--check", "access-valid"]);
    let failing: Vec<&Value> =
        changes["findings"].as_array().unwrap().iter().filter(|one| one["finding"]["outcome"] == "fail").collect();
    assert_eq!(failing.len(), 1);
    let texts: Vec<&str> =
        failing[0]["changes"].as_array().unwrap().iter().map(|change| change["text"].as_str().unwrap()).collect();
    let role = "add `engineering` to a new access rule of the type `org-role` for `github/admin`";
    assert!(texts.contains(&role), "{texts:#?}");

    let folder = acme();
    assert_eq!(
        outcome(&report(folder.path(), &["--all"]), "access-valid", "github/hlund", Some("github/admin")),
        "fail"
    );
    let path = folder.path().join("policies/systems/github.yaml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{text}  - {{ type: org-role, to: [engineering], levels: [admin] }}\n")).unwrap();
    assert_eq!(
        outcome(&report(folder.path(), &["--all"]), "access-valid", "github/hlund", Some("github/admin")),
        "pass"
    );
}

#[test]
fn names_that_there_are_not_are_refused_with_a_suggestion() {
    let folder = tempfile::tempdir().unwrap();
    let said = |arguments: &[&str]| {
        let output = run(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(2), "{}", stdout(&output));
        stderr(&output)
    };
    let text = said(&["explain", "--example", "--subject", "github/hlnd"]);
    assert!(text.contains("unknown-subject") && text.contains("github/hlund"), "{text}");
    let text = said(&["explain", "--example", "00000000-0000-0000-0000-000000000000"]);
    assert!(text.contains("unknown-finding"), "{text}");
    let text = said(&["explain", "--example", "--subject", "wiki", "--check", "user-identified"]);
    assert!(text.contains("none of these checks is asked of this subject"), "{text}");
}
