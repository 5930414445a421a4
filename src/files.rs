//! Files as they come: bytes and text, one file or a directory of them, and why they cannot be read.

use std::path::Path;

use crate::diagnostic::Diagnostic;

/// Reads a file's bytes.
///
/// # Errors
/// One problem naming the file and why it cannot be read.
pub fn read_file(path: &Path) -> Result<Vec<u8>, Diagnostic> {
    let name = path.display().to_string();
    if path.is_dir() {
        return Err(Diagnostic::error("not-a-file", format!("`{name}` is a directory where a file is expected"))
            .in_file(name)
            .help("name the file itself"));
    }
    std::fs::read(path).map_err(|error| {
        Diagnostic::error("unreadable-file", format!("cannot read `{name}`: {}", plain(&error)))
            .in_file(name)
            .help("check the path and its permissions")
    })
}

/// The operating system's reason without its number.
pub(crate) fn plain(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file or directory".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    }
}

/// The text of a file, which has to be UTF-8 and not empty.
///
/// # Errors
/// One problem naming the file and, for bytes that are not text, the line.
pub(crate) fn text<'a>(name: &str, bytes: &'a [u8]) -> Result<&'a str, Diagnostic> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = bytes.get(..error.valid_up_to()).unwrap_or(bytes);
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        Diagnostic::error("not-utf-8", format!("line {line} of `{name}` is not UTF-8 text"))
            .in_file(name)
            .help("save the file as UTF-8")
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim().is_empty() {
        return Err(Diagnostic::error("empty-file", format!("`{name}` is empty")).in_file(name));
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

/// Reads a file, or every file of a directory and of the directories in it.
///
/// # Errors
/// Every file that cannot be read, or a directory that holds no file at all.
pub fn read_path(path: &Path) -> Result<Vec<RawFile>, Vec<Diagnostic>> {
    if !path.is_dir() {
        let name = path.file_name().map_or_else(|| path.display().to_string(), |name| name.display().to_string());
        return read_file(path)
            .map(|bytes| vec![RawFile { name, shown: path.display().to_string(), bytes }])
            .map_err(|problem| vec![problem]);
    }
    let mut files = Vec::new();
    let mut problems = Vec::new();
    walk(path, "", 0, &mut files, &mut problems);
    files.sort_by(|a, b| a.name.cmp(&b.name));
    if files.is_empty() && problems.is_empty() {
        let name = path.display().to_string();
        problems.push(Diagnostic::error("empty-directory", format!("`{name}` holds no files")).in_file(name));
    }
    if problems.is_empty() { Ok(files) } else { Err(problems) }
}

/// Folders within folders that are read; a deeper one is an error, and never left out.
pub(crate) const MAX_DEPTH: usize = 14;

fn walk(folder: &Path, prefix: &str, depth: usize, files: &mut Vec<RawFile>, problems: &mut Vec<Diagnostic>) {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => {
            let name = folder.display().to_string();
            let message = format!("cannot read the directory `{name}`: {}", plain(&error));
            problems.push(Diagnostic::error("unreadable-file", message).in_file(name));
            return;
        }
    };
    for entry in entries {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let name = folder.display().to_string();
                let message = format!("cannot read all of the directory `{name}`: {}", plain(&error));
                problems.push(Diagnostic::error("unreadable-file", message).in_file(name));
                return;
            }
        };
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') {
            continue;
        }
        let path = entry.path();
        let relative = format!("{prefix}{name}");
        if path.is_dir() {
            if depth < MAX_DEPTH {
                walk(&path, &format!("{relative}/"), depth + 1, files, problems);
            } else {
                let name = path.display().to_string();
                let message = format!("the directory `{name}` lies more than {MAX_DEPTH} directories deep");
                let problem = Diagnostic::error("unreadable-file", message).in_file(name);
                problems.push(problem.help("move it up, or look for a link that leads back"));
            }
            continue;
        }
        match read_file(&path) {
            Ok(bytes) => files.push(RawFile { name: relative, shown: path.display().to_string(), bytes }),
            Err(problem) => problems.push(problem),
        }
    }
}
