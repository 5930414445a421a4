//! Files as they come: bytes and text, one file or a directory of them, and why they cannot be read.

pub(crate) mod faults;
mod fence;
pub(crate) mod pending;
mod private;
mod reason;
mod walk;

#[cfg(feature = "evidence")]
pub(crate) use private::create_private;
pub(crate) use private::make_private_folder;
#[cfg(any(feature = "prove", feature = "pull"))]
pub(crate) use private::{make_private_folders, write_private};
pub(crate) use reason::plain;

use std::{fs::File, io::Read, path::Path};

use crate::diagnostic::{Code, Diagnostic};

pub use fence::Fence;
pub(crate) use fence::VERSION_CONTROL;
pub(crate) use walk::{Found, MAX_DEPTH, Walked, walk};

/// Reads a file's bytes.
///
/// # Errors
/// One problem naming the file and why it cannot be read.
pub fn read_file(path: &Path) -> Result<Vec<u8>, Diagnostic> {
    refuse_folder(path)?;
    std::fs::read(path).map_err(|error| unreadable(path, &error))
}

/// Reads a regular file of no more than `max` bytes whose path stays inside the fence. Type and size are known before
/// it is opened.
///
/// # Errors
/// One problem naming the file and why it is not read.
pub fn read_regular(path: &Path, fence: &Fence, max: u64) -> Result<Vec<u8>, Diagnostic> {
    fence.check(path)?;
    if let Some(problem) = walk::special(path) {
        return Err(problem);
    }
    read_up_to(path, max)
}

/// Reads a file, or a pipe that the caller named, of no more than `max` bytes.
fn read_up_to(path: &Path, max: u64) -> Result<Vec<u8>, Diagnostic> {
    refuse_folder(path)?;
    let metadata = path.metadata().map_err(|error| unreadable(path, &error))?;
    let mut bytes = Vec::new();
    if metadata.len() <= max {
        // It may grow meanwhile, and the length of a pipe is not known.
        let file = File::open(path).map_err(|error| unreadable(path, &error))?;
        file.take(max + 1).read_to_end(&mut bytes).map_err(|error| unreadable(path, &error))?;
    }
    if metadata.len() > max || bytes.len() as u64 > max {
        return Err(too_large(path, max));
    }
    Ok(bytes)
}

/// The code of a file that is larger than it may be.
const TOO_LARGE: Code = Code::TooLarge;

/// A file that is larger than it may be.
fn too_large(path: &Path, max: u64) -> Diagnostic {
    let name = path.display().to_string();
    let message = format!("`{name}` is larger than {}", size(max));
    Diagnostic::error(TOO_LARGE, message).in_file(name).help("divide the file, or take out what does not belong there")
}

/// A limit as people say it.
pub(crate) fn size(bytes: u64) -> String {
    match bytes {
        bytes if bytes >= 1 << 30 => format!("{} GiB", bytes >> 30),
        bytes if bytes >= 1 << 20 => format!("{} MiB", bytes >> 20),
        bytes => format!("{} KiB", bytes >> 10),
    }
}

fn refuse_folder(path: &Path) -> Result<(), Diagnostic> {
    if !path.is_dir() {
        return Ok(());
    }
    let name = path.display().to_string();
    Err(Diagnostic::error(Code::NotAFile, format!("`{name}` is a directory where a file is expected"))
        .in_file(name)
        .help("name the file itself"))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Diagnostic {
    let name = path.display().to_string();
    Diagnostic::error(Code::UnreadableFile, format!("cannot read `{name}`: {}", plain(error)))
        .in_file(name)
        .help("check the path and its permissions")
}

/// The folder that a file is in.
pub(crate) fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The text of a file, which has to be UTF-8 and not empty.
///
/// # Errors
/// One problem naming the file and, for bytes that are not text, the line.
pub(crate) fn text<'a>(name: &str, bytes: &'a [u8]) -> Result<&'a str, Diagnostic> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = bytes.get(..error.valid_up_to()).unwrap_or(bytes);
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        Diagnostic::error(Code::NotUtf8, format!("line {line} of `{name}` is not UTF-8 text"))
            .in_file(name)
            .help("save the file as UTF-8")
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim().is_empty() {
        return Err(Diagnostic::error(Code::EmptyFile, format!("`{name}` is empty")).in_file(name));
    }
    Ok(text)
}

