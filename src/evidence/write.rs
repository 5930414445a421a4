//! Writing evidence: everything into a directory beside, which is then renamed.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Read, Write},
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

use super::{
    BASELINE, BUNDLE, MANIFEST, REPORT, SIGNATURE,
    manifest::{Entry, JudgedSnapshot, Manifest, SCHEMA_VERSION, Tool},
    signature::Signer,
};
use crate::{
    bundle::{self, Bundle},
    diagnostic::{Code, Diagnostic, SourceFile},
    engine::SEMANTICS,
    files::{self, pending::PendingFolder},
    model::{directory, write},
    report::{Contents, View, json},
};

/// What was asked for.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Only these checks; all where there are none.
    pub checks: &'a [String],
    /// Which findings the report lists.
    pub contents: Contents,
    /// Whether what was judged had been redacted.
    pub redacted: bool,
    /// The bytes of the earlier report that it was compared with.
    pub baseline: Option<&'a [u8]>,
}

/// The snapshot that was judged.
#[derive(Debug, Clone, Copy)]
pub enum Material<'a> {
    /// Bytes in memory.
    Bytes(&'a [u8]),
    /// A file, or a directory as [`crate::model::directory`] writes it.
    Path(&'a Path),
    /// It is left out; only its digest is kept.
    LeftOut,
}

/// Whether evidence can be written here.
///
/// # Errors
/// That something is there already.
pub fn refuse_existing(folder: &Path) -> Result<(), Diagnostic> {
    let is_free = match fs::symlink_metadata(folder) {
        Err(error) => error.kind() == io::ErrorKind::NotFound,
        Ok(there) => there.is_dir() && fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none()),
    };
    if is_free {
        return Ok(());
    }
    let message = format!("`{}` is there already and is not an empty directory", folder.display());
    Err(Diagnostic::error(Code::EvidenceExists, message).help("name a new directory, or remove this one first"))
}

/// The files of a bundle that decide: all but its tests.
///
/// # Errors
/// That they are not those of which the bundle was loaded.
pub fn deciding(files: Vec<SourceFile>, loaded: &Bundle) -> Result<Vec<SourceFile>, Diagnostic> {
    let is_test = |file: &SourceFile| loaded.tests.iter().any(|test| test.name == file.name);
    let mut files: Vec<SourceFile> = files.into_iter().filter(|file| !is_test(file)).collect();
    files.sort_by(|a, b| a.name.cmp(&b.name));
    if bundle::digest(&files) == loaded.digest { Ok(files) } else { Err(changed("the policies")) }
}

/// Writes evidence into a directory of its own: whole, or not at all.
///
/// # Errors
/// That the directory is there already or cannot be written, or that the snapshot is not the one that was judged.
pub fn write(
    folder: &Path,
    view: &View<'_>,
    bundle: &[SourceFile],
    material: Material<'_>,
    asked: Asked<'_>,
    signer: Option<&Signer>,
) -> Result<(), Diagnostic> {
    refuse_existing(folder)?;
    let unwritable = |error: io::Error| {
        let name = folder.display().to_string();
        let message = format!("cannot write the evidence to `{name}`: {}", files::plain(&error));
        Diagnostic::error(Code::UnwritableFile, message).in_file(name)
    };
    let beside = PendingFolder::new_in(files::folder_of(folder), ".evidence-").map_err(unwritable)?;
    let mut draft = Draft { folder: beside.path().to_path_buf(), files: Vec::new() };
    draft.add(REPORT, |out| json::write(view, out)).map_err(unwritable)?;
    for file in bundle {
        draft.add(&format!("{BUNDLE}{}", file.name), |out| out.write_all(file.text.as_bytes())).map_err(unwritable)?;
    }
    if let Some(bytes) = asked.baseline {
        draft.add(BASELINE, |out| out.write_all(bytes)).map_err(unwritable)?;
    }
    let snapshot = draft.snapshot(material).map_err(unwritable)?;
    let digest = snapshot.as_deref().and_then(|file| draft.digest_of(file));
    if digest.is_some_and(|digest| digest != view.head.run.snapshot) {
        return Err(changed("the snapshot"));
    }
    let mut files = draft.files;
    files.sort_by(|a, b| a.file.cmp(&b.file));
    let run = &view.head.run;
    let manifest = Manifest {
        schema_version: SCHEMA_VERSION.to_owned(),
        tool: Tool { name: "tenure".to_owned(), version: run.tool_version.clone(), semantics: SEMANTICS },
        as_of: run.as_of.clone(),
        checks: asked.checks.to_vec(),
        contents: asked.contents.into(),
        redacted: asked.redacted,
        baseline: asked.baseline.map(|_| BASELINE.to_owned()),
        waiver_limits: run.waiver_limits.clone(),
        snapshot: JudgedSnapshot { digest: run.snapshot.clone(), file: snapshot },
        bundle: run.bundle.clone(),
        files,
    };
    let mut text = Vec::new();
    json::write_value(&manifest, &mut text).map_err(unwritable)?;
    write_new(&beside.path().join(MANIFEST), &text).map_err(unwritable)?;
    if let Some(signer) = signer {
        write_new(&beside.path().join(SIGNATURE), signer.sign(&text)?.as_bytes()).map_err(unwritable)?;
    }
    if folder.is_dir() {
        fs::remove_dir(folder).map_err(unwritable)?;
    }
    fs::rename(beside.path(), folder).map_err(unwritable)
}

