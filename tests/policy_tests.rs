//! `tenure test`: tests of policies, their coverage, and changed policies.

#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use std::{fs, path::Path};

use common::{root, run, stderr, stdout, transcript};
use serde_json::Value;

fn assert_transcript(name: &str, folder: &Path, arguments: &[&str]) {
    insta::with_settings!({ snapshot_path => "snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, transcript(&run(folder, arguments)));
    });
}

const CHECKS: &str = r#"
@title("Has a manager") @severity("low")
action "managed" appliesTo { principal: Person, resource: Organization, context: Evaluation };
@title("Access is valid") @severity("high")
action "valid" appliesTo { principal: Account, resource: Entitlement, context: Evaluation };
"#;

const RULES: &str = r#"
@id("managed.yes") @message("has a manager")
permit (principal, action == Action::"managed", resource)
when { principal has manager && principal has startDate && principal.startDate <= context.today };
@id("managed.left") @outcome("not-applicable")
permit (principal, action == Action::"managed", resource)
when { principal.status == EmploymentStatus::"offboarded" };
@id("valid.role") @access_type("org-role") @to("OrgRole")
permit (principal in ?principal, action == Action::"valid", resource in ?resource)
when { principal has owner }
unless { principal.status == AccountStatus::"suspended" };
"#;

const DATA: &[(&str, &str)] = &[
    (
        "org-roles.yaml",
        "org_roles:\n  - { id: eng, match: { job_title: [Engineer] } }\n  - { id: ops, match: { job_title: [Operator] } }\n",
    ),
    (
        "git.yaml",
        "system: git\naccess:\n  - { type: org-role, to: [eng], levels: [write] }\n  - { type: org-role, to: [ops], levels: [admin] }\n",
    ),
];

const TESTS: &str = r#"organization:
  as_of: 2026-11-20
  people:
    - { id: boss }
    - { id: ada, manager: boss, job_title: Engineer }
tests:
  - name: whoever has a manager passes
    expect:
      - { check: managed, subject: ada, outcome: pass, rule: managed.yes, message: has a manager }
      - { check: managed, subject: boss, outcome: fail }
  - name: engineers may write
    organization:
      accounts: [{ system: git, id: ada, person: ada, levels: [write] }]
    expect:
      - { check: valid, subject: git/ada, outcome: pass, rule: valid.role }
"#;

/// A bundle with these tests.
fn bundle(tests: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let policies = folder.path().join("policies");
    fs::create_dir_all(policies.join("tests")).unwrap();
    let files = [("checks.cedarschema", CHECKS), ("rules.cedar", RULES), ("tests/all.yaml", tests)];
    for (name, text) in files.iter().chain(DATA) {
        fs::write(policies.join(name), text).unwrap();
    }
    folder
}

