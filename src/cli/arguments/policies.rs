//! The arguments of the commands for those who write policies.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::bundle::shipped;

/// Find every problem of a bundle of policies
///
/// Finds errors, and likely mistakes: checks that no subject can pass, rules that never matter, entries given twice. With
/// a snapshot, also entries that match nothing in it. Each problem has a code; `tenure explain CODE` tells more. `lints:`
/// in tenure.yaml sets a lint to allow, warn or deny.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tenure validate                                the policies of tenure.yaml, else ./policies
  tenure validate policies --snapshot snapshot.json
  tenure validate --format github                annotations in a GitHub workflow

Exit statuses: 0 no errors, 1 lints that are denied, 2 the bundle cannot be loaded, 4 no policies")]
pub(in crate::cli) struct ValidateArguments {
    /// Directory of the policies [default: the one in tenure.yaml, else ./policies]
    #[arg(value_name = "DIR")]
    pub(in crate::cli) folder: Option<PathBuf>,

    /// Look for entries that have nothing to do in this snapshot, and titles that no org role matches
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) snapshot: Option<PathBuf>,

    /// Form of the list
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = ValidateFormat::Text)]
    pub(in crate::cli) format: ValidateFormat,

    /// Take every lint for an error that tenure.yaml does not set
    #[arg(long)]
    pub(in crate::cli) deny_warnings: bool,
}

/// Form of a list of problems.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ValidateFormat {
    /// For people
    Text,
    /// For programs
    Json,
    /// Workflow commands of GitHub Actions
    Github,
}

/// Run the tests of a bundle of policies
///
/// Tests are YAML files of the bundle with `tests:`; each is a small organisation with what is expected of it. A test
/// fails where a finding is other than expected, and where something fails or is unknown that no expectation speaks of.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tenure test                                    the tests of the policies here
  tenure test policies --filter leaver           only tests whose file or name has this in it
  tenure test --coverage --fail-under 100        which rules and clauses the tests come to
  tenure test --mutate                           which changes of the policies no test notices
  tenure test --format junit -o tests.xml
  tenure test --watch                            again whenever a file is saved

Exit statuses: 0 passed, 1 a test failed or coverage is too low, 2 the bundle or a test cannot be
read, 4 no tests")]
pub(in crate::cli) struct TestArguments {
    /// Directory of the policies [default: the one in tenure.yaml, else ./policies]
    #[arg(value_name = "DIR")]
    pub(in crate::cli) folder: Option<PathBuf>,

    /// Only tests with this text in their file's name or their own; may be given several times
    #[arg(long = "filter", value_name = "TEXT")]
    pub(in crate::cli) filters: Vec<String>,

    /// Tell which rules and clauses no expectation came to
    #[arg(long, conflicts_with = "filters")]
    pub(in crate::cli) coverage: bool,

    /// Exit with 1 where less than this share of the rules is covered, in per cent
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(0..=100), conflicts_with = "filters")]
    pub(in crate::cli) fail_under: Option<u8>,

    /// Change the policies, one rule, clause and comparison at a time, and list the changes that no test notices
    #[arg(long, conflicts_with = "filters")]
    pub(in crate::cli) mutate: bool,

    /// Form of the report
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = TestFormat::Text)]
    pub(in crate::cli) format: TestFormat,

    /// Write the report to this file instead of stdout
    #[arg(long, short, value_name = "FILE")]
    pub(in crate::cli) output: Option<PathBuf>,

    /// Run again whenever a file of the policies is saved, until interrupted
    #[arg(long, conflicts_with = "output")]
    pub(in crate::cli) watch: bool,

    /// Threads to run with [default: one a core]; the report does not depend on it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(in crate::cli) threads: Option<u16>,
}

/// Form of a report of tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum TestFormat {
    /// For people
    Text,
    /// For programs
    Json,
    /// For CI systems that show tests
    Junit,
}

/// Create a project: tenure.yaml, policies to change, schemas for editors
///
/// Asks nothing and overwrites nothing: what is there already is left as it is, and named. What it makes is for a
/// repository: commit it, and change what does not fit.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tenure init
  tenure init compliance --organization-name \"Acme Ltd\" --time-zone Europe/London
  tenure init --from exports/staff.csv exports/okta.json --time-zone Europe/London
  tenure init --pack privileged-mfa --pack dormant-accounts   adds checks to a project that is there

Exit statuses: 0 written, 2 a file cannot be written")]
pub(in crate::cli) struct InitArguments {
    /// Folder of the project [default: here]
    #[arg(value_name = "DIR")]
    pub(in crate::cli) folder: Option<PathBuf>,