/// A file that was read, with its name relative to what the user named.
#[derive(Debug, Clone)]
pub struct RawFile {
    /// The name, with `/` between folders.
    pub name: String,
    /// The path as a person would type it.
    pub shown: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl RawFile {
    /// A file that is shown by its name.
    pub fn new(name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        let name = name.into();
        RawFile { shown: name.clone(), name, bytes: bytes.into() }
    }
}

/// Maximum size of a source, all its files together, in bytes.
const MAX_SOURCE: u64 = 1 << 30;

/// Reads a file, or every file of a directory and of the directories in it. Links in the directory stay inside it.
///
/// # Errors
/// Every file that cannot be read, or a directory that holds no file at all.
pub fn read_path(path: &Path) -> Result<Vec<RawFile>, Vec<Diagnostic>> {
    read_path_within(path, &Fence::around(path))
}

/// The same; the path and links in the directory stay inside the fence. Without a fence, the path may be a pipe.
///
/// # Errors
/// Every file that cannot be read, a directory that holds no file at all, or more than 1 GiB.
pub fn read_path_within(path: &Path, fence: &Fence) -> Result<Vec<RawFile>, Vec<Diagnostic>> {
    read_source(path, fence).map(|source| source.files)
}

/// The files of a source.
#[derive(Debug, Default)]
pub(crate) struct SourceFiles {
    pub(crate) files: Vec<RawFile>,
    /// Hidden files beside them, by name, each with the bytes that it begins with.
    pub(crate) hidden: Vec<RawFile>,
}

/// The same, with the hidden files of a directory.
///
/// # Errors
/// As [`read_path_within`].
pub(crate) fn read_source(path: &Path, fence: &Fence) -> Result<SourceFiles, Vec<Diagnostic>> {
    if path.is_dir() {
        return read_folder(path, fence, MAX_SOURCE);
    }
    let name = path.file_name().map_or_else(|| path.display().to_string(), |name| name.display().to_string());
    let read = if fence.is_open() { read_up_to(path, MAX_SOURCE) } else { read_regular(path, fence, MAX_SOURCE) };
    let bytes = read.map_err(|problem| vec![problem])?;
    let files = vec![RawFile { name, shown: path.display().to_string(), bytes }];
    Ok(SourceFiles { files, hidden: Vec::new() })
}

/// Reads every file of a directory, of no more than `max` bytes together.
fn read_folder(path: &Path, fence: &Fence, max: u64) -> Result<SourceFiles, Vec<Diagnostic>> {
    let mut files = Vec::new();
    let Walked { found, hidden, mut problems } = walk(path, fence);
    let mut rest = max;
    for Found { name, path: file, refused } in found {
        match refused.map_or_else(|| read_regular(&file, &Fence::none(), rest), Err) {
            Ok(bytes) => {
                rest = rest.saturating_sub(bytes.len() as u64);
                files.push(RawFile { name, shown: file.display().to_string(), bytes });
            }
            Err(problem) if problem.code == TOO_LARGE => {
                let name = path.display().to_string();
                let message = format!("the files of `{name}` are larger than {} together", size(max));
                let help = "name a smaller directory, or divide the source into several";
                problems.push(Diagnostic::error(TOO_LARGE, message).in_file(name).help(help));
                break;
            }
            Err(problem) => problems.push(problem),
        }
    }
    if files.is_empty() && problems.is_empty() {
        let name = path.display().to_string();
        problems.push(Diagnostic::error(Code::EmptyDirectory, format!("`{name}` holds no files")).in_file(name));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let hidden = hidden.into_iter().map(|Found { name, path, refused }| {
        // One that may not be opened, or cannot, is known by its name alone.
        let bytes = if refused.is_none() { beginning(&path).unwrap_or_default() } else { Vec::new() };
        RawFile { name, shown: path.display().to_string(), bytes }
    });
    Ok(SourceFiles { files, hidden: hidden.collect() })
}

/// So many bytes tell how a file begins.
const BEGINNING: u64 = 1 << 10;

/// The bytes that a file begins with.
fn beginning(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(BEGINNING).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// What editors (`.#`) and macOS (`._`) put beside a file.
const LEFTOVER_BEGINNINGS: [&str; 2] = [".#", "._"];

/// Whether a file is what an editor or macOS put beside another one.
pub(crate) fn is_leftover(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name);
    LEFTOVER_BEGINNINGS.iter().any(|beginning| file.starts_with(beginning))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_of_a_directory_have_one_limit() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a", "b", "c"] {
            std::fs::write(folder.path().join(name), [b'x'; 40]).unwrap();
        }
        let read = |max| read_folder(folder.path(), &Fence::around(folder.path()), max);
        assert_eq!(read(120).unwrap().files.len(), 3);
        let problems = read(119).unwrap_err();
        let codes: Vec<Code> = problems.iter().map(|problem| problem.code).collect();
        assert_eq!(codes, [TOO_LARGE]);
    }
}
