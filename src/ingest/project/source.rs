//! The entries of `sources:`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

use crate::{
    ingest::{Format, LevelAttribute, mapping::MappingChoice},
    model::time,
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
    #[serde(default, deserialize_with = "stated", skip_serializing_if = "std::ops::Not::not")]
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
    #[serde(default, deserialize_with = "stated", skip_serializing_if = "std::ops::Not::not")]
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
    #[serde(default, deserialize_with = "stated", skip_serializing_if = "std::ops::Not::not")]
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
    #[serde(default, deserialize_with = "stated", skip_serializing_if = "std::ops::Not::not")]
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
    #[serde(default, deserialize_with = "stated", skip_serializing_if = "std::ops::Not::not")]
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

/// A statement that is only made with `true`: `false` would read as if it made the list incomplete.
fn stated<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    if bool::deserialize(deserializer)? {
        return Ok(true);
    }
    Err(D::Error::custom(
        "`false` states nothing: leave `complete` out, or write how many records there are, such as `expected: 65`",
    ))
}
