//! Where a snapshot is written: a file or a directory, as its name asks.

use std::{io, path::Path};

use super::{
    Snapshot, directory,
    write::{write_atomically_with, write_json},
};

/// Writes a snapshot: as a directory where the path ends with `/`, or else as one file.
///
/// # Errors
/// Those of the file system; what was there before is then untouched.
pub fn write_snapshot(snapshot: &Snapshot, path: &Path) -> io::Result<()> {
    if names_directory(path) {
        directory::write(snapshot, path)
    } else {
        write_atomically_with(path, |out| Ok(write_json(snapshot, out)?))
    }
}

/// Whether a path ends as that of a directory.
#[must_use]
pub fn names_directory(path: &Path) -> bool {
    path.as_os_str().as_encoded_bytes().last().is_some_and(|last| std::path::is_separator(char::from(*last)))
}
