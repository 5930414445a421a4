//! The form of `tenure.yaml`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::source::SourceConfig;
use crate::model::{Organization, WaiverLimits};

/// The configuration of an organisation's project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Project {
    /// The organisation that the snapshot is about.
    pub organization: Organization,
    /// Folder of the policies, relative to this file.
    pub policies: Option<String>,
    /// Ids of the sources that list staff, the most authoritative first; needed where there are several.
    #[serde(default)]
    pub staff: Vec<String>,
    /// Where facts come from.
    #[serde(default)]
    pub sources: Vec<SourceConfig>,
    /// How lints of `tenure validate` are taken, by code.
    #[serde(default)]
    pub lints: BTreeMap<String, LintLevel>,
    /// What waivers may be; those beyond it are reported and not applied.
    #[serde(default)]
    pub waivers: WaiverLimits,
}

/// How a lint is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LintLevel {
    /// Not said.
    Allow,
    /// Said.
    Warn,
    /// An error.
    Deny,
}
