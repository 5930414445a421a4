//! The entries of `sources:`.

use std::{
    collections::BTreeMap,
    path::{Component, Path, PathBuf},
};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    ingest::{Format, LevelAttribute, Lists, Statements, mapping::MappingChoice},
    model::{slug, time},
};

/// One source of facts: files, or a vendor's API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum SourceConfig {
    /// Files on this machine.
    File(FileSource),
    /// The Humaans REST API: staff, and the accounts of Humaans itself.
    Humaans(HumaansSource),
    /// The Merge HRIS API: staff.
    Merge(MergeSource),
    /// The Truto unified API: the accounts of a system, or staff.
    Truto(TrutoSource),
    /// A SCIM 2.0 service: the accounts of a system.
    Scim(ScimSource),
}

/// The words for `kind:`.
pub const KINDS: [&str; 5] = ["file", "humaans", "merge", "truto", "scim"];

/// Files on this machine: exports, or raw pages of an API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FileSource {
    /// Id in the snapshot; made from the system or the format by default.
    pub id: Option<String>,
    /// What is in the files; guessed from them by default, and the guess is said.
    pub format: Option<Format>,
    /// A mapping of your own, in place of `format`: its file, relative to `tenure.yaml`, or the mapping itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mapping: Option<MappingChoice>,
    /// A file or a folder, relative to `tenure.yaml`.
    pub path: String,
    /// The system whose accounts are listed; needed for account lists.
    pub system: Option<String>,
    /// When the file was exported; the snapshot's `collected_at` by default.
    #[serde(default)]
    #[schemars(schema_with = "time::optional_instant_schema")]
    pub pulled_at: Option<Timestamp>,
    /// What to take, where the source lists both staff and accounts.
    pub lists: Option<Vec<ListKind>>,
    /// The attributes of a SCIM user that name access levels; all three by default.
    #[serde(default)]
    pub levels: Vec<LevelAttribute>,
    /// Whether every record is there, though the source cannot prove it; needs a `reason`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub complete: bool,
    /// How many records there are, such as the number on the vendor's licence page: proves or refutes the list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<usize>,
    /// Whether people who have left are shown as such, though no record shows it; needs a `reason`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sees_leavers: bool,
    /// Why the list is complete, or why it shows people who have left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl FileSource {
    /// A source of which nothing is stated but its file.
    #[must_use]
    pub fn new(path: impl Into<String>, format: Option<Format>, system: Option<String>) -> Self {
        FileSource {
            id: None,
            format,
            mapping: None,
            path: path.into(),
            system,
            pulled_at: None,
            lists: None,
            levels: Vec::new(),
            complete: false,
            expected: None,
            sees_leavers: false,
            reason: None,
        }
    }
}

