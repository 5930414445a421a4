//! The arguments of the commands that make snapshots.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use crate::ingest::Format as SourceFormat;

/// Make a snapshot out of raw API pages and account lists
///
/// Without a source, reads those of tenure.yaml. Personal data that no check needs (pay, tax, birth, address, phone …)
/// never enters the snapshot.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tenure import                                          the sources of tenure.yaml
  tenure import --raw raw/                               the raw pages that `tenure pull --raw raw/` kept
  tenure import humaans raw/ -o snapshot.json            raw pages: people.json, job-roles-1.json …
  tenure import accounts github github.csv -o github.json
  tenure import accounts google-workspace users.csv      the admin console's export, told by its columns

An account list of your own is CSV with the header account,email,status,roles,last_login,class; roles are separated
by `;`.

Exit statuses: 0 written, 2 bad usage or input (nothing is written), 3 written, and records were rejected or a source
left out")]
pub(in crate::cli) struct ImportArguments {
    #[command(subcommand)]
    pub(in crate::cli) source: Option<ImportSource>,

    /// Read the raw pages that a pull kept in this folder
    #[arg(long, value_name = "DIR", conflicts_with = "collected_at")]
    pub(in crate::cli) raw: Option<PathBuf>,

    /// Where to write the snapshot: a file, or a directory if it ends with `/` (for large organisations)
    #[arg(global = true, long, short, value_name = "PATH", default_value = "snapshot.json")]
    pub(in crate::cli) output: PathBuf,

    /// The instant that the snapshot speaks of, such as 2026-11-20T09:00:00Z [default: now]
    #[arg(global = true, long, value_name = "INSTANT")]
    pub(in crate::cli) collected_at: Option<String>,

    /// Go on without a source that cannot be read: it is incomplete in the snapshot, and the exit status 3
    #[arg(global = true, long)]
    pub(in crate::cli) allow_incomplete: bool,

    #[command(flatten)]
    pub(in crate::cli) organization: OrganizationOptions,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ImportSource {
    /// Raw pages of the Humaans API: a directory, or a file
    Humaans {
        /// Directory of people.json, job-roles.json, roles.json, role-members.json, companies.json, token-info.json,
        /// each in one file, in several (people-1.json …) or in a directory of its own
        #[arg(value_name = "PATH")]
        path: PathBuf,
    },
    /// An account list: a CSV of your own, or an export of Google Workspace, Okta, GitHub, AWS, SCIM or Truto
    Accounts {
        /// The system that the accounts are in
        #[arg(value_name = "SYSTEM")]
        system: String,
        /// The file, or the directory of its pages
        #[arg(value_name = "PATH")]
        path: PathBuf,
        /// What is in it [default: guessed, and the guess is said]
        #[arg(long, value_name = "FORMAT", value_parser = format)]
        format: Option<SourceFormat>,
        /// A mapping of your own, which says what is in it
        #[arg(long, value_name = "FILE", conflicts_with = "format")]
        mapping: Option<PathBuf>,
    },
    /// A staff list: an export of the HRIS, or raw pages of its API
    Staff {
        /// The file, or the directory of its pages
        #[arg(value_name = "PATH")]
        path: PathBuf,
        /// What is in it [default: guessed, and the guess is said]
        #[arg(long, value_name = "FORMAT", value_parser = format)]
        format: Option<SourceFormat>,
        /// A mapping of your own, which says what is in it
        #[arg(long, value_name = "FILE", conflicts_with = "format")]
        mapping: Option<PathBuf>,
    },
    /// Requests for access, as CSV or JSON
    AccessRequests {
        /// The file
        #[arg(value_name = "PATH")]
        path: PathBuf,
        /// What is in it [default: guessed, and the guess is said]
        #[arg(long, value_name = "FORMAT", value_parser = format)]
        format: Option<SourceFormat>,
    },
}

impl ImportSource {
    /// The file or directory that was named.
    pub(in crate::cli) fn path(&self) -> &Path {
        let (ImportSource::Humaans { path }
        | ImportSource::Accounts { path, .. }
        | ImportSource::Staff { path, .. }
        | ImportSource::AccessRequests { path, .. }) = self;
        path
    }

    /// The mapping that was named.
    pub(in crate::cli) fn mapping(&self) -> Option<&Path> {
        match self {
            ImportSource::Accounts { mapping, .. } | ImportSource::Staff { mapping, .. } => mapping.as_deref(),
            ImportSource::Humaans { .. } | ImportSource::AccessRequests { .. } => None,
        }
    }
}

fn format(word: &str) -> Result<SourceFormat, String> {
    SourceFormat::from_word(word).ok_or_else(|| {
        let words: Vec<&str> = SourceFormat::all().iter().map(|format| format.word()).collect();
        match crate::diagnostic::nearest(word, words.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the formats are {}", words.join(", ")),
        }
    })
}

/// Whose snapshot it is.
#[derive(Debug, Args, Clone)]
pub(in crate::cli) struct OrganizationOptions {
    /// Short id of the organisation [default: of tenure.yaml, else made from its name]
    #[arg(global = true, long, value_name = "ID")]
    pub(in crate::cli) organization_id: Option<String>,

    /// Name of the organisation [default: of tenure.yaml, else of the HRIS's company]
    #[arg(global = true, long, value_name = "NAME")]
    pub(in crate::cli) organization_name: Option<String>,

    /// IANA time zone in which the organisation's days begin [default: of tenure.yaml, else UTC]
    #[arg(global = true, long, value_name = "ZONE")]
    pub(in crate::cli) time_zone: Option<String>,
}

/// Fetch live data into a snapshot
///
/// Asks the sources of tenure.yaml (Humaans, Merge, Truto, SCIM; files are read) and writes one snapshot. Tokens come
/// from the environment, a file or a command, as tenure.yaml says; they are never shown. Where a source fails, nothing
/// is written and the old snapshot stays, unless --allow-incomplete is given.
#[cfg(feature = "pull")]
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tenure pull                                 every source of tenure.yaml
  tenure pull humaans -o humaans.json         one of them
  tenure pull --raw raw/                      keep the raw pages; `tenure import --raw raw/` reads them again
  tenure pull --dry-run                       say what would be asked, and ask nothing

Exit statuses: 0 written, 2 bad usage or configuration (nothing is asked), 3 a source failed (nothing is written) or
was left out, or records were rejected, 4 no sources")]
pub(in crate::cli) struct PullArguments {
    /// Sources to pull, by id or kind [default: all]
    #[arg(value_name = "SOURCE")]
    pub(in crate::cli) sources: Vec<String>,

    /// Where to write the snapshot: a file, or a directory if it ends with `/` (for large organisations)
    #[arg(long, short, value_name = "PATH", default_value = "snapshot.json")]
    pub(in crate::cli) output: PathBuf,

    /// Keep the raw pages in this folder; they hold personal data that the snapshot leaves out
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) raw: Option<PathBuf>,

    /// Go on without what cannot be had: it is incomplete in the snapshot, and the exit status 3
    #[arg(long)]
    pub(in crate::cli) allow_incomplete: bool,

    /// Say what would be asked, and ask nothing
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,

    /// Seconds to wait for an answer to go on
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=3600))]
    pub(in crate::cli) timeout: u32,

    /// Seconds that a source may take altogether
    #[arg(long, value_name = "SECONDS", default_value_t = 1800, value_parser = clap::value_parser!(u32).range(1..=86400))]
    pub(in crate::cli) max_time: u32,

    /// How often a request is sent again after a transient failure
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u8).range(0..=20))]
    pub(in crate::cli) retries: u8,
}
