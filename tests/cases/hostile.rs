//! Policies, names and paths from somebody else, and outputs that must not harm.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
    process::{Command, Output},
    time::{Duration, Instant},
};

use crate::{
    common::{stderr, stdout, tenure},
    project::{Case, case, flat},
};

const SECRET: &str = "not-for-the-log";

/// The project of a case in a folder of its own, with a file beside it that nothing in it may show.
fn beside(name: &str, secret: &str, text: &str) -> Case {
    let case = case(name);
    let project = case.path().join("project");
    fs::create_dir(&project).unwrap();
    for entry in ["tenure.yaml", "policies", "snapshot.json", "humaans"] {
        if case.path().join(entry).exists() {
            fs::rename(case.path().join(entry), project.join(entry)).unwrap();
        }
    }
    case.write(secret, text);
    case
}

/// Runs `tenure` in the project, which has to end within seconds.
fn run(case: &Case, arguments: &[&str]) -> Output {
    let began = Instant::now();
    let output = tenure(&case.path().join("project"), arguments).output().unwrap();
    assert!(began.elapsed() < Duration::from_secs(20), "{arguments:?}");
    output
}

/// That it is refused by this name, and shows nothing of what is outside.
#[track_caller]
fn refused(output: &Output, name: &str, code: &str) {
    let said = flat(&(stderr(output) + &stdout(output)));
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains(name) && said.contains(code), "{said}");
    assert!(!said.contains(SECRET) && !said.contains("api_key"), "{said}");
}

#[test]
fn bundle_symlink_and_use() {
    let case = beside("bundle-symlink-and-use", "environment.txt", "API_KEY=not-for-the-log\n");
    case.write("credentials.json", "{ \"api_key\": \"x\", \"password\": \"not-for-the-log\" }");
    let policies = case.path().join("project/policies");
    let link = |target: &str, name: &str| symlink(target, policies.join(name)).unwrap();
    let remove = |name: &str| fs::remove_file(policies.join(name)).unwrap();

    // Every command that reads policies, in every format.
    let commands: &[&[&str]] = &[
        &["validate", "policies"],
        &["validate", "--format", "json"],
        &["validate", "--format", "github"],
        &["check", "snapshot.json"],
        &["check", "snapshot.json", "--format", "json"],
        &["test", "policies"],
        &["list", "checks"],
        &["explain", "--subject", "app/ann", "--snapshot", "snapshot.json"],
        &["schema", "cedar"],
        &["fmt", "--diff", "policies"],
    ];
    for name in ["extra.yaml", "extra.cedar", "extra.cedarschema"] {
        link("../../environment.txt", name);
        commands.iter().for_each(|command| refused(&run(&case, command), name, "outside-project"));
        remove(name);
    }
    // A folder outside, the same through a second link, a hidden file inside, and nothing at all.
    case.write("project/.git/config", "token = not-for-the-log\n");
    link("../..", "all");
    refused(&run(&case, &["validate"]), "policies/all", "outside-project");
    remove("all");
    link("../../environment.txt", "zz.txt");
    link("zz.txt", "a.yaml");
    refused(&run(&case, &["validate"]), "policies/a.yaml", "outside-project");
    remove("a.yaml");
    remove("zz.txt");
    for target in ["../.git/config", "../../nothing", "/etc/hosts", "/dev/stdin"] {
        link(target, "a.yaml");
        refused(&run(&case, &["validate"]), "policies/a.yaml", "outside-project");
        remove("a.yaml");
    }

    // `use:` of a test.
    let test = |target: &str| {
        let test = "tests:\n  - name: a\n    expect: [{ check: user-identified, subject: app/ann, outcome: pass }]\n";
        case.write("project/policies/tests/outside.yaml", format!("use: {target}\n{test}"));
    };
    for target in ["../../../credentials.json", "/etc/passwd.json", "link.json"] {
        test(target);
        if target == "link.json" {
            link("../../../credentials.json", "tests/link.json");
            // A link that leads out is refused wherever it stands.
        }
        refused(&run(&case, &["test", "policies"]), target, "outside-project");
    }
    remove("tests/link.json");
    // What the caller allows, and what lies inside the project.
    test("../../snapshot.json");
    let inside = run(&case, &["test", "policies", "--filter", "outside"]);
    assert_eq!(inside.status.code(), Some(0), "{}{}", stdout(&inside), stderr(&inside));
    remove("tests/outside.yaml");
    case.write("private.yaml", "# not-for-the-log\n");
    link("../../private.yaml", "more.yaml");
    let evidence = ["check", "snapshot.json", "--evidence", "evidence", "-o", "/dev/null"];
    refused(&run(&case, &evidence), "policies/more.yaml", "outside-project");
    assert!(!case.path().join("project/evidence").exists());
    let allowed = run(&case, &[evidence.as_slice(), &["--allow-outside"]].concat());
    assert_eq!(allowed.status.code(), Some(1), "{}", stderr(&allowed));
    assert!(case.read("project/evidence/bundle/more.yaml").contains(SECRET));
    remove("more.yaml");
    case.write("project/shared/more.yaml", "# shared\n");
    link("../shared/more.yaml", "more.yaml");
    assert_eq!(run(&case, &["validate"]).status.code(), Some(0));
    remove("more.yaml");
}

