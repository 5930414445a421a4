//! `tenure pull`.

mod progress;
mod tokens;

use std::{path::Path, pin::pin, time::Duration};

use futures_util::future::{Either, pending, select};
use jiff::Timestamp;

use super::{
    arguments::{OrganizationOptions, PullArguments},
    collect,
    console::Console,
    exit::{Failure, Status},
    locate,
    outputs::{self, Output},
};
use crate::{
    diagnostic::{Code, Diagnostic, suggest},
    ingest::{Project, SourceConfig, assemble::assemble, raw_archive},
    model::time,
    pull::{self, Job, Limits, Options, Pulled, RawArchiveWriter},
    report::safe,
};

pub(super) fn run(arguments: &PullArguments, console: &Console) -> Result<Status, Failure> {
    let Some((path, project)) = locate::project()? else {
        let message = "there is no tenure.yaml here or above that says what to pull";
        let help = "write one with the organisation and its sources; see docs/tenure-yaml.md, or run `tenure init`";
        return Err(Failure::one(Diagnostic::error(Code::NoSources, message).help(help)));
    };
    let folder = path.parent().unwrap_or(Path::new("")).to_path_buf();
    let sources = chosen(&project, &arguments.sources)?;
    if arguments.dry_run {
        return dry_run(&sources, console);
    }
    let problems: Vec<Diagnostic> = sources.iter().filter_map(|source| pull::check(source).err()).collect();
    if !problems.is_empty() {
        return Err(Failure::input(problems));
    }
    let raw = arguments.raw.iter().map(|folder| Output::folder("raw pages", folder));
    let outputs: Vec<Output> = raw.chain([Output::new("snapshot", &arguments.output)]).collect();
    outputs::check(&outputs, &collect::inputs(&sources, &folder))?;
    let jobs = tokens::jobs(&sources, &folder, Duration::from_secs(arguments.timeout.into()))?;
    let archive = arguments.raw.as_deref().map(RawArchiveWriter::new).transpose().map_err(Failure::one)?;
    let options = Options {
        limits: Limits {
            read: Duration::from_secs(arguments.timeout.into()),
            total: Duration::from_secs(arguments.max_time.into()),
            retries: arguments.retries.into(),
            ..Limits::default()
        },
        allow_incomplete: arguments.allow_incomplete,
        fence: locate::sources(&folder),
        zone: project.organization.time_zone.clone(),
    };
    let pulled = fetch(&jobs, &folder, &options, archive.as_ref(), console)?;
    finish(project, pulled, archive, arguments, console)
}

/// The sources named by id or kind, or all.
fn chosen(project: &Project, names: &[String]) -> Result<Vec<SourceConfig>, Failure> {
    let sources = &project.sources;
    if sources.is_empty() {
        let problem = Diagnostic::error(Code::NoSources, "tenure.yaml names no sources, so there is nothing to pull");
        return Err(Failure::nothing(problem.help("list them under `sources:`")));
    }
    let known = |source: &SourceConfig| [source.name(), source.kind().to_owned()];
    let mut problems = Vec::new();
    for name in names.iter().filter(|name| !sources.iter().any(|source| known(source).contains(name))) {
        let ids: Vec<String> = sources.iter().map(|source| source.name()).collect();
        let problem = Diagnostic::error(Code::UnknownSource, format!("tenure.yaml has no source `{name}`"));
        problems.push(problem.help(suggest(name, ids.iter().map(String::as_str))));
    }
    if !problems.is_empty() {
        return Err(Failure::input(problems));
    }
    let wanted = |source: &&SourceConfig| names.is_empty() || known(source).iter().any(|name| names.contains(name));
    Ok(sources.iter().filter(wanted).cloned().collect())
}

