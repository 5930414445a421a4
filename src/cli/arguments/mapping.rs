//! The arguments of `tenure mapping`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Read an export of your own: list, write and test mappings
///
/// A mapping is a YAML file that says which column or field of an export is which fact. A source of tenure.yaml names
/// it: `{ kind: file, path: tool.csv, system: tool, mapping: tool.yaml }`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tenure mapping new tool.csv -o tool.yaml            a mapping to complete, from the columns of a file
  tenure import accounts tool tool.csv --mapping tool.yaml
  tenure mapping test tool.yaml                       the tests in tool.tests.yaml
  tenure mapping show slack-members-csv               a built-in mapping, as an example

Exit statuses: 0 done, 1 a test failed, 2 bad usage or input, 4 no tests")]
pub(in crate::cli) struct MappingArguments {
    #[command(subcommand)]
    pub(in crate::cli) command: MappingCommand,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum MappingCommand {
    /// List the built-in mappings
    List,
    /// Print a built-in mapping
    Show {
        /// Its name
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// Write the beginning of a mapping for a file
    New {
        /// The export: CSV with a header, or JSON
        #[arg(value_name = "FILE")]
        path: PathBuf,
        /// Where to write the mapping [default: stdout]
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Run the tests of mappings
    ///
    /// The tests of `tool.yaml` are in `tool.tests.yaml` beside it: rows as they are exported, and the accounts that they
    /// become.
    Test {
        /// The mappings, or their tests [default: the mappings that tenure.yaml names]
        #[arg(value_name = "FILE")]
        paths: Vec<PathBuf>,
    },
}
