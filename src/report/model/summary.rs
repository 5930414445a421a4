//! Counts of the whole and of each check.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::bundle::{Outcome, Severity};

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