fn dry_run(sources: &[SourceConfig], console: &Console) -> Result<Status, Failure> {
    let mut text = String::new();
    let mut tell = |line: &str| text.push_str(&format!("{}\n", safe::terminal(line)));
    for source in sources {
        let id = source.name();
        match source {
            SourceConfig::File(file) => tell(&format!("{id}: reads {}", file.path)),
            _ => {
                let tokens = [source.token(), source.account_token()].into_iter().flatten().flatten();
                let tokens: Vec<String> = tokens.map(|token| tokens::described(&token)).collect();
                tell(&format!("{id}: token from {}", tokens.join(", and ")));
                for call in pull::plan(source) {
                    tell(&format!("  {:<12} GET {}", call.collection, call.url));
                }
            }
        }
    }
    tell("nothing was asked, and nothing is written");
    console.print(&text)?;
    Ok(Status::Clean)
}

/// Pulls until all is there or the user stops it.
fn fetch(
    jobs: &[Job],
    folder: &Path,
    options: &Options,
    archive: Option<&RawArchiveWriter>,
    console: &Console,
) -> Result<Vec<Pulled>, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| {
        Failure::one(Diagnostic::error(Code::Evaluation, format!("cannot start the network's runtime: {error}")))
    })?;
    let progress = progress::Shown::new(console);
    let results = runtime.block_on(async {
        let pulled = pin!(pull::pull(jobs, folder, options, archive, &progress));
        let interrupted = pin!(async {
            // Without a handler the signal ends the program as ever.
            if stopped().await.is_err() {
                pending::<()>().await;
            }
        });
        match select(pulled, interrupted).await {
            Either::Left((results, _)) => Some(results),
            Either::Right(_) => None,
        }
    });
    progress.clear();
    let Some(results) = results else {
        let problem = Diagnostic::error(Code::Interrupted, "the pull was interrupted; nothing is written");
        return Err(Failure { status: Status::Incomplete, problems: vec![problem] });
    };
    let mut problems = Vec::new();
    let mut pulled = Vec::new();
    let mut status = Status::Usage;
    for result in results {
        match result {
            Ok(one) => pulled.push(one),
            Err(failure) => {
                if !failure.configuration {
                    status = Status::Incomplete;
                }
                problems.extend(failure.problems);
            }
        }
    }
    if problems.is_empty() { Ok(pulled) } else { Err(Failure { status, problems }) }
}

/// Waits until the user stops the program: Ctrl-C, a closed terminal, a job that is cancelled.
async fn stopped() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let (mut terminated, mut hung_up) = (signal(SignalKind::terminate())?, signal(SignalKind::hangup())?);
        let (terminated, hung_up) = (pin!(terminated.recv()), pin!(hung_up.recv()));
        let interrupted = pin!(tokio::signal::ctrl_c());
        select(select(terminated, hung_up), interrupted).await;
        Ok(())
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}

fn finish(
    project: Project,
    pulled: Vec<Pulled>,
    archive: Option<RawArchiveWriter>,
    arguments: &PullArguments,
    console: &Console,
) -> Result<Status, Failure> {
    let collected_at = time::whole_seconds(Timestamp::now());
    let incomplete = pulled.iter().any(|one| one.incomplete);
    let mut normalized = Vec::new();
    let mut sources = Vec::new();
    for one in pulled {
        collect::say_guess(console, &one.kept.endpoint, one.guessed);
        normalized.push(one.normalized);
        sources.push(one.kept);
    }
    let named = OrganizationOptions { organization_id: None, organization_name: None, time_zone: None };
    let zone = project.organization.time_zone.clone();
    let organization = collect::organization(&named, Some(project.organization), zone, &normalized, console)?;
    // Of some of the sources, the order is that of those that are here.
    let here = |id: &&String| arguments.sources.is_empty() || sources.iter().any(|source| source.id == **id);
    let staff: Vec<String> = project.staff.iter().filter(here).cloned().collect();
    let assembled = assemble(organization, collected_at, &staff, normalized).map_err(Failure::input)?;
    if let Some(archive) = archive {
        let kept =
            raw_archive::RawArchive { schema_version: raw_archive::SCHEMA_VERSION.to_owned(), collected_at, sources };
        archive.finish(&kept).map_err(Failure::one)?;
    }
    collect::finish(&assembled, &arguments.output, incomplete, console)
}
