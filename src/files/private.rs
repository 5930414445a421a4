//! Files and folders that only their owner can read.

use std::{
    fs::{DirBuilder, File, OpenOptions},
    io,
    path::Path,
};

use super::faults;

/// Makes a folder that only its owner can enter.
pub(crate) fn make_private_folder(folder: &Path) -> io::Result<()> {
    faults::step()?;
    private_folder().create(folder)
}

/// Makes a folder that only its owner can enter, and those above it that are missing.
#[cfg(any(feature = "prove", feature = "pull"))]
pub(crate) fn make_private_folders(folder: &Path) -> io::Result<()> {
    private_folder().recursive(true).create(folder)
}

fn private_folder() -> DirBuilder {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

/// Makes a file that only its owner can read; an error if there is one.
pub(crate) fn create_private(path: &Path) -> io::Result<File> {
    private_file().create_new(true).open(path)
}

/// Writes a file that only its owner can read, in place of one that is there.
#[cfg(any(feature = "prove", feature = "pull"))]
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    io::Write::write_all(&mut private_file().create(true).truncate(true).open(path)?, bytes)
}

fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}
