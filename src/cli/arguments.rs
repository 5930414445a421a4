//! The arguments, as clap reads them.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::{bundle::Severity, ingest::Format as SourceFormat};

/// Who holds what, and may they still?
///
/// Tenure takes a snapshot of an organisation (staff, and the accounts of its systems) and judges it by checks written
/// as Cedar policies and YAML data: offline, and always with the same result for the same input.
#[derive(Debug, Parser)]
#[command(
    name = "tenure",
    version,
    max_term_width = 100,
    after_help = "\
Examples:
  tenure check --example                          the built-in example organisation
  tenure pull                                     the sources of tenure.yaml become a snapshot
  tenure import humaans raw/ -o snapshot.json     raw API pages become a snapshot
  tenure check snapshot.json --policies policies  judge a snapshot

Exit statuses: 0 clean, 1 findings, 2 bad usage or input, 3 incomplete, 4 nothing to evaluate"
)]
pub struct Cli {
    /// When to colour the output
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t = Color::Auto)]
    pub color: Color,

    /// Say nothing but errors on stderr
    #[arg(long, short, global = true)]
    pub quiet: bool,

    /// Say more on stderr: every request of a pull
    #[arg(long, short, global = true, action = clap::ArgAction::Count, conflicts_with = "quiet")]
    pub verbose: u8,

    #[command(subcommand)]
    pub(super) command: Command,
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Check(CheckArguments),
    Completions(CompletionsArguments),
    Explain(ExplainArguments),
    Fmt(FormatArguments),
    Import(ImportArguments),
    Init(InitArguments),
    List(ListArguments),
    #[cfg(feature = "pull")]
    Pull(PullArguments),
    Schema(SchemaArguments),
    Validate(ValidateArguments),
    /// Print the manual page
    #[command(after_help = "Examples:\n  tenure man > tenure.1 && man ./tenure.1")]
    Man,
}

impl Command {
    /// Whether problems are to be said in JSON as well.
    pub(super) fn errors_as_json(&self) -> bool {
        match self {
            Command::Check(arguments) => arguments.format == Format::Json,
            Command::Validate(arguments) => arguments.format == ValidateFormat::Json,
            Command::List(arguments) => arguments.format == ListFormat::Json,
            _ => false,
        }
    }
}

/// Judge a snapshot by the policies
///
/// Prints a summary a check, then every finding that fails, cannot be judged or is exempt: who, what, why, and what to
/// do. What passes or does not apply is counted; `--all` lists it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tenure check --example
  tenure check snapshot.json --policies policies
  tenure check snapshot.json --as-of 2026-11-27           what will be found in a week
  tenure check snapshot.json --format json -o report.json --fail-on high
  tenure check snapshot.json --check access-valid --all

Exit statuses: 0 nothing at or above --fail-on, 1 findings, 2 bad input, 3 a rule erred or
records were rejected, 4 nothing to evaluate")]
pub(super) struct CheckArguments {
    /// The snapshot to judge, made by `tenure import`
    #[arg(value_name = "SNAPSHOT")]
    pub(super) snapshot: Option<PathBuf>,

    /// Judge the built-in example organisation; exits 0 unless --fail-on is given
    #[arg(long, conflicts_with = "snapshot")]
    pub(super) example: bool,

    /// Directory of the policies [default: the one in tenure.yaml, else ./policies, else the built-in bundle]
    #[arg(long, value_name = "DIR")]
    pub(super) policies: Option<PathBuf>,

    /// Judge as of this date or instant [default: when the snapshot was collected]
    #[arg(long, value_name = "DATE")]
    pub(super) as_of: Option<String>,

    /// Only this check; may be given several times
    #[arg(long = "check", value_name = "ID")]
    pub(super) checks: Vec<String>,

    /// List every finding, those that pass or do not apply too
    #[arg(long)]
    pub(super) all: bool,

    /// Form of the report
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Format::Text)]
    pub(super) format: Format,

    /// Write the report to this file instead of stdout
    #[arg(long, short, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,

    /// Exit with 1 where a finding of at least this severity fails or is unknown and is not waived [default: info]
    #[arg(long, value_name = "SEVERITY")]
    pub(super) fail_on: Option<FailOn>,

    /// Threads to evaluate with [default: one a core]; the report does not depend on it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(super) threads: Option<u16>,
}

/// Form of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    Text,
    /// For programs
    Json,
}

/// Find every problem of a bundle of policies
///
/// What keeps it from being loaded, and what is valid and cannot be meant: checks that nobody can pass, rules that never
/// matter, entries given twice; with a snapshot, entries that have nothing to do in it. Each problem has a code;
/// `tenure explain CODE` tells more. `lints:` in tenure.yaml sets a lint to allow, warn or deny.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tenure validate                                the policies of tenure.yaml, else ./policies
  tenure validate policies --snapshot snapshot.json
  tenure validate --format github                annotations in a GitHub workflow

