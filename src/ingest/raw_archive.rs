//! Raw pages that a pull kept, with what the pages themselves do not say: where and when they were fetched, and what
//! could not be had. They give the very snapshot that the pull gave.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Component, Path},
};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Format, LevelAttribute, Lists, Normalized, SourceIdentity, Statements,
    mapping::{Mapping, MappingRef},
    pages::{self, Collector, PageNumbers, Pages},
};
use crate::{
    diagnostic::{Code, Diagnostic, words},
    files::{self, RawFile},
    format_version::numbers,
    json::{general_path, skipped_fields},
    model::{Zone, read, time, write},
};

/// The name of the file that describes the others.
pub const FILE_NAME: &str = "pull.json";
/// The version of that file that this crate writes. A field that limits evidence needs a new major version, so that an
/// older release refuses the pages instead of passing them; version 1 had no `doubts` and no
/// `hidden`.
pub const SCHEMA_VERSION: &str = "2";

/// The major versions that this crate reads.
const MAJORS: [u32; 2] = [1, 2];

/// What a pull kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RawArchive {
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
pub struct KeptSource {
    /// Id in the snapshot.
    pub id: String,
    /// What is in its pages.
    pub format: Format,
    /// The user's own mapping that reads them, where the format is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<serde_json::Value>")]
    pub mapping: Option<Mapping>,
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
    /// The attributes of a SCIM user that name access levels, where that was said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub levels: Vec<LevelAttribute>,
    /// What the user stated about the completeness of its lists.
    #[serde(default, skip_serializing_if = "Statements::is_empty")]
    pub statements: Statements,
    /// Whether something is missing that should be there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub incomplete: bool,
    /// The digest of each page, by its name.
    #[serde(default)]
    pub pages: BTreeMap<String, String>,
    /// Why nothing of it could be had, where that is so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
    /// Collections that could not be had, each with why.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub failed_collections: BTreeMap<String, String>,
    /// Collections that may not be whole, each with why; a statement or an expected number settles it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub doubts: BTreeMap<String, String>,
    /// Hidden files with data in the folder of a source of files, which leave its lists in doubt.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hidden: Vec<String>,
}

impl KeptSource {
    /// What a normaliser is told about it.
    #[must_use]
    pub fn identity(&self, zone: &Zone) -> SourceIdentity {
        SourceIdentity {
            id: self.id.clone(),
            system: self.system.clone(),
            endpoint: self.endpoint.clone(),
            pulled_at: self.pulled_at,
            levels: self.levels.clone(),
            statements: self.statements.clone(),
            zone: zone.clone(),
        }
    }

    /// Whether its pages were fetched over the network, and numbered by the pull.
    fn is_live(&self) -> bool {
        ["https://", "http://"].iter().any(|scheme| self.endpoint.starts_with(scheme))
    }

    /// What is taken of it.
    #[must_use]
    pub fn lists(&self) -> Lists {
        Lists { staff: self.staff, accounts: self.accounts }
    }

    fn read(&self, folder: &Path, zone: &Zone) -> Result<Normalized, Vec<Diagnostic>> {
        let identity = self.identity(zone);
        let own = self.mapping.clone().map(|mapping| Format::Mapped(MappingRef::of(mapping)));
        let format = own.unwrap_or(self.format);
        if let Some(reason) = &self.failed {
            return Ok(Normalized::failed(&identity, format, reason).only(self.lists()));
        }
        let files = files::read_path(&folder.join(&self.path))?;
        self.unaltered(folder, &files)?;
        let normalized = match format.layout() {
            None => format.normalize_beside(&identity, &files, &self.hidden)?,
            Some(layout) => {
                let mut collector = Collector::new(layout);
                for name in layout.names() {
                    if let Some(reason) = self.failed_collections.get(name) {
                        collector.fail(name, reason.clone());
                    }
                    if let Some(reason) = self.doubts.get(name) {
                        collector.suspect(name, reason.clone());
                    }
                }
                pages::sort_into(&mut collector, &files, layout)?;
                let gap = if self.is_live() { PageNumbers::gap_of_pull } else { PageNumbers::gap };
                pages::find_gaps(&mut collector, &files, layout, gap);
                let pages = Pages { hidden: self.hidden.clone(), ..collector.finish() };
                format.normalize_pages(&identity, pages)?
            }
        };
        Ok(normalized.only(self.lists()))
    }
}

