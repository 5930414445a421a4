//! Versions of the snapshot format: which ones are read, and what an older one lacks.

use crate::{
    diagnostic::{Code, Diagnostic},
    format_version::numbers,
    model::{Basis, MayLack, Snapshot, snapshot::SCHEMA_VERSION},
};

/// The version before lists said on which basis they are complete.
const WITHOUT_BASIS: u32 = 1;

/// How this release reads a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    /// This release's major version.
    Current,
    /// Version 1, whose lists do not say on which basis they are complete.
    WithoutBasis,
}

/// How to read a version; `None` if it cannot be read.
pub(crate) fn reading(version: &str) -> Option<Reading> {
    let ((major, minor), (own_major, _)) = (numbers(version)?, numbers(SCHEMA_VERSION)?);
    match (major, minor) {
        (WITHOUT_BASIS, 0) => Some(Reading::WithoutBasis),
        _ => (major == own_major).then_some(Reading::Current),
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
    Diagnostic::error(Code::SnapshotVersion, message)
        .help("create the snapshot again with `tenure import`, or use the release of Tenure that wrote it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn majors_are_refused_and_later_minors_are_read() {
        for (version, expected) in [
            ("1", Some(Reading::WithoutBasis)),
            ("2", Some(Reading::Current)),
            ("2.0", Some(Reading::Current)),
            ("2.7", Some(Reading::Current)),
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
