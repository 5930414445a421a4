//! `tenure init`: what it makes works, and nothing is overwritten.

#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod common;

use std::fs;

use common::{root, run, stderr, stdout};

#[test]
fn what_it_makes_passes_validate_dry_run_and_check() {
    let folder = tempfile::tempdir().unwrap();
    let made = run(
        folder.path(),
        &[
            "init",
            "compliance",
            "--organization-name",
            "Acme: \"the\" {firm}",
            "--organization-id",
            "acme",
            "--time-zone",
            "Europe/London",
        ],
    );
    assert_eq!(made.status.code(), Some(0), "{}", stderr(&made));
    let project = folder.path().join("compliance");
    let validated = run(&project, &["validate", "--deny-warnings"]);
    assert_eq!((validated.status.code(), stdout(&validated).as_str()), (Some(0), "no problems\n"));
    let tested = run(&project, &["test"]);
    assert_eq!(tested.status.code(), Some(0), "{}{}", stdout(&tested), stderr(&tested));
    let planned = run(&project, &["pull", "--dry-run"]);
    if cfg!(feature = "pull") {
        assert_eq!(planned.status.code(), Some(0), "{}", stderr(&planned));
        assert!(stdout(&planned).contains("HUMAANS_API_TOKEN (not set)"), "{}", stdout(&planned));
    }
    fs::copy(root().join("fixtures/acme/snapshot.json"), project.join("snapshot.json")).unwrap();
    let checked = run(&project, &["check", "snapshot.json", "--format", "json"]);
    assert_eq!(checked.status.code(), Some(1), "{}", stderr(&checked));
    let report: serde_json::Value = serde_json::from_slice(&checked.stdout).unwrap();
    assert!(report["summary"]["checks"].as_array().unwrap().len() >= 8);
    let text = fs::read_to_string(project.join("tenure.yaml")).unwrap();
    let config: serde_yaml::Value = serde_yaml::from_str(&text).unwrap();
    assert_eq!(config["organization"]["name"].as_str(), Some("Acme: \"the\" {firm}"));
}

#[test]
fn every_file_names_a_schema_that_is_there() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), &["init"]);
    for name in [
        "tenure.yaml",
        "policies/org-roles.yaml",
        "policies/identities.yaml",
        "policies/waivers.yaml",
        "policies/systems/humaans.yaml",
        "policies/tests/example.yaml",
    ] {
        let path = folder.path().join(name);
        let text = fs::read_to_string(&path).unwrap();
        let schema = text.lines().next().unwrap().strip_prefix("# yaml-language-server: $schema=").unwrap();
        let schema = path.parent().unwrap().join(schema);
        let schema: serde_json::Value = serde_json::from_slice(&fs::read(&schema).unwrap()).unwrap();
        let document: serde_json::Value = serde_yaml::from_str(&text).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let errors: Vec<String> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
    }
    let workflow = fs::read_to_string(folder.path().join(".github/workflows/policies.yml")).unwrap();
    let workflow: serde_yaml::Value = serde_yaml::from_str(&workflow).unwrap();
    let steps = workflow["jobs"]["policies"]["steps"].as_sequence().unwrap();
    let commands: Vec<&str> = steps.iter().filter_map(|step| step["run"].as_str()).collect();
    // What the workflow runs, run here.
    for command in commands.iter().flat_map(|text| text.lines()).filter_map(|line| line.strip_prefix("tenure ")) {
        let arguments: Vec<&str> = command.split_whitespace().collect();
        let output = run(folder.path(), &arguments);
        assert_eq!(output.status.code(), Some(0), "{command}: {}{}", stdout(&output), stderr(&output));
    }
    assert!(commands.iter().any(|text| text.contains("tenure validate")), "{commands:?}");
    assert!(commands.iter().any(|text| text.contains("tenure test")), "{commands:?}");
    let ignored = fs::read_to_string(folder.path().join(".gitignore")).unwrap();
    assert!(ignored.contains("snapshot*.json") && ignored.contains("raw/"));
}

