//! The arguments of `tenure identities`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Find out who may be behind accounts
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tenure identities suggest snapshot.json
  tenure identities suggest snapshot.json --system github")]
pub(in crate::cli) struct IdentitiesArguments {
    #[command(subcommand)]
    pub(in crate::cli) command: IdentitiesCommand,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum IdentitiesCommand {
    /// Print lines for identities.yaml, with the evidence for each
    ///
    /// An account without a known person gets a line if all strong evidence points to one person: the same local part of an
    /// address, the same name, the same number, the same declared fact. Weaker evidence is printed as comments. Nothing is
    /// linked before you add the lines.
    Suggest {
        /// The snapshot
        #[arg(value_name = "SNAPSHOT")]
        snapshot: Option<PathBuf>,

        /// Only accounts of this system
        #[arg(long, value_name = "ID")]
        system: Option<String>,

        /// Directory of the policies [default: the one in tenure.yaml, else ./policies, else the built-in bundle]
        #[arg(long, value_name = "DIR")]
        policies: Option<PathBuf>,

        /// The day to judge by [default: that of the snapshot]
        #[arg(long, value_name = "INSTANT")]
        as_of: Option<String>,
    },
}
