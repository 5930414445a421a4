//! Reading a snapshot: the typed form, or all of its problems at once.
//!
//! A well-formed document takes the fast way, straight into the types. Only where that fails is the document read again
//! as a tree, to skip fields of a later version or to name every problem with its JSON path.

mod check;
pub(super) mod lenient;
mod lines;
mod stream;
pub(crate) mod version;

pub(crate) use check::problems as problems_of;
pub(crate) use stream::{Block, are_sound_accounts, are_sound_people};
pub use stream::{Stream, Unstreamable};

use std::{collections::BTreeSet, path::Path};

use serde_json::Value;

pub use self::lenient::ReadSnapshot;
pub(crate) use self::lenient::kind;
use self::lenient::{LenientReader, SHOWN};
use super::{AccessRequest, Account, Organization, Person, Snapshot, Source, System};
use crate::{
    diagnostic::{Code, Diagnostic, SourceFile, nearest, words},
    files::{self, text},
    json::{KeyCase, check_keys},
};

/// The lists and fields of the document.
const KEYS: [&str; 8] =
    ["schema_version", "organization", "collected_at", "sources", "people", "systems", "accounts", "access_requests"];

/// The JSON tree of a file.
///
/// # Errors
/// One problem with the line and column at which the text stops being JSON, or with both places of a key that an object
/// gives twice.
pub(crate) fn json(name: &str, bytes: &[u8]) -> Result<Value, Diagnostic> {
    let text = text(name, bytes)?;
    let value = serde_json::from_str(text).map_err(|error| syntax(name, text, &error))?;
    check_keys(name, text, KeyCase::Sensitive)?;
    Ok(value)
}

pub(crate) fn syntax(name: &str, text: &str, error: &serde_json::Error) -> Diagnostic {
    if text.trim_start().starts_with('<') {
        let problem =
            Diagnostic::error(Code::NotJson, format!("`{name}` is a web page or XML, where JSON is expected"));
        return problem.in_file(name).help("fetch it again; a web page is often a sign-in");
    }
    let file = SourceFile::new(name, text);
    let line_start: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    let offset = floor_char_boundary(text, line_start + error.column().saturating_sub(1));
    let (reason, _) = words::plain(&error.to_string(), None);
    let problem = Diagnostic::error(Code::NotJson, format!("`{name}` is not JSON that can be read: {reason}"));
    // A snippet of a huge one-line file would show all of it.
    let line_length = text.get(line_start..).map_or(0, |rest| rest.find('\n').unwrap_or(rest.len()));
    if line_length > 400 {
        problem.in_file(format!("{name}:{}:{}", error.line(), error.column()))
    } else {
        problem.at(&file, offset..offset)
    }
}

