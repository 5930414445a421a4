//! Reports of one organisation in the order of time: counts by check, and how long findings stay open.

mod build;
#[cfg(feature = "cli")]
mod chart;
#[cfg(feature = "cli")]
mod forms;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::model::Counts;
use crate::bundle::Severity;

pub use build::of;
#[cfg(feature = "cli")]
pub use chart::{chart, page};
#[cfg(feature = "cli")]
pub use forms::{csv, text};

/// The version of the format.
pub const SCHEMA_VERSION: &str = "1";

/// A trend over reports.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct History {
    /// Version of this format.
    pub schema_version: String,
    /// Id of the organisation.
    pub organization: String,
    /// Its name.
    pub organization_name: String,
    /// The reports, in the order of the instants that they judge by.
    pub reports: Vec<HistoryReport>,
    /// The checks, in the order of their ids.
    pub checks: Vec<CheckHistory>,
}

/// One report of a trend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HistoryReport {
    /// Its file.
    pub file: String,
    /// The instant judged by, UTC.
    pub as_of: String,
    /// Its day in the organisation's time zone.
    pub today: String,
    /// Digest of the snapshot.
    pub snapshot: String,
    /// Digest of the bundle.
    pub bundle: String,
}

/// A check over time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CheckHistory {
    /// Id of the check.
    pub check: String,
    /// Its title in the last report that has it.
    pub title: String,
    /// Its severity there.
    pub severity: Severity,
    /// Its counts by report; none where it was not asked.
    pub counts: Vec<Option<Counts>>,
    /// How many findings were resolved.
    pub resolved: usize,
    /// How many were opened again after that.
    pub reopened: usize,
    /// The mean of the days from the first report that had a finding to the first that had it no more.
    pub mean_days_to_resolve: Option<f64>,
    /// The median of the same.
    pub median_days_to_resolve: Option<f64>,
    /// How many are open in the last report that asked.
    pub open: usize,
    /// The age of the oldest of them, in days.
    pub oldest_open_days: Option<i64>,
}
