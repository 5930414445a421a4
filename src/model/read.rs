//! Reading a snapshot: the typed form, or all of its problems at once.
//!
//! A well-formed document takes the fast way, straight into the types. Only where that fails is the document read again
//! as a tree, to name every problem with its JSON path.

mod check;
mod lines;
mod stream;

pub(crate) use check::problems as problems_of;
pub(crate) use stream::{Block, are_sound_accounts, are_sound_people};
pub use stream::{Stream, Unstreamable};

use std::path::Path;

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::Segment;

use super::{AccessRequest, Account, Organization, Person, Snapshot, Source, System, snapshot::SCHEMA_VERSION};
use crate::{
    diagnostic::{Diagnostic, SourceFile, suggest, words},
    files::{self, text},
    json::{KeyCase, check_keys},
};

/// The lists and fields of the document.
const KEYS: [&str; 8] =
    ["schema_version", "organization", "collected_at", "sources", "people", "systems", "accounts", "access_requests"];

/// Problems shown in full; a damaged file has thousands of the same kind.
const SHOWN: usize = 50;

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
        let problem = Diagnostic::error("not-json", format!("`{name}` is a web page or XML, where JSON is expected"));
        return problem.in_file(name).help("fetch it again; a web page is often a sign-in");
    }
    let file = SourceFile::new(name, text);
    let line_start: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    let offset = floor_char_boundary(text, line_start + error.column().saturating_sub(1));
    let (reason, _) = words::plain(&error.to_string(), None);
    let problem = Diagnostic::error("not-json", format!("`{name}` is not JSON that can be read: {reason}"));
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

/// Reads a snapshot from a file, or from a directory as [`super::directory`] writes it; with its digest.
///
/// # Errors
/// That it cannot be read, or everything that is wrong with it, as [`snapshot`] says.
pub fn file(path: &Path) -> Result<(Snapshot, String), Vec<Diagnostic>> {
    let name = path.display().to_string();
    if path.is_dir() {
        let (snapshot, digest) = super::directory::read(path)?;
        let problems = if snapshot.schema_version == SCHEMA_VERSION {
            check::problems(&snapshot)
        } else {
            vec![another_version(&format!("\"{}\"", snapshot.schema_version))]
        };
        return if problems.is_empty() { Ok((snapshot, digest)) } else { Err(first_of(problems, &name)) };
    }
    let bytes = files::read_file(path).map_err(|problem| vec![problem])?;
    Ok((snapshot(&name, &bytes)?, super::write::digest(&bytes)))
}

/// Reads a snapshot out of the bytes of a file of this name.
///
/// # Errors
/// Every problem of the document: of its form with JSON paths, or else of its content (ids given twice, references to
/// nowhere, facts neither given nor listed as unknown).
pub fn snapshot(name: &str, bytes: &[u8]) -> Result<Snapshot, Vec<Diagnostic>> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let read = serde_json::from_slice::<Snapshot>(bytes);
    let problems = match read {
        Ok(snapshot) if snapshot.schema_version == SCHEMA_VERSION => {
            let problems = check::problems(&snapshot);
            if problems.is_empty() {
                return Ok(snapshot);
            }
            problems
        }
        Ok(_) => form(json(name, bytes).map_err(|problem| vec![problem])?),
        Err(error) => {
            let problems = form(json(name, bytes).map_err(|problem| vec![problem])?);
            // A tree cannot hold a key twice, so there it is no problem any more.
            if problems.is_empty() {
                vec![Diagnostic::error("snapshot-form", words::plain(&error.to_string(), None).0)]
            } else {
                problems
            }
        }
    };
    Err(first_of(problems, name))
}

/// The first few problems of a file, and how many more there are.
fn first_of(mut problems: Vec<Diagnostic>, name: &str) -> Vec<Diagnostic> {
    let more = problems.len().saturating_sub(SHOWN);
    problems.truncate(SHOWN);
    if more > 0 {
        problems.push(Diagnostic::error("more-problems", format!("and {more} more problems of this file")));
    }
    problems.into_iter().map(|problem| problem.in_file(name)).collect()
}

/// `found` is the version as it stands in the file.
fn another_version(found: &str) -> Diagnostic {
    let message = format!("`$.schema_version` is {found}; this version of tenure reads \"{SCHEMA_VERSION}\"");
    Diagnostic::error("snapshot-version", message)
        .help("make the snapshot anew with `tenure import`, or use the version of tenure that wrote it")
}

