//! The arguments of `tenure waive`.

use std::path::PathBuf;

use clap::Args;

/// Add a waiver of one finding to the policies
///
/// Judges the snapshot, and writes a waiver of the finding at the end of the bundle's waivers, with every comment and line
/// that was there before. Nothing is written unless the waiver would be applied: the finding is open and not waived
/// yet, the last day is to come, and the waiver keeps to the limits of tenure.yaml.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tenure waive 4cad8b2e snapshot.json --reason \"moves to another plan\" --until 2026-12-18 \\
      --approved-by kwabena.asante@acme.example
  tenure waive 4cad8b2e snapshot.json … --dry-run         show what would be written

Exit statuses: 0 written, 2 refused, and nothing was written")]
pub(in crate::cli) struct WaiveArguments {
    /// The finding: its id as a report shows it, or the beginning of it, at least four letters
    #[arg(value_name = "FINDING")]
    pub(in crate::cli) finding: String,

    /// The snapshot that it is found in
    #[arg(value_name = "SNAPSHOT")]
    pub(in crate::cli) snapshot: Option<PathBuf>,

    /// Why it is waived
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub(in crate::cli) reason: String,

    /// The last day of the waiver, in the organisation's time zone
    #[arg(long, value_name = "DATE")]
    pub(in crate::cli) until: String,

    /// The e-mail address of the approver, who must not be the subject
    #[arg(long, value_name = "ADDRESS")]
    pub(in crate::cli) approved_by: String,

    /// The waiver's id [default: the next after those that there are]
    #[arg(long, value_name = "ID")]
    pub(in crate::cli) id: Option<String>,

    /// Directory of the policies [default: the one in tenure.yaml, else ./policies]
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) policies: Option<PathBuf>,

    /// The file of the policies to write to [default: the one with waivers, else waivers.yaml]
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) file: Option<PathBuf>,

    /// Judge as of this date or instant, whose day the waiver is created on [default: when the snapshot was collected]
    #[arg(long, value_name = "DATE")]
    pub(in crate::cli) as_of: Option<String>,

    /// Write nothing, and show what would change
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,
}
