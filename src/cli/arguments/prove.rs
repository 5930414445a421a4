//! The arguments of `tenure prove`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// Prove what the policies do in every possible organisation
///
/// A solver answers for all organisations at once: no rule errs, every rule matters, every invariant of the policies holds.
/// With `--old`, it tells for each check whether the new policies are laxer or stricter than the old ones. What does not
/// hold comes with a small organisation that shows it, as a policy test.
///
/// Tenure needs cvc5, which is installed apart: `apt install cvc5` on Debian and Ubuntu, `brew install cvc5` on macOS.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tenure prove
  tenure prove --only invariants --check access-valid
  tenure prove --old ../main/policies --fail-on laxer

Exit statuses: 0 proved, 1 refuted, 2 bad input or no solver, 3 the solver gave no answer")]
pub(in crate::cli) struct ProveArguments {
    /// Directory of the policies [default: the one in tenure.yaml, else ./policies, else the built-in bundle]
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) policies: Option<PathBuf>,

    /// Directory of the policies to compare with
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) old: Option<PathBuf>,

    /// Only this check; may be given several times
    #[arg(long = "check", value_name = "ID")]
    pub(in crate::cli) checks: Vec<String>,

    /// Only this part; may be given several times [default: errors, invariants and rules; with --old, the comparison]
    #[arg(long, value_enum, value_name = "PART")]
    pub(in crate::cli) only: Vec<ProofPart>,

    /// Exit with 1 for this as well
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(in crate::cli) fail_on: Vec<ProofFailOn>,

    /// The solver [default: $CVC5, else cvc5 on the PATH]
    #[arg(long, value_name = "PROGRAM")]
    pub(in crate::cli) solver: Option<PathBuf>,

    /// Seconds for one question
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
    pub(in crate::cli) timeout: u64,

    /// Questions asked at a time [default: one for each processor]
    #[arg(long, value_name = "COUNT")]
    pub(in crate::cli) jobs: Option<usize>,

    /// Folder for answers, so that a later run asks only what is new
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) cache: Option<PathBuf>,

    /// Form of the result
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = ProofFormat::Text)]
    pub(in crate::cli) format: ProofFormat,

    /// Write it to this file instead of stdout
    #[arg(long, short, value_name = "FILE")]
    pub(in crate::cli) output: Option<PathBuf>,
}

/// A part of what is proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ProofPart {
    /// No rule errs
    Errors,
    /// Every invariant holds
    Invariants,
    /// Every rule decides something
    Rules,
}

/// What else counts as a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ProofFailOn {
    /// A check that lets off what the old policies did not
    Laxer,
    /// A rule that other rules cover, or that no organisation satisfies
    Dead,
}

/// Form of the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ProofFormat {
    /// For people
    Text,
    /// For programs
    Json,
}
