//! Records read one by one: each problem with its place, and fields of later versions skipped by name.

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::Segment;

use crate::{
    diagnostic::{Code, Diagnostic, words},
    json::{general_path, skipped_fields},
    model::Snapshot,
};

/// Problems shown in full; a damaged file has thousands of the same kind.
pub(super) const SHOWN: usize = 50;

/// A snapshot that was read.
#[derive(Debug, Clone)]
pub struct ReadSnapshot {
    /// The snapshot.
    pub snapshot: Snapshot,
    /// Digest of its bytes; for a directory, that of its `snapshot.json`.
    pub digest: String,
    /// Fields that this version of Tenure does not know, by their paths.
    pub unknown_fields: BTreeSet<String>,
}

impl ReadSnapshot {
    /// A warning that names the fields that were skipped; `None` if there are none.
    #[must_use]
    pub fn warning(&self, file: &str) -> Option<Diagnostic> {
        skipped_fields(&self.unknown_fields, file, SKIPPED_HELP)
    }
}

/// What to do about skipped fields of a snapshot.
const SKIPPED_HELP: &str = "use the version of tenure that wrote the snapshot to read everything in it";

/// Reads records out of JSON trees, and notes their problems and the fields that it skips.
#[derive(Debug, Default)]
pub(in crate::model) struct LenientReader {
    pub(super) problems: Vec<Diagnostic>,
    /// Fields that this version of Tenure does not know, by their paths.
    pub(in crate::model) unknown_fields: BTreeSet<String>,
}

impl LenientReader {
    pub(super) fn list<T: DeserializeOwned>(&mut self, key: &str, value: Option<Value>) -> Vec<T> {
        match value {
            None => Vec::new(),
            Some(Value::Array(records)) => {
                let read = records.into_iter().enumerate();
                read.filter_map(|(index, record)| self.record(&format!("{key}[{index}]"), Some(record))).collect()
            }
            Some(other) => {
                let message = format!("`$.{key}` is {}; a list is expected", kind(&other));
                self.problems.push(Diagnostic::error(Code::SnapshotForm, message));
                Vec::new()
            }
        }
    }

    /// Reads one record. After each problem the offending value is put out of the way and the record read again, so
    /// that all of its problems are found; `None` if there is one.
    pub(in crate::model) fn record<T: DeserializeOwned>(&mut self, path: &str, value: Option<Value>) -> Option<T> {
        let mut value = value?;
        let record = value.get("id").and_then(Value::as_str).map(|id| format!(" (`{id}`)")).unwrap_or_default();
        let mut last: Option<String> = None;
        let mut found = 0;
        while found < SHOWN {
            let error = match serde_path_to_error::deserialize::<_, T>(&value) {
                Ok(read) => return (found == 0).then_some(read),
                Err(error) => error,
            };
            let segments: Vec<Segment> = error.path().iter().cloned().collect();
            let reason = error.inner().to_string();
            let at = written(path, &segments);
            if is_unknown_field(&reason) && neutralise(&mut value, &segments, &reason) {
                self.unknown_fields.insert(general_path(&at));
                continue;
            }
            found += 1;
            // What was put out of the way is not missed.
            if Some(&at) == last.as_ref() {
                return None;
            }
            let (text, help) = words::plain(&reason, value_at(&value, &segments).and_then(Value::as_str));
            let at = if at.is_empty() { "$".to_owned() } else { format!("$.{at}") };
            let problem = Diagnostic::error(Code::SnapshotForm, format!("`{at}`{record}: {text}"));
            self.problems.push(match help {
                Some(help) => problem.help(help),
                None => problem,
            });
            last = Some(written(path, &segments));
            if !neutralise(&mut value, &segments, &reason) {
                return None;
            }
        }
        None
    }

    /// The first problem that was found.
    pub(in crate::model) fn first_problem(self) -> Option<Diagnostic> {
        self.problems.into_iter().next()
    }
}

/// Whether serde refuses a field because the type does not have it.
fn is_unknown_field(reason: &str) -> bool {
    reason.starts_with("unknown field")
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
            Segment::Map { key } if text.is_empty() => text.push_str(key),
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
            if is_unknown_field(reason) {
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
