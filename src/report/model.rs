//! The report, version 1. Fields may be added within a version; none is renamed, removed or given another meaning.

mod baseline_status;
mod filter;
mod finding;
mod subject;
mod summary;
mod summary_text;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    engine::waivers::WaiverStatus,
    model::{
        WaiverLimits,
        waiver_limits::{RecordedWaiverLimits, recorded},
    },
};

pub use baseline_status::{
    BaselineNote, BaselineReport, BaselineStatus, Clock, ClockBasis, ClockState, ResolvedFinding,
};
pub use filter::FilterReport;
pub use finding::{
    Action, Advice, FactReport, FactSource, FactState, Finding, PersonReport, Reason, Remedy, RuleStatus, WaiverNote,
};
pub use subject::SubjectReport;
pub use summary::{CheckSummary, Counts, Summary, is_control};

/// The version of the report's format.
pub const SCHEMA_VERSION: &str = "1";

/// Everything that an evaluation found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// Version of this format.
    pub schema_version: String,
    /// What was judged, by what, as of when.
    pub run: Run,
    /// Counts.
    pub summary: Summary,
    /// What changed since an earlier report; none where none was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<BaselineReport>,
    /// Which findings are listed, where only some are. `summary` and `baseline` are of all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<FilterReport>,
    /// Findings, worst first: those that are open, by severity, overdue ones first, then by check and subject; then those
    /// that are waived or exempt. Those that pass or do not apply only if asked for.
    pub findings: Vec<Finding>,
    /// What became of each waiver.
    pub waivers: Vec<WaiverReport>,
    /// Where the facts came from and what is missing of them.
    pub sources: Vec<SourceReport>,
    /// The systems, and which of their levels were judged.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub systems: Vec<SystemReport>,
    /// Job titles that no org role matches.
    pub unmatched_titles: Vec<UnmatchedTitle>,
    /// Entries of the bundle that match nothing, have run out, or excuse more than one thing.
    pub notes: Vec<Note>,
}

impl Report {
    /// The report with an empty list of findings.
    #[must_use]
    pub fn without_findings(&self) -> Report {
        let Report {
            schema_version,
            run,
            summary,
            baseline,
            filter,
            findings: _,
            waivers,
            sources,
            systems,
            unmatched_titles,
            notes,
        } = self;
        Report {
            schema_version: schema_version.clone(),
            run: run.clone(),
            summary: summary.clone(),
            baseline: baseline.clone(),
            filter: filter.clone(),
            findings: Vec::new(),
            waivers: waivers.clone(),
            sources: sources.clone(),
            systems: systems.clone(),
            unmatched_titles: unmatched_titles.clone(),
            notes: notes.clone(),
        }
    }
}

/// What was judged, by what, as of when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Run {
    /// Version of Tenure.
    pub tool_version: String,
    /// Id of the organisation.
    pub organization: String,
    /// Its name.
    pub organization_name: String,
    /// Its time zone, an IANA name.
    pub time_zone: String,
    /// The instant judged by, UTC.
    pub as_of: String,
    /// Its day in the organisation's time zone.
    pub today: String,
    /// The instant the snapshot speaks of, UTC.
    pub collected_at: String,
    /// Digest of the snapshot's bytes.
    pub snapshot: String,
    /// Digest of the bundle's files.
    pub bundle: String,
    /// What waivers may be, by the `tenure.yaml` in force: with the snapshot, the bundle and the instant all that the
    /// report depends on. Left out where nothing is limited.
    #[serde(default, skip_serializing_if = "WaiverLimits::is_empty", deserialize_with = "recorded")]
    #[schemars(with = "RecordedWaiverLimits")]
    pub waiver_limits: WaiverLimits,
}

/// What became of a waiver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WaiverReport {
    /// Id of the waiver.
    pub id: String,
    /// What became of it.
    pub status: WaiverStatus,
    /// In words.
    pub message: String,
    /// File, relative to the bundle.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
}

/// A source of facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SourceReport {
    /// Id of the source.
    pub id: String,
    /// The format or vendor.
    pub kind: String,
    /// When it said this, UTC.
    pub pulled_at: String,
    /// Records by collection.
    pub records: BTreeMap<String, usize>,
    /// What shows that a collection is complete, by collection: `total`, `last-page`, `stated` with the reason, or
    /// `assumed`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub basis: BTreeMap<String, String>,
    /// Why a collection is not complete, by collection.
    pub incomplete: BTreeMap<String, String>,
    /// Records that could not be used: which and why.
    pub rejected: Vec<String>,
}

/// A system, and which of its levels were judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SystemReport {
    /// Short id.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Who answers for it, as far as the system's file names a person who is listed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<PersonReport>,
    /// Which levels were judged.
    pub judged_by: JudgedBy,
}

/// Which levels of a system were judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum JudgedBy {
    /// Having an account is the only level: `levels: login-only`.
    LoginOnly,
    /// Every level of the source; the system's file lists those that access rules may name.
    List,
    /// Every level of the source: `levels: all`.
    All,
    /// Every level of the source; no file says which there are.
    NotStated,
}

/// A job title that no org role matches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UnmatchedTitle {
    /// The job title.
    pub job_title: Option<String>,
    /// The department.
    pub department: Option<String>,
    /// How many current people have them.
    pub people: usize,
}

/// Something odd that decides nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Note {
    /// Kind of note.
    pub code: String,
    /// What it is.
    pub message: String,
    /// `file:line:column` within the bundle.
    pub place: Option<String>,
}
