//! `tenure check`.

mod earlier;
mod evaluation;
mod evidence;
mod fail_on;
mod filters;
mod listing;
mod redacted;
mod watched;

use self::evaluation::{draws_organization, emit, status, with_report};
use super::{
    arguments::CheckArguments,
    console::Console,
    exit::{Failure, Status},
    history, locate,
    outputs::{self, Input, Output},
};
use crate::report::{Contents, Filtered, OpenFinding, View};

pub(super) fn run(arguments: &CheckArguments, console: &Console) -> Result<Status, Failure> {
    if arguments.watch {
        return watched::run(arguments, console);
    }
    let arrangement = listing::arrangement(arguments)?;
    outputs::check(&written(arguments), &read_by(arguments)?)?;
    let lists_all = arguments.all || arguments.filters.lists_clean();
    let contents = if lists_all { Contents::All } else { Contents::Reportable };
    let evidence = evidence::Evidence::wanted(arguments, contents)?;
    let folder = arguments.history.as_deref();
    let history = folder.map(|folder| history::read(folder, console)).transpose()?;
    with_report(arguments, contents, console, |report, place, redacted| {
        let filter = filters::filter(&arguments.filters, report.resolved(), &report.head)?;
        let organization = draws_organization(arguments).then(|| report.organization());
        let (organization, history) = (organization.as_ref(), history.as_ref());
        let view =
            View { policies: place, organization, history, contents, arrangement, ..View::new(&report.head, report) };
        if let Some(evidence) = &evidence {
            evidence.write(&view, report.bundle(), redacted, console)?;
        }
        match filter {
            None => emit(&view, arguments, console)?,
            Some(filter) => {
                let counts = fail_on::counted(&arguments.fail_on, arguments.example);
                let counts = |open: &OpenFinding| counts.as_ref().is_some_and(|counts| counts(open));
                let (head, deciding) = filter.head(&report.head, report, counts);
                let source = Filtered::new(report, &filter);
                emit(
                    &View { head: &head, source: &source, hidden_deciding: Some(&deciding), ..view },
                    arguments,
                    console,
                )?;
            }
        }
        Ok(status(report, arguments))
    })
}

/// Everything that is written.
fn written(arguments: &CheckArguments) -> Vec<Output> {
    let files = arguments.output.iter().chain(arguments.exports.iter().map(|export| &export.file));
    let evidence = arguments.evidence.evidence.iter().map(|folder| Output::folder("evidence", folder));
    evidence.chain(files.map(|file| Output::new("report", file))).collect()
}

/// Everything that is read.
fn read_by(arguments: &CheckArguments) -> Result<Vec<Input>, Failure> {
    let options = &arguments.evidence;
    let files = [&arguments.snapshot, &arguments.baseline, &options.redact_key, &options.sign];
    let is_example = arguments.example && arguments.policies.is_none();
    let policies = if is_example { None } else { locate::folder(arguments.policies.as_deref())? };
    let files = files.into_iter().flatten().cloned().map(Input::Path);
    Ok(files.chain(policies.map(Input::Policies)).chain(arguments.history.clone().map(Input::Reports)).collect())
}
