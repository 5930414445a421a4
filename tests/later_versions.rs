//! Files that a later version wrote: added fields are skipped and named, whatever object they are added to.

#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::{Value, json};
use tenure::{
    evidence::Manifest,
    ingest::raw_archive,
    model::{Snapshot, directory, read},
    report,
};

/// Objects whose keys are ids or names, not fields.
const MAPS: [&str; 8] =
    ["unknown", "supplied", "pages", "failed_collections", "doubts", "records", "basis", "incomplete"];

/// The paths of all objects that have fields, each path once whatever list element it leads through.
fn objects(value: &Value) -> Vec<(String, String)> {
    fn walk(value: &Value, pointer: &str, path: &str, found: &mut Vec<(String, String)>) {
        match value {
            Value::Object(fields) => {
                if !found.iter().any(|(_, known)| known == path) {
                    found.push((pointer.to_owned(), path.to_owned()));
                }
                // In a report, facts are a list.
                let is_map = |key: &str, value: &Value| MAPS.contains(&key) || (key == "facts" && value.is_object());
                for (key, value) in fields.iter().filter(|(key, value)| !is_map(key, value)) {
                    let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                    walk(value, &format!("{pointer}/{key}"), &path, found);
                }
            }
            Value::Array(list) => {
                for (index, value) in list.iter().enumerate() {
                    walk(value, &format!("{pointer}/{index}"), &format!("{path}[]"), found);
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk(value, "", "", &mut found);
    found
}

/// Adds a field to each object of a document in turn, and gives what `read` makes of it: how it reads, and the fields
/// that it skips.
fn assert_skipped<T: std::fmt::Debug>(document: &Value, levels: usize, read: impl Fn(&Value) -> (T, BTreeSet<String>)) {
    let (as_before, none) = read(document);
    assert_eq!(none, BTreeSet::new());
    let objects = objects(document);
    assert!(objects.len() >= levels, "{objects:?}");
    for (pointer, path) in objects {
        let mut later = document.clone();
        later.pointer_mut(&pointer).unwrap()["added_later"] = json!({ "deep": [1] });
        let (value, skipped) = read(&later);
        // Facts cannot be compared.
        assert!(format!("{value:?}") == format!("{as_before:?}"), "{pointer}: {value:#?}");
        let name = if path.is_empty() { "added_later".to_owned() } else { format!("{path}.added_later") };
        assert_eq!(skipped, BTreeSet::from([name]), "{pointer}");
    }
}

fn with_version(document: &Value, version: &str) -> Value {
    let mut document = document.clone();
    document["schema_version"] = json!(version);
    document
}

/// A snapshot with a value in every field.
fn snapshot() -> Value {
    let text = fs::read(common::root().join("fixtures/acme/snapshot.json")).unwrap();
    let mut snapshot: Value = serde_json::from_slice(&text).unwrap();
    let collection = &mut snapshot["sources"][0]["collections"][0];
    collection["rejected"] = json!([{ "record": "r", "reason": "x" }]);
    let (source, name) =
        (snapshot["sources"][0]["id"].clone(), snapshot["sources"][0]["collections"][0]["name"].clone());
    snapshot["systems"][0]["further"] = json!([{ "source": source, "collection": name }]);
    snapshot["accounts"][0]["hints"] = json!({ "external_id": "x" });
    assert!(snapshot["access_requests"][0].is_object());
    snapshot
}

fn read_snapshot(document: &Value) -> (Snapshot, BTreeSet<String>) {
    let read =
        read::document("s.json", document.to_string().as_bytes()).unwrap_or_else(|problems| panic!("{problems:#?}"));
    (read.snapshot, read.unknown_fields)
}

#[test]
fn added_fields_of_a_snapshot() {
    let document = snapshot();
    for version in ["2", "2.3"] {
        assert_skipped(&with_version(&document, version), 11, read_snapshot);
    }
}

#[test]
fn many_added_fields_of_one_record() {
    let mut later = snapshot();
    let row = later["people"][0]["job_roles"][0].clone();
    let rows: Vec<Value> = (0..80)
        .map(|index| {
            let mut row = row.clone();
            row["id"] = json!(format!("j{index}"));
            (row["added_later"], row["also_later"]) = (json!(1), json!(2));
            row
        })
        .collect();
    later["people"][0]["job_roles"] = json!(rows);
    let (_, skipped) = read_snapshot(&later);
    assert_eq!(skipped.len(), 2, "{skipped:?}");
}

#[test]
fn an_added_fact_that_is_unknown() {
    let mut later = snapshot();
    later["people"][0]["unknown"]["added_fact"] = json!("not given");
    read_snapshot(&later);
}

#[test]
fn added_fields_do_not_hide_what_is_wrong() {
    let mut later = snapshot();
    later["added_later"] = json!(1);
    later["people"][0]["added_later"] = json!(1);
    later["people"][0]["status"] = json!("gone");
    let problems = read::document("s.json", later.to_string().as_bytes()).unwrap_err();
    assert_eq!(problems.len(), 1, "{problems:#?}");
    assert!(problems[0].message.contains("`$.people[0].status`"), "{problems:#?}");
    let text = snapshot().to_string().replacen("\"people\":", "\"x\":{\"a\":1,\"a\":2},\"people\":", 1);
    assert_eq!(read::document("s.json", text.as_bytes()).unwrap_err()[0].code, tenure::diagnostic::Code::DuplicateKey);
}

#[test]
fn added_fields_of_a_snapshot_in_a_directory() {
    let document = snapshot();
    let read = |later: &Value| {
        let folder = tempfile::tempdir().unwrap();
        write_directory(folder.path(), later);
        let read = read::file(folder.path()).unwrap_or_else(|problems| panic!("{problems:#?}"));
        (read.snapshot, read.unknown_fields)
    };
    assert_skipped(&document, 11, read);
    // The files of records are described by objects too.
    let folder = tempfile::tempdir().unwrap();
    write_directory(folder.path(), &document);
    let index: Value = serde_json::from_slice(&fs::read(folder.path().join("snapshot.json")).unwrap()).unwrap();
    let mut later = index.clone();
    later["people"]["added_later"] = json!(1);
    fs::write(folder.path().join("snapshot.json"), later.to_string()).unwrap();
    let read = read::file(folder.path()).unwrap();
    assert_eq!(read.unknown_fields, BTreeSet::from(["people.added_later".to_owned()]));
}

/// Writes a snapshot as a directory, with fields that this version does not know.
fn write_directory(folder: &Path, document: &Value) {
    let (plain, _) = read_snapshot(document);
    directory::write(&plain, folder).unwrap();
    let path = folder.join("snapshot.json");
    let mut index: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    for list in ["people", "accounts"] {
        let lines: Vec<String> = document[list].as_array().unwrap().iter().map(Value::to_string).collect();
        let text = lines.join("\n") + "\n";
        fs::write(folder.join(index[list]["file"].as_str().unwrap()), &text).unwrap();
        index[list]["digest"] = json!(tenure::model::write::digest(text.as_bytes()));
    }
    for (key, value) in
        document.as_object().unwrap().iter().filter(|(key, _)| !["people", "accounts"].contains(&key.as_str()))
    {
        index[key] = value.clone();
    }
    fs::write(path, index.to_string()).unwrap();
}

#[test]
fn added_fields_of_a_report() {
    let folder = common::acme();
    common::run(
        folder.path(),
        &["check", "snapshot.json", "--policies", "policies", "--all", "--format", "json", "-o", "report.json"],
    );
    let mut document: Value = serde_json::from_slice(&fs::read(folder.path().join("report.json")).unwrap()).unwrap();
    document["run"]["waiver_limits"] = json!({ "max_days": 30 });
    let read = |later: &Value| {
        let read =
            report::read::report(later.to_string().as_bytes()).unwrap_or_else(|problems| panic!("{problems:#?}"));
        let mut report = read.report;
        report.schema_version.clear();
        (report, read.unknown_fields)
    };
    for version in ["1", "1.4"] {
        assert_skipped(&with_version(&document, version), 12, read);
    }
    assert!(report::read::report(with_version(&document, "2").to_string().as_bytes()).is_err());
}

#[test]
fn added_fields_of_a_manifest_of_evidence() {
    let folder = common::acme();
    let check = ["check", "snapshot.json", "--policies", "policies", "--quiet", "--evidence", "evidence"];
    common::run(folder.path(), &check);
    let bytes = fs::read(folder.path().join("evidence/manifest.json")).unwrap();
    let mut document: Value = serde_json::from_slice(&bytes).unwrap();
    document["waiver_limits"] = json!({ "max_days": 30 });
    let read = |later: &Value| {
        let (mut manifest, skipped) =
            Manifest::read(later.to_string().as_bytes()).unwrap_or_else(|problems| panic!("{problems:#?}"));
        manifest.schema_version.clear();
        (manifest, skipped)
    };
    for version in ["1", "1.4"] {
        assert_skipped(&with_version(&document, version), 5, read);
    }
    assert!(Manifest::read(with_version(&document, "2").to_string().as_bytes()).is_err());
}

#[test]
fn added_fields_of_kept_pages() {
    let document = json!({
        "schema_version": "2",
        "collected_at": "2026-11-20T09:00:00Z",
        "sources": [{
            "id": "a", "format": "scim", "system": "a", "endpoint": "e", "pulled_at": "2026-11-20T09:00:00Z", "path": "a",
            "staff": true, "accounts": true, "statements": { "complete": true, "reason": "r" }, "doubts": {}, "pages": {}
        }]
    });
    let folder = tempfile::tempdir().unwrap();
    let describe = |later: &Value| {
        fs::write(folder.path().join("pull.json"), later.to_string()).unwrap();
        raw_archive::describe(folder.path())
    };
    let read = |later: &Value| {
        let (mut kept, warning) = describe(later).unwrap_or_else(|problems| panic!("{problems:#?}"));
        kept.schema_version.clear();
        let message = warning.map(|warning| warning.message).unwrap_or_default();
        (kept, message.split('`').skip(1).step_by(2).map(str::to_owned).collect())
    };
    for version in ["1", "2", "2.1"] {
        assert_skipped(&with_version(&document, version), 3, read);
    }
    for version in ["3", "0", "x"] {
        assert!(describe(&with_version(&document, version)).is_err(), "{version}");
    }
}