    /// Name of the organisation [default: Example Ltd]
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) organization_name: Option<String>,

    /// Short id of the organisation [default: made from its name]
    #[arg(long, value_name = "ID")]
    pub(in crate::cli) organization_id: Option<String>,

    /// IANA time zone in which the organisation's days begin [default: UTC]
    #[arg(long, value_name = "ZONE")]
    pub(in crate::cli) time_zone: Option<String>,

    /// Begins with these exports: their sources, a file for each system with its levels, and the titles of the staff list
    #[arg(long, value_name = "EXPORT", num_args = 1..)]
    pub(in crate::cli) from: Vec<PathBuf>,

    /// Copies these further checks into the policies; may be given several times
    #[arg(long = "pack", value_name = "NAME", value_parser = clap::builder::PossibleValuesParser::new(shipped::packs()))]
    pub(in crate::cli) packs: Vec<String>,
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
pub(in crate::cli) struct FormatArguments {
    /// Files and folders; `-` is stdin [default: the policies]
    #[arg(value_name = "PATH")]
    pub(in crate::cli) paths: Vec<PathBuf>,

    /// Write nothing, and name the files that are not formatted
    #[arg(long)]
    pub(in crate::cli) check: bool,

    /// Write nothing, and show what would change
    #[arg(long)]
    pub(in crate::cli) diff: bool,

    /// The width that lines are broken for
    #[arg(long, value_name = "COLUMNS", default_value_t = 100, value_parser = clap::value_parser!(u16).range(40..=240))]
    pub(in crate::cli) line_width: u16,
}

/// List what the policies hold
///
/// `checks`, with severity, controls and rules; `systems`: who may hold what, and by which line; `access-types`; `facts`
/// that only some sources give, and whether a rule reads them; `packs` of further checks for `tenure init --pack`; and
/// `roles`: which job title and department of a snapshot became which org role, and which became none.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tenure list checks
  tenure list systems --policies policies --format json
  tenure list facts
  tenure list roles --snapshot snapshot.json")]
pub(in crate::cli) struct ListArguments {
    /// What to list
    #[arg(value_name = "WHAT", value_enum)]
    pub(in crate::cli) what: Listed,

    /// Directory of the policies [default: the one in tenure.yaml, else ./policies, else the built-in bundle]
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) policies: Option<PathBuf>,

    /// The snapshot whose people `roles` is about
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) snapshot: Option<PathBuf>,

    /// Form of the list
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = ListFormat::Text)]
    pub(in crate::cli) format: ListFormat,
}

/// What can be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Listed {
    /// Checks
    Checks,
    /// Systems and their access rules
    Systems,
    /// Access types
    AccessTypes,
    /// Facts that only some sources give
    Facts,
    /// Packs of further checks
    Packs,
    /// Org roles by job title and department
    Roles,
}

/// Form of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ListFormat {
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
pub(in crate::cli) struct SchemaArguments {
    /// Which one
    #[arg(value_name = "NAME")]
    pub(in crate::cli) name: Option<String>,

    /// Directory of the policies, for `cedar` [default: the one in tenure.yaml, else ./policies, else the built-in bundle]
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) policies: Option<PathBuf>,
}

/// Print completions for a shell
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tenure completions bash > /etc/bash_completion.d/tenure
  tenure completions zsh > ~/.zfunc/_tenure
  tenure completions fish > ~/.config/fish/completions/tenure.fish")]
pub(in crate::cli) struct CompletionsArguments {
    /// The shell
    #[arg(value_name = "SHELL", value_enum)]
    pub(in crate::cli) shell: clap_complete::Shell,
}

/// Tell why: of a finding, of everything about a subject, or of a code of a problem
///
/// For a finding: the facts that led to it and where each came from, every rule of the check clause by clause, and the
/// single changes that would settle it, each of them tried. A subject is a person's HRIS id or work e-mail address
/// (with all of their accounts), an account's `system/id`, or a system's id.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tenure explain --example --subject github/octo-bot
  tenure explain 2d0c1e6e-58a0-5d4c-9a2b-6f6f8f0f8d11 --snapshot snapshot.json
  tenure explain --subject amara.osei@example.com --snapshot snapshot.json --check access-valid
  tenure explain shadowed-rule                         what a problem's code means

Exit statuses: 0 told, 2 there is no such finding, subject or code, 4 no snapshot was named")]
pub(in crate::cli) struct ExplainArguments {
    /// The id of a finding or its beginning, or the code above a problem
    #[arg(value_name = "FINDING|CODE", required_unless_present = "subject")]
    pub(in crate::cli) what: Option<String>,

    /// Everything about this person, account or system
    #[arg(long, value_name = "ID|EMAIL", conflicts_with = "what")]
    pub(in crate::cli) subject: Option<String>,

    /// Only this check; may be given several times
    #[arg(long = "check", value_name = "ID", requires = "subject")]
    pub(in crate::cli) checks: Vec<String>,

    /// The snapshot that was judged
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) snapshot: Option<PathBuf>,

    /// Judge the built-in example organisation
    #[arg(long, conflicts_with = "snapshot")]
    pub(in crate::cli) example: bool,

    /// Directory of the policies [default: the one in tenure.yaml, else ./policies, else the built-in bundle]
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) policies: Option<PathBuf>,

    /// Judge as of this date or instant [default: when the snapshot was collected]
    #[arg(long, value_name = "DATE")]
    pub(in crate::cli) as_of: Option<String>,

    /// Form of the explanation
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = ListFormat::Text)]
    pub(in crate::cli) format: ListFormat,
}
