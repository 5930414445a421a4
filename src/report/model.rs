//! The report, version 1. Fields may be added within a version; none is renamed, removed or given another meaning.

mod baseline_status;
mod filter;
mod summary_text;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    bundle::{Outcome, Severity},
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

/// How often each outcome came.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Counts {
    /// Compliant.
    pub pass: usize,
    /// Not compliant, waived ones included.
    pub fail: usize,
    /// Cannot be judged, waived ones included.
    pub unknown: usize,
    /// Let off.
    pub exempt: usize,
    /// Does not apply.
    pub not_applicable: usize,
    /// Of the failing and unknown ones: those under a waiver.
    pub waived: usize,
    /// Of the failing and unknown ones that are not waived: those whose due day has passed.
    #[serde(default)]
    pub overdue: usize,
}

impl Counts {
    /// Counts answers of one outcome.
    pub fn add(&mut self, outcome: Outcome, count: usize) {
        match outcome {
            Outcome::Pass => self.pass += count,
            Outcome::Fail => self.fail += count,
            Outcome::Unknown => self.unknown += count,
            Outcome::Exempt => self.exempt += count,
            Outcome::NotApplicable => self.not_applicable += count,
        }
    }

    /// Counts what others count.
    pub fn add_all(&mut self, others: &Counts) {
        let Counts { pass, fail, unknown, exempt, not_applicable, waived, overdue } = others;
        self.pass += pass;
        self.fail += fail;
        self.unknown += unknown;
        self.exempt += exempt;
        self.not_applicable += not_applicable;
        self.waived += waived;
        self.overdue += overdue;
    }

    /// All outcomes together.
    #[must_use]
    pub fn total(&self) -> usize {
        self.pass + self.fail + self.unknown + self.exempt + self.not_applicable
    }
}

/// Counts of the whole and of each check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// Over all checks.
    pub totals: Counts,
    /// How many findings rest on a rule that erred.
    pub errors: usize,
    /// How many records of the snapshot's sources could not be used.
    pub rejected_records: usize,
    /// By check, in order of ids.
    pub checks: Vec<CheckSummary>,
}

impl CheckSummary {
    /// Whether the check serves one of these controls, or a control of one of these frameworks.
    #[must_use]
    pub fn serves_any(&self, wanted: &[String]) -> bool {
        wanted.iter().any(|wanted| self.controls.iter().any(|control| is_control(control, wanted)))
    }
}

/// Whether a control, `framework:control`, is the one that is wanted, or of the framework that is, in any case of ASCII.
#[must_use]
pub fn is_control(control: &str, wanted: &str) -> bool {
    let framework = control.split_once(':').map(|(framework, _)| framework);
    control.eq_ignore_ascii_case(wanted) || framework.is_some_and(|framework| framework.eq_ignore_ascii_case(wanted))
}

/// One check and its counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CheckSummary {
    /// Id of the check.
    pub check: String,
    /// Its title.
    pub title: String,
    /// Its severity.
    pub severity: Severity,
    /// The controls it serves, `framework:control`.
    pub controls: Vec<String>,
    /// What to do about a failure, in general.
    #[serde(default)]
    pub remediation: Option<String>,
    /// The address of a page about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// How long after its start a finding is due, as written.
    #[serde(default)]
    pub due: Option<String>,
    /// The file that declares it, relative to the bundle.
    #[serde(default)]
    pub file: String,
    /// Its line there, from 1.
    #[serde(default)]
    pub line: usize,
    /// How often each outcome came.
    pub counts: Counts,
}

/// The outcome of one check for one subject, with its reasons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// UUIDv5 over organisation, check, subject and entitlement: the same finding keeps its id from run to run.
    pub id: String,
    /// Id of the check.
    pub check: String,
    /// The subject.
    pub subject: SubjectReport,
    /// `system/level`, for checks asked of entitlements.
    pub entitlement: Option<String>,
    /// The outcome, whatever waiver lies over it.
    pub outcome: Outcome,
    /// The check's severity.
    pub severity: Severity,
    /// What is the matter, in a sentence.
    pub message: String,
    /// The rules that the outcome rests on.
    pub reasons: Vec<Reason>,
    /// The facts that those rules read.
    pub facts: Vec<FactReport>,
    /// What to do; none for what is in order.
    pub advice: Option<Advice>,
    /// The waiver that lies over it.
    pub waiver: Option<WaiverNote>,
    /// Since when and until when; none for what is in order, and where nothing says since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<Clock>,
    /// How it stood in the earlier report; none where none was given, and for what is in order and was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<BaselineNote>,
    /// Id of the system, for accounts and systems.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// The person in question: the subject itself, the person behind an account, or else the one declared to be
    /// responsible for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<PersonReport>,
    /// The owner's reporting manager.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manager: Option<PersonReport>,
    /// Findings with one cause (rule and reason, system) have the same: UUIDv5, the same from run to run. None for what
    /// passes or does not apply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// What to do, and where in the bundle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<Remedy>,
}

