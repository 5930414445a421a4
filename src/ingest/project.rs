//! `tenure.yaml`: whose facts, from which sources, judged by which policies.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_yaml::Value;

use crate::{
    diagnostic::{Diagnostic, SourceFile},
    files,
    model::{Organization, time},
    yaml::Document,
};

/// The file's name, looked for from the working directory upwards.
pub const FILE_NAME: &str = "tenure.yaml";

/// The configuration of an organisation's project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Project {
    /// The organisation that the snapshot is about.
    pub organization: Organization,
    /// Folder of the policies, relative to this file.
    pub policies: Option<String>,
    /// Where facts come from.
    #[serde(default)]
    pub sources: Vec<SourceConfig>,
}

/// One source of facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceConfig {
    /// How it is reached.
    pub kind: SourceKind,
    /// What is in the files.
    pub format: Format,
    /// A file or a folder, relative to this file.
    pub path: String,
    /// The system whose accounts are listed; needed for `accounts-csv`, `humaans` by default for `humaans`.
    pub system: Option<String>,
    /// When the file was exported; the snapshot's `collected_at` by default.
    #[serde(default)]
    #[schemars(schema_with = "time::optional_instant_schema")]
    pub pulled_at: Option<Timestamp>,
}

/// How a source is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SourceKind {
    /// Files on this machine.
    File,
}

/// What is in a source's files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// Raw pages of the Humaans REST API: staff, and the accounts of Humaans.
    Humaans,
    /// `account,email,status,roles,last_login,class`.
    AccountsCsv,
    /// `id,person,system,levels,status,created,expires`.
    AccessRequestsCsv,
}

impl Project {
    /// Reads a `tenure.yaml`.
    ///
    /// # Errors
    /// Every problem of the file, each at its line and column.
    pub fn read(path: &Path) -> Result<Self, Vec<Diagnostic>> {
        let name = path.display().to_string();
        let bytes = files::read_file(path).map_err(|problem| vec![problem])?;
        let text = files::text(&name, &bytes).map_err(|problem| vec![problem])?;
        let document = Document::parse(&SourceFile::new(name, text)).map_err(|problem| vec![problem])?;
        // Sources one by one, so that each says what is wrong with it.
        let mut problems = Vec::new();
        if let Some(Value::Sequence(sources)) = document.get("sources") {
            for (index, source) in sources.iter().enumerate() {
                let at = format!("sources[{index}]");
                match document.decode::<SourceConfig>(&at, source) {
                    Ok(source) if source.format == Format::AccountsCsv && source.system.is_none() => problems.push(
                        Diagnostic::error("missing-system", format!("`{at}` does not say of which system it is"))
                            .at(&document.file, document.span(&at))
                            .help("add `system: github`, for example"),
                    ),
                    Ok(_) => {}
                    Err(found) => problems.extend(found),
                }
            }
        }
        match document.decode::<Project>("", &document.value) {
            Ok(project) if problems.is_empty() => Ok(project),
            Ok(_) => Err(problems),
            Err(found) => {
                for problem in found {
                    if !problems.iter().any(|known| known.message == problem.message) {
                        problems.push(problem);
                    }
                }
                Err(problems)
            }
        }
    }

    /// The nearest `tenure.yaml` at or above a folder; the search ends at the root of a git repository.
    #[must_use]
    pub fn find(folder: &Path) -> Option<PathBuf> {
        for folder in folder.ancestors() {
            let candidate = folder.join(FILE_NAME);
            if candidate.is_file() {
                return Some(candidate);
            }
            if folder.join(".git").exists() {
                return None;
            }
        }
        None
    }
}