fn changed(what: &str) -> Diagnostic {
    let message =
        format!("{what} changed while being judged, or cannot be read a second time, so there is no evidence");
    Diagnostic::error(Code::EvidenceMaterial, message).help("run it again on files that stay as they are")
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = files::create_private(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// A directory of evidence in the making.
struct Draft {
    folder: PathBuf,
    files: Vec<Entry>,
}

impl Draft {
    fn add(&mut self, name: &str, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        let path = self.folder.join(name);
        let folders = name.match_indices('/').filter_map(|(end, _)| name.get(..end));
        for folder in folders.map(|folder| self.folder.join(folder)).filter(|folder| !folder.is_dir()) {
            files::make_private_folder(&folder)?;
        }
        let mut out = Hashing { out: BufWriter::new(files::create_private(&path)?), hash: Sha256::new(), size: 0 };
        write(&mut out)?;
        let Hashing { out, hash, size } = out;
        out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        self.files.push(Entry { file: name.to_owned(), size, digest: write::named_digest(hash) });
        Ok(())
    }

    fn digest_of(&self, name: &str) -> Option<String> {
        self.files.iter().find(|entry| entry.file == name).map(|entry| entry.digest.clone())
    }

    /// Takes the snapshot along; its file, or that of the directory which says what is in it.
    fn snapshot(&mut self, material: Material<'_>) -> io::Result<Option<String>> {
        let file = "snapshot.json".to_owned();
        match material {
            Material::LeftOut => return Ok(None),
            Material::Bytes(bytes) => self.add(&file, |out| out.write_all(bytes))?,
            Material::Path(path) if path.is_dir() => return self.directory(path).map(Some),
            Material::Path(path) => {
                if !fs::metadata(path)?.is_file() {
                    return Err(io::Error::other("the snapshot is no regular file; write it to one first"));
                }
                self.copy(path, &file)?;
            }
        }
        Ok(Some(file))
    }

    fn directory(&mut self, path: &Path) -> io::Result<String> {
        let index = fs::read(path.join(directory::INDEX))?;
        let read: directory::Index = serde_json::from_slice(&index)?;
        let name = format!("snapshot/{}", directory::INDEX);
        self.add(&name, |out| out.write_all(&index))?;
        for records in [&read.people, &read.accounts] {
            let plain = directory::plain_name(&records.file);
            let plain = plain.ok_or_else(|| io::Error::other("the snapshot names a file outside of itself"))?;
            self.copy(&path.join(plain), &format!("snapshot/{plain}"))?;
        }
        Ok(name)
    }

    fn copy(&mut self, from: &Path, name: &str) -> io::Result<()> {
        let mut from = File::open(from)?;
        self.add(name, |out| io::copy(&mut from, out).map(drop))
    }
}

/// Size and digest of a file, read piece by piece.
pub(super) fn measured(path: &Path) -> io::Result<(u64, String)> {
    let mut file = File::open(path)?;
    let (mut hash, mut size) = (Sha256::new(), 0);
    let mut piece = vec![0; 1 << 16];
    loop {
        let count = file.read(&mut piece)?;
        let Some(read) = piece.get(..count).filter(|read| !read.is_empty()) else {
            return Ok((size, write::named_digest(hash)));
        };
        hash.update(read);
        size += u64::try_from(count).unwrap_or_default();
    }
}

/// Counts and hashes what is written.
struct Hashing<W> {
    out: W,
    hash: Sha256,
    size: u64,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write_all(bytes)?;
        self.hash.update(bytes);
        self.size += u64::try_from(bytes.len()).unwrap_or_default();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