fn floor_char_boundary(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

/// Reads a snapshot from a file, or from a directory as [`super::directory`] writes it.
///
/// # Errors
/// That it cannot be read, or everything that is wrong with it, as [`document`] says.
pub fn file(path: &Path) -> Result<ReadSnapshot, Vec<Diagnostic>> {
    let name = path.display().to_string();
    if path.is_dir() {
        let mut read = super::directory::read(path)?;
        let problems = if version::upgrade(&mut read.snapshot) {
            check::problems(&read.snapshot)
        } else {
            vec![version::another_version(&format!("\"{}\"", read.snapshot.schema_version))]
        };
        return if problems.is_empty() { Ok(read) } else { Err(first_of(problems, &name)) };
    }
    let bytes = files::read_file(path).map_err(|problem| vec![problem])?;
    document(&name, &bytes)
}

/// Reads a snapshot out of the bytes of a file of this name, without the fields that it skipped.
///
/// # Errors
/// As for [`document`].
pub fn snapshot(name: &str, bytes: &[u8]) -> Result<Snapshot, Vec<Diagnostic>> {
    document(name, bytes).map(|read| read.snapshot)
}

/// Reads a snapshot out of the bytes of a file of this name.
///
/// # Errors
/// Every problem of the document: of its form with JSON paths, or else of its content (ids given twice, references to
/// nowhere, facts neither given nor listed as unknown).
pub fn document(name: &str, bytes: &[u8]) -> Result<ReadSnapshot, Vec<Diagnostic>> {
    let digest = super::write::digest(bytes);
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let (mut snapshot, unknown_fields) = match serde_json::from_slice::<Snapshot>(bytes) {
        Ok(snapshot) => (snapshot, BTreeSet::new()),
        Err(error) => {
            let tree = json(name, bytes).map_err(|problem| vec![problem])?;
            let read = lenient(tree).map_err(|problems| first_of(problems, name))?;
            // What only the first reading refused is no added field.
            if read.1.is_empty() {
                let problem = Diagnostic::error(Code::SnapshotForm, words::plain(&error.to_string(), None).0);
                return Err(vec![problem.in_file(name)]);
            }
            read
        }
    };
    let problems = if version::upgrade(&mut snapshot) {
        check::problems(&snapshot)
    } else {
        vec![version::another_version(&format!("\"{}\"", snapshot.schema_version))]
    };
    if problems.is_empty() {
        Ok(ReadSnapshot { snapshot, digest, unknown_fields })
    } else {
        Err(first_of(problems, name))
    }
}

/// The first few problems of a file, and how many more there are.
fn first_of(mut problems: Vec<Diagnostic>, name: &str) -> Vec<Diagnostic> {
    let more = problems.len().saturating_sub(SHOWN);
    problems.truncate(SHOWN);
    if more > 0 {
        problems.push(Diagnostic::error(Code::MoreProblems, format!("and {more} more problems of this file")));
    }
    problems.into_iter().map(|problem| problem.in_file(name)).collect()
}

/// Reads a document field by field and record by record. Skips fields that this release does not know: a release that
/// adds a field which limits evidence gives the format a new major version.
///
/// # Errors
/// Every problem of the document's form.
fn lenient(tree: Value) -> Result<(Snapshot, BTreeSet<String>), Vec<Diagnostic>> {
    let Value::Object(mut fields) = tree else {
        return Err(vec![
            Diagnostic::error(
                Code::SnapshotForm,
                "a snapshot is a JSON object; this file holds something else".to_owned(),
            )
            .help("make a snapshot with `tenure import`"),
        ]);
    };
    let mut reader = LenientReader::default();
    let schema_version = match fields.get("schema_version") {
        Some(Value::String(version)) if version::reading(version).is_some() => version.clone(),
        Some(version) => return Err(vec![version::another_version(&version.to_string())]),
        None => {
            let help = "is this a snapshot? raw pages of an HRIS become one with `tenure import`";
            reader.problems.push(Diagnostic::error(Code::SnapshotForm, "`$.schema_version` is missing").help(help));
            String::new()
        }
    };
    let unknown: Vec<String> = fields.keys().filter(|key| !KEYS.contains(&key.as_str())).cloned().collect();
    let mut take = |key: &str, problems: &mut Vec<Diagnostic>| {
        let value = fields.remove(key);
        if value.is_none() {
            let problem = Diagnostic::error(Code::SnapshotForm, format!("`$.{key}` is missing"));
            let near = nearest(key, unknown.iter().map(String::as_str));
            problems.push(match near {
                Some(near) => problem.help(format!("did you mean `{near}`?")),
                None => problem,
            });
        }
        value
    };
    let organization = take("organization", &mut reader.problems);
    let organization = reader.record::<Organization>("organization", organization);
    let collected_at = take("collected_at", &mut reader.problems);
    let collected_at = reader.record::<InstantField>("collected_at", collected_at);
    let sources = take("sources", &mut reader.problems);
    let sources = reader.list::<Source>("sources", sources);
    let people = take("people", &mut reader.problems);
    let people = reader.list::<Person>("people", people);
    let systems = take("systems", &mut reader.problems);
    let systems = reader.list::<System>("systems", systems);
    let accounts = take("accounts", &mut reader.problems);
    let accounts = reader.list::<Account>("accounts", accounts);
    let access_requests = take("access_requests", &mut reader.problems);
    let access_requests = reader.list::<AccessRequest>("access_requests", access_requests);
    let LenientReader { problems, mut unknown_fields } = reader;
    unknown_fields.extend(unknown);
    match (organization, collected_at, problems.is_empty()) {
        (Some(organization), Some(collected_at), true) => {
            let snapshot = Snapshot {
                schema_version,
                organization,
                collected_at,
                sources,
                people,
                systems,
                accounts,
                access_requests,
            };
            Ok((snapshot, unknown_fields))
        }
        _ => Err(problems),
    }
}

/// A lone instant, so that it is reported like a record.
type InstantField = jiff::Timestamp;

#[cfg(test)]
mod tests;
