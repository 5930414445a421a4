//! Lists of entries in YAML documents.

use serde::de::DeserializeOwned;
use serde_yaml::Value;

use crate::{
    diagnostic::{Code, Diagnostic, Location},
    yaml::Document,
};

/// What makes a problem at a place of one of these documents.
pub(in crate::bundle) type At<'a> = &'a dyn Fn(&Location, Diagnostic) -> Diagnostic;

/// The entries of a list, each decoded on its own, so that one bad entry hides no other.
pub(super) fn entries<T: DeserializeOwned>(
    document: &Document,
    key: &str,
    problems: &mut Vec<Diagnostic>,
    mut take: impl FnMut(String, T, &mut Vec<Diagnostic>),
) {
    for (path, value) in items(document, key, problems) {
        match document.decode::<T>(&path, value) {
            Ok(entry) => take(path, entry, problems),
            Err(found) => problems.extend(found),
        }
    }
}

/// The items of a list with their paths.
pub(super) fn items<'a>(document: &'a Document, key: &str, problems: &mut Vec<Diagnostic>) -> Vec<(String, &'a Value)> {
    match document.get(key) {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Sequence(items)) => {
            items.iter().enumerate().map(|(index, value)| (format!("{key}[{index}]"), value)).collect()
        }
        Some(_) => {
            let message = format!("`{key}` is not a list");
            let problem = Diagnostic::error(Code::YamlForm, message).at(&document.file, document.span(key));
            problems.push(problem.help(format!("write one entry a line, each beginning with `- `, below `{key}:`")));
            Vec::new()
        }
    }
}
