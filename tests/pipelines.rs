//! What pipelines are made of works: the composite action, the hooks, the recipes of docs/pipelines.md, the example of
//! GitLab CI. Everything but what needs the network is run, by bash, with the built binary.

#![cfg(all(unix, feature = "cli", feature = "pull"))]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
    process::{Command, Output, Stdio},
    thread::JoinHandle,
};

use common::{acme, root, stderr, stdout};
use serde_yaml::Value;

/// Whether a tool is there; says so where it is not.
fn is_there(tool: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).any(|folder| folder.join(tool).is_file());
    if !found {
        let mut out = std::io::stderr();
        writeln!(out, "`{tool}` is not here, so that this test has shown nothing").unwrap();
    }
    found
}

fn yaml(file: &str) -> Value {
    serde_yaml::from_str(&fs::read_to_string(root().join(file)).unwrap()).unwrap()
}

/// A project whose sources are files, with `tenure` on the path.
fn project() -> tempfile::TempDir {
    let folder = acme();
    let config = folder.path().join("tenure.yaml");
    let text = fs::read_to_string(&config).unwrap().replace("../../policies", "policies");
    fs::write(config, text).unwrap();
    fs::create_dir(folder.path().join("bin")).unwrap();
    symlink(env!("CARGO_BIN_EXE_tenure"), folder.path().join("bin/tenure")).unwrap();
    folder
}

/// Runs a script as GitHub's runner would.
fn bash(folder: &Path, script: &str, environment: &BTreeMap<String, String>) -> Output {
    let file = folder.join("step.sh");
    fs::write(&file, script).unwrap();
    let mut path = folder.join("bin").into_os_string();
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap_or_default());
    let mut command = Command::new("bash");
    command.args(["--noprofile", "--norc", "-e", "-o", "pipefail"]).arg(&file).current_dir(folder);
    command.env_clear().env("PATH", path).env("NO_COLOR", "1").envs(environment).stdin(Stdio::null());
    command.output().unwrap()
}

fn step<'a>(action: &'a Value, name: &str) -> &'a Value {
    let steps = action["runs"]["steps"].as_sequence().unwrap();
    steps.iter().find(|step| step["name"] == name).unwrap()
}

/// Runs a step of the action with these inputs; the rest is as the action says.
fn run_step(folder: &Path, name: &str, inputs: &[(&str, &str)]) -> (Output, String, String) {
    let action = yaml("action.yml");
    let step = step(&action, name);
    let value = |expression: &str| {
        let input = expression.strip_prefix("${{ inputs.").and_then(|rest| rest.strip_suffix(" }}"));
        let input = input.unwrap_or_else(|| panic!("`{expression}` is more than an input"));
        let given = inputs.iter().find(|(name, _)| *name == input).map(|(_, value)| *value);
        let declared = action["inputs"][input]["default"].as_str();
        given.or(declared).unwrap_or_else(|| panic!("`{input}` is not an input")).to_owned()
    };
    let named = step.get("env").and_then(Value::as_mapping).into_iter().flatten();
    let mut environment: BTreeMap<String, String> = named
        .map(|(name, expression)| (name.as_str().unwrap().to_owned(), value(expression.as_str().unwrap())))
        .collect();
    for (name, file) in [("GITHUB_OUTPUT", "github-output"), ("GITHUB_STEP_SUMMARY", "github-summary")] {
        let file = folder.join(file);
        fs::write(&file, "").unwrap();
        environment.insert(name.to_owned(), file.display().to_string());
    }
    environment.insert("GITHUB_ACTION_PATH".to_owned(), "/action; touch pwned".to_owned());
    environment.insert("RUNNER_TEMP".to_owned(), folder.join("runner").display().to_string());
    fs::create_dir_all(folder.join("runner")).unwrap();
    let output = bash(folder, step["run"].as_str().unwrap(), &environment);
    let read = |file: &str| fs::read_to_string(folder.join(file)).unwrap();
    (output, read("github-output"), read("github-summary"))
}

/// What every use of the check has in common here.
const COMMON: [(&str, &str); 2] = [("binary", "tenure"), ("working-directory", ".")];

fn check(folder: &Path, inputs: &[(&str, &str)]) -> (Output, String, String) {
    run_step(folder, "Check", &[&COMMON[..], inputs].concat())
}

