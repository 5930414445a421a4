//! Snapshots that are judged while they are read: the report is the same as that of the whole, to the byte; and whatever
//! is odd about a snapshot is left to the reader of the whole, which says what.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod common;
#[path = "../benches/synthetic/mod.rs"]
mod synthetic;

use std::{fs, path::Path, sync::OnceLock};

use common::{root, run, stderr, stdout};
use tenure::{
    bundle::Bundle,
    engine::{self, Keep, Options, stream::Streamed},
    model::{
        Fact, Snapshot, directory,
        read::{self, Stream},
        write,
    },
    report::{self, Contents, Draft},
};

fn noteworthy() -> Options {
    Options { keep: Keep::Noteworthy, ..Options::default() }
}

fn report(evaluation: &engine::Evaluation<'_>) -> String {
    let draft = Draft::new(evaluation, "sha256:0", Contents::Noteworthy);
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
        Streamed::Evaluated(evaluation, digest) => Some((report(&evaluation), digest)),
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
    vec![(acme, Bundle::shipped().unwrap()), (large, Bundle::shipped().unwrap())]
}

#[test]
fn what_is_judged_while_it_is_read_is_judged_as_the_whole() {
    for (snapshot, bundle) in organizations() {
        let folder = tempfile::tempdir().unwrap();
        let (document, split) = (folder.path().join("snapshot.json"), folder.path().join("split"));
        write::write_snapshot(&snapshot, &document).unwrap();
        directory::write(&snapshot, &split).unwrap();
        let expected = of_the_whole(&snapshot, &bundle);
        assert!(expected.contains("\"outcome\": \"unknown\"") && expected.contains("\"outcome\": \"fail\""));
        for path in [&document, &split] {
            let (streamed, digest) = of_the_stream(path, &bundle).unwrap();
            assert!(streamed == expected, "{} is judged differently", path.display());
            let (whole, of_the_whole) = read::file(path).unwrap();
            assert_eq!(digest, of_the_whole);
            assert_eq!(whole, snapshot);
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
        ("another version", text.replacen("\"schema_version\": \"1\"", "\"schema_version\": \"0\"", 1)),
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