/// The Humaans REST API. One of the three `token_…` is needed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HumaansSource {
    /// Id in the snapshot; `humaans` by default.
    pub id: Option<String>,
    /// Address of the API; `https://app.humaans.io/api` by default.
    pub url: Option<String>,
    /// The environment variable that holds the token.
    pub token_env: Option<String>,
    /// The file that holds the token, relative to `tenure.yaml`.
    pub token_file: Option<String>,
    /// The command that prints the token, such as `op read op://vault/humaans/token`.
    pub token_command: Option<String>,
    /// The system whose accounts are listed; `humaans` by default.
    pub system: Option<String>,
    /// What to take: staff, accounts, or by default both.
    pub lists: Option<Vec<ListKind>>,
    /// Whether every record is there, though the source cannot prove it; needs a `reason`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub complete: bool,
    /// How many records there are, such as the number on the vendor's licence page: proves or refutes the list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<usize>,
    /// Whether people who have left are shown as such, though no record shows it; needs a `reason`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sees_leavers: bool,
    /// Why the list is complete, or why it shows people who have left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The Merge HRIS API. One of the three `token_…` and one of the three `account_token_…` are needed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MergeSource {
    /// Id in the snapshot; `merge` by default.
    pub id: Option<String>,
    /// Where the linked account lives; `us` by default.
    #[serde(default)]
    pub region: Option<MergeRegion>,
    /// Address of the API, in place of the region's.
    pub url: Option<String>,
    /// The environment variable that holds the API key.
    pub token_env: Option<String>,
    /// The file that holds the API key.
    pub token_file: Option<String>,
    /// The command that prints the API key.
    pub token_command: Option<String>,
    /// The environment variable that holds the linked account's token.
    pub account_token_env: Option<String>,
    /// The file that holds the linked account's token.
    pub account_token_file: Option<String>,
    /// The command that prints the linked account's token.
    pub account_token_command: Option<String>,
    /// Whether every record is there, though the source cannot prove it; needs a `reason`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub complete: bool,
    /// How many records there are, such as the number on the vendor's licence page: proves or refutes the list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<usize>,
    /// Whether people who have left are shown as such, though no record shows it; needs a `reason`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sees_leavers: bool,
    /// Why the list is complete, or why it shows people who have left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The Truto unified API. One of the three `token_…` is needed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TrutoSource {
    /// Id in the snapshot; `truto-` and the system by default, `truto` for staff.
    pub id: Option<String>,
    /// What to read: the accounts of a system (the default), or staff.
    #[serde(default)]
    pub model: Option<TrutoModel>,
    /// The system whose accounts are listed; needed for the user directory.
    pub system: Option<String>,
    /// The integrated account's id.
    pub integrated_account: String,
    /// Further parameters of every request, as an integration may need them: `remote_query[…]`, say. One that may
    /// filter leaves the list incomplete until it is stated to be complete.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub query: BTreeMap<String, String>,
    /// Address of the API; `https://api.truto.one` by default.
    pub url: Option<String>,
    /// The environment variable that holds the token.
    pub token_env: Option<String>,
    /// The file that holds the token.
    pub token_file: Option<String>,
    /// The command that prints the token.
    pub token_command: Option<String>,
    /// Whether every record is there, though the source cannot prove it; needs a `reason`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub complete: bool,
    /// How many records there are, such as the number on the vendor's licence page: proves or refutes the list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<usize>,
    /// Whether people who have left are shown as such, though no record shows it; needs a `reason`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sees_leavers: bool,
    /// Why the list is complete, or why it shows people who have left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A SCIM 2.0 service. One of the three `token_…` is needed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScimSource {
    /// Id in the snapshot; the system by default.
    pub id: Option<String>,
    /// The system whose accounts are listed.
    pub system: String,
    /// Base address of the service; `/Users` is added to it.
    pub url: String,
    /// The attributes of a user that name access levels; all three by default.
    #[serde(default)]
    pub levels: Vec<LevelAttribute>,
    /// The environment variable that holds the token.
    pub token_env: Option<String>,
    /// The file that holds the token.
    pub token_file: Option<String>,
    /// The command that prints the token.
    pub token_command: Option<String>,
    /// Whether every record is there, though the source cannot prove it; needs a `reason`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub complete: bool,
    /// How many records there are, such as the number on the vendor's licence page: proves or refutes the list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<usize>,
    /// Why the list is complete, or why it shows people who have left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A list that a source gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ListKind {
    /// People.
    Staff,
    /// Accounts.
    Accounts,
}

/// Where Merge keeps the data of a linked account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MergeRegion {
    /// `api.merge.dev`.
    Us,
    /// `api-eu.merge.dev`.
    Eu,
    /// `api-ap.merge.dev`.
    Ap,
}

/// What is read through Truto.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TrutoModel {
    /// `/unified/user-directory/users`: accounts.
    UserDirectory,
    /// `/unified/hris/employees`: staff.
    Hris,
}

/// Where a secret comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// An environment variable.
    Environment(String),
    /// A file, relative to `tenure.yaml`.
    File(String),
    /// The standard output of a command.
    Command(String),
}

