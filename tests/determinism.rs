//! Same facts, same policies, same day: the same bytes, whatever the order of the records or the number of threads.

#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod common;

use std::fs;

use proptest::{prelude::*, sample::Index};
use serde_json::Value;
use tenure::{
    bundle::Bundle,
    engine::{self, answer::Options},
    files::RawFile,
    ingest::{Format, SourceIdentity, accounts_csv, assemble},
    model::{Organization, Snapshot, Zone, read, write},
    report::{self, Contents},
};

fn raw_files() -> Vec<RawFile> {
    let folder = common::root().join("fixtures/acme/humaans");
    let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    let file =
        |path: &std::path::PathBuf| RawFile::new(path.file_name().unwrap().to_string_lossy(), fs::read(path).unwrap());
    names.iter().map(file).collect()
}

fn shuffle<T>(items: &mut [T], swaps: &[Index]) {
    let length = items.len();
    if length > 1 {
        for (at, swap) in swaps.iter().enumerate() {
            items.swap(at % length, swap.index(length));
        }
    }
}

/// The records of every page, and the pages themselves, in another order.
fn shuffled(swaps: &[Index]) -> Vec<RawFile> {
    let mut files = raw_files();
    for file in &mut files {
        let mut page: Value = serde_json::from_slice(&file.bytes).unwrap();
        let records = match &mut page {
            Value::Array(records) => Some(records),
            Value::Object(envelope) => envelope.get_mut("data").and_then(Value::as_array_mut),
            _ => None,
        };
        if let Some(records) = records {
            shuffle(records, swaps);
        }
        file.bytes = page.to_string().into_bytes();
    }
    shuffle(&mut files, swaps);
    files
}

fn import(files: &[RawFile], rows: &str) -> Vec<u8> {
    let identity = |id: &str| SourceIdentity {
        id: id.to_owned(),
        system: id.to_owned(),
        endpoint: id.to_owned(),
        pulled_at: "2026-11-20T09:00:00Z".parse().unwrap(),
        levels: Vec::new(),
        statements: Default::default(),
        zone: tenure::model::Zone::utc(),
    };
    let github = RawFile::new("github.csv", rows);
    let sources = vec![
        Format::Humaans.normalize(&identity("humaans"), files).unwrap(),
        accounts_csv::normalize(&identity("github"), &github).unwrap(),
    ];
    let organization =
        Organization { id: "acme".into(), name: "Acme".into(), time_zone: Zone::new("Europe/London").unwrap() };
    let assembled = assemble(organization, "2026-11-20T09:00:00Z".parse().unwrap(), &[], sources).unwrap();
    write::to_json(&assembled.snapshot).unwrap()
}

fn judge(snapshot: &Snapshot, bundle: &Bundle, digest: &str, threads: usize) -> Vec<u8> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let evaluation = pool.install(|| engine::evaluate(snapshot, bundle, &Options::default())).unwrap();
    let mut out = Vec::new();
    report::json::write(&report::View::of(&report::build(&evaluation, digest, Contents::All)), &mut out).unwrap();
    out
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_records_and_the_number_of_threads_change_nothing(swaps in prop::collection::vec(any::<Index>(), 60)) {
        let text = fs::read_to_string(common::root().join("fixtures/acme/github.csv")).unwrap();
        let (header, rows) = text.split_once('\n').unwrap();
        let bundle = Bundle::shipped().unwrap();
        let straight = import(&raw_files(), &text);
        let mut lines: Vec<&str> = rows.lines().collect();
        shuffle(&mut lines, &swaps);
        let crooked = import(&shuffled(&swaps), &format!("{header}\n{}\n", lines.join("\n")));
        prop_assert!(straight == crooked, "the snapshot depends on the order of raw records");

        let mut snapshot = read::snapshot("straight", &straight).unwrap();
        let digest = write::digest(&straight);
        let expected = judge(&snapshot, &bundle, &digest, 1);
        shuffle(&mut snapshot.people, &swaps);
        shuffle(&mut snapshot.accounts, &swaps);
        shuffle(&mut snapshot.sources, &swaps);
        shuffle(&mut snapshot.systems, &swaps);
        for threads in [1, 2, 8] {
            prop_assert!(judge(&snapshot, &bundle, &digest, threads) == expected, "the report depends on order or threads");
        }
    }
}

#[test]
fn the_binary_writes_the_same_bytes_with_any_number_of_threads() {
    let run = |threads: &str| {
        common::stdout(&common::run(&common::root(), &["check", "--example", "--format", "json", "--threads", threads]))
    };
    let one = run("1");
    assert!(one.len() > 10_000);
    assert_eq!(one, run("2"));
    assert_eq!(one, run("8"));
}
