//! What import and pull share: whose snapshot it is, and writing it.

mod summary;

use std::path::Path;

use super::{
    arguments::OrganizationOptions,
    console::Console,
    exit::{Failure, Status},
    outputs::Input,
};
use crate::{
    diagnostic::{Code, Diagnostic, counted},
    files,
    ingest::{Assembled, Format, Normalized, SourceConfig, mapping::MappingChoice, project::SecretSource},
    model::{Organization, Snapshot, Zone, slug, store},
};

pub(super) fn zone(
    options: &OrganizationOptions,
    configured: Option<&Organization>,
    console: &Console,
) -> Result<Zone, Failure> {
    match (&options.time_zone, configured) {
        (Some(name), _) => Zone::new(name)
            .map_err(|reason| Failure::one(Diagnostic::error(Code::BadTimeZone, format!("--time-zone: {reason}")))),
        (None, Some(organization)) => Ok(organization.time_zone.clone()),
        (None, None) => {
            console.say("the organisation's days begin in UTC; say otherwise with --time-zone Europe/London");
            Ok(Zone::utc())
        }
    }
}

pub(super) fn organization(
    options: &OrganizationOptions,
    configured: Option<Organization>,
    zone: Zone,
    normalized: &[Normalized],
    console: &Console,
) -> Result<Organization, Failure> {
    let known = configured.as_ref();
    let name = options.organization_name.clone().or_else(|| known.map(|known| known.name.clone()));
    let name = name.or_else(|| normalized.iter().find_map(|one| one.organization_name.clone()));
    let name = name.unwrap_or_else(|| {
        console.say("the organisation has no name; give it one with --organization-name");
        "Organisation".to_owned()
    });
    let id = options.organization_id.clone().or_else(|| known.map(|known| known.id.clone()));
    let id = id.unwrap_or_else(|| {
        let id = slug(&name);
        console.say(&format!("the organisation's id is `{id}`; change it with --organization-id"));
        id
    });
    if id.trim().is_empty() || name.trim().is_empty() {
        let problem = Diagnostic::error(Code::BadName, "the organisation's id or name is empty");
        return Err(Failure::one(problem.help("give them with --organization-id and --organization-name")));
    }
    Ok(Organization { id, name, time_zone: zone })
}

/// The files of sources of files, their mappings, and the files that hold tokens.
pub(super) fn inputs(sources: &[SourceConfig], folder: &Path) -> Vec<Input> {
    let mut paths = Vec::new();
    for source in sources {
        if let SourceConfig::File(file) = source {
            paths.push(file.path.clone());
            if let Some(MappingChoice::Path(path)) = &file.mapping {
                paths.push(path.clone());
            }
        }
        for token in [source.token(), source.account_token()].into_iter().flatten().flatten() {
            if let SecretSource::File(path) = token {
                paths.push(path);
            }
        }
    }
    paths.into_iter().map(|path| Input::Path(folder.join(path))).collect()
}

/// Says which format a source's files were found to be in.
pub(super) fn say_guess(console: &Console, path: &str, guessed: Option<Format>) {
    if let Some(format) = guessed {
        console.say(&format!("{path}: read as {format}; say otherwise with `format:` or --format"));
    }
}

/// Writes the snapshot and says what is in it. `incomplete` says that something was left out that should be there.
pub(super) fn finish(
    assembled: &Assembled,
    output: &Path,
    incomplete: bool,
    console: &Console,
) -> Result<Status, Failure> {
    let name = output.display().to_string();
    let unwritable = |reason: String| {
        let message = format!("cannot write the snapshot to `{name}`: {reason}");
        Failure::one(Diagnostic::error(Code::UnwritableFile, message).in_file(&name))
    };
    store::write_snapshot(&assembled.snapshot, output).map_err(|error| unwritable(files::plain(&error)))?;
    console.warn(&assembled.warnings);
    let snapshot = &assembled.snapshot;
    let rejected: Vec<_> = snapshot.rejected().collect();
    for (source, collection, record) in &rejected {
        console.say(&format!("rejected from {} {}: {}: {}", source.id, collection.name, record.record, record.reason));
    }
    let excluded: usize =
        snapshot.sources.iter().flat_map(|source| &source.collections).map(|collection| collection.excluded).sum();
    let (accounts, systems) = (snapshot.accounts.len(), snapshot.systems.len());
    let accounts = counted(accounts, "account", "accounts");
    let mut parts = vec![
        counted(snapshot.people.len(), "person", "people"),
        format!("{accounts} in {}", counted(systems, "system", "systems")),
        counted(snapshot.access_requests.len(), "access request", "access requests"),
    ];
    if excluded > 0 {
        parts.push(format!("{} left out (demonstration data or deleted)", counted(excluded, "record", "records")));
    }
    if !rejected.is_empty() {
        parts.push(format!("{} rejected", counted(rejected.len(), "record", "records")));
    }
    console.say(&format!("{name}: {}", parts.join(", ")));
    for source in &snapshot.sources {
        let lists: Vec<String> =
            source.collections.iter().map(|list| format!("{} ({})", list.name, list.basis_text())).collect();
        console.say(&format!("{}: {}", source.id, lists.join(", ")));
        summary::lines(snapshot, source).iter().for_each(|line| console.say(line));
    }
    say_skew(snapshot, console);
    if incomplete {
        console.say("the snapshot is incomplete: what could not be had is unknown in it");
    }
    Ok(if rejected.is_empty() && !incomplete { Status::Clean } else { Status::Incomplete })
}

/// Lists that were pulled at different times may contradict each other.
fn say_skew(snapshot: &Snapshot, console: &Console) {
    let first = snapshot.sources.iter().min_by_key(|source| source.pulled_at);
    let last = snapshot.sources.iter().max_by_key(|source| source.pulled_at);
    let (Some(first), Some(last)) = (first, last) else { return };
    let minutes = last.pulled_at.duration_since(first.pulled_at).as_mins();
    if minutes == 0 {
        return;
    }
    let apart = match minutes {
        0..60 => counted(usize::try_from(minutes).unwrap_or_default(), "minute", "minutes"),
        60..2880 => counted(usize::try_from(minutes / 60).unwrap_or_default(), "hour", "hours"),
        _ => counted(usize::try_from(minutes / 1440).unwrap_or_default(), "day", "days"),
    };
    console.say(&format!(
        "the sources are up to {apart} apart: {} of {}, {} of {}",
        first.id, first.pulled_at, last.id, last.pulled_at
    ));
}