#[test]
fn no_input_of_the_action_reaches_a_script_as_text() {
    let action = yaml("action.yml");
    let steps = action["runs"]["steps"].as_sequence().unwrap();
    assert_eq!(action["runs"]["using"], "composite");
    for step in steps {
        let script = step["run"].as_str().unwrap();
        assert!(!script.contains("${{"), "{script}");
        assert_eq!(step["shell"], "bash");
        assert!(step.get("uses").is_none(), "nothing is uploaded");
        for (name, _) in step.get("env").and_then(Value::as_mapping).into_iter().flatten() {
            assert!(
                script.contains(&format!("${{{}", name.as_str().unwrap()))
                    || script.contains(&format!("${}", name.as_str().unwrap()))
            );
        }
    }
    let text = fs::read_to_string(root().join("action.yml")).unwrap();
    for (input, declared) in action["inputs"].as_mapping().unwrap() {
        let input = input.as_str().unwrap();
        assert!(declared["description"].is_string() && declared["default"].is_string(), "{input}");
        assert!(text.contains(&format!("inputs.{input} ")), "`{input}` is not used");
    }
}

#[test]
fn the_action_installs_what_it_is_part_of() {
    if !is_there("bash") {
        return;
    }
    let folder = project();
    let cargo = folder.path().join("bin/cargo");
    fs::write(&cargo, "#!/usr/bin/env bash\nprintf '%s\\n' \"$@\" > cargo-arguments\n").unwrap();
    fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755)).unwrap();
    let (output, ..) = run_step(folder.path(), "Install", &[]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let arguments = fs::read_to_string(folder.path().join("cargo-arguments")).unwrap();
    assert!(arguments.starts_with("install\n--locked\n--path\n/action; touch pwned\n"), "{arguments}");
    assert!(!folder.path().join("pwned").exists());
}

