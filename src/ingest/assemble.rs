//! From the sources' records to one snapshot.

use std::{collections::BTreeMap, path::Path};

use jiff::Timestamp;

use super::{
    Format, Normalized, SourceConfig, SourceIdentity, guess, levels, mapping::closest::closest, pages::hidden, peek,
    project::FileSource, realms, several, several::StaffList,
};
use crate::{
    diagnostic::{Code, Diagnostic, counted, first_few, suggest},
    files::{self, Fence, RawFile, SourceFiles},
    model::{AccountList, Organization, Snapshot, Zone, read::problems_of, snapshot::SCHEMA_VERSION},
};

/// A snapshot and what a person should know about how it came to be.
#[derive(Debug, Clone)]
pub struct Assembled {
    /// The snapshot, in canonical order.
    pub snapshot: Snapshot,
    /// Not understood values, incomplete collections, unused files.
    pub warnings: Vec<Diagnostic>,
}

/// A source of files, read.
#[derive(Debug)]
pub struct FilesRead {
    /// What it gave.
    pub normalized: Normalized,
    /// The format, where it had to be guessed.
    pub guessed: Option<Format>,
    /// Why the source is left out, where it is.
    pub failed: Option<String>,
    /// Hidden files with data in its folder, which leave its lists in doubt.
    pub hidden: Vec<String>,
}

/// Reads one source of files inside a fence, or leaves it out where that is allowed and it is known what is then missing.
///
/// # Errors
/// Every problem that keeps the source from being read at all.
pub fn read_files_or_without(
    config: &FileSource,
    folder: &Path,
    fence: &Fence,
    collected_at: Timestamp,
    zone: &Zone,
    allow_incomplete: bool,
) -> Result<FilesRead, Vec<Diagnostic>> {
    fence.check(&folder.join(&config.path)).map_err(|problem| vec![problem])?;
    let problems = match read_files_within(config, folder, fence, collected_at, zone) {
        Ok(read) => return Ok(read),
        Err(problems) => problems,
    };
    let Some(format) = config.format.filter(|_| allow_incomplete) else { return Err(problems) };
    let source = SourceConfig::File(config.clone());
    let identity = identity_of(&source, format, config.path.clone(), config.pulled_at.unwrap_or(collected_at), zone);
    let (left_out, reason) = Normalized::left_out(&identity, format, problems);
    Ok(FilesRead { normalized: left_out.only(source.lists()), guessed: None, failed: Some(reason), hidden: Vec::new() })
}

/// Reads one source of files below `folder`, and nothing outside of that folder.
///
/// # Errors
/// Every problem that keeps the source from being read at all.
pub fn read_files(
    config: &FileSource,
    folder: &Path,
    collected_at: Timestamp,
    zone: &Zone,
) -> Result<FilesRead, Vec<Diagnostic>> {
    read_files_within(config, folder, &Fence::around(folder), collected_at, zone)
}

fn read_files_within(
    config: &FileSource,
    folder: &Path,
    fence: &Fence,
    collected_at: Timestamp,
    zone: &Zone,
) -> Result<FilesRead, Vec<Diagnostic>> {
    let path = folder.join(&config.path);
    fence.check(&path).map_err(|problem| vec![problem])?;
    let SourceFiles { files, hidden } = files::read_source(&path, fence)?;
    let hidden = hidden::with_data(&hidden);
    let format = match config.format.or_else(|| Format::guess(&files)).or_else(|| misspelt_table(config, &files)) {
        Some(format) => format,
        None => {
            if let Some(said) = files.iter().find_map(peek::api_error) {
                let message = format!("`{}` holds an API's error in place of records: \"{said}\"", config.path);
                let problem = Diagnostic::error(Code::NotAPage, message).in_file(&config.path);
                return Err(vec![problem.help("fetch it again, with a token that may read it")]);
            }
            return Err(vec![unrecognised(config, &files)]);
        }
    };
    let source = SourceConfig::File(config.clone());
    let system = source.system().unwrap_or_default();
    if format.needs_system() && system.is_empty() {
        let message = format!("`{}` lists accounts ({format}) of an unnamed system", config.path);
        let problem = Diagnostic::error(Code::MissingSystem, message).in_file(&config.path);
        return Err(vec![problem.help("name it with `system:`, or with `tenure import accounts SYSTEM FILE`")]);
    }
    let identity = identity_of(&source, format, config.path.clone(), config.pulled_at.unwrap_or(collected_at), zone);
    let normalized = format.normalize_beside(&identity, &files, &hidden)?.only(source.lists());
    Ok(FilesRead { normalized, guessed: config.format.is_none().then_some(format), failed: None, hidden })
}

/// A table with the columns of Tenure's own account lists, but for the one of the account, which is then named.
fn misspelt_table(config: &FileSource, files: &[RawFile]) -> Option<Format> {
    let [file] = files else { return None };
    config.system.as_ref()?;
    let own = ["email", "status", "roles", "last_login", "class"];
    let columns = peek::header(file);
    let known = columns.iter().filter(|name| own.contains(&name.as_str())).count();
    // A file with no header at all is one that is no table.
    (known >= 2 || peek::is_no_table(file)).then_some(Format::AccountsCsv)
}

