//! Exit statuses.

use std::process::ExitCode;

use crate::diagnostic::Diagnostic;

/// What an exit status means; the numbers are a contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Evaluated; nothing at or above `--fail-on`.
    Clean = 0,
    /// Findings.
    Findings = 1,
    /// Bad usage, configuration, policy or input; nothing was evaluated.
    Usage = 2,
    /// Incomplete: a rule erred, or records were rejected.
    Incomplete = 3,
    /// Nothing to evaluate.
    Nothing = 4,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        ExitCode::from(status as u8)
    }
}

/// Why a command ended before its end.
#[derive(Debug, Clone)]
pub(super) struct Failure {
    /// The status to leave with.
    pub(super) status: Status,
    /// Everything that was wrong.
    pub(super) problems: Vec<Diagnostic>,
}

impl Failure {
    /// Bad usage, configuration, policy or input.
    pub(super) fn input(problems: Vec<Diagnostic>) -> Self {
        Failure { status: Status::Usage, problems }
    }

    /// The same, of one problem.
    pub(super) fn one(problem: Diagnostic) -> Self {
        Self::input(vec![problem])
    }

    /// There is nothing to evaluate.
    pub(super) fn nothing(problem: Diagnostic) -> Self {
        Failure { status: Status::Nothing, problems: vec![problem] }
    }
}