#[test]
fn the_action_judges_a_snapshot_and_says_how_it_came_out() {
    if !is_there("bash") {
        return;
    }
    let folder = project();
    let (output, said, summary) =
        check(folder.path(), &[("snapshot", "snapshot.json"), ("exports", "out.json\n\njson=second.out\n")]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(said.starts_with("status=1\nreport="), "{said}");
    let report = said.lines().find_map(|line| line.strip_prefix("report=")).unwrap();
    for file in [report, "out.json", "second.out"] {
        let text = fs::read(folder.path().join(file)).unwrap();
        let report: serde_json::Value = serde_json::from_slice(&text).unwrap();
        assert_eq!(report["run"]["organization"], "acme");
    }
    assert!(summary.starts_with("## Acme Ltd as of "), "{summary}");
    // Names stand where no workflow command is understood.
    let printed = stdout(&output);
    let token = printed.lines().next().unwrap().strip_prefix("::stop-commands::").unwrap().to_owned();
    assert!(token.len() == 32 && printed.contains(&format!("\n::{token}::\n")), "{printed}");
    let after = printed.rsplit(&format!("::{token}::")).next().unwrap();
    assert!(after.contains("::error") && after.contains("::notice title=tenure::and "), "{after}");

    let (output, said, _) = check(folder.path(), &[("snapshot", "snapshot.json"), ("fail-on", "never")]);
    assert_eq!((output.status.code(), said.starts_with("status=0\n")), (Some(0), true), "{}", stderr(&output));
    let (output, said, _) = check(folder.path(), &[("snapshot", "none.json")]);
    assert_eq!((output.status.code(), said.as_str()), (Some(2), "status=2\n"), "{}", stderr(&output));
}

#[test]
fn no_input_of_the_action_becomes_a_command_or_an_option() {
    if !is_there("bash") {
        return;
    }
    for name in ["$(touch pwned).json", "\"; touch pwned #", "`touch pwned`", "--example", "a b\nc.json"] {
        let folder = project();
        fs::copy(folder.path().join("snapshot.json"), folder.path().join(name)).unwrap();
        let (output, said, _) =
            check(folder.path(), &[("snapshot", name), ("as-of", "2026-11-20"), ("policies", "policies")]);
        assert_eq!(output.status.code(), Some(1), "{name}: {}", stderr(&output));
        assert!(said.starts_with("status=1\n"), "{said}");
        assert!(!folder.path().join("pwned").exists(), "{name}");
        let (output, ..) = check(folder.path(), &[("snapshot", "snapshot.json"), ("policies", name)]);
        assert_eq!(output.status.code(), Some(2), "{name}: {}", stderr(&output));
        assert!(!folder.path().join("pwned").exists(), "{name}");
    }
}

#[test]
fn the_action_gates_policies_where_there_is_no_snapshot() {
    if !is_there("bash") {
        return;
    }
    let folder = project();
    let (output, said, _) = run_step(folder.path(), "Policies", &[("binary", "tenure")]);
    assert_eq!(output.status.code(), Some(0), "{}{}", stdout(&output), stderr(&output));
    assert_eq!(said, "status=0\n");
    fs::write(folder.path().join("policies/x.cedar"), "permit (principal, action, resource);\n").unwrap();
    let (output, said, _) = run_step(folder.path(), "Policies", &[("binary", "tenure"), ("policies", "policies")]);
    assert_eq!((output.status.code(), said.as_str()), (Some(2), "status=2\n"));
    assert!(stdout(&output).starts_with("::error file=policies/x.cedar"), "{}", stdout(&output));
}

#[test]
fn the_hooks_are_commands_that_pass_and_fail_as_they_should() {
    let hooks = yaml(".pre-commit-hooks.yaml");
    let hooks = hooks.as_sequence().unwrap();
    assert_eq!(hooks.len(), 3);
    let run = |folder: &Path, hook: &Value| {
        let mut words: Vec<&str> = hook["entry"].as_str().unwrap().split(' ').collect();
        assert_eq!(words.remove(0), "tenure");
        // What pre-commit adds unless it is told not to.
        if hook["pass_filenames"] != false {
            words.push("policies/people.cedar");
        }
        common::run(folder, &words).status.code()
    };
    let folder = project();
    for hook in hooks {
        assert_eq!(hook["language"], "rust");
        assert_eq!(run(folder.path(), hook), Some(0), "{}", hook["entry"].as_str().unwrap());
    }
    // One mistake for each of the hooks.
    for (id, file, from, to) in [
        ("tenure-validate", "org-roles.yaml", "org_roles:", "org_rolls:"),
        ("tenure-fmt", "people.cedar", "permit (", "permit   ("),
        ("tenure-test", "people.cedar", "@id(\"staff-role.assigned\")", "@id(\"staff-role.given\")"),
    ] {
        let folder = project();
        let path = folder.path().join("policies").join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file}");
        fs::write(&path, text.replacen(from, to, 1)).unwrap();
        let hook = hooks.iter().find(|hook| hook["id"] == id).unwrap();
        assert!(run(folder.path(), hook).unwrap() > 0, "{id}");
    }
}

/// Answers requests as Slack would, until as many have come as are wanted; what was sent.
fn slack(wanted: usize) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/services/T0/B0/secret", listener.local_addr().unwrap());
    let handle = std::thread::spawn(move || {
        let answer = |_| {
            let (mut stream, _) = listener.accept().unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let mut length = 0;
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).unwrap();
                if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                if line.trim().is_empty() {
                    break;
                }
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok").unwrap();
            String::from_utf8(body).unwrap()
        };
        (0..wanted).map(answer).collect()
    });
    (address, handle)
}

#[test]
fn the_recipes_of_the_page_run_and_slack_hears_of_it() {
    if !["bash", "jq", "curl"].iter().all(|tool| is_there(tool)) {
        return;
    }
    let page = fs::read_to_string(root().join("docs/pipelines.md")).unwrap();
    let blocks: Vec<&str> = page.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert_eq!(blocks.len(), 4);
    let folder = project();
    let config = folder.path().join("tenure.yaml");
    let text =
        fs::read_to_string(&config).unwrap().replace("name: Acme Ltd", "name: '<!channel> & \"Acme\" $(touch pwned)'");
    fs::write(config, text).unwrap();
    let (address, heard) = slack(1);
    let environment = BTreeMap::from([("SLACK_WEBHOOK_URL".to_owned(), address)]);
    let output = bash(folder.path(), &format!("set -u\n{}", blocks.concat()), &environment);
    assert_eq!(output.status.code(), Some(1), "{}{}", stdout(&output), stderr(&output));
    let report: serde_json::Value =
        serde_json::from_slice(&fs::read(folder.path().join("report.json")).unwrap()).unwrap();
    let totals = &report["summary"]["totals"];
    let expected = format!(
        "&lt;!channel&gt; &amp; \"Acme\" $(touch pwned): {} failing, {} unknown, {} waived",
        totals["fail"], totals["unknown"], totals["waived"]
    );
    let heard: Vec<serde_json::Value> =
        heard.join().unwrap().iter().map(|body| serde_json::from_str(body).unwrap()).collect();
    assert_eq!(heard, [serde_json::json!({ "text": expected })]);
    assert!(!folder.path().join("pwned").exists());
    assert!(fs::read_to_string(folder.path().join("report.txt")).unwrap().contains("asked:"));
}

