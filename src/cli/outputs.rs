//! Where output goes: never onto what is read, never onto other output, and writable, all known before work begins.

use std::path::{Path, PathBuf};

use super::{exit::Failure, locate};
use crate::{
    bundle::ENDINGS,
    diagnostic::{Code, Diagnostic},
    files::{self, folder_of, pending::PendingFile},
    model::{directory, store::names_directory},
    testing,
};

/// Something that is read.
#[derive(Debug, Clone)]
pub(super) enum Input {
    /// A file, or a directory of which every file is read.
    Path(PathBuf),
    /// The policies: their own files, and the snapshots of their tests.
    Policies(PathBuf),
    /// Earlier reports, to which a new one may be added.
    Reports(PathBuf),
}

/// Something that is written.
#[derive(Debug, Clone)]
pub(super) struct Output {
    /// What it is: a report, the snapshot.
    what: &'static str,
    path: PathBuf,
    is_folder: bool,
}

impl Output {
    /// A file, or a directory if the path ends with `/`.
    pub(super) fn new(what: &'static str, path: &Path) -> Self {
        Output { what, path: path.to_path_buf(), is_folder: names_directory(path) }
    }

    /// A directory.
    pub(super) fn folder(what: &'static str, path: &Path) -> Self {
        Output { is_folder: true, ..Self::new(what, path) }
    }

    /// A device or a pipe takes what is written, and nothing is replaced.
    fn is_stream(&self) -> bool {
        self.path.metadata().is_ok_and(|there| !there.is_file() && !there.is_dir())
    }

    fn refuse(&self, code: Code, reason: &str, help: &str) -> Failure {
        let name = self.path.display().to_string();
        let message = format!("cannot write the {} to `{name}`: {reason}", self.what);
        Failure::one(Diagnostic::error(code, message).in_file(name).help(help))
    }
}

/// Refuses outputs that would replace an input or another output, or that cannot be written. Files are compared, and
/// not the spellings of their paths.
pub(super) fn check(outputs: &[Output], inputs: &[Input]) -> Result<(), Failure> {
    let outputs: Vec<&Output> = outputs.iter().filter(|output| !output.is_stream()).collect();
    if outputs.is_empty() {
        return Ok(());
    }
    let project = locate::project_file().map(Input::Path);
    for output in &outputs {
        if let Some(input) = inputs.iter().chain(&project).find(|input| is_onto(output, input)) {
            let (Input::Path(path) | Input::Policies(path) | Input::Reports(path)) = input;
            let name = path.display();
            let (reason, help) = match (path.is_dir(), output.is_folder) {
                (true, true) => (format!("it lies in `{name}`, which is read"), "name a directory outside of it"),
                (true, false) => (format!("it is one of the files that are read from `{name}`"), "name another file"),
                (false, _) => (format!("it is `{name}`, which is read"), "name another file"),
            };
            return Err(output.refuse(Code::OutputIsInput, &reason, help));
        }
    }
    for (index, output) in outputs.iter().enumerate() {
        let earlier = outputs.iter().take(index);
        if let Some(other) = earlier.copied().find(|other| overlap(output, other)) {
            let reason = format!("the {} goes to `{}`", other.what, other.path.display());
            return Err(output.refuse(Code::OutputIsInput, &reason, "name a file of its own for each"));
        }
    }
    outputs.into_iter().try_for_each(writable)
}

fn is_onto(output: &Output, input: &Input) -> bool {
    let target = Target::of(&output.path);
    match input {
        Input::Path(path) if path.is_dir() => target.is_in(path),
        Input::Path(path) => {
            let index = output.is_folder.then(|| Target::of(&output.path.join(directory::INDEX)));
            let input = Target::of(path);
            target == input || index.is_some_and(|index| index == input)
        }
        Input::Policies(folder) => {
            let name = output.path.to_string_lossy();
            let is_policy = || ENDINGS.iter().any(|ending| name.ends_with(ending));
            // A project may keep all of its files in one folder.
            let is_shared = || locate::project_file().is_some_and(|file| Target::of(&file).is_in(folder));
            // Evidence holds policies, which would be read with the others.
            let is_own = || output.is_folder || is_policy() || (output.path.exists() && !is_shared());
            let is_used = || testing::snapshots(folder, &locate::fence(folder)).any(|path| Target::of(&path) == target);
            (target.is_in(folder) && is_own()) || (output.path.exists() && is_used())
        }
        Input::Reports(folder) => {
            let is_report = output.path.extension().is_some_and(|ending| ending == "json");
            is_report && output.path.exists() && target.is_in(folder)
        }
    }
}

fn overlap(one: &Output, other: &Output) -> bool {
    let is_within = |inner: &Output, outer: &Output| outer.is_folder && Target::of(&inner.path).is_in(&outer.path);
    Target::of(&one.path) == Target::of(&other.path) || is_within(one, other) || is_within(other, one)
}

/// Whether a file can be made there; what is there already is left alone.
fn writable(output: &Output) -> Result<(), Failure> {
    let path = &output.path;
    if path.is_dir() && !output.is_folder {
        let reason = "it is a directory";
        return Err(output.refuse(Code::UnwritableFile, reason, "name a file, or end the name of a snapshot with `/`"));
    }
    let folder = if path.is_dir() { path } else { folder_of(path) };
    if !folder.is_dir() {
        let reason = format!("there is no folder `{}`", folder.display());
        return Err(output.refuse(Code::UnwritableFile, &reason, "make the folder first"));
    }
    PendingFile::new_in(folder).map(drop).map_err(|error| {
        output.refuse(Code::UnwritableFile, &files::plain(&error), "name a place that you may write to")
    })
}

/// A file, whatever the path that leads to it.
#[derive(Debug)]
struct Target {
    real: PathBuf,
    /// Device and number, by which files under several names are one.
    node: Option<(u64, u64)>,
}

impl PartialEq for Target {
    fn eq(&self, other: &Self) -> bool {
        self.real == other.real || (self.node.is_some() && self.node == other.node)
    }
}

impl Target {
    fn of(path: &Path) -> Self {
        let beside = || {
            let folder = folder_of(path).canonicalize().ok()?;
            Some(folder.join(path.file_name()?))
        };
        let whole = || std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
        let real = path.canonicalize().ok().or_else(beside).unwrap_or_else(whole);
        Target { node: node(path), real }
    }

    fn is_in(&self, folder: &Path) -> bool {
        self.real.starts_with(Target::of(folder).real)
    }
}

#[cfg(unix)]
fn node(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    path.metadata().ok().map(|file| (file.dev(), file.ino()))
}

#[cfg(not(unix))]
fn node(_: &Path) -> Option<(u64, u64)> {
    None
}