#[test]
fn what_is_there_is_left_and_named() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("policies")).unwrap();
    fs::write(folder.path().join("tenure.yaml"), "mine").unwrap();
    fs::write(folder.path().join("policies/people.cedar"), "mine").unwrap();
    fs::write(folder.path().join(".gitignore"), "target/\n/raw/").unwrap();
    let output = run(folder.path(), &["init", "--pack", "joiners"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    for name in ["tenure.yaml", "policies` is there"] {
        assert!(stderr(&output).contains(name), "{}", stderr(&output));
    }
    let text = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    assert_eq!((text("tenure.yaml"), text("policies/people.cedar")), ("mine".to_owned(), "mine".to_owned()));
    assert!(!folder.path().join("policies/access.cedar").exists());
    assert!(folder.path().join("policies/joiners/joiners.cedar").exists() && folder.path().join("schemas").exists());
    assert_eq!(text(".gitignore"), "target/\n/raw/\n/snapshot*.json\n/report*\n/exports/\n");
    let again = run(folder.path(), &["init", "--pack", "joiners"]);
    assert!(again.status.success() && stderr(&again).contains("nothing is missing"), "{}", stderr(&again));
    let zone = run(folder.path(), &["init", "other", "--time-zone", "Europe/Londn"]);
    assert_eq!(zone.status.code(), Some(2));
    assert!(!folder.path().join("other").exists());
}

/// Every pack beside the shipped rules: no problem, every rule covered by the pack's own tests.
#[test]
fn packs_become_part_of_a_project() {
    let packs: Vec<String> = fs::read_dir(root().join("packs"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(packs.len() >= 4, "{packs:?}");
    let folder = tempfile::tempdir().unwrap();
    let mut arguments = vec!["init"];
    arguments.extend(packs.iter().flat_map(|pack| ["--pack", pack.as_str()]));
    let made = run(folder.path(), &arguments);
    assert!(made.status.success(), "{}", stderr(&made));
    let validated = run(folder.path(), &["validate", "--deny-warnings"]);
    assert!(validated.status.success(), "{}{}", stdout(&validated), stderr(&validated));
    let formatted = run(folder.path(), &["fmt", "--check"]);
    assert!(formatted.status.success(), "{}{}", stdout(&formatted), stderr(&formatted));
    for pack in &packs {
        let path = format!("policies/{pack}");
        let tested = run(folder.path(), &["test", &path, "--coverage", "--fail-under", "100"]);
        assert!(tested.status.success(), "{pack}: {}{}", stdout(&tested), stderr(&tested));
    }
    let unknown = run(folder.path(), &["init", "--pack", "joiner"]);
    assert!(!unknown.status.success() && stderr(&unknown).contains("joiners"), "{}", stderr(&unknown));
}

/// From exports to a first report in four commands, with nothing written by hand.
#[test]
fn a_project_begins_with_exports() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("exports")).unwrap();
    let exports = ["staff-csv.csv", "slack-members-csv.csv", "google-directory-users.json", "aws-iam-users.json"];
    for name in exports {
        fs::copy(root().join("fixtures/exports").join(name), folder.path().join("exports").join(name)).unwrap();
    }
    let paths: Vec<String> = exports.iter().map(|name| format!("exports/{name}")).collect();
    let mut arguments = vec!["init", "--from"];
    arguments.extend(paths.iter().map(String::as_str));
    let made = run(folder.path(), &arguments);
    assert!(made.status.success(), "{}", stderr(&made));
    for arguments in
        [&["validate", "--deny-warnings"][..], &["test"], &["import", "--collected-at", "2026-11-20T09:00:00Z"]]
    {
        let output = run(folder.path(), arguments);
        assert!(output.status.success(), "{arguments:?}: {}{}", stdout(&output), stderr(&output));
    }
    let text = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    assert!(
        text("policies/systems/slack.yaml").contains("#   primary-owner (1)\n"),
        "{}",
        text("policies/systems/slack.yaml")
    );
    assert!(text("policies/org-roles.yaml").contains("#   Engineer, Engineering (2 people)"));
    let checked = run(folder.path(), &["check", "snapshot.json", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_slice(&checked.stdout).unwrap();
    let findings = report["findings"].as_array().unwrap();
    // What is unknown lacks a fact that an export does not give, or an owner to be declared; no access rule and no system file.
    assert!(findings.iter().all(|finding| finding["check"] != "access-rules-configured"), "{findings:?}");
    let levels = |finding: &&serde_json::Value| {
        finding["outcome"] == "unknown" && finding.to_string().contains("no access rules")
    };
    assert_eq!(findings.iter().filter(levels).count(), 0);
    let again = run(folder.path(), &arguments);
    assert!(stderr(&again).contains("path: exports/slack-members-csv.csv"), "{}", stderr(&again));
    let odd = folder.path().join("exports/odd.csv");
    fs::write(&odd, "a,b\n1,2\n").unwrap();
    let refused = run(folder.path(), &["init", "other", "--from", "exports/odd.csv"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(stderr(&refused).contains("outside the project") && !folder.path().join("other/policies").exists());
    // What is written in a staff list stays a comment.
    let hostile = fs::read_to_string(folder.path().join("exports/staff-csv.csv")).unwrap();
    let title = "Eng\u{2028}  - id: injected\u{2028}    match: { job_title: ['*'] }\u{85}#\u{202e}";
    fs::write(folder.path().join("exports/hostile.csv"), hostile.replace("Engineer", title)).unwrap();
    fs::create_dir(folder.path().join("own")).unwrap();
    fs::rename(folder.path().join("exports/hostile.csv"), folder.path().join("own/true.csv")).unwrap();
    let made = run(&folder.path().join("own"), &["init", "--from", "true.csv"]);
    assert!(made.status.success(), "{}", stderr(&made));
    let roles = run(&folder.path().join("own"), &["list", "checks"]);
    assert!(roles.status.success(), "{}", stderr(&roles));
    let text = fs::read_to_string(folder.path().join("own/policies/org-roles.yaml")).unwrap();
    let roles: serde_yaml::Value = serde_yaml::from_str(&text).unwrap();
    assert_eq!(roles["org_roles"].as_sequence().unwrap().len(), 2, "{text}");
    assert!(fs::read_to_string(folder.path().join("own/.gitignore")).unwrap().contains("\n/true.csv\n"));
    let refused = run(folder.path(), &["init", "--from", "exports/odd.csv"]);
    assert!(stderr(&refused).contains("tenure mapping new exports/odd.csv"), "{}", stderr(&refused));
}
