//! Raw pages that a pull kept, with what the pages themselves do not say: where and when they were fetched, and what
//! could not be had. They give the very snapshot that the pull gave.

use std::{collections::BTreeMap, path::Path};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Format, Lists, Normalized, SourceIdentity,
    pages::{self, Collector},
};
use crate::{diagnostic::Diagnostic, files, model::time};

/// The name of the file that describes the others.
pub const FILE_NAME: &str = "pull.json";
/// The version of that file that this crate reads and writes.
pub const SCHEMA_VERSION: &str = "1";

/// What a pull kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    /// Version of this format.
    pub schema_version: String,
    /// When the pull ended.
    #[schemars(schema_with = "time::instant_schema")]
    pub collected_at: Timestamp,
    /// Every source, in the order of `tenure.yaml`.
    pub sources: Vec<KeptSource>,
}

/// One source that was pulled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KeptSource {
    /// Id in the snapshot.
    pub id: String,
    /// What is in its pages.
    pub format: Format,
    /// The system whose accounts it lists; empty for a source that lists none.
    pub system: String,
    /// The address or path that was read.
    pub endpoint: String,
    /// When the first page was asked for.
    #[schemars(schema_with = "time::instant_schema")]
    pub pulled_at: Timestamp,
    /// The folder of its pages, relative to this file.
    pub path: String,
    /// Whether its people are taken.
    pub staff: bool,
    /// Whether its accounts are taken.
    pub accounts: bool,
    /// Why nothing of it could be had, where that is so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
    /// Collections that could not be had, each with why.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub failed_collections: BTreeMap<String, String>,
}

impl KeptSource {
    /// What a normaliser is told about it.
    #[must_use]
    pub fn identity(&self) -> SourceIdentity {
        SourceIdentity {
            id: self.id.clone(),
            system: self.system.clone(),
            endpoint: self.endpoint.clone(),
            pulled_at: self.pulled_at,
        }
    }

    /// What is taken of it.
    #[must_use]
    pub fn lists(&self) -> Lists {
        Lists { staff: self.staff, accounts: self.accounts }
    }

    fn read(&self, folder: &Path) -> Result<Normalized, Vec<Diagnostic>> {
        let identity = self.identity();
        if let Some(reason) = &self.failed {
            return Ok(Normalized::failed(&identity, self.format, reason).only(self.lists()));
        }
        let files = files::read_path(&folder.join(&self.path))?;
        let normalized = match self.format.layout() {
            None => self.format.normalize(&identity, &files)?,
            Some(layout) => {
                let mut collector = Collector::new(layout);
                for name in layout.names() {
                    if let Some(reason) = self.failed_collections.get(name) {
                        collector.fail(name, reason.clone());
                    }
                }
                pages::sort_into(&mut collector, &files, layout)?;
                self.format.normalize_pages(&identity, collector.finish())?
            }
        };
        Ok(normalized.only(self.lists()))
    }
}

/// Reads what a pull kept: when it ended, and what its sources gave.
///
/// # Errors
/// Every file that cannot be read as what it should be.
pub fn read(folder: &Path) -> Result<(Timestamp, Vec<Normalized>), Vec<Diagnostic>> {
    let path = folder.join(FILE_NAME);
    let name = path.display().to_string();
    if !path.is_file() {
        let message = format!("`{}` holds no `{FILE_NAME}`, so no pull kept its pages there", folder.display());
        let help = "name the directory that was given to `tenure pull --raw`; other raw pages are read by \
                    `tenure import humaans DIR` or through tenure.yaml";
        return Err(vec![Diagnostic::error("no-kept-pages", message).in_file(name).help(help)]);
    }
    let bytes = files::read_file(&path).map_err(|problem| vec![problem])?;
    let wrong = |reason: String| {
        let problem = Diagnostic::error("kept-pages-form", format!("`{name}`: {reason}")).in_file(&name);
        vec![problem.help("pull again")]
    };
    let kept: Kept = serde_json::from_slice(&bytes).map_err(|error| wrong(error.to_string()))?;
    if kept.schema_version != SCHEMA_VERSION {
        let version = &kept.schema_version;
        return Err(wrong(format!(
            "`schema_version` is \"{version}\"; this version of tenure reads \"{SCHEMA_VERSION}\""
        )));
    }
    let mut problems = Vec::new();
    let mut sources = Vec::new();
    for source in &kept.sources {
        match source.read(folder) {
            Ok(one) => sources.push(one),
            Err(found) => problems.extend(found),
        }
    }
    if problems.is_empty() { Ok((kept.collected_at, sources)) } else { Err(problems) }
}
