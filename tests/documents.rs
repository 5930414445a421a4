//! The documents are true: their commands run and print what is shown, and their links lead somewhere.
//!
//! Blocks of `console` in README.md and `docs/` run in order, page by page, each page in a folder of its own with the
//! fixtures and the policies. A comment before a block says what the test does with it:
//!
//! - `<!-- file: PATH -->` writes the block to a file
//! - `<!-- append: PATH -->` appends it
//! - `<!-- not run: REASON -->` leaves it alone
//!
//! In the output that a page shows, a line `…` stands for any lines, and `…` at the end of a line for its rest.

#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod common;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use tenure::bundle::{Bundle, CheckTarget};

fn page(name: &str) -> String {
    fs::read_to_string(common::root().join(name)).unwrap()
}

/// README.md, the other documents at the root, and everything in `docs/`.
fn pages() -> Vec<String> {
    let mut pages: Vec<String> =
        ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"].map(str::to_owned).to_vec();
    for entry in fs::read_dir(common::root().join("docs")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".md") {
            pages.push(format!("docs/{name}"));
        }
    }
    pages.sort();
    pages
}

/// A fenced block, with the comment before it.
struct Block {
    language: String,
    directive: String,
    text: String,
}

fn blocks(page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut directive = String::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(comment) = line.strip_prefix("<!-- ").and_then(|rest| rest.strip_suffix(" -->")) {
            comment.clone_into(&mut directive);
        } else if let Some(language) = line.strip_prefix("```") {
            let text: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            blocks.push(Block {
                language: language.to_owned(),
                directive: std::mem::take(&mut directive),
                text: text.iter().map(|line| format!("{line}\n")).collect(),
            });
        } else if !line.is_empty() {
            directive.clear();
        }
    }
    blocks
}

/// Commands of a block, each with the output that is shown.
fn commands(block: &str) -> Vec<(String, Vec<String>)> {
    let mut commands: Vec<(String, Vec<String>)> = Vec::new();
    for line in block.lines() {
        match (line.strip_prefix("$ "), commands.last_mut()) {
            (Some(command), _) => commands.push((command.to_owned(), Vec::new())),
            (None, Some((_, shown))) => shown.push(line.to_owned()),
            (None, None) => panic!("output without a command: {line}"),
        }
    }
    commands
}

/// Whether the shown lines, with `…` for what is left out, are what was printed. Empty lines do not count.
fn is_shown(shown: &[&str], printed: &[&str]) -> bool {
    match shown.split_first() {
        None => printed.is_empty(),
        Some((&"…", rest)) => {
            (0..=printed.len()).any(|skipped| is_shown(rest, printed.get(skipped..).unwrap_or(&[])))
        }
        Some((line, rest)) => match printed.split_first() {
            None => false,
            Some((first, others)) => {
                let same = match line.strip_suffix('…') {
                    Some(start) => first.starts_with(start),
                    None => first == line,
                };
                same && is_shown(rest, others)
            }
        },
    }
}

#[test]
fn what_is_shown_is_compared() {
    assert!(is_shown(&["a", "…", "c"], &["a", "b", "b", "c"]));
    assert!(is_shown(&["…", "snapshot 1…", "…"], &["a", "snapshot 12", "b"]));
    assert!(!is_shown(&["a"], &["a", "b"]));
    assert!(!is_shown(&["…", "b", "a", "…"], &["a", "b"]));
    assert!(!is_shown(&["…", "c"], &["a", "b"]));
}

#[cfg(unix)]
fn run_page(name: &str) -> usize {
    use std::process::{Command, Stdio};

    let folder = tempfile::tempdir().unwrap();
    for part in ["fixtures", "policies"] {
        common::copy(&common::root().join(part), &folder.path().join(part));
    }
    fs::create_dir(folder.path().join("bin")).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_tenure"), folder.path().join("bin/tenure")).unwrap();
    let path = format!("{}:{}", folder.path().join("bin").display(), std::env::var("PATH").unwrap());
    let mut count = 0;
    for block in blocks(&page(name)) {
        if let Some(file) = block.directive.strip_prefix("file: ") {
            fs::write(folder.path().join(file), &block.text).unwrap();
        } else if let Some(file) = block.directive.strip_prefix("append: ") {
            let file = folder.path().join(file);
            let text = fs::read_to_string(&file).unwrap();
            fs::write(file, format!("{}\n{}", text.trim_end(), block.text)).unwrap();
        }
        if block.language != "console" || block.directive.starts_with("not run: ") {
            continue;
        }
        for (command, shown) in commands(&block.text) {
            let output = Command::new("sh")
                .args(["-c", &format!("exec 2>&1\n{command}")])
                .current_dir(folder.path())
                .env_clear()
                .env("PATH", &path)
                .env("NO_COLOR", "1")
                .stdin(Stdio::null())
                .output()
                .unwrap();
            let printed = common::stdout(&output);
            // 1 means findings, or differences.
            assert!(matches!(output.status.code(), Some(0 | 1)), "{name}: {command}: {}\n{printed}", output.status);
            fn lines(text: &str) -> Vec<&str> {
                text.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect()
            }
            let shown = shown.join("\n");
            let (shown, printed) = (lines(&shown), lines(&printed));
            assert!(
                shown.is_empty() || is_shown(&shown, &printed),
                "{name}: {command}\nshows\n{}\nbut prints\n{}",
                shown.join("\n"),
                printed.join("\n")
            );
            count += 1;
        }
    }
    count
}

