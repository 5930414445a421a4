//! From the sources' records to one snapshot.

use std::path::Path;

use jiff::Timestamp;

use super::{Format, Normalized, SourceConfig, SourceIdentity, access_requests_csv, accounts_csv, humaans};
use crate::{
    diagnostic::Diagnostic,
    files,
    model::{Organization, Snapshot, read::problems_of, slug, snapshot::SCHEMA_VERSION},
};

/// A snapshot and what a person should know about how it came to be.
#[derive(Debug, Clone)]
pub struct Assembled {
    /// The snapshot, in canonical order.
    pub snapshot: Snapshot,
    /// Not understood values, incomplete collections, unused files.
    pub warnings: Vec<Diagnostic>,
}

/// Reads one source of files below `folder`.
///
/// # Errors
/// Every problem that keeps the source from being read at all.
pub fn read_source(
    config: &SourceConfig,
    folder: &Path,
    collected_at: Timestamp,
) -> Result<Normalized, Vec<Diagnostic>> {
    let files = files::read_path(&folder.join(&config.path))?;
    let system = config.system.as_deref().map(slug);
    let id = match config.format {
        Format::Humaans => "humaans".to_owned(),
        Format::AccountsCsv => system.clone().unwrap_or_default(),
        Format::AccessRequestsCsv => "access-requests".to_owned(),
    };
    let identity = SourceIdentity {
        system: system.unwrap_or_else(|| id.clone()),
        id,
        endpoint: config.path.clone(),
        pulled_at: config.pulled_at.unwrap_or(collected_at),
    };
    match (config.format, files.as_slice()) {
        (Format::Humaans, files) => humaans::normalize(&identity, files),
        (Format::AccountsCsv, [file]) => accounts_csv::normalize(&identity, file),
        (Format::AccessRequestsCsv, [file]) => access_requests_csv::normalize(&identity, file),
        (Format::AccountsCsv | Format::AccessRequestsCsv, _) => {
            let message = format!("`{}` is a directory where one CSV file is expected", config.path);
            Err(vec![Diagnostic::error("not-a-file", message).in_file(&config.path).help("name the file itself")])
        }
    }
}

/// Puts sources together.
///
/// # Errors
/// What no snapshot may hold: two lists of staff, two lists of the accounts of one system, ids given twice.
pub fn assemble(
    organization: Organization,
    collected_at: Timestamp,
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
    for mut normalized in sources {
        rename(&mut normalized, &snapshot);
        for system in &normalized.systems {
            if let Some(other) = snapshot.systems.iter().find(|known| known.id == system.id) {
                problems.push(
                    Diagnostic::error(
                        "several-account-lists",
                        format!(
                            "the accounts of `{}` come from `{}` and from `{}`",
                            system.id, other.source, system.source
                        ),
                    )
                    .help("keep one of the two sources"),
                );
            }
        }
        snapshot.sources.push(normalized.source);
        snapshot.people.extend(normalized.people.into_iter().flatten());
        snapshot.systems.extend(normalized.systems);
        snapshot.accounts.extend(normalized.accounts);
        snapshot.access_requests.extend(normalized.access_requests);
        warnings.extend(normalized.warnings);
    }
    if problems.is_empty() {
        problems = problems_of(&snapshot);
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    if snapshot.staff().is_some() && snapshot.people.is_empty() {
        warnings.push(
            Diagnostic::warning("no-people", "the staff list holds nobody, so no check will be asked of people")
                .help("look at what was exported, and with which token"),
        );
    }
    if snapshot.staff().is_none() {
        warnings.push(
            Diagnostic::warning("no-staff", "no source lists staff, so nobody can say whose the accounts are")
                .help("add the HRIS to the sources in `tenure.yaml` and run `tenure import`"),
        );
    }
    snapshot.sort();
    Ok(Assembled { snapshot, warnings })
}

/// Two sources of one kind get two ids.
fn rename(normalized: &mut Normalized, snapshot: &Snapshot) {
    let first = normalized.source.id.clone();
    let mut number = 1;
    let mut id = first.clone();
    while snapshot.source(&id).is_some() {
        number += 1;
        id = format!("{first}-{number}");
    }
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
