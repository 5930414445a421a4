//! The arguments of the commands that compare what was written earlier.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// Show what changed between two reports or two snapshots
///
/// Records that appeared, went or changed, and the facts through which. A report that does not list a finding may mean
/// that it passes; reports made with `--all` tell more.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tenure diff last-week.json report.json
  tenure diff old/ snapshot.json --format json       snapshots, of which one is a directory
  tenure diff main.json branch.json --format markdown -o comment.md

Exit statuses: 0 no difference, 1 differences, 2 bad input")]
pub(in crate::cli) struct DiffArguments {
    /// The earlier report or snapshot
    #[arg(value_name = "OLD")]
    pub(in crate::cli) before: PathBuf,

    /// The later one
    #[arg(value_name = "NEW")]
    pub(in crate::cli) after: PathBuf,

    /// Form of the difference
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = DiffFormat::Text)]
    pub(in crate::cli) format: DiffFormat,

    /// Write it to this file instead of stdout
    #[arg(long, short, value_name = "FILE")]
    pub(in crate::cli) output: Option<PathBuf>,
}

/// Form of a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum DiffFormat {
    /// For people
    Text,
    /// For programs
    Json,
    /// For pull requests
    Markdown,
}

/// Show the trend over a folder of reports
///
/// Counts by check over time, and how long findings take to be resolved. Reports are those of
/// `tenure check --format json`; everything else in the folder is named and left out.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tenure history reports/
  tenure history reports/ --format csv -o trend.csv
  tenure history reports/ --format html -o trend.html

Exit statuses: 0 shown, 2 bad input, 4 no reports")]
pub(in crate::cli) struct HistoryArguments {
    /// The folder of the reports, with everything below it
    #[arg(value_name = "DIR")]
    pub(in crate::cli) folder: PathBuf,

    /// Form of the trend
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = HistoryFormat::Text)]
    pub(in crate::cli) format: HistoryFormat,

    /// Write it to this file instead of stdout
    #[arg(long, short, value_name = "FILE")]
    pub(in crate::cli) output: Option<PathBuf>,
}

/// Form of a trend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum HistoryFormat {
    /// For people
    Text,
    /// For programs
    Json,
    /// For spreadsheets: a row for each check of each report
    Csv,
    /// For browsers: a page with charts
    Html,
}
