//! The snapshots that policy tests begin with, which outputs must not replace.

use std::path::{Path, PathBuf};

use super::load::{MAX_SNAPSHOT, is_snapshot, of_test};
use crate::{
    diagnostic::SourceFile,
    files::{self, Fence, Found},
    yaml::Document,
};

/// The snapshots that tests of a policies directory begin with, as far as its files can be read.
pub(crate) fn snapshots(folder: &Path, fence: &Fence) -> impl Iterator<Item = PathBuf> {
    let files = files::walk(folder, fence).found.into_iter().filter(|file| file.refused.is_none());
    let is_yaml = |file: &Found| [".yaml", ".yml"].iter().any(|ending| file.name.ends_with(ending));
    files.filter(is_yaml).filter_map(move |file| {
        let bytes = files::read_regular(&file.path, &Fence::none(), MAX_SNAPSHOT).ok()?;
        // Few files name one, and parsing the others takes long.
        memchr::memmem::find(&bytes, b"use")?;
        let document = Document::parse(&SourceFile::new(file.name, files::text("", &bytes).ok()?)).ok()?;
        let named = document.get("use")?.as_str().filter(|name| is_snapshot(name))?;
        Some(folder.join(of_test(&document, named)))
    })
}