impl SourceConfig {
    /// What is in the source's pages or files, where that is said.
    #[must_use]
    pub fn format(&self) -> Option<Format> {
        match self {
            SourceConfig::File(source) => source.format,
            SourceConfig::Humaans(_) => Some(Format::Humaans),
            SourceConfig::Merge(_) => Some(Format::Merge),
            SourceConfig::Truto(source) if source.model == Some(TrutoModel::Hris) => Some(Format::TrutoHris),
            SourceConfig::Truto(_) => Some(Format::TrutoUserDirectory),
            SourceConfig::Scim(_) => Some(Format::Scim),
        }
    }

    /// The system whose accounts it lists, as a slug, where it names one.
    #[must_use]
    pub fn system(&self) -> Option<String> {
        let system = match self {
            SourceConfig::File(source) => source.system.as_deref(),
            SourceConfig::Humaans(source) => source.system.as_deref(),
            SourceConfig::Merge(_) => None,
            SourceConfig::Truto(source) => source.system.as_deref(),
            SourceConfig::Scim(source) => Some(source.system.as_str()),
        };
        system.map(slug)
    }

    /// The id that it is given, if it is.
    #[must_use]
    pub fn own_id(&self) -> Option<&str> {
        match self {
            SourceConfig::File(source) => source.id.as_deref(),
            SourceConfig::Humaans(source) => source.id.as_deref(),
            SourceConfig::Merge(source) => source.id.as_deref(),
            SourceConfig::Truto(source) => source.id.as_deref(),
            SourceConfig::Scim(source) => source.id.as_deref(),
        }
    }

    /// The system whose accounts it lists, where it lists any.
    #[must_use]
    pub fn account_system(&self) -> Option<String> {
        let format = self.format().filter(|format| format.accounts().is_some())?;
        Some(self.system().unwrap_or_else(|| format.word().to_owned()))
    }

    /// What a person may call it: its id, or its path where the format has to be guessed.
    #[must_use]
    pub fn name(&self) -> String {
        match (self, self.format()) {
            (_, Some(format)) => self.id(format),
            (SourceConfig::File(source), None) => {
                source.id.clone().or_else(|| self.system()).unwrap_or_else(|| source.path.clone())
            }
            (_, None) => String::new(),
        }
    }

    /// The source's id in the snapshot; `format` is what its files were found to hold.
    #[must_use]
    pub fn id(&self, format: Format) -> String {
        self.own_id().map(slug).unwrap_or_else(|| format.source_id(self.system().as_deref()))
    }

