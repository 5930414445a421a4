//! How a finding stands: to its due day, and to an earlier report.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::SubjectReport;
use crate::bundle::{Outcome, Severity};

vocabulary! {
    /// What a clock runs from.
    ClockBasis {
        /// The fact that the check's `@since` names.
        Fact = "fact",
        /// The first report that had the finding.
        FirstSeen = "first-seen",
    }
}

vocabulary! {
    /// How a finding stands to its due day.
    ClockState {
        /// There is time.
        OnTime = "on-time",
        /// The due day is near.
        DueSoon = "due-soon",
        /// The due day has passed.
        Overdue = "overdue",
    }
}

/// Since when a finding is open, and until when it should be resolved. Days of the organisation's time zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Clock {
    /// The day from which it runs.
    pub since: String,
    /// What says so.
    pub basis: ClockBasis,
    /// The last day to resolve it; none where the check has no `@due`.
    pub due: Option<String>,
    /// How it stands on the day judged by; none without a due day.
    pub state: Option<ClockState>,
}

impl Clock {
    /// Whether the due day has passed.
    #[must_use]
    pub fn is_overdue(&self) -> bool {
        self.state == Some(ClockState::Overdue)
    }
}

vocabulary! {
    /// How a finding stands to an earlier report.
    BaselineStatus {
        /// It was not open there.
        New = "new",
        /// It was open there too.
        Known = "known",
        /// It is open again, and was resolved.
        Reopened = "reopened",
        /// It was open there and is not.
        Resolved = "resolved",
    }
}

impl BaselineStatus {
    /// Whether it was not open in the earlier report.
    #[must_use]
    pub fn is_new(self) -> bool {
        matches!(self, BaselineStatus::New | BaselineStatus::Reopened)
    }
}

/// How a finding stands to the earlier report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BaselineNote {
    /// How it stands.
    pub status: BaselineStatus,
    /// The day judged by in the first report that had it.
    pub first_seen: String,
}

/// What changed since an earlier report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BaselineReport {
    /// The instant that the earlier report judged by, UTC.
    pub as_of: String,
    /// Digest of its snapshot.
    pub snapshot: String,
    /// Digest of its bundle.
    pub bundle: String,
    /// How many open findings were not open there.
    pub new: usize,
    /// How many were open there too.
    pub known: usize,
    /// How many are open again that were resolved.
    pub reopened: usize,
    /// How many were open there and are not.
    pub resolved: usize,
    /// Those that are resolved, of earlier reports too, so that one that is opened again is known.
    pub resolved_findings: Vec<ResolvedFinding>,
}

/// A finding that was open once and is not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ResolvedFinding {
    /// Id of the finding.
    pub id: String,
    /// Id of the check.
    pub check: String,
    /// The subject, as the report named it that had it last.
    pub subject: SubjectReport,
    /// `system/level`, for checks asked of entitlements.
    pub entitlement: Option<String>,
    /// The check's severity then.
    pub severity: Severity,
    /// The outcome then.
    pub was: Outcome,
    /// The outcome on the day it was resolved; none where the question was not asked any more.
    pub now: Option<Outcome>,
    /// The day judged by in the first report that had it.
    pub first_seen: String,
    /// The day judged by in the first report that had it no more.
    pub resolved_on: String,
}
