//! Which formats there are, and what each gives.

use std::{borrow::Cow, fmt};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use super::mapping::{self, Mapping, MappingRef};
use crate::model::snapshot::ACCESS_REQUESTS;

/// What is in a source's files or pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// Raw pages of the Humaans REST API: staff, and the accounts of Humaans.
    Humaans,
    /// Raw pages of the Merge HRIS API: staff.
    Merge,
    /// Raw pages of the Truto unified HRIS API: staff.
    TrutoHris,
    /// Raw pages of the Truto unified user directory: accounts.
    TrutoUserDirectory,
    /// Raw pages of SCIM 2.0 `/Users`: accounts.
    Scim,
    /// The answer of Okta's `GET /api/v1/users`: accounts.
    OktaUsers,
    /// The answer of GitHub's `GET /orgs/{org}/members`, one file a role: accounts.
    GithubMembers,
    /// The Google Workspace admin console's "Download users": accounts.
    GoogleWorkspaceCsv,
    /// The AWS IAM credential report: accounts.
    AwsCredentialReport,
    /// `account,email,status,roles,last_login,class`: accounts.
    AccountsCsv,
    /// `id,person,system,levels,status,created,expires`: access requests.
    AccessRequestsCsv,
    /// A list of objects with the same keys: access requests.
    AccessRequestsJson,
    /// Whatever a mapping says.
    Mapped(MappingRef),
}

/// The formats that are read by code, with their names.
const CODED: [(Format, &str); 12] = [
    (Format::Humaans, "humaans"),
    (Format::Merge, "merge"),
    (Format::TrutoHris, "truto-hris"),
    (Format::TrutoUserDirectory, "truto-user-directory"),
    (Format::Scim, "scim"),
    (Format::OktaUsers, "okta-users"),
    (Format::GithubMembers, "github-members"),
    (Format::GoogleWorkspaceCsv, "google-workspace-csv"),
    (Format::AwsCredentialReport, "aws-credential-report"),
    (Format::AccountsCsv, "accounts-csv"),
    (Format::AccessRequestsCsv, "access-requests-csv"),
    (Format::AccessRequestsJson, "access-requests-json"),
];

impl Format {
    /// Every format that comes with Tenure.
    #[must_use]
    pub fn all() -> Vec<Format> {
        let coded = CODED.iter().map(|(format, _)| *format);
        coded.chain(mapping::built_in().iter().copied().map(Format::Mapped)).collect()
    }

    /// Its name, as written after `format:`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Format::Mapped(mapping) => mapping.name(),
            coded => CODED.iter().find(|(format, _)| *format == coded).map_or("", |(_, word)| word),
        }
    }

    /// The format of this name that comes with Tenure.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Format> {
        let coded = CODED.iter().find(|(_, known)| *known == word).map(|(format, _)| *format);
        coded.or_else(|| mapping::named(word).map(Format::Mapped))
    }

    /// The mapping that reads it, for a format that has one.
    #[must_use]
    pub fn mapping(self) -> Option<MappingRef> {
        match self {
            Format::Mapped(mapping) => Some(mapping),
            _ => None,
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl Serialize for Format {
    /// A mapping of the user's own has no name that can be looked up; what names it keeps the mapping beside it.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let is_own = self.mapping().is_some_and(|mapping| !mapping.is_built_in());
        serializer.serialize_str(if is_own { mapping::OWN } else { self.word() })
    }
}

impl<'de> Deserialize<'de> for Format {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        let unnamed = || (word == mapping::OWN).then(|| Format::Mapped(MappingRef::of(Mapping::default())));
        Format::from_word(&word).or_else(unnamed).ok_or_else(|| {
            let words: Vec<String> = Format::all().iter().map(|format| format!("`{format}`")).collect();
            D::Error::custom(format!("unknown variant `{word}`, expected one of {}", words.join(", ")))
        })
    }
}

impl JsonSchema for Format {
    fn schema_name() -> Cow<'static, str> {
        "Format".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let words: Vec<&str> = Format::all().iter().map(|format| format.word()).collect();
        json_schema!({
            "description": "What is in a source's files or pages: a built-in format, or `mapping` for one of your own.",
            "type": "string",
            "enum": words.into_iter().chain([mapping::OWN]).collect::<Vec<_>>(),
        })
    }
}

impl Format {
    /// Whether somebody has to say of which system the accounts are.
    #[must_use]
    pub fn needs_system(self) -> bool {
        self.accounts().is_some() && self != Format::Humaans
    }

    /// The collection that lists staff, for a format that does.
    #[must_use]
    pub fn staff(self) -> Option<&'static str> {
        match self {
            Format::Humaans => Some("people"),
            Format::Merge | Format::TrutoHris => Some("employees"),
            Format::Mapped(mapping) => mapping.person.as_ref().map(|_| mapping::PEOPLE),
            _ => None,
        }
    }

    /// The collections of its pages that list people, accounts or requests.
    pub(super) fn main_pages(self) -> Vec<&'static str> {
        match self {
            // Its accounts are joined from several lists, which are weighed together.
            Format::GithubMembers => Vec::new(),
            Format::AccessRequestsJson => vec![ACCESS_REQUESTS],
            _ => self.staff().into_iter().chain(self.accounts()).collect(),
        }
    }

    /// The collection that lists accounts, for a format that does.
    #[must_use]
    pub fn accounts(self) -> Option<&'static str> {
        match self {
            Format::Humaans => Some("people"),
            Format::TrutoUserDirectory | Format::OktaUsers => Some("users"),
            Format::Scim => Some("Users"),
            Format::GithubMembers => Some("members"),
            Format::GoogleWorkspaceCsv | Format::AwsCredentialReport | Format::AccountsCsv => Some("accounts"),
            Format::Merge | Format::TrutoHris | Format::AccessRequestsCsv | Format::AccessRequestsJson => None,
            Format::Mapped(mapping) => mapping.account.as_ref().map(|_| mapping::ACCOUNTS),
        }
    }

    /// The id of a source of this format that is given none.
    pub(super) fn source_id(self, system: Option<&str>) -> String {
        match (self, system) {
            (Format::Humaans, _) => "humaans".to_owned(),
            (Format::Merge, _) => "merge".to_owned(),
            (Format::TrutoHris, _) => "truto".to_owned(),
            (Format::AccessRequestsCsv | Format::AccessRequestsJson, _) => "access-requests".to_owned(),
            (Format::TrutoUserDirectory, system) => format!("truto-{}", system.unwrap_or("users")),
            (_, system) => system.map_or_else(|| self.to_string(), str::to_owned),
        }
    }
}
