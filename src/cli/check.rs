//! `tenure check`.

mod watched;

use super::{
    arguments::{CheckArguments, FailOn, Format},
    console::Console,
    exit::{Failure, Status},
    judge::{self, Inputs},
};
use crate::{
    bundle::{Bundle, Outcome},
    diagnostic::Diagnostic,
    engine::{self, Evaluation, Options},
    model::Snapshot,
    report::{self, Contents, Report},
};

pub(super) fn run(arguments: &CheckArguments, console: &Console) -> Result<Status, Failure> {
    if arguments.watch {
        return watched::run(arguments, console);
    }
    let contents = if arguments.all { Contents::All } else { Contents::Noteworthy };
    let report = report(arguments, contents, console)?;
    emit(&report, arguments, console)?;
    Ok(status(&report, arguments))
}

fn inputs(arguments: &CheckArguments) -> Inputs<'_> {
    Inputs {
        snapshot: arguments.snapshot.as_deref(),
        example: arguments.example,
        policies: arguments.policies.as_deref(),
        as_of: arguments.as_of.as_deref(),
        checks: &arguments.checks,
    }
}

fn report(arguments: &CheckArguments, contents: Contents, console: &Console) -> Result<Report, Failure> {
    let inputs = inputs(arguments);
    let (snapshot, digest) = inputs.snapshot("tenure check snapshot.json", "tenure check --example")?;
    let bundle = inputs.bundle(console)?;
    let options = inputs.options(&snapshot, &bundle)?;
    let evaluation = judge::in_pool(arguments.threads, || engine::evaluate(&snapshot, &bundle, &options))?;
    if evaluation.answers.is_empty() {
        return Err(nothing_asked(&snapshot, &bundle));
    }
    console.warn(&asked_of_nobody(&evaluation, &options));
    if console.is_verbose() {
        for check in evaluation.told_apart.iter().filter_map(|index| bundle.checks.get(*index)) {
            let id = &check.id;
            console
                .say(&format!("`{id}`: its rules do not show which subjects are alike, so each was asked by itself"));
        }
    }
    Ok(report::build(&evaluation, &digest, contents))
}

/// Checks that found no subject: not failing must not look like all is well.
fn asked_of_nobody(evaluation: &Evaluation<'_>, options: &Options) -> Vec<Diagnostic> {
    let checks = evaluation.situation.bundle.checks.iter().enumerate();
    let wanted = checks.filter(|(_, check)| options.checks.as_ref().is_none_or(|ids| ids.contains(&check.id)));
    let idle = wanted.filter(|(index, _)| !evaluation.answers.iter().any(|answer| answer.check == *index));
    idle.map(|(_, check)| {
        let message = format!("the check `{}` was asked of nobody: the snapshot has no subject for it", check.id);
        Diagnostic::warning("asked-of-nobody", message)
    })
    .collect()
}

fn nothing_asked(snapshot: &Snapshot, bundle: &Bundle) -> Failure {
    let (message, help) = if bundle.checks.is_empty() {
        ("the policies define no checks, so nothing was evaluated", "declare actions in a .cedarschema file")
    } else if snapshot.people.is_empty() && snapshot.accounts.is_empty() {
        ("the snapshot holds no people and no accounts, so nothing was evaluated", "import the sources again")
    } else {
        ("no check was asked of anybody, so nothing was evaluated", "choose other checks with `--check`")
    };
    Failure::nothing(Diagnostic::error("nothing-to-evaluate", message).help(help))
}

fn emit(report: &Report, arguments: &CheckArguments, console: &Console) -> Result<(), Failure> {
    let layout = report::text::Layout { width: console.width() };
    console.deliver(arguments.output.as_deref(), &|out| match arguments.format {
        Format::Text => report::text::write(report, layout, out),
        Format::Json => report::json::write(report, out),
    })
}

fn status(report: &Report, arguments: &CheckArguments) -> Status {
    if report.summary.errors > 0 || report.summary.rejected_records > 0 {
        return Status::Incomplete;
    }
    let default = if arguments.example { FailOn::Never } else { FailOn::Info };
    let fail_on = arguments.fail_on.unwrap_or(default);
    let counts = |outcome: Outcome| matches!(outcome, Outcome::Fail | Outcome::Unknown);
    let found = report
        .findings
        .iter()
        .any(|finding| counts(finding.outcome) && finding.waiver.is_none() && fail_on.counts(finding.severity));
    debug_assert!(report.summary.totals.total() > 0, "checking nothing must not look like all is well");
    if found { Status::Findings } else { Status::Clean }
}