#[test]
fn special_files_are_not_opened() {
    let case = beside("bundle-symlink-and-use", "x.txt", "x");
    let pipe = |name: &str| {
        let path = case.path().join("project").join(name);
        assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
        path
    };
    // Not a policy: it is left alone, unopened.
    let path = pipe("policies/readme.txt");
    assert_eq!(run(&case, &["validate"]).status.code(), Some(0));
    fs::remove_file(path).unwrap();
    let path = pipe("policies/a.cedar");
    refused(&run(&case, &["validate"]), "policies/a.cedar", "not-a-file");
    fs::remove_file(path).unwrap();
    let path = pipe("policies/tests/a.json");
    let test =
        "use: a.json\ntests:\n  - name: a\n    expect: [{ check: user-identified, subject: app/ann, outcome: pass }]\n";
    case.write("project/policies/tests/a.yaml", test);
    refused(&run(&case, &["test"]), "policies/tests/a.json", "not-a-file");
    fs::remove_file(path).unwrap();
    fs::remove_file(case.path().join("project/policies/tests/a.yaml")).unwrap();
    // Sources, and the project's own file.
    let source = "{ kind: file, format: accounts-csv, system: app, path: pipe.csv }";
    let project = case.read("project/tenure.yaml");
    let organization = "organization: { id: ex, name: Example Ltd, time_zone: UTC }";
    case.write("project/tenure.yaml", format!("{organization}\nsources: [{source}]\n"));
    let path = pipe("pipe.csv");
    refused(&run(&case, &["import", "-o", "s.json"]), "pipe.csv", "not-a-file");
    fs::remove_file(path).unwrap();
    case.write("project/tenure.yaml", project);
    let path = pipe("humaans/people-2.json");
    refused(&run(&case, &["import", "humaans", "humaans", "-o", "s.json"]), "people-2.json", "not-a-file");
    fs::remove_file(path).unwrap();
    fs::remove_file(case.path().join("project/tenure.yaml")).unwrap();
    pipe("tenure.yaml");
    refused(&run(&case, &["validate"]), "tenure.yaml", "not-a-file");
}

