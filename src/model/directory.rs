//! A snapshot as a directory, for large organisations: the same records, one a line, in files of their own.
//!
//! `snapshot.json` holds everything but people and accounts, and says which files hold those and what their digests
//! are. The files are named by their digests and `snapshot.json` is written last, so that what was there before stays
//! whole until the moment at which the new snapshot is.

use std::{
    collections::BTreeSet,
    fs,
    io::{self, BufWriter, Write},
    path::{Component, Path},
};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    AccessRequest, Account, Organization, Person, Snapshot, Source, System,
    read::lenient::{LenientReader, ReadSnapshot},
    time, write,
};
use crate::{
    diagnostic::{Code, Diagnostic},
    files::{self, pending::PendingFile},
    json::{KeyCase, check_keys},
};

/// The file of a directory that says what is in it.
pub const INDEX: &str = "snapshot.json";

/// What `snapshot.json` of a directory holds.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Index {
    /// Version of this format, the same as a snapshot's.
    pub schema_version: String,
    /// Whose facts these are.
    pub organization: Organization,
    /// The instant that the snapshot speaks of; the default for "as of".
    #[schemars(schema_with = "time::instant_schema")]
    pub collected_at: Timestamp,
    /// Where the records came from, how much of it, and how complete.
    pub sources: Vec<Source>,
    /// Where staff are listed.
    pub people: Records,
    /// Systems whose accounts are listed.
    pub systems: Vec<System>,
    /// Where the logins in those systems are listed.
    pub accounts: Records,
    /// Requests for access.
    pub access_requests: Vec<AccessRequest>,
}

/// A file of records, one a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Records {
    /// Its name, in the same directory.
    pub file: String,
    /// How many records it holds.
    pub records: usize,
    /// Digest of its bytes: `sha256:` and 64 hexadecimal digits.
    pub digest: String,
}

impl Index {
    /// The snapshot without its people and accounts.
    #[must_use]
    pub fn head(&self) -> Snapshot {
        Snapshot {
            schema_version: self.schema_version.clone(),
            organization: self.organization.clone(),
            collected_at: self.collected_at,
            sources: self.sources.clone(),
            people: Vec::new(),
            systems: self.systems.clone(),
            accounts: Vec::new(),
            access_requests: self.access_requests.clone(),
        }
    }
}

/// A name that is nothing but one: no path leads out of the directory.
pub(crate) fn plain_name(name: &str) -> Option<&str> {
    let mut components = Path::new(name).components();
    let first = components.next();
    (matches!(first, Some(Component::Normal(_))) && components.next().is_none()).then_some(name)
}

/// Reads `snapshot.json` of a directory.
pub(super) fn index(folder: &Path) -> Result<ReadIndex, Diagnostic> {
    let path = folder.join(INDEX);
    if !path.exists() {
        let name = folder.display().to_string();
        let message = format!("`{name}` is a directory, and no snapshot: there is no `{INDEX}` in it");
        let help = "name a file, or a directory that `tenure import -o DIR/` wrote";
        return Err(Diagnostic::error(Code::NotAFile, message).in_file(name).help(help));
    }
    let bytes = files::read_file(&path)?;
    let name = path.display().to_string();
    check_bytes(&name, &bytes)?;
    let mut unknown_fields = BTreeSet::new();
    let index = parse::<Index>(&bytes, "", &mut unknown_fields).map_err(|reason| {
        let message = format!("`{name}` does not say what the directory holds: {reason}");
        Diagnostic::error(Code::SnapshotForm, message)
            .in_file(&name)
            .help("make the snapshot anew with `tenure import`")
    })?;
    Ok(ReadIndex { index, digest: write::digest(&bytes), unknown_fields })
}

/// `snapshot.json` of a directory, read.
pub(super) struct ReadIndex {
    pub(super) index: Index,
    /// Digest of its bytes.
    pub(super) digest: String,
    /// Fields that this version of Tenure does not know, by their paths.
    pub(super) unknown_fields: BTreeSet<String>,
}

