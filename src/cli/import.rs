//! `tenure import`.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::{
    arguments::{ImportArguments, ImportSource},
    collect,
    console::Console,
    exit::{Failure, Status},
    locate,
    outputs::{self, Input, Output},
};
use crate::{
    diagnostic::{Code, Diagnostic},
    files::Fence,
    ingest::{
        Format, Normalized, SourceConfig,
        assemble::{assemble, read_files_or_without},
        mapping::{self, MappingRef},
        project::FileSource,
        raw_archive,
    },
    model::{Zone, time},
};

pub(super) fn run(arguments: &ImportArguments, console: &Console) -> Result<Status, Failure> {
    let project = locate::project()?;
    let (folder, configured) = match project {
        Some((path, project)) => (path.parent().unwrap_or(Path::new("")).to_path_buf(), Some(project)),
        None => (PathBuf::new(), None),
    };
    let read_from: Vec<Input> = match (&arguments.raw, &arguments.source) {
        (Some(raw), _) => vec![Input::Path(raw.clone())],
        (None, Some(source)) => {
            [Some(source.path()), source.mapping()].into_iter().flatten().map(|path| Input::Path(path.into())).collect()
        }
        (None, None) => configured.iter().flat_map(|project| collect::inputs(&project.sources, &folder)).collect(),
    };
    outputs::check(&[Output::new("snapshot", &arguments.output)], &read_from)?;
    let zone =
        collect::zone(&arguments.organization, configured.as_ref().map(|project| &project.organization), console)?;
    let read = match (&arguments.raw, &arguments.source) {
        (Some(_), Some(_)) => {
            let message = "--raw names all there is to read, and a source is named beside it";
            return Err(Failure::one(Diagnostic::error(Code::BadUsage, message).help("leave one of the two out")));
        }
        (Some(raw), None) => {
            let kept = raw_archive::read(raw, &zone).map_err(Failure::input)?;
            console.warn(&kept.warnings);
            Read { collected_at: kept.collected_at, normalized: kept.sources, incomplete: kept.incomplete }
        }
        (None, Some(source)) => {
            let fence = locate::named_source(source.path());
            from_files(vec![named(source)?], Path::new(""), &fence, arguments, &zone, console)?
        }
        (None, None) => {
            let Some(project) = &configured else {
                let message = "there is no tenure.yaml here or above that says what to import";
                let help = "write one, or name a source: `tenure import humaans DIR -o snapshot.json`";
                return Err(Failure::one(Diagnostic::error(Code::NoSources, message).help(help)));
            };
            from_files(project.sources.clone(), &folder, &locate::sources(&folder), arguments, &zone, console)?
        }
    };
    let staff = configured.as_ref().map(|project| project.staff.clone()).unwrap_or_default();
    // The order is one of the project's own sources.
    let here = |id: &String| arguments.raw.is_none() || read.normalized.iter().any(|one| one.source.id == *id);
    let staff = if arguments.source.is_some() { Vec::new() } else { staff.into_iter().filter(here).collect() };
    let organization = collect::organization(
        &arguments.organization,
        configured.map(|project| project.organization),
        zone,
        &read.normalized,
        console,
    )?;
    let assembled = assemble(organization, read.collected_at, &staff, read.normalized).map_err(Failure::input)?;
    collect::finish(&assembled, &arguments.output, read.incomplete, console)
}

/// What the sources gave.
struct Read {
    collected_at: Timestamp,
    normalized: Vec<Normalized>,
    incomplete: bool,
}

/// A source named on the command line.
fn named(source: &ImportSource) -> Result<SourceConfig, Failure> {
    let own = |mapping: &Option<PathBuf>| -> Result<Option<Format>, Failure> {
        let mapping = mapping.as_deref().map(mapping::read).transpose().map_err(Failure::input)?;
        Ok(mapping.map(|mapping| Format::Mapped(MappingRef::of(mapping))))
    };
    let (path, format, system) = match source {
        ImportSource::Humaans { path } => (path, Some(Format::Humaans), None),
        ImportSource::Accounts { system, path, format, mapping } => {
            (path, format.or(own(mapping)?), Some(system.clone()))
        }
        ImportSource::Staff { path, format, mapping } => (path, format.or(own(mapping)?), None),
        ImportSource::AccessRequests { path, format } => {
            let own = path.extension().and_then(|extension| match extension.to_str()? {
                "json" => Some(Format::AccessRequestsJson),
                "csv" => Some(Format::AccessRequestsCsv),
                _ => None,
            });
            (path, format.or(own), None)
        }
    };
    Ok(SourceConfig::File(FileSource::new(path.display().to_string(), format, system)))
}

