//! Writing a snapshot: canonical bytes, digests, and never half a file.

use std::{
    io::{self, Write},
    path::Path,
};

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::Snapshot;

/// `sha256:` and the hexadecimal digest of these bytes.
#[must_use]
pub fn digest(bytes: &[u8]) -> String {
    let mut text = String::from("sha256:");
    for byte in Sha256::digest(bytes) {
        text.push_str(&format!("{byte:02x}"));
    }
    text
}

/// The canonical JSON of a snapshot: keys in the order of the types, records by id, one record a line, so that two
/// snapshots of the same facts are the same bytes and a text diff shows the records that changed.
///
/// # Errors
/// Only where memory for the text cannot be had.
pub fn to_json(snapshot: &Snapshot) -> serde_json::Result<Vec<u8>> {
    let mut snapshot = snapshot.clone();
    snapshot.sort();
    let mut out = Vec::new();
    out.extend_from_slice(b"{\n");
    field(&mut out, "schema_version", &snapshot.schema_version)?;
    field(&mut out, "organization", &snapshot.organization)?;
    field(&mut out, "collected_at", &snapshot.collected_at)?;
    records(&mut out, "sources", &snapshot.sources, ",\n")?;
    records(&mut out, "people", &snapshot.people, ",\n")?;
    records(&mut out, "systems", &snapshot.systems, ",\n")?;
    records(&mut out, "accounts", &snapshot.accounts, ",\n")?;
    records(&mut out, "access_requests", &snapshot.access_requests, "\n")?;
    out.extend_from_slice(b"}\n");
    Ok(out)
}

fn field<T: Serialize>(out: &mut Vec<u8>, name: &str, value: &T) -> serde_json::Result<()> {
    out.extend_from_slice(format!("  \"{name}\": ").as_bytes());
    serde_json::to_writer(&mut *out, value)?;
    out.extend_from_slice(b",\n");
    Ok(())
}

fn records<T: Serialize>(out: &mut Vec<u8>, name: &str, records: &[T], end: &str) -> serde_json::Result<()> {
    out.extend_from_slice(format!("  \"{name}\": [").as_bytes());
    for (index, record) in records.iter().enumerate() {
        out.extend_from_slice(if index == 0 { b"\n    " } else { b",\n    " });
        serde_json::to_writer(&mut *out, record)?;
    }
    out.extend_from_slice(if records.is_empty() { b"]" } else { b"\n  ]" });
    out.extend_from_slice(end.as_bytes());
    Ok(())
}

/// Writes a file whole or not at all: to a temporary file beside it, which is then renamed. The file is readable by
/// its owner only, since it holds personal data.
///
/// # Errors
/// Those of the file system; the old file is then untouched.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // A device or a pipe is written to; renaming would put a file in its place.
    if let Ok(there) = std::fs::metadata(path)
        && !there.is_file()
    {
        if there.is_dir() {
            return Err(io::Error::other("it is a directory; name a file"));
        }
        return std::fs::OpenOptions::new().write(true).open(path)?.write_all(bytes);
    }
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

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