/// A file of no format that comes with Tenure: what is in it, what it comes closest to, and how to go on.
fn unrecognised(config: &FileSource, files: &[RawFile]) -> Diagnostic {
    let path = &config.path;
    let problem = Diagnostic::error(Code::UnknownFormat, format!("cannot detect the format of `{path}`")).in_file(path);
    let columns: Vec<String> = files.first().map(guess::columns).unwrap_or_default();
    let mut help = String::new();
    if !columns.is_empty() {
        let more = columns.len().saturating_sub(COLUMNS_SHOWN);
        let named: Vec<String> = columns.iter().take(COLUMNS_SHOWN).map(|name| format!("`{name}`")).collect();
        let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
        help.push_str(&format!("it has {}{rest}; ", named.join(", ")));
    }
    if let Some(near) = closest(&columns) {
        let missing: Vec<String> = near.missing.iter().map(|name| format!("`{name}`")).collect();
        help.push_str(&format!("closest is {}, which also has {}; ", near.mapping.name(), missing.join(", ")));
    }
    help.push_str(&format!(
        "write a mapping: `tenure mapping new {path} -o mapping.yaml`, or set `format:` (`tenure mapping list`)"
    ));
    problem.help(help)
}

/// Columns of an unknown file that are named.
const COLUMNS_SHOWN: usize = 12;

/// What a normaliser is told about a source.
#[must_use]
pub fn identity_of(
    source: &SourceConfig,
    format: Format,
    endpoint: String,
    pulled_at: Timestamp,
    zone: &Zone,
) -> SourceIdentity {
    let id = source.id(format);
    let own = if format.accounts().is_some() { format.word() } else { "" };
    SourceIdentity {
        system: source.system().unwrap_or_else(|| own.to_owned()),
        id,
        endpoint,
        pulled_at,
        levels: source.levels().to_vec(),
        statements: source.statements(),
        zone: zone.clone(),
    }
}

/// Puts sources together. `staff` names the sources that list staff, the most authoritative first, where there are
/// several.
///
/// # Errors
/// What no snapshot may hold: two lists of staff of which nobody says which one counts, ids
/// given twice.
pub fn assemble(
    organization: Organization,
    collected_at: Timestamp,
    staff: &[String],
    sources: Vec<Normalized>,
) -> Result<Assembled, Vec<Diagnostic>> {
    let mut snapshot = Snapshot {
        schema_version: SCHEMA_VERSION.to_owned(),
        organization,
        collected_at,
        sources: Vec::new(),
        people: Vec::new(),
        systems: Vec::new(),
        accounts: Vec::new(),
        access_requests: Vec::new(),
    };
    let mut warnings = Vec::new();
    let mut problems = Vec::new();
    let mut staff_lists: Vec<StaffList> = Vec::new();
    let mut realms = BTreeMap::new();
    let mut joined_facts = Vec::new();
    for mut normalized in sources {
        rename(&mut normalized, &snapshot);
        if let Some(people) = normalized.people {
            staff_lists.push(StaffList {
                source: normalized.source.id.clone(),
                people,
                not_given: normalized.not_given,
                day: snapshot.organization.time_zone.date(normalized.source.pulled_at),
            });
        }
        let normalized_id = normalized.source.id.clone();
        joined_facts.extend(normalized.joined_facts.map(|facts| (normalized_id.clone(), facts)));
        snapshot.sources.push(normalized.source);
        for system in normalized.systems {
            match snapshot.systems.iter_mut().find(|known| known.id == system.id) {
                Some(known) => {
                    known.further.push(AccountList { source: system.source, collection: system.collection });
                }
                None => snapshot.systems.push(system),
            }
        }
        realms.extend(normalized.realm.map(|realm| (normalized_id.clone(), realm)));
        snapshot.accounts.extend(normalized.accounts);
        snapshot.access_requests.extend(normalized.access_requests);
        warnings.extend(normalized.warnings);
    }
    problems.extend(order(staff, &mut staff_lists));
    snapshot.people = several::join(staff_lists, &mut warnings);
    for (source, facts) in joined_facts {
        facts.join(&source, &mut snapshot, &mut warnings);
    }
    warnings.extend(link(&mut snapshot));
    realms::tell_apart(&mut snapshot, &realms, &mut warnings);
    levels::identify(&mut snapshot, &mut warnings);
    if problems.is_empty() {
        problems = problems_of(&snapshot);
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    if snapshot.has_staff() && snapshot.people.is_empty() {
        warnings.push(
            Diagnostic::warning(Code::NoPeople, "the staff list is empty, so no check is asked of people")
                .help("look at what was exported, and with which token"),
        );
    }
    if !snapshot.has_staff() {
        warnings.push(
            Diagnostic::warning(Code::NoStaff, "no source lists staff, so the owners of accounts are unknown")
                .help("add the HRIS to the sources in `tenure.yaml`, and pull or import again"),
        );
    }
    snapshot.sort();
    Ok(Assembled { snapshot, warnings })
}

/// Puts lists of staff into their order of authority; every one of several has to have a place in it.
fn order(staff: &[String], lists: &mut [StaffList]) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    let ids: Vec<&str> = lists.iter().map(|list| list.source.as_str()).collect();
    for id in staff.iter().filter(|id| !ids.contains(&id.as_str())) {
        let message = format!("`staff` names `{id}`, which is no source that lists staff");
        problems.push(Diagnostic::error(Code::UnknownSource, message).help(suggest(id, ids.iter().copied())));
    }
    let unplaced: Vec<&str> = ids.iter().copied().filter(|id| !staff.iter().any(|placed| placed == id)).collect();
    if lists.len() > 1 && !unplaced.is_empty() {
        let names: Vec<String> = ids.iter().map(|id| format!("`{id}`")).collect();
        let message = format!("several sources list staff: {}; `staff:` does not rank them", names.join(", "));
        let help = format!("name them all in tenure.yaml, the most authoritative first: `staff: [{}]`", ids.join(", "));
        problems.push(Diagnostic::error(Code::SeveralStaffLists, message).help(help));
    }
    lists.sort_by_key(|list| staff.iter().position(|placed| *placed == list.source));
    problems
}