#[test]
fn the_page_speaks_of_what_there_is() {
    let page = fs::read_to_string(root().join("docs/pipelines.md")).unwrap();
    let action = yaml("action.yml");
    for (input, _) in action["inputs"].as_mapping().unwrap() {
        assert!(page.contains(&format!("`{}`", input.as_str().unwrap())), "{input:?}");
    }
    let blocks = page.split("```yaml\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let documents: Vec<Value> = blocks.map(|block| serde_yaml::from_str(block).unwrap()).collect();
    assert_eq!(documents.len(), 3);
    for document in &documents {
        let Some(jobs) = document.get("jobs").and_then(Value::as_mapping) else { continue };
        let steps = jobs.values().flat_map(|job| job["steps"].as_sequence().unwrap());
        let ours = steps.filter(|step| step.get("uses").and_then(Value::as_str) == Some("./tenure"));
        for (input, _) in ours.filter_map(|step| step.get("with")?.as_mapping()).flatten() {
            assert!(action["inputs"].get(input).is_some(), "{input:?}");
        }
    }
    let hooks = yaml(".pre-commit-hooks.yaml");
    for hook in documents.last().unwrap()["repos"][0]["hooks"].as_sequence().unwrap() {
        assert!(hooks.as_sequence().unwrap().iter().any(|one| one["id"] == hook["id"]), "{hook:?}");
    }
}

#[test]
fn the_example_of_gitlab_runs() {
    if !is_there("bash") {
        return;
    }
    let example = yaml("examples/gitlab-ci.yml");
    for (job, status, artifact) in [("policies", 0, "tests.xml"), ("nightly", 1, "report.json")] {
        let folder = project();
        let script: Vec<&str> =
            example[job]["script"].as_sequence().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
        let output = bash(folder.path(), &script.join("\n"), &BTreeMap::new());
        assert_eq!(output.status.code(), Some(status), "{job}: {}{}", stdout(&output), stderr(&output));
        assert!(folder.path().join(artifact).is_file(), "{job}");
        assert!(serde_yaml::to_string(&example[job]["artifacts"]).unwrap().contains(artifact));
    }
}

#[test]
fn the_container_is_pinned_and_runs_as_nobody_in_particular() {
    let text = fs::read_to_string(root().join("Containerfile")).unwrap();
    let lines = |word: &str| {
        text.lines().filter_map(|line| line.strip_prefix(word)).map(str::to_owned).collect::<Vec<String>>()
    };
    let bases = lines("FROM ");
    assert_eq!(bases.len(), 2);
    for base in &bases {
        let tag = base.split(' ').next().unwrap().rsplit_once(':').unwrap().1;
        assert!(tag.starts_with(|letter: char| letter.is_ascii_digit()) && tag.contains('.'), "{base}");
    }
    assert_eq!(lines("USER "), ["65532:65532"]);
    assert_eq!(lines("ENTRYPOINT "), ["[\"tenure\"]"]);
    // What is compiled in has to reach the build.
    let ignored = fs::read_to_string(root().join(".dockerignore")).unwrap();
    for folder in ["docs", "fixtures", "policies", "schemas", "src"] {
        assert!(ignored.lines().all(|line| !line.starts_with(folder)), "{folder}");
    }
    assert!(text.contains(&format!("tenure:{}", env!("CARGO_PKG_VERSION"))), "{text}");
}
