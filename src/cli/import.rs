//! `tenure import`.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::{
    arguments::{ImportArguments, ImportOptions, ImportSource},
    console::Console,
    exit::{Failure, Status},
    locate,
};
use crate::{
    diagnostic::{Diagnostic, counted},
    files,
    ingest::{
        Assembled, Format, Normalized, SourceConfig,
        assemble::{assemble, read_source},
        project::SourceKind,
    },
    model::{Organization, Zone, slug, write},
};

pub(super) fn run(arguments: &ImportArguments, console: &Console) -> Result<Status, Failure> {
    let project = locate::project()?;
    let options = &arguments.common;
    let (sources, folder) = sources(arguments, project.as_ref().map(|(path, _)| path.as_path()))?;
    let configured = project.map(|(_, project)| project);
    let sources =
        sources.unwrap_or_else(|| configured.as_ref().map(|project| project.sources.clone()).unwrap_or_default());
    if sources.is_empty() {
        let problem = Diagnostic::error("no-sources", "tenure.yaml names no sources, so there is nothing to import");
        return Err(Failure::nothing(
            problem.help("list them under `sources:`, or name one: `tenure import humaans DIR`"),
        ));
    }
    let collected_at = collected_at(options)?;
    if options.collected_at.is_none() && sources.iter().any(|source| source.pulled_at.is_none()) {
        console.say(
            "the sources are taken to be exported just now; if they are older, say when with --collected-at or pulled_at",
        );
    }
    let zone = zone(options, configured.as_ref().map(|project| &project.organization), console)?;
    let normalized = read_all(&sources, &folder, collected_at)?;
    let organization =
        organization(options, configured.map(|project| project.organization), zone, &normalized, console);
    let assembled = assemble(organization, collected_at, normalized).map_err(Failure::input)?;
    finish(&assembled, options, console)
}

/// The sources named on the command line, or `None` for those of `tenure.yaml`; and the folder that they are relative to.
fn sources(
    arguments: &ImportArguments,
    project: Option<&Path>,
) -> Result<(Option<Vec<SourceConfig>>, PathBuf), Failure> {
    let one = |format: Format, path: &Path, system: Option<String>| SourceConfig {
        kind: SourceKind::File,
        format,
        path: path.display().to_string(),
        system,
        pulled_at: None,
    };
    match &arguments.source {
        Some(ImportSource::Humaans { path }) => Ok((Some(vec![one(Format::Humaans, path, None)]), PathBuf::from("."))),
        Some(ImportSource::Accounts { system, path }) => {
            Ok((Some(vec![one(Format::AccountsCsv, path, Some(system.clone()))]), PathBuf::from(".")))
        }
        None => match project {
            Some(file) => Ok((None, file.parent().unwrap_or(Path::new(".")).to_path_buf())),
            None => {
                let message = "there is no tenure.yaml here or above that says what to import";
                let help = "write one, or name a source: `tenure import humaans DIR -o snapshot.json`";
                Err(Failure::one(Diagnostic::error("no-sources", message).help(help)))
            }
        },
    }
}

fn collected_at(options: &ImportOptions) -> Result<Timestamp, Failure> {
    match &options.collected_at {
        None => {
            // Whole seconds: more would be noise in the file.
            let now = Timestamp::now();
            Ok(Timestamp::from_second(now.as_second()).unwrap_or(now))
        }
        Some(text) => text.parse().map_err(|_| {
            let message = format!("--collected-at: `{text}` is not an instant such as `2026-11-20T09:00:00Z`");
            Failure::one(Diagnostic::error("bad-instant", message))
        }),
    }
}

fn zone(options: &ImportOptions, configured: Option<&Organization>, console: &Console) -> Result<Zone, Failure> {
    match (&options.time_zone, configured) {
        (Some(name), _) => Zone::new(name)
            .map_err(|reason| Failure::one(Diagnostic::error("bad-time-zone", format!("--time-zone: {reason}")))),
        (None, Some(organization)) => Ok(organization.time_zone.clone()),
        (None, None) => {
            console.say("the organisation's days begin in UTC; say otherwise with --time-zone Europe/London");
            Ok(Zone::utc())
        }
    }
}

fn read_all(sources: &[SourceConfig], folder: &Path, collected_at: Timestamp) -> Result<Vec<Normalized>, Failure> {
    let mut normalized = Vec::new();
    let mut problems = Vec::new();
    for source in sources {
        match read_source(source, folder, collected_at) {
            Ok(one) => normalized.push(one),
            Err(found) => problems.extend(found),
        }
    }
    if problems.is_empty() { Ok(normalized) } else { Err(Failure::input(problems)) }
}

fn organization(
    options: &ImportOptions,
    configured: Option<Organization>,
    zone: Zone,
    normalized: &[Normalized],
    console: &Console,
) -> Organization {
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
        console.say(&format!("the organisation's id is `{id}`; say otherwise with --organization-id"));
        id
    });
    Organization { id, name, time_zone: zone }
}

fn finish(assembled: &Assembled, options: &ImportOptions, console: &Console) -> Result<Status, Failure> {
    let name = options.output.display().to_string();
    let unwritable = |reason: String| {
        let message = format!("cannot write the snapshot to `{name}`: {reason}");
        Failure::one(Diagnostic::error("unwritable-file", message).in_file(&name))
    };
    let bytes = write::to_json(&assembled.snapshot).map_err(|error| unwritable(error.to_string()))?;
    write::write_atomically(&options.output, &bytes).map_err(|error| unwritable(files::plain(&error)))?;
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
        parts.push(format!("{} left out", counted(excluded, "demonstration record", "demonstration records")));
    }
    if !rejected.is_empty() {
        parts.push(format!("{} rejected", counted(rejected.len(), "record", "records")));
    }
    console.say(&format!("{name}: {}", parts.join(", ")));
    Ok(if rejected.is_empty() { Status::Clean } else { Status::Incomplete })
}
