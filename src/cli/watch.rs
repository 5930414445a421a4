//! Doing something again whenever a file is saved.

use std::{
    path::{Path, PathBuf},
    sync::mpsc,
    time::Duration,
};

use notify::{Event, RecursiveMode, Watcher};

use super::{
    console::Console,
    exit::{Failure, Status},
};
use crate::diagnostic::Diagnostic;

/// How long nothing may have been written before it counts as saved; editors write in several steps.
const QUIET: Duration = Duration::from_millis(150);

/// Does it now, and again whenever something below these paths is saved, until the process is interrupted. Ends with
/// the last status where the paths can no longer be watched.
///
/// # Errors
/// That a path cannot be watched.
pub(super) fn whenever(
    paths: &[PathBuf],
    console: &Console,
    mut work: impl FnMut() -> Status,
) -> Result<Status, Failure> {
    let failed = |path: &Path, error: &dyn std::fmt::Display| {
        let message = format!("cannot watch `{}`: {error}", path.display());
        Failure::one(Diagnostic::error("unwatchable", message).help("run again without `--watch`"))
    };
    let (sender, receiver) = mpsc::channel::<Event>();
    let first = paths.first().map_or(Path::new("."), PathBuf::as_path);
    let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
        // Reading a file is an event as well.
        if let Some(event) = event.ok().filter(|event| !event.kind.is_access()) {
            let _ended = sender.send(event);
        }
    });
    let mut watcher = watcher.map_err(|error| failed(first, &error))?;
    for path in paths {
        // A file that is written anew is another file: its folder is what stays.
        let (watched, mode) = match path.parent() {
            Some(folder) if path.is_file() => (folder, RecursiveMode::NonRecursive),
            _ => (path.as_path(), RecursiveMode::Recursive),
        };
        let watched = if watched.as_os_str().is_empty() { Path::new(".") } else { watched };
        watcher.watch(watched, mode).map_err(|error| failed(watched, &error))?;
    }
    let mut status = work();
    console.say("watching for changes; interrupt to end");
    while let Ok(event) = receiver.recv() {
        let mut changed = event.paths;
        while let Ok(event) = receiver.recv_timeout(QUIET) {
            changed.extend(event.paths);
        }
        if changed.iter().any(|path| concerns(paths, path)) {
            status = work();
        }
    }
    Ok(status)
}

/// Whether a path is one of those that are watched, or below one that is a folder.
fn concerns(paths: &[PathBuf], changed: &Path) -> bool {
    paths.iter().any(|path| {
        let within = |path: &Path| changed.starts_with(path);
        within(path) || path.canonicalize().is_ok_and(|path| within(&path))
    })
}