#[test]
fn paths_of_the_project_stay_inside() {
    let case = beside("bundle-symlink-and-use", "accounts.csv", "not-for-the-log\n1\n");
    fs::rename(case.path().join("project/policies"), case.path().join("policies")).unwrap();
    let project = |policies: &str, path: &str| {
        let organization = "organization: { id: ex, name: Example Ltd, time_zone: UTC }";
        let source = format!("{{ kind: file, format: accounts-csv, system: app, path: {path} }}");
        case.write("project/tenure.yaml", format!("{organization}\npolicies: {policies}\nsources: [{source}]\n"));
    };
    for policies in ["../policies", "..", "/", ".git"] {
        fs::create_dir_all(case.path().join("project/.git")).unwrap();
        project(policies, "accounts.csv");
        for command in [["validate", "--quiet"], ["check", "snapshot.json"], ["test", "--quiet"]] {
            refused(&run(&case, &command), &format!("directory `{policies}` leads out"), "outside-project");
        }
    }
    project("../policies", "../accounts.csv");
    assert_eq!(run(&case, &["validate", "--allow-outside"]).status.code(), Some(0));
    assert_eq!(run(&case, &["validate", "../policies"]).status.code(), Some(0), "the caller names it");
    symlink("../accounts.csv", case.path().join("project/link.csv")).unwrap();
    fs::create_dir(case.path().join("project/pages")).unwrap();
    symlink("../../accounts.csv", case.path().join("project/pages/a.csv")).unwrap();
    case.write("project/.env", "API_KEY=not-for-the-log\n");
    for path in ["../accounts.csv", "link.csv", "pages", "/etc/hosts", ".env", ".git/config"] {
        project("../policies", path);
        refused(&run(&case, &["import", "-o", "s.json"]), path, "outside-project");
    }
    // A mapping.
    fs::write(case.path().join("project/rows.csv"), "id\na\n").unwrap();
    fs::write(case.path().join("mapping.yaml"), "not-for-the-log: 1\n").unwrap();
    symlink("../mapping.yaml", case.path().join("project/link.yaml")).unwrap();
    for path in ["../mapping.yaml", "link.yaml", "/etc/hosts", ".git/config"] {
        let source = format!("{{ kind: file, mapping: {path}, system: app, path: rows.csv }}");
        let organization = "organization: { id: ex, name: Example Ltd, time_zone: UTC }";
        case.write("project/tenure.yaml", format!("{organization}\nsources: [{source}]\n"));
        for command in [&["import", "-o", "s.json"][..], &["mapping", "test"]] {
            refused(&run(&case, command), path, "outside-project");
        }
    }
    assert!(!case.path().join("project/s.json").exists());
    // The tests of a mapping, which lie beside it, and the mapping beside tests that the caller names.
    let tests = "tests: [{ name: a, rows: \"id\\na\\n\", accounts: [{ id: a }] }]\n";
    case.write("tool.yaml", "records: csv\naccount: { id: not-for-the-log }\n");
    case.write("tool.tests.yaml", "not-for-the-log: 1\n");
    case.write("project/own.yaml", "records: csv\naccount: { id: id }\n");
    case.write("project/linked.tests.yaml", tests);
    symlink("../tool.yaml", case.path().join("project/linked.yaml")).unwrap();
    let organization = "organization: { id: ex, name: Example Ltd, time_zone: UTC }";
    let source = "{ kind: file, mapping: own.yaml, system: app, path: rows.csv }";
    case.write("project/tenure.yaml", format!("{organization}\nsources: [{source}]\n"));
    let own = case.path().join("project/own.tests.yaml");
    for target in ["../tool.tests.yaml", "/etc/hosts", "nothing", ".git/config"] {
        symlink(target, &own).unwrap();
        for command in [&["mapping", "test"][..], &["mapping", "test", "own.yaml"]] {
            refused(&run(&case, command), "own.tests.yaml", "outside-project");
        }
        fs::remove_file(&own).unwrap();
    }
    refused(&run(&case, &["mapping", "test", "linked.tests.yaml"]), "linked.yaml", "outside-project");
    assert_eq!(run(&case, &["mapping", "test", "linked.tests.yaml", "--allow-outside"]).status.code(), Some(1));
    assert!(Command::new("mkfifo").arg(&own).status().unwrap().success());
    refused(&run(&case, &["mapping", "test"]), "own.tests.yaml", "not-a-file");
    fs::remove_file(&own).unwrap();
    fs::File::create(&own).unwrap().set_len(1 << 40).unwrap();
    refused(&run(&case, &["mapping", "test"]), "larger than 1 MiB", "too-large");
    case.write("project/own.tests.yaml", tests);
    assert_eq!(run(&case, &["mapping", "test"]).status.code(), Some(0));
    // The project's own file.
    fs::remove_file(case.path().join("project/tenure.yaml")).unwrap();
    symlink("../accounts.csv", case.path().join("project/tenure.yaml")).unwrap();
    refused(&run(&case, &["validate"]), "tenure.yaml", "outside-project");
}