Exit statuses: 0 no errors, 1 lints that are denied, 2 the bundle cannot be loaded, 4 no policies")]
pub(super) struct ValidateArguments {
    /// Directory of the policies [default: the one in tenure.yaml, else ./policies]
    #[arg(value_name = "DIR")]
    pub(super) folder: Option<PathBuf>,

    /// Look for entries that have nothing to do in this snapshot, and titles that no org role matches
    #[arg(long, value_name = "FILE")]
    pub(super) snapshot: Option<PathBuf>,

    /// Form of the list
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = ValidateFormat::Text)]
    pub(super) format: ValidateFormat,

    /// Take every lint for an error that tenure.yaml does not set
    #[arg(long)]
    pub(super) deny_warnings: bool,
}

/// Form of a list of problems.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ValidateFormat {
    /// For people
    Text,
    /// For programs
    Json,
    /// Workflow commands of GitHub Actions
    Github,
}

/// Begin a project: tenure.yaml, policies to change, schemas for editors
///
/// Asks nothing and overwrites nothing. What it makes is for a repository: commit it, and change what does not fit.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tenure init
  tenure init compliance --organization-name \"Acme Ltd\" --time-zone Europe/London

Exit statuses: 0 written, 2 a file is there already, or cannot be written")]
pub(super) struct InitArguments {
    /// Folder of the project [default: here]
    #[arg(value_name = "DIR")]
    pub(super) folder: Option<PathBuf>,

    /// Name of the organisation [default: Example Ltd]
    #[arg(long, value_name = "NAME")]
    pub(super) organization_name: Option<String>,

    /// Short id of the organisation [default: made from its name]
    #[arg(long, value_name = "ID")]
    pub(super) organization_id: Option<String>,

    /// IANA time zone in which the organisation's days begin [default: UTC]
    #[arg(long, value_name = "ZONE")]
    pub(super) time_zone: Option<String>,
}

/// Format Cedar files with the official formatter
///
/// Comments survive, and what is written means the same as what was read, or nothing is written. YAML is left alone.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tenure fmt                              the policies of tenure.yaml, else ./policies
  tenure fmt --check policies             exits 1 where a file is not formatted
  tenure fmt --diff policies/people.cedar
  tenure fmt - < people.cedar             from stdin to stdout

Exit statuses: 0 formatted, 1 --check or --diff found something, 2 a file cannot be read, 4 no files")]
pub(super) struct FormatArguments {
    /// Files and folders; `-` is stdin [default: the policies]
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,

    /// Write nothing, and name the files that are not formatted
    #[arg(long)]
    pub(super) check: bool,

    /// Write nothing, and show what would change
    #[arg(long)]
    pub(super) diff: bool,

    /// The width that lines are broken for
    #[arg(long, value_name = "COLUMNS", default_value_t = 100, value_parser = clap::value_parser!(u16).range(40..=240))]
    pub(super) line_width: u16,
}

/// List what the policies hold
///
/// `checks`, with severity, controls and rules; `systems`: who may hold what, and by which line; `access-types`; and
/// `roles`: which job title and department of a snapshot became which org role, and which became none.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tenure list checks
  tenure list systems --policies policies --format json
  tenure list roles --snapshot snapshot.json")]
pub(super) struct ListArguments {
    /// What to list
    #[arg(value_name = "WHAT", value_enum)]
    pub(super) what: Listed,

    /// Directory of the policies [default: the one in tenure.yaml, else ./policies, else the built-in bundle]
    #[arg(long, value_name = "DIR")]
    pub(super) policies: Option<PathBuf>,

    /// The snapshot whose people `roles` is about
    #[arg(long, value_name = "FILE")]
    pub(super) snapshot: Option<PathBuf>,

    /// Form of the list
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = ListFormat::Text)]
    pub(super) format: ListFormat,
}

/// What can be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Listed {
    /// Checks
    Checks,
    /// Systems and their access rules
    Systems,
    /// Access types
    AccessTypes,
    /// Org roles by job title and department
    Roles,
}

/// Form of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ListFormat {
    /// For people
    Text,
    /// For programs
    Json,
}

/// Print a schema: for editors, and for Cedar's own tools
///
/// Without a name, lists them.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tenure schema                                  what there is
  tenure schema system > system.schema.json      for an editor
  tenure schema cedar > tenure.cedarschema       the entity schema and the bundle's own, for Cedar's tools

Exit statuses: 0 printed, 2 there is no such schema, or the policies cannot be read")]
pub(super) struct SchemaArguments {
    /// Which one
    #[arg(value_name = "NAME")]
    pub(super) name: Option<String>,

