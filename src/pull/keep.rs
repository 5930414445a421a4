//! Keeping raw pages: in a folder that appears whole at the end, or not at all, and is its owner's alone.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::{
    diagnostic::Diagnostic,
    files::{self, RawFile},
    ingest::{
        Format, SourceConfig, SourceIdentity,
        kept::{self, Kept, KeptSource},
    },
    model::write,
};

/// Writes the pages of a pull beside the folder that they are meant for.
#[derive(Debug)]
pub struct Keeper {
    target: PathBuf,
    working: tempfile::TempDir,
}

impl Keeper {
    /// Prepares to keep pages in a folder that does not exist, is empty, or was made by an earlier pull.
    ///
    /// # Errors
    /// That the folder is something else, or cannot be written.
    pub fn new(target: &Path) -> Result<Self, Diagnostic> {
        let name = target.display().to_string();
        if target.exists() {
            let empty = fs::read_dir(target).is_ok_and(|mut entries| entries.next().is_none());
            if !empty && !target.join(kept::FILE_NAME).is_file() {
                let message = format!("`{name}` exists and holds something else than the pages of a pull");
                let problem = Diagnostic::error("folder-not-empty", message).in_file(name);
                return Err(problem.help("name a new folder for `--raw`"));
            }
        }
        let parent = match target.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let mut builder = tempfile::Builder::new();
        builder.prefix(".tenure-pull-");
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        let working = builder.tempdir_in(parent).map_err(|error| unwritable(&name, &error))?;
        Ok(Keeper { target: target.to_path_buf(), working })
    }

    /// Keeps one page of a source.
    pub(super) fn page(&self, source: &str, file: &RawFile) -> Result<(), String> {
        let folder = self.working.path().join(source);
        let written = make_folder(&folder).and_then(|()| write_owned(&folder.join(&file.name), &file.bytes));
        written.map_err(|error| files::plain(&error))
    }

    /// Drops a page that was kept.
    pub(super) fn forget(&self, source: &str, name: &str) {
        let _gone = fs::remove_file(self.working.path().join(source).join(name));
    }

    /// Keeps the files of a source of files.
    pub(super) fn copy(&self, source: &str, path: &Path) -> Result<(), Diagnostic> {
        let read = files::read_path(path).map_err(|mut problems| {
            let other = || Diagnostic::error("unreadable-file", format!("cannot read `{}`", path.display()));
            if problems.is_empty() { other() } else { problems.swap_remove(0) }
        })?;
        for file in read {
            let target = self.working.path().join(source).join(&file.name);
            let folder = target.parent().unwrap_or(self.working.path());
            let written = make_folder(folder).and_then(|()| write_owned(&target, &file.bytes));
            written.map_err(|error| unwritable(&self.target.display().to_string(), &error))?;
        }
        Ok(())
    }

    /// Writes what the pages themselves do not say, and puts the folder into its place.
    ///
    /// # Errors
    /// Those of the file system; what was there before is then untouched.
    pub fn finish(self, kept: &Kept) -> Result<(), Diagnostic> {
        let name = self.target.display().to_string();
        self.put_in_place(kept).map_err(|error| unwritable(&name, &error))
    }

    fn put_in_place(self, kept: &Kept) -> io::Result<()> {
        let mut text = serde_json::to_vec_pretty(kept).map_err(io::Error::other)?;
        text.push(b'\n');
        write::write_atomically(&self.working.path().join(kept::FILE_NAME), &text)?;
        if !self.target.exists() {
            return fs::rename(self.working.path(), &self.target);
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

fn unwritable(name: &str, error: &io::Error) -> Diagnostic {
    let message = format!("cannot write the raw pages to `{name}`: {}", files::plain(error));
    Diagnostic::error("unwritable-file", message).in_file(name)
}

fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// A file that only its owner can read.
fn write_owned(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    io::Write::write_all(&mut options.open(path)?, bytes)
}

/// What the pages of a source do not say themselves.
pub(super) fn describe(identity: &SourceIdentity, format: Format, source: &SourceConfig, folder: &str) -> KeptSource {
    let lists = source.lists();
    KeptSource {
        id: identity.id.clone(),
        format,
        system: identity.system.clone(),
        endpoint: identity.endpoint.clone(),
        pulled_at: identity.pulled_at,
        path: folder.to_owned(),
        staff: lists.staff,
        accounts: lists.accounts,
        failed: None,
        failed_collections: Default::default(),
    }
}
