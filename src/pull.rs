//! Live data: raw pages out of vendors' APIs, for the normalisers of [`ingest`](crate::ingest).
//!
//! A pull is fetch, then normalise: what `tenure import` makes of the pages that a pull kept is what the pull made of
//! them. Nothing here prints, reads the environment or writes a snapshot; how far a pull has come goes to a
//! [`Progress`].

mod api;
mod cursor;
mod error;
mod humaans;
mod job;
mod limits;
mod merge;
mod offset;
mod plan;
mod raw_archive_writer;
mod scim;
mod sink;
mod token;
mod truto;
mod vendor;

use std::path::Path;

use futures_util::future::join_all;
use jiff::Timestamp;

use crate::{
    diagnostic::{Code, Diagnostic},
    ingest::{
        Format, Normalized, SourceConfig,
        assemble::{identity_of, read_files_or_without, unique_id},
        project::FileSource,
        raw_archive::KeptSource,
    },
    model::time,
};

use api::Api;
pub use error::Error;
pub use job::{Job, Options, Progress};
pub use limits::Limits;
pub use plan::{Call, check, plan};
pub use raw_archive_writer::RawArchiveWriter;
use sink::Sink;
pub use token::{NotAToken, Token};

/// What one source gave.
#[derive(Debug)]
pub struct Pulled {
    /// Its facts.
    pub normalized: Normalized,
    /// What the pages themselves do not say.
    pub kept: KeptSource,
    /// Whether something of it could not be had.
    pub incomplete: bool,
    /// The format of files, where it had to be guessed.
    pub guessed: Option<Format>,
}

/// Why a source could not be had.
#[derive(Debug)]
pub struct Failure {
    /// Everything that was wrong.
    pub problems: Vec<Diagnostic>,
    /// Whether the configuration is at fault, and nothing was asked for.
    pub configuration: bool,
}

/// Pulls sources, all at once. The results are in the order of the jobs.
///
/// # Errors
/// For each job on its own: what keeps its pages from being had or read.
pub async fn pull(
    jobs: &[Job],
    folder: &Path,
    options: &Options,
    archive: Option<&RawArchiveWriter>,
    progress: &dyn Progress,
) -> Vec<Result<Pulled, Failure>> {
    let names = folder_names(jobs);
    let pairs = || jobs.iter().zip(&names);
    // What lies on this machine comes first: where that fails, nobody is asked.
    let mut read: Vec<Option<Result<Pulled, Failure>>> = pairs()
        .map(|(job, name)| match &job.source {
            SourceConfig::File(config) => Some(local(job, config, name, folder, options, archive)),
            _ => None,
        })
        .collect();
    if read.iter().any(|result| matches!(result, Some(Err(_)))) {
        return read.into_iter().flatten().collect();
    }
    let asked = join_all(pairs().filter(|(job, _)| job.source.is_live()).map(|(job, name)| async move {
        let pulled = live(job, name, time::whole_seconds(Timestamp::now()), options, archive, progress).await;
        progress.done(name);
        pulled
    }));
    let mut asked = asked.await.into_iter();
    let mut results: Vec<Result<Pulled, Failure>> =
        read.iter_mut().filter_map(|result| result.take().or_else(|| asked.next())).collect();
    if let Some(archive) = archive {
        for pulled in results.iter_mut().flatten() {
            pulled.kept.pages = archive.digests(&pulled.kept.path);
        }
    }
    results
}

/// Reads a source of files.
fn local(
    job: &Job,
    config: &FileSource,
    name: &str,
    folder: &Path,
    options: &Options,
    archive: Option<&RawArchiveWriter>,
) -> Result<Pulled, Failure> {
    let now = time::whole_seconds(Timestamp::now());
    let read = read_files_or_without(config, folder, &options.fence, now, &options.zone, options.allow_incomplete);
    let read = read.map_err(|problems| Failure { problems, configuration: true })?;
    let format = config.format.or(read.guessed).unwrap_or(Format::AccountsCsv);
    let identity =
        identity_of(&job.source, format, config.path.clone(), config.pulled_at.unwrap_or(now), &options.zone);
    let mut kept = raw_archive_writer::describe(&identity, format, &job.source, name);
    match (&read.failed, archive) {
        (None, Some(archive)) => {
            archive
                .copy(name, &folder.join(&config.path), &options.fence)
                .map_err(|problem| Failure::of(problem, true))?;
        }
        (reason, _) => kept.failed.clone_from(reason),
    }
    kept.incomplete = read.failed.is_some();
    kept.hidden = read.hidden;
    Ok(Pulled { normalized: read.normalized, incomplete: kept.incomplete, kept, guessed: read.guessed })
}

