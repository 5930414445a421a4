//! Which findings a report lists, where it was asked for some of them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ResolvedFinding, Summary};
use crate::{
    bundle::{Outcome, Severity},
    diagnostic::counted,
};

/// A filter of the listed findings. Counts, `baseline` and the exit status are those of all findings.
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
    /// Findings about one of these people, by id in the HRIS, and about the accounts that belong to them or that they are
    /// declared to be responsible for.
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
    /// What is hidden, for a format whose counts are of all findings.
    #[must_use]
    pub fn sentence(&self) -> String {
        format!("{}; the counts are of all", self.listing())
    }

    /// What is listed and what is hidden.
    #[must_use]
    pub fn listing(&self) -> String {
        let FilterReport { listed, hidden, .. } = self;
        format!("only {}: {} listed, {hidden} hidden", self.conditions(), counted(*listed, "finding", "findings"))
    }

    /// The conditions, for people.
    fn conditions(&self) -> String {
        let FilterReport { severity, outcomes, systems, people, controls, only_new, .. } = self;
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
        conditions.join(", ")
    }

    /// Whether the filter shows a finding that is not asked any more. It has no outcome now and is not new, and the
    /// owner of an account that is gone is unknown.
    pub(super) fn fits_removed(&self, finding: &ResolvedFinding, summary: &Summary) -> bool {
        let FilterReport { severity, outcomes, systems, people, controls, only_new, .. } = self;
        let ResolvedFinding { subject, .. } = finding;
        let (person, system) = match subject.kind.as_str() {
            "Person" => (Some(subject.id.as_str()), None),
            "System" => (None, Some(subject.id.as_str())),
            "Account" => (None, subject.id.split_once('/').map(|(system, _)| system)),
            _ => (None, None),
        };
        let has = |wanted: &[String], value: Option<&str>| {
            wanted.is_empty() || value.is_some_and(|value| wanted.iter().any(|one| one == value))
        };
        let check = summary.checks.iter().find(|check| check.check == finding.check);
        severity.is_none_or(|least| finding.severity <= least)
            && outcomes.is_empty()
            && has(systems, system)
            && has(people, person)
            && (controls.is_empty() || check.is_some_and(|check| check.serves_any(controls)))
            && !only_new
    }
}