/// An account that its source links to an HRIS id is linked only where that person is in the snapshot. Another id stays
/// as a hint.
fn link(snapshot: &mut Snapshot) -> Option<Diagnostic> {
    let people: std::collections::BTreeSet<&str> = snapshot.people.iter().map(|person| person.id.as_str()).collect();
    let mut unlisted = Vec::new();
    for account in &mut snapshot.accounts {
        let Some(person) = account.person.take_if(|person| !people.contains(person.as_str())) else { continue };
        unlisted.push(format!("`{}/{}` names `{person}`", account.system, account.id));
        account.hints.external_id.get_or_insert(person);
    }
    if unlisted.is_empty() {
        return None;
    }
    let accounts = counted(unlisted.len(), "account is", "accounts are");
    let message = format!("{accounts} linked to people who are not listed: {}", first_few(&unlisted, ", "));
    Some(Diagnostic::warning(Code::UnlistedPerson, message).help("add the people to the staff list, or pull it again"))
}

/// The id itself, or with the first number that makes it one that is not taken.
pub(crate) fn unique_id(id: &str, taken: impl Fn(&str) -> bool) -> String {
    let numbered = (2..).map(|number| format!("{id}-{number}"));
    std::iter::once(id.to_owned()).chain(numbered).find(|id| !taken(id)).unwrap_or_default()
}

/// Two sources of one kind get two ids.
fn rename(normalized: &mut Normalized, snapshot: &Snapshot) {
    let first = normalized.source.id.clone();
    let id = unique_id(&first, |id| snapshot.source(id).is_some());
    if id == first {
        return;
    }
    normalized.source.id.clone_from(&id);
    for person in normalized.people.iter_mut().flatten() {
        person.source.clone_from(&id);
    }
    for system in &mut normalized.systems {
        system.source.clone_from(&id);
    }
    for account in &mut normalized.accounts {
        account.source.clone_from(&id);
    }
    for request in &mut normalized.access_requests {
        request.source.clone_from(&id);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_link_to_a_person_who_is_not_listed_stays_as_a_hint() {
        let account = |id: &str, hints: serde_json::Value| {
            json!({
                "id": id, "system": "app", "source": "app", "email": null, "person": "p9", "hints": hints,
                "status": "active", "levels": [], "class": null, "last_login": null,
            })
        };
        let accounts = json!([account("a", json!({})), account("b", json!({ "external_id": "E-1" }))]);
        let mut snapshot = Snapshot {
            schema_version: SCHEMA_VERSION.to_owned(),
            organization: serde_json::from_value(json!({ "id": "x", "name": "X", "time_zone": "UTC" })).unwrap(),
            collected_at: "2026-11-20T09:00:00Z".parse().unwrap(),
            sources: Vec::new(),
            people: Vec::new(),
            systems: Vec::new(),
            accounts: serde_json::from_value(accounts).unwrap(),
            access_requests: Vec::new(),
        };
        let warning = link(&mut snapshot).unwrap();
        assert_eq!(warning.code, Code::UnlistedPerson);
        assert!(warning.message.contains("`app/a` names `p9`"), "{}", warning.message);
        let hints: Vec<Option<&str>> =
            snapshot.accounts.iter().map(|account| account.hints.external_id.as_deref()).collect();
        assert_eq!(hints, [Some("p9"), Some("E-1")]);
        assert!(snapshot.accounts.iter().all(|account| account.person.is_none()));
        assert!(link(&mut snapshot).is_none());
    }
}
