//! Which findings make the exit status 1.

use crate::{
    bundle::{Bundle, Severity},
    cli::{
        arguments::{CheckArguments, FailOn},
        exit::Failure,
    },
    diagnostic::{Code, Diagnostic},
    report::{
        OpenFinding,
        model::{BaselineStatus, ClockState},
    },
};

/// What is asked for has to be something that can be told.
pub(super) fn check(arguments: &CheckArguments, bundle: &Bundle) -> Result<(), Failure> {
    let asked = |what: FailOn| arguments.fail_on.contains(&what);
    let mut problems = Vec::new();
    if asked(FailOn::New) && arguments.baseline.is_none() {
        let problem = Diagnostic::error(Code::BadUsage, "`--fail-on new` needs an earlier report to tell what is new");
        problems.push(problem.help("name it with `--baseline report.json`"));
    }
    if asked(FailOn::Overdue) && bundle.checks.iter().all(|check| check.due.is_none()) {
        let problem =
            Diagnostic::error(Code::BadUsage, "`--fail-on overdue`: no check says how soon its findings are due");
        problems.push(problem.help("write `@due(\"5bd\")` before the check's action"));
    }
    if asked(FailOn::Never) && arguments.fail_on.len() > 1 {
        let problem =
            Diagnostic::error(Code::BadUsage, "`--fail-on never` says that nothing counts, so it stands alone");
        problems.push(problem.help("leave the others out, or `never`"));
    }
    if problems.is_empty() { Ok(()) } else { Err(Failure::input(problems)) }
}

/// Whether an open finding counts; none if nothing does. An example is not to fail by default.
pub(super) fn counted(fail_on: &[FailOn], example: bool) -> Option<impl Fn(&OpenFinding) -> bool> {
    if fail_on.contains(&FailOn::Never) || (example && fail_on.is_empty()) {
        return None;
    }
    let least = fail_on.iter().filter_map(|one| one.severity()).max().unwrap_or(Severity::Info);
    let only_new = fail_on.contains(&FailOn::New);
    let only_overdue = fail_on.contains(&FailOn::Overdue);
    Some(move |open: &OpenFinding| {
        let is_new = open.status.is_some_and(BaselineStatus::is_new);
        // Without a first day there is no due day, so the finding may be overdue.
        let is_overdue = open.has_due && open.state.is_none_or(|state| state == ClockState::Overdue);
        open.severity <= least && (!only_new || is_new) && (!only_overdue || is_overdue)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_counts_is_at_least_so_severe_and_new_and_overdue_where_that_is_asked() {
        let open = |severity, status, state| OpenFinding { severity, status, has_due: true, state };
        let counts =
            |fail_on: &[FailOn], open: &OpenFinding| counted(fail_on, false).is_some_and(|counts| counts(open));
        let known = open(Severity::High, Some(BaselineStatus::Known), Some(ClockState::DueSoon));
        let new = open(Severity::Low, Some(BaselineStatus::New), Some(ClockState::Overdue));
        let undated = open(Severity::Low, None, None);
        assert!(counts(&[], &known) && counts(&[], &new) && counts(&[], &undated));
        assert!(counts(&[FailOn::High], &known) && !counts(&[FailOn::High], &new));
        assert!(!counts(&[FailOn::New], &known) && counts(&[FailOn::New], &new));
        assert!(!counts(&[FailOn::New, FailOn::High], &new));
        assert!(!counts(&[FailOn::Overdue], &known) && counts(&[FailOn::Overdue], &new));
        assert!(counts(&[FailOn::Overdue], &undated));
        assert!(!counts(&[FailOn::Overdue], &OpenFinding { has_due: false, ..undated }));
        assert!(!counts(&[FailOn::Never], &new));
    }
}
