//! The arguments about evidence.

use std::path::PathBuf;

use clap::Args;

use super::ListFormat;

/// What `tenure check` is told about evidence.
#[derive(Debug, Args)]
pub(in crate::cli) struct EvidenceOptions {
    /// Write evidence into this new directory as well: report, policies, snapshot and digests, for `tenure verify`
    #[arg(long, value_name = "DIR", conflicts_with = "watch")]
    pub(in crate::cli) evidence: Option<PathBuf>,

    /// Leave the snapshot out of the evidence; its digest stays, and `tenure verify --snapshot FILE` takes it
    #[arg(long, requires = "evidence")]
    pub(in crate::cli) omit_snapshot: bool,

    /// Judge with pseudonyms for names, addresses and ids, made with the key in this file, so that report and evidence hold
    /// no personal data; the same key gives the same pseudonyms
    #[arg(long, value_name = "FILE", conflicts_with_all = ["watch", "baseline", "history"])]
    pub(in crate::cli) redact_key: Option<PathBuf>,

    /// Sign the evidence with this OpenSSH private key
    #[arg(long, value_name = "KEY", requires = "evidence")]
    pub(in crate::cli) sign: Option<PathBuf>,
}

/// Verify evidence: every digest, the signature, and the evaluation once more, byte for byte
///
/// Evidence that is not signed shows that report, policies and snapshot belong together, not who made them.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tenure verify evidence
  tenure verify evidence --snapshot snapshot.json         where the snapshot was left out
  tenure verify evidence --allowed-signers signers --signer audit@example.com

Exit statuses: 0 verified, 1 something differs, 2 it is no evidence, 3 it cannot be evaluated again
here: the snapshot is not in it, or another version made it")]
pub(in crate::cli) struct VerifyArguments {
    /// The directory that `tenure check --evidence` wrote
    #[arg(value_name = "DIR")]
    pub(in crate::cli) folder: PathBuf,

    /// The snapshot, where the evidence leaves it out
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) snapshot: Option<PathBuf>,

    /// Who may have signed, in the form of ssh-keygen's ALLOWED SIGNERS; without it, whose key it is stays open
    #[arg(long, value_name = "FILE", requires = "signer")]
    pub(in crate::cli) allowed_signers: Option<PathBuf>,

    /// Who has to have signed, of the allowed signers
    #[arg(long, value_name = "IDENTITY", requires = "allowed_signers")]
    pub(in crate::cli) signer: Option<String>,

    /// Warn if these are not the policies that judged
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) policies: Option<PathBuf>,

    /// Form of the outcome
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = ListFormat::Text)]
    pub(in crate::cli) format: ListFormat,
}