#[cfg(unix)]
#[test]
fn commands_of_the_documents_print_what_is_shown() {
    let mut counts = BTreeMap::new();
    for name in pages() {
        // Its blocks belong to problems; tests/validate.rs reads them.
        if name != "docs/problems.md" {
            counts.insert(name.clone(), run_page(&name));
        }
    }
    for (name, least) in [
        ("README.md", 1),
        ("docs/tutorial.md", 9),
        ("docs/import.md", 2),
        ("docs/change-policies.md", 3),
        ("docs/explain.md", 4),
    ] {
        assert!(counts[name] >= least, "{name}: {}", counts[name]);
    }
}

#[test]
fn the_table_of_checks_is_that_of_the_bundle() {
    let text = page("docs/checks.md");
    let table = text.split("<!-- checks -->").nth(1).unwrap().split("<!-- /checks -->").next().unwrap();
    let rows: Vec<String> = table.lines().filter(|line| line.starts_with("| `")).map(str::to_owned).collect();
    let bundle = Bundle::shipped().unwrap();
    let expected: Vec<String> = bundle
        .checks
        .iter()
        .map(|check| {
            let asked_of = match check.targets.as_slice() {
                [CheckTarget::PersonInOrganization] => "Person",
                [CheckTarget::AccountInSystem] => "Account",
                [CheckTarget::AccountHoldsEntitlement] => "Account × Entitlement",
                [CheckTarget::SystemInOrganization] => "System",
                [CheckTarget::OrganizationItself] => "Organization",
                other => panic!("{other:?}"),
            };
            format!("| `{}` | {} | {asked_of} | {} |", check.id, check.severity, check.title)
        })
        .collect();
    assert_eq!(rows, expected);
}

#[test]
fn the_readme_is_short_and_the_index_lists_every_page() {
    assert!(page("README.md").len() <= 9 * 1024);
    let index = page("docs/README.md");
    for name in pages() {
        let Some(name) = name.strip_prefix("docs/") else { continue };
        assert!(name == "README.md" || index.contains(&format!("]({name})")), "docs/README.md does not list {name}");
    }
}

#[test]
fn ci_runs_the_commands_of_contributing() {
    let ci = page(".ci/run");
    let contributing = page("CONTRIBUTING.md");
    for command in ["cargo test", "cargo clippy --all-targets", "cargo fmt"] {
        assert!(contributing.contains(&format!("| `{command}")), "{command}");
        assert!(ci.lines().any(|line| line.trim().starts_with(command)), "{command}");
    }
}

/// The anchors of a page's headings, as GitHub makes them.
fn anchors(page: &str) -> BTreeSet<String> {
    let mut in_block = false;
    let mut anchors = BTreeSet::new();
    for line in page.lines() {
        in_block ^= line.starts_with("```");
        if let Some(heading) = line.strip_prefix('#').filter(|_| !in_block) {
            let heading = heading.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
            anchors.insert(heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_')).collect());
        }
    }
    anchors
}

#[test]
fn links_of_the_documents_lead_somewhere() {
    let mut count = 0;
    for name in pages() {
        let text = page(&name);
        // Code shows brackets that are no links.
        let prose: String = text.split("```").step_by(2).collect();
        for link in prose.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()) {
            if link.contains("://") {
                continue;
            }
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target =
                if file.is_empty() { PathBuf::from(&name) } else { Path::new(&name).parent().unwrap().join(file) };
            let target = common::root().join(target);
            assert!(target.exists(), "{name} links to {link}");
            if !anchor.is_empty() {
                let there = anchors(&fs::read_to_string(&target).unwrap());
                assert!(there.contains(anchor), "{name} links to {link}; anchors are {there:?}");
            }
            count += 1;
        }
    }
    assert!(count > 100, "{count}");
}

#[test]
fn project_files_of_the_documents_are_valid() {
    let schema = serde_json::from_str(&page("schemas/project.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let mut count = 0;
    for name in ["docs/live-data.md", "docs/tenure-yaml.md"] {
        for block in blocks(&page(name)).iter().filter(|block| block.language == "yaml") {
            let document: serde_json::Value = serde_yaml::from_str(&block.text).unwrap();
            let errors: Vec<String> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
            assert!(errors.is_empty(), "{name}: {errors:?}");
            count += 1;
        }
    }
    assert_eq!(count, 2);
}

/// The files of the source that these pages name are there.
#[test]
fn files_of_the_source_that_documents_name_are_there() {
    let root = common::root();
    let below = fs::read_dir(root.join("src")).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
    let folders: Vec<PathBuf> = [root.clone(), root.join("src")].into_iter().chain(below).collect();
    let mut missing = BTreeSet::new();
    for name in ["CONTRIBUTING.md", "docs/architecture.md", "docs/fallbacks.md"] {
        let text = page(name);
        let paths = text.split('`').skip(1).step_by(2).filter(|path| path.ends_with(".rs") && !path.contains('*'));
        for path in paths {
            if !folders.iter().any(|folder| folder.join(path).is_file()) {
                missing.insert(format!("{name}: `{path}`"));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

/// Every command of the program has a row.
#[test]
fn every_command_is_in_the_table() {
    let folder = tempfile::tempdir().unwrap();
    let help = common::stdout(&common::run(folder.path(), &["--help"]));
    let commands = help.split("Commands:").nth(1).unwrap().split("Options:").next().unwrap();
    let commands = commands.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let names: Vec<&str> =
        commands.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help").collect();
    assert!(names.len() > 10, "{names:?}");
    let table = page("docs/command-line.md");
    let missing: Vec<&&str> = names.iter().filter(|name| !table.contains(&format!("`{name}`"))).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