fn from_files(
    sources: Vec<SourceConfig>,
    folder: &Path,
    fence: &Fence,
    arguments: &ImportArguments,
    zone: &Zone,
    console: &Console,
) -> Result<Read, Failure> {
    if sources.is_empty() {
        let problem = Diagnostic::error(Code::NoSources, "tenure.yaml names no sources, so there is nothing to import");
        return Err(Failure::nothing(
            problem.help("list them under `sources:`, or name one: `tenure import humaans DIR`"),
        ));
    }
    let collected_at = collected_at(arguments)?;
    let assumed = |source: &SourceConfig| matches!(source, SourceConfig::File(file) if file.pulled_at.is_none());
    if arguments.collected_at.is_none() && sources.iter().any(assumed) {
        console.say(
            "the sources are taken to be exported just now; if they are older, say when with --collected-at or pulled_at",
        );
    }
    let mut read = Read { collected_at, normalized: Vec::new(), incomplete: false };
    let mut problems = Vec::new();
    for source in &sources {
        let SourceConfig::File(config) = source else {
            let message =
                format!("the source `{}` is fetched over the network, which `tenure import` never does", source.name());
            let help = "fetch it with `tenure pull`, or read what a pull kept: `tenure import --raw DIR`";
            problems.push(Diagnostic::error(Code::LiveSource, message).help(help));
            continue;
        };
        match read_files_or_without(config, folder, fence, collected_at, zone, arguments.allow_incomplete) {
            Ok(mut one) => {
                let is_stated = arguments.collected_at.is_some() || config.pulled_at.is_some();
                let source = &mut one.normalized.source;
                source.pulled_at_assumed = !is_stated && source.pulled_at == collected_at;
                collect::say_guess(console, &config.path, one.guessed);
                problems.extend(unfit(arguments.source.as_ref(), &one.normalized, &config.path));
                read.incomplete |= one.failed.is_some();
                read.normalized.push(one.normalized);
            }
            Err(found) => problems.extend(found),
        }
    }
    if problems.is_empty() { Ok(read) } else { Err(Failure::input(problems)) }
}

/// A file that was named as one thing and is another.
fn unfit(named: Option<&ImportSource>, normalized: &Normalized, path: &str) -> Option<Diagnostic> {
    let kind = &normalized.source.kind;
    let requests = normalized.source.collections.iter().any(|list| list.name == "access-requests");
    let (what, help) = match named? {
        ImportSource::Accounts { .. } if normalized.people.is_some() => {
            ("list of accounts", "staff are read with `tenure import staff FILE`, or through tenure.yaml")
        }
        ImportSource::Accounts { .. } if normalized.systems.is_empty() => {
            ("list of accounts", "requests are read with `tenure import access-requests FILE`")
        }
        ImportSource::Staff { .. } if normalized.people.is_none() => {
            ("staff list", "accounts are read with `tenure import accounts SYSTEM FILE`")
        }
        ImportSource::AccessRequests { .. } if !requests => {
            ("list of access requests", "accounts are read with `tenure import accounts SYSTEM FILE`")
        }
        _ => return None,
    };
    Some(
        Diagnostic::error(Code::UnfitFormat, format!("`{path}` is no {what}: it holds {kind}"))
            .in_file(path)
            .help(help),
    )
}

fn collected_at(arguments: &ImportArguments) -> Result<Timestamp, Failure> {
    match &arguments.collected_at {
        None => Ok(time::whole_seconds(Timestamp::now())),
        Some(text) => text.parse().map_err(|_| {
            let message = format!("--collected-at: `{text}` is not an instant such as `2026-11-20T09:00:00Z`");
            Failure::one(Diagnostic::error(Code::BadInstant, message))
        }),
    }
}
