//! Versions of the snapshot format: which ones are read, and what an older one lacks.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{
    diagnostic::Diagnostic,
    model::{Basis, MayLack, Snapshot, snapshot::SCHEMA_VERSION},
};

/// The version before lists said on which basis they are complete.
const WITHOUT_BASIS: u32 = 1;

/// How this release reads a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    /// Every field is known.
    Exact,
    /// A later minor version: fields that this release does not know are passed over.
    LaterMinor,
    /// Version 1, whose lists do not say on which basis they are complete.
    WithoutBasis,
}

/// How to read a version; `None` if it cannot be read.
pub(crate) fn reading(version: &str) -> Option<Reading> {
    let ((major, minor), (own_major, own_minor)) = (numbers(version)?, numbers(SCHEMA_VERSION)?);
    match (major, minor) {
        (WITHOUT_BASIS, 0) => Some(Reading::WithoutBasis),
        _ if major != own_major => None,
        _ if minor > own_minor => Some(Reading::LaterMinor),
        _ => Some(Reading::Exact),
    }
}

/// `2` → 2 and 0; `2.1` → 2 and 1.
fn numbers(version: &str) -> Option<(u32, u32)> {
    let number = |text: &str| {
        let is_plain = text == "0" || (!text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit()));
        text.parse().ok().filter(|_| is_plain)
    };
    match version.split_once('.') {
        None => Some((number(version)?, 0)),
        Some((major, minor)) => Some((number(major)?, number(minor)?)),
    }
}

/// Brings a snapshot that was read to this release's version; false if its version cannot be read.
#[must_use]
pub(crate) fn upgrade(snapshot: &mut Snapshot) -> bool {
    let Some(reading) = reading(&snapshot.schema_version) else { return false };
    if reading == Reading::WithoutBasis {
        // That release also accepted lists that end at a page limit, so its word proves nothing.
        for collection in snapshot.sources.iter_mut().flat_map(|source| &mut source.collections) {
            collection.basis = collection.complete.then_some(Basis::Assumed);
            collection.stated_reason = None;
            collection.may_lack = MayLack::Anyone;
        }
    }
    SCHEMA_VERSION.clone_into(&mut snapshot.schema_version);
    true
}

/// `found` is the version as it stands in the file.
pub(crate) fn another_version(found: &str) -> Diagnostic {
    let message = format!("`$.schema_version` is {found}; this release of Tenure reads \"1\" and \"{SCHEMA_VERSION}\"");
    Diagnostic::error("snapshot-version", message)
        .help("create the snapshot again with `tenure import`, or use the release of Tenure that wrote it")
}

/// Fields of one record that a later minor version may have added.
const ADDED: usize = 100;

/// Reads a record of a later minor version: fields that this release does not know are passed over.
pub(crate) fn lenient<T: DeserializeOwned>(value: &mut Value) -> Result<T, serde_json::Error> {
    for _ in 0..ADDED {
        let error = match serde_path_to_error::deserialize::<_, T>(&*value) {
            Ok(read) => return Ok(read),
            Err(error) => error,
        };
        let segments: Vec<_> = error.path().iter().cloned().collect();
        let reason = error.inner().to_string();
        let is_unknown = reason.starts_with("unknown field");
        if !is_unknown || !super::neutralise(value, &segments, &reason) {
            return Err(error.into_inner());
        }
    }
    T::deserialize(&*value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn majors_are_refused_and_later_minors_are_read() {
        for (version, expected) in [
            ("1", Some(Reading::WithoutBasis)),
            ("2", Some(Reading::Exact)),
            ("2.0", Some(Reading::Exact)),
            ("2.7", Some(Reading::LaterMinor)),
            ("1.1", None),
            ("3", None),
            ("0", None),
            ("02", None),
            ("2.", None),
            ("+2", None),
            ("two", None),
        ] {
            assert_eq!(reading(version), expected, "{version}");
        }
    }
}
