//! Where the project's configuration and its policies are.

use std::path::{Path, PathBuf};

use super::{console, exit::Failure};
use crate::{bundle::Bundle, ingest::Project};

/// `tenure.yaml` at or above the working directory.
pub(super) fn project() -> Result<Option<(PathBuf, Project)>, Failure> {
    let Ok(here) = std::env::current_dir() else { return Ok(None) };
    match Project::find(&here) {
        None => Ok(None),
        Some(path) => {
            // Shown relative to where the user is, where that is possible.
            let shown = path.strip_prefix(&here).map_or_else(|_| path.clone(), Path::to_path_buf);
            let project = Project::read(&shown).map_err(Failure::input)?;
            Ok(Some((shown, project)))
        }
    }
}

/// The folder of the policies: `--policies`, else the one in `tenure.yaml`, else `./policies`; none for the built-in
/// bundle.
pub(super) fn folder(named: Option<&Path>) -> Result<Option<PathBuf>, Failure> {
    if let Some(folder) = named {
        return Ok(Some(folder.to_path_buf()));
    }
    let configured = project()?.and_then(|(file, project)| {
        let policies = project.policies?;
        Some(file.parent().unwrap_or(Path::new(".")).join(policies))
    });
    Ok(configured.or_else(|| Some(PathBuf::from("policies")).filter(|folder| folder.is_dir())))
}

/// What stands in the place of a folder for the built-in bundle.
pub(super) const BUILT_IN: &str = "the built-in bundle";

/// The bundle, and the name of the folder that it is in.
pub(super) fn bundle(named: Option<&Path>) -> Result<(Bundle, String), Failure> {
    match folder(named)? {
        Some(folder) => {
            let read = Bundle::read(&folder);
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
