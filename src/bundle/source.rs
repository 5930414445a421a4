//! Which files of a directory belong to a bundle.

use std::{collections::BTreeSet, path::Path};

use super::{
    data::login_tables,
    near_miss::{self, ENDINGS},
};
use crate::{
    diagnostic::{Code, Diagnostic, SourceFile},
    files::{self, Fence, Found, Walked},
    yaml::Document,
};

/// The files of a folder that belong to a bundle.
pub(super) struct Sources {
    pub(super) files: Vec<SourceFile>,
    /// A warning for each file that looks like a policy and is not read.
    pub(super) unread: Vec<Diagnostic>,
}

/// The largest file of a bundle, in bytes.
const MAX_FILE: u64 = 16 << 20;

/// All files of a bundle together, in bytes.
const MAX_BUNDLE: usize = 64 << 20;

fn too_large(name: &str) -> Diagnostic {
    let limit = files::size(MAX_BUNDLE as u64);
    let message = format!("the files of `{name}` are larger than {limit} together");
    let help = "name the folder of the policies alone, or divide them into several bundles";
    Diagnostic::error(Code::TooLarge, message).in_file(name).help(help)
}

/// The names of the tables that the files name.
fn tables(files: &[SourceFile]) -> BTreeSet<String> {
    let naming = files.iter().filter(|file| file.text.contains(login_tables::KEY));
    let documents = naming.filter_map(|file| Document::parse(file).ok());
    let names = documents.flat_map(|document| login_tables::named(&document));
    names.map(|(_, name)| name).filter(|name| name.ends_with(".csv")).collect()
}

/// Reads every file of a bundle; links stay inside the fence.
///
/// # Errors
/// Returns every file that is unreadable or not text, or one problem if there is no file.
pub(super) fn read(folder: &Path, fence: &Fence) -> Result<Sources, Vec<Diagnostic>> {
    let name = folder.display().to_string();
    if !folder.is_dir() {
        let reason = if folder.exists() { "is not a directory" } else { "does not exist" };
        let problem = Diagnostic::error(Code::NoBundle, format!("the policies directory `{name}` {reason}"));
        return Err(vec![problem.in_file(name).help("name one with `--policies DIR`")]);
    }
    let mut files = Vec::new();
    let Walked { found, mut problems, .. } = files::walk(folder, fence);
    let is_policy = |file: &Found| ENDINGS.iter().any(|ending| file.name.ends_with(ending));
    if found.is_empty() && problems.is_empty() {
        problems.push(Diagnostic::error(Code::EmptyDirectory, format!("`{name}` holds no files")).in_file(name));
        return Err(problems);
    }
    let (policies, others): (Vec<Found>, Vec<Found>) = found.into_iter().partition(is_policy);
    let mut size = 0;
    for file in policies {
        let read = file.refused.map_or_else(|| files::read_regular(&file.path, fence, MAX_FILE), Err);
        let bytes = match read {
            Ok(bytes) => bytes,
            Err(problem) => {
                problems.push(problem);
                continue;
            }
        };
        size += bytes.len();
        if size > MAX_BUNDLE {
            problems.push(too_large(&name));
            return Err(problems);
        }
        match files::text(&file.name, &bytes) {
            Ok(text) => files.push(SourceFile::new(file.name, text)),
            // A policy file may be empty: someone has begun to write it.
            Err(problem) if problem.code == Code::EmptyFile => files.push(SourceFile::new(file.name, "")),
            Err(problem) => problems.push(problem),
        }
    }
    let tables = tables(&files);
    let (tables, others): (Vec<Found>, Vec<Found>) = others.into_iter().partition(|file| tables.contains(&file.name));
    for file in tables {
        let read = file.refused.map_or_else(|| files::read_regular(&file.path, fence, MAX_FILE), Err);
        match read.and_then(|bytes| files::text(&file.name, &bytes).map(str::to_owned)) {
            Ok(text) => {
                size += text.len();
                files.push(SourceFile::new(file.name, text));
            }
            Err(problem) => problems.push(problem),
        }
    }
    if size > MAX_BUNDLE {
        problems.push(too_large(&name));
        return Err(problems);
    }
    // It may be a folder of policies, which must not be left out without a word.
    let outside = others.iter().filter_map(|file| file.refused.clone());
    problems.extend(outside.filter(|problem| problem.code == Code::OutsideProject));
    if files.is_empty() && problems.is_empty() {
        let message = format!("the policies directory `{name}` holds no .cedar, .cedarschema or .yaml file");
        problems.push(Diagnostic::error(Code::NoBundle, message).in_file(name));
        problems.extend(near_miss::warnings(folder, &others));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(Sources { files, unread: near_miss::warnings(folder, &others) })
}