/// Every problem of the document's form.
fn form(tree: Value) -> Vec<Diagnostic> {
    let Value::Object(mut fields) = tree else {
        return vec![
            Diagnostic::error(
                "snapshot-form",
                "a snapshot is a JSON object; this file holds something else".to_owned(),
            )
            .help("make a snapshot with `tenure import`"),
        ];
    };
    let mut problems = Vec::new();
    match fields.get("schema_version") {
        Some(Value::String(version)) if version == SCHEMA_VERSION => {}
        Some(version) => return vec![another_version(&version.to_string())],
        None => {
            let help = "is this a snapshot? raw pages of an HRIS become one with `tenure import`";
            problems.push(Diagnostic::error("snapshot-form", "`$.schema_version` is missing").help(help));
        }
    }
    for key in fields.keys().filter(|key| !KEYS.contains(&key.as_str())) {
        let problem = Diagnostic::error("snapshot-form", format!("`$.{key}` is not a key of a snapshot"));
        problems.push(problem.help(suggest(key, KEYS)));
    }
    let mut take = |key: &str, problems: &mut Vec<Diagnostic>| {
        let value = fields.remove(key);
        if value.is_none() {
            problems.push(Diagnostic::error("snapshot-form", format!("`$.{key}` is missing")));
        }
        value
    };
    one::<Organization>("$.organization", take("organization", &mut problems), &mut problems);
    one::<InstantField>("$.collected_at", take("collected_at", &mut problems), &mut problems);
    list::<Source>("sources", take("sources", &mut problems), &mut problems);
    list::<Person>("people", take("people", &mut problems), &mut problems);
    list::<System>("systems", take("systems", &mut problems), &mut problems);
    list::<Account>("accounts", take("accounts", &mut problems), &mut problems);
    list::<AccessRequest>("access_requests", take("access_requests", &mut problems), &mut problems);
    problems
}

/// A lone instant, so that it is reported like a record.
type InstantField = jiff::Timestamp;

fn list<T: DeserializeOwned>(key: &str, value: Option<Value>, problems: &mut Vec<Diagnostic>) {
    match value {
        None => {}
        Some(Value::Array(records)) => {
            for (index, record) in records.into_iter().enumerate() {
                one::<T>(&format!("$.{key}[{index}]"), Some(record), problems);
            }
        }
        Some(other) => problems
            .push(Diagnostic::error("snapshot-form", format!("`$.{key}` is {}; a list is expected", kind(&other)))),
    }
}

/// Reads one record; after each problem the offending value is put out of the way and the record read again, so that
/// all of its problems are found.
fn one<T: DeserializeOwned>(path: &str, value: Option<Value>, problems: &mut Vec<Diagnostic>) {
    let Some(mut value) = value else { return };
    let record = value.get("id").and_then(Value::as_str).map(|id| format!(" (`{id}`)")).unwrap_or_default();
    let mut last: Option<String> = None;
    for _ in 0..SHOWN {
        let Err(error) = serde_path_to_error::deserialize::<_, T>(&value) else { return };
        let segments: Vec<Segment> = error.path().iter().cloned().collect();
        let reason = error.inner().to_string();
        let at = written(path, &segments);
        // What was put out of the way is not missed.
        if Some(&at) == last.as_ref() {
            return;
        }
        let (text, help) = words::plain(&reason, value_at(&value, &segments).and_then(Value::as_str));
        let problem = Diagnostic::error("snapshot-form", format!("`{at}`{record}: {text}"));
        problems.push(match help {
            Some(help) => problem.help(help),
            None => problem,
        });
        last = Some(at);
        if !neutralise(&mut value, &segments, &reason) {
            return;
        }
    }
}

/// The value at a path, where there is one.
fn value_at<'v>(value: &'v Value, segments: &[Segment]) -> Option<&'v Value> {
    segments.iter().try_fold(value, |value, segment| match segment {
        Segment::Seq { index } => value.get(*index),
        Segment::Map { key } => value.get(key.as_str()),
        Segment::Enum { .. } | Segment::Unknown => None,
    })
}

fn written(path: &str, segments: &[Segment]) -> String {
    let mut text = path.to_owned();
    for segment in segments {
        match segment {
            Segment::Seq { index } => text.push_str(&format!("[{index}]")),
            Segment::Map { key } => text.push_str(&format!(".{key}")),
            Segment::Enum { variant } => text.push_str(&format!(".{variant}")),
            Segment::Unknown => {}
        }
    }
    text
}

/// Puts the value at this path out of the way; false where that is not possible.
fn neutralise(value: &mut Value, segments: &[Segment], reason: &str) -> bool {
    let Some((last, parents)) = segments.split_last() else { return false };
    let mut parent = value;
    for segment in parents {
        let next = match segment {
            Segment::Seq { index } => parent.get_mut(*index),
            Segment::Map { key } => parent.get_mut(key.as_str()),
            Segment::Enum { .. } | Segment::Unknown => None,
        };
        match next {
            Some(next) => parent = next,
            None => return false,
        }
    }
    match (last, parent) {
        (Segment::Map { key }, Value::Object(fields)) => {
            if reason.starts_with("unknown field") {
                return fields.remove(key).is_some();
            }
            // Facts may be null; where null does not help either, there is no going on.
            matches!(fields.insert(key.clone(), Value::Null), Some(old) if !old.is_null())
        }
        (Segment::Seq { index }, Value::Array(items)) if *index < items.len() => {
            items.remove(*index);
            true
        }
        _ => false,
    }
}

/// What a JSON value is, in words.
pub(crate) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests;
