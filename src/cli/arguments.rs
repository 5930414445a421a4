//! The arguments, as clap reads them.

mod evidence;
mod filters;
mod forecast;
mod identities;
mod mapping;
mod policies;
#[cfg(feature = "prove")]
mod prove;
mod reports;
mod sources;
mod waive;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::{bundle::Severity, report::format::Format};

pub(super) use evidence::{EvidenceOptions, VerifyArguments};
pub(super) use filters::{FilterOptions, ListingOptions};
pub(super) use forecast::{ForecastArguments, ForecastFormat};
pub(super) use identities::{IdentitiesArguments, IdentitiesCommand};
pub(super) use mapping::{MappingArguments, MappingCommand};
pub(super) use policies::{
    CompletionsArguments, ExplainArguments, FormatArguments, InitArguments, ListArguments, ListFormat, Listed,
    SchemaArguments, TestArguments, TestFormat, ValidateArguments, ValidateFormat,
};
#[cfg(feature = "prove")]
pub(super) use prove::{ProofFailOn, ProofFormat, ProofPart, ProveArguments};
pub(super) use reports::{DiffArguments, DiffFormat, HistoryArguments, HistoryFormat};
#[cfg(feature = "pull")]
pub(super) use sources::PullArguments;
pub(super) use sources::{ImportArguments, ImportSource, OrganizationOptions};
pub(super) use waive::WaiveArguments;

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

    /// Say more on stderr: every request of a pull, checks whose subjects had to be asked one by one
    #[arg(long, short, global = true, action = clap::ArgAction::Count, conflicts_with = "quiet")]
    pub verbose: u8,

    /// Let links and paths of the project lead out of it; only for projects that you trust
    #[arg(long, global = true)]
    pub allow_outside: bool,

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
    Diff(DiffArguments),
    Explain(ExplainArguments),
    Fmt(FormatArguments),
    Forecast(ForecastArguments),
    History(HistoryArguments),
    Identities(IdentitiesArguments),
    Import(ImportArguments),
    Init(InitArguments),
    List(ListArguments),
    Mapping(MappingArguments),
    #[cfg(feature = "prove")]
    Prove(ProveArguments),
    #[cfg(feature = "pull")]
    Pull(PullArguments),
    Schema(SchemaArguments),
    Test(TestArguments),
    Validate(ValidateArguments),
    Verify(VerifyArguments),
    Waive(WaiveArguments),
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
            Command::Verify(arguments) => arguments.format == ListFormat::Json,
            Command::List(arguments) => arguments.format == ListFormat::Json,
            Command::Explain(arguments) => arguments.format == ListFormat::Json,
            Command::Test(arguments) => arguments.format == TestFormat::Json,
            Command::Diff(arguments) => arguments.format == DiffFormat::Json,
            Command::Forecast(arguments) => arguments.format == ForecastFormat::Json,
            Command::History(arguments) => arguments.format == HistoryFormat::Json,
            #[cfg(feature = "prove")]
            Command::Prove(arguments) => arguments.format == ProofFormat::Json,
            _ => false,
        }
    }

    /// Whether the command handles signals by itself.
    pub(super) fn ends_by_itself(&self) -> bool {
        #[cfg(feature = "pull")]
        return matches!(self, Command::Pull(_));
        #[cfg(not(feature = "pull"))]
        false
    }

    /// How many threads to use, if given.
    pub(super) fn threads(&self) -> Option<u16> {
        match self {
            Command::Check(arguments) => arguments.threads,
            Command::Test(arguments) => arguments.threads,
            _ => None,
        }
    }
}

