//! Which files of a directory belong to a bundle.

use std::path::Path;

use super::near_miss;
use crate::{
    diagnostic::{Diagnostic, SourceFile},
    files::{self, RawFile},
};

/// The endings of a bundle's files; others (a README, say) are left alone.
pub(super) const ENDINGS: [&str; 4] = [".cedar", ".cedarschema", ".yaml", ".yml"];

/// The files of a folder that belong to a bundle.
pub(super) struct Sources {
    pub(super) files: Vec<SourceFile>,
    /// A warning for each file that looks like a policy and is not read.
    pub(super) unread: Vec<Diagnostic>,
}

/// Reads every file of a bundle.
///
/// # Errors
/// Every file that cannot be read or is not text, or that there is none.
pub(super) fn read(folder: &Path) -> Result<Sources, Vec<Diagnostic>> {
    let name = folder.display().to_string();
    if !folder.is_dir() {
        let reason = if folder.exists() { "is not a directory" } else { "does not exist" };
        let problem = Diagnostic::error("no-bundle", format!("the policies directory `{name}` {reason}"));
        return Err(vec![problem.in_file(name).help("name one with `--policies DIR`")]);
    }
    let mut files = Vec::new();
    let mut problems = Vec::new();
    let is_policy = |file: &RawFile| ENDINGS.iter().any(|ending| file.name.ends_with(ending));
    let (policies, others): (Vec<RawFile>, Vec<RawFile>) = files::read_path(folder)?.into_iter().partition(is_policy);
    for file in policies {
        match files::text(&file.name, &file.bytes) {
            Ok(text) => files.push(SourceFile::new(file.name, text)),
            // A policy file may be empty: someone has begun to write it.
            Err(problem) if problem.code == "empty-file" => files.push(SourceFile::new(file.name, "")),
            Err(problem) => problems.push(problem),
        }
    }
    if files.is_empty() && problems.is_empty() {
        let message = format!("the policies directory `{name}` holds no .cedar, .cedarschema or .yaml file");
        problems.push(Diagnostic::error("no-bundle", message).in_file(name));
        problems.extend(near_miss::warnings(folder, &others));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(Sources { files, unread: near_miss::warnings(folder, &others) })
}
