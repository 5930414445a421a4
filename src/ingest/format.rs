//! Which formats there are, what each gives, and which one a file is in.

use std::{borrow::Cow, fmt};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use super::{
    Normalized, SourceIdentity, Statements, access_requests_csv, access_requests_json, accounts_csv,
    aws_credential_report, github_members, google_workspace_csv, guess, humaans,
    mapping::{self, Mapping, MappingRef},
    merge, okta_users,
    pages::{self, Layout, Pages, hidden},
    scim,
    statements::STATE_COMPLETE,
    truto_hris, truto_user_directory,
};
use crate::{diagnostic::Diagnostic, files::RawFile, model::snapshot::ACCESS_REQUESTS};

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

/// How the files of a format are read.
enum Reader {
    /// Page by page.
    Pages(&'static Layout, fn(&SourceIdentity, Pages) -> Result<Normalized, Vec<Diagnostic>>),
    /// As one table.
    Table(fn(&SourceIdentity, &RawFile) -> Result<Normalized, Vec<Diagnostic>>),
    /// As a mapping says.
    Mapping(MappingRef),
}

impl Format {
    fn reader(self) -> Reader {
        match self {
            Format::Humaans => Reader::Pages(&humaans::LAYOUT, humaans::normalize),
            Format::Merge => Reader::Pages(&merge::LAYOUT, merge::normalize),
            Format::TrutoHris => Reader::Pages(&truto_hris::LAYOUT, truto_hris::normalize),
            Format::TrutoUserDirectory => Reader::Pages(&truto_user_directory::LAYOUT, truto_user_directory::normalize),
            Format::Scim => Reader::Pages(&scim::LAYOUT, scim::normalize),
            Format::OktaUsers => Reader::Pages(&okta_users::LAYOUT, okta_users::normalize),
            Format::GithubMembers => Reader::Pages(&github_members::LAYOUT, github_members::normalize),
            Format::AccessRequestsJson => Reader::Pages(&access_requests_json::LAYOUT, access_requests_json::normalize),
            Format::GoogleWorkspaceCsv => Reader::Table(google_workspace_csv::normalize),
            Format::AwsCredentialReport => Reader::Table(aws_credential_report::normalize),
            Format::AccountsCsv => Reader::Table(accounts_csv::normalize),
            Format::AccessRequestsCsv => Reader::Table(access_requests_csv::normalize),
            Format::Mapped(mapping) => Reader::Mapping(mapping),
        }
    }

    /// How its pages look; `None` for a table.
    #[must_use]
    pub fn layout(self) -> Option<&'static Layout> {
        match self.reader() {
            Reader::Pages(layout, _) => Some(layout),
            Reader::Table(_) | Reader::Mapping(_) => None,
        }
    }

    /// Normalises files of this format.
    ///
    /// # Errors
    /// Every file that cannot be read as what it should be.
    pub fn normalize(self, identity: &SourceIdentity, files: &[RawFile]) -> Result<Normalized, Vec<Diagnostic>> {
        self.normalize_beside(identity, files, &[])
    }

    /// Normalises files of this format beside hidden ones with data, which leave its lists in doubt.
    ///
    /// # Errors
    /// Every file that cannot be read as what it should be.
    pub(crate) fn normalize_beside(
        self,
        identity: &SourceIdentity,
        files: &[RawFile],
        hidden: &[String],
    ) -> Result<Normalized, Vec<Diagnostic>> {
        let mut one = match (self.reader(), files) {
            (Reader::Pages(layout, _), files) => {
                let pages = Pages { hidden: hidden.to_vec(), ..pages::sort(files, layout)? };
                return self.normalize_pages(identity, pages);
            }
            (Reader::Mapping(mapping), files) => {
                usable(self, mapping::normalize(self, mapping.get(), identity, files, hidden)?)?
            }
            (Reader::Table(normalize), [file]) => {
                let mut one = usable(self, normalize(identity, file)?)?;
                doubt_table(&mut one, hidden, &identity.statements);
                one
            }
            (Reader::Table(_), _) => {
                let endpoint = &identity.endpoint;
                let message = format!("`{endpoint}` is a directory where one CSV file is expected");
                return Err(vec![
                    Diagnostic::error("not-a-file", message).in_file(endpoint).help("name the file itself"),
                ]);
            }
        };
        one.warnings.extend(hidden::warning(&identity.id, hidden));
        Ok(one)
    }

    /// Normalises pages that have been put together already; nothing for a table.
    ///
    /// # Errors
    /// What keeps the pages from being a source at all.
    pub fn normalize_pages(self, identity: &SourceIdentity, mut pages: Pages) -> Result<Normalized, Vec<Diagnostic>> {
        match self.reader() {
            Reader::Pages(_, normalize) => {
                pages.weigh(&identity.statements, &self.main_pages());
                pages.warnings.extend(hidden::warning(&identity.id, &pages.hidden));
                usable(self, normalize(identity, pages)?)
            }
            Reader::Table(_) | Reader::Mapping(_) => {
                Err(vec![Diagnostic::error("not-a-page", format!("{self} has no pages")).in_file(&identity.endpoint)])
            }
        }
    }

    /// The format that files look to be of.
    #[must_use]
    pub fn guess(files: &[RawFile]) -> Option<Format> {
        guess::format(files)
    }

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
    fn main_pages(self) -> Vec<&'static str> {
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

/// A list of which not one record can be used is not the list that it is taken for.
fn usable(format: Format, mut normalized: Normalized) -> Result<Normalized, Vec<Diagnostic>> {
    let source = &normalized.source;
    let lists = source.collections.iter();
    let useless = lists.filter(|list| list.records == 0 && list.excluded == 0 && !list.rejected.is_empty());
    let problems: Vec<Diagnostic> = useless
        .map(|list| {
            let (count, endpoint) = (list.rejected.len(), &source.endpoint);
            let first = list.rejected.first().map(|one| format!("{}: {}", one.record, one.reason)).unwrap_or_default();
            let message =
                format!("none of the {count} records of `{}` in `{endpoint}` can be used: {first}", list.name);
            let help = format!("is this really {}? say otherwise with `format:` or `--format`", source.kind);
            Diagnostic::error("no-usable-records", message).in_file(endpoint).help(help)
        })
        .collect();
    if !problems.is_empty() {
        return Err(problems);
    }
    for name in [format.staff(), format.accounts()].into_iter().flatten() {
        doubt_empty(&mut normalized, name);
    }
    Ok(normalized)
}

/// Doubts the lists of a table beside these hidden files.
fn doubt_table(normalized: &mut Normalized, names: &[String], statements: &Statements) {
    let mut doubted = Vec::new();
    for list in normalized.source.collections.iter_mut().filter(|_| !statements.complete) {
        if let Some(doubt) = hidden::doubt(names, list.basis) {
            list.incomplete(format!("{} ({STATE_COMPLETE})", doubt.reason));
            doubted.push(list.name.clone());
        }
    }
    doubted.iter().for_each(|name| normalized.warn_incomplete(name));
}

/// A list of people or accounts that is empty proves nothing: a service may answer so to a token with too few rights.
fn doubt_empty(normalized: &mut Normalized, name: &str) {
    let Some(list) = normalized.source.collections.iter_mut().find(|list| list.name == name) else { return };
    if list.records > 0 || !list.complete {
        return;
    }
    list.incomplete("the list is empty, which proves nothing: a token with too few rights sees the same");
    normalized.warn_incomplete(name);
}
