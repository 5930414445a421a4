//! The subject of a finding.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
