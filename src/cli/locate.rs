//! Where the project's configuration and its policies are, and what reading them may not leave.

use std::{
    path::{Path, PathBuf},
    sync::OnceLock,
};

use super::{console, exit::Failure};
use crate::{
    bundle::Bundle,
    diagnostic::{Code, Diagnostic},
    files::{Fence, folder_of},
    ingest::Project,
};

/// Whether paths and links of a project may lead out of it: what `--allow-outside` says, for the whole of the run.
static ALLOWS_OUTSIDE: OnceLock<bool> = OnceLock::new();

/// Lets paths and links of a project lead out of it, or not. Only the first call counts.
pub(super) fn allow_outside(is_allowed: bool) {
    let _first_counts = ALLOWS_OUTSIDE.set(is_allowed);
}

fn allows_outside() -> bool {
    ALLOWS_OUTSIDE.get().copied().unwrap_or_default()
}

/// `tenure.yaml` in the working directory, or above it in the same repository.
pub(super) fn project_file() -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    let path = Project::find(&here)?;
    // Shown relative to where the user is, where that is possible.
    Some(path.strip_prefix(&here).map_or_else(|_| path.clone(), Path::to_path_buf))
}

/// `tenure.yaml`, and where it is.
pub(super) fn project() -> Result<Option<(PathBuf, Project)>, Failure> {
    let Some(path) = project_file() else { return Ok(None) };
    let fence = if allows_outside() { Fence::none() } else { Fence::around(folder_of(&path)) };
    let project = Project::read_within(&path, &fence).map_err(Failure::input)?;
    Ok(Some((path, project)))
}

/// The folder of the policies: `--policies`, else the one in `tenure.yaml`, else `./policies`; none for the built-in
/// bundle.
pub(super) fn folder(named: Option<&Path>) -> Result<Option<PathBuf>, Failure> {
    if let Some(folder) = named {
        return Ok(Some(folder.to_path_buf()));
    }
    let configured = project()?.and_then(|(file, project)| {
        let policies = project.policies?;
        Some((file.parent().unwrap_or(Path::new("")).to_path_buf(), policies))
    });
    let (within, folder) = match configured {
        Some((within, policies)) => (within.clone(), within.join(policies)),
        None if Path::new("policies").is_dir() => (PathBuf::new(), PathBuf::from("policies")),
        None => return Ok(None),
    };
    let within = if within.as_os_str().is_empty() { Path::new(".") } else { &within };
    if folder.exists() && !allows_outside() && !Fence::around(within).has_folder(&folder) {
        let name = folder.display();
        let message = format!("the policies directory `{name}` leads out of the project; nothing in it is opened");
        let help = "name it with `--policies DIR`, or allow it with `--allow-outside` if you trust the project";
        return Err(Failure::one(Diagnostic::error(Code::OutsideProject, message).help(help)));
    }
    Ok(Some(folder))
}

/// What reading the policies of a folder may not leave: that folder, and the project that it is in.
pub(super) fn fence(folder: &Path) -> Fence {
    if allows_outside() {
        return Fence::none();
    }
    let own = Fence::around(folder);
    match project_file() {
        Some(file) if Fence::around(folder_of(&file)).has_folder(folder) => own.and(folder_of(&file)),
        _ => own,
    }
}

/// What reading the sources of a project may not leave: the folder of its `tenure.yaml`.
pub(super) fn sources(folder: &Path) -> Fence {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    if allows_outside() { Fence::none() } else { Fence::around(folder) }
}

/// What reading a source that was named on the command line may not leave: a directory, through a link in it.
pub(super) fn named_source(path: &Path) -> Fence {
    if path.is_dir() { fence(path) } else { Fence::none() }
}

/// What stands in the place of a folder for the built-in bundle.
pub(super) const BUILT_IN: &str = "the built-in bundle";

/// The bundle, and the name of the folder that it is in.
pub(super) fn bundle(named: Option<&Path>) -> Result<(Bundle, String), Failure> {
    match folder(named)? {
        Some(folder) => {
            let read = Bundle::read_within(&folder, &fence(&folder));
            let bundle = read.map_err(|problems| Failure::input(console::below(&folder, problems)))?;
            Ok((bundle, folder.display().to_string()))
        }
        None => Bundle::shipped().map(|bundle| (bundle, BUILT_IN.to_owned())).map_err(Failure::input),
    }
}

/// The folder of the policies as reports name it: relative to the root of the git repository that holds it, else to the
/// project's folder, with `/` between its parts. None for the built-in bundle, and for a folder outside the project.
pub(super) fn in_reports(place: &str) -> Option<String> {
    if place == BUILT_IN {
        return None;
    }
    let folder = Path::new(place).canonicalize().ok()?;
    let root = root(&folder)?;
    let parts = folder.strip_prefix(root).ok()?.components();
    Some(parts.map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/"))
}

/// The root that paths in reports are relative to. It depends on the policies alone where they are in a repository or
/// a project, and never on the working directory within a project.
fn root(folder: &Path) -> Option<PathBuf> {
    let holds = |name: &str| folder.ancestors().find(|ancestor| ancestor.join(name).exists()).map(Path::to_path_buf);
    let configured = || {
        let project = Project::find(&std::env::current_dir().ok()?)?.canonicalize().ok()?;
        project.parent().map(Path::to_path_buf)
    };
    let beside = || folder.parent().map(Path::to_path_buf);
    holds(".git").or_else(|| holds("tenure.yaml")).or_else(configured).or_else(beside)
}
