//! What is in a folder and in the folders below it, found without opening a file.

use std::{
    fs::{self, DirEntry},
    path::{Path, PathBuf},
};

use super::{fence::Fence, reason::plain};
use crate::{
    diagnostic::{Code, Diagnostic},
    escape::{is_harmful, terminal},
};

/// Folders within folders that are read; a deeper one is an error, and never left out.
pub(crate) const MAX_DEPTH: usize = 14;

/// Files and folders that are looked at. A link that leads back to its own folder multiplies what is below it.
const MAX_ENTRIES: usize = 100_000;

/// A file below a folder.
#[derive(Debug)]
pub(crate) struct Found {
    /// The name relative to the folder, with `/` between folders.
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    /// Why it may not be opened.
    pub(crate) refused: Option<Diagnostic>,
}

/// What is below a folder.
pub(crate) struct Walked {
    /// Every file that is not hidden, by name.
    pub(crate) found: Vec<Found>,
    /// Every hidden file, by name. Files in hidden folders are not looked at.
    pub(crate) hidden: Vec<Found>,
    /// What keeps files from being found.
    pub(crate) problems: Vec<Diagnostic>,
}

/// The files below a folder.
pub(crate) fn walk(folder: &Path, fence: &Fence) -> Walked {
    let mut walk = Walk::new(fence);
    walk.folder(folder, "", 0);
    let Walk { mut found, mut hidden, problems, .. } = walk;
    found.sort_by(|a, b| a.name.cmp(&b.name));
    hidden.sort_by(|a, b| a.name.cmp(&b.name));
    Walked { found, hidden, problems }
}

struct Walk<'f> {
    fence: &'f Fence,
    entries: usize,
    found: Vec<Found>,
    hidden: Vec<Found>,
    problems: Vec<Diagnostic>,
}

impl<'f> Walk<'f> {
    fn new(fence: &'f Fence) -> Self {
        Walk { fence, entries: 0, found: Vec::new(), hidden: Vec::new(), problems: Vec::new() }
    }

    fn folder(&mut self, folder: &Path, prefix: &str, depth: usize) {
        let shown = folder.display();
        let entries = match fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<DirEntry>, _>>) {
            Ok(entries) => entries,
            Err(error) => {
                let message = format!("cannot read the directory `{shown}`: {}", plain(&error));
                self.problems.push(Diagnostic::error(Code::UnreadableFile, message).in_file(shown.to_string()));
                return;
            }
        };
        for entry in entries {
            self.entries += 1;
            if self.entries > MAX_ENTRIES {
                let message = format!("the directory `{shown}` brings the files to more than {MAX_ENTRIES}");
                let problem = Diagnostic::error(Code::TooLarge, message).in_file(shown.to_string());
                self.problems.push(problem.help("look for a link that leads back, or name a smaller directory"));
                return;
            }
            self.entry(&entry, prefix, depth);
            if self.entries > MAX_ENTRIES {
                return;
            }
        }
    }

    fn entry(&mut self, entry: &DirEntry, prefix: &str, depth: usize) {
        let (path, name) = (entry.path(), entry.file_name());
        if name.as_encoded_bytes().starts_with(b".") {
            let Ok(kind) = entry.file_type() else { return };
            if !kind.is_dir() {
                let name = format!("{prefix}{}", terminal(&name.to_string_lossy()));
                let outside = if kind.is_symlink() { self.fence.check(&path).err() } else { None };
                let refused = outside.or_else(|| special(&path));
                self.hidden.push(Found { name, path, refused });
            }
            return;
        }
        let Some(name) = name.to_str().filter(|name| !name.contains(is_harmful)) else {
            let shown = terminal(&path.display().to_string());
            let message = format!("the name of `{shown}` has characters that are no visible text");
            self.problems.push(Diagnostic::error(Code::BadFileName, message).in_file(shown).help("rename the file"));
            return;
        };
        let relative = format!("{prefix}{name}");
        let is_link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
        let outside = if is_link { self.fence.check(&path).err() } else { None };
        // The type of what lies outside is not looked at: whether it is a folder that should be read, nothing tells.
        if outside.is_none() && path.is_dir() {
            if depth < MAX_DEPTH {
                return self.folder(&path, &format!("{relative}/"), depth + 1);
            }
            let name = path.display().to_string();
            let message = format!("the directory `{name}` lies more than {MAX_DEPTH} directories deep");
            let problem = Diagnostic::error(Code::UnreadableFile, message).in_file(name);
            return self.problems.push(problem.help("move it up, or look for a link that leads back"));
        }
        let refused = outside.or_else(|| special(&path));
        self.found.push(Found { name: relative, path, refused });
    }
}

/// Refuses what is neither a file nor a folder: opening a pipe may wait for ever, and opening a device may do anything.
pub(super) fn special(path: &Path) -> Option<Diagnostic> {
    let metadata = path.metadata().ok()?;
    if metadata.is_file() || metadata.is_dir() {
        return None;
    }
    let name = path.display().to_string();
    let message = format!("`{name}` is a pipe, a socket or a device, where a file is expected; it is not opened");
    Some(Diagnostic::error(Code::NotAFile, message).in_file(name).help("remove it, or put a file in its place"))
}