/// A name of its own for every source: its id, with a number where two have the same one.
fn folder_names(jobs: &[Job]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for job in jobs {
        let id = job.source.id(job.source.format().unwrap_or(Format::AccountsCsv));
        names.push(unique_id(&id, |name| names.iter().any(|known| known == name)));
    }
    names
}

async fn live(
    job: &Job,
    name: &str,
    now: Timestamp,
    options: &Options,
    archive: Option<&RawArchiveWriter>,
    progress: &dyn Progress,
) -> Result<Pulled, Failure> {
    let Some((format, layout)) = job.source.format().and_then(|format| Some((format, format.layout()?))) else {
        return Err(Failure::of(Diagnostic::error(Code::UnknownFormat, "the source has no pages"), true));
    };
    let api = Api::new(job, options.limits, progress).map_err(|error| Failure::of(error.into_diagnostic(), true))?;
    let identity = identity_of(&job.source, format, api.address(), now, &options.zone);
    let mut kept = raw_archive_writer::describe(&identity, format, &job.source, name);
    let mut sink = Sink::new(name, layout, archive, progress, options.allow_incomplete);
    let fetched = api.within_time(fetch(job, &api, &mut sink)).await;
    let lists = kept.lists();
    match fetched {
        Ok(()) => {
            kept.failed_collections = sink.failed().clone();
            kept.doubts = sink.doubts().clone();
            let (optional_missing, mut warnings) = (sink.optional_missing().clone(), sink.warnings());
            warnings.extend(api.clock_warning());
            let mut incomplete = sink.abandoned();
            let pages = sink.finish();
            let short =
                pages.collections.iter().filter(|(name, list)| list.short && !optional_missing.contains(**name));
            let short: Vec<Error> = short.map(|(name, list)| api.not_whole(name, &list.reasons.join("; "))).collect();
            if !short.is_empty() && !options.allow_incomplete {
                let problems = short.into_iter().map(Error::into_diagnostic).collect();
                return Err(Failure { problems, configuration: false });
            }
            incomplete |= !short.is_empty();
            kept.incomplete = incomplete;
            let mut normalized = match format.normalize_pages(&identity, pages) {
                Ok(normalized) => normalized.only(lists),
                Err(problems) if !options.allow_incomplete => return Err(Failure { problems, configuration: false }),
                Err(problems) => {
                    (incomplete, kept.incomplete) = (true, true);
                    let (left_out, reason) = Normalized::left_out(&identity, format, problems);
                    kept.failed = Some(reason);
                    left_out.only(lists)
                }
            };
            normalized.warnings.extend(warnings);
            Ok(Pulled { normalized, kept, incomplete, guessed: None })
        }
        Err(error) if options.allow_incomplete => {
            let reason = error.kept();
            kept.failed = Some(reason.clone());
            kept.incomplete = true;
            let mut normalized = Normalized::failed(&identity, format, &reason).only(lists);
            normalized.warnings.push(error.into_warning());
            Ok(Pulled { normalized, kept, incomplete: true, guessed: None })
        }
        Err(error) => Err(Failure::of(error.into_diagnostic(), false)),
    }
}

async fn fetch(job: &Job, api: &Api<'_>, sink: &mut Sink<'_>) -> Result<(), Error> {
    match &job.source {
        SourceConfig::File(_) => Ok(()),
        SourceConfig::Humaans(_) => humaans::fetch(api, sink).await,
        SourceConfig::Merge(_) => merge::fetch(api, sink).await,
        SourceConfig::Truto(source) => truto::fetch(source, api, sink).await,
        SourceConfig::Scim(source) => scim::fetch(source, api, sink).await,
    }
}

impl Failure {
    fn of(problem: Diagnostic, configuration: bool) -> Self {
        Failure { problems: vec![problem], configuration }
    }
}