/// Reads one value, and skips fields that this release does not know. `path` is where it stands in a snapshot.
///
/// # Errors
/// Why it cannot be read.
fn parse<T: serde::de::DeserializeOwned>(
    bytes: &[u8],
    path: &str,
    unknown_fields: &mut BTreeSet<String>,
) -> Result<T, String> {
    let error = match serde_json::from_slice(bytes) {
        Ok(read) => return Ok(read),
        Err(error) => error,
    };
    let reason = || crate::diagnostic::words::plain(&error.to_string(), None).0;
    let tree = serde_json::from_slice(bytes).map_err(|_| reason())?;
    let mut reader = LenientReader::default();
    match reader.record(path, Some(tree)) {
        Some(read) if !reader.unknown_fields.is_empty() => {
            unknown_fields.append(&mut reader.unknown_fields);
            Ok(read)
        }
        _ => Err(reader.first_problem().map_or_else(reason, |problem| problem.message)),
    }
}

/// Reads a snapshot of a directory whole. Its digest is that of `snapshot.json`, which holds those of the other files.
///
/// # Errors
/// What is wrong with its form; the content is checked elsewhere.
pub(super) fn read(folder: &Path) -> Result<ReadSnapshot, Vec<Diagnostic>> {
    let ReadIndex { index, digest, mut unknown_fields } = index(folder).map_err(|problem| vec![problem])?;
    let mut problems = Vec::new();
    let people: Vec<Person> = records(folder, (&index.people, "people[]"), &mut unknown_fields, &mut problems);
    let accounts: Vec<Account> = records(folder, (&index.accounts, "accounts[]"), &mut unknown_fields, &mut problems);
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(ReadSnapshot { snapshot: Snapshot { people, accounts, ..index.head() }, digest, unknown_fields })
}

/// Refuses an object that gives one key twice. What is not text is not JSON either, and is refused elsewhere.
fn check_bytes(name: &str, bytes: &[u8]) -> Result<(), Diagnostic> {
    std::str::from_utf8(bytes).map_or(Ok(()), |text| check_keys(name, text, KeyCase::Sensitive))
}

/// Problems shown of one file; a damaged one has thousands of the same kind.
const SHOWN: usize = 50;

fn records<T: serde::de::DeserializeOwned>(
    folder: &Path,
    (of, list): (&Records, &str),
    unknown_fields: &mut BTreeSet<String>,
    problems: &mut Vec<Diagnostic>,
) -> Vec<T> {
    let place = folder.join(INDEX).display().to_string();
    let Some(name) = plain_name(&of.file) else {
        let message = format!("`{}` is not the name of a file beside `{place}`", of.file);
        problems.push(Diagnostic::error(Code::SnapshotForm, message).in_file(place));
        return Vec::new();
    };
    let path = folder.join(name);
    let bytes = match files::read_file(&path) {
        Ok(bytes) => bytes,
        Err(problem) => {
            problems.push(problem);
            return Vec::new();
        }
    };
    let shown = path.display().to_string();
    if write::digest(&bytes) != of.digest {
        let message = format!("`{shown}` does not match its digest in `{place}`");
        let help = "it was changed, or not copied whole; create the snapshot again with `tenure import`";
        problems.push(Diagnostic::error(Code::SnapshotDigest, message).in_file(shown).help(help));
        return Vec::new();
    }
    problems.extend(check_bytes(&shown, &bytes).err());
    let mut records = Vec::new();
    for (index, line) in bytes.split(|byte| *byte == b'\n').enumerate().filter(|(_, line)| !line.is_empty()) {
        match parse(line, list, unknown_fields) {
            Ok(record) => records.push(record),
            Err(reason) if problems.len() < SHOWN => {
                let message = format!("line {} is not a record: {reason}", index + 1);
                problems.push(Diagnostic::error(Code::SnapshotForm, message).in_file(format!("{shown}:{}", index + 1)));
            }
            Err(_) => {}
        }
    }
    if problems.is_empty() && records.len() != of.records {
        let message = format!("`{shown}` holds {} records, and `{place}` speaks of {}", records.len(), of.records);
        problems.push(Diagnostic::error(Code::SnapshotForm, message).in_file(shown));
    }
    records
}

