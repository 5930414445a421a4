//! The folders that reading may not leave.

use std::path::{Component, Path, PathBuf};

use crate::{
    diagnostic::{Code, Diagnostic},
    escape::terminal,
};

/// Folders of version control, which hold tokens and old versions of everything.
pub(crate) const VERSION_CONTROL: [&str; 3] = [".git", ".hg", ".svn"];

/// The folders that reading may not leave, through a link or by a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fence {
    /// With links followed; `None` where reading may lead anywhere.
    folders: Option<Vec<PathBuf>>,
}

impl Fence {
    /// Reading may lead anywhere.
    #[must_use]
    pub fn none() -> Self {
        Fence { folders: None }
    }

    /// Whether reading may lead anywhere.
    pub(super) fn is_open(&self) -> bool {
        self.folders.is_none()
    }

    /// Reading stays in this folder.
    #[must_use]
    pub fn around(folder: &Path) -> Self {
        Fence { folders: Some(vec![real(folder)]) }
    }

    /// Reading may lead into this folder as well.
    #[must_use]
    pub fn and(self, folder: &Path) -> Self {
        let folders = self.folders.map(|folders| folders.into_iter().chain([real(folder)]).collect());
        Fence { folders }
    }

    /// Whether a folder lies inside, or is one that reading may not leave. Hidden folders count.
    #[must_use]
    pub fn has_folder(&self, folder: &Path) -> bool {
        let Some(folders) = &self.folders else { return true };
        let Ok(target) = folder.canonicalize() else { return false };
        let is_version_control = |part: Component<'_>| VERSION_CONTROL.iter().any(|name| part.as_os_str() == *name);
        folders
            .iter()
            .any(|folder| target.strip_prefix(folder).is_ok_and(|rest| !rest.components().any(is_version_control)))
    }

    /// Refuses a path that leads outside, or to a hidden file inside, once its links are followed. Nothing is opened.
    ///
    /// # Errors
    /// One problem that names the path, and not where it leads.
    pub fn check(&self, path: &Path) -> Result<(), Diagnostic> {
        let Some(folders) = &self.folders else { return Ok(()) };
        if path.canonicalize().is_ok_and(|target| folders.iter().any(|folder| holds(folder, &target))) {
            return Ok(());
        }
        // A path without links that names nothing yet gives a plain error where it is read.
        if is_missing(path) && folders.iter().any(|folder| holds(folder, &real(path))) {
            return Ok(());
        }
        let name = terminal(&path.display().to_string());
        let message = format!("`{name}` leads out of the project, to a hidden file, or to nothing; it is not opened");
        let help = "put the file into the project, or allow it with `--allow-outside` if you trust the project";
        Err(Diagnostic::error(Code::OutsideProject, message).in_file(name).help(help))
    }
}

/// Whether a folder holds this file, which is not hidden in it.
fn holds(folder: &Path, target: &Path) -> bool {
    let is_hidden = |part: Component<'_>| part.as_os_str().as_encoded_bytes().starts_with(b".");
    target.strip_prefix(folder).is_ok_and(|rest| !rest.components().any(is_hidden))
}

fn is_missing(path: &Path) -> bool {
    path.symlink_metadata().is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound)
}

/// A path with its links followed; of one that names nothing, those of the nearest folder around it.
fn real(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let mut rest = Vec::new();
    let mut folder = path.as_path();
    loop {
        if let Ok(mut real) = folder.canonicalize() {
            for part in rest.iter().rev() {
                match part {
                    Component::ParentDir => drop(real.pop()),
                    part => real.push(part),
                }
            }
            return real;
        }
        let (Some(parent), Some(last)) = (folder.parent(), folder.components().next_back()) else { return path };
        rest.push(last);
        folder = parent;
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::{fs, os::unix::fs::symlink};

    use super::*;

    #[test]
    fn links_and_paths_stay_inside_and_away_from_hidden_files() {
        let all = tempfile::tempdir().unwrap();
        let project = all.path().join("project");
        fs::create_dir_all(project.join("policies/lib")).unwrap();
        fs::create_dir_all(project.join(".git")).unwrap();
        for file in ["outside.yaml", "project/.git/config", "project/.env", "project/a.yaml", "project/policies/b.yaml"]
        {
            fs::write(all.path().join(file), "x").unwrap();
        }
        for (link, target) in [
            ("out", "../../outside.yaml"),
            ("folder", "../.."),
            ("config", "../.git/config"),
            ("env", "../.env"),
            ("dangling", "../../nothing"),
            ("inside", "../a.yaml"),
            ("absolute", "/etc/hosts"),
            ("chain", "out"),
        ] {
            symlink(target, project.join("policies").join(link)).unwrap();
        }
        let fence = Fence::around(&project.join("policies")).and(&project);
        let check = |path: &str| fence.check(&project.join("policies").join(path));
        for path in ["b.yaml", "inside", "lib", "lib/../b.yaml", "../a.yaml", "none.yaml", "lib/none/../x.yaml"] {
            assert_eq!(check(path), Ok(()), "{path}");
        }
        for path in [
            "out",
            "folder",
            "folder/outside.yaml",
            "config",
            "env",
            "dangling",
            "absolute",
            "chain",
            "../.git/config",
            "../../outside.yaml",
            "../../none.yaml",
            "/etc/hosts",
            "/none",
            "lib/none/../../../../x",
        ] {
            let problem = check(path).expect_err(path);
            assert_eq!(problem.code, Code::OutsideProject, "{path}");
            assert_eq!(Fence::none().check(&project.join("policies").join(path)), Ok(()));
        }
    }
}