/// A person to turn to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PersonReport {
    /// The id in the HRIS.
    pub id: String,
    /// Work e-mail address; null unless known.
    pub email: Option<String>,
    /// Name for people; null unless known.
    pub name: Option<String>,
}

impl PersonReport {
    /// The name with the id, or the id alone.
    #[must_use]
    pub fn named(&self) -> String {
        self.name.as_ref().map_or_else(|| self.id.clone(), |name| format!("{name} ({})", self.id))
    }

    /// The name with the id and the address, as far as they are known.
    #[must_use]
    pub fn contact(&self) -> String {
        let address = self.email.as_ref().map(|address| format!(", {address}")).unwrap_or_default();
        format!("{}{address}", self.named())
    }
}

/// What to do about a finding, and where in the bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Remedy {
    /// In words.
    pub text: String,
    /// The file to edit, relative to the bundle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The line to edit, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// The entry to add there. Parts in angle brackets are for you to fill in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub yaml: Option<String>,
}

/// The subject of a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SubjectReport {
    /// Entity type: `Person`, `Account`, `System`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Entity id.
    pub id: String,
    /// Name for people, as the source wrote it.
    pub label: Option<String>,
}

/// How a rule bears on an outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RuleStatus {
    /// It is satisfied.
    Satisfied,
    /// It would read a fact that is unknown.
    Undetermined,
    /// It could not be evaluated.
    Erred,
    /// It would have made the subject pass, and is not satisfied.
    NotSatisfied,
}

/// A rule that an outcome rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reason {
    /// `@id` of the rule, or of the access type of an access rule.
    pub rule: String,
    /// How it bears on the outcome.
    pub bearing: RuleStatus,
    /// File, relative to the bundle.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// In a YAML file: the path of keys.
    pub yaml_path: Option<String>,
    /// `@message` of the rule, or Cedar's error.
    pub message: Option<String>,
}

vocabulary! {
    /// Whether a fact is known.
    FactState {
        /// There is a value.
        Known = "known",
        /// The source gives no value.
        Empty = "empty",
        /// The value is unknown.
        Unknown = "unknown",
    }
}

/// A fact that rules read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FactReport {
    /// The path from the subject or the resource, such as `principal.owner.status`.
    pub path: String,
    /// Whether it is known.
    pub state: FactState,
    /// The value; null unless known.
    pub value: Option<String>,
    /// A name for people, where the value is an id.
    pub label: Option<String>,
    /// Where it came from.
    pub source: Option<FactSource>,
    /// Why it is unknown.
    pub reason: Option<String>,
}

/// Where a fact came from: a record of a source, or a line of the bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FactSource {
    /// The source's id, or `bundle`.
    pub source: String,
    /// The vendor's collection, or the bundle's file.
    pub collection: String,
    /// The record's id, or line and path.
    pub record: String,
    /// The record's fact in the snapshot, such as `start_date`; none where several make one, and for the bundle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// When the source said it, UTC; null for the bundle.
    pub pulled_at: Option<String>,
}

vocabulary! {
    /// The kinds of advice that programs can act on.
    Action {
        /// Take the login away.
        Revoke = "revoke",
        /// Take the level away and leave the login.
        Downgrade = "downgrade",
        /// Do what the text says.
        Remediate = "remediate",
        /// Supply the evidence that is missing.
        SupplyEvidence = "supply-evidence",
    }
}

/// What to do about a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Advice {
    /// What kind of thing.
    pub action: Action,
    /// In words.
    pub text: String,
    /// Org roles that may hold this entitlement.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub org_roles: Vec<String>,
}

/// The waiver over a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WaiverNote {
    /// Id of the waiver.
    pub id: String,
    /// Why.
    pub reason: String,
    /// Who agreed.
    pub approved_by: String,
    /// The last day it holds.
    pub expires: String,
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