#[test]
fn the_project_is_looked_for_up_to_the_repository_and_never_above() {
    let case = beside("bundle-symlink-and-use", "tenure.yaml", "organization: not-for-the-log\n");
    fs::remove_file(case.path().join("project/tenure.yaml")).unwrap();
    fs::create_dir(case.path().join("project/below")).unwrap();
    // Without a repository, only the working directory counts.
    assert_eq!(run(&case, &["validate"]).status.code(), Some(0));
    // With one above, that one's root counts.
    fs::create_dir(case.path().join(".git")).unwrap();
    let above = run(&case, &["validate"]);
    assert!(stderr(&above).contains("tenure.yaml"), "{}", stderr(&above));
    // And with one here, its root and no further.
    fs::create_dir(case.path().join("project/.git")).unwrap();
    assert_eq!(run(&case, &["validate"]).status.code(), Some(0));
    case.write("project/tenure.yaml", "organization: { id: ex, name: Ex, time_zone: UTC }\npolicies: policies\n");
    let below = tenure(&case.path().join("project/below"), &["validate"]).output().unwrap();
    assert_eq!(below.status.code(), Some(0), "{}", stderr(&below));
}

#[test]
fn common_type_explosion() {
    let case = case("common-type-explosion");
    for depth in ["20", "40"] {
        let schema = Command::new("python3").arg(case.path().join("make.py")).arg(depth).output().unwrap();
        case.write("policies/doubling.cedarschema", schema.stdout);
        let began = Instant::now();
        let output = case.run(&["validate", "policies"]);
        let said = flat(&stdout(&output));
        assert_eq!(output.status.code(), Some(2), "{said}{}", stderr(&output));
        assert!(said.contains("schema-size") && said.contains("more than 100000 fields"), "{said}");
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    }
}

