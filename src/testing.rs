//! Policy tests: small organisations with what the checks are expected to say about them, as YAML beside the policies.
//!
//! [`file`](mod@file) is what people write; [`load`] finds the tests of a bundle; [`organization`] makes a snapshot of
//! what a test says, with defaults for the rest; [`run`](mod@run) judges it and compares; [`coverage`] tells which
//! rules and clauses no expectation came to; [`mutate`] changes the policies to see whether any test notices.

pub mod coverage;
pub mod file;
pub mod load;
pub mod mutate;
pub mod organization;
pub mod report;
pub mod run;
#[cfg(feature = "cli")]
mod used_snapshots;

pub use load::{Test, load, load_within};
pub use report::TestReport;
#[cfg(feature = "cli")]
pub(crate) use used_snapshots::snapshots;
