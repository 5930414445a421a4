//! What an exit status can depend on.

use super::model::{BaselineStatus, CheckSummary, ClockState, Finding};
use crate::bundle::Severity;

/// An open finding without a waiver, as far as an exit status can depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenFinding {
    /// The check's severity.
    pub severity: Severity,
    /// Its status since the earlier report; none without one.
    pub status: Option<BaselineStatus>,
    /// Whether the check says how soon its findings are due.
    pub has_due: bool,
    /// How it stands to its due day; none if the day on which it began is unknown.
    pub state: Option<ClockState>,
}

impl OpenFinding {
    /// Of a finding and its check; none if the finding is not open or is waived.
    #[must_use]
    pub fn of(finding: &Finding, check: Option<&CheckSummary>) -> Option<Self> {
        (finding.outcome.is_open() && finding.waiver.is_none()).then(|| OpenFinding {
            severity: finding.severity,
            status: finding.baseline.as_ref().map(|note| note.status),
            has_due: check.is_some_and(|check| check.due.is_some()),
            state: finding.clock.as_ref().and_then(|clock| clock.state),
        })
    }
}