#[test]
fn expansions_of_every_kind_are_bounded() {
    let case = case("common-type-explosion");
    let long = "x".repeat(200_000);
    let many = vec!["*a"; 100_000].join(", ");
    let wide = vec!["x"; 100_000].join(", ");
    let group: String = (1..3000).map(|n| format!("action a{n} in [a{}];\n", n - 1)).collect();
    let clauses = vec!["principal has email"; 60_000].join(" && ");
    for (name, text, code) in [
        ("alias.yaml", format!("a: &a {long}\nb: [{many}]\n"), "not-yaml"),
        ("alias.yaml", format!("a: &a [{wide}]\nb: [{many}]\n"), "not-yaml"),
        ("deep.yaml", format!("a: {}\n", "[".repeat(100_000)), "not-yaml"),
        ("chain.cedarschema", format!("action a0;\n{group}"), "schema-size"),
        ("long.cedarschema", format!("// {}\n", "x".repeat(2 << 20)), "schema-size"),
        (
            "long.cedar",
            format!("@id(\"long\")\npermit (principal, action, resource) when {{ {clauses} }};\n"),
            "too-deep",
        ),
        ("large.yaml", format!("# {}\n", "x".repeat(17 << 20)), "too-large"),
    ] {
        case.write(&format!("policies/{name}"), text);
        let began = Instant::now();
        let output = case.run(&["validate", "policies"]);
        let said = flat(&stdout(&output));
        assert_eq!(output.status.code(), Some(2), "{name}: {said}");
        assert!(said.contains(code), "{name}: {said}");
        assert!(began.elapsed() < Duration::from_secs(10), "{name}: {:?}", began.elapsed());
        fs::remove_file(case.path().join("policies").join(name)).unwrap();
    }
    // A file that is no policy is not parsed.
    case.write("policies/alias.json", format!("{{\"a\": &a [{wide}], \"b\": [{many}]}}"));
    let output = case.run(&["validate", "policies"]);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    assert!(stdout(&output).ends_with("no problems\n"), "{}", stdout(&output));
    // Links that lead back multiply what is below them.
    for name in ["a", "b", "c", "d", "e"] {
        symlink(".", case.path().join("policies").join(name)).unwrap();
    }
    let began = Instant::now();
    let output = case.run(&["validate", "policies"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(flat(&stdout(&output)).contains("lies more than 14 directories deep"), "{}", stdout(&output));
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[track_caller]
fn is_private(path: &Path) {
    if path.is_dir() {
        assert_eq!(mode(path), 0o700, "{}", path.display());
        fs::read_dir(path).unwrap().for_each(|entry| is_private(&entry.unwrap().path()));
    } else {
        assert_eq!(mode(path), 0o600, "{}", path.display());
    }
}

#[test]
fn evidence_permissions() {
    let case = case("evidence-permissions");
    // The tests' umask lets others read.
    fs::write(case.path().join("probe"), "").unwrap();
    assert_ne!(mode(&case.path().join("probe")), 0o600, "the umask hides what this tests");
    let evidence = ["--evidence", "evidence", "--export", "report.html", "--export", "revoke.revoke.csv"];
    let output =
        case.run(&[&["check", "snapshot.json", "--format", "json", "-o", "report.json"], &evidence[..]].concat());
    assert!(output.status.code() == Some(0) || output.status.code() == Some(1), "{}", stderr(&output));
    case.run(&["import", "humaans", "humaans", "-o", "directory/", "--collected-at", "2026-11-20T09:00:00Z"]);
    case.run(&["import", "humaans", "humaans", "-o", "file.json", "--collected-at", "2026-11-20T09:00:00Z"]);
    let over_directory = ["--policies", "policies", "--evidence", "second", "-o", "second.json"];
    case.run(&[&["check", "directory/"], &over_directory[..]].concat());
    fs::create_dir(case.path().join("reports")).unwrap();
    case.run(&["check", "snapshot.json", "--format", "json", "-o", "reports/one.json"]);
    case.run(&["history", "reports", "--format", "html", "-o", "trend.html"]);
    case.run(&["diff", "report.json", "reports/one.json", "-o", "difference.txt"]);
    case.run(&["test", "policies", "--format", "junit", "-o", "tests.xml"]);
    for name in [
        "report.json",
        "report.html",
        "revoke.revoke.csv",
        "evidence",
        "directory",
        "file.json",
        "second",
        "second.json",
        "reports/one.json",
        "trend.html",
        "difference.txt",
        "tests.xml",
    ] {
        is_private(&case.path().join(name));
    }
    // A file that others could read is replaced by one that they cannot.
    fs::set_permissions(case.path().join("report.json"), fs::Permissions::from_mode(0o644)).unwrap();
    case.run(&["check", "snapshot.json", "--format", "json", "-o", "report.json"]);
    is_private(&case.path().join("report.json"));
}

#[test]
fn outputs_over_inputs() {
    let case = case("outputs-over-inputs");
    let path = |name: &str| case.path().join(name);
    case.put("snapshot.json", "in.json");
    symlink("in.json", path("link.json")).unwrap();
    fs::hard_link(path("in.json"), path("hard.json")).unwrap();
    case.run(&["check", "snapshot.json", "--format", "json", "-o", "base.json"]);
    fs::create_dir(path("reports")).unwrap();
    case.put("base.json", "reports/base.json");
    case.write("pages.csv", "account,email,status\nann,ann@x.example,active\n");
    case.write("key", "0123456789012345678901234567890123456789");
    let pages = case.path().join("pages");
    crate::common::copy(&path("humaans"), &pages);
    let at = ["--collected-at", "2026-11-20T09:00:00Z"];
    case.put("snapshot.json", "policies/tests/used.json");
    case.put("snapshot.json", "beside.json");
    let test = "tests:\n  - name: a\n    expect: [{ check: user-identified, subject: app/ann, outcome: pass }]\n";
    case.write("policies/tests/used.yaml", format!("use: used.json\n{test}"));
    case.write("policies/tests/beside.yaml", format!("use: ../../beside.json\n{test}"));
    case.write("tool.yaml", "records: csv\naccount: { id: account }\n");
    case.write("project.yaml", "records: csv\naccount: { id: account }\n");
    let source = "{ kind: file, mapping: project.yaml, system: app, path: pages.csv }";
    let project = case.read("tenure.yaml");
    let own: String =
        project.lines().take_while(|line| !line.starts_with("sources:")).map(|line| format!("{line}\n")).collect();
    case.write("tenure.yaml", format!("{own}sources: [{source}]\n"));
    let here = format!("{}/in.json", case.path().display());
    let before = contents(case.path());
    for command in [
        vec!["check", "in.json", "--format", "json", "-o", "in.json"],
        vec!["check", "in.json", "--format", "json", "-o", "./policies/../in.json"],
        vec!["check", "in.json", "-o", &here],
        vec!["check", "in.json", "-o", "link.json"],
        vec!["check", "link.json", "-o", "in.json"],
        vec!["check", "in.json", "-o", "hard.json"],
        vec!["check", "in.json", "-o", "/dev/null", "--export", "json=in.json"],
        vec!["check", "snapshot.json", "--format", "json", "-o", "policies/people.cedar"],
        vec!["check", "snapshot.json", "--format", "json", "-o", "policies/new.yaml"],
        vec!["check", "snapshot.json", "--format", "json", "-o", "tenure.yaml"],
        vec!["check", "snapshot.json", "--baseline", "base.json", "-o", "base.json"],
        vec!["check", "snapshot.json", "--history", "reports", "-o", "reports/base.json"],
        vec!["check", "snapshot.json", "--redact-key", "key", "-o", "key"],
        vec!["check", "snapshot.json", "-o", "a.json", "--export", "json=a.json"],
        vec!["check", "snapshot.json", "--export", "a.html", "--export", "html=./a.html"],
        vec!["check", "snapshot.json", "--evidence", "evidence", "-o", "evidence/report.json"],
        vec!["check", "snapshot.json", "--evidence", "a", "-o", "a"],
        vec!["diff", "base.json", "reports/base.json", "-o", "base.json"],
        vec!["history", "reports", "-o", "reports/base.json"],
        vec!["test", "policies", "-o", "policies/people.cedar"],
        // The snapshots of tests, in the policies and beside them, and evidence that would be read as policies.
        vec!["test", "policies", "-o", "policies/tests/used.json"],
        vec!["test", "policies", "-o", "beside.json"],
        vec!["check", "snapshot.json", "-o", "beside.json"],
        vec!["check", "snapshot.json", "--evidence", "policies/evidence", "-o", "/dev/null"],
        vec!["check", "snapshot.json", "--policies", ".", "-o", "beside.json"],
        vec!["check", "snapshot.json", "--policies", ".", "-o", "policies/tests/used.json"],
        vec!["check", "snapshot.json", "--policies", ".", "--evidence", "evidence", "-o", "/dev/null"],
        // Mappings.
        [vec!["import", "accounts", "app", "pages.csv", "--mapping", "tool.yaml", "-o", "tool.yaml"], at.to_vec()]
            .concat(),
        [vec!["import", "staff", "pages.csv", "--mapping", "tool.yaml", "-o", "./tool.yaml"], at.to_vec()].concat(),
        [vec!["import", "-o", "project.yaml"], at.to_vec()].concat(),
        [vec!["import", "humaans", "pages", "-o", "pages/people.json"], at.to_vec()].concat(),
        [vec!["import", "humaans", "pages", "-o", "pages/new.json"], at.to_vec()].concat(),
        [vec!["import", "humaans", "pages", "-o", "pages/"], at.to_vec()].concat(),
        [vec!["import", "accounts", "app", "pages.csv", "-o", "pages.csv"], at.to_vec()].concat(),
        [vec!["import", "accounts", "app", "pages.csv", "-o", "tenure.yaml"], at.to_vec()].concat(),
    ] {
        let output = case.run(&command);
        let said = flat(&stderr(&output));
        assert_eq!(output.status.code(), Some(2), "{command:?}: {said}");
        assert!(said.contains("output-is-input"), "{command:?}: {said}");
        assert!(stdout(&output).is_empty(), "nothing was judged: {command:?}");
        assert_eq!(contents(case.path()), before, "{command:?}");
    }
    // What cannot be written is known before the work, too.
    for command in [
        vec!["check", "snapshot.json", "-o", "none/report.json"],
        vec!["check", "snapshot.json", "-o", "humaans"],
        vec!["check", "snapshot.json", "--export", "none/a.html"],
        vec!["check", "snapshot.json", "--evidence", "none/evidence"],
        vec!["diff", "base.json", "base.json", "-o", "none/a.txt"],
        [vec!["import", "humaans", "none", "-o", "none/s.json"], at.to_vec()].concat(),
    ] {
        let output = case.run(&command);
        assert_eq!(output.status.code(), Some(2), "{command:?}");
        assert!(stderr(&output).contains("unwritable-file"), "{command:?}: {}", stderr(&output));
        assert!(stdout(&output).is_empty(), "{command:?}");
        assert_eq!(contents(case.path()), before, "{command:?}");
    }
    // Devices take several outputs; a link is replaced and what it leads to stays.
    case.run(&["check", "snapshot.json", "-o", "/dev/null", "--export", "json=/dev/null"]);
    case.write("other.json", "other");
    symlink("other.json", path("out.json")).unwrap();
    case.run(&["check", "snapshot.json", "--format", "json", "-o", "out.json"]);
    assert_eq!(case.read("other.json"), "other");
    assert!(!path("out.json").is_symlink());
}

/// Every file below a folder with its bytes, in order.
fn contents(folder: &Path) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(contents(&path));
            found.push((path, Vec::new()));
        } else {
            let bytes = fs::read(&path).unwrap();
            found.push((path, bytes));
        }
    }
    found.sort();
    found
}