    /// The word for its kind.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            SourceConfig::File(_) => "file",
            SourceConfig::Humaans(_) => "humaans",
            SourceConfig::Merge(_) => "merge",
            SourceConfig::Truto(_) => "truto",
            SourceConfig::Scim(_) => "scim",
        }
    }

    /// The attributes that name access levels, where the source says.
    #[must_use]
    pub fn levels(&self) -> &[LevelAttribute] {
        match self {
            SourceConfig::File(source) => &source.levels,
            SourceConfig::Scim(source) => &source.levels,
            _ => &[],
        }
    }

    /// What the user states about the completeness of its lists.
    #[must_use]
    pub fn statements(&self) -> Statements {
        let of = |complete: bool, expected: Option<usize>, sees_leavers: bool, reason: &Option<String>| Statements {
            complete,
            expected,
            sees_leavers,
            reason: reason.clone(),
        };
        match self {
            SourceConfig::File(one) => of(one.complete, one.expected, one.sees_leavers, &one.reason),
            SourceConfig::Humaans(one) => of(one.complete, one.expected, one.sees_leavers, &one.reason),
            SourceConfig::Merge(one) => of(one.complete, one.expected, one.sees_leavers, &one.reason),
            SourceConfig::Truto(one) => of(one.complete, one.expected, one.sees_leavers, &one.reason),
            SourceConfig::Scim(one) => of(one.complete, one.expected, false, &one.reason),
        }
    }

    /// Whether it is fetched over the network.
    #[must_use]
    pub fn is_live(&self) -> bool {
        !matches!(self, SourceConfig::File(_))
    }

    /// What to take of it.
    #[must_use]
    pub fn lists(&self) -> Lists {
        let wanted = match self {
            SourceConfig::File(source) => source.lists.as_deref(),
            SourceConfig::Humaans(source) => source.lists.as_deref(),
            SourceConfig::Merge(_) | SourceConfig::Truto(_) | SourceConfig::Scim(_) => None,
        };
        let wants = |kind: ListKind| wanted.is_none_or(|wanted| wanted.contains(&kind));
        Lists { staff: wants(ListKind::Staff), accounts: wants(ListKind::Accounts) }
    }

    /// Where its token comes from.
    ///
    /// # Errors
    /// What is wrong with what is said of it: nothing, or more than one thing.
    pub fn token(&self) -> Result<Option<SecretSource>, TokenError> {
        match self {
            SourceConfig::File(_) => Ok(None),
            SourceConfig::Humaans(one) => {
                secret("token", &one.token_env, &one.token_file, &one.token_command).map(Some)
            }
            SourceConfig::Merge(one) => secret("token", &one.token_env, &one.token_file, &one.token_command).map(Some),
            SourceConfig::Truto(one) => secret("token", &one.token_env, &one.token_file, &one.token_command).map(Some),
            SourceConfig::Scim(one) => secret("token", &one.token_env, &one.token_file, &one.token_command).map(Some),
        }
    }

    /// Where the second token comes from, for a source that takes two (Merge's linked account).
    ///
    /// # Errors
    /// As for [`SourceConfig::token`].
    pub fn account_token(&self) -> Result<Option<SecretSource>, TokenError> {
        match self {
            SourceConfig::Merge(one) => {
                let (file, command) = (&one.account_token_file, &one.account_token_command);
                secret("account_token", &one.account_token_env, file, command).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// Where its records come from, the same for two sources of the same records.
    pub(super) fn origin(&self) -> String {
        let secret = |secret: Result<Option<SecretSource>, TokenError>| format!("{:?}", secret.ok().flatten());
        let url = self.url().unwrap_or_default().trim_end_matches('/').to_lowercase();
        let records = match self {
            SourceConfig::File(source) => {
                let parts = Path::new(&source.path).components().filter(|part| *part != Component::CurDir);
                parts.collect::<PathBuf>().display().to_string()
            }
            // A token shows the records of one organisation.
            SourceConfig::Humaans(_) => secret(self.token()),
            SourceConfig::Merge(_) => secret(self.account_token()),
            SourceConfig::Truto(source) => format!("{} {:?}", source.integrated_account, source.query),
            SourceConfig::Scim(_) => String::new(),
        };
        format!("{} {url} {records}", self.kind())
    }

    /// Its address, where one is given in place of the vendor's own.
    #[must_use]
    pub fn url(&self) -> Option<&str> {
        match self {
            SourceConfig::File(_) => None,
            SourceConfig::Humaans(source) => source.url.as_deref(),
            SourceConfig::Merge(source) => source.url.as_deref(),
            SourceConfig::Truto(source) => source.url.as_deref(),
            SourceConfig::Scim(source) => Some(&source.url),
        }
    }
}

/// Why a source does not say where its token is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// It names no place.
    #[error("does not say where its {name} is: one of `{0}_env`, `{0}_file` and `{0}_command` is needed", name = spaced(.0))]
    Missing(&'static str),
    /// It names several places.
    #[error("says more than once where its {name} is: one of `{0}_env`, `{0}_file` and `{0}_command` is enough", name = spaced(.0))]
    Several(&'static str),
}

fn spaced(key: &str) -> String {
    key.replace('_', " ")
}

fn secret(
    name: &'static str,
    environment: &Option<String>,
    file: &Option<String>,
    command: &Option<String>,
) -> Result<SecretSource, TokenError> {
    match (environment, file, command) {
        (Some(variable), None, None) => Ok(SecretSource::Environment(variable.clone())),
        (None, Some(file), None) => Ok(SecretSource::File(file.clone())),
        (None, None, Some(command)) => Ok(SecretSource::Command(command.clone())),
        (None, None, None) => Err(TokenError::Missing(name)),
        _ => Err(TokenError::Several(name)),
    }
}
