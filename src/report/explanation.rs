//! Why a finding is what it is: every rule of the check taken apart, clause by clause, and what single change would
//! settle it. Version 1; fields may be added within a version.

mod build;
mod find;
#[cfg(feature = "cli")]
pub mod text;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::model::{FactReport, Finding, Run};
use crate::{bundle::Outcome, engine::explain::remediation::ChangeTarget};

pub use build::explain;
pub use find::{Named, finding, findings, subjects};

/// The version of this format.
pub const SCHEMA_VERSION: &str = "1";

/// Findings and why they are what they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Explanation {
    /// Version of this format.
    pub schema_version: String,
    /// What was judged, by what, as of when.
    pub run: Run,
    /// In the order of checks, subjects and entitlements. Of a subject with many, some: those that are open first.
    pub findings: Vec<ExplainedFinding>,
    /// The other findings of a subject with many, counted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub further: Vec<FurtherFindings>,
}

/// Findings that are counted and not explained.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FurtherFindings {
    /// Id of the check.
    pub check: String,
    /// Their outcome.
    pub outcome: Outcome,
    /// How many there are.
    pub count: usize,
}

/// One finding and why it is what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExplainedFinding {
    /// The finding, as a report has it.
    pub finding: Finding,
    /// Every fact that was read on the way, each once.
    pub facts: Vec<FactReport>,
    /// Every rule that speaks of the check and of the resource, those that decide first, then in the bundle's order.
    pub rules: Vec<ExplainedRule>,
    /// Single changes that settle the finding, each of them tried; those with which the subject passes first. Null where
    /// none was looked for, since there are many findings.
    pub changes: Option<Vec<ChangeReport>>,
}

/// A rule and Cedar's result for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExplainedRule {
    /// `@id` of the rule, or of the access type of an access rule.
    pub rule: String,
    /// `permit` or `forbid`.
    pub effect: String,
    /// What it means for the check that the rule is satisfied.
    pub outcome: Outcome,
    /// `@message`.
    pub message: Option<String>,
    /// File, relative to the bundle.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// In a YAML file: the path of keys.
    pub yaml_path: Option<String>,
    /// Whether the rule is satisfied.
    pub truth: TruthWord,
    /// Why it is unknown, or what went wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Whether the outcome rests on it.
    pub decides: bool,
    /// Its scope, as far as that asks for anything, and its clauses.
    pub clauses: Vec<ExplainedClause>,
}

vocabulary! {
    /// Cedar's result for a rule or a part of it.
    TruthWord {
        /// It holds.
        True = "true",
        /// It does not hold.
        False = "false",
        /// It would read a fact that is unknown.
        Unknown = "unknown",
        /// It cannot be evaluated.
        Error = "error",
        /// Cedar does not evaluate it: an earlier part decides.
        NotReached = "not-reached",
    }
}

vocabulary! {
    /// Where a clause stands.
    PlaceWord {
        /// In the scope.
        Scope = "scope",
        /// The last day of an access rule.
        Expiry = "expires",
        /// `when`.
        When = "when",
        /// `unless`: the rule is satisfied only where this is false.
        Unless = "unless",
    }
}

/// A clause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExplainedClause {
    /// Where it stands.
    pub place: PlaceWord,
    /// What it says.
    pub part: ExplainedPart,
}

vocabulary! {
    /// How the parts of a part are joined.
    JointWord {
        /// `&&`.
        All = "all",
        /// `||`.
        Any = "any",
        /// `!`.
        Not = "not",
        /// `if`, `then`, `else`.
        Choice = "choice",
    }
}

/// A part of a condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExplainedPart {
    /// As Cedar writes it; of the end of an access rule, its last day.
    pub text: String,
    /// Cedar's result for it.
    pub truth: TruthWord,
    /// Why it is unknown, or what went wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// How its parts are joined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joint: Option<JointWord>,
    /// Its parts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<ExplainedPart>,
    /// What it read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub read: Vec<ReadValue>,
}

/// A value that a part read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReadValue {
    /// The path, such as `principal.owner.status` or `context.today`.
    pub path: String,
    /// The value; `empty` and `unknown` stand for no value, and for an unknown one.
    pub value: String,
}

/// A change that settles a finding, tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChangeReport {
    /// Where it is made.
    pub site: ChangeTarget,
    /// What to do.
    pub text: String,
    /// For changes of the bundle: the file to look at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// And its line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// What the outcome then is.
    pub outcome: Outcome,
}