    /// Directory of the policies, for `cedar` [default: the one in tenure.yaml, else ./policies, else the built-in bundle]
    #[arg(long, value_name = "DIR")]
    pub(super) policies: Option<PathBuf>,
}

/// Print completions for a shell
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tenure completions bash > /etc/bash_completion.d/tenure
  tenure completions zsh > ~/.zfunc/_tenure
  tenure completions fish > ~/.config/fish/completions/tenure.fish")]
pub(super) struct CompletionsArguments {
    /// The shell
    #[arg(value_name = "SHELL", value_enum)]
    pub(super) shell: clap_complete::Shell,
}

/// Tell more about a code of a problem
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tenure explain shadowed-rule
  tenure explain pull-forbidden

Exit statuses: 0 told, 2 there is no such code")]
pub(super) struct ExplainArguments {
    /// The code, as it stands above the problem
    #[arg(value_name = "CODE")]
    pub(super) code: String,
}

/// What makes the exit status 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum FailOn {
    /// Critical findings
    Critical,
    /// High and above
    High,
    /// Medium and above
    Medium,
    /// Low and above
    Low,
    /// Every finding
    Info,
    /// Nothing
    Never,
}

impl FailOn {
    /// Whether a finding of this severity counts.
    pub(super) fn counts(self, severity: Severity) -> bool {
        let least = match self {
            FailOn::Critical => Severity::Critical,
            FailOn::High => Severity::High,
            FailOn::Medium => Severity::Medium,
            FailOn::Low => Severity::Low,
            FailOn::Info => Severity::Info,
            FailOn::Never => return false,
        };
        severity <= least
    }
}

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
pub(super) struct ImportArguments {
    #[command(subcommand)]
    pub(super) source: Option<ImportSource>,

    /// Read the raw pages that a pull kept in this folder
    #[arg(long, value_name = "DIR", conflicts_with = "collected_at")]
    pub(super) raw: Option<PathBuf>,

    /// Where to write the snapshot
    #[arg(global = true, long, short, value_name = "FILE", default_value = "snapshot.json")]
    pub(super) output: PathBuf,

    /// The instant that the snapshot speaks of, such as 2026-11-20T09:00:00Z [default: now]
    #[arg(global = true, long, value_name = "INSTANT")]
    pub(super) collected_at: Option<String>,

    /// Go on without a source that cannot be read: it is incomplete in the snapshot, and the exit status 3
    #[arg(global = true, long)]
    pub(super) allow_incomplete: bool,

    #[command(flatten)]
    pub(super) organization: OrganizationOptions,
}

#[derive(Debug, Subcommand)]
pub(super) enum ImportSource {
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

fn format(word: &str) -> Result<SourceFormat, String> {
    SourceFormat::from_word(word).ok_or_else(|| {
        let words: Vec<&str> = SourceFormat::ALL.iter().map(|format| format.word()).collect();
        match crate::diagnostic::nearest(word, words.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the formats are {}", words.join(", ")),
        }
    })
}

/// Whose snapshot it is.
#[derive(Debug, Args, Clone)]
pub(super) struct OrganizationOptions {
    /// Short id of the organisation [default: of tenure.yaml, else made from its name]
    #[arg(global = true, long, value_name = "ID")]
    pub(super) organization_id: Option<String>,

    /// Name of the organisation [default: of tenure.yaml, else of the HRIS's company]
    #[arg(global = true, long, value_name = "NAME")]
    pub(super) organization_name: Option<String>,

    /// IANA time zone in which the organisation's days begin [default: of tenure.yaml, else UTC]
    #[arg(global = true, long, value_name = "ZONE")]
    pub(super) time_zone: Option<String>,
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
pub(super) struct PullArguments {
    /// Sources to pull, by id or kind [default: all]
    #[arg(value_name = "SOURCE")]
    pub(super) sources: Vec<String>,

    /// Where to write the snapshot
    #[arg(long, short, value_name = "FILE", default_value = "snapshot.json")]
    pub(super) output: PathBuf,

    /// Keep the raw pages in this folder; they hold personal data that the snapshot leaves out
    #[arg(long, value_name = "DIR")]
    pub(super) raw: Option<PathBuf>,

    /// Go on without what cannot be had: it is incomplete in the snapshot, and the exit status 3
    #[arg(long)]
    pub(super) allow_incomplete: bool,

    /// Say what would be asked, and ask nothing
    #[arg(long)]
    pub(super) dry_run: bool,

    /// Seconds to wait for an answer to go on
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=3600))]
    pub(super) timeout: u32,

    /// Seconds that a source may take altogether
    #[arg(long, value_name = "SECONDS", default_value_t = 1800, value_parser = clap::value_parser!(u32).range(1..=86400))]
    pub(super) max_time: u32,

    /// How often a request that failed in passing is sent again
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u8).range(0..=20))]
    pub(super) retries: u8,
}
