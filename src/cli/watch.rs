//! Doing something again whenever a file is saved.

use std::{
    path::{Path, PathBuf},
    sync::mpsc,
    time::{Duration, Instant},
};

use notify::{Event, RecursiveMode, Watcher};

use super::{
    console::Console,
    exit::{Failure, Status},
};
use crate::diagnostic::{Code, Diagnostic};

/// How long nothing may have been written before it counts as saved; editors write in several steps.
const QUIET: Duration = Duration::from_millis(150);
/// How long that is waited for at most.
const PATIENCE: Duration = Duration::from_secs(2);

/// Does it now, and again whenever something below these paths is saved, until the process is interrupted. Ends with
/// the last status where nothing can be watched any longer.
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
        Failure::one(Diagnostic::error(Code::Unwatchable, message).help("run again without `--watch`"))
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
    // What is watched is told of by its real path.
    let real = |path: &PathBuf| path.canonicalize().unwrap_or_else(|_| path.clone());
    let paths: Vec<PathBuf> = paths.iter().map(real).collect();
    for path in &paths {
        // A file that is written anew is another file: its folder is what stays.
        let (watched, mode) = match path.parent() {
            Some(folder) if path.is_file() => (folder, RecursiveMode::NonRecursive),
            _ => (path.as_path(), RecursiveMode::Recursive),
        };
        watcher.watch(watched, mode).map_err(|error| failed(watched, &error))?;
    }
    let mut status = work();
    console.say("watching for changes; interrupt to end");
    let concerns = |event: &Event| event.paths.iter().any(|changed| paths.iter().any(|path| changed.starts_with(path)));
    while let Ok(event) = receiver.recv() {
        if !concerns(&event) {
            continue;
        }
        // Until nothing more is written; what is written without end is judged every now and then.
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE && receiver.recv_timeout(QUIET).is_ok() {}
        status = work();
    }
    Ok(status)
}