impl KeptSource {
    /// Evidence that was changed, taken away or added to since is not what the pull gave.
    fn unaltered(&self, folder: &Path, files: &[RawFile]) -> Result<(), Vec<Diagnostic>> {
        let problem = |name: &str, what: &str| {
            let path = folder.join(&self.path).join(name).display().to_string();
            let problem = Diagnostic::error(Code::AlteredPages, format!("`{path}` {what}")).in_file(path);
            problem.help("pull again")
        };
        let here: BTreeMap<&str, String> =
            files.iter().map(|file| (file.name.as_str(), write::digest(&file.bytes))).collect();
        let mut problems = Vec::new();
        for (name, digest) in &self.pages {
            match here.get(name.as_str()) {
                None => problems.push(problem(name, "is not here, and the pull kept it")),
                Some(found) if found != digest => problems.push(problem(name, "is not as the pull kept it")),
                Some(_) => {}
            }
        }
        for name in here.keys().filter(|name| !self.pages.contains_key(**name)) {
            problems.push(problem(name, "is here, and the pull did not keep it"));
        }
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }
}

/// What a pull kept, read.
#[derive(Debug)]
pub struct LoadedArchive {
    /// When the pull ended.
    pub collected_at: Timestamp,
    /// What its sources gave.
    pub sources: Vec<Normalized>,
    /// Whether something is missing that should be there.
    pub incomplete: bool,
    /// What a person should know.
    pub warnings: Vec<Diagnostic>,
}

/// The description of what a pull kept, and a warning if fields of it are skipped.
///
/// # Errors
/// What is wrong with `pull.json`.
pub fn describe(folder: &Path) -> Result<(RawArchive, Option<Diagnostic>), Vec<Diagnostic>> {
    let path = folder.join(FILE_NAME);
    let name = path.display().to_string();
    if !path.is_file() {
        let what =
            if folder.is_dir() { "holds no `pull.json`, so no pull kept its pages there" } else { "is no folder" };
        let message = format!("`{}` {what}", folder.display());
        let help = "name the folder that was given to `tenure pull --raw`; other raw pages are read by \
                    `tenure import humaans DIR` or through tenure.yaml";
        return Err(vec![Diagnostic::error(Code::NoKeptPages, message).help(help)]);
    }
    let bytes = files::read_file(&path).map_err(|problem| vec![problem])?;
    let value = read::json(&name, &bytes).map_err(|problem| vec![problem])?;
    let wrong = |reason: String| Diagnostic::error(Code::KeptPagesForm, format!("`{name}`: {reason}")).in_file(&name);
    match value.get("schema_version").and_then(serde_json::Value::as_str) {
        Some(version) if numbers(version).is_some_and(|(major, _)| MAJORS.contains(&major)) => {}
        Some(version) => {
            let reason = format!(
                "`schema_version` is \"{version}\"; this version of tenure reads \"1\" and \"{SCHEMA_VERSION}\""
            );
            return Err(vec![wrong(reason).help("pull again, or use the version of tenure that wrote it")]);
        }
        None => {
            return Err(vec![wrong("it has no `schema_version`, so no pull wrote it".to_owned()).help("pull again")]);
        }
    }
    let (mut track, mut unknown_fields) = (serde_path_to_error::Track::new(), BTreeSet::new());
    let read: Result<RawArchive, serde_json::Error> = {
        let tracked = serde_path_to_error::Deserializer::new(value, &mut track);
        serde_ignored::deserialize(tracked, |path| {
            unknown_fields.insert(general_path(&path.to_string()));
        })
    };
    let kept = read.map_err(|error| {
        let (reason, help) = words::plain(&error.to_string(), None);
        vec![wrong(format!("`{}`: {reason}", track.path())).help(help.unwrap_or_else(|| "pull again".to_owned()))]
    })?;
    let inside = |path: &str| Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
    if let Some(source) = kept.sources.iter().find(|source| source.path.is_empty() || !inside(&source.path)) {
        let reason = format!("the pages of `{}` lie outside of the folder, at `{}`", source.id, source.path);
        return Err(vec![wrong(reason).help("pull again")]);
    }
    let help = "use the version of tenure that pulled to read everything in it";
    Ok((kept, skipped_fields(&unknown_fields, &name, help)))
}

/// Reads what a pull kept: when it ended, and what its sources gave. Instants become days in this zone.
///
/// # Errors
/// Every file that cannot be read as what it should be.
pub fn read(folder: &Path, zone: &Zone) -> Result<LoadedArchive, Vec<Diagnostic>> {
    let (kept, warning) = describe(folder)?;
    let mut problems = Vec::new();
    let mut sources = Vec::new();
    for source in &kept.sources {
        match source.read(folder, zone) {
            Ok(one) => sources.push(one),
            Err(found) => problems.extend(found),
        }
    }
    let incomplete = kept.sources.iter().any(|source| source.incomplete);
    if problems.is_empty() {
        let warnings = warning.into_iter().collect();
        Ok(LoadedArchive { collected_at: kept.collected_at, sources, incomplete, warnings })
    } else {
        Err(problems)
    }
}