#[test]
fn file_name_in_diagnostic_header() {
    let case = case("file-name-in-diagnostic-header");
    for name in
        ["a\n::error::written by a file name.cedar", "b\u{202e}radec.cedar", "c\u{200b}.yaml", "d\u{1b}[31m.cedar"]
    {
        let path = case.path().join("policies").join(name);
        fs::write(&path, "x").unwrap();
        for format in ["text", "json", "github"] {
            let output = case.run(&["validate", "policies", "--format", format]);
            let said = stdout(&output) + &stderr(&output);
            assert_eq!(output.status.code(), Some(2), "{said}");
            // GitHub's log has the problem as text and no annotation.
            assert!(said.contains("bad-file-name"), "{said}");
            assert!(!said.contains(['\u{202e}', '\u{200b}', '\u{1b}']), "{said:?}");
            let own = |line: &&str| line.trim_start().starts_with("::") && !line.starts_with("::error file=");
            assert_eq!(said.lines().find(|line| own(line)), None);
        }
        fs::remove_file(path).unwrap();
    }
    // A folder's name stands in every header.
    let folder = case.path().join("p\n::error::x\u{202e}");
    fs::rename(case.path().join("policies"), &folder).unwrap();
    fs::write(folder.join("a.cedar"), "x").unwrap();
    for format in ["text", "github"] {
        let output = case.run(&["validate", folder.to_str().unwrap(), "--format", format]);
        let said = stdout(&output) + &stderr(&output);
        assert!(said.contains("a.cedar") && !said.contains('\u{202e}'), "{said:?}");
        assert!(!said.lines().any(|line| line.trim_start().starts_with("::error::x")), "{said:?}");
    }
}

