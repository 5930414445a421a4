//! Temporary files and folders: removed where they do not become what they are meant for, by a signal too.
//!
//! Each path is noted before anything is made there, so that a signal handler can remove it.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::{faults, private::create_private};
#[cfg(any(feature = "evidence", feature = "pull"))]
use tempfile::TempDir;
use tempfile::{Builder, NamedTempFile};

/// Every temporary file and folder there is.
static PENDING: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn pending() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    PENDING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A noted path; it is forgotten when this is dropped.
#[derive(Debug)]
struct Noted(PathBuf);

impl Noted {
    fn new(path: &Path) -> Self {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
        pending().insert(path.clone());
        Noted(path)
    }
}

impl Drop for Noted {
    fn drop(&mut self) {
        pending().remove(&self.0);
    }
}

/// A temporary file beside the one that it is to replace, for its owner alone.
pub(crate) struct PendingFile {
    file: NamedTempFile,
    _noted: Noted,
}

impl PendingFile {
    pub(crate) fn new_in(folder: &Path) -> io::Result<Self> {
        faults::step()?;
        let mut noted = None;
        let make = |path: &Path| {
            noted = Some(Noted::new(path));
            create_private(path)
        };
        let file = Builder::new().make_in(folder, make)?;
        let (file, path) = file.into_parts();
        let noted = noted.ok_or_else(|| io::Error::other("no temporary name was tried"))?;
        Ok(PendingFile { file: NamedTempFile::from_parts(file, path), _noted: noted })
    }

    /// Waits until what was written is on the disk.
    pub(crate) fn sync(&self) -> io::Result<()> {
        faults::step()?;
        self.file.as_file().sync_all()
    }

    /// Puts the file into its place, in one step.
    pub(crate) fn persist(self, path: &Path) -> io::Result<()> {
        faults::step()?;
        self.file.persist(path).map(drop).map_err(|error| error.error)
    }
}

impl io::Write for PendingFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let failed = faults::step();
        // A killed program leaves its temporary file where it is.
        self.file.disable_cleanup(faults::is_killed());
        failed?;
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// A temporary folder, for its owner alone.
#[cfg(any(feature = "evidence", feature = "pull"))]
#[derive(Debug)]
pub(crate) struct PendingFolder {
    folder: TempDir,
    _noted: Noted,
}

#[cfg(any(feature = "evidence", feature = "pull"))]
impl PendingFolder {
    pub(crate) fn new_in(parent: &Path, prefix: &str) -> io::Result<Self> {
        faults::step()?;
        let mut builder = Builder::new();
        builder.prefix(prefix);
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        // It is empty until it is noted, and an empty folder holds no personal data.
        let folder = builder.tempdir_in(parent)?;
        let noted = Noted::new(folder.path());
        Ok(PendingFolder { folder, _noted: noted })
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// How often removing a folder is tried that another thread still writes to.
const TRIES: usize = 5;

/// Removes every temporary file and folder. None is made afterwards: the lock is kept for good.
#[cfg_attr(not(all(unix, feature = "cli")), allow(dead_code, reason = "only the program handles signals"))]
pub(crate) fn remove_all() {
    let pending = pending();
    for path in pending.iter() {
        let remove = || if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
        let _removed = (0..TRIES).any(|_| remove().is_ok() || path.symlink_metadata().is_err());
    }
    std::mem::forget(pending);
}

#[cfg(all(test, any(feature = "evidence", feature = "pull")))]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn what_is_pending_is_noted_until_it_is_done() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = PendingFile::new_in(folder.path()).unwrap();
        let of_test = || pending().iter().filter(|path| path.starts_with(folder.path())).count();
        assert_eq!(of_test(), 1);
        let beside = PendingFolder::new_in(folder.path(), ".x-").unwrap();
        assert_eq!(of_test(), 2);
        file.write_all(b"x").unwrap();
        file.persist(&folder.path().join("a")).unwrap();
        drop(beside);
        assert_eq!(of_test(), 0);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