fn json(folder: &Path, further: &[&str]) -> Value {
    let output = run(folder, &[&["test", "--format", "json"], further].concat());
    let document: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", stderr(&output)));
    let schema = fs::read(root().join("schemas/test-report.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&serde_json::from_slice(&schema).unwrap()).unwrap();
    let errors: Vec<String> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    document
}

#[test]
fn the_shipped_policies_pass_their_tests_and_every_rule_is_covered() {
    let output = run(&root(), &["test", "policies", "--fail-under", "100"]);
    assert_eq!(output.status.code(), Some(0), "{}{}", stdout(&output), stderr(&output));
    let report = json(&root(), &["policies"]);
    assert!(report["passed"].as_u64().unwrap() > 50 && report["failed"] == 0);
    let rules = &report["coverage"]["rules"];
    assert_eq!(rules["covered"], rules["total"]);
    assert!(rules["total"].as_u64().unwrap() >= 50);
}

#[test]
fn what_passes_is_told_with_its_coverage() {
    let folder = bundle(TESTS);
    assert_transcript("test-passes", folder.path(), &["test", "--coverage"]);
    let too_low = run(folder.path(), &["test", "--fail-under", "90"]);
    assert_eq!(too_low.status.code(), Some(1), "{}", stdout(&too_low));
    assert!(stderr(&too_low).contains("60 % of the rules are covered, less than 90 %"), "{}", stderr(&too_low));
    assert_eq!(run(folder.path(), &["test", "--fail-under", "60"]).status.code(), Some(0));
}

const FAILING: &str = r#"organization:
  as_of: 2026-11-20
  people:
    - { id: boss }
    - { id: ada, manager: boss, job_title: Engineer }
tests:
  - name: the wrong outcome, rule and message
    expect:
      - { check: managed, subject: boss, outcome: pass, rule: managed.yes, message: has a manager }
  - name: a finding that nobody expected
    expect:
      - { check: managed, subject: ada, outcome: pass }
  - name: a subject and a level that there are not
    organization:
      accounts: [{ system: git, id: ada, person: ada, levels: [write] }]
    expect:
      - { check: valid, subject: git/adda, outcome: pass }
      - { check: valid, subject: git/ada, level: writ, outcome: pass }
  - name: what nobody knows
    organization:
      people: [{ id: boss, unknown: [manager] }]
    expect:
      - { check: managed, subject: boss, outcome: fail }
"#;

#[test]
fn what_fails_is_told_as_a_difference_with_the_reason() {
    let folder = bundle(FAILING);
    assert_transcript("test-fails", folder.path(), &["test"]);
    assert_transcript("test-fails-junit", folder.path(), &["test", "--format", "junit"]);
    let report = json(folder.path(), &[]);
    let kinds: Vec<&str> = report["tests"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|test| test["failures"].as_array().unwrap())
        .map(|failure| failure["kind"].as_str().unwrap())
        .collect();
    for kind in ["different", "not-asked", "unexpected"] {
        assert!(kinds.contains(&kind), "{kinds:?}");
    }
    let out = run(folder.path(), &["test", "--format", "junit", "-o", "out.xml"]);
    assert_eq!((out.status.code(), stdout(&out).as_str()), (Some(1), ""));
    assert!(fs::read_to_string(folder.path().join("out.xml")).unwrap().contains("failures=\"4\""));
}

#[test]
fn threads_and_repetition_change_nothing() {
    let folder = bundle(FAILING);
    let once = stdout(&run(folder.path(), &["test", "--threads", "1"]));
    for threads in ["1", "2", "7"] {
        assert_eq!(once, stdout(&run(folder.path(), &["test", "--threads", threads])));
    }
}

#[test]
fn a_filter_leaves_tests_out_and_nothing_left_is_no_success() {
    let folder = bundle(TESTS);
    let one = json(folder.path(), &["--filter", "engineers"]);
    assert_eq!((&one["passed"], &one["filtered"]), (&Value::from(1), &Value::from(1)));
    assert!(one["coverage"].is_null(), "what the others come to is not known");
    assert_eq!(run(folder.path(), &["test", "--filter", "nothing like it"]).status.code(), Some(4));
    fs::remove_file(folder.path().join("policies/tests/all.yaml")).unwrap();
    let none = run(folder.path(), &["test"]);
    assert_eq!(none.status.code(), Some(4), "{}", stdout(&none));
    assert!(stderr(&none).contains("no-tests"), "{}", stderr(&none));
}

#[test]
fn changes_that_no_test_notices_are_listed() {
    let folder = bundle(TESTS);
    assert_transcript("test-mutate", folder.path(), &["test", "--mutate"]);
    // With tests for what survived, it is noticed.
    let more = format!(
        "{TESTS}  - name: nobody starts before the day\n    organization:\n      people:\n        - {{ id: boss, manager: ada, start_date: 2026-11-20 }}\n        - {{ id: ada, start_date: 2026-11-21 }}\n    expect:\n      - {{ check: managed, subject: boss, outcome: pass }}\n      - {{ check: managed, subject: ada, outcome: fail }}\n"
    );
    let survivors = |tests: &str| {
        let folder = bundle(tests);
        let report = json(folder.path(), &["--mutate"]);
        report["mutation"]["survivors"].as_array().unwrap().iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let (before, after) = (survivors(TESTS), survivors(&more));
    assert!(after.len() < before.len());
    assert!(
        before
            .iter()
            .any(|one| one
                .contains("`principal.startDate <= context.today` becomes `principal.startDate < context.today`")),
        "{before:#?}"
    );
    assert!(!after.iter().any(|one| one.contains("startDate < context.today")), "{after:#?}");
    let failing = bundle(FAILING);
    let output = run(failing.path(), &["test", "--mutate"]);
    assert!(stderr(&output).contains("tests that fail as they are notice nothing"), "{}", stderr(&output));
}

#[test]
fn every_rule_left_out_of_the_shipped_policies_is_noticed() {
    let report = json(&root(), &["policies", "--mutate"]);
    let survivors = report["mutation"]["survivors"].as_array().unwrap();
    let left_out: Vec<&Value> = survivors
        .iter()
        .filter(|one| {
            one["change"].as_str().unwrap().ends_with("is left out") && !one["change"].as_str().unwrap().contains('`')
        })
        .collect();
    assert!(left_out.is_empty(), "{left_out:#?}");
    let noticed = &report["mutation"]["noticed"];
    let (covered, total) = (noticed["covered"].as_u64().unwrap(), noticed["total"].as_u64().unwrap());
    assert!(covered * 100 >= total * 85, "only {covered} of {total} changes are noticed");
}

#[test]
fn a_snapshot_and_a_shared_organisation_can_be_begun_with() {
    let folder = bundle(
        "use: ../../shared.json\ntests:\n  - name: as in the snapshot\n    expect:\n      - { check: managed, subject: per000000000000000000003, outcome: fail }\n    checks: [valid]\n",
    );
    fs::copy(root().join("fixtures/acme/snapshot.json"), folder.path().join("shared.json")).unwrap();
    // A file outside of the policies has to be inside of the project.
    fs::write(folder.path().join("tenure.yaml"), "organization: { id: acme, name: Acme, time_zone: Europe/London }\n")
        .unwrap();
    let report = json(folder.path(), &[]);
    assert_eq!(
        report["tests"][0]["failures"].as_array().unwrap().iter().filter(|one| one["kind"] != "unexpected").count(),
        0,
        "{report:#}"
    );

    let folder = bundle(
        "use: base.yaml\ntests:\n  - name: from the shared one\n    organization: { people: [{ id: ada, manager: null }] }\n    expect: [{ check: managed, subject: ada, outcome: fail }]\n",
    );
    fs::write(
        folder.path().join("policies/tests/base.yaml"),
        "organization:\n  as_of: 2026-11-20\n  people: [{ id: ada, manager: ada }]\n",
    )
    .unwrap();
    assert_eq!(json(folder.path(), &[])["passed"], 1);
}

#[test]
fn what_is_said_twice_or_of_no_day_is_refused() {
    for (tests, said) in [
        (
            "tests:\n  - { name: a, organization: { people: [{ id: ada }] }, expect: [{ check: managed, subject: ada, outcome: fail }] }\n",
            "nothing says as of which day to judge",
        ),
        (
            "organization: { as_of: 2026-11-20, people: [{ id: ada }, { id: ada }] }\ntests:\n  - { name: a, expect: [{ check: managed, subject: ada, outcome: fail }] }\n",
            "the person `ada` is described twice",
        ),
        (
            "organization: { as_of: 2026-11-20, people: [{ id: ada, status: active, unknown: [status] }] }\ntests:\n  - { name: a, expect: [{ check: managed, subject: ada, outcome: fail }] }\n",
            "`status` of `ada` is given, and said to be unknown",
        ),
    ] {
        let folder = bundle(tests);
        let output = run(folder.path(), &["test"]);
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains(said), "{}", stderr(&output));
    }
}

#[test]
fn null_expects_no_rule_and_unknown_levels() {
    let folder = bundle(
        "organization:\n  as_of: 2026-11-20\n  people: [{ id: ada, job_title: Engineer }]\n  accounts: [{ system: git, id: ada, person: ada, unknown: [levels] }]\ntests:\n  - name: no rule\n    expect: [{ check: managed, subject: ada, outcome: fail, rule: null }]\n  - name: levels that nobody knows\n    expect:\n      - { check: valid, subject: git/ada, level: login, outcome: pass }\n      - { check: valid, subject: git/ada, level: null, outcome: unknown }\n  - name: a request of nobody\n    organization: { requests: { complete: false } }\n    expect: [{ check: managed, subject: ada, outcome: fail }]\n",
    );
    let report = json(folder.path(), &[]);
    assert_eq!(report["passed"], 3, "{report:#}");
}

/// What a test says further of what is known already changes that, and nothing else.
#[test]
fn overriding_changes_what_is_said_and_no_more() {
    let acme = |tests: &str| {
        let folder = common::acme();
        let path = folder.path().join("policies/tests");
        fs::remove_dir_all(&path).unwrap();
        fs::create_dir(&path).unwrap();
        fs::write(path.join("t.yaml"), tests).unwrap();
        json(folder.path(), &["policies"])["passed"].clone()
    };
    // Of several job roles the one in effect, in whatever order a snapshot has them.
    assert_eq!(
        acme(
            "use: ../../snapshot.json\ntests:\n  - name: a\n    organization: { people: [{ id: per000000000000000000007, manager: null, job_title: null }] }\n    checks: [joining-date-provided]\n    expect: [{ check: staff-role-assigned, subject: per000000000000000000007, outcome: pass }]\n"
        ),
        0
    );
    let one = "organization: { as_of: 2026-11-20, people: [{ id: ada }], accounts: [{ system: github, id: ada, person: ada }],\n  access_requests: [{ id: R-1, person: ada, system: github, levels: [admin], status: rejected }] }\n";
    // `null` unlinks.
    assert_eq!(
        acme(&format!(
            "{one}tests:\n  - name: a\n    organization: {{ accounts: [{{ system: github, id: ada, person: null }}] }}\n    expect: [{{ check: user-identified, subject: github/ada, outcome: pass }}]\n"
        )),
        0
    );
    // A request that is rejected stays rejected.
    assert_eq!(
        acme(&format!(
            "{one}tests:\n  - name: a\n    organization: {{ accounts: [{{ system: github, id: ada, levels: [admin] }}], access_requests: [{{ id: R-1, person: ada, system: github, levels: [admin], expires: 2027-01-01 }}] }}\n    expect: [{{ check: access-valid, subject: github/ada, level: admin, outcome: pass }}, {{ check: access-valid, subject: github/ada, level: login, outcome: fail }}]\n"
        )),
        0
    );
}

#[test]
fn junit_is_xml_whatever_tests_are_called() {
    let folder = bundle(&TESTS.replace("whoever has a manager passes", "\"a\\uFFFE\\x01 ]]> <&\\x1b[31m\""));
    let output = run(folder.path(), &["test", "--format", "junit"]);
    let text = stdout(&output);
    assert!(text.contains("]]&gt; &lt;&amp;[31m"), "{text}");
    assert!(!text.contains(['\u{fffe}', '\u{1}', '\u{1b}']), "{text}");
}

#[test]
fn tests_decide_nothing_and_validate_sees_their_problems() {
    let folder = bundle(TESTS);
    let digest = |folder: &Path| {
        fs::copy(root().join("fixtures/acme/snapshot.json"), folder.join("snapshot.json")).unwrap();
        let output = run(folder, &["check", "snapshot.json", "--format", "json"]);
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        report["run"]["bundle"].clone()
    };
    let before = digest(folder.path());
    let path = folder.path().join("policies/tests/all.yaml");
    fs::write(&path, TESTS.replace("outcome: fail", "outcome: exempt")).unwrap();
    assert_eq!(digest(folder.path()), before);
    fs::write(&path, TESTS.replace("rule: managed.yes", "rule: managed.yess")).unwrap();
    let output = run(folder.path(), &["validate"]);
    assert_eq!(output.status.code(), Some(1), "{}", stdout(&output));
    let said = stdout(&output);
    assert!(said.contains("unknown-rule") && said.contains("did you mean `managed.yes`?"), "{said}");
}

/// Saying something else of a person must not give them a job: whoever has none stays without.
#[test]
fn what_a_test_does_not_say_of_an_override_stays_as_it_was() {
    let tests = r#"organization:
  as_of: 2026-11-20
  people:
    - { id: boss }
    - { id: ada, unknown: [job_roles] }
tests:
  - name: another start
    organization: { people: [{ id: ada, start_date: 2026-01-01 }] }
    expect: [{ check: managed, subject: ada, outcome: unknown }, { check: managed, subject: boss, outcome: fail }]
  - name: a manager makes a job role
    organization: { people: [{ id: ada, manager: boss }] }
    expect: [{ check: managed, subject: ada, outcome: pass }, { check: managed, subject: boss, outcome: fail }]
"#;
    let folder = bundle(tests);
    let output = run(folder.path(), &["test"]);
    assert_eq!(output.status.code(), Some(0), "{}{}", stdout(&output), stderr(&output));
}

/// `in` with a right side that is not written out: who is alike cannot be told, and `-v` says so.
#[test]
fn a_check_that_has_to_be_asked_of_everybody_is_named_when_verbose() {
    let folder = bundle(TESTS);
    let rule = r#"@id("valid.own") permit (principal, action == Action::"valid", resource)
when { principal has owner && principal in principal.owner };"#;
    fs::write(folder.path().join("policies/own.cedar"), rule).unwrap();
    let snapshot = root().join("fixtures/acme/snapshot.json");
    let check = |further: &[&str]| {
        let arguments = [&["check", snapshot.to_str().unwrap(), "--policies", "policies"], further].concat();
        stderr(&run(folder.path(), &arguments))
    };
    let told = "`valid`: its rules do not show which subjects are alike, or tell most of them apart, so each was asked by itself";
    let verbose = check(&["-v"]);
    assert!(verbose.contains(told), "{verbose}");
    assert!(!verbose.contains("`managed`:"), "{verbose}");
    assert!(!check(&[]).contains(told));
}
