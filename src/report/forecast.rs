//! What changes by itself: verdicts as of the days to come, with the snapshot and the policies as they are.
//!
//! Every day is evaluated, not derived from the dates in the facts. So a forecast is what `--as-of` says of each day,
//! whatever dates, ages and limits the rules compare.

mod days;
mod forms;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::model::{PersonReport, SubjectReport};
use crate::bundle::{Outcome, Severity};

pub use days::{States, between};
pub use forms::calendar;
pub use forms::text;

/// The version of the format.
pub const SCHEMA_VERSION: &str = "1";

/// What changes by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Forecast {
    /// Version of this format.
    pub schema_version: String,
    /// Id of the organisation.
    pub organization: String,
    /// Digest of the snapshot.
    pub snapshot: String,
    /// Digest of the bundle.
    pub bundle: String,
    /// When the snapshot was collected, UTC.
    pub collected_at: String,
    /// The instant from which the forecast starts, UTC.
    pub from: String,
    /// Whether lists count as pulled again every day, so that none grows old.
    pub fresh_lists: bool,
    /// The last day of the forecast, in the organisation's time zone.
    pub until: String,
    /// The days on which something changes, in order.
    pub days: Vec<ForecastDay>,
}

/// A day on which something changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ForecastDay {
    /// The day, in the organisation's time zone. Verdicts are those as of its beginning.
    pub date: String,
    /// What changes, most severe first.
    pub changes: Vec<ForecastChange>,
}

/// A finding that changes by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ForecastChange {
    /// Id of the finding.
    pub finding: String,
    /// The check.
    pub check: String,
    /// How severe a failure is.
    pub severity: Severity,
    /// What the check is asked of.
    pub subject: SubjectReport,
    /// The level, for checks of access.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entitlement: Option<String>,
    /// The state until then; none if the question was not asked.
    pub before: Option<State>,
    /// The state from then on; none if the question is no longer asked.
    pub after: Option<State>,
    /// Why, from then on.
    pub message: String,
    /// The owner of the account, or the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<PersonReport>,
}

/// The state of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct State {
    /// The outcome.
    pub outcome: Outcome,
    /// Whether a waiver applies.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub waived: bool,
    /// Whether its due day has passed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub overdue: bool,
}

impl std::fmt::Display for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.outcome)?;
        if self.waived {
            f.write_str(", waived")?;
        }
        if self.overdue {
            f.write_str(", overdue")?;
        }
        Ok(())
    }
}

impl Forecast {
    /// The number of changes.
    #[must_use]
    pub fn total(&self) -> usize {
        self.days.iter().map(|day| day.changes.len()).sum()
    }
}
