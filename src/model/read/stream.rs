//! A snapshot read piece by piece, so that its people and accounts need not all be there at a time.
//!
//! This is for snapshots as Tenure writes them: one record a line, in the order of their ids. Whatever else a snapshot
//! may look like, and whatever is wrong with it, is left to [`super::snapshot`], which reads it whole and says why.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
    path::Path,
};

use memchr::memmem;
use serde::{Deserialize, de::DeserializeOwned};

use super::{check::Check, lines::Lines, version};
use crate::model::{
    AccessRequest, Account, Person, Snapshot, System,
    directory::{self, Index},
};

/// Why a snapshot cannot be read piece by piece: it does not look as Tenure writes it, or something is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unstreamable;

impl From<std::io::Error> for Unstreamable {
    fn from(_: std::io::Error) -> Self {
        Unstreamable
    }
}

impl From<std::str::Utf8Error> for Unstreamable {
    fn from(_: std::str::Utf8Error) -> Self {
        Unstreamable
    }
}

impl From<serde_json::Error> for Unstreamable {
    fn from(_: serde_json::Error) -> Self {
        Unstreamable
    }
}

/// A snapshot under way.
pub struct Stream {
    head: Snapshot,
    form: Form,
}

enum Form {
    Document(Document),
    Directory(Box<Directory>),
}

/// One file with everything.
struct Document {
    lines: Lines<File>,
    /// What comes after the accounts, which is needed before them.
    tail: Vec<u8>,
    /// Whether a list is being read.
    is_in_list: bool,
}

/// A directory with a file for the people and one for the accounts.
struct Directory {
    index: Index,
    digest: String,
    people: Lines<File>,
    accounts: Lines<File>,
}

/// Some records of one list, as text.
pub(crate) struct Block {
    text: Vec<u8>,
    /// Whether records are parted by commas; and whether the last one here is the last of all.
    commas: Option<bool>,
}

impl Block {
    /// The records; each has to be one line.
    pub(crate) fn records<T: DeserializeOwned>(&self) -> Result<Vec<T>, Unstreamable> {
        // Looked at once as a whole, so that no text in it has to be again.
        let text = std::str::from_utf8(&self.text)?;
        let ends = memchr::memchr_iter(b'\n', &self.text).chain([text.len()]);
        let mut begin = 0;
        let mut lines = ends
            .filter_map(|end| text.get(std::mem::replace(&mut begin, end + 1)..end))
            .filter(|line| !line.is_empty())
            .peekable();
        let mut records = Vec::new();
        while let Some(line) = lines.next() {
            let record = match (self.commas, line.strip_suffix(',')) {
                (None, _) => line,
                (Some(true), without) if lines.peek().is_none() => match without {
                    Some(_) => return Err(Unstreamable),
                    None => line,
                },
                (Some(_), without) => without.ok_or(Unstreamable)?,
            };
            records.push(serde_json::from_str(record)?);
        }
        Ok(records)
    }
}

/// What comes after the people.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Systems {
    systems: Vec<System>,
}

/// What comes after the accounts.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Requests {
    access_requests: Vec<AccessRequest>,
}

/// The line with which the list of requests begins.
const REQUESTS: &[u8] = b"\n  \"access_requests\": [";

