//! Snapshots that are judged while they are read: the report is the same as that of the whole, to the byte; and whatever
//! is odd about a snapshot is left to the reader of the whole, which says what.

#![cfg(feature = "cli")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may panic"
)]

mod common;
#[path = "semantics/generate.rs"]
mod generate;
#[path = "../benches/synthetic/mod.rs"]
mod synthetic;

use std::{
    fs,
    path::Path,
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use common::{root, run, stderr, stdout};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use tenure::{
    bundle::Bundle,
    diagnostic::SourceFile,
    engine::{
        self,
        answer::{Options, Retention},
        cedar::entities::CedarEntities,
        stream::Streamed,
    },
    model::{
        Fact, Snapshot, directory,
        read::{self, Stream},
        store, write,
    },
    report::{self, Contents, LazyReport},
};

fn noteworthy() -> Options {
    Options { keep: Retention::Reportable, ..Options::default() }
}

fn report(evaluation: &engine::Evaluation<'_>) -> String {
    let draft = LazyReport::new(evaluation, "sha256:0", Contents::Reportable);
    let mut out = Vec::new();
    report::json::write(&report::View::new(&draft.head, &draft), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// The report of a snapshot that is judged as a whole.
fn of_the_whole(snapshot: &Snapshot, bundle: &Bundle) -> String {
    report(&engine::evaluate(snapshot, bundle, &Options::default()).unwrap())
}

/// The report and the digest of a snapshot that is judged while it is read; none where that cannot be.
fn of_the_stream(path: &Path, bundle: &Bundle) -> Option<(String, String)> {
    let head = OnceLock::new();
    match engine::stream::evaluate(Stream::open(path).ok()?, &head, bundle, &noteworthy()).unwrap() {
        Streamed::Evaluated(evaluation, digest) => {
            assert!(CedarEntities::of(&evaluation, None).is_err(), "not all entities are there any more");
            Some((report(&evaluation), digest))
        }
        Streamed::Unstreamable => None,
    }
}

/// Acme with all that goes wrong there, and an invented organisation of several blocks.
fn organizations() -> Vec<(Snapshot, Bundle)> {
    let acme = fs::read(root().join("fixtures/acme/snapshot.json")).unwrap();
    let acme = read::snapshot("acme", &acme).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let mut large = synthetic::organization(6_000, 7);
    // What nobody knows has to come out the same.
    for person in large.people.iter_mut().step_by(97) {
        person.status = Fact::Unknown;
        person.unknown.insert("status".to_owned(), format!("of {} it is not known", person.id));
    }
    for account in large.accounts.iter_mut().step_by(89) {
        account.levels = Fact::Unknown;
        account.unknown.insert("levels".to_owned(), "not listed".to_owned());
    }
    // Systems that give no levels have one finding each, which is known only when all accounts have been read.
    let mut without_levels = synthetic::organization(3_000, 8);
    for account in &mut without_levels.accounts {
        account.levels = Fact::Unknown;
        account.unknown.insert("levels".to_owned(), "not listed".to_owned());
    }
    let mut silent = Bundle::shipped().unwrap();
    silent.systems.values_mut().for_each(|system| system.levels = None);
    vec![(acme, Bundle::shipped().unwrap()), (large, Bundle::shipped().unwrap()), (without_levels, silent)]
}

#[test]
fn what_is_judged_while_it_is_read_is_judged_as_the_whole() {
    for (snapshot, bundle) in organizations() {
        let folder = tempfile::tempdir().unwrap();
        let (document, split) = (folder.path().join("snapshot.json"), folder.path().join("split"));
        store::write_snapshot(&snapshot, &document).unwrap();
        directory::write(&snapshot, &split).unwrap();
        let expected = of_the_whole(&snapshot, &bundle);
        assert!(expected.contains("\"outcome\": \"unknown\"") && expected.contains("\"outcome\": \"fail\""));
        for path in [&document, &split] {
            let (streamed, digest) = of_the_stream(path, &bundle).unwrap();
            assert!(streamed == expected, "{} is judged differently", path.display());
            let whole = read::file(path).unwrap();
            assert_eq!(digest, whole.digest);
            assert_eq!(serde_json::to_value(&whole.snapshot).unwrap(), serde_json::to_value(&snapshot).unwrap());
        }
        assert_eq!(write::digest(&fs::read(&document).unwrap()), of_the_stream(&document, &bundle).unwrap().1);
    }
}

/// One line of a snapshot, changed.
fn damaged(text: &str, change: impl Fn(&mut Vec<String>)) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    change(&mut lines);
    lines.join("\n") + "\n"
}

#[test]
fn what_is_not_as_tenure_writes_it_is_left_to_the_reader_of_the_whole() {
    let bundle = Bundle::shipped().unwrap();
    let text = String::from_utf8(write::to_json(&synthetic::organization(50, 3)).unwrap()).unwrap();
    let people = text.lines().position(|line| line == "  \"people\": [").unwrap();
    let accounts = text.lines().position(|line| line == "  \"accounts\": [").unwrap();
    let minified: serde_json::Value = serde_json::from_str(&text).unwrap();
    let cases: Vec<(&str, String)> = vec![
        ("on one line", minified.to_string()),
        ("people out of order", damaged(&text, |lines| lines.swap(people + 1, people + 2))),
        ("a person twice", damaged(&text, |lines| lines.insert(people + 1, lines[people + 1].clone()))),
        ("accounts out of order", damaged(&text, |lines| lines.swap(accounts + 1, accounts + 2))),
        (
            "a comma missing",
            damaged(&text, |lines| lines[accounts + 2] = lines[accounts + 2].trim_end_matches(',').into()),
        ),
        ("a comma too many", damaged(&text, |lines| lines[accounts + 50].push(','))),
        ("an unknown key", text.replacen("\"status\"", "\"state\"", 1)),
        (
            "a system that there is not",
            damaged(&text, |lines| {
                lines[accounts + 1] = lines[accounts + 1].replacen("\"system\":\"github\"", "\"system\":\"gone\"", 1);
            }),
        ),
        ("another version", text.replacen("\"schema_version\": \"2\"", "\"schema_version\": \"3\"", 1)),
        ("something at the end", format!("{text}x")),
        ("cut off", text.chars().take(text.len() / 2).collect()),
        ("a byte order mark", format!("\u{feff}{text}")),
    ];
    for (what, text) in cases {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("snapshot.json");
        fs::write(&path, &text).unwrap();
        assert!(of_the_stream(&path, &bundle).is_none(), "{what}: judged while it is read");
        // As the reader of the whole takes it, or refuses it, so does the command.
        let output = run(folder.path(), &["check", "snapshot.json", "--format", "json"]);
        match read::snapshot("snapshot.json", text.as_bytes()) {
            Ok(snapshot) => {
                let report: report::Report = serde_json::from_slice(&output.stdout).unwrap();
                assert_eq!(report.run.snapshot, write::digest(text.as_bytes()), "{what}");
                let findings: report::Report = serde_json::from_str(&of_the_whole(&snapshot, &bundle)).unwrap();
                assert_eq!(report.findings, findings.findings, "{what}");
            }
            Err(_) => assert_eq!(output.status.code(), Some(2), "{what}: {}", stdout(&output)),
        }
    }
}

#[test]
fn a_directory_is_written_checked_and_replaced_whole() {
    let folder = tempfile::tempdir().unwrap();
    let humaans = root().join("fixtures/acme/humaans");
    let import = |output: &str| {
        run(
            folder.path(),
            &[
                "import",
                "humaans",
                humaans.to_str().unwrap(),
                "-o",
                output,
                "--organization-name",
                "Acme",
                "--collected-at",
                "2026-11-20T09:00:00Z",
            ],
        )
    };
    let check = |path: &str| stdout(&run(folder.path(), &["check", path, "--format", "json"]));
    for output in ["one.json", "many/", "many/"] {
        let written = import(output);
        assert_eq!(written.status.code(), Some(0), "{}", stderr(&written));
    }
    let names = || {
        let entries = fs::read_dir(folder.path().join("many")).unwrap();
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    assert_eq!(names().len(), 3, "{:?}", names());
    let without_digest = |report: String| {
        let mut report: serde_json::Value = serde_json::from_str(&report).unwrap();
        report["run"]["snapshot"].take();
        report
    };
    assert_eq!(without_digest(check("many")), without_digest(check("one.json")));

    // A snapshot that nobody can put its name to is not judged.
    let people = names().into_iter().find(|name| name.starts_with("people-")).unwrap();
    let path = folder.path().join("many").join(people);
    let changed = fs::read_to_string(&path).unwrap().replacen("active", "offboarded", 1);
    fs::write(&path, changed).unwrap();
    let refused = run(folder.path(), &["check", "many"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(stderr(&refused).contains("snapshot-digest"), "{}", stderr(&refused));

    // The next one takes its place, and nothing of the old one stays.
    assert_eq!(import("many/").status.code(), Some(0));
    assert_eq!(names().len(), 3);
    assert_eq!(without_digest(check("many")), without_digest(check("one.json")));
    assert_eq!(import("many").status.code(), Some(2), "a directory is named with `/`");
}

/// Random rules, some of which tell everybody apart or name accounts, over organisations whose accounts come in several
/// blocks: what is judged while it is read is judged as the whole.
#[test]
fn any_rules_say_the_same_while_a_snapshot_is_read() {
    let organizations = (generate::several_people(3..12), generate::alike_accounts());
    let organizations = organizations.prop_map(|(people, accounts)| {
        let mut snapshot = generate::snapshot(&people, &accounts);
        for account in &mut snapshot.accounts {
            // Nobody's id; a few accounts fill a block with it.
            account.hints.external_id = Some("x".repeat(90_000));
        }
        snapshot
    });
    let cases = (generate::rules(), generate::further(), prop::collection::vec(organizations, 4));
    let config = Config { cases: 40, max_shrink_iters: 64, failure_persistence: None, ..Config::default() };
    let streamed = AtomicUsize::new(0);
    let held = TestRunner::new(config).run(&cases, |(rules, (fragment, further), snapshots)| {
        let rules = rules.iter().enumerate().map(|(id, rule)| rule.write(id));
        let bundle = generate::loaded(&fragment, &rules.chain(further).collect::<Vec<_>>());
        for snapshot in &snapshots {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("snapshot.json");
            store::write_snapshot(snapshot, &path).unwrap();
            if let Some((report, _)) = of_the_stream(&path, &bundle) {
                streamed.fetch_add(1, Ordering::Relaxed);
                prop_assert_eq!(report, of_the_whole(snapshot, &bundle));
            }
        }
        Ok(())
    });
    held.unwrap_or_else(|failure| panic!("{failure}"));
    assert!(streamed.into_inner() > 40, "hardly any could be judged while it was read");
}

/// A rule that makes it impossible to say which people are alike puts its answers behind those about accounts.
#[test]
fn accounts_are_kept_whoever_else_something_is_said_of() {
    let rules = [
        "@id(\"p\") permit (principal, action == Action::\"person-check\", resource)\nwhen { Person::\"p0\".inScope && \
         principal has jobTitle };\n",
        "@id(\"a\") permit (principal, action == Action::\"account-check\", resource)\nwhen { principal.status == \
         AccountStatus::\"suspended\" };\n",
    ];
    let bundle = generate::loaded("", &rules.map(str::to_owned));
    let mut snapshot = synthetic::organization(60, 3);
    snapshot.people[0].id = "p0".to_owned();
    snapshot.people.sort_by(|a, b| a.id.cmp(&b.id));
    snapshot.people.iter_mut().step_by(2).for_each(|person| person.job_roles = Fact::Empty);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("snapshot.json");
    store::write_snapshot(&snapshot, &path).unwrap();
    let (report, _) = of_the_stream(&path, &bundle).unwrap();
    assert!(report.contains("\"check\": \"account-check\"") && report.contains("\"check\": \"person-check\""));
    assert!(report == of_the_whole(&snapshot, &bundle));
}

/// Where rules about people alone look at accounts, these have to be there.
#[test]
fn rules_that_name_accounts_are_asked_once_accounts_are_there() {
    let schema = SourceFile::new(
        "checks.cedarschema",
        "@title(\"p\") @severity(\"low\") action \"p\" appliesTo { principal: Person, resource: Organization, context: \
         Evaluation };",
    );
    let rules = "@id(\"one\") permit (principal, action, resource);\n@id(\"two\") forbid (principal, action, resource)\n\
                 when { Account::\"git/a1\" has owner && Account::\"git/a1\".owner == principal };\n";
    let bundle = Bundle::load(vec![schema, SourceFile::new("rules.cedar", rules)]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("snapshot.json");
    store::write_snapshot(&synthetic::organization(20, 3), &path).unwrap();
    assert!(of_the_stream(&path, &bundle).is_none());
}

/// Wherever a block ends, a comma after the last record is none of JSON's.
#[test]
fn a_comma_too_many_is_refused_wherever_a_block_ends() {
    let bundle = Bundle::shipped().unwrap();
    let mut snapshot = synthetic::organization(12, 3);
    snapshot.people.iter_mut().for_each(|person| person.name = Fact::Known("x".repeat(40_000)));
    let fill = |name: usize, comma: &str| {
        let mut snapshot = snapshot.clone();
        snapshot.people[0].name = Fact::Known("x".repeat(name));
        let text = String::from_utf8(write::to_json(&snapshot).unwrap()).unwrap();
        let end = text.find("\n  ],\n  \"systems\"").unwrap();
        // Where the list ends, counted from where the blocks are.
        (text.len(), end + 1, format!("{}{comma}{}", &text[..end], &text[end..]))
    };
    let (_, end, _) = fill(0, "");
    for (comma, is_streamed) in [("", true), (",", false)] {
        for shift in 0..3 {
            let (_, at, text) = fill((1 << 19) - end + shift - 1, comma);
            assert_eq!(at, (1 << 19) + shift - 1);
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("snapshot.json");
            fs::write(&path, &text).unwrap();
            assert_eq!(of_the_stream(&path, &bundle).is_some(), is_streamed, "{comma}{shift}");
            assert_eq!(read::snapshot("s", text.as_bytes()).is_ok(), is_streamed);
        }
    }
}
