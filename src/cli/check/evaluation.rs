//! The evaluation that `tenure check` asks for, and what comes of it: files and an exit status.

use std::{io::Write, sync::OnceLock};

use super::{earlier, fail_on, redacted::Redacted};
use crate::{
    cli::{
        arguments::CheckArguments,
        console::Console,
        exit::{Failure, Status},
        inputs::{self, Inputs},
        locate,
    },
    diagnostic::{Code, Diagnostic},
    engine::{
        self,
        answer::{Evaluation, Options, Retention},
        stream::Streamed,
    },
    model::Snapshot,
    report::{
        Baseline, Contents, LazyReport, View,
        format::{Format, render},
        read,
        text_writer::Layout,
    },
    resolve::ResolvedSnapshot,
};

/// Whether a format is asked for that draws the organisation.
pub(super) fn draws_organization(arguments: &CheckArguments) -> bool {
    let mut formats = arguments.exports.iter().map(|export| export.format).chain([arguments.format]);
    formats.any(Format::draws_organization)
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

/// Evaluates what was asked for, and calls `then` with the report.
pub(super) fn with_report<T: Send>(
    arguments: &CheckArguments,
    contents: Contents,
    console: &Console,
    then: impl Fn(&LazyReport<'_, '_>, Option<&str>, Option<&Redacted>) -> Result<T, Failure> + Sync,
) -> Result<T, Failure> {
    let inputs = inputs(arguments);
    let keep =
        if contents == Contents::All || draws_organization(arguments) { Retention::All } else { Retention::Reportable };
    // A large snapshot is judged while it is read, as far as that goes; whatever is wrong with one is said of the whole.
    let redacted = Redacted::wanted(arguments, &inputs, console)?;
    let stream = if keep == Retention::Reportable && redacted.is_none() { inputs.stream() } else { None };
    let read = || match &redacted {
        Some(redacted) => Ok((redacted.snapshot.clone(), redacted.digest.clone())),
        None => inputs.snapshot(("tenure check snapshot.json", "tenure check --example"), console),
    };
    let (whole, bundle) = rayon::join(
        || stream.is_none().then(read),
        || match &redacted {
            Some(redacted) => Ok((redacted.bundle.clone(), redacted.place.clone())),
            None => inputs.bundle_and_place(),
        },
    );
    let (whole, (bundle, place)) = (whole.transpose()?, bundle?);
    fail_on::check(arguments, &bundle)?;
    let previous = arguments.baseline.as_deref().map(read::file).transpose().map_err(Failure::input)?;
    let skipped = previous.as_ref().zip(arguments.baseline.as_deref());
    let skipped = skipped.and_then(|(read, path)| read.warning(&path.display().to_string()));
    console.warn(&skipped.into_iter().collect::<Vec<Diagnostic>>());
    let previous = previous.map(|read| read.report);
    let baseline = previous.clone().map(Baseline::of);
    let options = |snapshot: &Snapshot| {
        let mut options = inputs.options(snapshot, &bundle)?;
        if let Some(redacted) = &redacted {
            options.waiver_limits = redacted.limits(options.waiver_limits);
        }
        let as_of = options.as_of.unwrap_or(snapshot.collected_at);
        previous.iter().try_for_each(|report| earlier::check(report, snapshot, as_of))?;
        Ok::<_, Failure>(Options {
            keep,
            followed: baseline.as_ref().map(Baseline::subjects).unwrap_or_default(),
            ..options
        })
    };
    let report = |evaluation: &Evaluation<'_>, digest: &str| {
        inputs.announce(&bundle, &place, console);
        if evaluation.total() == 0 {
            return Err(nothing_asked(&evaluation.resolved));
        }
        console.warn(&without_subjects(evaluation));
        say_evaluated_individually(evaluation, console);
        if let Some(baseline) = &baseline {
            console.warn(&earlier::not_asked(evaluation, baseline));
        }
        let report = LazyReport::since(baseline.as_ref(), evaluation, digest, contents);
        then(&report, locate::in_reports(&place).as_deref(), redacted.as_ref())
    };
    if let Some(stream) = stream {
        let options = options(stream.head())?;
        let head = OnceLock::new();
        let streamed = engine::stream::evaluate(stream, &head, &bundle, &options).map_err(inputs::failed)?;
        if let Streamed::Evaluated(evaluation, digest) = streamed {
            return report(&evaluation, &digest);
        }
    }
    let (snapshot, digest) = whole.map_or_else(read, Ok)?;
    let options = options(&snapshot)?;
    report(&engine::evaluate(&snapshot, &bundle, &options).map_err(inputs::failed)?, &digest)
}

/// Names the checks that could not be decided once for all that are alike.
fn say_evaluated_individually(evaluation: &Evaluation<'_>, console: &Console) {
    if !console.is_verbose() {
        return;
    }
    let checks =
        evaluation.evaluated_individually.iter().filter_map(|index| evaluation.resolved.bundle.checks.get(*index));
    for check in checks {
        let id = &check.id;
        console.say(&format!("`{id}`: its rules do not show which subjects are alike, or tell most of them apart, so each was asked by itself"));
    }
}

/// Checks that found no subject: not failing must not look like all is well.
fn without_subjects(evaluation: &Evaluation<'_>) -> Vec<Diagnostic> {
    let idle = |index: &&usize| evaluation.tallies.get(**index).is_none_or(|tally| tally.total() == 0);
    let checks = evaluation.checks.iter().filter(idle);
    let checks = checks.filter_map(|index| evaluation.resolved.bundle.checks.get(*index));
    let warnings = checks.map(|check| {
        let message = format!("the snapshot has no subject for the check `{}`", check.id);
        Diagnostic::warning(Code::AskedOfNobody, message)
    });
    warnings.collect()
}

fn nothing_asked(resolved: &ResolvedSnapshot<'_>) -> Failure {
    let (message, help) = if resolved.bundle.checks.is_empty() {
        ("the policies define no checks, so nothing was evaluated", "declare actions in a .cedarschema file")
    } else if resolved.people.is_empty() && resolved.accounts.is_empty() {
        ("the snapshot holds no people and no accounts, so nothing was evaluated", "import the sources again")
    } else {
        ("no check has a subject in the snapshot, so nothing was evaluated", "choose other checks with `--check`")
    };
    Failure::nothing(Diagnostic::error(Code::NothingToEvaluate, message).help(help))
}

/// Writes every file that was asked for, and then the report itself.
pub(super) fn emit(view: &View<'_>, arguments: &CheckArguments, console: &Console) -> Result<(), Failure> {
    let write = |format: Format, layout: Layout, out: &mut dyn Write| {
        if arguments.listing.bom && format.is_csv() {
            out.write_all("\u{feff}".as_bytes())?;
        }
        render(format, view, layout, out)
    };
    for export in &arguments.exports {
        let layout = Layout { details: arguments.details, ..Layout::default() };
        console.deliver(Some(&export.file), &mut |out| write(export.format, layout, out))?;
    }
    let layout = Layout { width: console.report_width(), details: arguments.details };
    console.deliver(arguments.output.as_deref(), &mut |out| write(arguments.format, layout, out))
}

pub(super) fn status(report: &LazyReport<'_, '_>, arguments: &CheckArguments) -> Status {
    let summary = &report.head.summary;
    if summary.errors > 0 || summary.rejected_records > 0 {
        return Status::Incomplete;
    }
    debug_assert!(summary.totals.total() > 0, "checking nothing must not look like all is well");
    let counts = fail_on::counted(&arguments.fail_on, arguments.example);
    if counts.is_some_and(|counts| report.has_open(counts)) { Status::Findings } else { Status::Clean }
}
