//! `manifest.json`: what a directory of evidence holds.

use std::{
    collections::BTreeSet,
    path::{Component, Path},
};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{MANIFEST, REPORT, SIGNATURE};
use crate::{
    diagnostic::{Code, Diagnostic},
    format_version::is_readable,
    json::{KeyCase, check_keys, general_path},
    model::{
        WaiverLimits,
        waiver_limits::{RecordedWaiverLimits, recorded},
    },
    report::Contents,
};

/// The version of the manifest's format.
pub const SCHEMA_VERSION: &str = "1";

/// What was asked, of what, and every file that belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Manifest {
    /// Version of this format.
    pub schema_version: String,
    /// The program that judged.
    pub tool: Tool,
    /// The instant judged by, UTC.
    pub as_of: String,
    /// The checks that were asked for; empty where all were.
    pub checks: Vec<String>,
    /// Which findings the report lists.
    pub contents: Listed,
    /// Whether people are named by pseudonyms.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub redacted: bool,
    /// The snapshot that was judged.
    pub snapshot: JudgedSnapshot,
    /// Digest of the bundle, as the report has it.
    pub bundle: String,
    /// The earlier report that it was compared with, in the directory; `null` where there was none.
    pub baseline: Option<String>,
    /// What waivers could be.
    #[serde(default, skip_serializing_if = "WaiverLimits::is_empty", deserialize_with = "recorded")]
    #[schemars(with = "RecordedWaiverLimits")]
    pub waiver_limits: WaiverLimits,
    /// Every file but the manifest and its signature, in the order of names.
    pub files: Vec<Entry>,
}

/// A program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The version of what its verdicts mean; 0 for evidence of before it was recorded.
    #[serde(default)]
    pub semantics: u32,
}

/// Which findings a report lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Listed {
    /// What fails, cannot be judged, or is let off.
    // Evidence of every version has this word.
    #[serde(rename = "noteworthy")]
    Reportable,
    /// Every finding.
    All,
}

impl From<Contents> for Listed {
    fn from(contents: Contents) -> Self {
        match contents {
            Contents::Reportable => Listed::Reportable,
            Contents::All => Listed::All,
        }
    }
}

impl From<Listed> for Contents {
    fn from(listed: Listed) -> Self {
        match listed {
            Listed::Reportable => Contents::Reportable,
            Listed::All => Contents::All,
        }
    }
}

/// The snapshot that was judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JudgedSnapshot {
    /// Digest of its bytes, as the report has it.
    pub digest: String,
    /// Where it is in the directory; `null` where it was left out.
    pub file: Option<String>,
}

/// A file of the directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Entry {
    /// Its path in the directory, with `/` between folders.
    pub file: String,
    /// Its size in bytes.
    pub size: u64,
    /// Digest of its bytes: `sha256:` and 64 hexadecimal digits.
    pub digest: String,
}

impl Manifest {
    /// Reads a manifest, which anybody may have written, and the paths of the fields in it that are skipped, since this
    /// version of Tenure does not know them.
    ///
    /// # Errors
    /// That it is none, or of another version, or names files outside of its directory, twice or out of order.
    pub fn read(bytes: &[u8]) -> Result<(Self, BTreeSet<String>), Vec<Diagnostic>> {
        let mut unknown_fields = BTreeSet::new();
        let mut reader = serde_json::Deserializer::from_slice(bytes);
        let manifest: Result<Manifest, serde_json::Error> = serde_ignored::deserialize(&mut reader, |path| {
            unknown_fields.insert(general_path(&path.to_string()));
        });
        let manifest = manifest.and_then(|manifest| reader.end().map(|()| manifest));
        let manifest = manifest.map_err(|error| vec![problem(format!("`{MANIFEST}` cannot be read: {error}"))])?;
        let text = std::str::from_utf8(bytes);
        let text = text.map_err(|error| vec![problem(format!("`{MANIFEST}` is not UTF-8 text: {error}"))])?;
        check_keys(MANIFEST, text, KeyCase::Sensitive).map_err(|found| vec![problem(found.message)])?;
        if !is_readable(&manifest.schema_version, SCHEMA_VERSION) {
            let found = &manifest.schema_version;
            let message =
                format!("`{MANIFEST}` is of version `{found}`; this version of tenure reads `{SCHEMA_VERSION}`");
            return Err(vec![problem(message)]);
        }
        let problems = manifest.problems();
        if problems.is_empty() { Ok((manifest, unknown_fields)) } else { Err(problems) }
    }

    fn problems(&self) -> Vec<Diagnostic> {
        let mut problems = Vec::new();
        let mut names = BTreeSet::new();
        for entry in &self.files {
            let name = entry.file.as_str();
            if !is_inside(name) {
                problems.push(problem(format!("`{MANIFEST}` names `{name}`, which is no file within the directory")));
            }
            if !names.insert(name) {
                problems.push(problem(format!("`{MANIFEST}` names `{name}` twice")));
            }
        }
        if !self.files.is_sorted_by(|a, b| a.file <= b.file) {
            problems.push(problem(format!("`{MANIFEST}` does not name its files in the order of their names")));
        }
        let needed = std::iter::once(REPORT).chain(self.snapshot.file.as_deref()).chain(self.baseline.as_deref());
        for name in needed.filter(|name| !names.contains(name)) {
            problems.push(problem(format!("`{MANIFEST}` does not list `{name}` among its files")));
        }
        problems
    }

    /// The entry of a file.
    #[must_use]
    pub fn entry(&self, file: &str) -> Option<&Entry> {
        self.files.iter().find(|entry| entry.file == file)
    }
}

/// Whether a path stays within the directory on every system, and is not a file that the manifest cannot speak of.
fn is_inside(name: &str) -> bool {
    let mut components = Path::new(name).components();
    !name.is_empty()
        && ![MANIFEST, SIGNATURE].contains(&name)
        && !name.contains(['\\', ':', '\0'])
        && !name.split('/').any(|part| part.is_empty() || part == "." || part == "..")
        && components.all(|component| matches!(component, Component::Normal(_)))
}

pub(super) fn problem(message: String) -> Diagnostic {
    Diagnostic::error(Code::EvidenceForm, message)
        .help("ask for the evidence again: this was not written by `tenure check --evidence`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_lead_out_are_seen_on_every_system() {
        for name in ["../a", "/a", "a/../../b", "a//b", "./a", "", "c:\\a", "a\\b", "a/", "manifest.json", "a\0b"] {
            assert!(!is_inside(name), "{name:?}");
        }
        for name in ["report.json", "bundle/systems/a.yaml", "snapshot/..a"] {
            assert!(is_inside(name), "{name:?}");
        }
    }
}
