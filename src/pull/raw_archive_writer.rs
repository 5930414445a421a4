//! Keeping raw pages: in a folder that appears whole at the end, or not at all, and is its owner's alone.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::Mutex,
};

use crate::{
    diagnostic::{Code, Diagnostic},
    files::{self, Fence, RawFile, pending::PendingFolder},
    ingest::{
        Format, SourceConfig, SourceIdentity,
        raw_archive::{self, KeptSource, RawArchive},
    },
    model::write,
};

/// Writes the pages of a pull beside the folder that they are meant for.
#[derive(Debug)]
pub struct RawArchiveWriter {
    target: PathBuf,
    working: PendingFolder,
    /// The digest of every page, by source and name.
    digests: Mutex<BTreeMap<String, BTreeMap<String, String>>>,
}

impl RawArchiveWriter {
    /// Prepares to keep pages in a folder that does not exist, is empty, or was made by an earlier pull.
    ///
    /// # Errors
    /// That the folder is something else, or cannot be written.
    pub fn new(target: &Path) -> Result<Self, Diagnostic> {
        let name = target.display().to_string();
        let refuse = |what: &str| {
            let problem = Diagnostic::error(Code::FolderNotEmpty, format!("`{name}` {what}")).in_file(&name);
            Err(problem.help("name a new folder for `--raw`"))
        };
        if target.is_symlink() {
            return refuse("is a link, and the pages need a folder of their own");
        }
        if target.exists() && !target.is_dir() {
            return refuse("is a file, and the pages need a folder of their own");
        }
        if target.exists() && !is_ours(target) {
            return refuse("holds something else than the pages of an earlier pull");
        }
        let working = PendingFolder::new_in(files::folder_of(target), ".tenure-pull-")
            .map_err(|error| unwritable(&name, &error))?;
        Ok(RawArchiveWriter { target: target.to_path_buf(), working, digests: Mutex::default() })
    }

    /// Keeps one page of a source.
    pub(super) fn page(&self, source: &str, file: &RawFile) -> Result<(), String> {
        self.write(source, &file.name, &file.bytes).map_err(|error| files::plain(&error))
    }

    fn write(&self, source: &str, name: &str, bytes: &[u8]) -> io::Result<()> {
        let target = self.working.path().join(source).join(name);
        files::make_private_folders(target.parent().unwrap_or(self.working.path()))?;
        files::write_private(&target, bytes)?;
        if let Ok(mut digests) = self.digests.lock() {
            digests.entry(source.to_owned()).or_default().insert(name.to_owned(), write::digest(bytes));
        }
        Ok(())
    }

    /// The digest of every page of a source, by its name.
    pub(super) fn digests(&self, source: &str) -> BTreeMap<String, String> {
        self.digests.lock().ok().and_then(|digests| digests.get(source).cloned()).unwrap_or_default()
    }

    /// Drops a page that was kept.
    pub(super) fn forget(&self, source: &str, name: &str) {
        let _gone = fs::remove_file(self.working.path().join(source).join(name));
        if let Ok(mut digests) = self.digests.lock()
            && let Some(of_source) = digests.get_mut(source)
        {
            of_source.remove(name);
        }
    }

    /// Keeps the files of a source of files.
    pub(super) fn copy(&self, source: &str, path: &Path, fence: &Fence) -> Result<(), Diagnostic> {
        let read = files::read_path_within(path, fence).map_err(|mut problems| {
            let other = || Diagnostic::error(Code::UnreadableFile, format!("cannot read `{}`", path.display()));
            if problems.is_empty() { other() } else { problems.swap_remove(0) }
        })?;
        for file in read {
            // A hidden file would not be read again.
            let written = self.write(source, file.name.trim_start_matches('.'), &file.bytes);
            written.map_err(|error| unwritable(&self.target.display().to_string(), &error))?;
        }
        Ok(())
    }

    /// Writes what the pages themselves do not say, and puts the folder into its place.
    ///
    /// # Errors
    /// Those of the file system; what was there before is then untouched.
    pub fn finish(self, kept: &RawArchive) -> Result<(), Diagnostic> {
        let name = self.target.display().to_string();
        self.put_in_place(kept).map_err(|error| unwritable(&name, &error))
    }

    fn put_in_place(self, kept: &RawArchive) -> io::Result<()> {
        let mut text = serde_json::to_vec_pretty(kept).map_err(io::Error::other)?;
        text.push(b'\n');
        write::write_atomically(&self.working.path().join(raw_archive::FILE_NAME), &text)?;
        files::faults::step()?;
        if !self.target.exists() {
            return fs::rename(self.working.path(), &self.target);
        }
        if exchange(self.working.path(), &self.target).is_ok() {
            // The old pages have the temporary name now, and go with it.
            return Ok(());
        }
        let old = self.working.path().with_extension("old");
        fs::rename(&self.target, &old)?;
        match fs::rename(self.working.path(), &self.target) {
            Ok(()) => fs::remove_dir_all(&old),
            Err(error) => {
                fs::rename(&old, &self.target)?;
                Err(error)
            }
        }
    }
}

/// Exchanges two folders in one step, so that a program that is killed leaves the one or the other.
#[cfg(target_os = "linux")]
fn exchange(one: &Path, other: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    Ok(renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE)?)
}

#[cfg(not(target_os = "linux"))]
fn exchange(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Whether a folder is empty, or holds what an earlier pull kept and nothing else.
fn is_ours(folder: &Path) -> bool {
    let Ok(entries) = fs::read_dir(folder) else { return false };
    let names: Vec<String> = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    if names.is_empty() {
        return true;
    }
    let Ok((kept, _)) = raw_archive::describe(folder) else { return false };
    let of_pull =
        |name: &String| name == raw_archive::FILE_NAME || kept.sources.iter().any(|source| source.path == *name);
    names.iter().all(of_pull)
        && kept.sources.iter().all(|source| {
            // A folder that cannot be read whole may hold anything.
            let path = folder.join(&source.path);
            let is_empty = || !path.exists() || fs::read_dir(&path).is_ok_and(|mut files| files.next().is_none());
            files::read_path(&path)
                .map_or_else(|_| is_empty(), |files| files.iter().all(|file| source.pages.contains_key(&file.name)))
        })
}

fn unwritable(name: &str, error: &io::Error) -> Diagnostic {
    let message = format!("cannot write the raw pages to `{name}`: {}", files::plain(error));
    Diagnostic::error(Code::UnwritableFile, message).in_file(name)
}

/// What the pages of a source do not say themselves.
pub(super) fn describe(identity: &SourceIdentity, format: Format, source: &SourceConfig, folder: &str) -> KeptSource {
    let lists = source.lists();
    KeptSource {
        id: identity.id.clone(),
        format,
        mapping: format.mapping().filter(|mapping| !mapping.is_built_in()).map(|mapping| mapping.get().clone()),
        system: identity.system.clone(),
        endpoint: identity.endpoint.clone(),
        pulled_at: identity.pulled_at,
        path: folder.to_owned(),
        staff: lists.staff,
        accounts: lists.accounts,
        levels: identity.levels.clone(),
        statements: identity.statements.clone(),
        incomplete: false,
        pages: Default::default(),
        failed: None,
        failed_collections: Default::default(),
        doubts: Default::default(),
        hidden: Vec::new(),
    }
}