impl Stream {
    /// Opens a snapshot: a file, or a directory.
    ///
    /// # Errors
    /// That it has to be read whole.
    pub fn open(path: &Path) -> Result<Self, Unstreamable> {
        if path.is_dir() {
            return Stream::directory(path);
        }
        // Of a pipe nothing could be read a second time, so it is not even opened.
        if !std::fs::metadata(path)?.is_file() {
            return Err(Unstreamable);
        }
        let mut file = File::open(path)?;
        let tail = tail(&mut file)?;
        file.seek(SeekFrom::Start(0))?;
        let mut lines = Lines::new(file);
        let mut text = Vec::new();
        let is_in_list = loop {
            let line = lines.line()?.ok_or(Unstreamable)?;
            match &*line {
                b"  \"people\": [\n" => break true,
                b"  \"people\": [],\n" => break false,
                _ => text.extend_from_slice(&line),
            }
            if text.len() > 1 << 26 {
                return Err(Unstreamable);
            }
        };
        text.extend_from_slice(br#""people":[],"systems":[],"accounts":[],"access_requests":[]}"#);
        let mut head: Snapshot = serde_json::from_slice(&text)?;
        let requests: Requests = serde_json::from_slice(&[b"{", &*tail].concat())?;
        head.access_requests = requests.access_requests;
        let form = Form::Document(Document { lines, tail, is_in_list });
        Stream { head, form }.with_version()
    }

    fn directory(path: &Path) -> Result<Self, Unstreamable> {
        let read = directory::index(path).map_err(|_| Unstreamable)?;
        // The whole snapshot is read to name the fields that are skipped.
        if !read.unknown_fields.is_empty() {
            return Err(Unstreamable);
        }
        let (index, digest) = (read.index, read.digest);
        let lines = |name: &str| -> Result<Lines<File>, Unstreamable> {
            Ok(Lines::new(File::open(path.join(directory::plain_name(name).ok_or(Unstreamable)?))?))
        };
        let (people, accounts) = (lines(&index.people.file)?, lines(&index.accounts.file)?);
        let head = index.head();
        let form = Form::Directory(Box::new(Directory { index, digest, people, accounts }));
        Stream { head, form }.with_version()
    }

    fn with_version(mut self) -> Result<Self, Unstreamable> {
        if version::upgrade(&mut self.head) { Ok(self) } else { Err(Unstreamable) }
    }

    /// The snapshot without its people and accounts. The systems of a document are there once its people were read.
    #[must_use]
    pub fn head(&self) -> &Snapshot {
        &self.head
    }

    /// The next so many blocks of people; none once all were read.
    pub(crate) fn people(&mut self, count: usize) -> Result<Vec<Block>, Unstreamable> {
        self.blocks(count, |directory| &mut directory.people)
    }

    /// The next so many blocks of accounts; none once all were read.
    pub(crate) fn accounts(&mut self, count: usize) -> Result<Vec<Block>, Unstreamable> {
        self.blocks(count, |directory| &mut directory.accounts)
    }

    fn blocks(&mut self, count: usize, of: fn(&mut Directory) -> &mut Lines<File>) -> Result<Vec<Block>, Unstreamable> {
        let mut blocks = Vec::new();
        while blocks.len() < count {
            match &mut self.form {
                Form::Directory(directory) => {
                    let Some(text) = of(directory).block()? else { break };
                    blocks.push(Block { text, commas: None });
                }
                Form::Document(document) => {
                    if !document.is_in_list {
                        break;
                    }
                    let (text, is_last) = document.lines.block_of_list(b"  ]")?.ok_or(Unstreamable)?;
                    if is_last {
                        document.is_in_list = false;
                        if document.lines.line()?.as_deref() != Some(b"  ],\n") {
                            return Err(Unstreamable);
                        }
                    }
                    blocks.push(Block { text, commas: Some(is_last) });
                }
            }
        }
        Ok(blocks)
    }

    /// Reads the systems, which lie between people and accounts, and checks everything but these two.
    pub(crate) fn systems(&mut self) -> Result<(), Unstreamable> {
        if let Form::Document(document) = &mut self.form {
            let mut text = b"{".to_vec();
            document.is_in_list = loop {
                let line = document.lines.line()?.ok_or(Unstreamable)?;
                match &*line {
                    b"  \"accounts\": [\n" => break true,
                    b"  \"accounts\": [],\n" => break false,
                    _ => text.extend_from_slice(&line),
                }
            };
            let list = text.trim_ascii_end().strip_suffix(b",").ok_or(Unstreamable)?;
            let systems: Systems = serde_json::from_slice(&[list, b"}"].concat())?;
            self.head.systems = systems.systems;
        }
        if super::problems_of(&self.head).is_empty() { Ok(()) } else { Err(Unstreamable) }
    }

    /// The digest of the snapshot, once all of it was read.
    pub(crate) fn digest(self, people: usize, accounts: usize) -> Result<String, Unstreamable> {
        match self.form {
            Form::Document(mut document) => {
                let rest = document.lines.rest()?;
                if rest == document.tail { Ok(document.lines.digest()) } else { Err(Unstreamable) }
            }
            Form::Directory(directory) => {
                let Directory { index, digest, people: people_lines, accounts: account_lines } = *directory;
                let is_whole = people_lines.digest() == index.people.digest
                    && account_lines.digest() == index.accounts.digest
                    && (people, accounts) == (index.people.records, index.accounts.records);
                if is_whole { Ok(digest) } else { Err(Unstreamable) }
            }
        }
    }
}

/// Whether people are as they have to be, one by one and in the order of their ids.
pub(crate) fn are_sound_people(head: &Snapshot, people: &[Person]) -> bool {
    let mut check = Check::new(head);
    for person in people {
        check.person(0, person);
    }
    check.problems.is_empty()
        && people.iter().all(|person| !person.id.is_empty() && !person.id.ends_with('/'))
        && people.is_sorted_by(|a, b| a.id < b.id)
}

/// Whether accounts are as they have to be, one by one and in the order of systems and ids. `is_known` says whether
/// there is a person of an id.
pub(crate) fn are_sound_accounts(head: &Snapshot, accounts: &[Account], is_known: &dyn Fn(&str) -> bool) -> bool {
    let mut check = Check::new(head);
    for account in accounts {
        check.account(0, account, is_known);
    }
    check.problems.is_empty()
        && accounts.iter().all(|account| !account.id.is_empty() && !account.id.ends_with('/'))
        && accounts.is_sorted_by(|a, b| (&a.system, &a.id) < (&b.system, &b.id))
}

/// What stands at the end of a document, from the list of requests on.
fn tail(file: &mut File) -> Result<Vec<u8>, Unstreamable> {
    const STEP: u64 = 1 << 20;
    let length = file.metadata()?.len();
    let mut begin = length;
    loop {
        begin = begin.saturating_sub(STEP);
        file.seek(SeekFrom::Start(begin))?;
        let mut end = Vec::new();
        file.take(length - begin).read_to_end(&mut end)?;
        if let Some(at) = memmem::rfind(&end, REQUESTS) {
            return Ok(end.split_off(at + 1));
        }
        // Requests take up little of a snapshot.
        if begin == 0 || length - begin > 1 << 28 {
            return Err(Unstreamable);
        }
    }
}
