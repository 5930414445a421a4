//! `tenure history`.

use std::path::{Path, PathBuf};

use super::{
    arguments::{HistoryArguments, HistoryFormat},
    console::Console,
    exit::{Failure, Status},
    outputs::{self, Input, Output},
};
use crate::{
    diagnostic::{Code, Diagnostic},
    files,
    report::{
        self, Report,
        history::{self, History},
        read::Kind,
    },
};

pub(super) fn run(arguments: &HistoryArguments, console: &Console) -> Result<Status, Failure> {
    let written: Vec<Output> = arguments.output.iter().map(|file| Output::new("trend", file)).collect();
    outputs::check(&written, &[Input::Reports(arguments.folder.clone())])?;
    let history = read(&arguments.folder, console)?;
    console.deliver(arguments.output.as_deref(), &mut |out| match arguments.format {
        HistoryFormat::Text => history::text(&history, out),
        HistoryFormat::Json => report::json::write_value(&history, out),
        HistoryFormat::Csv => history::csv(&history, out),
        HistoryFormat::Html => out.write_all(history::page(&history).as_bytes()),
    })?;
    Ok(Status::Clean)
}

/// The trend of the reports in a folder.
pub(super) fn read(folder: &Path, console: &Console) -> Result<History, Failure> {
    let mut problems = Vec::new();
    let mut paths = Vec::new();
    files_below(folder, &mut paths, &mut problems);
    paths.sort();
    let mut reports: Vec<(String, Report)> = Vec::new();
    let (mut left_out, mut filtered, mut warnings) = (Vec::new(), Vec::new(), Vec::new());
    for path in paths {
        let name = path.display().to_string();
        match files::read_file(&path) {
            Err(problem) => problems.push(problem),
            Ok(bytes) if report::read::kind(&bytes) != Kind::Report => left_out.push(name),
            Ok(bytes) => match report::read::report(&bytes) {
                Ok(read) if read.report.filter.as_ref().is_some_and(|filter| filter.hidden > 0) => filtered.push(name),
                Ok(read) => {
                    warnings.extend(read.warning(&name));
                    reports.push((name, read.report));
                }
                Err(found) => problems.extend(found.into_iter().map(|problem| problem.in_file(name.clone()))),
            },
        }
    }
    if !problems.is_empty() {
        return Err(Failure::input(problems));
    }
    console.warn(&warnings);
    if !left_out.is_empty() {
        console.say(&format!("left out, since they are no reports: {}", left_out.join(", ")));
    }
    if !filtered.is_empty() {
        console.say(&format!("left out, since a filter hides findings in them: {}", filtered.join(", ")));
    }
    same_organization(&reports)?;
    without_repeats(&mut reports, console);
    if reports.is_empty() && !filtered.is_empty() {
        let message =
            format!("every report in `{}` hides findings by a filter, so there is no trend", folder.display());
        let help = "write the reports without a filter: `tenure check --format json`";
        return Err(Failure::nothing(Diagnostic::error(Code::NothingToEvaluate, message).help(help)));
    }
    if reports.is_empty() {
        let message = format!("there are no reports in `{}`, so there is no trend", folder.display());
        let help = "keep the reports of `tenure check --format json` there, one file each";
        return Err(Failure::nothing(Diagnostic::error(Code::NothingToEvaluate, message).help(help)));
    }
    Ok(history::of(reports))
}

/// The JSON files of a folder and of those within it.
fn files_below(folder: &Path, paths: &mut Vec<PathBuf>, problems: &mut Vec<Diagnostic>) {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => {
            let name = folder.display().to_string();
            let message = format!("cannot read the folder `{name}`: {}", files::plain(&error));
            problems.push(Diagnostic::error(Code::UnreadableFile, message).in_file(name));
            return;
        }
    };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            files_below(&path, paths, problems);
        } else if path.extension().is_some_and(|extension| extension == "json") {
            paths.push(path);
        }
    }
}

fn same_organization(reports: &[(String, Report)]) -> Result<(), Failure> {
    let Some((first, report)) = reports.first() else { return Ok(()) };
    let organization = &report.run.organization;
    let others = reports.iter().filter(|(_, report)| report.run.organization != *organization);
    let problems: Vec<Diagnostic> = others
        .map(|(name, report)| {
            let other = &report.run.organization;
            let message = format!("`{name}` is of the organisation `{other}`, and `{first}` of `{organization}`");
            Diagnostic::error(Code::NotAlike, message)
                .help("keep the reports of each organisation in a folder of its own")
        })
        .collect();
    if problems.is_empty() { Ok(()) } else { Err(Failure::input(problems)) }
}

/// Of reports on the same snapshot by the same policies as of the same instant, the first.
fn without_repeats(reports: &mut Vec<(String, Report)>, console: &Console) {
    let mut seen = std::collections::BTreeSet::new();
    reports.retain(|(name, report)| {
        let run = &report.run;
        let is_new = seen.insert((run.as_of.clone(), run.snapshot.clone(), run.bundle.clone()));
        if !is_new {
            console.say(&format!("left out, since another says the same: {name}"));
        }
        is_new
    });
}
