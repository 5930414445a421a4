//! What an organisation allows waivers to be.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

/// Limits of waivers. They are in `tenure.yaml` and not beside the waivers, so the two files can have different owners.
/// A report names them, since they decide which waivers count.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WaiverLimits {
    /// How many days the last day of a waiver may lie after the day it was created; any number by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub max_days: Option<u16>,
    /// E-mail addresses of those who may approve waivers; every person but the subject by default.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approvers: Vec<String>,
}

impl WaiverLimits {
    /// Whether nothing is limited.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == WaiverLimits::default()
    }
}

/// Limits of waivers in a report or in evidence. There, unlike in `tenure.yaml`, an unknown field is one of a later version.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(rename = "WaiverLimits")]
pub(crate) struct RecordedWaiverLimits {
    /// How many days the last day of a waiver may lie after the day it was created; any number by default.
    #[schemars(range(min = 1))]
    max_days: Option<u16>,
    /// E-mail addresses of those who may approve waivers; every person but the subject by default.
    approvers: Vec<String>,
}

/// Reads recorded limits.
pub(crate) fn recorded<'de, D: Deserializer<'de>>(deserializer: D) -> Result<WaiverLimits, D::Error> {
    let RecordedWaiverLimits { max_days, approvers } = RecordedWaiverLimits::deserialize(deserializer)?;
    Ok(WaiverLimits { max_days, approvers })
}
