//! `tenure diff`.

use std::path::Path;

use super::{
    arguments::{DiffArguments, DiffFormat},
    console::Console,
    exit::{Failure, Status},
    outputs::{self, Input, Output},
};
use crate::{
    diagnostic::{Code, Diagnostic},
    files,
    model::{self, Snapshot},
    report::{self, Report, diff, read::Kind},
};

/// One of the two that are compared.
enum Side {
    Report(Box<Report>),
    Snapshot(Box<Snapshot>, String),
}

pub(super) fn run(arguments: &DiffArguments, console: &Console) -> Result<Status, Failure> {
    let written: Vec<Output> = arguments.output.iter().map(|file| Output::new("comparison", file)).collect();
    outputs::check(&written, &[&arguments.before, &arguments.after].map(|path| Input::Path(path.clone())))?;
    let (before, after) = match (read(&arguments.before, console), read(&arguments.after, console)) {
        (Ok(before), Ok(after)) => (before, after),
        (before, after) => {
            let problems = [before.err(), after.err()].into_iter().flatten().flatten().collect();
            return Err(Failure::input(problems));
        }
    };
    let difference = match (&before, &after) {
        (Side::Report(before), Side::Report(after)) => {
            same_organization(&before.run.organization, &after.run.organization)?;
            diff::between_reports(before, after)
        }
        (Side::Snapshot(before, one), Side::Snapshot(after, two)) => {
            same_organization(&before.organization.id, &after.organization.id)?;
            diff::between_snapshots((before, one), (after, two))
        }
        _ => {
            let problem = Diagnostic::error(Code::NotAlike, "one of the two is a report, the other a snapshot");
            return Err(Failure::one(problem.help("compare two reports, or two snapshots")));
        }
    };
    let layout = report::text_writer::Layout::of_width(console.width());
    console.deliver(arguments.output.as_deref(), &mut |out| match arguments.format {
        DiffFormat::Text => diff::write_text(&difference, layout, out),
        DiffFormat::Json => report::json::write_value(&difference, out),
        DiffFormat::Markdown => diff::write_markdown(&difference, out),
    })?;
    Ok(if difference.is_empty() { Status::Clean } else { Status::Findings })
}

fn read(path: &Path, console: &Console) -> Result<Side, Vec<Diagnostic>> {
    let name = path.display().to_string();
    let snapshot = if path.is_dir() {
        model::read::file(path)?
    } else {
        let bytes = files::read_file(path).map_err(|problem| vec![problem])?;
        match report::read::kind(&bytes) {
            Kind::Snapshot => model::read::document(&name, &bytes)?,
            Kind::Report | Kind::Other => {
                let in_file = |problem: Diagnostic| problem.in_file(name.clone());
                let read = report::read::report(&bytes)
                    .map_err(|problems| problems.into_iter().map(in_file).collect::<Vec<Diagnostic>>())?;
                console.warn(read.warning(&name).as_slice());
                return Ok(Side::Report(Box::new(read.report)));
            }
        }
    };
    console.warn(snapshot.warning(&name).as_slice());
    Ok(Side::Snapshot(Box::new(snapshot.snapshot), snapshot.digest))
}

fn same_organization(before: &str, after: &str) -> Result<(), Failure> {
    if before == after {
        return Ok(());
    }
    let message = format!("the two are of different organisations, `{before}` and `{after}`");
    Err(Failure::one(Diagnostic::error(Code::NotAlike, message).help("compare two of the same organisation")))
}