#[test]
fn explain_of_many_accounts() {
    let case = case("explain-of-many-accounts");
    let mut sizes = Vec::new();
    for count in ["500", "5000"] {
        let made = Command::new("python3").arg(case.path().join("make.py")).arg(count).output().unwrap();
        case.write("snapshot.json", made.stdout);
        let began = Instant::now();
        let output = case.run(&["explain", "--subject", "ann@x.example", "--snapshot", "snapshot.json"]);
        assert!(began.elapsed() < Duration::from_secs(20), "{count}: {:?}", began.elapsed());
        let text = stdout(&output);
        assert!(text.contains("more findings") && text.contains("--check"), "{}", stderr(&output));
        sizes.push(text.len());
    }
    assert!(sizes[1] < sizes[0] + 2000, "{sizes:?}");
    let one = case.run(&["explain", "--subject", "app/u4999", "--snapshot", "snapshot.json", "--format", "json"]);
    let one: serde_json::Value = serde_json::from_slice(&one.stdout).unwrap();
    assert!(!one["findings"].as_array().unwrap().is_empty() && one["further"].is_null());
    let all = case.run(&["explain", "--subject", "ann@x.example", "--snapshot", "snapshot.json", "--format", "json"]);
    let all: serde_json::Value = serde_json::from_slice(&all.stdout).unwrap();
    let further: u64 = all["further"].as_array().unwrap().iter().map(|one| one["count"].as_u64().unwrap()).sum();
    assert!(further > 5000, "{}", all["further"]);
    assert_eq!(all["findings"].as_array().unwrap().len(), 40);
}

#[cfg(feature = "pull")]
#[test]
fn token_command_without_limit() {
    let case = case("token-command-without-limit");
    let template = case.read("tenure.template");
    for command in ["sleep 600", "yes"] {
        case.write("tenure.yaml", template.replace("COMMAND", command));
        let began = Instant::now();
        let output = case.run(&["pull", "--timeout", "2", "--max-time", "5"]);
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
        assert!(stderr(&output).contains("missing-token"), "{}", stderr(&output));
        assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    }
}

