//! What the documents say is true.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod common;

use std::fs;

use tenure::bundle::{Bundle, Question};

fn readme() -> String {
    fs::read_to_string(common::root().join("README.md")).unwrap()
}

#[test]
fn the_table_of_checks_is_that_of_the_bundle() {
    let text = readme();
    let table = text.split("<!-- checks -->").nth(1).unwrap().split("<!-- /checks -->").next().unwrap();
    let rows: Vec<String> = table.lines().filter(|line| line.starts_with("| `")).map(str::to_owned).collect();
    let bundle = Bundle::shipped().unwrap();
    let expected: Vec<String> = bundle
        .checks
        .iter()
        .map(|check| {
            let asked_of = match check.questions.as_slice() {
                [Question::PersonInOrganization] => "Person",
                [Question::AccountInSystem] => "Account",
                [Question::AccountHoldsEntitlement] => "Account × Entitlement",
                [Question::SystemInOrganization] => "System",
                [Question::OrganizationItself] => "Organization",
                other => panic!("{other:?}"),
            };
            format!("| `{}` | {} | {asked_of} | {} |", check.id, check.severity, check.title)
        })
        .collect();
    assert_eq!(rows, expected);
}

#[test]
fn ci_calls_the_test_command_of_the_readme() {
    let text = readme();
    let block =
        text.split("```console").find(|block| block.contains("cargo run --release -- check --example")).unwrap();
    let commands: Vec<&str> =
        block.split("```").next().unwrap().lines().filter_map(|line| line.strip_prefix("$ ")).collect();
    assert_eq!(commands, ["cargo run --release -- check --example", "cargo test"]);
    let ci = fs::read_to_string(common::root().join(".ci/run")).unwrap();
    assert!(ci.lines().any(|line| line.trim() == "cargo test"), "{ci}");
}

/// Every line of a section's blocks is one that the command prints; `…` stands for what is left out. How many lines.
fn lines_that_are_printed(section: &str, command: &[&str]) -> usize {
    let printed = common::stdout(&common::run(&common::root(), command));
    let printed: Vec<&str> = printed.lines().map(str::trim_end).collect();
    let text = readme();
    let tour = text.split(&format!("## {section}\n")).nth(1).unwrap().split("\n## ").next().unwrap();
    let blocks = tour.split("```").skip(1).step_by(2);
    let mut checked = 0;
    for line in blocks.flat_map(|block| block.lines().skip(1)) {
        if line.starts_with("$ ") || line == "…" || line.is_empty() {
            continue;
        }
        let found = match line.strip_suffix('…') {
            Some(start) => printed.iter().any(|printed| printed.starts_with(start)),
            None => printed.contains(&line.trim_end()),
        };
        assert!(found, "{command:?} does not print: {line}");
        checked += 1;
    }
    checked
}

#[test]
fn the_tour_of_the_readme_is_real() {
    assert!(lines_that_are_printed("One minute on the example", &["check", "--example"]) > 30);
    let explain = ["explain", "--example", "--subject", "github/hlund", "--check", "access-valid"];
    assert!(lines_that_are_printed("Why?", &explain) > 6);
}

/// The test in the README passes.
#[test]
fn the_test_of_the_readme_is_one() {
    let text = readme();
    let block = text.split("```yaml\norganization:\n").nth(1).unwrap().split("```").next().unwrap();
    let folder = common::acme();
    let tests = folder.path().join("policies/tests");
    fs::remove_dir_all(&tests).unwrap();
    fs::create_dir(&tests).unwrap();
    fs::write(tests.join("readme.yaml"), format!("organization:\n{block}")).unwrap();
    let output = common::run(folder.path(), &["test", "policies"]);
    assert_eq!(output.status.code(), Some(0), "{}{}", common::stdout(&output), common::stderr(&output));
    assert!(common::stdout(&output).contains("1 test: 1 passed"), "{}", common::stdout(&output));
}
