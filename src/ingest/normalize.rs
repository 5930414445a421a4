//! From the files or pages of a format to what a source gives.

use super::{
    Format, Normalized, SourceIdentity, Statements, access_requests_csv, access_requests_json, accounts_csv,
    aws_credential_report, github_members, google_workspace_csv, guess, humaans,
    mapping::{self, MappingRef},
    merge, okta_users,
    pages::{self, Layout, Pages, hidden},
    scim,
    statements::STATE_COMPLETE,
    truto_hris, truto_user_directory,
};
use crate::{
    diagnostic::{Code, Diagnostic},
    files::RawFile,
};

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
                    Diagnostic::error(Code::NotAFile, message).in_file(endpoint).help("name the file itself"),
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
                Err(vec![Diagnostic::error(Code::NotAPage, format!("{self} has no pages")).in_file(&identity.endpoint)])
            }
        }
    }

    /// The format that files look to be of.
    #[must_use]
    pub fn guess(files: &[RawFile]) -> Option<Format> {
        guess::format(files)
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
            Diagnostic::error(Code::NoUsableRecords, message).in_file(endpoint).help(help)
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
