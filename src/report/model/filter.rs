//! Which findings a report lists, where it was asked for some of them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    bundle::{Outcome, Severity},
    diagnostic::counted,
};

/// A filter of the listed findings. Counts and the exit status are those of all findings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FilterReport {
    /// Findings of this severity or a worse one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// Findings with one of these outcomes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outcomes: Vec<Outcome>,
    /// Findings about one of these systems or their accounts, by id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub systems: Vec<String>,
    /// Findings that concern one of these people, by id in the HRIS.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<String>,
    /// Findings of checks that serve one of these controls, or a control of one of these frameworks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub controls: Vec<String>,
    /// Findings that are new or reopened since the earlier report.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub only_new: bool,
    /// How many findings are listed.
    pub listed: usize,
    /// How many findings the filter hides.
    pub hidden: usize,
}

impl FilterReport {
    /// What is hidden, as a sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        let FilterReport { severity, outcomes, systems, people, controls, only_new, listed, hidden } = self;
        let mut conditions: Vec<String> = Vec::new();
        conditions.extend(severity.map(|severity| match severity {
            Severity::Critical => format!("severity {severity}"),
            severity => format!("severity {severity} or worse"),
        }));
        let outcomes: Vec<String> = outcomes.iter().map(ToString::to_string).collect();
        for (word, values) in [("outcome", &outcomes), ("system", systems), ("person", people), ("control", controls)] {
            conditions.extend((!values.is_empty()).then(|| format!("{word} {}", values.join(" or "))));
        }
        conditions.extend(only_new.then(|| "new".to_owned()));
        format!(
            "only {}: {} listed, {hidden} hidden; the counts are of all",
            conditions.join(", "),
            counted(*listed, "finding", "findings")
        )
    }
}
