//! What `tenure.yaml` states about the completeness of a source, where the source cannot prove it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::diagnostic::counted;

/// What the user states about the lists of a source.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Statements {
    /// Whether every record is stated to be there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub complete: bool,
    /// How many records there are, from the vendor's licence page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<usize>,
    /// Whether people who have left are stated to be shown as such.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sees_leavers: bool,
    /// Why that is so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Statements {
    /// Whether nothing is stated.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Statements { complete, expected, sees_leavers, reason } = self;
        !complete && expected.is_none() && !sees_leavers && reason.is_none()
    }

    /// The reason, for a list that rests on a statement.
    #[must_use]
    pub(crate) fn stated_reason(&self) -> Option<String> {
        self.reason.clone()
    }

    /// Why a list is refuted by the number that is expected; `None` if it agrees or none is.
    #[must_use]
    pub(crate) fn refuted(&self, records: usize) -> Option<String> {
        let expected = self.expected.filter(|expected| *expected != records)?;
        let here = counted(records, "record is", "records are");
        Some(format!("{here} here, and tenure.yaml states `expected: {expected}`"))
    }
}

/// How to state that a list is complete.
pub(crate) const STATE_COMPLETE: &str =
    "if it is complete, state so in tenure.yaml: `complete: true` with `reason:`, or `expected:` with the number";

/// How to state that a list is complete of which a part is not here.
pub(crate) const STATE_WHOLE: &str = "if there are none, state so in tenure.yaml: `complete: true` with `reason:`";

/// How to state that a staff list shows people who have left.
pub(crate) const STATE_SEES_LEAVERS: &str =
    "if the source shows people who have left, state so in tenure.yaml: `sees_leavers: true` with `reason:`";
