//! Writing a snapshot: canonical bytes, digests, and never half a file.

use std::{
    io::{self, BufWriter, Write},
    path::Path,
};

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::Snapshot;
use crate::files::pending::PendingFile;

/// `sha256:` and the hexadecimal digest of these bytes.
#[must_use]
pub fn digest(bytes: &[u8]) -> String {
    named_digest(Sha256::new_with_prefix(bytes))
}

/// `sha256:` and the hexadecimal digest of what was hashed.
pub(crate) fn named_digest(hash: Sha256) -> String {
    let mut text = String::from("sha256:");
    for byte in hash.finalize() {
        text.push_str(&format!("{byte:02x}"));
    }
    text
}

/// The canonical JSON of a snapshot.
///
/// # Errors
/// Only where memory for the text cannot be had.
pub fn to_json(snapshot: &Snapshot) -> serde_json::Result<Vec<u8>> {
    let mut out = Vec::new();
    write_json(snapshot, &mut out)?;
    Ok(out)
}

/// Writes the canonical JSON of a snapshot: keys in the order of the types, records by id, one record a line, so that
/// two snapshots of the same facts are the same bytes and a text diff shows the records that changed.
///
/// # Errors
/// Those of the writer.
pub fn write_json(snapshot: &Snapshot, mut out: impl Write) -> serde_json::Result<()> {
    let snapshot = &*snapshot.in_order();
    let out = &mut out;
    text(out, "{\n")?;
    field(out, "schema_version", &snapshot.schema_version)?;
    field(out, "organization", &snapshot.organization)?;
    field(out, "collected_at", &snapshot.collected_at)?;
    records(out, "sources", &snapshot.sources, ",\n")?;
    records(out, "people", &snapshot.people, ",\n")?;
    records(out, "systems", &snapshot.systems, ",\n")?;
    records(out, "accounts", &snapshot.accounts, ",\n")?;
    records(out, "access_requests", &snapshot.access_requests, "\n")?;
    text(out, "}\n")
}

fn text(out: &mut impl Write, text: &str) -> serde_json::Result<()> {
    out.write_all(text.as_bytes()).map_err(serde_json::Error::io)
}

fn field<T: Serialize>(out: &mut impl Write, name: &str, value: &T) -> serde_json::Result<()> {
    text(out, &format!("  \"{name}\": "))?;
    serde_json::to_writer(&mut *out, value)?;
    text(out, ",\n")
}

fn records<T: Serialize>(out: &mut impl Write, name: &str, records: &[T], end: &str) -> serde_json::Result<()> {
    text(out, &format!("  \"{name}\": ["))?;
    for (index, record) in records.iter().enumerate() {
        text(out, if index == 0 { "\n    " } else { ",\n    " })?;
        serde_json::to_writer(&mut *out, record)?;
    }
    text(out, if records.is_empty() { "]" } else { "\n  ]" })?;
    text(out, end)
}

/// Writes a file whole or not at all: to a temporary file beside it, which is then renamed. The file is readable by
/// its owner only, since it holds personal data. A symbolic link is replaced, and what it leads to stays; a link to a
/// device or a pipe is followed.
///
/// # Errors
/// Those of the file system; the old file is then untouched.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_atomically_with(path, |out| out.write_all(bytes))
}

/// The same, of what is written piece by piece.
///
/// # Errors
/// Those of the file system and of what writes; the old file is then untouched.
pub fn write_atomically_with(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    // A device or a pipe is written to; renaming would put a file in its place.
    if let Ok(there) = std::fs::metadata(path)
        && !there.is_file()
    {
        if there.is_dir() {
            return Err(io::Error::other("it is a directory; name a file, or end the name with `/`"));
        }
        let mut out = BufWriter::new(std::fs::OpenOptions::new().write(true).open(path)?);
        write(&mut out)?;
        return out.flush();
    }
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut out = BufWriter::with_capacity(1 << 18, PendingFile::new_in(folder)?);
    write(&mut out)?;
    let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.sync()?;
    file.persist(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::faults;

    #[test]
    fn a_digest_names_its_algorithm() {
        assert_eq!(digest(b""), "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }

    #[test]
    fn a_file_is_replaced_whole_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        write_atomically(&path, b"one").unwrap();
        write_atomically(&path, b"two").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(write_atomically(&folder.path().join("none/a.json"), b"x").is_err());
        assert!(write_atomically(folder.path(), b"x").is_err());
    }

    #[test]
    fn each_fault_leaves_the_old_file_or_the_new_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        let (old, new) = (vec![1; 1 << 20], vec![2; 1 << 20]);
        let work = || {
            std::fs::write(&path, &old).unwrap();
            write_atomically(&path, &new).is_ok()
        };
        let operations = faults::each(work, |is_done, was_killed| {
            assert!(std::fs::read(&path).unwrap() == *if is_done { &new } else { &old });
            let names = std::fs::read_dir(folder.path()).unwrap().count();
            assert!(was_killed || names == 1, "a temporary file is left");
            for entry in std::fs::read_dir(folder.path()).unwrap().flatten().filter(|entry| entry.path() != path) {
                std::fs::remove_file(entry.path()).unwrap();
            }
        });
        assert!(operations >= 4, "{operations}");
    }

    #[cfg(unix)]
    #[test]
    fn a_device_is_written_to_and_stays_one() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("nowhere");
        std::os::unix::fs::symlink("/dev/null", &link).unwrap();
        write_atomically(&link, b"x").unwrap();
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
    }
}
