//! The earlier report that `--baseline` names.

use jiff::Timestamp;

use crate::{
    cli::exit::Failure,
    diagnostic::{Code, Diagnostic, counted},
    engine::answer::Evaluation,
    model::Snapshot,
    report::{Baseline, Report},
};

/// It has to be of the same organisation, and not of a later day.
pub(super) fn check(earlier: &Report, snapshot: &Snapshot, as_of: Timestamp) -> Result<(), Failure> {
    let run = &earlier.run;
    if run.organization != snapshot.organization.id {
        let message = format!(
            "the baseline is a report on the organisation `{}`, and the snapshot is of `{}`",
            run.organization, snapshot.organization.id
        );
        return Err(Failure::one(
            Diagnostic::error(Code::BadBaseline, message).help("name an earlier report on this one"),
        ));
    }
    if let Some(filter) = earlier.filter.as_ref().filter(|filter| filter.hidden > 0) {
        let message = format!(
            "the baseline hides {} by a filter, and they would all look new",
            counted(filter.hidden, "finding", "findings")
        );
        let problem = Diagnostic::error(Code::BadBaseline, message);
        return Err(Failure::one(problem.help("name an earlier report that was written without a filter")));
    }
    if run.as_of.parse::<Timestamp>().is_ok_and(|earlier| earlier > as_of) {
        let message = format!("the baseline judges as of {}, later than this run, {as_of}", run.as_of);
        let problem = Diagnostic::error(Code::BadBaseline, message);
        return Err(Failure::one(problem.help("name an earlier report, or a later day with `--as-of`")));
    }
    Ok(())
}

/// Checks that the earlier report did not ask: their findings are called new for want of knowing better.
pub(super) fn not_asked(evaluation: &Evaluation<'_>, earlier: &Baseline) -> Vec<Diagnostic> {
    let checks = evaluation.checks.iter().filter_map(|index| evaluation.resolved.bundle.checks.get(*index));
    let unasked = checks.filter(|check| !earlier.asked(&check.id));
    let warnings = unasked.map(|check| {
        let message = format!("the baseline did not ask `{}`, so all its findings are called new", check.id);
        Diagnostic::warning(Code::BadBaseline, message)
    });
    warnings.collect()
}