/// Judge a snapshot by the policies
///
/// Prints a summary a check, then the findings that fail, cannot be judged or are exempt, worst first. Findings with one
/// cause are one group with one remedy. `--details` shows the rules and facts of each finding. What passes or does not
/// apply is counted; `--all` lists it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tenure check --example
  tenure check snapshot.json --policies policies
  tenure check snapshot.json --as-of 2026-11-27           what will be found in a week
  tenure check snapshot.json --format json -o report.json --fail-on high
  tenure check snapshot.json --check access-valid --all
  tenure check snapshot.json --export report.html --export report.sarif
  tenure check snapshot.json --baseline last-week.json --fail-on new,high
  tenure check snapshot.json --severity high --system github
  tenure check snapshot.json --by manager --format markdown -o to-do.md
  tenure check snapshot.json --watch                      again on every save of a policy

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

    /// Judge by this check alone; may be given several times. Only what is judged counts
    #[arg(long = "check", value_name = "ID")]
    pub(super) checks: Vec<String>,

    /// List every finding, those that pass or do not apply too
    #[arg(long)]
    pub(super) all: bool,

    /// Show the rules and facts behind each finding in the text report
    #[arg(long)]
    pub(super) details: bool,

    /// Form of the report
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Format::Text)]
    pub(super) format: Format,

    /// Write the report to this file instead of stdout
    #[arg(long, short, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,

    /// Write the report to this file as well, in the form that its ending tells (.html, .sarif, .csv, .md, .xml,
    /// .ocsf.json, .oscal.json, .tickets.csv …) or that is put before it (junit=report.out); may be given several times
    #[arg(long = "export", value_name = "[FORMAT=]FILE", value_parser = export)]
    pub(super) exports: Vec<Export>,

    /// An earlier report in JSON: findings are marked new, known, reopened or resolved, and keep the day on which they
    /// were first seen
    #[arg(long, value_name = "REPORT")]
    pub(super) baseline: Option<PathBuf>,

    /// A folder of earlier reports, whose trend the HTML report draws
    #[arg(long, value_name = "DIR")]
    pub(super) history: Option<PathBuf>,

    /// Exit with 1 where a finding of at least this severity fails or is unknown and is not waived; with `new` or
    /// `overdue` as well, only where it is that too [default: info]
    #[arg(long, value_name = "WHAT", value_delimiter = ',')]
    pub(super) fail_on: Vec<FailOn>,

    /// Judge again whenever the snapshot or a file of the policies is saved, and show what changed, until interrupted
    #[arg(long, conflicts_with_all = ["output", "exports", "example"])]
    pub(super) watch: bool,

    #[command(flatten)]
    pub(super) listing: ListingOptions,

    #[command(flatten)]
    pub(super) evidence: EvidenceOptions,

    /// Threads to evaluate with [default: one a core]; the report does not depend on it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(super) threads: Option<u16>,

    #[command(flatten)]
    pub(super) filters: FilterOptions,
}

/// A file to write a report to, and in which form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Export {
    pub(super) format: Format,
    pub(super) file: PathBuf,
}

fn export(text: &str) -> Result<Export, String> {
    if let Some((word, file)) = text.split_once('=')
        && let Some(format) = Format::from_word(word)
    {
        let named = Export { format, file: file.into() };
        return if file.is_empty() { Err("no file is named after `=`".to_owned()) } else { Ok(named) };
    }
    let format = Format::of_file(text).ok_or_else(|| {
        let endings: Vec<&str> = Format::endings().collect();
        let words: Vec<&str> = Format::ALL.iter().map(|format| format.word()).collect();
        format!(
            "the ending tells no format; the endings are {}; or put one before the file, as in `junit={text}`: {}",
            endings.join(" "),
            words.join(", ")
        )
    })?;
    Ok(Export { format, file: text.into() })
}

impl ValueEnum for Format {
    fn value_variants<'a>() -> &'a [Self] {
        Format::ALL
    }

    fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
        Some(clap::builder::PossibleValue::new(self.word()).help(self.about()))
    }
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
    /// Only what is new or reopened since --baseline
    New,
    /// Only findings that are past their due day, or have one and an unknown start
    Overdue,
    /// Nothing
    Never,
}

impl FailOn {
    /// The least severity that it names, where it names one.
    pub(super) fn severity(self) -> Option<Severity> {
        match self {
            FailOn::Critical => Some(Severity::Critical),
            FailOn::High => Some(Severity::High),
            FailOn::Medium => Some(Severity::Medium),
            FailOn::Low => Some(Severity::Low),
            FailOn::Info => Some(Severity::Info),
            FailOn::New | FailOn::Overdue | FailOn::Never => None,
        }
    }
}
