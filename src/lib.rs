//! Tenure: who holds what, and may they still?
// What tests inside and outside share names the crate as those outside do.
#[cfg(test)]
extern crate self as tenure;

/// The example of the page compiles.
#[cfg(doctest)]
#[doc = include_str!("../docs/library.md")]
struct LibraryPage;

#[macro_use]
mod vocabulary;

pub mod bundle;
#[cfg(feature = "cli")]
pub mod cli;
pub mod diagnostic;
pub mod engine;
mod escape;
#[cfg(feature = "evidence")]
pub mod evidence;
pub mod files;
mod format_version;
pub mod ingest;
mod json;
pub mod model;
#[cfg(feature = "prove")]
pub mod prove;
#[cfg(feature = "pull")]
pub mod pull;
pub mod report;
pub mod resolve;
pub mod testing;
pub mod yaml;
