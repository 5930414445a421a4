//! The arguments that choose which findings `tenure check` shows.

use clap::{Args, ValueEnum, builder::PossibleValue};

use crate::{
    bundle::{Outcome, Severity},
    report::by::By,
};

/// Which findings are shown. Counts and the exit status are those of all.
#[derive(Debug, Args)]
#[command(next_help_heading = "Filters (the counts and the exit status are of all findings)")]
pub(in crate::cli) struct FilterOptions {
    /// Show findings of this severity or a worse one
    #[arg(long, value_enum, value_name = "SEVERITY", conflicts_with = "watch")]
    pub(in crate::cli) severity: Option<Severity>,

    /// Show findings with these outcomes; `pass` and `not-applicable` imply --all
    #[arg(long = "outcome", value_enum, value_name = "OUTCOME", value_delimiter = ',', conflicts_with = "watch")]
    pub(in crate::cli) outcomes: Vec<Outcome>,

    /// Show findings about this system and its accounts; may be given several times
    #[arg(long = "system", value_name = "ID", conflicts_with = "watch")]
    pub(in crate::cli) systems: Vec<String>,

    /// Show findings about this person and the accounts that they own or are responsible for; may be given several times
    #[arg(long = "person", value_name = "ID|EMAIL", conflicts_with = "watch")]
    pub(in crate::cli) people: Vec<String>,

    /// Show findings of the checks that serve this control, or this framework; may be given several times
    #[arg(long = "control", value_name = "FRAMEWORK[:CONTROL]", conflicts_with = "watch")]
    pub(in crate::cli) controls: Vec<String>,

    /// Show findings that are new or reopened since --baseline
    #[arg(long = "new", requires = "baseline", conflicts_with = "watch")]
    pub(in crate::cli) only_new: bool,
}

/// How findings are shown.
#[derive(Debug, Args)]
pub(in crate::cli) struct ListingOptions {
    /// Show counts by check, system, rule and owner instead of the findings; text only
    #[arg(long, conflicts_with_all = ["details", "watch"])]
    pub(in crate::cli) statistics: bool,

    /// Show the open findings as a list for each person, manager, system or control; text and Markdown only
    #[arg(long, value_enum, value_name = "WHAT", conflicts_with_all = ["details", "statistics", "watch"])]
    pub(in crate::cli) by: Option<By>,

    /// Begin comma-separated values with a byte order mark, by which Excel knows UTF-8
    #[arg(long)]
    pub(in crate::cli) bom: bool,
}

impl ValueEnum for By {
    fn value_variants<'a>() -> &'a [Self] {
        By::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.word()))
    }
}

impl ValueEnum for Severity {
    fn value_variants<'a>() -> &'a [Self] {
        Severity::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.word()))
    }
}

impl ValueEnum for Outcome {
    fn value_variants<'a>() -> &'a [Self] {
        Outcome::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.word()))
    }
}