/// Writes a snapshot as a directory. Files that an earlier snapshot left there and the new one does not use are removed
/// at the end.
///
/// # Errors
/// Those of the file system; what was there before is then untouched.
pub fn write(snapshot: &Snapshot, folder: &Path) -> io::Result<()> {
    let snapshot = &*snapshot.in_order();
    // Only the directory itself is made: a folder above that is missing is likely a mistake.
    if !folder.is_dir() {
        files::make_private_folder(folder)?;
    }
    let people = write_records(folder, "people", &snapshot.people)?;
    let accounts = write_records(folder, "accounts", &snapshot.accounts)?;
    let used = [people.file.clone(), accounts.file.clone()];
    let index = Index {
        schema_version: snapshot.schema_version.clone(),
        organization: snapshot.organization.clone(),
        collected_at: snapshot.collected_at,
        sources: snapshot.sources.clone(),
        people,
        systems: snapshot.systems.clone(),
        accounts,
        access_requests: snapshot.access_requests.clone(),
    };
    let mut bytes = serde_json::to_vec_pretty(&index)?;
    bytes.push(b'\n');
    write::write_atomically(&folder.join(INDEX), &bytes)?;
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let Some(name) = name.to_str().filter(|name| is_of_records(name) && !used.iter().any(|one| one == name)) else {
            continue;
        };
        files::faults::step()?;
        fs::remove_file(folder.join(name))?;
    }
    Ok(())
}

/// Whether a name is one that this module gives to a file of records.
fn is_of_records(name: &str) -> bool {
    let middle = name.strip_suffix(".ndjson");
    let middle = middle.and_then(|name| name.strip_prefix("people-").or_else(|| name.strip_prefix("accounts-")));
    middle.is_some_and(|hex| hex.len() == 16 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn write_records<T: Serialize>(folder: &Path, what: &str, records: &[T]) -> io::Result<Records> {
    let mut out = BufWriter::with_capacity(1 << 18, PendingFile::new_in(folder)?);
    let mut digest = Sha256::new();
    let mut line = Vec::new();
    for record in records {
        line.clear();
        serde_json::to_writer(&mut line, record)?;
        line.push(b'\n');
        digest.update(&line);
        out.write_all(&line)?;
    }
    let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.sync()?;
    let digest = write::named_digest(digest);
    let hex: String = digest.chars().skip("sha256:".len()).take(16).collect();
    let name = format!("{what}-{hex}.ndjson");
    file.persist(&folder.join(&name))?;
    Ok(Records { file: name, records: records.len(), digest })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::faults;

    #[test]
    fn each_fault_leaves_the_old_snapshot_or_the_new_one() {
        let read = |text: &str| super::super::read::snapshot("example", text.as_bytes()).unwrap();
        let new = read(crate::bundle::shipped::EXAMPLE_SNAPSHOT);
        let mut old = new.clone();
        let first = old.people.first().map(|person| person.id.clone());
        old.people.retain(|person| Some(&person.id) != first.as_ref());
        let (old, new) = (old.in_order().into_owned(), new.in_order().into_owned());
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("snapshot");
        let work = || {
            if folder.is_dir() {
                fs::remove_dir_all(&folder).unwrap();
            }
            write_without_faults(&old, &folder);
            write(&new, &folder).is_ok()
        };
        let operations = faults::each(work, |is_done, _| {
            let found = super::read(&folder).unwrap().snapshot;
            assert!(found == new || (!is_done && found == old));
        });
        assert!(operations > 8, "{operations}");
    }

    /// Faults are of this thread.
    fn write_without_faults(snapshot: &Snapshot, folder: &Path) {
        std::thread::scope(|scope| scope.spawn(|| write(snapshot, folder).unwrap()).join().unwrap());
    }
}