#[test]
fn sizes_are_checked_before_a_file_is_opened() {
    let case = case("common-type-explosion");
    let sparse = |name: &str, size: u64| {
        let path = case.path().join(name);
        fs::File::create(&path).unwrap().set_len(size).unwrap();
        path
    };
    let refused = |arguments: &[&str], word: &str| {
        let began = Instant::now();
        let output = case.run(arguments);
        let said = flat(&(stdout(&output) + &stderr(&output)));
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains("too-large") && said.contains(word), "{said}");
        assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    };
    // A file with more bytes than the machine has, of which none is read.
    let path = sparse("policies/a.cedar", 1 << 40);
    refused(&["validate", "policies"], "larger than 16 MiB");
    fs::remove_file(path).unwrap();
    let paths: Vec<_> = (0..5).map(|n| sparse(&format!("policies/a{n}.yaml"), 15 << 20)).collect();
    refused(&["validate", "policies"], "larger than 64 MiB together");
    paths.iter().for_each(|path| fs::remove_file(path).unwrap());
    // One that is no policy is left alone.
    sparse("policies/a.bin", 1 << 40);
    assert_eq!(case.run(&["validate", "policies"]).status.code(), Some(0));
    // A source: a file, and the files of a directory together.
    let path = sparse("large.csv", 3 << 30);
    refused(&["import", "accounts", "app", "large.csv", "-o", "s.json"], "larger than 1 GiB");
    refused(&["mapping", "new", "large.csv"], "larger than 1 GiB");
    fs::remove_file(path).unwrap();
    fs::create_dir(case.path().join("large")).unwrap();
    sparse("large/a.csv", 3 << 30);
    refused(&["import", "accounts", "app", "large", "-o", "s.json"], "larger than 1 GiB together");
    let path = sparse("policies/tests/a.json", 1 << 40);
    let test =
        "use: a.json\ntests:\n  - name: a\n    expect: [{ check: user-identified, subject: app/ann, outcome: pass }]\n";
    case.write("policies/tests/a.yaml", test);
    refused(&["test", "policies"], "larger than 64 MiB");
    fs::remove_file(path).unwrap();
    sparse("tenure.yaml", 1 << 40);
    refused(&["validate", "policies"], "larger than 1 MiB");
}

/// Every Rust file below a folder.
fn sources(folder: &Path) -> Vec<std::path::PathBuf> {
    contents(folder)
        .into_iter()
        .map(|(path, _)| path)
        .filter(|path| path.extension().is_some_and(|end| end == "rs"))
        .collect()
}

#[test]
fn only_pulls_and_proofs_run_programs_and_only_pulls_open_connections() {
    let src = crate::common::root().join("src");
    let mut found = Vec::new();
    for path in sources(&src) {
        let name = path.strip_prefix(&src).unwrap().display().to_string();
        let text = fs::read_to_string(&path).unwrap();
        let does = [
            "process::Command",
            "Command::new(",
            "reqwest",
            "TcpStream",
            "UdpSocket",
            "UnixStream",
            "std::net",
            "tokio::net",
        ];
        // An address is parsed, and nobody is asked.
        let text = text.replace("std::net::IpAddr", "");
        found.extend(does.iter().filter(|word| text.contains(**word)).map(|word| format!("{name}: {word}")));
        if text.contains("process::{") {
            found.push(format!("{name}: process"));
        }
    }
    found.retain(|line| !line.starts_with("pull/") && !line.starts_with("pull.rs") && !line.starts_with("cli/pull"));
    // The solver, which only the caller can name.
    found.retain(|line| !line.starts_with("prove/solver.rs: "));
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn every_claim_of_the_threat_model_names_a_test_that_there_is() {
    let root = crate::common::root();
    let page = fs::read_to_string(root.join("docs/pull-requests.md")).unwrap();
    let claims = page.split("## What Tenure guarantees").nth(1).unwrap().split("\n## ").next().unwrap();
    let all: Vec<String> = ["tests", "src"]
        .iter()
        .flat_map(|folder| sources(&root.join(folder)))
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    let mut count = 0;
    for row in claims.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| claim")) {
        let tests: Vec<&str> = row.rsplit(" | ").next().unwrap().split('`').skip(1).step_by(2).collect();
        assert!(!tests.is_empty(), "no test: {row}");
        for test in tests {
            assert!(all.iter().any(|text| text.contains(&format!("fn {test}()"))), "there is no test {test}");
            count += 1;
        }
    }
    assert!(count > 12, "{count}");
}
