//! The arguments of `tenure forecast`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiff::civil::Date;

/// Show which findings change by themselves, and on which day
///
/// Last days, first days, waivers, tickets and access rules that end, reviews and lists that grow old: Tenure judges the same
/// snapshot by the same policies as of every day to come, with the result of `tenure check --as-of DAY`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tenure forecast snapshot.json
  tenure forecast snapshot.json --until 2027-03-31 --fresh-lists
  tenure forecast snapshot.json --check access-valid --format ics -o access.ics

Exit statuses: 0 told, 2 bad input, 4 no snapshot was named")]
pub(in crate::cli) struct ForecastArguments {
    /// The snapshot, a file or a directory
    #[arg(value_name = "SNAPSHOT", required_unless_present = "example")]
    pub(in crate::cli) snapshot: Option<PathBuf>,

    /// Forecast the built-in example, by the built-in policies unless others are named
    #[arg(long, conflicts_with = "snapshot")]
    pub(in crate::cli) example: bool,

    /// Directory of the policies [default: the one in tenure.yaml, else ./policies, else the built-in bundle]
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) policies: Option<PathBuf>,

    /// The last day [default: 90 days from the start]
    #[arg(long, value_name = "DATE")]
    pub(in crate::cli) until: Option<Date>,

    /// Judge as if every list were pulled again each day, so that none grows old
    #[arg(long)]
    pub(in crate::cli) fresh_lists: bool,

    /// Start from this date or instant [default: when the snapshot was collected]
    #[arg(long, value_name = "WHEN")]
    pub(in crate::cli) as_of: Option<String>,

    /// Only this check; may be given several times
    #[arg(long = "check", value_name = "ID")]
    pub(in crate::cli) checks: Vec<String>,

    /// Form of the forecast
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = ForecastFormat::Text)]
    pub(in crate::cli) format: ForecastFormat,

    /// Write it to this file instead of stdout
    #[arg(long, short, value_name = "FILE")]
    pub(in crate::cli) output: Option<PathBuf>,
}

/// Form of a forecast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ForecastFormat {
    /// For people
    Text,
    /// For programs
    Json,
    /// For calendars (iCalendar): an entry for each day
    Ics,
}
