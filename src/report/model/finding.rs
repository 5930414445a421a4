//! One finding: what is the matter, why, and what to do.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{BaselineNote, Clock, SubjectReport};
use crate::bundle::{Outcome, Severity};

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
    /// The name for people that the system's file gives the level.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level_name: Option<String>,
    /// The outcome, whether or not a waiver applies to it.
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
    /// The waiver that applies to it.
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
    /// The person in question: the subject itself, the person behind an account, the one declared to be
    /// responsible for it, or else the one who answers for the system.
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
